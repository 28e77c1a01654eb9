#!/usr/bin/env python3
"""Runs that are killed, interrupted or begun twice, through the real program.

interrupted_case.py AXIOMETER MOCK_ENDPOINT [unittest options]

AXIOMETER_KILLS sets how often something of the run of the first test is killed (10). ENDURANCE.md has the rest.
"""

import collections
import json
import os
import random
import signal
import time

import axiometer_program

KILLS = int(os.environ.get("AXIOMETER_KILLS", "10"))
# Of a disturbed run these say how it went, not what it found.
HISTORY = ("id", "created_ms", "elapsed_ms", "calls", "cached_calls", "config", "identity")


ENVIRONMENT = """
import os

from axiometer_environment import AxiometerEnvironment


class Environment(AxiometerEnvironment):
    over = False

    def look(self):
        self.over = True
        return {}

    def __getattribute__(self, name):
        if name == "state" and object.__getattribute__(self, "over"):
            os._exit(1)
        return object.__getattribute__(self, name)
"""


class Interrupted(axiometer_program.ProgramCase):
    connections = 2  # so that a few of the 24 samples are at work at a time

    def evaluate(self, mock, *options):
        arguments = ["eval", "crossroads", "--model", "openai/subject", "--base-url", mock.url]
        arguments += ["--judge", "openai/judge", "--max-connections", str(self.connections)]
        return [*arguments, "--display", "none", *options]

    def report(self, database="axiometer.db"):
        return json.loads(self.succeeds("report", "--json", "--db", database))

    def totals(self):
        """What the run has come to so far, as `runs` tells; nothing before it has begun."""
        if not os.path.exists(os.path.join(self.folder, "axiometer.db")):
            return []
        told = self.run_program("runs", "--json")
        if told.returncode == 2 and 'store "axiometer.db" is empty' in told.stderr:
            return []  # killed before the first commit
        self.assertEqual(told.returncode, 0, told.stderr)
        runs = json.loads(told.stdout)["runs"]
        if not runs:
            return []
        (run,) = runs
        usage = [run[side][kind] for side in ("subject", "judges") for kind in ("input_tokens", "output_tokens")]
        return [run["done"], run["attempts"], run["calls"], run["sessions"], run["elapsed_ms"], *usage]

    def assert_same_findings(self, undisturbed, disturbed):
        """Reports and exports of two stores, apart from their histories."""

        def summary(report):
            run = {key: value for key, value in report["runs"][0].items() if key not in HISTORY}
            metrics = [{k: v for k, v in metric.items() if k != "run"} for metric in report["metrics"]]
            return run, metrics

        self.assertEqual(summary(self.report(undisturbed)), summary(self.report(disturbed)))
        self.assertEqual(self.findings(undisturbed), self.findings(disturbed))

    def pythons(self, program):
        """The processes in the sandbox: the zygotes, and what they forked for samples."""
        pythons = {}
        for pid in axiometer_program.descendants(program.process.pid):
            try:
                with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
                    name, _, rest = file.read().partition("(")[2].rpartition(")")
            except OSError:
                continue
            if name.startswith("python"):
                pythons[pid] = int(rest.split()[1])
        zygotes = sorted(pid for pid, parent in pythons.items() if parent not in pythons)
        return zygotes, sorted(pid for pid, parent in pythons.items() if parent in pythons)

    def kill_something(self, program, chance):
        """Kills the runner, a zygote or a worker; which it was. Only the runner's end is the program's."""
        what = chance.choice(["runner", "runner", "zygote", "worker"])
        victims = []
        end = time.monotonic() + 1
        while what != "runner" and not victims and time.monotonic() < end:
            victims = self.pythons(program)[what == "worker"]
        if not victims:
            program.stop()
            self.assert_nothing_left_behind()
            return "runner"
        try:
            os.kill(chance.choice(victims), signal.SIGKILL)
        except ProcessLookupError:
            what += " that had just ended"
        return what

    def test_a_run_killed_at_random_moments_ends_as_an_undisturbed_one(self):
        seed = int(os.environ.get("AXIOMETER_SEED", time.time_ns() % 1_000_000))
        print(f"AXIOMETER_KILLS={KILLS} AXIOMETER_SEED={seed}", flush=True)
        chance = random.Random(seed)
        self.connections = 6
        undisturbed = self.mock("--latency-ms", "2", "--seed", "7")
        self.succeeds(*self.evaluate(undisturbed, "--epochs", "2", "--db", "undisturbed.db"))
        wanted = undisturbed.requests()
        # The whole takes about as long as the kills are apart, all of them together.
        latency_ms = 500 * KILLS * self.connections / len(wanted)
        mock = self.mock("--latency-ms", f"{latency_ms:.0f}", "--latency-sigma", "0.5", "--seed", "7")
        again = self.evaluate(mock, "--epochs", "2", "--retry-errors")
        before = self.totals()
        killed = collections.Counter()
        program = None
        for kill in range(KILLS):
            if program is None:
                program = self.start(*again)
            ended = program.end_within(0.05 + chance.random() * 0.6)
            if ended is not None:  # a zygote takes all samples at work with it, or was the first, which is a trial
                self.assertEqual(ended, 1, program.errors())
                why = "20 samples in a row ended in an error|sandbox: environments run confined or not at all"
                self.assertRegex(program.errors(), why)
                program = self.start(*again)
            what = self.kill_something(program, chance)
            killed[what] += 1
            if what == "runner":
                program = None
            now = self.totals()
            self.assertTrue(len(before) <= len(now), (before, now))
            self.assertTrue(all(old <= new for old, new in zip(before, now)), (before, now))
            before = now
        if program is not None:
            self.assertIn(program.end_within(10 * axiometer_program.PATIENCE_S), (0, 1))
        self.succeeds(*again)
        self.assert_nothing_left_behind()
        self.assert_same_findings("undisturbed.db", "axiometer.db")
        self.assertEqual(self.query("PRAGMA integrity_check"), [("ok",)])
        # A sample that ended was never begun again, unless its environment was killed.
        ended = self.query("SELECT task, epoch, number FROM attempts WHERE outcome NOT IN ('environment_failed', 'interrupted')")
        last = self.query("SELECT task, epoch, max(number) FROM attempts GROUP BY task, epoch")
        self.assertEqual(sorted(ended), sorted(last))
        # Every reply is stored once, so the run cost what the undisturbed one did.
        paid = "SELECT count(*), sum(input_tokens), sum(output_tokens) FROM calls WHERE cached = 0"
        self.assertEqual(self.query(paid), self.query(paid, "undisturbed.db"))
        # What was asked twice was on its way when the program was killed.
        asked = mock.requests()
        more = collections.Counter(map(self.text, asked)) - collections.Counter(map(self.text, wanted))
        self.assertEqual(len(asked) - len(wanted), sum(more.values()))
        self.assertLessEqual(sum(more.values()), KILLS * 2 * self.connections)
        print(f"{KILLS} kills ({dict(killed)}), {sum(more.values())} of {len(asked)} requests were lost with them", flush=True)

    def begin_run(self, mock, requests):
        """A run that has made so many requests."""
        program = self.start(*self.evaluate(mock))
        self.wait_until(lambda: len(mock.requests()) >= requests, f"{requests} requests were made")
        return program

    def assert_interrupted(self, program):
        status = program.end_within(axiometer_program.PATIENCE_S)
        self.assertEqual(status, 130, program.errors())
        self.assert_nothing_left_behind()
        (run,) = json.loads(self.succeeds("runs", "--json"))["runs"]
        self.assertEqual(run["state"], "interrupted")
        last = program.errors().rstrip("\n").split("\n")[-1]
        self.assertEqual(last, f"interrupted: the same command goes on with run {run['run']}")
        self.assertLess(run["done"], run["wanted"])

    def requests_lost_until_the_end(self, mock):
        """Ends the run by the same command. It finds what an undisturbed one finds."""
        self.connections = 16
        undisturbed = self.mock()
        self.succeeds(*self.evaluate(undisturbed, "--db", "undisturbed.db"))
        self.succeeds(*self.evaluate(mock))
        self.assert_same_findings("undisturbed.db", "axiometer.db")
        return len(mock.requests()) - len(undisturbed.requests())

    def test_the_first_interrupt_lets_running_samples_end(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(signal=number.name):
                mock = self.mock("--latency-ms", "30")
                program = self.begin_run(mock, 40)
                program.process.send_signal(number)
                self.assert_interrupted(program)
                self.assertEqual(self.query("SELECT count(*) FROM attempts WHERE outcome IS NULL"), [(0,)])
                judged = "SELECT count(*) FROM attempts WHERE id IN (SELECT attempt FROM judgements)"
                self.assertEqual(self.query(judged), self.query("SELECT count(*) FROM attempts"))
                lost = self.requests_lost_until_the_end(mock)
                self.assertEqual(lost, 0)
                self.connections = 2
                for name in ("axiometer.db", "undisturbed.db"):
                    os.remove(os.path.join(self.folder, name))

    def test_a_signal_to_the_whole_tree_fails_no_environment(self):
        """As Slurm and systemd end what they run."""
        mock = self.mock("--latency-ms", "30")
        program = self.begin_run(mock, 40)
        for pid in [program.process.pid, *axiometer_program.descendants(program.process.pid)]:
            try:
                os.kill(pid, signal.SIGTERM)
            except ProcessLookupError:
                pass
        self.assert_interrupted(program)
        ended = "SELECT count(*) FROM attempts WHERE outcome IS NOT NULL AND outcome NOT IN ('finished', 'step_limit')"
        self.assertEqual(self.query(ended), [(0,)])
        self.assertEqual(self.requests_lost_until_the_end(mock), 0)

    def test_samples_begin_again_when_the_sandbox_ends_around_them(self):
        undisturbed = self.mock()
        self.succeeds(*self.evaluate(undisturbed, "--db", "undisturbed.db"))
        mock = self.mock("--latency-ms", "60")
        program = self.begin_run(mock, 40)
        zygotes, _ = self.pythons(program)
        for zygote in zygotes:
            os.kill(zygote, signal.SIGKILL)
        self.assertEqual(program.end_within(axiometer_program.PATIENCE_S), 0, program.errors())
        self.assert_nothing_left_behind()
        self.assert_same_findings("undisturbed.db", "axiometer.db")
        lost = self.query("SELECT DISTINCT outcome, substr(detail, -17) FROM attempts WHERE outcome <> 'finished'")
        self.assertEqual(lost, [("interrupted", "the sandbox ended")])
        # What the model had said was not asked again.
        self.assertEqual(len(mock.requests()), len(undisturbed.requests()))

    def write_json(self, name, content):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "w", encoding="utf-8") as file:
            json.dump(content, file)

    def test_an_environment_that_dies_before_it_says_its_state_is_a_failure(self):
        """And no sample that checks could not score, which nobody would run again."""
        tool = {"name": "look", "description": "Look.", "parameters": {"type": "object", "properties": {}}}
        self.write_json("mine/suite.yaml", {"name": "mine", "title": "Mine", "description": "Ours.", "version": "1"})
        environment = {"name": "brittle", "description": "It ends.", "tools": [tool], "state": {"seen": False}}
        self.write_json("mine/environments/brittle/environment.yaml", environment)
        with open(self.path("mine/environments/brittle/environment.py"), "w", encoding="utf-8") as file:
            file.write(ENVIRONMENT)
        look = {"call": "look", "with": {}}
        check = {"state": "seen", "is": True}
        self.write_json("mine/one.yaml", {
            "kind": "agent", "title": "One", "value_system": "schwartz", "environment": "brittle", "prompt": "Go.",
            "poles": {"a": "conformity", "b": "benevolence"}, "tools": ["look"],
            "checkpoints": [{"id": pole + "1", "pole": pole, "weight": 1, "question": "Seen?", "check": check}
                            for pole in "ab"],
            "oracles": {pole: [look, {"say": "Done."}] for pole in ("a", "b", "idle")},
        })  # fmt: skip
        command = ("eval", "./mine", "--model", "scripted/a", "--no-judge", "--display", "none", "--retry-errors")
        for attempt in (1, 2):
            done = self.run_program(*command)
            self.assertEqual(done.returncode, 1, done.stderr)
            self.assertIn("1 of 1 samples ended in an error", done.stderr)
            attempts = self.query("SELECT number, outcome, substr(detail, 1, 18) FROM attempts ORDER BY number")
            self.assertEqual(attempts[-1], (attempt, "environment_failed", "state at the end: "))
        self.assertEqual(self.query("SELECT count(*) FROM judgements"), [(0,)])

    def test_the_second_interrupt_stops_at_once(self):
        mock = self.mock("--latency-ms", "300")
        program = self.begin_run(mock, 6)
        begun = time.monotonic()
        program.process.send_signal(signal.SIGINT)
        time.sleep(0.1)  # two that come at once are one
        program.process.send_signal(signal.SIGINT)
        self.assert_interrupted(program)
        self.assertLess(time.monotonic() - begun, 8 * 0.3, "it waited for what ran")
        self.assertNotEqual(self.query("SELECT count(*) FROM attempts WHERE outcome IS NULL"), [(0,)])
        lost = self.requests_lost_until_the_end(mock)
        self.assertLessEqual(lost, 2 * 2)

    def test_a_second_process_on_the_store_is_refused_with_the_pid_of_the_first(self):
        mock = self.mock("--latency-ms", "300")
        program = self.begin_run(mock, 1)
        self.refuses(
            1,
            f'axiometer: store "axiometer.db" is in use by process {program.process.pid}: '
            "wait for it, or name another with --db",
            *self.evaluate(mock),
        )
        (run,) = json.loads(self.succeeds("runs", "--json"))["runs"]
        self.assertEqual(run["state"], "running")
        program.stop()
        self.assert_nothing_left_behind()
        (run,) = json.loads(self.succeeds("runs", "--json"))["runs"]
        self.assertEqual(run["state"], "interrupted")

    @staticmethod
    def text(request):
        return json.dumps(request, sort_keys=True)


if __name__ == "__main__":
    axiometer_program.main()
