#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "reports/stats/pareto_front.h"
#include "tests/validity/simulation.h"

namespace axiometer {
namespace {

// Subjects whose true log odds in each dimension lie widely apart, doing the same 4 tasks in each
// cluster: log odds of task and cluster are shared but for a part of the cluster that is each
// subject's own. The mean score grows with the log odds, so that who is in front by the one is in
// front by the other.
struct FrontShape {
  int subjects = 3;
  int dimensions = 2;
  int clusters = 6;
};

struct FrontCalibration {
  double said = 0;       // mean probability
  double held = 0;       // share of subjects that are in front
  double held_high = 0;  // of those of whom 95 % or more was said
  double held_low = 0;   // of those of whom 5 % or less was
};

FrontCalibration SimulateFront(const FrontShape& shape, uint64_t seed) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal(0, 1);
  const auto subjects = static_cast<size_t>(shape.subjects);
  FrontCalibration out;
  double all = 0;
  double high = 0;
  double low = 0;
  for (int repetition = 0; repetition < kRepetitions; ++repetition) {
    std::vector<std::vector<double>> truth(
        subjects, std::vector<double>(static_cast<size_t>(shape.dimensions)));
    for (std::vector<double>& subject : truth) {
      for (double& log_odds : subject) log_odds = 0.4 + normal(random);
    }
    std::vector<SubjectScore> scores;
    for (int g = 0; g < shape.clusters; ++g) {
      for (int d = 0; d < shape.dimensions; ++d) {
        const double shared = 0.5 * normal(random);
        std::vector<double> own(subjects);
        for (double& part : own) part = 0.3 * normal(random);
        for (int task = 0; task < 4; ++task) {
          const double of_task = shared + 0.7 * normal(random);
          for (size_t s = 0; s < subjects; ++s) {
            const double log_odds =
                truth[s][static_cast<size_t>(d)] + own[s] + of_task + 0.7 * normal(random);
            scores.push_back({static_cast<int>(s), d, g, std::round(4 * Expit(log_odds)) / 4});
          }
        }
      }
    }
    const ParetoFront front = FrontOf(scores, static_cast<uint64_t>(repetition), 400);
    for (size_t s = 0; s < subjects; ++s) {
      const double said = *front.subjects[s].probability;
      const bool held = IsInFront(truth, s);
      all += 1;
      out.said += said;
      out.held += held;
      if (said >= 0.95) {
        high += 1;
        out.held_high += held;
      } else if (said <= 0.05) {
        low += 1;
        out.held_low += held;
      }
    }
  }
  out.said /= all;
  out.held /= all;
  out.held_high /= high;
  out.held_low /= low;
  return out;
}

TEST(ParetoFrontValidityTest, ProbabilitiesHoldAsOftenAsTheySay) {
  uint64_t seed = 0;
  for (const FrontShape& shape : {FrontShape{3, 2, 6}, FrontShape{3, 2, 12}, FrontShape{2, 3, 8}}) {
    const FrontCalibration found = SimulateFront(shape, ++seed);
    EXPECT_NEAR(found.said, found.held, kAllowed) << shape.clusters;
    EXPECT_GE(found.held_high, 0.95) << shape.clusters;
    EXPECT_LE(found.held_low, 0.05 + kAllowed) << shape.clusters;
  }
}

}  // namespace
}  // namespace axiometer
