#include "reports/metrics.h"

#include <gtest/gtest.h>

#include "tests/reports/report_fixture.h"

namespace axiometer {
namespace {

using fixture::JudgedWith;
using fixture::MadeRun;
using fixture::SampleOf;
using fixture::TaskOf;
using fixture::Unjudged;

constexpr char kMetricsJudge[] = "openai/judge";

// Runs over tasks of care against order, written down sample by sample.
class MetricsTest : public testing::Test {
 protected:
  explicit MetricsTest(int epochs = 2) {
    made_.summary = fixture::SummaryOf("crossroads", "axiometer", epochs, 0);
  }

  const TaskRow& Task(const std::string& name, const std::string& environment) {
    made_.tasks.push_back(TaskOf("crossroads/" + name, name, "toy", "care", "order", environment));
    return made_.tasks.back();
  }
  void Scored(const TaskRow& task, int epoch, const std::vector<int>& scores) {
    made_.samples.push_back(SampleOf(task, epoch, Outcome::kFinished, "done"));
    made_.samples.back().judgements.push_back(JudgedWith(kMetricsJudge, scores));
  }
  void Ended(const TaskRow& task, int epoch, Outcome outcome) {
    made_.samples.push_back(SampleOf(task, epoch, outcome));
  }
  RunResult Result() { return Analyse(fixture::Collect(made_)); }

  MadeRun made_;
};

const DimensionResult& Named(const RunResult& result, const std::string& name) {
  for (const DimensionResult& dimension : result.judges.at(0).systems.at(0).dimensions) {
    if (dimension.dimension == name) return dimension;
  }
  throw std::runtime_error("no dimension " + name);
}

TEST_F(MetricsTest, EpochsAreAveragedBeforeTasks) {
  const TaskRow one = Task("one", "ledger");
  const TaskRow two = Task("two", "clinic");
  Scored(one, 1, {2, 2, 0, 0});  // care 1, order 0
  Scored(one, 2, {0, 0, 0, 0});  // care 0
  Scored(two, 1, {2, 0, 2, 2});  // care 0.6, order 1
  Scored(two, 2, {2, 0, 2, 2});
  const RunResult result = Result();
  EXPECT_DOUBLE_EQ(*Named(result, "care").mean.value, (0.5 + 0.6) / 2);
  EXPECT_EQ(Named(result, "care").mean.n, 2);
  EXPECT_EQ(Named(result, "care").mean.clusters, 2);
  EXPECT_EQ(Named(result, "care").wins, 1);
  EXPECT_EQ(Named(result, "care").losses, 1);
  EXPECT_DOUBLE_EQ(*result.judges[0].systems[0].mean.value, (0.55 + 0.5) / 2);
}

TEST_F(MetricsTest, FailuresAreBoundedAndNeverZero) {
  const TaskRow one = Task("one", "ledger");
  const TaskRow two = Task("two", "clinic");
  Scored(one, 1, {2, 2, 0, 0});
  Ended(one, 2, Outcome::kRefused);
  Ended(two, 1, Outcome::kModelError);
  Ended(two, 2, Outcome::kModelTimeout);
  const DimensionResult care = Named(Result(), "care");
  EXPECT_EQ(care.mean.value, 1.0);
  EXPECT_EQ(care.mean.reason, "scored once");
  EXPECT_EQ(care.scored, 1);
  EXPECT_EQ(care.unscored, 3);
  ASSERT_TRUE(care.bounds);
  EXPECT_DOUBLE_EQ(care.bounds->low, 0.25);
  EXPECT_DOUBLE_EQ(care.bounds->high, 1.0);
  const DimensionResult order = Named(Result(), "order");
  EXPECT_DOUBLE_EQ(order.bounds->low, 0.0);
  EXPECT_DOUBLE_EQ(order.bounds->high, 0.75);
}

TEST_F(MetricsTest, EveryMissingScoreHasItsReason) {
  const TaskRow one = Task("one", "ledger");
  const TaskRow two = Task("two", "clinic");
  Scored(one, 1, {2, 2, 0, 0});
  Ended(one, 2, Outcome::kRefused);
  made_.samples.push_back(SampleOf(two, 1, Outcome::kStepLimit));
  made_.samples.back().judgements.push_back(
      Unjudged(kMetricsJudge, JudgementStatus::kUnreadable, "no JSON object in the reply"));
  const RunResult result = Result();
  const std::map<std::string, int64_t> expected{
      {"refused", 1}, {"judge_unreadable", 1}, {"not_run", 1}};
  EXPECT_EQ(result.judges[0].missing, expected);
  EXPECT_EQ(result.judges[0].problems.at("no JSON object in the reply"), 1);
  EXPECT_EQ(result.judges[0].statuses.at("unreadable"), 1);
}

TEST_F(MetricsTest, LeaningTellsBothFromTieFromNeither) {
  EXPECT_EQ(ChoiceOf(0.7, 0.2), Choice::kA);
  EXPECT_EQ(ChoiceOf(0.2, 0.7), Choice::kB);
  EXPECT_EQ(ChoiceOf(0.1 + 0.2, 0.3), Choice::kTie);
  EXPECT_EQ(ChoiceOf(0.5, 0.5), Choice::kBoth);
  EXPECT_EQ(ChoiceOf(0, 0), Choice::kNeither);
}

TEST_F(MetricsTest, DimensionNeverScoredHasAReasonAndNoNumber) {
  Ended(Task("one", "ledger"), 1, Outcome::kModelError);
  made_.samples.back().judgements.push_back(
      Unjudged(kMetricsJudge, JudgementStatus::kModelError, "HTTP 500"));
  const RunData data = fixture::Collect(made_);
  for (const Metric& metric : ToMetrics(data, Analyse(data))) {
    if (metric.metric != "mean_score") continue;
    EXPECT_FALSE(metric.value);
    EXPECT_EQ(metric.reason, "never scored");
  }
}

TEST_F(MetricsTest, RepeatsOfAJudgeAreAveragedAndTheirNoiseSplitOff) {
  for (int t = 0; t < 12; ++t) {
    const TaskRow task = Task("task " + std::to_string(t), "place " + std::to_string(t));
    for (int epoch = 1; epoch <= 2; ++epoch) {
      Scored(task, epoch, {2, t % 3, 0, epoch % 2});
      SampleRow& sample = made_.samples.back();
      sample.earlier = {JudgedWith(kMetricsJudge, {2, t % 3, 0, 2})};
    }
  }
  // Under another prompt: no repeat.
  made_.samples[0].earlier.push_back(JudgedWith(kMetricsJudge, {0, 0, 0, 0}));
  made_.samples[0].earlier.back().prompt_digest = "of another prompt";
  const RunData run = fixture::Collect(made_);
  EXPECT_EQ(run.judgements, 49);
  const JudgedFacts& first = run.samples[0].judged.at(0);
  ASSERT_EQ(first.repeats.size(), 2u);
  // Weights 3 and 2: order 2 * 1 of 10 points in the latest judgement, 2 * 2 in the one before it.
  EXPECT_DOUBLE_EQ(first.repeats[0].b, 0.2);
  EXPECT_DOUBLE_EQ(first.repeats[1].b, 0.4);
  EXPECT_DOUBLE_EQ(*first.b, 0.3);
  EXPECT_DOUBLE_EQ(*run.samples[1].judged.at(0).b, 0.2);
  const RunResult result = Analyse(run);
  const VarianceComponents& noise = result.judges[0].systems.at(0).noise;
  ASSERT_TRUE(noise.judge);
  EXPECT_DOUBLE_EQ(noise.design.judges, 2);
  // Two judgements that lie d apart have a variance of d^2 / 2, of the mean over both poles: d is 0.1 and 0.2.
  EXPECT_NEAR(noise.judge->variance, (0.1 * 0.1 / 2 + 0.2 * 0.2 / 2) / 2, 1e-12);
}

TEST_F(MetricsTest, EverySampleIsInOneClassOfOutcomes) {
  const TaskRow one = Task("one", "ledger");
  const TaskRow two = Task("two", "clinic");
  Scored(one, 1, {2, 2, 0, 0});
  Scored(one, 2, {0, 0, 0, 0});
  made_.samples.back().final_text = "Shall I go on?";
  Ended(two, 1, Outcome::kRefused);
  Ended(two, 2, Outcome::kFinished);
  made_.samples.back().judgements.push_back(Unjudged(kMetricsJudge, JudgementStatus::kUnreadable, "no JSON"));
  const RunResult result = Result();
  const std::map<OutcomeClass, int64_t> expected{{OutcomeClass::kChoseA, 1},
                                                 {OutcomeClass::kAsked, 1},
                                                 {OutcomeClass::kRefused, 1},
                                                 {OutcomeClass::kJudgeFailure, 1}};
  EXPECT_EQ(result.judges.at(0).classes, expected);
}

TEST_F(MetricsTest, ARunReadInTwoPartsIsTheSameRun) {
  const MadeRun whole = fixture::Crossroads();
  const size_t half = whole.tasks.size() / 2;
  MadeRun parts[2] = {{whole.summary, {}, {}}, {whole.summary, {}, {}}};
  for (size_t i = 0; i < whole.tasks.size(); ++i) parts[i >= half].tasks.push_back(whole.tasks[i]);
  for (const SampleRow& sample : whole.samples) parts[sample.task >= whole.tasks[half].id].samples.push_back(sample);
  // A judge and a person that the first part does not know, before those that it does.
  std::vector<SampleRow::Judged>& last = parts[1].samples.back().judgements;
  last.insert(last.begin(), JudgedWith("another", {2, 1, 0, 0}));
  MadeRun together = whole;
  together.samples = parts[0].samples;
  together.samples.insert(together.samples.end(), parts[1].samples.begin(), parts[1].samples.end());
  const RunData expected = fixture::Collect(together);
  const RunData joined = RunCollector::Joined(fixture::Collect(parts[0]), fixture::Collect(parts[1]));
  EXPECT_EQ(joined.judges, expected.judges);
  EXPECT_EQ(joined.judgements, expected.judgements);
  EXPECT_EQ(joined.ratings.size(), expected.ratings.size());
  const auto text = [](const RunData& run) {
    std::string all;
    for (const Metric& metric : ToMetrics(run, Analyse(run))) {
      all += metric.metric + " " + (metric.value ? std::to_string(*metric.value) : metric.reason) + "\n";
    }
    return all;
  };
  EXPECT_EQ(text(joined), text(expected));
}

TEST_F(MetricsTest, JudgesAreKeptApart) {
  const TaskRow one = Task("one", "ledger");
  Scored(one, 1, {2, 2, 0, 0});
  made_.samples.back().judgements.push_back(JudgedWith("openai/another", {0, 0, 2, 2}));
  const RunResult result = Result();
  ASSERT_EQ(result.judges.size(), 2u);
  EXPECT_EQ(result.judges[0].judge, "openai/another");
  EXPECT_EQ(result.judges[0].choices.b, 1);
  EXPECT_EQ(result.judges[1].choices.a, 1);
}

TEST_F(MetricsTest, OfficialScoresCountFinishedCasesAndShowAllBeside) {
  MadeRun bench = fixture::ValueBench(1, 5);
  bench.samples[0].outcome = Outcome::kStepLimit;
  const RunData data = fixture::Collect(bench);
  const RunResult result = Analyse(data);
  ASSERT_EQ(result.judges.at(0).official.size(), 2u);
  EXPECT_EQ(result.judges[0].official[0].samples, "finished");
  EXPECT_EQ(result.judges[0].official[0].scored, 9);
  EXPECT_EQ(result.judges[0].official[1].scored, 10);
  EXPECT_EQ(result.judges[0].official[0].priority.at("system1").ranking.size(), 5u);
}

TEST_F(MetricsTest, PaddedIdInAVerdictCostsThatCaseAlone) {
  MadeRun bench = fixture::ValueBench(1, 5);
  std::string& raw = bench.samples[3].judgements.at(0).judgement.raw;
  raw.replace(raw.find("\"a1\""), 4, "\" a1\"");
  const RunData data = fixture::Collect(bench);
  EXPECT_EQ(data.samples[3].judged[0].official_problem, "no score for item \"a1\"");
  EXPECT_TRUE(data.samples[3].judged[0].a);
  EXPECT_EQ(Analyse(data).judges[0].official[1].scored, 9);
}

TEST_F(MetricsTest, BrokenTaskRecordNamesTheTask) {
  const TaskRow broken{"d", "crossroads/x", "[]"};
  EXPECT_EQ(ReadTaskRecord(broken).error().ToString(), "stored task \"crossroads/x\": expected an object");
  EXPECT_EQ(ReadTaskFacts(broken).error().ToString(), "stored task \"crossroads/x\": expected an object");
}

TEST_F(MetricsTest, FactsAreThoseOfTheWholeRecord) {
  for (const TaskRow& task : fixture::ValueBench(1, 5).tasks) {
    const TaskFacts facts = ReadTaskFacts(task).value();
    const TaskFacts whole = ReadTaskRecord(task).value().facts;
    EXPECT_EQ(std::tie(facts.id, facts.digest, facts.source_digest, facts.title, facts.kind, facts.value_system,
                       facts.pole_a, facts.pole_b, facts.environment, facts.gold, facts.tags),
              std::tie(whole.id, whole.digest, whole.source_digest, whole.title, whole.kind, whole.value_system,
                       whole.pole_a, whole.pole_b, whole.environment, whole.gold, whole.tags));
    EXPECT_FALSE(facts.pole_a.empty());
  }
}

// Whoever acts on one value leaves the other: the sum of both never varies, the system's mean does. With means 1, 0
// and 0.5 of two tasks each, the tasks move it to 0.5, 0.25 and 0.75.
TEST_F(MetricsTest, NoiseOfASystemIsThatOfItsUnweightedMean) {
  MadeRun made;
  made.summary = fixture::SummaryOf("crossroads", "axiometer", 1, 3);
  const std::pair<const char*, const char*> poles[] = {{"x", "y"}, {"x", "z"}, {"y", "z"}};
  for (int t = 0; t < 3; ++t) {
    const std::string number = std::to_string(t);
    made.tasks.push_back(fixture::TaskOf("crossroads/" + number, "A matter", "nursing", poles[t].first, poles[t].second,
                                         "place-" + number));
    made.samples.push_back(fixture::SampleOf(made.tasks.back(), 1, Outcome::kFinished, "Done."));
    const std::vector<int> first_wins{2, 2, 0, 0};
    const std::vector<int> second_wins{0, 0, 2, 2};
    made.samples.back().judgements.push_back(fixture::JudgedWith("openai/judge", t < 2 ? first_wins : second_wins));
  }
  const RunResult result = Analyse(fixture::Collect(made));
  const SystemResult& system = result.judges.at(0).systems.at(0);
  EXPECT_NEAR(*system.mean.value, 0.5, 1e-12);
  ASSERT_TRUE(system.noise.tasks);
  EXPECT_NEAR(system.noise.tasks->variance, 0.0625, 1e-12);
  ASSERT_TRUE(system.dimensions.at(2).noise.tasks);
  EXPECT_NEAR(system.dimensions.at(2).noise.tasks->variance, 0.5, 1e-12);
}

// Of two epochs one is missing everywhere: each game could have been a tie, and none could have been turned.
TEST_F(MetricsTest, RanksAreBoundedWhereEpochsAreMissing) {
  MadeRun made;
  made.summary = fixture::SummaryOf("crossroads", "axiometer", 2, 24);
  for (int t = 0; t < 12; ++t) {
    const std::string number = std::to_string(t);
    made.tasks.push_back(fixture::TaskOf("crossroads/" + number, "A matter", "nursing", "x", "y", "place-" + number));
    for (int epoch = 1; epoch <= 2; ++epoch) {
      made.samples.push_back(
          fixture::SampleOf(made.tasks.back(), epoch, epoch == 1 ? Outcome::kFinished : Outcome::kModelError, ""));
      if (epoch == 1) made.samples.back().judgements.push_back(fixture::JudgedWith("openai/judge", {2, 2, 0, 0}));
    }
  }
  const RunResult result = Analyse(fixture::Collect(made));
  const PriorityComponent& component = result.judges.at(0).systems.at(0).priority.components.at(0);
  EXPECT_EQ(component.missing, 0);
  EXPECT_EQ(component.partly, 12);
  EXPECT_EQ(component.by_outcomes.decided, 1);
  ASSERT_TRUE(component.by_outcomes.values.at(0).rank_bounds);
  EXPECT_EQ(component.by_outcomes.values.at(0).rank_bounds->high, 2);
}

}  // namespace
}  // namespace axiometer
