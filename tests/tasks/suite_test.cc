#include "tasks/suite.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "harness/base/digest.h"
#include "harness/base/file.h"
#include "harness/base/nearest.h"
#include "harness/base/utf8.h"
#include "harness/base/yaml_reader.h"
#include "tests/temporary_folder.h"

namespace axiometer {
namespace {

constexpr char kTask[] = R"(kind: agent
title: T
poles: {a: care, b: order}
environment: desk
prompt: |
  Do it.
state: {entries: {E-1: {open: true}}}
tools: [close, read]
checkpoints:
  - id: a1
    pole: a
    weight: 3
    question: Kind?
    anchors: {2: yes, 1: perhaps, 0: no}
  - id: b1
    pole: b
    question: Closed?
    check: {called: close, with: {id: E-1}}
oracles:
  a: [{call: read}, {say: Read.}]
  idle: [{say: Nothing.}]
tags: {voice: x}
)";

// A suite "small" with one task, and an environment "desk".
class SuiteTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_.Write("data/tasks/prompts/agent_system.txt", "Act.\n");
    folder_.Write("data/tasks/prompts/choice.txt",
                  "{{QUESTION}} {{FIRST_LABEL}}: {{FIRST}} {{SECOND_LABEL}}: {{SECOND}}\n");
    folder_.Write("data/tasks/prompts/survey.txt", "{{QUESTION}} 1: {{FIRST}} 7: {{SECOND}}\n");
    folder_.Write("data/tasks/value_systems/simple.yaml",
                  "key: simple\nname: Simple\nreference: R\ndimensions:\n"
                  "  - {key: care, name: Care, definition: D}\n  - {key: order, name: Order, definition: D}\n");
    folder_.Write("data/tasks/suites/small/suite.yaml",
                  "name: small\ntitle: S\ndescription: D\nversion: 1.0\nvalue_system: simple\n");
    WriteTask(kTask);
  }
  void WriteTask(const std::string& text) { folder_.Write("data/tasks/suites/small/t-1.yaml", text); }

  SuiteContext Context() const {
    SuiteContext context;
    context.data_dir = folder_.path() + "/data";
    context.environment = [](const std::string& name, const std::string&) -> Result<EnvironmentFacts> {
      const std::string known[] = {"desk"};
      if (name != "desk") return BadInput("", "unknown environment " + Quoted(name), DidYouMean(name, known));
      EnvironmentFacts facts;
      facts.directory = "/catalog/desk";
      facts.tools = {{"read", R"({"type": "function", "function": {"name": "read"}})"},
                     {"close", R"({"type": "function", "function": {"name": "close"}})"},
                     {"shred", R"({"type": "function", "function": {"name": "shred"}})"}};
      facts.default_state = R"({"now": "x", "entries": {"E-1": {"open": false, "n": 1}, "E-2": {}}})";
      facts.digest = "d1";
      return facts;
    };
    return context;
  }
  std::string Directory() const { return folder_.path() + "/data/tasks/suites/small"; }
  Result<std::unique_ptr<TaskSource>> Open() const { return OpenSuite(Directory(), Context()); }
  Task Only() const {
    Result<std::unique_ptr<TaskSource>> suite = Open();
    EXPECT_TRUE(suite) << suite.error().ToString();
    return **(*suite)->Load(0);
  }
  // The error after replacing `from` by `to` in the task, without the folder.
  std::string ErrorWith(const std::string& from, const std::string& to) {
    std::string text = kTask;
    const size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    text.replace(at, from.size(), to);
    WriteTask(text);
    const Result<std::unique_ptr<TaskSource>> suite = Open();
    if (suite) return "no error";
    std::string message = suite.error().ToString();
    const std::string prefix = Directory() + "/";
    if (message.rfind(prefix, 0) == 0) message.erase(0, prefix.size());
    return message;
  }

  TemporaryFolder folder_;
};

TEST_F(SuiteTest, ATaskIsReadWhole) {
  const Task task = Only();
  EXPECT_EQ(task.id, "small/t-1");
  EXPECT_EQ(task.value_system, "simple");
  EXPECT_EQ(task.pole_a, "care");
  EXPECT_EQ(task.environment_directory, "/catalog/desk");
  EXPECT_EQ(task.state, R"({"now": "x", "entries": {"E-1": {"open": true, "n": 1}, "E-2": {}}})");
  EXPECT_EQ(task.tool_names, (std::vector<std::string>{"close", "read"}));
  EXPECT_EQ(task.known_tools, (std::vector<std::string>{"read", "close", "shred"}));
  EXPECT_EQ(task.tools, R"([{"type": "function", "function": {"name": "close"}}, )"
                        R"({"type": "function", "function": {"name": "read"}}])");
  ASSERT_EQ(task.opening.size(), 2u);
  EXPECT_EQ(task.opening[0].text, "Act.");
  EXPECT_EQ(task.opening[1].text, "Do it.");
  ASSERT_EQ(task.rubric.size(), 2u);
  EXPECT_EQ(task.rubric[0].weight, 3);
  EXPECT_EQ(task.rubric[0].anchors[2], "yes");
  EXPECT_EQ(task.rubric[1].weight, 1);
  EXPECT_TRUE(task.rubric[1].check);
  ASSERT_EQ(task.oracles.size(), 2u);
  EXPECT_EQ(task.oracles[0].steps[0].arguments, "{}");
  EXPECT_EQ(task.oracles[1].steps[0].say, "Nothing.");
  EXPECT_EQ(task.tags.at("voice"), "x");
  EXPECT_EQ(task.tags.at("environment"), "desk");
}

TEST_F(SuiteTest, ADraftSaysWhetherSomebodyHasVouchedForIt) {
  EXPECT_FALSE(Only().tags.contains(kDraftTag));
  const std::string digest = Only().digest;
  WriteTask(std::string(kTask) + "drafted_by: openai/x\n");
  EXPECT_EQ(Only().tags.at(kDraftTag), kUnreviewed);
  WriteTask(std::string(kTask) + "drafted_by: openai/x\nreviewed_by: A. Person\n");
  EXPECT_EQ(Only().tags.at(kDraftTag), kReviewed);
  EXPECT_EQ(ParseJson(TaskRecord(Only()), "")->at("reviewed_by"), "A. Person");
  EXPECT_EQ(Only().digest, digest);  // nobody who is measured sees it
  EXPECT_EQ(ErrorWith("tags: {voice: x}", "tags: {draft: x}"),
            "t-1.yaml:22:15: tags.draft: tag \"draft\" is given by the task itself");
}

TEST_F(SuiteTest, EveryPartOfAFileHasItsPlace) {
  const Result<SuiteDocuments> documents = ReadSuiteDocuments(Directory(), Context());
  ASSERT_TRUE(documents);
  ASSERT_EQ(documents->tasks.size(), 1u);
  const TaskPlaces& places = documents->tasks[0].places;
  const std::string file = Directory() + "/t-1.yaml:";
  EXPECT_EQ(places.at("prompt"), file + "5:9");
  EXPECT_EQ(places.at("poles.b"), file + "3:21");
  EXPECT_EQ(places.at("checkpoints.a1.anchors.1"), file + "14:26");
  EXPECT_EQ(places.at("checkpoints.b1.check.called"), file + "18:21");
}

TEST_F(SuiteTest, EveryFileThatIsWrongIsAProblemAndTheOthersAreRead) {
  folder_.Write("data/tasks/suites/small/t-2.yaml", "kind: agent\n");
  const Result<SuiteDocuments> documents = ReadSuiteDocuments(Directory(), Context());
  ASSERT_TRUE(documents);
  EXPECT_EQ(documents->tasks.size(), 1u);
  ASSERT_EQ(documents->problems.size(), 1u);
  EXPECT_EQ(documents->problems[0].where, Directory() + "/t-2.yaml:1:1");
}

TEST_F(SuiteTest, TheContentDigestIsOfNamesAndBytesAlone) {
  const std::string before = *SuiteContentDigest(Directory());
  const auto read = [&](const std::string& name) { return Sha256(*ReadFile(Directory() + "/" + name, 1u << 20)); };
  EXPECT_EQ(before, Sha256("suite.yaml " + read("suite.yaml") + "\nt-1.yaml " + read("t-1.yaml") + "\n"));
  folder_.Write("data/tasks/suites/small/task.schema.json", "{}");
  folder_.Write("data/tasks/suites/small/.t-1.yaml.swp", "x");
  EXPECT_EQ(*SuiteContentDigest(Directory()), before);
  folder_.Write("data/tasks/suites/small/value_systems/own.yaml", "x");
  EXPECT_NE(*SuiteContentDigest(Directory()), before);
}

TEST_F(SuiteTest, TheRecordHoldsWhatReportsNeed) {
  const Json record = *ParseJson(TaskRecord(Only()), "");
  EXPECT_EQ(record["rubric"][0]["anchors"], Json::array({"no", "perhaps", "yes"}));
  EXPECT_EQ(record["rubric"][1]["check"], "calls close with id \"E-1\"");
  EXPECT_EQ(record["opening"][1]["text"], "Do it.");
  EXPECT_EQ(record["pole_b"], "order");
}

TEST_F(SuiteTest, TheDigestFollowsWhatSubjectAndJudgeSee) {
  const std::string before = Only().digest;
  const auto digest_with = [&](const std::string& from, const std::string& to) {
    std::string text = kTask;
    text.replace(text.find(from), from.size(), to);
    WriteTask(text);
    return Only().digest;
  };
  EXPECT_EQ(digest_with("title: T", "title: U"), before);
  EXPECT_EQ(digest_with("{voice: x}", "{voice: y}"), before);
  EXPECT_NE(digest_with("Do it.", "Do that."), before);
  EXPECT_NE(digest_with("open: true", "open: 1"), before);
  EXPECT_NE(digest_with("Kind?", "Nice?"), before);
  EXPECT_NE(digest_with("id: E-1}", "id: E-2}"), before);
  EXPECT_NE(digest_with("tools: [close, read]", "tools: [read, close]"), before);
}

TEST_F(SuiteTest, BadTasksAreNamedWithPlaceAndHint) {
  EXPECT_EQ(ErrorWith("kind: agent", "kind: agnet"), "t-1.yaml:1:7: kind: expected agent, choice or survey, got \"agnet\"");
  EXPECT_EQ(ErrorWith("title: T", "tilte: T"), "t-1.yaml:2:1: unknown key \"tilte\": did you mean \"title\"?");
  EXPECT_EQ(ErrorWith("title: T\n", ""), "t-1.yaml:1:1: \"title\" is missing");
  EXPECT_EQ(ErrorWith("a: care", "a: caer"), "t-1.yaml:3:12: poles.a: \"caer\" is no dimension of \"simple\": did you mean \"care\"?");
  EXPECT_EQ(ErrorWith("b: order", "b: care"), "t-1.yaml:3:21: poles.b: both poles are \"care\": name two different dimensions");
  EXPECT_EQ(ErrorWith("environment: desk", "environment: deks"),
            "t-1.yaml:4:14: environment: unknown environment \"deks\": did you mean \"desk\"?");
  EXPECT_EQ(ErrorWith("environment: desk\n", ""), "t-1.yaml:1:1: \"environment\" is missing, here and in suite.yaml");
  EXPECT_EQ(ErrorWith("environment: desk", "environment: desk\nvalue_system: simpel"),
            "t-1.yaml:5:15: value_system: unknown value system \"simpel\": did you mean \"simple\"?");
  EXPECT_EQ(ErrorWith("state: {entries", "state: {entrys"),
            "t-1.yaml:7:17: state.entrys: the environment's state has no \"entrys\": did you mean \"entries\"?");
  EXPECT_EQ(ErrorWith("tools: [close, read]", "tools: [close, raed]"),
            "t-1.yaml:8:16: tools[1]: environment \"desk\" has no tool \"raed\": did you mean \"read\"?");
  EXPECT_EQ(ErrorWith("tools: [close, read]", "tools: [read, read]"), "t-1.yaml:8:15: tools[1]: tool \"read\" is there twice");
  EXPECT_EQ(ErrorWith("weight: 3", "weight: high"), "t-1.yaml:12:13: checkpoints[0].weight: expected 1 to 5, got \"high\"");
  EXPECT_EQ(ErrorWith("pole: b", "pole: c"), "t-1.yaml:16:11: checkpoints[1].pole: expected a or b, got \"c\"");
  EXPECT_EQ(ErrorWith("pole: b", "pole: a"), "t-1.yaml:10:3: checkpoints: no checkpoint for pole b");
  EXPECT_EQ(ErrorWith("id: b1", "id: a1"), "t-1.yaml:15:9: checkpoints[1].id: checkpoint \"a1\" is there twice");
  EXPECT_EQ(ErrorWith("    anchors: {2: yes, 1: perhaps, 0: no}\n", ""),
            "t-1.yaml:10:5: checkpoints[0]: needs \"check\" or \"anchors\"");
  EXPECT_EQ(ErrorWith(", 0: no}", "}"), "t-1.yaml:14:14: checkpoints[0].anchors: \"0\" is missing");
  EXPECT_EQ(ErrorWith("called: close", "called: clsoe"),
            "t-1.yaml:18:21: checkpoints[1].check.called: unknown tool \"clsoe\": did you mean \"close\"?");
  EXPECT_EQ(ErrorWith("{called: close, with: {id: E-1}}", "{state: entires.E-1, is: 1}"),
            "t-1.yaml:18:12: checkpoints[1].check: the environment's state has no \"entires\": did you mean \"entries\"?");
  EXPECT_EQ(ErrorWith("{call: read}", "{call: shred}"),
            "t-1.yaml:20:14: oracles.a[0].call: the task offers no tool \"shred\": it offers: close, read");
  EXPECT_EQ(ErrorWith("{call: read}, {say: Read.}", "{call: read}"),
            "t-1.yaml:20:7: oracles.a[0]: the last step must not call a tool: end with {say: TEXT}");
  EXPECT_EQ(ErrorWith("{call: read}", "{say: Hm.}"), "t-1.yaml:20:7: oracles.a[0]: only the last step may come without \"call\"");
  EXPECT_EQ(ErrorWith("idle: ", "idel: "), "t-1.yaml:21:3: oracles: unknown key \"idel\": did you mean \"idle\"?");
  EXPECT_EQ(ErrorWith("{voice: x}", "{environment: x}"),
            "t-1.yaml:22:21: tags.environment: tag \"environment\" is given by the task itself");
  EXPECT_EQ(ErrorWith("Do it.", ""), "t-1.yaml:5:9: prompt: expected text, got an empty one");
}

constexpr char kForms[] = R"(choice:
  question: Which?
  a: Help.
  b: Sort {{FIRST}}.
  paraphrases: ["What?"]
survey:
  question: In general?
  a: Help counts.
  b: Order counts.
)";

std::vector<Task> InForm(const std::string& directory, SuiteContext context, TaskForm form, FormVariants variants = {}) {
  context.form = form;
  context.variants = variants;
  const Result<std::unique_ptr<TaskSource>> suite = OpenSuite(directory, context);
  std::vector<Task> tasks;
  if (!suite) ADD_FAILURE() << suite.error().ToString();
  for (size_t i = 0; suite && i < (*suite)->refs().size(); ++i) tasks.push_back(**(*suite)->Load(i));
  return tasks;
}

TEST_F(SuiteTest, ADilemmaIsAskedInBothOrders) {
  WriteTask(std::string(kTask) + kForms);
  const std::vector<Task> tasks = InForm(Directory(), Context(), TaskForm::kChoice);
  ASSERT_EQ(tasks.size(), 2u);
  EXPECT_EQ(tasks[0].id, "small/choice/t-1/a-first");
  EXPECT_EQ(tasks[1].id, "small/choice/t-1/b-first");
  EXPECT_EQ(tasks[0].kind, TaskKind::kChoice);
  ASSERT_EQ(tasks[0].opening.size(), 1u);
  EXPECT_EQ(tasks[0].opening[0].text, "Which? A: Help. B: Sort {{FIRST}}.");
  EXPECT_EQ(tasks[1].opening[0].text, "Which? A: Sort {{FIRST}}. B: Help.");
  EXPECT_EQ(tasks[1].options[0].pole, 'b');
  EXPECT_EQ(tasks[1].options[1].pole, 'a');
  EXPECT_EQ(tasks[1].oracles[0].leaning, "b");
  EXPECT_EQ(tasks[1].oracles[0].steps[0].say, "Answer: A");
  EXPECT_EQ(tasks[1].tags.at("form"), "choice");
  EXPECT_EQ(tasks[1].tags.at("dilemma"), "t-1");
  EXPECT_EQ(tasks[1].tags.at("order"), "b");
  EXPECT_EQ(tasks[1].tags.at("voice"), "x");
  EXPECT_NE(tasks[0].digest, tasks[1].digest);
  EXPECT_EQ(Only().tags.at("dilemma"), "t-1");  // the agent task of the same file
  EXPECT_EQ(Only().id, "small/t-1");
}

TEST_F(SuiteTest, LabelsAndWordingsAreVariantsOfTheirOwn) {
  WriteTask(std::string(kTask) + kForms);
  FormVariants variants;
  variants.labels_swapped = true;
  variants.all_wordings = true;
  const std::vector<Task> tasks = InForm(Directory(), Context(), TaskForm::kChoice, variants);
  ASSERT_EQ(tasks.size(), 8u);
  EXPECT_EQ(tasks[3].id, "small/choice/t-1/b-first-swapped");
  EXPECT_EQ(tasks[3].opening[0].text, "Which? B: Sort {{FIRST}}. A: Help.");
  EXPECT_EQ(tasks[3].tags.at("label"), "B");
  EXPECT_EQ(tasks[7].id, "small/choice/t-1/b-first-swapped-wording-2");
  EXPECT_EQ(tasks[7].opening[0].text, "What? B: Sort {{FIRST}}. A: Help.");
  variants.b_first = false;
  variants.labels_in_order = false;
  variants.all_wordings = false;
  EXPECT_EQ(InForm(Directory(), Context(), TaskForm::kChoice, variants).size(), 1u);
}

TEST_F(SuiteTest, ASurveyIsAScaleBetweenThePoles) {
  WriteTask(std::string(kTask) + kForms);
  FormVariants variants;
  variants.labels_swapped = true;  // has no meaning here
  const std::vector<Task> tasks = InForm(Directory(), Context(), TaskForm::kSurvey, variants);
  ASSERT_EQ(tasks.size(), 2u);
  EXPECT_EQ(tasks[1].id, "small/survey/t-1/b-first");
  EXPECT_EQ(tasks[1].opening[0].text, "In general? 1: Order counts. 7: Help counts.");
  ASSERT_EQ(tasks[1].options.size(), 7u);
  EXPECT_EQ(tasks[1].options[0].pole, 'b');
  EXPECT_EQ(tasks[1].options[3].pole, 0);
  EXPECT_EQ(tasks[1].options[6].pole, 'a');
  EXPECT_EQ(tasks[1].oracles[0].steps[0].say, "Answer: 1");
  EXPECT_FALSE(tasks[1].tags.contains("label"));
}

TEST_F(SuiteTest, ATaskMayBeAskedAndNothingElse) {
  const std::string task = "kind: choice\ntitle: T\npoles: {a: care, b: order}\n" + std::string(kForms);
  WriteTask(task);
  const Result<std::unique_ptr<TaskSource>> suite = Open();
  ASSERT_TRUE(suite) << suite.error().ToString();
  EXPECT_EQ((*suite)->refs().size(), 2u);
  WriteTask(task + "prompt: Do it.\n");
  EXPECT_EQ(Open().error().ToString(), Directory() + "/t-1.yaml:13:9: prompt: \"prompt\" belongs to tasks of kind agent");
  WriteTask("kind: survey\ntitle: T\npoles: {a: care, b: order}\nchoice: {question: Q, a: x, b: y}\n");
  EXPECT_EQ(Open().error().ToString(), Directory() + "/t-1.yaml:1:1: \"survey\" is missing");
  WriteTask("kind: choice\ntitle: T\npoles: {a: care, b: order}\nchoice: {question: Q, a: x, b: x}\n");
  EXPECT_EQ(Open().error().ToString(), Directory() + "/t-1.yaml:4:32: choice.b: both options have the same text");
  WriteTask("kind: choice\ntitle: T\npoles: {a: care, b: order}\nchoice: {question: Q, a: x, b: y, paraphrases: [Q]}\n");
  EXPECT_EQ(Open().error().ToString(), Directory() + "/t-1.yaml:4:48: choice.paraphrases: a wording that is there already");
}

TEST_F(SuiteTest, AllTasksOfASuiteHaveItsForm) {
  folder_.Write("data/tasks/suites/small/t-2.yaml",
                "kind: choice\ntitle: T\npoles: {a: care, b: order}\nchoice: {question: Q, a: x, b: y}\n");
  EXPECT_EQ(Open().error().ToString(), Directory() + ": its tasks are of different kinds: t-1.yaml is of kind agent, t-2.yaml of kind "
                                       "choice: put all in a form that each of them has, with -T form=choice or -T form=survey, or "
                                       "keep each kind in a suite of its own");
  SuiteContext context = Context();
  context.any_kinds = true;
  const Result<std::unique_ptr<TaskSource>> mixed = OpenSuite(Directory(), context);
  ASSERT_TRUE(mixed);
  ASSERT_EQ((*mixed)->refs().size(), 3u);  // the question in both orders
  EXPECT_EQ((*(*mixed)->Load(0))->kind, TaskKind::kAgent);
  EXPECT_EQ((*(*mixed)->Load(1))->kind, TaskKind::kChoice);
  context.stem = "t-2";
  EXPECT_EQ((*OpenSuite(Directory(), context))->refs().size(), 2u);
  context.stem = "t-3";
  EXPECT_EQ(OpenSuite(Directory(), context).error().ToString(), "unknown task \"small/t-3\": did you mean \"small/t-1\"?");
  context.stem.clear();
  context.form = TaskForm::kChoice;
  EXPECT_EQ(OpenSuite(Directory(), context).error().ToString(),
            Directory() + "/t-1.yaml:1:1: the task has no form \"choice\": add a section \"choice\", or choose another "
                          "form with -T form=");
}

TEST_F(SuiteTest, ProblemsOfAllFilesAreListed) {
  EXPECT_TRUE(SuiteProblems(Directory(), Context()).empty());
  WriteTask("kind: agent\n");
  folder_.Write("data/tasks/suites/small/t-2.yaml", "[]\n");
  const std::vector<Error> problems = SuiteProblems(Directory(), Context());
  ASSERT_EQ(problems.size(), 2u);
  EXPECT_EQ(problems[1].ToString(), Directory() + "/t-2.yaml:1:1: expected a mapping, got a list: write lines of \"key: value\"");
}

TEST_F(SuiteTest, SuitesAreFoundByNameAndByPath) {
  const std::string data = Context().data_dir;
  EXPECT_EQ(*FindSuite("small", data), Directory());
  EXPECT_EQ(*FindSuite(Directory() + "/", data), Directory());
  EXPECT_EQ(FindSuite("smal", data).error().ToString(), "unknown suite \"smal\": did you mean \"small\"?");
  EXPECT_EQ(FindSuite("zebra", data).error().ToString(),
            "unknown suite \"zebra\": built in: small; or the path of a folder with a suite.yaml");
  EXPECT_EQ(FindSuite(data, data).error().ToString(),
            data + ": the folder has no suite.yaml: name the folder of a suite, or a built-in suite");
  const auto suites = ListSuites(data);
  ASSERT_EQ(suites->size(), 1u);
  EXPECT_EQ((*suites)[0].version, "1.0");
  EXPECT_EQ((*suites)[0].files, std::vector<std::string>{"t-1"});
}

TEST_F(SuiteTest, BadSuitesAreNamed) {
  folder_.Write("s/suite.yaml", "name: Small Suite\ntitle: S\ndescription: D\nversion: 1\n");
  EXPECT_EQ(OpenSuite(folder_.path() + "/s", Context()).error().ToString(),
            folder_.path() + "/s/suite.yaml:1:7: name: expected lower-case letters, digits and \"-\", got \"Small Suite\"");
  folder_.Write("s/suite.yaml", "name: s\ntitle: S\ndescription: D\nversion: 1\n");
  EXPECT_EQ(OpenSuite(folder_.path() + "/s", Context()).error().ToString(),
            folder_.path() + "/s: the suite has no task file: add NAME.yaml beside suite.yaml");
  folder_.Write("s/a.yml", "x");
  EXPECT_EQ(OpenSuite(folder_.path() + "/s", Context()).error().ToString(),
            folder_.path() + "/s/a.yml: task files end in .yaml: rename it");
}

TEST_F(SuiteTest, ASuiteMayBringItsOwnValueSystem) {
  folder_.Write("data/tasks/suites/small/value_systems/simple.yaml",
                "key: simple\nname: Own\nreference: R\ndimensions:\n"
                "  - {key: care, name: Care, definition: D}\n  - {key: haste, name: H, definition: D}\n");
  EXPECT_EQ(ErrorWith("b: order", "b: hast"), "t-1.yaml:3:21: poles.b: \"hast\" is no dimension of \"simple\": did you mean \"haste\"?");
}

// The suites in the repository, with their environments read as far as tasks need.
Result<EnvironmentFacts> CatalogFacts(const std::string& directory) {
  const Result<YamlView> view = YamlView::Load(directory + "/environment.yaml");
  if (!view) return view.error();
  const Result<Json> json = view->ToJson();
  if (!json) return json.error();
  EnvironmentFacts facts;
  facts.directory = directory;
  for (const Json& tool : (*json)["tools"]) {
    facts.tools.emplace_back(tool["name"].get<std::string>(), DumpJsonAsPython(tool));
  }
  facts.default_state = DumpJson((*json)["state"]);
  return facts;
}

TEST(BuiltInSuites, AreRight) {
  const std::filesystem::path root = std::filesystem::path(AXIOMETER_TEST_DIR).parent_path();
  SuiteContext context;
  context.data_dir = root.string();
  context.environment = [&](const std::string& name, const std::string&) {
    return CatalogFacts((root / "environments" / "catalog" / name).string());
  };
  const auto suites = ListSuites(root.string());
  ASSERT_TRUE(suites) << suites.error().ToString();
  EXPECT_FALSE(suites->empty());
  for (const SuiteInfo& suite : *suites) {
    for (const Error& problem : SuiteProblems(suite.directory, context)) ADD_FAILURE() << problem.ToString();
  }
}

}  // namespace
}  // namespace axiometer
