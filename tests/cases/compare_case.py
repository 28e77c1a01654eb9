#!/usr/bin/env python3
"""Two or more runs of the same tasks compared, through the real program.

compare_case.py AXIOMETER MOCK_ENDPOINT [unittest options]
"""

import json
import os

import axiometer_program

EVALUATE = ("eval", "crossroads", "--display", "none")


class Compare(axiometer_program.ProgramCase):
    def evaluate(self, model, *options, judge="scripted/perfect"):
        """The new run's id."""
        self.succeeds(*EVALUATE, "--model", model, "--judge", judge, *options)
        return self.runs()[-1]["run"]

    def runs(self):
        return sorted(json.loads(self.succeeds("runs", "--json"))["runs"], key=lambda run: run["run"])

    def compare(self, *arguments):
        return json.loads(self.succeeds("compare", *arguments, "--json"))

    def differences(self, report, metric="difference"):
        return {
            (found["group"]["value_system"], found["group"]["dimension"]): found
            for found in report["metrics"]
            if found["metric"] == metric
        }

    def test_opposed_leanings_differ_by_what_each_run_scored(self):
        first, second = self.evaluate("scripted/a"), self.evaluate("scripted/b")
        report = self.compare(first, second)
        self.assertEqual(report["comparability"]["comparable"], True)
        self.assertEqual(report["comparability"]["subject"],
                         [{"what": "model", "values": ["scripted/a", "scripted/b"], "forbids": False}])
        self.assertEqual(report["comparability"]["instrument"], [])
        tasks = report["comparability"]["common_tasks"]
        self.assertEqual(tasks, len(self.export()))
        means = {}
        for run in (first, second):
            for metric in self.metrics("report", run):
                if metric["metric"] == "mean_score":
                    group = metric["group"]
                    means[run, group["value_system"], group["dimension"]] = metric["value"]
        found = self.differences(report)
        self.assertGreater(len(found), 10)
        for (system, dimension), difference in found.items():
            expected = means[second, system, dimension] - means[first, system, dimension]
            self.assertAlmostEqual(difference["value"], expected, delta=1e-12)
            self.assertEqual(difference["group"]["with"], second)
            if difference["interval"]:
                self.assertLessEqual(difference["interval"]["low"], difference["value"])
                self.assertGreaterEqual(difference["interval"]["high"], difference["value"])
            else:
                self.assertTrue(difference["reason"])
        (flips,) = [metric for metric in report["metrics"] if metric["metric"] == "flip_count"]
        self.assertEqual((flips["value"], flips["scored"]), (tasks, tasks))
        backwards = self.differences(self.compare(second, first))
        for key, difference in found.items():
            self.assertAlmostEqual(backwards[key]["value"], -difference["value"], delta=1e-12)

    def test_a_subject_does_not_differ_from_itself(self):
        first = self.evaluate("scripted/a")
        second = self.evaluate("scripted/a", "--fresh")
        self.assertNotEqual(first, second)
        report = self.compare(first, second, "--margin", "0.1")
        for metric in report["metrics"]:
            if metric["metric"] in ("difference", "flip_count"):
                self.assertEqual(metric["value"], 0, metric)
            if metric["metric"] == "difference_p":  # equal everywhere: no spread to test against
                self.assertIsNone(metric["value"])
                self.assertTrue(metric["reason"])
        text = self.succeeds("compare", first, second)
        self.assertIn("No difference of a single value is shown.", text)
        self.assertIn("what differs is repetition", " ".join(text.split()))

    def test_adjusted_p_values_are_holms_or_benjamini_and_hochbergs(self):
        first, second = self.evaluate("scripted/a"), self.evaluate("scripted/random")
        for option, adjust in ((), holm), (("--fdr",), benjamini_hochberg):
            report = self.compare(first, second, *option)
            plain = self.differences(report, "difference_p")
            adjusted = self.differences(report, "difference_p_adjusted")
            keys = [key for key in plain if plain[key]["value"] is not None]
            self.assertGreater(len(keys), 2)
            self.assertEqual(report["comparability"]["family"], len(keys))
            expected = adjust([plain[key]["value"] for key in keys])
            for key, value in zip(keys, expected):
                self.assertAlmostEqual(adjusted[key]["value"], value, delta=1e-12)

    def test_a_default_that_is_spelled_out_forbids_nothing(self):
        first, second = self.evaluate("scripted/a"), self.evaluate("scripted/a", "-T", "form=agent")
        self.assertNotEqual(first, second)
        comparability = self.compare(first, second)["comparability"]
        self.assertTrue(comparability["comparable"])
        self.assertIn("-T form", [one["what"] for one in comparability["instrument"]])
        self.assertEqual(comparability["unmatched_tasks"], [0, 0])

    def test_three_runs_are_compared_two_by_two(self):
        runs = [self.evaluate(f"scripted/{persona}") for persona in ("a", "b", "idle")]
        report = self.compare(*runs)
        pairs = {(metric["run"], metric["group"]["with"]) for metric in report["metrics"]}
        self.assertEqual(pairs, {(runs[0], runs[1]), (runs[0], runs[2]), (runs[1], runs[2])})
        for ending, beginning in ((".html", "<!doctype html>"), (".md", "# Axiometer comparison")):
            self.succeeds("compare", *runs, "-o", "comparison" + ending)
            with open(self.path("comparison" + ending), encoding="utf-8") as file:
                self.assertTrue(file.read().lower().startswith(beginning.lower()))

    def test_only_common_tasks_are_compared(self):
        first = self.evaluate("scripted/a", "--limit", "10")
        second = self.evaluate("scripted/b", "--limit", "6-15")
        report = self.compare(first, second)
        self.assertEqual(report["comparability"]["common_tasks"], 5)
        self.assertEqual(report["comparability"]["unmatched_tasks"], [5, 5])
        self.assertEqual([found["what"] for found in report["comparability"]["instrument"]], ["selection"])

    def test_a_system_prompt_and_a_skill_are_the_subjects_and_refuse_nothing(self):
        os.mkdir(self.path("skill"))
        with open(self.path("skill/SKILL.md"), "w", encoding="utf-8") as file:
            file.write("---\nname: first-things\ndescription: Think.\n---\nThink first.\n")
        with open(self.path("prompt.txt"), "w", encoding="utf-8") as file:
            file.write("You are careful.")
        first = self.evaluate("scripted/a")
        second = self.evaluate("scripted/a", "--skill", "skill", "--system-prompt", "prompt.txt")
        report = self.compare(first, second)
        self.assertEqual([found["what"] for found in report["comparability"]["subject"]], ["skill", "system prompt"])
        self.assertEqual(report["comparability"]["comparable"], True)

    def test_another_judge_is_refused_unless_allowed_and_then_said(self):
        first = self.evaluate("scripted/a")
        second = self.evaluate("scripted/a", judge="scripted/severe")
        self.refuses(
            2,
            f"axiometer: runs {first}, {second}: scores do not mean the same, because these differ: judge "
            "(scripted/perfect / scripted/severe): compare them all the same with --allow-differences, "
            "which the report will say",
            *("compare", first, second),
        )
        text = self.succeeds("compare", first, second, "--allow-differences")
        self.assertIn("Not as they are", text)
        report = self.compare(first, second, "--allow-differences")
        self.assertEqual(report["comparability"]["comparable"], False)
        self.refuses(
            2,
            f'axiometer: --judge: run {second} has no judgements by "scripted/perfect": it was judged by scripted/severe',
            *("compare", first, second, "--judge", "scripted/perfect"),
        )

    def test_a_changed_rubric_is_named(self):
        self.copy_of_crossroads("mine", lambda text: text)
        first = self.evaluate_folder("mine")
        self.copy_of_crossroads("mine", lambda text: text.replace("weight: 3", "weight: 2"))
        second = self.evaluate_folder("mine")
        done = self.run_program("compare", first, second)
        self.assertEqual(done.returncode, 2)
        self.assertIn("scores do not mean the same, because these differ: rubric (", done.stderr)
        self.assertIn("such as ", done.stderr)

    def copy_of_crossroads(self, name, change):
        source = os.path.join(os.path.dirname(__file__), "..", "..", "tasks", "suites", "crossroads")
        os.makedirs(self.path(name), exist_ok=True)
        for file in os.listdir(source):
            if file != "suite.yaml" and not file.startswith("ward-"):
                continue
            with open(os.path.join(source, file), encoding="utf-8") as stream:
                text = stream.read()
            with open(self.path(f"{name}/{file}"), "w", encoding="utf-8") as stream:
                stream.write(change(text))

    def evaluate_folder(self, name):
        self.succeeds("eval", f"./{name}", "--display", "none", "--model", "scripted/a", "--judge", "scripted/perfect")
        return self.runs()[-1]["run"]

    def test_answered_suites_are_compared_by_reading(self):
        runs = []
        for model in ("scripted/gold", "scripted/random"):
            self.succeeds("eval", "nurvalues", "--display", "none", "--model", model)
            runs.append(self.runs()[-1]["run"])
        report = self.compare(*runs)
        found = {metric["protocol"]: metric for metric in report["metrics"] if metric["metric"] == "difference"}
        self.assertEqual(set(found), {"official", "strict"})
        accuracy = self.metric(self.metrics("report", runs[1]), "accuracy")
        self.assertAlmostEqual(found["official"]["value"], accuracy["value"] - 1, delta=1e-12)

    def test_runs_that_cannot_be_compared(self):
        run = self.evaluate("scripted/a")
        self.succeeds("eval", "nurvalues", "--display", "none", "--model", "scripted/gold")
        other = self.runs()[-1]["run"]
        self.refuses(2, "axiometer: compare: one run has nothing to be compared with: name two or more; "
                     "`axiometer runs` lists them", "compare", run)
        self.refuses(2, f"axiometer: compare: run {run} is named twice", "compare", run, run)
        self.refuses(2, f'axiometer: runs {run}, {other}: have no task in common (suites "crossroads" and "nurvalues"): '
                     "name runs of the same tasks; `axiometer runs` lists them", "compare", run, other)
        self.refuses(2, "axiometer: --margin: nothing is equivalent within 0: name the difference of means that does not "
                     "matter", "compare", run, other, "--margin", "0")
        self.refuses(2, 'axiometer: unknown run "01NONE"', "compare", run, "01NONE", prefix=True)


def holm(values):
    order = sorted(range(len(values)), key=lambda i: values[i])
    adjusted, most = [0.0] * len(values), 0.0
    for rank, i in enumerate(order):
        most = max(most, min(1.0, (len(values) - rank) * values[i]))
        adjusted[i] = most
    return adjusted


def benjamini_hochberg(values):
    order = sorted(range(len(values)), key=lambda i: -values[i])
    adjusted, least = [0.0] * len(values), 1.0
    for rank, i in enumerate(order):
        least = min(least, len(values) / (len(values) - rank) * values[i])
        adjusted[i] = least
    return adjusted


if __name__ == "__main__":
    axiometer_program.main()
