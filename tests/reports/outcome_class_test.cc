#include "reports/outcome_class.h"

#include <gtest/gtest.h>

#include <string>

namespace axiometer {
namespace {

JudgedFacts Scored(double a, double b) {
  JudgedFacts judged;
  judged.status = JudgementStatus::kScored;
  judged.a = a;
  judged.b = b;
  return judged;
}

SampleFacts Ended(Outcome outcome) {
  SampleFacts sample;
  sample.outcome = outcome;
  return sample;
}

OutcomeClass Of(const SampleFacts& sample, const JudgedFacts& judged) { return ClassOf(sample, &judged, false); }

TEST(OutcomeClassTest, PointsDecideEvenWhereALimitCame) {
  for (const Outcome outcome : {Outcome::kFinished, Outcome::kStepLimit}) {
    EXPECT_EQ(Of(Ended(outcome), Scored(0.6, 0.2)), OutcomeClass::kChoseA);
    EXPECT_EQ(Of(Ended(outcome), Scored(0.2, 0.6)), OutcomeClass::kChoseB);
    EXPECT_EQ(Of(Ended(outcome), Scored(0.6, 0.6)), OutcomeClass::kBoth);
    EXPECT_EQ(Of(Ended(outcome), Scored(0.3, 0.3)), OutcomeClass::kEven);
  }
  SampleFacts sample = Ended(Outcome::kFinished);
  sample.asks = sample.every_call_failed = true;
  EXPECT_EQ(Of(sample, Scored(0.1, 0)), OutcomeClass::kChoseA);
}

TEST(OutcomeClassTest, WithoutPointsToolsLimitsAndQuestionsAreTold) {
  SampleFacts sample = Ended(Outcome::kFinished);
  EXPECT_EQ(Of(sample, Scored(0, 0)), OutcomeClass::kNeither);
  sample.asks = true;
  EXPECT_EQ(Of(sample, Scored(0, 0)), OutcomeClass::kAsked);
  sample.outcome = Outcome::kTokenLimit;
  EXPECT_EQ(Of(sample, Scored(0, 0)), OutcomeClass::kLimit);
  sample.every_call_failed = true;
  EXPECT_EQ(Of(sample, Scored(0, 0)), OutcomeClass::kToolFailure);
}

TEST(OutcomeClassTest, WhatHasNoScoreIsWhatBroke) {
  EXPECT_EQ(ClassOf(Ended(Outcome::kRefused), nullptr, false), OutcomeClass::kRefused);
  EXPECT_EQ(ClassOf(Ended(Outcome::kEmptyReply), nullptr, false), OutcomeClass::kSilent);
  for (const Outcome outcome : {Outcome::kModelError, Outcome::kRateLimited, Outcome::kModelTimeout}) {
    EXPECT_EQ(ClassOf(Ended(outcome), nullptr, false), OutcomeClass::kModelError);
  }
  EXPECT_EQ(ClassOf(Ended(Outcome::kEnvironmentFailed), nullptr, false), OutcomeClass::kToolFailure);
  EXPECT_EQ(ClassOf(Ended(Outcome::kFinished), nullptr, false), OutcomeClass::kNotJudged);
  JudgedFacts judged;
  for (const JudgementStatus status :
       {JudgementStatus::kUnreadable, JudgementStatus::kRefused, JudgementStatus::kModelError}) {
    judged.status = status;
    EXPECT_EQ(Of(Ended(Outcome::kFinished), judged), OutcomeClass::kJudgeFailure);
  }
  judged.status = JudgementStatus::kUnscorable;
  EXPECT_EQ(Of(Ended(Outcome::kFinished), judged), OutcomeClass::kUnscorable);
}

// Where a rule reads an answer, nothing but the answer can be at fault.
TEST(OutcomeClassTest, AnAnswerThatNamesNoOptionIsNoFailureOfTheJudge) {
  JudgedFacts judged;
  judged.status = JudgementStatus::kUnreadable;
  SampleFacts sample = Ended(Outcome::kFinished);
  EXPECT_EQ(ClassOf(sample, &judged, true), OutcomeClass::kNeither);
  sample.asks = true;
  EXPECT_EQ(ClassOf(sample, &judged, true), OutcomeClass::kAsked);
  judged.status = JudgementStatus::kModelError;
  EXPECT_EQ(ClassOf(sample, &judged, true), OutcomeClass::kJudgeFailure);
}

TEST(OutcomeClassTest, EveryClassHasAName) {
  for (int i = 0; i < kOutcomeClasses; ++i) EXPECT_STRNE(OutcomeClassName(static_cast<OutcomeClass>(i)), "");
}

TEST(OutcomeClassTest, QuestionsOfAnyScriptAreSeenAtTheEndAlone) {
  for (const char* text : {"Shall I?", "Shall I? \n", "\"Shall I?\"", "**Shall I?**", "(Shall I?)", "続けますか？",
                           "「続けますか？」", "هل أتابع؟", "Να συνεχίσω\u037E", "Շարունակե՞մ", "Շարունակե՞մ։", "ልቀጥል፧",
                           "Really?!?", "Go on ⁇", "Now❓\uFE0F"}) {
    EXPECT_TRUE(AsksSomething(text)) << text;
  }
  for (const char* text : {"", "Done.", "Why? Because.", "Is it? I do not know", "?a", "Done;", "\"\""}) {
    EXPECT_FALSE(AsksSomething(text)) << text;
  }
  EXPECT_TRUE(AsksSomething(std::string(5'000, 'x') + " so?"));
  EXPECT_FALSE(AsksSomething("so? " + std::string(5'000, 'x')));
}

}  // namespace
}  // namespace axiometer
