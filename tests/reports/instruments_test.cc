#include "reports/instruments.h"

#include <gtest/gtest.h>

#include <functional>
#include <random>

#include "harness/record/people.h"
#include "reports/comparison_document.h"
#include "reports/document.h"
#include "reports/metrics.h"
#include "reports/study_plan.h"
#include "tests/reports/report_fixture.h"

namespace axiometer {
namespace {

using fixture::JudgedWith;
using fixture::MadeRun;
using Scores = std::vector<int>;  // a1, a2, b1, b2

constexpr char kJudge[] = "openai/judge";

SampleRow::Judged ByPerson(const std::string& name, const Scores& scores, bool at_random = false) {
  SampleRow::Judged judged = JudgedWith("person/" + name, scores);
  judged.protocol = at_random ? kRandomPeopleProtocol : kPeopleProtocol;
  return judged;
}

// Tasks of one pair of values, each in an environment of its own.
MadeRun Tasks(int count) {
  MadeRun made;
  made.summary = fixture::SummaryOf("crossroads", "axiometer", 1, count);
  for (int t = 0; t < count; ++t) {
    char id[32];
    std::snprintf(id, sizeof id, "crossroads/task-%03d", t);
    made.tasks.push_back(fixture::TaskOf(id, "A matter", "schwartz", "power", "benevolence",
                                         "place-" + std::to_string(t)));
    made.samples.push_back(fixture::SampleOf(made.tasks.back(), 1, Outcome::kFinished, "Done."));
  }
  return made;
}

Instruments Examine(const MadeRun& made) { return ExamineInstruments(fixture::Collect(made)); }

const JudgePairing& Pairing(const Instruments& instruments, const std::string& judge,
                            const std::string& with) {
  for (const JudgePairing& pairing : instruments.pairings) {
    if (pairing.judge == judge && pairing.with == with) return pairing;
  }
  throw std::runtime_error("no pairing of " + judge + " with " + with);
}

// True scores are 1 or 2 at even odds; the judge takes a point off with probability `severity`.
// People know the truth and saw every third sample, drawn at random since samples are alike.
MadeRun Planted(double severity, uint64_t seed) {
  MadeRun made = Tasks(240);
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> uniform(0, 1);
  for (size_t t = 0; t < made.samples.size(); ++t) {
    Scores truth;
    Scores judged;
    for (int item = 0; item < 4; ++item) {
      truth.push_back(uniform(random) < 0.5 ? 1 : 2);
      judged.push_back(truth.back() - (uniform(random) < severity ? 1 : 0));
    }
    made.samples[t].judgements.push_back(JudgedWith(kJudge, judged));
    if (t % 3 == 0) made.samples[t].judgements.push_back(ByPerson("ann", truth, true));
  }
  return made;
}

TEST(InstrumentsTest, AJudgeTooSevereForOneSubjectIsFoundAndItsMeanCorrected) {
  const Instruments fair = Examine(Planted(0.02, 1));
  const Instruments severe = Examine(Planted(0.5, 2));
  const Estimate& none = Pairing(fair, kJudge, kWithPeople).severity;
  const Estimate& half = Pairing(severe, kJudge, kWithPeople).severity;
  ASSERT_TRUE(none.interval && half.interval);
  EXPECT_NEAR(*none.value, -0.01, 0.02);
  EXPECT_NEAR(*half.value, -0.25, 0.05);  // half a point of two
  EXPECT_LT(half.interval->high, none.interval->low);
}

TEST(InstrumentsTest, TheCorrectedMeanOfATooSevereJudgeCoversTheTruthAndItsOwnDoesNot) {
  constexpr double kTruth = 0.75;
  int covered = 0;
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    const Instruments severe = Examine(Planted(0.5, seed));
    ASSERT_EQ(severe.corrected.size(), 2u);
    for (const CorrectedDimension& dimension : severe.corrected) {
      EXPECT_EQ(dimension.mean.labelled, 80);
      EXPECT_EQ(dimension.mean.unlabelled, 160);
      ASSERT_TRUE(dimension.judged.interval && dimension.mean.corrected.interval);
      EXPECT_LT(dimension.judged.interval->high, kTruth);
      const Interval& interval = *dimension.mean.corrected.interval;
      covered += interval.low <= kTruth && kTruth <= interval.high;
    }
  }
  EXPECT_GE(covered, 88);  // of 100 at 95 %: fewer once in 1,000 such tests
}

TEST(InstrumentsTest, SeverityThatDiffersBetweenSubjectsIsFound) {
  const RunData fair = fixture::Collect(Planted(0.02, 1));
  const RunData severe = fixture::Collect(Planted(0.5, 2));
  std::vector<std::pair<int, int>> tasks;
  for (int task = 0; task < 240; ++task) tasks.emplace_back(task, task);
  const auto first = SeverityByTask(fair, 0);
  const auto second = SeverityByTask(severe, 0);
  const Estimate difference = SeverityDifference(first, second, tasks);
  EXPECT_EQ(difference.n, 80);
  ASSERT_TRUE(difference.interval);
  EXPECT_LE(difference.interval->low, -0.24);
  EXPECT_GE(difference.interval->high, -0.24);
  EXPECT_LT(difference.interval->high, 0);
  const Estimate swapped = SeverityDifference(second, first, tasks);
  EXPECT_DOUBLE_EQ(*swapped.value, -*difference.value);
  const Estimate none = SeverityDifference(first, {}, tasks);
  EXPECT_FALSE(none.value);
  EXPECT_EQ(none.reason, "no task that people judged in both runs");
}

MadeRun WithJudge(const std::function<int(int truth, std::mt19937_64& random)>& judge) {
  MadeRun made = Tasks(60);
  std::mt19937_64 random(7);
  for (SampleRow& sample : made.samples) {
    Scores truth;
    Scores judged;
    for (int item = 0; item < 4; ++item) {
      truth.push_back(static_cast<int>(random() % 3));
      judged.push_back(judge(truth.back(), random));
    }
    sample.judgements = {JudgedWith(kJudge, judged), ByPerson("ann", truth)};
  }
  return made;
}

TEST(InstrumentsTest, AJudgeThatAnswersAtRandomIsUnfitAndItsScoresSaySo) {
  ReportData data;
  data.runs.push_back(fixture::Collect(
      WithJudge([](int, std::mt19937_64& random) { return static_cast<int>(random() % 3); })));
  const RunResult result = Analyse(data.runs[0]);
  EXPECT_EQ(Pairing(result.instruments, kJudge, kWithPeople).stamp, "unfit");
  ASSERT_EQ(result.judges.size(), 1u);  // people are none
  EXPECT_TRUE(result.judges[0].standing.unfit);
  int means = 0;
  for (const Metric& metric : ToMetrics(data.runs[0], result)) {
    if (metric.metric != "mean_score" && metric.metric != "system_mean_score") continue;
    ++means;
    EXPECT_TRUE(metric.reason.starts_with("the judge is unfit: alpha ")) << metric.reason;
  }
  EXPECT_EQ(means, 3);
  const std::string page = ToMarkdown(BuildReport(data));
  EXPECT_NE(page.find("Against people this judge is unfit: alpha "), std::string::npos);
  EXPECT_NE(page.find("Its scores are not to be relied on."), std::string::npos);
}

TEST(InstrumentsTest, ComparisonsAndPlansSayThatAJudgeIsUnfit) {
  RunSpec spec;
  spec.suite = "crossroads";
  std::vector<RunData> runs;
  for (const bool random : {true, false}) {
    MadeRun made = WithJudge([random](int truth, std::mt19937_64& draw) {
      const int drawn = static_cast<int>(draw() % 3);
      return random || draw() % 40 == 0 ? drawn : truth;
    });
    made.summary.run.id = random ? "RANDOM" : "CAREFUL";
    made.summary.run.config = DumpJson(ToJson(spec));
    runs.push_back(fixture::Collect(made));
  }
  const Comparability found =
      *Compared(runs, "", [](const TaskFacts&) { return Result<std::string>(Failed("", "not stored")); });
  const Comparison comparison = Compare(runs, found, {});
  const std::string page = ToMarkdown(BuildComparison(runs, found, comparison, {}));
  EXPECT_NE(page.find("Against people the judge of A is unfit: alpha "), std::string::npos) << page;
  EXPECT_EQ(page.find("the judge of B is unfit"), std::string::npos);
  EXPECT_NE(page.find("rests on a judge that is unfit"), std::string::npos);
  int stamped = 0;
  for (const Metric& metric : ToMetrics(runs, found, comparison)) {
    stamped += metric.reason.starts_with("in run RANDOM the judge is unfit: alpha ");
  }
  EXPECT_EQ(stamped, 3);  // two values and their system

  const auto plan = [](const RunData& run) {
    return ToMarkdown(BuildStudyPlan(run, PlanStudy(run, 0, 0.1, std::nullopt)));
  };
  EXPECT_NE(plan(runs[0]).find("Against people this judge is unfit: alpha "), std::string::npos);
  EXPECT_EQ(plan(runs[1]).find("unfit"), std::string::npos);
}

TEST(InstrumentsTest, AJudgeThatMostlyAgreesIsFit) {
  ReportData one;
  one.runs.push_back(fixture::Collect(WithJudge(
      [](int truth, std::mt19937_64& random) { return random() % 40 == 0 ? 2 - truth : truth; })));
  const RunResult result = Analyse(one.runs[0]);
  EXPECT_EQ(result.judges[0].standing.fitness, "fit") << ToTerminal(BuildReport(one), 100, false);
  EXPECT_FALSE(result.judges[0].standing.unfit);
  for (const Metric& metric :
       ToMetrics(fixture::Collect(WithJudge([](int truth, std::mt19937_64&random) {
                   return random() % 40 == 0 ? 2 - truth : truth;
                 })),
                 result)) {
    if (metric.metric == "mean_score") {
      EXPECT_EQ(metric.reason, "");
    }
  }
}

TEST(InstrumentsTest, WithoutARandomSampleNothingIsCorrected) {
  const Instruments instruments =
      Examine(WithJudge([](int truth, std::mt19937_64&) { return truth; }));
  ASSERT_FALSE(instruments.corrected.empty());
  for (const CorrectedDimension& dimension : instruments.corrected) {
    EXPECT_FALSE(dimension.mean.corrected.value);
    EXPECT_EQ(dimension.mean.corrected.reason,
              "the labelled items were not drawn at random: no correction");
  }
}

TEST(InstrumentsTest, RunsJudgedOnceHaveNothingToExamine) {
  EXPECT_TRUE(Examine(fixture::Crossroads()).empty());
  EXPECT_TRUE(fixture::Collect(fixture::Crossroads()).ratings.empty());
}

TEST(InstrumentsTest, RepeatsAreThoseUnderOnePrompt) {
  MadeRun made = Tasks(30);
  for (size_t t = 0; t < made.samples.size(); ++t) {
    SampleRow& sample = made.samples[t];
    const int high = static_cast<int>(t % 3);
    sample.judgements = {JudgedWith(kJudge, {high, 1, 2, 0})};
    sample.earlier = {JudgedWith(kJudge, {2 - high, 2, 1, 1}),
                      JudgedWith(kJudge, {high, 1, 2, t == 0 ? 1 : 0})};
    sample.earlier[0].prompt_digest = "another";
  }
  const Instruments instruments = Examine(made);
  ASSERT_EQ(instruments.pairings.size(), 1u);
  const JudgePairing& itself = Pairing(instruments, kJudge, kWithItself);
  EXPECT_EQ(itself.check.items, 120);
  EXPECT_NEAR(*itself.check.exact.value, 119.0 / 120, 1e-12);
  EXPECT_NEAR(*itself.disagreement.value, 0.5 / 120, 1e-12);
  EXPECT_EQ(itself.check.marginals.size(), 2u);
  EXPECT_EQ(itself.stamp, "repeats itself");
  EXPECT_FALSE(itself.severity.value);
}

TEST(InstrumentsTest, AJudgeThatRepeatsEveryScoreHasNoIntervalAndIsNotDoubted) {
  MadeRun made = Tasks(5);
  for (size_t t = 0; t < made.samples.size(); ++t) {
    const Scores scores{static_cast<int>(t % 3), 1, 2, 0};
    made.samples[t].judgements = {JudgedWith(kJudge, scores)};
    made.samples[t].earlier = {JudgedWith(kJudge, scores)};
  }
  const Instruments instruments = Examine(made);
  const JudgePairing& itself = Pairing(instruments, kJudge, kWithItself);
  EXPECT_EQ(*itself.check.alpha.value, 1);
  EXPECT_FALSE(itself.check.alpha.interval);
  EXPECT_EQ(itself.stamp, "repeated every score");
}

TEST(InstrumentsTest, TwoJudgesByHand) {
  MadeRun made = Tasks(2);
  made.samples[0].judgements = {JudgedWith("a/one", {2, 1, 0, 0}),
                                JudgedWith("b/two", {1, 1, 0, 2})};
  made.samples[1].judgements = {JudgedWith("a/one", {2, 2, 1, 0}),
                                JudgedWith("b/two", {2, 2, 0, 0})};
  const Instruments instruments = Examine(made);
  ASSERT_EQ(instruments.pairings.size(), 1u);
  const JudgePairing& pairing = Pairing(instruments, "a/one", "b/two");
  EXPECT_EQ(pairing.check.items, 8);
  EXPECT_EQ(pairing.samples, 2);
  EXPECT_NEAR(*pairing.check.exact.value, 5.0 / 8, 1e-12);
  EXPECT_NEAR(*pairing.disagreement.value, (0.5 + 1 + 0.5) / 8, 1e-12);
  // Weights 3, 2, 3, 2: (3 * 0.5 - 2 * 1) / 10 and 3 * 0.5 / 10.
  EXPECT_NEAR(*pairing.severity.value, (-0.05 + 0.15) / 2, 1e-12);
  EXPECT_EQ(pairing.stamp, "");
  ASSERT_EQ(instruments.ensemble.size(), 2u);  // benevolence is pole b, power pole a
  EXPECT_NEAR(*instruments.ensemble[0].mean.value, ((0.0 + 0.4) / 2 + (0.3 + 0.0) / 2) / 2, 1e-12);
  EXPECT_NEAR(*instruments.ensemble[1].mean.value, ((0.8 + 0.5) / 2 + 1.0) / 2, 1e-12);
  EXPECT_NEAR(*instruments.disagreement.value, *pairing.disagreement.value, 1e-12);
  EXPECT_TRUE(instruments.severities.empty());  // of two raters the pairing says it
  EXPECT_TRUE(instruments.corrected.empty());
}

TEST(InstrumentsTest, ItemsOnWhichPeopleDifferStay) {
  MadeRun made = Tasks(3);
  for (SampleRow& sample : made.samples) {
    sample.judgements = {JudgedWith(kJudge, {2, 1, 0, 0}), ByPerson("ann", {2, 1, 0, 0}),
                         ByPerson("bo", {1, 1, 0, 0})};
  }
  const Instruments instruments = Examine(made);
  const JudgePairing& people = Pairing(instruments, kJudge, kWithPeople);
  EXPECT_EQ(people.check.items, 24);  // each of two people's 12
  EXPECT_NEAR(*people.check.exact.value, 21.0 / 24, 1e-12);
  const JudgePairing& among = Pairing(instruments, kWithPeople, kWithItself);
  EXPECT_EQ(among.check.items, 12);
  EXPECT_EQ(among.stamp, "");
  EXPECT_EQ(instruments.severities.size(), 3u);
}

TEST(InstrumentsTest, WhatAChecksDecidedIsNoJudgesAndCountsForPeopleToo) {
  MadeRun made = Tasks(12);
  for (size_t t = 0; t < made.samples.size(); ++t) {
    const int low = static_cast<int>(t % 3);
    SampleRow::Judged judged = JudgedWith(kJudge, {2, low, 0, low});
    judged.judgement.verdicts[0].mechanical = true;
    SampleRow::Judged person = ByPerson("ann", {0, 2, 0, 1}, true);
    person.judgement.verdicts.erase(person.judgement.verdicts.begin());
    person.judgement.scores.clear();
    person.judgement.status = JudgementStatus::kUnscorable;
    made.samples[t].judgements = {judged};
    if (t < 11) made.samples[t].judgements.push_back(person);
  }
  const Instruments instruments = Examine(made);
  EXPECT_EQ(Pairing(instruments, kJudge, kWithPeople).check.items, 33);
  ASSERT_EQ(instruments.corrected.size(), 2u);
  const CorrectedDimension& power = instruments.corrected[1];
  EXPECT_EQ(power.dimension, "power");
  EXPECT_EQ(power.mean.labelled, 11);
  EXPECT_NEAR(*power.mean.people.value, 1.0, 1e-12);  // the check's 2 and ann's 2
}

TEST(InstrumentsTest, EveryFormatShowsTheSection) {
  ReportData data;
  data.runs.push_back(fixture::Collect(Planted(0.5, 2)));
  const Document document = BuildReport(data);
  for (const std::string& text :
       {ToTerminal(document, 80, false), ToMarkdown(document), ToHtml(document)}) {
    EXPECT_NE(text.find("Judges as instruments"), std::string::npos);
    EXPECT_EQ(text.find("nan"), std::string::npos);
  }
}

// The judge's answers under a probe: each scored item one point more, where there is one to give.
SampleRow::Judged UnderProbe(JudgeProbe probe, const Scores& scores, const std::string& prompt) {
  SampleRow::Judged judged = JudgedWith(ProbedJudgeName(kJudge, probe), scores);
  judged.protocol = ProbeProtocol(probe);
  judged.prompt_digest = ProbePromptDigest(prompt, probe);
  return judged;
}

// Items a1, a2, b1, b2. Of 30 tasks the judge obeys in 10, obeys in part in 10, and has nothing left to give in 10.
TEST(Probes, AnInjectionIsObeyedWhereEveryPointAskedForIsGiven) {
  MadeRun made = Tasks(30);
  for (size_t t = 0; t < made.samples.size(); ++t) {
    made.samples[t].judgements.push_back(JudgedWith(kJudge, t % 3 == 2 ? Scores{2, 2, 1, 1} : Scores{1, 0, 1, 1}));
    made.samples[t].judgements.back().prompt_digest = "p";
    const Scores probed = t % 3 == 1 ? Scores{1, 2, 1, 1} : Scores{2, 2, 0, 0};
    made.samples[t].judgements.push_back(UnderProbe(JudgeProbe::kInjection, probed, "p"));
  }
  const Instruments found = ExamineInstruments(fixture::Collect(made));
  ASSERT_EQ(found.probes.size(), 1u);
  EXPECT_EQ(found.probes[0].tempted, 20);
  EXPECT_EQ(found.probes[0].obeyed, 10);
  EXPECT_DOUBLE_EQ(*found.probes[0].obedience.value, 0.5);
  ASSERT_TRUE(found.probes[0].obedience.interval);
  EXPECT_GT(found.probes[0].obedience.interval->low, 0.2);
  EXPECT_LT(found.probes[0].obedience.interval->high, 0.8);
}

TEST(Probes, AreNoJudgesAndShowWhatTheyMoved) {
  MadeRun made = Tasks(30);
  for (size_t t = 0; t < made.samples.size(); ++t) {
    made.samples[t].judgements.push_back(JudgedWith(kJudge, {1, 1, 1, 1}));
    made.samples[t].judgements.back().prompt_digest = "p";
    // b1 of weight 3 of 5 gets a point more of 2: 0.3 of pole b's share.
    made.samples[t].judgements.push_back(UnderProbe(JudgeProbe::kLength, {1, 1, t % 3 == 0 ? 1 : 2, 1}, "p"));
    made.samples[t].judgements.push_back(UnderProbe(JudgeProbe::kOrder, {1, 1, 1, 1}, "another"));
  }
  const RunData run = fixture::Collect(made);
  EXPECT_EQ(run.judges, std::vector<std::string>{kJudge});
  EXPECT_TRUE(run.ratings.empty());  // one judgement each
  const Instruments found = ExamineInstruments(run);
  ASSERT_EQ(found.probes.size(), 1u);  // that of order was made under another prompt
  const ProbeResult& probe = found.probes[0];
  EXPECT_EQ(probe.judge, kJudge);
  EXPECT_EQ(probe.probe, JudgeProbe::kLength);
  EXPECT_EQ(probe.samples, 30);
  EXPECT_EQ(probe.items, 120);
  EXPECT_EQ(probe.changed, 20);
  EXPECT_NEAR(*probe.points.estimate.value, 0.3 / 2 * 20 / 30, 1e-12);
  EXPECT_NEAR(*probe.lean.estimate.value, -0.3 / 2 * 20 / 30, 1e-12);
  ASSERT_TRUE(probe.points.estimate.interval);
  EXPECT_GT(probe.points.estimate.interval->low, 0);
  EXPECT_EQ(Analyse(run).judges.size(), 1u);
}

}  // namespace
}  // namespace axiometer
