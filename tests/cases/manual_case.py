#!/usr/bin/env python3
"""The manual page and the completions say what `--help` says."""

import re
import shutil
import subprocess
import unittest

import axiometer_program
from axiometer_program import PROGRAM

LONG = re.compile(r"(?<![\w-])--[a-z][a-z-]+")


class Manual(axiometer_program.ProgramCase):
    def verbs(self):
        """Every verb with its second word, if it has one."""
        found = []
        for verb in self.words_of(()):
            second = self.words_of((verb,))
            found += [(verb, word) for word in second] or [(verb,)]
        return found

    def words_of(self, verb):
        text = self.succeeds(*verb, "--help")
        if "Subcommands:" not in text:
            return []
        return re.findall(r"^  ([a-z]+)(?:  |$)", text.split("Subcommands:")[1], re.MULTILINE)

    def options(self, verb):
        """What its help lists, and not what its examples show."""
        text = self.succeeds(*verb, "--help").split("Options:", 1)[-1]
        return {name for line in text.split("\n") for name in LONG.findall(line[:30])}

    def complete(self, *words):
        """What a real bash would offer for the last word."""
        script = f"""
            source <({PROGRAM} completion bash)
            COMP_WORDS=(axiometer "$@"); COMP_CWORD=$#; _axiometer; printf '%s\\n' "${{COMPREPLY[@]}}"
        """
        done = subprocess.run(["bash", "-c", script, "bash", *words], capture_output=True, text=True, check=True)
        return set(done.stdout.split())

    def test_each_option_of_each_verb_is_in_the_page_and_in_the_completions(self):
        page = self.succeeds("manual").replace("\\-", "-").replace("\\fB", "")
        fish = self.succeeds("completion", "fish")
        self.assertGreater(len(self.verbs()), 12)
        for verb in self.verbs():
            with self.subTest(verb):
                self.assertIn(f".SH AXIOMETER {' '.join(verb)}\n", page)
                section = page.split(f".SH AXIOMETER {' '.join(verb)}\n")[1].split("\n.SH ")[0]
                wanted = self.options(verb)
                self.assertLessEqual(wanted, set(LONG.findall(section)))
                self.assertLessEqual(wanted, self.complete(*verb, "--"))
                for name in wanted:
                    self.assertIn(f"-l {name[2:]}", fish)

    def test_a_shell_completes_verbs_and_words_of_options(self):
        self.assertLessEqual({"eval", "report", "doctor"}, self.complete(""))
        self.assertEqual(self.complete("ev"), {"eval"})
        self.assertIn("check", self.complete("task", ""))
        self.assertEqual(self.complete("report", "--format", "j"), {"json", "junit"})
        self.assertEqual(self.complete("eval", "--display", ""), {"full", "plain", "none"})
        self.assertIn("bashcompinit", self.succeeds("completion", "zsh"))
        self.refuses(2, 'axiometer: completion: no completion for "tcsh": there are bash, zsh and fish', "completion", "tcsh")

    @unittest.skipUnless(shutil.which("groff"), "groff is not installed")
    def test_the_page_can_be_set(self):
        page = self.succeeds("manual")
        done = subprocess.run(["groff", "-man", "-Tutf8", "-ww", "-z"], input=page, capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stderr), (0, ""))


if __name__ == "__main__":
    axiometer_program.main()
