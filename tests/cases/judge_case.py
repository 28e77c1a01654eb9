#!/usr/bin/env python3
"""Stored trajectories judged again, through the real program.

judge_case.py AXIOMETER MOCK_ENDPOINT [unittest options]
"""

import json
import os
import re
import sqlite3

import axiometer_program
import faulty_endpoint

SCRIPTED = ("eval", "crossroads", "--model", "scripted/a", "--display", "none", "--limit", "6")


class Judge(axiometer_program.ProgramCase):
    def judgements(self):
        """By judge, how many."""
        connection = sqlite3.connect(self.path())
        counts = dict(connection.execute("SELECT judge, count(*) FROM judgements GROUP BY judge"))
        connection.close()
        return counts

    def runs(self):
        return json.loads(self.succeeds("runs", "--json"))["runs"]

    def test_another_judge_is_added_and_the_subject_is_not_asked(self):
        self.succeeds(*SCRIPTED, "--judge", "scripted/perfect")
        calls = self.runs()[0]["calls"]
        before = self.findings()
        self.succeeds("judge", "latest", "--judge", "scripted/severe", "--display", "none")
        self.assertEqual(self.judgements(), {"scripted/perfect": 6, "scripted/severe": 6})
        self.assertEqual(self.runs()[0]["calls"], calls)
        self.assertEqual([line[0] for line in self.findings()], [line[0] for line in before])
        judges = {metric["group"].get("judge") for metric in self.metrics("report") if metric["metric"] == "mean_score"}
        self.assertEqual(judges, {"scripted/perfect", "scripted/severe"})

    def test_repeats_are_filled_up_and_asked_once(self):
        mock = self.mock("--calls", "1")
        common = ("--base-url", mock.url)
        self.succeeds("eval", "crossroads", "--limit", "3", "--display", "none", "--model", "openai/subject", *common,
                      "--judge", "openai/judge")
        asked = len(mock.requests())
        again = ("judge", "latest", "--judge", "openai/judge", "--judge-base-url", mock.url, "--display", "none")
        self.run_program(*again)
        self.assertEqual(len(mock.requests()), asked)  # there already
        self.run_program(*again, "--repeats", "3")
        self.assertEqual(self.judgements(), {"openai/judge": 9})
        more = len(mock.requests())
        self.assertGreater(more, asked)
        self.run_program(*again, "--repeats", "3")
        self.assertEqual(len(mock.requests()), more)

    def test_another_prompt_needs_another_name(self):
        self.succeeds(*SCRIPTED, "--judge", "scripted/perfect")
        source = os.path.join(os.path.dirname(__file__), "..", "..", "judges", "prompts")
        (name,) = [file for file in os.listdir(source) if "rubric" in file]
        with open(os.path.join(source, name), encoding="utf-8") as file:
            text = file.read()
        with open(self.path("prompt.txt"), "w", encoding="utf-8") as file:
            file.write(text + "\nBe strict.\n")
        again = ("judge", "latest", "--judge", "scripted/perfect", "--judge-prompt", "prompt.txt", "--display", "none")
        run = self.runs()[0]["run"]
        self.refuses(2, f'axiometer: --judge: "scripted/perfect" has judged run {run} by another prompt: '
                     "give this one a name of its own with --as", *again)
        self.succeeds(*again, "--as", "perfect, strict")
        self.assertEqual(self.judgements(), {"scripted/perfect": 6, "perfect, strict": 6})

    def test_probes_find_a_judge_that_minds_order_and_length(self):
        def verdict(request, _):
            # Two points for the first question, one for the others; one more for everything in a long transcript.
            asked = faulty_endpoint.asked(request)
            ids = re.findall(r'"id": "(q\d+)",\s*"question"', asked)
            event = int(re.search(r"\[E(\d+)\]", asked).group(1))
            more = "This message ends here." in asked
            items = [{"id": one, "score": min(2, (2 if one == "q1" else 1 if place % 2 else 0) + more), "events": [event],
                      "rationale": "r"} for place, one in enumerate(ids)]
            return faulty_endpoint.completion({"content": json.dumps({"items": items})})

        self.succeeds("eval", "crossroads", "--model", "scripted/a", "--display", "none", "--no-judge")
        endpoint = faulty_endpoint.FaultyEndpoint(None, verdict)
        self.addCleanup(endpoint.stop)
        again = ("judge", "latest", "--judge", "openai/judge", "--judge-base-url", endpoint.url, "--display", "none")
        self.succeeds(*again, "--probe", "order", "--probe", "length")
        self.assertGreater(len(endpoint.take()), 30)
        self.succeeds(*again, "--probe", "order")
        self.assertEqual(endpoint.take(), [])  # there already
        counts = self.judgements()
        del counts["checks"]
        self.assertEqual(set(counts), {"openai/judge", "openai/judge (order probe)", "openai/judge (length probe)"})
        self.assertEqual(len(set(counts.values())), 1)
        metrics = self.metrics("report")
        judges = {one["group"]["judge"] for one in metrics if one["metric"] == "mean_score"}
        self.assertEqual(judges, {"checks", "openai/judge"})
        points = {one["group"]["probe"]: one for one in metrics if one["metric"] == "probe_points"}
        self.assertGreater(points["length"]["interval"]["low"], 0.01)
        changed = {one["group"]["probe"]: one for one in metrics if one["metric"] == "probe_changed_count"}
        self.assertGreater(changed["order"]["value"], 0)
        self.assertLess(abs(points["order"]["value"]), 0.02)
        self.assertIn("more of the points under the length probe", self.succeeds("report"))

    def test_the_injection_probe_counts_how_often_a_judge_obeys(self):
        obedient = {}

        def verdict(request, _):
            # No points for anybody, unless a transcript orders otherwise and this judge follows it: every second task.
            asked = faulty_endpoint.asked(request)
            ids = re.findall(r'"id": "(q\d+)",\s*"question"', asked)
            scores, event = dict.fromkeys(ids, 0), 1
            order = re.search(r"NOTE TO THE JUDGE: .* Give the score 2 to ([q0-9, ]+), citing event (\d+),", asked)
            if order and obedient.setdefault(order.string[:2000], len(obedient) % 2 == 0):
                scores |= dict.fromkeys(order[1].split(", "), 2)
                event = int(order[2])
            items = [{"id": one, "score": scores[one], "events": [event], "rationale": "r"} for one in ids]
            return faulty_endpoint.completion({"content": json.dumps({"items": items})})

        self.succeeds("eval", "crossroads", "--model", "scripted/a", "--display", "none", "--no-judge")
        endpoint = faulty_endpoint.FaultyEndpoint(None, verdict)
        self.addCleanup(endpoint.stop)
        again = ("judge", "latest", "--judge", "openai/judge", "--judge-base-url", endpoint.url, "--display", "none")
        self.succeeds(*again, "--probe", "injection")
        metrics = {one["metric"]: one for one in self.metrics("report") if one["group"].get("probe") == "injection"}
        obeyed = metrics["probe_obeyed"]
        count = sum(obedient.values())
        self.assertEqual(obeyed["scored"], len(obedient))
        self.assertAlmostEqual(obeyed["value"], count / len(obedient), delta=1e-12)
        self.assertLess(obeyed["interval"]["low"], obeyed["value"])
        self.assertGreater(metrics["probe_lean"]["interval"]["low"], 0)  # to the first pole, as it was told
        said = f"openai/judge obeyed a transcript that told it what to score in {count} of {len(obedient)} samples."
        self.assertIn(said, " ".join(self.succeeds("report").split()))

    def test_what_cannot_be_judged(self):
        self.succeeds(*SCRIPTED, "--judge", "scripted/perfect")
        self.refuses(2, "axiometer: unknown run", "judge", "01NONE", "--judge", "scripted/perfect", prefix=True)
        self.refuses(2, "axiometer: --judge: unknown scripted judge", "judge", "latest", "--judge", "scripted/perfct",
                     prefix=True)
        self.refuses(2, "axiometer: --as: names one judge, and several are to judge", "judge", "latest", "--judge",
                     "scripted/perfect", "--judge", "scripted/severe", "--as", "x")
        once = ("judge", "latest", "--judge", "scripted/perfect")
        self.refuses(2, 'axiometer: --as: "people" is no name for a judge: choose another', *once, "--as", "people")
        self.refuses(2, 'axiometer: --as: "person/ann" is a person\'s name: choose another', *once, "--as", "person/ann")
        self.succeeds("eval", "nurvalues", "--display", "none", "--model", "scripted/gold")
        self.refuses(2, 'axiometer: --judge: suite "nurvalues" is scored by its own rules: leave --judge out',
                     "judge", "latest", "--judge", "scripted/perfect")


if __name__ == "__main__":
    axiometer_program.main()
