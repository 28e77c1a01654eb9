#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace axiometer {

// One task's score of one subject in one dimension; more is better. All subjects did the same
// tasks, and `cluster` is as in Observation: the same number for the same cluster of every subject.
struct SubjectScore {
  int subject = 0;
  int dimension = 0;
  int cluster = 0;
  double score = 0;  // finite
};

struct FrontMember {
  int subject = 0;
  std::vector<double> means;  // by dimension, in ascending order of their numbers
  bool in_front = false;      // nobody else is at least as good everywhere and better somewhere
  // That this is so of the true means, under sampling of tasks. It is no probability of being best.
  std::optional<double> probability;
};

// With fewer clusters the probabilities of subjects that lie close together are overconfident.
inline constexpr int kClustersForClose = 12;

struct ParetoFront {
  std::vector<FrontMember> subjects;  // ascending; those with a score in every dimension
  std::vector<int> incomplete;        // subjects that lack a dimension
  std::vector<int> dimensions;        // ascending
  int clusters = 0;                   // in the dimension that has the fewest
  std::string reason;                 // why there are no probabilities; empty if there are
};

// Probabilities: the means of all subjects and dimensions with their joint CR2 covariance over
// clusters, `draws` of a multivariate t with the smallest Satterthwaite degrees of freedom of any
// mean; the share of draws in which the subject is in the front. Differences below 1e-12 are none.
// None below 6 clusters in some dimension, nor with fewer than two subjects.
//
// Simulated with 2 and 3 subjects on 2 and 3 dimensions, 4 tasks a cluster (tests/validity): where
// true means lie further apart than their errors, probabilities hold as often as they say, and 95 %
// or more holds in 98 to 100 %, from 3 clusters on. Where they lie nearer than their errors, 95 %
// or more holds in 76 to 91 % with 2 clusters, 81 to 93 with 4, 85 to 95 with 6, 91 to 97 with 8,
// 93 to 98 with 12 and 97 to 98 with 25: hence the bound, and kClustersForClose.
ParetoFront FrontOf(std::span<const SubjectScore> scores, uint64_t key, int draws);

// Whether nobody else is at least as good everywhere and better somewhere. `means`: a subject each,
// by dimension, all as long.
bool IsInFront(std::span<const std::vector<double>> means, size_t subject);

}  // namespace axiometer
