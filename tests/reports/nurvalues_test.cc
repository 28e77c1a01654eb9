#include "reports/nurvalues.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "reports/agreement.h"
#include "reports/document.h"
#include "tests/reports/report_fixture.h"

namespace axiometer {
namespace {

// Eight rows: the first four agree with their value; Justice is the value of the even ones.
class NurvaluesReportTest : public testing::Test {
 protected:
  explicit NurvaluesReportTest(const std::string& mode = "io", int epochs = 1)
      : mode_(mode), epochs_(epochs) {
    made_ = Made("r", "en");
  }

  fixture::MadeRun Made(const std::string& run, const std::string& language) const {
    fixture::MadeRun made;
    made.summary.run.id = run;
    made.summary.run.suite = made.summary.run.protocol = "nurvalues";
    made.summary.run.model = "openai/x";
    made.summary.run.config = DumpJson(Json{{"epochs", epochs_}});
    for (int row = 0; row < 8; ++row) {
      const Json record = {
          {"id", "nurvalues/easy/" + language + "/" + std::to_string(row)},
          {"kind", "label"},
          {"title", "t"},
          {"gold", row < 4 ? "1" : "0"},
          {"options", {{{"key", "1"}, {"text", "yes"}}, {{"key", "0"}, {"text", "no"}}}},
          {"facts", {{"prompt_digest", "ab12"}}},
          {"tags",
           {{"value", row % 2 == 0 ? "Justice" : "Integrity"},
            {"mode", mode_},
            {"level", "easy"},
            {"language", language},
            {"item", std::to_string(row)},
            {"situation", std::to_string(row)},
            {"prompt", "axiometer-1"}}}};
      const std::string id = record["id"].get<std::string>();
      made.tasks.push_back({"digest of " + id, id, DumpJson(record)});
    }
    return made;
  }

  static Score Flag(const char* name, std::optional<bool> flag) {
    Score score;
    score.name = name;
    if (flag) score.number = *flag ? 1 : 0;
    return score;
  }

  // `official` and `strict` are "1", "0" or, of the second, "" (unreadable, of the kind no_label).
  void Say(fixture::MadeRun& made, int row, const std::string& official, const std::string& strict,
           int epoch = 1) const {
    const TaskRow& task = made.tasks[static_cast<size_t>(row)];
    SampleRow sample = fixture::SampleOf(task, epoch, Outcome::kFinished, "reply");
    SampleRow::Judged judged;
    judged.judge = "nurvalues";
    const std::string gold = row < 4 ? "1" : "0";
    Judgement& judgement = judged.judgement;
    judgement.status = strict.empty() ? JudgementStatus::kUnreadable : JudgementStatus::kScored;
    if (mode_ != "vote") {
      judgement.scores = {Flag("official.prediction", official == "1"),
                          Flag("official.correct", official == gold)};
    }
    std::optional<bool> read;
    std::optional<bool> right;
    if (!strict.empty()) {
      read = strict == "1";
      right = strict == gold;
    }
    judgement.scores.push_back(Flag("strict.prediction", read));
    judgement.scores.push_back(Flag("strict.correct", right));
    Score parse;
    parse.name = "parse";
    parse.text = strict.empty() ? "none" : strict == "1" ? "pos" : "neg";
    judgement.scores.push_back(parse);
    if (strict.empty()) {
      Score problem;
      problem.name = "strict.problem";
      problem.text = "no_label";
      judgement.scores.push_back(problem);
    }
    sample.judgements.push_back(judged);
    made.samples.push_back(sample);
  }
  void Fail(int row) {
    made_.samples.push_back(
        fixture::SampleOf(made_.tasks[static_cast<size_t>(row)], 1, Outcome::kModelError));
  }

  static std::vector<Metric> MetricsOf(const fixture::MadeRun& made) {
    const RunData run = fixture::Collect(made);
    return ToMetrics(run, Analyse(run));
  }
  static const Metric& Find(const std::vector<Metric>& metrics, const std::string& protocol,
                            const std::string& name, const MetricList::Group& group = {}) {
    const auto found = std::find_if(metrics.begin(), metrics.end(), [&](const Metric& metric) {
      return metric.protocol == protocol && metric.metric == name && metric.group == group;
    });
    if (found == metrics.end()) throw std::runtime_error("no metric " + protocol + " " + name);
    return *found;
  }
  static double Value(const std::vector<Metric>& metrics, const std::string& protocol,
                      const std::string& name, const MetricList::Group& group = {}) {
    return Find(metrics, protocol, name, group).value.value();
  }

  std::string mode_;
  int epochs_;
  fixture::MadeRun made_;
};

TEST_F(NurvaluesReportTest, TheReadingsAreNeverMixed) {
  for (const int row : {0, 1, 2}) Say(made_, row, "1", "1");
  Say(made_, 3, "0", "");  // folded to the wrong answer
  Say(made_, 4, "1", "1");
  Say(made_, 5, "0", "0");
  Say(made_, 6, "1", "");
  Fail(7);
  const std::vector<Metric> metrics = MetricsOf(made_);
  // TP 3, FN 1, FP 2, TN 1
  EXPECT_DOUBLE_EQ(Value(metrics, "official", "accuracy"), 4.0 / 7);
  EXPECT_DOUBLE_EQ(Value(metrics, "official", "micro_f1"), 4.0 / 7);
  EXPECT_DOUBLE_EQ(Value(metrics, "official", "precision"), 3.0 / 5);
  EXPECT_DOUBLE_EQ(Value(metrics, "official", "recall"), 3.0 / 4);
  EXPECT_DOUBLE_EQ(Value(metrics, "official", "f1"), 6.0 / 9);
  EXPECT_DOUBLE_EQ(Value(metrics, "official", "macro_f1"), (6.0 / 9 + 2.0 / 5) / 2);
  EXPECT_DOUBLE_EQ(Value(metrics, "official", "weighted_f1"), 4.0 / 7 * 6 / 9 + 3.0 / 7 * 2 / 5);
  EXPECT_DOUBLE_EQ(Value(metrics, "official", "auroc"), (3.0 / 4 + 1.0 / 3) / 2);
  EXPECT_EQ(Find(metrics, "official", "f1").scored, 7);
  EXPECT_EQ(Find(metrics, "official", "f1").unscored, 1);
  // TP 3, FP 1, TN 1
  EXPECT_DOUBLE_EQ(Value(metrics, "strict", "accuracy"), 4.0 / 5);
  EXPECT_DOUBLE_EQ(Value(metrics, "strict", "recall"), 1);
  EXPECT_DOUBLE_EQ(Value(metrics, "strict", "f1"), 6.0 / 7);
  EXPECT_DOUBLE_EQ(Value(metrics, "strict", "unreadable"), 2.0 / 7);
  EXPECT_DOUBLE_EQ(Value(metrics, "strict", "coverage"), 5.0 / 8);
  EXPECT_DOUBLE_EQ(Value(metrics, "strict", "unanswered_count", {{"why", "no_label"}}), 2);
  EXPECT_DOUBLE_EQ(Value(metrics, "strict", "unanswered_count", {{"why", "model_error"}}), 1);
  EXPECT_DOUBLE_EQ(Value(metrics, "official", "parse_count", {{"parse", "none"}}), 2);
  EXPECT_DOUBLE_EQ(Value(metrics, "official", "parse_count", {{"parse", "pos"}}), 4);
  EXPECT_DOUBLE_EQ(Value(metrics, "official", "parse_count", {{"parse", "both"}}), 0);
}

TEST_F(NurvaluesReportTest, EveryScoreIsThereByValue) {
  for (int row = 0; row < 8; ++row)
    Say(made_, row, row % 2 == 0 ? "1" : "0", row % 2 == 0 ? "1" : "0");
  const std::vector<Metric> metrics = MetricsOf(made_);
  for (const BinaryMetric metric : kBinaryMetrics) {
    const Metric& justice =
        Find(metrics, "official", BinaryMetricName(metric), {{"value", "Justice"}});
    EXPECT_EQ(justice.scored, 4);
    EXPECT_TRUE(justice.interval) << BinaryMetricName(metric);
  }
  EXPECT_DOUBLE_EQ(Value(metrics, "official", "recall", {{"value", "Justice"}}), 1);
  EXPECT_DOUBLE_EQ(Value(metrics, "official", "recall", {{"value", "Integrity"}}), 0);
}

TEST_F(NurvaluesReportTest, NothingByNothingIsZeroToTheProtocolAlone) {
  for (int row = 0; row < 8; ++row) Say(made_, row, "0", "0");
  const std::vector<Metric> metrics = MetricsOf(made_);
  EXPECT_EQ(Value(metrics, "official", "precision"), 0);
  EXPECT_EQ(Find(metrics, "official", "precision").reason, "0/0, which the protocol counts as 0");
  EXPECT_FALSE(Find(metrics, "official", "precision").interval);
  EXPECT_FALSE(Find(metrics, "strict", "precision").value);
  EXPECT_DOUBLE_EQ(Value(metrics, "official", "macro_f1"), 1.0 / 3);
}

TEST_F(NurvaluesReportTest, GuessersNeedNoModel) {
  Say(made_, 0, "1", "1");
  const std::vector<Metric> metrics = MetricsOf(made_);
  EXPECT_DOUBLE_EQ(Value(metrics, "axiometer", "baseline_f1", {{"baseline", "always_1"}}), 2.0 / 3);
  EXPECT_DOUBLE_EQ(Value(metrics, "axiometer", "baseline_macro_f1", {{"baseline", "always_1"}}),
                   1.0 / 3);
  EXPECT_DOUBLE_EQ(Value(metrics, "axiometer", "baseline_macro_f1", {{"baseline", "coin"}}), 0.5);
  EXPECT_FALSE(Find(metrics, "axiometer", "baseline_precision", {{"baseline", "always_0"}}).value);
}

TEST_F(NurvaluesReportTest, ASampleThatNoJudgeSawHasNoAnswer) {
  const RunData run = fixture::Collect(made_);
  for (const Score& score : kNurvaluesReport.unjudged(run.tasks[0])) {
    EXPECT_FALSE(score.number || score.text) << score.name;
  }
  EXPECT_EQ(kNurvaluesReport.unjudged(run.tasks[0]).size(), 5u);
}

TEST_F(NurvaluesReportTest, RunsOfTwoLanguagesAgreeItemByItem) {
  fixture::MadeRun chinese = Made("s", "cn");
  for (int row = 0; row < 8; ++row) {
    Say(made_, row, row < 6 ? "1" : "0", row < 6 ? "1" : "0");
    if (row != 7) Say(chinese, row, row < 3 ? "1" : "0", row == 0 ? "" : row < 3 ? "1" : "0");
  }
  const std::vector<RunData> runs = {fixture::Collect(made_), fixture::Collect(chinese)};
  const std::vector<Agreement> found = AgreementsOf(runs);
  ASSERT_EQ(found.size(), 2u);
  const Agreement& official = found[0];
  EXPECT_EQ(official.protocol, "official");
  EXPECT_EQ(official.common, 7);
  EXPECT_EQ(official.read, 7);
  EXPECT_DOUBLE_EQ(*official.same.value, 4.0 / 7);  // rows 0, 1, 2 and 6
  EXPECT_EQ(official.both_right, 4);
  EXPECT_EQ(official.first_right, 1);   // row 3
  EXPECT_EQ(official.second_right, 2);  // rows 4 and 5
  EXPECT_EQ(official.neither_right, 0);
  EXPECT_NEAR(*official.difference.value, 1.0 / 7, 1e-12);
  const double chance = 6.0 / 7 * 3 / 7 + 1.0 / 7 * 4 / 7;
  EXPECT_NEAR(*official.kappa, (4.0 / 7 - chance) / (1 - chance), 1e-12);
  EXPECT_EQ(found[1].protocol, "strict");
  EXPECT_EQ(found[1].read, 6);

  ReportData data;
  data.runs = runs;
  const Document document = BuildReport(data);
  EXPECT_DOUBLE_EQ(Value(document.metrics, "official", "agreement", {{"with", "s"}}), 4.0 / 7);
  EXPECT_DOUBLE_EQ(
      Value(document.metrics, "official", "right_count", {{"with", "s"}, {"right", "second"}}), 2);
  EXPECT_EQ(Find(document.metrics, "strict", "kappa", {{"with", "s"}}).unscored, 1);
  EXPECT_TRUE(std::any_of(document.sections.begin(), document.sections.end(),
                          [](const Section& section) { return section.id == "agreement"; }));
}

TEST_F(NurvaluesReportTest, OtherRightAnswersAreOtherItems) {
  fixture::MadeRun other = Made("s", "cn");
  Json record = Json::parse(other.tasks[2].record);
  record["gold"] = "0";
  other.tasks[2].record = DumpJson(record);
  for (int row = 0; row < 8; ++row) {
    Say(made_, row, "1", "1");
    Say(other, row, "1", "1");
  }
  const std::vector<RunData> runs = {fixture::Collect(made_), fixture::Collect(other)};
  const std::vector<Agreement> found = AgreementsOf(runs);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].reason, "the right answers of item 2 differ: these are not the same items");
  const std::vector<Metric> metrics = ToMetrics(runs, found);
  ASSERT_EQ(metrics.size(), 2u);
  EXPECT_FALSE(metrics[0].value);
}

class NurvaluesVoteTest : public NurvaluesReportTest {
 protected:
  NurvaluesVoteTest() : NurvaluesReportTest("vote", 3) {}
};

TEST_F(NurvaluesVoteTest, MostReadableRepliesDecideAndATieIsNoAnswer) {
  const char* replies[8][3] = {{"1", "1", "0"}, {"1", "", ""},   {"1", "0", ""},  {"", "", ""},
                               {"0", "0", "0"}, {"1", "1", "0"}, {"0", "0", "1"}, {"0", "", "0"}};
  for (int row = 0; row < 8; ++row) {
    for (int epoch = 1; epoch <= 3; ++epoch) Say(made_, row, "", replies[row][epoch - 1], epoch);
  }
  const std::vector<NurvaluesSlice> vote = VoteOf(fixture::Collect(made_), 0);
  EXPECT_EQ(vote[0].rows.size(), 6u);
  EXPECT_EQ(vote[0].wanted, 8);
  const std::vector<Metric> metrics = MetricsOf(made_);
  EXPECT_DOUBLE_EQ(Value(metrics, "axiometer", "accuracy", {{"reading", "vote"}}), 5.0 / 6);
  EXPECT_DOUBLE_EQ(Value(metrics, "axiometer", "f1", {{"reading", "vote"}}), 4.0 / 5);
  EXPECT_EQ(Find(metrics, "axiometer", "accuracy", {{"reading", "vote"}}).unscored, 2);
  for (const Metric& metric : metrics) EXPECT_NE(metric.protocol, "official") << metric.metric;
}

}  // namespace
}  // namespace axiometer
