#!/usr/bin/env python3
"""An endpoint without tool calls is found out before the first sample of agents that need them."""

import json
import os

import axiometer_program
from faulty_endpoint import CALLED, FaultyEndpoint, completion

FINAL = '{"final": "I leave it."}'


def error(message):
    return (400, json.dumps({"error": {"message": message, "type": "invalid_request_error"}}).encode())


class Preflight(axiometer_program.ProgramCase):
    def endpoint(self, answer):
        endpoint = FaultyEndpoint(None, answer, preflight=False)
        self.addCleanup(endpoint.stop)
        return endpoint

    def eval(self, endpoint, *more):
        return (
            "eval", "crossroads", "--limit", "2", "--model", "openai/m", "--base-url", endpoint.url, "--display", "none", *more,
        )  # fmt: skip

    def test_tools_that_are_ignored_or_refused_end_it_before_a_sample_or_a_store(self):
        for answer, message in [
            (lambda *_: completion({"content": "I would call look_up."}), "a tool call that was required was not made"),
            (lambda request, _: error("no tools here") if "tools" in request else completion({"content": "x"}),
             "it refuses requests with tools, without which agents cannot act"),
        ]:  # fmt: skip
            with self.subTest(message):
                endpoint = self.endpoint(answer)
                self.refuses(2, f'axiometer: endpoint "openai/m": {message}', *self.eval(endpoint), prefix=True)
                self.assertFalse(os.path.exists(self.path()))

    def test_where_steps_are_written_or_answers_given_no_tool_call_is_asked_for(self):
        endpoint = self.endpoint(lambda *_: completion({"content": FINAL}))
        self.succeeds(*self.eval(endpoint, "--scaffold", "react_json"))
        self.succeeds(*self.eval(endpoint, "-T", "form=choice"))
        self.assertFalse([request for request in endpoint.take() if "tools" in request])

    def test_it_is_asked_once_a_run_and_not_where_the_user_says_so(self):
        endpoint = self.endpoint(
            lambda request, _: completion({"content": None, "tool_calls": [CALLED]})
            if request.get("tool_choice") == "required"
            else completion({"content": "done"})
        )
        required = lambda: [request for request in endpoint.take() if request.get("tool_choice") == "required"]
        self.succeeds(*self.eval(endpoint))
        self.assertEqual(len(required()), 1)
        self.succeeds(*self.eval(endpoint))  # complete: nothing is asked
        self.assertEqual(len(required()), 0)
        self.succeeds(*self.eval(endpoint, "--fresh", "--no-preflight"))
        self.assertEqual(len(required()), 0)

    def test_one_that_only_cannot_require_a_call_goes_on(self):
        endpoint = self.endpoint(
            lambda request, _: error("tool_choice required is not supported")
            if request.get("tool_choice") == "required"
            else completion({"content": "done"})
        )
        self.succeeds(*self.eval(endpoint))
        self.assertEqual(len(self.export()), 2)


if __name__ == "__main__":
    axiometer_program.main()
