#include "reports/run_front.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>

#include "harness/record/run_spec.h"
#include "tests/reports/report_fixture.h"

namespace axiometer {
namespace {

using fixture::MadeRun;

// 20 tasks in as many places, two systems that both have "care"; `kindness` and `fairness` are
// shares of points.
MadeRun Subject(const std::string& name, double kindness, double fairness) {
  MadeRun made;
  made.summary = fixture::SummaryOf("crossroads", "axiometer", 1, 40);
  made.summary.run.id = "RUN" + name;
  made.summary.run.model = "openai/" + name;
  RunSpec spec;
  spec.suite = "crossroads";
  spec.model.provider = "openai";
  spec.model.name = name;
  made.summary.run.config = DumpJson(ToJson(spec));
  std::mt19937_64 random(name.front());
  std::uniform_real_distribution<double> uniform(0, 1);
  const auto item = [&](double level) {
    return (uniform(random) < level) + (uniform(random) < level);
  };
  for (int t = 0; t < 40; ++t) {
    char id[32];
    std::snprintf(id, sizeof id, "crossroads/task-%02d", t);
    const bool schwartz = t % 2 == 0;
    made.tasks.push_back(fixture::TaskOf(id, "A matter", schwartz ? "schwartz" : "nursing",
                                         schwartz ? "kindness" : "fairness", "care",
                                         "place-" + std::to_string(t % 20)));
    made.samples.push_back(fixture::SampleOf(made.tasks.back(), 1, Outcome::kFinished, "Done."));
    const double level = schwartz ? kindness : fairness;
    made.samples.back().judgements.push_back(
        fixture::JudgedWith("openai/judge", {item(level), item(level), item(0.5), item(0.5)}));
  }
  return made;
}

struct Study {
  std::vector<RunData> runs;
  Comparability found;

  explicit Study(const std::vector<MadeRun>& made) {
    for (const MadeRun& one : made) runs.push_back(fixture::Collect(one));
    found = *Compared(
        runs, "", [](const TaskFacts&) { return Result<std::string>(Failed("", "not stored")); });
  }
  Result<RunFront> front(const std::string& named) const { return FrontOfRuns(runs, found, named); }
};

std::vector<MadeRun> Three() {
  return {Subject("a", 0.9, 0.3), Subject("b", 0.3, 0.9), Subject("c", 0.1, 0.1)};
}

TEST(RunFrontTest, TheClearCase) {
  const RunFront front = *Study(Three()).front("kindness,fairness");
  EXPECT_EQ(front.front.reason, "");
  ASSERT_EQ(front.front.subjects.size(), 3u);
  EXPECT_TRUE(front.front.subjects[0].in_front);
  EXPECT_TRUE(front.front.subjects[1].in_front);
  EXPECT_FALSE(front.front.subjects[2].in_front);
  EXPECT_GT(*front.front.subjects[0].probability, 0.99);
  EXPECT_LT(*front.front.subjects[2].probability, 0.01);
  EXPECT_EQ(front.tasks, (std::vector<int64_t>{20, 20}));
  EXPECT_EQ(front.depends_on_missing, (std::vector<bool>{false, false, false}));
}

TEST(RunFrontTest, ColumnsAreInTheOrderInWhichDimensionsWereNamed) {
  const RunFront front = *Study(Three()).front("nursing/fairness, kindness");
  EXPECT_EQ(front.dimensions[0].dimension, "fairness");
  EXPECT_LT(front.front.subjects[0].means[0], front.front.subjects[0].means[1]);
}

TEST(RunFrontTest, OnlyTasksThatEveryRunScoredCountAndWhatIsMissingIsSaid) {
  std::vector<MadeRun> made = Three();
  for (size_t t = 0; t < 38; ++t) {  // all but one task of each dimension
    made[2].samples[t].judgements.clear();
    made[2].samples[t].outcome = Outcome::kRefused;
  }
  const RunFront front = *Study(made).front("kindness,fairness");
  EXPECT_EQ(front.tasks, (std::vector<int64_t>{1, 1}));
  EXPECT_EQ(front.left_out, (std::vector<int64_t>{19, 19}));
  EXPECT_TRUE(front.depends_on_missing[2]);
  EXPECT_EQ(front.front.reason, "fewer than 6 clusters in some dimension: no probability");
}

TEST(RunFrontTest, NamesThatCannotBeMeant) {
  const Study study(Three());
  EXPECT_EQ(
      study.front("kindnes,fairness").error().ToString(),
      "--front: no dimension \"kindnes\" was scored in every run: did you mean \"kindness\"?");
  EXPECT_EQ(study.front("kindness,nursing/fairnes").error().ToString(),
            "--front: no dimension \"nursing/fairnes\" was scored in every run: did you mean "
            "\"nursing/fairness\"?");
  EXPECT_EQ(study.front("kindness,care").error().ToString(),
            "--front: \"care\" is a dimension of nursing and schwartz: name one of them, as "
            "nursing/care");
  EXPECT_EQ(study.front("kindness,schwartz/kindness").error().ToString(),
            "--front: \"schwartz/kindness\" is named twice");
  EXPECT_EQ(study.front("kindness").error().ToString(),
            "--front: on one dimension the front is the highest mean: name two dimensions or more, "
            "comma separated");
  EXPECT_EQ(study.front("kindness,").error().what, "no dimension \"\" was scored in every run");
  EXPECT_TRUE(study.front("schwartz/care,nursing/care"));
}

TEST(RunFrontTest, TheTableSaysWhatTheProbabilityIsOf) {
  const Study study(Three());
  Document document;
  AddFront(study.runs, *study.front("kindness,fairness"), "outcomes", document);
  std::string text = ToTerminal(document, 100, false);
  EXPECT_NE(text.find("Who is in front on schwartz/kindness and nursing/fairness"),
            std::string::npos)
      << text;
  std::replace(text.begin(), text.end(), '\n', ' ');
  EXPECT_NE(text.find("In front: A, B."), std::string::npos) << text;
  EXPECT_NE(text.find("under sampling of tasks, not of being best"), std::string::npos) << text;
  EXPECT_NE(text.find("From 10 clusters it is overconfident"), std::string::npos) << text;
  ASSERT_EQ(document.metrics.size(), 3 * 4u);
  EXPECT_EQ(document.metrics[0].metric, "front_member");
  EXPECT_EQ(document.metrics[0].value, 1);
  EXPECT_EQ(document.metrics[0].group[0].second, "schwartz/kindness,nursing/fairness");
}

}  // namespace
}  // namespace axiometer
