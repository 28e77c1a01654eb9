"""Probabilities, means of clusters, differences, permutations, several tests at once."""

import collections
import math
import statistics

import astropy.stats
import numpy as np
import scipy.stats
from statsmodels.stats import contingency_tables, multitest, proportion

from implementations import DESIGNS, Compared, by_r, clustered_scores, needs_r, ours


class Probabilities(Compared):
    def test_student_normal_chi_squared(self):
        designs = [{"x": float(self.random.normal(0, 3)), "df": float(self.random.uniform(1, 60)),
                    "tail": float(self.random.uniform(0.001, 0.5))} for _ in range(100)]
        for design, found in zip(designs, ours("probability", designs)):
            x, df, tail = design["x"], design["df"], design["tail"]
            self.near(found["t_cdf"], scipy.stats.t.cdf(x, df))
            self.near(found["two_sided_p"], 2 * scipy.stats.t.sf(abs(x), df))
            # scipy's own inverse is good to 3e-9 here.
            self.near(scipy.stats.t.sf(found["upper_t_quantile"], df), tail)
            self.near(found["upper_normal_tail"], scipy.stats.norm.sf(x))
            self.near(found["upper_normal_quantile"], scipy.stats.norm.isf(tail))
            self.near(found["chi_squared_quantile"], scipy.stats.chi2.ppf(tail, df))


@needs_r
class ClusteredMeans(Compared):
    """clubSandwich: CR2 and Satterthwaite's degrees of freedom."""

    def designs(self):
        return [{"rows": clustered_scores(self.random, int(self.random.integers(2, 12)))} for _ in range(DESIGNS)]

    def test_mean_variance_and_degrees_of_freedom(self):
        designs = self.designs()
        for found, r in zip(ours("mean_of_clusters", designs), by_r("mean", designs)):
            self.near(found["mean"], r["mean"])
            self.near(found["variance"], r["error"] ** 2)
            self.near(found["df"], r["df"], 1e-8)

    def test_what_each_cluster_adds(self):
        """Means of the same clusters are correlated through products of what each cluster adds."""
        both = [(clustered_scores(self.random, 8), clustered_scores(self.random, 8)) for _ in range(DESIGNS)]
        stacked = [{"rows": [[0, *row] for row in first] + [[1, *row] for row in second]} for first, second in both]
        for (first, second), r in zip(both, by_r("means", stacked)):
            found = [dict(one["errors"]) for one in ours("mean_of_clusters", [{"rows": first}, {"rows": second}])]
            self.near(sum(found[0][cluster] * found[1][cluster] for cluster in found[0]), r["covariance"][1])
            self.near(sum(error**2 for error in found[1].values()), r["covariance"][3])

    def test_interval_of_a_mean(self):
        designs = [{**design, "binary": False} for design in self.designs()]
        asked = [{**design, "rows": [[0, *row] for row in design["rows"]]} for design in designs]
        for found, r in zip(ours("mean_interval", asked), by_r("mean", designs)):
            self.wilson(found, r["mean"], r["error"] ** 2, r["df"])

    def test_interval_of_a_proportion(self):
        designs = []
        while len(designs) < DESIGNS:
            rows = [[cluster, float(score > 0.45)] for cluster, score in clustered_scores(self.random, 9)]
            totals = collections.defaultdict(list)
            for cluster, score in rows:
                totals[cluster].append(score)
            if len({statistics.mean(scores) for scores in totals.values()}) > 1:
                designs.append({"rows": rows})
        asked = [{"binary": True, "rows": [[0, *row] for row in design["rows"]]} for design in designs]
        for design, found, r in zip(designs, ours("mean_interval", asked), by_r("mean", designs)):
            self.wilson(found, r["mean"], r["error"] ** 2, r["df"], len(design["rows"]))

    def test_mean_of_a_value_system(self):
        """The unweighted mean of dimensions' means, which share clusters."""
        designs = []
        for _ in range(DESIGNS):
            rows = [[dimension, *row] for dimension in range(int(self.random.integers(2, 6)))
                    for row in clustered_scores(self.random, 10)]
            designs.append({"rows": rows})
        for found, r in zip(ours("system_mean", designs), by_r("means", designs)):
            self.wilson(found, r["mean"], r["error"] ** 2, r["mean_df"])

    def test_contrast_and_paired_difference(self):
        designs = [{"rows": [[cluster, score - 0.45] for cluster, score in design["rows"]], "range": [-1, 1],
                    "margin": 0.2} for design in self.designs()]
        contrasts = ours("contrast", designs)
        for contrast, found, r in zip(contrasts, ours("paired_difference", designs), by_r("mean", designs)):
            self.t_limits(found, r["mean"], r["error"], r["df"], -1, 1)
            self.near(found["low"], max(-1, r["low"]), 1e-8)
            self.near(found["high"], min(1, r["high"]), 1e-8)
            self.near(found["p"], r["p"], 1e-8)
            self.near(contrast["p"], r["p"], 1e-8)
            # Two one-sided tests, and four chances in five of seeing a difference.
            sides = [scipy.stats.t.sf((0.2 + sign * r["mean"]) / r["error"], r["df"]) for sign in (1, -1)]
            self.near(found["equivalence_p"], max(sides), 1e-8)
            self.assertEqual(found["equivalent"], max(sides) < 0.05)
            quantiles = scipy.stats.t.isf(0.025, r["df"]) + scipy.stats.t.isf(0.2, r["df"])
            self.near(found["detectable"], quantiles * r["error"], 1e-8)


class EqualMeans(Compared):
    def test_limits_at_the_edges_are_clopper_and_pearsons(self):
        for clusters in range(2, 20):
            rows = [[0, cluster, score] for cluster in range(clusters) for score in (1, 1)]
            found = ours("mean_interval", [{"binary": True, "rows": rows}])[0]
            low, high = proportion.proportion_confint(clusters, clusters, 0.05, "beta")
            self.near(found["low"], low)
            self.near(found["high"], high)


class SignFlips(Compared):
    def test_exact_permutations_of_scipy(self):
        designs = []
        for _ in range(DESIGNS):
            rows = clustered_scores(self.random, int(self.random.integers(6, 13)))
            designs.append({"margin": 0.1, "rows": [[cluster, score - 0.42] for cluster, score in rows]})
        for design, found in zip(designs, ours("paired_difference", designs)):
            sums = collections.Counter()
            for cluster, difference in design["rows"]:
                sums[cluster] += difference
            test = scipy.stats.permutation_test(
                (np.array(list(sums.values())),), lambda x, axis: abs(np.sum(x, axis=axis)),
                permutation_type="samples", n_resamples=np.inf, alternative="greater", vectorized=True)
            self.assertTrue(found["sign_flip_exact"])
            self.near(found["sign_flip_p"], test.pvalue)


class Jackknife(Compared):
    def test_astropys_error(self):
        for _ in range(DESIGNS):
            values = self.random.uniform(0.1, 0.9, int(self.random.integers(3, 15)))
            value = float(np.median(values) / 2 + np.mean(values) / 2)
            statistic = lambda x: np.median(x) / 2 + np.mean(x) / 2  # noqa: E731
            error = astropy.stats.jackknife_stats(values, statistic, 0.95)[2]
            left_out = [float(statistic(sample)) for sample in astropy.stats.jackknife_resampling(values)]
            found = ours("jackknife", [{"value": value, "left_out": left_out}])[0]
            self.t_limits(found["plain"], value, error, len(values) - 1)
            self.fisher(found["fisher"], value, error, len(values))
            self.logit(found["logit"], value, error, len(values))


class SeveralTests(Compared):
    def designs(self):
        return [{"p": [float(p) for p in self.random.beta(0.4, 2, int(self.random.integers(1, 20)))]}
                for _ in range(DESIGNS)]

    def test_statsmodels(self):
        designs = self.designs()
        for design, found in zip(designs, ours("multiplicity", designs)):
            for name, method in (("holm", "holm"), ("benjamini_hochberg", "fdr_bh")):
                for left, right in zip(found[name], multitest.multipletests(design["p"], method=method)[1],
                                       strict=True):
                    self.near(left, right)

    @needs_r
    def test_r(self):
        designs = self.designs()
        for found, r in zip(ours("multiplicity", designs), by_r("adjusted", designs)):
            for name in ("holm", "benjamini_hochberg"):
                for left, right in zip(found[name], r[name] if isinstance(r[name], list) else [r[name]], strict=True):
                    self.near(left, right)

    def test_two_proportions_of_the_same_tasks(self):
        """McNemar's exact p of statsmodels less the probability of the split as scipy has it."""
        designs = []
        for _ in range(DESIGNS):
            first, second = (int(count) for count in self.random.integers(0, 12, 2))
            designs.append({"counts": [first + second + 5, first, second]})
        for design, found in zip(designs, ours("paired_binary", designs)):
            n, first, second = design["counts"]
            if first + second:
                exact = contingency_tables.mcnemar([[5, first], [second, 0]], exact=True).pvalue
                middle = exact - scipy.stats.binom.pmf(first, first + second, 0.5)
                self.near(found["p"], middle if first != second else 1 - scipy.stats.binom.pmf(
                    first, first + second, 0.5) / 2)
            self.near(found["value"], (first - second) / n)
