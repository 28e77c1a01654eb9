"""The two sides: the program's own statistics, and those of Python's packages and of R."""

import functools
import json
import math
import os
import shutil
import subprocess
import unittest

import astropy.stats
import numpy as np
import scipy.special
import scipy.stats
from statsmodels.stats import proportion

STATISTICS = ""  # the program that independent_statistics.py was given
R_PROGRAM = os.path.join(os.path.dirname(os.path.abspath(__file__)), "reference.R")
DESIGNS = 20
EXACT = 1e-9  # relative, of numbers that both sides work out in closed form


def ours(name, designs):
    """What the program's functions say of each design."""
    lines = "".join(json.dumps({"statistic": name, **design}) + "\n" for design in designs)
    done = subprocess.run([STATISTICS], input=lines, capture_output=True, text=True, check=False)
    if done.returncode:
        raise AssertionError(done.stderr)
    return [json.loads(line) for line in done.stdout.splitlines()]


@functools.cache
def r_program():
    """R at work, or None."""
    if not shutil.which("Rscript"):
        return None
    program = subprocess.Popen(["Rscript", R_PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True, bufsize=1)
    if program.stdout.readline() == "ready\n":
        return program
    print("R cannot do what is asked of it here:", program.stderr.read())
    return None


def by_r(name, designs):
    """What R says of each design (reference.R)."""
    answers = []
    for design in designs:
        r_program().stdin.write(json.dumps({"ask": name, **design}) + "\n")
        answer = r_program().stdout.readline()
        if not answer:
            raise AssertionError(r_program().stderr.read())
        answers.append(json.loads(answer))
    return answers


needs_r = unittest.skipUnless(r_program(), "R with the packages of debian-packages.txt is not here")


def clustered_scores(random, clusters, most=6):
    """[[cluster, score], …], a shared part a cluster."""
    rows = []
    for cluster in range(clusters):
        centre = random.uniform(0.2, 0.8)
        for _ in range(random.integers(1, most + 1)):
            rows.append([cluster, float(np.clip(centre + random.normal(0, 0.15), 0.01, 0.99))])
    return rows


def jackknife_error(count, statistic):
    """astropy's, of a statistic of a list of cluster numbers."""
    _, _, error, _ = astropy.stats.jackknife_stats(
        np.arange(count), lambda kept: statistic([int(cluster) for cluster in kept]), 0.95)
    return float(error)


class Compared(unittest.TestCase):
    def setUp(self):
        self.random = np.random.default_rng(20261201)

    def near(self, left, right, tolerance=EXACT):
        self.assertAlmostEqual(left, float(right), delta=tolerance * max(1, abs(float(right))))

    def t_limits(self, estimate, value, error, df, lowest=-math.inf, highest=math.inf):
        self.near(estimate["value"], value)
        half = scipy.stats.t.isf(0.025, df) * error
        self.near(estimate["low"], max(lowest, value - half))
        self.near(estimate["high"], min(highest, value + half))

    def wilson(self, estimate, mean, variance, df, most=math.inf):
        """statsmodels' Wilson limits with the effective size, Student's quantile in the place of the normal one."""
        size = min(mean * (1 - mean) / variance, most)
        alpha = 2 * scipy.stats.norm.sf(scipy.stats.t.isf(0.025, df))
        low, high = proportion.proportion_confint(mean * size, size, alpha, "wilson")
        self.near(estimate["value"], mean)
        self.near(estimate["low"], low, 1e-8)
        self.near(estimate["high"], high, 1e-8)

    def fisher(self, estimate, value, error, clusters):
        half = scipy.stats.t.isf(0.025, clusters - 1) * error / (1 - value**2)
        self.near(estimate["value"], value)
        self.near(estimate["low"], math.tanh(math.atanh(value) - half), 1e-8)
        self.near(estimate["high"], math.tanh(math.atanh(value) + half), 1e-8)

    def logit(self, estimate, value, error, clusters):
        half = scipy.stats.t.isf(0.025, clusters - 1) * error / (value * (1 - value))
        self.near(estimate["value"], value)
        self.near(estimate["low"], scipy.special.expit(scipy.special.logit(value) - half), 1e-8)
        self.near(estimate["high"], scipy.special.expit(scipy.special.logit(value) + half), 1e-8)
