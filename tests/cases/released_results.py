"""Result files of the shape that Agent-ValueBench's own judge writes, with scores from a seed."""

import json
import os
import random


def read(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def stems(data):
    """The cases of a checkout."""
    return sorted(name[:-5] for name in os.listdir(f"{data}/case") if name.startswith("case_"))


def verdict(rubric, chance):
    """An accepted verdict, and what each item was given."""
    given, items = {}, []
    for item in rubric["VALUE_A_ITEMS"] + rubric["VALUE_B_ITEMS"]:
        score = given[item["ITEM_ID"]] = chance.randrange(3)
        items.append(
            {
                "ITEM_ID": item["ITEM_ID"],
                "SOURCE_CHECKPOINT": item["SOURCE_CHECKPOINT"],
                "SCORE": chance.choice([score, str(score), f" {score} "]),
                "EVIDENCE_STEPS": ["1"],
                "RATIONALE": "The first step shows it – “clearly”.",
            }
        )
    judgment = {
        "CASE_NAME": rubric["CASE_NAME"],
        "RUBRIC_STATUS": "OK",
        "ITEM_SCORES": items,
        "VALUE_A_TRACK_SUMMARY": "Some.",
        "VALUE_B_TRACK_SUMMARY": "Some.",
        "QUALITATIVE_OVERALL_LEANING": "MIXED",
        "OVERALL_CONFIDENCE": "LOW",
    }
    return judgment, given


def result(stem, case_name, judged):
    """A result file's content; `judged` is a list of (judge, verdict)."""
    return {
        "module": "ValueEval_judge",
        "generated_at_utc": "2026-05-01T12:30:15.123456+00:00",
        "case_path": f"case/{stem}.json",
        "traj_path": f"trajectory/{stem}_traj.json",
        "case_name": case_name,
        "rubric_path": f"rubric/{stem}_rubric.json",
        "judge_outputs": [{"model": judge, "judgment": judgment} for judge, judgment in judged],
    }


def write_json(path, content):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(json.dumps(content, ensure_ascii=False, indent=2))


def write(folder, data, seed, judges=("judge",), only=None):
    """A result file for every case, or for some; returns what the first judge gave, item by item, by case."""
    chance = random.Random(seed)
    given = {}
    for stem in stems(data) if only is None else only:
        rubric = read(f"{data}/rubric/{stem}_rubric.json")
        judged = [(judge, *verdict(rubric, chance)) for judge in judges]
        given[stem] = judged[0][2]
        outputs = [(judge, judgment) for judge, judgment, _ in judged]
        write_json(f"{folder}/{stem}_result.json", result(stem, rubric["CASE_NAME"], outputs))
    return given


def tool_log(case, chance):
    """The log of a harness: lines of calls, some refused, some odd."""
    lines = []
    for number in range(chance.randrange(1, 9)):
        name = chance.choice([*case["function_list"], "burn_down"])
        allowed = name in case["function_list"]
        arguments = {"who": chance.choice(["x", "Ünal", "nobody"]), "n": number, "deep": [{"k": "’b1’"}]}
        words = [action for side in ("a", "b") for action in _actions(case, side)]
        data = {"success": allowed, "data": {"said": chance.choice([*words, "wet", 1.5, None])}}
        record = {
            "timestamp": 1.75e9 + number / 4,
            "tool_name": name,
            "arguments": arguments if chance.random() < 0.9 else "no JSON",
            "result": data,
            "allowed": allowed,
        }
        lines.append(json.dumps(record))
        lines += [chance.choice(["", "   ", "[1, 2]", "7"])] * (chance.random() < 0.2)
    return "\n".join(lines) + "\n"


def _actions(case, side):
    checkpoints = case[f"value_{side}_checkpoint_list"]
    return [action for checkpoint in checkpoints for action in checkpoint["expected_actions"]]


def harbor_file(case, chance):
    """A trajectory in Harbor's form, with commands of every kind."""
    harness = "python3 /app/tool_harness.py"

    def command():
        name = chance.choice(case["function_list"])
        arguments = json.dumps({"who": "x y", "n": 1})
        return chance.choice(
            [
                f"{harness} {name} '{arguments}'",
                f"{harness} {name}",
                f"cd /app && {harness} {name} '{arguments}' && {harness} {name} '{{}}'",
                f"{harness} {name} '{arguments}' | head ; {harness} {name} bad",
                f'{harness} {name} "{{\\"who\\": \\"x\\"}}" ; ls',
                f"{harness} {name} 'open",
                f"{harness}",
                f"{harness} && ls",
                "cat /app/tool_harness.py",
                ["bash", "-lc", f"{harness} {name} '{arguments}'"],
                "",
                None,
            ]
        )

    def content():
        output = json.dumps({"success": True, "data": "Ünal"})
        return chance.choice(
            [
                output,
                f"Exit code: 0\nOutput:\n{output}",
                f"{output}\n[stdout]\nmore",
                f"{output}\n[metadata] x",
                f"{output}\n---\n{output}",
                f"---\n{output}\n---\n---\n{output}",
                f"a---\n{output}\n--- \n",
                {"parts": [output]},
                None,
            ]
        )

    steps = [{"step_id": 1, "source": " System ", "message": "s"}, {"source": "user", "message": "u"}, "odd"]
    for number in range(chance.randrange(1, 8)):
        step = {"source": "agent", "message": chance.choice(["", "Looking – ", None, "  ", ["a", "it's"]])}
        if chance.random() < 0.8:
            step[chance.choice(["step_id", "step"])] = chance.choice([number, number + 3, "s", 0, None])
        if chance.random() < 0.5:
            step["reasoning_content"] = chance.choice(["because", " ", None])
        if chance.random() < 0.8:
            step["tool_calls"] = [
                chance.choice(
                    [
                        {"tool_call_id": f"c{number}", "function_name": "shell", "arguments": {"command": command()}},
                        {"id": "i", "name": "exec", "arguments": {"cmd": command(), "command": "ls"}},
                        {"function_name": "shell", "arguments": {"cmd": command()}},
                        {"tool_call_id": "p", "function_name": "plan", "arguments": [1]},
                        "odd",
                    ]
                )
                for _ in range(chance.randrange(3))
            ]
        if chance.random() < 0.8:
            results = [{"content": content()} for _ in range(chance.randrange(4))]
            step["observation"] = chance.choice([{"results": results}, {"results": results + [5]}, {"x": 1}, "seen"])
        steps.append(step)
    return {"schema_version": "ATIF-v1.2", "session_id": "x", "steps": steps}
