#include "judges/dvmap.h"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "harness/base/json.h"
#include "judges/dvmap_rules.h"
#include "tasks/dvmap.h"
#include "tests/judges/invented.h"

namespace axiometer {
namespace {

using dvmap::Reward;
using dvmap::RewardOptions;

const std::string kTrust = "Trust completely, Trust somewhat, Do not trust very much, Do not trust at all";
const std::string kAgreement = "Agree strongly, Agree, Neither agree nor disagree, Disagree, Disagree strongly";
const std::string kLevel = "Low, Medium, High";

std::string Tagged(const std::string& answer) { return "<reasoning>r</reasoning><answer>" + answer + "</answer>"; }

TEST(DvmapExtraction, TheLastOpeningTagDecides) {
  EXPECT_EQ(dvmap::ExtractAnswer("<answer>Low</answer> no, <answer> High\n</answer>"), "High");
  EXPECT_EQ(dvmap::ExtractAnswer("<answer>Low</answer> no, <answer>High"), std::nullopt);
  EXPECT_EQ(dvmap::ExtractAnswer("<answer>Low <answer>High</answer></answer>"), "High");
  EXPECT_EQ(dvmap::ExtractAnswer("<answer>Low</answer></answer>"), "Low");
  EXPECT_EQ(dvmap::ExtractAnswer("</answer>Low<answer>"), std::nullopt);
}

TEST(DvmapExtraction, OnlyTheExactTagCounts) {
  EXPECT_EQ(dvmap::ExtractAnswer("<ANSWER>Low</ANSWER>"), std::nullopt);
  EXPECT_EQ(dvmap::ExtractAnswer("<answer id=1>Low</answer>"), std::nullopt);
  EXPECT_EQ(dvmap::ExtractAnswer("< answer >Low</ answer >"), std::nullopt);
  EXPECT_EQ(dvmap::ExtractAnswer("<answer>Low</ANSWER>"), std::nullopt);
  EXPECT_EQ(dvmap::ExtractAnswer(""), std::nullopt);
}

TEST(DvmapExtraction, WhiteSpaceAroundIsTakenOffAsPythonDoes) {
  EXPECT_EQ(dvmap::ExtractAnswer("<answer></answer>"), "");
  EXPECT_EQ(dvmap::ExtractAnswer("<answer> \n\t </answer>"), "");
  EXPECT_EQ(dvmap::ExtractAnswer("<answer>\u00a0\u3000High\u2003\u001c</answer>"), "High");
  EXPECT_EQ(dvmap::ExtractAnswer("<answer>\u200bHigh</answer>"), "\u200bHigh");  // no white space to Python
}

bool Right(const std::string& answer, const std::string& gold, const std::string& cell) {
  return dvmap::IsCorrect(answer, gold, DvmapOptions(cell));
}

TEST(DvmapMatch, TextAroundTheGoldAnswerIsForgivenUnlessItNamesAnotherOption) {
  EXPECT_TRUE(Right("Trust somewhat", "Trust somewhat", kTrust));
  EXPECT_TRUE(Right("Trust somewhat.", "Trust somewhat", kTrust));
  EXPECT_TRUE(Right("I would say:\nTrust somewhat", "Trust somewhat", kTrust));
  EXPECT_TRUE(Right("Highly", "High", kLevel));
  EXPECT_FALSE(Right("Low or High", "High", kLevel));
  EXPECT_FALSE(Right(kLevel, "High", kLevel));
  EXPECT_FALSE(Right("Trust\nsomewhat", "Trust somewhat", kTrust));
}

TEST(DvmapMatch, CaseCounts) {
  EXPECT_FALSE(Right("high", "High", kLevel));
  EXPECT_FALSE(Right("trust somewhat", "Trust somewhat", kTrust));
  EXPECT_TRUE(Right("High, not low", "High", kLevel));
}

TEST(DvmapMatch, AnOptionInsideAnotherIsMetExactlyOrNotAtAll) {
  EXPECT_TRUE(Right("Disagree strongly", "Disagree strongly", kAgreement));
  EXPECT_FALSE(Right("Disagree strongly.", "Disagree strongly", kAgreement));
  EXPECT_FALSE(Right("Agree strongly.", "Agree strongly", kAgreement));
  EXPECT_FALSE(Right("Disagree strongly", "Disagree", kAgreement));
  EXPECT_TRUE(Right("Disagree.", "Disagree", kAgreement));
  EXPECT_TRUE(Right("Agree.", "Agree", kAgreement));
}

TEST(DvmapMatch, NothingIsNeverRight) {
  EXPECT_FALSE(dvmap::IsCorrect(std::nullopt, "High", DvmapOptions(kLevel)));
  EXPECT_FALSE(Right("", "High", kLevel));
}

TEST(DvmapFilter, AnAnswerAnywhereInTheTextOfTheOptionsIsKept) {
  EXPECT_TRUE(dvmap::IsKept("Medium", kLevel));
  EXPECT_TRUE(dvmap::IsKept("somewhat", kTrust));
  EXPECT_TRUE(dvmap::IsKept("Low, Med", kLevel));
  EXPECT_FALSE(dvmap::IsKept("low", kLevel));
  EXPECT_FALSE(dvmap::IsKept("Highest", kLevel));
}

std::string Strict(const std::string& reply, const std::string& cell) {
  const std::vector<std::string> options = DvmapOptions(cell);
  const dvmap::StrictDvmapReading reading = dvmap::ReadStrictly(reply, options);
  return reading.option ? options[*reading.option] : "(" + reading.problem + ")";
}

TEST(DvmapStrict, OneOptionWhateverItsDress) {
  for (const char* answer : {"High", "high", " HIGH. ", "**High**", "\"High\"", "3. High", "- High", "c) high", "“High”!"}) {
    EXPECT_EQ(Strict(Tagged(answer), kLevel), "High") << answer;
  }
  EXPECT_EQ(Strict("<ANSWER>High</Answer>", kLevel), "High");
  EXPECT_EQ(Strict(Tagged("Trust\n  somewhat"), kTrust), "Trust somewhat");
  EXPECT_EQ(Strict(Tagged("Disagree strongly."), kAgreement), "Disagree strongly");
}

TEST(DvmapStrict, AnythingElseIsUnreadableAndSaysWhy) {
  EXPECT_EQ(Strict(Tagged("Highly"), kLevel), "(the answer is none of the options)");
  EXPECT_EQ(Strict(Tagged("Low or High"), kLevel), "(the answer is none of the options)");
  EXPECT_EQ(Strict(Tagged(kLevel), kLevel), "(the answer is none of the options)");
  EXPECT_EQ(Strict(Tagged(" "), kLevel), "(empty answer)");
  EXPECT_EQ(Strict("High", kLevel), "(no answer tags)");
  EXPECT_EQ(Strict("<answer>High", kLevel), "(the answer tag is not closed)");
}

TEST(DvmapStrict, AnUnclosedTagAfterAPairDoesNotTakeThePairAway) {
  EXPECT_EQ(Strict(Tagged("High") + " as I said in <answer>", kLevel), "High");
}

// Rewards, with a list of options as the functions were written for.
double Listed(Reward reward, const std::string& reply, const std::string& gold, double frequency = 0) {
  const std::optional<double> value = dvmap::RewardOf(reward, RewardOptions::kListed, reply, gold, kTrust, frequency);
  return value ? *value : NAN;
}

TEST(DvmapRewards, EveryTagEarnsAFifth) {
  EXPECT_EQ(Listed(Reward::kWvs, "nothing", "Trust somewhat"), 0);
  EXPECT_EQ(Listed(Reward::kWvs, "<reasoning>", "Trust somewhat"), 0.2);
  EXPECT_NEAR(Listed(Reward::kWvs, Tagged("..."), "Trust somewhat"), 0.8, 1e-15);
  EXPECT_NEAR(Listed(Reward::kWvsD, Tagged(""), "Trust somewhat"), 0.8, 1e-15);
}

TEST(DvmapRewards, ExactLenientAndNearAnswers) {
  const std::string gold = "Trust somewhat";
  EXPECT_NEAR(Listed(Reward::kWvs, Tagged(gold), gold), 2.8, 1e-15);
  EXPECT_NEAR(Listed(Reward::kWvs, Tagged(gold + "!"), gold), 1.8, 1e-15);
  EXPECT_NEAR(Listed(Reward::kWvs, Tagged("Do not trust at all"), gold), 0.8, 1e-15);
  EXPECT_NEAR(Listed(Reward::kWvsD, Tagged("Do not trust at all"), gold), 0.8 + 1 - 2 / 4.0, 1e-15);
  EXPECT_NEAR(Listed(Reward::kWvsD, Tagged("Do not trust at all!"), gold), 0.8 + 0.5 * (1 - 2 / 4.0), 1e-15);
  EXPECT_NEAR(Listed(Reward::kWvsG, Tagged(gold), gold), 3.8, 1e-15);
  EXPECT_NEAR(Listed(Reward::kWvsG, Tagged("Do not trust at all"), gold), 0.8 + std::exp(-(4 / 9.0) / 0.125), 1e-15);
  EXPECT_NEAR(Listed(Reward::kWvsG, Tagged("Do not trust at all!"), gold), 0.8, 1e-15);
  EXPECT_NEAR(Listed(Reward::kWvsP, Tagged(gold), gold, 0.25), 0.8 + 2 * 0.75, 1e-15);
  EXPECT_NEAR(Listed(Reward::kWvsP, Tagged("Trust completely"), gold, 0.25), 0.8 + 0.75 * 0.75, 1e-15);
}

TEST(DvmapRewards, OnlyTheLastThreeHundredCharactersAreReadForTheAnswer) {
  const std::string gold = "Trust somewhat";
  EXPECT_NEAR(Listed(Reward::kWvs, Tagged(gold) + std::string(270, 'x'), gold), 0.8, 1e-15);
  EXPECT_NEAR(Listed(Reward::kWvs, Tagged(gold) + std::string(269, 'x'), gold), 2.8, 1e-15);
  std::string wide;
  for (int i = 0; i < 269; ++i) wide += "é";
  EXPECT_NEAR(Listed(Reward::kWvs, Tagged(gold) + wide, gold), 2.8, 1e-15);
}

TEST(DvmapRewards, AsTheTrainerCallsThemTheOptionsAreOneText) {
  const std::string gold = "Trust somewhat";
  const auto wired = [&](Reward reward, const std::string& answer) {
    return *dvmap::RewardOf(reward, RewardOptions::kWired, Tagged(answer), gold, kTrust, 0.5);
  };
  // Every letter of the answer is an "option", so the lenient branch is shut.
  EXPECT_NEAR(wired(Reward::kWvs, gold + "!"), 0.8, 1e-15);
  // Places are those of characters in the text: 0 and 18 of 77.
  EXPECT_NEAR(wired(Reward::kWvsD, "Trust completely"), 0.8 + 1 - 18.0 / 77, 1e-15);
  EXPECT_NEAR(wired(Reward::kWvsP, "Trust"), 0.8 + 0.5 * (1 - 18.0 / 77), 1e-15);
}

// The judge.
Task InventedTask(const std::string& gold, const std::string& cell) {
  Task task;
  task.id = "dvmap/test/0";
  task.kind = TaskKind::kChoice;
  task.gold = gold;
  for (const std::string& option : DvmapOptions(cell)) {
    ChoiceOption choice;
    choice.key = choice.text = option;
    task.options.push_back(choice);
  }
  task.facts = DumpJson(Json{{"options", cell}, {"frequency", 0.5}});
  return task;
}

std::string Scores(const Task& task, const Trajectory& trajectory, bool rewards = false) {
  std::string text;
  for (const Score& score : MakeDvmapJudge(rewards)->Conclude(task, trajectory, nullptr).scores) {
    text += score.name + "=";
    text += score.text ? *score.text : score.number ? DumpJson(Json(*score.number)) : "null";
    text += "\n";
  }
  return text;
}

Trajectory Reply(const std::string& text) {
  Trajectory trajectory = Story().User("u").Says(text);
  trajectory.final_text = text;
  return trajectory;
}

TEST(DvmapJudge, ScoresHaveTheirPublishedNames) {
  EXPECT_EQ(Scores(InventedTask("High", kLevel), Reply(Tagged("Highly"))),
            "official.kept=1.0\nofficial.written=1.0\nofficial.predicted=Highly\nofficial.correct=1.0\n"
            "strict.predicted=null\nstrict.correct=null\nstrict.problem=not_an_option\n");
  EXPECT_EQ(Scores(InventedTask("High", kLevel), Reply("none")),
            "official.kept=1.0\nofficial.written=1.0\nofficial.predicted=null\nofficial.correct=0.0\n"
            "strict.predicted=null\nstrict.correct=null\nstrict.problem=no_tags\n");
  EXPECT_EQ(Scores(InventedTask("High", kLevel), Reply(Tagged("low."))),
            "official.kept=1.0\nofficial.written=1.0\nofficial.predicted=low.\nofficial.correct=0.0\n"
            "strict.predicted=Low\nstrict.correct=0.0\n");
}

TEST(DvmapJudge, ARowThatTheFilterDropsIsNeitherRightNorWrong) {
  EXPECT_EQ(Scores(InventedTask("Highest", kLevel), Reply(Tagged("High"))),
            "official.kept=0.0\nofficial.written=0.0\nofficial.predicted=null\nofficial.correct=null\n"
            "strict.predicted=High\nstrict.correct=null\n");
}

TEST(DvmapJudge, ANullContentIsNotWritten) {
  Trajectory trajectory = Reply("");
  trajectory.events.back().message.raw = R"({"role": "assistant", "content": null})";
  EXPECT_EQ(Scores(InventedTask("High", kLevel), trajectory),
            "official.kept=1.0\nofficial.written=0.0\nofficial.predicted=null\nofficial.correct=null\n"
            "strict.predicted=null\nstrict.correct=null\nofficial.left_out=null_content\nstrict.problem=no_tags\n");
  trajectory.events.back().message.raw = R"({"role": "assistant", "content": ""})";
  EXPECT_NE(Scores(InventedTask("High", kLevel), trajectory).find("official.correct=0.0"), std::string::npos);
}

TEST(DvmapJudge, RewardsComeWhenAskedFor) {
  const std::string scores = Scores(InventedTask("High", kLevel), Reply(Tagged("High")), true);
  EXPECT_NE(scores.find("official.reward.wvs=2.8\n"), std::string::npos) << scores;
  EXPECT_NE(scores.find("\nreward.wvs_p=1.8\n"), std::string::npos) << scores;
}

}  // namespace
}  // namespace axiometer
