#!/usr/bin/env python3
"""Reports as files (figures, tables, JUnit) and on terminals of several widths, through the real program.

report_files_case.py AXIOMETER MOCK_ENDPOINT [unittest options]
"""

import csv
import fcntl
import io
import json
import os
import pty
import re
import struct
import subprocess
import termios
import unicodedata
import unittest
import xml.etree.ElementTree as ElementTree

import axiometer_program

QUIET = ("--display", "none")
SVG = "{http://www.w3.org/2000/svg}"
METRIC_COLUMNS = ["value", "low", "high", "level", "method", "scored", "unscored", "reason", "bound_low", "bound_high"]


def cells(text):
    """Columns that a terminal needs for it."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text
    )


class ReportFiles(axiometer_program.ProgramCase):
    def crossroads(self, model="scripted/a", *options):
        judge = ("--judge", "scripted/perfect")
        self.succeeds("eval", "crossroads", "--model", model, *judge, *QUIET, *options)

    def nurvalues(self):
        self.succeeds("eval", "nurvalues", "--model", "scripted/gold", *QUIET)

    def figures(self, *arguments, folder="figures"):
        """Of the folder that the program fills: name to root element."""
        self.succeeds(*arguments, "--figures", folder, "-o", "report.txt")
        roots = {}
        for name in sorted(os.listdir(self.path(folder))):
            with open(self.path(os.path.join(folder, name)), encoding="utf-8") as file:
                roots[name] = ElementTree.fromstring(file.read().split("\n", 1)[1])
        return roots

    def check_figure(self, name, root):
        self.assertEqual(root.tag, SVG + "svg", name)
        title, described = root.find(SVG + "title"), root.find(SVG + "desc")
        self.assertTrue(title.text and described.text, name)
        self.assertRegex(described.text, r"\d", name)  # a denominator, or an interval's level
        shown = [element.text for element in root.iter(SVG + "text")]
        self.assertEqual([text for text in shown if not text], [], name)
        under = " ".join(element.text for element in root.findall(SVG + "text[@class='under']"))
        self.assertEqual(re.sub(r"\s", "", under), re.sub(r"\s", "", described.text), name)
        ids = [element.get("id") for element in root.iter() if element.get("id")]
        self.assertEqual(len(ids), len(set(ids)), name)
        for element in root.iter():  # nothing from elsewhere, no script, no outlines in place of text
            self.assertNotIn(element.tag, (SVG + "script", SVG + "image", SVG + "path", SVG + "use"), name)

    def test_every_figure_is_a_file_that_stands_alone(self):
        self.crossroads()
        roots = self.figures("report", "latest")
        for name in ("outcomes-of-samples", "leanings-of-samples", "profile-schwartz", "circle-schwartz",
                     "pairs-schwartz", "profile-nursing", "profile-moral-foundations"):
            self.assertIn(name + ".svg", roots)
        self.assertNotIn("circle-nursing.svg", roots)
        for name, root in roots.items():
            self.check_figure(name, root)
        # The spokes stand in the order of the circle.
        labels = [text.text for text in roots["circle-schwartz.svg"].iter(SVG + "text")]
        order = [labels.index(value) for value in
                 ("self-direction", "stimulation", "hedonism", "achievement", "power", "security", "conformity",
                  "tradition", "benevolence", "universalism")]
        self.assertEqual(order, sorted(order))
        self.succeeds("report", "latest", "--figures", "figures", "-o", "report.txt")  # over its own
        with open(self.path("figures/profile-schwartz.svg"), "w", encoding="utf-8") as file:
            file.write("<svg/>")
        done = self.run_program("report", "latest", "--figures", "figures")
        self.assertEqual(done.returncode, 1)
        self.assertIn('"figures/profile-schwartz.svg": is in the way, and no figure of an earlier report', done.stderr)

    def test_comparisons_and_answered_suites_have_figures_of_their_own(self):
        self.crossroads("scripted/a")
        self.crossroads("scripted/b")
        runs = [run["run"] for run in json.loads(self.succeeds("runs", "--json"))["runs"]]
        roots = self.figures("compare", *runs)
        self.assertIn("difference-b-a-schwartz.svg", roots)
        for name, root in roots.items():
            self.check_figure(name, root)
        self.nurvalues()
        roots = self.figures("report", "latest", folder="labels")
        self.assertTrue([name for name in roots if name.startswith("confusion-")], sorted(roots))
        self.assertTrue([name for name in roots if name.startswith("accuracy-")], sorted(roots))
        for name, root in roots.items():
            self.check_figure(name, root)

    def test_the_table_holds_the_numbers_of_the_json(self):
        self.crossroads()
        self.nurvalues()
        runs = [run["run"] for run in json.loads(self.succeeds("runs", "--json"))["runs"]]
        for arguments in (("report", *runs), ("report", runs[0])):
            metrics = self.metrics(*arguments)
            raw = self.run_program(*arguments, "--format", "csv").stdout
            rows = list(csv.DictReader(io.StringIO(raw, newline="")))
            names = sorted({name for metric in metrics for name in metric["group"]})
            self.assertEqual(list(rows[0]), ["run", "suite", "protocol", "metric",
                                             *("group_" + name for name in names), *METRIC_COLUMNS])
            self.assertEqual(len(rows), len(metrics))
            for row, metric in zip(rows, metrics):
                for key in ("run", "suite", "protocol", "metric"):
                    self.assertEqual(row[key], metric[key])
                for name in names:
                    self.assertEqual(row["group_" + name], metric["group"].get(name, ""))
                interval = metric["interval"] or {}
                numbers = {"value": metric["value"], "scored": metric["scored"], "unscored": metric["unscored"],
                           **{key: interval.get(key) for key in ("low", "high", "level")}}
                for key, number in numbers.items():
                    self.assertEqual(float(row[key]) if row[key] else None, number, (key, metric))
                self.assertEqual(row["method"], interval.get("method", ""))
        self.succeeds("report", runs[0], "-o", "table.csv")
        with open(self.path("table.csv"), newline="", encoding="utf-8") as file:
            self.assertEqual(file.read().replace("\r\n", "\n"), raw.replace("\r\n", "\n"))

    def test_pandas_reads_the_table_without_options(self):
        try:
            import pandas
        except ImportError:
            self.skipTest("this Python has no pandas")
        self.crossroads()
        self.succeeds("report", "latest", "-o", "table.csv")
        metrics = self.metrics("report", "latest")
        table = pandas.read_csv(self.path("table.csv"))
        self.assertEqual(len(table), len(metrics))
        for column in ("value", "low", "high", "level", "scored", "unscored"):
            self.assertTrue(pandas.api.types.is_numeric_dtype(table[column]), column)
        means = table[(table.metric == "mean_score") & (table.group_dimension == "care")]
        (expected,) = [m for m in metrics if m["metric"] == "mean_score" and m["group"]["dimension"] == "care"]
        self.assertEqual(means.value.tolist(), [expected["value"]])

    def check_junit(self, text):
        """By the rules that Jenkins' and Ant's schema share. Failures by test case."""
        root = ElementTree.fromstring(text)
        self.assertEqual(root.tag, "testsuites")
        totals = {"tests": 0, "failures": 0, "errors": 0}
        found = {}
        for number, suite in enumerate(root):
            self.assertEqual(suite.tag, "testsuite")
            self.assertEqual(suite.get("id"), str(number))
            for name in ("name", "package", "hostname"):
                self.assertTrue(suite.get(name))
            self.assertRegex(suite.get("timestamp"), r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$")
            self.assertGreaterEqual(float(suite.get("time")), 0)
            tags = [child.tag for child in suite]
            self.assertEqual(tags, ["properties", *["testcase"] * (len(tags) - 3), "system-out", "system-err"])
            cases = suite.findall("testcase")
            failed = 0
            for case in cases:
                self.assertTrue(case.get("name") and case.get("classname"))
                self.assertGreaterEqual(float(case.get("time")), 0)
                self.assertIn([child.tag for child in case], ([], ["failure"]))
                found[case.get("name")] = [child.text for child in case]
                for failure in case:
                    self.assertTrue(failure.get("type") and failure.get("message") and failure.text)
                failed += len(case)
            self.assertEqual((int(suite.get("tests")), int(suite.get("failures")), int(suite.get("errors"))),
                             (len(cases), failed, 0))
            for key in totals:
                totals[key] += int(suite.get(key))
        self.assertEqual({key: int(root.get(key)) for key in totals}, totals)
        return found

    def test_thresholds_decide_the_exit_status(self):
        self.crossroads()
        means = {m["group"]["dimension"]: m["value"] for m in self.metrics("report") if m["metric"] == "mean_score"}
        care = means["care"]
        met = f"mean_score[dimension=care]={care}"
        missed = f"mean_score[dimension=care]={care + 0.01:.4f}"
        absent = "mean_scores=0"
        self.assertEqual(self.run_program("report", "--fail-below", met).returncode, 0)
        done = self.run_program("report", "--fail-below", missed, "--fail-below", met)
        self.assertEqual(done.returncode, 100)
        self.assertRegex(done.stderr, r"below the threshold: .*: mean_score\[judge=.*,dimension=care\] is .* scored, "
                                      r".* unscored; (95 % interval|no interval)")
        done = self.run_program("report", "--fail-below", absent)
        self.assertEqual(done.returncode, 100)
        self.assertIn('has no such metric: did you mean "mean_score"?', done.stderr)
        self.refuses(2, 'axiometer: --fail-below: "care": the number is missing: write METRIC=NUMBER', "report",
                     "--fail-below", "care", prefix=True)

        done = self.run_program("report", "-o", "junit.xml", *("--fail-below", missed), *("--fail-below", met))
        self.assertEqual(done.returncode, 100)
        with open(self.path("junit.xml"), encoding="utf-8") as file:
            found = self.check_junit(file.read())
        self.assertEqual(found[met], [])
        self.assertIn("is " + repr(care), found[missed][0])
        (of_run,) = [name for name in found if name.endswith("failures within the budget")]
        self.assertEqual(found[of_run], [])
        self.assertEqual(self.check_junit(self.succeeds("report", "--format", "junit")), {of_run: []})

    def on_terminal(self, width, *arguments, **variables):
        """Standard output and error of the program on a terminal so wide."""
        leader, follower = pty.openpty()
        fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
        environment = {**self.environment(), "TERM": "xterm", **variables}
        process = subprocess.Popen([axiometer_program.PROGRAM, *arguments], cwd=self.folder, env=environment,
                                   stdin=subprocess.DEVNULL, stdout=follower, stderr=follower)
        os.close(follower)
        told = b""
        while True:
            try:
                read = os.read(leader, 65536)
            except OSError:  # the other end is closed
                break
            if not read:
                break
            told += read
        os.close(leader)
        self.assertEqual(process.wait(axiometer_program.PATIENCE_S), 0)
        return told.decode("utf-8").replace("\r\n", "\n")

    def test_everything_fits_the_terminal(self):
        self.crossroads("scripted/a", "--tag", "价值观测量与比较的第一次运行，标签很长，需要换行显示")
        self.nurvalues()
        self.crossroads("scripted/b")
        runs = sorted(run["run"] for run in json.loads(self.succeeds("runs", "--json"))["runs"]
                      if run["suite"] == "crossroads")
        for width in (40, 60, 80, 120):
            for arguments in (("runs",), ("report", "latest"), ("report", *runs), ("compare", *runs),
                              ("eval", "crossroads", "--model", "scripted/idle", "--judge", "scripted/perfect")):
                colours = self.on_terminal(width, *arguments)
                plain = self.on_terminal(width, *arguments, NO_COLOR="1")
                self.assertNotRegex(plain, "\x1b\\[[0-9;]*m")
                for told in (colours, plain):
                    # Sentences about the run come before what eval shows of it; terminals break those themselves.
                    shown = told[max(told.find("Axiometer report"), 0):]
                    for line in re.sub("\x1b\\[[0-9;]*[A-Za-z]", "", shown).split("\n"):
                        self.assertLessEqual(cells(line), width, line)
        # A pipe is as wide as a page, without any colour.
        for arguments in (("runs",), ("report", "latest"), ("compare", *runs)):
            for line in self.succeeds(*arguments).split("\n"):
                self.assertLessEqual(cells(line), 80, line)
                self.assertNotIn("\x1b", line)


if __name__ == "__main__":
    axiometer_program.main()
