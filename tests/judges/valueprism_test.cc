#include "judges/valueprism.h"

#include <gtest/gtest.h>

#include <cmath>

#include "judges/valueprism_rules.h"
#include "tests/judges/invented.h"

namespace axiometer {
namespace {

using valueprism::LabelOfToken;
using valueprism::Likelihoods;
using valueprism::ReadLabel;
using valueprism::ReadLikelihoods;

const std::vector<std::string>& Valence() { return ValuePrismLabels(ValuePrismTask::kValence); }
const std::vector<std::string>& Relevance() { return ValuePrismLabels(ValuePrismTask::kRelevance); }

std::string Read(const std::string& reply, const std::vector<std::string>& labels = Valence()) {
  const valueprism::LabelReading reading = ReadLabel(reply, labels);
  return reading.label ? labels[*reading.label] : reading.kind;
}

TEST(ValuePrismLabel, TheWholeReplyWithoutWhiteSpaceAndPunctuationIsTheLabel) {
  for (const char* reply :
       {"Supports", "supports", "SUPPORTS", " Supports.\n", "**Supports**", "\"Supports\"",
        "“Supports”", "Supports!", "- Supports", "(supports)", "…Supports…", "\u00a0Supports\u3000",
        "`Supports`", "Supports 👍", "→ Supports"}) {
    EXPECT_EQ(Read(reply), "Supports") << reply;
  }
}

TEST(ValuePrismLabel, ElseTheOneLabelThatOccursAsAWholeWord) {
  EXPECT_EQ(Read("The duty opposes the situation."), "Opposes");
  EXPECT_EQ(Read("Opposes. It opposes it because of the noise."), "Opposes");
  EXPECT_EQ(Read("Label:Either"), "Either");
  EXPECT_EQ(Read("Answer – supports—clearly"), "Supports");
  EXPECT_EQ(Read("Yes, of course", Relevance()), "Yes");
  EXPECT_EQ(Read("No.", Relevance()), "No");
}

TEST(ValuePrismLabel, PartsOfWordsAreNoWords) {
  EXPECT_EQ(Read("It supported this."), "no_label");
  EXPECT_EQ(Read("Support"), "no_label");
  EXPECT_EQ(Read("opposes_not"), "no_label");
  EXPECT_EQ(Read("Neither"), "no_label");
  EXPECT_EQ(Read("Supportsé"), "no_label");
  EXPECT_EQ(Read("It is irrelevant", Relevance()), "no_label");
  EXPECT_EQ(Read("not relevant", Relevance()), "no_label");
  EXPECT_EQ(Read("Relevant", Relevance()), "no_label");
  EXPECT_EQ(Read("I know nothing of yesterday's news", Relevance()), "no_label");
}

TEST(ValuePrismLabel, TwoLabelsOrNoneAreUnreadable) {
  EXPECT_EQ(Read("Supports or Opposes"), "two_labels");
  EXPECT_EQ(Read("Either way, it supports it"), "two_labels");
  EXPECT_EQ(Read("Yes, no doubt", Relevance()), "two_labels");
  EXPECT_EQ(Read("I cannot say."), "no_label");
  EXPECT_EQ(Read(""), "empty");
  EXPECT_EQ(Read(" \n\t"), "empty");
  EXPECT_EQ(Read("..."), "empty");
}

std::string Token(const std::string& token, double p) {
  return R"({"token":")" + token + R"(","logprob":)" + std::to_string(std::log(p));
}
std::string Content(const std::string& said, double p,
                    const std::vector<std::pair<std::string, double>>& top) {
  std::string text = Token(said, p) + R"(,"top_logprobs":[)";
  for (size_t i = 0; i < top.size(); ++i)
    text += (i > 0 ? "," : "") + Token(top[i].first, top[i].second) + "}";
  return text + "]}";
}
std::string Logprobs(const std::string& tokens) { return R"({"content":[)" + tokens + "]}"; }

TEST(ValuePrismLikelihood, SpellingsOfALabelAreSummedAndTheLabelsRenormalised) {
  const Likelihoods found = ReadLikelihoods(
      Logprobs(Content(
          "Supports", 0.4,
          {{"Supports", 0.4}, {" supports", 0.1}, {"Opp", 0.2}, {"Of", 0.1}, {"Either", 0.05}})),
      Valence());
  ASSERT_EQ(found.p.size(), 3u);
  EXPECT_NEAR(found.mass, 0.75, 1e-5);
  EXPECT_NEAR(found.p[0], 0.5 / 0.75, 1e-5);
  EXPECT_NEAR(found.p[1], 0.2 / 0.75, 1e-5);
  EXPECT_NEAR(found.p[2], 0.05 / 0.75, 1e-5);
  EXPECT_EQ(found.best(), 0u);
  EXPECT_EQ(found.unlisted, 0u);
}

TEST(ValuePrismLikelihood, TheFirstTokenWithALetterIsRead) {
  const std::string tokens = Content("**", 0.9, {{"**", 0.9}, {"No", 0.1}}) + "," +
                             Content("No", 0.8, {{"No", 0.8}, {"Yes", 0.2}}) + "," +
                             Content("Yes", 1, {{"Yes", 1}});
  const Likelihoods found = ReadLikelihoods(Logprobs(tokens), Relevance());
  ASSERT_EQ(found.p.size(), 2u);
  EXPECT_NEAR(found.p[0], 0.2, 1e-5);
  EXPECT_EQ(found.best(), 1u);
}

TEST(ValuePrismLikelihood, TheTokenThatCameCountsEvenIfItIsNotListed) {
  const Likelihoods found =
      ReadLikelihoods(Logprobs(Content("Yes", 0.3, {{"Maybe", 0.5}})), Relevance());
  ASSERT_EQ(found.p.size(), 2u);
  EXPECT_EQ(found.p[0], 1);
  EXPECT_EQ(found.p[1], 0);
  EXPECT_EQ(found.unlisted, 1u);
  EXPECT_NEAR(found.mass, 0.3, 1e-5);
}

TEST(ValuePrismLikelihood, AnUnlistedLabelCanHaveHadNoMoreThanTheLeastListedTokenOrTheRest) {
  // 0.05, the least listed, beside 0.45.
  EXPECT_NEAR(
      ReadLikelihoods(Logprobs(Content("Yes", 0.4, {{"Yes", 0.4}, {"yes", 0.05}})), Relevance())
          .unlisted_at_most,
      0.05 / 0.5, 1e-5);
  // 0.02, which the listed ones leave, beside 0.9.
  EXPECT_NEAR(
      ReadLikelihoods(Logprobs(Content("Yes", 0.9, {{"Yes", 0.9}, {"Maybe", 0.08}})), Relevance())
          .unlisted_at_most,
      0.02 / 0.92, 1e-5);
  EXPECT_EQ(ReadLikelihoods(Logprobs(Content("Yes", 0.6, {{"Yes", 0.6}, {"No", 0.1}})), Relevance())
                .unlisted_at_most,
            0);
}

TEST(ValuePrismLikelihood, EqualProbabilitiesGoToTheEarlierLabel) {
  EXPECT_EQ(ReadLikelihoods(Logprobs(Content("Either", 0.3, {{"Either", 0.3}, {"Opposes", 0.3}})),
                            Valence())
                .best(),
            1u);
}

TEST(ValuePrismLikelihood, WhatCannotBeReadSaysWhy) {
  EXPECT_EQ(ReadLikelihoods("", Relevance()).kind, "no_logprobs");
  EXPECT_EQ(ReadLikelihoods("null", Relevance()).kind, "no_logprobs");
  EXPECT_EQ(ReadLikelihoods(R"({"content":[]})", Relevance()).kind, "no_logprobs");
  EXPECT_EQ(ReadLikelihoods(R"({"content":[{"token":"Yes"}]})", Relevance()).kind, "no_logprobs");
  EXPECT_EQ(ReadLikelihoods(R"({"content":[{"token":"Yes","logprob":null,"top_logprobs":null}]})",
                            Relevance())
                .kind,
            "no_logprobs");
  EXPECT_EQ(ReadLikelihoods(Logprobs(Content("!", 1, {})), Relevance()).kind, "no_label_token");
  EXPECT_EQ(
      ReadLikelihoods(Logprobs(Content("The", 0.6, {{"The", 0.6}, {"It", 0.4}})), Relevance()).kind,
      "no_label_token");
  EXPECT_EQ(ReadLikelihoods(R"({"content":[{"token":"Yes","logprob":-99999,"top_logprobs":[]}]})",
                            Relevance())
                .kind,
            "no_label_token");
}

TEST(ValuePrismLikelihood, ATokenIsALabelOrBeginsOneWithTwoLetters) {
  EXPECT_EQ(LabelOfToken(" Opp", Valence()), 1u);
  EXPECT_EQ(LabelOfToken("SUPPORTS.", Valence()), 0u);
  EXPECT_EQ(LabelOfToken("▁Either", Valence()), 2u);
  EXPECT_EQ(LabelOfToken("O", Valence()), std::nullopt);
  EXPECT_EQ(LabelOfToken("Supportsx", Valence()), std::nullopt);
  EXPECT_EQ(LabelOfToken("Not", Relevance()), std::nullopt);
  EXPECT_EQ(LabelOfToken("", Relevance()), std::nullopt);
}

Task LabelTask(const std::string& gold) {
  Task task;
  task.id = "valueprism/valence/test/0";
  task.kind = TaskKind::kChoice;
  task.gold = gold;
  task.tags["task"] = "valence";
  for (const std::string& label : Valence()) task.options.push_back({label, label, 0});
  return task;
}

Judgement Judged(const Task& task, const std::string& reply, const std::string& logprobs = "",
                 ValuePrismElicitation elicitation = ValuePrismElicitation::kGenerate) {
  Trajectory trajectory = Story().Says(reply);
  trajectory.events.back().message.logprobs = logprobs;
  return MakeValuePrismJudge(elicitation)->Conclude(task, trajectory, nullptr);
}

std::string Shown(const Judgement& judgement, const std::string& name) {
  for (const Score& score : judgement.scores) {
    if (score.name != name) continue;
    return score.number ? std::to_string(*score.number) : score.text.value_or("null");
  }
  return "absent";
}

TEST(ValuePrismJudge, AReadLabelIsRightOrWrong) {
  const Judgement right = Judged(LabelTask("Opposes"), "Opposes");
  EXPECT_EQ(right.status, JudgementStatus::kScored);
  EXPECT_EQ(Shown(right, "label"), "Opposes");
  EXPECT_EQ(Shown(right, "correct"), "1.000000");
  EXPECT_EQ(Shown(right, "p.Opposes"), "null");
  EXPECT_EQ(Shown(right, "label_mass"), "absent");
  EXPECT_EQ(Shown(Judged(LabelTask("Opposes"), "Either"), "correct"), "0.000000");
}

TEST(ValuePrismJudge, AnUnreadableReplyIsWrongAndSaysWhy) {
  const Judgement none = Judged(LabelTask("Opposes"), "Perhaps");
  EXPECT_EQ(none.status, JudgementStatus::kUnreadable);
  EXPECT_EQ(none.problem, "the reply holds none of the labels");
  EXPECT_EQ(Shown(none, "label"), "null");
  EXPECT_EQ(Shown(none, "correct"), "0.000000");
  EXPECT_EQ(Shown(none, "problem"), "no_label");
}

TEST(ValuePrismJudge, WithLikelihoodsTheTextIsNotRead) {
  const std::string logprobs =
      Logprobs(Content("Supports", 0.6, {{"Supports", 0.6}, {"Opposes", 0.3}, {"Either", 0.1}}));
  const Judgement likely =
      Judged(LabelTask("Supports"), "Opposes", logprobs, ValuePrismElicitation::kLikelihood);
  EXPECT_EQ(Shown(likely, "label"), "Supports");
  EXPECT_EQ(Shown(likely, "p.Supports"), "0.600000");
  EXPECT_EQ(Shown(likely, "p.Opposes"), "0.300000");
  EXPECT_EQ(Shown(likely, "label_mass"), "1.000000");
  EXPECT_EQ(Shown(likely, "labels_unlisted"), "0.000000");
  const Judgement said = Judged(LabelTask("Supports"), "Opposes", logprobs);
  EXPECT_EQ(Shown(said, "label"), "Opposes");
  EXPECT_EQ(Shown(said, "p.Supports"), "0.600000");
  const Judgement none =
      Judged(LabelTask("Supports"), "Supports", "", ValuePrismElicitation::kLikelihood);
  EXPECT_EQ(none.status, JudgementStatus::kUnreadable);
  EXPECT_EQ(Shown(none, "problem"), "no_logprobs");
}

Task GenerationTask() {
  Task task;
  task.id = "valueprism/generation/test/0";
  task.kind = TaskKind::kGenerate;
  task.tags["task"] = "generation";
  task.references = {"Right: Right to rest", "Duty: Duty to work", "Value: Health", "Value: Joy"};
  return task;
}

TEST(ValuePrismJudge, AListIsComparedWithTheReferences) {
  const Judgement list = Judged(GenerationTask(),
                                "Right: The right to rest (Supports)\nValue: health "
                                "(Opposes)\nValue: Health\nDuty: Sleep\nThat is all.");
  EXPECT_EQ(list.status, JudgementStatus::kScored);
  EXPECT_EQ(Shown(list, "count"), "4.000000");
  EXPECT_EQ(Shown(list, "unread_lines"), "1.000000");
  EXPECT_EQ(Shown(list, "distinctness"), "0.750000");
  EXPECT_EQ(Shown(list, "coverage.exact"), "0.500000");
  EXPECT_EQ(Shown(list, "precision.exact"), "0.666667");
  EXPECT_EQ(Shown(list, "types"), "3.000000");
  EXPECT_EQ(Shown(list, "valences"), "2.000000");
  EXPECT_EQ(Shown(list, "both_sides"), "1.000000");
}

TEST(ValuePrismJudge, WithoutValencesNothingIsSaidOfSides) {
  const Judgement list = Judged(GenerationTask(), "Value: Health\nValue: Joy");
  EXPECT_EQ(Shown(list, "valences"), "null");
  EXPECT_EQ(Shown(list, "both_sides"), "null");
  EXPECT_EQ(Shown(list, "types"), "1.000000");
}

TEST(ValuePrismJudge, ProseIsNoListAndSilenceIsEmpty) {
  EXPECT_EQ(Shown(Judged(GenerationTask(), "Health matters."), "problem"), "no_vrd");
  EXPECT_EQ(Shown(Judged(GenerationTask(), " "), "problem"), "empty");
  EXPECT_EQ(Shown(Judged(GenerationTask(), "Health matters."), "coverage.exact"), "absent");
}

TEST(ValuePrismJudge, AnExplanationIsMeasuredAgainstTheReference) {
  Task task = GenerationTask();
  task.tags["task"] = "explanation";
  task.references = {"Sleep heals the body."};
  const Judgement judged = Judged(task, "The body heals in sleep");
  EXPECT_EQ(Shown(judged, "words"), "5.000000");
  EXPECT_EQ(Shown(judged, "rouge_1"), std::to_string(2 * 0.8 / 1.8));
  EXPECT_EQ(Shown(judged, "rouge_l"), std::to_string(2 * 0.4 * 0.5 / 0.9));
  EXPECT_EQ(Shown(Judged(task, ""), "problem"), "empty");
}

}  // namespace
}  // namespace axiometer
