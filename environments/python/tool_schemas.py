"""The tools of an environment's class, derived from its typed methods: names, docstrings, annotations.

    def move(self, item: str, to: Literal["shelf", "cellar"], count: int = 1) -> dict:
        \"\"\"Moves items.

        item: which, by its name
        count: how many
        \"\"\"

becomes a tool `move` with the description "Moves items." and a JSON schema. Every public method is one. What a
parameter is for stands in a line `NAME: text`, `NAME (type): text` or `:param NAME: text` of the docstring, or in
Annotated[T, "text"]. Types: str, int, float, bool, None, Any, list[T], dict[str, T], Literal, T | U, Optional,
TypedDict, Annotated; arguments arrive as JSON has them, and are not converted, so that an Enum or a dataclass would
not be what its annotation says.
"""

import dataclasses
import enum
import inspect
import json
import re
import types
import typing

_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}\Z")
_LINE = re.compile(r"\s*(?::param\s+(?:\w+\s+)?)?(\w+)(?:\s*\([^)]*\))?:\s+(.*)")
_SECTION = re.compile(r"[A-Z]\w*:\s*\Z")
_PLAIN = {str: "string", int: "integer", float: "number", bool: "boolean", type(None): "null"}
_TYPES = "str, int, float, bool, None, Any, list, dict[str, …], Literal, Optional, |, TypedDict, Annotated"


class _Unknown(Exception):
    """A type without a JSON schema: its name, and what to use."""

    def __init__(self, name, mend=f"use {_TYPES}"):
        super().__init__(name)
        self.mend = mend


def describe(kind, base):
    """{"tools": […], "problems": [{"line", "what", "mend"}]} of the class `kind`, a subclass of `base`."""
    found = {"tools": [], "problems": []}
    for name, method in _methods(kind, base):
        _describe(name, method, found)
    if not found["tools"] and not found["problems"]:
        line = kind.__init__.__code__.co_firstlineno if "__init__" in vars(kind) else 1
        found["problems"].append(_problem(line, "class Environment has no public method", "each tool is one"))
    return found


def _methods(kind, base):
    """In the order of the file, those of the classes below first."""
    seen = {}
    for one in reversed(kind.__mro__[: kind.__mro__.index(base)]):
        for name, member in vars(one).items():
            if not name.startswith("_") and inspect.isfunction(member):
                seen[name] = member
    return seen.items()


def _problem(line, what, mend):
    return {"line": line, "what": what, "mend": mend}


def _describe(name, method, found):
    line = method.__code__.co_firstlineno
    problems = []
    if not _NAME.match(name):
        problems.append(_problem(line, f"not a tool's name: {name!r}",
                                 "lower case letters, digits and _, a letter first, at most 64"))
    if inspect.iscoroutinefunction(method) or inspect.isasyncgenfunction(method) or inspect.isgeneratorfunction(method):
        problems.append(_problem(line, f"{name}: async methods and generators give no result", "return it from a plain method"))
    parameters = list(inspect.signature(method).parameters.values())[1:]
    names = {parameter.name for parameter in parameters}
    description, explained = _read_docstring(inspect.getdoc(method) or "", names)
    if not description:
        problems.append(_problem(line, f"{name}: no docstring", "say in it what the tool does: the agent is told it"))
    try:
        hints = typing.get_type_hints(method, include_extras=True)
    except Exception as error:
        problems.append(_problem(line, f"{name}: its annotations cannot be read: {error}", "import what they name"))
        hints = None
    properties, required = {}, []
    for parameter in parameters:
        where = f"{name}: parameter {parameter.name}"
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD, parameter.POSITIONAL_ONLY):
            problems.append(_problem(line, f"{where}: tools are called by names", "give each parameter a name"))
            continue
        if hints is None:
            continue
        if parameter.name not in hints:
            problems.append(_problem(line, f"{where} has no annotation", f"such as {parameter.name}: str"))
            continue
        try:
            schema = _schema(hints[parameter.name])
        except _Unknown as error:
            problems.append(_problem(line, f"{where}: {error} has no JSON schema", error.mend))
            continue
        except RecursionError:
            problems.append(_problem(line, f"{where}: its type holds itself", "use dict or list without more"))
            continue
        if parameter.name in explained:
            schema["description"] = explained[parameter.name]
        if parameter.default is parameter.empty:
            required.append(parameter.name)
        elif not _is_json(parameter.default):
            problems.append(_problem(line, f"{where}: its default {parameter.default!r} is not JSON",
                                     "use None, and put the default in its place in the method"))
            continue
        elif parameter.default is not None:
            schema["default"] = parameter.default
        properties[parameter.name] = schema
    found["problems"] += problems
    if not problems:
        schema = {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
        found["tools"].append({"name": name, "description": description, "parameters": schema})


def _read_docstring(text, names):
    """The text without its lines about parameters, and what those say. `names`: of the parameters."""
    description, explained, last = [], {}, None
    for line in text.split("\n"):
        match = _LINE.match(line)
        if match and match[1] in names:
            last = match[1]
            explained[last] = match[2].strip()
        elif last and line.strip() and not _SECTION.match(line):
            explained[last] += " " + line.strip()
        else:
            last = None
            if line.strip() not in ("Args:", "Arguments:", "Parameters:"):
                description.append(line)
    return "\n".join(description).strip(), explained


def _is_json(value):
    try:
        return json.loads(json.dumps(value, allow_nan=False)) == value
    except (TypeError, ValueError):
        return False


def _schema(hint):
    if hint is typing.Any:
        return {}
    if isinstance(hint, type) and hint in _PLAIN:
        return {"type": _PLAIN[hint]}
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        raise _Unknown(hint.__name__, f"use Literal[{', '.join(repr(member.value) for member in hint)}]")
    if dataclasses.is_dataclass(hint):
        raise _Unknown(hint.__name__, "make it a TypedDict")
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Annotated:
        schema = _schema(arguments[0])
        texts = [extra for extra in arguments[1:] if isinstance(extra, str)]
        return {**schema, "description": texts[0]} if texts else schema
    if origin in (typing.Required, typing.NotRequired):
        return _schema(arguments[0])
    if hint is list or origin is list:
        return {"type": "array", "items": _schema(arguments[0])} if arguments else {"type": "array"}
    if hint is dict or (origin is dict and arguments[0] is str):
        schema = {"type": "object"}
        return {**schema, "additionalProperties": _schema(arguments[1])} if arguments else schema
    if origin is typing.Literal:
        return _literal(arguments)
    if origin in (typing.Union, types.UnionType):
        return _union([_schema(argument) for argument in arguments])
    if typing.is_typeddict(hint):
        members = typing.get_type_hints(hint, include_extras=True)
        required = [key for key in members if key in hint.__required_keys__]
        return {"type": "object", "properties": {key: _schema(inner) for key, inner in members.items()}, "required": required}
    raise _Unknown(getattr(hint, "__name__", None) or str(hint))


def _literal(values):
    kinds = {_PLAIN.get(type(value)) for value in values}
    if None in kinds:
        raise _Unknown(f"Literal{list(values)}")
    return {"type": kinds.pop(), "enum": list(values)} if len(kinds) == 1 else {"enum": list(values)}


def _union(parts):
    if all(set(part) == {"type"} and isinstance(part["type"], str) for part in parts):
        return {"type": [part["type"] for part in parts]}
    return {"anyOf": parts}
