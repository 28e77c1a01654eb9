#include "reports/form_effects.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "reports/form_gaps.h"
#include "tests/reports/report_fixture.h"

namespace axiometer {
namespace {

using fixture::MadeRun;

// One variant of a dilemma and the share of pole a in its answer; nullopt: it could not be read.
struct Answered {
  std::string dilemma;
  std::string order;  // pole printed first
  std::string label;  // of the option printed first
  std::string wording;
  std::optional<double> a;
};

RunData RunOf(const std::string& form, const std::vector<Answered>& answers, const std::string& model = "openai/m") {
  MadeRun made;
  made.summary = fixture::SummaryOf("crossroads", "axiometer", 1, static_cast<int64_t>(answers.size()));
  made.summary.run.id = "RUN-" + form;
  made.summary.run.model = model;
  made.summary.run.config = R"({"epochs": 1, "model": {"name": "m"}})";
  for (const Answered& one : answers) {
    const std::string id = form == "agent" ? "crossroads/" + one.dilemma
                                           : "crossroads/" + form + "/" + one.dilemma + "/" + one.order + one.label + one.wording;
    TaskRow task = fixture::TaskOf(id, one.dilemma, "schwartz", "power", one.dilemma < "d5" ? "benevolence" : "security", "");
    Json record = Json::parse(task.record);
    record["kind"] = form == "agent" ? "agent" : "choice";
    record["tags"] = {{"form", form}, {"dilemma", one.dilemma}};
    if (!one.order.empty()) record["tags"]["order"] = one.order;
    if (!one.label.empty()) record["tags"]["label"] = one.label;
    if (!one.wording.empty()) record["tags"]["wording"] = one.wording;
    task.record = DumpJson(record);
    made.tasks.push_back(task);
    SampleRow sample = fixture::SampleOf(task, 1, Outcome::kFinished, "Answer: A");
    SampleRow::Judged judged;
    judged.judge = "axiometer-choice";
    if (one.a) {
      judged.judgement.status = JudgementStatus::kScored;
      judged.judgement.scores = {{"a", one.a, {}}, {"b", 1 - *one.a, {}}};
    } else {
      judged.judgement.status = JudgementStatus::kUnreadable;
      judged.judgement.problem = "the answer names no option";
    }
    sample.judgements.push_back(judged);
    made.samples.push_back(std::move(sample));
  }
  return fixture::Collect(made);
}

TEST(FormEffects, BiasOfPositionByHand) {
  // a where a is first: 1, 1, 1, 0; where b is first: 1, 0, 0, 0. Bias: (3/4 - 1/4) / 2.
  const RunData run = RunOf("choice", {{"d1", "a", "A", "1", 1.0}, {"d1", "b", "A", "1", 1.0},
                                       {"d2", "a", "A", "1", 1.0}, {"d2", "b", "A", "1", 0.0},
                                       {"d3", "a", "A", "1", 1.0}, {"d3", "b", "A", "1", 0.0},
                                       {"d4", "a", "A", "1", 0.0}, {"d4", "b", "A", "1", 0.0}});
  const std::optional<FormEffects> effects = EffectsOfForm(run, 0);
  ASSERT_TRUE(effects && effects->order);
  EXPECT_EQ(effects->order->tasks, 4);
  EXPECT_DOUBLE_EQ(*effects->order->position_bias.value, 0.25);
  EXPECT_DOUBLE_EQ(*effects->order->preference.value, 0.5);
  EXPECT_DOUBLE_EQ(*effects->order->consistency.value, 0.5);
  EXPECT_DOUBLE_EQ(*effects->order->chance, 2 * 0.75 * 0.25);
  EXPECT_FALSE(effects->wording);
  // a's label is A where it is first and B where it is last: the two cannot be told apart.
  EXPECT_FALSE(effects->label);
}

TEST(FormEffects, LabelsCrossedWithOrders) {
  // Always the option labelled A, wherever it is printed.
  const RunData run = RunOf("choice", {{"d1", "a", "A", "1", 1.0}, {"d1", "a", "B", "1", 0.0},
                                       {"d1", "b", "A", "1", 0.0}, {"d1", "b", "B", "1", 1.0},
                                       {"d2", "a", "A", "1", 1.0}, {"d2", "a", "B", "1", 0.0},
                                       {"d2", "b", "A", "1", 0.0}, {"d2", "b", "B", "1", 1.0}});
  const std::optional<FormEffects> effects = EffectsOfForm(run, 0);
  EXPECT_DOUBLE_EQ(*effects->order->position_bias.value, 0);
  EXPECT_DOUBLE_EQ(*effects->label->position_bias.value, 0.5);
}

TEST(FormEffects, OneOrderUnreadLeavesTheDilemmaOut) {
  const RunData run = RunOf("survey", {{"d1", "a", "", "1", 0.5}, {"d1", "b", "", "1", 0.5},
                                       {"d2", "a", "", "1", 1.0}, {"d2", "b", "", "1", std::nullopt}});
  const std::optional<FormEffects> effects = EffectsOfForm(run, 0);
  EXPECT_EQ(effects->order->tasks, 1);
  EXPECT_EQ(effects->order->one_order, 1);
  EXPECT_FALSE(effects->label);
}

TEST(FormEffects, WordingsThatAgree) {
  const RunData run = RunOf("choice", {{"d1", "a", "A", "1", 1.0}, {"d1", "a", "A", "2", 1.0},
                                       {"d2", "a", "A", "1", 1.0}, {"d2", "a", "A", "2", 0.0}});
  const std::optional<FormEffects> effects = EffectsOfForm(run, 0);
  ASSERT_TRUE(effects && effects->wording);
  EXPECT_DOUBLE_EQ(*effects->wording->value, 0.5);
  EXPECT_FALSE(effects->order);  // everything was asked in one order
}

TEST(FormEffects, AgentsAreNotAsked) {
  EXPECT_FALSE(EffectsOfForm(RunOf("agent", {{"d1", "", "", "", 0.7}}), 0));
}

// Eight dilemmas; stated 2/3 for a in both orders, chosen always a, enacted as A - B says.
std::vector<RunData> ThreeForms() {
  std::vector<Answered> survey, choice, agent;
  for (int i = 1; i <= 8; ++i) {
    const std::string name = "d" + std::to_string(i);
    for (const char* order : {"a", "b"}) {
      survey.push_back({name, order, "", "1", 2.0 / 3});
      choice.push_back({name, order, "A", "1", 1.0});
    }
    agent.push_back({name, "", "", "", i % 2 == 0 ? 0.25 : 0.5});
  }
  return {RunOf("agent", agent), RunOf("survey", survey), RunOf("choice", choice)};
}

TEST(FormGaps, ThreePairsOfForms) {
  const std::vector<FormComparison> found = CompareForms(ThreeForms());
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].reason, "");
  ASSERT_EQ(found[0].runs.size(), 3u);
  EXPECT_EQ(found[0].runs[0].first, TaskForm::kSurvey);
  EXPECT_EQ(found[0].runs[2].first, TaskForm::kAgent);
  ASSERT_EQ(found[0].gaps.size(), 9u);  // three pairs, three dimensions
  const auto gap = [&](TaskForm earlier, TaskForm later, const std::string& dimension) -> const FormGap& {
    for (const FormGap& one : found[0].gaps) {
      if (one.earlier == earlier && one.later == later && one.dimension == dimension) return one;
    }
    throw std::runtime_error("no such gap");
  };
  const FormGap& chosen = gap(TaskForm::kSurvey, TaskForm::kChoice, "power");
  EXPECT_EQ(chosen.dilemmas, 8);
  EXPECT_NEAR(*chosen.difference.estimate.value, 1.0 / 3, 1e-12);
  EXPECT_TRUE(chosen.difference.estimate.interval);
  // An agent's shares are 0.25 (b 0.75) or 0.5 (b 0.5): leans (1 + A - B) / 2 of 0.25 and 0.5, mean 0.375.
  const FormGap& enacted = gap(TaskForm::kChoice, TaskForm::kAgent, "power");
  EXPECT_NEAR(enacted.later_mean, 0.375, 1e-12);
  EXPECT_NEAR(*enacted.difference.estimate.value, -0.625, 1e-12);
  ASSERT_TRUE(enacted.difference.p && enacted.adjusted_p);
  EXPECT_GE(*enacted.adjusted_p, *enacted.difference.p);
  // Four dilemmas: a value and no interval.
  const FormGap& few = gap(TaskForm::kChoice, TaskForm::kAgent, "security");
  EXPECT_EQ(few.dilemmas, 4);
  EXPECT_NEAR(*few.difference.estimate.value, 0.625, 1e-12);
  EXPECT_FALSE(few.difference.estimate.interval);
  EXPECT_FALSE(few.adjusted_p);
  // Stated and chosen lean to a; enacted to b or, in half of the dilemmas, neither way.
  EXPECT_DOUBLE_EQ(*found[0].agreements[0].same_side.value, 1);
  EXPECT_DOUBLE_EQ(*found[0].agreements[1].same_side.value, 0);
  EXPECT_EQ(found[0].agreements[1].on_the_middle, 4);
}

TEST(FormGaps, OfAnotherSubjectOrOfOneFormNothingIsSaid) {
  std::vector<RunData> runs = ThreeForms();
  runs[0].summary.run.model = "openai/other";
  runs[2].summary.run.config = R"({"epochs": 1, "model": {"name": "m", "temperature": 1}})";
  EXPECT_TRUE(CompareForms(runs).empty());
  EXPECT_TRUE(CompareForms({runs[1]}).empty());
}

TEST(FormGaps, TwoRunsOfOneFormAreNamed) {
  std::vector<RunData> runs = ThreeForms();
  runs.push_back(runs[1]);
  runs.back().summary.run.id = "RUN-again";
  const std::vector<FormComparison> found = CompareForms(runs);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].reason, "two runs in the form survey: name one of RUN-survey and RUN-again");
  EXPECT_TRUE(found[0].gaps.empty());
}

}  // namespace
}  // namespace axiometer
