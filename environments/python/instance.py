"""One instance: the forked child. It confines itself, loads one module, answers calls.

Talks lines of JSON on descriptor 3. First the parent sends the initial state, then one call a line;
every line carries a number that only the parent knows beforehand, every answer repeats it.
A result is carried as text inside the answer, so that it reaches the model byte for byte. The state comes with what each
call changed in it: state_changes.py.
"""

import gc
import io
import json
import marshal
import os
import random
import re
import sys
import types

import axiometer_environment
import confinement
import state_changes
import tool_schemas

CHANNEL = 3
COMPILED = 4  # where code that the zygote did not have goes; closed before that code runs
_LONGEST_REQUEST = 256 << 20
_FILE_BYTES = 16 << 20
_FILES = 256
_OPEN_FILES = 64
_to_json = json.JSONEncoder(ensure_ascii=False).encode  # json.dumps would build one for each call
_from_json = json.JSONDecoder().decode  # json.loads looks at its arguments first
_quoted = json.encoder.encode_basestring
_SURROGATES = re.compile("[\ud800-\udfff]")
_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]')


class Unusable(Exception):
    """The environment gave what is no answer; the text says what."""


def run(request, code, setting):
    """Never returns. `code`: list of [module name, path, bytecode or None]."""
    status = 1
    try:
        _confine(request, setting)
        modules = _complete(code)
        lines = _Lines()
        first = lines.next()
        if first is not None:
            _serve(lines, first, request, modules, setting)
        status = 0
    except Exception as error:
        _send({"refused": _clean(f"{type(error).__name__}: {error}")})
    finally:
        os._exit(status)


def _confine(request, setting):
    limits = request["limits"]
    confinement.die_with(setting["zygote"])
    readable = [*setting["library"], *request["readable"], "/dev/null"]
    directory = setting["directory"]
    if setting["private_directory"]:
        confinement.private_directory(directory, _FILE_BYTES, _FILES)
    os.chdir(directory)
    confinement.limit(limits["memory_bytes"], limits["cpu_seconds"], _FILE_BYTES, _OPEN_FILES)
    confinement.drop_privileges()
    confinement.not_dumpable()
    if setting["landlock"]:
        if setting["private_directory"]:
            confinement.landlock(readable, [directory])
        else:
            confinement.landlock([*readable, directory])
    confinement.install_filter(setting["filter"])


def _complete(code):
    """Compiles what is missing and hands it to the zygote, which keeps it for the next one."""
    modules = []
    for index, (name, path, compiled) in enumerate(code):
        if compiled is None:
            with open(path, "rb") as file:
                source = file.read()
            compiled = marshal.dumps(compile(source, path, "exec", dont_inherit=True))
            frame = bytes([index]) + len(compiled).to_bytes(8, "little") + compiled
            while frame:
                frame = frame[os.write(COMPILED, frame) :]
        modules.append((name, path, compiled))
    if any(compiled is None for _, _, compiled in code):
        os.close(COMPILED)
    return modules


class _Lines:
    def __init__(self):
        self._buffer = bytearray()

    def next(self):
        """The next line as an object; None when the parent has closed the channel."""
        start = 0
        while True:
            end = self._buffer.find(b"\n", start)
            if end >= 0:
                line = bytes(self._buffer[:end])
                del self._buffer[: end + 1]
                return _from_json(line.decode())
            start = len(self._buffer)
            chunk = os.read(CHANNEL, 1 << 16)
            if not chunk or start > _LONGEST_REQUEST:
                return None
            if start == 0 and chunk.find(b"\n") == len(chunk) - 1:  # nearly always: one whole line
                return _from_json(chunk.decode())
            self._buffer += chunk


def _send(answer):
    _write(_to_json(answer) + "\n")


def _write(text):
    data = text.encode()
    while data:
        data = data[os.write(CHANNEL, data) :]


def _load(name, path, compiled, setting):
    module = types.ModuleType(name)
    module.__file__ = path
    module.__package__ = name.rpartition(".")[0]
    if setting["private_directory"] and module.__package__ and not path.endswith("BaseEnv.py"):
        # One environment of Agent-ValueBench writes beside its package. Its package then appears to
        # lie in the instance's own directory, where that works and harms nobody.
        place = os.path.join(setting["directory"], module.__package__)
        module.__file__ = os.path.join(place, os.path.basename(path))
    sys.modules[name] = module
    exec(marshal.loads(compiled), module.__dict__)
    return module


def _kind(module):
    kind = getattr(module, "Environment", None)
    if kind is None:
        raise Unusable("environment.py has no class Environment")
    return kind


def _start(request, modules, setting, state):
    """The running environment as (call a tool, give the state)."""
    if request["flavour"] == "catalog":
        # Whatever an environment draws is the same in every run.
        random.seed(0)
        sys.path.append(request["directory"])
        name, path, compiled = modules[-1]
        environment = _kind(_load(name, path, compiled, setting))(state)
        return environment.call_tool, lambda: environment.state
    package = types.ModuleType("environment")
    package.__path__ = [request["directory"]]
    sys.modules["environment"] = package
    for name, path, compiled in modules:
        loaded = _load(name, path, compiled, setting)
    environment = getattr(loaded, request["name"])(parameters=state)
    inner = getattr(environment, "_inner", environment)
    return environment.call_tool, lambda: {
        name: value for name, value in vars(inner).items() if not name.startswith("_")
    }


def _tools(request, modules, setting):
    """What a catalog environment's typed methods are as tools."""
    sys.path.append(request["directory"])
    name, path, compiled = modules[-1]
    kind = _kind(_load(name, path, compiled, setting))
    return tool_schemas.describe(kind, axiometer_environment.AxiometerEnvironment)


def _serve(lines, first, request, modules, setting):
    number = first["id"]
    try:
        if request["flavour"] == "script":
            text = _run_script(first["script"], first["input"])
            _answer(number, text, setting)
            return
        if "describe" in first:
            _answer(number, _dump_result(_tools(request, modules, setting)), setting)
            return
        call, state = _start(request, modules, setting, json.loads(first["state"]))
        gc.enable()
        _send({"id": number, "ready": True})
        watch = state_changes.Watch(state, _dump_state)
        while (message := lines.next()) is not None:
            number = message["id"]
            if "call" in message:
                text = _dump_result(call(message["call"], _from_json(message["arguments"])))
                _check_depth(text, setting["depth"])
                _answer(number, text, setting)
                watch.look()  # once the answer is on its way: the model thinks meanwhile
            else:
                text = _dump_state(state())
                _check_depth(text, setting["depth"])
                _answer(number, text, setting, watch.changes())
    except Unusable as error:
        _send({"id": number, "unusable": str(error)})
    except BaseException as error:
        # Also SystemExit: nothing that the environment raises ends it without a word.
        _send({"id": number, "failed": _clean(f"{type(error).__name__}: {error}")[:2000]})


def _clean(text):
    """Half a surrogate pair cannot be written as UTF-8."""
    return _SURROGATES.sub("\ufffd", text)


def _answer(number, text, setting, changes="[]"):
    most = setting["reply_bytes"]
    if len(text) > most // 4:  # a character has at most four bytes
        size = len(text.encode("utf-8", "replace"))
        if size > most:
            raise Unusable(f"{size} bytes, at most {most} are allowed")
    answer = f'{{"id": "{number}", "result": {_quoted(text)}}}\n'
    # Both together are no longer than a result may be.
    if changes != "[]" and 4 * (len(text) + len(changes)) <= most:
        answer = f'{answer[:-2]}, "changes": {_quoted(changes)}}}\n'
    try:
        _write(answer)
    except UnicodeEncodeError:
        _write(_clean(answer))


def _check_depth(text, deepest):
    if text.count("[") + text.count("{") <= deepest:
        return
    depth = 0
    for token in _BRACKETS.finditer(text):
        character = text[token.start()]
        if character in "[{":
            depth += 1
            if depth > deepest:
                raise Unusable(f"nested deeper than {deepest} levels")
        elif character in "]}":
            depth -= 1


def _dump_result(result):
    try:
        return _to_json(result)
    except (TypeError, ValueError, RecursionError) as error:
        raise Unusable(_clean(f"JSON cannot hold it: {error}")) from None


def _dump_state(state):
    try:
        return _to_json(state)
    except (TypeError, ValueError, RecursionError):
        lost = []
        kept = _keep(state, "", lost, 64)
        kept["__not_json__"] = lost
        return _to_json(kept)


def _keep(value, place, lost, depth):
    """What of `value` JSON can hold; the places of the rest are added to `lost`."""
    if depth == 0:
        lost.append(place)
        return None
    if isinstance(value, dict):
        kept = {}
        for key, member in value.items():
            inside = f"{place}.{key}" if place else str(key)
            if not (key is None or isinstance(key, (str, int, float, bool))):
                lost.append(inside)
            elif _holds(member):
                kept[key] = _keep(member, inside, lost, depth - 1)
            else:
                lost.append(inside)
        return kept
    if isinstance(value, (list, tuple)):
        kept = []
        for index, member in enumerate(value):
            inside = f"{place}[{index}]"
            if _holds(member):
                kept.append(_keep(member, inside, lost, depth - 1))
            else:
                lost.append(inside)
        return kept
    return value


def _holds(value):
    return value is None or isinstance(value, (dict, list, tuple, str, int, float, bool))


def _run_script(script, text):
    output = io.BytesIO()
    sys.stdin = io.TextIOWrapper(io.BytesIO(text.encode()), encoding="utf-8")
    sys.stdout = io.TextIOWrapper(output, encoding="utf-8", errors="replace")
    exec(compile(script, "<script>", "exec", dont_inherit=True), {"__name__": "__main__"})
    sys.stdout.flush()
    return output.getvalue().decode("utf-8", "replace")
