#include "reports/stats/answer_order.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "reports/stats/probability.h"

namespace axiometer {
namespace {

using Tasks = std::vector<OrderedAnswers>;

const std::vector<double> kA{1, 0};
const std::vector<double> kB{0, 1};

// Four tasks, each its own cluster: AA, AA, BB, and the first place both times.
TEST(AnswerOrderTest, HandWorked) {
  const Tasks tasks{{0, kA, kA}, {1, kA, kA}, {2, kB, kB}, {3, kA, kB}, {4, kA, {}}, {5, {}, {}}};
  const OrderEffect effect = EffectOfOrder(tasks);
  EXPECT_EQ(effect.tasks, 4);
  EXPECT_EQ(effect.one_order, 1);
  // P(A | A first) = 3/4, P(A | B first) = 2/4.
  EXPECT_NEAR(*effect.position_bias.value, 0.125, 1e-12);
  EXPECT_NEAR(*effect.preference.value, 0.625, 1e-12);
  EXPECT_NEAR(*effect.consistency.value, 0.75, 1e-12);
  EXPECT_NEAR(*effect.chance, 0.75 * 0.5 + 0.25 * 0.5, 1e-12);
  EXPECT_NEAR(*effect.beyond_chance.value, (0.75 - 0.5) / 0.5, 1e-12);
  // Differences 0, 0, 0, 1: half of their t interval, cut to what a bias can be.
  const double half = *UpperTQuantile(0.025, 3) * std::sqrt(0.75 / 3 / 4) / 2;
  EXPECT_NEAR(effect.position_bias.interval->low, 0.125 - half, 1e-12);
  EXPECT_GT(0.125 + half, 0.5);
  EXPECT_EQ(effect.position_bias.interval->high, 0.5);
  EXPECT_NEAR(*effect.position_bias_p, *TwoSidedP(1, 3), 1e-12);
}

TEST(AnswerOrderTest, SharesOfEpochsArePairsOfAnswers) {
  const Tasks tasks{{0, {0.5, 0.5}, {0.25, 0.75}}, {1, kA, {0.5, 0.5}}};
  EXPECT_NEAR(*EffectOfOrder(tasks).consistency.value, (0.5 + 0.5) / 2, 1e-12);
}

TEST(AnswerOrderTest, AlwaysTheFirstPlaceIsWhollyBias) {
  Tasks tasks;
  for (int i = 0; i < 12; ++i) tasks.push_back({i, kA, kB});
  const OrderEffect effect = EffectOfOrder(tasks);
  EXPECT_EQ(*effect.position_bias.value, 0.5);
  EXPECT_EQ(*effect.preference.value, 0.5);
  EXPECT_EQ(*effect.consistency.value, 0);
  EXPECT_FALSE(effect.position_bias_p);
  EXPECT_EQ(*effect.chance, 0);
}

TEST(AnswerOrderTest, OneOptionAlwaysIsNothingBeyondChance) {
  Tasks tasks;
  for (int i = 0; i < 12; ++i) tasks.push_back({i, kB, kB});
  const OrderEffect effect = EffectOfOrder(tasks);
  EXPECT_EQ(*effect.consistency.value, 1);
  EXPECT_EQ(*effect.chance, 1);
  EXPECT_FALSE(effect.beyond_chance.value);
  EXPECT_EQ(effect.beyond_chance.reason,
            "one option was always chosen: nothing beyond chance to see");
}

TEST(AnswerOrderTest, MoreThanTwoOptionsHaveConsistencyAlone) {
  const Tasks tasks{
      {0, {1, 0, 0}, {1, 0, 0}}, {1, {0, 1, 0}, {0, 0, 1}}, {2, {0, 0, 1}, {0, 0, 1}}};
  const OrderEffect effect = EffectOfOrder(tasks);
  EXPECT_NEAR(*effect.consistency.value, 2.0 / 3, 1e-12);
  EXPECT_NEAR(*effect.chance, 3.0 / 9, 1e-12);
  EXPECT_FALSE(effect.position_bias.value);
  EXPECT_EQ(effect.position_bias.reason, "defined for two options, not 3");
}

TEST(AnswerOrderTest, NoTaskInBothOrdersSaysSo) {
  const OrderEffect effect = EffectOfOrder(Tasks{{0, kA, {}}, {1, {}, kB}});
  EXPECT_EQ(effect.one_order, 2);
  EXPECT_FALSE(effect.chance);
  for (const Estimate* estimate : {&effect.consistency, &effect.position_bias, &effect.preference,
                                   &effect.beyond_chance}) {
    EXPECT_FALSE(estimate->value);
    EXPECT_NE(estimate->reason, "");
  }
}

// Swapping the orders turns the bias round and leaves the rest.
TEST(AnswerOrderTest, SwappingTheOrdersChangesOneSign) {
  std::mt19937_64 random(2);
  Tasks tasks;
  for (int i = 0; i < 40; ++i) {
    tasks.push_back({i % 9, random() % 3 == 0 ? kB : kA, random() % 2 == 0 ? kB : kA});
  }
  const OrderEffect effect = EffectOfOrder(tasks);
  std::shuffle(tasks.begin(), tasks.end(), random);
  for (OrderedAnswers& task : tasks) std::swap(task.forward, task.backward);
  const OrderEffect swapped = EffectOfOrder(tasks);
  EXPECT_NEAR(*effect.position_bias.value, -*swapped.position_bias.value, 1e-12);
  EXPECT_NEAR(effect.position_bias.interval->low, -swapped.position_bias.interval->high, 1e-12);
  EXPECT_NEAR(*effect.beyond_chance.value, *swapped.beyond_chance.value, 1e-12);
  EXPECT_NEAR(effect.beyond_chance.interval->low, swapped.beyond_chance.interval->low, 1e-12);
}

TEST(AnswerOrderTest, ParaphrasesAgreeInPairs) {
  const std::vector<ParaphrasedTask> tasks{
      {0, {1, 1, 1}}, {1, {0, 1, 1, -1}}, {2, {2}}, {3, {2, -1}}, {4, {0, 1}}};
  const Estimate agreement = ParaphraseAgreement(tasks);
  EXPECT_EQ(agreement.n, 3);
  EXPECT_NEAR(*agreement.value, (1 + 1.0 / 3 + 0) / 3, 1e-12);
  EXPECT_EQ(ParaphraseAgreement({}).reason, "never scored");
}

}  // namespace
}  // namespace axiometer
