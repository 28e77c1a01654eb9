#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "reports/stats/distribution.h"
#include "tests/validity/simulation.h"

namespace axiometer {
namespace {

// Tasks answered twice with one of `options`: the place on a line of cluster and task is shared, a
// part of the cluster is each time's own, and the second time everything lies `shift` further.
struct Shape {
  int clusters = 6;
  int tasks = 4;  // of each
  int options = 3;
  double shift = 0;
};

class Answers {
 public:
  explicit Answers(uint64_t seed) : random_(seed) {}

  std::vector<PairedShares> Draw(const Shape& shape) {
    std::vector<PairedShares> rows;
    for (int g = 0; g < shape.clusters; ++g) {
      const double shared = 0.6 * normal_(random_);
      const double first = 0.5 * normal_(random_);
      const double second = 0.5 * normal_(random_) + shape.shift;
      for (int i = 0; i < shape.tasks; ++i) {
        const double task = shared + 0.5 * normal_(random_);
        rows.push_back(
            {g, Answer(task + first, shape.options), Answer(task + second, shape.options)});
      }
    }
    return rows;
  }

 private:
  std::vector<double> Answer(double place, int options) {
    place += normal_(random_);
    size_t option = 0;
    for (int i = 1; i < options; ++i) option += place > -1 + 2.0 * i / options;
    std::vector<double> shares(static_cast<size_t>(options), 0);
    shares[option] = 1;
    return shares;
  }

  std::mt19937_64 random_;
  std::normal_distribution<double> normal_{0, 1};
};

// The distance of the true distributions, from many clusters of one task.
double Truth(const Shape& shape) {
  Shape many = shape;
  many.clusters = 200'000;
  many.tasks = 1;
  std::vector<double> difference(static_cast<size_t>(shape.options), 0);
  for (const PairedShares& row : Answers(1).Draw(many)) {
    for (size_t k = 0; k < difference.size(); ++k)
      difference[k] += (row.first[k] - row.second[k]) / many.clusters;
  }
  double sum = 0;
  for (const double one : difference) sum += std::fabs(one) / 2;
  return sum;
}

TEST(AnswerDistanceValidityTest, IntervalsCoverTheTruth) {
  uint64_t seed = 1;
  for (const Shape& shape : {Shape{6, 1, 2, 0}, Shape{6, 4, 3, 0.3}, Shape{12, 4, 3, 0},
                             Shape{12, 1, 3, 1}, Shape{30, 4, 5, 1}}) {
    const double truth = shape.shift == 0 ? 0 : Truth(shape);
    Answers answers(++seed);
    double covered = 0;
    double with_interval = 0;
    for (int repetition = 0; repetition < kRepetitions; ++repetition) {
      const Estimate estimate =
          DistanceBetween(answers.Draw(shape), static_cast<uint64_t>(repetition), 400)
              .total_variation.estimate;
      if (!estimate.interval) continue;
      with_interval += 1;
      covered += estimate.interval->low <= truth && truth <= estimate.interval->high;
    }
    EXPECT_GE(covered / with_interval, 0.95 - kAllowed)
        << shape.clusters << " clusters, shift " << shape.shift;
    EXPECT_GE(with_interval, 0.95 * kRepetitions);
  }
}

TEST(AnswerDistanceValidityTest, TheFloorIsWhatEqualDistributionsShow) {
  Answers answers(9);
  for (const Shape& shape : {Shape{8, 1, 3, 0}, Shape{20, 4, 3, 0}}) {
    double distance = 0;
    double floor = 0;
    for (int repetition = 0; repetition < kRepetitions; ++repetition) {
      const Distance found =
          DistanceBetween(answers.Draw(shape), static_cast<uint64_t>(repetition), 400)
              .total_variation;
      distance += *found.estimate.value / kRepetitions;
      floor += found.floor / kRepetitions;
    }
    EXPECT_NEAR(floor, distance, 0.1 * distance) << shape.clusters;
  }
}

}  // namespace
}  // namespace axiometer
