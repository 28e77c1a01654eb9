#include "reports/stats/distribution.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

namespace axiometer {
namespace {

std::vector<AnswerShares> OneEach(const std::vector<int>& answers, size_t options) {
  std::vector<AnswerShares> rows;
  for (const int answer : answers) {
    AnswerShares row;
    row.cluster = static_cast<int>(rows.size());
    row.shares.assign(options, 0);
    row.shares[static_cast<size_t>(answer)] = 1;
    rows.push_back(row);
  }
  return rows;
}

TEST(Distances, HandWorked) {
  // p = (1/2, 0, 1/2) against q = (1/4, 1/2, 1/4).
  const std::vector<double> q = {0.25, 0.5, 0.25};
  const Distances found = DistancesTo(OneEach({0, 0, 2, 2}, 3), q, 4, 1);
  EXPECT_EQ(found.shares, (std::vector<double>{0.5, 0, 0.5}));
  EXPECT_DOUBLE_EQ(*found.total_variation.estimate.value, 0.5);
  EXPECT_DOUBLE_EQ(*found.ordered_emd.estimate.value, (0.25 + 0.25) / 2);
  EXPECT_NEAR(found.total_variation.floor,
              (2 * std::sqrt(2 * 0.1875 / (M_PI * 4)) + std::sqrt(2 * 0.25 / (M_PI * 4))) / 2, 1e-15);
}

TEST(Distances, OrderMattersToTheSecondAlone) {
  const std::vector<double> q = {1, 0, 0};
  const Distances near = DistancesTo(OneEach({1, 1}, 3), q, 2, 1);
  const Distances far = DistancesTo(OneEach({2, 2}, 3), q, 2, 1);
  EXPECT_EQ(*near.total_variation.estimate.value, 1);
  EXPECT_EQ(*far.total_variation.estimate.value, 1);
  EXPECT_EQ(*near.ordered_emd.estimate.value, 0.5);
  EXPECT_EQ(*far.ordered_emd.estimate.value, 1);
}

TEST(Distances, AClusterCountsOnceHoweverManyItsRows) {
  std::vector<AnswerShares> rows = OneEach({0, 1, 1, 1}, 2);
  rows[2].cluster = rows[3].cluster = rows[1].cluster;
  EXPECT_EQ(DistancesTo(rows, std::vector<double>{0.5, 0.5}, 4, 1).shares, (std::vector<double>{0.5, 0.5}));
}

TEST(Distances, FewClustersOrNoneHaveNoInterval) {
  const std::vector<double> q = {0.5, 0.5};
  const Distances none = DistancesTo({}, q, 0, 1);
  EXPECT_FALSE(none.total_variation.estimate.value);
  EXPECT_EQ(none.ordered_emd.estimate.reason, "no answer could be read");
  const Distances five = DistancesTo(OneEach({0, 1, 0, 1, 0}, 2), q, 5, 1);
  EXPECT_TRUE(five.total_variation.estimate.value);
  EXPECT_EQ(five.total_variation.estimate.reason, "fewer than 6 personas: no interval");
  const Distances alike = DistancesTo(OneEach({1, 1, 1, 1, 1, 1}, 2), q, 6, 1);
  EXPECT_EQ(alike.total_variation.estimate.reason, "every persona answers alike: no interval");
}

TEST(Distances, TheSameSeedGivesTheSameInterval) {
  const std::vector<double> q = {0.2, 0.3, 0.5};
  const std::vector<AnswerShares> rows = OneEach({0, 1, 2, 2, 1, 0, 2, 2}, 3);
  const Distances a = DistancesTo(rows, q, 8, 7);
  const Distances b = DistancesTo(rows, q, 8, 7);
  EXPECT_EQ(a.ordered_emd.estimate.interval->high, b.ordered_emd.estimate.interval->high);
}

// How often the interval holds the distance of the true shares, people differing in what they say.
struct Coverage {
  double tv = 0;
  double emd = 0;
  double floor = 0;  // mean distance found less the floor
};
Coverage Simulate(const std::vector<double>& p, const std::vector<double>& q, int personas, int epochs, bool alike) {
  constexpr int kRepetitions = 400;
  std::mt19937_64 random(17);
  std::discrete_distribution<size_t> answer(p.begin(), p.end());
  double tv = 0;
  double emd = 0;
  double ahead = 0;
  for (size_t i = 0; i < p.size(); ++i) {
    tv += std::fabs(p[i] - q[i]) / 2;
    ahead += p[i] - q[i];
    if (i + 1 < p.size()) emd += std::fabs(ahead) / static_cast<double>(p.size() - 1);
  }
  Coverage covered;
  for (int repetition = 0; repetition < kRepetitions; ++repetition) {
    std::vector<AnswerShares> rows;
    for (int persona = 0; persona < personas; ++persona) {
      AnswerShares row;
      row.cluster = persona;
      row.shares.assign(p.size(), 0);
      const size_t own = answer(random);  // said in every epoch if `alike`
      for (int epoch = 0; epoch < epochs; ++epoch) row.shares[alike ? own : answer(random)] += 1.0 / epochs;
      rows.push_back(row);
    }
    const Distances found = DistancesTo(rows, q, int64_t{personas} * epochs, 3, 400);
    const auto holds = [](const Estimate& estimate, double truth) {
      return estimate.interval && estimate.interval->low <= truth + 1e-12 && truth <= estimate.interval->high + 1e-12;
    };
    covered.tv += holds(found.total_variation.estimate, tv);
    covered.emd += holds(found.ordered_emd.estimate, emd);
    covered.floor += *found.total_variation.estimate.value - found.total_variation.floor;
  }
  covered.tv /= kRepetitions;
  covered.emd /= kRepetitions;
  covered.floor /= kRepetitions;
  return covered;
}

TEST(DistancesSimulated, IntervalsHoldTheTruthAtLeastAsOftenAsTheySay) {
  const std::vector<double> q = {0.5, 0.3, 0.15, 0.05};
  for (const std::vector<double>& p : {q, {0.1, 0.2, 0.3, 0.4}, {0.45, 0.35, 0.15, 0.05}}) {
    for (const bool alike : {false, true}) {
      for (const int personas : {10, 46}) {
        const Coverage covered = Simulate(p, q, personas, 4, alike);
        EXPECT_GE(covered.tv, 0.92) << personas << alike << p[0];
        EXPECT_GE(covered.emd, 0.92) << personas << alike << p[0];
      }
    }
  }
}

TEST(DistancesSimulated, TheFloorIsWhatEqualSharesWouldShow) {
  const std::vector<double> q = {0.5, 0.3, 0.15, 0.05};
  EXPECT_NEAR(Simulate(q, q, 46, 4, false).floor, 0, 0.003);
}

std::vector<PairedShares> Pairs(const std::vector<std::pair<int, int>>& answers, size_t options) {
  std::vector<PairedShares> rows;
  for (const auto& [first, second] : answers) {
    PairedShares row;
    row.cluster = static_cast<int>(rows.size());
    row.first.assign(options, 0);
    row.second.assign(options, 0);
    row.first[static_cast<size_t>(first)] = 1;
    row.second[static_cast<size_t>(second)] = 1;
    rows.push_back(row);
  }
  return rows;
}

TEST(DistanceBetween, HandWorked) {
  // (1/2, 1/2, 0) against (1/4, 1/2, 1/4).
  const PairedDistance found = DistanceBetween(Pairs({{0, 0}, {0, 1}, {1, 1}, {1, 2}}, 3), 1);
  EXPECT_EQ(found.first, (std::vector<double>{0.5, 0.5, 0}));
  EXPECT_EQ(found.second, (std::vector<double>{0.25, 0.5, 0.25}));
  EXPECT_EQ(*found.total_variation.estimate.value, 0.25);
  EXPECT_EQ(found.total_variation.estimate.n, 4);
  EXPECT_EQ(found.total_variation.estimate.reason, "fewer than 6 clusters: no interval");
}

// Two clusters differ, by one option each way or not: exchanged alike the distance is 2/8, else 0.
TEST(DistanceBetween, TheFloorIsTheMeanOverAllExchanges) {
  const std::vector<std::pair<int, int>> answers = {{0, 1}, {0, 1}, {0, 0}, {1, 1},
                                                    {0, 0}, {1, 1}, {0, 0}, {1, 1}};
  const PairedDistance found = DistanceBetween(Pairs(answers, 2), 2, 20'000);
  EXPECT_NEAR(found.total_variation.floor, 0.125, 0.005);
  EXPECT_EQ(*found.total_variation.estimate.value, 0.25);
}

// The slow obvious radius: all 6^6 samples of the clusters.
TEST(DistanceBetween, TheRadiusIsThatOfAllBootstrapSamples) {
  const std::vector<std::pair<int, int>> answers = {{0, 1}, {0, 0}, {1, 1}, {0, 1}, {1, 0}, {0, 1}};
  std::vector<double> off;
  for (int sample = 0; sample < 46'656; ++sample) {
    double p = 0;
    double q = 0;
    for (int i = 0, rest = sample; i < 6; ++i, rest /= 6) {
      p += answers[static_cast<size_t>(rest % 6)].first / 6.0;
      q += answers[static_cast<size_t>(rest % 6)].second / 6.0;
    }
    off.push_back(std::fabs(p - 2.0 / 6) + std::fabs(q - 4.0 / 6));
  }
  std::sort(off.begin(), off.end());
  const double quantile = off[static_cast<size_t>(std::ceil(0.95 * 46'656)) - 1];
  // sqrt(6/5) t.ppf(0.975, 5) / norm.ppf(0.975)
  const double radius = quantile * std::sqrt(6.0 / 5) * 2.570581835636314 / 1.959963984540054;
  const Interval interval =
      *DistanceBetween(Pairs(answers, 2), 3, 20'000).total_variation.estimate.interval;
  EXPECT_NEAR(interval.low, std::max(0.0, 2.0 / 6 - radius), 1e-9);
  EXPECT_NEAR(interval.high, std::min(1.0, 2.0 / 6 + radius), 1e-9);
}

TEST(DistanceBetween, ExchangingTheSidesChangesNothing) {
  const std::vector<std::pair<int, int>> answers = {{0, 1}, {0, 0}, {1, 1}, {0, 2},
                                                    {1, 0}, {0, 1}, {2, 0}};
  std::vector<std::pair<int, int>> exchanged;
  for (const auto& [first, second] : answers) exchanged.emplace_back(second, first);
  const PairedDistance one = DistanceBetween(Pairs(answers, 3), 4);
  const PairedDistance other = DistanceBetween(Pairs(exchanged, 3), 4);
  EXPECT_EQ(*one.total_variation.estimate.value, *other.total_variation.estimate.value);
  EXPECT_NEAR(one.total_variation.estimate.interval->high,
              other.total_variation.estimate.interval->high, 1e-12);
  EXPECT_NEAR(one.total_variation.floor, other.total_variation.floor, 1e-12);
}

TEST(DistanceBetween, NothingToCompareOrNoSpread) {
  EXPECT_EQ(DistanceBetween({}, 1).total_variation.estimate.reason, "no task of both");
  const PairedDistance alike =
      DistanceBetween(Pairs(std::vector<std::pair<int, int>>(8, {0, 1}), 2), 1);
  EXPECT_EQ(*alike.total_variation.estimate.value, 1);
  EXPECT_EQ(alike.total_variation.estimate.reason, "every cluster answers alike: no interval");
}

// scipy 1.17: wasserstein_distance(range(4), range(4), [0.1, 0.2, 0.3, 0.4], [0.4, 0.3, 0.2, 0.1]) / 3.
TEST(Distances, TheOrderedOneAgreesWithScipy) {
  const std::vector<AnswerShares> rows{{0, {0.1, 0.2, 0.3, 0.4}}};
  const std::vector<double> reference{0.4, 0.3, 0.2, 0.1};
  EXPECT_NEAR(*DistancesTo(rows, reference, 1, 1).ordered_emd.estimate.value, 1.0 / 3, 1e-12);
}

}  // namespace
}  // namespace axiometer
