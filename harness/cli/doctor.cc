#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "environments/confined_script.h"
#include "environments/host.h"
#include "harness/base/data_dir.h"
#include "harness/base/utf8.h"
#include "harness/base/shell_words.h"
#include "harness/cli/endpoint_probe.h"
#include "harness/cli/pilot.h"
#include "harness/cli/say.h"
#include "harness/cli/subject.h"
#include "harness/cli/verbs.h"
#include "harness/io/http_client.h"
#include "harness/store/store.h"

namespace axiometer {
namespace {

namespace fs = std::filesystem;

struct Line {
  std::string name;
  bool ok = false;
  std::string text;  // what holds, or what is wrong and what to do
  bool needed = true;
};

class Report {
 public:
  void Add(std::string name, bool ok, std::string text, bool needed = true) {
    lines_.push_back({std::move(name), ok, std::move(text), needed});
  }
  bool healthy() const {
    for (const Line& line : lines_) {
      if (!line.ok && line.needed) return false;
    }
    return true;
  }
  void Print(bool json, const Json& models) const {
    if (json) {
      Json checks = Json::array();
      for (const Line& line : lines_) {
        checks.push_back({{"check", line.name}, {"ok", line.ok}, {"needed", line.needed}, {"text", line.text}});
      }
      std::printf("%s\n", DumpJson(Json{{"schema", "axiometer.doctor/1"}, {"healthy", healthy()}, {"checks", checks}, {"models", models}}).c_str());
      return;
    }
    for (const Line& line : lines_) {
      std::printf("%-6s %-14s %s\n", line.ok ? "ok" : line.needed ? "FAIL" : "note", line.name.c_str(),
                  ForTerminal(line.text).c_str());
    }
  }

 private:
  std::vector<Line> lines_;
};

Async<> TryImport(Loop& loop, const HostOptions& options, std::optional<Result<std::string>>& output) {
  Result<std::string> printed = co_await RunConfined(loop, options, "import dateutil.parser\nprint('yes')\n", {}, "", 4096, 20'000);
  output.emplace(std::move(printed));
}

void LookAtSandbox(const DoctorOptions& options, Report& report) {
  HostOptions host;
  host.python = options.eval.python;
  const SandboxFacts facts = ProbeSandbox(host);
  report.Add("python", !facts.python.empty(), facts.python.empty() ? facts.python_problem : facts.python);
  const bool any = facts.bubblewrap || facts.landlock;
  report.Add("bubblewrap", facts.bubblewrap,
             facts.bubblewrap ? "environments run in namespaces of their own, without network, under a system call filter"
                              : facts.bubblewrap_problem,
             !any);
  report.Add("landlock", facts.landlock,
             facts.landlock ? "the weaker fallback works" : facts.landlock_problem, !any);
  if (!any) return;
  Loop loop;
  std::optional<Result<std::string>> printed;
  loop.Spawn(TryImport(loop, host, printed));
  loop.Run();
  report.Add("dateutil", printed->has_value(),
             printed->has_value() ? "all environments of Agent-ValueBench can start"
                                  : "13 cases of Agent-ValueBench need it: install python3-dateutil",
             false);
}

void LookAtStore(const DoctorOptions& options, Report& report) {
  const fs::path path = fs::absolute(options.eval.db);
  const std::string folder = path.parent_path().string();
  if (fs::exists(path)) {
    Result<std::unique_ptr<StoreReader>> reader = StoreReader::Open(path.string());
    report.Add("store", reader.has_value(), reader ? options.eval.db + " can be read" : reader.error().ToString());
  } else {
    report.Add("store", true, options.eval.db + " will be made by the first run");
  }
  const bool writable = access(fs::exists(path) ? path.c_str() : folder.c_str(), W_OK) == 0 &&
                        access(folder.c_str(), W_OK) == 0;
  report.Add("folder", writable, writable ? folder + " can be written" : folder + " cannot be written: name another store with --db");
  struct statvfs disk {};
  if (statvfs(folder.c_str(), &disk) == 0) {
    const double free_gb = static_cast<double>(disk.f_bavail) * static_cast<double>(disk.f_frsize) / 1e9;
    char text[64];
    std::snprintf(text, sizeof text, "%.1f GB free", free_gb);
    report.Add("disk", free_gb > 1, std::string(text) + (free_gb > 1 ? "" : ": a full run of Agent-ValueBench needs about 1 GB"));
  }
}

// What was found of one endpoint, as lines.
void AddFindings(const EndpointFacts& facts, Report& report) {
  for (const EndpointFacts::Finding& finding : facts.findings) {
    const bool needed = finding.name == "endpoint";
    report.Add(finding.name, finding.state == EndpointFacts::State::kYes, finding.text, needed);
  }
}

struct Need {
  std::string what;  // name of a finding, or "context"
  EndpointFacts::State state = EndpointFacts::State::kUnknown;
  std::string text;
};

// A suite as it would be run with this model.
struct SuiteOutlook {
  std::string suite;
  std::vector<Need> needs;
  std::optional<PilotResult> pilot;
  std::string command;  // to type
};

constexpr size_t kMostLookedAt = 200;  // tasks, for the longest opening
constexpr double kCharactersPerToken = 3;  // few enough to be on the safe side for most languages
constexpr int kUsualReply = 1024;          // tokens, where no limit is set

// The longest request with which a sample begins, in tokens, roughly.
Result<int64_t> LongestOpening(const Experiment& experiment) {
  size_t longest = 0;
  const size_t count = std::min(kMostLookedAt, experiment.suite.tasks->refs().size());
  for (size_t i = 0; i < count; ++i) {
    Result<std::shared_ptr<const Task>> task = experiment.suite.tasks->Load(i);
    if (!task) return std::move(task).error();
    const RequestFrame frame = experiment.scaffold->Frame(**task);
    size_t characters = frame.tools.size() + frame.response_format.size();
    for (const Message& message : experiment.scaffold->Open(**task)) characters += message.text.size();
    longest = std::max(longest, characters);
  }
  return static_cast<int64_t>(static_cast<double>(longest) / kCharactersPerToken);
}

Result<std::vector<Need>> NeedsOf(const Experiment& experiment, const EndpointFacts& facts) {
  std::vector<Need> needs;
  const auto need = [&](const std::string& what, const std::string& why) {
    needs.push_back({what, facts.StateOf(what), why});
  };
  Result<std::shared_ptr<const Task>> task = experiment.suite.tasks->Load(0);
  if (!task) return std::move(task).error();
  const RequestFrame frame = experiment.scaffold->Frame(**task);
  const std::vector<Message> opening = experiment.scaffold->Open(**task);
  if (!frame.tools.empty()) {
    need("tools", "its agents act through native tool calls");
    need("tool_results", "results of tools go back into the conversation");
  }
  if (!frame.response_format.empty()) need("json_schema", "each step is one JSON object");
  if (experiment.spec.model.generation.top_logprobs) need("logprobs", "answers are read from log-probabilities");
  const bool system = std::any_of(opening.begin(), opening.end(),
                                  [](const Message& message) { return message.role == Role::kSystem; });
  if (system) need("system", "conversations begin with a system message");
  const Result<int64_t> longest = LongestOpening(experiment);
  if (!longest) return longest.error();
  const int64_t reply = experiment.spec.model.generation.max_tokens.value_or(kUsualReply);
  const std::string tokens = "about " + std::to_string(*longest + reply) + " tokens at least, " + std::to_string(reply) +
                             " of them for a reply";
  const auto state = !facts.context ? EndpointFacts::State::kUnknown
                     : *longest + reply <= *facts.context ? EndpointFacts::State::kYes
                                                          : EndpointFacts::State::kNo;
  needs.push_back({"context", state, tokens + (facts.context ? ", and there are " + std::to_string(*facts.context) : "")});
  return needs;
}

// The same words as an `eval`, without what only the doctor knows.
std::string EvalCommand(const DoctorOptions& options, const std::string& suite, const std::string& model,
                        const std::string& scaffold) {
  static constexpr std::string_view kWithValue[] = {"--pilot", "--model", "--scaffold"};
  static constexpr std::string_view kAlone[] = {"--json"};
  std::string rest = WithoutOptions(options.eval.command_line, kWithValue, kAlone);
  // Behind the program, the verb and the suites come the options.
  const size_t first = rest.find(" -");
  rest = first == std::string::npos ? "" : rest.substr(first);
  // Suites may stand behind options too, all together.
  std::string words;
  for (const std::string& named : options.eval.suites) words += " " + ShellWord(named);
  for (size_t at = rest.find(words); !words.empty() && at != std::string::npos; at = rest.find(words, at + 1)) {
    const size_t end = at + words.size();
    if (end != rest.size() && rest[end] != ' ') continue;
    rest.erase(at, words.size());
    break;
  }
  std::string command = "axiometer eval " + ShellWord(suite) + " --model " + ShellWord(model);
  if (!scaffold.empty()) command += " --scaffold " + scaffold;
  return command + rest;
}

std::string Thousands(double number) {
  char text[64];
  if (number >= 10e6) {
    std::snprintf(text, sizeof text, "%.1f million", number / 1e6);
  } else if (number >= 10e3) {
    std::snprintf(text, sizeof text, "%.0f thousand", number / 1e3);
  } else {
    std::snprintf(text, sizeof text, "%.0f", number);
  }
  return text;
}

std::string Dollars(double number) {
  char text[64];
  std::snprintf(text, sizeof text, number < 1 ? "$%.4f" : "$%.2f", number);
  return text;
}

std::string ForecastText(const Forecast& forecast, std::string (*show)(double)) {
  std::string text = show(forecast.total);
  if (forecast.low && forecast.high) text += " (95 % interval " + show(*forecast.low) + " to " + show(*forecast.high) + ")";
  return text;
}

Result<SuiteOutlook> LookAhead(const DoctorOptions& options, const std::string& suite, const std::string& model,
                               const EndpointFacts& facts, const Machinery& machinery) {
  EvalOptions eval = options.eval;
  eval.suites = {suite};
  eval.models = {model};
  // Where native tool calls do not work, the steps are written.
  const auto written = [&facts] {
    return facts.StateOf("json_schema") == EndpointFacts::State::kYes ? "react_json" : "react_text";
  };
  Result<std::vector<Experiment>> experiments = PrepareAll(eval, machinery);
  if (!experiments && eval.scaffold.empty() && facts.StateOf("tools") == EndpointFacts::State::kNo) {
    eval.scaffold = written();
    experiments = PrepareAll(eval, machinery);
  }
  if (!experiments) return std::move(experiments).error();
  Result<std::vector<Need>> needs = NeedsOf(experiments->front(), facts);
  if (!needs) return std::move(needs).error();
  const bool lacks_tools = std::any_of(needs->begin(), needs->end(), [](const Need& need) {
    return need.what == "tools" && need.state == EndpointFacts::State::kNo;
  });
  if (lacks_tools && eval.scaffold.empty()) {
    eval.scaffold = written();
    experiments = PrepareAll(eval, machinery);
    if (!experiments) return std::move(experiments).error();
    needs = NeedsOf(experiments->front(), facts);
    if (!needs) return std::move(needs).error();
  }
  SuiteOutlook outlook;
  outlook.suite = suite;
  outlook.needs = std::move(*needs);
  outlook.command = EvalCommand(options, suite, model, eval.scaffold);
  experiments->clear();
  if (options.pilot > 0) {
    Say("running " + std::to_string(options.pilot) + " samples of " + suite + " with " + model + " …");
    Result<PilotResult> pilot = RunPilot(eval, options.pilot, machinery);
    if (!pilot) return std::move(pilot).error();
    outlook.pilot = std::move(*pilot);
  }
  return outlook;
}

void AddOutlook(const SuiteOutlook& outlook, Report& report) {
  for (const Need& need : outlook.needs) {
    const std::string has = need.state == EndpointFacts::State::kYes ? "" : need.state == EndpointFacts::State::kNo ? ", which it has not" : ", which could not be found out";
    report.Add(need.what, need.state == EndpointFacts::State::kYes, outlook.suite + " needs it: " + need.text + has,
               need.state == EndpointFacts::State::kNo);
  }
  if (!outlook.pilot) return;
  const PilotResult& pilot = *outlook.pilot;
  std::string text = std::to_string(pilot.samples) + " samples of " + outlook.suite;
  if (pilot.failed > 0) text += ", " + std::to_string(pilot.failed) + " of them failed: " + pilot.failure;
  report.Add("pilot", pilot.failed == 0 && pilot.samples > 0, text, true);
  if (pilot.samples == 0) return;
  std::string all = "all " + std::to_string(pilot.population) + " samples: " +
                    ForecastText(ForecastTotal(pilot.tokens, pilot.population), Thousands) + " tokens";
  if (!pilot.dollars.empty()) {
    all += ", " + ForecastText(ForecastTotal(pilot.dollars, pilot.population), Dollars);
  } else {
    all += "; with --prices or --price-list also what they cost";
  }
  report.Add("cost", true, all, false);
}

Json ForecastJson(const std::vector<double>& used, int64_t population) {
  if (used.empty()) return Json();
  const Forecast forecast = ForecastTotal(used, population);
  double pilot = 0;
  for (const double one : used) pilot += one;
  Json json = {{"pilot", pilot}, {"whole", forecast.total}, {"interval", Json()}};
  if (forecast.low && forecast.high) {
    json["interval"] = {{"level", 0.95}, {"low", *forecast.low}, {"high", *forecast.high},
                        {"method", "t, simple random sample"}};
  }
  return json;
}

Json OutlookJson(const SuiteOutlook& outlook) {
  Json json = {{"suite", outlook.suite}, {"needs", Json::array()}, {"pilot", Json()}, {"command", outlook.command}};
  for (const Need& need : outlook.needs) {
    json["needs"].push_back({{"name", need.what}, {"state", FindingStateName(need.state)}, {"text", need.text}});
  }
  if (outlook.pilot) {
    const PilotResult& pilot = *outlook.pilot;
    json["pilot"] = {{"samples", pilot.samples}, {"failed", pilot.failed}, {"population", pilot.population},
                     {"tokens", ForecastJson(pilot.tokens, pilot.population)},
                     {"cost_usd", ForecastJson(pilot.dollars, pilot.population)}};
  }
  return json;
}

Json FactsJson(const std::string& model, const EndpointFacts& facts) {
  Json json = {{"model", model}, {"requests", facts.requests}, {"context", facts.context ? Json(*facts.context) : Json()},
               {"findings", Json::array()}, {"suites", Json::array()}};
  for (const EndpointFacts::Finding& finding : facts.findings) {
    json["findings"].push_back(
        {{"name", finding.name}, {"state", FindingStateName(finding.state)}, {"text", finding.text}});
  }
  return json;
}

// Each model, and each suite with it. The commands that may be typed now.
Result<std::vector<std::string>> LookAtModels(const DoctorOptions& options, Report& report, Json& models) {
  std::vector<std::string> commands;
  const Result<std::unique_ptr<OwnMachinery>> own = OwnMachinery::Make(options.eval);
  if (!own) return own.error();
  const Machinery& machinery = (*own)->get();
  for (const std::string& model : options.eval.models) {
    Result<ModelSpec> spec = SubjectOf(options.eval, model);
    if (!spec) {
      report.Add("endpoint", false, spec.error().ToString());
      continue;
    }
    if (IsReal(*spec)) Say("asking " + model + " …");
    Result<EndpointFacts> facts = IsReal(*spec) ? ProbeEndpoint(*spec, machinery) : EndpointFacts();
    if (!facts) {
      report.Add("endpoint", false, facts.error().ToString());
      continue;
    }
    AddFindings(*facts, report);
    models.push_back(FactsJson(model, *facts));
    if (IsReal(*spec) && !facts->answers) continue;
    for (const std::string& suite : options.eval.suites) {
      Result<SuiteOutlook> outlook = LookAhead(options, suite, model, *facts, machinery);
      if (!outlook) {
        report.Add("suite", false, outlook.error().ToString());
        continue;
      }
      AddOutlook(*outlook, report);
      models.back()["suites"].push_back(OutlookJson(*outlook));
      commands.push_back(outlook->command);
    }
  }
  return commands;
}

}  // namespace

Result<int> RunDoctor(const DoctorOptions& options) {
  if (options.eval.models.empty() && !options.eval.suites.empty()) {
    return UsageError("--model", "what suites need is held against a model", "name one, such as openai/NAME");
  }
  const Result<void> one_provider = CheckOneProvider(options.eval.models, options.eval.base_url,
                                                     options.eval.api_key_env, options.eval.model_headers);
  if (!one_provider) return one_provider.error();
  Report report;
  Result<std::string> data_dir = DataDir();
  report.Add("data", data_dir.has_value(), data_dir ? *data_dir : data_dir.error().ToString());
  if (data_dir) LookAtSandbox(options, report);
  LookAtStore(options, report);
  Json models = Json::array();
  Result<std::vector<std::string>> commands = LookAtModels(options, report, models);
  if (!commands) return std::move(commands).error();
  report.Print(options.json, models);
  if (!options.json && !commands->empty()) {
    std::printf("\n%s\n", report.healthy() ? "to type:" : "to type, once what fails is mended:");
    for (const std::string& command : *commands) std::printf("  %s\n", ForTerminal(command).c_str());
  }
  return report.healthy() ? 0 : 1;
}

}  // namespace axiometer
