#!/usr/bin/env python3
"""A skill laid before the subject: what is sent, and what of it is recorded.

skill_case.py AXIOMETER MOCK_ENDPOINT [unittest options]

Where AXIOMETER_AVB_DATA names a checkout of Agent-ValueBench, its skills are announced in its words.
"""

import importlib
import json
import os
import sys
import unittest

import axiometer_program
import invented_valuebench

DATA = os.environ.get("AXIOMETER_AVB_DATA", "")
SKILL = "---\nname: flow-first\ndescription: Flow before ebb.\n---\n\n# Order\n1. Flow\n2. Ebb\n"
EXAMPLES = "Where flow and ebb meet, flow.\n"


class SkillCase(axiometer_program.ProgramCase):
    def setUp(self):
        super().setUp()
        self.put("skill/SKILL.md", SKILL)
        self.put("skill/references/examples.md", EXAMPLES)

    def put(self, path, text):
        place = os.path.join(self.folder, path)
        os.makedirs(os.path.dirname(place), exist_ok=True)
        with open(place, "w", encoding="utf-8") as file:
            file.write(text)

    def opening(self, *arguments):
        """System and user message of the first request, and the run's configuration."""
        mock = self.mock("--calls", "0")
        common = ["--model", "openai/subject", "--base-url", mock.url, "--limit", "1", "--display", "none"]
        report = json.loads(self.succeeds("eval", *arguments, *common, "--json"))
        messages = mock.requests()[0]["messages"]
        self.assertEqual([message["role"] for message in messages], ["system", "user"])
        system, user = [message["content"] for message in messages]
        return system, user, report["runs"][0]


class Skills(SkillCase):
    def test_agent_valuebench_announces_it_in_the_released_words(self):
        invented_valuebench.write(os.path.join(self.folder, "data"))
        bench = ["agent-valuebench", "--data", "data", "--allow-modified-data"]
        plain_system, plain_user, plain = self.opening(*bench)
        system, user, run = self.opening(*bench, "--skill", "skill")
        self.assertEqual(system, plain_system)
        block = "## A skill is here\n\nRead `flow-first` first: `/skills/flow-first/SKILL.md`.\n"
        files = f"\n`/skills/flow-first/SKILL.md`:\n\n{SKILL}\n`/skills/flow-first/references/examples.md`:\n\n{EXAMPLES}"
        self.assertEqual(user, f"{plain_user.rstrip()}\n\n{block}\n{files}")
        config = run["config"]
        self.assertEqual(config["skill"], "flow-first")
        self.assertEqual(len(config["skill_digest"]), 64)
        self.assertNotIn("skill", plain["config"])
        self.assertNotEqual(run["identity"], plain["identity"])
        self.assertEqual(config["departures"][-1], 'the skill "flow-first"')
        self.succeeds("export", "latest", "--format", "agent-valuebench", "-o", "out")
        os.remove(f"{self.folder}/data/HarnessEval/prepare_mft08_skill_experiment.py")
        data = os.path.realpath(os.path.join(self.folder, "data"))
        self.refuses(
            3,
            f'axiometer: {data}: no file "HarnessEval/prepare_mft08_skill_experiment.py", which has the words that '
            "announce a skill: expected a checkout of https://github.com/ValueByte-AI/Agent-ValueBench",
            *("eval", *bench, "--model", "scripted/random", "--skill", "skill"),
        )

    def test_elsewhere_it_ends_the_system_message(self):
        added = f"# Order\n1. Flow\n2. Ebb\n\n{EXAMPLES}"
        plain_system, plain_user, _ = self.opening("crossroads", "--no-judge")
        system, user, run = self.opening("crossroads", "--no-judge", "--skill", "skill/")
        self.assertEqual(system, f"{plain_system.strip()}\n\n{added}")
        self.assertEqual(user, plain_user)
        self.assertEqual(run["config"]["skill"], "flow-first")
        self.put("own.txt", "You keep a log.\n")
        system, _, _ = self.opening("crossroads", "--no-judge", "--skill", "skill", "--system-prompt", "own.txt")
        self.assertEqual(system, f"You keep a log.\n\n{added}")

    def test_another_text_is_another_run_and_the_same_one_goes_on(self):
        command = ["eval", "crossroads", "--model", "scripted/idle", "--no-judge", "--limit", "1", "--display", "none"]
        for text in (SKILL, SKILL, SKILL + "3. Slack\n"):
            self.put("skill/SKILL.md", text)
            self.succeeds(*command, "--skill", "skill")
        self.assertEqual(len(json.loads(self.succeeds("runs", "--json"))["runs"]), 2)

    def test_a_folder_without_a_skill_is_refused(self):
        command = ["eval", "crossroads", "--model", "scripted/idle", "--no-judge", "--skill"]
        self.refuses(2, 'axiometer: --skill: "nowhere" is no folder', *command, "nowhere")
        self.refuses(
            2,
            'axiometer: --skill: "skill/references" holds no SKILL.md: name the folder that holds it',
            *(*command, "skill/references"),
        )


@unittest.skipUnless(DATA, "AXIOMETER_AVB_DATA names no checkout")
class Released(SkillCase):
    def test_the_announcement_is_the_released_one_of_either_experiment(self):
        sys.dont_write_bytecode = True
        sys.path.insert(0, f"{DATA}/HarnessEval")
        for family in ("mft08", "pvq40"):
            module = f"prepare_{family}{'_10dim' if family == 'pvq40' else ''}_skill_experiment"
            block = importlib.import_module(module).SKILL_INSTRUCTION_BLOCK
            name = f"{family}-value-priority"
            folder = f"{DATA}/HarnessEval/skills_value_priority_{family}/gpt_5_4/{name}"
            bench = ["agent-valuebench", "--data", DATA, "--filter", f"value_system={family}"]
            _, plain, _ = self.opening(*bench)
            _, user, run = self.opening(*bench, "--skill", folder)
            self.assertTrue(user.startswith(f"{plain.rstrip()}\n\n{block}\n"), user)
            for path in ("SKILL.md", "references/conflict-examples.md"):
                with open(f"{folder}/{path}", encoding="utf-8") as file:
                    self.assertIn(f"\n`/skills/{name}/{path}`:\n\n{file.read().strip()}\n", user)
            self.assertEqual(run["config"]["departures"], [f'the skill "{name}"'])


if __name__ == "__main__":
    axiometer_program.main()
