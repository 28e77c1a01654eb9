"""Noise, factors, series, profiles."""

import itertools
import math

import numpy as np
import pandas
import scipy.stats
import statsmodels.api as sm

from implementations import Compared, by_r, jackknife_error, needs_r, ours


class Designs(Compared):
    @needs_r
    def test_mean_squares_of_an_unbalanced_design(self):
        for _ in range(6):
            rows = []
            for task in range(16):
                base = self.random.normal(0.5, 0.2)
                for epoch in range(int(self.random.integers(1, 4)) if task else 3):
                    for _ in range(int(self.random.integers(1, 4)) if task else 3):
                        rows.append([task % 5, task, epoch, base + self.random.normal(0, 0.1)])
            found = ours("noise", [{"rows": rows}])[0]
            r = by_r("nested", [{"rows": rows, "terms": ["cluster", "task", "epoch"]}])[0]
            for name, mean_square, df in zip(("clusters", "tasks", "repetition", "judge"), r["mean_squares"], r["df"]):
                self.near(found[name]["mean_square"], mean_square, 1e-8)
                self.assertEqual(found[name]["df"], df)

    def test_components_of_a_balanced_design(self):
        """statsmodels' REML, which equals the analysis of variance where every component is above 0."""
        for _ in range(4):
            rows = []
            for task in range(20):
                base = self.random.normal(0.5, 0.3)
                rows += [[task, task, epoch, base + self.random.normal(0, 0.1)] for epoch in range(4)]
            found = ours("noise", [{"rows": rows}])[0]
            frame = pandas.DataFrame(rows, columns=["cluster", "task", "epoch", "score"])
            fit = sm.MixedLM.from_formula("score ~ 1", groups="task", data=frame).fit(reml=True)
            self.near(found["tasks"]["variance"], fit.cov_re.iloc[0, 0], 1e-4)
            self.near(found["repetition"]["variance"], fit.scale, 1e-4)

    def test_plan(self):
        """The fewest tasks by scipy's quantiles, components by statsmodels; to be sure, by the upper 80 % limit of the
        tasks' mean square."""
        for half_width in (0.05, 0.08):
            rows = []
            for task in range(24):
                base = self.random.normal(0.5, 0.2)
                rows += [[task, task, epoch, base + self.random.normal(0, 0.15)] for epoch in range(2)]
            frame = pandas.DataFrame(rows, columns=["cluster", "task", "epoch", "score"])
            fit = sm.MixedLM.from_formula("score ~ 1", groups="task", data=frame).fit(reml=True)
            tasks, repetition = fit.cov_re.iloc[0, 0], fit.scale
            mean_square = 2 * tasks + repetition
            unlucky = tasks + (mean_square * 23 / scipy.stats.chi2.ppf(0.2, 23) - mean_square) / 2

            def fewest(variance, epochs, half_width=half_width, repetition=repetition):
                reached = lambda n: scipy.stats.t.isf(0.025, n - 1) * math.sqrt(  # noqa: E731
                    (variance + repetition / epochs) / n) <= half_width
                return next(n for n in range(2, 10000) if reached(n))

            for plan in ours("plan", [{"rows": rows, "half_width": half_width, "costs": [2, 1, 0]}])[0]["plans"]:
                self.assertEqual(plan["tasks"], fewest(tasks, plan["epochs"]))
                self.assertEqual(plan["to_be_sure"], fewest(unlucky, plan["epochs"]))

    def test_flips_to_expect(self):
        """Of labels, over all samples that scipy's multinomial distribution gives; of means, by its normal one."""
        for _ in range(6):
            labels = [[[int(label) for label in self.random.integers(0, 3, 5)] for _ in range(2)] for _ in range(4)]
            scores = [[[float(score) for score in self.random.uniform(0, 1, 3)] for _ in range(2)] for _ in range(4)]
            found = ours("flips", [{"labelled": labels, "scored": scores}])[0]

            def differ(epochs):
                majority = np.zeros(4)  # the last: none
                shares = np.bincount(epochs, minlength=3) / 5
                for counts in itertools.product(range(6), repeat=3):
                    if sum(counts) == 5:
                        first = int(np.argmax(counts))
                        majority[first if counts[first] > 2.5 else 3] += scipy.stats.multinomial.pmf(counts, 5, shares)
                return majority[:3].sum() ** 2 - (majority[:3] ** 2).sum()

            self.near(found["labels"], sum(differ(side) for task in labels for side in task) / 2)
            apart = [2 * scipy.stats.norm.sf(0.5, scale=math.sqrt(2 * np.var(side, ddof=1) / 3))
                     for task in scores for side in task]
            self.near(found["scores"], sum(apart) / 2)

    @needs_r
    def test_factor_effects(self):
        """statsmodels' coefficients with tasks as dummies, clubSandwich's interval of the tasks' contrasts."""
        factors = [["model", ["a", "b"]], ["skill", ["off", "on"]]]
        for _ in range(4):
            rows, table = [], {}
            for task in range(18):
                base = self.random.uniform(0.3, 0.7)
                for model in range(2):
                    for skill in range(2):
                        score = float(np.clip(base + 0.1 * skill - 0.05 * model * skill
                                              + self.random.normal(0, 0.08), 0, 1))
                        rows.append([[model, skill], 2 * model + skill, task, task % 9, score])
                        table[model, skill, task] = score
            effects = {effect["name"]: effect
                       for effect in ours("factors", [{"factors": factors, "rows": rows}])[0]["effects"]}
            frame = pandas.DataFrame([[row[0][0] - 0.5, row[0][1] - 0.5, row[2], row[4]] for row in rows],
                                     columns=["model", "skill", "task", "score"])
            fit = sm.OLS.from_formula("score ~ C(task) + model * skill", frame).fit()
            contrasts = {
                "model": ("model: b - a", lambda y: (y[1, 0] + y[1, 1] - y[0, 0] - y[0, 1]) / 2),
                "skill": ("skill: on - off", lambda y: (y[0, 1] + y[1, 1] - y[0, 0] - y[1, 0]) / 2),
                "model:skill": ("model: b - a x skill: on - off", lambda y: y[1, 1] - y[1, 0] - y[0, 1] + y[0, 0])}
            for term, (name, contrast) in contrasts.items():
                of_tasks = [[task % 9, contrast({cell: table[*cell, task] for cell in np.ndindex(2, 2)})]
                            for task in range(18)]
                r = by_r("mean", [{"rows": of_tasks}])[0]
                self.near(effects[name]["value"], fit.params[term], 1e-8)
                self.t_limits(effects[name], r["mean"], r["error"], r["df"])
                self.near(effects[name]["p"], r["p"], 1e-8)

    @needs_r
    def test_series(self):
        for _ in range(4):
            positions = [1, 2, 5]
            scores = np.clip(self.random.normal(0.5, 0.15, (20, 3)) + [0, 0.05, 0.12], 0, 1)
            rows = [[position, task, task % 10, float(scores[task, i])]
                    for task in range(20) for i, position in enumerate(positions)]
            found = ours("series", [{"rows": rows}])[0]
            slopes = [scipy.stats.linregress(positions, scores[task]).slope for task in range(20)]
            slope, second, third = by_r("mean", [
                {"rows": [[task % 10, value[task]] for task in range(20)]}
                for value in (slopes, list(scores[:, 1] - scores[:, 0]), list(scores[:, 2] - scores[:, 0]))])
            self.t_limits(found["slope"], slope["mean"], slope["error"], slope["df"])
            self.near(found["slope"]["p"], slope["p"], 1e-8)
            for change, r in zip(found["from_first"], (second, third), strict=True):
                self.t_limits(change, r["mean"], r["error"], r["df"], -1, 1)

    def profile_rows(self):
        truth = self.random.uniform(0.2, 0.8, (2, 7))
        rows = []
        for cluster in range(10):
            for dimension in range(7):
                for subject in range(2):
                    for _ in range(3):
                        score = float(np.clip(truth[subject if dimension < 3 else 0, dimension]
                                              + self.random.normal(0, 0.3), 0, 1))
                        rows.append([dimension, cluster, subject, score])
        return rows

    @staticmethod
    def profile_means(rows, kept):
        frame = pandas.DataFrame([row for row in rows if row[1] in kept],
                                 columns=["dimension", "cluster", "subject", "score"])
        return frame.groupby(["subject", "dimension"])["score"].mean().unstack().to_numpy()

    def test_correlations_of_profiles(self):
        for _ in range(6):
            rows = self.profile_rows()
            found = ours("profiles", [{"rows": rows}])[0]
            for name, function in (("pearson", scipy.stats.pearsonr), ("spearman", scipy.stats.spearmanr)):
                of = lambda kept, function=function: function(*self.profile_means(rows, kept)).statistic  # noqa: E731
                self.fisher(found[name], of(range(10)), jackknife_error(10, of), 10)

    @needs_r
    def test_profiles_less_their_noise(self):
        """clubSandwich's covariance of all means taken off the sums of squares and products."""
        for _ in range(4):
            rows = self.profile_rows()
            found = ours("profiles", [{"rows": rows}])[0]
            r = by_r("means", [{"rows": [[7 * subject + dimension, cluster, score]
                                         for dimension, cluster, subject, score in rows]}])[0]
            covariance = np.array(r["covariance"]).reshape(14, 14)
            first, second = np.array(r["means"]).reshape(2, 7)
            centre = np.eye(7) - 1 / 7
            less = lambda x, y, block: x @ centre @ y - np.trace(centre @ block)  # noqa: E731
            own, other, across = covariance[:7, :7], covariance[7:, 7:], covariance[:7, 7:]
            corrected = less(first, second, across) / math.sqrt(less(first, first, own) * less(second, second, other))
            self.near(found["corrected"]["value"], np.clip(corrected, -1, 1), 1e-8)
            noise = np.trace(own) + np.trace(other) - 2 * np.trace(across)
            squared = (((first - second) ** 2).sum() - noise) / 7
            self.near(found["distance"]["value"], math.sqrt(max(0, squared)), 1e-8)
