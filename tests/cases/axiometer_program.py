"""The real program and a mock endpoint, driven by the cases beside this file."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

PROGRAM, MOCK = (os.path.abspath(path) for path in sys.argv[1:3]) if len(sys.argv) > 2 else ("", "")


class Mock:
    """A mock endpoint that logs what it is asked."""

    def __init__(self, folder, *options):
        self.log = os.path.join(folder, "requests.jsonl")
        command = [MOCK, "--log", self.log, *options]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.port = int(self._process.stdout.readline().split()[1])
        self.url = f"http://127.0.0.1:{self.port}/v1"

    def requests(self):
        with open(self.log, encoding="utf-8") as file:
            return [json.loads(line) for line in file]

    def stop(self):
        self._process.send_signal(signal.SIGTERM)
        self._process.communicate()


class ProgramCase(unittest.TestCase):
    """A private folder to stand in, with a database `axiometer.db` in it."""

    before = ()  # a command that starts the program

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="axiometer-case-")
        self.addCleanup(shutil.rmtree, self.folder)

    def mock(self, *options):
        mock = Mock(self.folder, *options)
        self.addCleanup(mock.stop)
        return mock

    def run_program(self, *arguments):
        environment = {key: os.environ[key] for key in os.environ if not key.startswith("AXIOMETER_")}
        environment["OPENAI_API_KEY"] = "sk-invented"
        return subprocess.run(
            [*self.before, PROGRAM, *arguments], cwd=self.folder, env=environment, capture_output=True, text=True
        )

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

    def read_json(self, path):
        with open(os.path.join(self.folder, path), encoding="utf-8") as file:
            return json.load(file)


def main():
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]])
