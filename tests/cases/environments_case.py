#!/usr/bin/env python3
"""Environments that people bring: the verbs of `axiometer env`, and environments/ENVIRONMENTS.md word for word.

environments_case.py AXIOMETER MOCK_ENDPOINT [unittest options]
"""

import contextlib
import json
import os
import shutil
import sqlite3
import subprocess

import axiometer_program
import environments_page

FAKE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "fakes", "mcp_server.py")

DESK = """\
name: desk
description: A desk.
mcp:
  command: [python3, "{{FOLDER}}/server.py", MODE]
"""

TASK = """\
kind: agent
title: An echo
value_system: schwartz
poles: {a: conformity, b: benevolence}
environment: desk
prompt: Please say it again.
checkpoints:
  - {id: a1, pole: a, question: "Is it said?", check: {called: echo, with: {text: a}}}
  - {id: b1, pole: b, question: "Is it said?", check: {called: echo, with: {text: b}}}
oracles:
  a: [{call: echo, with: {text: a}}, {say: Said.}]
  b: [{call: echo, with: {text: b}}, {say: Said.}]
  idle: [{say: Nothing.}]
"""

TYPED = """\
from axiometer_environment import AxiometerEnvironment


class Environment(AxiometerEnvironment):
    def count(self, item):
        \"\"\"Counts.\"\"\"
        return 1

    def weigh(self, item: set) -> int:
        \"\"\"Weighs.\"\"\"

    def look(self):
        return self.state
"""


class Environments(axiometer_program.ProgramCase):
    def write(self, name, text):
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)

    def desk(self, mode):
        self.write("mine/environments/desk/environment.yaml", DESK.replace("MODE", mode))
        shutil.copy(FAKE, self.path("mine/environments/desk/server.py"))
        self.write("mine/suite.yaml", "name: mine\ntitle: Mine\ndescription: One task.\nversion: '1'\n")
        self.write("mine/echo.yaml", TASK)

    def python(self, code, state="{}"):
        self.write("room/environment.yaml", f"name: room\ndescription: A room.\nstate: {state}\n")
        self.write("room/environment.py", code)

    def typed(self, lines, *arguments):
        """What the shell prints when these lines are typed."""
        done = subprocess.run([axiometer_program.PROGRAM, "env", "shell", *arguments], input=lines, cwd=self.folder,
                              env=self.environment(), capture_output=True, text=True, timeout=120)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout

    def problems(self, *names):
        done = self.run_program("env", "check", "--json", *names)
        self.assertEqual(done.returncode, 3, done.stderr)
        (found,) = json.loads(done.stdout)["environments"]
        return [(problem["where"].replace(self.folder + "/", ""), problem["what"]) for problem in found["problems"]]

    def test_the_page_is_true(self):
        environments_page.run(self, "sh")

    def test_the_built_in_ones_are_sound(self):
        listed = json.loads(self.succeeds("env", "list", "--json"))["environments"]
        names = [one["environment"] for one in listed]
        self.assertIn("ward-desk", names)
        self.assertEqual({one["kind"] for one in listed}, {"python"})
        checked = json.loads(self.succeeds("env", "check", "--json", *names))["environments"]
        self.assertEqual([(one["environment"], one["ok"], one["problems"]) for one in checked],
                         [(name, True, []) for name in names])
        self.assertEqual([len(one["tools"]) for one in checked], [one["tools"] for one in listed])

    def test_every_problem_of_a_typed_class_is_told_with_its_line(self):
        self.python(TYPED)
        self.assertEqual(self.problems("./room"), [
            ("room/environment.py:5", "count: parameter item has no annotation"),
            ("room/environment.py:9", "weigh: parameter item: set has no JSON schema"),
            ("room/environment.py:12", "look: no docstring"),
        ])

    def test_a_state_that_is_no_json_and_a_call_that_ends_the_instance(self):
        head = "from axiometer_environment import AxiometerEnvironment\nimport os\n\n\n"
        self.python(head + "class Environment(AxiometerEnvironment):\n"
                    "    def leave(self) -> str:\n        \"\"\"Leaves.\"\"\"\n        os._exit(4)\n\n"
                    "    def keep(self) -> str:\n        \"\"\"Keeps.\"\"\"\n        self.state['kept'] = {1, 2}\n")
        self.assertEqual(self.problems("room"), [
            ("room/environment.py: tool \"leave\", called without arguments", "the instance ended by itself"),
        ])
        self.python(head + "class Environment(AxiometerEnvironment):\n"
                    "    def keep(self) -> str:\n        \"\"\"Keeps.\"\"\"\n        self.state['kept'] = {1, 2}\n")
        self.assertEqual(self.problems("room"), [
            ("room/environment.py: the state after calls", 'JSON cannot hold ["kept"]'),
        ])

    def test_a_mistake_of_the_code_is_no_answer(self):
        def tool(name, body, arguments=""):
            return f"    def {name}(self{arguments}) -> str:\n        \"\"\"Does it.\"\"\"\n        {body}\n\n"

        self.python("from axiometer_environment import AxiometerEnvironment, ToolError\n\n\nclass Environment(AxiometerEnvironment):\n"
                    + tool("lost", "return self.state['lft']") + tool("mixed", "return 'a' + 1")
                    + tool("refuses", "raise ToolError('ValueError of a kind: none')") + tool("needs", "return item", ", item: str"))
        self.assertEqual(self.problems("room"), [
            ('room/environment.py: tool "lost", called without arguments', "KeyError: 'lft'"),
            ('room/environment.py: tool "mixed", called without arguments', 'TypeError: can only concatenate str (not "int") to str'),
        ])

    def test_code_that_does_not_load(self):
        self.python("class Environment(")
        (problem,) = self.problems("room")
        self.assertEqual(problem[0], "room/environment.py")
        self.assertIn("SyntaxError", problem[1])
        self.python("class Room:\n    pass\n")
        (problem,) = self.problems("room")
        self.assertIn("environment.py has no class Environment", problem[1])

    def test_a_tool_of_the_file_that_is_no_method(self):
        self.python("from axiometer_environment import AxiometerEnvironment\n\n\n"
                    "class Environment(AxiometerEnvironment):\n    pass\n",
                    "{}\ntools: [{name: open, description: Opens., parameters: {type: object}}]")
        self.assertEqual(self.problems("room"), [
            ('room/environment.py: tool "open", called without arguments', "class Environment has no method of that name"),
        ])

    def test_names_that_stand_for_nothing(self):
        self.refuses(2, 'axiometer: unknown environment "ward-dask": did you mean "ward-desk"?', "env", "check", "ward-dask")
        self.refuses(2, "axiometer: ./none: no such folder", "env", "check", "./none")
        self.write("some/thing", "")
        self.refuses(2, "axiometer: some: there is something already: name a new folder", "env", "new", "some")
        self.refuses(2, 'axiometer: a b: the folder\'s name is the environment\'s: letters, digits, "-" and "_"',
                     "env", "new", "a b")

    def test_the_shell(self):
        self.succeeds("env", "new", "room")
        self.assertEqual(
            self.typed('move item=ink to=shelf reason="asked \\"twice\\""\nmove item=ink\nlist {"a": \nlist_itemz\n'
                       'write_message {"to": "Amara", "text": "ä"}\nmove ink\nquit\nstate\n', "room"),
            '{\n  "item": "ink",\n  "place": "shelf",\n  "count": 3\n}\n'
            "{\n  \"error\": \"move() missing 1 required positional argument: 'to'\"\n}\n"
            'no tool "list": `tools` lists them, `help` the rest\n'
            'no tool "list_itemz": did you mean "list_items"?\n'
            '{\n  "sent": 2\n}\n'
            'expected KEY=VALUE, got "ink": or the arguments as one JSON object: TOOL {"KEY": VALUE}\n',
        )

    def test_an_instance_that_is_gone_is_told_and_replaced(self):
        self.desk("exits_in_a_call")
        self.assertEqual(
            self.typed("echo text=a\nstate\n", "mine/environments/desk"),
            'gone: the server: it ended with status 5; its last words: "Traceback: out of paper"\na new instance\n{\n  "files": {}\n}\n',
        )

    def test_a_suite_in_an_mcp_server(self):
        self.desk("sound")
        self.assertEqual(self.succeeds("task", "check", "mine"),
                         "ok    mine/echo  a 1.00/0.00  b 0.00/1.00  idle 0.00/0.00\n1 task, 0 with problems\n")
        self.succeeds("eval", "mine", "--model", "scripted/a", "--display", "none", "--epochs", "3")
        self.assertEqual([sample["outcome"] for sample in self.export()], ["finished"] * 3)

    def test_a_server_that_is_no_server_stops_before_the_first_sample(self):
        self.desk("exits")
        what = 'environment "desk": initialize: did not start: it ended with status 3; its last words: "no licence"'
        done = self.run_program("eval", "mine", "--model", "scripted/a", "--display", "none")
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn(what, done.stderr)

    def test_other_tools_in_a_sample_and_an_exit_are_failures_of_the_environment(self):
        for mode, what in (
            ("other_tools", "its files, or the tools that the server lists, are others than when the suite was opened"),
            ("exits_in_a_call", "it ended with status 5"),
        ):
            with self.subTest(mode):
                self.desk(mode)
                self.run_program("eval", "mine", "--model", "scripted/a", "--display", "none", "--fresh")
                (sample,) = self.export()
                self.assertEqual(sample["outcome"], "environment_failed")
                with contextlib.closing(sqlite3.connect(self.path())) as store:
                    details = [detail for (detail,) in store.execute("SELECT detail FROM attempts")]
                self.assertTrue([detail for detail in details if detail and what in detail], details)

    def test_nothing_is_left_behind(self):
        self.desk("hangs_in_a_call")
        self.run_program("eval", "mine", "--model", "scripted/a", "--display", "none", "--tool-timeout", "0.5")
        self.assert_nothing_left_behind()


if __name__ == "__main__":
    axiometer_program.main()
