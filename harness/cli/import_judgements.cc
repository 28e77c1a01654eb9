#include "harness/cli/import_judgements.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "harness/base/file.h"
#include "harness/base/json.h"
#include "harness/base/nearest.h"
#include "harness/base/utf8.h"
#include "harness/cli/say.h"
#include "harness/io/clock.h"
#include "harness/io/loop.h"
#include "harness/record/people.h"
#include "harness/store/store.h"
#include "judges/people_scores.h"

namespace axiometer {
namespace {

constexpr size_t kMaxFileBytes = 256u << 20;

using SampleKey = std::pair<std::string, int>;  // task, epoch

// One sample of the file, and what the run has of it.
struct JudgedSample {
  std::map<std::string, std::map<std::string, int>> given;  // by rater and item
  size_t first_line = 0;
  bool stored = false;
  Outcome outcome = Outcome::kInterrupted;
  int64_t sample = 0;
  int64_t attempt = 0;
  std::map<std::string, SampleRow::Judged> known;  // by judge, of people
};

// A task's items without scores, in rubric order.
Result<std::vector<Verdict>> RubricOf(const TaskRow& task) {
  const std::string where = "stored task " + Quoted(task.id);
  const Result<Json> record = ParseJson(task.record, where);
  if (!record) return record.error();
  try {
    std::vector<Verdict> rubric;
    for (const Json& item : record->value("rubric", Json::array())) {
      Verdict& verdict = rubric.emplace_back();
      verdict.item = item.at("id").get<std::string>();
      verdict.pole = item.value("pole", "a") == "b" ? 'b' : 'a';
      verdict.weight = item.value("weight", 1.0);
    }
    return rubric;
  } catch (const Json::exception& error) {
    return BadInput(where, error.what());
  }
}

using Rubrics = std::map<std::string, std::vector<Verdict>>;  // by task

// Every score's task and item are the run's.
Result<Rubrics> CheckItems(StoreReader& store, const std::string& run, const std::string& where,
                           const std::vector<PersonScore>& scores) {
  const Result<std::vector<TaskRow>> tasks = store.Tasks(run);
  if (!tasks) return tasks.error();
  std::vector<std::string> ids;
  std::map<std::string, const TaskRow*> by_id;
  for (const TaskRow& task : *tasks) {
    ids.push_back(task.id);
    by_id[task.id] = &task;
  }
  Rubrics rubrics;
  for (const PersonScore& score : scores) {
    const std::string place = where + ":" + std::to_string(score.line);
    const auto task = by_id.find(score.task);
    if (task == by_id.end()) {
      return BadInput(place, "run " + run + " has no task " + Quoted(score.task),
                      DidYouMean(score.task, ids));
    }
    auto rubric = rubrics.find(score.task);
    if (rubric == rubrics.end()) {
      Result<std::vector<Verdict>> read = RubricOf(*task->second);
      if (!read) return std::move(read).error();
      rubric = rubrics.emplace(score.task, std::move(*read)).first;
    }
    std::vector<std::string> items;
    for (const Verdict& item : rubric->second) items.push_back(item.item);
    if (std::find(items.begin(), items.end(), score.item) == items.end()) {
      const std::string hint = items.empty() ? "the task has no rubric" : "";
      return BadInput(place, "task " + Quoted(score.task) + " has no item " + Quoted(score.item),
                      DidYouMean(score.item, items, hint));
    }
  }
  return rubrics;
}

std::map<SampleKey, JudgedSample> BySample(const std::vector<PersonScore>& scores) {
  std::map<SampleKey, JudgedSample> samples;
  for (const PersonScore& score : scores) {
    JudgedSample& sample = samples[{score.task, score.epoch}];
    if (sample.given.empty()) sample.first_line = score.line;
    sample.given[score.rater][score.item] = score.score;
  }
  return samples;
}

// Fills in what the run has of each sample; all must have something to judge.
Result<void> FindSamples(StoreReader& store, const std::string& run, const std::string& where,
                         std::map<SampleKey, JudgedSample>& samples) {
  const Result<void> read = store.ForEachSample(run, [&](const SampleRow& row) {
    const auto found = samples.find({row.task, row.epoch});
    if (found == samples.end()) return true;
    JudgedSample& sample = found->second;
    sample.stored = true;
    sample.outcome = row.outcome;
    sample.sample = row.sample;
    sample.attempt = row.attempt;
    for (const SampleRow::Judged& judged : row.judgements) {
      if (IsByPeople(judged.protocol)) sample.known[judged.judge] = judged;
    }
    return true;
  });
  if (!read) return read;
  const std::pair<const SampleKey, JudgedSample>* wrong = nullptr;
  for (const auto& entry : samples) {
    const bool good = entry.second.stored && IsJudged(entry.second.outcome);
    const bool earlier = wrong == nullptr || entry.second.first_line < wrong->second.first_line;
    if (!good && earlier) wrong = &entry;
  }
  if (wrong == nullptr) return {};
  const auto& [key, sample] = *wrong;
  const std::string place = where + ":" + std::to_string(sample.first_line);
  const std::string name = Quoted(key.first) + ", epoch " + std::to_string(key.second);
  if (!sample.stored) {
    return BadInput(place, "run " + run + " has no ended sample " + name);
  }
  return BadInput(
      place, name + " ended with " + OutcomeName(sample.outcome) + ": there is nothing to judge");
}

std::map<std::string, int> ScoresOf(const Judgement& judgement) {
  std::map<std::string, int> scores;
  for (const Verdict& verdict : judgement.verdicts) {
    if (verdict.score) scores[verdict.item] = static_cast<int>(*verdict.score);
  }
  return scores;
}

// One row for each person and sample of which the store does not hold the same already. Scores that
// a person gave earlier stay, unless the file has another one of the same item.
std::vector<Row> NewJudgements(const std::map<SampleKey, JudgedSample>& samples,
                               const Rubrics& rubrics, const std::string& protocol,
                               int64_t now_ms) {
  std::vector<Row> rows;
  for (const auto& [key, sample] : samples) {
    for (const auto& [rater, given] : sample.given) {
      JudgementRow row;
      row.judge = "person/" + rater;
      std::map<std::string, int> scores = given;
      if (const auto known = sample.known.find(row.judge); known != sample.known.end()) {
        const std::map<std::string, int> before = ScoresOf(known->second.judgement);
        scores.insert(before.begin(), before.end());
        if (scores == before && known->second.protocol == protocol) continue;
      }
      row.id = MakeId({std::to_string(sample.attempt), row.judge, std::to_string(now_ms)});
      row.attempt = sample.attempt;
      row.sample = sample.sample;
      row.protocol = protocol;
      row.at_ms = now_ms;
      row.judgement = PersonsJudgement(rubrics.at(key.first), scores);
      rows.push_back(std::move(row));
    }
  }
  return rows;
}

void Announce(const std::string& run, const std::map<SampleKey, JudgedSample>& samples,
              size_t scores, size_t added, bool at_random, bool json) {
  std::set<std::string> people;
  for (const auto& [key, sample] : samples) {
    for (const auto& [rater, given] : sample.given) people.insert("person/" + rater);
  }
  const auto counted = [](size_t count, const std::string& one, const std::string& many) {
    return std::to_string(count) + " " + (count == 1 ? one : many);
  };
  if (added == 0) Say("run " + run + " holds these judgements already; nothing was added");
  if (added > 0) {
    Say("run " + run + ": " + counted(added, "judgement", "judgements") + " added, " +
        counted(scores, "score", "scores") + " of " + counted(samples.size(), "sample", "samples") +
        " by " + counted(people.size(), "person", "people"));
  }
  if (!json) return;
  const Json told = {{"schema", "axiometer.import/1"},
                     {"run", run},
                     {"known", added == 0},
                     {"judgements", added},
                     {"scores", scores},
                     {"samples", samples.size()},
                     {"judges", people},
                     {"random_sample", at_random}};
  std::printf("%s\n", DumpJson(told).c_str());
}

}  // namespace

Result<int> ImportJudgements(const ImportOptions& options) {
  const std::string where = ForTerminal(options.path);
  const Result<std::string> text = ReadFile(options.path, kMaxFileBytes);
  if (!text) return text.error();
  const Result<std::vector<PersonScore>> scores = ReadPeoplesScores(*text, where);
  if (!scores) return scores.error();
  std::map<SampleKey, JudgedSample> samples = BySample(*scores);
  const Result<std::unique_ptr<StoreReader>> reader = StoreReader::Open(options.db);
  if (!reader) return reader.error();
  const Result<RunSummary> summary = (*reader)->FindRun(options.run.value_or("latest"));
  if (!summary) return summary.error();
  const std::string& run = summary->run.id;
  const Result<Rubrics> rubrics = CheckItems(**reader, run, where, *scores);
  if (!rubrics) return rubrics.error();
  if (Result<void> found = FindSamples(**reader, run, where, samples); !found) return found.error();

  Loop loop;
  const std::unique_ptr<Clock> clock = MakeRealClock(loop);
  const char* protocol = options.random_sample ? kRandomPeopleProtocol : kPeopleProtocol;
  std::vector<Row> rows = NewJudgements(samples, *rubrics, protocol, clock->WallMs());
  const size_t added = rows.size();
  if (added > 0) {
    const Result<std::unique_ptr<StoreWriter>> writer = StoreWriter::Open(loop, options.db);
    if (!writer) return writer.error();
    // One transaction: all of it or nothing.
    const Result<void> stored = (*writer)->CommitNow(std::move(rows));
    if (!stored) return stored.error();
  }
  Announce(run, samples, scores->size(), added, options.random_sample, options.json);
  return 0;
}

}  // namespace axiometer
