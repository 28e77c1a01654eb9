#include "reports/stats/series.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

namespace axiometer {
namespace {

using Rows = std::vector<SeriesRow>;

// Tasks of 10 clusters that follow `levels` with their own offset and a little noise.
Rows Following(const std::vector<double>& levels, double noise) {
  std::mt19937_64 random(4);
  std::normal_distribution<double> normal(0, 1);
  Rows rows;
  for (int task = 0; task < 20; ++task) {
    for (size_t p = 0; p < levels.size(); ++p) {
      const double score = levels[p] + 0.005 * (task % 5) + noise * normal(random);
      rows.push_back({static_cast<int>(p) + 1, task, task % 10, score});
    }
  }
  return rows;
}

TEST(SeriesTest, OnePositionIsNoSeries) {
  EXPECT_EQ(AnalyseSeries({}).reason, "fewer than two positions");
  EXPECT_EQ(AnalyseSeries(Following({0.5}, 0.01)).reason, "fewer than two positions");
}

TEST(SeriesTest, ScoresOutsideTheRangeAreRefused) {
  EXPECT_EQ(AnalyseSeries(Rows{{1, 0, 0, 0.5}, {2, 0, 0, 1.5}}).reason,
            "a score lies outside 0 to 1");
}

TEST(SeriesTest, ChangesAreAgainstTheFirstAndTheLast) {
  const Series series = AnalyseSeries(Following({0.2, 0.5, 0.6}, 0.01));
  ASSERT_EQ(series.positions.size(), 3u);
  EXPECT_FALSE(series.positions[0].from_first);
  EXPECT_NEAR(*series.positions[1].from_first->estimate.value, 0.3, 0.02);
  EXPECT_NEAR(*series.positions[2].from_first->estimate.value, 0.4, 0.02);
  EXPECT_NEAR(*series.positions[0].from_last->estimate.value, -0.4, 0.02);
  EXPECT_FALSE(series.positions[2].from_last);
  EXPECT_FALSE(series.done_at) << "no margin was stated";
}

TEST(SeriesTest, HolmCountsTheOtherPositions) {
  const Series series = AnalyseSeries(Following({0.5, 0.505, 0.51, 0.5}, 0.05));
  double smallest = 1;
  for (const PositionChange& change : series.positions) {
    if (change.from_first) smallest = std::min(smallest, *change.from_first->p);
  }
  double smallest_adjusted = 1;
  for (const PositionChange& change : series.positions) {
    if (change.from_first)
      smallest_adjusted = std::min(smallest_adjusted, *change.from_first_adjusted_p);
  }
  EXPECT_NEAR(smallest_adjusted, std::min(1.0, 3 * smallest), 1e-12);
  EXPECT_FALSE(series.positions[0].from_first_adjusted_p);
}

// Slope of 0.2, 0.5, 0.6 at 1, 2, 3 is (0.6 - 0.2) / 2.
TEST(SeriesTest, TheSlopeIsThatOfLeastSquares) {
  const Series series = AnalyseSeries(Following({0.2, 0.5, 0.6}, 0.01));
  EXPECT_NEAR(*series.slope.estimate.value, 0.2, 0.01);
  EXPECT_LT(*series.slope.p, 1e-6);
  EXPECT_EQ(series.slope.estimate.n, 20);
}

// scipy: linregress([1, 2, 4], y).slope of each row, averaged.
TEST(SeriesTest, PositionsKeepTheirDistances) {
  const Series series = AnalyseSeries(Rows{{1, 0, 0, 0.1},
                                           {2, 0, 0, 0.3},
                                           {4, 0, 0, 0.2},
                                           {1, 1, 1, 0.4},
                                           {2, 1, 1, 0.5},
                                           {4, 1, 1, 0.9}});
  EXPECT_NEAR(*series.slope.estimate.value, 0.09642857142857143, 1e-12);
}

TEST(SeriesTest, TasksThatMissAPositionHaveNoSlopeButTheirChanges) {
  Rows rows = Following({0.2, 0.5, 0.6}, 0.01);
  rows.pop_back();  // the last task has no third position
  const Series series = AnalyseSeries(rows);
  EXPECT_EQ(series.slope.estimate.n, 19);
  EXPECT_EQ(series.positions[1].from_first->estimate.n, 20);
  EXPECT_EQ(series.positions[2].from_first->estimate.n, 19);
}

TEST(SeriesTest, DoneWhereEveryLaterPositionIsEquivalentToTheLast) {
  PairedOptions options;
  options.margin = 0.05;
  EXPECT_EQ(AnalyseSeries(Following({0.2, 0.4, 0.6, 0.6, 0.6}, 0.01), options).done_at, 3);
  // Back at the last level once is not done.
  EXPECT_EQ(AnalyseSeries(Following({0.6, 0.4, 0.6, 0.4, 0.6}, 0.01), options).done_at,
            std::nullopt);
  EXPECT_EQ(AnalyseSeries(Following({0.6, 0.6, 0.6}, 0.01), options).done_at, 1);
}

// A training counts its steps in thousands of millions: the unit changes the slope and nothing
// else.
TEST(SeriesTest, TheUnitOfPositionsDoesNotMatter) {
  const Rows rows = Following({0.2, 0.5, 0.6}, 0.05);
  Rows scaled = rows;
  for (SeriesRow& row : scaled) row.position = 4'000'000'000 * row.position - 9'000'000'000;
  const Contrast one = AnalyseSeries(rows).slope;
  const Contrast other = AnalyseSeries(scaled).slope;
  EXPECT_NEAR(*other.estimate.value * 4e9, *one.estimate.value, 1e-12);
  EXPECT_NEAR(other.estimate.interval->low * 4e9, one.estimate.interval->low, 1e-12);
  EXPECT_NEAR(*other.p, *one.p, 1e-12);
}

// scipy.stats: t interval of the 20 slopes' cluster means, 10 clusters of equal size, is the plain
// one.
TEST(SeriesTest, TheSlopesIntervalIsStudentsOverEqualClusters) {
  const Rows rows = Following({0.2, 0.5, 0.6}, 0.05);
  std::vector<double> slope(10, 0);  // (third - first) / 2, mean of the cluster's two tasks
  for (const SeriesRow& row : rows)
    slope[row.cluster] += (static_cast<double>(row.position) - 2) / 4 * row.score;
  double mean = 0;
  for (const double one : slope) mean += one / 10;
  double squares = 0;
  for (const double one : slope) squares += (one - mean) * (one - mean);
  const double half = 2.2621571627409915 * std::sqrt(squares / 9 / 10);  // t.ppf(0.975, 9)
  const Series series = AnalyseSeries(rows);
  EXPECT_NEAR(*series.slope.estimate.value, mean, 1e-12);
  EXPECT_NEAR(series.slope.estimate.interval->low, mean - half, 1e-12);
  EXPECT_NEAR(series.slope.estimate.interval->high, mean + half, 1e-12);
}

// Two series of three positions are one family of four changes, and one of two slopes.
TEST(SeriesTest, SeveralSeriesAreCorrectedTogether) {
  std::vector<Series> all{AnalyseSeries(Following({0.5, 0.505, 0.51}, 0.05)),
                          AnalyseSeries(Following({0.5, 0.5, 0.5}, 0.06))};
  std::vector<double> p;
  for (const Series& series : all) {
    for (const PositionChange& change : series.positions) {
      if (change.from_first) p.push_back(*change.from_first->p);
    }
  }
  const double slope = std::min(*all[0].slope.p, *all[1].slope.p);
  AdjustTogether(all);
  double smallest = 1;
  for (const Series& series : all) {
    for (const PositionChange& change : series.positions) {
      if (change.from_first) smallest = std::min(smallest, *change.from_first_adjusted_p);
    }
  }
  EXPECT_NEAR(smallest, std::min(1.0, 4 * *std::min_element(p.begin(), p.end())), 1e-12);
  EXPECT_NEAR(std::min(*all[0].slope_adjusted_p, *all[1].slope_adjusted_p),
              std::min(1.0, 2 * slope), 1e-12);
}

TEST(SeriesTest, TheOrderOfRowsDoesNotMatter) {
  const Rows rows = Following({0.2, 0.3, 0.35}, 0.05);
  const Rows other(rows.rbegin(), rows.rend());
  EXPECT_NEAR(*AnalyseSeries(rows).slope.p, *AnalyseSeries(other).slope.p, 1e-12);
  EXPECT_NEAR(*AnalyseSeries(rows).positions[1].from_first->p,
              *AnalyseSeries(other).positions[1].from_first->p, 1e-12);
}

}  // namespace
}  // namespace axiometer
