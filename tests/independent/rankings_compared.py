"""Strengths, ranks, groups, missing games, fronts."""

import math

import moocore
import networkx
import numpy as np
import scipy.optimize
import scipy.stats
import statsmodels.api as sm
from statsmodels.stats import sandwich_covariance
from statsmodels.tools import numdiff

from implementations import DESIGNS, Compared, by_r, needs_r, ours


class Groups(Compared):
    """Largest sets of which no two are told apart: the largest cliques of the graph of the others."""

    def designs(self, ordered):
        for _ in range(40):
            items = int(self.random.integers(2, 11))
            strengths = np.sort(self.random.normal(0, 1, items))[::-1]
            threshold = self.random.uniform(0, 2)
            pairs = [(i, j) for i in range(items) for j in range(i + 1, items)]
            if ordered:
                apart = [pair for pair in pairs if strengths[pair[0]] - strengths[pair[1]] > threshold]
            else:
                apart = [pair for pair in pairs if self.random.uniform() < 0.4]
            yield {"items": items, "apart": apart}

    def test_cliques_of_networkx(self):
        designs = list(self.designs(ordered=False))
        for design, found in zip(designs, ours("letter_groups", designs)):
            apart = networkx.Graph()
            apart.add_nodes_from(range(design["items"]))
            apart.add_edges_from(design["apart"])
            cliques = networkx.find_cliques(networkx.complement(apart))
            self.assertEqual(found["groups"], sorted(sorted(clique) for clique in cliques))

    @needs_r
    def test_letters_of_multcomp_view(self):
        """Of an order with one threshold, where Piepho's last step, which drops sets that tell nothing new, has none
        to drop."""
        designs = list(self.designs(ordered=True))
        for found, r in zip(ours("letter_groups", designs), by_r("letters", designs)):
            groups = [group if isinstance(group, list) else [group] for group in r["groups"]]
            self.assertEqual(found["groups"], sorted(sorted(group) for group in groups))


def invented_games(random, values, each, missing=0):
    """[[a, b, outcome, margin, cluster], …], each pair so often, two games a cluster."""
    strengths = random.normal(0, 0.8, values)
    games = []
    for a in range(values):
        for b in range(a + 1, values):
            for _ in range(each):
                margin = float(np.clip((strengths[a] - strengths[b]) / 4 + random.normal(0, 0.4), -1, 1))
                outcome = 0 if abs(margin) < 0.1 else 1 if margin > 0 else -1
                games.append([a, b, outcome, margin, len(games) // 2])
    for index in random.choice(len(games), missing, replace=False):
        games[index][2] = None
    return games


def design_matrix(games, values):
    x = np.zeros((len(games), values))
    for row, (a, b, *_) in enumerate(games):
        x[row, a], x[row, b] = 1, -1
    return x


class DavidsonLikelihood:
    """Written from the model: P(win), P(tie), P(loss) in proportion to exp(d/2), exp(eta), exp(-d/2), and half a game won,
    half a game lost against strength 0 for every parameter."""

    def __init__(self, games, values):
        self.games = [game for game in games if game[2] is not None]
        self.values = values
        self.x = design_matrix(self.games, values)
        self.outcome = np.array([game[2] for game in self.games])

    def of_each(self, at):
        d = self.x @ at[:-1]
        logs = np.stack([d / 2, np.full_like(d, at[-1]), -d / 2])
        return logs[1 - self.outcome, np.arange(len(d))] - np.logaddexp.reduce(logs)

    def penalised(self, at):
        return -(self.of_each(at).sum() + (at / 2 - np.logaddexp(0, at)).sum())

    def maximum(self):
        # Newton by scipy, from numerical derivatives that statsmodels takes by complex steps or differences.
        found = scipy.optimize.minimize(self.penalised, np.zeros(self.values + 1), method="BFGS",
                                        options={"gtol": 1e-9, "maxiter": 1000})
        return found.x


class Rankings(Compared):
    def test_davidson(self):
        """The maximum by scipy, its HC3 covariance by numerical derivatives of statsmodels."""
        for _ in range(6):
            values = int(self.random.integers(3, 6))
            games = invented_games(self.random, values, 6, 3)
            found = ours("davidson", [{"games": games, "values": values}])[0]
            model = DavidsonLikelihood(games, values)
            at = model.maximum()
            for left, right in zip(found["strengths"], at[:-1] - at[:-1].mean(), strict=True):
                self.near(left, right, 1e-5)
            self.near(found["log_tie"], at[-1], 1e-5)
            information = numdiff.approx_hess(at, model.penalised)
            inverse = np.linalg.inv(information)
            scores = numdiff.approx_fprime(at, model.of_each, centered=True)
            d = model.x @ at[:-1]
            win, tie, loss = np.exp([d / 2, np.full_like(d, at[-1]), -d / 2])
            win, tie = win / (win + tie + loss), tie / (win + tie + loss)
            variance = win + tie / 4 - (win + tie / 2) ** 2
            leverage = variance * np.einsum("ij,jk,ik->i", model.x, inverse[:-1, :-1], model.x)
            clusters = np.array([game[4] for game in model.games])
            meat = sandwich_covariance.S_crosssection(scores / (1 - np.minimum(leverage, 0.9))[:, None], clusters)
            centre = np.eye(values) - 1 / values
            covariance = centre @ (inverse @ meat @ inverse)[:-1, :-1] @ centre
            for left, right in zip(found["covariance"], covariance.ravel(), strict=True):
                self.near(left, right, 1e-4)

    def test_margins(self):
        """statsmodels' least squares and leverages, HC3 residuals summed by cluster."""
        for _ in range(8):
            values = int(self.random.integers(3, 7))
            games = invented_games(self.random, values, 4)
            found = ours("margins", [{"games": games, "values": values}])[0]
            x = design_matrix(games, values)[:, :-1]
            fit = sm.OLS([game[3] for game in games], x).fit()
            leverage = np.minimum(fit.get_influence().hat_matrix_diag, 0.9)
            clusters = np.array([game[4] for game in games])
            meat = sandwich_covariance.S_crosssection(x * (fit.resid / (1 - leverage))[:, None], clusters)
            covariance = np.zeros((values, values))
            covariance[:-1, :-1] = fit.normalized_cov_params @ meat @ fit.normalized_cov_params
            centre = np.eye(values) - 1 / values
            for left, right in zip(found["strengths"], centre @ np.append(fit.params, 0), strict=True):
                self.near(left, right)
            for left, right in zip(found["covariance"], (centre @ covariance @ centre).ravel(), strict=True):
                self.near(left, right)

    def test_gate(self):
        """scipy's exact permutations: the sample is a sign for each cluster."""
        for _ in range(6):
            games = invented_games(self.random, 4, 3)  # 18 games in 9 clusters
            found = ours("gate", [{"games": games, "values": 4}])[0]
            clusters = sorted({game[4] for game in games})
            x = design_matrix(games, 4)
            played = np.abs(x).sum(axis=0)
            for name, score in (("outcomes", [game[2] / 2 for game in games]), ("margins", [game[3] for game in games])):
                sums = np.array([x.T @ (np.array(score) * [game[4] == cluster for game in games])
                                 for cluster in clusters])
                test = scipy.stats.permutation_test(
                    (np.ones(len(clusters)),), lambda signs: (((signs @ sums) ** 2) / played).sum().round(12),
                    permutation_type="samples", n_resamples=np.inf, alternative="greater", vectorized=False)
                self.near(found[name], test.pvalue)

    def ranked(self):
        m = int(self.random.integers(3, 7))
        root = self.random.normal(0, 0.3, (m, m + 4))
        strengths = self.random.normal(0, 1.2, m)
        return {"strengths": list(strengths), "covariance": list((root @ root.T).ravel()), "clusters": 30,
                "draws": 40000, "df": 30 - m + 1}

    @needs_r
    def test_simultaneous_ranks(self):
        """multcomp's critical value of all pairs to the error of 40,000 draws, and what it decides."""
        designs = [self.ranked() for _ in range(DESIGNS)]
        for design, found, r in zip(designs, ours("ranks", designs), by_r("largest_t", designs)):
            self.assertEqual(found["df"], design["df"])
            self.near(found["critical"] / r["critical"], 1, 0.02)
            strengths = np.array(design["strengths"])
            m = len(strengths)
            covariance = np.array(design["covariance"]).reshape(m, m)
            above, below = np.zeros(m, int), np.zeros(m, int)
            differences, errors = [], []
            for (first, second, difference, error, decided, _), by_multcomp in zip(found["pairs"], r["decided"]):
                contrast = np.zeros(m)
                contrast[first], contrast[second] = 1, -1
                self.near(difference, contrast @ strengths)
                self.near(error, math.sqrt(contrast @ covariance @ contrast))
                differences.append(difference)
                errors.append(error)
                if abs(abs(difference) / error / r["critical"] - 1) > 0.03:
                    self.assertEqual(decided, by_multcomp)
                if decided:
                    above[second if difference > 0 else first] += 1
                    below[first if difference > 0 else second] += 1
            self.assertEqual(found["ranks"], [[1 + int(a), m - int(b)] for a, b in zip(above, below)])
            excess = max(0, np.mean(np.square(differences) - np.square(errors)))
            for pair, difference, error in zip(found["pairs"], differences, errors):
                shrunk = math.sqrt(excess / (excess + error**2)) * difference / error
                self.near(pair[5], scipy.stats.t.cdf(shrunk, design["df"]))

    def test_missing_games(self):
        """Every filling fitted by scipy; of margins, the worst by linear programming. Claims that lie closer to the worst
        than either can tell are left out."""
        for _ in range(3):
            games = invented_games(self.random, 3, 4, 3)
            gaps = [i for i, game in enumerate(games) if game[2] is None]
            lowest = np.full((3, 3), math.inf)
            for filling in np.ndindex(*(3,) * len(gaps)):
                filled = [list(game) for game in games]
                for i, outcome in zip(gaps, filling):
                    filled[i][2] = outcome - 1
                at = DavidsonLikelihood(filled, 3).maximum()[:-1]
                lowest = np.minimum(lowest, at[:, None] - at[None, :])
            x = design_matrix(games, 3)
            linear = np.linalg.pinv(x)
            known = np.array([0 if game[2] is None else game[3] for game in games])
            claims, by_outcomes, by_margins = [], [], []
            for above in range(3):
                for below in range(3):
                    if above == below:
                        continue
                    contrast = linear[above] - linear[below]
                    worst = scipy.optimize.linprog(contrast[gaps], bounds=[(-1, 1)] * len(gaps)).fun + contrast @ known
                    for shift in (-0.01, 0.01):
                        claims.append([above, below, lowest[above, below] + shift])
                        by_outcomes.append(shift > 0)
                        by_margins.append(None)
                        claims.append([above, below, worst + shift])
                        by_outcomes.append(None)
                        by_margins.append(shift > 0)
            found = ours("missing_games", [{"games": games, "values": 3, "claims": claims}])[0]
            for name, expected in (("outcomes", by_outcomes), ("margins", by_margins)):
                for left, right in zip(found[name], expected, strict=True):
                    if right is not None:
                        self.assertEqual(left, right)

    def front_scores(self, subjects, dimensions):
        rows = []
        for dimension in range(dimensions):
            for cluster in range(12):
                shared = self.random.normal(0, 0.1)
                for _ in range(3):
                    task = self.random.normal(0, 0.1)
                    for subject in range(subjects):
                        rows.append([subject, dimension, cluster,
                                     0.5 + 0.03 * subject * (-1) ** dimension + shared + task
                                     + self.random.normal(0, 0.1)])
        return rows

    def test_front_of_means(self):
        for _ in range(8):
            rows = self.front_scores(5, 3)
            found = ours("front", [{"rows": rows, "draws": 100}])[0]["subjects"]
            means = np.array([member["means"] for member in found])
            self.assertEqual([member["in_front"] for member in found],
                             list(moocore.is_nondominated(means, maximise=True, keep_weakly=True)))

    @needs_r
    def test_probability_of_the_front(self):
        """clubSandwich's covariance, scipy's multivariate t, moocore's front, to the error of both sides' draws."""
        draws = 4000
        for _ in range(3):
            rows = self.front_scores(3, 2)
            found = ours("front", [{"rows": rows, "draws": draws}])[0]["subjects"]
            cells = [[2 * subject + dimension, cluster, score] for subject, dimension, cluster, score in rows]
            r = by_r("means", [{"rows": cells}])[0]
            sampled = scipy.stats.multivariate_t(
                r["means"], np.array(r["covariance"]).reshape(6, 6), df=min(r["df"]), allow_singular=True,
                seed=7).rvs(draws).reshape(draws, 3, 2)
            share = np.mean([moocore.is_nondominated(sample, maximise=True) for sample in sampled], axis=0)
            for member, expected in zip(found, share, strict=True):
                tolerance = 4 * math.sqrt(2 * max(expected * (1 - expected), 1e-4) / draws)
                self.assertAlmostEqual(member["probability"], expected, delta=tolerance)
