#include "reports/study_plan.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "reports/benchmarks.h"
#include "reports/labels.h"
#include "reports/plain_text.h"
#include "reports/run_json.h"
#include "reports/task_scores.h"

namespace axiometer {
namespace {

constexpr size_t kNamesShown = 4;

SampleCosts CostsOf(const RunData& run) {
  SampleCosts costs;
  const auto samples = static_cast<double>(std::max<size_t>(run.samples.size(), 1));
  const auto judgements = static_cast<double>(std::max<int64_t>(run.judgements, 1));
  const RunSummary& summary = run.summary;
  const auto part = [](int64_t calls, const Usage& usage, double of) -> SampleCosts::Part {
    return {static_cast<double>(calls) / of, static_cast<double>(usage.tokens()) / of,
            usage.cost_usd.value_or(0) / of};
  };
  costs.subject = part(summary.calls - summary.judge_calls, summary.subject_usage, samples);
  costs.judgement = part(summary.judge_calls, summary.judge_usage, judgements);
  costs.priced = summary.subject_usage.cost_usd || summary.judge_usage.cost_usd;
  costs.seconds = static_cast<double>(summary.elapsed_ms) / 1000 / samples;
  return costs;
}

// Tasks of a dilemma; 1 where tasks are no variants of one.
double VariantsOf(const RunData& run) {
  if (!run.answers_dilemmas()) return 1;
  const std::vector<int> clusters = ClustersByTask(run);
  const std::set<int> dilemmas(clusters.begin(), clusters.end());
  return static_cast<double>(clusters.size()) / static_cast<double>(dilemmas.size());
}

TaskPlanRequest RequestOf(const StudyPlan& plan, std::optional<int> clusters) {
  TaskPlanRequest request;
  request.half_width = plan.half_width;
  request.clusters = clusters;
  const SampleCosts& costs = plan.costs;
  const bool in_money = costs.priced && costs.subject.usd + costs.judgement.usd > 0;
  request.costs.run = in_money ? costs.subject.usd : std::max(costs.subject.tokens, 1.0);
  // Never free: of two plans that cost the same the one with fewer judgements is to be proposed.
  request.costs.judgement =
      in_money ? std::max(costs.judgement.usd, 1e-6) : std::max(costs.judgement.tokens, 1.0);
  return request;
}

// What each epoch of a dilemma says of `dimension`, the mean over its variants (orders, labels,
// wordings), which belong to it: a study has more dilemmas, not more variants of one.
std::vector<RepeatedScore> ScoresOfDilemmas(const RunData& run, int judge,
                                            const std::vector<int>& clusters,
                                            const DimensionResult& dimension) {
  std::map<std::pair<int, int>, ClusterSum> sums;  // by dilemma and epoch
  for (const SampleFacts& sample : run.samples) {
    const TaskFacts& task = run.tasks[static_cast<size_t>(sample.task)];
    const JudgedFacts* judged = By(judge, sample);
    if (task.value_system != dimension.value_system || judged == nullptr || !HasShares(*judged))
      continue;
    const int dilemma = clusters[static_cast<size_t>(sample.task)];
    if (task.pole_a == dimension.dimension) sums[{dilemma, sample.epoch}].Add(*judged->a);
    if (task.pole_b == dimension.dimension) sums[{dilemma, sample.epoch}].Add(*judged->b);
  }
  std::vector<RepeatedScore> rows;
  for (const auto& [place, sum] : sums) {
    rows.push_back({sum.total / sum.count, place.first, place.second, place.first});
  }
  return rows;
}

void Add(PlannedMean mean, const Estimate& estimate, const TaskPlanRequest& request,
         StudyPlan& plan) {
  if (estimate.interval) mean.half_width = (estimate.interval->high - estimate.interval->low) / 2;
  mean.plans = PlanTasks(mean.noise, request);
  plan.means.push_back(std::move(mean));
}

void AddPoles(const RunData& run, int judge, const TaskPlanRequest& request, StudyPlan& plan) {
  const RunResult result = Analyse(run);
  const std::vector<int> clusters = ClustersByTask(run);
  for (const SystemResult& system : result.judges[static_cast<size_t>(judge)].systems) {
    if (!run.answers_dilemmas()) {  // whatever was answered, the mean of all is one half
      PlannedMean whole;
      whole.value_system = system.value_system;
      whole.noise = system.noise;
      TaskPlanRequest of_all = request;  // a task has two dimensions
      of_all.fewest_tasks = std::max<int64_t>(2, (static_cast<int64_t>(system.dimensions.size()) + 1) / 2);
      Add(std::move(whole), system.mean, of_all, plan);
    }
    for (const DimensionResult& dimension : system.dimensions) {
      PlannedMean mean;
      mean.value_system = system.value_system;
      mean.dimension = dimension.dimension;
      mean.noise = run.answers_dilemmas()
                       ? EstimateNoise(ScoresOfDilemmas(run, judge, clusters, dimension))
                       : dimension.noise;
      Add(std::move(mean), dimension.mean, request, plan);
    }
  }
}

void AddReadings(const RunData& run, int judge, const TaskPlanRequest& request, StudyPlan& plan) {
  const BenchmarkReport* benchmark = FindBenchmarkReport(run.summary.run.protocol);
  if (benchmark == nullptr) return;
  const std::vector<LabelScheme> schemes =
      benchmark->schemes(run, run.judges[static_cast<size_t>(judge)]);
  for (const LabelResult& result : AnalyseLabels(run, judge, schemes)) {
    const LabelScheme& scheme = result.scheme;
    const std::vector<int> clusters = ClustersByTag(run, scheme.cluster);
    std::vector<RepeatedScore> rows;
    for (const LabelRow& row : ReadLabels(run, judge, scheme)) {
      if (row.prediction)
        rows.push_back({row.correct, row.task, row.epoch, clusters[static_cast<size_t>(row.task)]});
    }
    PlannedMean mean;
    mean.dimension = scheme.name();
    mean.noise = EstimateNoise(rows);
    const Estimate& accuracy = result.all.accuracy;
    TaskPlanRequest of_share = request;
    if (accuracy.value && *accuracy.value > 0 && *accuracy.value < 1 && !scheme.graded)
      of_share.proportion = accuracy.value;
    Add(std::move(mean), accuracy, of_share, plan);
  }
}

std::string Rounded(double number) {
  if (number < 10) return Fixed(number, 2);
  return Grouped(static_cast<long long>(number + 0.5));
}

std::string DurationOfSeconds(double seconds) {
  if (seconds < 120) return Fixed(seconds, 0) + " s";
  if (seconds < 7200) return Fixed(seconds / 60, 0) + " min";
  return Fixed(seconds / 3600, 1) + " h";
}

bool HasOneSystem(const StudyPlan& plan) {
  return std::ranges::all_of(plan.means, [&](const PlannedMean& mean) {
    return mean.value_system == plan.means.front().value_system;
  });
}

// The system's name is needed only where there are several.
std::string NameOf(const PlannedMean& mean, const StudyPlan& plan) {
  const std::string name = mean.dimension.empty() ? "mean of all" : mean.dimension;
  return HasOneSystem(plan) ? name : mean.value_system + ": " + name;
}

std::vector<std::string> RowOf(const std::string& name, const PlannedMean& mean,
                               const TaskPlan& plan, const SampleCosts& costs, double variants) {
  const double samples = static_cast<double>(plan.tasks) * plan.epochs * variants;
  const auto of = [&](double subject, double judgement) {
    return samples * (subject + plan.judges * judgement);
  };
  return {name,
          mean.half_width ? Fixed(*mean.half_width, 3) : "–",
          Grouped(plan.tasks),
          std::to_string(plan.epochs),
          std::to_string(plan.judges),
          plan.tasks_to_be_sure ? Grouped(*plan.tasks_to_be_sure) : "none does",
          Rounded(of(costs.subject.calls, costs.judgement.calls)),
          Rounded(of(costs.subject.tokens, costs.judgement.tokens)),
          costs.priced ? "$" + Fixed(of(costs.subject.usd, costs.judgement.usd), 2) : "–",
          DurationOfSeconds(samples * costs.seconds)};
}

}  // namespace

StudyPlan PlanStudy(const RunData& run, int judge, double half_width, std::optional<int> clusters) {
  StudyPlan plan;
  plan.half_width = half_width;
  plan.judge = run.judges[static_cast<size_t>(judge)];
  plan.standing = StandingOf(run, judge);
  plan.variants = VariantsOf(run);
  plan.costs = CostsOf(run);
  const TaskPlanRequest request = RequestOf(plan, clusters);
  if (run.is_answered()) {
    AddReadings(run, judge, request, plan);
  } else {
    AddPoles(run, judge, request, plan);
  }
  return plan;
}

Document BuildStudyPlan(const RunData& run, const StudyPlan& plan) {
  Document document;
  document.title = "Axiometer plan";
  document.subtitle = "from run " + run.summary.run.id + ": " + run.summary.run.model + " on " +
                      run.summary.run.suite;
  Section section;
  section.id = "plan";
  section.title = "For intervals of ±" + Fixed(plan.half_width, 3);
  if (!plan.means.empty() && HasOneSystem(plan) && !plan.means.front().value_system.empty()) {
    section.title += ", " + plan.means.front().value_system;
  }
  Table table;
  table.id = "plan-table";
  table.caption =
      std::string(run.answers_dilemmas() ? "Dilemmas" : "Tasks") +
      " and epochs of the cheapest study whose 95 % interval is expected to be that narrow, for "
      "each mean alone; the tasks "
      "it takes to be 80 % sure of it, as the pilot's own spread is uncertain; calls, tokens, "
      "money and time of the "
      "former, at what the pilot's samples (" +
      Rounded(plan.costs.subject.calls) + " calls, " + Rounded(plan.costs.subject.tokens) +
      " tokens each) and judgements (" + Rounded(plan.costs.judgement.calls) + ", " +
      Rounded(plan.costs.judgement.tokens) + ") took. Judgements: by " + plan.judge +
      ", of each sample; more than one only where the pilot's were repeated (judge --repeats).";
  const bool dilemmas = run.answers_dilemmas();
  if (dilemmas) {
    table.caption += " A dilemma is put in " + Rounded(plan.variants) +
                     " ways on average, all of which are counted.";
  }
  table.columns = {{"Mean", false},  {"Now ±", true},      {dilemmas ? "Dilemmas" : "Tasks", true},
                   {"Epochs", true}, {"Judgements", true}, {"To be sure", true},
                   {"Calls", true},  {"Tokens", true},     {"Money", true},
                   {"Time", true}};
  Table others;
  others.id = "plan-others";
  others.title = "The next best";
  others.columns = table.columns;
  std::map<std::string, std::vector<std::string>> refused;  // by reason
  for (const PlannedMean& mean : plan.means) {
    if (mean.plans.plans.empty()) {
      refused[mean.plans.reason].push_back(NameOf(mean, plan));
      continue;
    }
    for (const TaskPlan& one : mean.plans.plans) {
      const bool best = &one == mean.plans.plans.data();
      (best ? table : others)
          .rows.push_back(RowOf(NameOf(mean, plan), mean, one, plan.costs, plan.variants));
    }
  }
  if (plan.standing.unfit) {
    section.blocks.push_back(
        Paragraph{"Against people this judge is " + plan.standing.fitness +
                      ". More of its scores would say no more about the subject's values.",
                  true});
  }
  if (!table.rows.empty()) section.blocks.push_back(std::move(table));
  if (!others.rows.empty()) section.blocks.push_back(std::move(others));
  for (const auto& [why, names] : refused) {
    std::string text = "No plan for ";
    if (names.size() > kNamesShown) text += std::to_string(names.size()) + " means, such as ";
    for (size_t i = 0; i < std::min(names.size(), kNamesShown); ++i)
      text += (i > 0 ? ", " : "") + names[i];
    section.blocks.push_back(Paragraph{text + ": " + why + ".", true});
  }
  document.sections.push_back(std::move(section));
  const MetricList::Group judge{{"judge", plan.judge}};
  MetricList list(run.summary.run);
  for (const PlannedMean& mean : plan.means) {
    MetricList::Group group = judge;
    if (!mean.value_system.empty()) group.emplace_back("value_system", mean.value_system);
    if (!mean.dimension.empty()) group.emplace_back("dimension", mean.dimension);
    const auto add = [&](const char* name, std::optional<double> value) {
      Metric& metric = list.Add("axiometer", name, group);
      metric.value = value;
      if (!value)
        metric.reason =
            mean.plans.plans.empty() ? mean.plans.reason : "no number of tasks makes it 80 % sure";
      metric.scored = static_cast<int64_t>(mean.noise.design.tasks);
    };
    const TaskPlan* best = mean.plans.plans.empty() ? nullptr : mean.plans.plans.data();
    add("planned_tasks", best ? std::optional(static_cast<double>(best->tasks)) : std::nullopt);
    add("planned_epochs", best ? std::optional(static_cast<double>(best->epochs)) : std::nullopt);
    add("planned_judgements",
        best ? std::optional(static_cast<double>(best->judges)) : std::nullopt);
    add("planned_tasks_to_be_sure",
        best && best->tasks_to_be_sure ? std::optional(static_cast<double>(*best->tasks_to_be_sure))
                                       : std::nullopt);
  }
  document.metrics = list.Take();
  document.runs_json = DumpJson(Json::array({RunJson(run)}));
  return document;
}

}  // namespace axiometer
