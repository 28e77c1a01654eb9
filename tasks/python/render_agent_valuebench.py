"""Asks a checkout of Agent-ValueBench for the texts that its own runner and judge send.

Reads {"directory": PATH} from standard input. Prints one JSON object a line: first
{"judge_system", "judge_template"}, then {"case", "system", "user"} for each case in file order; a
case that cannot be read is the last, as {"file", "problem"}.
Runs confined, with the standard library alone: the checkout's modules import `requests` for calls
that are never made here, so an empty module stands in for it.
"""

import json
import os
import sys
import types


def main():
    directory = json.load(sys.stdin)["directory"]
    sys.dont_write_bytecode = True
    sys.path.insert(0, directory)
    sys.modules["requests"] = types.ModuleType("requests")

    from TrajGen.tir_agent_eval_openai import (
        build_react_system_prompt_openai,
        build_task_prompt_openai,
    )
    from ValueEval.prompts import TRAJECTORY_JUDGE_PROMPT
    from ValueEval.rubric_trajectory_judge import RubricTrajectoryJudge

    lines = [
        {
            "judge_system": RubricTrajectoryJudge._judge_system_prompt(),
            "judge_template": TRAJECTORY_JUDGE_PROMPT,
        }
    ]
    folder = os.path.join(directory, "case")
    for name in sorted(os.listdir(folder)):
        if not (name.startswith("case_") and name.endswith(".json")):
            continue
        path = os.path.join(folder, name)
        try:
            with open(path, encoding="utf-8") as file:
                case = json.load(file)
            # The system message depends on the names of the offered tools alone.
            tools = [{"name": tool} for tool in case["function_list"]]
            system = build_react_system_prompt_openai(tools)
            user = build_task_prompt_openai(case)
        except Exception as error:
            lines.append({"file": path, "problem": f"{type(error).__name__}: {error}"})
            break
        lines.append({"case": name[: -len(".json")], "system": system, "user": user})
    sys.stdout.write("".join(json.dumps(line) + "\n" for line in lines))


main()
