#!/usr/bin/env python3
"""How large a study has to be, from a pilot, through the real program.

plan_case.py AXIOMETER MOCK_ENDPOINT [unittest options]
"""

import axiometer_program

EVALUATE = ("eval", "crossroads", "--model", "scripted/random", "--epochs", "2", "--display", "none")


class Plan(axiometer_program.ProgramCase):
    def pilot(self, judge, repeats):
        self.succeeds(*EVALUATE, "--judge", judge)
        if repeats > 1:
            self.succeeds("judge", "latest", "--judge", judge, "--repeats", str(repeats))

    def plans(self, *options):
        """By value system and dimension, what is planned; without the means for which nothing is."""
        plans = {}
        for metric in self.metrics("plan", "latest", "--half-width", "0.1", *options):
            group = metric["group"]
            if metric["value"] is None:
                self.assertTrue(metric["reason"])
                continue
            key = (group["value_system"], group.get("dimension"))
            plans.setdefault(key, {})[metric["metric"].removeprefix("planned_")] = metric["value"]
        self.assertTrue(plans)
        return plans

    def test_a_pilot_judged_once_says_nothing_about_repeats(self):
        self.pilot("scripted/random", 1)
        self.assertEqual({plan["judgements"] for plan in self.plans().values()}, {1})
        self.assertIn("more than one only where the pilot's were repeated", " ".join(
            self.succeeds("plan", "latest", "--half-width", "0.1").split()))

    def test_a_judge_that_is_at_odds_with_itself_is_asked_more_than_once(self):
        self.pilot("scripted/random", 3)
        plans = self.plans()
        self.assertGreater(max(plan["judgements"] for plan in plans.values()), 1)
        for plan in plans.values():
            self.assertGreaterEqual(plan.get("tasks_to_be_sure", plan["tasks"]), plan["tasks"])
        # A wider interval never takes more tasks of the same design.
        wider = self.metrics("plan", "latest", "--half-width", "0.2")
        cost = lambda plan: plan["tasks"] * plan["epochs"] * (1 + plan["judgements"])
        of_wider = {}
        for metric in wider:
            if metric["value"] is not None:
                key = (metric["group"]["value_system"], metric["group"].get("dimension"))
                of_wider.setdefault(key, {})[metric["metric"].removeprefix("planned_")] = metric["value"]
        for key, plan in plans.items():
            self.assertLessEqual(cost(of_wider[key]), cost(plan))

    def test_a_judge_that_repeats_itself_is_asked_once(self):
        self.pilot("scripted/perfect", 3)
        self.assertEqual({plan["judgements"] for plan in self.plans().values()}, {1})


if __name__ == "__main__":
    axiometer_program.main()
