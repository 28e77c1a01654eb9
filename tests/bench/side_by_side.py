#!/usr/bin/env python3
"""Processor time and wall of ours against Inspect AI and Agent-ValueBench's own runner: same mock endpoint, same work,
in turn.

side_by_side.py AXIOMETER MOCK_ENDPOINT [--data DIR] [--samples 2000] [--cases 24] [--repeats 3] [--latency 0 50]
                [--only single|agent]

single   SAMPLES conversations of one turn (choices, no environment), 64 connections: ours, Inspect AI
agent    CASES cases of Agent-ValueBench (DIR: its folder as released), 8 tool calls each, 16 connections: ours, Inspect
         AI with the same messages, tools and environments in its own process, the released batch runner with 16 slots,
         and ours once more with ten times as many cases, over which what a run costs but once is spread

AXIOMETER_PEER_PYTHON: a Python with inspect-ai, openai and what Agent-ValueBench's requirements.txt names for its
runner (requests, python-dotenv, tqdm, jsonpickle, python-dateutil, PyYAML). Nothing of theirs is kept: the folder is
copied to a temporary one, where the runner leaves its files. Without --data, or without the peers: what can be run.

CPU is of the program and all its descendants, orphans included, and without the mock, whose own is printed. The ideal
wall is turns x latency x conversations / connections, rounded up to whole rounds. Medians, with the range behind.
"""

import argparse
import ctypes
import json
import math
import os
import resource
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

PR_SET_CHILD_SUBREAPER = 36
CALLS = 8
SINGLE_CONNECTIONS = 64
AGENT_CONNECTIONS = 16


# What the peer's Python runs: `side_by_side.py --inspect WHAT ARGUMENTS`.

def inspect_single(url, file, log_dir):
    from inspect_ai import Task, eval
    from inspect_ai.dataset import MemoryDataset, Sample
    from inspect_ai.model import ChatMessageSystem, ChatMessageUser
    from inspect_ai.solver import generate
    kinds = {"system": ChatMessageSystem, "user": ChatMessageUser}
    with open(file, encoding="utf-8") as lines:
        samples = [Sample(input=[kinds[m["role"]](content=m["content"]) for m in json.loads(line)]) for line in lines]
    logs = eval(Task(dataset=MemoryDataset(samples), solver=[generate()]), model="openai/mock", model_base_url=url, model_args={"responses_api": False},
                max_connections=SINGLE_CONNECTIONS, max_samples=SINGLE_CONNECTIONS, display="none", log_dir=log_dir)
    assert logs[0].status == "success" and len(logs[0].samples) == len(samples), logs[0].error


def inspect_agent(url, directory, log_dir):
    sys.path.insert(0, directory)
    import importlib
    from pathlib import Path
    from inspect_ai import Task, eval
    from inspect_ai.dataset import MemoryDataset, Sample
    from inspect_ai.model import ChatMessageSystem, ChatMessageUser
    from inspect_ai.solver import generate, solver
    from inspect_ai.tool import ToolDef, ToolParams
    from TrajGen import tir_agent_eval_openai as released

    def environment(case):
        module = importlib.import_module("environment." + case["environment"])
        kind = getattr(module, case["environment"])
        state = kind(parameters={}).get_default_initial_parameters()
        manager = importlib.import_module("environment.EnvManager").EnvManager
        return kind(parameters=manager._deep_merge(state, case.get("env_initial_parameters") or {}))

    def tool(world, description):
        name = description["name"]

        async def execute(**arguments):
            return json.dumps(world.call_tool(name, arguments), ensure_ascii=False)
        schema = {"type": "object", "properties": description["parameters"].get("properties", {}),
                  "required": description["parameters"].get("required", [])}
        parameters = ToolParams.model_validate(schema)
        for key, parameter in parameters.properties.items():
            parameter.description = parameter.description or key  # Inspect AI wants one
        return ToolDef(execute, name=name, description=description["description"] or name, parameters=parameters)

    @solver
    def with_tools():
        async def solve(state, generate):
            case = state.metadata["case"]
            world = environment(case)
            state.tools = [tool(world, each) for each in world.get_tool_descs(case["function_list"])]
            return state
        return solve

    samples = []
    for path in sorted(Path(directory, "case").glob("*.json")):
        case = json.loads(path.read_text(encoding="utf-8"))
        tools = environment(case).get_tool_descs(case["function_list"])
        samples.append(Sample(input=[ChatMessageSystem(content=released.build_react_system_prompt_openai(tools)),
                                     ChatMessageUser(content=released.build_task_prompt_openai(case))],
                              metadata={"case": case}))
    logs = eval(Task(dataset=MemoryDataset(samples), solver=[with_tools(), generate(tool_calls="loop")]),
                model="openai/mock", model_base_url=url, model_args={"responses_api": False}, max_connections=AGENT_CONNECTIONS,
                max_samples=AGENT_CONNECTIONS, display="none", log_dir=log_dir)
    assert logs[0].status == "success" and len(logs[0].samples) == len(samples), logs[0].error


if len(sys.argv) > 2 and sys.argv[1] == "--inspect":
    {"single": inspect_single, "agent": inspect_agent}[sys.argv[2]](*sys.argv[3:])
    sys.exit(0)


def run(command, directory, variables, log):
    """Wall and CPU seconds of a command and of all that it starts; it must end with status 0."""
    ends = os.pipe()
    runner = os.fork()
    if runner == 0:
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        began = time.monotonic()
        with open(log, "wb") as out:
            status = subprocess.run(command, cwd=directory, env={**os.environ, **variables}, stdout=out, stderr=out).returncode
        wall = time.monotonic() - began
        try:
            while True:
                os.waitpid(-1, 0)
        except ChildProcessError:
            pass
        use = resource.getrusage(resource.RUSAGE_CHILDREN)
        os.write(ends[1], json.dumps([status, wall, use.ru_utime + use.ru_stime]).encode())
        os._exit(0)
    os.close(ends[1])
    with os.fdopen(ends[0], "rb") as told:
        status, wall, cpu = json.loads(told.read())
    os.waitpid(runner, 0)
    if status != 0:
        with open(log, "rb") as said:
            sys.exit(f"{command[0]} ended with status {status}: {said.read()[-2000:].decode(errors='replace')}")
    return wall, cpu


class Mock:
    def __init__(self, program, arguments):
        self.process = subprocess.Popen([program, *arguments], stdout=subprocess.PIPE, text=True)
        self.url = f"http://127.0.0.1:{int(self.process.stdout.readline().split()[1])}/v1"

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        counters = json.loads(self.process.stdout.readline())
        self.process.wait()
        return counters


def subset(data, folder, cases):
    """A checkout with the first cases alone."""
    for name in ("TrajGen", "core", "environment", "configs", "ValueEval"):
        shutil.copytree(os.path.join(data, name), os.path.join(folder, name), ignore=shutil.ignore_patterns("*_runs", "__pycache__"))
    for kind, ending in (("case", ".json"), ("rubric", "_rubric.json")):
        os.mkdir(os.path.join(folder, kind))
        for number in range(1, cases + 1):
            name = f"case_{number:05d}{ending}"
            shutil.copy(os.path.join(data, kind, name), os.path.join(folder, kind, name))
    return folder


class Bench:
    def __init__(self, options, folder):
        self.options = options
        self.folder = folder
        self.count = 0
        self.peer = os.environ.get("AXIOMETER_PEER_PYTHON", "")
        self.variables = {"OPENAI_API_KEY": "none", "INSPECT_DISABLE_PROJECT_CONFIG": "1"}

    def new(self, name):
        self.count += 1
        path = os.path.join(self.folder, f"{self.count}-{name}")
        os.mkdir(path)
        return path

    def ours(self, url, arguments, connections):
        folder = self.new("ours")
        return run([self.options.axiometer, "eval", *arguments, "--model", "openai/mock", "--base-url", url, "--db", "b.db",
                    "--no-judge", "--no-cache", "--display", "none", "--max-connections", str(connections)],
                   folder, self.variables, folder + "/log")

    def inspect(self, url, what, argument):
        folder = self.new("inspect")
        return run([self.peer, os.path.abspath(__file__), "--inspect", what, url, argument, folder + "/logs"], folder,
                   self.variables, folder + "/log")

    def released(self, url, data):
        folder = self.new("released")
        slots = [{"slot_id": f"s{i}", "api_key": "none", "base_url": url} for i in range(AGENT_CONNECTIONS)]
        with open(folder + "/slots.json", "w", encoding="utf-8") as file:
            json.dump({"api_slots": slots}, file)
        return run([self.peer, "-m", "TrajGen.run_batch_tir_agent_eval_openai", "--run_name", f"r{self.count}", "--api_slots_json",
                    folder + "/slots.json", "--cases_dir", "case", "--traj_output_dir_name", f"out{self.count}", "--eval_model", "mock",
                    "--max_steps", "50"], data, self.variables, folder + "/log")

    def compare(self, title, latency, connections, runners):
        """runners: name -> (turns of a conversation, conversations, function of the mock's address)."""
        results = {name: [] for name in runners}
        for _ in range(self.options.repeats):
            for name, (turns, conversations, runner) in runners.items():
                mock = Mock(self.options.mock, ["--calls", str(CALLS), "--latency-ms", str(latency), "--seed", "1"])
                wall, cpu = runner(mock.url)
                counters = mock.stop()
                if counters["requests"] != turns * conversations:
                    sys.exit(f"{name}: {counters['requests']} requests came, expected {turns * conversations}")
                results[name].append((wall, cpu * 1000 / counters["requests"], counters["cpu_us"] / 1000 / counters["requests"]))
        first = statistics.median(row[1] for row in results[next(iter(runners))])
        print(f"\n{title}, {latency} ms, {connections} connections, {self.options.repeats} times in turn")
        print(f"{'':34} {'CPU ms a call':>24} {'x ours':>8} {'wall s':>24} {'ideal s':>8} {'wall/ideal':>10} {'mock ms':>8}")
        for name, (turns, conversations, _) in runners.items():
            walls, cpus, mocks = zip(*results[name])
            ideal = math.ceil(conversations / connections) * turns * latency / 1000
            spread = [f"{statistics.median(v):.3f} ({min(v):.3f}-{max(v):.3f})" for v in (cpus, walls)]
            ratio = f"{statistics.median(walls) / ideal:.2f}" if ideal else "-"
            print(f"{name:34} {spread[0]:>24} {statistics.median(cpus) / first:8.1f} {spread[1]:>24} {ideal:8.2f} {ratio:>10} "
                  f"{statistics.median(mocks):8.3f}")
        sys.stdout.flush()

    def conversations(self, count):
        """Those of our own one-turn samples, as the mock gets them: a file with a list of messages a line."""
        folder = self.new("conversations")
        mock = Mock(self.options.mock, ["--mode", "text", "--log", folder + "/bodies"])
        self.ours(mock.url, ["crossroads", "-T", "form=choice", "--limit", "16"], 1)
        mock.stop()
        with open(folder + "/bodies", encoding="utf-8") as bodies:
            messages = [json.dumps(json.loads(body)["messages"]) for body in bodies]
        with open(folder + "/conversations", "w", encoding="utf-8") as file:
            file.writelines(messages[i % len(messages)] + "\n" for i in range(count))
        return folder + "/conversations"

    def single(self, latency):
        epochs = max(1, self.options.samples // 16)
        samples = 16 * epochs
        runners = {"ours": (1, samples, lambda url: self.ours(
            url, ["crossroads", "-T", "form=choice", "--limit", "16", "--epochs", str(epochs)], SINGLE_CONNECTIONS))}
        if self.peer:
            file = self.conversations(samples)
            runners["Inspect AI"] = (1, samples, lambda url: self.inspect(url, "single", file))
        self.compare(f"{samples} conversations of one turn", latency, SINGLE_CONNECTIONS, runners)

    def agent(self, latency):
        cases = self.options.cases
        data = subset(self.options.data, self.new("data"), cases)
        larger = subset(self.options.data, self.new("data"), 10 * cases)
        turns = CALLS + 1

        def ours(folder):
            return lambda url: self.ours(url, ["agent-valuebench", "--data", folder, "--max-sandboxes", str(AGENT_CONNECTIONS)],
                                         AGENT_CONNECTIONS)
        runners = {"ours": (turns, cases, ours(data))}
        if self.peer:
            runners["Inspect AI"] = (turns, cases, lambda url: self.inspect(url, "agent", data))
            runners["Agent-ValueBench's runner"] = (turns, cases, lambda url: self.released(url, data))
        runners["ours, ten times as many cases"] = (turns, 10 * cases, ours(larger))
        self.compare(f"{cases} cases of Agent-ValueBench, {CALLS} tool calls", latency, AGENT_CONNECTIONS, runners)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("axiometer", type=os.path.abspath)
    parser.add_argument("mock", type=os.path.abspath)
    parser.add_argument("--data", type=os.path.abspath, default="")
    parser.add_argument("--samples", type=int, default=2000)
    parser.add_argument("--cases", type=int, default=24)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--latency", type=int, nargs="+", default=[0, 50])
    parser.add_argument("--only", choices=["single", "agent"])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="side-by-side-") as folder:
        bench = Bench(options, folder)
        if not bench.peer:
            print("AXIOMETER_PEER_PYTHON is not set: ours alone", file=sys.stderr)
        for latency in options.latency:
            if options.only != "agent":
                bench.single(latency)
            if options.only != "single" and options.data:
                bench.agent(latency)


if __name__ == "__main__":
    main()
