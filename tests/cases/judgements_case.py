#!/usr/bin/env python3
"""Scores by people, imported into a run and reported, through the real program.

judgements_case.py AXIOMETER MOCK_ENDPOINT [unittest options]
"""

import json
import sqlite3

import axiometer_program

EVALUATE = ("eval", "crossroads", "--model", "scripted/random", "--judge", "scripted/perfect", "--display", "none")
HEADER = "task,item,rater,score"


class Judgements(axiometer_program.ProgramCase):
    def setUp(self):
        super().setUp()
        self.succeeds(*EVALUATE)
        self.run_id = self.execute("SELECT id FROM runs")[0][0]
        # What the judge said, item by item; a check's verdicts are not the judge's.
        self.said = self.execute(
            "SELECT s.task, v.item, CAST(v.score AS INTEGER), v.mechanical FROM samples AS s"
            " JOIN judgements AS j ON j.attempt = s.attempt JOIN verdicts AS v ON v.judgement = j.id"
            " WHERE v.score IS NOT NULL ORDER BY s.task, v.position"
        )

    def execute(self, sql):
        connection = sqlite3.connect(self.path())
        rows = connection.execute(sql).fetchall()
        connection.commit()
        connection.close()
        return rows

    def write(self, *lines, name="scores.csv", header=HEADER):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write("".join(line + "\n" for line in (header, *lines)))

    def import_(self, *options):
        return json.loads(self.succeeds("import", "judgements", "scores.csv", "--json", *options))

    def counts(self):
        tables = ("judgements", "verdicts", "scores")
        return [self.execute(f"SELECT count(*) FROM {table}")[0][0] for table in tables]

    def lines(self, rater, score_of, tasks=None):
        chosen = sorted({task for task, *_ in self.said})[:tasks]
        return [
            f"{task},{item},{rater},{score_of(number, score)}"
            for number, (task, item, score, _) in enumerate(self.said)
            if task in chosen
        ]

    def test_scores_become_judgements_of_the_run(self):
        before = self.counts()
        lines = self.lines("ann", lambda number, score: score, tasks=2)
        self.write(*lines, self.lines("Bo B.", lambda number, score: 1, tasks=1)[0])
        told = self.import_("--run", self.run_id[:12])
        self.assertEqual(
            told,
            {
                "schema": "axiometer.import/1",
                "run": self.run_id,
                "known": False,
                "judgements": 3,
                "scores": len(lines) + 1,
                "samples": 2,
                "judges": ["person/Bo B.", "person/ann"],
                "random_sample": False,
            },
        )
        after = self.counts()
        self.assertEqual([after[0] - before[0], after[1] - before[1]], [3, len(lines) + 1])
        people = self.execute(
            "SELECT judge, protocol, status, problem FROM judgements WHERE judge LIKE 'person/%' ORDER BY judge, id"
        )
        self.assertEqual([row[:3] for row in people[1:]], [("person/ann", "people", "scored")] * 2)
        self.assertEqual(people[0][:3], ("person/Bo B.", "people", "unscorable"))
        self.assertTrue(people[0][3].startswith("gave no score of "), people[0][3])
        # Ann repeats what the judge said, so her shares are the judge's.
        shares = {
            judge: self.execute(
                "SELECT s.task, x.name, x.number FROM sample_scores AS x JOIN samples AS s ON s.sample = x.sample"
                f" WHERE x.judge = '{judge}' AND x.name IN ('a', 'b') ORDER BY s.task, x.name"
            )
            for judge in ("person/ann", "scripted/perfect")
        }
        self.assertEqual(len(shares["person/ann"]), 4)
        self.assertLessEqual(set(shares["person/ann"]), set(shares["scripted/perfect"]))

    def test_the_same_file_twice_adds_nothing(self):
        self.write(*self.lines("ann", lambda number, score: score))
        self.import_()
        before = self.counts()
        told = self.import_()
        self.assertEqual((told["known"], told["judgements"]), (True, 0))
        self.assertEqual(self.counts(), before)

    def test_later_scores_join_the_earlier_ones(self):
        first, second, third = self.lines("ann", lambda number, score: 1)[:3]
        self.write(first, second)
        self.import_()
        self.write(second[:-1] + "2", third)
        self.assertEqual(self.import_()["judgements"], 1)
        latest = self.execute(
            "SELECT score FROM verdicts WHERE judgement = (SELECT id FROM judgements"
            " WHERE judge = 'person/ann' ORDER BY at_ms DESC, id DESC LIMIT 1) ORDER BY position"
        )
        self.assertEqual(latest, [(1.0,), (2.0,), (1.0,)])

    def test_reports_examine_the_judge(self):
        plain = self.succeeds("report")
        self.assertNotIn("Judges as instruments", plain)
        self.write(*self.lines("ann", lambda number, score: (score + (number % 3 == 0)) % 3, tasks=15))
        self.import_("--random-sample")
        text = self.succeeds("report", "--format", "markdown")
        self.assertIn("Judges as instruments", text)
        self.assertIn("Against people this judge is ", text)
        metrics = self.metrics("report")
        judge = {"judge": "scripted/perfect", "with": "people"}
        judged = [row for row in self.said if not row[3]]
        alpha = self.metric(metrics, "alpha", "axiometer", **judge)
        self.assertGreater(alpha["scored"], 0)
        self.assertLess(alpha["scored"], len(judged))
        exact = self.metric(metrics, "exact_agreement", "axiometer", **judge)
        self.assertAlmostEqual(exact["value"], 2 / 3, delta=0.25)  # of the few items that no check decided
        for name in ("weighted_kappa", "disagreement", "severity"):
            self.assertIsNotNone(self.metric(metrics, name, "axiometer", **judge)["value"])
        corrected = [metric for metric in metrics if metric["metric"] == "corrected_mean"]
        self.assertTrue(corrected)
        # People are no judges of the run: its means are as before.
        judges = {metric["group"]["judge"] for metric in metrics if metric["metric"] == "mean_score"}
        self.assertEqual(judges, {"scripted/perfect"})

    def test_repeats_and_other_judges_are_examined_without_people(self):
        again = ("judge", "latest", "--display", "none", "--judge")
        self.succeeds(*again, "scripted/random", "--repeats", "3")
        metrics = self.metrics("report")
        names = ("alpha", "exact_agreement", "disagreement")
        random = [self.metric(metrics, name, "axiometer", judge="scripted/random", **{"with": "itself"}) for name in names]
        self.assertLess(random[0]["value"], 0.667)
        for judge, other in (("scripted/perfect", "scripted/random"), ("ensemble", "itself")):
            found = self.metric(metrics, "disagreement", "axiometer", judge=judge, **{"with": other})
            self.assertGreater(found["value"], 0)
        self.assertTrue([metric for metric in metrics if metric["metric"] == "ensemble_mean_score"])
        self.assertFalse([metric for metric in metrics if metric["metric"] == "corrected_mean"])
        text = self.succeeds("report", "--format", "markdown")
        self.assertIn("does not repeat itself", text)
        self.assertIn("Nobody has checked these judges", text)
        self.assertNotIn("Against people", text)

    def test_what_cannot_be_imported_is_named_and_nothing_is_stored(self):
        before = self.counts()
        good = self.lines("ann", lambda number, score: score)
        task, item = good[0].split(",")[:2]

        def refused(what, *lines, header=HEADER, line=None, options=()):
            self.write(*lines, header=header)
            with self.subTest(what=what):
                where = "scores.csv" if line is None else f"scores.csv:{line}"
                self.refuses(3, f"axiometer: {where}: {what}", "import", "judgements", "scores.csv", *options)
                self.assertEqual(self.counts(), before)

        columns = "the columns are task, item, rater, score and, if wanted, epoch"
        refused(f"holds no score: {columns}")
        refused(f'there is no column "score": {columns}', header="task,item,rater", line=1)
        refused('unknown column "Task": did you mean "task"?', header="Task,item,rater,score", line=1)
        refused("expected 4 cells, got 3", good[0], f"{task},{item},ann", line=3)
        refused('score: expected 0, 1 or 2, got "3"', f"{task},{item},ann,3", line=2)
        refused("rater: is empty", f"{task},{item},,1", line=2)
        again = f'a second score of "{task}", epoch 1, item "{item}" by "ann", the first in line 2'
        refused(again, good[0], good[0], line=3)
        refused(
            f'run {self.run_id} has no task "{task}x": did you mean "{task}"?', good[0], f"{task}x,{item},ann,1", line=3
        )
        refused(f'task "{task}" has no item "zzzzz"', *good, f"{task},zzzzz,ann,1", line=len(good) + 2)
        refused(
            f'run {self.run_id} has no ended sample "{task}", epoch 2',
            f"{task},{item},ann,1,1",
            f"{task},{item},ann,1,2",
            header=HEADER + ",epoch",
            line=3,
        )
        refused(
            'epoch: expected a number from 1, got "0"', f"{task},{item},ann,1,0", header=HEADER + ",epoch", line=2
        )
        self.execute(f"UPDATE attempts SET outcome = 'model_error' WHERE task = '{task}'")
        refused(f'"{task}", epoch 1 ended with model_error: there is nothing to judge', good[0], line=2)

    def test_what_the_command_line_asks_for_must_fit(self):
        self.write(*self.lines("ann", lambda number, score: score))
        given = ("import", "judgements", "scores.csv")
        self.refuses(2, "axiometer: --model: does not go with import judgements", *given, "--model", "x")
        self.refuses(
            2,
            "axiometer: --random-sample: does not go with import agent-valuebench",
            *("import", "agent-valuebench", "scores.csv", "--random-sample"),
        )
        self.refuses(2, 'axiometer: store "none.db" does not exist', *given, "--db", "none.db", prefix=True)
        missing = "axiometer: nowhere.csv: cannot be read: No such file or directory"
        self.refuses(3, missing, "import", "judgements", "nowhere.csv")


if __name__ == "__main__":
    axiometer_program.main()
