#!/usr/bin/env python3
"""Agent-ValueBench through the real program, on a made-up data set of the released shape.

agent_valuebench_case.py AXIOMETER MOCK_ENDPOINT [unittest options]
"""

import collections
import hashlib
import json
import os
import shutil
import subprocess
import sysconfig

import axiometer_program
import invented_valuebench
import valuebench_numbers

CASES = {stem: (case, rubric) for stem, case, rubric in invented_valuebench.cases()}


class AgentValueBench(axiometer_program.ProgramCase):
    def setUp(self):
        super().setUp()
        invented_valuebench.write(os.path.join(self.folder, "data"))

    def evaluate(self, url, *options, model="openai/subject"):
        arguments = ["eval", "agent-valuebench", "--data", "data", "--model", model, "--base-url", url]
        arguments += ["--judge", "openai/judge", "--display", "none", "--allow-modified-data", *options]
        return arguments

    def test_the_official_numbers_are_those_of_an_independent_computation(self):
        mock = self.mock("--calls", "3", "--seed", "5")
        report = json.loads(self.succeeds(*self.evaluate(mock.url, "--json")))
        self.succeeds("export", "latest", "--format", "agent-valuebench", "-o", "out")
        details = self.read_json("out/case_value_adherence_details.json")
        self.assertEqual([case["case_id"] for case in details["cases"]], sorted(CASES))
        wanted = {stem: self.case_scores(stem) for stem in CASES}
        for case in details["cases"]:
            sides = case["value_dimensions"]
            got = (sides["value_a"]["final_score"], sides["value_b"]["final_score"])
            self.assertEqual(got, tuple(round(score, 10) for score in wanted[case["case_id"]]))
        summary = self.read_json("out/system_value_adherence_summary.json")["systems"]
        priority = self.read_json("out/value_priority_bradley_terry.json")["value_systems"]
        reported = collections.defaultdict(dict)
        for metric in report["metrics"]:
            group = metric["group"]
            if metric["protocol"] == "official" and group["samples"] == "finished":
                reported[metric["metric"]][group["value_system"], group.get("dimension")] = metric["value"]
        for system in invented_valuebench.VALUE_SYSTEMS:
            cases = {stem: case for stem, (case, _) in CASES.items()}
            games = list(valuebench_numbers.games(cases, system, wanted))
            means = valuebench_numbers.means(games)
            strengths = valuebench_numbers.log_strengths(games)
            for value, mean in means.items():
                self.assertEqual(summary[system]["value_dimensions"][value]["final_score"], mean)
                self.assertEqual(reported["adherence"][system, value], mean)
            self.assertEqual(reported["adherence"][system, None], summary[system]["system_level_adherence"])
            rows = {row["value_dimension"]: row for row in priority[system]["rankings"]}
            for value, strength in strengths.items():
                self.assertAlmostEqual(rows[value]["log_strength_parameter"], strength, delta=1e-9)
                key = (system, value)
                self.assertEqual(reported["log_strength"][key], rows[value]["log_strength_parameter"])
                self.assertEqual(reported["rank"][key], rows[value]["rank"])
                self.assertEqual(reported["strength"][key], rows[value]["strength_parameter"])

    def case_scores(self, stem):
        """Both sides' scores from the exported verdict and the rubric."""
        result = self.read_json(f"out/judge_result/{stem}_result.json")
        case, rubric = CASES[stem]
        self.assertEqual(result["case_name"], case["case_name"])
        (output,) = result["judge_outputs"]
        self.assertEqual(output["model"], "judge")
        given = {item["ITEM_ID"]: int(item["SCORE"]) for item in output["judgment"]["ITEM_SCORES"]}
        return valuebench_numbers.case_scores(rubric, given)

    def test_the_markdown_tables_are_those_of_the_released_program(self):
        mock = self.mock("--calls", "1", "--seed", "5")
        rows, runs = {}, []
        for model in ("first&best", "second"):
            self.succeeds(*self.evaluate(mock.url, "--limit", "7", model=f"openai/{model}"))
            self.succeeds("export", "latest", "--format", "agent-valuebench", "-o", model)
            names = ("system_value_adherence_summary.json", "value_priority_bradley_terry.json")
            rows[model] = [self.read_json(f"{model}/{name}") for name in names]
            runs.append(json.loads(self.succeeds("runs", "--json"))["runs"][0]["run"])
        report = ["report", *runs, "--format"]
        self.assertEqual(
            self.succeeds(*report, "agent-valuebench-markdown"), valuebench_numbers.markdown(rows)
        )
        self.refuses(
            1,
            "axiometer: agent-valuebench-harness-markdown: no run of claude-sonnet-4.6 with openclaw; ",
            *report,
            "agent-valuebench-harness-markdown",
            prefix=True,
        )

    def test_two_judges_give_two_official_scores(self):
        mock = self.mock("--calls", "1", "--seed", "2")
        self.succeeds(*self.evaluate(mock.url, "--judge", "openai/second", "--limit", "3"))
        report = json.loads(self.succeeds("report", "--json"))
        judges = ["openai/judge", "openai/second"]
        self.assertEqual(report["runs"][0]["judges"], judges)
        official = [metric for metric in report["metrics"] if metric["metric"] == "adherence"]
        self.assertEqual(sorted({metric["group"]["judge"] for metric in official}), judges)
        run = report["runs"][0]["id"]
        export = ["export", "latest", "--format", "agent-valuebench", "-o", "out"]
        self.refuses(
            2,
            f"axiometer: run {run}: several judges, and the official scores take one: name it with --judge, for "
            'example "openai/judge"',
            *export,
        )
        for judge in judges:
            self.succeeds(*export, "--judge", judge)
            (output,) = self.read_json("out/judge_result/case_00002_result.json")["judge_outputs"]
            self.assertEqual(f"openai/{output['model']}", judge)

    def test_the_quick_check_of_harnesses_stands_beside_the_scores_of_values(self):
        mock = self.mock("--calls", "2", "--seed", "2")
        report = json.loads(self.succeeds(*self.evaluate(mock.url, "--json")))
        lines = [line["scores"] for line in self.export()]
        for scores in lines:
            a, b = scores["harness_health.a"], scores["harness_health.b"]
            self.assertIn(a, (0, 0.5, 1))
            self.assertEqual(scores["harness_health"], (a + b) / 2)
        found = {
            metric["group"].get("pole"): metric["value"]
            for metric in report["metrics"]
            if metric["metric"] == "harness_health"
        }
        mean = sum(scores["harness_health"] for scores in lines) / len(lines)
        self.assertAlmostEqual(found[None], mean)
        self.assertGreater(mean, 0)
        self.assertEqual(report["runs"][0]["judges"], ["openai/judge"])

    def test_requests_and_trajectories_hold_what_the_data_say(self):
        mock = self.mock("--calls", "3")
        self.succeeds(*self.evaluate(mock.url, model="openai/gpt-invented"))
        self.succeeds("export", "latest", "--format", "agent-valuebench", "-o", "out")
        by_task = collections.defaultdict(list)
        for request in mock.requests():
            by_task[request["messages"][1]["content"]].append(request)
        for stem, (case, rubric) in CASES.items():
            text = f"Place: {case['environment']}\nWanted:\n{case['task_description']}\nAsk nobody.\n"
            asked = by_task.pop(text)
            self.assertEqual(len(asked), 4)
            released = invented_valuebench.ENVIRONMENTS[case["environment"]][1]
            released = [next(t for t in released if t["name"] == name) for name in case["function_list"]]
            for request in asked:
                keys = ["model", "messages", "tools", "tool_choice", "temperature", "max_tokens"]
                self.assertEqual(list(request), keys)
                self.assertEqual(
                    (request["model"], request["tool_choice"], request["temperature"], request["max_tokens"]),
                    ("gpt-invented", "auto", 0.0, 12000),
                )
                names = f"You look after a place through tools.\nTools: {case['function_list']}\n"
                self.assertEqual(request["messages"][0], {"role": "system", "content": names})
                for tool, function in zip(request["tools"], released, strict=True):
                    parameters = dict(function["parameters"])
                    parameters.pop("anyOf", None)  # for this family of models
                    self.assertEqual(
                        tool, {"type": "function", "function": {**function, "parameters": parameters}}
                    )
            trajectory = self.read_json(f"out/trajectory/{stem}_traj.json")
            self.assertEqual(trajectory["tool_schema"], released)  # as released, whatever was sent
            self.assertEqual(trajectory["status"], "finished")
            told = [message for message in asked[-1]["messages"] if message["role"] == "tool"]
            answers = [response for step in trajectory["steps"] for response in step["tool_responses"]]
            self.assertEqual(
                [json.dumps(answer["content"], ensure_ascii=False) for answer in answers],
                [message["content"] for message in told],
            )
        judged = [requests[0] for requests in by_task.values()]
        self.assertEqual(len(judged), len(CASES))
        for request in judged:
            keys = ["model", "messages", "temperature", "max_tokens", "response_format"]
            self.assertEqual(list(request), keys)
            self.assertEqual(
                (request["temperature"], request["max_tokens"], request["response_format"]),
                (0.0, 18000, {"type": "json_object"}),
            )
            self.assertEqual(request["messages"][0]["content"], "Answer with one JSON object.")

    def test_a_run_says_in_what_it_departs_from_the_protocol(self):
        mock = self.mock("--calls", "1")
        report = json.loads(self.succeeds(*self.evaluate(mock.url, "--json", "--temperature", "0.5")))
        departures = report["runs"][0]["config"]["departures"]
        self.assertEqual(len(departures), 6, departures)  # five texts of the data, one setting
        self.assertEqual(departures[-1], "temperature 0.5, published 0.0")
        text = " ".join(self.succeeds("report").split())
        self.assertIn("These are not the benchmark's numbers: the run departs from the published protocol", text)

    def test_a_finished_run_asks_nothing_when_it_is_repeated(self):
        mock = self.mock("--calls", "1")
        first = self.succeeds(*self.evaluate(mock.url, "--json"))
        asked = len(mock.requests())
        again = self.succeeds(*self.evaluate(mock.url, "--json"))
        self.assertEqual(len(mock.requests()), asked)
        metrics = [json.loads(text)["metrics"] for text in (first, again)]
        self.assertEqual(*metrics)

    def test_data_that_are_not_the_release_are_refused_before_anything_is_done(self):
        common = ["--model", "scripted/idle", "--display", "none"]
        hint = "expected a checkout of https://github.com/ValueByte-AI/Agent-ValueBench"
        self.refuses(
            2,
            "axiometer: agent-valuebench: the folder of the data set is missing: name a checkout of "
            "github.com/ValueByte-AI/Agent-ValueBench with --data DIR",
            *("eval", "agent-valuebench", *common),
        )
        here = ["eval", "agent-valuebench", *common, "--data"]
        self.refuses(2, f"axiometer: nowhere: no such folder: {hint}", *here, "nowhere")
        self.refuses(
            2, f"axiometer: data/core/__init__.py: not a folder: {hint}", *here, "data/core/__init__.py"
        )
        judge = hashlib.sha256(b"Answer with one JSON object.").hexdigest()
        difference = (
            f"the judge's system message differs from the release: SHA-256 {judge[:16]}…, released "
            "3c2a09722be4e5a7…: use an unmodified checkout, or --allow-modified-data (scores are then "
            "not official)"
        )
        data = os.path.realpath(os.path.join(self.folder, "data"))
        self.refuses(3, f"axiometer: {data}: {difference}", *here, "data")
        here = ["eval", "agent-valuebench", *common, "--allow-modified-data", "--data"]
        self.alter("case/case_00002.json", '"environment": "Greenhouse"', '"environment": "Glasshouse"')
        self.refuses(
            3,
            f'axiometer: {data}/case/case_00002.json: environment: no pair "Glasshouse.json" and '
            '"Glasshouse.py" in the folder "environment"',
            *(*here, "data"),
        )
        shutil.rmtree(os.path.join(data, "rubric"))
        self.refuses(3, f'axiometer: data: no folder "rubric": {hint}', *here, "data")

    def test_a_broken_file_is_named_before_anything_is_done(self):
        here = ["eval", "agent-valuebench", "--data", "data", "--model", "scripted/random"]
        here += ["--allow-modified-data", "--display", "none"]
        data = os.path.join(self.folder, "data")
        case, greenhouse = "case/case_00002.json", "environment/Greenhouse.json"
        rubric = "rubric/case_00002_rubric.json"
        runner = "TrajGen/tir_agent_eval_openai.py"
        unmodified = "use an unmodified checkout of github.com/ValueByte-AI/Agent-ValueBench"
        for path, old, new, message in (
            (case, '"case_name"', "case_name", f"{data}/{case}: the runner cannot read it: JSONDecodeError: "),
            (case, '"function_list"', '"f"', f"{data}/{case}: the runner cannot read it: KeyError: 'function_list'"),
            (case, '"read_log"', '"burn"', f'{data}/{case}: function_list: environment "Greenhouse" has no tool "burn"'),
            (rubric, '"WEIGHT": 2', '"WEIGHT": 0', f"{data}/{rubric}: VALUE_B_ITEMS[1].WEIGHT: expected 1 to 5, got 0"),
            (greenhouse, '"tools": [', '"tools": ', f"{data}/{greenhouse}:"),
            (
                runner,
                "def build_task_prompt_openai",
                "def renamed",
                f"{data}: its own code does not give its texts: ImportError: cannot import name "
                f"'build_task_prompt_openai' from 'TrajGen.tir_agent_eval_openai' ({data}/{runner}): {unmodified}",
            ),
        ):
            with self.subTest(message=message):
                original = self.alter(path, old, new)
                self.refuses(3, f"axiometer: {message}", *here, prefix=True)
                self.alter(path, None, original)

    def test_an_export_takes_no_text_from_data_that_have_changed(self):
        mock = self.mock("--calls", "1")
        self.succeeds(*self.evaluate(mock.url, "--limit", "2"))
        self.alter("case/case_00002.json", "costs time", "costs money")
        export = ["export", "latest", "--format", "agent-valuebench", "-o", "out"]
        data = os.path.join(self.folder, "data")
        again = "name the data set as it was with --data"
        self.refuses(
            3,
            f'axiometer: {data}: "agent-valuebench/case_00002" differs from the one that was run: {again}',
            *export,
        )
        os.remove(f"{data}/case/case_00002.json")
        self.refuses(
            3, f'axiometer: {data}: holds no "agent-valuebench/case_00002", which was run: {again}', *export
        )

    def alter(self, path, old, new):
        """Replaces `old`, or all of the file; returns what it was."""
        place = os.path.join(self.folder, "data", path)
        with open(place, encoding="utf-8") as file:
            text = file.read()
        with open(place, "w", encoding="utf-8") as file:
            file.write(new if old is None else text.replace(old, new))
        self.assertTrue(old is None or old in text)
        return text

    def test_without_dateutil_its_cases_are_refused_and_the_others_run(self):
        hidden = []
        for place in (sysconfig.get_path("purelib"), "/usr/lib/python3/dist-packages"):
            if os.path.isdir(f"{place}/dateutil"):
                hidden += ["--tmpfs", f"{place}/dateutil"]
        if hidden:
            hidden = ["bwrap", "--dev-bind", "/", "/", *hidden]
            if subprocess.run([*hidden, "true"], capture_output=True).returncode != 0:
                self.skipTest("dateutil is installed and cannot be hidden here")
        self.before = hidden
        common = ["eval", "agent-valuebench", "--data", "data", "--model", "scripted/random", "--display"]
        common += ["none", "--allow-modified-data"]
        self.refuses(
            1,
            "axiometer: agent-valuebench: the Python package dateutil is missing, which 2 of the cases "
            'need, the first "agent-valuebench/case_00004": install python3-dateutil',
            *common,
        )
        self.succeeds(*common, "--limit", "3")


if __name__ == "__main__":
    axiometer_program.main()
