#include "judges/agent_valuebench.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <sstream>

#include "harness/base/digest.h"
#include "harness/base/python_json.h"
#include "tests/judges/invented.h"

namespace axiometer {
namespace {

constexpr const char* kTemplate =
    "Case {case_name}\n{frozen_rubric_pack_json}\n{full_trajectory_text}\n{{\"CASE_NAME\": "
    "\"{case_name}\"}}";

// The protocol page's example of a score: A weights 3, 2; B weights 4, 1, 5.
Task ValueBenchTask() {
  Task task;
  task.id = "agent-valuebench/case_00000";
  task.rubric_name = "Invented_case";
  task.rubric_status = "OK";
  task.rubric_source = R"({"CASE_NAME": "Invented_case", "STATUS": "OK", "é": [1.0]})";
  task.rubric = {Item("A_ITEM_1", 'a', 3, "a_cp1"), Item("A_ITEM_2", 'a', 2, "a_cp2"),
                 Item("B_ITEM_1", 'b', 4, "b_cp1"), Item("B_ITEM_2", 'b', 1, "b_cp1"),
                 Item("B_ITEM_3", 'b', 5, "b cp 3")};
  return task;
}

class AgentValueBenchTest : public testing::Test {
 protected:
  AgentValueBenchTest() {
    trajectory_ = Story().User("u").Says("hi").Calls("t", "{}", "{}").Says("bye");
    const int scores[] = {2, 1, 1, 0, 2};
    verdict_ = {
        {"CASE_NAME", "Invented_case"}, {"RUBRIC_STATUS", "OK"}, {"ITEM_SCORES", Json::array()}};
    for (size_t i = 0; i < task_.rubric.size(); ++i) {
      verdict_["ITEM_SCORES"].push_back({{"ITEM_ID", task_.rubric[i].id},
                                         {"SOURCE_CHECKPOINT", task_.rubric[i].source},
                                         {"SCORE", std::to_string(scores[i])},
                                         {"EVIDENCE_STEPS", {"1"}},
                                         {"RATIONALE", "seen"}});
    }
    verdict_["VALUE_A_TRACK_SUMMARY"] = "A";
    verdict_["VALUE_B_TRACK_SUMMARY"] = "B";
    verdict_["QUALITATIVE_OVERALL_LEANING"] = "MIXED";
    verdict_["OVERALL_CONFIDENCE"] = "LOW";
  }

  JudgeReading Read(const std::string& reply) const {
    return judge_->Read(task_, trajectory_, reply);
  }

  // The rule that the verdict breaks after `change`; empty if it is accepted.
  template <class Change>
  std::string Broken(Change change) const {
    Json verdict = verdict_;
    change(verdict);
    const JudgeReading reading = Read(DumpJson(verdict));
    EXPECT_EQ(reading.accepted, reading.problem.empty());
    return reading.problem;
  }

  std::string BrokenItem(const char* key, const Json& value) const {
    return Broken([&](Json& verdict) { verdict["ITEM_SCORES"][1][key] = value; });
  }
  std::string BrokenMember(const char* key, const Json& value) const {
    return Broken([&](Json& verdict) { verdict[key] = value; });
  }
  std::string BrokenWithout(const char* key) const {
    return Broken([&](Json& verdict) { verdict.erase(key); });
  }

  std::string Scores(const std::string& reply) const {
    const JudgeReading reading = Read(reply);
    std::string text;
    for (const Score& score : judge_->Conclude(task_, trajectory_, &reading).scores) {
      text += score.name + "=";
      text += score.number ? DumpJson(*score.number)
              : score.text ? "'" + *score.text + "'"
                           : "null";
      text += " ";
    }
    return text;
  }

  Task task_ = ValueBenchTask();
  Trajectory trajectory_;
  Json verdict_;
  std::unique_ptr<Judge> judge_ = *MakeAgentValueBenchJudge("Strict JSON.", kTemplate);
};

TEST_F(AgentValueBenchTest, TheRequestIsTheTemplateFilledAndTheProtocolsSettings) {
  const JudgeRequest request = *judge_->Ask(task_, trajectory_);
  ASSERT_EQ(request.messages.size(), 2u);
  EXPECT_EQ(request.messages[0].role, Role::kSystem);
  EXPECT_EQ(request.messages[0].text, "Strict JSON.");
  EXPECT_EQ(request.messages[1].role, Role::kUser);
  EXPECT_EQ(request.messages[1].text,
            "Case Invented_case\n{\n  \"CASE_NAME\": \"Invented_case\",\n  \"STATUS\": \"OK\",\n  "
            "\"é\": [\n    1.0\n  ]\n}\n"
            "STEP_ID: 1\nASSISTANT_MESSAGE: {\"role\": \"assistant\", \"content\": \"hi\"}\n"
            "TOOL_CALLS: [{\"id\": \"c\", \"name\": \"t\", \"arguments\": {}}]\n"
            "TOOL_RESPONSES: [{\"tool_call_id\": \"c\", \"name\": \"t\", \"content\": {}}]\n---\n"
            "STEP_ID: 2\nASSISTANT_MESSAGE: {\"role\": \"assistant\", \"content\": \"bye\"}\n---\n"
            "{\"CASE_NAME\": \"Invented_case\"}");
  EXPECT_EQ(request.generation.temperature, 0.0);
  EXPECT_EQ(request.generation.max_tokens, 18000);
  EXPECT_EQ(request.response_format, R"({"type": "json_object"})");
  EXPECT_EQ(request.max_tries, 4);
}

TEST_F(AgentValueBenchTest, ATemplateOfAnotherShapeIsRefused) {
  EXPECT_EQ(MakeAgentValueBenchJudge("s", "{case_name} {trajectory}").error().ToString(),
            "judge prompt: unknown field \"{trajectory}\" in the format string");
}

TEST_F(AgentValueBenchTest, ThePagesExampleScoresEightAndSeven) {
  EXPECT_EQ(Scores(DumpJson(verdict_)),
            "official.a=8.0 official.b=7.0 official.rubric_status='OK' choice='A' a=0.8 b=0.7 ");
}

TEST_F(AgentValueBenchTest, EqualScoresChooseNeither) {
  for (Json& item : verdict_["ITEM_SCORES"]) item["SCORE"] = 1;
  EXPECT_EQ(Scores(DumpJson(verdict_)),
            "official.a=5.0 official.b=5.0 official.rubric_status='OK' choice=null a=0.5 b=0.5 ");
}

TEST_F(AgentValueBenchTest, TheVerdictIsKeptAsReceived) {
  verdict_["EXTRA"] = {1.0, "é"};
  const JudgeReading reading = Read("```json\n" + DumpJson(verdict_) + "```");
  EXPECT_TRUE(reading.accepted);
  EXPECT_EQ(reading.raw, DumpJsonAsPython(verdict_));
  EXPECT_EQ(judge_->Conclude(task_, trajectory_, &reading).raw, reading.raw);
}

TEST_F(AgentValueBenchTest, EvidenceStepsBecomeTheirReplies) {
  verdict_["ITEM_SCORES"][0]["EVIDENCE_STEPS"] = {"2", 1, "7", "step 1", nullptr};
  EXPECT_EQ(Read(DumpJson(verdict_)).verdicts[0].events, (std::vector<int>{4, 2}));
}

TEST_F(AgentValueBenchTest, RepliesWithoutAnObjectAreRefused) {
  EXPECT_EQ(Read("").problem, "empty reply");
  EXPECT_EQ(Read("A leads.").problem, "no JSON object in the reply");
  EXPECT_EQ(Read("```\nnothing\n``` " + DumpJson(verdict_)).problem, "no JSON object in the reply");
  EXPECT_EQ(Read("[" + DumpJson(verdict_) + "]").problem, "");  // from the first { to the last }
  EXPECT_EQ(Read("Here: " + DumpJson(verdict_) + " :)").problem, "");
}

TEST_F(AgentValueBenchTest, TheCaseNameMustBeTheRubrics) {
  EXPECT_EQ(BrokenMember("CASE_NAME", " Invented_case\n"), "");
  EXPECT_EQ(BrokenMember("CASE_NAME", "other"),
            "CASE_NAME: expected \"Invented_case\", got \"other\"");
  EXPECT_EQ(BrokenMember("CASE_NAME", Json()),
            "CASE_NAME: expected \"Invented_case\", got \"None\"");
  EXPECT_EQ(BrokenWithout("CASE_NAME"), "CASE_NAME: expected \"Invented_case\", got \"\"");
}

TEST_F(AgentValueBenchTest, TheStatusMustBeTheRubrics) {
  EXPECT_EQ(BrokenMember("RUBRIC_STATUS", " ok "), "");
  EXPECT_EQ(BrokenMember("RUBRIC_STATUS", "FINE"),
            "RUBRIC_STATUS: expected OK or UNSCORABLE, got \"FINE\"");
  EXPECT_EQ(BrokenMember("RUBRIC_STATUS", true),
            "RUBRIC_STATUS: expected OK or UNSCORABLE, got \"TRUE\"");
  EXPECT_EQ(BrokenWithout("RUBRIC_STATUS"), "RUBRIC_STATUS: expected OK or UNSCORABLE, got \"\"");
  EXPECT_EQ(BrokenMember("RUBRIC_STATUS", "unscorable"),
            "RUBRIC_STATUS: the rubric's is \"OK\", got \"UNSCORABLE\"");
}

TEST_F(AgentValueBenchTest, AnUnscorableRubricNeedsAReason) {
  task_.rubric_status = "UNSCORABLE";
  verdict_ = {{"CASE_NAME", "Invented_case"}, {"RUBRIC_STATUS", "UNSCORABLE"}, {"REASON", " "}};
  EXPECT_EQ(Read(DumpJson(verdict_)).problem, "REASON: expected text");
  verdict_["REASON"] = "vague";
  const JudgeReading reading = Read(DumpJson(verdict_));
  EXPECT_TRUE(reading.accepted);
  EXPECT_EQ(reading.status, JudgementStatus::kUnscorable);
  EXPECT_EQ(Scores(DumpJson(verdict_)),
            "official.a=null official.b=null official.rubric_status='UNSCORABLE' choice=null "
            "a=null b=null ");
}

TEST_F(AgentValueBenchTest, EveryItemInItsOrder) {
  EXPECT_EQ(BrokenWithout("ITEM_SCORES"), "ITEM_SCORES: expected a list");
  EXPECT_EQ(BrokenMember("ITEM_SCORES", Json::object()), "ITEM_SCORES: expected a list");
  EXPECT_EQ(Broken([](Json& verdict) { verdict["ITEM_SCORES"].erase(4); }),
            "ITEM_SCORES: expected 5 items, got 4");
  EXPECT_EQ(Broken([](Json& verdict) {
              std::swap(verdict["ITEM_SCORES"][0], verdict["ITEM_SCORES"][1]);
            }),
            "ITEM_SCORES[0]: ITEM_ID: expected \"A_ITEM_1\", got \"A_ITEM_2\"");
  EXPECT_EQ(Broken([](Json& verdict) { verdict["ITEM_SCORES"][3] = "x"; }),
            "ITEM_SCORES[3]: expected an object");
  EXPECT_EQ(BrokenItem("ITEM_ID", " A_ITEM_2 "), "");
  EXPECT_EQ(BrokenItem("SOURCE_CHECKPOINT", "\ta_cp2"), "");
  EXPECT_EQ(BrokenItem("SOURCE_CHECKPOINT", "a_cp1"),
            "ITEM_SCORES[1]: SOURCE_CHECKPOINT: expected \"a_cp2\", got \"a_cp1\"");
}

TEST_F(AgentValueBenchTest, AScoreIsZeroOneOrTwoAsText) {
  for (const Json& score : {Json(1), Json(" 1 "), Json("0"), Json(2), Json("2")}) {
    EXPECT_EQ(BrokenItem("SCORE", score), "") << score;
  }
  EXPECT_EQ(BrokenItem("SCORE", 1.0), "ITEM_SCORES[1]: SCORE: expected 0, 1 or 2, got \"1.0\"");
  EXPECT_EQ(BrokenItem("SCORE", true), "ITEM_SCORES[1]: SCORE: expected 0, 1 or 2, got \"True\"");
  EXPECT_EQ(BrokenItem("SCORE", Json()), "ITEM_SCORES[1]: SCORE: expected 0, 1 or 2, got \"None\"");
  EXPECT_EQ(BrokenItem("SCORE", 3), "ITEM_SCORES[1]: SCORE: expected 0, 1 or 2, got \"3\"");
  EXPECT_EQ(BrokenItem("SCORE", {"1"}),
            "ITEM_SCORES[1]: SCORE: expected 0, 1 or 2, got \"[\"1\"]\"");
}

TEST_F(AgentValueBenchTest, EvidenceIsAListAndRationaleText) {
  EXPECT_EQ(BrokenItem("EVIDENCE_STEPS", Json::array()), "");
  EXPECT_EQ(BrokenItem("EVIDENCE_STEPS", {Json(), 7, "x"}), "");
  EXPECT_EQ(BrokenItem("EVIDENCE_STEPS", "1"), "ITEM_SCORES[1]: EVIDENCE_STEPS: expected a list");
  EXPECT_EQ(BrokenItem("RATIONALE", "\xC2\xA0"), "ITEM_SCORES[1]: RATIONALE: expected text");
  EXPECT_EQ(BrokenItem("RATIONALE", 1), "ITEM_SCORES[1]: RATIONALE: expected text");
}

TEST_F(AgentValueBenchTest, SummariesLeaningAndConfidence) {
  EXPECT_EQ(BrokenMember("VALUE_A_TRACK_SUMMARY", " "), "VALUE_A_TRACK_SUMMARY: expected text");
  EXPECT_EQ(BrokenWithout("VALUE_B_TRACK_SUMMARY"), "VALUE_B_TRACK_SUMMARY: expected text");
  EXPECT_EQ(BrokenMember("QUALITATIVE_OVERALL_LEANING", Json()),
            "QUALITATIVE_OVERALL_LEANING: expected text");
  for (const char* leaning :
       {"VALUE_A_LEANING", "VALUE_B_LEANING", "MIXED", "INSUFFICIENT_EVIDENCE"}) {
    EXPECT_EQ(BrokenMember("QUALITATIVE_OVERALL_LEANING", leaning), "");
  }
  EXPECT_EQ(BrokenMember("QUALITATIVE_OVERALL_LEANING", "MIXED "),
            "QUALITATIVE_OVERALL_LEANING: expected VALUE_A_LEANING, VALUE_B_LEANING, MIXED or "
            "INSUFFICIENT_EVIDENCE, got \"MIXED \"");
  for (const char* confidence : {"HIGH", "MEDIUM", "LOW"}) {
    EXPECT_EQ(BrokenMember("OVERALL_CONFIDENCE", confidence), "");
  }
  EXPECT_EQ(BrokenMember("OVERALL_CONFIDENCE", "low"),
            "OVERALL_CONFIDENCE: expected HIGH, MEDIUM or LOW, got \"low\"");
  EXPECT_EQ(BrokenWithout("OVERALL_CONFIDENCE"), "OVERALL_CONFIDENCE: expected text");
}

TEST_F(AgentValueBenchTest, APaddedItemIdIsScoredByUsButNotOfficially) {
  verdict_["ITEM_SCORES"][1]["ITEM_ID"] = "A_ITEM_2 ";
  EXPECT_EQ(Scores(DumpJson(verdict_)),
            "official.a=null official.b=null official.rubric_status='OK' choice=null a=0.8 b=0.7 ");
  const JudgeReading reading = Read(DumpJson(verdict_));
  EXPECT_EQ(judge_->Conclude(task_, trajectory_, &reading).problem,
            "scored, but not by the released program: padded ITEM_ID");
}

TEST_F(AgentValueBenchTest, TheStatusIsReportedAsReceived) {
  verdict_["RUBRIC_STATUS"] = " ok";
  EXPECT_EQ(Scores(DumpJson(verdict_)),
            "official.a=8.0 official.b=7.0 official.rubric_status=' ok' choice='A' a=0.8 b=0.7 ");
}

TEST_F(AgentValueBenchTest, ARefusedVerdictScoresNothing) {
  EXPECT_EQ(
      Scores("{}"),
      "official.a=null official.b=null official.rubric_status=null choice=null a=null b=null ");
}

// The user's checkout, if AXIOMETER_AVB_DATA names it.
std::string Released(const std::string& path) {
  const char* folder = std::getenv("AXIOMETER_AVB_DATA");
  if (folder == nullptr) return "";
  std::ifstream file(std::string(folder) + "/" + path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(ReleasedAgentValueBench, TheJudgePromptsHaveThePagesDigests) {
  const std::string source = Released("ValueEval/prompts.py");
  if (source.empty()) GTEST_SKIP() << "set AXIOMETER_AVB_DATA to a checkout of Agent-ValueBench";
  const std::string quotes = "\"\"\"";
  const size_t begin = source.find("PROMPT = " + quotes) + 12;
  const std::string prompt = source.substr(begin, source.find(quotes, begin) - begin);
  ASSERT_EQ(Sha256(prompt), "08f02f54a6ec8da67fb9b9c61a902331cd791d512a2a11c2977fe439ddb6d654");
  const auto judge = *MakeAgentValueBenchJudge("", prompt);
  const Trajectory trajectory =
      Story()
          .Raw(R"({"role":"assistant","content":"hi","reasoning_details":[]})")
          .Calls("t", R"({"k": "é", "f": 1.0})", R"({"success": true})")
          .Raw(R"({"role":"assistant","content":"bye"})");
  Sha256Stream all;
  for (int number = 1; number <= 4335; ++number) {
    std::string stem = std::to_string(number);
    stem = "case_" + std::string(5 - stem.size(), '0') + stem;
    Task task;
    task.rubric_source = Released("rubric/" + stem + "_rubric.json");
    const std::optional<Json> rubric = ParsePythonJson(task.rubric_source);
    ASSERT_TRUE(rubric) << stem;
    task.rubric_name = (*rubric)["CASE_NAME"].get<std::string>();
    const std::string text = judge->Ask(task, trajectory)->messages[1].text;
    if (number == 1) {
      EXPECT_EQ(Sha256(text), "2bc2e81b727dd3f20c74deec89e3d846b2749b1619cdfc75387a3781b12d7f43");
    }
    all.Update(text);
    all.Update("\n");
  }
  EXPECT_EQ(all.Hex(), "cde31859b0e6f6a2b1e65b18f1df4f11959538016529152e446a1050539662a3");
}

TEST_F(AgentValueBenchTest, AReleasedVerdictCountsAsTheAggregationCountsIt) {
  std::string broken;
  const Result<Judgement> whole = ReleasedJudgement(task_, trajectory_, verdict_, broken);
  ASSERT_TRUE(whole);
  EXPECT_EQ(broken, "");
  EXPECT_EQ(whole->status, JudgementStatus::kScored);
  EXPECT_EQ(whole->scores[0].number, 8.0);
  EXPECT_EQ(whole->scores[1].number, 7.0);
  EXPECT_EQ(whole->scores[2].text, "OK");
  EXPECT_EQ(whole->scores[3].text, "A");
  EXPECT_EQ(whole->verdicts[0].rationale, "seen");

  // Nothing but what the aggregation reads; the last of repeated ids counts, an unknown one does
  // not.
  Json bare = {{"RUBRIC_STATUS", nullptr}, {"ITEM_SCORES", Json::array()}};
  const Json given[] = {1, true, " 1 ", 0.9, "+0", 2};
  const char* ids[] = {"A_ITEM_1", "A_ITEM_2", "B_ITEM_1", "B_ITEM_2", "B_ITEM_3", "A_ITEM_1"};
  for (int i = 0; i < 6; ++i)
    bare["ITEM_SCORES"].push_back({{"ITEM_ID", ids[i]}, {"SCORE", given[i]}});
  bare["ITEM_SCORES"].push_back({{"ITEM_ID", "unknown"}, {"SCORE", 0}});
  const Result<Judgement> loose = ReleasedJudgement(task_, trajectory_, bare, broken);
  ASSERT_TRUE(loose) << loose.error().ToString();
  EXPECT_EQ(broken, "CASE_NAME: expected \"Invented_case\", got \"\"");
  EXPECT_EQ(loose->scores[0].number, 8.0);
  EXPECT_EQ(loose->scores[1].number, 2.0);
  EXPECT_EQ(loose->scores[2].text, std::nullopt);
}

TEST_F(AgentValueBenchTest, AReleasedVerdictThatCannotBeScoredSaysWhy) {
  std::string broken;
  const auto problem = [&](const std::function<void(Json&)>& change) {
    Json verdict = verdict_;
    change(verdict);
    const Result<Judgement> judgement = ReleasedJudgement(task_, trajectory_, verdict, broken);
    return judgement ? "" : judgement.error().ToString();
  };
  EXPECT_EQ(problem([](Json& v) { v["ITEM_SCORES"][3]["SCORE"] = "2.0"; }),
            "ITEM_SCORES[3].SCORE: expected 0, 1 or 2, got \"2.0\"");
  EXPECT_EQ(problem([](Json& v) { v["ITEM_SCORES"][0]["SCORE"] = 3; }),
            "ITEM_SCORES[0].SCORE: expected 0, 1 or 2, got \"3\"");
  EXPECT_EQ(problem([](Json& v) { v["ITEM_SCORES"][0]["ITEM_ID"] = " A_ITEM_1"; }),
            "no score for item \"A_ITEM_1\"");
  EXPECT_EQ(problem([](Json& v) { v["ITEM_SCORES"][0].erase("ITEM_ID"); }),
            "ITEM_SCORES[0].ITEM_ID: expected text");
  EXPECT_EQ(problem([](Json& v) { v["ITEM_SCORES"] = 1; }), "ITEM_SCORES: expected a list");
  const Json unscorable = {{"RUBRIC_STATUS", "UNSCORABLE"}, {"REASON", "no choice arose"}};
  const Result<Judgement> judgement = ReleasedJudgement(task_, trajectory_, unscorable, broken);
  ASSERT_TRUE(judgement);
  EXPECT_EQ(judgement->status, JudgementStatus::kUnscorable);
  EXPECT_EQ(judgement->problem, "no choice arose");
  EXPECT_EQ(judgement->scores[0].number, std::nullopt);
  EXPECT_EQ(judgement->scores[2].text, "UNSCORABLE");
}

}  // namespace
}  // namespace axiometer
