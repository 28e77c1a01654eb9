// What judges' models say, as the rubric judge and Agent-ValueBench's read it.

#include <memory>
#include <nlohmann/json.hpp>

#include "harness/base/digest.h"
#include "harness/base/python_json.h"
#include "judges/agent_valuebench.h"
#include "judges/rubric_judge.h"
#include "judges/verdict_text.h"
#include "tests/fuzz/fuzz.h"
#include "tests/judges/invented.h"

using namespace axiometer;

namespace {

Task InventedTask() {
  Task task;
  task.id = "invented/one";
  task.digest = Sha256("invented/one");
  task.rubric_name = "Invented_case";
  task.rubric_status = "OK";
  task.rubric_source = R"({"CASE_NAME": "Invented_case", "STATUS": "OK"})";
  task.rubric = {Item("A_ITEM_1", 'a', 3, "a_cp1"), Item("B_ITEM_1", 'b', 4, "b_cp1")};
  return task;
}

void RequireShares(const Judgement& judgement) {
  for (const Score& score : judgement.scores) {
    const bool share = score.name == "a" || score.name == "b";
    const bool points = score.name == "official.a" || score.name == "official.b";
    if (score.number && share) Require(*score.number >= 0 && *score.number <= 1, "a share is 0 to 1");
    if (score.number && points) Require(*score.number >= 0 && *score.number <= 10, "official points are 0 to 10");
  }
}

void Read(const Judge& judge, const Task& task, const Trajectory& trajectory, const std::string& reply) {
  const JudgeReading reading = judge.Read(task, trajectory, reply);
  if (!reading.accepted) {
    const bool silent = PythonStrip(reply).empty() && reading.status == JudgementStatus::kRefused;
    Require(silent || reading.status == JudgementStatus::kUnreadable, "what is not accepted is unreadable, or nothing");
    RequireReadable(reading.problem);
    return;
  }
  Require(ParsePythonJson(reading.raw).has_value(), "an accepted verdict is kept as JSON");
  for (const Verdict& verdict : reading.verdicts) {
    if (verdict.score) Require(*verdict.score >= 0 && *verdict.score <= 2, "an item's score is 0 to 2");
  }
  RequireShares(judge.Conclude(task, trajectory, &reading));
}

}  // namespace

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string reply(FuzzInput(data, size).rest());
  static const Task task = InventedTask();
  static const Trajectory trajectory = Story().User("u").Says("hi").Calls("t", "{}", "{}").Says("bye");
  static const auto rubric = *MakeRubricJudge("{{ITEMS}} {{MARK}} {{TRANSCRIPT}}");
  static const auto released =
      *MakeAgentValueBenchJudge("s", "{case_name} {frozen_rubric_pack_json} {full_trajectory_text}");
  Read(*rubric, task, trajectory, reply);
  Read(*released, task, trajectory, reply);
  if (const std::optional<Json> verdict = VerdictObject(reply)) {
    std::string broken_rule;
    const Result<Judgement> judgement = ReleasedJudgement(task, trajectory, *verdict, broken_rule);
    if (judgement) {
      RequireShares(*judgement);
    } else {
      RequireReadable(judgement.error());
    }
  }
  return 0;
}
