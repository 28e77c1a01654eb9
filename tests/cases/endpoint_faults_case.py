#!/usr/bin/env python3
"""Endpoints that fail in every way, through the real program: a failure is an outcome, never a score.

endpoint_faults_case.py AXIOMETER MOCK_ENDPOINT [unittest options]
"""

import json
import os
import socket
import struct
import time

import axiometer_program
import faulty_endpoint

SAMPLES = 2


def close_in_the_middle(_, handler):
    handler.wfile.write(b'HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\n{"choices": [')
    handler.wfile.flush()
    handler.connection.shutdown(socket.SHUT_RDWR)
    return True


def reset(_, handler):
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()
    return True


def error(status, message, **more):
    body = json.dumps({"error": {"message": message, **more}}).encode()
    return lambda *_: (status, body, {"retry-after-ms": "10"})


def body(text):
    return lambda *_: text


class EndpointFaults(axiometer_program.ProgramCase):
    expected = None  # the findings of an undisturbed run

    def setUp(self):
        super().setUp()
        self.healthy = self.mock()

    def endpoint(self, answer, keep_alive=True):
        endpoint = faulty_endpoint.FaultyEndpoint(self.healthy, answer, keep_alive)
        self.addCleanup(endpoint.stop)
        return endpoint

    def evaluate(self, url, *options, database="axiometer.db"):
        arguments = ["eval", "crossroads", "--limit", str(SAMPLES), "--model", "openai/subject", "--base-url", url]
        arguments += ["--judge", "scripted/perfect", "--max-retries", "1", "--db", database, "--display", "none"]
        return [*arguments, *options]

    def ends(self, status, *arguments):
        """The last line of standard error."""
        begun = time.monotonic()
        done = self.run_program(*arguments)
        self.assertEqual(done.returncode, status, done.stderr)
        self.assertLess(time.monotonic() - begun, 30)
        self.assert_nothing_left_behind()
        return done.stderr.rstrip("\n").split("\n")[-1]

    def undisturbed(self):
        if not EndpointFaults.expected:
            self.succeeds(*self.evaluate(self.healthy.url, database="undisturbed.db"))
            EndpointFaults.expected = self.findings("undisturbed.db")
        return EndpointFaults.expected

    def outcomes(self):
        (run,) = json.loads(self.succeeds("runs", "--json"))["runs"]
        return run["outcomes"]

    def assert_one_sample_is_lost(self, fault, outcome, requests, what, *options, keep_alive=True):
        """`fault` meets the first sample that asks; `what` (a pattern) tells of it."""
        struck = []

        def answer(request, handler):
            if not struck:
                struck.append(faulty_endpoint.asked(request))
            return fault(request, handler) if faulty_endpoint.asked(request) == struck[0] else None

        endpoint = self.endpoint(answer, keep_alive)
        command = self.evaluate(endpoint.url, *options)
        told = self.ends(1, *command)
        self.assertRegex(
            told,
            f"^axiometer: 1 of {SAMPLES} samples ended in an error and have no score, for example "
            rf'\(endpoint "openai/subject": {what}\): mend the cause, then give the same command with --retry-errors$',
        )
        self.assertEqual(self.outcomes(), {"finished": SAMPLES - 1, outcome: 1})
        (lost,) = [line for line in self.export() if line["outcome"] == outcome]
        self.assertEqual((lost["completion"], lost["scores"]), (None, {}))
        asked = [request for request in endpoint.take() if faulty_endpoint.asked(request) == struck[0]]
        self.assertEqual(len(asked), requests)
        endpoint.answer = lambda *_: None
        self.succeeds(*command, "--retry-errors")
        self.assertEqual({faulty_endpoint.asked(request) for request in endpoint.take()}, set(struck))
        self.assertEqual(self.findings(), self.undisturbed())

    def test_a_slow_reply(self):
        def late():
            time.sleep(3)
            return b"{}"

        what = r"timed out: .* \(after 2 tries\)"
        self.assert_one_sample_is_lost(lambda *_: late, "model_timeout", 2, what, "--timeout", "2")

    def test_a_connection_closed_in_the_middle(self):
        what = r"connection closed early: .* \(after 2 tries\)"
        self.assert_one_sample_is_lost(close_in_the_middle, "model_error", 2, what)

    def test_a_connection_reset(self):
        # On a kept connection libcurl would send the request again by itself, and not say how often.
        what = r"connection closed early: .* \(after 2 tries\)"
        self.assert_one_sample_is_lost(reset, "model_error", 2, what, keep_alive=False)

    def choices(self, url, *options):
        return ["eval", "crossroads", "-T", "form=choice", "--model", "openai/subject", "--base-url", url, "--display", "none", *options]

    def test_what_a_kept_connection_lost_is_not_sent_again_unseen(self):
        def answer(_, handler):
            handler.asked = getattr(handler, "asked", 0) + 1
            return True if handler.asked == 2 else faulty_endpoint.completion({"content": "Answer: A"})

        endpoint = self.endpoint(answer)
        self.assertEqual(self.run_program(*self.choices(endpoint.url, "--limit", "4", "--max-connections", "1", "--max-retries", "0")).returncode, 1)
        calls = self.query("SELECT status, sum(tries) FROM calls GROUP BY status ORDER BY status")
        self.assertEqual(calls, [("error", 2), ("ok", 2)])
        self.assertEqual(len(endpoint.take()), 4)

    def test_a_limit_of_cost_holds_but_for_what_is_in_flight(self):
        reply = json.loads(faulty_endpoint.completion({"content": "Answer: A"}))
        endpoint = self.endpoint(lambda *_: json.dumps({**reply, "usage": {"prompt_tokens": 1_000_000, "completion_tokens": 0}}).encode())
        spent = 0
        for limit in (3, 8):
            done = self.run_program(*self.choices(endpoint.url, "--epochs", "5", "--max-connections", "2", "--prices", "1,0",
                                                  "--cost-limit", str(limit)))
            self.assertEqual(done.returncode, 1)
            self.assertIn("axiometer: --cost-limit: the run has spent its limit: raise the limit and give the same command again", done.stderr)
            spent += len(endpoint.take())
            self.assertTrue(limit <= spent <= limit + 1, spent)
            self.assertEqual(self.query("SELECT sum(cost_usd) FROM calls"), [(spent,)])
        # Whatever was not asked is asked when there is money for it.
        self.assertEqual(self.query("SELECT count(*) FROM attempts WHERE outcome = 'finished'"), [(spent,)])

    def test_an_agent_that_nobody_paid_for_is_neither_ended_nor_judged(self):
        reply = json.loads(faulty_endpoint.completion({"content": None, "tool_calls": [faulty_endpoint.CALLED]}, "tool_calls"))
        endpoint = self.endpoint(lambda *_: json.dumps({**reply, "usage": {"prompt_tokens": 1_000_000, "completion_tokens": 0}}).encode())
        done = self.run_program("eval", "crossroads", "--model", "openai/subject", "--base-url", endpoint.url, "--judge", "scripted/perfect",
                                "--display", "none", "--max-connections", "2", "--prices", "1,0", "--cost-limit", "3")
        self.assertEqual(done.returncode, 1)
        self.assertIn("--cost-limit: the run has spent its limit", done.stderr)
        self.assertLessEqual(len(endpoint.take()), 4)
        ended = self.query("SELECT outcome, steps FROM attempts WHERE outcome IS NOT NULL")
        self.assertTrue(ended)
        for outcome, steps in ended:
            self.assertEqual(outcome, "cost_limit")
            self.assertGreater(steps, 0)
        self.assertEqual(self.query("SELECT count(*) FROM judgements"), [(len(ended),)])

    def test_a_limit_of_cost_is_none_where_nobody_says_what_was_used(self):
        endpoint = self.endpoint(lambda *_: faulty_endpoint.completion({"content": "Answer: A"}))
        done = self.run_program(*self.choices(endpoint.url, "--max-connections", "1", "--prices", "1,0", "--cost-limit", "3"))
        self.assertEqual(done.returncode, 1)
        self.assertIn("--cost-limit: a reply came without its usage, so that what the run spends cannot be known", done.stderr)
        self.assertEqual(len(endpoint.take()), 1)

    def test_a_key_in_the_place_of_its_name_is_neither_shown_nor_stored(self):
        for key in ("sk-proj-MARK-1", "MARKED"):
            done = self.run_program(*self.choices("http://127.0.0.1:9/v1", "--api-key-env", key))
            self.assertEqual(done.returncode, 2)
            self.assertIn("--api-key-env: no variable of that name is set", done.stderr)
            self.assertNotIn("MARK", done.stderr)
        self.assertFalse(os.path.exists(self.path()))

    def test_html(self):
        page = b"<!doctype html><title>502</title><p>Bad\x1b[2J gateway"
        self.assert_one_sample_is_lost(body(page), "model_error", 2, 'the reply is an HTML page titled "502", .*')

    def test_wrong_json(self):
        self.assert_one_sample_is_lost(body(b'{"reply": "yes"}'), "model_error", 2, 'no "choices" in the reply: .*')

    def test_no_choice(self):
        self.assert_one_sample_is_lost(body(b'{"choices": []}'), "model_error", 1, "0 choices in the reply, expected 1")

    def test_a_reply_that_is_too_large(self):
        large = faulty_endpoint.completion({"content": "x" * (10 << 20)})
        self.assert_one_sample_is_lost(body(large), "model_error", 1, "reply too large: more than 8388608 bytes")

    def test_too_many_requests_for_ever(self):
        what = r"HTTP 429: slow down \(after 2 tries\)"
        self.assert_one_sample_is_lost(error(429, "slow down"), "rate_limited", 2, what)

    def test_what_ended_in_an_error_is_not_run_again_unasked(self):
        endpoint = self.endpoint(error(404, "no such model"))
        told = self.ends(1, *self.evaluate(endpoint.url))
        self.assertEqual(len(endpoint.take()), SAMPLES)
        self.assertEqual(self.ends(1, *self.evaluate(endpoint.url)), told)
        self.assertEqual(endpoint.take(), [])

    def test_a_failing_server(self):
        self.assert_one_sample_is_lost(error(500, "oh"), "model_error", 2, r"HTTP 500: oh \(after 2 tries\)")

    def test_an_unknown_model(self):
        fault = error(404, "no model \"subject\"", code="model_not_found")
        self.assert_one_sample_is_lost(fault, "model_error", 1, 'HTTP 404: no model "subject"')

    def test_a_refused_key_ends_the_run(self):
        endpoint = self.endpoint(error(401, "wrong key"))
        command = self.evaluate(endpoint.url)
        told = self.ends(1, *command)
        self.assertEqual(
            told,
            'axiometer: endpoint "openai/subject": HTTP 401: wrong key: set OPENAI_API_KEY to a key that it accepts',
        )
        self.assertLessEqual(len(endpoint.take()), SAMPLES)
        self.assertEqual(self.outcomes(), {})
        endpoint.answer = lambda *_: None
        self.succeeds(*command)
        self.assertEqual(self.outcomes(), {"finished": SAMPLES})

    def test_an_account_without_money_ends_the_run(self):
        endpoint = self.endpoint(error(429, "pay first", code="insufficient_quota"))
        told = self.ends(1, *self.evaluate(endpoint.url))
        self.assertEqual(
            told,
            'axiometer: endpoint "openai/subject": HTTP 429: pay first: once it is paid for, the same command goes on',
        )
        self.assertLessEqual(len(endpoint.take()), SAMPLES)

    def test_nobody_listens(self):
        with socket.socket() as held:  # bound, and not listening
            held.bind(("127.0.0.1", 0))
            command = self.evaluate(f"http://127.0.0.1:{held.getsockname()[1]}/v1")
            command[command.index("--limit") + 1] = "22"
            told = self.ends(1, *command)
        self.assertRegex(
            told,
            r"^axiometer: 20 samples in a row ended in an error, the last in model_error \(endpoint "
            r'"openai/subject": .*\(after 2 tries\)\): mend the cause, then give the same command with --retry-errors$',
        )
        self.assertNotIn("finished", self.outcomes())

    def test_a_judge_that_fails_leaves_a_trajectory_to_be_judged_later(self):
        fault = error(500, "oh")
        endpoint = self.endpoint(lambda request, handler: None if "tools" in request else fault(request, handler))
        command = self.evaluate(endpoint.url)
        command[command.index("scripted/perfect")] = "openai/judge"
        told = self.ends(1, *command)
        self.assertRegex(told, r"^axiometer: [12] of 2 samples could not be judged and have no score, for example ")
        self.assertEqual(self.outcomes(), {"finished": SAMPLES})
        endpoint.take()
        endpoint.answer = lambda *_: None
        self.succeeds(*command, "--retry-errors")
        self.assertFalse([request for request in endpoint.take() if "tools" in request])

    def test_broken_arguments_are_answered_and_the_sample_goes_on(self):
        broken = self.mock("--bad-arguments", "1")
        self.succeeds(*self.evaluate(broken.url))
        self.assertEqual(self.outcomes(), {"finished": SAMPLES})


if __name__ == "__main__":
    axiometer_program.main()
