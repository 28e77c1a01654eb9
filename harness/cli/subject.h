#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "harness/base/result.h"
#include "harness/cli/options.h"
#include "harness/io/http_client.h"
#include "harness/model/provider.h"
#include "harness/store/store.h"
#include "tasks/task.h"

namespace axiometer {

// "key=value" texts as a map; `option` names them in errors.
Result<std::map<std::string, std::string>> ParseArguments(const std::vector<std::string>& texts,
                                                          const std::string& option);

// "INPUT,OUTPUT[,CACHED]".
Result<std::optional<Prices>> ParsePrices(const std::string& text, const std::string& option);

// What a price list, a YAML file, says of a model; nullopt: nothing. Its members are PROVIDER/NAME or PROVIDER/PREFIX*,
// of which the longest that fits counts; each is {input, output, cached}, US dollars a million tokens, cached optional.
Result<std::optional<Prices>> PricesFromList(const std::string& path, const std::string& model);

// The endpoint settings of a model on the command line, completed and checked for a key.
struct EndpointOptions {
  std::string base_url;
  std::string api_key_env;
  std::string api_key_env_option;  // "--api-key-env"
  std::vector<std::string> arguments;
  std::string arguments_option;  // "-M"
  std::vector<std::string> extra_body;  // KEY=JSON
  std::vector<std::string> headers;
  std::string headers_option;  // "--model-header"
  std::string prices;
  std::string prices_option;
  std::string price_list;
  LlamaOptions llama;
  Generation generation;
  double timeout_s = 0;
  int max_retries = 6;
  int max_connections = 0;
  bool cache = true;
};
Result<ModelSpec> SpecOf(const std::string& model, const EndpointOptions& options);

// An address, a key and headers are of one provider: refuses them for `models` of several.
// `judges`: the options are those of judges.
Result<void> CheckOneProvider(const std::vector<std::string>& models, const std::string& base_url,
                              const std::string& api_key_env,
                              const std::vector<std::string>& headers, bool judges = false);

// The files of `options`, which can be read.
Result<HttpTls> TlsOf(const TlsOptions& options);

// What scripted/a, scripted/b and scripted/idle play: the oracles of `tasks`, which outlives it. For
// tasks that are answered, not acted on: scripted/gold plays the oracle of the right answer, scripted/KEY
// that of one answer, scripted/random any of them.
ScriptSource OraclesOf(const TaskSource& tasks);

// Earlier replies in the store; none until there is one to read from.
class StoreCache : public CallCache {
 public:
  void ReadFrom(StoreReader& reader) { reader_ = &reader; }  // outlives the last Find
  std::unique_ptr<Reply> Find(const std::string& request_digest, int epoch) override;

 private:
  StoreReader* reader_ = nullptr;
};

}  // namespace axiometer
