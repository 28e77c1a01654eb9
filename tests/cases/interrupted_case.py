#!/usr/bin/env python3
"""Runs that are killed, interrupted or begun twice, through the real program.

interrupted_case.py AXIOMETER MOCK_ENDPOINT [unittest options]

AXIOMETER_KILLS sets how often the run of the first test is killed (12).
"""

import collections
import json
import os
import random
import signal
import sqlite3
import time

import axiometer_program

KILLS = int(os.environ.get("AXIOMETER_KILLS", "12"))
CONNECTIONS = 6
# Of a disturbed run these say how it went, not what it found.
HISTORY = ("id", "created_ms", "elapsed_ms", "calls", "cached_calls", "config", "identity")


class Interrupted(axiometer_program.ProgramCase):
    def evaluate(self, mock, *options):
        arguments = ["eval", "crossroads", "--model", "openai/subject", "--base-url", mock.url]
        arguments += ["--judge", "openai/judge", "--max-connections", str(CONNECTIONS), "--display", "none"]
        return [*arguments, *options]

    def report(self, database="axiometer.db"):
        return json.loads(self.succeeds("report", "--json", "--db", database))

    def export(self, database="axiometer.db"):
        lines = self.succeeds("export", "latest", "--format", "jsonl", "--db", database).splitlines()
        return [json.loads(line) for line in lines]

    def query(self, sql, database="axiometer.db"):
        connection = sqlite3.connect(os.path.join(self.folder, database))
        rows = connection.execute(sql).fetchall()
        connection.close()
        return rows

    def totals(self):
        """What the run has come to so far, as `runs` tells; nothing before it has begun."""
        if not os.path.exists(os.path.join(self.folder, "axiometer.db")):
            return []
        runs = json.loads(self.succeeds("runs", "--json"))["runs"]
        if not runs:
            return []
        (run,) = runs
        usage = [run[side][kind] for side in ("subject", "judges") for kind in ("input_tokens", "output_tokens")]
        return [run["done"], run["attempts"], run["calls"], run["sessions"], run["elapsed_ms"], *usage]

    def assert_same_findings(self, undisturbed, disturbed):
        """Reports and exports of two stores, apart from their histories."""

        def findings(report):
            run = {key: value for key, value in report["runs"][0].items() if key not in HISTORY}
            metrics = [{k: v for k, v in metric.items() if k != "run"} for metric in report["metrics"]]
            return run, metrics

        self.assertEqual(findings(self.report(undisturbed)), findings(self.report(disturbed)))

        def facts(line):
            return [line[key] for key in ("task", "epoch", "outcome", "completion", "scores")]

        self.assertEqual(
            [facts(line) for line in self.export(undisturbed)], [facts(line) for line in self.export(disturbed)]
        )

    def test_a_run_killed_at_random_moments_ends_as_an_undisturbed_one(self):
        seed = int(os.environ.get("AXIOMETER_SEED", time.time_ns() % 1_000_000))
        print(f"AXIOMETER_KILLS={KILLS} AXIOMETER_SEED={seed}", flush=True)
        chance = random.Random(seed)
        undisturbed = self.mock("--latency-ms", "2", "--seed", "7")
        self.succeeds(*self.evaluate(undisturbed, "--epochs", "2", "--db", "undisturbed.db"))
        wanted = undisturbed.requests()
        # The whole takes about as long as the kills are apart, all of them together.
        latency_ms = 400 * KILLS * CONNECTIONS / len(wanted)
        mock = self.mock("--latency-ms", f"{latency_ms:.0f}", "--latency-sigma", "0.5", "--seed", "7")
        again = self.evaluate(mock, "--epochs", "2")
        before = self.totals()
        for kill in range(KILLS):
            program = self.start(*again)
            ended = program.end_within(0.05 + chance.random() * 0.6)
            self.assertIsNone(ended, f"the run ended before kill {kill + 1}")
            program.stop()
            self.assert_nothing_left_behind()
            now = self.totals()
            self.assertTrue(all(old <= new for old, new in zip(before, now)), (before, now))
            before = now
        self.succeeds(*again)
        self.assert_nothing_left_behind()
        self.assert_same_findings("undisturbed.db", "axiometer.db")
        self.assertEqual(self.query("PRAGMA integrity_check"), [("ok",)])
        # A sample that ended was never begun again.
        ended = self.query("SELECT task, epoch, number FROM attempts WHERE outcome IS NOT NULL")
        last = self.query("SELECT task, epoch, max(number) FROM attempts GROUP BY task, epoch")
        self.assertEqual(sorted(ended), sorted(last))
        # Every reply is stored once, so the run cost what the undisturbed one did.
        paid = "SELECT count(*), sum(input_tokens), sum(output_tokens) FROM calls WHERE cached = 0"
        self.assertEqual(self.query(paid), self.query(paid, "undisturbed.db"))
        # What was asked twice was on its way when the program was killed.
        asked = mock.requests()
        more = collections.Counter(map(self.text, asked)) - collections.Counter(map(self.text, wanted))
        self.assertEqual(len(asked) - len(wanted), sum(more.values()))
        self.assertLessEqual(sum(more.values()), KILLS * 2 * CONNECTIONS)
        print(f"{KILLS} kills, {sum(more.values())} of {len(asked)} requests were lost with them", flush=True)

    @staticmethod
    def text(request):
        return json.dumps(request, sort_keys=True)


if __name__ == "__main__":
    axiometer_program.main()
