#!/usr/bin/env python3
"""One run through an endpoint with which everything goes wrong: every sample ends, once, for the reason that is due.

endurance_faults_case.py AXIOMETER MOCK_ENDPOINT [unittest options]

AXIOMETER_SAMPLES sets how many samples the run has (1000). ENDURANCE.md has the table of what goes wrong.
"""

import json
import os
import shutil
import socket
import sqlite3
import ssl
import subprocess
import threading
import time
import urllib.request

import axiometer_program
import invented_nurvalues

SAMPLES = int(os.environ.get("AXIOMETER_SAMPLES", "1000"))
SEED = os.environ.get("AXIOMETER_SEED", "1")
TRIES = 3

CLOSED = "connection closed early: "
# How a sample ends that meets this fate at every try: outcome, requests (None: libcurl may repeat one by itself on a
# new connection when a kept one died before the reply began), what it says. Without an outcome here: finished.
LASTING = {
    "reset_before": ("model_error", None, CLOSED),
    "no_reply": ("model_error", None, CLOSED),
    "reset_in_headers": ("model_error", TRIES, CLOSED),
    "reset_after_headers": ("model_error", TRIES, CLOSED),
    "reset_in_body": ("model_error", TRIES, CLOSED),
    "close_in_body": ("model_error", TRIES, CLOSED),
    "chunked_cut": ("model_error", TRIES, CLOSED),
    "trickle": ("model_timeout", TRIES, "timed out: "),
    "stall": ("model_timeout", TRIES, "timed out: "),
    "stall_after_headers": ("model_timeout", TRIES, "timed out: "),
    "html": ("model_error", 2, "the reply is an HTML page, expected JSON"),
    "bad_json": ("model_error", 2, "not valid JSON"),
    "empty": ("model_error", 2, "the reply is empty"),
    "excess": ("model_error", 2, "not valid JSON"),
    "error_in_200": ("model_error", 2, "The engine is overloaded"),
    "redirect": ("model_error", 2, "HTTP 307"),
    "not_http": ("model_error", 2, "not HTTP: "),
    "http2_frames": ("model_error", 2, "not HTTP: "),
    "long_header": ("model_error", 2, "not HTTP: "),
}
for status in (408, 409, 425, 429, 500, 502, 503, 504, 529):
    outcome = {408: "model_timeout", 504: "model_timeout", 429: "rate_limited"}.get(status, "model_error")
    for kind in ("", "_after", "_skewed"):
        LASTING[f"{status}{kind}"] = (outcome, TRIES, f"HTTP {status}: HTTP {status}")
# What no further try can mend ends the sample at the first, lasting or not.
FINAL = {
    "gzip_bomb": "reply too large: more than 8388608 bytes",
    "large": "reply too large: more than 8388608 bytes",
    "no_choices": "0 choices in the reply, expected 1",
    "413": "HTTP 413: HTTP 413",
}


class Faults(axiometer_program.ProgramCase):
    maxDiff = None

    def ledger(self, mock):
        with urllib.request.urlopen(f"{mock.url}/ledger", timeout=axiometer_program.PATIENCE_S) as reply:
            return json.load(reply)

    def evaluate(self, mock, *options):
        arguments = ["eval", "nurvalues", "--data", "data", "--model", "openai/subject", "--base-url", mock.url]
        connections = max(100, SAMPLES // 40)
        arguments += ["--max-connections", str(connections), "--timeout", "4", "--max-retries", str(TRIES - 1)]
        return [*arguments, "--display", "none", *options]

    def write_data(self):
        value, *_ = invented_nurvalues.CASES[0]
        table = [
            {column: f"case-{index} {column}" for column in invented_nurvalues.COLUMNS}
            | {"index": index, "Nursing_Value": value, "Alignment": index % 2}
            for index in range(SAMPLES)
        ]
        os.makedirs(self.path("data"))
        invented_nurvalues.write(self.path(f"data/{invented_nurvalues.FILE}"), table)

    def due(self, line):
        """How a sample ends whose request met this: outcome, requests, what the end of it says."""
        fate = line["fate"]
        if fate in FINAL:
            return "model_error", 1, FINAL[fate]
        if line["lasting"] and fate in LASTING:
            return LASTING[fate]
        return "finished", None, ""

    def run_until_nothing_is_left(self, command):
        """Gives the command again as often as the program asks for it; the reasons that it gave."""
        reasons = []
        while len(reasons) < 50:
            done = self.run_program(*command)
            self.assert_nothing_left_behind()
            reasons.append(done.stderr.rstrip("\n").split("\n")[-1])
            self.assertEqual(done.returncode, 1, done.stderr)
            if f" of {SAMPLES} samples ended in an error and have no score" in reasons[-1]:
                return reasons
            self.assertIn("20 samples in a row ended in an error", reasons[-1])
        self.fail(reasons)

    def test_every_sample_ends_once_as_is_due_and_nothing_is_paid_for_twice(self):
        self.write_data()
        mock = self.mock("--fates", SEED, "--latency-ms", "5", "--latency-sigma", "0.5")
        begun = time.monotonic()
        reasons = self.run_until_nothing_is_left(self.evaluate(mock))
        seconds = time.monotonic() - begun
        ledger = self.ledger(mock)
        lines = {line["case"]: line for line in ledger["requests"]}
        self.assertEqual(len(lines), SAMPLES)
        self.assertEqual({line["fate"] for line in lines.values()}, set(ledger["fates"]))
        samples = self.export()
        self.assertEqual(len(samples), SAMPLES)
        calls = self.calls()
        self.assertEqual(len(calls), SAMPLES)
        wrong = []
        disturbed = 0  # by an endpoint that refused everybody for a moment
        for sample in samples:
            case = f"case-{sample['task'].rsplit('/', 1)[1]}"
            line = lines.pop(case)
            tries, error = calls[sample["task"]]
            outcome, requests, text = self.due(line)
            # Two tries or the last one may come while nobody gets a connection.
            if line["fate"] in LASTING and line["requests"] == 1 and tries == TRIES:
                outcome, requests, text = LASTING[line["fate"]]
            if "cannot connect: " in error:
                outcome, text = "model_error", "cannot connect: "
            well = outcome == "finished"
            disturbed += outcome != self.due(line)[0]
            facts = {
                "outcome": sample["outcome"] == outcome,
                "one attempt": sample["attempts"] == 1,
                "paid for once or never": line["paid"] == well,
                "completion": (sample["completion"] is not None) == well,
                "scores": any(value is not None for value in sample["scores"].values()) == well,
                "tries": 1 <= tries <= TRIES and line["requests"] <= (requests or 6 * TRIES),
                "reason": error.startswith('endpoint "openai/subject": ') and text in error if text else not error,
            }
            disturbed += requests is not None and (tries, line["requests"]) != (requests, requests)
            if not all(facts.values()):
                wrong.append(([name for name in facts if not facts[name]], line, sample["outcome"], tries, error[:200]))
        self.assertFalse(wrong, f"{len(wrong)} samples")
        self.assertEqual(lines, {})
        self.assertLessEqual(disturbed, SAMPLES // 50)
        # What is done is done, and the same command asks nothing.
        asked = sum(line["requests"] for line in ledger["requests"])
        self.assertEqual(self.run_until_nothing_is_left(self.evaluate(mock))[-1], reasons[-1])
        self.assertEqual(sum(line["requests"] for line in self.ledger(mock)["requests"]), asked)
        print(
            f"{SAMPLES} samples through {len(ledger['fates'])} fates in {seconds:.1f} s, {len(reasons)} sessions: "
            f"{asked} requests, {sum(line['paid'] for line in ledger['requests'])} paid for",
            flush=True,
        )

    def assert_tls_fails(self, port, why):
        command = ["eval", "nurvalues", "--limit", "2", "--model", "openai/subject", "--display", "none"]
        done = self.run_program(*command, "--base-url", f"https://127.0.0.1:{port}/v1")
        self.assertEqual(done.returncode, 1, done.stderr)
        told = done.stderr.rstrip("\n").split("\n")[-1]
        self.assertRegex(
            told,
            r"^axiometer: 2 of 2 samples ended in an error and have no score, for example "
            rf'\(endpoint "openai/subject": TLS failed: .*{why}.*\): mend the cause, ',
        )
        self.assertEqual([tries for tries, _ in self.calls().values()], [1, 1])
        os.remove(self.path())

    def test_an_endpoint_without_tls_or_with_a_certificate_that_nobody_vouches_for(self):
        self.assert_tls_fails(self.mock().port, "wrong version number|record layer failure")
        if shutil.which("openssl") is None:
            self.skipTest("needs openssl to make a certificate")
        make = "openssl req -x509 -newkey rsa:2048 -nodes -keyout key -out certificate -days 2 -subj /CN=127.0.0.1"
        subprocess.run(make.split(), cwd=self.folder, capture_output=True, check=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.path("certificate"), self.path("key"))
        listener = socket.create_server(("127.0.0.1", 0))

        def shake_hands():
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return  # closed below
                try:
                    context.wrap_socket(connection, server_side=True).close()
                except OSError:
                    connection.close()

        thread = threading.Thread(target=shake_hands, daemon=True)
        thread.start()
        self.assert_tls_fails(listener.getsockname()[1], "self.signed certificate")
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()

    def calls(self):
        """Tries and error of each task's one call."""
        connection = sqlite3.connect(self.path())
        rows = connection.execute(
            "SELECT a.task, c.tries, c.error FROM calls AS c JOIN attempts AS a ON a.id = c.attempt WHERE c.cached = 0"
        ).fetchall()
        self.assertEqual(connection.execute("SELECT count(*) FROM attempts WHERE outcome IS NULL").fetchone(), (0,))
        connection.close()
        calls = {task: (tries, error or "") for task, tries, error in rows}
        self.assertEqual(len(calls), len(rows))
        return calls


if __name__ == "__main__":
    axiometer_program.main()
