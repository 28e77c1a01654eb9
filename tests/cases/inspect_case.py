#!/usr/bin/env python3
"""Logs for Inspect AI, read by Inspect AI.

inspect_case.py AXIOMETER MOCK_ENDPOINT [unittest options]

Needs Inspect AI in the Python that runs this, or in the one that the variable AXIOMETER_INSPECT_PYTHON names;
tests/run makes one.
"""

import json
import os
import sqlite3
import sys
import unittest
import zipfile

import axiometer_program

try:
    import inspect_ai.log as inspect_log
except ImportError:
    inspect_log = None
    other = os.environ.pop("AXIOMETER_INSPECT_PYTHON", "")
    if other:
        os.execv(other, [other, *sys.argv])

needs_inspect = unittest.skipUnless(
    inspect_log, "needs inspect-ai: name a Python that has it in AXIOMETER_INSPECT_PYTHON")


class Inspect(axiometer_program.ProgramCase):
    def evaluate(self, *options, status=0):
        done = self.run_program("eval", *options, "--display", "none")
        self.assertEqual(done.returncode, status, done.stderr)

    def log(self, run="latest"):
        self.succeeds("export", run, "--format", "inspect", "-o", "run.eval")
        return inspect_log.read_eval_log(self.path("run.eval"))

    def flat(self, sample):
        """A sample's scores by name and judge, without what a judge did not give."""
        return {(name, judge): number for judge, score in (sample.scores or {}).items()
                for name, number in score.value.items() if number is not None}

    def assert_usage(self, ours, theirs):
        self.assertEqual(theirs.input_tokens + (theirs.input_tokens_cache_read or 0), ours["input_tokens"])
        self.assertEqual(theirs.input_tokens_cache_read, ours["cached_tokens"])
        self.assertEqual(theirs.output_tokens, ours["output_tokens"])
        self.assertEqual(theirs.reasoning_tokens, ours["reasoning_tokens"])
        self.assertEqual(theirs.total_tokens, ours["input_tokens"] + ours["output_tokens"])
        self.assertEqual(theirs.total_cost, ours["cost_usd"])

    def assert_the_same_samples(self, log, model):
        lines = self.by_sample()
        self.assertEqual(sorted((sample.id, sample.epoch) for sample in log.samples), sorted(lines))
        for sample in log.samples:
            line = lines[sample.id, sample.epoch]
            with self.subTest(task=sample.id, epoch=sample.epoch):
                self.assertEqual(sample.metadata["outcome"], line["outcome"])
                self.assertEqual(sample.metadata["attempts"], line["attempts"])
                self.assertEqual(sample.output.completion, line["completion"] or "")
                self.assert_usage(line["usage"], sample.model_usage[model])
                scores = {}
                for (name, judge), number in self.flat(sample).items():
                    scores[name if name in line["scores"] else f"{name}@{judge}"] = number
                given = {name: number for name, number in line["scores"].items() if number is not None}
                self.assertEqual(scores, given)

    @needs_inspect
    def test_samples_messages_usage_and_scores_are_those_of_jsonl(self):
        self.evaluate("crossroads", "--model", "scripted/a", "--judge", "scripted/perfect",
                      "--judge", "scripted/random", "--epochs", "2")
        log = self.log()
        self.assertEqual((log.version, log.status, log.error), (2, "success", None))
        self.assertEqual((log.eval.task, log.eval.model, log.eval.solver),
                         ("crossroads", "scripted/a", "react_tools"))
        self.assertEqual(log.eval.config.epochs, 2)
        self.assert_the_same_samples(log, "scripted/a")
        run = json.loads(self.succeeds("report", "--json"))["runs"][0]
        self.assertEqual(log.eval.run_id, run["id"])
        self.assertEqual(log.eval.metadata["configuration"], run["config"])
        self.assertEqual(log.results.total_samples, run["wanted"])
        self.assertEqual(log.results.completed_samples, run["wanted"])
        self.assert_usage(run["subject_usage"], log.stats.model_usage["scripted/a"])
        self.assertEqual([scorer.name for scorer in log.eval.scorers], run["judges"])
        self.assert_the_conversations_are_those_stored(log)

    def assert_the_conversations_are_those_stored(self, log):
        store = sqlite3.connect(self.path())
        rows = store.execute(
            "SELECT s.task, s.epoch, e.kind, e.tool_name, e.tool_arguments, e.tool_result FROM samples AS s"
            " JOIN events AS e ON e.attempt = s.attempt WHERE s.run = ? ORDER BY s.task, s.epoch, e.id",
            (log.eval.run_id,)).fetchall()
        stored = {}
        for task, epoch, kind, *tool in rows:
            stored.setdefault((task, epoch), []).append((kind, *tool))
        calls = 0
        for sample in log.samples:
            events = stored[sample.id, sample.epoch]
            roles = [message.role for message in sample.messages]
            self.assertEqual(len(roles), len(events))
            self.assertEqual(roles.count("assistant"), sum(event[0] == "reply" for event in events))
            self.assertEqual([message.role for message in sample.input], ["system", "user"])
            asked = {call.id: call for message in sample.messages if message.role == "assistant"
                     for call in message.tool_calls or ()}
            answers = [message for message in sample.messages if message.role == "tool"]
            tools = [event for event in events if event[0] == "tool"]
            self.assertEqual(len(answers), len(tools))
            for answer, (_, name, arguments, result) in zip(answers, tools):
                self.assertEqual((answer.function, answer.text), (name, result))
                self.assertEqual(asked[answer.tool_call_id].function, name)
                self.assertEqual(asked[answer.tool_call_id].arguments, json.loads(arguments))
                calls += 1
        self.assertGreater(calls, 50)

    @needs_inspect
    def test_results_are_the_reports_means_and_scores_say_why(self):
        self.evaluate("crossroads", "--model", "scripted/b", "--judge", "scripted/perfect")
        log = self.log()
        metrics = [metric for metric in self.metrics("report") if metric["metric"] == "mean_score"]
        scores = {score.name: score for score in log.results.scores}
        for metric in metrics:
            score = scores["{dimension} ({value_system})".format(**metric["group"])]
            self.assertEqual(score.scorer, metric["group"]["judge"])
            self.assertEqual(score.metrics["mean_score"].value, metric["value"])
            self.assertEqual(score.metrics["mean_score"].metadata.get("interval"), metric["interval"])
            self.assertEqual((score.scored_samples, score.unscored_samples), (metric["scored"], metric["unscored"]))
        (score,) = log.samples[0].scores.values()
        self.assertIn("**a1**", score.explanation)
        self.assertEqual(score.answer, log.samples[0].output.completion)
        messages = {message.id for message in log.samples[0].messages}
        references = score.metadata["scanner_references"]
        self.assertTrue(references)
        self.assertLessEqual({reference["id"] for reference in references}, messages)

    @needs_inspect
    def test_failures_are_errors_and_limits_and_never_scores(self):
        tasks = [line["task"] for line in self.of_a_run_to_the_end()]
        with open(self.path("replies.jsonl"), "w", encoding="utf-8") as file:
            for task in tasks[1:]:
                call = {"role": "assistant", "content": None, "tool_calls": [
                    {"id": "1", "type": "function", "function": {"name": "list_entries", "arguments": "{}"}}]}
                last = {"role": "assistant", "content": "Done.", "reasoning": "Nothing is left."}
                messages = [call, call if task == tasks[1] else last]
                print(json.dumps({"task": task, "messages": messages}), file=file)
        self.evaluate("crossroads", "--model", "replay/replies.jsonl", "--judge", "scripted/broken",
                      "--max-steps", "2", status=1)
        log = self.log()
        self.assert_the_same_samples(log, "replay/replies.jsonl")
        samples = {sample.id: sample for sample in log.samples}
        failed, limited, done = (samples[task] for task in tasks[:3])
        self.assertTrue(failed.error.message.startswith("model_error: "), failed.error.message)
        self.assertFalse(failed.scores)
        self.assertEqual((limited.limit.type, limited.limit.limit, limited.error), ("custom", 2, None))
        self.assertIsNone(done.error)
        self.assertEqual([part.type for part in done.messages[-1].content], ["reasoning", "text"])
        unread = [sample for sample in log.samples for score in (sample.scores or {}).values()
                  if score.reason == "grader_failed"]
        self.assertGreater(len(unread), len(tasks) // 2)  # the others are decided by checks alone
        for sample in unread:
            self.assertEqual(self.flat(sample), {})
        self.assertEqual(log.results.completed_samples, len(tasks) - 1)
        summaries = inspect_log.read_eval_log_sample_summaries(self.path("run.eval"))
        summaries = {summary.id: summary for summary in summaries}
        self.assertEqual(summaries[tasks[0]].error, failed.error.message)
        self.assertEqual(summaries[tasks[1]].limit, "custom")
        self.assertEqual(len(summaries), len(tasks))

    def of_a_run_to_the_end(self):
        self.evaluate("crossroads", "--model", "scripted/idle", "--no-judge", "--db", "whole.db")
        return self.export("whole.db")

    @needs_inspect
    def test_answered_tasks_have_their_target_and_options(self):
        self.evaluate("dvmap", "--model", "scripted/gold")
        log = self.log()
        self.assert_the_same_samples(log, "scripted/gold")
        self.assertIn(log.samples[0].target, log.samples[0].choices)
        (accuracy,) = [metric["value"] for metric in self.metrics("report")
                       if (metric["metric"], metric["protocol"], metric["group"]) == ("accuracy", "official", {})]
        self.assertEqual(log.results.scores[0].metrics["official.accuracy"].value, accuracy)

    @needs_inspect
    def test_one_sample_is_read_without_the_others(self):
        self.evaluate("crossroads", "--model", "scripted/a", "--judge", "scripted/perfect")
        line = self.export()[3]
        self.log()
        sample = inspect_log.read_eval_log_sample(self.path("run.eval"), line["task"], 1)
        self.assertEqual(sample.output.completion, line["completion"])
        header = inspect_log.read_eval_log(self.path("run.eval"), header_only=True)
        self.assertEqual((header.status, header.samples), ("success", None))

    def test_where_the_log_goes(self):
        self.evaluate("crossroads", "--model", "scripted/idle", "--no-judge", "--limit", "2")
        export = ("export", "latest", "--format", "inspect")
        self.refuses(2, "axiometer: -o: the log to write is missing: name a folder or a file that ends in .eval",
                     *export)
        self.refuses(2, 'axiometer: -o: no log is known by the ending of "log.json": '
                     "name a folder that exists or a file that ends in .eval", *export, "-o", "log.json")
        os.mkdir(self.path("logs"))
        done = self.run_program(*export, "-o", "logs")
        run = json.loads(self.succeeds("runs", "--json"))["runs"][0]["run"]
        self.assertEqual((done.returncode, done.stderr), (0, f"logs/{run}.eval\n"))
        with zipfile.ZipFile(self.path(f"logs/{run}.eval")) as archive:
            self.assertIsNone(archive.testzip())
            names = archive.namelist()
        self.assertEqual((names[0], names[-2:]), ("_journal/start.json", ["summaries.json", "header.json"]))


if __name__ == "__main__":
    axiometer_program.main()
