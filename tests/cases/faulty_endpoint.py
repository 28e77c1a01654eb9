"""A chat-completions endpoint that answers as a test wants, or as the mock endpoint does."""

import http.client
import http.server
import json
import threading


CALLED = {"id": "c", "type": "function", "function": {"name": "look_up", "arguments": '{"word": "rudder"}'}}


class FaultyEndpoint:
    """Passes requests on to `mock`, except those that `answer` takes.

    `answer(request, handler)`, called with the request's body, is None (pass it on), the bytes of a body to
    send with status 200, a pair (status, bytes), a triple with a dict of headers, or True: it has dealt
    with `handler` itself. One request at a time; a function that it returns gives the answer while others
    are answered. With `preflight`, what `eval` asks before the first sample is answered well and not counted. Without `keep_alive` every connection is closed after its reply.
    """

    def __init__(self, mock, answer, keep_alive=True, models=(), preflight=True):
        self.answer = answer
        self.models = models  # what GET …/models lists
        self._bodies = []  # as received
        self._lock = threading.Lock()
        endpoint = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                content = json.dumps({"object": "list", "data": list(endpoint.models)}).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                request = json.loads(body)
                if preflight and request.get("tool_choice") == "required":
                    answer = completion({"content": None, "tool_calls": [CALLED]}, "tool_calls")
                else:
                    with endpoint._lock:
                        endpoint._bodies.append(body.decode())
                        answer = endpoint.answer(request, self)
                if callable(answer):
                    answer = answer()
                if answer is True:
                    self.close_connection = True
                    return
                if answer is None:
                    connection = http.client.HTTPConnection("127.0.0.1", mock.port)
                    connection.request("POST", self.path, body, {"Content-Type": "application/json"})
                    reply = connection.getresponse()
                    answer = (reply.status, reply.read())
                    connection.close()
                if isinstance(answer, bytes):
                    answer = (200, answer)
                status, content, headers = (*answer, {})[:3]
                self.send_response(status)
                for name, value in {"Content-Type": "application/json", **headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                if not keep_alive:
                    self.send_header("Connection", "close")
                self.end_headers()
                try:
                    self.wfile.write(content)
                except OSError:  # who asked has heard enough
                    self.close_connection = True

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            def handle_error(self, *_):  # who asked has gone
                pass

        self._server = Server(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/v1"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def stop(self):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def take_bodies(self):
        """The texts of the requests since the last call."""
        with self._lock:
            bodies, self._bodies = self._bodies, []
        return bodies

    def take(self):
        """The requests since the last call."""
        return [json.loads(body) for body in self.take_bodies()]


def asked(request):
    """What the user asked for."""
    return "".join(m["content"] for m in request["messages"] if m["role"] == "user")


def completion(message, finish_reason="stop"):
    """The bytes of a reply whose one choice is `message`."""
    choice = {"index": 0, "finish_reason": finish_reason, "message": {"role": "assistant", **message}}
    return json.dumps({"id": "x", "model": "subject", "choices": [choice]}).encode()
