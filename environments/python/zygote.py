"""The warm interpreter inside the sandbox, from which every instance is forked.

Started as `python3 -S -P -B zygote.py SETTING`, with the control socket on descriptor 0. Runs no
foreign code: source is compiled by the confined instances, and what they compile is kept here as
bytes. Each request is one line of JSON and one socket (SCM_RIGHTS). On that socket the answer is
first a line from here with the instance's pidfd, then the instance itself, and at the very end a
line from here that says how the instance ended.

Ends when the control socket closes; the instances end with it.
"""

import fcntl
import gc
import importlib
import json
import os
import resource
import selectors
import signal
import socket
import sys
import sysconfig
import traceback

_HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, _HERE)
import axiometer_environment  # noqa: E402,F401  for the environments
import confinement  # noqa: E402
import instance  # noqa: E402

sys.path.remove(_HERE)

# Loaded once here instead of in every instance: what environments import.
_PRELOAD = (
    "__future__ _strptime ast base64 bisect calendar collections collections.abc contextlib copy "
    "csv dataclasses datetime decimal encodings.idna enum fractions functools hashlib heapq html "
    "io itertools json math numbers operator os pathlib random re secrets statistics string "
    "textwrap time typing unicodedata urllib.parse uuid zlib"
).split()
_LARGEST_CACHE = 64 << 20
_LARGEST_MODULE = 16 << 20
_LONGEST_LINE = 1 << 16
_DESCRIPTORS_FROM = 16  # above those that an instance uses


def _preload():
    for name in _PRELOAD:
        importlib.import_module(name)
    # The one package outside the standard library; found without opening the door to the others.
    places = [sysconfig.get_path("purelib"), "/usr/lib/python3/dist-packages"]
    sys.path += places
    try:
        importlib.import_module("dateutil.parser")
    except ImportError:
        pass  # the environments that need it say so when they start
    for place in places:
        sys.path.remove(place)


def _library():
    """Where an instance may still import from."""
    return sorted({sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib")})


class _Code:
    """Compiled modules as bytes, by path and by what the file looked like."""

    def __init__(self):
        self._kept = {}
        self._bytes = 0

    def find(self, path):
        """(what the file looks like, its bytecode or None)"""
        status = os.stat(path)
        look = (status.st_mtime_ns, status.st_size, status.st_ino)
        kept = self._kept.pop(path, None)
        if kept is None or kept[0] != look:
            self._bytes -= len(kept[1]) if kept else 0
            return look, None
        self._kept[path] = kept  # now the youngest
        return kept

    def keep(self, path, look, compiled):
        old = self._kept.pop(path, None)
        self._bytes += len(compiled) - (len(old[1]) if old else 0)
        self._kept[path] = (look, compiled)
        while self._bytes > _LARGEST_CACHE:
            self._bytes -= len(self._kept.pop(next(iter(self._kept)))[1])


def _modules(request):
    if request["flavour"] == "script":
        return []
    directory, name = request["directory"], request["name"]
    if request["flavour"] == "catalog":
        return [("axiometer_catalog_environment", os.path.join(directory, "environment.py"))]
    parts = ("BaseEnv", name)
    return [(f"environment.{part}", os.path.join(directory, f"{part}.py")) for part in parts]


class _Zygote:
    def __init__(self, setting):
        self._setting = setting
        self._control = socket.socket(fileno=os.dup(0))
        self._selector = selectors.DefaultSelector()
        self._code = _Code()
        self._line = b""
        self._sockets = []
        self._descriptors = resource.getrlimit(resource.RLIMIT_NOFILE)[0]

    def run(self):
        self._selector.register(self._control, selectors.EVENT_READ, self._requests)
        while True:
            for key, _ in self._selector.select():
                key.data()

    def _requests(self):
        data, descriptors, _, _ = socket.recv_fds(self._control, _LONGEST_LINE, 64)
        if not data:
            os._exit(0)
        for descriptor in descriptors:
            self._sockets.append(socket.socket(fileno=fcntl.fcntl(
                descriptor, fcntl.F_DUPFD_CLOEXEC, _DESCRIPTORS_FROM)))
            os.close(descriptor)
        *lines, self._line = (self._line + data).split(b"\n")
        for line in lines:
            channel = self._sockets.pop(0)
            try:
                self._fork(json.loads(line), channel)
            except Exception as error:
                _last_words(channel, {"refused": f"{type(error).__name__}: {error}"})

    def _fork(self, request, channel):
        found = []
        for name, path in _modules(request):
            look, compiled = self._code.find(path)
            found.append((name, path, compiled, look))
        missing = any(entry[2] is None for entry in found)
        reading, writing = os.pipe() if missing else (-1, -1)
        pid = os.fork()
        if pid == 0:
            try:
                # The channel is above both; the pipe may be anywhere below.
                if missing:
                    writing = fcntl.fcntl(writing, fcntl.F_DUPFD_CLOEXEC, _DESCRIPTORS_FROM)
                os.dup2(channel.fileno(), instance.CHANNEL, inheritable=False)
                if missing:
                    os.dup2(writing, instance.COMPILED, inheritable=False)
                os.closerange(instance.COMPILED + missing, self._descriptors)
                instance.run(request, [entry[:3] for entry in found], self._setting)
            finally:
                os._exit(1)
        pidfd = os.pidfd_open(pid)
        self._selector.register(pidfd, selectors.EVENT_READ,
                                lambda: self._reap(pid, pidfd, channel))
        if missing:
            os.close(writing)
            os.set_blocking(reading, False)
            collected = bytearray()
            self._selector.register(reading, selectors.EVENT_READ,
                                    lambda: self._collect(reading, collected, found))
        try:
            socket.send_fds(channel, [b'{"started": true}\n'], [pidfd])
        except OSError:
            pass  # the parent has lost interest; the instance ends when it finds the channel closed

    def _collect(self, reading, collected, found):
        data = os.read(reading, 1 << 20)
        collected += data
        if data and len(collected) < _LARGEST_MODULE:
            return
        self._selector.unregister(reading)
        os.close(reading)
        while len(collected) > 9:
            index, size = collected[0], int.from_bytes(collected[1:9], "little")
            compiled = bytes(collected[9 : 9 + size])
            del collected[: 9 + size]
            if len(compiled) == size and index < len(found):
                self._code.keep(found[index][1], found[index][3], compiled)

    def _reap(self, pid, pidfd, channel):
        self._selector.unregister(pidfd)
        os.close(pidfd)
        status = os.waitpid(pid, 0)[1]
        if os.WIFSIGNALED(status):
            ended = {"signal": os.WTERMSIG(status)}
        else:
            ended = {"status": os.WEXITSTATUS(status)}
        _last_words(channel, {"ended": ended})


def _last_words(channel, message):
    try:
        line = json.dumps(message).encode() + b"\n"
        channel.send(line, socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL)
    except OSError:
        pass
    channel.close()


def _unlimited_descriptors():
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    wanted = 65536 if hard == resource.RLIM_INFINITY else min(hard, 65536)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def main():
    setting = json.loads(sys.argv[1])
    os.environ.clear()
    # Only the harness ends us and ours; others may signal its whole tree. See harness/io/child.cc.
    for stop in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(stop, signal.SIG_IGN)
    _preload()
    _unlimited_descriptors()
    setting["library"] = _library()
    setting["zygote"] = os.getpid()
    setting["landlock"] = confinement.landlock_version() > 0
    setting["filter"] = confinement.build_filter(setting["private_directory"])
    confinement.not_dumpable()
    if not setting["private_directory"]:
        # No sandbox around us: Landlock is what there is, for us too.
        confinement.drop_privileges()
        readable = [*setting["library"], _HERE, *setting["readable"], setting["directory"]]
        confinement.landlock([*readable, "/dev/null"])
    os.chdir(setting["directory"])
    zygote = _Zygote(setting)
    gc.collect()
    gc.disable()
    gc.freeze()
    ready = {"ready": True, "python": sys.version.split()[0], "landlock": setting["landlock"]}
    os.write(0, json.dumps(ready).encode() + b"\n")
    os.dup2(1, 0)  # 1 is /dev/null
    os.dup2(1, 2)
    zygote.run()


if __name__ == "__main__":
    try:
        main()
    except Exception:
        traceback.print_exc(limit=0)
        os._exit(1)
