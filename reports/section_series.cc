#include <algorithm>
#include <cmath>
#include <map>

#include "reports/difference_text.h"
#include "reports/figures.h"
#include "reports/plain_text.h"
#include "reports/run_series.h"
#include "reports/sections.h"

namespace axiometer {
namespace {

// A slope is shown for a step that the series takes a few times: 1, 10, 100, …
double StepOf(const SeriesOrder& order) {
  const double span =
      static_cast<double>(order.positions.back()) - static_cast<double>(order.positions.front());
  return std::pow(10, std::floor(std::log10(span)));
}

class SeriesWriter {
 public:
  SeriesWriter(const std::vector<RunData>& runs, const Comparability& found,
               const RunSeries& series)
      : runs_(runs),
        found_(found),
        series_(series),
        order_(series.order),
        step_(StepOf(series.order)) {}

  Section Write(const std::vector<std::string>& notes) const {
    Section section;
    section.id = "series";
    section.title = "Along the series " + order_.name;
    for (const std::string& note : notes) section.blocks.push_back(Paragraph{note, true});
    section.blocks.push_back(Positions());
    if (series_.dimensions.empty()) {
      section.blocks.push_back(Paragraph{"Nothing that every position scored.", true});
      return section;
    }
    section.blocks.push_back(Paragraph{Summary(), false});
    std::vector<std::pair<std::string, std::string>>
        groups;  // protocol of answered suites, value system
    for (const DimensionSeries& dimension : series_.dimensions) {
      const std::pair<std::string, std::string> group = GroupOf(dimension);
      if (groups.empty() || groups.back() != group) groups.push_back(group);
    }
    for (size_t i = 0; i < groups.size(); ++i) AddGroup(groups[i], i, section);
    if (order_.positions.size() > 2) section.blocks.push_back(EveryPosition());
    if (!series_.topics.empty()) {
      section.blocks.push_back(Topics());
      if (order_.positions.size() > 2) section.blocks.push_back(TopicsEverywhere());
    }
    return section;
  }

 private:
  std::string At(size_t position) const { return std::to_string(order_.positions[position]); }
  size_t last() const { return order_.positions.size() - 1; }

  static std::pair<std::string, std::string> GroupOf(const DimensionSeries& dimension) {
    return {dimension.value_system.empty() ? dimension.protocol : "", dimension.value_system};
  }

  // Value systems' names are needed only where there are several.
  std::string NameOf(const DimensionSeries& dimension) const {
    const bool several = std::any_of(
        series_.dimensions.begin(), series_.dimensions.end(),
        [&](const DimensionSeries& other) { return other.value_system != dimension.value_system; });
    return several ? dimension.value_system + ": " + dimension.dimension : dimension.dimension;
  }

  Table Positions() const {
    Table table;
    table.id = "series-positions";
    table.columns = {{"Position", true}, {"Run", false},    {"Subject", false},
                     {"Judge", false},   {"Samples", true}, {"Missing", true}};
    table.caption = Grouped(static_cast<long long>(found_.tasks.size())) +
                    (found_.tasks.size() == 1 ? " task is" : " tasks are") +
                    " in every run; all below is of these alone.";
    for (size_t p = 0; p < order_.runs.size(); ++p) {
      const size_t run = order_.runs[p];
      const int judge = found_.judges[run];
      const auto [samples, missing] = CountsOf(run, judge);
      table.rows.push_back({At(p), runs_[run].summary.run.id, runs_[run].summary.run.model,
                            judge < 0 ? "nobody" : runs_[run].judges[static_cast<size_t>(judge)],
                            Grouped(samples), Grouped(missing)});
    }
    return table;
  }

  // Ended samples of the common tasks, and those of them that the judge gave no score.
  std::pair<int64_t, int64_t> CountsOf(size_t run, int judge) const {
    std::vector<bool> common(runs_[run].tasks.size(), false);
    for (const CommonTask& task : found_.tasks)
      common[static_cast<size_t>(task.indexes[run])] = true;
    int64_t samples = 0;
    int64_t missing = 0;
    for (const SampleFacts& sample : runs_[run].samples) {
      if (!common[static_cast<size_t>(sample.task)]) continue;
      ++samples;
      const auto judged =
          std::find_if(sample.judged.begin(), sample.judged.end(),
                       [&](const JudgedFacts& facts) { return facts.judge == judge; });
      missing += judged == sample.judged.end() || judged->status != JudgementStatus::kScored;
    }
    return {samples, missing};
  }

  std::string Stamped(const DimensionSeries& dimension, size_t position) const {
    return NameOf(dimension) + " (" +
           Signed(*dimension.series.positions[position].from_first->estimate.value, 2) +
           (dimension.at[position].depends_on_missing ? "; depends on missing outcomes)" : ")");
  }

  static void Append(std::string& list, const std::string& item) {
    list += (list.empty() ? "" : ", ") + item;
  }

  static bool IsDifferent(const DimensionAt& at) {
    return at.verdict == DifferenceVerdict::kDifferent || at.verdict == DifferenceVerdict::kBoth;
  }

  // The answer in a few sentences, before any table.
  std::string Summary() const {
    std::string up;
    std::string down;
    std::string between;
    int equivalent = 0;
    int undecided = 0;
    for (const DimensionSeries& dimension : series_.dimensions) {
      const DimensionAt& end = dimension.at[last()];
      if (IsDifferent(end)) {
        const bool rose = *dimension.series.positions[last()].from_first->estimate.value > 0;
        Append(rose ? up : down, Stamped(dimension, last()));
        continue;
      }
      size_t moved = 0;
      for (size_t p = 1; p < last() && moved == 0; ++p)
        moved = IsDifferent(dimension.at[p]) ? p : 0;
      if (moved > 0) Append(between, Stamped(dimension, moved) + " at " + At(moved));
      (end.verdict == DifferenceVerdict::kEquivalent ? equivalent : undecided) += 1;
    }
    const std::string ends = "From position " + At(0) + " to " + At(last());
    std::string text;
    if (!up.empty()) text += ends + " the subject moved up on " + up + ". ";
    if (!down.empty())
      text +=
          (up.empty() ? ends + " the subject moved down on " : "It moved down on ") + down + ". ";
    if (up.empty() && down.empty()) text += ends + " no change is shown. ";
    if (!between.empty())
      text += "Different from the first on the way, but not at the end: " + between + ". ";
    if (equivalent > 0) {
      text += std::to_string(equivalent) + (equivalent == 1 ? " dimension" : " dimensions") +
              " moved by less than the margin in all. ";
    }
    if (undecided > 0) {
      text += "On " + std::to_string(undecided) + (undecided == 1 ? " dimension" : " dimensions") +
              " these data decide nothing: that is no sign that it stood still. ";
    }
    text += Done();
    while (text.ends_with(' ')) text.pop_back();
    return text;
  }

  std::string Done() const {
    if (!series_.margin) return "";
    std::string done;
    int open = 0;
    for (const DimensionSeries& dimension : series_.dimensions) {
      if (dimension.series.done_at) {
        Append(done,
               NameOf(dimension) + " at position " + std::to_string(*dimension.series.done_at));
      } else {
        ++open;
      }
    }
    std::string text;
    if (!done.empty())
      text += "Essentially done (margin " + Fixed(*series_.margin, 3) + "): " + done + ". ";
    if (open > 0) {
      text += std::to_string(open) + (open == 1 ? " dimension is" : " dimensions are") +
              " not shown to be done before the last position.";
    }
    return text;
  }

  std::string SlopeText(const Contrast& slope) const {
    Estimate shown = slope.estimate;
    if (shown.value) *shown.value *= step_;
    if (shown.interval) {
      shown.interval->low *= step_;
      shown.interval->high *= step_;
    }
    return DifferenceText(shown);
  }

  std::string SlopeTitle() const {
    return step_ == 1 ? "a position" : Grouped(std::llround(step_)) + " positions";
  }

  void AddGroup(const std::pair<std::string, std::string>& group, size_t number,
                Section& section) const {
    LineChart chart;
    chart.id = "series-chart-" + std::to_string(number);
    chart.title = group.second.empty() ? "Accuracy, " + group.first : group.second;
    chart.axis = "Position in the series " + order_.name;
    chart.quantity = group.second.empty() ? "share of right answers" : "mean share of the points";
    const std::string word = FileWord(group.second.empty() ? "accuracy " + group.first : group.second);
    if (!word.empty()) chart.file = "series-" + word;
    std::vector<const Estimate*> means;
    int64_t tasks = 0;
    for (size_t p = 0; p < order_.positions.size(); ++p) chart.ticks.push_back(At(p));
    Table changes;
    changes.id = "series-changes-" + std::to_string(number);
    changes.columns = {{"", false},
                       {"Change, " + At(0) + " to " + At(last()) + " [95 %]", true},
                       {"p", true},
                       {"Verdict", false}};
    Table slopes;
    slopes.id = "series-slopes-" + std::to_string(number);
    slopes.columns = {{"", false},
                      {"Slope, " + SlopeTitle() + " [95 %]", true},
                      {"p", true},
                      {"Done at", true},
                      {"Tasks", true}};
    for (const DimensionSeries& dimension : series_.dimensions) {
      if (GroupOf(dimension) != group) continue;
      const Series& found = dimension.series;
      LineChart::Line line;
      line.label = dimension.dimension;
      if (found.slope.estimate.value) {
        line.remark = Signed(*found.slope.estimate.value * step_, 3) + (step_ == 1 ? " " : " per ") + SlopeTitle();
      }
      for (size_t p = 0; p < order_.positions.size(); ++p) {
        const Estimate& mean = dimension.at[p].mean;
        means.push_back(&mean);
        line.points.push_back({static_cast<double>(order_.positions[p]), mean.value, mean.interval,
                               mean.caution, mean.reason});
      }
      chart.lines.push_back(std::move(line));
      tasks = std::max<int64_t>(tasks, found.slope.estimate.n);
      const PositionChange& change = found.positions[last()];
      changes.rows.push_back({dimension.dimension, DifferenceText(change.from_first->estimate),
                              PText(change.from_first_adjusted_p),
                              VerdictText(dimension.at[last()])});
      slopes.rows.push_back(
          {dimension.dimension, SlopeText(found.slope), PText(found.slope_adjusted_p),
           found.done_at ? std::to_string(*found.done_at) : "–", Grouped(found.slope.estimate.n)});
    }
    chart.full_caption = "Means over the tasks that every position scored (at most " + Grouped(tasks) +
                         " a line; epochs of a task averaged first).";
    if (const std::string text = IntervalText(means, "cluster"); !text.empty()) {
      chart.full_caption += " Upright line: " + text + " (of the first point with one).";
    }
    if (number == 0) {
      chart.caption =
          "Means over the tasks that every position scored, with 95 % intervals by cluster.";
      changes.caption =
          "The last position less the first, paired by task. p: of no change, by Student's t over "
          "clusters (CR2), after Holm's "
          "correction over all dimensions and positions.";
      if (series_.margin)
        changes.caption +=
            " Equivalent: the 90 % interval lies within ±" + Fixed(*series_.margin, 3) + ".";
      slopes.caption =
          "Slope: mean of the least-squares slopes of the tasks that every position scored; p "
          "after Holm's "
          "correction over the dimensions. ";
      slopes.caption += series_.margin ? "Done at: the first position from which on every one is "
                                         "equivalent to the last (margin " +
                                             Fixed(*series_.margin, 3) + "); –: not shown for any."
                                       : "Done at: takes a --margin.";
    }
    section.blocks.push_back(std::move(chart));
    section.blocks.push_back(std::move(changes));
    section.blocks.push_back(std::move(slopes));
  }

  static std::string VerdictText(const DimensionAt& at) {
    std::string text = DifferenceVerdictName(at.verdict);
    if (at.depends_on_missing) text += "; depends on missing outcomes";
    return text;
  }

  Table EveryPosition() const {
    Table table;
    table.id = "series-every-position";
    table.title = "Every position against the first and the last";
    table.detail = true;
    table.columns = {{"", false},
                     {"Position", true},
                     {"From the first [95 %]", true},
                     {"p", true},
                     {"From the last [95 %]", true},
                     {"p", true},
                     {"As the last", false}};
    table.caption =
        "p after Holm's correction over all dimensions and positions, apart for the two. As the "
        "last: equivalent to "
        "the last position within the margin.";
    for (const DimensionSeries& dimension : series_.dimensions) {
      for (size_t p = 0; p < order_.positions.size(); ++p) {
        const PositionChange& change = dimension.series.positions[p];
        const bool tested = change.from_last && change.from_last->equivalence;
        table.rows.push_back({NameOf(dimension), At(p),
                              change.from_first ? DifferenceText(change.from_first->estimate) : "–",
                              PText(change.from_first_adjusted_p),
                              change.from_last ? DifferenceText(change.from_last->estimate) : "–",
                              PText(change.from_last_adjusted_p),
                              !tested                                     ? "–"
                              : change.from_last->equivalence->equivalent ? "yes"
                                                                          : "not shown"});
      }
    }
    return table;
  }

  static std::string DistanceText(const PairedDistance& distance) {
    const Estimate& estimate = distance.total_variation.estimate;
    return WithInterval(estimate.value, estimate.interval, 2);
  }

  Table Topics() const {
    Table table;
    table.id = "series-topics";
    table.title = std::string("How far the answers moved, by ") +
                  (series_.topics_by == "dimension" ? "dimension" : "topic");
    table.columns = {{series_.topics_by == "dimension" ? "Dimension" : "Topic", false},
                     {"Tasks", true},
                     {"Distance, " + At(0) + " to " + At(last()) + " [95 %]", true},
                     {"Without change", true}};
    table.caption =
        "Total variation, 0 to 1, between how a topic's tasks were answered at the first and at "
        "the last position";
    table.caption +=
        runs_[order_.runs.front()].is_answered() ? " (the options of the first reading)"
        : series_.topics_by == "dimension" ? " (this dimension led, the other one, or neither)"
                                           : " (the dimension that led, or neither)";
    table.caption +=
        "; clusters weigh alike. It is never below 0, so that noise alone gives what stands in the "
        "last column: "
        "read it beside that. The interval is conservative.";
    std::map<std::string, int> reasons;
    for (const TopicSeries& topic : series_.topics) {
      const Distance& distance = topic.from_first.back().total_variation;
      if (!distance.estimate.reason.empty()) ++reasons[distance.estimate.reason];
      table.rows.push_back({topic.topic, Grouped(topic.tasks),
                            DistanceText(topic.from_first.back()),
                            distance.estimate.value ? Fixed(distance.floor, 2) : "–"});
    }
    for (const auto& [reason, count] : reasons) {
      table.caption += " " + std::to_string(count) + (count == 1 ? " row" : " rows") +
                       " without interval: " + reason + ".";
    }
    return table;
  }

  Table TopicsEverywhere() const {
    Table table;
    table.id = "series-topics-everywhere";
    table.title = "Distance from the first position";
    table.detail = true;
    table.columns = {{"", false}};
    for (size_t p = 1; p < order_.positions.size(); ++p)
      table.columns.push_back({"At " + At(p) + " [95 %]", true});
    for (const TopicSeries& topic : series_.topics) {
      std::vector<std::string> row{topic.topic};
      for (const PairedDistance& distance : topic.from_first) row.push_back(DistanceText(distance));
      table.rows.push_back(std::move(row));
    }
    return table;
  }

  const std::vector<RunData>& runs_;
  const Comparability& found_;
  const RunSeries& series_;
  const SeriesOrder& order_;
  const double step_;
};

}  // namespace

Section SeriesSection(const std::vector<RunData>& runs, const Comparability& found,
                      const RunSeries& series, const std::vector<std::string>& notes) {
  std::vector<std::string> all = notes;
  if (!series.left_out.empty()) {
    std::string names;
    for (const std::string& name : series.left_out) names += (names.empty() ? "" : ", ") + name;
    all.push_back("Left out, because some position has no score of it: " + names + ".");
  }
  return SeriesWriter(runs, found, series).Write(all);
}

}  // namespace axiometer
