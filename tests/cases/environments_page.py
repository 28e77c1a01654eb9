"""Runs environments/ENVIRONMENTS.md: its files are written, its commands given, in their order."""

import os
import re
import shutil
import subprocess

import axiometer_program

PAGE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "environments", "ENVIRONMENTS.md")


def run(case, *kinds, modules=None):
    """In the case's folder. `kinds`: of blocks of commands; `modules`: a node_modules folder that stands for what npm
    would install."""
    os.mkdir(case.path("bin"))
    os.symlink(axiometer_program.PROGRAM, case.path("bin/axiometer"))
    variables = {**case.environment(), "PATH": case.path("bin") + ":" + os.environ["PATH"]}
    with open(PAGE, encoding="utf-8") as file:
        blocks = re.findall(r"^```(.*?)\n(.*?)^```$", file.read(), flags=re.MULTILINE | re.DOTALL)
    for _, text in (block for block in blocks if block[0] in ("yaml", "python")):
        path = case.path(re.match(r"# (\S+)\n", text)[1])
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
    for kind, text in blocks:
        if kind not in kinds:
            continue
        if install := re.search(r"^npm install --prefix (\S+) .*\n", text, flags=re.MULTILINE):
            shutil.copytree(modules, case.path(install[1] + "/node_modules"), symlinks=True)
            text = text.replace(install[0], "")
        done = subprocess.run(["bash", "-euc", text], cwd=case.folder, env=variables, capture_output=True, text=True,
                              timeout=300)
        case.assertEqual((done.returncode, "gone: " in done.stdout), (0, False), text + done.stdout + done.stderr)
