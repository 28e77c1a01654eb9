#include "reports/dvmap.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "reports/labels.h"
#include "reports/metrics.h"
#include "tests/reports/report_fixture.h"

namespace axiometer {
namespace {

// Two options, gold shares half and half, one question in one country; eight people.
class DvmapReportTest : public testing::Test {
 protected:
  explicit DvmapReportTest(int epochs = 1) {
    made_.summary.run.id = "r";
    made_.summary.run.suite = made_.summary.run.protocol = "dvmap";
    made_.summary.run.config = DumpJson(Json{{"epochs", epochs}});
    for (int person = 0; person < 8; ++person) {
      const Json guesses = Json::array({Json::array({"uniform", 0.5}), Json::array({"best", person < 4 ? 1 : 0})});
      const Json record = {{"id", Id(person)},
                           {"kind", "choice"},
                           {"title", "t"},
                           {"gold", person < 4 ? "Low" : "High"},
                           {"options", {{{"key", "Low"}, {"text", "Low"}}, {{"key", "High"}, {"text", "High"}}}},
                           {"facts", {{"gold_shares", {0.5, 0.5}}, {"baselines", guesses}}},
                           {"tags", {{"country", "Norland"}, {"question", "Q1"}, {"persona", std::to_string(person)}}}};
      made_.tasks.push_back({"digest of " + Id(person), Id(person), DumpJson(record)});
    }
  }
  static std::string Id(int person) { return "dvmap/test/" + std::to_string(person); }

  void Tag(int person, const char* tag) {
    Json record = Json::parse(made_.tasks[static_cast<size_t>(person)].record);
    record["tags"][tag] = "yes";
    made_.tasks[static_cast<size_t>(person)].record = DumpJson(record);
  }
  static Score Number(const char* name, std::optional<double> number) {
    Score score;
    score.name = name;
    score.number = number;
    return score;
  }
  static Score Text(const char* name, std::optional<std::string> text) {
    Score score;
    score.name = name;
    score.text = std::move(text);
    return score;
  }
  // What came of one call: `predicted` empty: unreadable.
  void Say(int person, int epoch, const std::string& predicted) {
    SampleRow row = Sample(person, epoch, Outcome::kFinished);
    SampleRow::Judged judged;
    judged.judge = "dvmap";
    const std::string gold = person < 4 ? "Low" : "High";
    const double right = predicted == gold ? 1 : 0;
    judged.judgement.status = predicted.empty() ? JudgementStatus::kUnreadable : JudgementStatus::kScored;
    judged.judgement.scores = {Number("official.correct", right),
                               Text("strict.predicted", predicted.empty() ? std::nullopt : std::optional(predicted)),
                               Number("strict.correct", predicted.empty() ? std::nullopt : std::optional(right))};
    if (predicted.empty()) judged.judgement.scores.push_back(Text("strict.problem", "no_tags"));
    row.judgements.push_back(std::move(judged));
    made_.samples.push_back(std::move(row));
  }
  void Fail(int person, int epoch) { made_.samples.push_back(Sample(person, epoch, Outcome::kModelError)); }

  static SampleRow Sample(int person, int epoch, Outcome outcome) {
    SampleRow row;
    row.task = Id(person);
    row.epoch = epoch;
    row.outcome = outcome;
    return row;
  }
  std::vector<LabelResult> Labels() const {
    const RunData data = fixture::Collect(made_);
    return Analyse(data).judges.front().labels;
  }

  fixture::MadeRun made_;
};

TEST_F(DvmapReportTest, TheTwoReadingsHaveTheirOwnDenominators) {
  for (int person = 0; person < 6; ++person) Say(person, 1, "Low");  // four of six right
  Say(6, 1, "");
  Fail(7, 1);
  const std::vector<LabelResult> labels = Labels();
  ASSERT_EQ(labels.size(), 2u);
  EXPECT_EQ(labels[0].scheme.protocol, "official");
  EXPECT_DOUBLE_EQ(*labels[0].all.accuracy.value, 4.0 / 7);
  EXPECT_EQ(labels[0].all.scored, 7);
  EXPECT_EQ(labels[0].all.wanted, 8);
  EXPECT_DOUBLE_EQ(labels[0].all.bounds->high, 5.0 / 8);
  EXPECT_DOUBLE_EQ(*labels[1].all.accuracy.value, 4.0 / 8);
  EXPECT_EQ(labels[1].all.read, 6);
  EXPECT_EQ(labels[1].all.answered, 7);
  EXPECT_FALSE(labels[1].all.bounds);  // nothing is unknown: what failed is wrong
  EXPECT_EQ(labels[1].missing.at("no_tags"), 1);
  EXPECT_EQ(labels[1].missing.at("model_error"), 1);
}

TEST_F(DvmapReportTest, SamplesThatWereNotRunAreWrongToNobody) {
  for (int person = 0; person < 6; ++person) Say(person, 1, "Low");
  const std::vector<LabelResult> labels = Labels();
  EXPECT_DOUBLE_EQ(*labels[1].all.accuracy.value, 4.0 / 6);
  EXPECT_DOUBLE_EQ(labels[1].all.bounds->low, 4.0 / 8);
  EXPECT_EQ(labels[1].missing.at("not_run"), 2);
}

TEST_F(DvmapReportTest, RowsThatAReadingLeavesOutAreNoPartOfIt) {
  Tag(0, "not_kept");
  Tag(0, "no_option");
  Tag(1, "no_option");
  for (int person = 0; person < 8; ++person) Say(person, 1, "Low");
  const std::vector<LabelResult> labels = Labels();
  EXPECT_EQ(labels[0].all.wanted, 7);
  EXPECT_DOUBLE_EQ(*labels[0].all.accuracy.value, 3.0 / 7);
  EXPECT_EQ(labels[1].all.wanted, 6);
}

TEST_F(DvmapReportTest, BaselinesAreThoseOfTheFacts) {
  for (int person = 0; person < 8; ++person) Say(person, 1, "Low");
  const LabelSlice all = Labels()[0].all;
  ASSERT_EQ(all.baselines.size(), 2u);
  EXPECT_EQ(all.baselines[1].name, "best");
  EXPECT_DOUBLE_EQ(all.baselines[1].accuracy, 0.5);
  EXPECT_DOUBLE_EQ(*all.above_majority.value, 0);
}

TEST_F(DvmapReportTest, OneEpochIsNotComparedWithThePeople) {
  for (int person = 0; person < 8; ++person) Say(person, 1, "Low");
  EXPECT_TRUE(DistancesOf(fixture::Collect(made_), 0).cells.empty());
}

class DvmapEpochsTest : public DvmapReportTest {
 protected:
  DvmapEpochsTest() : DvmapReportTest(2) {}
};

TEST_F(DvmapEpochsTest, PersonasWeighEquallyHoweverManyAnswersCouldBeRead) {
  for (int person = 0; person < 8; ++person) {
    Say(person, 1, person < 2 ? "High" : "Low");
    Say(person, 2, person < 2 ? "" : "Low");
  }
  const DvmapDistances found = DistancesOf(fixture::Collect(made_), 0);
  ASSERT_EQ(found.cells.size(), 1u);
  const DvmapCell& cell = found.cells[0];
  EXPECT_EQ(cell.answers, 14);
  EXPECT_EQ(cell.wanted, 16);
  EXPECT_EQ(cell.distances.shares, (std::vector<double>{0.75, 0.25}));
  EXPECT_DOUBLE_EQ(*cell.distances.total_variation.estimate.value, 0.25);
  EXPECT_TRUE(cell.distances.total_variation.estimate.interval);
  EXPECT_DOUBLE_EQ(*found.ordered_emd.value, 0.25);
}

}  // namespace
}  // namespace axiometer
