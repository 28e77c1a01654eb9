#!/usr/bin/env python3
"""`axiometer submit slurm` on a real Slurm of this one host: an array of 8 shards, one of them put back into the queue
while it works, and the merge after them.

slurm_array.py AXIOMETER MOCK_ENDPOINT [unittest options]

Exit status 77: no Slurm here, said why.
"""

import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "cases"))

import axiometer_program  # noqa: E402

PATIENCE_S = 120


def why_not():
    if os.geteuid() != 0:
        return "starting Slurm's daemons needs root"
    for program in ("munged", "slurmctld", "slurmd", "sbatch"):
        if shutil.which(program) is None:
            return f"{program} is not installed (tests/slurm/debian-packages.txt; `tests/run --slurm` installs it)"
    try:
        if socket.gethostbyname(socket.gethostname()) != "127.0.0.1":
            return "this host's name is not 127.0.0.1, and Slurm would not stay on loopback"
    except OSError:
        return "this host's name is not known to it"
    return None


class SlurmArray(axiometer_program.ProgramCase):
    def setUp(self):
        super().setUp()
        self.variables = {"OPENAI_API_KEY": "sk-marker-that-stays-here"}
        self.cluster = tempfile.mkdtemp(prefix="axiometer-slurm-")
        os.rmdir(self.cluster)
        self.settings = {"SLURM_ONE_HOST_DIR": self.cluster, "SLURM_ONE_HOST_KILL_WAIT": "1"}
        self.addCleanup(shutil.rmtree, self.cluster, ignore_errors=True)
        self.addCleanup(self.script, "stop.sh")
        started = self.script("start.sh")
        self.assertEqual(started.returncode, 0, started.stderr)
        self.variables["SLURM_CONF"] = os.path.join(self.cluster, "slurm.conf")

    def script(self, name):
        environment = {**os.environ, **self.settings}
        return subprocess.run([os.path.join(HERE, name)], env=environment, capture_output=True, text=True, timeout=120)

    def slurm(self, *command):
        environment = {**os.environ, "SLURM_CONF": self.variables["SLURM_CONF"]}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def test_a_shard_that_is_requeued_goes_on_and_every_sample_is_there_once(self):
        mock = self.mock("--latency-ms", "400")
        subject = ("--model", "openai/subject", "--base-url", mock.url, "--judge", "openai/judge")
        command = ("eval", "crossroads", *subject, "--max-connections", "8")
        submitted = self.run_program("submit", "slurm", "-n", "8", "--folder", "jobs", "--", *command)
        self.assertEqual(submitted.returncode, 0, submitted.stderr)
        array, merge = re.findall(r"\bjob (\d+): ", submitted.stderr)

        def steps(shard):
            """Replies that the shard has stored."""
            try:
                connection = sqlite3.connect(f"file:{self.path(f'axiometer.{shard}-of-8.db')}?mode=ro", uri=True)
                ((count,),) = connection.execute("SELECT count(*) FROM calls")
                connection.close()
                return count
            except sqlite3.Error:
                return 0

        end = time.monotonic() + PATIENCE_S
        while steps(5) < 4:
            self.assertLess(time.monotonic(), end, "shard 5 never began")
            time.sleep(0.02)
        self.slurm("scontrol", "requeue", f"{array}_5")
        before = steps(5)
        while self.slurm("squeue", "-h", "-j", merge, "-t", "PENDING,RUNNING,COMPLETING"):
            self.assertLess(time.monotonic(), end, self.slurm("squeue"))
            time.sleep(0.2)
        with open(self.path("jobs/merge.log"), encoding="utf-8") as file:
            log = file.read()
        self.assertIn("24 of 24 samples, 8 of 8 shards", log)
        with open(self.path("jobs/shard-5.log"), encoding="utf-8") as file:
            log = file.read()
        self.assertEqual(log.count("shard 5 of 8"), 3, log)  # begun, begun again, done
        self.assertIn("(continued)", log)
        self.assertGreater(steps(5), before)
        # What a single process finds.
        self.succeeds(*command, "--display", "none", "--db", "whole.db")
        self.assertEqual(self.findings("whole.db"), self.findings())
        connection = sqlite3.connect(self.path())
        self.assertEqual(connection.execute("SELECT count(*), count(DISTINCT sample) FROM samples").fetchall(), [(24, 24)])
        self.assertEqual(connection.execute("SELECT max(number) FROM attempts").fetchall(), [(2,)])  # of shard 5
        connection.close()
        # No key on Slurm's disks.
        for folder, _, names in os.walk(self.cluster):
            for name in names:
                path = os.path.join(folder, name)
                if not os.path.isfile(path):
                    continue
                with open(path, "rb") as file:
                    self.assertNotIn(b"sk-marker-that-stays-here", file.read(), path)

    def test_mistakes_are_found_before_anything_is_queued(self):
        submit = ("submit", "slurm", "-n", "4")
        key = "put the line OPENAI_API_KEY=… into a file .env in this folder that only you can read"
        self.refuses(2, "axiometer: the jobs would not find the key in OPENAI_API_KEY: this environment's is not handed "
                     f"to Slurm, which stores it: {key}", *submit, "--", "eval", "crossroads", "--model", "openai/x")  # fmt: skip
        self.refuses(2, 'axiometer: unknown suite "crosroads": did you mean "crossroads"?',
                     *submit, "--", "eval", "crosroads", "--model", "scripted/a")  # fmt: skip
        self.refuses(2, "axiometer: -n: the selection of crossroads has 3 tasks: cut it into at most as many shards",
                     *submit, "--", "eval", "crossroads", "--model", "scripted/a", "--limit", "3")  # fmt: skip
        self.refuses(2, "axiometer: --shard: is given by the array: leave it out",
                     *submit, "--", "eval", "crossroads", "--model", "scripted/a", "--shard", "1/4")  # fmt: skip
        done = self.run_program(*submit, "--sbatch=--partition=none", "--", "eval", "crossroads", "--model", "scripted/a")
        self.assertEqual(done.returncode, 1)
        self.assertIn("Invalid partition", done.stderr)
        self.assertEqual(self.slurm("squeue", "-h"), "")


if __name__ == "__main__":
    reason = why_not()
    if reason is not None:
        print(f"skipped: {reason}")
        sys.exit(77)
    axiometer_program.main()
