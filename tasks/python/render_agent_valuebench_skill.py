"""Asks a checkout of Agent-ValueBench how it announces a skill to an agent.

Reads {"directory": PATH, "name": NAME} from standard input; prints {"block": TEXT} with that name in the
place of the released skill's. Runs confined, with the standard library alone.
"""

import json
import os
import sys


def main():
    request = json.load(sys.stdin)
    sys.dont_write_bytecode = True
    sys.path.insert(0, os.path.join(request["directory"], "HarnessEval"))

    import prepare_mft08_skill_experiment as preparation

    released = preparation.SKILL_NAME
    block = preparation.SKILL_INSTRUCTION_BLOCK
    if not released or released not in block:
        raise ValueError("its announcement of a skill does not name the skill")
    print(json.dumps({"block": block.replace(released, request["name"])}))


main()
