#!/usr/bin/env python3
"""Every command of the pages that tell people what to type, run as it stands there.

documented_commands_case.py AXIOMETER MOCK_ENDPOINT [unittest options]

Of a page are run all fenced blocks with the language tag `sh`, in order, each by a shell in the same folder with what the
blocks before exported; one that fails ends the page. `axiometer` and `build/release/axiometer` are the program that is
tested. OpenAI and Anthropic, their batches included, are on this computer. The words NAME and URL are a model and the
address of the mock endpoint, KEY an invented key. What else a block needs stands before it, as in

    <!-- prepared: two_runs -->

and is made by the method `prepare_two_runs` below, which returns what further words mean; RUN is the next of its runs.
"""

import http.client
import json
import math
import os
import re
import shlex
import signal
import sqlite3
import subprocess
import sys
import urllib.request

import axiometer_program
import invented_dvmap
import invented_valuebench
from authoring_case import ANSWER
from faulty_endpoint import FaultyEndpoint, completion
from llama_case import FAKE as LLAMA_SERVER
from llama_case import gguf

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "fakes"))
import fake_batches  # noqa: E402
import other_providers  # noqa: E402

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
# environments/ENVIRONMENTS.md, which also holds files, is followed by environments_case.py.
PAGES = ("README.md", "tasks/AUTHORING.md", "reports/READING.md", "harness/CLUSTERS.md")
# Pages whose examples are in other languages, or none: when a block of sh is written there, it is run too.
PAGES_WITHOUT_COMMANDS = ("environments/SANDBOX.md", "harness/model/COMPATIBILITY.md", "reports/NOTEBOOKS.md", "tasks/FORMAT.md")
BLOCK = re.compile(r"(?:^<!-- prepared: *(?P<needs>\w+) *-->\n+)?^```sh\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(page):
    """Of each block of commands its line, its code and what is prepared for it, or None."""
    with open(os.path.join(ROOT, page), encoding="utf-8") as file:
        text = file.read()
    return [(text.count("\n", 0, found.start("code")) + 1, found["code"], found["needs"]) for found in BLOCK.finditer(text)]


class DocumentedCommands(axiometer_program.ProgramCase):
    def setUp(self):
        super().setUp()
        self.endpoint = self.mock()
        self.providers = fake_batches.FakeBatches(lambda body: other_providers.answer(body, self.ask))
        self.addCleanup(self.providers.stop)
        self.variables.update(
            OPENAI_BASE_URL=self.providers.url + "/v1",
            ANTHROPIC_BASE_URL=self.providers.url,
            ANTHROPIC_API_KEY="sk-ant-invented",
            PATH=self.folder + os.pathsep + os.environ["PATH"],
            HOME=self.folder,
        )
        os.makedirs(self.path("build/release"))
        for name in ("axiometer", "build/release/axiometer"):
            os.symlink(axiometer_program.PROGRAM, self.path(name))

    def ask(self, chat):
        connection = http.client.HTTPConnection("127.0.0.1", self.endpoint.port)
        connection.request("POST", "/v1/chat/completions", json.dumps(chat), {"Content-Type": "application/json"})
        reply = connection.getresponse()
        found = reply.status, json.loads(reply.read())
        connection.close()
        return found

    def evaluate(self, model, *options, suite="crossroads"):
        """The id of a new run."""
        self.succeeds("eval", suite, "--model", model, "--fresh", "--display", "none", *options)
        (latest,) = json.loads(self.succeeds("report", "--json"))["runs"]
        return latest["id"]

    def judged(self, model, *options):
        return self.evaluate(model, "--judge", "scripted/perfect", *options)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)

    def program(self, name, text):
        self.write(name, text)
        os.chmod(self.path(name), 0o755)

    # What blocks need: further words and their meanings; runs, those that RUN means one after another.

    def prepare_keys(self):
        return {"KEY": "sk-ant-invented"}

    def prepare_models(self):
        with open(self.path("tiny.gguf"), "wb") as file:
            file.write(gguf())
        self.write("tiny.gguf.json", json.dumps({"reply": '{"final": "I leave it."}'}))
        self.variables["AXIOMETER_LLAMA_SERVER"] = LLAMA_SERVER
        reply = {"choices": [{"message": {"role": "assistant", "content": "B"}, "finish_reason": "stop"}]}
        self.program("my_model.py", f"#!/usr/bin/env python3\nimport sys\nfor _ in sys.stdin:\n    print({json.dumps(reply)!r}, flush=True)\n")
        return {"PATH": "tiny"}

    def prepare_batches(self):
        return {"--batch": "--batch --batch-poll 0.1", "runs": [self.evaluate("scripted/a", "--no-judge")]}

    def prepare_valuebench(self):
        invented_valuebench.write(self.path("data"))
        invented = ("--data", "data", "--allow-modified-data")
        judged = (*invented, "--judge", "openai/judge")
        runs = [self.evaluate(model, *judged, suite="agent-valuebench") for model in ("scripted/random", "openai/subject")]
        self.succeeds("export", runs[0], "--format", "agent-valuebench", "-o", "result/MODEL")
        return {"DIR": "data --allow-modified-data", "runs": runs}

    def prepare_benchmarks(self):
        invented_dvmap.write_json_lines(self.path("dvmap/test.jsonl"), invented_dvmap.rows())

        def likely(request, _):
            top = [{"token": token, "logprob": math.log(p)} for token, p in (("Yes", 0.4), ("No", 0.3), ("Supports", 0.2), ("Either", 0.1))]
            message = {"role": "assistant", "content": "<answer>Yes</answer>"}
            choice = {"index": 0, "finish_reason": "stop", "message": message, "logprobs": {"content": [{**top[0], "top_logprobs": top}]}}
            return json.dumps({"id": "x", "model": request["model"], "choices": [choice]}).encode()

        endpoint = FaultyEndpoint(None, likely)
        self.addCleanup(endpoint.stop)
        return {"DIR": "dvmap", "URL": endpoint.url}

    def prepare_two_runs(self):
        return {"runs": [self.judged("scripted/a"), self.judged("scripted/b"), self.judged("scripted/a")]}

    def prepare_forms(self):
        questions = [self.evaluate("scripted/a", "-T", f"form={form}") for form in ("choice", "survey")]
        return {"runs": [self.judged("scripted/a"), *questions]}

    def prepare_series(self):
        for position in ("0", "2"):
            self.succeeds("eval", "crossroads", "--model", "openai/subject", "--judge", "openai/subject", "--series", "subject",
                          "--position", position, "--display", "none")
        return {"runs": [self.judged(f"scripted/{name}") for name in ("a", "b", "random")]}

    def prepare_one_run(self):
        return {"runs": [self.judged("scripted/random")] * 2}

    def prepare_people(self):
        run = self.judged("scripted/random")
        with sqlite3.connect(self.path()) as store:
            said = store.execute(
                "SELECT s.task, v.item, v.score FROM samples AS s JOIN judgements AS j ON j.attempt = s.attempt "
                "JOIN verdicts AS v ON v.judgement = j.id WHERE s.run = ? AND NOT v.mechanical AND v.score IS NOT NULL", (run,)
            ).fetchall()
        self.write("scores.csv", "task,item,rater,score\n" + "".join(f"{task},{item},ann,{score:.0f}\n" for task, item, score in said))
        return {"runs": [run]}

    def prepare_draft(self):
        endpoint = FaultyEndpoint(None, lambda *_: completion({"content": json.dumps(ANSWER)}))
        self.addCleanup(endpoint.stop)
        self.variables["OPENAI_BASE_URL"] = endpoint.url
        return {}

    def prepare_slurm(self):
        self.program("sbatch", "#!/bin/sh\necho \"$@\" >> sbatch.log\necho 1\n")
        return {"SUITE": "crossroads", "PARTITION": "any"}

    # How a block ends that does not end with 0 by itself.

    def prepare_viewer(self):
        return {"until": r"http://127\.0\.0\.1:\d+/"}

    def prepare_threshold(self):
        return {"status": 100}

    def follow(self, page):
        """Runs the page's blocks; returns how many."""
        self.write("exports", "")
        for line, code, needs in blocks(page):
            with self.subTest(f"{page}:{line}"):
                meanings = {"NAME": "subject", "URL": self.endpoint.url, "KEY": "sk-invented"}
                before = dict(self.variables)
                meanings.update(getattr(self, f"prepare_{needs}")() if needs else {})
                changed = {name: value for name, value in self.variables.items() if before.get(name) != value}
                runs = iter(meanings.pop("runs", ()))
                until, status = meanings.pop("until", None), meanings.pop("status", 0)
                for word, meaning in meanings.items():
                    code = re.sub(rf"(?<![A-Za-z_.-]){word}(?![A-Za-z_-])", lambda _, meaning=meaning: meaning, code)
                code = re.sub(r"(?<![A-Za-z_])RUN(?![A-Za-z_])", lambda _: next(runs), code)
                sets = "".join(f"export {name}={shlex.quote(value)}\n" for name, value in changed.items())
                self.write("block.sh", f"set -e\n. ./exports\n{sets}{code}\nexport -p > {self.path('exports')}\n")
                self.run_block(until, status)
        return len(blocks(page))

    def run_block(self, until, status):
        with open(self.path("block.out"), "w+", encoding="utf-8") as out:
            process = subprocess.Popen(["sh", "block.sh"], cwd=self.folder, env=self.environment(), stdin=subprocess.DEVNULL,
                                       stdout=out, stderr=subprocess.STDOUT, start_new_session=True)

            def said():
                with open(self.path("block.out"), encoding="utf-8", errors="replace") as file:
                    return file.read()

            try:
                if until is not None:
                    self.wait_until(lambda: re.search(until, said()), "the block serves pages")
                    with urllib.request.urlopen(re.search(until, said())[0], timeout=60) as page:
                        self.assertEqual(page.status, 200)
                    os.killpg(process.pid, signal.SIGINT)
                    self.assertIn(process.wait(60), (0, 130, -signal.SIGINT))
                    return
                self.assertEqual(process.wait(500), status, said()[-3000:])
            finally:
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGKILL)
                    process.wait()

    def test_the_tutorial(self):
        self.assertGreater(self.follow("tasks/AUTHORING.md"), 8)
        self.assertTrue(os.path.exists(self.path("report.html")))
        with open(self.path("choir/1.yaml"), encoding="utf-8") as file:
            self.assertIn("tag", file.read())

    def test_the_readme(self):
        self.assertGreater(self.follow("README.md"), 20)
        with open(self.path("sbatch.log"), encoding="utf-8") as file:
            self.assertRegex(file.read(), r"shards\.sh\n.*--dependency=afterany:1 .*merge\.sh\n")

    def test_how_to_read_a_report(self):
        self.assertEqual(self.follow("reports/READING.md"), 1)
        self.assertTrue(os.path.exists(self.path("report.html")))

    def test_more_than_one_machine(self):
        self.assertGreater(self.follow("harness/CLUSTERS.md"), 1)

    def test_pages_without_commands(self):
        for page in PAGES_WITHOUT_COMMANDS:
            with self.subTest(page):
                self.assertEqual(blocks(page), [], "list the page among PAGES, and run it")

    def test_no_block_is_left_out(self):
        for page in PAGES:
            with self.subTest(page), open(os.path.join(ROOT, page), encoding="utf-8") as file:
                text = file.read()
                self.assertEqual(len(blocks(page)), len(re.findall(r"^```sh$", text, flags=re.MULTILINE)))
                fenced = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
                self.assertEqual(re.findall(r"^    +\S*axiometer .*", fenced, flags=re.MULTILINE), [])


if __name__ == "__main__":
    axiometer_program.main()
