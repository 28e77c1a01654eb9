#include <sys/statvfs.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "environments/confined_script.h"
#include "environments/host.h"
#include "harness/base/data_dir.h"
#include "harness/base/utf8.h"
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
  void Print(bool json) const {
    if (json) {
      Json checks = Json::array();
      for (const Line& line : lines_) {
        checks.push_back({{"check", line.name}, {"ok", line.ok}, {"needed", line.needed}, {"text", line.text}});
      }
      std::printf("%s\n", DumpJson(Json{{"schema", "axiometer.doctor/1"}, {"healthy", healthy()}, {"checks", checks}}).c_str());
      return;
    }
    for (const Line& line : lines_) {
      std::printf("%-6s %-12s %s\n", line.ok ? "ok" : line.needed ? "FAIL" : "note", line.name.c_str(),
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
  host.python = options.python;
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
  const fs::path path = fs::absolute(options.db);
  const std::string folder = path.parent_path().string();
  if (fs::exists(path)) {
    Result<std::unique_ptr<StoreReader>> reader = StoreReader::Open(path.string());
    report.Add("store", reader.has_value(), reader ? options.db + " can be read" : reader.error().ToString());
  } else {
    report.Add("store", true, options.db + " will be made by the first run");
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

Async<> AskInto(Model& model, const Request& request, Reply& reply) { reply = co_await model.Generate(request); }

Reply Ask(Loop& loop, Model& model, const Request& request) {
  Reply reply;
  loop.Spawn(AskInto(model, request, reply));
  loop.Run();
  return reply;
}

// Whether the first token came with the tokens that might have stood there.
bool ListsAlternatives(const std::string& logprobs) {
  const Result<Json> json = ParseJson(logprobs.empty() ? "{}" : logprobs, "log-probabilities");
  if (!json || !json->is_object() || !json->contains("content")) return false;
  const Json& content = json->at("content");
  if (!content.is_array() || content.empty() || !content.front().is_object()) return false;
  const auto top = content.front().find("top_logprobs");
  return top != content.front().end() && top->is_array() && !top->empty();
}

// Real requests: a text, log-probabilities, then a call that is required. A call that is required and not made is the
// proof that tools are ignored.
Result<void> LookAtModel(const std::string& name, const DoctorOptions& options, Report& report) {
  EndpointOptions endpoint;
  endpoint.base_url = options.base_url;
  endpoint.api_key_env = options.api_key_env;
  endpoint.headers = options.model_headers;
  endpoint.headers_option = "--model-header";
  endpoint.max_retries = 1;
  endpoint.timeout_s = 60;
  endpoint.cache = false;
  endpoint.generation.max_tokens = 64;
  Result<ModelSpec> spec = SpecOf(name, endpoint);
  if (!spec) return std::move(spec).error();
  Result<std::string> key = EndpointKey(*spec, fs::current_path().string());
  if (!key) return std::move(key).error();
  Result<HttpHeaders> headers = EndpointHeaders(*spec, fs::current_path().string());
  if (!headers) return std::move(headers).error();
  Loop loop;
  const std::unique_ptr<Clock> clock = MakeRealClock(loop);
  Result<HttpTls> tls = TlsOf(options.tls);
  if (!tls) return std::move(tls).error();
  HttpClient http(loop, std::move(*tls));
  ModelServices services{loop, *clock, http};
  services.key = std::move(*key);
  services.headers = std::move(*headers);
  Result<std::unique_ptr<Model>> model = MakeModel(*spec, std::move(services));
  if (!model) return std::move(model).error();

  std::vector<Message> messages(1);
  messages[0].text = "Call the tool look_up with the word \"rudder\".";
  Request request;
  request.messages = &messages;
  request.generation = spec->generation;
  const Reply plain = Ask(loop, **model, request);
  const std::string label = "endpoint";
  if (plain.status != CallStatus::kOk) {
    report.Add(label, false, name + ": " + plain.error);
    return {};
  }
  report.Add(label, true, name + " answers in " + std::to_string(plain.duration_us / 1000) + " ms as \"" + plain.response_model + "\"");
  report.Add("usage", plain.usage.tokens() > 0, plain.usage.tokens() > 0 ? "tokens are counted" : "the endpoint counts no tokens: limits and costs will be unknown", false);
  request.generation.top_logprobs = 5;
  const Reply likely = Ask(loop, **model, request);
  const bool logprobs = likely.status == CallStatus::kOk && ListsAlternatives(likely.message.logprobs);
  report.Add("logprobs", logprobs,
             logprobs ? "log-probabilities come with the likeliest tokens: -T elicitation=likelihood works"
             : likely.status != CallStatus::kOk
                 ? "a request for log-probabilities fails: " + likely.error
                 : "no log-probabilities came: -T elicitation=likelihood will read no answer, generate will",
             false);
  request.generation.top_logprobs.reset();
  request.tools =
      R"([{"type":"function","function":{"name":"look_up","description":"Looks a word up.",)"
      R"("parameters":{"type":"object","properties":{"word":{"type":"string"}},"required":["word"]}}}])";
  request.tool_choice = "required";
  const Reply called = Ask(loop, **model, request);
  const bool tools = called.status == CallStatus::kOk && !called.message.tool_calls.empty();
  report.Add("tools", tools,
             tools ? "native tool calls work"
                   : called.status != CallStatus::kOk ? "a request with tools fails: " + called.error
                                                      : "a required tool call was not made: this endpoint ignores tools, agent tasks will not act",
             false);
  request.tools.clear();
  request.tool_choice.clear();
  request.response_format = R"({"type":"json_object"})";
  messages[0].text = "Answer with the JSON object {\"ok\": true}.";
  const Reply json = Ask(loop, **model, request);
  const bool is_json = json.status == CallStatus::kOk && ParseJson(json.message.text, "reply").has_value();
  report.Add("json", is_json,
             is_json ? "JSON mode works: it can judge"
                     : json.status == CallStatus::kOk ? "JSON mode gave no JSON: as a judge its verdicts may be unreadable"
                                                      : "a request for JSON fails: " + json.error,
             false);
  return {};
}

}  // namespace

Result<int> RunDoctor(const DoctorOptions& options) {
  Report report;
  Result<std::string> data_dir = DataDir();
  report.Add("data", data_dir.has_value(), data_dir ? *data_dir : data_dir.error().ToString());
  if (data_dir) LookAtSandbox(options, report);
  LookAtStore(options, report);
  const Result<void> one_provider = CheckOneProvider(options.models, options.base_url,
                                                     options.api_key_env, options.model_headers);
  if (!one_provider) return one_provider.error();
  for (const std::string& model : options.models) {
    const Result<void> looked = LookAtModel(model, options, report);
    if (!looked) report.Add("endpoint", false, looked.error().ToString());
  }
  report.Print(options.json);
  return report.healthy() ? 0 : 1;
}

}  // namespace axiometer
