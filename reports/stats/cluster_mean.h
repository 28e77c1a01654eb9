#pragma once

#include <map>
#include <optional>
#include <string>

namespace axiometer {

// The scores of one cluster. Everything in this file works on such sums, so that a million rows are
// read once; sums of shards of the rows may be added up first.
struct ClusterSum {
  double total = 0;
  double count = 0;  // rows; > 0

  void Add(double score) {
    total += score;
    count += 1;
  }
};

// By cluster number, which has no other meaning.
using ClusterSums = std::map<int, ClusterSum>;

// Below so many an interval is a rough guide (tests/validity/README.md has the coverage).
inline constexpr int kFewClusters = 6;

// The mean of all rows and how far it may be off, when clusters are a sample and rows of one
// cluster depend on each other.
struct ClusterMean {
  double mean = 0;
  double rows = 0;
  int clusters = 0;
  // With N rows, p_g = n_g / N and S_g = T_g - n_g mean: CR2, (1/N^2) sum of S_g^2 / (1 - p_g)
  // (Bell & McCaffrey 2002). 0 with one cluster, which is no finding.
  double variance = 0;
  // Satterthwaite's degrees of freedom under independent rows of equal variance: with
  // q_g = p_g^2 / (1 - p_g), 1 / (sum p_g^2 + (sum q_g)^2 - sum q_g^2). G - 1 for clusters of equal
  // size; 0 with one cluster.
  double df = 0;

  // All cluster means are equal but for rounding: `variance` says nothing, see EqualMeansLimits.
  bool no_spread() const { return variance < 1e-14; }
};

// nullopt without rows. The sums must be finite.
std::optional<ClusterMean> MeanOfClusters(const ClusterSums& clusters);

struct ScoreLimits {
  double low = 0;
  double high = 0;
};

// Wilson's (1927) limits of a mean of scores in [0, 1], with the effective number of rows that the
// variance implies, n* = m (1 - m) / variance (Korn & Graubard 1998; Dean & Pavlou 2015), but no
// more than `largest_n`, and with t for z. nullopt without degrees of freedom or spread.
std::optional<ScoreLimits> WilsonLimits(const ClusterMean& mean, double largest_n, double level);

// mean -+ t sqrt(variance), two-sided, cut to the range [lowest, highest] of a score. Symmetric:
// for differences and other means far from an edge. nullopt without degrees of freedom or spread.
std::optional<ScoreLimits> TLimits(const ClusterMean& mean, double level, double lowest, double highest);

// ScoreLimits of a mean of scores in [lowest, highest] whose G clusters have the same mean m:
// [m - b (m - lowest), m + b (highest - m)] with b = 1 - (alpha/2)^(1/G), Clopper and Pearson's
// limits at an edge. G >= 1.
ScoreLimits EqualMeansLimits(double mean, int clusters, double level, double lowest, double highest);

// What to print beside an interval: "two clusters", "few or unequal clusters" (df < 4), mostly "".
std::string ClusterCaution(const ClusterMean& mean);

}  // namespace axiometer
