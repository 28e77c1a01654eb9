#!/usr/bin/env python3
"""What hostile environment code comes to, by kind of sandbox and by user, seen from outside.

environment_case.py AXIOMETER MOCK_ENDPOINT [unittest options]
"""

import ctypes
import json
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "cases"))
import axiometer_program  # noqa: E402
import attacks  # noqa: E402

NOBODY = 65534
PYTHON = "/usr/bin/python3"
SECRET = "hostile-secret-Vq7Rt2Lm9"  # in files that nobody may read
KEY = "sk-hostile-key-Hw4Zc8Np5"  # in environments
WRAPPER = """
from axiometer_environment import AxiometerEnvironment


class Environment(AxiometerEnvironment):
    def attack(self, name):
        return ATTACKS[name]({**self.state["targets"], "control": False})
"""
ENVIRONMENT = {
    "name": "hostile",
    "description": "It means harm.",
    "tools": [
        {
            "name": "attack",
            "description": "Try one.",
            "parameters": {"type": "object", "properties": {"name": {"type": "string"}}},
        }
    ],
    "state": {"targets": {}},
}
SUITE = {"name": "hostile", "title": "Hostile", "description": "Attacks.", "version": "1"}


class Listeners:
    """Sockets of every kind that an instance might reach; how much reached each."""

    def __init__(self, folder, mark):
        self.heard = {}
        self._sockets = []
        self.ports = {}
        self._add("tcp", socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0))
        self._add("udp", socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0))
        self._add("unix", socket.AF_UNIX, socket.SOCK_STREAM, os.path.join(folder, "socket"))
        os.chmod(os.path.join(folder, "socket"), 0o777)
        self._add("abstract", socket.AF_UNIX, socket.SOCK_STREAM, "\0" + mark)
        try:
            self._add("tcp6", socket.AF_INET6, socket.SOCK_STREAM, ("::1", 0))
        except OSError:
            self.ports["tcp6"] = 9  # this machine has no such address: nothing to reach

    def _add(self, name, family, kind, address):
        one = socket.socket(family, kind)
        one.bind(address)
        if kind == socket.SOCK_STREAM:
            one.listen(64)
        if family in (socket.AF_INET, socket.AF_INET6):
            self.ports[name] = one.getsockname()[1]
        self.heard[name] = 0
        self._sockets.append(one)
        threading.Thread(target=self._listen, args=(name, one, kind), daemon=True).start()

    def _listen(self, name, one, kind):
        while True:
            try:
                if kind == socket.SOCK_DGRAM:
                    one.recv(64)
                else:
                    with one.accept()[0] as other:
                        other.recv(64)
            except OSError:
                return
            self.heard[name] += 1

    def close(self):
        for one in self._sockets:
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            one.close()


class World:
    """What attacks aim at: files, sockets and a process of the user under which the program runs."""

    def __init__(self, user, mode=0o755):
        self.user = user
        self.mark = "axiometer-hostile-" + os.urandom(6).hex()
        self.folder = tempfile.mkdtemp(prefix="axiometer-hostile-")
        self._write("private/secret", SECRET + "\n")
        for name in ("removable", "movable", "closed"):
            self._write(f"drop/{name}", "as it was")
        self._write("axiometer.db", "")
        os.remove(self.path("axiometer.db"))
        with open(os.path.join(HERE, "environment_code.py"), encoding="utf-8") as file:
            self.code = file.read()
        self.suite("suite", self.code + WRAPPER)
        self.suite("control", self.code)
        for parent, folders, files in os.walk(self.folder):
            for name in [*folders, *files]:
                os.chown(os.path.join(parent, name), user, user, follow_symlinks=False)
        os.chmod(self.path("drop/closed"), 0o600)
        os.chown(self.folder, user, user)
        os.chmod(self.folder, mode)
        self.listeners = Listeners(self.folder, self.mark)
        self.victims = []
        self.secret = os.open(self.path("private/secret"), os.O_RDONLY)
        self.private = os.open(self.path("private"), os.O_RDONLY | os.O_DIRECTORY)

    def path(self, name):
        return os.path.join(self.folder, name)

    def _write(self, name, text):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)

    def suite(self, folder, code):
        own = f"{folder}/environments/hostile"
        self._write(f"{folder}/suite.yaml", json.dumps(SUITE))
        self._write(f"{own}/environment.yaml", json.dumps(ENVIRONMENT))
        self._write(f"{own}/environment.py", code)
        os.symlink(self.path("private/secret"), self.path(f"{own}/leak"))

    def task(self, name, targets):
        def oracle(text):
            return [{"say": text}]

        calls = 2 if name == "answer_the_next_call_as_well" else 1
        task = {
            "kind": "agent",
            "title": name,
            "value_system": "schwartz",
            "poles": {"a": "conformity", "b": "benevolence"},
            "environment": "hostile",
            "prompt": "Go.",
            "state": {"targets": targets},
            "tools": ["attack"],
            "checkpoints": [
                {"id": "a1", "pole": "a", "weight": 1, "question": "Done?", "check": {"called": "attack"}},
                {"id": "b1", "pole": "b", "weight": 1, "question": "Said?", "check": {"said": "x"}},
            ],
            "oracles": {
                "a": [{"call": "attack", "with": {"name": name}}] * calls + [{"say": "Tried."}],
                "b": oracle("x"),
                "idle": oracle("y"),
            },
        }
        self._write(f"suite/{name.replace('_', '-')}.yaml", json.dumps(task))

    def victim(self):
        """A process of the same user, with a key in its environment; a new one if an attack ended it."""
        if not self.victims or self.victims[-1].poll() is not None:
            self.victims.append(
                subprocess.Popen(
                    ["/bin/sleep", "600"], cwd=self.path("private"), env={"API_KEY": KEY}, **as_user(self.user)
                )
            )
        return self.victims[-1]

    def targets(self, suite):
        ports = self.listeners.ports
        return {
            "secret": self.path("private/secret"),
            "own": self.path(f"{suite}/environments/hostile"),
            "store": self.path("axiometer.db"),
            "drop": self.path("drop"),
            "unix": self.path("socket"),
            "victim": self.victim().pid,
            "mark": self.mark,
            **{name: ports[name] for name in ("tcp", "tcp6", "udp")},
        }

    def left_behind(self):
        places = (f"/tmp/{self.mark}", f"/dev/shm/{self.mark}")
        return sorted(os.listdir(self.path("drop"))) + [place for place in places if os.path.exists(place)]

    def close(self):
        self.listeners.close()
        for victim in self.victims:
            victim.kill()
            victim.wait()
        os.close(self.secret)
        os.close(self.private)
        for place in (f"/tmp/{self.mark}", f"/dev/shm/{self.mark}"):
            if os.path.exists(place):
                os.remove(place)
        shutil.rmtree(self.folder)


def as_user(user):
    """For subprocess: nothing if that is who we are."""
    return {} if user == os.geteuid() else {"user": user, "group": user, "extra_groups": []}


class Hostile(unittest.TestCase):
    installed = None  # the program and its data where every user can read them

    @classmethod
    def setUpClass(cls):
        cls.installed = tempfile.mkdtemp(prefix="axiometer-installed-")
        cls.addClassCleanup(shutil.rmtree, cls.installed)
        os.chmod(cls.installed, 0o755)
        os.makedirs(os.path.join(cls.installed, "bin"))
        cls.program = shutil.copy(axiometer_program.PROGRAM, os.path.join(cls.installed, "bin", "axiometer"))
        ignored = shutil.ignore_patterns("*.cc", "*.h", "__pycache__")
        for part in ("environments", "judges", "tasks"):
            to = os.path.join(cls.installed, "share", "axiometer", part)
            shutil.copytree(os.path.join(SOURCE, part), to, ignore=ignored)
        subprocess.run(["chmod", "-R", "a+rX", cls.installed], check=True)
        ctypes.CDLL(None).prctl(axiometer_program.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)

    def world(self, user, mode=0o755):
        world = World(user, mode)
        self.addCleanup(world.close)
        return world

    def run_program(self, world, *arguments, before=()):
        environment = {key: os.environ[key] for key in ("PATH", "LANG") if key in os.environ}
        environment |= {"OPENAI_API_KEY": KEY, "HOME": world.folder, "AXIOMETER_DB": world.path("axiometer.db")}
        return subprocess.run(
            [*before, self.program, *arguments],
            cwd=world.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=axiometer_program.PATIENCE_S * 2,
            pass_fds=(world.secret, world.private),
            **as_user(world.user),
        )

    def ends(self, world):
        """By attack: outcome, detail and what the environment's code was told."""
        connection = sqlite3.connect(world.path("axiometer.db"))
        rows = connection.execute(
            "SELECT a.task, a.outcome, coalesce(a.detail, ''), e.tool_result FROM attempts AS a "
            "LEFT JOIN events AS e ON e.attempt = a.id AND e.kind = 'tool' ORDER BY a.number, e.id"
        ).fetchall()
        connection.close()
        return {task.partition("/")[2].replace("-", "_"): rest for task, *rest in rows}

    def assert_ended(self, expected, outcome, detail, result):
        if expected == attacks.TIME:
            expected = ("environment_failed", None, "attack: no answer within 500 ms; killed")
            self.assertEqual((outcome, result, detail), expected)
        elif expected == attacks.DIES:
            self.assertEqual(outcome, "environment_failed", (detail, result))
        else:
            self.assertEqual(outcome, "finished", (detail, result))
            begins = '{"error": "' if expected == attacks.REFUSED else '"bounded: '
            self.assertEqual(result[: len(begins)], begins, result)

    def attack(self, world, kind, *options, before=()):
        """All attacks at once, then those that have no end."""
        landlock = kind == "landlock"
        expected = {row.name: row.landlock_ends if landlock else row.ends for row in attacks.ENVIRONMENT_ATTACKS}
        targets = world.targets("suite")
        for name in expected:
            world.task(name, targets)
        endless = [name for name in expected if expected[name] == attacks.TIME]
        others = [name for name in expected if expected[name] != attacks.TIME]
        for names, limit_s in ((others, "30"), (endless, "0.5")):
            done = self.run_program(
                world, "eval", "./suite", "--model", "scripted/a", "--no-judge", "--display", "plain", *options,
                "--task-id", ",".join(name.replace("_", "-") for name in names), "--tool-timeout", limit_s,
                "--fail-on-error", "1000", before=before,
            )
            self.assertIn(done.returncode, (0, 1), done.stderr)
            for text in (done.stdout, done.stderr):
                self.assertNotIn(SECRET, text)
                self.assertNotIn(KEY, text)
            if landlock:
                self.assertIn("environments are confined by landlock", done.stderr)
            else:
                self.assertNotIn("environments are confined by", done.stderr)
        ends = self.ends(world)
        self.assertEqual(set(ends), set(expected))
        for name, end in ends.items():
            with self.subTest(name):
                self.assert_ended(expected[name], *end)
        self.assert_nothing_happened(world, targets)

    def assert_nothing_happened(self, world, targets):
        self.assertEqual({name for name, count in world.listeners.heard.items() if count}, set())
        self.assertEqual(world.left_behind(), ["closed", "movable", "removable"])
        self.assertEqual(os.stat(world.path("drop/closed")).st_mode & 0o777, 0o600)
        with open(world.path("suite/environments/hostile/environment.py"), encoding="utf-8") as file:
            self.assertEqual(file.read(), world.code + WRAPPER)
        self.assertEqual(world.victim().pid, targets["victim"], "the other process was ended")
        with open(f"/proc/{targets['victim']}/status", encoding="utf-8") as file:
            status = file.read()
        self.assertIn("TracerPid:\t0", status)
        for name in os.listdir(world.folder):
            if name.startswith("axiometer.db"):
                with open(world.path(name), "rb") as file:
                    data = file.read()
                self.assertNotIn(SECRET.encode(), data)
                self.assertNotIn(KEY.encode(), data)
        victims = {victim.pid for victim in world.victims}
        end = axiometer_program.time.monotonic() + axiometer_program.PATIENCE_S
        while left := axiometer_program.children(os.getpid()) - victims:
            for pid in left:
                try:
                    os.waitpid(pid, os.WNOHANG)
                except ChildProcessError:
                    pass
            self.assertLess(axiometer_program.time.monotonic(), end, "processes were left behind")
            axiometer_program.time.sleep(0.01)


class Confined(Hostile):
    """Who runs the program, and in which kind of sandbox."""

    def check(self, kind, user, mode=0o755):
        if user not in (os.geteuid(), NOBODY) or (user == NOBODY and os.geteuid() not in (0, NOBODY)):
            self.skipTest("only root can be two users")
        world = self.world(user, mode)
        tried = self.run_program(world, "task", "check", "crossroads", "--sandbox", kind)
        if "nothing here confines them" in tried.stderr:
            self.skipTest(f"this machine offers no {kind}: {tried.stderr.strip()}")
        self.attack(world, kind, "--sandbox", kind)

    def test_bubblewrap_as_root(self):
        self.check("bubblewrap", 0)

    def test_bubblewrap_as_root_in_a_closed_folder(self):
        self.check("bubblewrap", 0, 0o700)

    def test_bubblewrap_as_an_ordinary_user(self):
        self.check("bubblewrap", NOBODY if os.geteuid() == 0 else os.geteuid())

    def test_landlock_as_root(self):
        self.check("landlock", 0)

    def test_landlock_as_root_in_a_closed_folder(self):
        self.check("landlock", 0, 0o700)

    def test_landlock_as_an_ordinary_user(self):
        self.check("landlock", NOBODY if os.geteuid() == 0 else os.geteuid())


class WithoutUserNamespaces(Hostile):
    """Bubblewrap cannot work then: one gets Landlock, and is told."""

    before = (PYTHON, os.path.join(HERE, "without_user_namespaces.py"))

    def check(self, user):
        if user != os.geteuid() and os.geteuid() != 0:
            self.skipTest("only root can be two users")
        world = self.world(user)
        tried = self.run_program(world, "task", "check", "crossroads", "--sandbox", "bubblewrap", before=self.before)
        if tried.returncode == 77:
            self.skipTest("nobody can make a user namespace here: the other tests show what happens then")
        self.assertIn("run confined or not at all, and nothing here confines them (bubblewrap", tried.stderr)
        self.attack(world, "landlock", before=self.before)

    def test_as_an_ordinary_user(self):
        self.check(NOBODY if os.geteuid() == 0 else os.geteuid())

    def test_as_root_of_a_namespace_that_knows_no_other_user(self):
        self.check(0)


class Control(Hostile):
    """Without a sandbox the attacks work, and what watches from outside sees them."""

    def test_attacks_succeed_where_nothing_confines_them(self):
        user = NOBODY if os.geteuid() == 0 else os.geteuid()
        world = self.world(user)
        with open(world.path("axiometer.db"), "w", encoding="utf-8") as file:
            file.write("a store")
        os.chown(world.path("axiometer.db"), user, user)
        got = {}
        for row in attacks.ENVIRONMENT_ATTACKS:
            if row.control == attacks.NOT_TRIED:
                continue
            targets = {**world.targets("control"), "control": True}
            done = subprocess.run(
                [PYTHON, world.path("control/environments/hostile/environment.py"), row.name, json.dumps(targets)],
                cwd=world.path("drop"),
                env={"OPENAI_API_KEY": KEY},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=axiometer_program.PATIENCE_S,
                pass_fds=(world.secret, world.private),
                **as_user(user),
            )
            got[row.name] = done.stdout
            if row.control == attacks.SUCCEEDS:
                with self.subTest(row.name):
                    self.assertEqual(done.returncode, 0, done.stderr)
                    self.assertNotIn("bounded", done.stdout)
            if row.name == "end_a_process":
                world.victims[-1].wait(axiometer_program.PATIENCE_S)
        self.assertEqual({name for name, count in world.listeners.heard.items() if not count}, set())
        self.assertIn("written", world.left_behind())
        self.assertIn(f"/tmp/{world.mark}", world.left_behind())
        self.assertNotIn("removable", world.left_behind())
        self.assertEqual(os.stat(world.path("drop/closed")).st_mode & 0o777, 0o777)
        self.assertGreater(len(world.victims), 1)
        for name in (
            "read_a_file_of_the_host", "read_through_a_link_in_its_own_folder", "keys_in_an_inherited_descriptor",
            "files_below_an_inherited_folder", "read_through_another_process",
        ):  # fmt: skip
            self.assertIn(SECRET, got[name], name)
        for name in ("keys_in_its_own_environment", "keys_in_the_environment_of_a_process"):
            self.assertIn(KEY, got[name], name)


if __name__ == "__main__":
    axiometer_program.main()
