#include "harness/base/nearest.h"

#include <gtest/gtest.h>

#include <vector>

namespace axiometer {
namespace {

std::string NearestOf(std::string_view word, std::vector<std::string> candidates) {
  return Nearest(word, candidates).value_or("none");
}

TEST(Nearest, FindsTypingMistakes) {
  EXPECT_EQ(NearestOf("wieght", {"height", "weight"}), "weight");
  EXPECT_EQ(NearestOf("reprot", {"run", "report"}), "report");
  EXPECT_EQ(NearestOf("Eval", {"view", "eval"}), "eval");
  EXPECT_EQ(NearestOf("crosroads", {"crossroads"}), "crossroads");
  EXPECT_EQ(NearestOf("b", {"a", "ab"}), "ab");
}

TEST(Nearest, OffersNothingFarAway) {
  EXPECT_EQ(NearestOf("colour", {"weight", "title"}), "none");
  EXPECT_EQ(NearestOf("x", {"a", "b"}), "none");
  EXPECT_EQ(NearestOf("anything", {}), "none");
  EXPECT_EQ(NearestOf(std::string(10'000, 'a'), {std::string(10'000, 'a') + "b"}), "none");
}

TEST(Nearest, TiesGoToTheEarlier) { EXPECT_EQ(NearestOf("cat", {"bat", "rat"}), "bat"); }

}  // namespace
}  // namespace axiometer
