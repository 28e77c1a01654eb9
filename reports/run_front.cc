#include "reports/run_front.h"

#include <algorithm>
#include <utility>

#include "harness/base/nearest.h"
#include "harness/base/utf8.h"
#include "reports/difference_text.h"
#include "reports/metric_list.h"
#include "reports/plain_text.h"
#include "reports/stats/philox.h"

namespace axiometer {
namespace {

constexpr int kDraws = 2000;

std::string FullName(const MeasureName& name) {
  return name.value_system.empty() ? name.dimension : name.value_system + "/" + name.dimension;
}

// Numbers that every run has.
std::vector<MeasureName> CommonNames(const std::vector<Measures>& measures) {
  std::vector<MeasureName> names;
  for (const auto& [name, measure] : measures.front()) {
    const bool everywhere =
        std::all_of(measures.begin(), measures.end(),
                    [&name](const Measures& other) { return other.contains(name); });
    if (everywhere) names.push_back(name);
  }
  return names;
}

Result<MeasureName> Named(const std::string& text, const std::vector<MeasureName>& known) {
  std::vector<MeasureName> meant;
  for (const MeasureName& name : known) {
    if (FullName(name) == text) return name;
    if (name.dimension == text) meant.push_back(name);
  }
  if (meant.size() == 1) return meant.front();
  if (meant.empty()) {
    std::vector<std::string> names;
    for (const MeasureName& name : known) names.push_back(name.dimension);
    for (const MeasureName& name : known) names.push_back(FullName(name));
    return UsageError("--front", "no dimension " + Quoted(text) + " was scored in every run",
                      DidYouMean(text, names, "`axiometer report` lists the dimensions of a run"));
  }
  std::string systems;
  for (const MeasureName& name : meant)
    systems += (systems.empty() ? "" : " and ") + name.value_system;
  return UsageError("--front", Quoted(text) + " is a dimension of " + systems,
                    "name one of them, as " + FullName(meant.front()));
}

Result<std::vector<MeasureName>> NamesOf(const std::string& named,
                                         const std::vector<MeasureName>& known) {
  std::vector<MeasureName> names;
  size_t begin = 0;
  while (begin <= named.size()) {
    const size_t end = std::min(named.find(',', begin), named.size());
    const std::string text(TrimPython(std::string_view(named).substr(begin, end - begin)));
    begin = end + 1;
    Result<MeasureName> name = Named(text, known);
    if (!name) return std::move(name).error();
    if (std::find(names.begin(), names.end(), *name) != names.end()) {
      return UsageError("--front", Quoted(text) + " is named twice");
    }
    names.push_back(std::move(*name));
  }
  if (names.size() < 2) {
    return UsageError("--front", "on one dimension the front is the highest mean",
                      "name two dimensions or more, comma separated");
  }
  return names;
}

// One dimension of every run over the tasks that all of them wanted.
struct FrontCells {
  std::vector<const Measure*> measures;  // by run
  const Comparability& found;

  const TaskPoints& at(size_t run, const CommonTask& task) const {
    return measures[run]->points[static_cast<size_t>(task.indexes[run])];
  }
  template <class Holds>
  bool everywhere(const CommonTask& task, const Holds& holds) const {
    for (size_t run = 0; run < measures.size(); ++run) {
      if (!holds(at(run, task))) return false;
    }
    return true;
  }
  bool wanted(const CommonTask& task) const {
    return everywhere(task, [](const TaskPoints& points) { return points.wanted > 0; });
  }
  bool scored(const CommonTask& task) const {
    return everywhere(task, [](const TaskPoints& points) { return points.scored > 0; });
  }
};

// Each run's mean in each dimension, with all that is missing filled: the best for `favoured` and
// the worst for the others, or the other way about. No filling puts a subject in front that the
// first leaves out, nor takes one out that the second keeps.
std::vector<std::vector<double>> FilledMeans(const std::vector<FrontCells>& cells,
                                             const Comparability& found, size_t runs,
                                             size_t favoured, bool best) {
  std::vector<std::vector<double>> means(runs, std::vector<double>(cells.size(), 0));
  for (size_t d = 0; d < cells.size(); ++d) {
    double tasks = 0;
    for (const CommonTask& task : found.tasks) {
      if (!cells[d].wanted(task)) continue;
      tasks += 1;
      for (size_t run = 0; run < runs; ++run) {
        const TaskPoints& points = cells[d].at(run, task);
        const double missing = (run == favoured) == best ? points.wanted - points.scored : 0;
        means[run][d] += (points.sum + missing) / points.wanted;
      }
    }
    for (size_t run = 0; run < runs && tasks > 0; ++run) means[run][d] /= tasks;
  }
  return means;
}

std::vector<Metric> ToMetrics(const std::vector<RunData>& runs, const RunFront& front) {
  std::vector<Metric> out;
  std::string all;
  for (const MeasureName& name : front.dimensions) all += (all.empty() ? "" : ",") + FullName(name);
  const auto sum = [](const std::vector<int64_t>& counts) {
    int64_t total = 0;
    for (const int64_t count : counts) total += count;
    return total;
  };
  for (const FrontMember& member : front.front.subjects) {
    const auto run = static_cast<size_t>(member.subject);
    MetricList list(runs[run].summary.run);
    const auto add = [&](const char* name, std::optional<double> value) {
      Metric& metric = list.Add("axiometer", name, {{"dimensions", all}});
      metric.value = value;
      metric.scored = sum(front.tasks);
      metric.unscored = sum(front.left_out);
      if (!value) metric.reason = front.front.reason;
    };
    add("front_member", member.in_front ? 1 : 0);
    if (front.depends_on_missing[run]) list.last().reason = "depends on missing outcomes";
    add("front_probability", member.probability);
    for (size_t d = 0; d < front.dimensions.size(); ++d) {
      Metric& metric =
          list.Add(front.dimensions[d].protocol, "front_mean",
                   {{"dimensions", all}, {"dimension", FullName(front.dimensions[d])}});
      metric.value = member.means[d];
      metric.scored = front.tasks[d];
      metric.unscored = front.left_out[d];
    }
    for (Metric& metric : list.Take()) out.push_back(std::move(metric));
  }
  return out;
}

Section FrontSection(const std::vector<RunData>& runs, const RunFront& front) {
  Section section;
  section.id = "front";
  std::string names;
  for (size_t d = 0; d < front.dimensions.size(); ++d) {
    names += d == 0 ? "" : d + 1 == front.dimensions.size() ? " and " : ", ";
    names += FullName(front.dimensions[d]);
  }
  section.title = "Who is in front on " + names;
  Table table;
  table.id = "front-subjects";
  table.columns = {{"", false}, {"Subject", false}};
  for (const MeasureName& name : front.dimensions) table.columns.push_back({FullName(name), true});
  table.columns.push_back({"In front", false});
  table.columns.push_back({"Probability", true});
  std::string in_front;
  bool depends = false;
  for (const FrontMember& member : front.front.subjects) {
    const auto run = static_cast<size_t>(member.subject);
    const std::string letter = RunLetter(run);
    if (member.in_front) in_front += (in_front.empty() ? "" : ", ") + letter;
    depends = depends || front.depends_on_missing[run];
    std::vector<std::string> row{letter, runs[run].summary.run.model};
    for (const double mean : member.means) row.push_back(Fixed(mean, 3));
    row.push_back(std::string(member.in_front ? "yes" : "no") +
                  (front.depends_on_missing[run] ? " (!)" : ""));
    row.push_back(member.probability ? Fixed(*member.probability, 2) : "–");
    table.rows.push_back(std::move(row));
  }
  section.blocks.push_back(Paragraph{"In front: " + in_front +
                                         ". Nobody else has means at least as high on " + names +
                                         " and a higher one on some of them. Whether more of a "
                                         "value is better is not said by that.",
                                     false});
  table.caption = "Means over the tasks that every run scored (";
  for (size_t d = 0; d < front.dimensions.size(); ++d) {
    table.caption += (d == 0 ? "" : ", ") + Grouped(front.tasks[d]);
    if (front.left_out[d] > 0) table.caption += " and " + Grouped(front.left_out[d]) + " left out";
  }
  table.caption += "). ";
  table.caption += front.front.reason.empty()
                       ? "Probability: that the subject is in the front of the true means, under "
                         "sampling of tasks, not of "
                         "being best."
                       : "No probability under sampling of tasks: " + front.front.reason + ".";
  if (front.front.reason.empty() && front.front.clusters < kClustersForClose) {
    table.caption += " From " + std::to_string(front.front.clusters) +
                     " clusters it is overconfident where subjects lie close together.";
  }
  if (depends) table.caption += " (!): depends on missing outcomes.";
  section.blocks.push_back(std::move(table));
  return section;
}

}  // namespace

Result<RunFront> FrontOfRuns(const std::vector<RunData>& runs, const Comparability& found,
                             const std::string& named) {
  std::vector<Measures> measures;
  for (size_t run = 0; run < runs.size(); ++run)
    measures.push_back(MeasuresOf(runs[run], found.judges[run]));
  Result<std::vector<MeasureName>> names = NamesOf(named, CommonNames(measures));
  if (!names) return std::move(names).error();
  RunFront out;
  out.dimensions = std::move(*names);
  std::vector<SubjectScore> scores;
  std::vector<FrontCells> cells;
  std::string key;
  for (size_t d = 0; d < out.dimensions.size(); ++d) {
    cells.push_back({{}, found});
    for (const Measures& of_run : measures)
      cells.back().measures.push_back(&of_run.at(out.dimensions[d]));
    out.tasks.push_back(0);
    out.left_out.push_back(0);
    key += FullName(out.dimensions[d]) + ",";
    for (const CommonTask& task : found.tasks) {
      if (!cells[d].wanted(task)) continue;
      if (!cells[d].scored(task)) {
        ++out.left_out[d];
        continue;
      }
      ++out.tasks[d];
      const int cluster =
          cells[d].measures.front()->clusters[static_cast<size_t>(task.indexes.front())];
      for (size_t run = 0; run < runs.size(); ++run) {
        const TaskPoints& points = cells[d].at(run, task);
        scores.push_back(
            {static_cast<int>(run), static_cast<int>(d), cluster, points.sum / points.scored});
      }
    }
  }
  for (size_t d = 0; d < out.dimensions.size(); ++d) {
    if (out.tasks[d] > 0) continue;
    return UsageError("--front", "no task of " + Quoted(FullName(out.dimensions[d])) +
                                     " has a score in every run");
  }
  out.front = FrontOf(scores, RandomKey(kReportSeed, "pareto front", "", key), kDraws);
  for (size_t run = 0; run < runs.size(); ++run) {
    const bool at_best = IsInFront(FilledMeans(cells, found, runs.size(), run, true), run);
    const bool at_worst = IsInFront(FilledMeans(cells, found, runs.size(), run, false), run);
    out.depends_on_missing.push_back(at_best != at_worst);
  }
  return out;
}

void AddFront(const std::vector<RunData>& runs, const RunFront& front, const std::string& behind,
              Document& document) {
  InsertSection(FrontSection(runs, front), behind, document);
  for (Metric& metric : ToMetrics(runs, front)) document.metrics.push_back(std::move(metric));
}

}  // namespace axiometer
