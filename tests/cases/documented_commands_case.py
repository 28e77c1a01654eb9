#!/usr/bin/env python3
"""Every command of the pages that tell people what to type, run as it stands there.

documented_commands_case.py AXIOMETER MOCK_ENDPOINT [unittest options]

Of a page are run all fenced blocks with the language tag `sh`, in order, by one shell per page in an empty folder, which
stops at the first command that fails. `axiometer` and `build/release/axiometer` are the program that is tested. The words
NAME and URL are a model and the address of the mock endpoint, KEY an invented key. Before a block that is not run stands
the line

    <!-- not run: REASON -->

with what it needs, and which test runs it instead.
"""

import os
import re
import subprocess
import unittest

import axiometer_program

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
# environments/ENVIRONMENTS.md, which also holds files, is followed by environments_case.py.
PAGES = ("README.md", "tasks/AUTHORING.md", "reports/READING.md")
# Pages whose examples are in other languages, or none: when a block of sh is written there, it is run too.
PAGES_WITHOUT_COMMANDS = ("environments/SANDBOX.md", "harness/model/COMPATIBILITY.md", "harness/CLUSTERS.md", "reports/NOTEBOOKS.md")
BLOCK = re.compile(r"(?:^<!-- not run: *(?P<reason>.*?) *-->\n+)?^```sh\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(page):
    """Of each block of commands its line, its code and why it is not run, or None."""
    with open(os.path.join(ROOT, page), encoding="utf-8") as file:
        text = file.read()
    return [(text.count("\n", 0, found.start("code")) + 1, found["code"], found["reason"]) for found in BLOCK.finditer(text)]


class DocumentedCommands(axiometer_program.ProgramCase):
    def follow(self, page):
        """The page's blocks as one script; returns how many were run."""
        mock = self.mock()
        os.makedirs(self.path("build/release"))
        for name in ("axiometer", "build/release/axiometer"):
            os.symlink(axiometer_program.PROGRAM, self.path(name))
        script = ["set -e"]
        run = 0
        for line, code, reason in blocks(page):
            if reason is not None:
                self.assertGreater(len(reason.split()), 3, f"{page}:{line}: say why the block is not run, and what runs it")
                continue
            for word, meaning in (("NAME", "subject"), ("URL", mock.url), ("KEY", "sk-invented")):
                code = re.sub(rf"(?<![A-Za-z_.]){word}(?![A-Za-z_])", meaning, code)
            script.append(f"echo '{page}:{line}' >&2\n{code}")
            run += 1
        with open(self.path("commands.sh"), "w", encoding="utf-8") as file:
            file.write("\n".join(script))
        environment = {**self.environment(), "PATH": self.folder + os.pathsep + os.environ["PATH"], "HOME": self.folder}
        done = subprocess.run(["sh", "commands.sh"], cwd=self.folder, env=environment, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=500)
        self.assertEqual(done.returncode, 0, done.stdout[-2000:] + done.stderr[-2000:])
        return run

    def test_the_tutorial(self):
        self.assertGreater(self.follow("tasks/AUTHORING.md"), 8)
        self.assertTrue(os.path.exists(self.path("report.html")))
        with open(self.path("choir/1.yaml"), encoding="utf-8") as file:
            self.assertIn("tag", file.read())

    def test_the_readme(self):
        self.assertGreater(self.follow("README.md"), 3)

    def test_how_to_read_a_report(self):
        self.assertEqual(self.follow("reports/READING.md"), 1)
        self.assertTrue(os.path.exists(self.path("report.html")))

    def test_pages_without_commands(self):
        for page in PAGES_WITHOUT_COMMANDS:
            with self.subTest(page):
                self.assertEqual(blocks(page), [], "list the page among PAGES, and run it")

    def test_no_command_is_hidden_in_an_indented_block(self):
        for page in PAGES:
            with self.subTest(page), open(os.path.join(ROOT, page), encoding="utf-8") as file:
                fenced = re.sub(r"^```.*?^```$", "", file.read(), flags=re.MULTILINE | re.DOTALL)
                self.assertEqual(re.findall(r"^    +\S*axiometer .*", fenced, flags=re.MULTILINE), [])


if __name__ == "__main__":
    axiometer_program.main()
