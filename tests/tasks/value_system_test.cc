#include "tasks/value_system.h"

#include <gtest/gtest.h>

#include "tests/temporary_folder.h"

namespace axiometer {
namespace {

constexpr char kThree[] =
    "key: three\nname: Three\nreference: R\ndimensions:\n"
    "  - {key: self-direction, name: A, definition: D}\n"
    "  - {key: power, name: B, definition: D}\n"
    "  - {key: care, name: C, definition: D}\n";

class ValueSystemTest : public testing::Test {
 protected:
  Result<ValueSystem> With(const std::string& more) {
    folder_.Write("three.yaml", kThree + more);
    return LoadValueSystem(folder_.path() + "/three.yaml");
  }
  std::string ErrorWith(const std::string& more) {
    const Result<ValueSystem> system = With(more);
    if (system) return "";
    const std::string text = system.error().ToString();
    return text.substr(text.find("three.yaml"));
  }

  TemporaryFolder folder_;
};

TEST_F(ValueSystemTest, ACircleHasAnOrderOfItsOwn) {
  const Result<ValueSystem> system = With("circle: [care, self-direction, power]\n");
  ASSERT_TRUE(system.has_value()) << system.error().ToString();
  EXPECT_EQ(system->circle, (std::vector<std::string>{"care", "self-direction", "power"}));
  EXPECT_TRUE(With("")->circle.empty());
}

TEST_F(ValueSystemTest, ACircleNamesEveryDimensionOnce) {
  EXPECT_EQ(ErrorWith("circle: [care, power]\n"),
            "three.yaml:8:9: circle: dimension \"self-direction\" is not on the circle: name every dimension once");
  EXPECT_EQ(ErrorWith("circle: [care, power, care]\n"),
            "three.yaml:8:23: circle[2]: dimension \"care\" is on the circle twice");
  EXPECT_EQ(ErrorWith("circle: [care, powr, self-direction]\n"),
            "three.yaml:8:16: circle[1]: \"powr\" is no dimension of \"three\": did you mean \"power\"?");
}

TEST_F(ValueSystemTest, ACircleIsFoundByKeyOrByItsDimensions) {
  ASSERT_TRUE(With("circle: [care, self-direction, power]\n").has_value());
  folder_.Write("broken.yaml", "key: [");
  const std::vector<ValueSystem> circles = LoadCircles({folder_.path(), folder_.path() + "/none"});
  ASSERT_EQ(circles.size(), 1u);
  using Names = std::vector<std::string>;
  EXPECT_EQ(CircleOf(circles, "three", {"care", "power"}), (Names{"care", "self-direction", "power"}));
  EXPECT_EQ(CircleOf(circles, "other", {"Power", "Self-Direction", "Care"}),
            (Names{"Care", "Self-Direction", "Power"}));
  EXPECT_EQ(CircleOf(circles, "other", {"Power", "Care"}), Names{});
  EXPECT_EQ(CircleOf(circles, "three", {"care", "thrift"}), Names{});
}

}  // namespace
}  // namespace axiometer
