#pragma once

#include <span>

#include "reports/stats/cluster_mean.h"
#include "reports/stats/mean_interval.h"

namespace axiometer {

// What one cluster adds to one dimension of two subjects' profiles: sums of scores in [0, 1]. A
// count of 0 says that this subject has no score there. One for each dimension and cluster at most.
struct ProfileSums {
  int dimension = 0;
  int cluster = 0;
  ClusterSum first;
  ClusterSum second;
};

// How alike two profiles are over the dimensions that both have. The profile is the mean of each
// dimension, all dimensions weighing alike.
struct ProfileSimilarity {
  int dimensions = 0;  // in common
  // Correlations over dimensions, Spearman's by midranks. Noise in the means pulls both towards 0:
  // they, and their intervals, are about profiles measured with this many tasks.
  // Interval: delete-one-cluster jackknife on Fisher's z, Student's t with clusters - 1.
  Estimate pearson;
  Estimate spearman;
  // Root of the mean squared difference less what noise alone adds, sqrt(max(0, mean(d^2 - V))), V
  // the CR2 variance of d: about the true profiles. Interval: the same jackknife of the square
  // before the root is taken; limits below 0 are 0.
  Estimate distance;
};

// Fewer than 5 common dimensions, or all dimensions alike in one profile (correlations only): no
// value, with the reason. A dimension seen in too few clusters to leave one out (1 for the
// correlations, 2 for the distance), one cluster, or no spread: no interval. Sums that are not
// finite are a bug. With all rows of dimension k in G_k clusters the cost is the sum of G_k^2.
ProfileSimilarity CompareProfiles(std::span<const ProfileSums> sums, double level = 0.95);

}  // namespace axiometer
