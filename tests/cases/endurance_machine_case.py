#!/usr/bin/env python3
"""Machines that let a run down, through the real program: full and slow disks, stops, too few file descriptors.

endurance_machine_case.py AXIOMETER MOCK_ENDPOINT [unittest options]

AXIOMETER_FULL_DISKS sets at how many of the writes the disk is full (6; all: every one), AXIOMETER_STOP_S how long
the program stands still (5). ENDURANCE.md has what was tried.
"""

import os
import shutil
import signal
import sqlite3
import subprocess
import time

import axiometer_program

FULL_DISKS = os.environ.get("AXIOMETER_FULL_DISKS", "6")
STOP_S = float(os.environ.get("AXIOMETER_STOP_S", "5"))
FRAIL_DISK = os.path.join(os.path.dirname(axiometer_program.MOCK), "frail_disk.so")


class Machine(axiometer_program.ProgramCase):
    def setUp(self):
        super().setUp()
        self.scripted = ("eval", "crossroads", "--model", "scripted/a", "--judge", "scripted/perfect")
        self.scripted += ("--display", "none", "--limit", "8")

    def evaluate(self, mock, *options):
        arguments = ["eval", "crossroads", "--model", "openai/subject", "--base-url", mock.url]
        return [*arguments, "--judge", "scripted/perfect", "--display", "none", *options]

    def frail_disk(self, **variables):
        """The disk that the program finds from now on; a sound one without variables."""
        self.variables = {"OPENAI_API_KEY": "sk-invented"}
        if variables:
            self.variables["LD_PRELOAD"] = FRAIL_DISK
            self.variables["ASAN_OPTIONS"] = "verify_asan_link_order=0"  # of the preset asan: its runtime comes second
            self.variables.update({f"FRAIL_DISK_{name}": str(value) for name, value in variables.items()})

    def assert_sound(self):
        connection = sqlite3.connect(self.path())
        self.assertEqual(connection.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
        connection.close()

    def remove_store(self):
        for name in os.listdir(self.folder):
            if name.startswith("axiometer.db"):
                os.remove(self.path(name))

    def test_a_disk_that_is_full_from_any_write_on(self):
        self.frail_disk(COUNT=self.path("count"))
        self.succeeds(*self.scripted, "--db", "undisturbed.db")
        with open(self.path("count"), encoding="utf-8") as file:
            writes = int(file.read())
        self.assertGreater(writes, 50)
        count = writes if FULL_DISKS == "all" else int(FULL_DISKS)
        rooms = sorted({index * (writes - 1) // max(1, count - 1) for index in range(count)})
        lost = 0
        for room in rooms:
            with self.subTest(room=room):
                self.frail_disk(ROOM=room)
                done = self.run_program(*self.scripted)
                self.frail_disk()
                self.assert_nothing_left_behind()
                # How commits are grouped differs from run to run: the last writes may not be needed.
                last = done.stderr.rstrip("\n").split("\n")[-1]
                self.assertIn(done.returncode, (0, 1), done.stderr)
                if done.returncode == 1:
                    lost += 1
                    self.assertTrue(last.startswith('axiometer: store "axiometer.db": '), last)
                    self.assertRegex(last, ": (check|make room|free).*, then run the same command again$")
                if os.path.exists(self.path()):
                    self.assert_sound()
                self.succeeds(*self.scripted)
                self.assertEqual(self.findings(), self.findings("undisturbed.db"))
                self.remove_store()
        self.assertGreater(lost, len(rooms) // 2)
        print(f"full at {len(rooms)} of {writes} writes; {lost} sessions ended by it", flush=True)

    def test_a_small_file_system(self):
        if os.geteuid() != 0 or shutil.which("unshare") is None:
            self.skipTest("needs the right to mount")
        os.makedirs(self.path("small"))
        mount = "mount -t tmpfs -o size=200k none small"
        if subprocess.run(["unshare", "-m", "sh", "-c", mount], cwd=self.folder, capture_output=True).returncode:
            self.skipTest("needs the right to mount")
        script = f'{mount} || exit 77; "$0" "$@"; status=$?; cp small/* .; exit $status'
        self.before = ("unshare", "-m", "sh", "-c", script)
        done = self.run_program(*self.scripted, "--db", "small/axiometer.db")
        self.before = ()
        self.assertEqual(done.returncode, 1, done.stderr)
        last = done.stderr.rstrip("\n").split("\n")[-1]
        self.assertIn("database or disk is full", last)
        self.assert_sound()
        self.succeeds(*self.scripted)
        self.succeeds(*self.scripted, "--db", "undisturbed.db")
        self.assertEqual(self.findings(), self.findings("undisturbed.db"))

    def test_a_slow_disk(self):
        mock = self.mock("--latency-ms", "5")
        self.succeeds(*self.evaluate(mock, "--db", "undisturbed.db", "--limit", "12"))
        asked = len(mock.requests())
        self.frail_disk(DELAY_MS=100)
        begun = time.monotonic()
        self.succeeds(*self.evaluate(mock, "--max-connections", "12", "--limit", "12"))
        seconds = time.monotonic() - begun
        self.frail_disk()
        self.assertEqual(self.findings(), self.findings("undisturbed.db"))
        self.assertEqual(len(mock.requests()), 2 * asked)
        print(f"each fsync 100 ms slower: {seconds:.1f} s", flush=True)

    def test_a_stop_throws_no_reply_away(self):
        quick = self.mock()
        self.succeeds(*self.evaluate(quick, "--db", "undisturbed.db", "--limit", "12"))
        asked = len(quick.requests())
        mock = self.mock("--latency-ms", "400")
        # All deadlines pass while the program stands still, and all replies arrive.
        program = self.start(*self.evaluate(mock, "--max-connections", "12", "--timeout", "4", "--limit", "12"))
        self.wait_until(lambda: len(mock.requests()) >= 30, "it asked")
        program.process.send_signal(signal.SIGSTOP)
        time.sleep(STOP_S)
        program.process.send_signal(signal.SIGCONT)
        self.assertEqual(program.end_within(axiometer_program.PATIENCE_S), 0, program.errors())
        self.assertEqual(self.findings(), self.findings("undisturbed.db"))
        self.assertEqual(len(mock.requests()), asked)
        connection = sqlite3.connect(self.path())
        self.assertEqual(connection.execute("SELECT max(tries) FROM calls").fetchone(), (1,))
        connection.close()

    def test_few_file_descriptors(self):
        mock = self.mock("--latency-ms", "20")
        self.succeeds(*self.evaluate(mock, "--db", "undisturbed.db", "--limit", "12"))
        for descriptors in (8, 16, 63):
            self.before = ("sh", "-c", f'ulimit -n {descriptors}; exec "$0" "$@"')
            message = f"axiometer: this process may have only {descriptors} files open at a time: "
            message += "allow at least 64, better 1024, as with ulimit -n 1024"
            self.refuses(1, message, *self.evaluate(mock))
        for descriptors in (64, 128):
            with self.subTest(descriptors=descriptors):
                self.before = ("sh", "-c", f'ulimit -n {descriptors}; exec "$0" "$@"')
                self.succeeds(*self.evaluate(mock, "--max-connections", "100", "--limit", "12"))
                self.before = ()
                self.assertEqual(self.findings(), self.findings("undisturbed.db"))
                self.remove_store()


if __name__ == "__main__":
    axiometer_program.main()
