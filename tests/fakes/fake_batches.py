"""OpenAI's Batch API and Anthropic's Message Batches on this computer, single requests beside them."""

import email
import email.policy
import http.server
import itertools
import json
import threading
import time

DAY_S = 24 * 3600


def failure(kind, message):
    return {"type": "error", "error": {"type": kind, "message": message}}


class Batch:
    def __init__(self, identifier, requests, metadata=None, file=None):
        self.id = identifier
        self.requests = requests  # pairs: custom_id, body
        self.metadata = metadata
        self.file = file
        self.made = time.time()
        self.looks = 0  # how often its state was asked for


class FakeBatches:
    """Answers single requests and those of batches alike, by `answer(body)`: a pair of status and JSON.

    What a test changes: `looks` before a batch has ended, `held` while it never does, `fate(batch, body)` of one request
    (None, "expired", "canceled" or "lost"), `page`, answered as HTML in place of the next states, `deletes`, whether
    files may be deleted, `takes`, whether a batch is made of an uploaded file, and `before_naming`, called once a batch is made and before its id is told. Results come in the reverse order.
    """

    def __init__(self, answer):
        self.answer = answer
        self.batches = []
        self.singles = []
        self.headers = []  # of all requests
        self.files = {}
        self.looks = 1
        self.held = False
        self.fate = lambda batch, body: None
        self.page = 0
        self.deletes = True
        self.takes = True
        self.before_naming = lambda: None
        self._numbers = itertools.count(1)  # of files and batches alike; requests come at once
        fake = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                content = self.rfile.read(int(self.headers["Content-Length"]))
                fake.headers.append(dict(self.headers))
                path = self.path
                if path == "/v1/files":
                    self.send(200, fake.keep_file(self.headers["Content-Type"], content))
                elif path == "/v1/batches" and not fake.takes:
                    self.send(400, failure("invalid_request_error", "no room for a batch"))
                elif path == "/v1/batches":
                    batch = fake.make_openai(json.loads(content))
                    fake.before_naming()
                    self.send(200, fake.openai_state(batch))
                elif path == "/v1/messages/batches":
                    made = [(one["custom_id"], one["params"]) for one in json.loads(content)["requests"]]
                    batch = fake.make(Batch(f"msgbatch_{next(fake._numbers)}", made))
                    fake.before_naming()
                    self.send(200, fake.anthropic_state(batch, False))
                else:
                    body = json.loads(content)
                    fake.singles.append(body)
                    self.send(*fake.answer(body))

            def do_DELETE(self):
                fake.headers.append(dict(self.headers))
                identifier = self.path.rpartition("/")[2]
                if not fake.deletes:
                    self.send(403, failure("permission_error", "files stay"))
                elif fake.files.pop(identifier, None) is None:
                    self.send(404, failure("not_found_error", "no such file"))
                else:
                    self.send(200, {"id": identifier, "object": "file", "deleted": True})

            def do_GET(self):
                fake.headers.append(dict(self.headers))
                path, _, query = self.path.partition("?")
                parts = path.strip("/").split("/")
                if path == "/v1/batches":
                    self.send(200, fake.listing(query))
                elif path.endswith("/results"):
                    self.send(200, fake.results(fake.find(parts[3]), fake.anthropic_line), raw=True)
                elif path.endswith("/content"):
                    batch, kind = fake.find(parts[2].partition(".")[0]), parts[2].partition(".")[2]
                    self.send(200, fake.results(batch, fake.openai_line, kind), raw=True)
                elif fake.page > 0:
                    fake.page -= 1
                    self.send(502 if fake.page % 2 else 200, "<html><title>Bad gateway</title></html>", raw=True)
                elif parts[-2] == "batches" and parts[1] == "messages":
                    self.send(200, fake.anthropic_state(fake.find(parts[-1]), fake.looked_at(parts[-1])))
                elif parts[-2] == "batches":
                    self.send(200, fake.openai_state(fake.find(parts[-1]), fake.looked_at(parts[-1])))
                else:
                    self.send(404, failure("not_found_error", "nothing here"))

            def send(self, status, content, raw=False):
                content = (content if raw else json.dumps(content)).encode()
                self.send_response(status)
                self.send_header("Content-Type", "text/html" if raw else "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            def handle_error(self, *_):  # who asked has gone
                pass

        self._server = Server(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self):
        self._server.shutdown()
        self._server.server_close()

    def make(self, batch):
        identifiers = [identifier for identifier, _ in batch.requests]
        assert len(set(identifiers)) == len(identifiers), identifiers
        assert all(len(one) <= 64 and one.replace("-", "").replace("_", "").isalnum() for one in identifiers), identifiers
        self.batches.append(batch)
        return batch

    def find(self, identifier):
        (batch,) = [one for one in self.batches if one.id == identifier]
        return batch

    def looked_at(self, identifier):
        """Whether the batch has ended by now."""
        batch = self.find(identifier)
        batch.looks += 1
        return not self.held and batch.looks >= self.looks

    def keep_file(self, content_type, content):
        head = b"Content-Type: " + content_type.encode() + b"\r\n\r\n"
        form = email.message_from_bytes(head + content, policy=email.policy.HTTP)
        parts = {part.get_param("name", header="content-disposition"): part for part in form.iter_parts()}
        assert parts["purpose"].get_payload() == "batch", parts
        identifier = f"file-{next(self._numbers)}"
        lines = parts["file"].get_payload(decode=True).decode().strip().split("\n")
        self.files[identifier] = [json.loads(line) for line in lines]
        return {"id": identifier, "object": "file"}

    def make_openai(self, order):
        lines = self.files[order["input_file_id"]]
        assert order["completion_window"] == "24h", order
        assert all(line["method"] == "POST" and line["url"] == order["endpoint"] for line in lines), lines
        requests = [(line["custom_id"], line["body"]) for line in lines]
        identifier = f"batch_{next(self._numbers)}"
        return self.make(Batch(identifier, requests, order["metadata"], order["input_file_id"]))

    def openai_state(self, batch, ended=False):
        state = {
            "id": batch.id, "object": "batch", "status": "completed" if ended else "in_progress", "metadata": batch.metadata,
            "created_at": int(batch.made), "input_file_id": batch.file, "request_counts": {"total": len(batch.requests)},
            "output_file_id": None, "error_file_id": None,
        }  # fmt: skip
        if ended:
            for kind in ("output", "error"):
                if self.results(batch, self.openai_line, kind):
                    state[f"{kind}_file_id"] = f"{batch.id}.{kind}"
        return state

    def listing(self, query):
        """The latest first, in pages of two."""
        after = query.partition("after=")[2]
        batches = [batch for batch in reversed(self.batches) if batch.metadata is not None]
        start = 1 + [batch.id for batch in batches].index(after) if after else 0
        page = [self.openai_state(batch) for batch in batches[start : start + 2]]
        return {"object": "list", "data": page, "has_more": start + 2 < len(batches)}

    def anthropic_state(self, batch, ended):
        results = f"{self.url}/v1/messages/batches/{batch.id}/results" if ended else None
        return {"id": batch.id, "processing_status": "ended" if ended else "in_progress", "results_url": results}

    def results(self, batch, line, kind=None):
        lines = [line(identifier, body, self.fate(batch, body), kind) for identifier, body in reversed(batch.requests)]
        return "".join(json.dumps(one) + "\n" for one in lines if one is not None)

    def openai_line(self, identifier, body, fate, kind):
        line = {"id": "x", "custom_id": identifier, "response": None, "error": None}
        if fate is not None:
            code = {"expired": "batch_expired", "canceled": "batch_cancelled"}.get(fate, "server_error")
            return {**line, "error": {"code": code, "message": fate}} if kind == "error" else None
        status, content = self.answer(body)
        if (kind == "error") != (status != 200):
            return None
        return {**line, "response": {"status_code": status, "request_id": "r", "body": content}}

    def anthropic_line(self, identifier, body, fate, _):
        if fate == "lost":
            result = {"type": "errored", "error": failure("api_error", "lost")}
        elif fate is not None:
            result = {"type": fate}
        else:
            status, content = self.answer(body)
            result = {"type": "succeeded", "message": content} if status == 200 else {"type": "errored", "error": content}
        return {"custom_id": identifier, "result": result}
