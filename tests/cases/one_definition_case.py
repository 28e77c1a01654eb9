#!/usr/bin/env python3
"""No two headers define a type of the same name: in one namespace the linker would take either for both.

one_definition_case.py AXIOMETER MOCK_ENDPOINT [unittest options]
"""

import collections
import pathlib
import re
import unittest

import axiometer_program

ROOT = pathlib.Path(__file__).resolve().parents[2]
PARTS = ("environments", "harness", "judges", "reports", "tasks")
DEFINITION = re.compile(r"^(?:struct|class|enum class) (\w+)(?!\w|::)[^;]*$", re.MULTILINE)


class OneDefinition(unittest.TestCase):
    def test_every_type_of_a_header_has_a_name_of_its_own(self):
        places = collections.defaultdict(list)
        for part in PARTS:
            for header in sorted((ROOT / part).rglob("*.h")):
                for name in DEFINITION.findall(header.read_text(encoding="utf-8")):
                    places[name].append(str(header.relative_to(ROOT)))
        self.assertGreater(len(places), 200)
        self.assertEqual({name: found for name, found in places.items() if len(found) > 1}, {})


if __name__ == "__main__":
    axiometer_program.main()
