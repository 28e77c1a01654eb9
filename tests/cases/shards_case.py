#!/usr/bin/env python3
"""A run cut into shards, each with a store of its own, and put together again, through the real program.

shards_case.py AXIOMETER MOCK_ENDPOINT [unittest options]
"""

import os
import shutil
import signal
import sqlite3

import axiometer_program

EVAL = ("eval", "crossroads", "--judge", "scripted/perfect", "--display", "none")
COUNTED = ("attempts", "calls", "events", "judgements", "verdicts", "verdict_counts", "scores")


class Shards(axiometer_program.ProgramCase):
    def shard(self, index, count, *options, model="scripted/a"):
        self.succeeds(*EVAL, "--model", model, "--shard", f"{index}/{count}", *options)

    def rows(self, database="axiometer.db"):
        return {table: self.query(f"SELECT count(*) FROM {table}", database) for table in COUNTED}

    def test_together_they_are_the_whole_run(self):
        self.succeeds(*EVAL, "--model", "scripted/a", "--epochs", "2", "--db", "whole.db")
        names = [f"axiometer.{index}-of-5.db" for index in range(1, 6)]
        for index in range(1, 6):
            self.shard(index, 5, "--epochs", "2")
        told = self.run_program("merge", "axiometer.db", *names)
        self.assertEqual(told.returncode, 0, told.stderr)
        self.assertIn("48 of 48 samples, 5 of 5 shards", told.stderr)
        self.assertEqual(self.findings("whole.db"), self.findings())
        self.assertEqual(self.rows("whole.db"), self.rows())
        self.assertEqual(len(self.query("SELECT DISTINCT run FROM samples")), 1)
        self.assertEqual(self.query("SELECT s.sample FROM samples s JOIN judgements j ON j.attempt = s.attempt"
                                    " WHERE j.sample <> s.sample"), [])  # fmt: skip
        before = self.query("SELECT * FROM attempts ORDER BY id")
        self.succeeds("merge", "axiometer.db", *names)  # again: nothing is copied twice
        self.assertEqual(self.query("SELECT * FROM attempts ORDER BY id"), before)
        self.assertEqual(self.rows("whole.db"), self.rows())
        # The command without --shard is the same run, and has nothing left to do.
        calls = self.rows()["calls"]
        self.succeeds(*EVAL, "--model", "scripted/a", "--epochs", "2")
        self.assertEqual(self.rows()["calls"], calls)
        self.assertEqual(len(self.query("SELECT id FROM runs")), 1)
        ((command,),) = self.query("SELECT command FROM runs")
        self.assertNotIn("--shard", command)

    def test_what_is_missing_is_counted_and_can_be_added(self):
        self.shard(1, 3)
        self.shard(3, 3)
        told = self.run_program("merge", "axiometer.db", "axiometer.1-of-3.db", "axiometer.3-of-3.db")
        self.assertIn("16 of 24 samples, 2 of 3 shards", told.stderr)
        self.assertIn("without shard 2", told.stderr)
        self.shard(2, 3)
        self.succeeds("merge", "axiometer.db", "axiometer.2-of-3.db")
        self.succeeds(*EVAL, "--model", "scripted/a", "--db", "whole.db")
        self.assertEqual(self.findings("whole.db"), self.findings())

    def test_a_shard_of_an_older_version_is_merged(self):
        self.shard(1, 2)
        self.shard(2, 2)
        connection = sqlite3.connect(self.path("axiometer.2-of-2.db"))
        connection.executescript("DROP TABLE verdict_counts; DROP TABLE state_changes; PRAGMA user_version = 2")
        connection.close()
        self.succeeds("merge", "axiometer.db", "axiometer.1-of-2.db", "axiometer.2-of-2.db")
        self.succeeds(*EVAL, "--model", "scripted/a", "--db", "whole.db")
        self.assertEqual(self.findings("whole.db"), self.findings())
        self.assertEqual(self.rows("whole.db")["verdicts"], self.rows()["verdicts"])
        counted = self.rows("axiometer.1-of-2.db")["verdict_counts"]
        self.assertNotEqual(counted, [(0,)])
        self.assertEqual(self.rows()["verdict_counts"], counted)

    def test_a_killed_shard_is_merged_as_it_is_and_again_when_it_is_done(self):
        mock = self.mock("--latency-ms", "20")
        endpoint = ("--model", "openai/subject", "--base-url", mock.url, "--judge", "openai/judge")
        command = ("eval", "crossroads", *endpoint, "--display", "none", "--shard", "1/2", "--max-connections", "4")
        running = self.start(*command)
        self.wait_until(lambda: len(mock.requests()) > 30, "some requests were answered")
        running.process.send_signal(signal.SIGKILL)
        running.process.wait()
        self.assert_nothing_left_behind()
        told = self.run_program("merge", "axiometer.db", "axiometer.1-of-2.db")
        self.assertEqual(told.returncode, 0, told.stderr)
        self.assertIn("shard 1 lacks", told.stderr)
        self.succeeds(*command)
        self.succeeds("merge", "axiometer.db", "axiometer.1-of-2.db")
        self.assertEqual(self.findings("axiometer.1-of-2.db"), self.findings())
        self.assertEqual(self.rows("axiometer.1-of-2.db"), self.rows())

    def test_bad_input_is_refused_and_changes_nothing(self):
        usage = 'give I/N with I from 1 to N, for example 3/8, or auto/N in an array of jobs'
        self.refuses(2, f"axiometer: --shard: index 9 of 8: {usage}", *EVAL, "--model", "scripted/a", "--shard", "9/8")
        self.refuses(2, "axiometer: --shard: the selection has 2 tasks, so shard 3 of 3 has none: cut it into at most 2",
                     *EVAL, "--model", "scripted/a", "--limit", "2", "--shard", "3/3")  # fmt: skip
        self.shard(1, 2)
        self.succeeds(*EVAL, "--model", "scripted/a", "--db", "whole.db")
        refused = lambda message, *stores: self.refuses(2, message, "merge", "axiometer.db", *stores, prefix=True)
        one = "axiometer.1-of-2.db"
        refused('axiometer: store "none.db" does not exist', one, "none.db")
        refused('axiometer: store "whole.db" holds run', one, "whole.db")
        refused('axiometer: store "axiometer.db" is the one that takes the shards', "axiometer.db")
        self.shard(1, 4)
        refused('axiometer: store "axiometer.1-of-4.db" is one of 4 shards, store "axiometer.1-of-2.db" one of 2',
                one, "axiometer.1-of-4.db")  # fmt: skip
        shutil.copy(self.path(one), self.path("copy.db"))
        refused('axiometer: shard 1 of 2 is in store "axiometer.1-of-2.db" and in store "copy.db"', one, "copy.db")
        self.shard(2, 2, model="scripted/b")
        done = self.run_program("merge", "axiometer.db", one, "axiometer.2-of-2.db")
        self.assertEqual(done.returncode, 2)
        self.assertIn("hold shards of different configurations, in model.name: ", done.stderr)
        with open(self.path("text.db"), "w", encoding="utf-8") as file:
            file.write("no database, but long enough to be looked at\n" * 100)
        self.assertEqual(self.run_program("merge", "axiometer.db", "text.db").returncode, 2)
        self.assertFalse(os.path.exists(self.path("axiometer.db")))
        # A store that has run the same samples itself takes no other measurement of them.
        done = self.run_program("merge", "whole.db", one)
        self.assertEqual(done.returncode, 2)
        self.assertIn("differently from", done.stderr)
        self.assertEqual(self.rows("whole.db")["attempts"], [(24,)])

    def test_a_full_disk_leaves_whole_shards_and_the_same_command_goes_on(self):
        for index in (1, 2):
            self.shard(index, 2)
        stores = [f"axiometer.{index}-of-2.db" for index in (1, 2)]
        self.succeeds("merge", "axiometer.db", stores[0])
        size = os.path.getsize(self.path()) // 1024
        self.before = ("bash", "-c", f'ulimit -f {size + 20}; exec "$@"', "bash")
        failed = self.run_program("merge", "axiometer.db", *stores)
        self.before = ()
        self.assertEqual(failed.returncode, 1, failed.stderr)
        self.assertIn("run the same command again", failed.stderr)
        ((attempts,),) = self.rows()["attempts"]
        self.assertIn(attempts, (12, 24))  # the second is committed, or nothing of it is there
        self.succeeds("merge", "axiometer.db", *stores)
        self.succeeds(*EVAL, "--model", "scripted/a", "--db", "whole.db")
        self.assertEqual(self.findings("whole.db"), self.findings())


if __name__ == "__main__":
    axiometer_program.main()
