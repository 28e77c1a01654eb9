#!/usr/bin/env python3
"""Statistics of reports beside other people's implementations of them: README.md says which and how far.

independent_statistics.py STATISTICS [CLASS[.TEST] ...]

AXIOMETER_STATISTICS_PYTHON: a Python with the packages of python-packages.txt. R with the packages of
debian-packages.txt is used where it is here. Exit status 77: there is no such Python; said why.
"""

import importlib.metadata
import os
import sys
import unittest

FOLDER = os.path.dirname(os.path.abspath(__file__))
SUBJECTS = ("designs", "judges", "labels", "means", "rankings")

PYTHON = os.environ.get("AXIOMETER_STATISTICS_PYTHON")
if not PYTHON:
    print("AXIOMETER_STATISTICS_PYTHON names no Python with scipy, statsmodels and others: skipped")
    sys.exit(77)
if os.path.realpath(sys.prefix) != os.path.realpath(os.path.join(os.path.dirname(PYTHON), "..")):
    os.execv(PYTHON, [PYTHON, *sys.argv])
sys.path.insert(0, FOLDER)
import implementations  # noqa: E402

implementations.STATISTICS = os.path.abspath(sys.argv.pop(1))
for subject in SUBJECTS:
    module = __import__(f"{subject}_compared")
    globals().update({name: case for name, case in vars(module).items()
                      if isinstance(case, type) and issubclass(case, unittest.TestCase)
                      and case is not implementations.Compared})

PACKAGES = ("astropy", "irrCAC", "krippendorff", "moocore", "networkx", "scikit-learn", "scipy", "statsmodels")
versions = {package: importlib.metadata.version(package) for package in PACKAGES}
if implementations.r_program():
    versions |= implementations.by_r("versions", [{}])[0]
print("beside", ", ".join(f"{name} {version}" for name, version in versions.items()), flush=True)

if __name__ == "__main__":
    unittest.main()
