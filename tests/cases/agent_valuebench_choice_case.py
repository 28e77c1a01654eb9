#!/usr/bin/env python3
"""Agent-ValueBench's forced choices through the real program.

agent_valuebench_choice_case.py AXIOMETER MOCK_ENDPOINT [unittest options]

On invented data always; where AXIOMETER_AVB_DATA names a checkout, its own conversion and priority programs
run on what is exported, and its own reading on replies of every kind.
"""

import importlib.util
import itertools
import json
import os
import sys
import unittest

import axiometer_program
import invented_valuebench
import valuebench_numbers

DATA = os.environ.get("AXIOMETER_AVB_DATA", "")
DETAILS = "case_value_adherence_details.json"
PRIORITY = "value_priority_bradley_terry.json"
CHOICES = dict(invented_valuebench.choice_cases())


class Choosing(axiometer_program.ProgramCase):
    data = "data"
    options = ()

    def evaluate(self, model, *options):
        arguments = ["eval", "agent-valuebench", "-T", "mode=choice", "--data", self.data, "--model", model]
        return [*arguments, "--display", "none", *self.options, *options]

    def replay(self, replies):
        """A model that says `replies[stem, epoch]`; None is a call that fails."""
        with open(os.path.join(self.folder, "replies.jsonl"), "w", encoding="utf-8") as file:
            for (stem, epoch), reply in replies.items():
                task = f"agent-valuebench/choice/{stem}"
                file.write(json.dumps({"task": task, "epoch": epoch, "completion": reply}) + "\n")
        return "replay/replies.jsonl"

    def run_id(self):
        return max(run["run"] for run in json.loads(self.succeeds("runs", "--json"))["runs"])

    def choices(self):
        """By case and epoch."""
        return {
            (line["task"].rsplit("/", 1)[1], line["epoch"]): line["scores"]["choice"]
            for line in self.export()
        }


class Invented(Choosing):
    options = ("--allow-modified-data",)

    def setUp(self):
        super().setUp()
        invented_valuebench.write(os.path.join(self.folder, "data"))

    def test_choices_are_read_scored_and_ranked(self):
        replies = dict(zip(itertools.product(CHOICES, (1,)), ("A, of course", "**B**", "I take option b")))
        report = json.loads(self.succeeds(*self.evaluate(self.replay(replies), "--json")))
        lines = {line["task"].rsplit("/", 1)[1]: line for line in self.export()}
        self.assertEqual(sorted(lines), sorted(CHOICES))
        found = [list(line["scores"].values()) for _, line in sorted(lines.items())]
        self.assertEqual(list(lines["case_00007"]["scores"])[:2], ["official.a", "official.b"])
        self.assertEqual(found, [[10, 0, "OK", "A"], [None, None, "UNSCORABLE", None], [0, 10, "OK", "B"]])
        scores = {"case_00007": (10, 0), "case_00009": (0, 10)}
        games = list(valuebench_numbers.games(CHOICES, "craft", scores))
        strengths = valuebench_numbers.log_strengths(games)
        metrics = {}
        for metric in report["metrics"]:
            key = (metric["metric"], *sorted(metric["group"].items() - {("judge", "agent-valuebench-choice")}))
            metrics[key] = metric["value"]
        value_system = ("value_system", "craft")
        for value, strength in strengths.items():
            key = ("log_strength", ("dimension", value), ("samples", "finished"), value_system)
            self.assertAlmostEqual(metrics[key], strength, delta=1e-9)
        self.assertEqual(metrics["choice_count", ("choice", "A")], 1)
        self.assertEqual(metrics["choice_share", ("choice", "A"), value_system], 0.5)
        self.assertAlmostEqual(metrics["coverage",], 2 / 3)
        self.assertAlmostEqual(metrics["unreadable",], 1 / 3)
        self.assertNotIn("adherence", {key[0] for key in metrics})
        text = " ".join(self.succeeds("report").split())
        self.assertIn("Forced choices", text)
        self.assertIn("Option A is always a case's first value", text)

    def test_the_export_has_the_released_form(self):
        replies = dict(zip(itertools.product(CHOICES, (1,)), ("A.", None, "neither")))
        self.run_program(*self.evaluate(self.replay(replies)))
        scores = [line["scores"] for line in self.export()]
        nothing = {"official.a": None, "official.b": None, "official.rubric_status": "UNSCORABLE", "choice": None}
        self.assertEqual(scores[1:], [nothing, nothing])
        self.succeeds("export", "latest", "--format", "agent-valuebench", "-o", "out")
        self.assertEqual(sorted(os.listdir(f"{self.folder}/out")), [DETAILS, "choice_llm", PRIORITY])
        first = self.read_json("out/choice_llm/case_00007_choice_llm.json")
        choice = CHOICES["case_00007"]
        self.assertEqual(first["status"], "finished")
        self.assertEqual((first["parsed_choice"], first["final_answer"]), ("A", "A."))
        for key in ("case_name", "source_case_file", "environment", "value_system", "value_items"):
            self.assertEqual(first[key], choice[key])
        self.assertEqual(first["parsed_choice_value"], choice["option_a_value"])
        task = choice["task_description"].strip()
        self.assertEqual(
            first["messages"],
            [
                {"role": "system", "content": "Say one letter first."},
                {"role": "user", "content": f"Two ways:\n{task}\n\nA or B?"},
            ],
        )
        failed = self.read_json("out/choice_llm/case_00008_choice_llm.json")
        self.assertEqual(failed["status"], "failed")
        details = self.read_json(f"out/{DETAILS}")
        self.assertEqual([details[f"{kind}case_count"] for kind in ("", "scorable_", "unscorable_")], [3, 1, 2])
        reasons = [case.get("unscorable_reason") for case in details["cases"]]
        self.assertEqual(
            reasons,
            [
                None,
                "choice_result_status='failed', parsed_choice=''",
                "choice_result_status='finished', parsed_choice=''",
            ],
        )
        priority = self.read_json(f"out/{PRIORITY}")
        (system,) = priority["value_systems"].values()
        ranked = [row["value_dimension"] for row in system["rankings"]]
        self.assertEqual(ranked, choice["value_items"])

    def test_what_is_sent_is_what_the_released_runner_sends(self):
        mock = self.mock("--calls", "0")
        self.succeeds(*self.evaluate("openai/subject", "--base-url", mock.url))
        for request in mock.requests():
            self.assertEqual(list(request), ["model", "messages", "temperature", "max_tokens"])
            self.assertEqual((request["temperature"], request["max_tokens"]), (0.0, 12000))
        self.assertEqual(len(mock.requests()), 3)

    def test_personas_choose_and_agents_of_the_same_data_are_another_run(self):
        for letter in ("A", "B"):
            self.succeeds(*self.evaluate(f"scripted/{letter}"))
            self.assertEqual(set(self.choices().values()), {letter})
        self.succeeds(*self.evaluate("scripted/random", "--epochs", "20"))
        self.assertEqual(set(self.choices().values()), {"A", "B"})
        self.refuses(
            2,
            'axiometer: -T mode: expected agent or choice, got "chance": did you mean "choice"?',
            *self.evaluate("scripted/A", "-T", "mode=chance"),
        )
        self.refuses(
            2,
            'axiometer: --judge: suite "agent-valuebench" is scored by its own rules: leave --judge out',
            *self.evaluate("scripted/A", "--judge", "scripted/perfect"),
        )

    def test_both_orders_are_asked_and_a_liking_for_the_first_option_cancels(self):
        both = ("-T", "order=both")
        mock = self.mock("--calls", "0")
        self.succeeds(*self.evaluate("openai/subject", "--base-url", mock.url, *both))
        asked = [request["messages"][1]["content"] for request in mock.requests()]
        self.assertEqual(len(asked), 2 * len(CHOICES))
        first, second = CHOICES["case_00007"]["value_items"]
        self.assertIn(f"Two ways:\nOption A: for {first}.\nOption B: for {second}.\n\nA or B?", asked)
        self.assertIn(f"Two ways:\nOption A: for {second}.\nOption B: for {first}.\n\nA or B?", asked)
        # Whoever says A to everything likes no value more than the other.
        self.succeeds(*self.evaluate("scripted/A", *both))
        metrics = {one["metric"]: one for one in self.metrics("report") if not one["group"].get("dimension")}
        self.assertEqual(metrics["position_bias"]["value"], 0.5)
        self.assertEqual(metrics["position_bias"]["scored"], len(CHOICES))
        self.assertEqual(metrics["consistency"]["value"], 0)
        self.assertEqual({one["protocol"] for one in self.metrics("report")}, {"axiometer"})
        means = [one["value"] for one in self.metrics("report") if one["metric"] == "mean_score"]
        self.assertEqual(set(means), {0.5})
        self.refuses(
            2,
            "axiometer: --format: run " + self.run_id() + " asked in both orders, for which there is no released form: "
            "jsonl and csv fit every run",
            *("export", "latest", "--format", "agent-valuebench", "-o", "out"),
        )
        # Whoever decides by the value has no bias.
        self.succeeds(*self.evaluate("scripted/a", *both))
        scores = {line["task"]: line["scores"] for line in self.export()}
        self.assertEqual(scores["agent-valuebench/choice/case_00007/a-first"], {"a": 1, "b": 0, "answer": "A"})
        self.assertEqual(scores["agent-valuebench/choice/case_00007/b-first"], {"a": 1, "b": 0, "answer": "B"})
        metrics = {one["metric"]: one for one in self.metrics("report") if not one["group"].get("dimension")}
        self.assertEqual((metrics["position_bias"]["value"], metrics["consistency"]["value"]), (0, 1))
        # The published order is another run, and stays what it is where nothing is said.
        self.succeeds(*self.evaluate("scripted/A", "-T", "order=published"))
        self.assertEqual(sorted(line["task"].count("/") for line in self.export()), [2] * len(CHOICES))

    def test_a_case_that_does_not_fit_its_source_is_named(self):
        path = f"{self.folder}/data/LLMChoice/cases/case_00008.json"
        with open(path, encoding="utf-8") as file:
            good = json.load(file)
        shown = os.path.realpath(path)
        for change, what in (
            ({"value_system": "tides"}, "value_system: differs from case/case_00008.json"),
            ({"value_items": good["value_items"][::-1]}, "value_items: differs from case/case_00008.json"),
            ({"option_a_value": "Haste"}, 'option_a_value: expected the first value, "Care"'),
            ({"source_case_file": "../x"}, 'source_case_file: expected "case/case_00008.json", got "../x"'),
            ({"task_description": "Option A: x"}, 'task_description: holds no "Option B:"'),
            ({"task_description": " "}, "the runner cannot read it: ValueError: nothing to choose from"),
        ):
            with self.subTest(what=what):
                with open(path, "w", encoding="utf-8") as file:
                    json.dump({**good, **change}, file)
                self.refuses(3, f"axiometer: {shown}: {what}", *self.evaluate("scripted/A"))
        os.remove(f"{self.folder}/data/LLMChoice/run_batch_choice_llm_eval_openai.py")
        self.refuses(
            3,
            'axiometer: data: no file "LLMChoice/run_batch_choice_llm_eval_openai.py": expected a checkout of '
            "https://github.com/ValueByte-AI/Agent-ValueBench",
            *self.evaluate("scripted/A"),
        )


@unittest.skipUnless(DATA, "AXIOMETER_AVB_DATA names no checkout")
class Released(Choosing):
    data = DATA

    def test_replies_of_every_kind_are_read_as_by_the_released_reading(self):
        path = f"{DATA}/LLMChoice/convert_choice_llm_to_priority_input.py"
        spec = importlib.util.spec_from_file_location("conversion", path)
        conversion = importlib.util.module_from_spec(spec)
        sys.dont_write_bytecode = True
        spec.loader.exec_module(conversion)
        starts = ("", " ", "\n", "\u3000", "_", "(", "**", "Answer: ", "choice", "Choice ", "CHOICE\u00a0")
        starts += ("cho\u0131ce", "Option", "An option ", "I take the choice\t", "sub-option ", "suboption ")
        starts += ("Not option C, choice ",)
        letters = ("A", "b", "a", "B", "C", "AB", "")
        ends = ("", ".", ")", "\u00e9", "\u0301", "_", "1", "\u00b2", " or option B", ":\u4e2d", "\u4e2d")
        ends += ("\n\nBecause.",)
        kinds = ["".join(parts) for parts in itertools.product(starts, letters, ends)]
        stems = sorted(name[:-5] for name in os.listdir(f"{DATA}/LLMChoice/cases"))
        epochs = -(-len(kinds) // len(stems))
        places = list(itertools.product(stems, range(1, epochs + 1)))
        replies = dict(zip(places, itertools.cycle(kinds)))
        self.succeeds(*self.evaluate(self.replay(replies), "--epochs", str(epochs)))
        wanted = {place: conversion.parse_choice(reply) or None for place, reply in replies.items()}
        self.assertEqual(self.choices(), wanted)
        print(f"{len(kinds)} kinds of replies over {len(places)} samples")

    def test_every_released_case_can_be_asked_in_both_orders(self):
        self.succeeds(*self.evaluate("scripted/A", "-T", "order=both"))
        metrics = {one["metric"]: one for one in self.metrics("report") if not one["group"].get("dimension")}
        bias = metrics["position_bias"]
        self.assertEqual((bias["value"], bias["scored"]), (0.5, 21))

    def test_the_released_conversion_and_priority_give_the_same_files(self):
        stems = sorted(name[:-5] for name in os.listdir(f"{DATA}/LLMChoice/cases"))
        said = itertools.cycle(("A", "B: it is so", "option a", "unread", "Choice B", "b", "a."))
        replies = {(stem, 1): reply for stem, reply in zip(stems, said)}
        self.succeeds(*self.evaluate(self.replay(replies)))
        self.succeeds("export", "latest", "--format", "agent-valuebench", "-o", "ours")
        where = ["--choice_cases_dir", f"{DATA}/LLMChoice/cases", "--choice_result_dir", "ours/choice_llm"]
        self.run_python(
            f"{DATA}/LLMChoice/convert_choice_llm_to_priority_input.py",
            *(*where, "--project_root", DATA, "--output", f"theirs/{DETAILS}"),
        )
        self.run_python(f"{DATA}/ValueEval/compute_value_priority.py", "--model-dir", "theirs")
        ours, theirs = (self.read_json(f"{folder}/{DETAILS}") for folder in ("ours", "theirs"))
        for details in (ours, theirs):
            details.pop("conversion_source")  # their folders and their words
            for case in (*details["conversion_audit"], *(one["choice_conversion"] for one in details["cases"])):
                for key in ("choice_result_file", "choice_case_file", "source_case_file"):
                    case.pop(key, None)
        self.assertEqual(json.dumps(ours, indent=1), json.dumps(theirs, indent=1))
        ours, theirs = (self.read_json(f"{folder}/{PRIORITY}") for folder in ("ours", "theirs"))
        for priority in (ours, theirs):
            priority.pop("input_file")
            for prose in ("tie_handling", "normalization"):
                self.assertTrue(priority["estimation"].pop(prose))
        self.assertEqual(json.dumps(ours, indent=1), json.dumps(theirs, indent=1))


if __name__ == "__main__":
    axiometer_program.main()
