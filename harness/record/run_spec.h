#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/json.h"
#include "harness/record/usage.h"

namespace axiometer {

// Sampling settings of a model call. Absent means: not sent, the endpoint decides.
struct Generation {
  std::optional<double> temperature;
  std::optional<double> top_p;
  std::optional<int> max_tokens;
  std::optional<int64_t> seed;
  std::vector<std::string> stop;
  std::optional<std::string> reasoning_effort;
  std::optional<bool> parallel_tool_calls;
  std::optional<int> n;
  // Log-probabilities of each token of the reply and of so many alternatives to it, 0 to 20.
  std::optional<int> top_logprobs;
};

// A model file on this machine and the server that is started for it (provider llama).
struct LocalServer {
  int context = 0;          // tokens of one request with its reply
  std::vector<std::string> arguments;  // further ones of the server, as typed
  std::string file_digest;  // of the model file: GgufFacts
  bool knows_tools = true;  // whether the file's chat template does; follows from the file, so it is not written
};

// Which model, how it is reached, how it is sampled. Holds the name of the key's variable, never
// the key.
struct ModelSpec {
  std::string provider;  // as provider.h lists them
  std::string name;      // everything after the first slash, verbatim
  std::string base_url;  // without trailing slash; empty for providers without an endpoint
  std::string key_env;   // name of the variable that holds the key; empty: no key is sent
  // -M key=value and --extra-body KEY=JSON: further members of the request.
  std::map<std::string, std::string> arguments;
  // --model-header NAME=VALUE, the value as typed. Of these only the names are ever stored; a
  // configuration that is read back has empty values.
  std::map<std::string, std::string> headers;
  // What is started for it on this machine, absolute: the server of llama, the program of command. Not part of the
  // identity.
  std::string program;
  std::optional<LocalServer> server;  // llama alone
  Generation generation;
  std::optional<Prices> prices;
  int64_t timeout_ms = 600'000;  // of one request
  int max_retries = 6;
  int max_connections = 0;  // 0: adaptive
  bool cache = true;        // answer a request whose exact bytes were answered before from the store
  int shards = 1;  // processes that share the endpoint's limit; follows from RunSpec::shard, not written with the model
  // What tells this model from others of its name at its endpoint, to the cache: the place in a
  // series. Follows from RunSpec::series, so it is not written with the model.
  std::string cache_scope;

  std::string id() const { return provider + "/" + name; }
};

// Limits of one sample; 0 or absent: none. Reaching one ends the sample, which is still judged.
struct Limits {
  int max_steps = 30;
  int64_t max_tokens = 0;
  int64_t time_ms = 0;
  double cost_usd = 0;  // of the whole run: subject, judges and retries together
};

// Where a run stands in an ordered series of runs (turns, doses, checkpoints of a training).
struct SeriesPlace {
  std::string name;      // not empty
  int64_t position = 0;  // distances between positions count: a slope is a position
};

// One of the parts that several processes work on, each with a store of its own (`axiometer merge` makes them one).
struct ShardPlace {
  int index = 1;  // 1 to count
  int count = 1;
  int64_t tasks = 0;  // of the whole selection
};

// The frozen configuration of a run: what `resume` continues, `compare` compares and a reviewer
// checks. Two runs with equal JSON are the same experiment.
struct RunSpec {
  std::string suite;         // "crossroads", "agent-valuebench", or a folder's suite name
  std::string suite_digest;  // over all selected tasks, in order
  std::string data_dir;      // for a published benchmark; not part of the identity
  std::map<std::string, std::string> task_arguments;  // -T key=value
  std::string selection;     // the selection options in normal form; empty: every task
  std::optional<ShardPlace> shard;  // --shard; part of the identity. suite_digest is the whole selection's
  ModelSpec model;
  std::string scaffold;              // "react_tools", "react_json", "react_text", "single_turn"
  std::string scaffold_digest;       // of the convention that it says; empty: it says none
  std::string system_prompt_digest;  // of --system-prompt's text; empty: the scaffold's own
  std::string skill;                 // of --skill: its name; empty: none
  std::string skill_digest;          // of its files' names and texts
  std::optional<SeriesPlace> series;  // --series and --position; part of the identity
  std::string imported_digest;  // results made elsewhere: over their files; empty: the run is our own
  std::vector<ModelSpec> judges;     // empty: mechanical checks only
  std::string judge_prompt_digest;
  int epochs = 1;
  Limits limits;
  // In what the run differs from the published protocol, for people; not part of the identity, since
  // it follows from the rest.
  std::vector<std::string> departures;
  std::string version;  // of the program
};

// `base` with what `over` sets in place of its own.
Generation Overlay(Generation base, const Generation& over);

Json ToJson(const Generation& generation);
Json ToJson(const ModelSpec& spec);
Json ToJson(const RunSpec& spec);
Result<RunSpec> RunSpecFromJson(const Json& json);

// Of a run's stored configuration (RunRow::config); nullopt: it belongs to no series.
std::optional<SeriesPlace> SeriesPlaceOf(const std::string& config);

// SHA-256 over what makes two commands the same run: everything but connection limits, timeouts,
// retries, prices, the cost limit, caching and the data folder's path.
std::string IdentityDigest(const RunSpec& spec);

}  // namespace axiometer
