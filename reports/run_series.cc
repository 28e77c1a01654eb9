#include "reports/run_series.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "harness/base/nearest.h"
#include "harness/base/utf8.h"
#include "harness/record/run_spec.h"
#include "reports/benchmarks.h"
#include "reports/measures.h"
#include "reports/metric_list.h"
#include "reports/stats/philox.h"
#include "reports/task_scores.h"

namespace axiometer {
namespace {

constexpr char kTopicTag[] = "topic";

// A run in a series, by position and then in the order of `runs`.
struct Placed {
  int64_t position = 0;
  size_t run = 0;
};

void Order(std::vector<Placed>& placed) {
  std::stable_sort(placed.begin(), placed.end(),
                   [](const Placed& x, const Placed& y) { return x.position < y.position; });
}

// `id_of` a place in the list of runs.
template <class IdOf>
Result<void> CheckPositions(const std::string& name, const std::vector<Placed>& placed,
                            const IdOf& id_of) {
  for (size_t i = 1; i < placed.size(); ++i) {
    if (placed[i].position != placed[i - 1].position) continue;
    return UsageError("series " + Quoted(name),
                      "runs " + id_of(placed[i - 1].run) + " and " + id_of(placed[i].run) +
                          " are both at position " + std::to_string(placed[i].position),
                      "name the runs that are meant, one a position");
  }
  return {};
}

// The common tasks as one run has them.
std::vector<size_t> TasksOf(const Comparability& found, size_t run) {
  std::vector<size_t> tasks;
  for (const CommonTask& task : found.tasks)
    tasks.push_back(static_cast<size_t>(task.indexes[run]));
  return tasks;
}

// One number of all runs: their measures in order of position, and where each has the common tasks.
struct Along {
  std::vector<const Measure*> measures;
  const std::vector<std::vector<size_t>>& tasks;

  const TaskPoints& at(size_t position, size_t task) const {
    return measures[position]->points[tasks[position][task]];
  }
  int cluster(size_t task) const { return measures.front()->clusters[tasks.front()[task]]; }
  size_t count() const { return tasks.front().size(); }
};

// Means over the tasks that every position scored.
void AddMeans(const Along& along, DimensionSeries& out) {
  std::vector<std::vector<Observation>> rows(along.measures.size());
  for (size_t task = 0; task < along.count(); ++task) {
    bool everywhere = true;
    for (size_t p = 0; p < along.measures.size(); ++p)
      everywhere = everywhere && along.at(p, task).scored > 0;
    if (!everywhere) continue;
    for (size_t p = 0; p < along.measures.size(); ++p) {
      const TaskPoints& points = along.at(p, task);
      rows[p].push_back({points.sum / points.scored, along.cluster(task), 0});
    }
  }
  for (size_t p = 0; p < along.measures.size(); ++p) out.at[p].mean = MeanInterval(rows[p]);
}

void AddMissing(const Along& along, const PairedOptions& options, DimensionSeries& out) {
  std::vector<std::vector<BoundedPair>> filled(along.measures.size());
  for (size_t task = 0; task < along.count(); ++task) {
    const TaskPoints& first = along.at(0, task);
    for (size_t p = 0; p < along.measures.size(); ++p) {
      const TaskPoints& here = along.at(p, task);
      if (here.wanted == 0 || first.wanted == 0) continue;
      out.at[p].missing += here.wanted - here.scored;
      filled[p].push_back(Filled(first, here, along.cluster(task)));
    }
  }
  for (size_t p = 1; p < along.measures.size(); ++p) {
    if (out.at[p].missing + out.at[0].missing > 0)
      out.at[p].worst = CompareWorstCase(filled[p], options);
  }
}

Series SeriesOf(const Along& along, const std::vector<int64_t>& positions,
                const PairedOptions& options) {
  std::vector<SeriesRow> rows;
  for (size_t p = 0; p < positions.size(); ++p) {
    for (size_t task = 0; task < along.count(); ++task) {
      const TaskPoints& points = along.at(p, task);
      if (points.scored == 0) continue;
      // Sums of shares may end a rounding error above their number.
      const double score = std::clamp(points.sum / points.scored, 0.0, 1.0);
      rows.push_back({positions[p], static_cast<int>(task), along.cluster(task), score});
    }
  }
  return AnalyseSeries(rows, options);
}

void Decide(std::vector<DimensionSeries>& dimensions, double alpha) {
  std::vector<Series> all;
  for (DimensionSeries& dimension : dimensions) all.push_back(std::move(dimension.series));
  AdjustTogether(all);
  for (size_t i = 0; i < dimensions.size(); ++i) {
    DimensionSeries& dimension = dimensions[i];
    dimension.series = std::move(all[i]);
    for (size_t p = 1; p < dimension.series.positions.size(); ++p) {
      const PositionChange& change = dimension.series.positions[p];
      DimensionAt& at = dimension.at[p];
      const bool equivalent =
          change.from_first->equivalence && change.from_first->equivalence->equivalent;
      const bool different = change.from_first_adjusted_p && *change.from_first_adjusted_p < alpha;
      at.verdict = VerdictOf(different, equivalent);
      at.depends_on_missing = at.worst && DependsOnMissing(at.verdict, at.worst->verdict);
    }
  }
}

// How each epoch of a task was answered; empty: no score.
using Answers = std::vector<std::vector<std::string>>;

constexpr char kEven[] = "neither";
constexpr char kOther[] = "the other";

// By the dimension that leads.
Answers LeadersOf(const RunData& run, int judge) {
  Answers answers(run.tasks.size());
  for (const SampleFacts& sample : run.samples) {
    const JudgedFacts* judged = By(judge, sample);
    if (judged == nullptr || !HasShares(*judged)) continue;
    const TaskFacts& task = run.tasks[static_cast<size_t>(sample.task)];
    const double lead = *judged->a - *judged->b;
    answers[static_cast<size_t>(sample.task)].push_back(lead > kEqualShares    ? task.pole_a
                                                        : lead < -kEqualShares ? task.pole_b
                                                                               : kEven);
  }
  return answers;
}

// By the options that the first reading takes the replies for.
Answers OptionsOf(const RunData& run, int judge, const std::vector<LabelScheme>& schemes) {
  Answers answers(run.tasks.size());
  for (const LabelScheme& scheme : schemes) {
    if (scheme.protocol != schemes.front().protocol) continue;
    for (const LabelRow& row : ReadLabels(run, judge, scheme)) {
      if (row.prediction) answers[static_cast<size_t>(row.task)].push_back(*row.prediction);
    }
  }
  return answers;
}

struct Topic {
  std::string
      dimension;  // whose tasks they are: all other leaders count as one; empty: each counts
  std::vector<size_t> tasks;  // places in Comparability::tasks
};
using Topics = std::map<std::string, Topic>;

// Of the first run's facts.
Topics TopicsByTag(const RunData& run, const std::vector<size_t>& tasks, const std::string& tag) {
  Topics topics;
  for (size_t i = 0; i < tasks.size(); ++i) {
    const std::string& text = run.tasks[tasks[i]].tag(tag);
    if (!text.empty()) topics[text].tasks.push_back(i);
  }
  return topics;
}

Topics TopicsByDimension(const RunData& run, const std::vector<size_t>& tasks) {
  std::set<std::string> systems;
  for (const size_t task : tasks) systems.insert(run.tasks[task].value_system);
  Topics topics;
  for (size_t i = 0; i < tasks.size(); ++i) {
    const TaskFacts& facts = run.tasks[tasks[i]];
    for (const std::string& pole : {facts.pole_a, facts.pole_b}) {
      if (pole.empty()) continue;
      Topic& topic = topics[systems.size() > 1 ? facts.value_system + ": " + pole : pole];
      topic.dimension = pole;
      topic.tasks.push_back(i);
    }
  }
  return topics;
}

bool SameOptions(const RunData& run, const std::vector<size_t>& tasks, const Topics& topics) {
  for (const auto& [name, topic] : topics) {
    const std::vector<std::string>& options = run.tasks[tasks[topic.tasks.front()]].options;
    const std::set<std::string> first(options.begin(), options.end());
    for (const size_t member : topic.tasks) {
      const std::vector<std::string>& other = run.tasks[tasks[member]].options;
      if (first.empty() || std::set<std::string>(other.begin(), other.end()) != first) return false;
    }
  }
  return !topics.empty();
}

// Everything that distances by topic are made of.
struct TopicInput {
  std::vector<Answers> answers;  // by position, then task of that run
  std::vector<int> clusters;     // by task of the first run
  Topics topics;
};

TopicInput TopicsOfPoles(const std::vector<RunData>& runs, const Comparability& found,
                         const SeriesOrder& order, const std::vector<size_t>& tasks,
                         std::string& by) {
  TopicInput out;
  const RunData& first = runs[order.runs.front()];
  for (const size_t run : order.runs)
    out.answers.push_back(LeadersOf(runs[run], found.judges[run]));
  out.clusters = ClustersByTask(first);
  by = kTopicTag;
  out.topics = TopicsByTag(first, tasks, by);
  if (!out.topics.empty()) return out;
  by = "dimension";
  out.topics = TopicsByDimension(first, tasks);
  return out;
}

TopicInput TopicsOfAnswers(const std::vector<RunData>& runs, const Comparability& found,
                           const SeriesOrder& order, const std::vector<size_t>& tasks,
                           std::string& by) {
  TopicInput out;
  const RunData& first = runs[order.runs.front()];
  const BenchmarkReport* benchmark = FindBenchmarkReport(first.summary.run.protocol);
  if (benchmark == nullptr) return out;
  std::vector<LabelScheme> schemes;
  for (const size_t run : order.runs) {
    const std::vector<LabelScheme> own =
        benchmark->schemes(runs[run], runs[run].judges[static_cast<size_t>(found.judges[run])]);
    if (own.empty()) return out;
    out.answers.push_back(OptionsOf(runs[run], found.judges[run], own));
    if (schemes.empty()) schemes = own;
  }
  out.clusters = ClustersByTag(first, schemes.front().cluster);
  std::vector<std::string> tags{kTopicTag};
  tags.insert(tags.end(), schemes.front().slices.begin(), schemes.front().slices.end());
  for (const std::string& tag : tags) {
    by = tag;
    out.topics = TopicsByTag(first, tasks, tag);
    if (SameOptions(first, tasks, out.topics)) return out;
  }
  out.topics.clear();
  return out;
}

// Shares of the answers of one task over the options of a topic.
std::vector<double> SharesOf(const std::vector<std::string>& answers,
                             const std::map<std::string, size_t>& options) {
  std::vector<double> shares(options.size(), 0);
  for (const std::string& answer : answers)
    shares[options.at(answer)] += 1.0 / static_cast<double>(answers.size());
  return shares;
}

TopicSeries TopicAlong(const std::string& name, const Topic& topic, const TopicInput& input,
                       const std::vector<std::vector<size_t>>& tasks, const SeriesOrder& order) {
  TopicSeries out;
  out.topic = name;
  const auto answers = [&](size_t position, size_t task) {
    std::vector<std::string> given = input.answers[position][tasks[position][task]];
    if (topic.dimension.empty()) return given;
    for (std::string& answer : given) {
      if (answer != topic.dimension && answer != kEven) answer = kOther;
    }
    return given;
  };
  // One answer everywhere is still a choice among several.
  std::map<std::string, size_t> options{{kEven, 0}, {kOther, 1}};
  std::set<size_t> answered;
  for (const size_t task : topic.tasks) {
    for (size_t p = 0; p < order.positions.size(); ++p) {
      for (const std::string& answer : answers(p, task)) options.emplace(answer, options.size());
      if (p > 0 && !answers(0, task).empty() && !answers(p, task).empty()) answered.insert(task);
    }
  }
  out.tasks = static_cast<int64_t>(answered.size());
  for (size_t p = 1; p < order.positions.size(); ++p) {
    std::vector<PairedShares> rows;
    for (const size_t task : topic.tasks) {
      const std::vector<std::string> first = answers(0, task);
      const std::vector<std::string> here = answers(p, task);
      if (first.empty() || here.empty()) continue;
      rows.push_back(
          {input.clusters[tasks.front()[task]], SharesOf(first, options), SharesOf(here, options)});
    }
    const uint64_t key =
        RandomKey(kReportSeed, "distance per topic", std::to_string(order.positions[p]), name);
    out.from_first.push_back(DistanceBetween(rows, key));
  }
  return out;
}

void AddTopics(const std::vector<RunData>& runs, const Comparability& found, RunSeries& out) {
  const SeriesOrder& order = out.order;
  if (std::any_of(order.runs.begin(), order.runs.end(),
                  [&](size_t run) { return found.judges[run] < 0; }))
    return;
  std::vector<std::vector<size_t>> tasks;
  for (const size_t run : order.runs) tasks.push_back(TasksOf(found, run));
  const bool answered = runs[order.runs.front()].is_answered();
  const TopicInput input = answered
                               ? TopicsOfAnswers(runs, found, order, tasks.front(), out.topics_by)
                               : TopicsOfPoles(runs, found, order, tasks.front(), out.topics_by);
  for (const auto& [name, topic] : input.topics) {
    TopicSeries series = TopicAlong(name, topic, input, tasks, order);
    if (series.tasks > 0) out.topics.push_back(std::move(series));
  }
}

// As metrics of the run at a position; slope and end as of the first run.
std::vector<Metric> ToMetrics(const std::vector<RunData>& runs, const Comparability& found,
                              const RunSeries& series) {
  std::vector<Metric> out;
  const SeriesOrder& order = series.order;
  const auto group_of = [&](size_t run, const DimensionSeries& dimension) {
    MetricList::Group group{{"series", order.name}};
    if (found.judges[run] >= 0)
      group.emplace_back("judge", runs[run].judges[static_cast<size_t>(found.judges[run])]);
    if (!dimension.value_system.empty()) group.emplace_back("value_system", dimension.value_system);
    if (dimension.dimension != dimension.protocol)
      group.emplace_back("dimension", dimension.dimension);
    return group;
  };
  for (size_t p = 0; p < order.positions.size(); ++p) {
    const size_t run = order.runs[p];
    MetricList list(runs[run].summary.run);
    const std::string position = std::to_string(order.positions[p]);
    for (const DimensionSeries& dimension : series.dimensions) {
      MetricList::Group group = group_of(run, dimension);
      group.emplace_back("position", position);
      const DimensionAt& at = dimension.at[p];
      list.AddEstimate(dimension.protocol, "series_mean", group, at.mean, std::nullopt, at.mean.n,
                       at.missing);
      const auto add_change =
          [&](const char* against, size_t reference, const std::optional<PairedDifference>& change,
              const std::optional<double>& adjusted, const std::optional<Bounds>& bounds) {
            if (!change) return;
            MetricList::Group names = group;
            names.emplace_back("against", against);
            const int64_t missing = at.missing + dimension.at[reference].missing;
            list.AddEstimate(dimension.protocol, "series_change", names, change->estimate, bounds,
                             change->estimate.n, missing);
            const auto add = [&](const char* name, const std::optional<double>& value) {
              Metric& metric = list.Add(dimension.protocol, name, names);
              metric.value = value;
              metric.scored = change->estimate.n;
              metric.unscored = missing;
              if (!value) metric.reason = change->p_reason;
            };
            add("series_change_p", change->p);
            add("series_change_p_adjusted", adjusted);
            if (change->equivalence) add("series_equivalence_p", change->equivalence->p);
          };
      const PositionChange& change = dimension.series.positions[p];
      std::optional<Bounds> bounds;
      if (at.worst) bounds = at.worst->bounds;
      add_change("first", 0, change.from_first, change.from_first_adjusted_p, bounds);
      add_change("last", order.positions.size() - 1, change.from_last, change.from_last_adjusted_p,
                 std::nullopt);
    }
    for (const TopicSeries& topic : series.topics) {
      if (p == 0) continue;
      const Distance& distance = topic.from_first[p - 1].total_variation;
      const MetricList::Group group{{"series", order.name},
                                    {"position", position},
                                    {"by", series.topics_by},
                                    {"topic", topic.topic}};
      list.AddEstimate("axiometer", "series_distance", group, distance.estimate, std::nullopt,
                       distance.estimate.n, 0);
      Metric& floor = list.Add("axiometer", "series_distance_floor", group);
      if (distance.estimate.value) floor.value = distance.floor;
      floor.scored = distance.estimate.n;
      if (!floor.value) floor.reason = distance.estimate.reason;
    }
    for (Metric& metric : list.Take()) out.push_back(std::move(metric));
  }
  MetricList list(runs[order.runs.front()].summary.run);
  for (const DimensionSeries& dimension : series.dimensions) {
    const MetricList::Group group = group_of(order.runs.front(), dimension);
    const Contrast& slope = dimension.series.slope;
    list.AddEstimate(dimension.protocol, "series_slope", group, slope.estimate, std::nullopt,
                     slope.estimate.n, 0);
    Metric& p = list.Add(dimension.protocol, "series_slope_p_adjusted", group);
    p.value = dimension.series.slope_adjusted_p;
    p.scored = slope.estimate.n;
    if (!p.value) p.reason = slope.p_reason;
    if (!series.margin) continue;
    Metric& done = list.Add(dimension.protocol, "series_done_at", group);
    if (dimension.series.done_at) done.value = static_cast<double>(*dimension.series.done_at);
    done.scored = dimension.at.back().mean.n;
    if (!done.value)
      done.reason = "the position before the last is not shown to be equivalent to it";
  }
  for (Metric& metric : list.Take()) out.push_back(std::move(metric));
  return out;
}

Section WithoutSeries(const std::string& name, const std::string& why) {
  Section section;
  section.id = "series";
  section.title = "Along the series " + name;
  section.blocks.push_back(Paragraph{"Not shown: " + why + ".", true});
  return section;
}

// Leaves out the positions that have too many failures.
void LeaveOutVoid(const std::vector<RunData>& runs, const Comparability& found,
                  const FailureBudget& budget, SeriesOrder& order,
                  std::vector<std::string>& notes) {
  SeriesOrder kept;
  kept.name = order.name;
  for (size_t p = 0; p < order.runs.size(); ++p) {
    const size_t run = order.runs[p];
    const std::string reason =
        found.judges[run] < 0 ? "" : VoidReason(runs[run], found.judges[run], budget);
    if (reason.empty()) {
      kept.runs.push_back(run);
      kept.positions.push_back(order.positions[p]);
    } else {
      notes.push_back("Position " + std::to_string(order.positions[p]) + " is left out, " + reason +
                      ".");
    }
  }
  order = std::move(kept);
}

}  // namespace

Result<std::vector<std::string>> RunsOfSeries(const std::vector<RunSummary>& stored,
                                              const std::string& name) {
  std::vector<Placed> placed;
  std::set<std::string> names;
  for (size_t i = 0; i < stored.size(); ++i) {
    const std::optional<SeriesPlace> place = SeriesPlaceOf(stored[i].run.config);
    if (!place) continue;
    names.insert(place->name);
    if (place->name == name) placed.push_back({place->position, i});
  }
  if (placed.empty()) {
    const std::vector<std::string> known(names.begin(), names.end());
    const std::string hint = known.empty() ? "runs join one by `eval --series NAME --position N`"
                                           : "`axiometer runs` lists the runs with their series";
    return UsageError("--series", "the store has no series " + Quoted(name),
                      DidYouMean(name, known, hint));
  }
  Order(placed);
  const Result<void> distinct =
      CheckPositions(name, placed, [&](size_t run) { return stored[run].run.id; });
  if (!distinct) return distinct.error();
  if (placed.size() < 2) {
    return UsageError("series " + Quoted(name),
                      "it has one position alone, " + std::to_string(placed.front().position),
                      "a change takes two; `eval --series NAME --position N` adds one");
  }
  std::vector<std::string> ids;
  for (const Placed& one : placed) ids.push_back(stored[one.run].run.id);
  return ids;
}

Result<std::optional<SeriesOrder>> OrderOf(const std::vector<RunData>& runs) {
  SeriesOrder order;
  std::vector<Placed> placed;
  std::set<int64_t> positions;
  for (size_t i = 0; i < runs.size(); ++i) {
    const std::optional<SeriesPlace> place = SeriesPlaceOf(runs[i].summary.run.config);
    if (!place || (i > 0 && place->name != order.name)) return std::optional<SeriesOrder>();
    order.name = place->name;
    placed.push_back({place->position, i});
    positions.insert(place->position);
  }
  if (positions.size() < 2) return std::optional<SeriesOrder>();
  Order(placed);
  const Result<void> distinct =
      CheckPositions(order.name, placed, [&](size_t run) { return runs[run].summary.run.id; });
  if (!distinct) return distinct.error();
  for (const Placed& one : placed) {
    order.runs.push_back(one.run);
    order.positions.push_back(one.position);
  }
  return std::optional<SeriesOrder>(std::move(order));
}

RunSeries AlongSeries(const std::vector<RunData>& runs, const Comparability& found,
                      const SeriesOrder& order, std::optional<double> margin) {
  RunSeries out;
  out.order = order;
  out.margin = margin;
  std::vector<Measures> measures;
  std::vector<std::vector<size_t>> tasks;
  for (const size_t run : order.runs) {
    measures.push_back(MeasuresOf(runs[run], found.judges[run]));
    tasks.push_back(TasksOf(found, run));
  }
  PairedOptions options;
  options.margin = margin;
  for (const auto& [name, first] : measures.front()) {
    Along along{{&first}, tasks};
    for (size_t p = 1; p < measures.size(); ++p) {
      const auto here = measures[p].find(name);
      if (here != measures[p].end()) along.measures.push_back(&here->second);
    }
    if (along.measures.size() < measures.size()) {
      out.left_out.push_back(name.dimension);
      continue;
    }
    DimensionSeries dimension;
    dimension.protocol = name.protocol;
    dimension.value_system = name.value_system;
    dimension.dimension = name.dimension;
    dimension.at.resize(measures.size());
    options.key = RandomKey(kReportSeed, "along a series", name.value_system, name.dimension);
    dimension.series = SeriesOf(along, order.positions, options);
    // A position without any score: nothing that could be put in order.
    if (dimension.series.positions.size() < measures.size()) {
      out.left_out.push_back(name.dimension);
      continue;
    }
    AddMeans(along, dimension);
    AddMissing(along, options, dimension);
    out.dimensions.push_back(std::move(dimension));
  }
  Decide(out.dimensions, 1 - options.level);
  AddTopics(runs, found, out);
  return out;
}

bool AddSeries(const std::vector<RunData>& runs, const Comparability& found,
               const SeriesOptions& options, Document& document) {
  const Result<std::optional<SeriesOrder>> ordered = OrderOf(runs);
  if (ordered && !*ordered) return false;
  const std::string why_not = ordered ? options.refusal : ordered.error().what;
  if (!why_not.empty()) {
    const std::string name = SeriesPlaceOf(runs.front().summary.run.config)->name;
    InsertSection(WithoutSeries(name, why_not), options.behind, document);
    return true;
  }
  SeriesOrder order = **ordered;
  std::vector<std::string> notes;
  std::string differ;
  for (const ConfigurationDifference& difference : found.instrument) {
    if (difference.forbids) differ += (differ.empty() ? "" : ", ") + difference.what;
  }
  if (found.refused()) {
    notes.push_back(
        "Scores do not mean the same along this series, because these differ: " + differ +
        ". It is shown all the same (--allow-differences); a change may come from that alone.");
  }
  for (const size_t run : order.runs) {
    const JudgeStanding& standing = found.standings[run];
    if (!standing.unfit) continue;
    notes.push_back("Against people the judge of run " + runs[run].summary.run.id + " is " + standing.fitness +
                    ". Its scores, and changes from or to them, are not to be relied on.");
  }
  LeaveOutVoid(runs, found, options.budget, order, notes);
  if (order.runs.size() < 2) {
    std::string why = "fewer than two positions are left";
    for (const std::string& note : notes) why += "; " + note.substr(0, note.size() - 1);
    InsertSection(WithoutSeries(order.name, why), options.behind, document);
    return true;
  }
  const RunSeries series = AlongSeries(runs, found, order, options.margin);
  InsertSection(SeriesSection(runs, found, series, notes), options.behind, document);
  for (Metric& metric : ToMetrics(runs, found, series))
    document.metrics.push_back(std::move(metric));
  return true;
}

}  // namespace axiometer
