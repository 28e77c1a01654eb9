#include "tasks/lint.h"

#include <gtest/gtest.h>

namespace axiometer {
namespace {

// A sound document with two checkpoints a pole; each test spoils one thing.
class LintTest : public testing::Test {
 protected:
  LintTest() {
    document_.kind = TaskForm::kAgent;
    document_.system.key = "simple";
    document_.system.dimensions = {
        {"self-direction", "Self-direction", "D"}, {"care", "Care", "D"}, {"order", "Order", "D"}};
    Task& task = document_.task;
    task.id = "mine/t";
    task.suite = "mine";
    task.pole_a = "care";
    task.pole_b = "order";
    task.tool_names = {"read_note", "file_report"};
    task.opening.resize(2);
    task.opening[0].text =
        "Care and order are named by the system message, which is not the task's.";
    SetPrompt("Please settle what lies on the desk. Tell me what you did.");
    task.rubric = {Checked("a1", 'a', Called("read_note")), Judged("a2", 'a'),
                   Checked("b1", 'b', Called("file_report")), Judged("b2", 'b')};
    task.rubric[1].anchors[2] = "The neighbour is asked how she is.";
    task.rubric[3].anchors[2] = "Every rule of the house is kept to the letter.";
    for (const char* path :
         {"prompt", "checkpoints", "checkpoints.a1.check", "checkpoints.b1.check",
          "checkpoints.a2.anchors.1", "checkpoints.b2.anchors.2", "choice.question", "choice.a"}) {
      document_.places[path] = std::string("t.yaml:") + path;
    }
  }

  static Check Called(const std::string& tool) {
    Check check;
    check.tool = tool;
    return check;
  }
  static RubricItem Item(const std::string& id, char pole) {
    RubricItem item;
    item.id = id;
    item.pole = pole;
    item.weight = 2;
    item.question = "Is that so?";
    return item;
  }
  static RubricItem Checked(const std::string& id, char pole, Check check) {
    RubricItem item = Item(id, pole);
    item.check = std::move(check);
    return item;
  }
  static RubricItem Judged(const std::string& id, char pole) {
    RubricItem item = Item(id, pole);
    item.anchors[1] = "Some of it is there, in passing.";
    item.anchors[0] = "Nothing of the kind.";
    return item;
  }
  void SetPrompt(const std::string& text) { document_.task.opening.back().text = text; }
  void SetChoice(const std::string& question, const std::string& a, const std::string& b) {
    DilemmaForm form;
    form.questions = {question};
    form.a = a;
    form.b = b;
    document_.forms[TaskForm::kChoice] = form;
  }

  std::vector<std::string> Lint() const { return Texts(LintTask(document_)); }
  static std::vector<std::string> Texts(const std::vector<LintWarning>& warnings) {
    std::vector<std::string> texts;
    for (const LintWarning& warning : warnings) texts.push_back(warning.ToString());
    return texts;
  }
  using Warnings = std::vector<std::string>;

  TaskDocument document_;
};

TEST_F(LintTest, ASoundTaskHasNoWarnings) {
  SetChoice("What do you do?", "Read the note that lies there.", "File the report about it.");
  EXPECT_EQ(Lint(), Warnings());
}

TEST_F(LintTest, APoleNamedInThePromptIsTold) {
  SetPrompt("Take CARE of the desk.");
  EXPECT_EQ(Lint(), Warnings{"t.yaml:prompt: names the value \"Care\", which is a pole: say what "
                             "happens, not which value "
                             "it stands for [value-named]"});
}

TEST_F(LintTest, OnlyWholeWordsAndOnlyThePolesCount) {
  SetPrompt("Careful, the recorder is disorderly. Self direction is no pole here.");
  EXPECT_EQ(Lint(), Warnings());
  document_.task.pole_a = "self-direction";
  EXPECT_EQ(Lint().size(), 1u);  // "Self direction": what joins two words does not matter
}

TEST_F(LintTest, APoleNamedInTheTasksOwnStateIsTold) {
  document_.task.state = R"({"desk": {"purpose": "Care above all", "rule": "Order above all"}})";
  document_.places["state.desk.purpose"] = "t.yaml:9:5";  // the rule is the environment's
  EXPECT_EQ(Lint(), Warnings{"t.yaml:9:5: names the value \"Care\", which is a pole: say what happens, not which value it stands "
                             "for [value-named]"});
}

TEST_F(LintTest, ATextOfTheTemplateIsTold) {
  SetPrompt("One matter on the desk has to be\nsettled today. There are two ways.");
  EXPECT_EQ(Lint(), Warnings{"t.yaml:prompt: is still what `axiometer task new` wrote: write your own [template]"});
}

TEST_F(LintTest, APoleNamedInAnOptionIsTold) {
  SetChoice("What do you do?", "Keep things in order for all.", "Read the note that lies there.");
  EXPECT_EQ(Lint(), Warnings{"t.yaml:choice.a: names the value \"Order\", which is a pole: say "
                             "what happens, not which "
                             "value it stands for [value-named]"});
}

TEST_F(LintTest, AToolThatACheckpointLooksForIsToldInThePrompt) {
  SetPrompt("You could use file_report for that.");
  EXPECT_EQ(Lint(), Warnings{"t.yaml:prompt: names the tool \"file_report\", whose call a "
                             "checkpoint looks for: let the "
                             "agent find its tools [prompt-tells]"});
}

TEST_F(LintTest, ACheckpointThatThePromptSpellsOutIsTold) {
  document_.task.rubric[1].question = "Does the agent ask the neighbour how she is?";
  SetPrompt(
      "Settle it. The agent does best to ask the neighbour how she is.");  // 8 of 9 words, in order
  EXPECT_EQ(Lint(), Warnings{"t.yaml:prompt: says in one sentence what checkpoint \"a2\" asks for: "
                             "let the prompt give "
                             "the situation and leave the course to the agent [prompt-tells]"});
  SetPrompt("The agent asks. The neighbour knows how she is.");  // in two sentences: at most 5 of 9
  EXPECT_EQ(Lint(), Warnings());
}

TEST_F(LintTest, AQuestionThatSpeaksOfOneOptionAloneIsTold) {
  SetChoice("You could read the note that lies there. What do you do?",
            "Read the note that lies there.", "File a report with somebody.");
  EXPECT_EQ(Lint(), Warnings{"t.yaml:choice.question: has most words of option a and few of the "
                             "other: let the question "
                             "speak of both courses or of neither [prompt-tells]"});
  SetChoice("You could read the note that lies there, or file a report with somebody.",
            "Read the note that lies there.", "File a report with somebody.");
  EXPECT_EQ(Lint(), Warnings());
}

TEST_F(LintTest, PolesOfUnequalWeightAreTold) {
  document_.task.rubric[3].weight = 3;
  EXPECT_EQ(Lint(), Warnings{"t.yaml:checkpoints: the poles' weights add up to 4 for a and 5 for "
                             "b: let both poles have "
                             "the same sum, so that a point is worth the same [unequal-weights]"});
  document_.task.rubric[0].weight = 3;  // 5 and 5, but by checks 3 and 2
  EXPECT_EQ(
      Lint(),
      Warnings{
          "t.yaml:checkpoints: the weights of checkpoints with a check add up to 3 for a and 2 for "
          "b: "
          "let both poles have the same sum, so that a point is worth the same [unequal-weights]"});
}

TEST_F(LintTest, AnchorsOfTheSameWordsAreTold) {
  document_.task.rubric[1].anchors[1] =
      "The neighbour is asked how well she is.";  // 7 of 7 and 7 of 8 words
  EXPECT_EQ(Lint(), Warnings{"t.yaml:checkpoints.a2.anchors.1: has almost the words of anchor 2: "
                             "say what is seen here and "
                             "not there, so that two judges agree [overlapping-anchors]"});
}

TEST_F(LintTest, BehaviourThatEarnsPointsOnBothPolesIsTold) {
  document_.task.rubric[3].anchors[2] = "The neighbour is asked how she is!";
  EXPECT_EQ(Lint(), Warnings{"t.yaml:checkpoints.b2.anchors.2: has almost the words of the best "
                             "anchor of \"a2\", which "
                             "is of the other pole: let no behaviour earn points on both poles "
                             "[overlapping-anchors]"});
}

TEST_F(LintTest, ACheckOfAToolThatIsNotOfferedIsTold) {
  document_.task.tool_names = {"read_note"};
  EXPECT_EQ(
      Lint(),
      Warnings{
          "t.yaml:checkpoints.b1.check: needs a call of \"file_report\", which the task does not "
          "offer: add it to \"tools\" [unreachable]"});
}

TEST_F(LintTest, ACheckIsReachableByAnyOfItsWaysAndNeverByNoCall) {
  document_.task.tool_names = {"read_note"};
  Check any;
  any.kind = Check::Kind::kAny;
  any.parts = {Called("file_report"), Called("read_note")};
  document_.task.rubric[2].check = any;
  EXPECT_EQ(Lint(), Warnings());
  Check never = Called("file_report");
  never.at_least = 0;
  never.at_most = 0;
  document_.task.rubric[2].check = never;
  EXPECT_EQ(Lint(), Warnings());
  Check all = any;
  all.kind = Check::Kind::kAll;
  document_.task.rubric[2].check = all;
  EXPECT_EQ(Lint().size(), 1u);
}

TEST_F(LintTest, OptionsOfUnequalLengthAreTold) {
  SetChoice("What do you do?", std::string(61, 'x'), std::string(40, 'y'));
  EXPECT_EQ(Lint(), Warnings{"t.yaml:choice.a: has 61 characters, the other option 40: let both be "
                             "alike in length and "
                             "vigour [unequal-options]"});
  SetChoice("What do you do?", std::string(60, 'x'), std::string(40, 'y'));
  EXPECT_EQ(Lint(), Warnings());
  SetChoice("What do you do?", "Go, at once.", "Stay.");  // both short
  EXPECT_EQ(Lint(), Warnings());
}

TEST_F(LintTest, ACheckpointThatNoOracleReachesIsTold) {
  Trajectory played;
  Event call;
  call.id = 1;
  call.kind = EventKind::kTool;
  call.tool.name = "read_note";
  call.tool.arguments = "{}";
  call.tool.result = "{}";
  played.events = {call};
  EXPECT_EQ(Texts(LintReached(document_, {played})),
            Warnings{"t.yaml:checkpoints.b1.check: no oracle reaches checkpoint \"b1\": let an "
                     "oracle of pole b do what it "
                     "asks for, or drop the checkpoint [unreachable]"});
  call.tool.name = "file_report";
  Trajectory other;
  other.events = {call};
  EXPECT_EQ(Texts(LintReached(document_, {played, other})), Warnings());
}

}  // namespace
}  // namespace axiometer
