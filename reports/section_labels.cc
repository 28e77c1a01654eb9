#include <algorithm>
#include <numeric>

#include "reports/benchmarks.h"
#include "reports/plain_text.h"
#include "reports/sections.h"

namespace axiometer {
namespace {

constexpr size_t kLongTable = 16;  // slices; beyond, the table is folded
constexpr size_t kLargestPlot = 30;

std::string Share(int64_t part, int64_t whole) {
  if (whole == 0) return "–";
  return Fixed(100 * static_cast<double>(part) / static_cast<double>(whole), 1) + " %";
}

std::string AccuracyText(const Estimate& estimate) {
  if (!estimate.value) return "–";
  std::string text = Fixed(*estimate.value, 4);
  if (estimate.interval) {
    text += " [" + Fixed(estimate.interval->low, 3) + ", " + Fixed(estimate.interval->high, 3) + "]";
  }
  return text;
}

// A row each of what is said of a reading, a column each reading.
Table Overview(const std::vector<LabelResult>& readings, const std::string& id) {
  Table table;
  table.id = id;
  table.caption =
      "Accuracy: share of right answers. Coverage: answers read, of samples wanted. Unreadable: replies that came and "
      "could not be read. Then what needs no model: any answer at even odds (uniform), answers drawn at the rate of "
      "the right ones (frequency), always the commonest one (majority). Above: accuracy less that of the baseline, by "
      "task.";
  table.columns = {{"Reading", false}};
  std::vector<std::vector<std::string>> rows = {{"Accuracy [95 %]"}, {"Coverage"}, {"Unreadable"}};
  for (const Baseline& baseline : readings.front().all.baselines) rows.push_back({Spaced(baseline.name)});
  const std::vector<Baseline>& first = readings.front().all.baselines;
  const bool own = readings.front().scheme.own_baselines && !first.empty();
  rows.push_back({own ? "Above the last [95 %]" : "Above majority [95 %]"});
  for (const LabelResult& labels : readings) {
    const LabelSlice& slice = labels.all;
    table.columns.push_back({labels.scheme.name(), true});
    rows[0].push_back(AccuracyText(slice.accuracy));
    rows[1].push_back(Grouped(slice.read) + " of " + Grouped(slice.wanted));
    rows[2].push_back(Share(slice.answered - slice.read, slice.answered));
    for (size_t i = 0; i < first.size(); ++i) {
      rows[3 + i].push_back(i < slice.baselines.size() ? Fixed(slice.baselines[i].accuracy, 4) : "–");
    }
    rows.back().push_back(AccuracyText(slice.above_majority));
  }
  table.rows = std::move(rows);
  return table;
}

Table ConfusionTable(const LabelResult& labels, const std::string& id) {
  Table table;
  table.id = id;
  table.title = "Right answer against given answer, " + labels.scheme.name();
  table.columns = {{"Right answer", false}};
  for (const std::string& label : labels.scheme.labels) table.columns.push_back({label, true});
  table.columns.push_back({"none", true});
  for (const std::string& gold : labels.scheme.labels) {
    std::vector<std::string> row = {gold};
    std::vector<std::string> answers = labels.scheme.labels;
    answers.emplace_back();
    for (const std::string& answer : answers) {
      const auto found = labels.confusion.find({gold, answer});
      row.push_back(found == labels.confusion.end() ? "0" : Grouped(found->second));
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

Table Missing(const LabelResult& labels, const std::string& id) {
  Table table;
  table.id = id;
  table.title = "Why samples have no answer, " + labels.scheme.name();
  table.columns = {{"Kind", false}, {"Samples", true}, {"Share", true}};
  for (const auto& [why, count] : labels.missing) {
    table.rows.push_back({Spaced(why), Grouped(count), Share(count, labels.all.wanted)});
  }
  return table;
}

// The baseline beside each slice is the last one, which knows most.
Table SliceTable(const LabelResult& labels, const std::string& tag, const std::vector<LabelSlice>& slices,
                 const std::string& id) {
  Table table;
  table.id = id;
  table.title = labels.scheme.name();
  table.columns = {{Spaced(tag), false}, {"Accuracy [95 %]", true}, {"Read", true}, {"Unreadable", true}};
  const std::vector<Baseline>& known = slices.front().baselines;
  if (!known.empty()) {
    table.columns.push_back({"Baseline", true});
    table.caption = "Baseline: " + Spaced(known.back().name) + ".";
  }
  for (const LabelSlice& slice : slices) {
    std::vector<std::string> row = {slice.group.back().second, AccuracyText(slice.accuracy),
                                    Grouped(slice.read) + " of " + Grouped(slice.wanted),
                                    Share(slice.answered - slice.read, slice.answered)};
    if (!known.empty()) row.push_back(slice.baselines.empty() ? "–" : Fixed(slice.baselines.back().accuracy, 4));
    table.rows.push_back(std::move(row));
  }
  return table;
}

// The counts of the table, each beside the share of its row that it is.
HeatMap ConfusionMap(const RunView& run, const JudgeResult& judge, const LabelResult& labels, const std::string& id) {
  HeatMap map;
  map.id = id;
  map.file = run.FileName("confusion", labels.scheme.name(), &judge);
  map.title = "Right answer against given answer, " + labels.scheme.name();
  map.drawn_only = true;
  map.row_axis = "right answer";
  map.column_axis = "given answer";
  map.labels = labels.scheme.labels;
  map.columns = labels.scheme.labels;
  map.columns.push_back("none");
  int64_t all = 0;
  for (const std::string& gold : map.labels) {
    std::vector<int64_t> counts;
    for (const std::string& answer : map.columns) {
      const auto found = labels.confusion.find({gold, &answer == &map.columns.back() ? "" : answer});
      counts.push_back(found == labels.confusion.end() ? 0 : found->second);
    }
    const int64_t row = std::accumulate(counts.begin(), counts.end(), int64_t{0});
    all += row;
    for (const int64_t count : counts) {
      map.cells.push_back({row == 0 ? std::optional<double>()
                                    : static_cast<double>(count) / static_cast<double>(row),
                           Grouped(count)});
    }
  }
  map.caption = "Samples by the right answer and the one that was read; none: a reply came and could not be read, or "
                "none came. The darker a cell, the larger its share of the row.";
  map.full_caption = map.caption + " Counts of " + Grouped(all) + " samples, without intervals.";
  return map;
}

ForestPlot SlicePlot(const RunView& run, const JudgeResult& judge, const LabelResult& labels, const std::string& tag,
                     const std::vector<LabelSlice>& slices, const std::string& id) {
  ForestPlot plot;
  plot.id = id;
  plot.file = run.FileName("accuracy", tag + " " + labels.scheme.name(), &judge);
  plot.title = "Accuracy by " + Spaced(tag) + ", " + labels.scheme.name();
  plot.axis = "share of right answers";
  plot.caption = "Line: 95 % interval. Where lines overlap, these data do not decide the order.";
  const std::vector<Baseline>& known = slices.front().baselines;
  if (!known.empty()) {
    plot.beside = Spaced(known.back().name) + " (baseline)";
    plot.caption += " Hollow in the figure: the baseline, " + Spaced(known.back().name) + ".";
  }
  std::vector<const Estimate*> estimates;
  for (const LabelSlice& slice : slices) estimates.push_back(&slice.accuracy);
  plot.full_caption = "Share of right answers, a task's epochs averaged first. n: answers read, of samples wanted. " +
                      plot.caption;
  if (const std::string text = IntervalText(estimates, "cluster"); !text.empty()) {
    plot.full_caption += " " + text + " (of the first row with one).";
  }
  std::vector<const LabelSlice*> rows;
  for (const LabelSlice& slice : slices) rows.push_back(&slice);
  rows.push_back(&labels.all);
  for (const LabelSlice* slice : rows) {
    ForestRow row;
    row.label = slice == &labels.all ? "all" : Spaced(slice->group.back().second);
    row.value = slice->accuracy.value;
    row.interval = slice->accuracy.interval;
    row.scored = slice->read;
    row.unscored = slice->wanted - slice->read;
    row.reason = slice->accuracy.reason;
    row.caution = slice->accuracy.caution;
    if (slice->bounds) {
      row.bound_low = slice->bounds->low;
      row.bound_high = slice->bounds->high;
    }
    row.summary = slice == &labels.all;
    if (!slice->baselines.empty()) row.beside = slice->baselines.back().accuracy;
    plot.rows.push_back(std::move(row));
  }
  return plot;
}

void AddBreakdown(const RunView& run, const JudgeResult& judge, size_t place, const std::string& id,
                  Document& document) {
  const std::string& tag = judge.labels.front().breakdowns[place].first;
  Section section;
  section.id = id;
  section.title = "By " + Spaced(tag);
  section.minor = true;
  for (const LabelResult& labels : judge.labels) {
    if (place >= labels.breakdowns.size()) continue;
    const std::vector<LabelSlice>& slices = labels.breakdowns[place].second;
    if (slices.size() < 2) continue;
    section.detail = section.detail || slices.size() > kLongTable || place >= labels.scheme.slices_in_full;
    const std::string base = id + "-" + std::to_string(&labels - judge.labels.data());
    section.blocks.push_back(SliceTable(labels, tag, slices, base + "-table"));
    if (slices.size() <= kLargestPlot)
      section.blocks.push_back(SlicePlot(run, judge, labels, tag, slices, base + "-plot"));
  }
  if (!section.blocks.empty()) document.sections.push_back(std::move(section));
}

}  // namespace

void AddLabels(const RunView& run, Document& document) {
  int number = 0;
  for (const JudgeResult& judge : run.result.judges) {
    ++number;
    const std::string id = run.prefix + "labels-" + std::to_string(number);
    const BenchmarkReport* benchmark = FindBenchmarkReport(run.data.summary.run.protocol);
    const auto add_own = [&] {
      if (benchmark != nullptr && benchmark->sections != nullptr) benchmark->sections(run, judge, id + "-own", document);
    };
    if (judge.labels.empty()) {
      add_own();
      continue;
    }
    Section section;
    section.id = id;
    section.title = "Right answers";
    if (run.result.judges.size() > 1) section.title += ", by " + judge.judge;
    section.blocks.push_back(Overview(judge.labels, id + "-table"));
    for (const LabelResult& labels : judge.labels) {
      if (!labels.scheme.note.empty()) {
        section.blocks.push_back(Paragraph{labels.scheme.name() + ": " + labels.scheme.note, false});
      }
      if (labels.all.bounds) {
        section.blocks.push_back(Paragraph{
            labels.scheme.name() + ": had every sample that does not count been wrong, accuracy would be " +
                Fixed(labels.all.bounds->low, 4) + "; had every one been right, " +
                Fixed(labels.all.bounds->high, 4) + ".",
            true});
      }
    }
    for (const LabelResult& labels : judge.labels) {
      const std::string base = id + "-" + std::to_string(&labels - judge.labels.data());
      if (!labels.scheme.labels.empty()) {
        section.blocks.push_back(ConfusionTable(labels, base + "-confusion"));
        section.blocks.push_back(ConfusionMap(run, judge, labels, base + "-confusion-map"));
      }
      if (!labels.missing.empty()) section.blocks.push_back(Missing(labels, base + "-missing"));
    }
    document.sections.push_back(std::move(section));
    for (size_t i = 0; i < judge.labels.front().breakdowns.size(); ++i) {
      AddBreakdown(run, judge, i, id + "-by-" + std::to_string(i), document);
    }
    add_own();
  }
}

}  // namespace axiometer
