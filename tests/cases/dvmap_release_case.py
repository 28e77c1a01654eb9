#!/usr/bin/env python3
"""DVMap against the benchmark's own programs, where AXIOMETER_DVMAP_DATA names a checkout.

dvmap_release_case.py AXIOMETER MOCK_ENDPOINT [unittest options]

The checkout's evaluation script and its reward functions run in this process, which only a machine for tests
should do; their client is replaced by one that has the replies. The rows are invented ones.
"""

import contextlib
import csv
import importlib.util
import io
import json
import os
import sys
import types
import unittest

import axiometer_program
import invented_dvmap

DATA = os.environ.get("AXIOMETER_DVMAP_DATA", "")
EVALUATION = os.path.join(DATA, "Triple-Generalization_Evaluation_Benchmark", "eval_api_parallel.py")
REWARDS = os.path.join(DATA, "Demographic_Value_Alignment", "verl", "verl", "utils", "reward_score")
MODULES = {"wvs": "WVS", "wvs_d": "WVS_d", "wvs_g": "WVS_g", "wvs_p": "WVS_p"}


def load(path):
    """A module of the checkout, which leaves no compiled file there."""
    sys.dont_write_bytecode = True
    spec = importlib.util.spec_from_file_location(os.path.basename(path)[:-3], path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Rows(list):
    """What the checkout's script takes for its data set."""

    def shuffle(self, seed):
        return self


class Client:
    """An endpoint that gives each prompt its reply; None: the call fails."""

    def __init__(self, replies):
        self.replies = replies
        self.chat = types.SimpleNamespace(completions=types.SimpleNamespace(create=self.create))

    def create(self, messages, **_):
        reply = self.replies[messages[1]["content"][0]["text"]]
        if reply is None:
            raise RuntimeError("no reply")
        message = types.SimpleNamespace(content=reply)
        return types.SimpleNamespace(choices=[types.SimpleNamespace(message=message)])


@unittest.skipUnless(DATA, "AXIOMETER_DVMAP_DATA names no checkout")
class ReleasedDvmap(axiometer_program.ProgramCase):
    def setUp(self):
        super().setUp()
        self.rows, self.replies = [], []
        seen = set()
        for row in invented_dvmap.rows():
            kind = row["Q_id"], row["answer"]
            if kind in seen:
                continue
            seen.add(kind)
            for reply in invented_dvmap.odd_replies(row["answer"], row["Options"].split(", ")):
                self.rows.append({**row, "prompt": f"{row['prompt']} {len(self.rows)}"})
                self.replies.append(reply)
        self.assertGreater(len(self.rows), 200)
        data = os.path.join(self.folder, "data", "test.jsonl")
        invented_dvmap.write_json_lines(data, self.rows)
        with open(os.path.join(self.folder, "replies.jsonl"), "w", encoding="utf-8") as file:
            for place, reply in enumerate(self.replies):
                file.write(json.dumps({"task": f"dvmap/test/{place}", "epoch": 1, "completion": reply}) + "\n")

    def evaluate(self, *options):
        arguments = ["eval", "dvmap", "--data", "data", "--model", "replay/replies.jsonl", "--display", "none", "--json"]
        done = self.run_program(*arguments, *options)
        self.assertEqual(done.returncode, 1, done.stderr)  # some calls fail
        scores = {line["task"]: line["scores"] for line in self.export()}
        return json.loads(done.stdout)["metrics"], [scores[f"dvmap/test/{i}"] for i in range(len(self.rows))]

    def test_predictions_and_accuracy_are_those_of_its_script(self):
        data_sets = types.SimpleNamespace(Dataset=types.SimpleNamespace(load_from_disk=lambda path: Rows(self.rows)))
        stand_ins = {"openai": types.SimpleNamespace(OpenAI=None), "datasets": data_sets}
        self.addCleanup(lambda: [sys.modules.pop(name, None) for name in stand_ins])
        sys.modules.update(stand_ins)
        script = load(EVALUATION)
        examples = script.prepare_dataset("data", "test")
        self.assertEqual(len(examples), len(self.rows))
        client = Client({row["prompt"]: reply for row, reply in zip(self.rows, self.replies)})
        written = os.path.join(self.folder, "official.csv")
        with contextlib.redirect_stdout(io.StringIO()):
            correct = script.evaluate_model_openai(examples, client, "m", written, 0.7, max_retries=1)
        with open(written, encoding="utf-8", newline="") as file:
            official = {row["UID"]: row for row in csv.DictReader(file)}
        metrics, scores = self.evaluate()
        differences = []
        for example, reply, ours in zip(examples, self.replies, scores):
            theirs = official.get(example["UID"])
            if theirs is None:
                expected = (1, 0, None, None)
            else:
                predicted = script.extract_answer_from_model_output(reply)
                self.assertEqual(theirs["predicted"], predicted or "")
                expected = (1, 1, predicted, int(theirs["is_correct"] == "True"))
            found = tuple(ours.get(f"official.{name}") for name in ("kept", "written", "predicted", "correct"))
            if found != expected:
                differences.append((reply, found, expected))
        self.assertEqual(differences, [])
        (accuracy,) = [
            metric for metric in metrics
            if (metric["metric"], metric["protocol"], metric["group"]) == ("accuracy", "official", {})
        ]
        self.assertAlmostEqual(accuracy["value"], correct / len(official), delta=1e-12)
        self.assertEqual(accuracy["scored"], len(official))
        print(f"{len(self.rows)} replies, {len(official)} written, {correct} right: no difference", flush=True)

    def test_rewards_are_those_of_its_functions(self):
        _, scores = self.evaluate("-T", "rewards=yes", "--fresh")
        compared = 0
        for name, module in MODULES.items():
            reward = load(os.path.join(REWARDS, module + ".py")).compute_score
            for row, reply, ours in zip(self.rows, self.replies, scores):
                if reply is None:
                    continue
                for prefix, options in (("official.reward.", row["Options"]), ("reward.", row["Options"].split(", "))):
                    more = () if name == "wvs" else (row["frequency"],)
                    try:
                        expected = reward(reply, row["answer"], options, *more)
                    except (ValueError, ZeroDivisionError):
                        expected = None
                    found = ours.get(prefix + name)
                    where = (prefix + name, reply, row["answer"])
                    if expected is None:
                        self.assertIsNone(found, where)
                    else:
                        self.assertAlmostEqual(found, expected, delta=1e-12, msg=where)
                    compared += 1
        print(f"{compared} rewards: no difference", flush=True)


if __name__ == "__main__":
    axiometer_program.main()
