#!/usr/bin/env python3
"""Every example of reports/NOTEBOOKS.md, run on a real store.

notebooks_case.py AXIOMETER MOCK_ENDPOINT [unittest options]

Python's run if the Python that the variable AXIOMETER_NOTEBOOK_PYTHON names, else the one that runs this, has what they
import; tests/run makes one. R's run if Rscript is there with RSQLite (Debian: r-base-core, r-cran-rsqlite).
"""

import os
import re
import shutil
import subprocess
import sys
import unittest

import axiometer_program

PAGE = os.path.join(os.path.dirname(__file__), "..", "..", "reports", "NOTEBOOKS.md")
PYTHON = os.environ.get("AXIOMETER_NOTEBOOK_PYTHON") or sys.executable
# What duckdb would fetch from its makers is at hand as a package.
EXTENSIONS = "import duckdb_ext; print(duckdb_ext.__path__[0])"


def blocks():
    """Section, language and code of each example."""
    with open(PAGE, encoding="utf-8") as file:
        sections = re.split(r"^## ", file.read(), flags=re.MULTILINE)[1:]
    return [(section.split("\n")[0], language, code) for section in sections
            for language, code in re.findall(r"^```(\w+)\n(.*?)^```$", section, flags=re.MULTILINE | re.DOTALL)]


class Notebooks(axiometer_program.ProgramCase):
    def setUp(self):
        super().setUp()
        self.succeeds("eval", "crossroads", "--model", "scripted/a", "--judge", "scripted/perfect", "--display", "none")
        os.mkdir(self.path("logs"))
        self.succeeds("export", "latest", "--format", "inspect", "-o", "logs/run.eval")

    def output(self, *command):
        return subprocess.run(command, cwd=self.folder, env={**os.environ, "HOME": self.folder}, capture_output=True,
                              text=True, timeout=300)

    def needs(self, missing, what):
        if missing:
            self.skipTest(what)

    def printed(self, *command):
        done = self.output(*command)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout

    def of(self, section):
        found = [(language, code) for name, language, code in blocks() if name == section]
        self.assertTrue(found, section)
        return found

    def run_python(self, section, *modules):
        for module in modules:
            missing = f"import importlib.util, sys; sys.exit(importlib.util.find_spec({module!r}) is None)"
            self.needs(self.output(PYTHON, "-c", missing).returncode,
                       f"needs {module}: name a Python that has it in AXIOMETER_NOTEBOOK_PYTHON")
        return [self.printed(PYTHON, "-c", code) for language, code in self.of(section) if language == "python"]

    def means(self):
        """Mean and number of the scores of pole a, from the program's own export."""
        numbers = [line["scores"]["a"] for line in self.export()]
        return sum(numbers) / len(numbers), len(numbers)

    def test_every_example_is_of_a_section_that_is_tested(self):
        self.assertEqual(sorted({name for name, _, _ in blocks()}),
                         ["DuckDB", "Inspect AI", "Python, sqlite3 and pandas", "R, DBI and RSQLite"])

    def test_pandas(self):
        means, tools = self.run_python("Python, sqlite3 and pandas", "pandas")
        (line,) = [line for line in means.split("\n") if re.search(r"\ba\b", line)]
        mean, count = self.means()
        self.assertAlmostEqual(float(line.split()[-2]), mean, places=5)
        self.assertEqual(int(line.split()[-1]), count)
        self.assertRegex(tools, r"\nread_message +\d")

    def test_r(self):
        self.needs(not shutil.which("Rscript"), "needs R: install r-base-core and r-cran-rsqlite")
        self.needs(self.output("Rscript", "-e", "library(RSQLite)").returncode, "needs RSQLite: install r-cran-rsqlite")
        ((_, code),) = self.of("R, DBI and RSQLite")
        with open(self.path("example.R"), "w", encoding="utf-8") as file:
            file.write(code)
        mean, count = self.means()
        _, judge, shown, number = self.printed("Rscript", "example.R").split("\n")[1].split()
        self.assertEqual((judge, float(number)), ("scripted/perfect", count))
        self.assertAlmostEqual(float(shown), mean, places=5)

    def test_duckdb(self):
        found = self.output(PYTHON, "-c", EXTENSIONS)
        self.needs(found.returncode, "needs duckdb and duckdb-ext-sqlite: "
                   "name a Python that has them in AXIOMETER_NOTEBOOK_PYTHON")
        os.symlink(found.stdout.strip(), self.path(".duckdb"))  # where it would keep the extension that it fetches
        attached, bridged = self.run_python("DuckDB", "duckdb", "pandas")
        (line,) = [line for line in attached.split("\n") if "│ a " in line]
        mean, count = self.means()
        cells = [cell.strip() for cell in line.split("│")]
        self.assertEqual((cells[1], int(cells[4])), ("scripted/perfect", count))
        self.assertAlmostEqual(float(cells[3]), mean, places=9)
        self.assertRegex(bridged, rf"finished +│ +{count} │")

    def test_inspect(self):
        (shown,) = self.run_python("Inspect AI", "inspect_ai")
        for metric in self.metrics("report"):
            if metric["metric"] == "mean_score":
                name = "{judge} {dimension} ({value_system})".format(**metric["group"])
                self.assertIn(f"{name} {{'mean_score': {metric['value']}", shown)


if __name__ == "__main__":
    axiometer_program.main()
