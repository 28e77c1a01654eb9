#!/usr/bin/env python3
"""Agent-ValueBench against the benchmark's own programs, where AXIOMETER_AVB_DATA names a checkout.

agent_valuebench_release_case.py AXIOMETER MOCK_ENDPOINT [unittest options]

The checkout's runner and metrics are run unconfined, which only a machine for tests should do. The
runner needs the Python package `requests`. AXIOMETER_AVB_CASES: how many cases go through (60).
"""

import collections
import importlib.util
import json
import os
import re
import shutil
import sys
import unittest

import axiometer_program
import odd_endpoint

DATA = os.environ.get("AXIOMETER_AVB_DATA", "")
COUNT = int(os.environ.get("AXIOMETER_AVB_CASES", "60"))
ERRORS = {"model_error", "rate_limited", "model_timeout", "environment_failed"}
FILES = ("case_value_adherence_details.json", "system_value_adherence_summary.json")
PRIORITY = "value_priority_bradley_terry.json"

# The checkout's runner and judge on some cases: a trajectory file and a file of judge outputs a case.
DRIVER = """
import json, sys
data, model, url, folder = sys.argv[1:5]
sys.path.insert(0, data)
from pathlib import Path
from TrajGen.tir_agent_eval_openai import evaluate_case_data_openai
from ValueEval.rubric_trajectory_judge import RubricTrajectoryJudge, ValueEvalSettings
from core.file_utils import read_json, write_json
judge = RubricTrajectoryJudge(settings=ValueEvalSettings(
    api_key="k", base_url=url, judge_models=["judge"], temperature=0.0, max_tokens=18000,
    timeout_seconds=600, network_max_retries=2, max_json_retries=4))
for stem in sys.argv[5:]:
    case_path = Path(data) / "case" / (stem + ".json")
    done = evaluate_case_data_openai(read_json(case_path), max_steps=50, temperature=0.0, max_tokens=12000,
                                     eval_api_key="k", eval_base_url=url, eval_model=model)
    path = Path(folder) / (stem + "_traj.json")
    write_json(path, done)
    if done["status"] == "finished":
        judged = judge.judge_with_saved_rubric(
            case_path=str(case_path), traj_path=str(path),
            rubric_path=data + "/rubric/" + stem + "_rubric.json", result_dir=folder + "/results")
        write_json(Path(folder) / (stem + "_judged.json"), judged and judged["judge_outputs"])
"""


@unittest.skipUnless(DATA, "AXIOMETER_AVB_DATA names no checkout")
class ReleasedAgentValueBench(axiometer_program.ProgramCase):
    def evaluate(self, url, model, *options):
        arguments = ["eval", "agent-valuebench", "--data", DATA, "--model", f"openai/{model}"]
        arguments += ["--base-url", url, "--judge", "openai/judge", "--display", "none", "--json"]
        done = self.run_program(*arguments, *options)
        report = json.loads(done.stdout)
        # Samples without a score because of an error make a run incomplete.
        failed = ERRORS & report["runs"][0]["outcomes"].keys() or "could not be judged" in done.stderr
        self.assertEqual(done.returncode, 1 if failed else 0, done.stderr)
        return report

    def read_bytes(self, path):
        with open(os.path.join(self.folder, path), "rb") as file:
            return file.read()

    def compare_metrics(self, report, priority=True):
        """The scripts' numbers on our export are those of our files and of our report.

        Their priority script gives none at all if the cases of one system do not hang together.
        """
        shutil.rmtree(os.path.join(self.folder, "theirs"), ignore_errors=True)
        self.run_python(
            f"{DATA}/ValueEval/compute_value_adherence.py",
            *("--cases_dir", f"{DATA}/case", "--rubric_dir", f"{DATA}/rubric"),
            *("--judge_result_dir", "ours/judge_result", "--max_score", "10", "--output_dir", "theirs"),
        )
        for name in FILES:
            self.assertEqual(self.read_bytes(f"ours/{name}"), self.read_bytes(f"theirs/{name}"), name)
        reported = collections.defaultdict(dict)
        for metric in report["metrics"]:
            group = metric["group"]
            if not priority and metric["metric"] != "adherence":
                continue
            if metric["protocol"] == "official" and group["samples"] == "finished":
                reported[metric["metric"]][group["value_system"], group.get("dimension")] = metric["value"]
        wanted = collections.defaultdict(dict)
        for system, facts in self.read_json(f"theirs/{FILES[1]}")["systems"].items():
            wanted["adherence"][system, None] = facts["system_level_adherence"]
            for value, dimension in facts["value_dimensions"].items():
                wanted["adherence"][system, value] = dimension["final_score"]
        for system, facts in self.compare_priority() if priority else ():
            for row in facts["rankings"]:
                key = (system, row["value_dimension"])
                wanted["strength"][key] = row["strength_parameter"]
                wanted["log_strength"][key] = row["log_strength_parameter"]
                wanted["rank"][key] = row["rank"]
        self.assertEqual(reported, wanted)
        return len(self.read_json(f"ours/{FILES[0]}")["cases"])

    def compare_priority(self):
        self.run_python(f"{DATA}/ValueEval/compute_value_priority.py", "--model-dir", "theirs")
        ours, theirs = self.read_json(f"ours/{PRIORITY}"), self.read_json(f"theirs/{PRIORITY}")
        for report_file in (ours, theirs):
            report_file.pop("input_file")
            for prose in ("tie_handling", "normalization"):  # theirs in their words
                self.assertTrue(report_file["estimation"].pop(prose))
        self.assertEqual(json.dumps(ours, indent=1), json.dumps(theirs, indent=1))
        return theirs["value_systems"].items()

    def test_whole_systems_give_the_scripts_numbers(self):
        mock = self.mock("--seed", "11")
        report = self.evaluate(mock.url, "mock", "--limit", str(COUNT))
        self.succeeds("export", "latest", "--format", "agent-valuebench", "-o", "ours")
        self.assertEqual(self.compare_metrics(report), COUNT)
        self.assertNotIn("departures", report["runs"][0]["config"])
        shutil.copytree(f"{self.folder}/theirs", f"{self.folder}/results/mock")
        render = [f"{DATA}/ValueEval/render_value_results_markdown.py", "--result-root", "results"]
        self.run_python(*render, "--output", "theirs.md")
        self.succeeds("report", "--format", "agent-valuebench-markdown", "-o", "ours.md")
        self.assertEqual(self.read_bytes("ours.md").decode(), self.read_bytes("theirs.md").decode())

    def test_with_faults_the_cases_that_remain_give_the_scripts_numbers(self):
        mock = self.mock("--seed", "3", "--fates", "3", "--fate-share", "0.15", "--bad-arguments", "0.1")
        arguments = ["--limit", str(COUNT), "--max-retries", "2", "--timeout", "5"]
        report = self.evaluate(mock.url, "mock", *arguments)
        self.succeeds("export", "latest", "--format", "agent-valuebench", "-o", "ours")
        scored = self.compare_metrics(report)
        outcomes = report["runs"][0]["outcomes"]
        self.assertEqual(sum(outcomes.values()), COUNT)
        self.assertLessEqual(scored, outcomes["finished"])
        self.assertGreater(scored, COUNT // 3)

    @unittest.skipUnless(importlib.util.find_spec("requests"), "needs the package requests")
    def test_the_released_runner_asks_the_same_and_writes_the_same_files(self):
        stems = self.repeatable_cases(COUNT // 2)
        for model in ("mock", "gpt-mock", "qwen/qwen3-30b-a3b", "google/gemini-3-flash-preview"):
            with self.subTest(model=model):
                self.compare_with_runner(stems, model)

    @staticmethod
    def repeatable_cases(count):
        """Cases whose environments know neither clock nor chance, from all over the set."""
        stems = sorted(name[:-5] for name in os.listdir(f"{DATA}/case") if name.startswith("case_"))
        chosen = []
        for stem in stems[:: max(1, len(stems) // (count * 3))]:
            with open(f"{DATA}/case/{stem}.json", encoding="utf-8") as file:
                environment = json.load(file)["environment"]
            with open(f"{DATA}/environment/{environment}.py", encoding="utf-8") as file:
                if not re.search(r"^(import|from) (uuid|datetime|time|random|secrets)", file.read(), re.M):
                    chosen.append(stem)
        return chosen[:count]

    def compare_with_runner(self, stems, model):
        endpoint = odd_endpoint.OddEndpoint()
        try:
            for folder in ("theirs", "ours"):
                shutil.rmtree(os.path.join(self.folder, folder), ignore_errors=True)
            self.run_python("-c", DRIVER, DATA, model, endpoint.url, "theirs", *stems)
            their_requests, their_judging = self.sort(endpoint.take_bodies())
            report = self.evaluate(endpoint.url, model, "--task-id", ",".join(stems), "--no-cache")
            our_requests, our_judging = self.sort(endpoint.take_bodies())
            self.succeeds("export", "latest", "--format", "agent-valuebench", "-o", "ours")
        finally:
            endpoint.stop()
        self.assertEqual(our_requests.keys(), their_requests.keys())
        for turn, body in their_requests.items():
            self.assertEqual(our_requests[turn], body)
        self.assertEqual(our_judging, their_judging)
        finished = judged = 0
        for stem in stems:
            theirs = self.read_bytes(f"theirs/{stem}_traj.json").decode()
            status = json.loads(theirs)["status"]
            path = os.path.join(self.folder, f"ours/trajectory/{stem}_traj.json")
            self.assertEqual(os.path.exists(path), status == "finished", stem)
            if status != "finished":
                continue
            finished += 1
            self.assertEqual(self.read_bytes(path).decode(), theirs, stem)
            path = f"ours/judge_result/{stem}_result.json"
            outputs = self.read_json(f"theirs/{stem}_judged.json")
            self.assertEqual(os.path.exists(os.path.join(self.folder, path)), outputs is not None, stem)
            if outputs is None:
                continue
            judged += 1
            self.assertEqual(
                json.dumps(self.read_json(path)["judge_outputs"], indent=1), json.dumps(outputs, indent=1)
            )
        self.assertGreater(finished, len(stems) * 2 // 3)
        self.assertEqual(report["runs"][0]["outcomes"]["finished"], finished)
        self.assertEqual(self.compare_metrics(report, priority=False), judged)
        print(f"{model}: {len(stems)} cases, {len(our_requests)} requests, {finished} finished, {judged} judged")

    @staticmethod
    def sort(bodies):
        """In one spelling: requests to the subject by task and number of messages; to the judge, counted."""
        asked, judging = {}, collections.Counter()
        for body in bodies:
            request = json.loads(body)
            text = json.dumps(request, ensure_ascii=False, indent=1)
            if "tools" in request:
                asked[request["messages"][1]["content"], len(request["messages"])] = text
            else:
                judging[text] += 1
        return asked, judging

    def test_modified_files_are_named_and_refused(self):
        copy = os.path.join(self.folder, "copy")
        try:
            shutil.copytree(DATA, copy, copy_function=os.link, ignore=shutil.ignore_patterns(".git"))
        except (OSError, shutil.Error):
            self.skipTest("the checkout lies on another file system")
        arguments = ["eval", "agent-valuebench", "--data", "copy", "--model", "scripted/random"]
        template = "TRAJECTORY_JUDGE_PROMPT"
        for path, old, what in (
            ("ValueEval/prompts.py", f"{template} = ", "the judge's prompt template"),
            ("TrajGen/tir_agent_eval_openai.py", "You are an", "the system message of case_00001"),
            ("case/case_00002.json", '"env_initial_parameters": {', "the set of all case files"),
            (self.environment_of("case_00003"), "import copy", "the set of all environments"),
        ):
            with self.subTest(path=path):
                with open(f"{copy}/{path}", encoding="utf-8") as file:
                    text = file.read()
                self.assertIn(old, text)
                new = f'{template} = "Read well. " + ' if template in old else old.replace(" ", "  ", 1)
                self.replace(f"{copy}/{path}", text.replace(old, new, 1))
                message = f"axiometer: {os.path.realpath(copy)}: {what} differs from the release: SHA-256 "
                self.refuses(3, message, *arguments, prefix=True)
                self.replace(f"{copy}/{path}", text)
        self.succeeds(*arguments, "--limit", "1", "--display", "none")

    @staticmethod
    def environment_of(stem):
        with open(f"{DATA}/case/{stem}.json", encoding="utf-8") as file:
            return f"environment/{json.load(file)['environment']}.py"

    @staticmethod
    def replace(path, text):
        os.unlink(path)  # the link, not the checkout's own file
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)


if __name__ == "__main__":
    axiometer_program.main()
