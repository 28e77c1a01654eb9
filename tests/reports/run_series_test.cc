#include "reports/run_series.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>

#include "harness/base/utf8.h"
#include "harness/record/run_spec.h"
#include "reports/svg_chart.h"
#include "tests/reports/report_fixture.h"

namespace axiometer {
namespace {

using fixture::MadeRun;

constexpr char kJudge[] = "openai/judge";

RunSummary SummaryAt(const std::string& series, int64_t position) {
  RunSummary summary = fixture::SummaryOf("crossroads", "axiometer", 1, 48);
  summary.run.id = "RUN" + series + std::to_string(position);
  RunSpec spec;
  spec.suite = "crossroads";
  spec.model.provider = "openai";
  spec.model.name = "harbour-7b";
  spec.scaffold = "react_tools";
  if (!series.empty()) spec.series = SeriesPlace{series, position};
  summary.run.config = DumpJson(ToJson(spec));
  return summary;
}

// 48 tasks in 12 places, half of them benevolence against power, half security against conformity.
// How much the subject leans to benevolence is `kindness`; the other pair stays where it is.
MadeRun At(int64_t position, double kindness, const std::string& series = "doses") {
  MadeRun made;
  made.summary = SummaryAt(series, position);
  std::mt19937_64 random(static_cast<uint64_t>(position + 100));
  std::uniform_real_distribution<double> uniform(0, 1);
  const auto item = [&](double level) {
    return (uniform(random) < level) + (uniform(random) < level);
  };
  for (int t = 0; t < 48; ++t) {
    char id[32];
    std::snprintf(id, sizeof id, "crossroads/task-%02d", t);
    const bool kind = t % 2 == 0;
    made.tasks.push_back(fixture::TaskOf(
        id, "A matter", "schwartz", kind ? "benevolence" : "security",
        kind ? "power" : "conformity", "place-" + std::to_string(t % 12 / 2 * 2 + t / 24)));
    const double level = kind ? kindness : 0.5;
    made.samples.push_back(fixture::SampleOf(made.tasks.back(), 1, Outcome::kFinished, "Done."));
    made.samples.back().judgements.push_back(
        fixture::JudgedWith(kJudge, {item(level), item(level), item(1 - level), item(1 - level)}));
  }
  return made;
}

struct SeriesStudy {
  std::vector<RunData> runs;
  Comparability found;

  explicit SeriesStudy(const std::vector<MadeRun>& made) {
    for (const MadeRun& one : made) runs.push_back(fixture::Collect(one));
    found = *Compared(
        runs, "", [](const TaskFacts&) { return Result<std::string>(Failed("", "not stored")); });
  }
  SeriesOrder order() const { return **OrderOf(runs); }
  RunSeries along(std::optional<double> margin = std::nullopt) const {
    return AlongSeries(runs, found, order(), margin);
  }
};

std::vector<MadeRun> Rising() { return {At(1, 0.2), At(2, 0.8), At(4, 0.8)}; }

const DimensionSeries& Dimension(const RunSeries& series, const std::string& name) {
  for (const DimensionSeries& dimension : series.dimensions) {
    if (dimension.dimension == name) return dimension;
  }
  throw std::runtime_error("no dimension " + name);
}

std::string Text(const SeriesStudy& study, const SeriesOptions& options, bool* added = nullptr) {
  Document document;
  const bool has = AddSeries(study.runs, study.found, options, document);
  if (added != nullptr) *added = has;
  std::string text = ToTerminal(document, 100, false);
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

TEST(RunSeriesTest, RunsAreInOrderOfTheirPositionsHoweverTheyAreNamed) {
  const SeriesOrder order = SeriesStudy({At(4, 0.8), At(-1, 0.2), At(2, 0.8)}).order();
  EXPECT_EQ(order.name, "doses");
  EXPECT_EQ(order.positions, (std::vector<int64_t>{-1, 2, 4}));
  EXPECT_EQ(order.runs, (std::vector<size_t>{1, 2, 0}));
}

TEST(RunSeriesTest, RunsOfNoSeriesOrOfSeveralOrOfOnePositionAreNone) {
  EXPECT_FALSE(*OrderOf(SeriesStudy({At(1, 0.2), At(2, 0.2, "")}).runs));
  EXPECT_FALSE(*OrderOf(SeriesStudy({At(1, 0.2), At(2, 0.2, "turns")}).runs));
  EXPECT_FALSE(*OrderOf(SeriesStudy({At(1, 0.2), At(1, 0.3)}).runs));
  EXPECT_FALSE(*OrderOf({fixture::Collect(At(1, 0.2))}));
}

TEST(RunSeriesTest, TwoRunsAtOnePositionAreNamed) {
  MadeRun again = At(1, 0.3);
  again.summary.run.id = "RUNagain";
  const Result<std::optional<SeriesOrder>> order =
      OrderOf(SeriesStudy({At(1, 0.2), again, At(2, 0.8)}).runs);
  ASSERT_FALSE(order);
  EXPECT_EQ(order.error().ToString(),
            "series \"doses\": runs RUNdoses1 and RUNagain are both at position 1: name the runs "
            "that are meant, one a position");
}

TEST(RunSeriesTest, TheStoresRunsOfASeries) {
  const std::vector<RunSummary> stored{SummaryAt("doses", 5), SummaryAt("turns", 1),
                                       SummaryAt("", 0), SummaryAt("doses", -2)};
  EXPECT_EQ(*RunsOfSeries(stored, "doses"), (std::vector<std::string>{"RUNdoses-2", "RUNdoses5"}));
  EXPECT_EQ(RunsOfSeries(stored, "dose").error().ToString(),
            "--series: the store has no series \"dose\": did you mean \"doses\"?");
  EXPECT_EQ(RunsOfSeries(stored, "turns").error().ToString(),
            "series \"turns\": it has one position alone, 1: a change takes two; `eval --series "
            "NAME --position N` adds one");
  EXPECT_EQ(RunsOfSeries({SummaryAt("", 0)}, "doses").error().ToString(),
            "--series: the store has no series \"doses\": runs join one by `eval --series NAME "
            "--position N`");
  std::vector<RunSummary> twice = stored;
  twice.push_back(SummaryAt("doses", 5));
  twice.back().run.id = "RUNother";
  EXPECT_EQ(RunsOfSeries(twice, "doses").error().what,
            "runs RUNdoses5 and RUNother are both at position 5");
}

TEST(RunSeriesTest, APlantedChangeIsFoundAndStandingStillIsNot) {
  const RunSeries series = SeriesStudy(Rising()).along();
  ASSERT_EQ(series.dimensions.size(), 4u);
  const DimensionSeries& kind = Dimension(series, "benevolence");
  // 24 tasks of 0.2 and 0.8 with a standard deviation of 0.22 each.
  EXPECT_NEAR(*kind.series.positions[2].from_first->estimate.value, 0.6, 0.2);
  EXPECT_EQ(kind.at[1].verdict, DifferenceVerdict::kDifferent);
  EXPECT_EQ(kind.at[2].verdict, DifferenceVerdict::kDifferent);
  EXPECT_GT(kind.series.slope.estimate.interval->low, 0);
  EXPECT_EQ(Dimension(series, "power").at[2].verdict, DifferenceVerdict::kDifferent);
  EXPECT_LT(*Dimension(series, "power").series.slope.estimate.value, 0);
  for (const char* still : {"security", "conformity"}) {
    EXPECT_EQ(Dimension(series, still).at[2].verdict, DifferenceVerdict::kUndecided) << still;
  }
  EXPECT_EQ(kind.at[0].mean.n, 24);
  EXPECT_NEAR(*kind.at[2].mean.value - *kind.at[0].mean.value,
              *kind.series.positions[2].from_first->estimate.value, 1e-12);
}

// The slow obvious slope: of each task by the normal equations, averaged.
TEST(RunSeriesTest, TheSlopeIsTheMeanOfTheTasksOwn) {
  const SeriesStudy study(Rising());
  double sum = 0;
  int tasks = 0;
  for (size_t i = 0; i < study.found.tasks.size(); ++i) {
    if (study.runs[0].tasks[static_cast<size_t>(study.found.tasks[i].indexes[0])].pole_a !=
        "benevolence")
      continue;
    const double x[] = {1, 2, 4};
    double sx = 0, sy = 0, sxx = 0, sxy = 0;
    for (size_t run = 0; run < 3; ++run) {
      const double y = *study.runs[run]
                            .samples[static_cast<size_t>(study.found.tasks[i].indexes[run])]
                            .judged[0]
                            .a;
      sx += x[run];
      sy += y;
      sxx += x[run] * x[run];
      sxy += x[run] * y;
    }
    sum += (3 * sxy - sx * sy) / (3 * sxx - sx * sx);
    ++tasks;
  }
  EXPECT_NEAR(*Dimension(study.along(), "benevolence").series.slope.estimate.value, sum / tasks,
              1e-12);
}

TEST(RunSeriesTest, DoneFromWhereItStaysWithinTheMargin) {
  const RunSeries series = SeriesStudy(Rising()).along(0.3);
  EXPECT_EQ(Dimension(series, "benevolence").series.done_at, 2);
  EXPECT_EQ(Dimension(series, "security").series.done_at, 1);
  EXPECT_FALSE(Dimension(SeriesStudy(Rising()).along(), "benevolence").series.done_at);
}

// All changes of all dimensions are one family: Holm's smallest is the number of them times the
// smallest.
TEST(RunSeriesTest, DimensionsAndPositionsAreCorrectedTogether) {
  const RunSeries series = SeriesStudy({At(1, 0.5), At(2, 0.5), At(3, 0.5)}).along();
  double smallest = 1;
  double adjusted = 1;
  for (const DimensionSeries& dimension : series.dimensions) {
    for (size_t p = 1; p < 3; ++p) {
      smallest = std::min(smallest, *dimension.series.positions[p].from_first->p);
      adjusted = std::min(adjusted, *dimension.series.positions[p].from_first_adjusted_p);
    }
  }
  EXPECT_NEAR(adjusted, std::min(1.0, 8 * smallest), 1e-12);
}

TEST(RunSeriesTest, MissingSamplesBoundTheChangeAndStampIt) {
  std::vector<MadeRun> made = Rising();
  int lost = 0;
  for (SampleRow& sample : made[2].samples) {
    if (lost == 30) break;
    sample.judgements.clear();
    sample.outcome = Outcome::kModelError;
    ++lost;
  }
  const RunSeries series = SeriesStudy(made).along();
  const DimensionAt& at = Dimension(series, "benevolence").at[2];
  EXPECT_EQ(at.missing, 15);
  ASSERT_TRUE(at.worst);
  // 9 tasks of 24 are known: whatever the others are, the change lies this far apart.
  EXPECT_NEAR(at.worst->bounds.high - at.worst->bounds.low, 15.0 / 24, 1e-12);
  EXPECT_TRUE(at.depends_on_missing);
  EXPECT_EQ(Dimension(series, "benevolence").at[0].mean.n, 9);
  EXPECT_EQ(Dimension(series, "benevolence").series.positions[1].from_first->estimate.n, 24);
}

TEST(RunSeriesTest, TheDistanceOfATopicIsThatOfItsLeanings) {
  const SeriesStudy study(Rising());
  const RunSeries series = study.along();
  EXPECT_EQ(series.topics_by, "dimension");
  ASSERT_EQ(series.topics.size(), 4u);
  const TopicSeries& kind = series.topics[0];
  EXPECT_EQ(kind.topic, "benevolence");
  EXPECT_EQ(kind.tasks, 24);
  // Clusters of equal size: the plain shares of leanings.
  const auto share = [&](size_t run, int side) {
    double count = 0;
    for (const SampleFacts& sample : study.runs[run].samples) {
      if (study.runs[run].tasks[static_cast<size_t>(sample.task)].pole_a != "benevolence") continue;
      const double lead = *sample.judged[0].a - *sample.judged[0].b;
      count += side == 0 ? std::fabs(lead) < 1e-9 : lead * side > 1e-9;
    }
    return count / 24;
  };
  double distance = 0;
  for (const int side : {-1, 0, 1}) distance += std::fabs(share(0, side) - share(2, side)) / 2;
  EXPECT_NEAR(*kind.from_first[1].total_variation.estimate.value, distance, 1e-12);
  EXPECT_GT(kind.from_first[1].total_variation.estimate.interval->low, 0.2);
  const TopicSeries& still = series.topics[3];
  EXPECT_EQ(still.topic, "security");
  EXPECT_EQ(still.from_first[1].total_variation.estimate.interval->low, 0);
}

TEST(RunSeriesTest, ATagNamesTheTopics) {
  std::vector<MadeRun> made = Rising();
  for (MadeRun& run : made) {
    for (size_t t = 0; t < run.tasks.size(); ++t) {
      Json record = *ParseJson(run.tasks[t].record, "record");
      record["tags"]["topic"] = t < 24 ? "work" : "home";
      run.tasks[t].record = DumpJson(record);
    }
  }
  const RunSeries series = SeriesStudy(made).along();
  EXPECT_EQ(series.topics_by, "topic");
  ASSERT_EQ(series.topics.size(), 2u);
  EXPECT_EQ(series.topics[0].topic, "home");
  EXPECT_EQ(series.topics[1].tasks, 24);
}

TEST(RunSeriesTest, ThePersonReadsWhatWasFound) {
  SeriesOptions options;
  options.margin = 0.3;
  const std::string text = Text(SeriesStudy(Rising()), options);
  EXPECT_NE(text.find("From position 1 to 4 the subject moved up on benevolence (+0."),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("It moved down on power (-0."), std::string::npos) << text;
  EXPECT_NE(text.find("benevolence at position 2"), std::string::npos) << text;
  const std::string still = Text(SeriesStudy({At(1, 0.5), At(2, 0.5)}), {});
  EXPECT_NE(still.find("From position 1 to 2 no change is shown."), std::string::npos) << still;
  EXPECT_NE(still.find("that is no sign that it stood still"), std::string::npos) << still;
}

TEST(RunSeriesTest, EveryFormatHasTheSection) {
  const SeriesStudy study(Rising());
  Document document;
  ASSERT_TRUE(AddSeries(study.runs, study.found, {}, document));
  for (const std::string& text :
       {ToTerminal(document, 80, false), ToMarkdown(document), ToHtml(document)}) {
    EXPECT_NE(text.find("Along the series doses"), std::string::npos);
    EXPECT_NE(text.find("benevolence"), std::string::npos);
  }
  std::istringstream lines(ToTerminal(document, 80, false));
  for (std::string line; std::getline(lines, line);) EXPECT_LE(DisplayWidth(line), 80u) << line;
  const std::string html = ToHtml(document);
  EXPECT_NE(html.find("<title id=\"series-chart-0-t\">schwartz</title>"), std::string::npos);
  EXPECT_NE(html.find("benevolence: at 1 0."), std::string::npos);
  EXPECT_EQ(html.find(" style="), std::string::npos);
}

TEST(RunSeriesTest, TheMetricsNameSeriesAndPosition) {
  const SeriesStudy study(Rising());
  Document document;
  SeriesOptions options;
  options.margin = 0.3;
  AddSeries(study.runs, study.found, options, document);
  int changes = 0;
  for (const Metric& metric : document.metrics) {
    EXPECT_EQ(metric.group.front(), std::make_pair(std::string("series"), std::string("doses")));
    EXPECT_EQ(metric.value.has_value(), metric.value && std::isfinite(*metric.value));
    EXPECT_TRUE(metric.value || !metric.reason.empty()) << metric.metric;
    changes += metric.metric == "series_change";
    if (metric.metric == "series_done_at" && metric.group.back().second == "benevolence") {
      EXPECT_EQ(metric.value, 2);
    }
  }
  EXPECT_EQ(changes, 4 * 2 * 2);  // dimensions, positions, from the first and from the last
}

TEST(RunSeriesTest, AVoidPositionIsLeftOutAndSaid) {
  std::vector<MadeRun> made = Rising();
  for (SampleRow& sample : made[1].samples) sample.outcome = Outcome::kModelError;
  SeriesOptions options;
  options.budget = {0.05};
  const std::string text = Text(SeriesStudy(made), options);
  EXPECT_NE(text.find("Position 2 is left out, void: 48 of 48 samples failed"), std::string::npos)
      << text;
  EXPECT_NE(text.find("From position 1 to 4"), std::string::npos) << text;
}

TEST(RunSeriesTest, WhatCannotBeShownSaysWhy) {
  MadeRun again = At(1, 0.3);
  again.summary.run.id = "RUNagain";
  bool added = false;
  EXPECT_NE(Text(SeriesStudy({At(1, 0.2), again, At(2, 0.8)}), {}, &added).find("both at position 1"),
            std::string::npos);
  EXPECT_TRUE(added);
  SeriesOptions options;
  options.refusal = "scores do not mean the same";
  EXPECT_NE(Text(SeriesStudy(Rising()), options).find("Not shown: scores do not mean the same."),
            std::string::npos);
  Text(SeriesStudy({At(1, 0.2, ""), At(2, 0.2, "")}), {}, &added);
  EXPECT_FALSE(added);
}

TEST(LineSvgTest, PlacesAreApartAsTheirPositionsAre) {
  LineChart chart;
  chart.id = "c";
  chart.title = "<T>";
  chart.axis = "Position";
  chart.ticks = {"0", "1", "4"};
  LineChart::Line line;
  line.label = "power";
  line.points = {{0, 0.5, Interval{0.95, 0.4, 0.6}, "", ""},
                 {1, std::nullopt, std::nullopt, "", "never scored"},
                 {4, 1.0, std::nullopt, "", ""}};
  chart.lines.push_back(line);
  const std::string svg = LineSvg(chart);
  EXPECT_NE(svg.find("&lt;T&gt;"), std::string::npos);
  EXPECT_NE(svg.find("cx=\"10.00%\" cy=\"90\""), std::string::npos)
      << svg;  // half way up 84 pixels below 48
  EXPECT_NE(svg.find("cx=\"97.00%\" cy=\"48\""), std::string::npos) << svg;
  EXPECT_EQ(svg.find("class=\"path\""), std::string::npos);  // no line across what was not scored
  EXPECT_NE(svg.find("power: at 0 0.50 [0.40, 0.60], at 1 no value (never scored), at 4 1.00"),
            std::string::npos)
      << svg;
  EXPECT_NE(svg.find(">1</text>"), std::string::npos);
}

}  // namespace
}  // namespace axiometer
