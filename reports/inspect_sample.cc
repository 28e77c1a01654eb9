#include "reports/inspect_sample.h"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "harness/base/utc.h"
#include "harness/record/people.h"
#include "harness/record/probe.h"
#include "reports/inspect_messages.h"
#include "reports/plain_text.h"

namespace axiometer::inspect {
namespace {

constexpr size_t kSummaryBytes = 1024;

std::string Number(double number) {
  char text[32];
  std::snprintf(text, sizeof text, "%g", number);
  return text;
}

std::string Cite(int event) { return "[E" + std::to_string(event) + "]"; }

// One line of Markdown an item.
std::string Explanation(const Judgement& judgement, const TaskTexts& task) {
  std::string out = judgement.problem;
  for (const Verdict& verdict : judgement.verdicts) {
    if (!out.empty()) out += '\n';
    const std::string& pole = verdict.pole == 'a' ? task.facts.pole_a : task.facts.pole_b;
    out += "- **" + verdict.item + "** (" + (pole.empty() ? std::string(1, verdict.pole) : pole) + ", weight " +
           Number(verdict.weight) + "): ";
    out += verdict.score ? "**" + Number(*verdict.score) + "** of 2" : "no verdict";
    if (verdict.mechanical) out += ", by a check";
    if (const auto found = task.questions.find(verdict.item); found != task.questions.end() && !found->second.empty())
      out += ". " + found->second;
    if (!verdict.rationale.empty()) out += " " + verdict.rationale;
    for (const int event : verdict.events) out += " " + Cite(event);
  }
  return out;
}

// Why a judgement has no scores, in Inspect's words.
const char* ReasonOf(JudgementStatus status) {
  switch (status) {
    case JudgementStatus::kScored:
      break;
    case JudgementStatus::kUnreadable:
    case JudgementStatus::kRefused:
    case JudgementStatus::kModelError:
      return "grader_failed";
    case JudgementStatus::kUnscorable:
      return "scoring_failed";
  }
  return nullptr;
}

Json ValueOf(const std::vector<Score>& scores) {
  Json value = Json::object();
  for (const Score& score : scores) {
    value[score.name] = score.number ? Json(*score.number) : score.text ? Json(*score.text) : Json();
  }
  return value;
}

Json MetadataOf(const SampleRow::Judged& judged) {
  const Judgement& judgement = judged.judgement;
  Json items = Json::array();
  Json references = Json::array();
  for (const Verdict& verdict : judgement.verdicts) {
    Json item = {{"item", verdict.item}, {"pole", std::string(1, verdict.pole)}, {"weight", verdict.weight},
                 {"score", nullptr},     {"mechanical", verdict.mechanical},     {"events", verdict.events}};
    if (verdict.score) item["score"] = *verdict.score;
    items.push_back(std::move(item));
    for (const int event : verdict.events) {
      Json reference = {{"type", "message"}, {"cite", Cite(event)}, {"id", MessageId(event)}};
      if (std::find(references.begin(), references.end(), reference) == references.end())
        references.push_back(std::move(reference));
    }
  }
  Json metadata = {{"status", JudgementStatusName(judgement.status)},
                   {"protocol", judged.protocol},
                   {"prompt_digest", judged.prompt_digest},
                   {"requests", judgement.requests}};
  if (!judgement.problem.empty()) metadata["problem"] = judgement.problem;
  if (!items.empty()) metadata["items"] = std::move(items);
  // By which the viewer makes links of what is cited.
  if (!references.empty()) metadata["scanner_references"] = std::move(references);
  return metadata;
}

Json ScoreJson(const SampleRow& row, const SampleRow::Judged& judged, const TaskTexts& task) {
  Json value = ValueOf(judged.judgement.scores);
  if (value.empty() && !task.facts.pole_a.empty()) value = {{"a", nullptr}, {"b", nullptr}};
  Json score = {
      {"value", std::move(value)}, {"answer", row.final_text}, {"explanation", Explanation(judged.judgement, task)}};
  if (const char* reason = ReasonOf(judged.judgement.status)) score["reason"] = reason;
  score["metadata"] = MetadataOf(judged);
  return score;
}

Json ErrorOf(const SampleRow& row) {
  std::string message = OutcomeName(row.outcome);
  if (!row.detail.empty()) message += ": " + row.detail;
  return {{"message", message}, {"traceback", ""}, {"traceback_ansi", ""}};
}

// Absent for anything but an end by a limit.
std::optional<Json> LimitOf(const SampleRow& row, const Limits& limits) {
  const auto limit = [&](const char* type, double most) {
    const std::string detail = row.detail.empty() ? "" : ": " + row.detail;
    return Json{{"type", type}, {"limit", most}, {"reason", OutcomeName(row.outcome) + detail}};
  };
  switch (row.outcome) {
    case Outcome::kStepLimit:
      return limit("custom", limits.max_steps);
    case Outcome::kTokenLimit:
      return limit("token", static_cast<double>(limits.max_tokens));
    case Outcome::kTimeLimit:
      return limit("time", static_cast<double>(limits.time_ms) / 1000);
    case Outcome::kCostLimit:
      return limit("custom", limits.cost_usd);
    default:
      return std::nullopt;
  }
}

UsageByModel JudgeUsage(const SampleRow& row) {
  UsageByModel usage;
  for (const auto* judgements : {&row.judgements, &row.earlier}) {
    for (const SampleRow::Judged& judged : *judgements) {
      if (judged.judgement.usage.tokens() > 0) usage[judged.judge] += judged.judgement.usage;
    }
  }
  return usage;
}

Json SampleMetadata(const TaskTexts& task, const SampleRow& row) {
  Json metadata = {{"outcome", OutcomeName(row.outcome)}};
  if (!row.detail.empty()) metadata["detail"] = row.detail;
  const TaskFacts& facts = task.facts;
  for (const auto& [key, text] : {std::pair("title", &facts.title),
                                  {"kind", &facts.kind},
                                  {"value_system", &facts.value_system},
                                  {"pole_a", &facts.pole_a},
                                  {"pole_b", &facts.pole_b},
                                  {"environment", &facts.environment}}) {
    if (!text->empty()) metadata[key] = *text;
  }
  for (const auto& [key, text] : facts.tags) metadata["tags"][key] = text;
  metadata["attempts"] = row.attempts;
  metadata["steps"] = row.steps;
  metadata["task_digest"] = row.task_digest;
  return metadata;
}

// The user's last word before the first reply.
std::string InputText(const Json& input) {
  for (auto message = input.rbegin(); message != input.rend(); ++message) {
    if (message->at("role") == "user") return message->at("content").get<std::string>();
  }
  return "";
}

Json SummaryOf(const Json& sample) {
  Json summary = Json::object();
  for (const char* key : {"id", "epoch", "input", "choices", "target", "metadata", "scores", "model_usage",
                          "role_usage", "started_at", "completed_at", "total_time", "uuid"}) {
    if (sample.contains(key)) summary[key] = sample.at(key);
  }
  summary["input"] = Excerpt(InputText(sample.at("input")), kSummaryBytes);
  for (const auto& [judge, score] : summary["scores"].items()) {
    for (const char* key : {"answer", "explanation"}) {
      if (score.contains(key)) score[key] = Excerpt(score.at(key).get<std::string>(), kSummaryBytes);
    }
    score.erase("metadata");
  }
  if (sample.contains("error")) summary["error"] = sample.at("error").at("message");
  if (sample.contains("limit")) {
    summary["limit"] = sample.at("limit").at("type");
    summary["limit_reason"] = sample.at("limit").at("reason");
  }
  summary["completed"] = true;
  summary["message_count"] = sample.at("messages").size();
  return summary;
}

}  // namespace

Result<TaskTexts> ReadTaskTexts(const TaskRow& task) {
  Result<TaskRecordFacts> record = ReadTaskRecord(task);
  if (!record) return std::move(record).error();
  TaskTexts texts;
  for (const valuebench::Side* side : {&record->unscored.a, &record->unscored.b}) {
    for (const valuebench::ScoredItem& item : side->items) texts.questions[item.id] = item.question;
  }
  texts.facts = std::move(record->facts);
  const std::string where = "stored task \"" + task.id + "\"";
  const Result<Json> json = ParseJson(task.record, where);
  if (!json) return json.error();
  try {
    for (const Json& option : json->value("options", Json::array())) {
      const std::string text = option.value("text", "");
      texts.choices.push_back(text.empty() ? option.at("key").get<std::string>() : text);
    }
    for (const Json& entry : json->value("opening", Json::array())) {
      Message message;
      message.role = entry.at("role") == "system" ? Role::kSystem : Role::kUser;
      message.text = entry.at("text").get<std::string>();
      const std::string id = "opening-" + std::to_string(texts.opening.size() + 1);
      texts.opening.push_back(PromptMessage(message, id, true));
    }
  } catch (const Json::exception& error) {
    return BadInput(where, error.what());
  }
  return texts;
}

Json TimeJson(int64_t wall_ms) {
  if (wall_ms <= 0) return nullptr;
  char milliseconds[16];
  std::snprintf(milliseconds, sizeof milliseconds, ".%03d+00:00", static_cast<int>(wall_ms % 1000));
  return UtcTime(wall_ms, "%Y-%m-%dT%H:%M:%S") + milliseconds;
}

LoggedSample EntryOf(const RunRow& run, const RunSpec& spec, const TaskTexts& task, const SampleRow& row,
                    const Trajectory& trajectory, const std::vector<Score>& unjudged) {
  LoggedSample entry;
  entry.judges = JudgeUsage(row);
  Conversation story = ConversationOf(trajectory, run.model);
  if (story.messages.empty()) story.input = task.opening;
  Json& sample = entry.sample;
  sample = {{"id", row.task}, {"epoch", row.epoch}, {"input", std::move(story.input)}};
  if (!task.choices.empty()) sample["choices"] = task.choices;
  sample["target"] = task.facts.gold;
  sample["messages"] = std::move(story.messages);
  sample["output"] = std::move(story.output);
  Json scores = Json::object();
  if (!unjudged.empty() && !IsJudged(row.outcome)) scores[run.protocol] = {{"value", ValueOf(unjudged)}};
  for (const SampleRow::Judged& judged : row.judgements) {
    if (!ProbeOfProtocol(judged.protocol)) scores[judged.judge] = ScoreJson(row, judged, task);
  }
  sample["scores"] = std::move(scores);
  sample["metadata"] = SampleMetadata(task, row);
  if (const Result<Json> state = ParseJson(trajectory.final_state, "state"); state && state->is_object()) {
    sample["store"] = *state;
  }
  UsageByModel usage = entry.judges;
  usage[run.model] += row.usage;
  for (const auto& [model, used] : usage) sample["model_usage"][model] = UsageJson(used);
  Usage judges;
  for (const auto& [judge, used] : entry.judges) judges += used;
  if (!entry.judges.empty()) sample["role_usage"]["grader"] = UsageJson(judges);
  sample["started_at"] = TimeJson(row.started_ms);
  sample["completed_at"] = TimeJson(row.ended_ms);
  if (row.started_ms > 0 && row.ended_ms > 0)
    sample["total_time"] = static_cast<double>(row.ended_ms - row.started_ms) / 1000;
  sample["uuid"] = run.id + "-" + std::to_string(row.attempt);
  if (!IsJudged(row.outcome)) sample["error"] = ErrorOf(row);
  if (const std::optional<Json> limit = LimitOf(row, spec.limits)) sample["limit"] = *limit;
  entry.summary = SummaryOf(sample);
  return entry;
}

}  // namespace axiometer::inspect
