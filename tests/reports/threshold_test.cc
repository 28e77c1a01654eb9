#include "reports/threshold.h"

#include <gtest/gtest.h>

#include "reports/junit.h"
#include "tests/reports/report_fixture.h"

namespace axiometer {
namespace {

using Group = std::vector<std::pair<std::string, std::string>>;

Metric Accuracy(const std::string& protocol, Group group, std::optional<double> value) {
  Metric metric;
  metric.run = "01RUN";
  metric.suite = "nurvalues";
  metric.protocol = protocol;
  metric.metric = "accuracy";
  metric.group = std::move(group);
  metric.value = value;
  metric.scored = 1200;
  metric.unscored = 3;
  if (value) {
    metric.interval = Interval{0.95, *value - 0.05, *value + 0.05};
    metric.method = "Wilson form, CR2 by cluster, t";
  } else {
    metric.reason = "never scored";
  }
  return metric;
}

std::vector<RunData> Runs(const std::vector<std::string>& ids = {"01RUN"}) {
  std::vector<RunData> runs;
  for (const std::string& id : ids) {
    runs.emplace_back();
    runs.back().summary.run.id = id;
  }
  return runs;
}

std::vector<Metric> Metrics() {
  return {Accuracy("official", {}, 0.55), Accuracy("official", {{"language", "en"}}, 0.5),
          Accuracy("official", {{"language", "cn"}}, 0.6), Accuracy("strict", {}, 0.7)};
}

ThresholdResult Held(const std::string& text, const std::vector<Metric>& metrics = Metrics(),
                     const std::vector<RunData>& runs = Runs()) {
  const Result<Threshold> threshold = ParseThreshold(text);
  EXPECT_TRUE(threshold.has_value()) << text;
  return Hold(*threshold, runs, metrics);
}

std::string ErrorOf(const std::string& text) {
  const Result<Threshold> threshold = ParseThreshold(text);
  return threshold ? "" : threshold.error().what;
}

TEST(ThresholdTest, ATextNamesMetricGroupAndNumber) {
  const Result<Threshold> plain = ParseThreshold("accuracy=0.6");
  EXPECT_EQ(plain->metric, "accuracy");
  EXPECT_TRUE(plain->group.empty());
  EXPECT_EQ(plain->least, 0.6);
  const Result<Threshold> grouped = ParseThreshold("front_mean[dimensions=a\\,b,dimension=x=y]=-1e-3");
  EXPECT_EQ(grouped->metric, "front_mean");
  EXPECT_EQ(grouped->group, (Group{{"dimensions", "a,b"}, {"dimension", "x=y"}}));
  EXPECT_EQ(grouped->least, -0.001);
}

TEST(ThresholdTest, WhatIsNoThresholdIsSaid) {
  EXPECT_EQ(ErrorOf("accuracy"), "\"accuracy\": the number is missing");
  EXPECT_EQ(ErrorOf("=1"), "\"=1\": the metric is missing");
  EXPECT_EQ(ErrorOf("a=high"), "\"a=high\": \"high\" is no number");
  EXPECT_EQ(ErrorOf("a=nan"), "\"a=nan\": \"nan\" is no number");
  EXPECT_EQ(ErrorOf("a="), "\"a=\": \"\" is no number");
  EXPECT_EQ(ErrorOf("a[x]=1"), "\"a[x]=1\": a member of the group is no NAME=TEXT");
  EXPECT_EQ(ErrorOf("a[x=y=1"), "\"a[x=y=1\": expected \"]=NUMBER\" at its end");
  EXPECT_EQ(ErrorOf("a[x=y]1"), "\"a[x=y]1\": expected \"]=NUMBER\" at its end");
}

TEST(ThresholdTest, WithoutAGroupItIsOfAllTasksUnderEveryProtocol) {
  const ThresholdResult held = Held("accuracy=0.55");
  EXPECT_TRUE(held.missed.empty());
  EXPECT_EQ(held.met,
            "accuracy=0.55: accuracy is 0.55 (official, run 01RUN; 1,200 scored, 3 unscored; 95 % interval "
            "0.5000 to 0.6000, Wilson form, CR2 by cluster, t)");
  const ThresholdResult low = Held("accuracy=0.6");
  EXPECT_EQ(low.missed, (std::vector<std::string>{
                            "accuracy=0.6: accuracy is 0.55 (official, run 01RUN; 1,200 scored, 3 unscored; 95 % "
                            "interval 0.5000 to 0.6000, Wilson form, CR2 by cluster, t)"}));
  EXPECT_TRUE(Held("accuracy[protocol=strict]=0.6").missed.empty());
}

TEST(ThresholdTest, AGroupChoosesTheMetric) {
  EXPECT_TRUE(Held("accuracy[language=cn]=0.6").missed.empty());
  ASSERT_EQ(Held("accuracy[language=en]=0.6").missed.size(), 1u);
  EXPECT_NE(Held("accuracy[language=en]=0.6").missed[0].find("accuracy[language=en] is 0.5 (official"),
            std::string::npos);
}

TEST(ThresholdTest, AGroupIsShownAsItIsWritten) {
  const std::string group = "accuracy[topic=care\\, duty [a\\]]";
  const std::string met = Held(group + "=0.5", {Accuracy("official", {{"topic", "care, duty [a]"}}, 0.6)}).met;
  EXPECT_TRUE(met.starts_with(group + "=0.5: " + group + " is 0.6")) << met;
}

TEST(ThresholdTest, WhatIsAbsentIsMissed) {
  EXPECT_EQ(Held("acuracy=0.1").missed,
            (std::vector<std::string>{"acuracy=0.1: run 01RUN has no such metric: did you mean \"accuracy\"?"}));
  EXPECT_EQ(Held("accuracy[language=fr]=0.1").missed,
            (std::vector<std::string>{"accuracy[language=fr]=0.1: run 01RUN has no such metric in this group"}));
  EXPECT_EQ(Held("accuracy[run=02]=0.1").missed,
            (std::vector<std::string>{"accuracy[run=02]=0.1: the report has no such run"}));
  EXPECT_EQ(Held("accuracy=0.1", {Accuracy("official", {}, std::nullopt)}).missed,
            (std::vector<std::string>{"accuracy=0.1: accuracy has no value: never scored (official, run 01RUN; 1,200 "
                                      "scored, 3 unscored; no interval)"}));
}

TEST(ThresholdTest, EveryRunIsHeldToIt) {
  const std::vector<std::string> missed = Held("accuracy=0.1", Metrics(), Runs({"01RUN", "02RUN"})).missed;
  EXPECT_EQ(missed, (std::vector<std::string>{"accuracy=0.1: run 02RUN has no such metric in this group"}));
  EXPECT_TRUE(Held("accuracy[run=01RUN]=0.1", Metrics(), Runs({"01RUN", "02RUN"})).missed.empty());
}

TEST(JunitTest, CountsAddUpAndTextIsEscaped) {
  std::vector<RunData> runs = Runs();
  RunRow& row = runs[0].summary.run;
  row.model = "openai/<m>";
  row.suite = "nurvalues";
  row.created_ms = 1'700'000'000'000;
  runs[0].summary.elapsed_ms = 61'500;
  for (int i = 0; i < 4; ++i) {
    runs[0].samples.emplace_back();
    runs[0].samples.back().outcome = i < 1 ? Outcome::kModelError : Outcome::kFinished;
  }
  const std::string xml = ToJunit(runs, {0.05}, {Held("accuracy=0.6"), Held("accuracy=0.1")});
  EXPECT_EQ(
      xml,
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<testsuites name=\"axiometer\" tests=\"3\" failures=\"2\" errors=\"0\" time=\"61.500\">\n"
      "  <testsuite id=\"0\" package=\"axiometer\" name=\"runs\" timestamp=\"2023-11-14T22:13:20\" "
      "hostname=\"localhost\" tests=\"1\" failures=\"1\" errors=\"0\" time=\"61.500\">\n"
      "    <properties/>\n"
      "    <testcase classname=\"axiometer.runs\" name=\"openai/&lt;m&gt; on nurvalues, run 01RUN: failures within "
      "the budget\" time=\"61.500\">\n"
      "      <failure type=\"failure-budget\" message=\"1 of 4 samples failed, more than the budget of 5.0 %\">1 of "
      "4 samples failed, more than the budget of 5.0 %</failure>\n"
      "    </testcase>\n"
      "    <system-out/>\n    <system-err/>\n  </testsuite>\n"
      "  <testsuite id=\"1\" package=\"axiometer\" name=\"thresholds\" timestamp=\"2023-11-14T22:13:20\" "
      "hostname=\"localhost\" tests=\"2\" failures=\"1\" errors=\"0\" time=\"0.000\">\n"
      "    <properties/>\n"
      "    <testcase classname=\"axiometer.thresholds\" name=\"accuracy=0.6\" time=\"0.000\">\n"
      "      <failure type=\"threshold\" message=\"accuracy=0.6: accuracy is 0.55 (official, run 01RUN; 1,200 "
      "scored, 3 unscored; 95 % interval 0.5000 to 0.6000, Wilson form, CR2 by cluster, t)\">accuracy=0.6: "
      "accuracy is 0.55 (official, run 01RUN; 1,200 scored, 3 unscored; 95 % interval 0.5000 to 0.6000, Wilson "
      "form, CR2 by cluster, t)</failure>\n"
      "    </testcase>\n"
      "    <testcase classname=\"axiometer.thresholds\" name=\"accuracy=0.1\" time=\"0.000\"/>\n"
      "    <system-out/>\n    <system-err/>\n  </testsuite>\n"
      "</testsuites>\n");
  EXPECT_EQ(ToJunit(runs, {0}, {}).find("<failure"), std::string::npos);
}

}  // namespace
}  // namespace axiometer
