#include <algorithm>

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

std::string Spaced(std::string name) {
  std::replace(name.begin(), name.end(), '_', ' ');
  return name;
}

// Columns after the first: accuracy, coverage, unreadable share, what the baselines would score.
Table SliceTable(const std::vector<Baseline>& baselines, const std::string& first) {
  Table table;
  table.columns = {{first, false}, {"Accuracy [95 %]", true}, {"Coverage", true}, {"Unreadable", true}};
  for (const Baseline& baseline : baselines) table.columns.push_back({Spaced(baseline.name), true});
  table.columns.push_back({"Above majority [95 %]", true});
  return table;
}

std::vector<std::string> SliceRow(const std::string& name, const LabelSlice& slice) {
  std::vector<std::string> row = {name, AccuracyText(slice.accuracy),
                                  Grouped(slice.read) + " of " + Grouped(slice.wanted),
                                  Share(slice.answered - slice.read, slice.answered)};
  for (const Baseline& baseline : slice.baselines) row.push_back(Fixed(baseline.accuracy, 4));
  row.push_back(AccuracyText(slice.above_majority));
  return row;
}

Table Confusion(const LabelResult& labels, const std::string& id) {
  Table table;
  table.id = id;
  table.title = "Right answer against given answer, " + labels.scheme.protocol;
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
  table.title = "Why samples have no answer, " + labels.scheme.protocol;
  table.columns = {{"Kind", false}, {"Samples", true}, {"Share", true}};
  for (const auto& [why, count] : labels.missing) {
    table.rows.push_back({Spaced(why), Grouped(count), Share(count, labels.all.wanted)});
  }
  return table;
}

ForestPlot SlicePlot(const LabelResult& labels, const std::string& tag, const std::vector<LabelSlice>& slices,
                     const std::string& id) {
  ForestPlot plot;
  plot.id = id;
  plot.title = "Accuracy by " + Spaced(tag) + ", " + labels.scheme.protocol;
  plot.axis = "share of right answers";
  plot.caption = "Line: 95 % interval. Where lines overlap, these data do not decide the order.";
  std::vector<const LabelSlice*> rows;
  for (const LabelSlice& slice : slices) rows.push_back(&slice);
  rows.push_back(&labels.all);
  for (const LabelSlice* slice : rows) {
    ForestRow row;
    row.label = slice->group.empty() ? "all" : Spaced(slice->group.front().second);
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
    plot.rows.push_back(std::move(row));
  }
  return plot;
}

void AddBreakdown(const JudgeResult& judge, size_t place, const std::string& id, Document& document) {
  const std::string& tag = judge.labels.front().breakdowns[place].first;
  Section section;
  section.id = id;
  section.title = "By " + Spaced(tag);
  section.minor = true;
  for (const LabelResult& labels : judge.labels) {
    if (place >= labels.breakdowns.size()) continue;
    const std::vector<LabelSlice>& slices = labels.breakdowns[place].second;
    if (slices.size() < 2) continue;
    section.detail = section.detail || slices.size() > kLongTable;
    const std::string base = id + "-" + std::to_string(&labels - judge.labels.data());
    Table table = SliceTable(slices.front().baselines, Spaced(tag));
    table.id = base + "-table";
    table.title = labels.scheme.protocol;
    for (const LabelSlice& slice : slices) table.rows.push_back(SliceRow(slice.group.front().second, slice));
    section.blocks.push_back(std::move(table));
    if (slices.size() <= kLargestPlot) section.blocks.push_back(SlicePlot(labels, tag, slices, base + "-plot"));
  }
  if (!section.blocks.empty()) document.sections.push_back(std::move(section));
}

}  // namespace

void AddLabels(const RunView& run, Document& document) {
  int number = 0;
  for (const JudgeResult& judge : run.result.judges) {
    ++number;
    if (judge.labels.empty()) continue;
    const std::string id = run.prefix + "labels-" + std::to_string(number);
    Section section;
    section.id = id;
    section.title = "Right answers";
    if (run.result.judges.size() > 1) section.title += ", by " + judge.judge;
    Table table = SliceTable(judge.labels.front().all.baselines, "Reading");
    table.id = id + "-table";
    table.caption =
        "Share of right answers among those that could be read, with its 95 % interval; how many were read of "
        "how many were wanted; replies that came and could not be read; and what needs no model: any answer at "
        "even odds (uniform), answers drawn at the rate of the right ones (frequency), always the commonest one "
        "(majority).";
    for (const LabelResult& labels : judge.labels) {
      table.rows.push_back(SliceRow(labels.scheme.protocol, labels.all));
    }
    section.blocks.push_back(std::move(table));
    for (const LabelResult& labels : judge.labels) {
      if (!labels.scheme.note.empty()) {
        section.blocks.push_back(Paragraph{labels.scheme.protocol + ": " + labels.scheme.note, false});
      }
      if (labels.all.bounds) {
        section.blocks.push_back(Paragraph{
            labels.scheme.protocol + ": had every sample without an answer been wrong, accuracy would be " +
                Fixed(labels.all.bounds->low, 4) + "; had every one been right, " +
                Fixed(labels.all.bounds->high, 4) + ".",
            true});
      }
    }
    for (const LabelResult& labels : judge.labels) {
      const std::string base = id + "-" + std::to_string(&labels - judge.labels.data());
      if (!labels.scheme.labels.empty()) section.blocks.push_back(Confusion(labels, base + "-confusion"));
      if (!labels.missing.empty()) section.blocks.push_back(Missing(labels, base + "-missing"));
    }
    document.sections.push_back(std::move(section));
    for (size_t i = 0; i < judge.labels.front().breakdowns.size(); ++i) {
      AddBreakdown(judge, i, id + "-by-" + std::to_string(i), document);
    }
    const BenchmarkReport* benchmark = FindBenchmarkReport(run.data.summary.run.protocol);
    if (benchmark != nullptr && benchmark->sections != nullptr) {
      benchmark->sections(run, judge, id + "-own", document);
    }
  }
}

}  // namespace axiometer
