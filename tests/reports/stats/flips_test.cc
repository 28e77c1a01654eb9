#include "reports/stats/flips.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

namespace axiometer {
namespace {

using Labelled = std::vector<LabelledPair>;
using Scored = std::vector<ScoredPair>;

TEST(FlipsTest, AMajorityIsMoreThanHalf) {
  EXPECT_EQ(MajorityLabel(std::vector<int>{3}), 3);
  EXPECT_EQ(MajorityLabel(std::vector<int>{1, 2, 2}), 2);
  EXPECT_FALSE(MajorityLabel(std::vector<int>{1, 2}));
  EXPECT_FALSE(MajorityLabel(std::vector<int>{1, 2, 3}));
  EXPECT_FALSE(MajorityLabel(std::vector<int>{}));
}

TEST(FlipsTest, LabelsFlipWhereBothMajoritiesDiffer) {
  const Flips flips = CountLabelFlips(Labelled{
      {{1, 1, 2}, {2, 2, 2}},  // flip
      {{1, 1, 2}, {1, 2, 1}},  // the same
      {{1, 2}, {2, 2}},        // no majority on one side
  });
  EXPECT_EQ(flips.tasks, 3);
  EXPECT_EQ(flips.flips, 1);
  EXPECT_EQ(flips.undecided, 1);
}

TEST(FlipsTest, OneEpochKnowsNothingOfNoise) {
  const Flips flips = CountLabelFlips(Labelled{{{1}, {2}}, {{1}, {1}}});
  EXPECT_EQ(flips.flips, 1);
  EXPECT_FALSE(flips.expected);
  EXPECT_EQ(flips.noise_tasks, 0);
}

TEST(FlipsTest, SteadySubjectsFlipNothing) {
  EXPECT_EQ(*CountLabelFlips(Labelled{{{1, 1}, {2, 2}}}).expected, 0);
  EXPECT_EQ(*CountScoreFlips(Scored{{{0.9, 0.9}, {0.1, 0.1}}}).expected, 0);
}

// By hand: shares 2/3 and 1/3 of three epochs. The first label has two or three of three draws with
// 3 * 4/9 * 1/3 + 8/27 = 20/27, the second with 7/27: two samples differ with 2 * 20/27 * 7/27.
TEST(FlipsTest, NoiseOfLabelsIsTheChanceOfTwoMajorities) {
  const Flips flips = CountLabelFlips(Labelled{{{1, 1, 2}, {5, 5, 5}}});
  EXPECT_NEAR(*flips.expected, 2 * 20.0 / 27 * 7 / 27 / 2, 1e-12);
}

// The slow obvious version: draws of epochs with their observed shares.
TEST(FlipsTest, NoiseOfLabelsAgreesWithDrawing) {
  std::mt19937_64 random(8);
  const std::vector<int> epochs = {1, 1, 2, 3, 2};
  const auto majority = [&] {
    std::vector<int> drawn(epochs.size());
    for (int& label : drawn) label = epochs[random() % epochs.size()];
    return MajorityLabel(drawn);
  };
  int differ = 0;
  constexpr int kDraws = 40'000;
  for (int i = 0; i < kDraws; ++i) {
    const std::optional<int> one = majority();
    const std::optional<int> two = majority();
    differ += one && two && *one != *two;
  }
  const Flips flips = CountLabelFlips(Labelled{{epochs, epochs}});
  EXPECT_NEAR(*flips.expected, static_cast<double>(differ) / kDraws, 0.01);
}

TEST(FlipsTest, ScoresFlipAcrossHalfTheRange) {
  const Flips flips = CountScoreFlips(Scored{
      {{0.9}, {0.4}},                 // flip: exactly half
      {{0.9}, {0.5}},                 // less than half
      {{0.1, 0.2}, {0.8, 0.9}},       // flip
      {{1, 1, 0.1}, {0.1, 0.1, 0.1}}  // flip: two of three epochs
  });
  EXPECT_EQ(flips.tasks, 4);
  EXPECT_EQ(flips.flips, 3);
}

TEST(FlipsTest, ScoresWithoutAMajorityOfEpochsAreUndecided) {
  // Means 0.55 and 0.05, but one of the two epochs does all of it.
  const Flips flips = CountScoreFlips(Scored{{{1.0, 0.1}, {0.05, 0.05}}});
  EXPECT_EQ(flips.flips, 0);
  EXPECT_EQ(flips.undecided, 1);
}

TEST(FlipsTest, NoiseOfScoresIsNormal) {
  // Variance 0.18 within, two epochs: means differ with variance 0.18, 0.5 / 0.42426 = 1.17851;
  // scipy: 2 * norm.sf(0.5 / 0.18**0.5).
  const Flips flips = CountScoreFlips(Scored{{{0.2, 0.8}, {0.8, 0.2}}});
  EXPECT_NEAR(*flips.expected, 0.23859282931643555, 1e-12);
}

}  // namespace
}  // namespace axiometer
