#!/usr/bin/env python3
"""Subjects behind Anthropic's Messages, OpenAI's Responses and Gemini, through the real program.

providers_case.py AXIOMETER MOCK_ENDPOINT [unittest options]
"""

import http.server
import json
import sqlite3
import ssl
import subprocess
import threading

import axiometer_program

KEY = "sk-Marker7Vq2xTzR9bLw4"
HEADER = "Header-Marker-8Kd2mPq6"


class Provider:
    """Calls the first tool twice at once, then says that it is done; remembers what it was asked."""

    def __init__(self, reply, path, models, tls=None):
        provider = self
        self.requests = []  # headers, body as text
        self.others = {}  # what is said at further paths

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                provider.requests.append((dict(self.headers), body))
                told = provider.others.get(self.path, reply if self.path == path else None)
                if told is not None:
                    said = told(json.loads(body))
                    self.send(200, said) if isinstance(said, dict) else self.stream(said)
                else:
                    self.send(404, {"error": {"message": f"nothing at {self.path}", "type": "not_found_error"}})

            def do_GET(self):
                self.send(200, models)

            def send(self, status, content):
                content = json.dumps(content).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def stream(self, events):
                """The events, a chunk each; None in their place ends the connection."""
                self.send_response(200)
                self.send_header("Content-Type", "text/event-stream")
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
                for event in [*events, ""]:
                    if event is None:
                        self.close_connection = True
                        return
                    text = f"data: {json.dumps(event)}\n\n".encode() if event else b""
                    self.wfile.write(f"{len(text):x}\r\n".encode() + text + b"\r\n")

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
            self.url = self.url.replace("http:", "https:")
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self):
        self._server.shutdown()
        self._server.server_close()


def anthropic(request):
    said = [message for message in request["messages"] if message["role"] == "assistant"]
    name = request["tools"][0]["name"]
    content = [{"type": "thinking", "thinking": "Hm.", "signature": "c2lnbmF0dXJl"}]
    if said:
        assert said[0]["content"][0] == content[0], said
        content.append({"type": "text", "text": "Done."})
    else:
        content += [{"type": "tool_use", "id": f"toolu_{i}", "name": name, "input": {}} for i in (1, 2)]
    return {
        "type": "message", "id": "msg_1", "model": "claude-x", "role": "assistant", "content": content,
        "stop_reason": "end_turn" if said else "tool_use", "usage": {"input_tokens": 9, "output_tokens": 3},
    }  # fmt: skip


def responses(request):
    reasoning = {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "gAAAA"}
    output = [reasoning]
    if any(item.get("type") == "function_call" for item in request["input"]):
        assert reasoning in request["input"], request
        content = [{"type": "output_text", "text": "Done.", "annotations": []}]
        output.append({"type": "message", "id": "msg_1", "role": "assistant", "content": content})
    else:
        name = request["tools"][0]["name"]
        output += [
            {"type": "function_call", "id": f"fc_{i}", "call_id": f"c{i}", "name": name, "arguments": "{}"}
            for i in (1, 2)
        ]
    usage = {"input_tokens": 9, "output_tokens": 3}
    return {"id": "resp_1", "status": "completed", "error": None, "model": "gpt-x", "output": output, "usage": usage}


def gemini(request):
    name = request["tools"][0]["functionDeclarations"][0]["name"]
    parts = [{"functionCall": {"name": name, "args": {}}} for _ in (1, 2)]
    parts[0]["thoughtSignature"] = "c2ln"
    if len(request["contents"]) > 1:
        assert request["contents"][1] == {"role": "model", "parts": parts}, request
        assert len(request["contents"][2]["parts"]) == 2, request
        parts = [{"text": "Done."}]
    candidate = {"content": {"role": "model", "parts": parts}, "finishReason": "STOP", "index": 0}
    return {"candidates": [candidate], "modelVersion": "gemini-x", "responseId": "r1",
            "usageMetadata": {"promptTokenCount": 9, "candidatesTokenCount": 3}}  # fmt: skip


def anthropic_stream(message):
    content, stop, usage = message["content"], message["stop_reason"], message["usage"]
    yield {"type": "message_start", "message": {**message, "content": [], "stop_reason": None}}
    for index, block in enumerate(content):
        kind = block["type"]
        grown = {"thinking": "", "signature": "", "text": "", "input": {}}
        start = {name: grown.get(name, value) for name, value in block.items()}
        yield {"type": "content_block_start", "index": index, "content_block": start}
        deltas = {
            "thinking": [("thinking_delta", "thinking"), ("signature_delta", "signature")],
            "text": [("text_delta", "text")],
            "tool_use": [],
        }
        for name, member in deltas[kind]:
            yield {"type": "content_block_delta", "index": index, "delta": {"type": name, member: block[member]}}
        yield {"type": "content_block_stop", "index": index}
    yield {"type": "message_delta", "delta": {"stop_reason": stop}, "usage": {"output_tokens": usage["output_tokens"]}}
    yield {"type": "message_stop"}


def responses_stream(response):
    yield {"type": "response.created", "response": {**response, "status": "in_progress", "output": []}}
    for index, item in enumerate(response["output"]):
        yield {"type": "response.output_item.done", "output_index": index, "item": item}
    yield {"type": "response.completed", "response": response}


def gemini_stream(reply):
    candidate = reply["candidates"][0]
    for part in candidate["content"]["parts"]:
        yield {**reply, "candidates": [{"content": {"role": "model", "parts": [part]}, "index": 0}]}
    yield {**reply, "candidates": [{**candidate, "content": {"role": "model", "parts": [{"text": ""}]}}]}


def rudder(name):
    """A reply that says one word."""
    text = {"type": "text", "text": "rudder"}
    if name == "anthropic":
        return {"type": "message", "id": "m", "model": "x", "role": "assistant", "content": [text], "stop_reason": "end_turn",
                "usage": {"input_tokens": 9, "output_tokens": 3}}  # fmt: skip
    if name == "gemini":
        candidate = {"content": {"role": "model", "parts": [{"text": "rudder"}]}, "finishReason": "STOP", "index": 0}
        return {"candidates": [candidate], "usageMetadata": {"promptTokenCount": 9, "candidatesTokenCount": 3}}
    output = [{"type": "message", "id": "m", "role": "assistant", "content": [{**text, "type": "output_text"}]}]
    return {"id": "r", "status": "completed", "model": "x", "output": output, "usage": {"input_tokens": 9, "output_tokens": 3}}


class Cut:
    """Replies as streams, the first of which ends in the middle, before its last event."""

    def __init__(self, reply, stream):
        self.reply = reply
        self.stream = stream
        self.cut = False

    def __call__(self, request):
        events = list(self.stream(self.reply(request)))
        if not self.cut:
            self.cut = True
            events[-1:] = [None]
        return events


class Providers(axiometer_program.ProgramCase):
    def setUp(self):
        super().setUp()
        self.variables = {"THE_KEY": KEY, "THE_HEADER": HEADER}

    def provider(self, *arguments):
        provider = Provider(*arguments)
        self.addCleanup(provider.stop)
        return provider

    def evaluate(self, model, url, *options):
        return [
            "eval", "crossroads", "--limit", "2", "--model", model, "--base-url", url, "--api-key-env", "THE_KEY",
            "--judge", "scripted/perfect", "--max-retries", "1", "--no-preflight", *options,
        ]  # fmt: skip

    def measure(self, name, provider, url, key_header):
        header = ("--model-header", "X-Team=$THE_HEADER", "--model-header", f"X-Typed={HEADER}")
        command = self.evaluate(f"{name}/m", url, *header)
        done = self.run_program(*command)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(len(provider.requests), 4)  # two samples of two turns
        for headers, body in provider.requests:
            self.assertIn(KEY, headers[key_header])
            self.assertEqual((headers["X-Team"], headers["X-Typed"]), (HEADER, HEADER))
            self.assertNotIn(KEY, body)
        samples = self.export()
        self.assertEqual([sample["completion"] for sample in samples], ["Done.", "Done."])
        self.assertEqual([sample["outcome"] for sample in samples], ["finished", "finished"])
        self.succeeds(*command)  # nothing is left to do
        self.assertEqual(len(provider.requests), 4)
        self.succeeds("report", "-o", "report.html")
        self.assertIn("X-Typed=…", self.stored_command())
        self.assert_in_no_file(KEY, HEADER)

    def stored_command(self):
        with sqlite3.connect(self.path()) as database:
            ((command,),) = database.execute("SELECT command FROM runs")
        return command

    def test_anthropic(self):
        provider = self.provider(anthropic, "/v1/messages", {})
        self.measure("anthropic", provider, provider.url, "x-api-key")

    def test_openai_responses(self):
        provider = self.provider(responses, "/v1/responses", {})
        self.measure("openai-responses", provider, provider.url + "/v1", "Authorization")

    def test_gemini(self):
        provider = self.provider(gemini, "/v1beta/models/m:generateContent", {})
        self.measure("gemini", provider, provider.url, "x-goog-api-key")

    def test_streams_are_measured_as_replies_in_one_piece(self):
        gemini_path = "/v1beta/models/m:"
        for name, reply, stream, path, streamed, base in [
            ("anthropic", anthropic, anthropic_stream, "/v1/messages", "/v1/messages", ""),
            ("openai-responses", responses, responses_stream, "/v1/responses", "/v1/responses", "/v1"),
            ("gemini", gemini, gemini_stream, gemini_path + "generateContent",
             gemini_path + "streamGenerateContent?alt=sse", ""),
        ]:  # fmt: skip
            with self.subTest(name):
                whole = self.provider(reply, path, {})
                self.succeeds(*self.evaluate(f"{name}/m", whole.url + base, "--db", f"{name}.db"))
                cut = self.provider(Cut(reply, stream), streamed, {})
                database = f"{name}-streamed.db"
                self.succeeds(*self.evaluate(f"{name}/m", cut.url + base, "-M", "stream=true", "--db", database))
                self.assertEqual((len(whole.requests), len(cut.requests)), (4, 5))
                self.assertEqual(self.findings(database), self.findings(f"{name}.db"))
                self.assertEqual(self.replies(database), self.replies(f"{name}.db"))

    def test_doctor_tries_a_stream(self):
        gemini_path = "/v1beta/models/m:"
        for name, stream, path, streamed, base in [
            ("anthropic", anthropic_stream, "/v1/messages", "/v1/messages", ""),
            ("openai-responses", responses_stream, "/v1/responses", "/v1/responses", "/v1"),
            ("gemini", gemini_stream, gemini_path + "generateContent", gemini_path + "streamGenerateContent?alt=sse", ""),
        ]:  # fmt: skip
            for works in (True, False):
                with self.subTest(name, works=works):

                    def answer(request, name=name, stream=stream, works=works, apart=streamed != path):
                        asked = apart or request.get("stream")
                        return list(stream(rudder(name)))[: None if works else -2] if asked else rudder(name)

                    provider = self.provider(answer, streamed, {})
                    provider.others[path] = lambda request, name=name, answer=answer: (
                        answer(request) if request.get("stream") else rudder(name)
                    )
                    done = self.run_program("doctor", "--model", f"{name}/m", "--base-url", provider.url + base,
                                            "--api-key-env", "THE_KEY", "--json")  # fmt: skip
                    (model,) = json.loads(done.stdout)["models"]
                    states = {one["name"]: one["state"] for one in model["findings"]}
                    self.assertEqual((states["endpoint"], states["streaming"]), ("yes", "yes" if works else "no"))

    def replies(self, database):
        """What was stored of each reply, tokens included."""
        with sqlite3.connect(self.path(database)) as connection:
            return sorted(connection.execute(
                "SELECT s.task, e.step, c.message, c.finish_reason, c.input_tokens, c.output_tokens FROM samples AS s "
                "JOIN events AS e ON e.attempt = s.attempt JOIN calls AS c ON c.id = e.call"
            ))  # fmt: skip

    def certificate(self, name):
        """NAME.pem and NAME.key, its own authority."""
        subject = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}", "-days", "2"]
        subject += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", f"{name}.key", "-out", f"{name}.pem"]
        subprocess.run(["openssl", *subject], cwd=self.folder, check=True, capture_output=True)

    def test_authorities_and_certificates_of_ones_own(self):
        self.certificate("authority")
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(self.path("authority.pem"), self.path("authority.key"))
        tls.verify_mode = ssl.CERT_REQUIRED
        tls.load_verify_locations(self.path("authority.pem"))
        provider = self.provider(anthropic, "/v1/messages", {}, tls)
        command = self.evaluate("anthropic/m", provider.url, "--ca-file", "authority.pem")
        done = self.run_program(*command, "--client-cert", "authority.pem", "--client-key", "authority.key")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(len(provider.requests), 4)
        done = self.run_program(*self.evaluate("anthropic/m", provider.url, "--fresh", "--no-cache"))
        self.assertIn("TLS failed", done.stderr)
        done = self.run_program(*command, "--fresh", "--no-cache")  # without ours
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertEqual(len(provider.requests), 4)

    def test_files_that_are_no_certificates_are_named(self):
        with open(self.path("notes.txt"), "w", encoding="ascii") as file:
            file.write("no certificate")
        command = self.evaluate("anthropic/m", "https://127.0.0.1:1")
        self.refuses(2, 'axiometer: --ca-file: "notes.txt" is no PEM file', *command, "--ca-file", "notes.txt")
        self.refuses(2, "axiometer: --client-key: ", *command, "--client-key", "absent.key", prefix=True)

    def test_the_nearest_model_is_offered(self):
        provider = self.provider(gemini, "/v1beta/models/m:generateContent", {"models": [{"name": "models/gemini-pro"}]})
        done = self.run_program(*self.evaluate("gemini/gemni-pro", provider.url))
        self.assertEqual(done.returncode, 1)
        self.assertIn('did you mean "gemini-pro"?', done.stderr)

    def test_what_a_provider_lacks_is_refused_before_the_first_sample(self):
        self.refuses(
            2,
            'axiometer: endpoint "anthropic/m": provider "anthropic" has no --seed: leave it out, or name a model of a '
            "provider that has it",
            *self.evaluate("anthropic/m", "http://127.0.0.1:1", "--seed", "7"),
        )

    def test_a_judge_of_another_provider_does_not_get_the_subjects_key(self):
        self.refuses(
            2,
            'axiometer: endpoint "anthropic/j": no API key: set ANTHROPIC_API_KEY, or name another variable with '
            "--api-key-env",
            *self.evaluate("openai/m", "http://127.0.0.1:1/v1", "--judge", "anthropic/j"),
        )


if __name__ == "__main__":
    axiometer_program.main()
