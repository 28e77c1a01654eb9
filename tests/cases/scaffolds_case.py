#!/usr/bin/env python3
"""A task keeps its environment under every scaffold: checks read its final state."""

import axiometer_program


class Scaffolds(axiometer_program.ProgramCase):
    def test_a_single_turn_on_an_agent_task_is_scored_by_the_untouched_state(self):
        mock = self.mock("--calls", "0")
        self.succeeds(
            "eval", "crossroads", "--limit", "3", "--model", "openai/mock", "--base-url", mock.url,
            "--judge", "scripted/perfect", "--scaffold", "single_turn", "--display", "none",
        )  # fmt: skip
        samples = self.export()
        self.assertEqual([sample["outcome"] for sample in samples], ["finished"] * 3)
        self.assertTrue(all(sample["scores"] for sample in samples))
        self.assertEqual(len(mock.requests()), 3)
        self.assertTrue(all("tools" not in request for request in mock.requests()))


if __name__ == "__main__":
    axiometer_program.main()
