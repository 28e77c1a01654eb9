"""One foreign program in a sandbox of its own: an MCP server, the files it works on, and who looks after both.

Started as `python3 -S -P -B confined_program.py SETTING` as process 1 of the sandbox. Descriptors: 0 and 1 are what
the program reads and writes, 3 is the control channel, lines of JSON:

    host  {"files": {path: text}}   first, once: what the private directory holds when the program starts
          {"state": true}           what it holds now
          {"complaints": true}      the end of what the program wrote to its standard error
    here  {"started": true}         the program's process is there
          {"result": text}          a state, as the text of a JSON object {path: text}
          {"complaints": text}
          {"unusable": text}        there is no state: too large, too many
          {"ended": {"signal": N} | {"status": N}, "complaints": text}   the program has ended; nothing comes after
          {"refused": text}         the program was not started

A file that is no UTF-8 text appears as {"bytes": size, "sha256": digest}. Standard error is read here, so that the
program never has to wait. When the control channel closes, this process ends, and the kernel ends all others of the
sandbox.
"""

import fcntl
import hashlib
import json
import os
import selectors
import signal
import stat
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import confinement  # noqa: E402

_CONTROL = 3
_LONGEST_REQUEST = 256 << 20
_FILE_BYTES = 16 << 20
_FILES = 256
_OPEN_FILES = 256
_THREADS = 64
_KEPT_COMPLAINTS = 2000
_DEEPEST = 16


class Unusable(Exception):
    """There is no state to give; the text says why."""


def main():
    setting = json.loads(sys.argv[1])
    for stop in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(stop, signal.SIG_IGN)
    try:
        confinement.not_dumpable()
        confinement.private_directory(setting["directory"], _FILE_BYTES, _FILES)
        first = _Control().next()
        if first is None:
            os._exit(0)
        _write_files(setting["directory"], first["files"])
        complaints, write_end = os.pipe()
        pid = os.fork()
        if pid == 0:
            _become(setting, write_end)
        for descriptor in (0, 1, write_end):
            os.close(descriptor)
        confinement.drop_privileges()
    except Exception as error:
        _send({"refused": f"{type(error).__name__}: {error}"})
        os._exit(1)
    _send({"started": True})
    _Keeper(setting, pid, complaints).run()


def _write_files(directory, files):
    for path, text in files.items():
        parts = path.split("/")
        if any(part in ("", ".", "..") or "\0" in part for part in parts) or len(parts) > _DEEPEST:
            raise ValueError(f"not a path below the working directory: {path!r}")
        place = os.path.join(directory, *parts)
        os.makedirs(os.path.dirname(place), exist_ok=True)
        with open(place, "x", encoding="utf-8", newline="") as file:
            file.write(text)


def _become(setting, write_end):
    """In the child: gives up what it must not have and becomes the program."""
    try:
        confinement.die_with(os.getppid())
        os.dup2(write_end, 2)
        os.closerange(3, 64)
        os.chdir(setting["directory"])
        limits = setting["limits"]
        confinement.limit(limits["memory_bytes"], limits["cpu_seconds"], _FILE_BYTES, _OPEN_FILES, _THREADS)
        confinement.drop_privileges()
        if confinement.landlock_version() > 0:
            confinement.landlock(["/dev/null"], [setting["directory"]], setting["executable"])
        for stop in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGPIPE):
            signal.signal(stop, signal.SIG_DFL)
        confinement.install_filter(confinement.build_filter(True, program=True))
        os.execve(setting["command"][0], setting["command"], setting["variables"])
    except Exception as error:
        os.write(2, f"cannot be started: {type(error).__name__}: {error}\n".encode())
    os._exit(127)


class _Control:
    def __init__(self):
        self._buffer = bytearray()

    def next(self):
        """The next line as an object; None when the host has closed the channel."""
        while (end := self._buffer.find(b"\n")) < 0:
            if not self.fill():
                return None
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        return json.loads(line)

    def fill(self):
        chunk = os.read(_CONTROL, 1 << 16)
        self._buffer += chunk
        return bool(chunk) and len(self._buffer) <= _LONGEST_REQUEST


class _Keeper:
    """Answers for the files, keeps the end of the complaints, tells of the end."""

    def __init__(self, setting, pid, complaints):
        self._setting = setting
        self._pid = pid
        self._complaints = complaints
        self._said = b""
        self._control = _Control()
        self._selector = selectors.DefaultSelector()
        self._ended = os.pidfd_open(pid)

    def run(self):
        os.set_blocking(self._complaints, False)
        for descriptor in (_CONTROL, self._complaints, self._ended):
            self._selector.register(descriptor, selectors.EVENT_READ)
        while True:
            ready = {key.fd for key, _ in self._selector.select()}
            if self._complaints in ready and not self._listen():
                self._selector.unregister(self._complaints)
            if _CONTROL in ready:
                self._answer()
            if self._ended in ready:
                self._tell_end()

    def _listen(self):
        try:
            chunk = os.read(self._complaints, 1 << 16)
        except BlockingIOError:
            return True
        # A character has at most four bytes.
        self._said = (self._said + chunk)[-4 * _KEPT_COMPLAINTS :]
        return bool(chunk)

    def _answer(self):
        request = self._control.next()
        if request is None:
            os._exit(0)
        if "complaints" in request:
            _send({"complaints": self._complained()})
            return
        try:
            _send({"result": _state(self._setting["directory"], self._setting["reply_bytes"])})
        except Unusable as error:
            _send({"unusable": str(error)})

    def _tell_end(self):
        status = os.waitpid(self._pid, 0)[1]
        while self._listen():
            pass
        if os.WIFSIGNALED(status):
            ended = {"signal": os.WTERMSIG(status)}
        else:
            ended = {"status": os.WEXITSTATUS(status)}
        _send({"ended": ended, "complaints": self._complained()})
        os._exit(0)

    def _complained(self):
        return self._said.decode("utf-8", "replace")[-_KEPT_COMPLAINTS:].strip()


def _state(directory, most_bytes):
    """The files below `directory` as the text of a JSON object, by path, in the order of the paths."""
    found = {}
    left = most_bytes
    for path, place in sorted(_files(directory)):
        # The program is at work: what it is about to replace is passed over, nothing is waited for.
        try:
            descriptor = os.open(place, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError:
            continue
        with open(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                continue
            content = file.read(_FILE_BYTES + 1)
        try:
            found[path] = content.decode("utf-8")
            left -= len(content)
        except UnicodeDecodeError:
            found[path] = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        if left < 0:
            raise Unusable(f"its files hold more than {most_bytes} bytes of text")
    text = json.dumps(found, ensure_ascii=False)
    if len(text.encode()) > most_bytes:
        raise Unusable(f"its files hold more than {most_bytes} bytes of text")
    return text


def _files(directory):
    for folder, _, names in os.walk(directory):
        for name in names:
            place = os.path.join(folder, name)
            path = os.path.relpath(place, directory)
            yield path.encode("utf-8", "surrogateescape").decode("utf-8", "replace"), place


def _send(message):
    data = json.dumps(message, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
    try:
        while data:
            data = data[os.write(_CONTROL, data) :]
    except OSError:
        os._exit(0)


if __name__ == "__main__":
    fcntl.fcntl(_CONTROL, fcntl.F_SETFD, fcntl.FD_CLOEXEC)
    main()
