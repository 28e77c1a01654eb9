"""The real program and a mock endpoint, driven by the cases beside this file."""

import ctypes
import itertools
import json
import os
import shutil
import sqlite3
import signal
import subprocess
import sys
import tempfile
import time
import unittest

PROGRAM, MOCK = (os.path.abspath(path) for path in sys.argv[1:3]) if len(sys.argv) > 2 else ("", "")


PATIENCE_S = 60  # for what should take no time, on a machine that is busy
PR_SET_CHILD_SUBREAPER = 36


class Mock:
    """A mock endpoint that logs what it is asked."""

    count = itertools.count(1)

    def __init__(self, folder, *options):
        self.log = os.path.join(folder, f"requests{next(self.count)}.jsonl")
        command = [MOCK, "--log", self.log, *options]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.port = int(self._process.stdout.readline().split()[1])
        self.url = f"http://127.0.0.1:{self.port}/v1"

    @property
    def pid(self):
        return self._process.pid

    def requests(self):
        with open(self.log, encoding="utf-8") as file:
            return [json.loads(line) for line in file if line.endswith("\n")]  # the last may be half written

    def stop(self):
        self._process.send_signal(signal.SIGTERM)
        self._process.communicate()


class Running:
    """The program at work."""

    def __init__(self, process, errors):
        self.process = process
        self._errors = errors

    def end_within(self, seconds):
        """Its exit status, or None if it is still at work."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def errors(self):
        with open(self._errors, encoding="utf-8") as file:
            return file.read()

    def stop(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


class ProgramCase(unittest.TestCase):
    """A private folder to stand in, with a database `axiometer.db` in it."""

    before = ()  # a command that starts the program

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="axiometer-case-")
        self.addCleanup(shutil.rmtree, self.folder)
        self.mocks = []
        self.variables = {"OPENAI_API_KEY": "sk-invented"}  # for the program
        # What the program leaves behind becomes a child of this process.
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)

    def mock(self, *options):
        mock = Mock(self.folder, *options)
        self.mocks.append(mock)
        self.addCleanup(mock.stop)
        return mock

    def environment(self):
        ours = ("AXIOMETER_", "OPENAI_")
        environment = {key: os.environ[key] for key in os.environ if not key.startswith(ours)}
        return {**environment, **self.variables}

    def run_program(self, *arguments):
        return subprocess.run(
            [*self.before, PROGRAM, *arguments],
            cwd=self.folder,
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=10 * PATIENCE_S,
        )

    def start(self, *arguments):
        """The program, not waited for."""
        errors = os.path.join(self.folder, "errors.txt")
        with open(errors, "w", encoding="utf-8") as file:
            process = subprocess.Popen(
                [PROGRAM, *arguments],
                cwd=self.folder,
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=file,
            )
        running = Running(process, errors)
        self.addCleanup(running.stop)
        return running

    def wait_until(self, holds, what):
        end = time.monotonic() + PATIENCE_S
        while not holds():
            self.assertLess(time.monotonic(), end, f"waited in vain until {what}")
            time.sleep(0.01)

    def assert_nothing_left_behind(self):
        """No process of a program that has ended, within a moment: the kernel kills them, not the program."""
        mocks = {mock.pid for mock in self.mocks}

        def gone():
            for pid in children(os.getpid()) - mocks:
                try:
                    os.waitpid(pid, os.WNOHANG)
                except ChildProcessError:
                    pass
            return not children(os.getpid()) - mocks

        self.wait_until(gone, "the program's children were gone")

    def succeeds(self, *arguments):
        done = self.run_program(*arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def refuses(self, status, message, *arguments, prefix=False):
        """Exit status and last line of the refusal, or how it begins; nothing is left behind."""
        before = sorted(os.listdir(self.folder))
        done = self.run_program(*arguments)
        last = done.stderr.rstrip("\n").split("\n")[-1]
        self.assertEqual((done.returncode, last[: len(message)] if prefix else last), (status, message))
        self.assertEqual(done.stdout, "")
        self.assertEqual(sorted(os.listdir(self.folder)), before)

    def assert_in_no_file(self, *secrets):
        """None of the secrets stands in any file below the case's folder."""
        for folder, _, names in os.walk(self.folder):
            for file in names:
                with open(os.path.join(folder, file), "rb") as opened:
                    content = opened.read()
                for secret in secrets:
                    self.assertNotIn(secret.encode(), content, file)

    def export(self, database="axiometer.db"):
        """The latest run's samples."""
        lines = self.succeeds("export", "latest", "--format", "jsonl", "--db", database).split("\n")
        return [json.loads(line) for line in lines[:-1]]  # a text may hold other ends of lines

    def by_sample(self, database="axiometer.db"):
        """The latest run's samples, by task and epoch."""
        return {(line["task"], line["epoch"]): line for line in self.export(database)}

    def findings(self, database="axiometer.db"):
        """What a run found, and not how it went: equal for two runs that were told the same."""
        keys = ("task", "epoch", "outcome", "completion", "scores")
        return [[line[key] for key in keys] for line in self.export(database)]

    def path(self, name="axiometer.db"):
        return os.path.join(self.folder, name)

    def query(self, sql, database="axiometer.db"):
        connection = sqlite3.connect(self.path(database))
        rows = connection.execute(sql).fetchall()
        connection.close()
        return rows

    def metrics(self, *arguments):
        """Of the report that this command prints as JSON."""
        return json.loads(self.succeeds(*arguments, "--json"))["metrics"]

    def metric(self, metrics, name, protocol="official", **group):
        (found,) = [
            metric
            for metric in metrics
            if (metric["metric"], metric["protocol"], metric["group"]) == (name, protocol, group)
        ]
        return found

    def run_python(self, *command):
        """A benchmark's own program. It leaves no compiled file in its checkout."""
        environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0"}
        done = subprocess.run(
            [sys.executable, *command], cwd=self.folder, env=environment, capture_output=True, text=True
        )
        self.assertEqual(done.returncode, 0, done.stderr)

    def read_json(self, path):
        with open(os.path.join(self.folder, path), encoding="utf-8") as file:
            return json.load(file)


def parents():
    """Of every process its parent."""
    found = {}
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as file:
                stat = file.read()
        except OSError:
            continue
        found[int(name)] = int(stat.rpartition(")")[2].split()[1])
    return found


def children(parent):
    """The processes that `parent` has started or inherited."""
    return {pid for pid, its_parent in parents().items() if its_parent == parent}


def descendants(parent):
    its_parent = parents()
    found = {parent}
    while more := {pid for pid in its_parent if its_parent[pid] in found and pid not in found}:
        found |= more
    return found - {parent}


def main():
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]])
