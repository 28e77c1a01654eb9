"""Scores of classes, and distances of answers."""

import functools
import math

import numpy as np
import scipy.spatial
import scipy.stats
import sklearn.metrics

from implementations import DESIGNS, Compared, by_r, jackknife_error, needs_r, ours


class Labels(Compared):
    def test_scores_of_two_classes(self):
        metrics = sklearn.metrics
        for _ in range(8):
            rows = []
            for i in range(60):
                gold = int(self.random.uniform() < 0.6)
                rows.append([gold, gold if self.random.uniform() < 0.8 else 1 - gold, i % 15])
            found = ours("binary_scores", [{"rows": rows}])[0]
            gold, given, clusters = np.array(rows).T
            expected = {"accuracy": metrics.accuracy_score, "precision": metrics.precision_score,
                        "recall": metrics.recall_score, "f1": metrics.f1_score, "auroc": metrics.roc_auc_score,
                        **{f"{average}_f1": functools.partial(metrics.f1_score, average=average)
                           for average in ("micro", "macro", "weighted")}}
            self.assertEqual(set(found), set(expected))
            for name, metric in expected.items():
                self.near(found[name]["value"], metric(gold, given))
            for name in ("macro_f1", "weighted_f1", "auroc"):
                of = lambda kept, name=name: expected[name](  # noqa: E731
                    gold[np.isin(clusters, kept)], given[np.isin(clusters, kept)])
                self.logit(found[name], of(range(15)), jackknife_error(15, of), 15)

    def test_scores_of_several_classes(self):
        for _ in range(8):
            rows = []
            for i in range(80):
                gold = int(self.random.integers(0, 4))
                rows.append([gold, gold if self.random.uniform() < 0.7 else int(self.random.integers(0, 4)), i % 16])
            found = ours("classification", [{"rows": rows, "classes": 4}])[0]
            gold, given, clusters = np.array(rows).T
            scores = sklearn.metrics.precision_recall_fscore_support(gold, given, labels=range(4))[:3]
            for left, right in zip(found["classes"], zip(*scores), strict=True):
                for one, other in zip(left, right):
                    self.near(one, other)
            self.near(found["weighted_f1"], sklearn.metrics.f1_score(gold, given, average="weighted"))
            macro = lambda kept: sklearn.metrics.f1_score(  # noqa: E731
                gold[np.isin(clusters, kept)], given[np.isin(clusters, kept)], average="macro")
            self.logit(found["macro_f1"], macro(range(16)), jackknife_error(16, macro), 16)

    def ranked_rows(self):
        return [[float(round(self.random.normal(0.8 * (i % 2), 1), 1)), i % 2, i] for i in range(50)]

    def test_area_under_the_curve(self):
        designs = [{"rows": self.ranked_rows()} for _ in range(DESIGNS)]
        for design, found in zip(designs, ours("auroc", designs)):
            score, positive, _ = zip(*design["rows"])
            self.near(found["value"], sklearn.metrics.roc_auc_score(positive, score))

    @needs_r
    def test_variance_of_the_area(self):
        """pROC: DeLong's, which Obuchowski's is where every row is its own cluster."""
        designs = [{"rows": self.ranked_rows()} for _ in range(DESIGNS)]
        plain = [{"rows": [row[:2] for row in design["rows"]]} for design in designs]
        for found, r in zip(ours("auroc", designs), by_r("area", plain)):
            self.logit(found, r["area"], math.sqrt(r["variance"]), 50)

    def test_distances_of_answers(self):
        for _ in range(DESIGNS):
            rows = [[persona, [float(option == answer) for option in range(4)]]
                    for persona, answer in enumerate(self.random.integers(0, 4, 30))]
            reference = self.random.dirichlet([1, 1, 1, 1])
            found = ours("distances", [{"rows": rows, "reference": list(reference)}])[0]
            shares = np.mean([row[1] for row in rows], axis=0)
            self.near(found["total_variation"], scipy.spatial.distance.cityblock(shares, reference) / 2)
            self.near(found["ordered_emd"],
                      scipy.stats.wasserstein_distance(range(4), range(4), shares, reference) / 3)
