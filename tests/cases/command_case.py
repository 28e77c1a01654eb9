#!/usr/bin/env python3
"""command/PROGRAM: a program of the user's as the model."""

import json
import os
import sys
import textwrap
import unittest

import axiometer_program
from axiometer_program import ProgramCase

BEGIN = """\
#!/usr/bin/env python3
import json, os, sys, time
open("started", "a").write("x")
for number, line in enumerate(sys.stdin):
    request = json.loads(line)
"""
ANSWER = """\
    reply = {"choices": [{"message": {"role": "assistant", "content": "B"}, "finish_reason": "stop"}],
             "usage": {"prompt_tokens": 3, "completion_tokens": 1, "total_tokens": 4}}
    print(json.dumps(reply), flush=True)
"""


class Command(ProgramCase):
    def program(self, body):
        with open(self.path("model.py"), "w", encoding="utf-8") as file:
            file.write(BEGIN + textwrap.indent(textwrap.dedent(body), "    ") + "\n" + ANSWER)
        os.chmod(self.path("model.py"), 0o755)

    def eval(self, *more, limit=6):
        return (
            "eval", "crossroads", "-T", "form=choice", "--model", "command/./model.py", "--limit", str(limit),
            "--display", "none", *more,
        )  # fmt: skip

    def starts(self):
        with open(self.path("started"), encoding="utf-8") as file:
            return len(file.read())

    def test_it_answers_a_line_a_request_and_stays(self):
        self.program('open("seen", "a").write(line); open("keys", "a").write(",".join(os.environ))')
        self.succeeds(*self.eval("--temperature", "0"))
        samples = self.export()
        self.assertEqual({line["completion"] for line in samples}, {"B"})
        self.assertEqual(sum(line["usage"]["input_tokens"] for line in samples), 18)
        self.assertEqual(self.starts(), 1)
        with open(self.path("seen"), encoding="utf-8") as file:
            requests = [json.loads(line) for line in file]
        self.assertEqual(len(requests), 6)
        self.assertEqual(requests[0]["temperature"], 0)
        self.assertEqual(requests[0]["messages"][-1]["role"], "user")
        with open(self.path("keys"), encoding="utf-8") as file:
            self.assertNotIn("OPENAI_API_KEY", file.read())
        self.assert_nothing_left_behind()

    def test_as_many_run_as_requests_are_in_flight(self):
        self.program("time.sleep(0.3)")
        self.succeeds(*self.eval("--max-connections", "3"))
        self.assertEqual(self.starts(), 3)

    def test_one_that_ends_is_started_anew_and_its_last_words_are_shown(self):
        self.program('if number == 2 and not os.path.exists("once"): open("once", "w"); sys.exit("out of ink")')
        self.succeeds(*self.eval())
        self.assertEqual(self.starts(), 2)
        self.program('sys.exit("out of ink")')
        done = self.run_program(*self.eval("--fresh", "--no-cache"))
        self.assertEqual(done.returncode, 1)
        self.assertIn("the program ended with status 1; it said: out of ink", done.stderr)
        self.assertEqual({line["outcome"] for line in self.export()}, {"model_error"})

    def test_what_is_no_reply_or_comes_too_late_fails_the_call(self):
        for body, outcome in [
            ('print("I think B", flush=True); continue', "model_error"),
            ('print(json.dumps({"error": {"message": "no idea"}}), flush=True); continue', "model_error"),
            ("time.sleep(60)", "model_timeout"),
        ]:
            with self.subTest(body):
                self.program(body)
                done = self.run_program(
                    *self.eval("--fresh", "--no-cache", "--timeout", "0.5", "--max-retries", "0", limit=1)
                )
                self.assertEqual(done.returncode, 1, done.stderr)
                self.assertEqual([line["outcome"] for line in self.export()], [outcome])
        self.assert_nothing_left_behind()

    def test_a_line_that_nobody_asked_for_answers_no_other_request(self):
        self.program("""print('{"choices": [{"message": {"role": "assistant", "content": "Answer: A"}, "finish_reason": "stop"}]}')""")
        done = self.run_program(*self.eval("--max-connections", "1"))
        self.assertEqual(done.returncode, 1)
        self.assertIn("the program wrote more than one line for a request", done.stderr)
        self.assertEqual(self.query("SELECT DISTINCT outcome, final_text FROM attempts"), [("model_error", "")])

    def test_a_program_that_is_not_there_is_refused(self):
        self.refuses(2, "axiometer: ./model.py: no such program", *self.eval(), prefix=True)


if __name__ == "__main__":
    axiometer_program.main()
