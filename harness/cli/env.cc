#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>

#include "environments/catalog.h"
#include "environments/host.h"
#include "environments/tool_discovery.h"
#include "harness/base/data_dir.h"
#include "harness/base/file.h"
#include "harness/base/nearest.h"
#include "harness/base/placeholders.h"
#include "harness/base/utf8.h"
#include "harness/cli/say.h"
#include "harness/cli/verbs.h"
#include "harness/io/loop.h"

namespace axiometer {
namespace fs = std::filesystem;

namespace {

constexpr size_t kLargestTemplate = 1u << 20;
constexpr char kNameCharacters[] =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";

HostOptions HostOptionsOf(const EnvOptions& options) {
  HostOptions host;
  host.python = options.python;
  host.backend = options.sandbox;
  host.max_instances = 1;
  return host;
}

// A folder with an environment.yaml, or the name of a built-in environment.
Result<CatalogEnvironment> FindEnvironment(const std::string& name) {
  std::error_code ignored;
  if (name.find('/') != std::string::npos ||
      fs::exists(fs::path(name) / "environment.yaml", ignored)) {
    if (!fs::is_directory(name, ignored)) return UsageError(ForTerminal(name), "no such folder");
    return ReadCatalogEnvironment(name);
  }
  const Result<std::string> data_dir = DataDir();
  if (!data_dir) return data_dir.error();
  Result<CatalogEnvironment> found =
      FindCatalogEnvironment(*data_dir + "/environments/catalog", name);
  if (!found && found.error().where.empty()) found.error().kind = ErrorKind::kUsage;
  return found;
}

const char* KindOf(const CatalogEnvironment& environment) {
  return environment.mcp ? "mcp" : "python";
}

// "item: string, count: integer = 1": what a JSON schema says of each argument, in short.
std::string Signature(const CatalogTool& tool) {
  const Result<Json> schema = ParseJson(tool.parameters, tool.name);
  if (!schema || !schema->is_object()) return "";
  const Json required = schema->value("required", Json::array());
  std::string text;
  const Json properties = schema->value("properties", Json::object());
  for (const auto& [name, property] : properties.items()) {
    if (!text.empty()) text += ", ";
    text += name;
    if (!property.is_object()) continue;
    if (property.contains("enum")) {
      text += ": " + DumpJson(property["enum"]);
    } else if (property.contains("type")) {
      text += ": " + (property["type"].is_string() ? property["type"].get<std::string>()
                                                   : DumpJson(property["type"]));
    }
    const bool needed =
        required.is_array() && std::find(required.begin(), required.end(), name) != required.end();
    if (!needed) text += property.contains("default") ? " = " + DumpJson(property["default"]) : "?";
  }
  return text;
}

// An instance and the calls to it, each waited for.
class Shown {
 public:
  explicit Shown(const CatalogEnvironment& environment) : spec_(SpecOf(environment)) {}

  Result<void> Open(const HostOptions& options) {
    Result<std::unique_ptr<EnvironmentHost>> host =
        MakeEnvironmentHost(loop_, options, {spec_.directory});
    if (!host) return host.error();
    host_ = std::move(*host);
    return {};
  }
  // A new instance in the place of the one that there was.
  Result<void> Start() {
    environment_.reset();
    Result<std::unique_ptr<Environment>> started = Wait(host_->Start(spec_));
    if (!started) return started.error();
    environment_ = std::move(*started);
    return {};
  }
  CallResult Call(const std::string& tool, const std::string& arguments) {
    return Wait(environment_->Call(tool, arguments));
  }
  CallResult State() { return Wait(environment_->State()); }
  const char* sandbox() const { return host_->sandbox(); }

 private:
  template <class T>
  static Async<> Into(Async<T> work, std::optional<T>& result) {
    result.emplace(co_await std::move(work));
  }
  template <class T>
  T Wait(Async<T> work) {
    std::optional<T> result;
    loop_.Spawn(Into(std::move(work), result));
    loop_.Run();
    return std::move(*result);
  }

  Loop loop_;
  const EnvironmentSpec spec_;
  std::unique_ptr<EnvironmentHost> host_;
  std::unique_ptr<Environment> environment_;  // of the host, hence after it
};

struct EnvCheck {
  std::string name;
  std::string sandbox;
  double seconds = 0;  // an instance's start
  std::optional<CatalogEnvironment> environment;
  std::vector<Error> problems;
};

std::string FileOf(const CatalogEnvironment& environment) {
  return environment.directory + (environment.mcp ? "/environment.yaml" : "/environment.py");
}

void CheckTools(const CatalogEnvironment& environment, std::vector<Error>& problems) {
  const std::string file = environment.directory + "/environment.yaml";
  for (const CatalogTool& tool : environment.tools) {
    const std::string where = file + ": tool " + Quoted(tool.name, 80);
    if (TrimPython(tool.description).empty()) {
      problems.push_back(
          BadInput(where, "no description", "say what it does: the agent is told it"));
    }
    const Result<Json> schema = ParseJson(tool.parameters, where);
    if (!schema) {
      problems.push_back(schema.error());
    } else if (const auto problem = SchemaProblem(*schema)) {
      problems.push_back(BadInput(where, "its parameters: " + *problem, "mend the schema"));
    }
  }
}

void CheckState(Shown& shown, const CatalogEnvironment& environment, const std::string& when,
                std::vector<Error>& problems) {
  const CallResult state = shown.State();
  const std::string where = FileOf(environment) + ": the state " + when;
  if (state.status != CallResult::Status::kAnswered) {
    problems.push_back(BadInput(where, state.error));
    return;
  }
  const Result<Json> json = ParseJson(state.content, where);
  if (!json || !json->is_object()) {
    problems.push_back(BadInput(where, "no JSON object", "self.state stays a dict"));
  } else if (const auto lost = json->find("__not_json__"); lost != json->end()) {
    problems.push_back(BadInput(where, "JSON cannot hold " + DumpJson(*lost),
                                "keep text, numbers, lists and dicts in self.state"));
  }
}

const char* MendOf(CallResult::Status status) {
  if (status == CallResult::Status::kTimeout) return "let every call end by itself";
  if (status == CallResult::Status::kProtocol) return "return what JSON can hold: text, numbers, lists and dicts";
  return "a tool that refuses answers with an error and lives on";
}

// The exception behind an answer, none of the environment's own refusals: "KeyError: 'left'".
std::string Raised(const std::string& answer) {
  const Result<Json> json = ParseJson(answer, "");
  const Json* error = json ? FindMember(*json, "error") : nullptr;
  if (error == nullptr || !error->is_string() || json->size() != 1) return "";
  const std::string text = error->get<std::string>();
  const std::string kind = text.substr(0, text.find(": "));
  const bool named = !kind.empty() && kind.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_.") == std::string::npos;
  return named && (kind.ends_with("Error") || kind.ends_with("Exception")) ? text : "";
}

// Every tool called once with nothing: whatever it answers, the instance has to live on.
void CheckCalls(Shown& shown, const CatalogEnvironment& environment, std::vector<Error>& problems) {
  for (const CatalogTool& tool : environment.tools) {
    const CallResult called = shown.Call(tool.name, "{}");
    const std::string where =
        FileOf(environment) + ": tool " + Quoted(tool.name, 80) + ", called without arguments";
    if (called.status != CallResult::Status::kAnswered) {
      problems.push_back(BadInput(where, called.error, MendOf(called.status)));
      const Result<void> again = shown.Start();
      if (!again) {
        problems.push_back(again.error());
        return;
      }
    } else if (!environment.mcp &&
               called.content.find("\"unknown tool '" + tool.name + "'\"") != std::string::npos) {
      problems.push_back(BadInput(where, "class Environment has no method of that name",
                                  "write it, or take the tool out of environment.yaml"));
    } else if (const std::string raised = environment.mcp ? "" : Raised(called.content); !raised.empty()) {
      problems.push_back(BadInput(where, raised, "raise ToolError where the tool refuses; an agent would take anything else for an answer"));
    }
  }
}

void CheckEnvironment(const EnvOptions& options, EnvCheck& check) {
  Result<CatalogEnvironment> found = FindEnvironment(check.name);
  if (!found) {
    check.problems.push_back(found.error());
    return;
  }
  check.environment = std::move(*found);
  CatalogEnvironment& environment = *check.environment;
  check.name = environment.name;
  const HostOptions host = HostOptionsOf(options);
  const Result<void> discovered = DiscoverTools(environment, host, check.problems);
  if (!discovered) {
    check.problems.push_back(discovered.error());
    return;
  }
  CheckTools(environment, check.problems);
  Shown shown(environment);
  Result<void> started = shown.Open(host);
  const auto begin = std::chrono::steady_clock::now();
  if (started) {
    check.sandbox = shown.sandbox();
    started = shown.Start();
  }
  check.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  if (!started) {
    check.problems.push_back(started.error());
    return;
  }
  CheckState(shown, environment, "at the start", check.problems);
  const size_t before = check.problems.size();
  CheckCalls(shown, environment, check.problems);
  if (check.problems.size() == before)
    CheckState(shown, environment, "after calls", check.problems);
}

void PrintCheck(const EnvCheck& check) {
  std::string line = check.problems.empty() ? "ok    " : "FAIL  ";
  line += check.name;
  if (check.environment) {
    const size_t tools = check.environment->tools.size();
    line += std::string("  ") + KindOf(*check.environment) + ", " + std::to_string(tools) +
            (tools == 1 ? " tool" : " tools");
  }
  if (!check.sandbox.empty()) {
    char seconds[32];
    std::snprintf(seconds, sizeof seconds, ", %.2f s to start", check.seconds);
    line += ", in " + check.sandbox + seconds;
  }
  std::printf("%s\n", ForTerminal(line).c_str());
  if (check.environment) {
    for (const CatalogTool& tool : check.environment->tools) {
      std::printf("      %s\n", ForTerminal(tool.name + "(" + Signature(tool) + ")").c_str());
    }
  }
  for (const Error& problem : check.problems)
    std::printf("      problem: %s\n", ForTerminal(problem.ToString()).c_str());
}

Json CheckJson(const EnvCheck& check) {
  Json json = {{"environment", check.name}, {"ok", check.problems.empty()}};
  if (check.environment) {
    const CatalogEnvironment& environment = *check.environment;
    json["directory"] = environment.directory;
    json["kind"] = KindOf(environment);
    json["digest"] = environment.digest;
    json["tools"] = Json::array();
    for (const CatalogTool& tool : environment.tools) {
      const Result<Json> schema = ParseJson(tool.parameters, tool.name);
      json["tools"].push_back({{"name", tool.name},
                               {"description", tool.description},
                               {"parameters", schema ? *schema : Json()}});
    }
    json["state"] = Json::parse(environment.state);
  }
  json["problems"] = Json::array();
  for (const Error& problem : check.problems) {
    json["problems"].push_back(
        {{"where", problem.where}, {"what", problem.what}, {"mend", problem.hint}});
  }
  return json;
}

// The words of a line; what stands in double quotes belongs to one, a backslash there takes the
// next character as it is.
std::vector<std::string> WordsOf(const std::string& line) {
  std::vector<std::string> words;
  std::string word;
  bool quoted = false;
  bool any = false;
  for (size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quoted && c == '\\' && i + 1 < line.size()) {
      word += line[++i];
    } else if (c == '"') {
      quoted = !quoted;
      any = true;
    } else if (!quoted && (c == ' ' || c == '\t')) {
      if (any) words.push_back(std::exchange(word, ""));
      any = false;
    } else {
      word += c;
      any = true;
    }
  }
  if (any) words.push_back(std::move(word));
  return words;
}

// What stands behind a tool's name: a JSON object, or KEY=VALUE, where a value that is JSON is that
// and any other is text.
Result<std::string> ArgumentsOf(const std::string& text) {
  const std::string trimmed(TrimPython(text));
  if (trimmed.starts_with("{")) {
    const Result<Json> json = ParseJson(trimmed, "arguments");
    if (!json) return json.error();
    return DumpJson(*json);
  }
  Json arguments = Json::object();
  for (const std::string& word : WordsOf(trimmed)) {
    const size_t equals = word.find('=');
    if (equals == std::string::npos || equals == 0) {
      return UsageError("", "expected KEY=VALUE, got " + Quoted(word),
                        "or the arguments as one JSON object: TOOL {\"KEY\": VALUE}");
    }
    const std::string value = word.substr(equals + 1);
    const Result<Json> json = ParseJson(value, "value");
    arguments[word.substr(0, equals)] = json ? *json : Json(value);
  }
  return DumpJson(arguments);
}

constexpr char kShellHelp[] =
    "TOOL KEY=VALUE …   call a tool; a value that is JSON is that, any other is text; spaces in "
    "double quotes\n"
    "TOOL {JSON}        the same with the arguments as one JSON object\n"
    "tools              what there is to call\n"
    "state              the state as it is now\n"
    "restart            a new instance, with the state of the beginning\n"
    "quit               or the end of the input\n";

void PrintTools(const CatalogEnvironment& environment) {
  for (const CatalogTool& tool : environment.tools) {
    std::printf("%s\n", ForTerminal(tool.name + "(" + Signature(tool) + ")").c_str());
    std::string first = tool.description.substr(0, tool.description.find('\n'));
    if (!first.empty()) std::printf("    %s\n", ForTerminal(first).c_str());
  }
}

// Prints what came of it; false: there is no instance any more.
bool PrintAnswer(const CallResult& result) {
  if (result.status == CallResult::Status::kAnswered) {
    const Result<Json> json = ParseJson(result.content, "answer");
    std::printf("%s\n",
                ForTerminal(json ? DumpJsonAsPython(*json, 2) : result.content, true).c_str());
    return true;
  }
  std::printf("%s\n", ForTerminal("gone: " + result.error).c_str());
  return false;
}

class EnvShell {
 public:
  EnvShell(const CatalogEnvironment& environment, Shown& shown)
      : environment_(environment), shown_(shown) {
    for (const CatalogTool& tool : environment.tools) names_.push_back(tool.name);
  }

  // False: the end was asked for.
  Result<bool> Do(const std::string& line) {
    const std::string trimmed(TrimPython(line));
    const size_t end = std::min(trimmed.find_first_of(" \t{"), trimmed.size());
    const std::string word = trimmed.substr(0, end);
    if (word.empty()) return true;
    const bool is_tool = std::find(names_.begin(), names_.end(), word) != names_.end();
    if (!is_tool && word == "quit") return false;
    if (!is_tool && word == "help") {
      std::fputs(kShellHelp, stdout);
      return true;
    }
    if (!is_tool && word == "tools") {
      PrintTools(environment_);
      return true;
    }
    bool alive = true;
    if (!is_tool && word == "state") {
      alive = PrintAnswer(shown_.State());
    } else if (!is_tool && word == "restart") {
      alive = false;
    } else if (!is_tool) {
      std::vector<std::string> words = names_;
      words.insert(words.end(), {"tools", "state", "help", "restart", "quit"});
      std::printf("%s\n",
                  ForTerminal("no tool " + Quoted(word) + ": " +
                              DidYouMean(word, words, "`tools` lists them, `help` the rest"))
                      .c_str());
    } else {
      const Result<std::string> arguments = ArgumentsOf(trimmed.substr(end));
      if (arguments) {
        alive = PrintAnswer(shown_.Call(word, *arguments));
      } else {
        std::printf("%s\n", ForTerminal(arguments.error().ToString()).c_str());
      }
    }
    if (alive) return true;
    const Result<void> started = shown_.Start();
    if (!started) return started.error();
    std::printf("a new instance\n");
    return true;
  }

 private:
  const CatalogEnvironment& environment_;
  Shown& shown_;
  std::vector<std::string> names_;
};

Result<void> WriteFromTemplate(const fs::path& from, const fs::path& to, const std::string& name) {
  const Result<std::string> text = ReadFile(from.string(), kLargestTemplate);
  if (!text) return text.error();
  std::ofstream file(to, std::ios::binary);
  file << FillPlaceholders(*text, {{"NAME", name}});
  file.close();
  if (!file) return Failed(ForTerminal(to.string()), "cannot be written");
  return {};
}

}  // namespace

Result<int> RunEnvList(const EnvOptions& options) {
  std::vector<std::string> folders = options.names;
  if (folders.empty()) {
    const Result<std::string> data_dir = DataDir();
    if (!data_dir) return data_dir.error();
    folders.push_back(*data_dir + "/environments/catalog");
  }
  Json json = {{"schema", "axiometer.env-list/1"}, {"environments", Json::array()}};
  std::optional<Error> wrong;
  for (std::string folder : folders) {
    std::error_code ignored;
    if (!fs::is_directory(folder, ignored))
      return UsageError(ForTerminal(folder), "no such folder");
    if (fs::is_directory(folder + "/environments", ignored)) folder += "/environments";
    for (const std::string& name : ListCatalog(folder)) {
      const Result<CatalogEnvironment> found = ReadCatalogEnvironment(folder + "/" + name);
      if (!found) {
        if (wrong) Say(wrong->ToString());
        wrong = found.error();
        continue;
      }
      const size_t tools = found->tools.size();
      json["environments"].push_back({{"environment", name},
                                      {"title", found->title},
                                      {"kind", KindOf(*found)},
                                      {"tools", tools == 0 ? Json() : Json(tools)},
                                      {"directory", found->directory}});
      if (options.json) continue;
      const std::string count = tools == 0 ? "tools in its code" : std::to_string(tools) + " tools";
      std::printf("%-20s %-6s  %-17s  %s\n", ForTerminal(name).c_str(), KindOf(*found),
                  count.c_str(), ForTerminal(found->title).c_str());
    }
  }
  if (options.json) std::printf("%s\n", DumpJson(json).c_str());
  if (wrong) return *wrong;
  return 0;
}

Result<int> RunEnvCheck(const EnvOptions& options) {
  Json json = {{"schema", "axiometer.env-check/1"}, {"environments", Json::array()}};
  bool sound = true;
  for (const std::string& name : options.names) {
    EnvCheck check;
    check.name = name;
    CheckEnvironment(options, check);
    // A name that stands for nothing is a mistake of the command line.
    if (!check.environment && check.problems.front().kind == ErrorKind::kUsage)
      return check.problems.front();
    sound = sound && check.problems.empty();
    if (options.json) {
      json["environments"].push_back(CheckJson(check));
    } else {
      PrintCheck(check);
    }
  }
  if (options.json) std::printf("%s\n", DumpJson(json).c_str());
  return sound ? 0 : 3;
}

Result<int> RunEnvShell(const EnvOptions& options) {
  Result<CatalogEnvironment> environment = FindEnvironment(options.names.front());
  if (!environment) return environment.error();
  const HostOptions host = HostOptionsOf(options);
  const Result<void> discovered = DiscoverTools(*environment, host);
  if (!discovered) return discovered.error();
  Shown shown(*environment);
  Result<void> started = shown.Open(host);
  if (started) started = shown.Start();
  if (!started) return started.error();
  EnvShell shell(*environment, shown);
  const bool prompts = isatty(0) == 1;
  if (prompts)
    Say(environment->name + ", in " + shown.sandbox() + ": `help` says what can be typed");
  std::string line;
  while (true) {
    if (prompts) std::fputs("> ", stdout);
    std::fflush(stdout);
    if (!std::getline(std::cin, line)) break;
    const Result<bool> goes_on = shell.Do(line);
    if (!goes_on) return goes_on.error();
    if (!*goes_on) break;
  }
  return 0;
}

Result<int> RunEnvNew(const EnvOptions& options) {
  const Result<std::string> data_dir = DataDir();
  if (!data_dir) return data_dir.error();
  const fs::path folder = fs::absolute(options.names.front()).lexically_normal();
  const std::string shown = ForTerminal(options.names.front());
  const std::string name = folder.filename().empty() ? folder.parent_path().filename().string()
                                                     : folder.filename().string();
  if (name.empty() || name.find_first_not_of(kNameCharacters) != std::string::npos) {
    return UsageError(shown, "the folder's name is the environment's",
                      "letters, digits, \"-\" and \"_\"");
  }
  std::error_code error;
  if (fs::exists(folder, error) && !fs::is_empty(folder, error)) {
    return UsageError(shown, "there is something already", "name a new folder");
  }
  fs::create_directories(folder, error);
  if (error) return Failed(shown, "cannot be made: " + error.message());
  const fs::path from =
      fs::path(*data_dir) / "environments" / "templates" / (options.mcp ? "mcp" : "python");
  std::vector<std::string> files;
  for (const fs::directory_entry& entry : fs::directory_iterator(from, error))
    files.push_back(entry.path().filename().string());
  if (error)
    return Failed(from.string(), "cannot be listed: " + error.message(),
                  "set AXIOMETER_DATA to the program's own data");
  std::sort(files.begin(), files.end());
  for (const std::string& file : files) {
    const Result<void> written = WriteFromTemplate(from / file, folder / file, name);
    if (!written) return written.error();
    Say("wrote " + (fs::path(options.names.front()) / file).string());
  }
  const bool is_path = options.names.front().find('/') != std::string::npos;
  Say("next: axiometer env check " + (is_path ? "" : std::string("./")) + options.names.front());
  return 0;
}

}  // namespace axiometer
