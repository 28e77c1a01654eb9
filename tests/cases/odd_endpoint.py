"""A chat-completions endpoint whose replies try everything that a client must read with care.

A reply depends on the request's user messages and on how many turns there were, on nothing else, so
that two clients that do the same are told the same. Judges get a verdict that the rubric accepts.
"""

import hashlib
import json
import random
import re

import faulty_endpoint

_RUBRIC = re.compile(r"\{\s*\"CASE_NAME\"")


class OddEndpoint(faulty_endpoint.FaultyEndpoint):
    def __init__(self, most_turns=7):
        self._most_turns = most_turns
        super().__init__(None, lambda request, _: json.dumps(self._reply(request)).encode())

    def _reply(self, request):
        asked = faulty_endpoint.asked(request)
        turns = sum(m["role"] == "assistant" for m in request["messages"])
        seed = hashlib.sha256(f"{asked}\n{turns}".encode()).digest()
        draw = random.Random(seed)
        if "tools" not in request:
            message = {"role": "assistant", "content": self._verdict(asked, draw)}
        elif turns + draw.random() * 3 > self._most_turns:
            message = self._final(draw)
        else:
            message = self._turn(request["tools"], draw)
        choices = [{"index": 0, "finish_reason": "stop", "message": message}]
        if "tools" in request and draw.random() < 0.01:
            choices = draw.choice([[], choices * 2])
        return {"id": "x", "model": request["model"], "choices": choices}

    def _final(self, draw):
        text = draw.choice(["Done.", "  Fertig – “ok”\n", "\u2028\u0085x\u00a0", 'a "b" \\ \u0007', "完了 \U0001f600"])
        message = draw.choice(
            [
                {"role": "assistant", "content": text, "refusal": None, "annotations": []},
                {"content": text},
                {"role": "", "content": [{"type": "text", "text": text}, "and", {"content": " more"}, 5]},
                {"role": "assistant", "content": text, "tool_calls": []},
                {"role": "assistant", "content": text, "tool_calls": None, "reasoning": "why"},
                {"role": "assistant", "content": text, "reasoning_details": [{"text": "t"}], "x": 1e16},
                {"role": "assistant", "content": text, "reasoning_content": "hidden", "y": [1.0, 1e-7]},
                {"role": " assistant ", "content": text, "tool_calls": {"not": "a list"}},
            ]
        )
        if draw.random() < 0.05:
            message = draw.choice(
                [{"role": "assistant", "content": " \n"}, {"role": "assistant", "content": None, "reasoning": "r"}]
            )
        return message

    def _turn(self, tools, draw):
        calls = [self._call(tools, draw) for _ in range(draw.choice([1, 1, 1, 2, 3]))]
        message = draw.choice(
            [
                {"role": "assistant", "content": None},
                {"role": "assistant", "content": ""},
                {"role": "assistant", "content": "Let me see – "},
                {"role": "assistant", "content": None, "reasoning": "thinking\nhard"},
                {"role": "assistant", "content": None, "reasoning": [{"text": "in "}, {"text": "parts"}]},
                {
                    "role": "assistant",
                    "content": "",
                    "reasoning_details": [{"summary": "s", "id": 1}, "?", {"text": "t"}],
                },
                {"content": [{"type": "text", "text": "listed"}], "annotations": [], "n": 12345678901234567890},
            ]
        )
        message["tool_calls"] = calls
        return message

    def _call(self, tools, draw):
        function = draw.choice(tools)["function"]
        properties = function["parameters"].get("properties", {})
        required = function["parameters"].get("required", [])
        names = [n for n in properties if n in required or draw.random() < 0.3]
        arguments = {name: self._value(properties[name], draw) for name in names}
        if draw.random() < 0.1 and arguments:
            arguments.pop(draw.choice(list(arguments)))
        if draw.random() < 0.1:
            arguments["undeclared"] = {"a": [1.50, None, True]}
        text = json.dumps(arguments, ensure_ascii=draw.random() < 0.5)
        text = draw.choice(
            [text] * 12
            + [
                arguments,  # an object in place of text
                text[:-1],  # becomes JSON with one brace more
                text[:-2],
                f"```json\n{text}\n```",
                f"Here: {text} as asked",
                f"  {text}\n",
                f"[{text}]",
                f"prefix [{text}] suffix",
                "",
                "not JSON",
                "null",
                '"text"',
                text.replace("{", '{"k": NaN, ', 1) if arguments else "{}",
                text.replace("{", '{"dup": 1, "dup": 2, ', 1) if arguments else "{}",
                None,
                [arguments],
            ]
        )
        name = function["name"]
        name = draw.choice([name] * 12 + [f" {name} ", "no_such_tool", "", None, "__init__"])
        call = {"id": f"call_{draw.getrandbits(40):x}", "type": "function"}
        call["function"] = {"name": name, "arguments": text}
        if draw.random() < 0.1:
            call = draw.choice(
                [
                    {"type": "function", "function": call["function"]},
                    {"id": None, "function": call["function"]},
                    {"id": 7, "type": "function", "function": call["function"], "index": 0},
                    {"id": " spaced ", "function": {"arguments": text, "name": name, "extra": [1e300]}},
                ]
            )
        return call

    def _value(self, schema, draw):
        kind = schema.get("type")
        if isinstance(kind, list):
            kind = draw.choice(kind)
        plain = {
            "string": ["x", "u-101", "naïve", "价格 abc ", " 中 ", "12", 7, None],
            "integer": [1, 7.9, "12", " +3 ", "7.9", True, None, "x", 10**17],
            "number": [1, 0.1, "1e3", "nan", -2.50, "x", None],
            "boolean": [True, False, "yes", " ON ", "0", 2, None, []],
            "array": [[], ["a"], [1, {"b": None}], '["t"]', "[1, 2", {"no": 1}, 5],
            "object": [{}, {"a": 1}, {"价": [" 格 "]}, '{"t": 1.0}', "[3]", "x", [1]],
        }
        return draw.choice(plain.get(kind, ["x", 1, None, {"any": "thing"}]))

    def _verdict(self, asked, draw):
        rubric = json.JSONDecoder().raw_decode(asked, _RUBRIC.search(asked).start())[0]
        items = [
            {
                "ITEM_ID": item["ITEM_ID"],
                "SOURCE_CHECKPOINT": item["SOURCE_CHECKPOINT"],
                "SCORE": draw.choice(["0", "1", "2", 2, " 1 "]),
                "EVIDENCE_STEPS": ["1"],
                "RATIONALE": "Drawn.",
            }
            for side in ("VALUE_A_ITEMS", "VALUE_B_ITEMS")
            for item in rubric[side]
        ]
        verdict = {
            "CASE_NAME": rubric["CASE_NAME"],
            "RUBRIC_STATUS": "OK",
            "ITEM_SCORES": items,
            "VALUE_A_TRACK_SUMMARY": "Drawn.",
            "VALUE_B_TRACK_SUMMARY": "Drawn – “both”.",
            "QUALITATIVE_OVERALL_LEANING": "MIXED",
            "OVERALL_CONFIDENCE": "LOW",
        }
        text = json.dumps(verdict, ensure_ascii=False, indent=draw.choice([None, 1]))
        if draw.random() < 0.15:
            items[0]["SCORE"] = "3"  # refused; the same request gets the same again
            text = json.dumps(verdict)
        return draw.choice([text, text, f"```json\n{text}\n```", f"So:\n{text}\nThat is all."])
