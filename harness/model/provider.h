#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "harness/io/clock.h"
#include "harness/io/http_client.h"
#include "harness/io/loop.h"
#include "harness/model/model.h"
#include "harness/model/script.h"

namespace axiometer {

// From "PROVIDER/NAME" to a model, in three steps: parse, complete, make.

// Providers: openai, scripted, replay. Only provider and name are set; the name is everything after
// the first slash, verbatim.
Result<ModelSpec> ParseModelName(std::string_view text);

// Fills in what an endpoint needs and the user did not give: the base URL (OPENAI_BASE_URL, else
// https://api.openai.com/v1) and the key's variable (OPENAI_API_KEY). Checks the URL and takes
// slashes off its end. Variables are looked up as in key.h. Other providers stay as they are.
Result<ModelSpec> CompleteEndpoint(ModelSpec spec, const std::string& start_directory);

// The key of a completed spec. Empty: the provider has none, or the endpoint is on this machine and
// the variable is not set. An endpoint elsewhere needs one.
Result<std::string> EndpointKey(const ModelSpec& spec, const std::string& start_directory);

// http://localhost, 127.x.y.z or [::1].
bool IsLoopbackUrl(std::string_view url);

struct ModelServices {
  Loop& loop;
  Clock& clock;
  HttpClient& http;
  CallCache* cache = nullptr;         // may be null
  ScriptSource scripts = {};               // may be empty: then only scripted/random plays
  std::vector<std::string> personas = {};  // that `scripts` knows besides a, b and idle
  uint64_t seed = 0;
  std::string key = {};  // of an endpoint; see EndpointKey
};

// Of a completed spec. What `services` refers to outlives the model.
Result<std::unique_ptr<Model>> MakeModel(const ModelSpec& spec, ModelServices services);

}  // namespace axiometer
