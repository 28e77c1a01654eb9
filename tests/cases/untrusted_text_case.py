#!/usr/bin/env python3
"""What a model or an endpoint writes is shown, never obeyed: on the terminal, in HTML, in exports.

untrusted_text_case.py AXIOMETER MOCK_ENDPOINT [unittest options]
"""

import csv
import html.parser
import json
import os
import pty
import re
import shutil
import subprocess

import axiometer_program
import faulty_endpoint

BIDI = "\u202e\u2066\u200f"
TEXTS = {
    "escapes": "clear \x1b[2J title \x1b]0;owned\x07 C1 \x9b31m \x90q\x9c back\x08\x08\r over \x7f",
    "markup": "</script><script>document.title='marker ran'</script><img src=x onerror=\"document.title='marker ran'\">"
    "'\"><svg onload=document.title='marker\u0020ran'> [a](javascript:document.title='marker_ran') ]]> <!-- &amp;",
    "bidi": f"left {BIDI}right",
    "nul": "a\x00b\ufffe\ud800c",
    "long": "x" * (1 << 20),
}
CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
OVERRIDES = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")


class Elements(html.parser.HTMLParser):
    """The elements of a page that can do something, and the text of its scripts."""

    def __init__(self, page):
        super().__init__()
        self.scripts = 0
        self.suspicious = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.scripts += tag == "script"
        for name, value in attributes:
            if name.startswith("on") or "javascript:" in (value or "").lower():
                self.suspicious.append((tag, name, value))
        if tag in ("img", "iframe", "object", "embed", "base", "link"):
            self.suspicious.append((tag,))


class UntrustedText(axiometer_program.ProgramCase):
    def run_with(self, answer):
        endpoint = faulty_endpoint.FaultyEndpoint(self.mock(), answer)
        self.addCleanup(endpoint.stop)
        arguments = ["eval", "crossroads", "--limit", str(len(TEXTS)), "--model", "openai/subject"]
        arguments += ["--base-url", endpoint.url, "--judge", "scripted/perfect", "--max-retries", "0"]
        return self.run_program(*arguments, "--display", "plain")

    def answer_with_texts(self):
        """Each sample is given one of the texts, as what is said, called and handed over."""
        given = {}

        def answer(request, _):
            asked = faulty_endpoint.asked(request)
            name = given.setdefault(asked, list(TEXTS)[len(given) % len(TEXTS)])
            text = TEXTS[name]
            if any(message["role"] == "assistant" for message in request["messages"]):
                return faulty_endpoint.completion({"content": text, "reasoning": text})
            tool = request["tools"][0]["function"]["name"]
            arguments = json.dumps({text[:200]: text})
            calls = [
                {"id": text[:50], "type": "function", "function": {"name": text[:50], "arguments": "{}"}},
                {"id": "b", "type": "function", "function": {"name": tool, "arguments": arguments}},
            ]
            return faulty_endpoint.completion({"content": text, "tool_calls": calls}, "tool_calls")

        return answer

    def on_a_terminal(self, *arguments):
        """What the program prints on a terminal, without the escapes that it makes itself."""
        leader, follower = pty.openpty()
        process = subprocess.Popen(
            [axiometer_program.PROGRAM, *arguments],
            cwd=self.folder,
            env={**self.environment(), "NO_COLOR": "1", "TERM": "dumb"},
            stdin=follower,
            stdout=follower,
            stderr=follower,
        )
        os.close(follower)
        data = b""
        while True:
            try:
                chunk = os.read(leader, 1 << 16)
            except OSError:  # the other end is closed
                break
            if not chunk:
                break
            data += chunk
        os.close(leader)
        self.assertEqual(process.wait(), 0, data[-2000:])
        return data.decode().replace("\r\n", "\n")

    def assert_clean(self, text, where):
        found = CONTROLS.search(text) or OVERRIDES.search(text)
        if found:
            self.fail(f"{where}: {text[max(0, found.start() - 60):found.end() + 20]!r}")

    def assert_everything_is_clean(self):
        for verb in (("report",), ("runs",), ("report", "--format", "markdown")):
            self.assert_clean(self.on_a_terminal(*verb), verb)
        self.succeeds("report", "-o", "report.html")
        with open(os.path.join(self.folder, "report.html"), "rb") as file:
            page = file.read().decode()
        self.assert_clean(page, "report.html")
        elements = Elements(page)
        self.assertEqual(elements.suspicious, [])
        self.assertLess(len(page), 1 << 20)
        self.assert_no_script_ran()
        return elements.scripts

    def assert_no_script_ran(self):
        browser = shutil.which("chromium")
        if browser is None:
            return
        command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"]
        command += [f"--user-data-dir={self.folder}/browser", f"file://{self.folder}/report.html"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=axiometer_program.PATIENCE_S)
        self.assertEqual(done.returncode, 0, done.stderr)
        title = re.search("<title>(.*?)</title>", done.stdout, re.S)[1]
        self.assertNotIn("marker", title)
        self.assertIn("crossroads", done.stdout)

    def test_what_a_model_says_calls_and_hands_over(self):
        done = self.run_with(lambda *_: None)
        self.assertEqual(done.returncode, 0, done.stderr)
        scripts = self.assert_everything_is_clean()
        os.remove(os.path.join(self.folder, "axiometer.db"))
        done = self.run_with(self.answer_with_texts())
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assert_clean(done.stderr, "what eval prints")
        self.assertEqual(self.assert_everything_is_clean(), scripts)
        lines = self.export()
        self.assertEqual({line["outcome"] for line in lines}, {"finished"})
        said = {line["completion"] for line in lines}
        for name in ("escapes", "markup", "bidi", "long"):
            self.assertIn(TEXTS[name], said)
        self.succeeds("export", "latest", "--format", "csv", "-o", "out.csv")
        csv.field_size_limit(1 << 22)
        with open(os.path.join(self.folder, "out.csv"), encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file))
        self.assertEqual({len(row) for row in rows}, {len(rows[0])})

    def test_what_an_endpoint_says_went_wrong(self):
        texts = iter(TEXTS.values())

        def answer(*_):
            text = next(texts, "x")
            return 400, json.dumps({"error": {"message": text, "code": text[:99], "type": text[:99]}}).encode()

        done = self.run_with(answer)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assert_clean(done.stderr, "what eval prints")
        self.assertLess(len(done.stderr), 20_000)
        self.assert_everything_is_clean()

    def test_invalid_utf_8(self):
        broken = faulty_endpoint.completion({"content": "Done, caf#"}).replace(b"#", b"\xe9\xff\xc0\xaf")
        done = self.run_with(lambda *_: broken)
        self.assert_clean(done.stderr, "what eval prints")
        self.assert_everything_is_clean()
        for line in self.succeeds("export", "latest", "--format", "jsonl").split("\n")[:-1]:
            json.loads(line)


if __name__ == "__main__":
    axiometer_program.main()
