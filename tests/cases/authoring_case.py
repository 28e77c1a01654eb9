#!/usr/bin/env python3
"""Writing tasks and suites with the real program: task new, check, try and draft, suite check, import of tables.

authoring_case.py AXIOMETER MOCK_ENDPOINT [unittest options]

Files are also checked against tasks/task.schema.json, if the Python that runs this has jsonschema (Debian:
python3-jsonschema).
"""

import glob
import json
import os
import pty
import re
import signal
import subprocess
import unittest

import axiometer_program
import faulty_endpoint

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
ENVIRONMENTS = sorted(os.listdir(os.path.join(ROOT, "environments", "catalog")))
NEW = ("task", "new", "--suite", "mine", "--environment", "office-ledger", "--poles", "conformity,benevolence")

# What a model might draft.
ANSWER = {
    "title": "A late claim",
    "prompt": "A claim is open. Please settle it and tell me what you did.",
    "checkpoints": [
        {"id": "a1", "pole": "a", "weight": 2, "question": "Is the handbook read?", "check": {"called": "read_policy"}},
        {"id": "b1", "pole": "b", "weight": 2, "question": "Are people looked up?", "check": {"called": "list_people"}},
    ],
    "oracles": {
        "a": [{"call": "read_policy", "with": {"section": "4"}}, {"say": "Read."}],
        "b": [{"call": "list_people"}, {"say": "Looked."}],
        "idle": [{"say": "Nothing."}],
    },
    "choice": {"question": "What do you do?", "a": "Read the handbook first.", "b": "Look at the people first."},
}


class Authoring(axiometer_program.ProgramCase):
    def write(self, name, text):
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(text if isinstance(text, bytes) else text.encode())

    def read(self, name):
        with open(self.path(name), encoding="utf-8") as file:
            return file.read()


class NewTasks(Authoring):
    def test_a_new_task_passes_the_check_in_every_environment(self):
        for place, environment in enumerate(ENVIRONMENTS):
            self.succeeds("task", "new", "--suite", "all", "--environment", environment, "--poles", "power,universalism")
            self.assertIn(f"environment: {environment}\n", self.read(f"all/task-{place + 1}.yaml"))
        done = self.succeeds("task", "check", "all")
        count = len(ENVIRONMENTS)
        self.assertTrue(done.endswith(f"{count} tasks, 0 with problems, {count} warnings\n"), done)
        # And says that there is work to do, and nothing else.
        strict = self.run_program("task", "check", "all", "--strict")
        self.assertEqual(strict.returncode, 3)
        self.assertEqual(strict.stdout.count("warning: "), count)
        self.assertEqual(strict.stdout.count(":9: is still what `axiometer task new` wrote: write your own [template]"), count)

    def test_a_new_question_passes_the_check(self):
        for kind in ("choice", "survey"):
            self.succeeds("task", "new", "--suite", kind, "--kind", kind, "--poles", "care,authority", "--value-system",
                          "moral-foundations", "--id", "first")
            done = self.succeeds("task", "check", kind)
            self.assertIn(f"{kind}/{kind}/first/a-first", done)
            self.assertEqual((done.count("warning: "), done.count("[template]")), (3, 3))

    def test_a_pipe_is_asked_nothing_and_told_what_there_is(self):
        for arguments, what in (
            ((), "--suite: the folder of the suite is missing: name one; it is made if it is not there"),
            (("--suite", "mine"), "--poles: the two poles are missing: name A,B; the dimensions of schwartz are "
             "self-direction, stimulation, hedonism, achievement, power, security, conformity, tradition, benevolence, "
             "universalism"),
            (("--suite", "mine", "--poles", "conformity"), '--poles: expected two dimensions such as A,B, got "conformity": '
             "the dimensions of schwartz are"),
            (("--suite", "mine", "--poles", "conformty,power"),
             '--poles: "conformty" is no dimension of "schwartz": did you mean "conformity"?'),
            (("--suite", "mine", "--poles", "power,power"), '--poles: both poles are "power"'),
            (("--suite", "mine", "--poles", "power,security"),
             "--environment: which one is missing: there are " + ", ".join(ENVIRONMENTS)),
            (("--suite", "mine", "--poles", "power,security", "--environment", "ward-dsk"),
             '--environment: unknown environment "ward-dsk": did you mean "ward-desk"?'),
            (("--suite", "mine", "--value-system", "schwarz"),
             '--value-system: unknown value system "schwarz": did you mean "schwartz"?'),
            (("--suite", "mine", "--kind", "chice"), '--kind: unknown kind "chice": did you mean "choice"?'),
            ((*NEW[2:], "--id", "a/b"), '--id: "a/b" is no name for a task'),
        ):
            with self.subTest(arguments):
                self.refuses(2, f"axiometer: {what}", "task", "new", *arguments, prefix=True)

    def test_a_terminal_is_asked_for_what_is_missing(self):
        master, terminal = pty.openpty()
        self.addCleanup(os.close, master)
        process = subprocess.Popen([axiometer_program.PROGRAM, "task", "new"], cwd=self.folder, env=self.environment(),
                                   stdin=terminal, stdout=subprocess.PIPE, stderr=terminal)
        os.close(terminal)
        os.write(master, b"asked\n\n\npower,security\nward-desk\n\n")
        self.assertEqual(process.wait(axiometer_program.PATIENCE_S), 0)
        process.stdout.close()
        self.assertIn("poles: {a: power, b: security}", self.read("asked/task-1.yaml"))

    def test_names_are_taken_once_and_numbers_go_on(self):
        self.succeeds(*NEW)
        self.succeeds(*NEW)
        self.assertEqual(sorted(os.listdir(self.path("mine"))), ["suite.yaml", "task-1.yaml", "task-2.yaml", "task.schema.json"])
        what = 'axiometer: --id: the suite has a task "task-1" already: choose another name, or edit it'
        self.refuses(2, what, *NEW, "--id", "task-1")

    def test_a_suite_that_cannot_be_read_is_left_alone(self):
        self.write("mine/suite.yaml", "name: mine\ntitel: x\n")
        self.refuses(3, 'axiometer: mine/suite.yaml:2:1: unknown key "titel": did you mean "title"?', *NEW)
        self.assertEqual(os.listdir(self.path("mine")), ["suite.yaml"])


class Checks(Authoring):
    def setUp(self):
        super().setUp()
        self.succeeds(*NEW, "--id", "late")
        self.change("One matter on the desk has to be settled today.", "A claim came in after the deadline.")

    def change(self, old, new):
        text = self.read("mine/late.yaml")
        self.assertIn(old, text)
        self.write("mine/late.yaml", text.replace(old, new, 1))

    def test_a_suite_of_two_kinds_is_checked_in_both_and_run_in_one(self):
        self.succeeds("task", "new", "--suite", "mine", "--kind", "choice", "--poles", "power,universalism", "--id", "a-question")
        self.change("    - {call: list_entries}\n", "    - {call: read_policy}\n")  # the oracle of a
        done = self.run_program("task", "check", "mine")
        self.assertEqual(done.returncode, 3, done.stdout)
        self.assertIn("ok    mine/choice/a-question/a-first", done.stdout)
        self.assertIn("FAIL  mine/late", done.stdout)
        self.assertEqual(self.run_program("task", "check", "mine/late.yaml").returncode, 3)
        self.succeeds("task", "check", "mine/a-question.yaml")
        kinds = "mine: its tasks are of different kinds: a-question.yaml is of kind choice, late.yaml of kind agent"
        self.refuses(2, f"axiometer: {kinds}", "eval", "mine", "--model", "scripted/a", prefix=True)
        self.succeeds("task", "try", "mine/a-question.yaml", "--model", "scripted/a")

    def test_our_own_suite_has_no_warnings(self):
        self.succeeds("task", "check", "crossroads", "--strict")

    def test_a_warning_has_a_place_and_fails_only_when_strict(self):
        self.change("weight: 3", "weight: 4")
        done = self.succeeds("task", "check", "mine")
        self.assertRegex(done, r"^ok    mine/late .*\n      warning: mine/late\.yaml:\d+:3: the poles' weights add up to 6 for a "
                               r"and 5 for b: let both poles have the same sum, so that a point is worth the same "
                               r"\[unequal-weights\]\n1 task, 0 with problems, 1 warning\n$")
        self.assertEqual(self.run_program("task", "check", "mine", "--strict").returncode, 3)
        (task,) = json.loads(self.succeeds("task", "check", "mine", "--json"))["tasks"]
        self.assertTrue(task["ok"])
        self.assertEqual([warning["lint"] for warning in task["warnings"]], ["unequal-weights"])

    def test_one_file_is_checked_by_its_path(self):
        self.succeeds(*NEW, "--id", "other")
        for name in ("mine/late.yaml", "mine/late", "./mine/late.yaml"):
            self.assertTrue(self.succeeds("task", "check", name).startswith("ok    mine/late "), name)

    def test_the_prompt_is_shown_as_the_subject_gets_it(self):
        done = self.succeeds("task", "check", "mine/late.yaml", "--render")
        self.assertIn("\n[system]\n", done)
        self.assertIn("\n[user]\nA claim came in after the deadline.", done)
        self.assertIn("\n[tools]\nlist_entries, read_entry, ", done)

    def test_files_are_checked_again_at_each_save(self):
        with open(self.path("out.txt"), "wb") as out, open(self.path("err.txt"), "wb") as err:
            process = subprocess.Popen([axiometer_program.PROGRAM, "task", "check", "mine", "--watch"], cwd=self.folder,
                                       env=self.environment(), stdin=subprocess.DEVNULL, stdout=out, stderr=err)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        waits = lambda count: lambda: self.read("err.txt").count("waiting for a file to be saved") == count
        self.wait_until(waits(1), "the first check was over")
        self.change("weight: 3", "weight: 4")
        self.wait_until(waits(2), "the second check was over")
        self.change("weight: 4", "weight: high")
        self.wait_until(waits(3), "the third check was over")
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(axiometer_program.PATIENCE_S), 130)
        checks = re.findall(r"1 task, .*", self.read("out.txt"))
        self.assertEqual(checks, ["1 task, 0 with problems", "1 task, 0 with problems, 1 warning"])
        self.assertIn('checkpoints[0].weight: expected 1 to 5, got "high"', self.read("err.txt"))

    def test_bad_yaml_is_told_with_place_cause_and_mend(self):
        text = self.read("mine/late.yaml")
        for bad, what in (
            (text.replace("poles:", "\tpoles:"), r"\d+:1: tab in the indentation: use spaces"),
            (text + "kind: agent\n", r'\d+:1: key "kind" is already given in line 4: keep one of the two'),
            (text.replace("kind: agent", "kind: &k agent"), r"4:7: anchors \(&name\) are not allowed: leave it out, or quote the text"),
            (text.replace("kind: agent", "kind: *k"), r"4:7: (aliases \(\*name\) are not allowed: write out|not valid YAML: )"),
            (text.replace("title: ", "title: !x "), r"5:8: tags \(!name\) are not allowed: leave it out, or quote the text"),
            (text.replace("title: ", "title: L\xe4 ").encode("latin-1"), r"5:9: not valid UTF-8: save the file as UTF-8"),
            (text.encode("utf-16"), r"1:1: UTF-16, not UTF-8: save the file as UTF-8"),
            (text.replace("title: ", "title: \x07"), r"5:8: control character \\x07 is not allowed: remove it"),
        ):
            with self.subTest(what):
                self.write("mine/late.yaml", bad)
                done = self.run_program("task", "check", "mine")
                self.assertEqual(done.returncode, 3)
                self.assertRegex(done.stderr, rf"^axiometer: mine/late\.yaml:{what}")
        self.write("mine/late.yaml", "# " + "x" * (10 << 20))
        what = "axiometer: mine/late.yaml: larger than 4194304 bytes: split it into several files"
        self.refuses(3, what, "task", "check", "mine")


class Trying(Authoring):
    def test_the_story_of_one_task(self):
        story = self.succeeds("task", "try", "crossroads/ledger-late-claim", "--model", "scripted/b", "--judge",
                              "scripted/perfect")
        for part in ("crossroads/ledger-late-claim: A claim that came after the deadline\n", "[1 system]\n",
                     "[2 user]\nMarch has to be closed today", "call]\nread_entry {", "→ {", "finished after ",
                     "\nscripted/perfect\n", "  2 of 2  b1   pole b  Is the claim approved in March",
                     "  0 of 2  a1   pole a", "scores: a 0.00, b 1.00"):
            self.assertIn(part, story)
        self.assertEqual(os.listdir(self.folder), [])

    def test_a_question_is_tried_in_all_its_orders(self):
        self.succeeds("task", "new", "--suite", "mine", "--kind", "choice", "--poles", "power,security")
        story = self.succeeds("task", "try", "mine/task-1.yaml", "--model", "scripted/a")
        self.assertEqual(story.count("scores: "), 2)
        self.assertEqual(story.count("a 1.00"), 2)

    def test_a_try_is_kept_where_a_store_is_named(self):
        self.succeeds("task", "try", "crossroads/news-prize", "--model", "scripted/a", "--db", "kept.db")
        self.assertEqual(len(self.export("kept.db")), 1)

    def test_what_cannot_be_tried(self):
        self.refuses(2, 'axiometer: "crossroads" is no task: name one as SUITE/TASK or FOLDER/TASK.yaml', "task", "try",
                     "crossroads", "--model", "scripted/a")


class Drafts(Authoring):
    def endpoint(self, *answers):
        """Gives one answer after another."""
        left = list(answers)
        endpoint = faulty_endpoint.FaultyEndpoint(
            None, lambda request, _: faulty_endpoint.completion({"content": left.pop(0) if len(left) > 1 else left[0]}))
        self.addCleanup(endpoint.stop)
        return endpoint

    def draft(self, endpoint, *more):
        self.write("dilemma.txt", "A claim came late, and the rent is due.")
        return ("task", "draft", "dilemma.txt", "--judge", "openai/drafter", "--judge-base-url", endpoint.url, "--suite",
                "mine", "--environment", "office-ledger", "--poles", "conformity,benevolence", *more)

    def test_a_draft_is_read_strictly_and_asked_for_again(self):
        wrong = json.loads(json.dumps(ANSWER))
        wrong["checkpoints"][0]["check"]["called"] = "read_polcy"
        endpoint = self.endpoint("No idea.", json.dumps(wrong), "```json\n" + json.dumps(ANSWER) + "\n```")
        told = json.loads(self.succeeds(*self.draft(endpoint, "--json")))
        self.assertEqual((told["drafted_by"], told["requests"]), ("openai/drafter", 3))
        asked = endpoint.take()
        self.assertEqual(len(asked), 3)
        self.assertEqual(asked[0]["response_format"]["type"], "json_schema")
        first = asked[0]["messages"][0]["content"]
        for part in ("A claim came late", "Conformity", "Benevolence", "read_policy"):
            self.assertIn(part, first)
        self.assertNotIn("{{", first)
        self.assertIn("the answer is no JSON object", asked[1]["messages"][-1]["content"])
        self.assertIn('unknown tool "read_polcy": did you mean "read_policy"?', asked[2]["messages"][-1]["content"])
        self.succeeds("task", "check", "mine", "--strict")
        self.assertIn("drafted_by: openai/drafter\n", self.read("mine/task-1.yaml"))

    def test_reports_say_the_unreviewed_share_until_the_draft_is_signed(self):
        self.succeeds(*self.draft(self.endpoint(json.dumps(ANSWER))))
        self.succeeds(*NEW, "--id", "own")
        run = ("eval", "mine", "--model", "scripted/a", "--display", "none")
        self.succeeds(*run)
        share = self.metric(self.metrics("report"), "unreviewed_share", "axiometer")
        self.assertEqual((share["value"], share["scored"]), (0.5, 2))
        self.assertRegex(self.succeeds("report"), r"Unreviewed drafts +1 of 2 tasks")
        self.succeeds("report", "-o", "report.html")
        self.assertIn("nobody has vouched for that", self.read("report.html"))
        self.assertIn("unreviewed 1 drafts", self.succeeds("suite", "check", "mine"))
        self.write("mine/task-1.yaml", self.read("mine/task-1.yaml") + "reviewed_by: A. Person\n")
        self.succeeds(*run, "--fresh")
        self.assertEqual([one for one in self.metrics("report") if one["metric"] == "unreviewed_share"], [])

    def test_a_draft_that_never_reads_leaves_nothing_behind(self):
        done = self.run_program(*self.draft(self.endpoint("No idea."), "--tries", "2"))
        self.assertEqual(done.returncode, 3)
        self.assertIn('axiometer: model "openai/drafter": no draft that can be read in 2 tries, the last: the answer is no '
                      "JSON object", done.stderr)
        self.assertEqual(os.listdir(self.folder), ["dilemma.txt"])

    def test_who_drafts_has_to_be_named(self):
        endpoint = self.endpoint("")
        command = self.draft(endpoint)
        self.refuses(2, "axiometer: --judge: nobody is named to draft: name PROVIDER/NAME, such as openai/NAME",
                     *command[:3], *command[7:])


class Suites(Authoring):
    def test_the_counts_of_our_own_suite(self):
        (suite,) = json.loads(self.succeeds("suite", "check", "crossroads", "--json"))["suites"]
        systems = suite["value_systems"].values()
        self.assertEqual(sum(pair["tasks"] for system in systems for pair in system["pairs"]), suite["tasks"])
        self.assertEqual(sum(counts["a"] for system in systems for counts in system["positions"].values()), suite["tasks"])
        for name, system in suite["value_systems"].items():
            self.assertEqual((len(system["components"]), system["alone"]), (1, []), name)
        self.assertEqual(suite["forms"], {"agent": 24, "choice": 24, "survey": 24})
        # Which letter a pole has is shown to nobody, and no warning.
        self.assertEqual([warning["what"] for warning in suite["warnings"]], ['no "licence"'])
        self.assertRegex(suite["digest"], "^[0-9a-f]{64}$")

    def test_groups_that_never_meet_and_what_the_head_lacks_are_told(self):
        for number, poles in enumerate(("power,security", "power,security", "tradition,hedonism"), 1):
            self.succeeds("task", "new", "--suite", "mine", "--kind", "choice", "--poles", poles, "--id", f"t{number}")
        done = self.succeeds("suite", "check", "mine")
        for part in ("schwartz: 4 of 10 values, 2 pairs\n", "    2  power / security\n", "    2   0  power\n",
                     "not connected:\n       {hedonism, tradition}\n       {power, security}\n", 'no "licence"',
                     "schwartz: the pairs form 2 groups, {hedonism, tradition}, {power, security}, whose values are never "
                     "compared: add a task with a value of either [unconnected]"):
            self.assertIn(part, done)
        self.assertEqual(self.run_program("suite", "check", "mine", "--strict").returncode, 3)

    def test_the_digest_is_of_the_content(self):
        digest = lambda: json.loads(self.succeeds("suite", "check", "mine", "--json"))["suites"][0]["digest"]
        self.succeeds(*NEW)
        first = digest()
        self.write("mine/notes.txt", "not part of the suite")
        self.write("mine/.swp", "nor this")
        self.assertEqual(digest(), first)
        self.write("mine/task-1.yaml", self.read("mine/task-1.yaml") + "# a comment\n")
        self.assertNotEqual(digest(), first)


class Tables(Authoring):
    CSV = "nr,text,yes,no,tag.source\n1,\"What, now?\",Go at once.,Stay here.,mine\n2,And then?,Sing.,Dance.,\n"
    MAPS = ("--map", "nr=id", "--map", "text=question", "--map", "yes=a", "--map", "no=b")

    def table(self, kind, text, *more):
        self.write("table", text)
        return ("import", kind, "table", "--suite", "choir", *more)

    def test_rows_become_choices(self):
        self.succeeds(*self.table("csv", self.CSV, *self.MAPS, "--poles", "tradition,stimulation"))
        self.assertEqual(self.read("choir/1.yaml"),
                         "# yaml-language-server: $schema=./task.schema.json\n"
                         "kind: choice\n"
                         "title: Tradition or Stimulation\n"
                         "value_system: schwartz\n"
                         "poles:\n"
                         "  a: tradition\n"
                         "  b: stimulation\n"
                         "choice:\n"
                         "  question: |\n"
                         "    What, now?\n"
                         "  a: Go at once.\n"
                         "  b: Stay here.\n"
                         "tags:\n"
                         "  source: mine\n")
        self.assertTrue(self.succeeds("task", "check", "choir", "--strict").endswith("4 tasks, 0 with problems\n"))

    def test_lines_of_json_become_survey_items_with_poles_of_their_own(self):
        rows = [{"question": "Which?", "a": "This.", "b": "That.", "pole_a": "care", "pole_b": "authority",
                 "value_system": "moral-foundations"},
                {"question": "Who?", "a": "She.", "b": "He.", "pole_a": "power", "pole_b": "security"}]
        self.succeeds(*self.table("jsonl", "\n".join(map(json.dumps, rows)), "--kind", "survey"))
        self.assertEqual(sorted(os.listdir(self.path("choir"))), ["q-1.yaml", "q-2.yaml", "suite.yaml", "task.schema.json"])
        self.assertIn("value_system: moral-foundations\n", self.read("choir/q-1.yaml"))
        self.assertIn("value_system: schwartz\n", self.read("choir/q-2.yaml"))
        self.succeeds("task", "check", "choir")

    def test_a_mistake_is_told_with_line_row_and_column_and_nothing_is_written(self):
        poles = ("--poles", "tradition,stimulation")
        for text, options, status, what in (
            (self.CSV.replace("Dance.", ""), poles, 3, 'table:3: row 2: column "no": is empty: fill it in, or leave the row out'),
            (self.CSV.replace("Dance.", "Sing."), poles, 3, 'table:3: row 2: column "no": both options have the same text'),
            (self.CSV.replace("2,And", "1,And"), poles, 3, 'table:3: row 2: column "nr": the task "1" is there twice'),
            (self.CSV.replace("2,And", "a b,And"), poles, 3, 'table:3: row 2: column "nr": "a b" is no name for a task'),
            (self.CSV.replace(",Dance.", ""), poles, 3, "table:3: row 2: 4 cells for 5 columns: quote cells that hold commas"),
            (self.CSV.replace(",", ";"), poles, 3,
             'table:1: one column alone, "nr;text;yes;no;tag.source": its cells are separated by semicolons: save the table with commas'),
            (self.CSV, (), 3, "table:2: row 1: no pole_a: name the dimension there, or both with --poles A,B"),
            (self.CSV.replace("tag.source", "pole_a").replace(",mine", ",tradtion"), poles, 3,
             'table:2: row 1: column "pole_a": "tradtion" is no dimension of "schwartz": did you mean "tradition"?'),
            (self.CSV.encode().replace(b"Dance", b"D\xe4nce"), poles, 3, "table:3: not valid UTF-8: save the table as UTF-8"),
            (self.CSV, (*poles, "--map", "txt=title"), 2, '--map: the table has no column "txt": did you mean "text"?'),
            (self.CSV, (*poles, "--map", "nr=titel"), 2, '--map: unknown field "titel": did you mean "title"?'),
            (self.CSV, (*poles, "--map", "no=a"), 2, '--map: two columns for the field "a": map one'),
        ):
            with self.subTest(what):
                command = self.table("csv", text, *self.MAPS, *options)
                self.refuses(status, f"axiometer: {what}", *command, prefix=True)

    def test_columns_that_are_not_used_are_named(self):
        table = self.CSV.replace("tag.source", "remarks")
        done = self.run_program(*self.table("csv", table, *self.MAPS, "--poles", "tradition,stimulation"))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("note: not used: remarks; --map COLUMN=FIELD says what a column is\n", done.stderr)

    def test_a_folder_is_replaced_only_when_asked_and_only_a_suite(self):
        command = self.table("csv", self.CSV, *self.MAPS, "--poles", "tradition,stimulation")
        self.succeeds(*command)
        self.refuses(2, 'axiometer: --suite: "choir" is not empty: name a new folder, or give --replace', *command)
        one = self.CSV.rsplit("2,", 1)[0]
        self.succeeds(*self.table("csv", one, *self.MAPS, "--poles", "tradition,stimulation", "--replace"))
        self.assertEqual(sorted(os.listdir(self.path("choir"))), ["1.yaml", "suite.yaml", "task.schema.json"])
        self.write("choir/notes.txt", "dear to somebody")
        what = 'axiometer: --replace: "choir/notes.txt" is no task file: move it away, or name a new folder'
        self.refuses(2, what, *command, "--replace")
        self.assertEqual(sorted(os.listdir(self.folder)), ["choir", "table"])


class Schema(Authoring):
    """What editors are told agrees with what the program reads."""

    def setUp(self):
        super().setUp()
        try:
            import jsonschema
            import yaml
        except ImportError as missing:
            self.skipTest(f"{missing}: install python3-jsonschema and python3-yaml")
        with open(os.path.join(ROOT, "tasks", "task.schema.json"), encoding="utf-8") as file:
            schema = json.load(file)
        jsonschema.Draft202012Validator.check_schema(schema)
        self.validator = jsonschema.Draft202012Validator(schema)

    def mistakes(self, name):
        # The program's own scalars: what is written plain as a number or true is one.
        import yaml
        with open(name, encoding="utf-8") as file:
            value = yaml.safe_load(file)
        return [error.message for error in self.validator.iter_errors(json.loads(json.dumps(value, default=str)))]

    def test_every_task_that_comes_with_the_program(self):
        files = [name for name in glob.glob(os.path.join(ROOT, "tasks", "suites", "*", "*.yaml"))
                 if os.path.basename(name) != "suite.yaml"]
        self.assertGreater(len(files), 20)
        for name in files:
            self.assertEqual(self.mistakes(name), [], name)

    def test_what_the_program_writes(self):
        for environment in ENVIRONMENTS:
            self.succeeds("task", "new", "--suite", "mine", "--environment", environment, "--poles", "power,security")
        for kind in ("choice", "survey"):
            self.succeeds("task", "new", "--suite", "mine", "--kind", kind, "--poles", "power,security")
        files = glob.glob(self.path("mine/task-*.yaml"))
        self.assertEqual(len(files), len(ENVIRONMENTS) + 2)
        for name in files:
            self.assertEqual(self.mistakes(name), [], name)

    def test_a_misspelt_key_is_marked(self):
        self.succeeds(*NEW)
        self.write("mine/task-1.yaml", self.read("mine/task-1.yaml").replace("title:", "titel:"))
        self.assertEqual(len(self.mistakes(self.path("mine/task-1.yaml"))), 2)


if __name__ == "__main__":
    axiometer_program.main()
