#include "harness/base/placeholders.h"

#include <gtest/gtest.h>

namespace axiometer {
namespace {

TEST(Placeholders, NamesInOrder) {
  EXPECT_EQ(PlaceholdersIn("{{A}} {{FIRST_LABEL}}{{A}} {{a}} {{}} {{A"),
            (std::vector<std::string>{"A", "FIRST_LABEL", "A"}));
}

TEST(Placeholders, WhatIsFilledInIsNotSearchedAgain) {
  EXPECT_EQ(FillPlaceholders("{{A}}-{{B}}-{{a}}", {{"A", "{{B}}"}, {"B", "{{A}}"}}), "{{B}}-{{A}}-{{a}}");
}

TEST(Placeholders, UnknownNamesAndBracesOfTheTextStay) {
  EXPECT_EQ(FillPlaceholders("{{{A}} {{C}} {{ }} }}", {{"A", "x"}}), "{{{A}} {{C}} {{ }} }}");
  EXPECT_EQ(FillPlaceholders("{ {{A}} }", {{"A", "x"}}), "{ x }");
}

}  // namespace
}  // namespace axiometer
