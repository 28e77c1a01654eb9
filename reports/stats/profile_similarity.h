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
  // Correlations over dimensions of the profiles as measured, Spearman's by midranks. Noise in the
  // means pulls both towards 0, so that two equal subjects do not reach 1. Value and interval
  // (delete-one-cluster jackknife on Fisher's z, Student's t with clusters - 1) are about profiles
  // measured with this many tasks: never say that they cover the correlation of the true profiles.
  Estimate pearson;
  Estimate spearman;
  // Pearson's correlation of the true profiles: sums of squares and products over dimensions less
  // what noise alone adds to them, by the CR2 covariance of the means; cut to [-1, 1]. Interval:
  // the outer of the jackknife's limits on Fisher's z and of the plain ones, which reach 1. Over 72
  // simulated shapes of 5 to 20 dimensions and 6 to 60 clusters either covers 94 to 100 %.
  Estimate corrected;
  // Root of the mean squared difference less what noise alone adds, sqrt(max(0, mean(d^2 - V))), V
  // the CR2 variance of d: about the true profiles. Interval: the same jackknife of the square
  // before the root is taken; limits below 0 are 0. Over 66 such shapes it covers
  // 92 to 100 %: below 94 only with 5 dimensions and small distances, where it ends too low.
  Estimate distance;
};

// Fewer than 5 common dimensions, all dimensions alike in one profile, or noise as large as the
// differences between dimensions (correlations only): no value, with the reason. A dimension seen
// in too few clusters to leave one out (1; 2 for the corrected ones), one cluster, or no spread: no
// interval. Sums that are not finite are a bug. Costs clusters times the number of `sums`.
ProfileSimilarity CompareProfiles(std::span<const ProfileSums> sums, double level = 0.95);

}  // namespace axiometer
