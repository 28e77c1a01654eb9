#include <gtest/gtest.h>

#include "reports/csv_text.h"
#include "reports/document.h"

namespace axiometer {
namespace {

TEST(CsvTest, TextThatLooksLikeAFormulaIsGuardedAndNumbersAreNot) {
  for (const char* text : {"=1+1", "+1", "-1", "@SUM(A1)", "\tx"}) EXPECT_EQ(CsvText(text), std::string("'") + text);
  EXPECT_EQ(CsvText("\r=1"), "\"'\r=1\"");
  EXPECT_EQ(CsvText("a=1"), "a=1");
  EXPECT_EQ(CsvNumber(-0.5), "-0.5");
}

TEST(CsvTest, CellsAreQuotedWhereTheyMustBe) {
  EXPECT_EQ(CsvText("a,b"), "\"a,b\"");
  EXPECT_EQ(CsvText("say \"a\""), "\"say \"\"a\"\"\"");
  EXPECT_EQ(CsvText("two\nlines"), "\"two\nlines\"");
  EXPECT_EQ(CsvText("价值 观"), "价值 观");
}

// R ends a line at a NUL, and a terminal obeys an escape.
TEST(CsvTest, ControlCharactersAreTheirPictures) {
  EXPECT_EQ(CsvText(std::string("a\0b\x1b[2Jc\x7f", 9)), "a\xE2\x90\x80" "b\xE2\x90\x9B[2Jc\xE2\x90\xA1");
  EXPECT_EQ(CsvText("a\tb"), "a\tb");
}

TEST(CsvTest, NumbersReadBackAndAbsentOnesAreEmpty) {
  EXPECT_EQ(CsvNumber(0.1), "0.1");
  EXPECT_EQ(CsvNumber(1.0 / 3), "0.3333333333333333");
  EXPECT_EQ(CsvNumber(std::nullopt), "");
  EXPECT_EQ(CsvNumber(std::numeric_limits<double>::quiet_NaN()), "");
}

TEST(CsvTest, AMetricIsALineAndEveryGroupNameAColumn) {
  Document document;
  Metric metric;
  metric.run = "01RUN";
  metric.suite = "s";
  metric.protocol = "axiometer";
  metric.metric = "mean_score";
  metric.group = {{"judge", "openai/j"}, {"dimension", "=care"}};
  metric.value = 0.25;
  metric.interval = Interval{0.95, 0.125, 0.5};
  metric.method = "Wilson form, CR2 by cluster, t";
  metric.scored = 3;
  metric.unscored = 1;
  metric.bounds = Bounds{0.1875, 0.4375, {}, {}};
  document.metrics.push_back(metric);
  metric.metric = "accuracy";
  metric.group = {{"value", "Justice"}};
  metric.value.reset();
  metric.interval.reset();
  metric.bounds.reset();
  metric.reason = "never scored";
  document.metrics.push_back(metric);
  EXPECT_EQ(ToCsv(document),
            "run,suite,protocol,metric,group_dimension,group_judge,group_value,value,low,high,level,method,scored,"
            "unscored,reason,bound_low,bound_high\r\n"
            "01RUN,s,axiometer,mean_score,'=care,openai/j,,0.25,0.125,0.5,0.95,\"Wilson form, CR2 by cluster, t\",3,1,,"
            "0.1875,0.4375\r\n"
            "01RUN,s,axiometer,accuracy,,,Justice,,,,,,3,1,never scored,,\r\n");
}

}  // namespace
}  // namespace axiometer
