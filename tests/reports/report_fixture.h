#pragma once

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

#include "harness/base/json.h"
#include "harness/store/store.h"
#include "reports/data.h"
#include "reports/task_record.h"

// Runs made up for reports: rows as the store gives them, from a seed.
namespace axiometer::fixture {

// How often `part` is in `text`, without overlapping.
inline size_t Count(const std::string& text, const std::string& part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) ++count;
  return count;
}

struct MadeRun {
  RunSummary summary;
  std::vector<TaskRow> tasks;
  std::vector<SampleRow> samples;
};

inline RunData Collect(const MadeRun& made) {
  RunCollector collector(made.summary, [&made](const TaskFacts& wanted) -> Result<valuebench::Case> {
    const auto task = std::find_if(made.tasks.begin(), made.tasks.end(),
                                   [&](const TaskRow& row) { return row.digest == wanted.digest; });
    Result<TaskRecordFacts> read = ReadTaskRecord(*task);
    if (!read) return read.error();
    return std::move(read->unscored);
  });
  for (const TaskRow& task : made.tasks) {
    Result<TaskFacts> facts = ReadTaskFacts(task);
    if (!facts) throw std::runtime_error(facts.error().ToString());
    collector.AddTask(std::move(*facts));
  }
  for (SampleRow sample : made.samples) {
    sample.text_bytes = static_cast<int64_t>(sample.final_text.size());
    const Result<void> added = collector.AddSample(sample);
    if (!added) throw std::runtime_error(added.error().ToString());
  }
  return collector.Take();
}

// A task of two items a pole, weights 3 and 2.
inline TaskRow TaskOf(const std::string& id, const std::string& title, const std::string& system,
                      const std::string& a, const std::string& b, const std::string& environment) {
  Json rubric = Json::array();
  for (const char* item : {"a1", "a2", "b1", "b2"}) {
    rubric.push_back({{"id", item},
                      {"pole", std::string(1, item[0])},
                      {"weight", item[1] == '1' ? 3 : 2},
                      {"question", std::string("Question ") + item + "?"},
                      {"anchors", {"no", "partly", "yes"}},
                      {"source", std::string(item) + "-cp"}});
  }
  const Json record = {{"id", id},
                       {"kind", "agent"},
                       {"title", title},
                       {"value_system", system},
                       {"pole_a", a},
                       {"pole_b", b},
                       {"environment", environment},
                       {"tags", Json::object()},
                       {"rubric", rubric},
                       {"rubric_status", "OK"},
                       {"rubric_name", title}};
  return {"digest of " + id, id, DumpJson(record)};
}

// Scored: item scores in rubric order a1, a2, b1, b2 (0 to 2 each).
inline SampleRow::Judged JudgedWith(const std::string& judge, const std::vector<int>& scores) {
  SampleRow::Judged judged;
  judged.judge = judge;
  judged.judgement.status = JudgementStatus::kScored;
  judged.judgement.requests = 1;
  const char* ids[] = {"a1", "a2", "b1", "b2"};
  Json raw = {{"RUBRIC_STATUS", "OK"}, {"ITEM_SCORES", Json::array()}};
  double share[2] = {0, 0};
  for (int i = 0; i < 4; ++i) {
    Verdict verdict;
    verdict.item = ids[i];
    verdict.pole = ids[i][0];
    verdict.weight = i % 2 == 0 ? 3 : 2;
    verdict.score = scores[i];
    verdict.mechanical = i % 2 == 0 && judge == "checks";
    share[i / 2] += verdict.weight * scores[i] / 10;
    judged.judgement.verdicts.push_back(verdict);
    ++judged.scored_items;
    judged.mechanical_items += verdict.mechanical;
    raw["ITEM_SCORES"].push_back({{"ITEM_ID", ids[i]}, {"SCORE", std::to_string(scores[i])}});
  }
  judged.judgement.scores = {{"a", share[0], {}}, {"b", share[1], {}}};
  judged.judgement.raw = DumpJson(raw);
  return judged;
}

inline SampleRow::Judged Unjudged(const std::string& judge, JudgementStatus status,
                                  const std::string& problem) {
  SampleRow::Judged judged;
  judged.judge = judge;
  judged.judgement.status = status;
  judged.judgement.problem = problem;
  return judged;
}

inline SampleRow SampleOf(const TaskRow& task, int epoch, Outcome outcome,
                          const std::string& final_text = "") {
  SampleRow sample;
  sample.sample = MakeId({task.id, std::to_string(epoch)});
  sample.attempt = sample.sample;
  sample.task = task.id;
  sample.task_digest = task.digest;
  sample.epoch = epoch;
  sample.outcome = outcome;
  sample.final_text = final_text;
  sample.steps = 4;
  sample.attempts = 1;
  sample.usage.input_tokens = 3000;
  sample.usage.output_tokens = 400;
  return sample;
}

inline RunSummary SummaryOf(const std::string& suite, const std::string& protocol, int epochs,
                            int64_t wanted) {
  RunSummary summary;
  summary.run.id =
      "01JDKQ8Z4T" + std::string(suite == "crossroads" ? "CROSSROADS000001" : "VALVEBENCH000002");
  summary.run.created_ms = 1'764'000'000'000;
  summary.run.suite = suite;
  summary.run.protocol = protocol;
  summary.run.model = "openai/harbour-7b";
  summary.run.scaffold = "react_tools";
  summary.run.config =
      DumpJson({{"suite", suite}, {"epochs", epochs}, {"scaffold", "react_tools"}});
  summary.run.identity = "5f1d0c9a7b";
  summary.run.command = "axiometer eval " + suite + " --model openai/harbour-7b";
  summary.run.wanted = wanted;
  summary.state = "done";
  summary.sessions = 2;
  summary.elapsed_ms = 754'000;
  summary.calls = 331;
  summary.cached_calls = 12;
  summary.subject_usage.input_tokens = 1'204'331;
  summary.subject_usage.output_tokens = 88'120;
  summary.subject_usage.cost_usd = 1.84;
  summary.judge_usage.input_tokens = 402'118;
  summary.judge_usage.output_tokens = 31'870;
  return summary;
}

// 20 tasks of ten values in 5 environments, 2 epochs, two judges, some failures of each kind.
inline MadeRun Crossroads(uint64_t seed = 1) {
  const char* values[] = {"achievement", "benevolence", "conformity",     "hedonism",
                          "power",       "security",    "self-direction", "stimulation",
                          "tradition",   "universalism"};
  const char* environments[] = {"office-ledger", "clinic-desk", "harbour-watch", "town-archive",
                                "kitchen-line"};
  const double strength[] = {0.1, 0.9, 0.6, -0.9, -0.7, 0.7, 0.2, -0.5, 0.0, 0.8};
  MadeRun made;
  made.summary = SummaryOf("crossroads", "axiometer", 2, 40);
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal(0, 0.6);
  const auto item = [&](double leaning) {
    const double x = leaning + normal(random);
    return x < -0.3 ? 0 : x < 0.4 ? 1 : 2;
  };
  for (int t = 0; t < 20; ++t) {
    const int a = t % 10;
    const int b = (a + 1 + t / 10 * 3 + t % 3) % 10;
    const char* place = environments[(t + t / 5) % 5];
    const std::string stem =
        std::string(place) + "-" + (t / 5 + 1 < 10 ? "0" : "") + std::to_string(t / 5 + 1);
    made.tasks.push_back(TaskOf(
        "crossroads/" + stem, "The " + std::string(place) + " matter " + std::to_string(t / 5 + 1),
        "schwartz", values[a], values[b], place));
    for (int epoch = 1; epoch <= 2; ++epoch) {
      const int turn = 2 * t + epoch;
      Outcome outcome = turn == 7        ? Outcome::kRefused
                        : turn == 18     ? Outcome::kModelError
                        : turn == 31     ? Outcome::kEmptyReply
                        : turn % 11 == 0 ? Outcome::kStepLimit
                                         : Outcome::kFinished;
      SampleRow sample = SampleOf(made.tasks.back(), epoch, outcome);
      if (outcome == Outcome::kModelError) sample.detail = "HTTP 500 after 6 retries";
      if (outcome == Outcome::kRefused) sample.detail = "the provider's content filter";
      if (IsJudged(outcome)) {
        sample.final_text =
            "I read the policy first, then corrected the entry and told the two people "
            "concerned. " +
            std::string(turn % 4 == 0 ? "The rest of the matter is for the supervisor to decide, "
                                        "and I left a note saying so."
                                      : "Nothing else was changed.");
        const std::vector<int> scores{item(strength[a]), item(strength[a]), item(strength[b]),
                                      item(strength[b])};
        sample.judgements.push_back(turn == 13 ? Unjudged("openai/judge-large",
                                                          JudgementStatus::kUnreadable,
                                                          "event 41 does not exist")
                                               : JudgedWith("openai/judge-large", scores));
      }
      made.samples.push_back(sample);
    }
  }
  std::sort(made.tasks.begin(), made.tasks.end(),
            [](const TaskRow& x, const TaskRow& y) { return x.id < y.id; });
  std::stable_sort(made.samples.begin(), made.samples.end(),
                   [](const SampleRow& x, const SampleRow& y) { return x.task < y.task; });
  return made;
}

// Every pair of `values` values once in each of `systems` systems.
inline MadeRun ValueBench(int systems = 3, int values = 8, uint64_t seed = 2) {
  MadeRun made;
  made.summary = SummaryOf("agent-valuebench", "agent-valuebench", 1, 0);
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal(0, 0.8);
  int number = 0;
  for (int s = 0; s < systems; ++s) {
    for (int a = 0; a < values; ++a) {
      for (int b = a + 1; b < values; ++b) {
        char stem[32];
        std::snprintf(stem, sizeof stem, "case_%05d", ++number);
        made.tasks.push_back(TaskOf(
            std::string("agent-valuebench/") + stem, "Case " + std::to_string(number),
            "system" + std::to_string(s + 1), "Value " + std::string(1, static_cast<char>('A' + a)),
            "Value " + std::string(1, static_cast<char>('A' + b)),
            "Env" + std::to_string(number % 23)));
        const Outcome outcome = number % 17 == 0   ? Outcome::kStepLimit
                                : number % 29 == 0 ? Outcome::kModelTimeout
                                                   : Outcome::kFinished;
        SampleRow sample =
            SampleOf(made.tasks.back(), 1, outcome, IsJudged(outcome) ? "Done as asked." : "");
        const auto item = [&](int value) {
          const double x = 0.9 - 0.22 * value + normal(random);
          return x < -0.3 ? 0 : x < 0.5 ? 1 : 2;
        };
        if (IsJudged(outcome)) {
          sample.judgements.push_back(
              JudgedWith("openai/judge-large", {item(a), item(a), item(b), item(b)}));
        }
        made.samples.push_back(sample);
      }
    }
  }
  made.summary.run.wanted = number;
  return made;
}

// What a hostile model might write.
inline const char* kHostile =
    "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>\x1b[2J\x1b]0;gone\x07 "
    "\xff\xfe\xe2\x80\xaegnp.exe\n=HYPERLINK(\"x\")|`*_[a](b)";

}  // namespace axiometer::fixture
