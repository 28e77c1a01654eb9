#!/usr/bin/env python3
"""Results of Agent-ValueBench that were made elsewhere, imported, exported and scored again.

agent_valuebench_import_case.py AXIOMETER MOCK_ENDPOINT [unittest options]

On invented data always; where AXIOMETER_AVB_DATA names a checkout, a result for every case that it holds
is imported and the benchmark's own programs score what is exported again.
"""

import json
import os
import random
import shutil
import sqlite3
import sys
import time
import unittest

import axiometer_program
import invented_valuebench
import released_results
import valuebench_numbers

DATA = os.environ.get("AXIOMETER_AVB_DATA", "")
DETAILS = "case_value_adherence_details.json"
SUMMARY = "system_value_adherence_summary.json"
PRIORITY = "value_priority_bradley_terry.json"

HARNESS_ROWS = (
    "claude-sonnet-4.6/openclaw",
    "claude-sonnet-4.6/claudecode",
    "gpt-5.4/openclaw",
    "gpt-5.4/codex",
    "kimi-k2.5/openclaw",
    "kimi-k2.5/claudecode",
    "kimi-k2.5/codex",
)

# The checkout's reading of harnesses' records, and its quick check of tool logs.
NORMALIZE = """
import importlib.util, json, os, sys, types
data, folder, output = sys.argv[1:4]
sys.path.insert(0, data)
sys.modules["requests"] = types.ModuleType("requests")
from pathlib import Path
from ValueEval.run_batch_harness_rubric_judging import normalize_harness_traj
path = data + "/HarnessEval/adapters/agent_valuebench/template/tests/evaluate.py"
spec = importlib.util.spec_from_file_location("evaluate", path)
check = importlib.util.module_from_spec(spec)
spec.loader.exec_module(check)
os.makedirs(output)
for name in os.listdir(folder):
    stem = name.rsplit("_traj.", 1)[0]
    target = Path(output) / (stem + ".json")
    normalize_harness_traj(Path(folder) / name, target)
    if name.endswith(".jsonl"):
        content = json.loads(target.read_text())
        log = "checked.jsonl"
        # The check cannot read lines that hold no object, which the reading skips.
        with open(Path(folder) / name) as file, open(log, "w") as kept:
            kept.writelines(line for line in file if line.startswith("{"))
        found = check.evaluate(f"{data}/case/{stem}.json", log)
        content["health"] = [found["value_a_score"], found["value_b_score"]]
        target.write_text(json.dumps(content))
"""


class Importing(axiometer_program.ProgramCase):
    data = "data"
    options = ()

    def import_(self, path, *options):
        """What --json says of it."""
        arguments = ["import", "agent-valuebench", path, "--data", self.data, *self.options, "--json"]
        return json.loads(self.succeeds(*arguments, *options))

    def write(self, path, content):
        released_results.write_json(os.path.join(self.folder, path), content)

    def read_bytes(self, path):
        with open(os.path.join(self.folder, path), "rb") as file:
            return file.read()

    def rows(self):
        """How much the store holds."""
        with sqlite3.connect(os.path.join(self.folder, "axiometer.db")) as store:
            tables = ("runs", "tasks", "attempts", "events", "judgements")
            return [store.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables]


class Invented(Importing):
    options = ("--allow-modified-data",)

    def setUp(self):
        super().setUp()
        invented_valuebench.write(os.path.join(self.folder, "data"))
        self.cases = {stem: case for stem, case, _ in invented_valuebench.cases()}
        self.rubrics = {stem: rubric for stem, _, rubric in invented_valuebench.cases()}

    def write_results(self, folder, **options):
        return released_results.write(f"{self.folder}/{folder}", f"{self.folder}/data", 7, **options)

    def test_imported_results_are_members_of_a_series(self):
        told = {}
        for position, seed in ((1, 7), (2, 8)):
            released_results.write(f"{self.folder}/dose{position}/judge_result", f"{self.folder}/data", seed)
            told[position] = self.import_(f"dose{position}", "--series", "doses", "--position", str(position))
        runs = json.loads(self.succeeds("runs", "--json"))["runs"]
        self.assertEqual(sorted((run["series"], run["position"]) for run in runs), [("doses", 1), ("doses", 2)])
        metrics = self.metrics("report", "--series", "doses")
        self.assertTrue([one for one in metrics if one["metric"] == "series_change"])
        # The same place again adds nothing; the same results elsewhere are another run.
        again = self.import_("dose1", "--series", "doses", "--position", "1")
        self.assertEqual((again["known"], again["run"]), (True, told[1]["run"]))
        other = self.import_("dose1", "--series", "doses", "--position", "3")
        self.assertEqual(other["known"], False)
        self.assertNotEqual(other["run"], told[1]["run"])
        self.assertNotEqual(self.import_("dose1")["run"], told[1]["run"])
        arguments = ("import", "agent-valuebench", "dose1", "--data", "data", *self.options)
        self.refuses(2, "axiometer: --position: the series is missing: name it with --series", *arguments, "--position", "1")
        self.refuses(
            2,
            "axiometer: --series: the run's place in the series is missing: name it with --position",
            *(*arguments, "--series", "doses"),
        )

    def test_imported_results_give_the_numbers_of_an_independent_computation(self):
        given = self.write_results("a&b/judge_result")
        told = self.import_("a&b")
        self.assertEqual((told["cases"], told["trajectories"]), (9, 0))
        self.assertEqual((told["model"], told["scaffold"]), ("imported/a&b", "react_tools"))
        self.assertEqual(told["judges"], ["imported/judge"])
        scores = {
            stem: valuebench_numbers.case_scores(self.rubrics[stem], given[stem]) for stem in self.cases
        }
        for line in self.export():
            stem = line["task"].split("/")[1]
            found = (line["scores"]["official.a"], line["scores"]["official.b"])
            self.assertEqual(found, scores[stem])
            self.assertEqual(line["scores"]["official.rubric_status"], "OK")
            leaning = None if found[0] == found[1] else "A" if found[0] > found[1] else "B"
            self.assertEqual(line["scores"]["choice"], leaning)
            self.assertEqual((line["outcome"], line["completion"], line["attempts"]), ("finished", "", 1))
        self.succeeds("export", "latest", "--format", "agent-valuebench", "-o", "out")
        self.assertEqual(sorted(os.listdir(f"{self.folder}/out")), [DETAILS, "judge_result", SUMMARY, PRIORITY])
        summary, priority = self.read_json(f"out/{SUMMARY}"), self.read_json(f"out/{PRIORITY}")
        for system in invented_valuebench.VALUE_SYSTEMS:
            games = list(valuebench_numbers.games(self.cases, system, scores))
            values = summary["systems"][system]["value_dimensions"]
            self.assertEqual(
                {value: facts["final_score"] for value, facts in values.items()},
                valuebench_numbers.means(games),
            )
            strengths = valuebench_numbers.log_strengths(games)
            rankings = priority["value_systems"][system]["rankings"]
            self.assertEqual(len(rankings), len(strengths))
            for row in rankings:
                self.assertAlmostEqual(
                    row["log_strength_parameter"], strengths[row["value_dimension"]], delta=1e-9
                )
        self.assertEqual(
            self.succeeds("report", "--format", "agent-valuebench-markdown"),
            valuebench_numbers.markdown({"a&b": (summary, priority)}),
        )
        for stem in self.cases:
            ours = self.read_json(f"out/judge_result/{stem}_result.json")
            theirs = self.read_json(f"a&b/judge_result/{stem}_result.json")
            self.assertEqual(ours["judge_outputs"], theirs["judge_outputs"])
        config = json.loads(self.succeeds("report", "--json"))["runs"][0]["config"]
        self.assertEqual(config["imported_digest"], told["digest"])
        self.assertNotIn("temperature", config["model"])
        self.assertEqual(len(config["departures"]), 5)  # of the invented data alone

    def test_what_was_exported_is_imported_and_exported_again_byte_for_byte(self):
        mock = self.mock("--calls", "2", "--seed", "3")
        common = ["--data", "data", "--allow-modified-data", "--display", "none"]
        judged = ["--base-url", mock.url, "--judge", "openai/judge"]
        self.succeeds("eval", "agent-valuebench", "--model", "openai/subject", *judged, *common)
        self.succeeds("export", "latest", "--format", "agent-valuebench", "-o", "subject")
        first = [[line[key] for key in ("task", "completion", "scores")] for line in self.export()]
        told = self.import_("subject")
        self.assertEqual((told["cases"], told["trajectories"]), (9, 9))
        second = [[line[key] for key in ("task", "completion", "scores")] for line in self.export()]
        self.assertEqual(first, second)
        self.succeeds("export", "latest", "--format", "agent-valuebench", "-o", "again")
        for stem in self.cases:
            path = f"trajectory/{stem}_traj.json"
            self.assertEqual(self.read_bytes(f"again/{path}"), self.read_bytes(f"subject/{path}"))
        for name in (DETAILS, SUMMARY, PRIORITY):
            self.assertEqual(self.read_bytes(f"again/{name}"), self.read_bytes(f"subject/{name}"))

    def test_the_same_results_are_one_run_wherever_they_are_imported(self):
        self.write_results("model")
        told = self.import_("model")
        before = self.rows()
        self.assertEqual(before, [1, 9, 9, 0, 9])
        again = self.import_("model")
        self.assertEqual((told["known"], again["known"]), (False, True))
        self.assertEqual(again["run"], told["run"])
        self.assertEqual(self.rows(), before)
        os.rename(f"{self.folder}/model", f"{self.folder}/elsewhere")
        there = self.import_("elsewhere", "--model", "imported/model", "--db", "other.db")
        self.assertEqual((there["run"], there["digest"]), (told["run"], told["digest"]))
        self.assertEqual(there["known"], False)
        other = self.import_("elsewhere", "--model", "openai/gpt-invented")
        self.assertNotEqual(other["run"], told["run"])
        self.assertEqual(other["model"], "openai/gpt-invented")
        self.assertEqual(other["digest"], told["digest"])

    def test_the_skill_that_the_subject_had_is_part_of_the_run(self):
        self.write_results("model")
        os.makedirs(f"{self.folder}/skill")
        with open(f"{self.folder}/skill/SKILL.md", "w", encoding="utf-8") as file:
            file.write("---\nname: flow-first\ndescription: Flow before ebb.\n---\n\n# Order\n")
        plain = self.import_("model")
        told = self.import_("model", "--skill", "skill")
        self.assertEqual((told["known"], told["digest"]), (False, plain["digest"]))
        self.assertNotEqual(told["run"], plain["run"])
        configs = {run["id"]: run["config"] for run in json.loads(
            self.succeeds("report", told["run"], plain["run"], "--json"))["runs"]}
        self.assertEqual(configs[told["run"]]["skill"], "flow-first")
        self.assertEqual(len(configs[told["run"]]["skill_digest"]), 64)
        self.assertIn('the skill "flow-first"', configs[told["run"]]["departures"])
        self.assertNotIn("skill", configs[plain["run"]])
        compared = json.loads(self.succeeds("compare", plain["run"], told["run"], "--json"))["comparability"]
        self.assertEqual([one["what"] for one in compared["subject"]], ["skill"])
        self.refuses(2, "axiometer: --skill: does not go with import judgements",
                     "import", "judgements", "scores.csv", "--skill", "skill")

    def test_a_tool_log_is_a_trajectory_of_its_harness(self):
        """As run_batch_harness_rubric_judging.py hands it to the judge, with the harness's own quick check."""
        self.write_results("subject/openclaw/judge_result")
        call = {
            "timestamp": 12.5,
            "tool_name": "take",
            "arguments": {"shelf": "x", "count": 1},
            "result": {"success": True, "data": 2},
            "allowed": True,
        }
        refused = {**call, "tool_name": "list_shelves", "allowed": False}
        with open(f"{self.folder}/subject/openclaw/case_00001_traj.jsonl", "w", encoding="utf-8") as file:
            file.write(json.dumps(call) + "\n\n" + json.dumps(refused) + "\n")
        told = self.import_("subject/openclaw")
        self.assertEqual((told["model"], told["scaffold"]), ("imported/subject", "openclaw"))
        self.assertEqual((told["cases"], told["trajectories"]), (9, 1))
        first, second = self.export()[:2]
        health = {name: score for name, score in first["scores"].items() if "health" in name}
        wanted = {"harness_health.a": 0.5, "harness_health.b": 0.5, "harness_health": 0.5}
        self.assertEqual(health, wanted)
        self.assertNotIn("harness_health", second["scores"])
        self.succeeds("export", "latest", "--format", "agent-valuebench", "-o", "out")
        self.assertEqual(os.listdir(f"{self.folder}/out/trajectory"), ["case_00001_traj.json"])
        trajectory = self.read_json("out/trajectory/case_00001_traj.json")
        self.assertEqual(
            trajectory["steps"],
            [
                {
                    "step": name,
                    "assistant_output": "",
                    "tool_calls": [
                        {
                            "id": name,
                            "name": record["tool_name"],
                            "arguments": record["arguments"],
                            "allowed": record["allowed"],
                            "timestamp": 12.5,
                        }
                    ],
                    "tool_responses": [
                        {"tool_call_id": name, "name": record["tool_name"], "content": record["result"]}
                    ],
                }
                for name, record in (("jsonl_0001", call), ("jsonl_0003", refused))
            ],
        )
        metrics = json.loads(self.succeeds("report", "--json"))["metrics"]
        found = {tuple(m["group"].values()): m["value"] for m in metrics if m["metric"] == "harness_health"}
        self.assertEqual(found, {(): 0.5, ("a",): 0.5, ("b",): 0.5})
        text = " ".join(self.succeeds("report", "--format", "markdown").split())
        self.assertIn("which is no score of values: tool calls hit 0.50 of the checkpoints", text)

    def test_harbors_steps_are_a_trajectory_of_its_harness(self):
        self.write_results("subject")
        command = "python3 /app/tool_harness.py take '{\"shelf\": \"x\"}' && python3 /app/tool_harness.py look"
        output = 'Output:\n{"success": true}\n---\n{"success": false, "error": "no shelf"}'
        steps = [
            {"step_id": 1, "source": "user", "message": "Do it."},
            {
                "step_id": 2,
                "source": "agent",
                "message": "First.",
                "reasoning_content": "Hm.",
                "tool_calls": [{"tool_call_id": "c", "function_name": "shell", "arguments": {"command": command}}],
                "observation": {"results": [{"content": f"Exit code: 0\n{output}"}]},
            },
            {"step_id": 3, "source": "agent", "message": "Done."},
        ]
        self.write("subject/case_00001_traj.json", {"schema_version": "ATIF-v1.2", "steps": steps})
        given = ["import", "agent-valuebench", "subject", "--data", "data", *self.options]
        self.refuses(
            2,
            "axiometer: subject/case_00001_traj.json: was made in another harness than the released loop: name it "
            "with --harness: openclaw, codex or claudecode",
            *given,
        )
        told = self.import_("subject", "--harness", "codex")
        self.assertEqual(told["scaffold"], "codex")
        line = self.export()[0]
        self.assertEqual(line["completion"], "Done.")
        self.assertEqual(line["scores"]["harness_health.a"], 0.5)
        self.succeeds("export", "latest", "--format", "agent-valuebench", "-o", "out")
        trajectory = self.read_json("out/trajectory/case_00001_traj.json")
        self.assertEqual((trajectory["status"], trajectory["final_answer"]), ("completed", "Done."))
        first, second = trajectory["steps"]
        self.assertEqual(first["assistant_output"], "First.\n\n[REASONING_CONTENT]\nHm.")
        calls = [(call["id"], call["name"], call["arguments"]) for call in first["tool_calls"]]
        self.assertEqual(calls, [("c:1", "take", {"shelf": "x"}), ("c:2", "look", {})])
        contents = [response["content"] for response in first["tool_responses"]]
        self.assertEqual(contents, ['{"success": true}', '{"success": false, "error": "no shelf"}'])
        self.assertEqual(second, {"step": 3, "assistant_output": "Done."})

    def test_a_broken_log_is_named_with_its_line(self):
        self.write_results("subject")
        with open(f"{self.folder}/subject/case_00001_traj.jsonl", "w", encoding="utf-8") as file:
            file.write("{}\n{\n")
        given = ["import", "agent-valuebench", "subject", "--data", "data", "--harness", "openclaw", *self.options]
        self.refuses(3, "axiometer: subject/case_00001_traj.jsonl:2: not valid JSON", *given)

    def test_several_judges_are_separate_official_scores(self):
        self.write_results("model", judges=("google/first", "second"))
        told = self.import_("model")
        self.assertEqual(told["judges"], ["imported/google/first", "imported/second"])
        line = self.export()[0]
        self.assertIn("official.a@imported/google/first", line["scores"])
        self.assertIn("official.a@imported/second", line["scores"])
        self.assertNotIn("official.a", line["scores"])
        export = ["export", "latest", "--format", "agent-valuebench", "-o"]
        self.refuses(
            2,
            f"axiometer: run {told['run']}: several judges, and the official scores take one: name it with "
            '--judge, for example "imported/google/first"',
            *export,
            "out",
        )
        rows = {}
        for judge in ("google/first", "second"):
            folder = judge.split("/")[-1]
            self.succeeds(*export, folder, "--judge", f"imported/{judge}")
            rows[f"model (judge {judge})"] = [
                self.read_json(f"{folder}/{name}") for name in (SUMMARY, PRIORITY)
            ]
            (output,) = self.read_json(f"{folder}/judge_result/case_00001_result.json")["judge_outputs"]
            self.assertEqual(output["model"], judge)
        self.assertNotEqual(*rows.values())
        self.assertEqual(
            self.succeeds("report", "--format", "agent-valuebench-markdown"),
            valuebench_numbers.markdown(rows),
        )
        report = json.loads(self.succeeds("report", "--json"))
        for judge in ("google/first", "second"):
            found = [
                metric["value"]
                for metric in report["metrics"]
                if metric["metric"] == "adherence"
                and metric["group"]["judge"] == f"imported/{judge}"
                and metric["group"]["samples"] == "finished"
                and "dimension" not in metric["group"]
            ]
            systems = rows[f"model (judge {judge})"][0]["systems"]
            self.assertEqual(found, [systems[name]["system_level_adherence"] for name in sorted(systems)])

    def test_statuses_count_as_in_the_released_aggregation(self):
        self.write_results("model")
        for number, status in enumerate((" ok ", None, "UNSCORABLE", "unscorable"), start=2):
            path = f"model/case_{number:05}_result.json"
            content = self.read_json(path)
            content["judge_outputs"][0]["judgment"]["RUBRIC_STATUS"] = status
            self.write(path, content)
        self.import_("model")
        self.succeeds("export", "latest", "--format", "agent-valuebench", "-o", "out")
        details = self.read_json(f"out/{DETAILS}")
        counts = [details[f"{name}case_count"] for name in ("", "scorable_", "unscorable_")]
        self.assertEqual(counts, [9, 8, 1])
        statuses = [case["rubric_status"] for case in details["cases"][1:5]]
        self.assertEqual(statuses, [" ok ", None, "UNSCORABLE", "unscorable"])
        self.assertIsNone(details["cases"][3]["unscorable_reason"])
        self.assertIsNone(details["cases"][3]["value_dimensions"]["value_a"]["final_score"])
        self.assertIsInstance(details["cases"][4]["value_dimensions"]["value_a"]["final_score"], float)
        priority = self.read_json(f"out/{PRIORITY}")
        self.assertEqual((priority["processed_case_count"], priority["skipped_case_count"]), (3, 4))
        # One system has two values that never met the others, and the other one its ranking.
        self.assertEqual(list(priority["value_systems"]), ["craft"])
        self.assertEqual(list(priority["not_identifiable"]), ["tides"])
        departures = json.loads(self.succeeds("report", "--json"))["runs"][0]["config"]["departures"]
        self.assertEqual(
            departures[-1],
            "3 verdicts that the released judge would have refused, the first case_00003: RUBRIC_STATUS: "
            'expected OK or UNSCORABLE, got "NONE"',
        )

    def test_what_cannot_be_imported_is_named_and_nothing_is_stored(self):
        self.write_results("model")
        path = "model/case_00002_result.json"
        good = self.read_json(path)
        given = ["import", "agent-valuebench", "model", "--data", "data", *self.options]

        def refused(where, what, change):
            content = json.loads(json.dumps(good))
            change(content)
            self.write(path, content)
            with self.subTest(what=what):
                self.refuses(3, f"axiometer: {where}: {what}", *given)
            self.write(path, good)

        def judgment(content):
            return content["judge_outputs"][0]["judgment"]

        def item(content):
            return judgment(content)["ITEM_SCORES"][1]

        first = good["judge_outputs"][0]["judgment"]["ITEM_SCORES"][1]["ITEM_ID"]
        of = 'verdict of "judge": '
        refused(path, f'{of}no score for item "{first}"', lambda c: item(c).update(ITEM_ID=f"{first} "))
        for score, shown in ((3, '"3"'), ("two", '"two"'), (None, '"None"'), (-1, '"-1"')):
            what = f"{of}ITEM_SCORES[1].SCORE: expected 0, 1 or 2, got {shown}"
            refused(path, what, lambda c, score=score: item(c).update(SCORE=score))
        refused(path, f"{of}ITEM_SCORES: expected a list", lambda c: judgment(c).pop("ITEM_SCORES"))
        refused(path, "judge_outputs: no judge's verdict", lambda c: c.update(judge_outputs=[]))
        refused(
            path,
            'judge_outputs[1]: a second verdict of "judge"',
            lambda c: c.update(judge_outputs=c["judge_outputs"] * 2),
        )
        named = f'case_name: the case is called "{good["case_name"]}", not "else"'
        refused(path, named, lambda c: c.update(case_name="else"))
        with open(f"{self.folder}/{path}", "w", encoding="utf-8") as file:
            file.write("{")
        self.refuses(3, f"axiometer: {path}: not valid JSON", *given)
        os.remove(f"{self.folder}/{path}")
        self.write("model/case_00077_result.json", good)
        unknown = 'model/case_00077_result.json: the data set has no case "case_00077"'
        self.refuses(3, f"axiometer: {unknown}", *given)
        os.rename(f"{self.folder}/model/case_00077_result.json", f"{self.folder}/model/a_result.json")
        names = "results are named case_NNNNN_result.json and case_NNNNN_traj.json for the case's file"
        self.refuses(3, f"axiometer: model/a_result.json: not named for a case: {names}", *given)
        os.remove(f"{self.folder}/model/a_result.json")
        self.write("model/deeper/case_00001_result.json", good)
        self.refuses(
            3,
            'axiometer: model/deeper/case_00001_result.json: case_00001 has another one, '
            '"model/case_00001_result.json": import a folder with one of them',
            *given,
        )
        shutil.rmtree(f"{self.folder}/model")
        os.mkdir(f"{self.folder}/model")
        self.refuses(3, f"axiometer: model: holds no result and no trajectory: {names}", *given)
        self.refuses(2, "axiometer: nowhere: no such folder", *given[:2], "nowhere", *given[3:])


@unittest.skipUnless(DATA, "AXIOMETER_AVB_DATA names no checkout")
class Released(Importing):
    data = DATA

    def test_records_of_harnesses_are_read_as_by_the_released_programs(self):
        chance = random.Random(5)
        given = released_results.stems(DATA)[:600:3]
        for number, stem in enumerate(given):
            case = released_results.read(f"{DATA}/case/{stem}.json")
            if number % 2:
                self.write(f"x/{stem}_traj.json", released_results.harbor_file(case, chance))
                continue
            os.makedirs(f"{self.folder}/x", exist_ok=True)
            with open(f"{self.folder}/x/{stem}_traj.jsonl", "w", encoding="utf-8") as file:
                file.write(released_results.tool_log(case, chance))
        self.run_python("-c", NORMALIZE, DATA, "x", "theirs")
        told = self.import_("x", "--harness", "codex")
        self.assertEqual((told["cases"], told["trajectories"]), (len(given), len(given)))
        self.succeeds("export", "latest", "--format", "agent-valuebench", "-o", "ours")
        scores = {line["task"].split("/")[1]: line["scores"] for line in self.export()}
        steps = checked = 0
        for stem in given:
            theirs = self.read_json(f"theirs/{stem}.json")
            path = os.path.join(self.folder, f"ours/trajectory/{stem}_traj.json")
            # A run that did nothing has no trajectory to write.
            ours = released_results.read(path) if os.path.exists(path) else {"steps": [], "final_answer": ""}
            self.assertEqual(
                json.dumps(ours["steps"], indent=1), json.dumps(theirs["steps"], indent=1), stem
            )
            self.assertEqual(ours["final_answer"], theirs["final_answer"])
            steps += len(theirs["steps"])
            if "health" in theirs:
                found = [scores[stem][f"harness_health.{side}"] for side in "ab"]
                self.assertEqual(found, theirs["health"], stem)
                checked += 1
        print(f"{len(given)} records of harnesses, {steps} steps, {checked} health scores")

    def test_every_case_is_scored_as_by_the_released_programs(self):
        for seed in (1, 2):
            with self.subTest(seed=seed):
                self.compare(seed)

    def test_the_harness_table_is_that_of_the_released_program(self):
        ten = "Achievement Benevolence Conformity Hedonism Power Security Self-Direction Stimulation Tradition"
        ten = {*ten.split(), "Universalism"}
        only = []
        for stem in released_results.stems(DATA):
            case = released_results.read(f"{DATA}/case/{stem}.json")
            system, values = case["value_system"], set(case["value_items"])
            if system in ("mft08", "vsm13", "nfcc2000") or (system == "pvq40" and values <= ten):
                only.append(stem)
        self.assertEqual(len(only), 111)
        runs = []
        for number, pair in enumerate(HARNESS_ROWS):
            released_results.write(f"{self.folder}/results/{pair}/judge_result", DATA, number, only=only)
            runs.append(self.import_(f"results/{pair}")["run"])
            where = ["--cases_dir", f"{DATA}/case", "--rubric_dir", f"{DATA}/rubric", "--max_score", "10"]
            results = ["--judge_result_dir", f"results/{pair}/judge_result", "--output_dir", f"results/{pair}"]
            self.run_python(f"{DATA}/ValueEval/compute_value_adherence.py", *where, *results)
            self.run_python(f"{DATA}/ValueEval/compute_value_priority.py", "--model-dir", f"results/{pair}")
        table = ["--result-root", "results", "--output", "theirs.md"]
        self.run_python(f"{DATA}/ValueEval/render_harness_value_results_markdown.py", *table)
        report = ["report", *reversed(runs), "--format", "agent-valuebench-harness-markdown", "-o", "ours.md"]
        self.succeeds(*report)
        self.assertEqual(self.read_bytes("ours.md"), self.read_bytes("theirs.md"))

    def compare(self, seed):
        model = f"model-{seed}"
        released_results.write(f"{self.folder}/{model}", DATA, seed)
        began = time.monotonic()
        told = self.import_(model)
        imported = time.monotonic()
        count = len(released_results.stems(DATA))
        self.assertEqual((told["cases"], told["known"]), (count, False))
        export = ["export", told["run"], "--format", "agent-valuebench", "--data", DATA, "-o"]
        self.succeeds(*export, f"ours-{seed}")
        exported = time.monotonic()
        ours, theirs = f"ours-{seed}", f"theirs-{seed}/{model}"
        where = ["--cases_dir", f"{DATA}/case", "--rubric_dir", f"{DATA}/rubric", "--max_score", "10"]
        self.run_python(
            f"{DATA}/ValueEval/compute_value_adherence.py",
            *(*where, "--judge_result_dir", f"{ours}/judge_result", "--output_dir", theirs),
        )
        self.run_python(f"{DATA}/ValueEval/compute_value_priority.py", "--model-dir", theirs)
        for name in (DETAILS, SUMMARY):
            self.assertEqual(self.read_bytes(f"{ours}/{name}"), self.read_bytes(f"{theirs}/{name}"))
        found, wanted = (self.read_json(f"{folder}/{PRIORITY}") for folder in (ours, theirs))
        self.assertEqual(found["value_systems"].keys(), wanted["value_systems"].keys())
        worst = 0
        for system, facts in wanted["value_systems"].items():
            pairs = zip(found["value_systems"][system]["rankings"], facts["rankings"], strict=True)
            for one, other in pairs:
                self.assertEqual(one["value_dimension"], other["value_dimension"])
                worst = max(worst, abs(one["log_strength_parameter"] - other["log_strength_parameter"]))
        self.assertLessEqual(worst, 1e-9)
        result_root = ["--result-root", f"theirs-{seed}", "--output", f"theirs-{seed}.md"]
        self.run_python(f"{DATA}/ValueEval/render_value_results_markdown.py", *result_root)
        table = ["report", told["run"], "--format", "agent-valuebench-markdown", "-o", f"ours-{seed}.md"]
        self.succeeds(*table)
        self.assertEqual(self.read_bytes(f"ours-{seed}.md"), self.read_bytes(f"theirs-{seed}.md"))
        print(
            f"{count} cases: imported in {imported - began:.1f} s, exported in {exported - imported:.1f} s, "
            f"largest difference of log strengths {worst}"
        )


if __name__ == "__main__":
    axiometer_program.main()
