"""What each call of a tool changed in an environment's state.

The state is looked at once a call is answered, so that no call waits for it: what it holds is compared as bytes, and only if
they differ is it said where. Nothing of it runs code of the environment's beyond what giving the state does.
"""

import json
import marshal
import re

_SNAPSHOT_BYTES = 4 << 20  # a larger state is not followed
_VALUE_CHARACTERS = 1000   # of JSON; of a longer value the beginning is told
_CALL_CHANGES = 100
_ALL_CHARACTERS = 200_000  # of all changes as JSON
_DEPTH = 64
_PLAIN = re.compile(r"[\w-]+")
_to_json = json.JSONEncoder(ensure_ascii=False).encode
_ABSENT = object()
_ALL_LEFT_OUT = [{"left_out": True}]


class Watch:
    """`state`: gives the state. `dump`: what of it JSON can hold, as JSON."""

    def __init__(self, state, dump):
        self._state = state
        self._dump = dump
        self._calls = 0
        self._told = []
        self._characters = 0
        self._first = self._last = self._snapshot()

    def look(self):
        """Call after each call of a tool, and only then."""
        self._calls += 1
        if self._last is None:
            return
        now = self._snapshot()
        if now == self._last:
            return
        self._tell(_ALL_LEFT_OUT if now is None else self._between(self._last, now))
        self._last = now

    def changes(self):
        """JSON: [[0, changes from the beginning to now], [number of a call that changed something, from 1, its changes], …].

        Changes as `difference` gives them. Without the 0 if the state is not followed, or no more.
        """
        told = self._told
        if self._last is not None:
            told = [f"[0, {_to_json(self._between(self._first, self._last))}]", *told]
        return "[" + ", ".join(told) + "]"

    @staticmethod
    def _between(before, after):
        try:
            return [] if before == after else difference(_loaded(before), _loaded(after))
        except Exception:  # nested deeper than Python compares, or no memory left
            return _ALL_LEFT_OUT

    def _tell(self, changes):
        if not changes:
            return
        text = f"[{self._calls}, {_to_json(changes)}]"
        if self._characters + len(text) > _ALL_CHARACTERS:
            text = f"[{self._calls}, {_to_json(_ALL_LEFT_OUT)}]"
        self._characters += len(text)
        self._told.append(text)

    def _snapshot(self):
        """Bytes that differ if the state does; a text where the state holds what marshal cannot; None: not followed."""
        try:
            state = self._state()
            try:
                # Version 2: what is equal and in the same order has the same bytes, whoever else refers to it.
                taken = marshal.dumps(state, 2)
            except ValueError:
                taken = self._dump(state)
            return taken if len(taken) <= _SNAPSHOT_BYTES else None
        except Exception:
            return None


def _loaded(snapshot):
    return marshal.loads(snapshot) if isinstance(snapshot, bytes) else json.loads(snapshot)


def difference(before, after):
    """What has to be changed in `before` to get `after`: a list of {"path", "before", "after"}.

    "path" is like `entries[3].amount` or `rooms["east wing"]`, empty for the whole. No "before": it was added; no "after": it
    was removed. Of a value whose JSON is long, "before_start" or "after_start" has the beginning of that. At most
    _CALL_CHANGES; {"left_out": true} last says that there are more. Lists are compared from both ends, so that what was put
    in or taken out leaves the rest alone.
    """
    changes = []
    try:
        _compare("", before, after, changes, _DEPTH)
    except _Full:
        changes.append({"left_out": True})
    return changes


class _Full(Exception):
    pass


def _compare(path, before, after, changes, depth):
    if before == after:
        return
    if depth > 0 and isinstance(before, dict) and isinstance(after, dict):
        for key in [*before, *(key for key in after if key not in before)]:
            _compare(_inside(path, key), before.get(key, _ABSENT), after.get(key, _ABSENT), changes, depth - 1)
    elif depth > 0 and isinstance(before, list) and isinstance(after, list):
        _compare_lists(path, before, after, changes, depth - 1)
    else:
        if len(changes) >= _CALL_CHANGES:
            raise _Full
        change = {"path": path}
        _put(change, "before", before)
        _put(change, "after", after)
        changes.append(change)


def _compare_lists(path, before, after, changes, depth):
    shorter = min(len(before), len(after))
    start = 0
    while start < shorter and before[start] == after[start]:
        start += 1
    end = 0
    while end < shorter - start and before[-1 - end] == after[-1 - end]:
        end += 1
    old = before[start : len(before) - end]
    new = after[start : len(after) - end]
    for index in range(max(len(old), len(new))):
        _compare(
            f"{path}[{start + index}]",
            old[index] if index < len(old) else _ABSENT,
            new[index] if index < len(new) else _ABSENT,
            changes,
            depth,
        )


def _inside(path, key):
    name = str(key)
    if not _PLAIN.fullmatch(name):
        return f"{path}[{_to_json(name)}]"
    return f"{path}.{name}" if path else name


def _put(change, name, value):
    if value is _ABSENT:
        return
    text = _as_json(value)
    if len(text) > _VALUE_CHARACTERS:
        change[name + "_start"] = text[:_VALUE_CHARACTERS]
    else:
        change[name] = json.loads(text)


def _as_json(value):
    try:
        return _to_json(value)
    except (TypeError, ValueError, RecursionError):
        return _to_json(repr(value))
