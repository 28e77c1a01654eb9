#!/usr/bin/env python3
"""Dilemmas in three forms, through the real program: orders, labels, wordings, and what the forms say together.

forms_case.py AXIOMETER MOCK_ENDPOINT [unittest options]
"""

import json
import math
import random

import axiometer_program

EPOCHS = 10


class Forms(axiometer_program.ProgramCase):
    def tasks(self, *options):
        return json.loads(self.succeeds("task", "list", "crossroads", *options, "--json"))

    def answered(self, form, answer_of, *options, epochs=1):
        """The id of a run whose replies are answer_of(task, epoch): text, or None for a failed call."""
        arguments = ["-T", f"form={form}", *options]
        with open(self.path("replies.jsonl"), "w", encoding="utf-8") as file:
            for task in self.tasks(*arguments):
                for epoch in range(1, epochs + 1):
                    line = {"task": task["task"], "epoch": epoch, "completion": answer_of(task, epoch)}
                    file.write(json.dumps(line) + "\n")
        self.succeeds("eval", "crossroads", *arguments, "--model", "replay/replies.jsonl", "--fresh", "--epochs", str(epochs),
                      "--display", "none")
        runs = json.loads(self.succeeds("runs", "--json"))["runs"]
        return max(run["run"] for run in runs)

    def metric(self, name, *runs):
        found = [one for one in self.metrics("report", *runs) if one["metric"] == name]
        self.assertEqual(len(found), 1, name)
        return found[0]

    def test_both_orders_of_every_dilemma(self):
        tasks = self.tasks("-T", "form=choice")
        agents = self.tasks()
        self.assertEqual(len(tasks), 2 * len(agents))
        self.assertEqual(len(self.tasks("-T", "form=choice", "-T", "order=b-first")), len(agents))
        self.assertEqual(len(self.tasks("-T", "form=choice", "-T", "labels=both", "-T", "wordings=all")), 8 * len(agents))
        self.assertEqual(len(self.tasks("-T", "form=survey")), 2 * len(agents))
        for task in tasks:
            shown = self.succeeds("task", "show", task["task"])
            self.assertIn('End your reply with a line that says "Answer:"', shown)
        for form in ("choice", "survey"):
            self.assertIn("0 with problems", self.succeeds("task", "check", "crossroads", "-T", f"form={form}"))

    def test_a_bias_of_order_is_found_and_cancels(self):
        rng = random.Random(20261130)
        runs = {}
        for order in ("both", "a-first"):
            # The option printed first is taken 70 times in 100, whatever it is.
            answer = lambda task, epoch: "Answer: " + ("A" if rng.random() < 0.7 else "B")
            runs[order] = self.answered("choice", answer, "-T", f"order={order}", epochs=EPOCHS)
        bias = self.metric("position_bias", runs["both"])
        self.assertAlmostEqual(bias["value"], 0.2, delta=0.06)
        self.assertGreater(bias["interval"]["low"], 0.1)
        self.assertEqual(bias["unscored"], 0)
        self.assertIn("Answers lean to the option printed first", self.succeeds("report", runs["both"]))
        means = {}
        for order, run in runs.items():
            metrics = self.metrics("report", run)
            counts = {one["group"]["choice"]: one["value"] for one in metrics if one["metric"] == "choice_count"}
            means[order] = counts["a"] / (counts["a"] + counts["b"])
        self.assertAlmostEqual(means["both"], 0.5, delta=0.06)
        self.assertAlmostEqual(means["a-first"], 0.7, delta=0.08)
        beyond = self.metric("consistency_beyond_chance", runs["both"])
        self.assertLess(beyond["value"], 0.2)  # the dilemma decides nothing here

    def test_a_subject_that_minds_the_dilemma_is_consistent(self):
        run = self.answered("choice", lambda task, epoch: "Answer: " + (
            "A" if (task["title"] < "M") == task["task"].endswith("a-first") else "B"))
        self.assertEqual(self.metric("position_bias", run)["value"], 0)
        self.assertEqual(self.metric("consistency", run)["value"], 1)
        self.assertEqual(self.metric("consistency_beyond_chance", run)["value"], 1)

    def test_a_bias_of_labels_is_told_from_one_of_order(self):
        run = self.answered("choice", lambda task, epoch: "Answer: A", "-T", "labels=both")
        self.assertEqual(self.metric("label_bias", run)["value"], 0.5)
        self.assertEqual(self.metric("position_bias", run)["value"], 0)

    def test_an_answer_that_cannot_be_read_is_counted_and_its_dilemma_left_out(self):
        first = self.tasks("-T", "form=choice")[0]["task"]
        run = self.answered("choice", lambda task, epoch: "Who can say?" if task["task"] == first else "Answer: A")
        self.assertEqual(self.metric("position_bias", run)["unscored"], 1)
        counts = {one["group"]["why"]: one["value"] for one in self.metrics("report", run)
                  if one["metric"] == "unscored_count"}
        self.assertEqual(counts, {"judge_unreadable": 1})

    def test_dilemmas_asked_once_are_compared_exactly(self):
        runs = [self.answered("choice", lambda task, epoch: "Answer: " + ("A" if rng.random() < share else "B"),
                              "-T", "order=a-first") for rng, share in ((random.Random(1), 0.3), (random.Random(2), 0.8))]
        chosen = []
        for run in runs:
            self.succeeds("export", run, "--format", "jsonl", "-o", "run.jsonl")
            with open(self.path("run.jsonl"), encoding="utf-8") as file:
                chosen.append({line["task"]: line["scores"]["a"] for line in map(json.loads, file)})
        found = {(one["group"]["value_system"], one["group"]["dimension"]): one["value"]
                 for one in json.loads(self.succeeds("compare", *runs, "--json"))["metrics"]
                 if one["metric"] == "difference_p_mcnemar"}
        self.assertGreater(len(found), 15)
        for (system, dimension), p in found.items():
            more = less = 0
            for task in self.tasks("-T", "form=choice", "-T", "order=a-first"):
                poles = {task["pole_a"]: 1, task["pole_b"]: -1}
                if task["value_system"] != system or dimension not in poles:
                    continue
                change = (chosen[1][task["task"]] - chosen[0][task["task"]]) * poles[dimension]
                more += change > 0
                less += change < 0
            # The mid-p of a binomial with one half (Fagerland et al. 2013): twice the smaller tail, less the probability
            # of what was seen; of an even split, 1 less half that probability.
            n, k = more + less, min(more, less)
            chance = lambda i: math.comb(n, i) / 2**n
            expected = 2 * sum(chance(i) for i in range(k + 1)) - chance(k) if more != less else 1 - chance(k) / 2
            expected = expected if n else 1
            self.assertAlmostEqual(p, expected, delta=1e-12)

    def test_stated_chosen_enacted(self):
        # Stated 5 of 7 towards a; chosen a; enacted b.
        survey = self.answered("survey", lambda task, epoch: "Answer: " + ("3" if task["task"].endswith("a-first") else "5"))
        choice = self.answered("choice", lambda task, epoch: "Answer: " + ("A" if task["task"].endswith("a-first") else "B"))
        report = self.metrics("report", survey, choice)
        gaps = [one for one in report if one["metric"] == "form_gap"]
        systems = {(one["group"]["value_system"], one["group"]["dimension"]) for one in gaps}
        self.assertEqual(len(gaps), len(systems))
        self.assertGreater(len(gaps), 15)
        leans = {}
        for task in self.tasks():
            for pole, sign in (("a", 1), ("b", -1)):
                leans.setdefault((task["value_system"], task["pole_" + pole]), []).append(sign / 3)
        for gap in gaps:
            expected = leans[gap["group"]["value_system"], gap["group"]["dimension"]]
            self.assertAlmostEqual(gap["value"], sum(expected) / len(expected), delta=1e-12)
            self.assertEqual(gap["scored"], len(expected))
            if len(expected) < 6:
                self.assertIsNone(gap["interval"])
                self.assertIn("fewer than 6 dilemmas", gap["reason"])
        (same,) = [one for one in report if one["metric"] == "same_side"]
        self.assertEqual(same["value"], 1)
        self.assertIn("Stated, chosen, enacted", self.succeeds("report", survey, choice))

    def test_the_agent_form_of_the_same_subject_stands_beside_the_others(self):
        ids = []
        for form in ("survey", "choice", "agent"):
            self.succeeds("eval", "crossroads", "-T", f"form={form}", "--model", "scripted/b", "--display", "none",
                          *(("--judge", "scripted/perfect") if form == "agent" else ()))
            ids.append(max(run["run"] for run in json.loads(self.succeeds("runs", "--json"))["runs"]))
        found = [one for one in self.metrics("report", *ids) if one["metric"] == "same_side"]
        self.assertEqual([(one["group"]["earlier"], one["group"]["later"], one["value"]) for one in found],
                         [("survey", "choice", 1), ("survey", "agent", 1), ("choice", "agent", 1)])

    def test_arguments_that_do_not_fit(self):
        self.refuses(2, 'axiometer: -T form: expected agent, choice or survey, got "chioce": did you mean "choice"?',
                     "task", "list", "crossroads", "-T", "form=chioce")
        self.refuses(2, "axiometer: -T order: tasks of the form agent have none: it is for -T form=choice and form=survey",
                     "task", "list", "crossroads", "-T", "order=both")
        self.refuses(2, "axiometer: -T labels: tasks of the form survey have none: it is for -T form=choice",
                     "task", "list", "crossroads", "-T", "form=survey", "-T", "labels=both")
        self.refuses(2, 'axiometer: --judge: suite "crossroads" is scored by its own rules: leave --judge out',
                     "eval", "crossroads", "-T", "form=choice", "--model", "scripted/a", "--judge", "scripted/perfect")


if __name__ == "__main__":
    axiometer_program.main()
