#include "reports/labels.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "harness/base/json.h"
#include "reports/task_scores.h"

namespace axiometer {
namespace {

constexpr const char* kNotJudged = "not_judged";

std::string Shortest(double number) {
  char digits[64];
  return std::string(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
}

std::optional<std::string> TextOf(const Score* score) {
  if (score == nullptr) return std::nullopt;
  if (score->text) return score->text;
  if (score->number) return Shortest(*score->number);
  return std::nullopt;
}

// Right answers of tasks as numbers, in the order of their names.
struct Golds {
  std::vector<std::string> names;
  std::vector<int> of;  // by task

  explicit Golds(const std::vector<TaskFacts>& tasks) {
    std::map<std::string_view, int> numbers;
    for (const TaskFacts& task : tasks) numbers.emplace(task.gold, 0);
    for (auto& [name, number] : numbers) {
      number = static_cast<int>(names.size());
      names.emplace_back(name);
    }
    for (const TaskFacts& task : tasks) of.push_back(numbers.at(task.gold));
  }

  std::vector<int64_t> Count(const std::vector<int>& tasks) const {
    std::vector<int64_t> counts(names.size(), 0);
    for (const int task : tasks) ++counts[of[task]];
    return counts;
  }
};

// The commonest of them, the first by name among equals.
int Majority(const std::vector<int64_t>& counts) {
  return static_cast<int>(std::max_element(counts.begin(), counts.end()) - counts.begin());
}

std::vector<Baseline> BaselinesOf(const RunData& run, const std::vector<int>& tasks, const LabelScheme& scheme,
                                  const Golds& golds, const std::vector<int64_t>& counts) {
  std::vector<Baseline> out;
  if (tasks.empty()) return out;
  const double total = static_cast<double>(tasks.size());
  double uniform = 0;
  bool options_known = true;
  for (const int task : tasks) {
    const TaskFacts& facts = run.tasks[task];
    const size_t options = facts.options.empty() ? scheme.labels.size() : facts.options.size();
    if (options == 0) options_known = false;
    if (options > 0) uniform += 1 / static_cast<double>(options);
  }
  if (options_known) out.push_back({"uniform", uniform / total});
  double frequency = 0;
  for (const int64_t count : counts) {
    const double share = static_cast<double>(count) / total;
    frequency += share * share;
  }
  out.push_back({"frequency", frequency});
  out.push_back({"majority", static_cast<double>(counts[Majority(counts)]) / total});
  for (const std::string& tag : scheme.majority_of) {
    std::map<std::string_view, std::map<int, int64_t>> within;
    for (const int task : tasks) ++within[run.tasks[task].tag(tag)][golds.of[task]];
    int64_t right = 0;
    for (const auto& [text, given] : within) {
      int64_t most = 0;
      for (const auto& [gold, count] : given) most = std::max(most, count);
      right += most;
    }
    out.push_back({"majority by " + tag, static_cast<double>(right) / total});
  }
  return out;
}

// The rows of a run, found by task.
struct RowsByTask {
  std::vector<LabelRow> rows;
  std::vector<std::vector<const LabelRow*>> of;  // by task
  std::vector<TaskPoints> points;                // by task
  std::vector<int> clusters;                     // by task
};

// By task; empty unless one of the schemes has baselines of its own.
using Guesses = std::vector<std::vector<Baseline>>;

// "baselines" of a task's facts.
std::vector<Baseline> GuessesOf(const TaskFacts& task) {
  std::vector<Baseline> out;
  const Result<Json> facts = ParseJson(task.facts.empty() ? "{}" : task.facts, "facts");
  if (!facts || !facts->is_object() || !facts->contains("baselines")) return out;
  for (const Json& pair : facts->at("baselines")) {
    if (!pair.is_array() || pair.size() != 2 || !pair[0].is_string() || !pair[1].is_number()) return {};
    out.push_back({pair[0].get<std::string>(), pair[1].get<double>()});
  }
  return out;
}

// Means over tasks; nothing if they do not agree on the names.
std::vector<Baseline> MeanGuesses(const Guesses& all, const std::vector<int>& tasks) {
  std::vector<Baseline> out;
  if (tasks.empty()) return out;
  out = all[tasks.front()];
  for (Baseline& baseline : out) baseline.accuracy = 0;
  for (const int task : tasks) {
    const std::vector<Baseline>& guesses = all[task];
    if (guesses.size() != out.size()) return {};
    for (size_t i = 0; i < out.size(); ++i) out[i].accuracy += guesses[i].accuracy;
  }
  for (Baseline& baseline : out) baseline.accuracy /= static_cast<double>(tasks.size());
  return out;
}

// What a row adds to its task's mean; absent: it is no part of it.
std::optional<double> PointsOf(const LabelRow& row, const LabelScheme& scheme) {
  if (row.prediction) return row.correct;
  if (scheme.missing_is_wrong && row.missing != kNotJudged) return 0;
  if (scheme.unreadable_is_wrong && row.is_wrong) return 0;
  return std::nullopt;
}

// Paired by row: whether the answer was right less whether the commonest one would have been. MeanInterval
// takes shares, so differences from -1 to 1 are halved and shifted, and the result is put back.
Estimate AboveMajority(const LabelScheme& scheme, const RowsByTask& rows, const Golds& golds, const Guesses& guesses,
                       const std::vector<int>& tasks, int majority) {
  std::vector<Observation> observed;
  for (const int task : tasks) {
    const TaskPoints& points = rows.points[task];
    if (points.scored == 0) continue;
    double other = golds.of[task] == majority ? 1 : 0;
    if (scheme.own_baselines) {
      if (guesses[task].empty()) return {};
      other = guesses[task].back().accuracy;
    }
    observed.push_back({(points.sum / points.scored - other + 1) / 2, rows.clusters[task], 0});
  }
  Estimate estimate = MeanInterval(observed);
  if (estimate.value) *estimate.value = 2 * *estimate.value - 1;
  if (estimate.interval) {
    estimate.interval->low = 2 * estimate.interval->low - 1;
    estimate.interval->high = 2 * estimate.interval->high - 1;
  }
  return estimate;
}

LabelSlice SliceOf(const RunData& run, const LabelScheme& scheme, const RowsByTask& rows, const Golds& golds,
                   const Guesses& guesses, const std::vector<int>& tasks) {
  LabelSlice out;
  std::vector<Observation> observed;
  std::vector<Observation> lowest;
  std::vector<Observation> highest;
  for (const int task : tasks) {
    for (const LabelRow* row : rows.of[task]) {
      out.answered += row->answered;
      out.read += row->prediction.has_value();
    }
    const auto& [sum, scored, wanted] = rows.points[task];
    out.scored += scored;
    out.wanted += wanted;
    const int cluster = rows.clusters[task];
    if (scored > 0) observed.push_back({sum / scored, cluster, 0});
    lowest.push_back({sum / wanted, cluster, 0});
    highest.push_back({(sum + wanted - scored) / wanted, cluster, 0});
  }
  const bool binary = run.epochs == 1 && !scheme.graded;
  out.accuracy = MeanInterval(observed, binary ? ScoreScale::kBinary : ScoreScale::kGraded);
  if (out.scored < out.wanted) out.bounds = WorstCase(lowest, highest);
  const std::vector<int64_t> counts = golds.Count(tasks);
  out.baselines =
      scheme.own_baselines ? MeanGuesses(guesses, tasks) : BaselinesOf(run, tasks, scheme, golds, counts);
  out.above_majority = AboveMajority(scheme, rows, golds, guesses, tasks, Majority(counts));
  return out;
}

LabelResult ResultOf(const RunData& run, int judge, const LabelScheme& scheme, const Golds& golds,
                     const Guesses& guesses) {
  LabelResult out;
  out.scheme = scheme;
  RowsByTask rows;
  rows.rows = ReadLabels(run, judge, scheme);
  rows.of.resize(run.tasks.size());
  for (const LabelRow& row : rows.rows) rows.of[row.task].push_back(&row);
  rows.points = PointsByTask(run, scheme, rows.rows);
  rows.clusters = ClustersByTag(run, scheme.cluster);
  std::vector<int> all;
  for (size_t i = 0; i < run.tasks.size(); ++i) {
    const TaskFacts& task = run.tasks[i];
    if (scheme.Takes(task)) all.push_back(static_cast<int>(i));
  }
  out.all = SliceOf(run, scheme, rows, golds, guesses, all);
  if (!scheme.task.empty()) out.all.group = {{"task", scheme.task}};
  for (const std::string& tag : scheme.slices) {
    std::map<std::string_view, std::vector<int>> tasks;
    for (const int task : all) tasks[run.tasks[task].tag(tag)].push_back(task);
    std::vector<LabelSlice> slices;
    for (const auto& [text, of] : tasks) {
      if (text.empty()) continue;
      slices.push_back(SliceOf(run, scheme, rows, golds, guesses, of));
      slices.back().group = out.all.group;
      slices.back().group.emplace_back(tag, std::string(text));
    }
    out.breakdowns.emplace_back(tag, std::move(slices));
  }
  for (const LabelRow& row : rows.rows) {
    if (!row.prediction) ++out.missing[row.missing];
    ++out.confusion[{run.tasks[row.task].gold, row.prediction.value_or("")}];
  }
  const auto ended = static_cast<int64_t>(rows.rows.size());
  if (out.all.wanted > ended) out.missing["not_run"] = out.all.wanted - ended;
  return out;
}

}  // namespace

bool LabelScheme::Takes(const TaskFacts& facts) const {
  return !facts.gold.empty() && facts.tag(left_out).empty() && (task.empty() || facts.tag("task") == task);
}

std::optional<double> LabelSlice::coverage() const {
  if (wanted == 0) return std::nullopt;
  return static_cast<double>(read) / static_cast<double>(wanted);
}

std::vector<LabelRow> ReadLabels(const RunData& run, int judge, const LabelScheme& scheme) {
  std::vector<LabelRow> rows;
  for (const SampleFacts& sample : run.samples) {
    const TaskFacts& task = run.tasks[sample.task];
    if (!scheme.Takes(task)) continue;
    LabelRow row;
    row.task = sample.task;
    row.epoch = sample.epoch;
    const JudgedFacts* judged = By(judge, sample);
    if (judged == nullptr) {
      row.missing = IsJudged(sample.outcome) ? kNotJudged : OutcomeName(sample.outcome);
      rows.push_back(std::move(row));
      continue;
    }
    row.answered = true;
    row.prediction = TextOf(judged->score(scheme.prediction));
    if (!row.prediction) {
      row.missing = TextOf(judged->score(scheme.kind)).value_or("");
      const Score* correct = judged->score(scheme.correct);
      row.is_wrong = correct != nullptr && correct->number == 0.0;
      if (row.missing.empty()) row.missing = std::string("judge_") + JudgementStatusName(judged->status);
    } else if (scheme.correct.empty()) {
      row.correct = *row.prediction == task.gold ? 1 : 0;
    } else {
      const Score* correct = judged->score(scheme.correct);
      row.correct = correct != nullptr && correct->number ? *correct->number : 0;
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<TaskPoints> PointsByTask(const RunData& run, const LabelScheme& scheme,
                                     const std::vector<LabelRow>& rows) {
  std::vector<TaskPoints> points(run.tasks.size());
  std::vector<int> ended(run.tasks.size(), 0);
  for (const LabelRow& row : rows) {
    ++ended[row.task];
    const std::optional<double> of_row = PointsOf(row, scheme);
    if (!of_row) continue;
    points[row.task].sum += *of_row;
    ++points[row.task].scored;
  }
  for (size_t i = 0; i < points.size(); ++i) {
    if (scheme.Takes(run.tasks[i])) points[i].wanted = std::max(run.epochs, ended[i]);
  }
  return points;
}

std::vector<int> ClustersByTag(const RunData& run, const std::string& tag) {
  std::map<std::string, int> number;
  std::vector<int> clusters;
  for (size_t i = 0; i < run.tasks.size(); ++i) {
    const std::string& text = run.tasks[i].tag(tag);
    clusters.push_back(text.empty() ? -1 - static_cast<int>(i)
                                    : number.emplace(text, static_cast<int>(number.size())).first->second);
  }
  return clusters;
}

std::vector<LabelResult> AnalyseLabels(const RunData& run, int judge, const std::vector<LabelScheme>& schemes) {
  Guesses guesses;
  if (std::any_of(schemes.begin(), schemes.end(), [](const LabelScheme& one) { return one.own_baselines; })) {
    guesses.reserve(run.tasks.size());
    for (const TaskFacts& task : run.tasks) guesses.push_back(GuessesOf(task));
  }
  const Golds golds(run.tasks);
  std::vector<LabelResult> out;
  for (const LabelScheme& scheme : schemes) out.push_back(ResultOf(run, judge, scheme, golds, guesses));
  return out;
}

}  // namespace axiometer
