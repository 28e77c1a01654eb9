// The tasks of ValuePrism that are answered in free text, and how many sides answers take.
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "harness/base/json.h"
#include "reports/valueprism_tables.h"

namespace axiometer {
namespace {

std::vector<ValuePrismMeasure> MeasuresOf(const std::string& task) {
  std::vector<ValuePrismMeasure> out;
  const auto add = [&](const char* score, const char* metric, const char* matcher,
                       const char* shown, double most) {
    ValuePrismMeasure& measure = out.emplace_back();
    measure.score = score;
    measure.metric = metric;
    measure.matcher = matcher;
    measure.shown = shown;
    measure.most = most;
  };
  if (task == "explanation") {
    add("rouge_l", "rouge_l", "", "ROUGE-L F", 1);
    add("rouge_1", "rouge_1", "", "ROUGE-1 F", 1);
    add("words", "explanation_words", "", "words", 0);
    return out;
  }
  add("coverage.exact", "vrd_coverage", "exact", "coverage, exact", 1);
  add("precision.exact", "vrd_precision", "exact", "precision, exact", 1);
  add("coverage.overlap", "vrd_coverage", "overlap", "coverage, overlap", 1);
  add("precision.overlap", "vrd_precision", "overlap", "precision, overlap", 1);
  add("distinctness", "distinctness", "", "distinctness", 1);
  add("count", "vrd_count", "", "lines an answer", 0);
  add("types", "types_named", "", "types an answer, of 3", 3);
  add("valences", "valences_named", "", "valences an answer, of 3", 3);
  add("both_sides", "both_sides", "", "answers with both sides", 1);
  return out;
}

// The task's first baseline: its name and scores.
Json BaselineOf(const TaskFacts& task) {
  const Result<Json> facts =
      ParseJson(task.facts.empty() ? "{}" : task.facts, "facts of " + task.id);
  if (!facts || !facts->is_object()) return Json::object();
  const auto list = facts->find("baselines");
  if (list == facts->end() || !list->is_array() || list->empty() || !list->front().is_object())
    return Json::object();
  return list->front();
}

Estimate MeanOf(const std::vector<Observation>& rows, double most) {
  if (most > 0) {
    std::vector<Observation> shares = rows;
    for (Observation& row : shares) row.score = std::clamp(row.score / most, 0.0, 1.0);
    return Scaled(MeanInterval(shares), most);
  }
  Estimate out;
  out.n = static_cast<int64_t>(rows.size());
  out.reason = rows.empty() ? "never scored" : "a number without bound has no interval";
  if (rows.empty()) return out;
  double sum = 0;
  for (const Observation& row : rows) sum += row.score;
  out.value = sum / static_cast<double>(rows.size());
  return out;
}

// One measure over the tasks at `places`; `samples` of each task that have a judgement.
void Fill(const RunData& run, const std::vector<int>& places,
          const std::vector<std::vector<const JudgedFacts*>>& samples, ValuePrismMeasure& measure) {
  std::map<std::string, int> situations;
  std::vector<Observation> rows;
  double baseline = 0;
  size_t with_baseline = 0;
  for (const int place : places) {
    const TaskFacts& task = run.tasks[place];
    const Json other = BaselineOf(task);
    if (const auto found = other.find(measure.score); found != other.end() && found->is_number()) {
      baseline += found->get<double>();
      ++with_baseline;
    }
    double sum = 0;
    int scored = 0;
    for (const JudgedFacts* judged : samples[place]) {
      const Score* score = judged->score(measure.score);
      if (score == nullptr || !score->number) continue;
      sum += *score->number;
      ++scored;
    }
    const int cluster =
        situations.emplace(task.tag("situation"), static_cast<int>(situations.size()))
            .first->second;
    if (scored > 0) rows.push_back({sum / scored, cluster, 0});
    measure.scored += scored;
  }
  measure.mean = MeanOf(rows, measure.most);
  if (with_baseline > 0) measure.baseline = baseline / static_cast<double>(with_baseline);
}

}  // namespace

std::vector<ValuePrismOpenTask> ValuePrismOpenTasksOf(const RunData& run, int judge) {
  std::vector<ValuePrismOpenTask> out;
  for (const char* name : {"explanation", "generation"}) {
    ValuePrismOpenTask open;
    open.task = name;
    std::vector<int> places;
    for (size_t i = 0; i < run.tasks.size(); ++i) {
      if (run.tasks[i].tag("task") == name) places.push_back(static_cast<int>(i));
    }
    if (places.empty()) continue;
    open.baseline = BaselineOf(run.tasks[places.front()]).value("name", std::string());
    open.wanted = static_cast<int64_t>(places.size()) * run.epochs;
    std::vector<std::vector<const JudgedFacts*>> samples(run.tasks.size());
    int64_t ended = 0;
    for (const SampleFacts& sample : run.samples) {
      if (run.tasks[sample.task].tag("task") != name) continue;
      ++ended;
      const JudgedFacts* judged = sample.judged_by(judge);
      if (judged == nullptr) {
        ++open.missing[IsJudged(sample.outcome) ? "not_judged" : OutcomeName(sample.outcome)];
        continue;
      }
      ++open.answered;
      const Score* problem = judged->score("problem");
      if (problem != nullptr && problem->text) {
        ++open.missing[*problem->text];
        continue;
      }
      ++open.read;
      samples[sample.task].push_back(judged);
    }
    open.wanted = std::max(open.wanted, ended);
    if (open.wanted > ended) open.missing["not_run"] = open.wanted - ended;
    open.measures = MeasuresOf(name);
    for (ValuePrismMeasure& measure : open.measures) Fill(run, places, samples, measure);
    out.push_back(std::move(open));
  }
  return out;
}

std::optional<ValuePrismSides> ValuePrismSidesOf(const RunData& run, int judge) {
  struct Said {
    std::map<int, std::set<std::string>> answers;  // by epoch
    std::set<std::string> gold;
  };
  std::map<std::string, Said> situations;
  for (const TaskFacts& task : run.tasks) {
    if (task.tag("task") == "valence") situations[task.tag("situation")].gold.insert(task.gold);
  }
  if (situations.empty()) return std::nullopt;
  for (const SampleFacts& sample : run.samples) {
    const TaskFacts& task = run.tasks[sample.task];
    const JudgedFacts* judged = sample.judged_by(judge);
    if (judged == nullptr || task.tag("task") != "valence") continue;
    const Score* label = judged->score("label");
    if (label != nullptr && label->text)
      situations[task.tag("situation")].answers[sample.epoch].insert(*label->text);
  }
  const auto both = [](const std::set<std::string>& labels) {
    return labels.contains("Supports") && labels.contains("Opposes");
  };
  ValuePrismSides out;
  std::vector<Observation> sides;
  std::vector<Observation> numbers;
  for (const auto& [name, said] : situations) {
    if (said.answers.empty()) continue;
    double with_both = 0;
    double number = 0;
    for (const auto& [epoch, labels] : said.answers) {
      with_both += both(labels);
      number += static_cast<double>(labels.size());
    }
    const auto epochs = static_cast<double>(said.answers.size());
    const auto cluster = static_cast<int>(sides.size());
    sides.push_back({with_both / epochs, cluster, 0});
    numbers.push_back({number / epochs, cluster, 0});
    out.gold_both += both(said.gold);
  }
  out.situations = static_cast<int64_t>(sides.size());
  if (!sides.empty()) out.gold_both /= static_cast<double>(sides.size());
  out.both = MeanOf(sides, 1);
  out.valences = MeanOf(numbers, 3);
  return out;
}

}  // namespace axiometer
