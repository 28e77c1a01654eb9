#!/usr/bin/env python3
"""--batch: subjects and judges asked through the batch interfaces of OpenAI and Anthropic.

batch_case.py AXIOMETER MOCK_ENDPOINT [unittest options]
"""

import http.client
import json
import os
import signal
import sys
import threading

import axiometer_program

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "fakes"))
import fake_batches  # noqa: E402

KEY = "sk-Marker7Vq2xTzR9bLw4"
HEADER = "Header-Marker-8Kd2mPq6"


def letter(body):
    """A or B, by what is asked alone."""
    said = body.get("messages") or body.get("input")
    return "AB"[sum(json.dumps(said[-1]["content"]).encode()) % 2]


def chat(body):
    message = {"role": "assistant", "content": letter(body)}
    choice = {"index": 0, "finish_reason": "stop", "message": message}
    usage = {"prompt_tokens": 100, "completion_tokens": 1}
    return 200, {"id": "c", "model": "gpt-x", "choices": [choice], "usage": usage}


def responses(body):
    content = [{"type": "output_text", "text": letter(body), "annotations": []}]
    output = [{"type": "message", "id": "msg_1", "role": "assistant", "content": content}]
    usage = {"input_tokens": 100, "output_tokens": 1}
    return 200, {"id": "r", "status": "completed", "error": None, "model": "gpt-x", "output": output, "usage": usage}


def anthropic(body):
    return 200, {
        "type": "message", "id": "m", "model": "claude-x", "role": "assistant", "stop_reason": "end_turn",
        "content": [{"type": "text", "text": letter(body)}], "usage": {"input_tokens": 100, "output_tokens": 1},
    }  # fmt: skip


PROVIDERS = {"openai": (chat, "/v1"), "openai-responses": (responses, "/v1"), "anthropic": (anthropic, "")}
BATCH = ("--batch", "--batch-poll", "0.1")
AT_THE_PROVIDER = " is at the provider"


class Batches(axiometer_program.ProgramCase):
    def setUp(self):
        super().setUp()
        self.variables = {"THE_KEY": KEY, "THE_HEADER": HEADER}

    def fake(self, answer):
        fake = fake_batches.FakeBatches(answer)
        self.addCleanup(fake.stop)
        return fake

    def command(self, provider, fake, *more, database="axiometer.db", limit=24):
        return [
            "eval", "crossroads", "-T", "form=choice", "--limit", str(limit), "--model", f"{provider}/m", "--base-url",
            fake.url + PROVIDERS[provider][1], "--api-key-env", "THE_KEY", "--db", database, "--prices", "1,2", *more,
        ]  # fmt: skip

    def asked(self, fake):
        return [len(batch.requests) for batch in fake.batches]

    def test_a_batch_finds_what_single_requests_find_at_half_the_price(self):
        for provider, (answer, _) in PROVIDERS.items():
            with self.subTest(provider):
                fake = self.fake(answer)
                single, batch = f"{provider}-single.db", f"{provider}-batch.db"
                self.succeeds(*self.command(provider, fake, database=single))
                self.assertEqual((len(fake.singles), fake.batches), (24, []))
                fake.looks = 3
                fake.page = 2
                self.succeeds(*self.command(provider, fake, *BATCH, database=batch))
                self.assertEqual((len(fake.singles), self.asked(fake)), (24, [24]))
                self.assertEqual(self.findings(batch), self.findings(single))
                self.assertEqual({line["outcome"] for line in self.export(batch)}, {"finished"})
                cost = "SELECT sum(cost_usd), sum(input_tokens) FROM calls"
                ((whole, tokens),), ((half, same),) = self.query(cost, single), self.query(cost, batch)
                self.assertAlmostEqual(half, whole / 2)
                self.assertEqual(same, tokens)
                self.assertEqual(self.query("SELECT requests, settled_ms > 0 FROM batches", batch), [(24, 1)])
                self.assertEqual(fake.files, {})  # deleted once all is stored
                # Which way it was asked is not part of what the run is, and stored replies serve both ways.
                self.succeeds(*self.command(provider, fake, *BATCH, database=single))
                self.succeeds(*self.command(provider, fake, *BATCH, "--fresh", database=single))
                self.succeeds(*self.command(provider, fake, "--fresh", database=batch))
                self.assertEqual((len(fake.singles), self.asked(fake)), (24, [24]))

    def test_killed_while_it_waits(self):
        for provider, (answer, _) in PROVIDERS.items():
            with self.subTest(provider):
                fake = self.fake(answer)
                fake.held = True
                database = f"{provider}.db"
                command = self.command(provider, fake, *BATCH, database=database)
                running = self.start(*command)
                self.wait_until(lambda: AT_THE_PROVIDER in running.errors(), "the batch is kept")
                running.stop()
                fake.held = False
                done = self.run_program(*command)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertIn("1 batch of an earlier session", done.stderr)
                self.assertEqual((fake.singles, self.asked(fake)), ([], [24]))
                self.assertEqual(len(self.export(database)), 24)
                self.assertEqual(self.query("SELECT count(*), sum(requests) FROM batches WHERE settled_ms > 0", database), [(1, 24)])
                self.assertEqual(fake.files, {})

    def test_killed_before_the_provider_has_named_the_batch(self):
        fake = self.fake(chat)
        made, go_on = threading.Event(), threading.Event()
        self.addCleanup(go_on.set)

        def before_naming():
            made.set()
            go_on.wait(60)

        fake.before_naming = before_naming
        command = self.command("openai", fake, *BATCH)
        running = self.start(*command)
        self.assertTrue(made.wait(60))
        running.stop()
        self.assertEqual(self.query("SELECT * FROM batches"), [])
        fake.before_naming = lambda: None
        # Others' batches in the same account.
        for number in range(3):
            fake.batches.append(fake_batches.Batch(f"other_{number}", [], {"axiometer_run": "another"}))
        self.succeeds(*command)
        self.assertEqual((fake.singles, self.asked(fake)), ([], [24, 0, 0, 0]))
        self.assertEqual(len(self.export()), 24)

    def test_the_first_interrupt_leaves_the_batch_where_it_is(self):
        fake = self.fake(anthropic)
        fake.held = True
        command = self.command("anthropic", fake, "--batch", "--batch-poll", "3000")
        running = self.start(*command)
        self.wait_until(lambda: AT_THE_PROVIDER in running.errors(), "the batch is kept")
        running.process.send_signal(signal.SIGINT)
        self.assertEqual(running.end_within(30), 130)
        self.assertIn("1 batch goes on at the provider; the same command fetches what it answers", running.errors())
        fake.held = False
        self.succeeds(*self.command("anthropic", fake, *BATCH))
        self.assertEqual((fake.singles, self.asked(fake)), ([], [24]))
        self.assertEqual({line["outcome"] for line in self.export()}, {"finished"})

    def test_what_expired_or_was_lost_is_submitted_again_and_nothing_else(self):
        for provider, (answer, _) in PROVIDERS.items():
            with self.subTest(provider):
                fake = self.fake(answer)
                unlucky = {}

                def fate(batch, body):
                    if batch is not fake.batches[0]:
                        return None
                    place = unlucky.setdefault(json.dumps(body), len(unlucky))
                    return {0: "expired", 1: "lost"}.get(place)

                fake.fate = fate
                database = f"{provider}.db"
                self.succeeds(*self.command(provider, fake, *BATCH, database=database))
                self.assertEqual(self.asked(fake), [24, 2])
                self.assertEqual(len({json.dumps(body) for _, body in fake.batches[1].requests}), 2)
                self.assertEqual(self.query("SELECT tries, count(*) FROM calls GROUP BY tries", database), [(1, 22), (2, 2)])

    def test_what_is_never_answered_fails_as_what_it_is(self):
        for fate, outcome, says in [("expired", "model_timeout", "did not answer within its time (after 2 tries)"),
                                    ("canceled", "model_error", "was cancelled at the provider")]:  # fmt: skip
            with self.subTest(fate):
                fake = self.fake(chat)
                fake.fate = lambda batch, body, fate=fate: fate if letter(body) == "A" else None
                command = self.command("openai", fake, *BATCH, "--max-retries", "1", "--fresh", "--no-cache", limit=6)
                done = self.run_program(*command)
                self.assertEqual(done.returncode, 1, done.stderr)
                self.assertIn(says, done.stderr)
                outcomes = {line["outcome"] for line in self.export()}
                self.assertEqual(outcomes, {outcome, "finished"})
                self.assertEqual(len(fake.batches), 2 if fate == "expired" else 1)

    def test_an_error_in_a_line_is_one_of_that_request(self):
        refusal = {"error": {"message": f"too long for {KEY}", "type": "invalid_request_error"}}
        for provider, error in [("openai", refusal), ("anthropic", {"type": "error", **refusal})]:
            with self.subTest(provider):
                answer = PROVIDERS[provider][0]
                fake = self.fake(lambda body, a=answer, e=error: (400, e) if letter(body) == "A" else a(body))
                database = f"{provider}.db"
                done = self.run_program(*self.command(provider, fake, *BATCH, database=database, limit=6))
                self.assertEqual(done.returncode, 1, done.stderr)
                self.assertIn("too long for ", done.stderr)
                samples = self.export(database)
                failed = [line for line in samples if line["outcome"] == "model_error"]
                expected = [body for _, body in fake.batches[0].requests if letter(body) == "A"]
                self.assertEqual(len(failed), len(expected))
                self.assertEqual(len(samples), 6)
                self.assertEqual(len(fake.batches), 1)
                # Answered once the cause is mended, and those alone.
                fake.answer = answer
                self.succeeds(*self.command(provider, fake, *BATCH, "--retry-errors", database=database, limit=6))
                self.assertEqual(self.asked(fake), [6, len(expected)])

    def test_a_run_that_fails_does_not_wait_for_what_is_still_at_the_provider(self):
        refusal = {"error": {"message": "no", "type": "invalid_request_error"}}
        fake = self.fake(lambda body: (400, refusal) if letter(body) == "A" else chat(body))
        # Asked again, in a batch without end.
        fake.fate = lambda batch, body: "lost" if letter(body) == "B" else None
        fake.before_naming = lambda: setattr(fake, "held", len(fake.batches) > 1)
        running = self.start(*self.command("openai", fake, *BATCH, "--fail-on-error", "1"))
        self.assertEqual(running.end_within(60), 1)
        self.assertIn("samples ended in an error", running.errors())

    def test_no_secret_is_stored(self):
        fake = self.fake(chat)
        fake.looks = 2
        header = ("--model-header", "X-Team=$THE_HEADER")
        self.succeeds(*self.command("openai", fake, *BATCH, *header, limit=6))
        for headers in fake.headers:
            self.assertIn(KEY, headers["Authorization"])
            self.assertEqual(headers["X-Team"], HEADER)
        self.assert_in_no_file(KEY, HEADER)

    def test_a_batch_that_may_have_been_made_is_not_made_again(self):
        def lost():
            raise ConnectionError("closed without an answer")

        for provider, status in (("anthropic", 1), ("openai", 0)):  # whose list has it
            with self.subTest(provider):
                fake = self.fake(PROVIDERS[provider][0])
                fake.before_naming = lost
                database = f"{provider}-lost.db"
                done = self.run_program(*self.command(provider, fake, *BATCH, "--max-retries", "2", database=database, limit=6))
                self.assertEqual((done.returncode, len(fake.batches)), (status, 1), done.stderr)
                if status:
                    self.assertIn("a batch may be at the provider all the same, which its console shows", done.stderr)

    def test_the_file_of_a_batch_that_is_refused_is_deleted(self):
        fake = self.fake(chat)
        fake.takes = False
        done = self.run_program(*self.command("openai", fake, *BATCH, limit=6))
        self.assertEqual(done.returncode, 1)
        self.assertIn("no room for a batch", done.stderr)
        self.assertEqual((fake.files, fake.batches), ({}, []))
        fake.deletes = False
        done = self.run_program(*self.command("openai", fake, *BATCH, "--fresh", limit=6))
        self.assertIn("note: the requests of a batch that was refused (openai/m, 6 requests) are still among your files", done.stderr)
        self.assertEqual(len(fake.files), 1)

    def test_files_that_cannot_be_deleted_are_noted(self):
        fake = self.fake(chat)
        fake.deletes = False
        done = self.run_program(*self.command("openai", fake, *BATCH, limit=6))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(
            "note: the requests of batch batch_2 (openai/m, 6 requests) are still among your files at the provider, delete "
            'them there: endpoint "openai/m": HTTP 403: files stay',
            done.stderr,
        )
        self.assertEqual(list(fake.files), ["file-1"])
        self.assertEqual(self.query("SELECT count(*) FROM batches WHERE settled_ms > 0"), [(1,)])

    def test_two_judges_are_asked_at_once(self):
        mock = self.mock("--mode", "judge")

        def forward(body):
            connection = http.client.HTTPConnection("127.0.0.1", mock.port)
            connection.request("POST", "/v1/chat/completions", json.dumps(body), {"Content-Type": "application/json"})
            reply = connection.getresponse()
            answer = reply.status, json.loads(reply.read())
            connection.close()
            return answer

        fake = self.fake(forward)
        # Neither ends before both are there.
        fake.held = True
        fake.before_naming = lambda: setattr(fake, "held", len(fake.batches) < 2)
        judges = ["--judge", "openai/one", "--judge", "openai/two", "--judge-base-url", fake.url + "/v1"]
        judges += ["--judge-api-key-env", "THE_KEY"]
        for database, more in (("single.db", ()), ("batch.db", BATCH)):
            self.succeeds("eval", "crossroads", "--limit", "6", "--model", "scripted/a", "--no-judge", "--db", database)
            self.succeeds("judge", "latest", *judges, *more, "--db", database)
        self.assertEqual(self.findings("batch.db"), self.findings("single.db"))
        self.assertEqual(self.asked(fake), [len(fake.singles) // 2] * 2)
        self.assertCountEqual([{body["model"] for _, body in batch.requests} for batch in fake.batches], [{"one"}, {"two"}])
        self.assertEqual(self.query("SELECT count(*) FROM batches WHERE settled_ms > 0", "batch.db"), [(2,)])

    def test_what_cannot_be_asked_in_batches_is_refused_first(self):
        fake = self.fake(chat)
        acting = ["eval", "crossroads", "--model", "openai/m", "--base-url", fake.url + "/v1", "--api-key-env", "THE_KEY"]
        self.refuses(
            2,
            "axiometer: --batch: agents act turn by turn, and each turn would wait for a batch: run \"crossroads\" without "
            "--batch and with --no-judge, then axiometer judge latest --batch",
            *acting, "--batch",
        )  # fmt: skip
        self.variables["ANOTHER_KEY"] = "invented"
        choice = ["eval", "crossroads", "-T", "form=choice", "--batch"]
        self.refuses(
            2,
            'axiometer: endpoint "gemini/m": provider "gemini" has no batches: leave --batch out, or name a model of openai, '
            "openai-responses or anthropic",
            *choice, "--model", "gemini/m", "--api-key-env", "ANOTHER_KEY",
        )  # fmt: skip
        self.refuses(2, "axiometer: --batch: no model of run ", *choice, "--model", "scripted/random", prefix=True)
        command = self.command("openai", fake, "--batch")
        self.refuses(2, "axiometer: --time-limit: a batch takes up to a day, ", *command, "--time-limit", "9", prefix=True)
        self.refuses(2, "axiometer: -M stream: there are no streams in a batch", *command, "-M", "stream=true", prefix=True)
        self.assertEqual(fake.headers, [])


if __name__ == "__main__":
    axiometer_program.main()
