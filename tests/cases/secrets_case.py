#!/usr/bin/env python3
"""Where a key may be: in the program's own memory and in what it sends to its endpoint. Nowhere else.

secrets_case.py AXIOMETER MOCK_ENDPOINT [unittest options]
"""

import os
import resource
import signal
import subprocess
import time
import zipfile

import axiometer_program
import faulty_endpoint

KEY = "sk-Marker7Vq2xTzR9bLw4"
JUDGE_KEY = "sk-Other5Hn8yKdC3mPq6"


class Secrets(axiometer_program.ProgramCase):
    def endpoint(self, answer=lambda *_: None, latency_ms=0):
        endpoint = faulty_endpoint.FaultyEndpoint(self.mock("--latency-ms", str(latency_ms)), answer)
        self.addCleanup(endpoint.stop)
        return endpoint

    def evaluate(self, url, *options):
        arguments = ["eval", "crossroads", "--limit", "3", "--model", "openai/subject", "--base-url", url]
        arguments += ["--judge", "openai/judge", "--judge-api-key-env", "JUDGE_KEY", "--max-retries", "1"]
        return [*arguments, *options]

    def assert_no_key_in(self, data, where):
        for key in (KEY, JUDGE_KEY):
            # Whole, or enough of it to be of use.
            for part in (key, key[3:], key[3:15], key[-12:]):
                self.assertNotIn(part.encode(), data, where)

    def assert_no_key_on_disk(self, apart_from=()):
        for folder, _, names in os.walk(self.folder):
            for name in set(names) - set(apart_from):
                path = os.path.join(folder, name)
                with open(path, "rb") as file:
                    self.assert_no_key_in(file.read(), name)
                if zipfile.is_zipfile(path):
                    with zipfile.ZipFile(path) as archive:
                        for inner in archive.namelist():
                            self.assert_no_key_in(archive.read(inner), f"{name}: {inner}")

    def assert_no_key_in_what_is_told(self, *apart_from):
        """Reports and exports, printed and as files, and every file there is."""
        for verb in (
            ("report",),
            ("report", "--json"),
            ("runs", "--json"),
            ("doctor", "--json"),
            ("export", "latest", "--format", "jsonl"),
        ):
            done = self.run_program(*verb)
            self.assert_no_key_in((done.stdout + done.stderr).encode(), verb)
        for name in ("report.html", "report.md", "report.json"):
            self.succeeds("report", "-o", name)
        self.succeeds("report", "--figures", "figures")
        self.run_program("report", "--format", "junit", "-o", "report.xml")
        self.run_program("report", "--format", "csv", "-o", "metrics.csv")
        self.succeeds("export", "latest", "--format", "csv", "-o", "export")
        self.succeeds("export", "latest", "--format", "inspect", "-o", "log.eval")
        self.assert_no_key_on_disk(apart_from)

    def echo(self, status):
        """An endpoint that gives back what it was told, in all the ways that it can."""

        def answer(_, handler):
            told = handler.headers["Authorization"]
            body = '{"error": {"message": "no: ' + told + '", "code": "' + told + '", "type": "' + told[7:] + '"}}'
            return status, body.encode(), {"X-Key": told, "retry-after-ms": "10"}

        return self.endpoint(answer)

    def test_keys_of_the_environment(self):
        self.variables = {"OPENAI_API_KEY": KEY, "JUDGE_KEY": JUDGE_KEY}
        asked = []

        def answer(_, handler):
            asked.append(handler.headers["Authorization"])

        done = self.run_program(*self.evaluate(self.endpoint(answer).url, "--display", "plain"))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(set(asked), {f"Bearer {KEY}", f"Bearer {JUDGE_KEY}"})
        self.assert_no_key_in((done.stdout + done.stderr).encode(), "what was printed")
        self.assert_no_key_in_what_is_told()

    def test_keys_of_a_file(self):
        self.variables = {}
        with open(os.path.join(self.folder, ".env"), "w", encoding="utf-8") as file:
            file.write(f'OPENAI_API_KEY={KEY}\nexport JUDGE_KEY="{JUDGE_KEY}"\n')
        done = self.run_program(*self.evaluate(self.endpoint().url, "--display", "plain"))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assert_no_key_in((done.stdout + done.stderr).encode(), "what was printed")
        self.assert_no_key_in_what_is_told(".env")

    def test_an_endpoint_that_echoes_the_key(self):
        self.variables = {"OPENAI_API_KEY": KEY, "JUDGE_KEY": JUDGE_KEY}
        for status in (401, 400, 429, 500, 200):
            with self.subTest(status=status):
                done = self.run_program(*self.evaluate(self.echo(status).url, "--display", "plain", "--fresh"))
                self.assertEqual(done.returncode, 1, done.stderr)
                self.assertIn("[key]", done.stderr)
                self.assert_no_key_in((done.stdout + done.stderr).encode(), "what was printed")
                self.assert_no_key_in_what_is_told()

    def test_a_reply_that_holds_the_key(self):
        self.variables = {"OPENAI_API_KEY": KEY, "JUDGE_KEY": JUDGE_KEY}

        def answer(_, handler):
            told = handler.headers["Authorization"]
            return faulty_endpoint.completion({"content": f"you said {told}", "reasoning": told, told: told})

        self.run_program(*self.evaluate(self.endpoint(answer).url, "--display", "plain"))
        self.assert_no_key_in_what_is_told()

    def how_it_ends(self, process):
        """By SIGABRT: whether the kernel wrote its memory into a core dump."""
        os.kill(process.pid, signal.SIGABRT)
        ended = os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        process.wait()
        self.assertEqual(ended.si_status, signal.SIGABRT)
        return ended.si_code

    def test_a_crash_leaves_no_core_dump(self):
        limits = resource.getrlimit(resource.RLIMIT_CORE)
        self.addCleanup(resource.setrlimit, resource.RLIMIT_CORE, limits)
        resource.setrlimit(resource.RLIMIT_CORE, (limits[1], limits[1]))
        self.variables = {"OPENAI_API_KEY": KEY, "JUDGE_KEY": JUDGE_KEY}
        other = subprocess.Popen(["/bin/sleep", "600"], cwd=self.folder, env=self.environment())
        if self.how_it_ends(other) != os.CLD_DUMPED:
            self.skipTest("no process leaves a core dump here")
        for name in os.listdir(self.folder):
            os.remove(os.path.join(self.folder, name))  # the other's core dump holds its environment
        asked = []
        endpoint = self.endpoint(lambda *_: asked.append(True), latency_ms=2000)
        program = self.start(*self.evaluate(endpoint.url, "--display", "none"))
        self.wait_until(lambda: asked, "the endpoint was asked")
        self.assertEqual(self.how_it_ends(program.process), os.CLD_KILLED)
        self.assert_no_key_on_disk()

    def test_no_child_process_is_told_a_key(self):
        self.variables = {"OPENAI_API_KEY": KEY, "JUDGE_KEY": JUDGE_KEY, "AXIOMETER_MARKER": "for the program alone"}
        endpoint = self.endpoint(latency_ms=40)
        program = self.start(*self.evaluate(endpoint.url, "--display", "none"))
        seen = set()
        while program.process.poll() is None:
            for pid in axiometer_program.descendants(program.process.pid):
                for name in ("environ", "cmdline"):
                    try:
                        if os.readlink(f"/proc/{pid}/exe") == os.path.realpath(axiometer_program.PROGRAM):
                            continue  # forked a moment ago: still the program
                        with open(f"/proc/{pid}/{name}", "rb") as file:
                            data = file.read()
                    except OSError:  # it is gone, or somebody else's
                        continue
                    seen.add((pid, name))
                    self.assert_no_key_in(data, f"{name} of a child")
                    self.assertNotIn(b"for the program alone", data)
            time.sleep(0.005)
        self.assertEqual(program.process.returncode, 0, program.errors())
        self.assertGreater(len(seen), 4)
        self.assert_no_key_on_disk()


if __name__ == "__main__":
    axiometer_program.main()
