#!/usr/bin/env python3
"""`doctor --model`: what an endpoint can do is found out by asking it, and what a suite needs is held against that."""

import json

import axiometer_program
from faulty_endpoint import FaultyEndpoint, completion

LOOK_UP = {"id": "c1", "type": "function", "function": {"name": "look_up", "arguments": '{"word": "rudder"}'}}
USAGE = {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}


def with_usage(body):
    return json.dumps({**json.loads(body), "usage": USAGE}).encode()


class Endpoint:
    """One that can do everything, but for what is taken away."""

    def __init__(self, *lacks):
        self.lacks = lacks
        self.count = 0

    def __call__(self, request, _):
        self.count += 1
        messages = request["messages"]
        for name, there in (
            ("tools_request", "tools" in request),
            ("system", messages[0]["role"] == "system"),
            ("tool_results", messages[-1]["role"] == "tool"),
            ("broken_calls", any(call["function"]["arguments"] == '{"word": "rud' for m in messages for call in m.get("tool_calls", ()))),
            ("json_request", request.get("response_format", {}).get("type") == "json_object"),
            ("logprobs_request", "top_logprobs" in request),
            ("stream", request.get("stream")),
        ):  # fmt: skip
            if there and name in self.lacks:
                return (400, json.dumps({"error": {"message": f"no {name} here"}}).encode())
        if request.get("stream"):
            head = {"id": "x", "model": "m", "object": "chat.completion.chunk"}
            first = {**head, "choices": [{"index": 0, "delta": {"role": "assistant", "content": "rudder"}, "finish_reason": "stop"}]}
            return f"data: {json.dumps(first)}\n\ndata: [DONE]\n\n".encode()
        if "tools" in request and messages[-1]["role"] != "tool" and "tools" not in self.lacks:
            twice = "twice" in messages[-1]["content"] and "parallel" not in self.lacks
            calls = [LOOK_UP, {**LOOK_UP, "id": "c2"}] if twice else [LOOK_UP]
            return with_usage(completion({"content": None, "tool_calls": calls}, "tool_calls"))
        if "response_format" in request and "json" not in self.lacks:
            schema = request["response_format"].get("json_schema")
            text = '{"side": "port"}' if schema and "schema" not in self.lacks else '{"ok": true}'
            if schema and "anyOf" in schema["schema"]:
                text = '{"final": "I leave it."}'
            return with_usage(completion({"content": text}))
        text = f"rudder {self.count}" if "determinism" in self.lacks else "rudder"
        body = json.loads(completion({"content": text}))
        if "top_logprobs" in request and "logprobs" not in self.lacks:
            token = {"token": "rudder", "logprob": -0.1}
            body["choices"][0]["logprobs"] = {"content": [{**token, "top_logprobs": [token]}]}
        return (
            200,
            json.dumps(body if "usage" in self.lacks else {**body, "usage": USAGE}).encode(),
            {"x-ratelimit-limit-requests": "60"},
        )


class Doctor(axiometer_program.ProgramCase):
    def look(self, *lacks, more=(), models=(), status=0):
        endpoint = FaultyEndpoint(None, Endpoint(*lacks), models=models, preflight=False)
        self.addCleanup(endpoint.stop)
        done = self.run_program("doctor", *more, "--model", "openai/m", "--base-url", endpoint.url, "--json")
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        (model,) = json.loads(done.stdout)["models"]
        return model

    def states(self, *lacks, **how):
        return {one["name"]: one["state"] for one in self.look(*lacks, **how)["findings"]}

    def test_an_endpoint_that_can_everything(self):
        models = [{"id": "other", "max_model_len": 1}, {"id": "m", "max_model_len": 4096}]
        states = self.states(models=models)
        self.assertEqual(
            list(states),
            ["endpoint", "usage", "system", "tools", "tool_results", "parallel_tools", "broken_calls", "json_mode",
             "json_schema", "logprobs", "determinism", "streaming", "context", "rate_limits", "latency", "clock"],
        )  # fmt: skip
        self.assertEqual(set(states.values()), {"yes"})

    def test_what_is_not_there_is_said_one_by_one(self):
        for lacks, finding, state in [
            ("usage", "usage", "no"),
            ("system", "system", "no"),
            ("tools", "tools", "no"),
            ("tools_request", "tools", "no"),
            ("tool_results", "tool_results", "no"),
            ("parallel", "parallel_tools", "unknown"),
            ("broken_calls", "broken_calls", "no"),
            ("json", "json_mode", "no"),
            ("json_request", "json_mode", "no"),
            ("schema", "json_schema", "no"),
            ("logprobs", "logprobs", "no"),
            ("logprobs_request", "logprobs", "no"),
            ("determinism", "determinism", "no"),
            ("stream", "streaming", "no"),
        ]:
            with self.subTest(lacks):
                self.assertEqual(self.states(lacks)[finding], state)

    def test_an_endpoint_that_is_not_there_is_one_finding(self):
        done = self.run_program("doctor", "--model", "openai/m", "--base-url", "http://127.0.0.1:1/v1", "--json", "--max-retries", "0")
        self.assertEqual(done.returncode, 1)
        (model,) = json.loads(done.stdout)["models"]
        self.assertEqual([(one["name"], one["state"]) for one in model["findings"]], [("endpoint", "no")])

    def test_a_suite_is_looked_at_and_a_pilot_says_what_all_of_it_takes(self):
        model = self.look(more=("crossroads", "-T", "form=choice", "--pilot", "4", "--prices", "1,2"))
        (suite,) = model["suites"]
        pilot = suite["pilot"]
        self.assertEqual((pilot["samples"], pilot["failed"], pilot["population"]), (4, 0, 48))  # in both orders
        self.assertEqual(pilot["tokens"]["pilot"], 480)
        self.assertEqual(pilot["tokens"]["whole"], 48 * 120)
        self.assertEqual(pilot["tokens"]["interval"]["low"], 48 * 120)  # all alike: nothing is uncertain
        self.assertAlmostEqual(pilot["cost_usd"]["whole"], 48 * (100 * 1 + 20 * 2) / 1e6)
        self.assertIn("axiometer eval crossroads --model openai/m -T form=choice --prices 1,2 --base-url", suite["command"])
        self.assertNotIn("--pilot", suite["command"])

    def test_without_tool_calls_steps_are_written_and_the_command_says_so(self):
        for lacks, scaffold in [(("tools",), "react_json"), (("tools", "schema", "json"), "react_text")]:
            with self.subTest(scaffold):
                (suite,) = self.look(*lacks, more=("crossroads", "--limit", "3", "--pilot", "0"))["suites"]
                self.assertIn(f"eval crossroads --model openai/m --scaffold {scaffold} --limit 3", suite["command"])
                self.assertNotIn("tools", [need["name"] for need in suite["needs"]])
        (suite,) = self.look(
            "tools", more=("crossroads", "--limit", "3", "--pilot", "0", "--scaffold", "react_tools"), status=1
        )["suites"]
        self.assertIn(("tools", "no"), [(need["name"], need["state"]) for need in suite["needs"]])

    def test_a_context_that_is_too_short_is_said_before_the_run(self):
        models = [{"id": "m", "context_length": 600}]
        (suite,) = self.look(more=("crossroads", "--pilot", "0", "--max-tokens", "100"), models=models, status=1)["suites"]
        self.assertIn(("context", "no"), [(need["name"], need["state"]) for need in suite["needs"]])

    def test_the_command_works_when_it_is_typed(self):
        (suite,) = self.look(more=("crossroads", "-T", "form=choice", "--limit", "3", "--pilot", "2"))["suites"]
        words = suite["command"].split()
        self.assertEqual(words[0], "axiometer")
        endpoint = FaultyEndpoint(None, Endpoint(), preflight=False)
        self.addCleanup(endpoint.stop)
        words[words.index("--base-url") + 1] = endpoint.url
        self.succeeds(*words[1:])
        self.assertEqual(len(self.export()), 3)

    def test_suites_without_a_model_are_refused(self):
        self.refuses(
            2, "axiometer: --model: what suites need is held against a model: name one, such as openai/NAME", "doctor", "crossroads"
        )


if __name__ == "__main__":
    axiometer_program.main()
