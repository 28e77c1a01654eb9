"""Judges as instruments, and the order of options."""

import collections
import math
import statistics

import irrCAC.raw
import krippendorff
import numpy as np
import pandas
import scipy.spatial
import scipy.stats
import sklearn.metrics
import statsmodels.api as sm

from implementations import Compared, by_r, jackknife_error, needs_r, ours


class Judges(Compared):
    """[[cluster, item, rater, category], …]: one item a cluster where nothing else is said."""

    def ratings(self, raters, items, categories, missing):
        rows = []
        for item in range(items):
            truth = self.random.uniform(0, categories)
            for rater in range(raters):
                seen = int(np.clip(truth + self.random.normal(0, 0.7), 0, categories - 0.01))
                if self.random.uniform() >= missing:
                    rows.append([item, 0, rater, seen])
        return rows

    @staticmethod
    def table(rows, kept=None):
        """Raters down, items across, nan where missing."""
        raters = 1 + max(row[2] for row in rows)
        items = list(range(1 + max(row[0] for row in rows))) if kept is None else kept
        place = {item: number for number, item in enumerate(items)}
        table = np.full((raters, len(items)), np.nan)
        for item, _, rater, category in rows:
            if item in place:
                table[rater, place[item]] = category
        return table

    def test_ordinal_alpha(self):
        for _ in range(8):
            rows = self.ratings(3, 24, 4, 0.15)
            found = ours("agreement", [{"rows": rows, "categories": 4}])[0]["alpha"]
            alpha = lambda table: krippendorff.alpha(table, level_of_measurement="ordinal")  # noqa: E731
            rated = [item for item in range(24) if np.sum(~np.isnan(self.table(rows, [item]))) >= 2]
            error = jackknife_error(len(rated), lambda kept: alpha(self.table(rows, [rated[i] for i in kept])))
            self.fisher(found, alpha(self.table(rows)), error, len(rated))

    def test_quadratic_kappa(self):
        for _ in range(8):
            rows = self.ratings(2, 30, 4, 0)
            table = self.table(rows).astype(int)
            kappa = lambda kept: sklearn.metrics.cohen_kappa_score(  # noqa: E731
                table[0, kept], table[1, kept], weights="quadratic", labels=range(4))
            found = ours("agreement", [{"rows": rows, "categories": 4}])[0]["kappa"]
            self.fisher(found, kappa(range(30)), jackknife_error(30, kappa), 30)

    def test_ac2_and_exact_agreement(self):
        """irrCAC rounds to five digits."""
        for _ in range(8):
            rows = self.ratings(3, 30, 4, 0.15)
            found = ours("agreement", [{"rows": rows, "categories": 4}])[0]
            frame = pandas.DataFrame(self.table(rows).T).dropna(how="all")
            quadratic = irrCAC.raw.CAC(frame, weights="quadratic", categories=[0, 1, 2, 3]).gwet()["est"]
            self.near(found["ac2"]["value"], quadratic["coefficient_value"], 6e-6)
            plain = irrCAC.raw.CAC(frame, weights="identity", categories=[0, 1, 2, 3]).gwet()["est"]
            self.near(found["exact"]["value"], plain["pa"], 6e-6)

    def test_fitness(self):
        """The gate's rule on the numbers of krippendorff and irrCAC."""
        stamps = collections.Counter()
        for noise in (0.2, 0.5, 0.8, 1.5, 4) * 3:
            rows = []
            for item in range(60):
                truth = self.random.uniform(0, 3)
                for rater in range(2):
                    rows.append([item, 0, rater, int(np.clip(truth + self.random.normal(0, noise), 0, 2.99))])
            found = ours("fitness", [{"rows": rows, "categories": 3}])[0]
            alpha = lambda kept: krippendorff.alpha(  # noqa: E731
                self.table(rows, kept), level_of_measurement="ordinal")
            value = alpha(list(range(60)))
            half = scipy.stats.t.isf(0.025, 59) * jackknife_error(60, alpha) / (1 - value**2)
            low, high = (math.tanh(math.atanh(value) + sign * half) for sign in (-1, 1))
            stamp = "fit" if low >= 0.667 else "unfit" if high < 0.667 or low <= 0 else "not shown fit"
            self.assertEqual(found["stamp"].split(":")[0], stamp)
            stamps[stamp] += 1
        self.assertEqual(len(stamps), 3, stamps)

    def test_severity(self):
        """statsmodels: least squares of the score on items and raters."""
        for _ in range(8):
            rows = []
            for item in range(12):
                base = self.random.uniform(0.2, 0.8)
                for rater in range(4):
                    if self.random.uniform() < 0.75 or item < 3:
                        rows.append([item // 2, item % 2, rater, base + 0.05 * rater + self.random.normal(0, 0.05)])

            def severities(kept, rows=rows):
                frame = pandas.DataFrame([row for row in rows if row[0] in kept],
                                         columns=["cluster", "item", "rater", "score"])
                frame["item"] += 10 * frame["cluster"]
                fit = sm.OLS.from_formula("score ~ C(item) + C(rater)", frame).fit()
                effects = np.array([0] + [fit.params[f"C(rater)[T.{rater}]"] for rater in range(1, 4)])
                return effects - effects.mean()

            value = severities(list(range(6)))
            for rater, found in enumerate(ours("severity", [{"rows": rows}])[0]["raters"]):
                error = jackknife_error(6, lambda kept, rater=rater: severities(kept)[rater])
                self.t_limits(found, value[rater], error, 5)

    def test_ensemble(self):
        designs = [{"scores": [float(score) for score in self.random.choice([0, 0.5, 1], self.random.integers(2, 8))]}
                   for _ in range(40)]
        for design, found in zip(designs, ours("ensemble", designs)):
            self.near(found["mean"], np.mean(design["scores"]))
            modes = statistics.multimode(design["scores"])
            self.assertEqual(found["majority"], modes[0] if len(modes) == 1 else None)
            distances = scipy.spatial.distance.pdist(np.array(design["scores"])[:, None], "cityblock")
            self.near(found["disagreement"], distances.mean())

    def test_slope_on_length(self):
        for _ in range(8):
            rows = [[case, float(self.random.uniform(-0.5, 0.5)), float(self.random.integers(20, 2000))]
                    for case in range(15)]

            def slope(kept, rows=rows):
                y, x = np.array([rows[i][1:] for i in kept]).T
                return scipy.stats.linregress(np.log(x), y).slope

            found = ours("length_slope", [{"rows": rows}])[0]
            self.t_limits(found, slope(range(15)), jackknife_error(15, slope), 14)


class OptionOrder(Compared):
    def tasks(self):
        """One answer in each order, [[cluster, forward, backward], …], and the options as numbers."""
        rows, answers = [], []
        for task in range(30):
            forward = int(self.random.uniform() < 0.6)
            backward = forward if self.random.uniform() < 0.7 else 1 - forward
            answers.append((task % 10, forward, backward))
            rows.append([task % 10, [1 - forward, forward], [1 - backward, backward]])
        return rows, answers

    @needs_r
    def test_bias_preference_and_consistency(self):
        for _ in range(8):
            rows, answers = self.tasks()
            found = ours("answer_order", [{"rows": rows}])[0]
            bias, preference, same = by_r("mean", [
                {"rows": [[cluster, ((1 - forward) - (1 - backward)) / 2] for cluster, forward, backward in answers]},
                {"rows": [[cluster, 1 - (forward + backward) / 2] for cluster, forward, backward in answers]},
                {"rows": [[cluster, float(forward == backward)] for cluster, forward, backward in answers]}])
            self.t_limits(found["position_bias"], bias["mean"], bias["error"], bias["df"], -0.5, 0.5)
            self.near(found["position_bias_p"], bias["p"], 1e-8)
            self.wilson(found["preference"], preference["mean"], preference["error"] ** 2, preference["df"])
            self.near(found["consistency"]["value"], same["mean"])

    def test_beyond_chance_is_cohens_kappa(self):
        for _ in range(8):
            rows, answers = self.tasks()

            def kappa(kept, answers=answers):
                pairs = [answer for answer in answers if answer[0] in kept]
                return sklearn.metrics.cohen_kappa_score(
                    [pair[1] for pair in pairs], [pair[2] for pair in pairs], labels=[0, 1])

            found = ours("answer_order", [{"rows": rows}])[0]["beyond_chance"]
            self.fisher(found, kappa(range(10)), jackknife_error(10, kappa), 10)

    def test_paraphrases(self):
        """irrCAC's observed agreement, rounded to five digits."""
        for _ in range(8):
            rows = [[task, [int(option) for option in self.random.integers(-1, 3, 4)]] for task in range(25)]
            frame = pandas.DataFrame([options for _, options in rows]).replace(-1, np.nan).dropna(how="all")
            agreement = irrCAC.raw.CAC(frame, weights="identity", categories=[0, 1, 2]).gwet()["est"]["pa"]
            self.near(ours("paraphrases", [{"rows": rows}])[0]["value"], agreement, 6e-6)
