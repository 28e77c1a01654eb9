#include "reports/comparison.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "harness/base/parallel.h"
#include "reports/benchmarks.h"
#include "reports/instruments.h"
#include "reports/labels.h"
#include "reports/measures.h"
#include "reports/stats/multiplicity.h"
#include "reports/task_scores.h"

namespace axiometer {
namespace {

// Where each of the common tasks stands in the two runs of a pair.
struct Places {
  int first = 0;
  int second = 0;
};

bool Whole(double score) { return score == 0 || score == 1; }

ScoreDifference Differ(const MeasureName& name, const Measure& first, const Measure& second,
                       const std::vector<Places>& tasks, const PairedOptions& options) {
  ScoreDifference out;
  out.protocol = name.protocol;
  out.value_system = name.value_system;
  out.dimension = name.dimension;
  std::vector<PairedRow> rows;
  std::vector<BoundedPair> filled;
  std::set<int> clusters;
  PairedCounts counts;  // of the second run first, whose difference from the first is asked
  bool alone = true;
  for (const Places& task : tasks) {
    const TaskPoints& one = first.points[static_cast<size_t>(task.first)];
    const TaskPoints& other = second.points[static_cast<size_t>(task.second)];
    if (one.wanted == 0 || other.wanted == 0) continue;
    const int cluster = first.clusters[static_cast<size_t>(task.first)];
    out.missing_first += one.wanted - one.scored;
    out.missing_second += other.wanted - other.scored;
    filled.push_back(Filled(one, other, cluster));
    if (one.scored == 0 || other.scored == 0) continue;
    const double before = one.sum / one.scored;
    const double after = other.sum / other.scored;
    out.first += before;
    out.second += after;
    rows.push_back({after - before, cluster});
    alone = alone && clusters.insert(cluster).second && Whole(before) && Whole(after);
    ++counts.n;
    counts.first_only += after > before;
    counts.second_only += before > after;
  }
  out.wanted_tasks = static_cast<int64_t>(filled.size());
  if (alone && counts.n > 0) out.binary = ComparePairedBinary(counts, options.level);
  out.tasks = static_cast<int64_t>(rows.size());
  if (out.tasks > 0) {
    out.first /= static_cast<double>(out.tasks);
    out.second /= static_cast<double>(out.tasks);
  }
  out.paired = ComparePaired(rows, options);
  if (out.missing_first + out.missing_second > 0) {
    out.worst = CompareWorstCase(filled, options);
  }
  return out;
}

// SystemMean takes shares, so differences from -1 to 1 are halved and shifted, and put back.
std::vector<SystemDifference> SystemsOf(const Measures& first, const Measures& second,
                                        const std::vector<Places>& tasks) {
  struct Rows {
    std::vector<Observation> observed;
    std::vector<Observation> lowest;  // whatever is missing at its ends
    std::vector<Observation> highest;
    int dimensions = 0;
    std::set<int> tasks;
    std::map<int, int> missing;  // samples by wanted task
  };
  const auto shifted = [](double difference) { return (difference + 1) / 2; };
  const auto put_back = [](double mean) { return 2 * mean - 1; };
  std::map<std::string, Rows> systems;
  for (const auto& [name, one] : first) {
    const auto other = second.find(name);
    if (other == second.end() || name.value_system.empty()) continue;
    Rows& rows = systems[name.value_system];
    const size_t before = rows.observed.size();
    for (const Places& task : tasks) {
      const TaskPoints& was = one.points[static_cast<size_t>(task.first)];
      const TaskPoints& is = other->second.points[static_cast<size_t>(task.second)];
      if (was.wanted == 0 || is.wanted == 0) continue;
      const int cluster = one.clusters[static_cast<size_t>(task.first)];
      rows.missing[task.first] = was.wanted - was.scored + is.wanted - is.scored;
      const BoundedPair pair = Filled(was, is, cluster);
      rows.lowest.push_back({shifted(pair.second_low - pair.first_high), cluster, rows.dimensions});
      rows.highest.push_back({shifted(pair.second_high - pair.first_low), cluster, rows.dimensions});
      if (was.scored == 0 || is.scored == 0) continue;
      rows.observed.push_back({shifted(is.sum / is.scored - was.sum / was.scored), cluster, rows.dimensions});
      rows.tasks.insert(task.first);
    }
    rows.dimensions += rows.observed.size() > before;
  }
  std::vector<SystemDifference> out;
  for (const auto& [name, rows] : systems) {
    SystemDifference system;
    system.value_system = name;
    system.dimensions = rows.dimensions;
    system.tasks = static_cast<int64_t>(rows.tasks.size());
    system.wanted_tasks = static_cast<int64_t>(rows.missing.size());
    for (const auto& [task, missing] : rows.missing) system.missing += missing;
    system.difference = SystemMean(rows.observed);
    if (system.difference.value) system.difference.value = put_back(*system.difference.value);
    if (std::optional<Interval>& interval = system.difference.interval) {
      interval->low = put_back(interval->low);
      interval->high = put_back(interval->high);
    }
    if (system.missing > 0) system.bounds = WorstCaseSystem(rows.lowest, rows.highest);
    if (system.bounds) {
      for (double* end : {&system.bounds->low, &system.bounds->high}) *end = put_back(*end);
      for (auto* end : {&system.bounds->low_with_sampling, &system.bounds->high_with_sampling}) {
        if (*end) *end = put_back(**end);
      }
    }
    out.push_back(std::move(system));
  }
  return out;
}

PairedDifference MissingOf(const Measures& first, const Measures& second, const std::vector<Places>& tasks,
                           const PairedOptions& options) {
  std::vector<PairedRow> rows;
  const auto missing = [](const Measures& measures, int task) -> std::optional<double> {
    for (const auto& [name, measure] : measures) {
      const TaskPoints& points = measure.points[static_cast<size_t>(task)];
      if (points.wanted > 0) return static_cast<double>(points.wanted - points.scored) / points.wanted;
    }
    return std::nullopt;
  };
  for (const Places& task : tasks) {
    const std::optional<double> one = missing(first, task.first);
    const std::optional<double> other = missing(second, task.second);
    if (!one || !other) continue;
    rows.push_back({*other - *one, first.begin()->second.clusters[static_cast<size_t>(task.first)]});
  }
  return ComparePaired(rows, options);
}

// What each epoch of a task says: the side that it leans to, or right and wrong.
struct TaskLabels {
  std::vector<int> labels;  // an epoch each
  double mean = 0;          // how far pole a leads; the share of right answers
};

std::vector<TaskLabels> Leanings(const RunData& run, int judge) {
  std::vector<TaskLabels> tasks(run.tasks.size());
  for (const SampleFacts& sample : run.samples) {
    const JudgedFacts* judged = By(judge, sample);
    if (judged == nullptr || !HasShares(*judged)) continue;
    const double lead = *judged->a - *judged->b;
    TaskLabels& task = tasks[static_cast<size_t>(sample.task)];
    task.labels.push_back(lead > kEqualShares ? 1 : lead < -kEqualShares ? -1 : 0);
    task.mean += lead;
  }
  for (TaskLabels& task : tasks) task.mean /= std::max<double>(1, static_cast<double>(task.labels.size()));
  return tasks;
}

// By the first reading.
std::vector<TaskLabels> AnswersGiven(const RunData& run, int judge) {
  std::vector<TaskLabels> tasks(run.tasks.size());
  const BenchmarkReport* benchmark = FindBenchmarkReport(run.summary.run.protocol);
  if (benchmark == nullptr) return tasks;
  const std::vector<LabelScheme> schemes = benchmark->schemes(run, run.judges[static_cast<size_t>(judge)]);
  if (schemes.empty()) return tasks;
  for (const LabelRow& row : ReadLabels(run, judge, schemes.front())) {
    if (!row.prediction) continue;
    TaskLabels& task = tasks[static_cast<size_t>(row.task)];
    task.labels.push_back(row.correct >= 0.5 ? 1 : -1);
    task.mean += row.correct;
  }
  for (TaskLabels& task : tasks) task.mean /= std::max<double>(1, static_cast<double>(task.labels.size()));
  return tasks;
}

const char* LeaningName(int label, bool answered) {
  if (answered) return label > 0 ? "right" : "wrong";
  return label > 0 ? "a" : label < 0 ? "b" : "neither leads";
}

void AddFlips(const RunData& first, int first_judge, const RunData& second, int second_judge,
              const std::vector<Places>& tasks, RunPair& out) {
  const bool answered = first.is_answered();
  const std::vector<TaskLabels> was = answered ? AnswersGiven(first, first_judge) : Leanings(first, first_judge);
  const std::vector<TaskLabels> is = answered ? AnswersGiven(second, second_judge) : Leanings(second, second_judge);
  std::vector<LabelledPair> pairs;
  for (size_t i = 0; i < tasks.size(); ++i) {
    const TaskLabels& one = was[static_cast<size_t>(tasks[i].first)];
    const TaskLabels& other = is[static_cast<size_t>(tasks[i].second)];
    if (one.labels.empty() || other.labels.empty()) continue;
    pairs.push_back({one.labels, other.labels});
    const std::optional<int> before = MajorityLabel(one.labels);
    const std::optional<int> after = MajorityLabel(other.labels);
    if (!before || !after || *before == *after) continue;
    out.flips.push_back({i, one.mean, other.mean, LeaningName(*before, answered), LeaningName(*after, answered)});
  }
  out.flip_counts = CountLabelFlips(pairs);
  out.tasks = out.flip_counts.tasks;
  std::stable_sort(out.flips.begin(), out.flips.end(), [](const Flip& x, const Flip& y) {
    return std::fabs(x.second - x.first) > std::fabs(y.second - y.first);
  });
}

// Each system's profile in both runs, over the tasks that both scored.
std::vector<std::pair<std::string, ProfileSimilarity>> SimilaritiesOf(const Measures& first, const Measures& second,
                                                                      const std::vector<Places>& tasks) {
  std::map<std::string, std::vector<ProfileSums>> systems;
  int dimension = 0;
  for (const auto& [name, one] : first) {
    const auto other = second.find(name);
    if (other == second.end() || name.value_system.empty()) continue;
    std::map<int, ProfileSums> clusters;
    for (const Places& task : tasks) {
      const TaskPoints& was = one.points[static_cast<size_t>(task.first)];
      const TaskPoints& is = other->second.points[static_cast<size_t>(task.second)];
      if (was.scored == 0 || is.scored == 0) continue;
      ProfileSums& sums = clusters[one.clusters[static_cast<size_t>(task.first)]];
      sums.first.Add(was.sum / was.scored);
      sums.second.Add(is.sum / is.scored);
    }
    for (auto& [cluster, sums] : clusters) {
      sums.dimension = dimension;
      sums.cluster = cluster;
      systems[name.value_system].push_back(sums);
    }
    ++dimension;
  }
  std::vector<std::pair<std::string, ProfileSimilarity>> out;
  for (const auto& [name, sums] : systems) out.emplace_back(name, CompareProfiles(sums));
  return out;
}

// Counts, bounds and flips stay.
void Withhold(const std::string& why, RunPair& pair) {
  pair.voided = why;
  const auto nothing = [&] {
    Estimate estimate;
    estimate.reason = why;
    return estimate;
  };
  for (ScoreDifference& score : pair.scores) {
    score.first = score.second = 0;
    score.paired = {};
    score.binary.reset();
    score.paired.estimate = nothing();
    score.paired.p_reason = score.paired.sign_flip.reason = why;
  }
  for (SystemDifference& system : pair.systems) system.difference = nothing();
  for (auto& [system, similarity] : pair.similarities) {
    similarity.pearson = similarity.spearman = similarity.corrected = similarity.distance = nothing();
  }
}

RunPair PairOf(const std::vector<RunData>& runs, const Comparability& found, const std::vector<Measures>& measures,
               size_t first, size_t second, const PairedOptions& options) {
  RunPair out;
  out.first = first;
  out.second = second;
  std::vector<Places> tasks;
  for (const CommonTask& task : found.tasks) tasks.push_back({task.indexes[first], task.indexes[second]});
  std::vector<std::pair<Measures::const_iterator, Measures::const_iterator>> both;
  for (auto one = measures[first].begin(); one != measures[first].end(); ++one) {
    const auto other = measures[second].find(one->first);
    if (other != measures[second].end()) both.emplace_back(one, other);
  }
  if (both.empty()) return out;
  out.scores.resize(both.size());
  InParallel(both.size(), [&](size_t i) {
    out.scores[i] = Differ(both[i].first->first, both[i].first->second, both[i].second->second, tasks, options);
  });
  out.systems = SystemsOf(measures[first], measures[second], tasks);
  out.missing = MissingOf(measures[first], measures[second], tasks, options);
  out.similarities = SimilaritiesOf(measures[first], measures[second], tasks);
  AddFlips(runs[first], found.judges[first], runs[second], found.judges[second], tasks, out);
  std::vector<std::pair<int, int>> places;
  for (const CommonTask& task : found.tasks) places.emplace_back(task.indexes[first], task.indexes[second]);
  out.severity = SeverityDifference(SeverityByTask(runs[first], found.judges[first]),
                                    SeverityByTask(runs[second], found.judges[second]), places);
  return out;
}

// Whether two lists are equal at the same places.
bool SameDivision(const std::vector<std::string>& one, const std::vector<std::string>& other) {
  for (size_t i = 0; i < one.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      if ((one[i] == one[j]) != (other[i] == other[j])) return false;
    }
  }
  return true;
}

// What the subjects differ in, and the level of each run.
std::vector<Factor> FactorsOf(const Comparability& found, std::vector<std::vector<int>>& levels) {
  std::vector<Factor> factors;
  for (const ConfigurationDifference& difference : found.subject) {
    // Places in a series that something else tells apart as well, as a checkpoint's name does, are
    // no second factor.
    const bool place = difference.what == kSeriesFactor || difference.what == kPositionFactor;
    const auto same = [&](const ConfigurationDifference& other) {
      return SameDivision(other.values, difference.values);
    };
    const ConfigurationDifference* first = found.subject.data();
    if (place && std::any_of(first, &difference, same)) continue;
    Factor factor;
    factor.name = difference.what;
    for (size_t run = 0; run < difference.values.size(); ++run) {
      const auto known = std::find(factor.levels.begin(), factor.levels.end(), difference.values[run]);
      levels[run].push_back(static_cast<int>(known - factor.levels.begin()));
      if (known == factor.levels.end()) factor.levels.push_back(difference.values[run]);
    }
    factors.push_back(std::move(factor));
  }
  return factors;
}

// Without the runs that are void.
void AddEffects(const Comparability& found, const std::vector<Measures>& measures,
                const std::vector<std::string>& voided, Comparison& out) {
  std::vector<std::vector<int>> levels(measures.size());
  out.factors = FactorsOf(found, levels);
  if (out.factors.size() < 2 || measures.size() < 3) return;
  for (const auto& [name, first] : measures.front()) {
    std::vector<FactorRow> rows;
    for (size_t run = 0; run < measures.size(); ++run) {
      const auto measure = measures[run].find(name);
      if (measure == measures[run].end() || !voided[run].empty()) continue;
      for (size_t i = 0; i < found.tasks.size(); ++i) {
        const auto place = static_cast<size_t>(found.tasks[i].indexes[run]);
        const TaskPoints& points = measure->second.points[place];
        if (points.scored == 0) continue;
        const int cluster = first.clusters[static_cast<size_t>(found.tasks[i].indexes.front())];
        rows.push_back({levels[run], static_cast<int>(run), static_cast<int>(i), cluster, points.sum / points.scored});
      }
    }
    if (rows.empty()) continue;
    out.effects.push_back({name.protocol, name.value_system, name.dimension, EstimateFactorEffects(out.factors, rows)});
  }
}

// One family: every dimension of every pair.
void Correct(Comparison& comparison, bool false_discovery, double alpha) {
  std::vector<std::optional<double>> family;
  for (const RunPair& pair : comparison.pairs) {
    for (const ScoreDifference& score : pair.scores) family.push_back(score.paired.p);
  }
  const std::vector<std::optional<double>> adjusted = false_discovery ? BenjaminiHochberg(family) : Holm(family);
  size_t next = 0;
  for (RunPair& pair : comparison.pairs) {
    for (ScoreDifference& score : pair.scores) {
      score.adjusted_p = adjusted[next++];
      comparison.family += score.adjusted_p.has_value();
      const bool equivalent = score.paired.equivalence && score.paired.equivalence->equivalent;
      score.verdict = VerdictOf(score.adjusted_p && *score.adjusted_p < alpha, equivalent);
      score.depends_on_missing = score.worst && DependsOnMissing(score.verdict, score.worst->verdict);
    }
  }
}

}  // namespace

Comparison Compare(const std::vector<RunData>& runs, const Comparability& found, const ComparisonOptions& options) {
  PairedOptions paired;
  paired.margin = options.margin;
  Comparison out;
  out.correction = options.false_discovery ? "Benjamini-Hochberg" : "Holm";
  std::vector<Measures> measures;
  std::vector<std::string> voided;  // by run
  for (size_t i = 0; i < runs.size(); ++i) {
    measures.push_back(MeasuresOf(runs[i], found.judges[i]));
    const std::string why = found.judges[i] < 0 ? "" : VoidReason(runs[i], found.judges[i], options.budget);
    voided.push_back(why.empty() ? "" : "run " + runs[i].summary.run.id + " is " + why);
  }
  for (size_t first = 0; first < runs.size(); ++first) {
    for (size_t second = first + 1; second < runs.size(); ++second) {
      out.pairs.push_back(PairOf(runs, found, measures, first, second, paired));
      const std::string& why = voided[first].empty() ? voided[second] : voided[first];
      if (!why.empty()) Withhold(why, out.pairs.back());
    }
  }
  AddEffects(found, measures, voided, out);
  Correct(out, options.false_discovery, 1 - paired.level);
  return out;
}

std::vector<Metric> ToMetrics(const std::vector<RunData>& runs, const Comparability& found,
                              const Comparison& comparison) {
  std::vector<Metric> out;
  for (const RunPair& pair : comparison.pairs) {
    MetricList list(runs[pair.first].summary.run);
    const int judge = found.judges[pair.first];
    const auto group = [&](const std::string& system, const std::string& dimension) {
      MetricList::Group names{{"with", runs[pair.second].summary.run.id}};
      if (judge >= 0) names.emplace_back("judge", runs[pair.first].judges[static_cast<size_t>(judge)]);
      if (!system.empty()) names.emplace_back("value_system", system);
      if (!dimension.empty()) names.emplace_back("dimension", dimension);
      return names;
    };
    const auto doubt = [&] {
      for (const size_t run : {pair.second, pair.first}) {
        const JudgeStanding& standing = found.standings[run];
        if (standing.unfit) list.last().AddReason("in run " + runs[run].summary.run.id + " the judge is " + standing.fitness);
      }
    };
    for (const ScoreDifference& score : pair.scores) {
      const bool answered = score.value_system.empty();
      const MetricList::Group names = answered ? group("", "") : group(score.value_system, score.dimension);
      const char* protocol = score.protocol.c_str();
      const int64_t missing = score.missing_first + score.missing_second;
      std::optional<Bounds> bounds;
      if (score.worst) bounds = score.worst->bounds;
      list.AddEstimate(protocol, "difference", names, score.paired.estimate, bounds, score.tasks, missing);
      doubt();
      const auto add = [&](const char* name, std::optional<double> value, const std::string& reason) {
        Metric& metric = list.Add(protocol, name, names);
        metric.value = value;
        metric.scored = score.tasks;
        metric.unscored = missing;
        if (!value) metric.reason = reason;
      };
      add("difference_p", score.paired.p, score.paired.p_reason);
      add("difference_p_adjusted", score.adjusted_p, score.paired.p_reason);
      if (score.binary) add("difference_p_mcnemar", score.binary->p, score.binary->estimate.reason);
      add("difference_p_sign_flip", score.paired.sign_flip.p, score.paired.sign_flip.reason);
      add("detectable_difference", score.paired.detectable, score.paired.p_reason);
      if (score.paired.equivalence) {
        add("equivalence_p", score.paired.equivalence->p, score.paired.p_reason);
      }
    }
    for (const SystemDifference& system : pair.systems) {
      list.AddEstimate("axiometer", "system_difference", group(system.value_system, ""), system.difference,
                       system.bounds, system.tasks, system.missing);
      doubt();
    }
    for (const auto& [system, similarity] : pair.similarities) {
      const std::pair<const char*, const Estimate*> measured[] = {{"profile_pearson", &similarity.pearson},
                                                                 {"profile_spearman", &similarity.spearman},
                                                                 {"profile_distance", &similarity.distance}};
      for (const auto& [name, estimate] : measured) {
        list.AddEstimate("axiometer", name, group(system, ""), *estimate, std::nullopt, pair.tasks, 0);
      }
    }
    if (pair.severity.value) {
      list.AddEstimate("axiometer", "severity_difference", group("", ""), pair.severity, std::nullopt, pair.severity.n, 0);
    }
    const auto add_flips = [&](const char* name, std::optional<double> count, int64_t of) {
      Metric& metric = list.Add("axiometer", name, group("", ""));
      metric.value = count;
      metric.scored = of;
      if (!count) metric.reason = "no task has two epochs in both runs";
    };
    add_flips("flip_count", static_cast<double>(pair.flips.size()), pair.tasks);
    add_flips("flip_count_expected", pair.flip_counts.expected, pair.flip_counts.noise_tasks);
    list.AddEstimate("axiometer", "missing_share_difference", group("", ""), pair.missing.estimate, std::nullopt,
                     pair.missing.estimate.n, 0);
    for (Metric& metric : list.Take()) out.push_back(std::move(metric));
  }
  MetricList list(runs.front().summary.run);
  for (const ScoreEffects& score : comparison.effects) {
    for (const FactorEffect& effect : score.effects.effects) {
      MetricList::Group group{{"effect", effect.name}};
      if (!score.value_system.empty()) {
        group.emplace_back("value_system", score.value_system);
        group.emplace_back("dimension", score.dimension);
      }
      list.AddEstimate(score.protocol, "factor_effect", group, effect.estimate, std::nullopt, effect.estimate.n, 0);
      Metric& p = list.Add(score.protocol, "factor_effect_p_adjusted", group);
      p.value = effect.adjusted_p;
      p.scored = effect.estimate.n;
      if (!p.value) p.reason = effect.aliased_with.empty() ? effect.p_reason : "aliased";
    }
  }
  for (Metric& metric : list.Take()) out.push_back(std::move(metric));
  return out;
}

}  // namespace axiometer
