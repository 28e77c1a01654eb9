#!/usr/bin/env python3
"""The table of attacks in environments/SANDBOX.md is the one that is tested.

sandbox_page_case.py AXIOMETER MOCK_ENDPOINT [unittest options]
sandbox_page_case.py --write     writes the table into the page
"""

import os
import sys
import unittest

import attacks
import environment_code

HERE = os.path.dirname(os.path.abspath(__file__))
PAGE = os.path.join(HERE, "..", "..", "environments", "SANDBOX.md")
BEGIN, END = "<!-- attacks -->\n", "<!-- end of attacks -->\n"


def parts():
    """The page before the table, the table, and what follows."""
    with open(PAGE, encoding="utf-8") as file:
        before, _, rest = file.read().partition(BEGIN)
    table, _, after = rest.partition(END)
    return before + BEGIN, table, END + after


class SandboxPage(unittest.TestCase):
    def test_the_page_has_the_table_that_is_tested(self):
        self.assertEqual(parts()[1], attacks.table(), "run tests/hostile/sandbox_page_case.py --write")

    def test_every_attack_has_one_row(self):
        names = [row.name for row in attacks.ENVIRONMENT_ATTACKS]
        self.assertEqual(sorted(names), sorted(environment_code.ATTACKS))
        with open(os.path.join(HERE, "text_case.py"), encoding="utf-8") as file:
            tests = [line.split("(")[0].split("test_")[1] for line in file if line.startswith("    def test_")]
        self.assertEqual(sorted(row.name for row in attacks.TEXT_ATTACKS), sorted(tests))

    def test_they_are_many(self):
        self.assertGreaterEqual(len(attacks.ENVIRONMENT_ATTACKS) + len(attacks.TEXT_ATTACKS), 100)


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        head, _, tail = parts()
        with open(PAGE, "w", encoding="utf-8") as page:
            page.write(head + attacks.table() + tail)
    else:
        unittest.main(argv=[sys.argv[0], *sys.argv[3:]])
