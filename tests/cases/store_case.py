#!/usr/bin/env python3
"""Stores that cannot be used, or no longer, through the real program.

store_case.py AXIOMETER MOCK_ENDPOINT [unittest options]
"""

import os
import shutil
import sqlite3
import subprocess

import axiometer_program

EVALUATE = ("eval", "crossroads", "--model", "scripted/a", "--judge", "scripted/perfect", "--display", "none")


class Store(axiometer_program.ProgramCase):
    def read_bytes(self, name="axiometer.db"):
        with open(self.path(name), "rb") as file:
            return file.read()

    def execute(self, sql, name="axiometer.db"):
        connection = sqlite3.connect(self.path(name))
        rows = connection.execute(sql).fetchall()
        connection.commit()
        connection.close()
        return rows

    def assert_refused_and_left_as_it_was(self, status, message, *arguments):
        before = self.read_bytes()
        self.refuses(status, f'axiometer: store "axiometer.db" {message}', *arguments)
        self.assertEqual(self.read_bytes(), before)

    def test_a_store_that_can_grow_no_further_is_sound_and_goes_on(self):
        self.succeeds(*EVALUATE, "--db", "undisturbed.db")
        for kibibytes in (16, 64, 256, 512):  # the schema itself, the first samples, later ones
            with self.subTest(kibibytes=kibibytes):
                # In units of 512 bytes, as POSIX has it.
                self.before = ("sh", "-c", f'ulimit -f {2 * kibibytes}; exec "$0" "$@"')
                done = self.run_program(*EVALUATE)
                self.before = ()
                self.assertEqual(done.returncode, 1, done.stderr)
                last = done.stderr.rstrip("\n").split("\n")[-1]
                self.assertTrue(last.startswith('axiometer: store "axiometer.db": disk I/O error'), last)
                hint = "check the disk and any bound on the size of files, then run the same command again"
                self.assertTrue(last.endswith(f": {hint}"), last)
                self.assert_nothing_left_behind()
                self.assertEqual(self.execute("PRAGMA integrity_check"), [("ok",)])
                self.succeeds(*EVALUATE)
                self.assertEqual(self.findings(), self.findings("undisturbed.db"))
                os.remove(self.path())

    def test_a_newer_store(self):
        self.succeeds(*EVALUATE)
        self.execute("PRAGMA user_version = 99")
        message = "was written by a newer axiometer (schema 99, this one knows 5): "
        message += "update axiometer, or name another with --db"
        for verb in (EVALUATE, ("report",), ("runs",)):
            self.assert_refused_and_left_as_it_was(2, message, *verb)

    def test_the_database_of_another_program(self):
        self.execute("CREATE TABLE people (name)")
        message = "is another program's database: name another with --db"
        for verb in (EVALUATE, ("report",), ("runs",)):
            self.assert_refused_and_left_as_it_was(2, message, *verb)

    def test_a_file_that_is_no_database(self):
        with open(self.path(), "w", encoding="utf-8") as file:
            file.write("Dear diary, this is a text and nothing else.\n" * 100)
        before = self.read_bytes()
        for verb in (EVALUATE, ("report",), ("runs",)):
            message = 'axiometer: store "axiometer.db": file is not a database: name another file with --db'
            self.refuses(2, message, *verb)
            self.assertEqual(self.read_bytes(), before)

    def test_places_without_a_store(self):
        self.refuses(
            1,
            'axiometer: store "none/x.db": cannot create "none/x.db.lock" (No such file or directory): '
            "name a place that can be written with --db",
            *(*EVALUATE, "--db", "none/x.db"),
        )
        self.refuses(2, 'axiometer: store "." is a folder: name a file with --db', *EVALUATE, "--db", ".")
        self.refuses(
            2,
            'axiometer: store "none.db" does not exist: "axiometer eval" makes one; name another with --db',
            *("report", "--db", "none.db"),
        )

    def test_a_store_that_can_only_be_read(self):
        self.succeeds(*EVALUATE)
        os.chmod(self.path(), 0o444)
        os.chmod(self.folder, 0o555)
        self.addCleanup(os.chmod, self.folder, 0o755)
        if os.geteuid() == 0:  # whom no mode stops
            self.before = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
            if shutil.which("setpriv") is None or subprocess.run(
                [*self.before, axiometer_program.PROGRAM, "task", "list"], capture_output=True
            ).returncode:
                self.skipTest("needs a second user who can run the program and read its data")
        before = self.read_bytes()
        lock = os.path.realpath(self.path()) + ".lock"
        message = f'axiometer: store "axiometer.db": cannot create "{lock}" (Permission denied): '
        self.refuses(1, message + "name a place that can be written with --db", *EVALUATE)
        self.succeeds("report")
        self.assertEqual(self.read_bytes(), before)


if __name__ == "__main__":
    axiometer_program.main()
