#include "harness/record/run_spec.h"

#include <nlohmann/json.hpp>

#include "harness/base/digest.h"

namespace axiometer {
namespace {

template <class T>
void Put(Json& json, const char* key, const std::optional<T>& value) {
  if (value) json[key] = *value;
}

template <class T>
void Get(const Json& json, const char* key, std::optional<T>& value) {
  if (json.contains(key)) value = json.at(key).get<T>();
}

Generation GenerationFromJson(const Json& json) {
  Generation generation;
  Get(json, "temperature", generation.temperature);
  Get(json, "top_p", generation.top_p);
  Get(json, "max_tokens", generation.max_tokens);
  Get(json, "seed", generation.seed);
  generation.stop = json.value("stop", std::vector<std::string>{});
  Get(json, "reasoning_effort", generation.reasoning_effort);
  Get(json, "parallel_tool_calls", generation.parallel_tool_calls);
  Get(json, "n", generation.n);
  Get(json, "top_logprobs", generation.top_logprobs);
  return generation;
}

ModelSpec ModelSpecFromJson(const Json& json) {
  ModelSpec spec;
  spec.provider = json.at("provider").get<std::string>();
  spec.name = json.at("name").get<std::string>();
  spec.base_url = json.value("base_url", "");
  spec.key_env = json.value("key_env", "");
  spec.arguments = json.value("arguments", std::map<std::string, std::string>{});
  for (const std::string& name : json.value("headers", std::vector<std::string>{})) spec.headers[name] = "";
  if (json.contains("generation")) spec.generation = GenerationFromJson(json.at("generation"));
  spec.program = json.value("program", "");
  if (json.contains("server")) {
    const Json& server = json.at("server");
    spec.server = LocalServer{server.at("context").get<int>(), server.at("arguments").get<std::vector<std::string>>(),
                              server.at("file_digest").get<std::string>(), true};
  }
  if (json.contains("prices")) {
    const Json& prices = json.at("prices");
    spec.prices = Prices{prices.at("input").get<double>(), prices.at("output").get<double>(), {}};
    Get(prices, "cached", spec.prices->cached);
  }
  spec.timeout_ms = json.value("timeout_ms", spec.timeout_ms);
  spec.max_retries = json.value("max_retries", spec.max_retries);
  spec.max_connections = json.value("max_connections", spec.max_connections);
  spec.cache = json.value("cache", spec.cache);
  return spec;
}

}  // namespace

Generation Overlay(Generation base, const Generation& over) {
  if (over.temperature) base.temperature = over.temperature;
  if (over.top_p) base.top_p = over.top_p;
  if (over.max_tokens) base.max_tokens = over.max_tokens;
  if (over.seed) base.seed = over.seed;
  if (!over.stop.empty()) base.stop = over.stop;
  if (over.reasoning_effort) base.reasoning_effort = over.reasoning_effort;
  if (over.parallel_tool_calls) base.parallel_tool_calls = over.parallel_tool_calls;
  if (over.n) base.n = over.n;
  if (over.top_logprobs) base.top_logprobs = over.top_logprobs;
  return base;
}

Json ToJson(const Generation& generation) {
  Json json = Json::object();
  Put(json, "temperature", generation.temperature);
  Put(json, "top_p", generation.top_p);
  Put(json, "max_tokens", generation.max_tokens);
  Put(json, "seed", generation.seed);
  if (!generation.stop.empty()) json["stop"] = generation.stop;
  Put(json, "reasoning_effort", generation.reasoning_effort);
  Put(json, "parallel_tool_calls", generation.parallel_tool_calls);
  Put(json, "n", generation.n);
  Put(json, "top_logprobs", generation.top_logprobs);
  return json;
}

Json ToJson(const ModelSpec& spec) {
  Json json = {{"provider", spec.provider}, {"name", spec.name}};
  if (!spec.base_url.empty()) json["base_url"] = spec.base_url;
  if (!spec.key_env.empty()) json["key_env"] = spec.key_env;
  if (!spec.arguments.empty()) json["arguments"] = spec.arguments;
  for (const auto& [name, value] : spec.headers) json["headers"].push_back(name);
  if (!spec.program.empty()) json["program"] = spec.program;
  if (spec.server) {
    json["server"] = {{"context", spec.server->context}, {"arguments", spec.server->arguments},
                      {"file_digest", spec.server->file_digest}};
  }
  if (Json generation = ToJson(spec.generation); !generation.empty()) {
    json["generation"] = std::move(generation);
  }
  if (spec.prices) {
    Json prices = {{"input", spec.prices->input}, {"output", spec.prices->output}};
    Put(prices, "cached", spec.prices->cached);
    json["prices"] = std::move(prices);
  }
  json["timeout_ms"] = spec.timeout_ms;
  json["max_retries"] = spec.max_retries;
  json["max_connections"] = spec.max_connections;
  json["cache"] = spec.cache;
  return json;
}

Json ToJson(const RunSpec& spec) {
  Json json = {{"suite", spec.suite}, {"suite_digest", spec.suite_digest}};
  if (!spec.data_dir.empty()) json["data_dir"] = spec.data_dir;
  if (!spec.task_arguments.empty()) json["task_arguments"] = spec.task_arguments;
  if (!spec.selection.empty()) json["selection"] = spec.selection;
  if (spec.shard) {
    json["shard"] = {{"index", spec.shard->index}, {"count", spec.shard->count}, {"tasks", spec.shard->tasks}};
  }
  json["model"] = ToJson(spec.model);
  json["scaffold"] = spec.scaffold;
  if (!spec.scaffold_digest.empty()) json["scaffold_digest"] = spec.scaffold_digest;
  if (!spec.system_prompt_digest.empty()) json["system_prompt_digest"] = spec.system_prompt_digest;
  if (!spec.skill.empty()) json["skill"] = spec.skill;
  if (!spec.skill_digest.empty()) json["skill_digest"] = spec.skill_digest;
  if (spec.series)
    json["series"] = {{"name", spec.series->name}, {"position", spec.series->position}};
  if (!spec.imported_digest.empty()) json["imported_digest"] = spec.imported_digest;
  json["judges"] = Json::array();
  for (const ModelSpec& judge : spec.judges) json["judges"].push_back(ToJson(judge));
  if (!spec.judge_prompt_digest.empty()) json["judge_prompt_digest"] = spec.judge_prompt_digest;
  json["epochs"] = spec.epochs;
  json["limits"] = {{"max_steps", spec.limits.max_steps},
                    {"max_tokens", spec.limits.max_tokens},
                    {"time_ms", spec.limits.time_ms},
                    {"cost_usd", spec.limits.cost_usd}};
  if (!spec.departures.empty()) json["departures"] = spec.departures;
  json["version"] = spec.version;
  return json;
}

Result<RunSpec> RunSpecFromJson(const Json& json) {
  try {
    RunSpec spec;
    spec.suite = json.at("suite").get<std::string>();
    spec.suite_digest = json.at("suite_digest").get<std::string>();
    spec.data_dir = json.value("data_dir", "");
    spec.task_arguments = json.value("task_arguments", std::map<std::string, std::string>{});
    spec.selection = json.value("selection", "");
    if (json.contains("shard")) {
      const Json& shard = json.at("shard");
      spec.shard = ShardPlace{shard.at("index").get<int>(), shard.at("count").get<int>(), shard.at("tasks").get<int64_t>()};
    }
    spec.model = ModelSpecFromJson(json.at("model"));
    spec.scaffold = json.at("scaffold").get<std::string>();
    spec.scaffold_digest = json.value("scaffold_digest", "");
    spec.system_prompt_digest = json.value("system_prompt_digest", "");
    spec.skill = json.value("skill", "");
    spec.skill_digest = json.value("skill_digest", "");
    if (json.contains("series")) {
      const Json& series = json.at("series");
      spec.series =
          SeriesPlace{series.at("name").get<std::string>(), series.at("position").get<int64_t>()};
    }
    spec.imported_digest = json.value("imported_digest", "");
    for (const Json& judge : json.at("judges")) spec.judges.push_back(ModelSpecFromJson(judge));
    spec.judge_prompt_digest = json.value("judge_prompt_digest", "");
    spec.epochs = json.at("epochs").get<int>();
    const Json& limits = json.at("limits");
    spec.limits.max_steps = limits.at("max_steps").get<int>();
    spec.limits.max_tokens = limits.at("max_tokens").get<int64_t>();
    spec.limits.time_ms = limits.at("time_ms").get<int64_t>();
    spec.limits.cost_usd = limits.at("cost_usd").get<double>();
    spec.departures = json.value("departures", std::vector<std::string>{});
    spec.version = json.value("version", "");
    return spec;
  } catch (const Json::exception& error) {
    return Failed("stored run configuration", error.what());
  }
}

std::optional<SeriesPlace> SeriesPlaceOf(const std::string& config) {
  const Result<Json> json = ParseJson(config, "stored configuration");
  if (!json || !json->is_object() || !json->contains("series")) return std::nullopt;
  const Json& series = json->at("series");
  if (!series.is_object() || !series.contains("name") || !series.contains("position"))
    return std::nullopt;
  const Json& name = series.at("name");
  const Json& position = series.at("position");
  if (!name.is_string() || !position.is_number_integer()) return std::nullopt;
  return SeriesPlace{name.get<std::string>(), position.get<int64_t>()};
}

std::string IdentityDigest(const RunSpec& spec) {
  Json json = ToJson(spec);
  json.erase("data_dir");
  json.erase("departures");
  json["limits"].erase("cost_usd");  // the run's purse, not the sample's: raised when it is empty
  const auto strip = [](Json& model) {
    for (const char* key : {"timeout_ms", "max_retries", "max_connections", "cache", "prices", "key_env", "program"}) {
      model.erase(key);
    }
  };
  strip(json["model"]);
  for (Json& judge : json["judges"]) strip(judge);
  return Sha256(DumpJson(json));
}

}  // namespace axiometer
