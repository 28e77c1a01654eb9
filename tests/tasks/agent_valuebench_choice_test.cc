#include "tasks/agent_valuebench_choice.h"

#include <gtest/gtest.h>

namespace axiometer {
namespace {

std::string Exchanged(const std::string& description) {
  const Result<std::string> user = WithOptionsExchanged("Do:\n" + description + "\n\nNow.", description);
  return user ? *user : "wrong: " + user.error().what;
}

TEST(ForcedChoiceTest, CoursesChangePlacesAndLabelsStay) {
  EXPECT_EQ(Exchanged("A ticket. Option A: keep it. Option B: drop it, and say so. Answer with only A or B, briefly."),
            "Do:\nA ticket. Option A: drop it, and say so. Option B: keep it. Answer with only A or B, briefly.\n\nNow.");
}

TEST(ForcedChoiceTest, SpacesBelongToThePlace) {
  EXPECT_EQ(Exchanged("Option A: one.\n\nOption B:\ttwo."), "Do:\nOption A: two.\n\nOption B:\tone.\n\nNow.");
}

TEST(ForcedChoiceTest, TwiceExchangedIsAsBefore) {
  const std::string description = "Option A: one. Option B: two. Answer with only A or B.";
  const std::string once = *WithOptionsExchanged(description, description);
  EXPECT_NE(once, description);
  EXPECT_EQ(*WithOptionsExchanged(once, once), description);
}

TEST(ForcedChoiceTest, WhatCannotBeExchangedIsSaid) {
  EXPECT_EQ(Exchanged("Option B: x. Option A: y."), "wrong: expected \"Option A:\" and behind it \"Option B:\"");
  EXPECT_EQ(Exchanged("Option A: x."), "wrong: expected \"Option A:\" and behind it \"Option B:\"");
  EXPECT_EQ(Exchanged("Option A: Option B: y."), "wrong: an option without a text");
  EXPECT_EQ(Exchanged("Option A: x, unlike option B. Option B: y."),
            "wrong: an option's text names an option, which cannot be exchanged");
  EXPECT_EQ(Exchanged("Option A: x. Option B: y. Option B: z."),
            "wrong: an option's text names an option, which cannot be exchanged");
  EXPECT_EQ(WithOptionsExchanged("elsewhere", "Option A: x. Option B: y.").error().what,
            "the user's message does not hold the description once");
}

}  // namespace
}  // namespace axiometer
