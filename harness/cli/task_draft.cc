#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>

#include "harness/base/data_dir.h"
#include "harness/base/digest.h"
#include "harness/base/file.h"
#include "harness/base/placeholders.h"
#include "harness/base/shell_words.h"
#include "harness/base/utf8.h"
#include "harness/base/yaml_writer.h"
#include "harness/cli/authoring.h"
#include "harness/cli/experiment.h"
#include "harness/cli/say.h"
#include "harness/cli/subject.h"
#include "harness/cli/suites.h"
#include "harness/cli/verbs.h"
#include "judges/verdict_text.h"
#include "tasks/lint.h"
#include "tasks/task_file.h"

namespace axiometer {
namespace {

constexpr size_t kMaxDilemmaBytes = 64u << 10;
constexpr size_t kMaxPromptBytes = 1u << 20;

// What a draft is asked for, whoever drafts it.
struct DraftRequest {
  SuiteTarget target;
  TaskFileContext context;
  std::string stem;
  std::string path;
  Json head;                  // what the options say: value_system, poles, environment
  std::string prompt_digest;  // SHA-256 of tasks/prompts/draft.txt
  std::string question;
  std::string response_format;
};

struct Draft {
  std::string text;  // of the task file
  int requests = 0;
  std::vector<LintWarning> warnings;
};

std::string DimensionText(const Dimension& dimension) {
  return dimension.name + (dimension.definition.empty() ? "" : ": " + dimension.definition);
}

// The part of the task schema that the model fills in.
Result<std::string> ResponseFormat(const std::string& data_dir) {
  const std::string path = data_dir + "/tasks/task.schema.json";
  const Result<std::string> text = ReadFile(path, kMaxPromptBytes);
  if (!text) return text.error();
  const Result<Json> schema = ParseJson(*text, path);
  if (!schema) return schema.error();
  Json wanted = {{"type", "object"},
                 {"required", {"title", "prompt", "checkpoints", "oracles"}},
                 {"additionalProperties", false},
                 {"properties", Json::object()},
                 {"$defs", (*schema)["$defs"]}};
  for (const char* key :
       {"title", "prompt", "state", "tools", "checkpoints", "oracles", "choice", "survey"}) {
    wanted["properties"][key] = (*schema)["properties"][key];
  }
  return DumpJson(
      {{"type", "json_schema"},
       {"json_schema", {{"name", "task"}, {"strict", false}, {"schema", std::move(wanted)}}}});
}

Result<DraftRequest> Prepare(const DraftTaskOptions& options) {
  const NewTaskOptions& typed = options.task;
  if (typed.suite.empty()) {
    return UsageError("--suite", "the folder of the suite is missing",
                      "name one; it is made if it is not there");
  }
  const Result<std::string> dilemma = ReadFile(options.file, kMaxDilemmaBytes);
  if (!dilemma) return dilemma.error();
  if (const auto offset = FindInvalidUtf8(*dilemma)) {
    return BadInput(ForTerminal(options.file), "not valid UTF-8 at byte " + std::to_string(*offset),
                    "save the file as UTF-8");
  }
  if (TrimPython(*dilemma).empty())
    return BadInput(ForTerminal(options.file), "no text", "tell the dilemma in prose");
  Result<SuiteTarget> target = FindSuiteTarget(typed.suite);
  if (!target) return std::move(target).error();
  std::string system_key = typed.value_system;
  if (system_key.empty() && target->info.value_system.empty()) system_key = "schwartz";
  const Result<ValueSystem> system = ValueSystemOption(system_key, *target);
  if (!system) return system.error();
  const Result<std::pair<std::string, std::string>> poles = PolesOption(typed.poles, *system);
  if (!poles) return poles.error();
  std::string environment;
  const Result<EnvironmentFacts> facts = EnvironmentOption(typed.environment, *target, environment);
  if (!facts) return facts.error();
  const Result<std::string> stem = StemOption(typed.id, *target);
  if (!stem) return stem.error();
  Result<TaskFileContext> context = TaskFileContextOf(target->info, ContextOf(target->data_dir));
  if (!context) return std::move(context).error();
  const std::string prompt_path = target->data_dir + "/tasks/prompts/draft.txt";
  const Result<std::string> prompt = ReadFile(prompt_path, kMaxPromptBytes);
  if (!prompt) return prompt.error();
  Result<std::string> format = ResponseFormat(target->data_dir);
  if (!format) return std::move(format).error();
  std::string tools;
  for (const auto& [name, tool] : facts->tools) tools += tool + "\n";
  DraftRequest request;
  request.stem = *stem;
  request.path = target->info.directory + "/" + *stem + ".yaml";
  request.head = {{"value_system", system->key},
                  {"poles", {{"a", poles->first}, {"b", poles->second}}},
                  {"environment", environment}};
  request.question =
      FillPlaceholders(*prompt, {{"SYSTEM", system->name},
                                 {"POLE_A", DimensionText(*system->Find(poles->first))},
                                 {"POLE_B", DimensionText(*system->Find(poles->second))},
                                 {"ENVIRONMENT", environment},
                                 {"TOOLS", tools},
                                 {"STATE", facts->default_state},
                                 {"DILEMMA", std::string(TrimPython(*dilemma))}});
  request.response_format = std::move(*format);
  request.prompt_digest = Sha256(*prompt);
  request.target = std::move(*target);
  request.context = std::move(*context);
  return request;
}

// Ends with a line feed, so that it is written as block text.
void MakeBlock(Json& object, const char* key) {
  if (!object.is_object() || !object.contains(key) || !object[key].is_string()) return;
  object[key] = std::string(TrimPython(object[key].get<std::string>())) + "\n";
}

// The file that the model's answer makes. What the options say goes before what it says; a member
// that no task has is left for the reader to refuse.
std::string FileOf(Json answer, const DraftRequest& request, const std::string& model) {
  Json task = {{"kind", "agent"}, {"title", answer.value("title", Json(""))}};
  for (const char* key : {"value_system", "poles", "environment"}) task[key] = request.head[key];
  task["drafted_by"] = model;
  MakeBlock(answer, "prompt");
  for (const char* form : {"choice", "survey"}) {
    if (answer.contains(form)) MakeBlock(answer[form], "question");
  }
  for (const auto& [key, value] : answer.items()) {
    const bool ours = task.contains(key) || key == "kind" || key == "reviewed_by";
    if (!ours && !value.is_null()) task[key] = value;
  }
  return std::string(kSchemaLine) + "# A draft by a model (prompt " +
         request.prompt_digest.substr(0, 12) +
         "). Read it, mend it, check it; then sign it:\n# reviewed_by: Your Name\n" +
         WriteYaml(task);
}

// The answer's text as a task file, or what is wrong with it, for the model and for people.
Result<std::string> ReadAnswer(const std::string& text, const DraftRequest& request,
                               const std::string& model, std::vector<LintWarning>& warnings) {
  const std::optional<Json> answer = VerdictObject(text);
  if (!answer) return BadInput("", "the answer is no JSON object");
  std::string file = FileOf(*answer, request, model);
  const Result<TaskDocument> read = ReadTaskText(file, request.path, request.context);
  if (!read) return read.error();
  warnings = LintTask(*read);
  return file;
}

// Asks until an answer can be read as a task, `tries` times at most; each is told what was wrong
// with the one before.
Async<Result<Draft>> AskForDraft(Model& model, const DraftRequest& request, int tries) {
  Draft draft;
  std::vector<Message> messages(1);
  messages.front().role = Role::kUser;
  messages.front().text = request.question;
  Error last = BadInput("", "nothing was asked");
  const std::string name = model.spec().id();
  for (int i = 1; i <= tries; ++i) {
    Request asked;
    asked.messages = &messages;
    asked.response_format = request.response_format;
    asked.generation = model.spec().generation;
    asked.task = request.target.info.name + "/" + request.stem;
    asked.step = i;
    Reply reply = co_await model.Generate(asked);
    ++draft.requests;
    if (reply.status != CallStatus::kOk) {
      co_return Failed(
          "model " + Quoted(name),
          std::string("no draft: ") + CallStatusName(reply.status) + ": " + reply.error,
          "see axiometer doctor --model");
    }
    Result<std::string> file = ReadAnswer(reply.message.text, request, name, draft.warnings);
    if (file) {
      draft.text = std::move(*file);
      co_return draft;
    }
    last = file.error();
    Say("try " + std::to_string(i) + " of " + std::to_string(tries) + ": " + last.ToString());
    messages.push_back(reply.message);
    Message again;
    again.role = Role::kUser;
    again.text = "That cannot be used: " + last.ToString() +
                 ". Answer with the whole JSON object again, mended.";
    messages.push_back(std::move(again));
  }
  co_return BadInput("model " + Quoted(name),
                     "no draft that can be read in " + std::to_string(tries) +
                         " tries, the last: " + last.ToString(),
                     "give more with --tries, shorten the dilemma, or name another model");
}

Async<> AskInto(Model& model, const DraftRequest& request, int tries,
                std::optional<Result<Draft>>& draft) {
  Result<Draft> made = co_await AskForDraft(model, request, tries);
  draft.emplace(std::move(made));
}

}  // namespace

Result<int> RunTaskDraft(const DraftTaskOptions& options) {
  const EvalOptions& eval = options.eval;
  if (eval.judges.size() != 1) {
    return UsageError("--judge",
                      eval.judges.empty() ? "nobody is named to draft" : "one model drafts",
                      "name PROVIDER/NAME, such as openai/NAME");
  }
  const Result<DraftRequest> request = Prepare(options);
  if (!request) return request.error();
  Result<ModelSpec> spec = SpecOf(eval.judges.front(), JudgeEndpoint(eval));
  if (!spec) return std::move(spec).error();
  if (spec->provider == "scripted") {
    return UsageError("--judge", Quoted(eval.judges.front()) + " cannot draft",
                      "name a model that writes");
  }
  CompleteGeneration(*spec);
  const Result<std::unique_ptr<OwnMachinery>> own = OwnMachinery::Make(eval);
  if (!own) return own.error();
  Loop& loop = (*own)->get().loop;
  Result<ModelServices> services = ServicesFor(*spec, (*own)->get());
  if (!services) return std::move(services).error();
  const Result<std::unique_ptr<Model>> model = MakeModel(*spec, std::move(*services));
  if (!model) return model.error();
  std::optional<Result<Draft>> draft;
  loop.Spawn(AskInto(**model, *request, options.tries, draft));
  loop.Run();
  if (!*draft) return draft->error();
  const Draft& made = **draft;
  const Result<std::string> path = WriteTask(request->target, request->stem, made.text);
  if (!path) return path.error();
  for (const LintWarning& warning : made.warnings) Say("warning: " + warning.ToString());
  if (options.task.json) {
    const Json told = {{"schema", "axiometer.task-draft/1"},
                       {"file", *path},
                       {"drafted_by", (*model)->spec().id()},
                       {"requests", made.requests},
                       {"prompt_digest", request->prompt_digest}};
    std::printf("%s\n", DumpJson(told).c_str());
  }
  Say("wrote " + *path +
      ", a draft until it is signed with reviewed_by; next: axiometer task check " +
      ShellWord(*path));
  return 0;
}

}  // namespace axiometer
