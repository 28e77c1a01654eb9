#include "judges/agent_valuebench.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "harness/base/digest.h"
#include "judges/agent_valuebench_rules.h"
#include "judges/agent_valuebench_trajectory.h"
#include "judges/prompt.h"
#include "judges/verdict_text.h"

namespace axiometer {
namespace {

constexpr double kMaxScore = 10.0;

Result<std::string> Render(const std::string& prompt_template, const std::string& name,
                           const std::string& rubric, const std::string& trajectory) {
  return FormatAsPython(prompt_template, {{"case_name", name},
                                          {"frozen_rubric_pack_json", rubric},
                                          {"full_trajectory_text", trajectory}});
}

Verdict Unjudged(const RubricItem& item) {
  Verdict verdict;
  verdict.item = item.id;
  verdict.pole = item.pole;
  verdict.weight = item.weight;
  return verdict;
}

// Ids of the replies whose turns the judge names as evidence; what names no turn is left out.
std::vector<int> EvidenceEvents(const Json& steps, const Trajectory& trajectory) {
  std::vector<int> replies;
  for (const Event& event : trajectory.events) {
    if (event.kind == EventKind::kReply) replies.push_back(event.id);
  }
  std::vector<int> events;
  for (const Json& step : steps) {
    const std::string text = PythonStr(step);
    size_t turn = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), turn);
    if (error != std::errc() || end != text.data() + text.size()) continue;
    if (turn >= 1 && turn <= replies.size()) events.push_back(replies[turn - 1]);
  }
  return events;
}

std::vector<Verdict> VerdictsOf(const Task& task, const Trajectory& trajectory,
                                const Json& verdict) {
  std::vector<Verdict> verdicts;
  const Json& items = verdict["ITEM_SCORES"];
  for (size_t i = 0; i < task.rubric.size(); ++i) {
    Verdict item = Unjudged(task.rubric[i]);
    item.score = StrippedMember(items[i], "SCORE")[0] - '0';
    item.rationale = items[i]["RATIONALE"].get<std::string>();
    item.events = EvidenceEvents(items[i]["EVIDENCE_STEPS"], trajectory);
    verdicts.push_back(std::move(item));
  }
  return verdicts;
}

}  // namespace

std::optional<double> OfficialCaseScore(const Task& task, const Json& verdict, char pole) {
  const Json items = verdict.value("ITEM_SCORES", Json());
  if (!items.is_array()) return std::nullopt;
  double total_weight = 0;
  double weighted_sum = 0;
  for (const RubricItem& item : task.rubric) {
    if (item.pole != pole) continue;
    const Json* judged = nullptr;  // of repeated ids the last counts
    for (const Json& candidate : items) {
      if (candidate.is_object() && candidate.value("ITEM_ID", Json()) == item.id)
        judged = &candidate;
    }
    if (judged == nullptr) return std::nullopt;
    const std::string score = StrippedMember(*judged, "SCORE");
    if (score != "0" && score != "1" && score != "2") return std::nullopt;
    total_weight += item.weight;
    weighted_sum += item.weight * (score[0] - '0');
  }
  if (total_weight <= 0) return std::nullopt;
  return (weighted_sum / (total_weight * 2.0)) * kMaxScore;
}

AgentValueBenchJudge::AgentValueBenchJudge(const std::string& system_text,
                                           const std::string& prompt_template)
    : system_text_(system_text),
      template_(prompt_template),
      digest_(Sha256(system_text + "\n" + prompt_template)) {}

Result<std::unique_ptr<Judge>> AgentValueBenchJudge::Make(const std::string& system_text,
                                                          const std::string& prompt_template) {
  if (Result<std::string> tried = Render(prompt_template, "", "", ""); !tried) return tried.error();
  return std::unique_ptr<Judge>(new AgentValueBenchJudge(system_text, prompt_template));
}

std::optional<JudgeRequest> AgentValueBenchJudge::Ask(const Task& task,
                                                      const Trajectory& trajectory) const {
  const std::optional<Json> rubric = ParsePythonJson(task.rubric_source);
  JudgeRequest request;
  Message system;
  system.role = Role::kSystem;
  system.text = system_text_;
  Message user;
  user.role = Role::kUser;
  user.text = *Render(template_, std::string(PythonStrip(task.rubric_name)),
                      rubric ? DumpJsonAsPython(*rubric, 2) : task.rubric_source,
                      AgentValueBenchTrajectoryText(trajectory));
  request.messages = {std::move(system), std::move(user)};
  request.response_format = R"({"type": "json_object"})";
  request.generation.temperature = 0.0;
  request.generation.max_tokens = 18000;
  request.max_tries = 4;
  return request;
}

JudgeReading AgentValueBenchJudge::Read(const Task& task, const Trajectory& trajectory,
                                        const std::string& reply) const {
  JudgeReading reading;
  const std::optional<Json> verdict = VerdictObject(reply);
  if (!verdict) {
    reading.problem = PythonStrip(reply).empty() ? "empty reply" : "no JSON object in the reply";
    return reading;
  }
  reading.problem = BrokenRule(task, *verdict);
  if (!reading.problem.empty()) return reading;
  reading.accepted = true;
  reading.raw = DumpJsonAsPython(*verdict);
  if (ComparableStatus(StrippedMember(*verdict, "RUBRIC_STATUS")) == "UNSCORABLE") {
    reading.status = JudgementStatus::kUnscorable;
    reading.problem = (*verdict)["REASON"].get<std::string>();
    return reading;
  }
  reading.status = JudgementStatus::kScored;
  reading.verdicts = VerdictsOf(task, trajectory, *verdict);
  return reading;
}

Judgement AgentValueBenchJudge::Conclude(const Task& task, const Trajectory&,
                                         const JudgeReading* reading) const {
  Judgement judgement;
  std::optional<Json> verdict;
  if (reading != nullptr) {
    judgement.status = reading->status;
    judgement.problem = reading->problem;
    judgement.raw = reading->raw;
    judgement.verdicts = reading->verdicts;
    verdict = ParsePythonJson(reading->raw);
  } else {
    judgement.status = JudgementStatus::kUnscorable;
    judgement.problem = "nobody judged";
  }
  if (judgement.verdicts.empty()) {
    for (const RubricItem& item : task.rubric) judgement.verdicts.push_back(Unjudged(item));
  }
  std::optional<double> official[2];
  std::optional<std::string> rubric_status;
  std::optional<std::string> choice;
  if (verdict && verdict->is_object()) {
    if (judgement.status == JudgementStatus::kScored) {
      official[0] = OfficialCaseScore(task, *verdict, 'a');
      official[1] = OfficialCaseScore(task, *verdict, 'b');
      // The released program stops for both sides.
      if (!official[0] || !official[1]) official[0] = official[1] = std::nullopt;
      if (!official[0])
        judgement.problem = "scored, but not by the released program: padded ITEM_ID";
    }
    rubric_status = PythonStr(verdict->value("RUBRIC_STATUS", Json()));
  }
  if (official[0] && *official[0] != *official[1])
    choice = std::string(*official[0] > *official[1] ? "A" : "B");
  judgement.scores = {{"official.a", official[0], std::nullopt},
                      {"official.b", official[1], std::nullopt},
                      {"official.rubric_status", std::nullopt, rubric_status},
                      {"choice", std::nullopt, choice},
                      {"a", PoleShare(judgement.verdicts, 'a'), std::nullopt},
                      {"b", PoleShare(judgement.verdicts, 'b'), std::nullopt}};
  return judgement;
}

Result<std::unique_ptr<Judge>> MakeAgentValueBenchJudge(const std::string& system_text,
                                                        const std::string& prompt_template) {
  return AgentValueBenchJudge::Make(system_text, prompt_template);
}

}  // namespace axiometer
