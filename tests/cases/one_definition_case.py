#!/usr/bin/env python3
"""No two headers define a type of the same name: in one namespace the linker would take either for both. And no function
that a file keeps to itself takes a call from another: files of a part are compiled together, and a text or a number
that is passed as it is wins over one that has to be converted.

one_definition_case.py AXIOMETER MOCK_ENDPOINT [unittest options]
"""

import collections
import itertools
import pathlib
import re
import unittest

import axiometer_program

ROOT = pathlib.Path(__file__).resolve().parents[2]
PARTS = ("environments", "harness", "judges", "reports", "tasks")
# The parts that a part sees the headers of.
SEES = {
    "harness/base": (), "harness/record": ("harness/base",), "harness/io": ("harness/base",),
    "tasks": ("harness/base", "harness/record"), "harness/store": ("harness/base", "harness/record", "harness/io"),
    "harness/model": ("harness/base", "harness/record", "harness/io"),
    "environments": ("harness/base", "harness/record", "harness/io"),
    "judges": ("harness/base", "harness/record", "tasks"), "harness/scaffold": ("harness/base", "harness/record", "tasks"),
    "reports": ("harness/base", "harness/record", "harness/io", "harness/store", "tasks"),
    "harness/run": PARTS, "harness/cli": PARTS,
}  # fmt: skip
HIDDEN = re.compile(r"^namespace \{\n(.*?)^\}  // namespace\n", re.MULTILINE | re.DOTALL)
FUNCTION = re.compile(r"^(?!return|using|template|else)(?:[\w:<>,&*]+ )+?[&*]?([A-Z]\w*)\(([^;{}]*?)\)(?: \{|;)", re.MULTILINE)
ALIKE = (
    (re.compile(r"(?:const )?(?:std::string_view|std::string|char\*)"), "text"),
    (re.compile(r"(?:const )?(?:u?int\d*(?:_t)?|size_t|double|float|char32_t|char|bool|long long)"), "number"),
    (re.compile(r"(?:const )?(?:std::vector|std::span)<(?:const )?(.*)>"), r"list of \1"),
)
DEFINITION = re.compile(r"^(?:struct|class|enum class) (\w+)(?!\w|::)[^;]*$", re.MULTILINE)


def parameters(text):
    """The types of the parameters, their kinds as far as one converts to another, and how many must be given."""
    types, needed, depth, begin = [], 0, 0, 0
    for end, char in enumerate(text + ","):
        depth += (char in "<(") - (char in ">)")
        if char != "," or depth:
            continue
        one, default = (" ".join(text[begin:end].split()).split(" = ") + [None])[:2]
        begin = end + 1
        if one:
            types.append(re.sub(r"\s*\b\w+$", "", one))
            needed += default is None
    kinds = []
    for kind in (one.rstrip("&") for one in types):
        for pattern, name in ALIKE:
            kind = pattern.sub(name, kind) if pattern.fullmatch(kind) else kind
        kinds.append(kind)
    return types, kinds, needed


def functions(path, hidden):
    text = path.read_text(encoding="utf-8")
    for match in FUNCTION.finditer("".join(HIDDEN.findall(text)) if hidden else text):
        yield match.group(1), parameters(match.group(2))


def takes_a_call(one, other):
    """Whether a call of the one may be one of the other. With the same types no compiler would take both."""
    (types, kinds, needed), (other_types, other_kinds, other_needed) = one, other
    common = min(len(kinds), len(other_kinds))
    return types != other_types and max(needed, other_needed) <= common and kinds[:common] == other_kinds[:common]


class OneDefinition(unittest.TestCase):
    def test_no_function_of_a_file_takes_a_call_from_another(self):
        seen, taken = 0, set()
        for part, headers in SEES.items():
            folder = ROOT / part
            sources = [path for below in (".", "stats", "viewer") for path in sorted((folder / below).glob("*.cc"))]
            places = collections.defaultdict(list)
            for path in sources:
                for name, taking in functions(path, True):
                    places[name].append((path.name, taking))
            seen += len(places)
            for other in (part, *headers):
                for header in sorted((ROOT / other).rglob("*.h")):
                    for name, taking in functions(header, False):
                        if name in places:
                            places[name].append((header.name, taking))
            for name, found in places.items():
                for (place, one), (other, another) in itertools.combinations(found, 2):
                    if place != other and takes_a_call(one, another):
                        taken.add((name, place, other))
        self.assertGreater(seen, 1000)
        self.assertEqual(taken, set())

    def test_a_call_that_another_function_would_take_is_seen(self):
        of = parameters
        self.assertTrue(takes_a_call(of("const std::string& text"), of("std::string_view text, size_t max_points = 200")))
        self.assertTrue(takes_a_call(of("int64_t ms"), of("double seconds")))
        self.assertTrue(takes_a_call(of("std::span<const double> scores"), of("const std::vector<double>& x")))
        self.assertTrue(takes_a_call(of("const char* leaning, std::string text"), of("std::string leaning, std::string text")))
        self.assertFalse(takes_a_call(of("const Json& object, const char* key"), of("std::string_view object, const char* key")))
        self.assertFalse(takes_a_call(of("std::string_view text"), of("std::string_view text, int more")))

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
