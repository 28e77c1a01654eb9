#!/usr/bin/env python3
"""The schemas of tools, derived from annotations and docstrings (environments/python/tool_schemas.py).

tool_schemas_test.py [unittest options]
"""

import dataclasses
import enum
import os
import sys
import typing
import unittest
from typing import Annotated, Any, List, Literal, NotRequired, Optional, TypedDict, Union

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "environments", "python"))
sys.dont_write_bytecode = True
import tool_schemas  # noqa: E402


class Base:
    def helper_of_the_base(self, anything):
        pass


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


@dataclasses.dataclass
class Place:
    shelf: int


class Item(TypedDict):
    name: str
    tags: list[str]
    note: NotRequired[str]


class Draft(TypedDict, total=False):
    text: str


class Tree(TypedDict):
    children: "list[Tree]"


def tool(*methods):
    """What is derived from a class with these methods."""
    return tool_schemas.describe(type("Environment", (Base,), {method.__name__: method for method in methods}), Base)


def of(annotation, **default):
    """The schema of one parameter."""

    def method(self, it):
        """Does it."""

    method.__annotations__["it"] = annotation
    if default:
        method.__defaults__ = (default["default"],)
    found = tool(method)
    assert found["problems"] == [], found
    return found["tools"][0]["parameters"]["properties"]["it"]


class Types(unittest.TestCase):
    def test_plain_ones(self):
        for annotation, name in [(str, "string"), (int, "integer"), (float, "number"), (bool, "boolean"), (None, "null")]:
            self.assertEqual(of(annotation), {"type": name})
        self.assertEqual(of(Any), {})

    def test_optional_and_union(self):
        self.assertEqual(of(Optional[str]), {"type": ["string", "null"]})
        self.assertEqual(of(str | None), {"type": ["string", "null"]})
        self.assertEqual(of(Union[int, str]), {"type": ["integer", "string"]})
        self.assertEqual(of(Union[int, list[str]]), {"anyOf": [{"type": "integer"}, {"type": "array", "items": {"type": "string"}}]})
        self.assertEqual(of(Optional[Literal["a"]]), {"anyOf": [{"type": "string", "enum": ["a"]}, {"type": "null"}]})

    def test_literal(self):
        self.assertEqual(of(Literal["shelf", "cellar"]), {"type": "string", "enum": ["shelf", "cellar"]})
        self.assertEqual(of(Literal[1, "one", None]), {"enum": [1, "one", None]})

    def test_containers(self):
        counts = {"type": "object", "additionalProperties": {"type": "integer"}}
        self.assertEqual(of(list[dict[str, int]]), {"type": "array", "items": counts})
        self.assertEqual(of(List[int]), {"type": "array", "items": {"type": "integer"}})
        self.assertEqual((of(list), of(dict)), ({"type": "array"}, {"type": "object"}))
        self.assertEqual(of(dict[str, Any]), {"type": "object", "additionalProperties": {}})

    def test_typed_dicts(self):
        tags = {"type": "array", "items": {"type": "string"}}
        self.assertEqual(
            of(Item),
            {
                "type": "object",
                "properties": {"name": {"type": "string"}, "tags": tags, "note": {"type": "string"}},
                "required": ["name", "tags"],
            },
        )
        self.assertEqual(of(Draft), {"type": "object", "properties": {"text": {"type": "string"}}, "required": []})

    def test_annotated(self):
        self.assertEqual(of(Annotated[int, "how many"]), {"type": "integer", "description": "how many"})
        self.assertEqual(of(Annotated[str, {"not": "a text"}]), {"type": "string"})

    def test_defaults_are_said_and_make_a_parameter_optional(self):
        def move(self, item: str, count: int = 1, to: Literal["shelf", "cellar"] = "shelf", note: Optional[str] = None):
            """Moves."""

        (found,) = tool(move)["tools"]
        self.assertEqual(
            found["parameters"],
            {
                "type": "object",
                "properties": {
                    "item": {"type": "string"},
                    "count": {"type": "integer", "default": 1},
                    "to": {"type": "string", "enum": ["shelf", "cellar"], "default": "shelf"},
                    "note": {"type": ["string", "null"]},
                },
                "required": ["item"],
                "additionalProperties": False,
            },
        )

    def test_keyword_only_parameters_are_parameters(self):
        def move(self, *, item: str):
            """Moves."""

        (found,) = tool(move)["tools"]
        self.assertEqual(found["parameters"]["required"], ["item"])


class Docstrings(unittest.TestCase):
    def read(self, text):
        def move(self, item: str, to: str = "shelf"):
            pass

        move.__doc__ = text
        (found,) = tool(move)["tools"]
        properties = found["parameters"]["properties"]
        return found["description"], properties["item"].get("description"), properties["to"].get("description")

    def test_lines_of_names(self):
        self.assertEqual(
            self.read("""Moves an item.

            Nothing is lost: it is moved back on request.

            item: which one, by its
                name
            to: where
            """),
            ("Moves an item.\n\nNothing is lost: it is moved back on request.", "which one, by its name", "where"),
        )

    def test_googles(self):
        self.assertEqual(
            self.read("""Moves an item.

            Args:
                item (str): which one,
                    by name
                to: where

            Returns:
                what is there now
            """),
            ("Moves an item.\n\n\nReturns:\n    what is there now", "which one, by name", "where"),
        )

    def test_sphinxs(self):
        self.assertEqual(
            self.read("""Moves an item.

            :param item: which one
            :param str to: where
            """),
            ("Moves an item.", "which one", "where"),
        )

    def test_a_description_in_the_annotation_yields_to_the_docstring(self):
        def move(self, item: Annotated[str, "by its number"], to: Annotated[str, "where"]):
            """Moves.

            item: by its name
            """

        properties = tool(move)["tools"][0]["parameters"]["properties"]
        self.assertEqual((properties["item"]["description"], properties["to"]["description"]), ("by its name", "where"))


class Problems(unittest.TestCase):
    def problem(self, *methods):
        found = tool(*methods)
        self.assertEqual(found["tools"], [])
        (problem,) = found["problems"]
        return problem["what"], problem["mend"]

    def of(self, annotation, *default):
        def move(self, item):
            """Moves."""

        move.__annotations__["item"] = annotation
        move.__defaults__ = default
        return self.problem(move)

    def test_parameters_without_a_name(self):
        def move(self, *items: str):
            """Moves."""

        def put(self, **items: str):
            """Puts."""

        def take(self, item: str, /):
            """Takes."""

        for method, name in ((move, "items"), (put, "items"), (take, "item")):
            self.assertEqual(
                self.problem(method),
                (f"{method.__name__}: parameter {name}: tools are called by names", "give each parameter a name"),
            )

    def test_a_parameter_without_an_annotation_is_named_with_its_line(self):
        def move(self, item: str, to):
            """Moves."""

        found = tool(move)
        self.assertEqual(
            found["problems"],
            [{"line": move.__code__.co_firstlineno, "what": "move: parameter to has no annotation", "mend": "such as to: str"}],
        )

    def test_what_json_has_not(self):
        self.assertEqual(self.of(Colour), ("move: parameter item: Colour has no JSON schema", "use Literal['red', 'blue']"))
        self.assertEqual(self.of(Place), ("move: parameter item: Place has no JSON schema", "make it a TypedDict"))
        self.assertEqual(self.of(list[Place]), ("move: parameter item: Place has no JSON schema", "make it a TypedDict"))
        for annotation, name in [(bytes, "bytes"), (set[str], "set"), (dict[int, str], "dict"), (typing.Callable, "Callable")]:
            what, mend = self.of(annotation)
            self.assertEqual(what, f"move: parameter item: {name} has no JSON schema")
            self.assertTrue(mend.startswith("use str, int, "), mend)
        self.assertEqual(self.of(Tree), ("move: parameter item: its type holds itself", "use dict or list without more"))

    def test_defaults_that_json_has_not(self):
        for default in ((1, 2), {1: 2}, float("nan"), Colour.RED):
            what, _ = self.of(Any, default)
            self.assertEqual(what, f"move: parameter item: its default {default!r} is not JSON")

    def test_annotations_that_name_nothing(self):
        def move(self, item: "Nowhere"):  # noqa: F821
            """Moves."""

        what, mend = self.problem(move)
        self.assertEqual((what, mend), ("move: its annotations cannot be read: name 'Nowhere' is not defined", "import what they name"))

    def test_no_docstring(self):
        def move(self, item: str):
            pass

        self.assertEqual(self.problem(move), ("move: no docstring", "say in it what the tool does: the agent is told it"))

    def test_names(self):
        def moveIt(self):
            """Moves."""

        self.assertEqual(self.problem(moveIt)[0], "not a tool's name: 'moveIt'")

    def test_methods_that_give_no_result(self):
        async def move(self):
            """Moves."""

        def each(self):
            """Gives one after another."""
            yield 1

        for method in (move, each):
            self.assertEqual(self.problem(method)[0], f"{method.__name__}: async methods and generators give no result")

    def test_a_class_without_tools(self):
        def _hidden(self):
            pass

        self.assertEqual(self.problem(_hidden), ("class Environment has no public method", "each tool is one"))

    def test_all_problems_come_at_once_and_sound_tools_stay(self):
        def good(self, item: str):
            """Good."""

        def bad(self, first, second: bytes):
            pass

        found = tool(good, bad)
        self.assertEqual([one["name"] for one in found["tools"]], ["good"])
        self.assertEqual(len(found["problems"]), 3)


class Methods(unittest.TestCase):
    def test_inherited_ones_are_tools_and_those_of_the_base_are_not(self):
        class Store(Base):
            def look(self):
                """Looks."""

        class Environment(Store):
            def take(self, item: str):
                """Takes."""

            def look(self, at: str):
                """Looks closer."""

        found = tool_schemas.describe(Environment, Base)
        self.assertEqual([(one["name"], one["description"]) for one in found["tools"]], [("look", "Looks closer."), ("take", "Takes.")])


if __name__ == "__main__":
    unittest.main()
