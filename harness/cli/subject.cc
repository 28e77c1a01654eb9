#include "harness/cli/subject.h"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "harness/base/file.h"
#include "harness/io/users_program.h"
#include "harness/base/utf8.h"
#include "harness/base/yaml_reader.h"
#include "harness/model/key.h"
#include "harness/model/openai_chat.h"

namespace axiometer {
namespace {

ScriptStep StepOf(const OracleStep& step) {
  ScriptStep played;
  played.tool = step.tool;
  played.arguments = step.arguments;
  played.say = step.say;
  return played;
}

}  // namespace

Result<std::map<std::string, std::string>> ParseArguments(const std::vector<std::string>& texts,
                                                          const std::string& option) {
  std::map<std::string, std::string> arguments;
  for (const std::string& text : texts) {
    const size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0) return UsageError(option, "expected key=value, got " + Quoted(text));
    arguments[text.substr(0, equals)] = text.substr(equals + 1);
  }
  return arguments;
}

Result<std::optional<Prices>> ParsePrices(const std::string& text, const std::string& option) {
  if (text.empty()) return std::optional<Prices>();
  std::vector<double> numbers;
  size_t begin = 0;
  while (begin <= text.size()) {
    const size_t end = std::min(text.find(',', begin), text.size());
    double number = 0;
    const auto [stop, error] = std::from_chars(text.data() + begin, text.data() + end, number);
    if (error != std::errc() || stop != text.data() + end || !std::isfinite(number) || number < 0) {
      return UsageError(option, "expected INPUT,OUTPUT[,CACHED] in US dollars a million tokens, got " + Quoted(text));
    }
    numbers.push_back(number);
    begin = end + 1;
  }
  if (numbers.size() < 2 || numbers.size() > 3) {
    return UsageError(option, "expected two or three numbers, got " + Quoted(text));
  }
  Prices prices;
  prices.input = numbers[0];
  prices.output = numbers[1];
  if (numbers.size() == 3) prices.cached = numbers[2];
  return std::optional<Prices>(prices);
}

Result<std::optional<Prices>> PricesFromList(const std::string& path, const std::string& model) {
  static const std::vector<std::string> kKeys = {"input", "output", "cached"};
  Result<YamlView> file = YamlView::Load(path);
  if (!file) return std::move(file).error();
  const auto members = file->Members();
  if (!members) return members.error();
  std::optional<Prices> found;
  size_t longest = 0;
  for (const auto& [name, view] : *members) {
    YamlFields fields(view, kKeys);
    Prices prices;
    for (const char* key : {"input", "output"}) {
      if (!fields.Need(key)) break;
    }
    prices.input = fields.NumberOr("input", 0, 1e9, 0);
    prices.output = fields.NumberOr("output", 0, 1e9, 0);
    if (fields.Has("cached")) prices.cached = fields.NumberOr("cached", 0, 1e9, 0);
    if (fields.error()) return *fields.error();
    if (name.find('/') == std::string::npos) return view.Wrong("expected a member PROVIDER/NAME, got " + Quoted(name));
    const bool prefix = name.ends_with('*');
    const bool fits = prefix ? model.starts_with(name.substr(0, name.size() - 1)) : model == name;
    const size_t length = prefix ? name.size() - 1 : name.size() + 1;
    if (!fits || length < longest) continue;
    longest = length;
    found = prices;
  }
  return found;
}

namespace {

// The program that a model of this machine needs, and how it is set.
Result<void> CompleteProgram(ModelSpec& spec, const LlamaOptions& llama) {
  if (spec.provider == "command") {
    Result<std::string> program = FindProgram(spec.name, "expected command/PROGRAM, a path or a name that PATH has");
    if (!program) return std::move(program).error();
    spec.program = std::move(*program);
  }
  if (spec.provider != "llama") return {};
  const char* variable = std::getenv("AXIOMETER_LLAMA_SERVER");
  const std::string named = !llama.server.empty() ? llama.server : variable != nullptr ? variable : "";
  Result<std::string> program = FindProgram(
      named.empty() ? "llama-server" : named,
      named.empty() ? "llama/ needs llama.cpp's server: install it, or `pip install xllamacpp` and name "
                      "harness/model/llama_server.py with --llama-server or in AXIOMETER_LLAMA_SERVER"
                    : "name llama.cpp's server with --llama-server");
  if (!program) return std::move(program).error();
  spec.program = std::move(*program);
  spec.server = LocalServer{llama.context, llama.arguments, "", true};
  return {};
}

}  // namespace

Result<ModelSpec> SpecOf(const std::string& model, const EndpointOptions& options) {
  Result<ModelSpec> spec = ParseModelName(model);
  if (!spec) return spec;
  Result<std::map<std::string, std::string>> arguments = ParseArguments(options.arguments, options.arguments_option);
  if (!arguments) return std::move(arguments).error();
  Result<std::optional<Prices>> prices = ParsePrices(options.prices, options.prices_option);
  if (prices && !*prices && !options.price_list.empty()) prices = PricesFromList(options.price_list, model);
  if (!prices) return std::move(prices).error();
  const Result<void> programmed = CompleteProgram(*spec, options.llama);
  if (!programmed) return programmed.error();
  for (const std::string& text : options.extra_body) {
    const size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0) {
      return UsageError("--extra-body", "expected KEY=JSON, got " + Quoted(text));
    }
    const std::string key = text.substr(0, equals);
    const Result<Json> json = ParseJson(text.substr(equals + 1), "--extra-body " + key);
    if (!json)
      return UsageError(json.error().where, json.error().what,
                        "a text needs its quotes: " + key + "='\"text\"'");
    if (!arguments->emplace(key, DumpJson(*json)).second) {
      return UsageError("--extra-body " + key, "this member is named twice",
                        "name it once, here or with " + options.arguments_option);
    }
  }
  Result<std::map<std::string, std::string>> headers =
      ParseArguments(options.headers, options.headers_option);
  if (!headers)
    return UsageError(options.headers_option,
                      "expected NAME=VALUE or NAME=$VARIABLE");  // shows no value
  spec->base_url = options.base_url;
  spec->headers = std::move(*headers);
  if (HasEndpoint(*spec) && !options.api_key_env.empty()) {
    // It may be the key itself that was typed: not shown, and not stored.
    const Result<std::optional<std::string>> key =
        FindVariable(options.api_key_env, std::filesystem::current_path().string());
    if (!key) return key.error();
    if (!*key) {
      return UsageError(options.api_key_env_option, "no variable of that name is set, in the environment or in .env",
                        "name the one that holds the key, such as OPENAI_API_KEY");
    }
  }
  spec->key_env = options.api_key_env;
  spec->arguments = std::move(*arguments);
  spec->prices = *prices;
  spec->generation = options.generation;
  if (options.timeout_s > 0) spec->timeout_ms = static_cast<int64_t>(options.timeout_s * 1000);
  spec->max_retries = options.max_retries;
  spec->max_connections = options.max_connections;
  spec->cache = options.cache;
  if (!HasEndpoint(*spec)) {
    spec->base_url.clear();
    spec->headers.clear();
    spec->key_env.clear();
  }
  return CompleteEndpoint(std::move(*spec), std::filesystem::current_path().string());
}

Result<void> CheckOneProvider(const std::vector<std::string>& models, const std::string& base_url,
                              const std::string& api_key_env,
                              const std::vector<std::string>& headers, bool judges) {
  const std::string option = !base_url.empty() ? (judges ? "--judge-base-url" : "--base-url")
                             : !api_key_env.empty()
                                 ? (judges ? "--judge-api-key-env" : "--api-key-env")
                             : !headers.empty() ? (judges ? "--judge-header" : "--model-header")
                                                : "";
  if (option.empty()) return {};
  std::string family;
  for (const std::string& model : models) {
    const std::string one = ProviderFamily(model);
    if (!one.empty() && !family.empty() && one != family) {
      return UsageError(option,
                        "is of one provider, and the models are of " + family + " and " + one,
                        "give each provider's models a command of its own");
    }
    if (!one.empty()) family = one;
  }
  return {};
}

Result<HttpTls> TlsOf(const TlsOptions& options) {
  const std::pair<const char*, const std::string&> files[] = {
      {"--ca-file", options.ca_file},
      {"--client-cert", options.client_cert},
      {"--client-key", options.client_key}};
  for (const auto& [option, path] : files) {
    if (path.empty()) continue;
    const Result<std::string> text = ReadFile(path, 16u << 20);
    if (!text) return UsageError(option, text.error().ToString());
    if (text->find("-----BEGIN ") == std::string::npos)
      return UsageError(option, Quoted(path) + " is no PEM file");
  }
  if (!options.client_key.empty() && options.client_cert.empty()) {
    return UsageError("--client-key", "the certificate is missing", "name it with --client-cert");
  }
  return HttpTls{options.ca_file, options.client_cert, options.client_key};
}

ScriptSource OraclesOf(const TaskSource& tasks) {
  auto places = std::make_shared<std::unordered_map<std::string, size_t>>();
  for (size_t i = 0; i < tasks.refs().size(); ++i) places->emplace(tasks.refs()[i].id, i);
  return [&tasks, places](const std::string& persona, const Request& request) -> Result<Script> {
    const auto place = places->find(request.task);
    if (place == places->end()) return Failed("scripted/" + persona, "unknown task " + Quoted(request.task));
    Result<std::shared_ptr<const Task>> task = tasks.Load(place->second);
    if (!task) return std::move(task).error();
    const bool answers = (*task)->kind != TaskKind::kAgent;
    Script script;
    for (const Oracle& oracle : (*task)->oracles) {
      if (persona == "random") {
        if (answers && !oracle.steps.empty()) script.one_of.push_back(StepOf(oracle.steps.front()));
        continue;
      }
      if (oracle.leaning != (answers && persona == "gold" ? (*task)->gold : persona)) continue;
      for (const OracleStep& step : oracle.steps) script.steps.push_back(StepOf(step));
      return script;
    }
    if (persona == "random") return script;
    return Failed("scripted/" + persona, "task \"" + request.task + "\" has no oracle \"" + persona + "\"",
                  "scripted/random plays every task");
  };
}

std::unique_ptr<Reply> StoreCache::Find(const std::string& request_digest, int epoch) {
  if (reader_ == nullptr) return nullptr;
  const Result<std::optional<CallRow>> found = reader_->FindCall(request_digest, epoch);
  if (!found || !*found) return nullptr;  // a store that cannot be read shows at the next commit
  const CallRow& row = **found;
  const Result<Json> json = ParseJson(row.message, "stored reply");
  auto reply = std::make_unique<Reply>();
  if (!json || !DecodeChatMessage(*json, reply->message).empty()) return nullptr;
  if (reply->message.logprobs.empty()) reply->message.raw = row.message;
  reply->status = CallStatus::kOk;
  reply->choices = 1;
  reply->finish_reason = row.finish_reason;
  reply->usage = row.usage;
  reply->response_id = row.response_id;
  reply->response_model = row.response_model;
  return reply;
}

}  // namespace axiometer
