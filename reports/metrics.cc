#include "reports/metrics.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "harness/base/parallel.h"
#include "reports/benchmarks.h"
#include "reports/instrument_metrics.h"
#include "reports/metric_list.h"
#include "reports/task_record.h"
#include "reports/task_scores.h"

namespace axiometer {
namespace {

// Rows of one dimension, with the fillings that bound it.
struct DimensionRows {
  std::vector<Observation> observed;
  std::vector<Observation> lowest;
  std::vector<Observation> highest;
  DimensionResult result;

  void Add(double sum, const TaskScores& task, int cluster) {
    const double missing = task.wanted - task.scored;
    const double wanted = task.wanted;
    result.scored += task.scored;
    result.unscored += task.wanted - task.scored;
    if (task.scored > 0) observed.push_back({sum / task.scored, cluster, 0});
    lowest.push_back({sum / wanted, cluster, 0});
    highest.push_back({(sum + missing) / wanted, cluster, 0});
  }
};

struct SystemRows {
  std::map<std::string, DimensionRows> dimensions;
  std::map<std::pair<std::string, std::string>, PairMatrix::Record>
      pairs;  // of the first against the second
  std::vector<size_t> tasks;  // places in the run
  int64_t scored = 0;
  int64_t unscored = 0;
};

void AddPair(const TaskFacts& task, const TaskScores& scores, SystemRows& system) {
  DimensionResult& a = system.dimensions[task.pole_a].result;
  DimensionResult& b = system.dimensions[task.pole_b].result;
  PairMatrix::Record& ab = system.pairs[{task.pole_a, task.pole_b}];
  PairMatrix::Record& ba = system.pairs[{task.pole_b, task.pole_a}];
  ++ab.games;
  ++ba.games;
  const double difference = scores.mean_a() - scores.mean_b();
  if (std::fabs(difference) <= kEqualShares) {
    ++a.ties;
    ++b.ties;
    ++ab.ties;
    ++ba.ties;
    return;
  }
  ++(difference > 0 ? a : b).wins;
  ++(difference > 0 ? b : a).losses;
  ++(difference > 0 ? ab : ba).wins;
}

SystemResult Finish(const std::string& name, SystemRows& rows) {
  SystemResult out;
  out.value_system = name;
  out.scored = rows.scored;
  out.unscored = rows.unscored;
  std::vector<Observation> observed;
  std::vector<Observation> lowest;
  std::vector<Observation> highest;
  const auto append = [](const std::vector<Observation>& from, std::vector<Observation>& to) {
    to.insert(to.end(), from.begin(), from.end());
  };
  for (auto& [dimension, of] : rows.dimensions) {
    of.result.value_system = name;
    of.result.dimension = dimension;
    of.result.mean = MeanInterval(of.observed);
    if (of.result.unscored > 0) of.result.bounds = WorstCase(of.lowest, of.highest);
    append(of.observed, observed);
    append(of.lowest, lowest);
    append(of.highest, highest);
    out.dimensions.push_back(of.result);
    out.pairs.dimensions.push_back(dimension);
  }
  out.mean = SystemMean(observed);
  if (out.unscored > 0) out.bounds = WorstCaseSystem(lowest, highest);
  const size_t size = out.pairs.dimensions.size();
  out.pairs.records.resize(size * size);
  for (size_t i = 0; i < size; ++i) {
    for (size_t j = 0; j < size; ++j) {
      const auto found = rows.pairs.find({out.pairs.dimensions[i], out.pairs.dimensions[j]});
      if (found != rows.pairs.end()) out.pairs.records[i * size + j] = found->second;
    }
  }
  return out;
}

GameOutcome OutcomeOf(double margin) {
  if (margin > kEqualShares) return GameOutcome::kFirst;
  return margin < -kEqualShares ? GameOutcome::kSecond : GameOutcome::kTie;
}

// A game a task, also of those that nobody scored.
ValuePriority PriorityOf(const RunData& run, const SystemResult& system, const std::vector<size_t>& places,
                         const std::vector<TaskScores>& tasks, const std::vector<int>& clusters) {
  std::map<std::string, int> number;
  for (const DimensionResult& dimension : system.dimensions) {
    number.emplace(dimension.dimension, static_cast<int>(number.size()));
  }
  std::vector<PairedGame> games;
  for (const size_t place : places) {
    const TaskFacts& task = run.tasks[place];
    if (task.pole_a == task.pole_b) continue;
    PairedGame game;
    game.a = number.at(task.pole_a);
    game.b = number.at(task.pole_b);
    game.cluster = clusters[place];
    if (tasks[place].scored > 0) {
      game.margin = tasks[place].mean_a() - tasks[place].mean_b();
      game.outcome = OutcomeOf(game.margin);
      // Each missing epoch may have given either pole everything.
      const double sum = tasks[place].a - tasks[place].b;
      const int missing = tasks[place].wanted - tasks[place].scored;
      game.margin_open = missing > 0;
      game.outcome_open = OutcomeOf(sum - missing) != game.outcome || OutcomeOf(sum + missing) != game.outcome;
    }
    games.push_back(game);
  }
  PriorityOptions options;
  options.subject = run.summary.run.model;
  options.system = system.value_system;
  return PriorityOf(games, static_cast<int>(number.size()), options);
}

// Where the noise of a system's means comes from, from every scored judgement. Its own mean is a weighted one: with K
// dimensions of n_d tasks each, T tasks in all, a task moves it by 1/T of the sum over its poles of T / (K n_d) times what
// the pole's share exceeds its dimension's mean by. That is what a task counts with.
class NoiseRows {
 public:
  explicit NoiseRows(SystemResult& system) : system_(system), dimensions_(system.dimensions.size()) {
    for (size_t d = 0; d < system.dimensions.size(); ++d) {
      place_.emplace(system.dimensions[d].dimension, d);
      dimensions_[d].mean = system.dimensions[d].mean.value;
    }
  }

  // A task that has a score.
  void Count(const TaskFacts& task) {
    for (const std::string* pole : {&task.pole_a, &task.pole_b}) ++dimensions_[place_.at(*pole)].tasks;
    ++tasks_;
  }

  void Add(const TaskFacts& task, const PoleShares& shares, RepeatedScore row) {
    double moves = 0;
    for (const auto& [pole, share] : {std::pair(&task.pole_a, shares.a), {&task.pole_b, shares.b}}) {
      Dimension& dimension = dimensions_[place_.at(*pole)];
      row.score = share;
      dimension.rows.push_back(row);
      if (dimension.mean) moves += (share - *dimension.mean) / static_cast<double>(dimension.tasks);
    }
    row.score = system_.mean.value.value_or(0) + moves * static_cast<double>(tasks_) / Scored();
    rows_.push_back(row);
  }

  void Estimate() {
    system_.noise = EstimateNoise(rows_);
    for (size_t d = 0; d < dimensions_.size(); ++d) system_.dimensions[d].noise = EstimateNoise(dimensions_[d].rows);
  }

 private:
  struct Dimension {
    std::optional<double> mean;
    int64_t tasks = 0;
    std::vector<RepeatedScore> rows;
  };

  double Scored() const {
    return static_cast<double>(
        std::ranges::count_if(dimensions_, [](const Dimension& one) { return one.mean.has_value(); }));
  }

  SystemResult& system_;
  std::map<std::string, size_t, std::less<>> place_;
  std::vector<Dimension> dimensions_;
  int64_t tasks_ = 0;
  std::vector<RepeatedScore> rows_;
};

void AddNoise(const RunData& run, int judge, const std::vector<TaskScores>& tasks, const std::vector<int>& clusters,
              std::vector<SystemResult>& systems) {
  std::map<std::string, NoiseRows, std::less<>> rows;
  for (SystemResult& system : systems) rows.emplace(system.value_system, system);
  std::vector<NoiseRows*> of_task(run.tasks.size(), nullptr);
  for (size_t i = 0; i < run.tasks.size(); ++i) {
    const auto found = rows.find(run.tasks[i].value_system);
    if (found == rows.end() || tasks[i].scored == 0) continue;
    of_task[i] = &found->second;
    found->second.Count(run.tasks[i]);
  }
  for (const SampleFacts& sample : run.samples) {
    NoiseRows* const noise = of_task[static_cast<size_t>(sample.task)];
    const JudgedFacts* judged = By(judge, sample);
    if (noise == nullptr || judged == nullptr || !HasShares(*judged)) continue;
    for (const PoleShares& shares : judged->repeats) {
      noise->Add(run.tasks[static_cast<size_t>(sample.task)], shares,
                 {0, sample.task, sample.epoch, clusters[static_cast<size_t>(sample.task)]});
    }
  }
  std::vector<NoiseRows*> each;
  for (auto& [name, noise] : rows) each.push_back(&noise);
  InParallel(each.size(), [&](size_t i) { each[i]->Estimate(); });
}

std::vector<SystemResult> Systems(const RunData& run, int judge, const std::vector<TaskScores>& tasks,
                                  const std::vector<int>& clusters) {
  std::map<std::string, SystemRows> systems;
  for (size_t i = 0; i < run.tasks.size(); ++i) {
    const TaskFacts& task = run.tasks[i];
    if (task.pole_a.empty() || task.pole_b.empty()) continue;
    SystemRows& system = systems[task.value_system];
    system.tasks.push_back(i);
    system.scored += tasks[i].scored;
    system.unscored += tasks[i].wanted - tasks[i].scored;
    system.dimensions[task.pole_a].Add(tasks[i].a, tasks[i], clusters[i]);
    system.dimensions[task.pole_b].Add(tasks[i].b, tasks[i], clusters[i]);
    if (tasks[i].scored > 0) AddPair(task, tasks[i], system);
  }
  std::vector<std::pair<const std::string, SystemRows>*> order;
  for (auto& system : systems) order.push_back(&system);
  std::vector<SystemResult> out(order.size());
  std::vector<size_t> largest_first(order.size());
  std::iota(largest_first.begin(), largest_first.end(), 0);
  std::stable_sort(largest_first.begin(), largest_first.end(),
                   [&](size_t x, size_t y) { return order[x]->second.tasks.size() > order[y]->second.tasks.size(); });
  InParallel(order.size(), [&](size_t turn) {
    const size_t place = largest_first[turn];
    auto& [name, rows] = *order[place];
    int number = 0;  // of the dimension, known only now that all are there
    for (auto& [dimension, of] : rows.dimensions) {
      for (auto* list : {&of.observed, &of.lowest, &of.highest}) {
        for (Observation& row : *list) row.dimension = number;
      }
      ++number;
    }
    SystemResult& system = out[place];
    system = Finish(name, rows);
    system.priority = PriorityOf(run, system, rows.tasks, tasks, clusters);
  });
  AddNoise(run, judge, tasks, clusters, out);
  return out;
}

OfficialResult Official(const RunData& run, int judge, bool finished_only) {
  OfficialResult out;
  out.samples = finished_only ? "finished" : "all";
  std::vector<valuebench::CaseScore> cases;
  for (const SampleFacts& sample : run.samples) {
    if (sample.epoch != 1) continue;
    const JudgedFacts* judged = By(judge, sample);
    const bool counts = judged != nullptr && judged->official_a && judged->official_b &&
                        (!finished_only || sample.outcome == Outcome::kFinished);
    if (!counts) {
      ++out.unscored;
      continue;
    }
    ++out.scored;
    const TaskFacts& task = run.tasks[sample.task];
    cases.push_back({task.value_system, task.pole_a, task.pole_b, judged->official_status_ok,
                     *judged->official_a, *judged->official_b});
  }
  out.adherence = valuebench::Adherence(cases);
  out.priority = valuebench::Priority(cases);
  return out;
}

// The protocol ranks forced choices and gives no adherence for them.
OfficialResult ForcedChoiceOfficial(const RunData& run, int judge) {
  OfficialResult out = Official(run, judge, true);
  out.adherence.clear();
  return out;
}

HealthResult HealthOf(const RunData& run) {
  HealthResult out;
  for (const SampleFacts& sample : run.samples) {
    if (!sample.health || !sample.health_a || !sample.health_b) continue;
    ++out.samples;
    out.a += *sample.health_a;
    out.b += *sample.health_b;
    out.reward += *sample.health;
  }
  if (out.samples == 0) return out;
  const double count = static_cast<double>(out.samples);
  out.a /= count;
  out.b /= count;
  out.reward /= count;
  return out;
}

JudgeResult OfJudge(const RunData& run, int judge, const std::vector<int>& clusters) {
  JudgeResult out;
  out.judge = run.judges[judge];
  const std::vector<TaskScores> tasks = ScoresByTask(run, judge);
  std::vector<int> ended(run.tasks.size(), 0);
  for (const SampleFacts& sample : run.samples) {
    ++ended[sample.task];
    const JudgedFacts* judged = By(judge, sample);
    if (!run.is_answered()) ++out.classes[ClassOf(sample, judged, run.answers_dilemmas())];
    if (judged == nullptr) {
      ++out.missing[IsJudged(sample.outcome) ? "not_judged" : OutcomeName(sample.outcome)];
      continue;
    }
    ++out.statuses[JudgementStatusName(judged->status)];
    out.verdicts += judged->verdicts;
    out.mechanical += judged->mechanical;
    if (run.is_answered() && judged->status == JudgementStatus::kScored) continue;
    if (!HasShares(*judged)) {
      ++out.missing[std::string("judge_") + JudgementStatusName(judged->status)];
      if (!judged->problem.empty()) ++out.problems[judged->problem];
      continue;
    }
    switch (ChoiceOf(*judged->a, *judged->b)) {
      case Choice::kA:
        ++out.choices.a;
        break;
      case Choice::kB:
        ++out.choices.b;
        break;
      case Choice::kBoth:
        ++out.choices.both;
        break;
      case Choice::kTie:
        ++out.choices.tie;
        break;
      case Choice::kNeither:
        ++out.choices.neither;
        break;
    }
  }
  for (size_t i = 0; i < tasks.size(); ++i) {
    if (tasks[i].wanted > ended[i]) out.missing["not_run"] += tasks[i].wanted - ended[i];
  }
  if (!run.is_answered()) out.systems = Systems(run, judge, tasks, clusters);
  out.form_effects = EffectsOfForm(run, judge);
  if (run.is_forced_choice()) out.official.push_back(ForcedChoiceOfficial(run, judge));
  if (run.is_valuebench()) {
    out.official.push_back(Official(run, judge, true));
    out.official.push_back(Official(run, judge, false));
  }
  if (const BenchmarkReport* benchmark = FindBenchmarkReport(run.summary.run.protocol)) {
    out.labels = AnalyseLabels(run, judge, benchmark->schemes(run, out.judge));
  }
  return out;
}

using Group = MetricList::Group;

// Ours, by either way of rating; what is refused has no value and the refusal as the reason.
void AddPriority(const SystemResult& system, const std::string& judge, MetricList& out) {
  for (const PriorityComponent& component : system.priority.components) {
    for (const auto& [method, rating] : {std::pair("outcomes", &component.by_outcomes), {"margins", &component.by_margins}}) {
      const auto add = [&](const char* name, Group group, std::optional<double> value) {
        group.insert(group.begin(), {{"judge", judge}, {"value_system", system.value_system}, {"by", method}});
        Metric& metric = out.Add("axiometer", name, std::move(group));
        metric.value = value;
        metric.scored = component.games;
        metric.unscored = component.missing;
        metric.reason = rating->refusal.empty() ? rating->caution : rating->refusal;
        return &metric;
      };
      const auto name_of = [&](int value) { return system.dimensions[static_cast<size_t>(value)].dimension; };
      if (!rating->refusal.empty()) {
        add("pairs_decided", {}, std::nullopt);
        continue;
      }
      add("pairs_decided", {}, static_cast<double>(rating->decided));
      for (const PriorityValue& value : rating->values) {
        const Group group{{"dimension", name_of(value.value)}};
        Metric* strength =
            add("priority_strength", group, rating->separated ? std::nullopt : std::optional(value.strength));
        if (!rating->separated) strength->interval = value.interval;
        const bool outcomes = rating == &component.by_outcomes;
        if (strength->interval)
          strength->method = outcomes ? "Davidson, HC3 by cluster, t" : "least squares, HC3 by cluster, t";
        add("rank_low", group, value.rank.low);
        add("rank_high", group, value.rank.high);
        if (!value.rank_bounds) continue;
        add("rank_low_bound", group, value.rank_bounds->low);
        add("rank_high_bound", group, value.rank_bounds->high);
      }
      for (const PriorityPair& pair : rating->pairs) {
        const Group group{{"dimension", name_of(pair.compared.first)}, {"against", name_of(pair.compared.second)}};
        Metric* metric = add("probability_above", group, pair.compared.probability);
        if (!pair.depends_on_missing) continue;
        metric->reason += (metric->reason.empty() ? "" : "; ") + std::string("the order depends on missing outcomes");
      }
    }
  }
}

void AddFormEffects(const FormEffects& effects, const std::string& judge, MetricList& out) {
  const auto add = [&](const char* name, const Estimate& estimate, int64_t left_out) {
    out.AddEstimate("axiometer", name, {{"judge", judge}}, estimate, std::nullopt, estimate.n,
                    left_out);
  };
  if (effects.order) {
    const OrderEffect& order = *effects.order;
    add("position_bias", order.position_bias, order.one_order);
    add("consistency", order.consistency, order.one_order);
    if (order.chance) {
      out.Add("axiometer", "consistency_by_chance", {{"judge", judge}}).value = order.chance;
      out.last().scored = order.tasks;
    }
    add("consistency_beyond_chance", order.beyond_chance, order.one_order);
  }
  if (effects.label) add("label_bias", effects.label->position_bias, effects.label->one_order);
  if (effects.wording) add("wording_agreement", *effects.wording, 0);
}

constexpr const char* kNoOfficialInterval = "the protocol defines no interval";

// What every answered suite has.
void AddLabels(const LabelResult& labels, MetricList& out) {
  const char* protocol = labels.scheme.protocol.c_str();
  const auto of_task = [&](Group group) {
    group.insert(group.begin(), labels.all.group.begin(), labels.all.group.end());
    return group;
  };
  const auto add_slice = [&](const LabelSlice& slice) {
    const int64_t missing = slice.wanted - slice.scored;
    out.AddEstimate(protocol, "accuracy", slice.group, slice.accuracy, slice.bounds, slice.scored, missing);
    Metric& coverage = out.Add(protocol, "coverage", slice.group);
    coverage.value = slice.coverage();
    coverage.scored = slice.wanted;
    Metric& unreadable = out.Add(protocol, "unreadable", slice.group);
    unreadable.scored = slice.answered;
    if (slice.answered > 0) {
      unreadable.value = static_cast<double>(slice.answered - slice.read) / static_cast<double>(slice.answered);
    } else {
      unreadable.reason = "no reply came";
    }
    for (const Baseline& baseline : slice.baselines) {
      Group group = slice.group;
      group.emplace_back("baseline", baseline.name);
      Metric& metric = out.Add(protocol, "baseline_accuracy", std::move(group));
      metric.value = baseline.accuracy;
      metric.scored = slice.wanted;
    }
    out.AddEstimate(protocol, "accuracy_above_majority", slice.group, slice.above_majority, std::nullopt,
                    slice.scored, missing);
  };
  add_slice(labels.all);
  for (const auto& [tag, slices] : labels.breakdowns) {
    for (const LabelSlice& slice : slices) add_slice(slice);
  }
  for (const auto& [why, count] : labels.missing) {
    Metric& metric = out.Add(protocol, "unanswered_count", of_task({{"why", why}}));
    metric.value = static_cast<double>(count);
    metric.scored = labels.all.wanted;
  }
  if (labels.scheme.labels.empty()) return;
  for (const auto& [cell, count] : labels.confusion) {
    Metric& metric = out.Add(protocol, "confusion_count", of_task({{"gold", cell.first}, {"predicted", cell.second}}));
    metric.value = static_cast<double>(count);
    metric.scored = labels.all.read;
  }
}

void AddOfficial(const OfficialResult& official, const std::string& judge, MetricList& out) {
  const auto add = [&](const char* name, Group group, std::optional<double> value, int64_t scored) {
    group.insert(group.begin(), {{"judge", judge}, {"samples", official.samples}});
    Metric& metric = out.Add("official", name, std::move(group));
    metric.value = value;
    metric.scored = scored;
    metric.unscored = official.unscored;
    metric.reason = kNoOfficialInterval;
    return &metric;
  };
  for (const auto& [key, system] : official.adherence) {
    int64_t scored = 0;
    for (const auto& [name, value] : system.values) {
      const int64_t cases = static_cast<int64_t>(value.case_scores.size());
      add("adherence", {{"value_system", key}, {"dimension", name}}, valuebench::RoundScore(value.score), cases);
      scored += cases;
    }
    add("adherence", {{"value_system", key}}, valuebench::RoundScore(system.score), scored / 2);
  }
  for (const auto& [key, system] : official.priority) {
    if (!system.reason.empty()) {
      add("rank", {{"value_system", key}}, std::nullopt, system.cases)->reason = system.reason;
    }
    for (const valuebench::RankedValue& value : system.ranking) {
      const Group group{{"value_system", key}, {"dimension", value.name}};
      add("strength", group, value.strength, value.cases);
      add("log_strength", group, value.log_strength, value.cases);
      Metric* rank = add("rank", group, value.rank, value.cases);
      if (value.tied) rank->reason = "tied within 1e-9; the order among ties is rounding noise";
    }
  }
}

// What people's judgements say of a judge goes on its scores.
void Stamp(RunResult& result) {
  for (const JudgePairing& pairing : result.instruments.pairings) {
    if (pairing.with != kWithPeople) continue;
    for (JudgeResult& judge : result.judges) {
      if (judge.judge == pairing.judge) judge.standing = StandingOf(pairing);
    }
  }
}

// Where the variance of a mean comes from, if that can be told apart.
void AddShares(const Group& group, const VarianceComponents& noise, MetricList& out) {
  const std::vector<NoiseShare> shares = SharesOfNoise(noise);
  if (shares.size() < 2) return;
  for (const NoiseShare& share : shares) {
    Group part = group;
    part.emplace_back("part", share.part);
    Metric& metric = out.Add("axiometer", "variance_share", std::move(part));
    metric.value = share.share;
    metric.scored = static_cast<int64_t>(std::lround(noise.design.tasks));
    if (share.indistinct) metric.reason = "not distinguishable from 0";
  }
}

// A mean of a judge, with what makes it doubtful.
void AddMean(const char* name, Group group, const JudgeResult& judge, const Estimate& mean,
             const std::optional<Bounds>& bounds, int64_t scored, int64_t unscored, MetricList& out) {
  out.AddEstimate("axiometer", name, std::move(group), mean, bounds, scored, unscored);
  if (judge.standing.unfit) out.last().AddReason("the judge is " + judge.standing.fitness);
}

}  // namespace

const char* ChoiceName(Choice choice) {
  switch (choice) {
    case Choice::kA:
      return "a";
    case Choice::kB:
      return "b";
    case Choice::kBoth:
      return "both";
    case Choice::kTie:
      return "tie";
    case Choice::kNeither:
      return "neither";
  }
  return "";
}

Choice ChoiceOf(double a, double b) {
  if (std::fabs(a - b) > kEqualShares) return a > b ? Choice::kA : Choice::kB;
  if (a <= kEqualShares) return Choice::kNeither;
  return a >= 0.5 ? Choice::kBoth : Choice::kTie;
}

RunResult Analyse(const RunData& run) {
  RunResult out;
  out.samples = static_cast<int64_t>(run.samples.size());
  out.wanted = std::max(run.summary.run.wanted, out.samples);
  for (const SampleFacts& sample : run.samples) ++out.outcomes[OutcomeName(sample.outcome)];
  const std::vector<int> clusters = ClustersByTask(run);
  out.clusters = static_cast<int>(std::set<int>(clusters.begin(), clusters.end()).size());
  for (size_t judge = 0; judge < run.judges.size(); ++judge) {
    out.judges.push_back(OfJudge(run, static_cast<int>(judge), clusters));
  }
  out.health = HealthOf(run);
  out.instruments = ExamineInstruments(run);
  Stamp(out);
  return out;
}

std::vector<Metric> ToMetrics(const RunData& run, const RunResult& result) {
  MetricList out(run.summary.run);
  for (const auto& [outcome, count] : result.outcomes) {
    out.AddCount("outcome_count", {{"outcome", outcome}}, count, result.samples);
  }
  if (result.wanted > result.samples) {
    out.AddCount("outcome_count", {{"outcome", "not_run"}}, result.wanted - result.samples,
                 result.samples);
  }
  if (const int64_t unreviewed = UnreviewedTasks(run); unreviewed > 0) {
    Metric& metric = out.Add("axiometer", "unreviewed_share", {});
    metric.scored = static_cast<int64_t>(run.tasks.size());
    metric.value = static_cast<double>(unreviewed) / static_cast<double>(metric.scored);
  }
  if (result.health.samples > 0) {
    const auto add = [&](Group group, double value) {
      Metric& metric = out.Add(kHealthProtocol, "harness_health", std::move(group));
      metric.value = value;
      metric.scored = result.health.samples;
      metric.unscored = result.samples - result.health.samples;
      metric.reason = "a quick check of the harness, no score of values";
    };
    add({}, result.health.reward);
    add({{"pole", "a"}}, result.health.a);
    add({{"pole", "b"}}, result.health.b);
  }
  for (const JudgeResult& judge : result.judges) {
    const auto group = [&](Group rest) {
      rest.insert(rest.begin(), {"judge", judge.judge});
      return rest;
    };
    for (const OfficialResult& official : judge.official) AddOfficial(official, judge.judge, out);
    for (const LabelResult& labels : judge.labels) AddLabels(labels, out);
    const BenchmarkReport* benchmark = FindBenchmarkReport(run.summary.run.protocol);
    if (benchmark != nullptr && benchmark->metrics != nullptr) benchmark->metrics(run, judge, out);
    for (const SystemResult& system : judge.systems) {
      for (const DimensionResult& dimension : system.dimensions) {
        const Group of =
            group({{"value_system", system.value_system}, {"dimension", dimension.dimension}});
        AddMean("mean_score", of, judge, dimension.mean, dimension.bounds, dimension.scored, dimension.unscored,
                out);
        AddShares(of, dimension.noise, out);
        const int64_t games = dimension.wins + dimension.losses + dimension.ties;
        out.AddCount("tasks_won", of, dimension.wins, games);
        out.AddCount("tasks_lost", of, dimension.losses, games);
        out.AddCount("tasks_tied", of, dimension.ties, games);
      }
      const Group of_system = group({{"value_system", system.value_system}});
      AddMean("system_mean_score", of_system, judge, system.mean, system.bounds, system.scored, system.unscored, out);
      AddShares(of_system, system.noise, out);
      AddPriority(system, judge.judge, out);
      for (size_t i = 0; i < system.pairs.dimensions.size(); ++i) {
        for (size_t j = 0; j < system.pairs.dimensions.size(); ++j) {
          const PairMatrix::Record& record = system.pairs.at(i, j);
          if (record.games == 0) continue;
          out.AddCount("pair_wins",
                       group({{"value_system", system.value_system},
                              {"dimension", system.pairs.dimensions[i]},
                              {"against", system.pairs.dimensions[j]}}),
                       record.wins, record.games);
        }
      }
    }
    if (judge.form_effects) AddFormEffects(*judge.form_effects, judge.judge, out);
    const ChoiceCounts& c = judge.choices;
    const int64_t scored = c.a + c.b + c.both + c.tie + c.neither;
    for (const auto& [choice, count] : {std::pair(Choice::kA, c.a),
                                        {Choice::kB, c.b},
                                        {Choice::kBoth, c.both},
                                        {Choice::kTie, c.tie},
                                        {Choice::kNeither, c.neither}}) {
      if (run.is_answered()) break;  // no poles
      out.AddCount("choice_count", group({{"choice", ChoiceName(choice)}}), count, scored);
    }
    for (const auto& [outcome, count] : judge.classes) {
      out.AddCount("outcome_count", group({{"class", OutcomeClassName(outcome)}}), count, result.samples);
    }
    for (const auto& [why, count] : judge.missing) {
      out.AddCount("unscored_count", group({{"why", why}}), count, scored);
    }
    int64_t judged = 0;
    for (const auto& [status, count] : judge.statuses) judged += count;
    for (const auto& [status, count] : judge.statuses) {
      out.AddCount("judgement_count", group({{"status", status}}), count, judged);
    }
  }
  AddInstrumentMetrics(result.instruments, out);
  return out.Take();
}

}  // namespace axiometer
