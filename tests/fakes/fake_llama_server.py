#!/usr/bin/env python3
"""A server with the options of llama-server and no model behind it. Its words come from a file beside the model's:
MODEL.json, {"reply": TEXT, "dies_at": N, "dies_before": TEXT, "always": bool}. What it was started with, and each
request, goes to MODEL.log, a JSON object a line."""

import http.server
import json
import os
import signal
import sys
import threading


def main():
    arguments = sys.argv[1:]
    model = arguments[arguments.index("-m") + 1]
    port = int(arguments[arguments.index("--port") + 1])
    with open(model + ".json", encoding="utf-8") as file:
        told = json.load(file)
    lock = threading.Lock()

    def log(entry):
        with lock, open(model + ".log", "a", encoding="utf-8") as out:
            out.write(json.dumps(entry) + "\n")

    log({"arguments": arguments, "pid": os.getpid(), "environment": sorted(os.environ)})
    if told.get("dies_before"):
        sys.exit(told["dies_before"])
    key = os.environ["LLAMA_API_KEY"]
    died = os.path.exists(model + ".died")
    count = 0

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_):
            pass

        def answer(self, status, body):
            data = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def do_GET(self):
            self.answer(200, {"status": "ok"})

        def do_POST(self):
            nonlocal count
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if self.headers["Authorization"] != "Bearer " + key:
                return self.answer(401, {"error": {"message": "Invalid API Key"}})
            with lock:
                count += 1
                number = count
            log({"request": body})
            if number == told.get("dies_at") and (told.get("always") or not died):
                open(model + ".died", "w").close()
                os.kill(os.getpid(), signal.SIGKILL)
            self.answer(
                200,
                {
                    "id": "x",
                    "model": model,
                    "choices": [
                        {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": told["reply"]}}
                    ],
                    "usage": {"prompt_tokens": 7, "completion_tokens": 5, "total_tokens": 12},
                },
            )

    http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()


if __name__ == "__main__":
    main()
