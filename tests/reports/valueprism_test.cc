#include "reports/valueprism.h"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "harness/base/json.h"
#include "reports/labels.h"
#include "reports/valueprism_tables.h"
#include "tests/reports/report_fixture.h"

namespace axiometer {
namespace {

class ValuePrismReportTest : public testing::Test {
 protected:
  explicit ValuePrismReportTest(int epochs = 1) {
    made_.summary.run.id = "r";
    made_.summary.run.suite = made_.summary.run.protocol = "valueprism";
    made_.summary.run.config = DumpJson(Json{{"epochs", epochs}});
  }

  // A row about `text` in `situation`; its number within the task.
  int Row(const std::string& task, const std::string& situation, const std::string& text,
          const std::string& gold) {
    const int number = static_cast<int>(made_.tasks.size());
    const std::string id = "valueprism/" + task + "/test/" + std::to_string(number);
    Json options = Json::array();
    for (const std::string& label : ValuePrismLabelNames(task))
      options.push_back({{"key", label}, {"text", label}});
    const Json record = {
        {"id", id},
        {"kind", "choice"},
        {"title", "t"},
        {"gold", gold},
        {"options", options},
        {"facts",
         {{"situation", "About " + situation}, {"baselines", {{"uniform", 0.5}, {"majority", 1}}}}},
        {"tags",
         {{"task", task},
          {"situation", situation},
          {"vrd", situation + "/" + text},
          {"type", "Value"},
          {"gold", gold}}}};
    made_.tasks.push_back({"digest of " + id, id, DumpJson(record)});
    return number;
  }
  // One reply: `label` empty: unreadable; `p` empty: no likelihoods.
  void Say(int row, const std::string& label, const std::vector<double>& p = {}, int epoch = 1) {
    SampleRow sample = Sample(row, epoch, Outcome::kFinished);
    const Json record = Json::parse(made_.tasks[static_cast<size_t>(row)].record);
    const std::vector<std::string>& labels =
        ValuePrismLabelNames(record["tags"]["task"].get<std::string>());
    SampleRow::Judged judged;
    judged.judge = "valueprism";
    judged.judgement.status =
        label.empty() ? JudgementStatus::kUnreadable : JudgementStatus::kScored;
    Score said;
    said.name = "label";
    if (!label.empty()) said.text = label;
    Score correct;
    correct.name = "correct";
    correct.number = label == record["gold"] ? 1 : 0;
    judged.judgement.scores = {said, correct};
    for (size_t i = 0; i < labels.size(); ++i) {
      Score score;
      score.name = "p." + labels[i];
      if (!p.empty()) score.number = p[i];
      judged.judgement.scores.push_back(std::move(score));
    }
    if (label.empty()) {
      Score problem;
      problem.name = "problem";
      problem.text = "no_label";
      judged.judgement.scores.push_back(std::move(problem));
    }
    sample.judgements.push_back(std::move(judged));
    made_.samples.push_back(std::move(sample));
  }
  void Fail(int row) { made_.samples.push_back(Sample(row, 1, Outcome::kModelError)); }
  RunData Data() const { return fixture::Collect(made_); }

 private:
  SampleRow Sample(int row, int epoch, Outcome outcome) const {
    SampleRow sample;
    sample.task = made_.tasks[static_cast<size_t>(row)].id;
    sample.epoch = epoch;
    sample.outcome = outcome;
    return sample;
  }

  fixture::MadeRun made_;
};

TEST_F(ValuePrismReportTest, UnreadableRepliesAreWrongAndFailedCallsLeftOut) {
  Say(Row("valence", "nap", "rest", "Supports"), "Supports");
  Say(Row("valence", "nap", "work", "Opposes"), "");
  Fail(Row("valence", "run", "health", "Supports"));
  Say(Row("relevance", "nap", "rest", "Yes"), "Yes");
  const RunData data = Data();
  const std::vector<LabelResult> labels = Analyse(data).judges.at(0).labels;
  ASSERT_EQ(labels.size(), 2u);
  EXPECT_EQ(labels[0].scheme.task, "relevance");
  EXPECT_EQ(labels[0].all.wanted, 1);
  const LabelSlice& valence = labels[1].all;
  EXPECT_EQ(valence.group, (std::vector<std::pair<std::string, std::string>>{{"task", "valence"}}));
  EXPECT_DOUBLE_EQ(*valence.accuracy.value, 0.5);
  EXPECT_EQ(valence.scored, 2);
  EXPECT_EQ(valence.read, 1);
  EXPECT_EQ(valence.wanted, 3);
  EXPECT_DOUBLE_EQ(valence.bounds->low, 1.0 / 3);
  EXPECT_EQ(labels[1].missing.at("no_label"), 1);
  const std::vector<ValuePrismClasses> classes = ValuePrismClassesOf(data, 0);
  ASSERT_EQ(classes.size(), 4u);  // of each task: all types, then Value
  EXPECT_EQ(classes[2].task, "valence");
  EXPECT_EQ(classes[2].scores.n, 2);
  EXPECT_EQ(classes[2].scores.unread, 1);
  EXPECT_DOUBLE_EQ(*classes[2].scores.classes[0].f1, 1);
  EXPECT_DOUBLE_EQ(*classes[2].scores.classes[1].f1, 0);
  EXPECT_DOUBLE_EQ(*classes[2].scores.macro_f1.value, 0.5);
  EXPECT_EQ(classes[2].auroc[0].reason, "no likelihoods were stored");
}

TEST_F(ValuePrismReportTest, PairsAreComparedWithinASituationAlone) {
  Say(Row("valence", "nap", "rest", "Supports"), "Supports", {0.6, 0.3, 0.1});
  Say(Row("valence", "nap", "work", "Opposes"), "Either", {0.3, 0.2, 0.5});    // below 0.3
  Say(Row("valence", "nap", "calm", "Opposes"), "Supports", {0.7, 0.2, 0.1});  // above 0.3
  Say(Row("valence", "run", "health", "Supports"), "Opposes", {0.1, 0.9, 0});
  Say(Row("valence", "run", "knees", "Opposes"), "Opposes", {0.1, 0.9, 0});  // a tie
  Say(Row("valence", "run", "fun", "Either"), "Supports", {1, 0, 0});
  const ValuePrismProbe probe = ValuePrismProbesOf(Data(), 0).at(0);
  EXPECT_EQ(probe.scores, "likelihood");
  EXPECT_EQ(probe.pairs, 3);
  EXPECT_EQ(probe.situations, 2);
  EXPECT_DOUBLE_EQ(*probe.estimate.value, 1.5 / 3);
}

TEST_F(ValuePrismReportTest, WhoLooksAtTheSituationAloneGetsOneHalf) {
  for (const char* situation : {"nap", "run", "swim"}) {
    const double p = situation[0] == 'n' ? 0.9 : situation[0] == 'r' ? 0.2 : 0.5;
    for (int i = 0; i < 3; ++i) {
      Say(Row("relevance", situation, "a" + std::to_string(i), "Yes"), "Yes", {p, 1 - p});
      Say(Row("relevance", situation, "b" + std::to_string(i), "No"), "Yes", {p, 1 - p});
    }
  }
  const ValuePrismProbe probe = ValuePrismProbesOf(Data(), 0).at(0);
  EXPECT_EQ(probe.pairs, 27);
  EXPECT_DOUBLE_EQ(*probe.estimate.value, 0.5);
}

TEST_F(ValuePrismReportTest, WithoutLikelihoodsTheLabelsAreCompared) {
  Say(Row("valence", "nap", "rest", "Supports"), "Either");
  Say(Row("valence", "nap", "work", "Opposes"), "Opposes");
  Say(Row("valence", "nap", "calm", "Opposes"), "");
  const ValuePrismProbe probe = ValuePrismProbesOf(Data(), 0).at(0);
  EXPECT_EQ(probe.scores, "label");
  EXPECT_EQ(probe.pairs, 1);
  EXPECT_EQ(probe.missing, 1);
  EXPECT_DOUBLE_EQ(*probe.estimate.value, 1);
}

TEST_F(ValuePrismReportTest, ADecisionWeighsValencesByRelevance) {
  Say(Row("valence", "nap", "rest", "Supports"), "Supports", {0.8, 0.1, 0.1});
  Say(Row("valence", "nap", "work", "Opposes"), "Opposes", {0.2, 0.6, 0.2});
  Say(Row("valence", "nap", "unasked", "Opposes"), "Opposes", {0, 1, 0});
  Say(Row("relevance", "nap", "rest", "Yes"), "Yes", {0.9, 0.1});
  Say(Row("relevance", "nap", "work", "Yes"), "No", {0.3, 0.7});
  Say(Row("relevance", "nap", "speed", "No"), "No", {0, 1});
  const ValuePrismDecisions found = ValuePrismDecisionsOf(Data(), 0);
  EXPECT_TRUE(found.weighted);
  EXPECT_EQ(found.left_out, 1);
  ASSERT_EQ(found.decisions.size(), 1u);
  const ValuePrismDecision& nap = found.decisions[0];
  EXPECT_EQ(nap.situation, "About nap");
  EXPECT_EQ(nap.vrds, 2);
  // 0.9 (0.8, 0.1, 0.1) + 0.3 (0.2, 0.6, 0.2) = (0.78, 0.27, 0.15), sum 1.2
  EXPECT_NEAR(nap.d[0], 0.65, 1e-12);
  EXPECT_NEAR(nap.d[1], 0.225, 1e-12);
  EXPECT_NEAR(nap.d[2], 0.125, 1e-12);
  EXPECT_NEAR(nap.entropy_bits,
              -(0.65 * std::log2(0.65) + 0.225 * std::log2(0.225) + 0.125 * std::log2(0.125)),
              1e-12);
  EXPECT_NEAR(*found.distance.value, (0.15 + 0.275 + 0.125) / 2, 1e-12);
}

TEST_F(ValuePrismReportTest, NothingIsDecidedWithoutLikelihoodsOrRelevance) {
  const int rest = Row("valence", "nap", "rest", "Supports");
  Say(rest, "Supports");
  EXPECT_TRUE(ValuePrismDecisionsOf(Data(), 0).decisions.empty());
  Say(Row("valence", "run", "health", "Supports"), "Supports", {1, 0, 0});
  Say(Row("relevance", "run", "health", "Yes"), "No", {0, 1});
  const ValuePrismDecisions found = ValuePrismDecisionsOf(Data(), 0);
  EXPECT_TRUE(found.decisions.empty());
  EXPECT_EQ(found.left_out, 2);
  EXPECT_EQ(found.entropy_bits.value, std::nullopt);
}

TEST_F(ValuePrismReportTest, ASituationHasBothSidesIfItsAnswersDo) {
  Say(Row("valence", "nap", "rest", "Supports"), "Supports");
  Say(Row("valence", "nap", "work", "Opposes"), "Opposes");
  Say(Row("valence", "run", "health", "Supports"), "Supports");
  Say(Row("valence", "run", "knees", "Opposes"), "Either");
  Fail(Row("valence", "swim", "joy", "Opposes"));
  const std::optional<ValuePrismSides> sides = ValuePrismSidesOf(Data(), 0);
  ASSERT_TRUE(sides);
  EXPECT_EQ(sides->situations, 2);
  EXPECT_DOUBLE_EQ(*sides->both.value, 0.5);
  EXPECT_DOUBLE_EQ(sides->gold_both, 1);
  EXPECT_DOUBLE_EQ(*sides->valences.value, 2);
}

class ValuePrismEpochsTest : public ValuePrismReportTest {
 protected:
  ValuePrismEpochsTest() : ValuePrismReportTest(2) {}
};

TEST_F(ValuePrismEpochsTest, EpochsOfARowAreAveragedBeforeItIsComparedOrDecidedBy) {
  const int rest = Row("valence", "nap", "rest", "Supports");
  Say(rest, "Supports", {1, 0, 0}, 1);
  Say(rest, "Opposes", {0, 1, 0}, 2);
  const int work = Row("valence", "nap", "work", "Opposes");
  Say(work, "Opposes", {0.2, 0.4, 0.4}, 1);
  const RunData data = Data();
  EXPECT_DOUBLE_EQ(*ValuePrismProbesOf(data, 0).at(0).estimate.value, 1);  // 0 against -0.2
  const ValuePrismDecisions found = ValuePrismDecisionsOf(data, 0);
  ASSERT_EQ(found.decisions.size(), 1u);
  EXPECT_NEAR(found.decisions[0].d[0], 0.35, 1e-12);
  EXPECT_NEAR(found.decisions[0].d[1], 0.45, 1e-12);
  EXPECT_EQ(ValuePrismClassesOf(data, 0).at(0).scores.n, 3);
  EXPECT_EQ(ValuePrismClassesOf(data, 0).at(0).wanted, 4);
}

}  // namespace
}  // namespace axiometer
