#include "tasks/valueprism.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "harness/base/json.h"
#include "tests/temporary_folder.h"

namespace axiometer {
namespace {

class ValuePrismTest : public testing::Test {
 protected:
  ValuePrismTest() {
    folder_.Write("valence/valence_test.csv",
                  "situation,vrd,text,valence\n"
                  "A nap,Right,Right to rest,Supports\n"
                  "A nap,Duty,Duty to work,Opposes\n"
                  "A run,Value,,Supports\n"
                  "A run,Value,Health,Supports\n"
                  "A run,Value,Health,Either\n");
    folder_.Write(
        "valence/valence_train.csv",
        "situation,vrd,text,valence\nA nap,Value,Calm,Supports\nA swim,Value,Joy,Supports\n");
    folder_.Write("valence/valence_val.csv",
                  "situation,vrd,text,valence\nA climb,Value,Joy,Supports\n");
    folder_.Write("full/full.csv",
                  "situation,vrd,text,explanation,valence\n"
                  "A nap,Right,Right to rest,Sleep heals.,Supports\n"
                  "A run,Value,Health,Running makes strong.,Supports\n"
                  "A nap,Duty,Duty to work,It waits.,Opposes\n"
                  "A swim,Value,Health,,Supports\n");
  }

  std::unique_ptr<ValuePrism> Open(const ValuePrismWanted& wanted, ValuePrismAsking asking = {},
                                   bool acknowledged = true, const std::string& below = "") {
    const Result<std::vector<ValuePrismFile>> files =
        FindValuePrism(folder_.path() + below, wanted);
    EXPECT_TRUE(files) << (files ? "" : files.error().ToString());
    if (!files) return nullptr;
    if (asking.prompts.empty()) {
      for (const ValuePrismTask task :
           {ValuePrismTask::kRelevance, ValuePrismTask::kValence, ValuePrismTask::kExplanation,
            ValuePrismTask::kGeneration}) {
        asking.prompts[task] =
            std::string(ValuePrismTaskName(task)) + " {{SITUATION}} / {{TYPE}}: {{TEXT}} {{OTHER}}";
      }
    }
    Result<std::unique_ptr<ValuePrism>> source =
        ValuePrism::Open(*files, std::move(asking), false, acknowledged);
    EXPECT_TRUE(source) << (source ? "" : source.error().ToString());
    return source ? std::move(*source) : nullptr;
  }
  std::string Problem(const ValuePrismWanted& wanted, const std::string& below = "") {
    const Result<std::vector<ValuePrismFile>> files =
        FindValuePrism(folder_.path() + below, wanted);
    if (files) return "";
    std::string text = files.error().ToString();
    const size_t at = text.find(folder_.path());
    if (at != std::string::npos) text.replace(at, folder_.path().size(), "FOLDER");
    return text;
  }
  static ValuePrismWanted Want(std::vector<ValuePrismTask> tasks, std::string split = "test") {
    ValuePrismWanted wanted;
    wanted.tasks = std::move(tasks);
    wanted.split = std::move(split);
    return wanted;
  }
  static std::vector<std::string> Ids(const ValuePrism& source) {
    std::vector<std::string> ids;
    for (const TaskRef& ref : source.refs()) ids.push_back(ref.id);
    return ids;
  }

  TemporaryFolder folder_;
};

TEST_F(ValuePrismTest, ARowIsATaskNumberedAsItStandsInTheTable) {
  const auto source = Open(Want({ValuePrismTask::kValence}));
  EXPECT_EQ(Ids(*source),
            (std::vector<std::string>{"valueprism/valence/test/0", "valueprism/valence/test/1",
                                      "valueprism/valence/test/3", "valueprism/valence/test/4"}));
  const std::shared_ptr<const Task> task = *source->Load(1);
  EXPECT_EQ(task->kind, TaskKind::kChoice);
  EXPECT_EQ(task->gold, "Opposes");
  EXPECT_EQ(task->digest, source->refs()[1].digest);
  EXPECT_EQ(task->opening.at(0).text, "valence A nap / Duty: Duty to work {{OTHER}}");
  EXPECT_EQ(task->tags.at("type"), "Duty");
  EXPECT_EQ(task->tags.at("gold"), "Opposes");
  EXPECT_EQ(task->tags.at("task"), "valence");
  EXPECT_EQ(task->tags.at("prompt"), "axiometer-1");
  EXPECT_EQ(task->tags.at("elicitation"), "generate");
  ASSERT_EQ(task->options.size(), 3u);
  EXPECT_EQ(task->options[2].key, "Either");
  ASSERT_EQ(task->oracles.size(), 3u);
  EXPECT_EQ(task->oracles[1].steps.at(0).say, "Opposes");
  EXPECT_EQ((*source->Load(0))->tags.at("situation"), task->tags.at("situation"));
  EXPECT_NE((*source->Load(2))->tags.at("situation"), task->tags.at("situation"));
}

TEST_F(ValuePrismTest, WhatIsFilledInIsNotFilledAgain) {
  folder_.Write("relevance/relevance_test.csv",
                "situation,vrd,text,relevance\nA {{TEXT}},Value,{{TYPE}},Yes\n");
  const auto source = Open(Want({ValuePrismTask::kRelevance}));
  EXPECT_EQ((*source->Load(0))->opening.at(0).text,
            "relevance A {{TEXT}} / Value: {{TYPE}} {{OTHER}}");
}

TEST_F(ValuePrismTest, BaselinesKnowTheWholeSplit) {
  const auto source = Open(Want({ValuePrismTask::kValence}));
  // Gold: Supports 2, Opposes 1, Either 1. Value: Supports 1, Either 1.
  const Json first = Json::parse((*source->Load(0))->facts).at("baselines");
  EXPECT_EQ(
      first,
      Json::parse(
          R"([["uniform",0.3333333333333333],["frequency",0.5],["majority by type",1],["majority",1]])"));
  const Json last = Json::parse((*source->Load(3))->facts).at("baselines");
  EXPECT_EQ(
      last,
      Json::parse(
          R"([["uniform",0.3333333333333333],["frequency",0.25],["majority by type",0],["majority",0]])"));
}

TEST_F(ValuePrismTest, SituationsInTwoSplitsRowsLeftOutAndRepetitionsAreTold) {
  const auto source = Open(Want({ValuePrismTask::kValence}));
  EXPECT_EQ(source->notes(),
            (std::vector<std::string>{"valueprism: valence_test.csv: 1 of 2 situations in other "
                                      "splits too (train 1, val 0); the report tells their "
                                      "tasks apart",
                                      "valueprism: valence_test.csv: 1 entry without text or type "
                                      "and 0 entries without another needed cell left out "
                                      "of 5 rows",
                                      "valueprism: valence_test.csv: 1 row repeats situation, type "
                                      "and text of another; 1 of these have rows that "
                                      "disagree on the label"}));
  EXPECT_EQ((*source->Load(0))->tags.at("also_in"), "train");
  EXPECT_EQ((*source->Load(2))->tags.at("also_in"), "none");
}

TEST_F(ValuePrismTest, TheLicenceIsNotedUnlessItIsAcknowledged) {
  const auto source = Open(Want({ValuePrismTask::kValence}, "val"), {}, false);
  EXPECT_TRUE(source->notes().front().starts_with(
      "valueprism: the data set comes under AI2's ImpACT licence"));
}

TEST_F(ValuePrismTest, TheFullTableServesThreeTasks) {
  ValuePrismWanted wanted = Want({});
  wanted.layout = ValuePrismLayout::kFull;
  const auto source = Open(wanted);
  EXPECT_EQ(Ids(*source), (std::vector<std::string>{
                              "valueprism/valence/full/0", "valueprism/valence/full/1",
                              "valueprism/valence/full/2", "valueprism/valence/full/3",
                              "valueprism/explanation/full/0", "valueprism/explanation/full/1",
                              "valueprism/explanation/full/2", "valueprism/generation/full/0",
                              "valueprism/generation/full/1", "valueprism/generation/full/3"}));
  EXPECT_EQ(source->notes(),
            std::vector<std::string>{
                "valueprism: full.csv: 1 row without an explanation left out of that task"});
}

TEST_F(ValuePrismTest, ASituationIsOneGenerationTask) {
  const auto source = Open(Want({ValuePrismTask::kGeneration}));
  const std::shared_ptr<const Task> task = *source->Load(0);
  EXPECT_EQ(task->kind, TaskKind::kGenerate);
  EXPECT_EQ(task->gold, "");
  EXPECT_EQ(task->references,
            (std::vector<std::string>{"Right: Right to rest", "Duty: Duty to work"}));
  ASSERT_EQ(task->oracles.size(), 2u);
  EXPECT_EQ(task->oracles[0].leaning, "");
  EXPECT_EQ(task->oracles[0].steps.at(0).say,
            "Right: Right to rest (Supports)\nDuty: Duty to work (Opposes)");
  EXPECT_EQ(task->oracles[1].steps.at(0).say, "Value: Health (Supports)");
  const Json facts = Json::parse(task->facts);
  EXPECT_EQ(facts.at("valences"), Json::parse(R"(["Supports","Opposes"])"));
  // Four rows, three situations: the one commonest is "Value: Health".
  EXPECT_EQ(facts.at("baselines").at(0).at("coverage.exact"), 0);
  const Json run = Json::parse((*source->Load(1))->facts).at("baselines").at(0);
  EXPECT_EQ(run.at("name"), "the commonest");
  EXPECT_EQ(run.at("coverage.exact"), 1);
  EXPECT_EQ(run.at("precision.exact"), 1);
}

TEST_F(ValuePrismTest, AnExplanationIsComparedWithAnotherRows) {
  const auto source = Open(Want({ValuePrismTask::kExplanation}));
  const std::shared_ptr<const Task> task = *source->Load(0);
  EXPECT_EQ(task->references, std::vector<std::string>{"Sleep heals."});
  EXPECT_EQ(task->oracles.at(1).steps.at(0).say, "Running makes strong.");
  EXPECT_EQ(Json::parse(task->facts).at("baselines").at(0).at("rouge_l"), 0);
}

TEST_F(ValuePrismTest, ThePublicSubsetIsOneTaskARecord) {
  folder_.Write(
      "vital.json",
      R"([{"id":7,"situation":"A nap","vrd":["Rest","Work"],"explanation":["a","b"],"input":"","output":""}])");
  const auto source = Open(Want({}), {}, true, "/vital.json");
  EXPECT_EQ(Ids(*source), std::vector<std::string>{"valueprism/generation/vital/0"});
  EXPECT_EQ((*source->Load(0))->references, (std::vector<std::string>{"Rest", "Work"}));
}

TEST_F(ValuePrismTest, AMixtureServesAllFourAndNamesItselfInTheIds) {
  folder_.Write("mixture/mixture_test.csv",
                "input,output\n[Generate]:\tAction: A nap,Right: Rest\n[Relevance]:\tAction: A "
                "nap\tRight: Rest,Yes\n"
                "[Valence]:\tAction: A nap\tRight: Rest,Supports\n[Explanation]:\tAction: A "
                "nap\tRight: Rest,Sleep heals.\n");
  ValuePrismWanted wanted = Want({});
  wanted.layout = ValuePrismLayout::kMixture;
  EXPECT_EQ(Ids(*Open(wanted)),
            (std::vector<std::string>{
                "valueprism/relevance/mixture-test/1", "valueprism/valence/mixture-test/2",
                "valueprism/explanation/mixture-test/3", "valueprism/generation/mixture-test/0"}));
}

TEST_F(ValuePrismTest, OneFileSaysItsLayoutByItsFolder) {
  EXPECT_EQ(Ids(*Open(Want({}), {}, true, "/valence/valence_val.csv")),
            std::vector<std::string>{"valueprism/valence/val/0"});
  EXPECT_EQ(Ids(*Open(Want({}, "val"), {}, true, "/valence")),
            std::vector<std::string>{"valueprism/valence/val/0"});
  folder_.Write("table.csv", "situation,vrd,text,valence\nA nap,Value,Calm,Supports\n");
  EXPECT_EQ(Problem(Want({}), "/table.csv"),
            "-T layout: which table table.csv is cannot be seen from where it lies: name it: "
            "relevance, valence, explanation, "
            "generative, full, mixture or vital");
}

TEST_F(ValuePrismTest, WhatIsMissingIsNamedWithThePlaceWhereItIsPublished) {
  const std::string published =
      ": the data set is published as allenai/ValuePrism at huggingface.co, behind its licence "
      "terms";
  EXPECT_EQ(Problem(Want({ValuePrismTask::kRelevance})),
            "FOLDER: nothing to read relevance from: no folder relevance with a file *test.csv" +
                published);
  std::filesystem::remove_all(folder_.path() + "/full");
  std::filesystem::remove(folder_.path() + "/valence/valence_test.csv");
  EXPECT_EQ(Problem(Want({ValuePrismTask::kValence})),
            "FOLDER: nothing to read valence from: the folder valence holds no file *test.csv" +
                published);
  EXPECT_EQ(Problem(Want({}), "/nowhere"), "FOLDER/nowhere: no such file or folder" + published);
  folder_.Write("valence/valence_test.csv", "x");
  folder_.Write("valence/old_test.csv", "x");
  EXPECT_EQ(Problem(Want({ValuePrismTask::kValence})),
            "FOLDER/valence: two files for one table: old_test.csv and valence_test.csv: name one "
            "of them with --data");
  ValuePrismWanted wanted = Want({ValuePrismTask::kRelevance});
  wanted.layout = ValuePrismLayout::kFull;
  EXPECT_EQ(Problem(wanted), "-T task: a table of the layout full holds no relevance");
}

}  // namespace
}  // namespace axiometer
