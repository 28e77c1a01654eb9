"""Asks a checkout of Agent-ValueBench for the texts of its forced-choice cases.

Reads {"directory": PATH} from standard input. Prints one JSON object a line, {"case", "system", "user"}
for each case in file order; a case that cannot be read is the last, as {"file", "problem"}.
Runs confined, with the standard library alone, as render_agent_valuebench.py does.
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

    from LLMChoice.run_batch_choice_llm_eval_openai import build_messages

    lines = []
    folder = os.path.join(directory, "LLMChoice", "cases")
    for name in sorted(os.listdir(folder)):
        if not (name.startswith("case_") and name.endswith(".json")):
            continue
        path = os.path.join(folder, name)
        try:
            with open(path, encoding="utf-8") as file:
                messages = build_messages(json.load(file))
            system, user = messages
            if (system["role"], user["role"]) != ("system", "user"):
                raise ValueError("expected a system and a user message")
        except Exception as error:
            lines.append({"file": path, "problem": f"{type(error).__name__}: {error}"})
            break
        lines.append({"case": name[: -len(".json")], "system": system["content"], "user": user["content"]})
    sys.stdout.write("".join(json.dumps(line) + "\n" for line in lines))


main()
