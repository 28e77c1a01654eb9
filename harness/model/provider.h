#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "harness/io/clock.h"
#include "harness/io/http_client.h"
#include "harness/io/loop.h"
#include "harness/model/batch_model.h"
#include "harness/model/llama_server.h"
#include "harness/model/model.h"
#include "harness/model/script.h"
#include "harness/model/wire_format.h"

namespace axiometer {

// From "PROVIDER/NAME" to a model, in three steps: parse, complete, make.

// Providers: openai (chat completions), openai-responses, anthropic, gemini; llama (a GGUF file: llama_model.h) and
// command (a program: command_transport.h) on this machine; scripted, replay. Only
// provider and name are set; the name is everything after the first slash, verbatim.
Result<ModelSpec> ParseModelName(std::string_view text);

bool HasEndpoint(const ModelSpec& spec);  // whether its provider is asked over HTTP, at an address
bool IsReal(const ModelSpec& spec);       // whether a language model answers, wherever it is
bool HasBatches(const ModelSpec& spec);   // whether its provider takes requests in batches
bool HasJsonMode(const ModelSpec& spec);  // whether response_format json_object reaches the model

// What providers share keys and addresses, of a PROVIDER/NAME; empty: no endpoint.
std::string ProviderFamily(std::string_view model);

// Fills in what an endpoint needs and the user did not give, from the provider's own variables: the
// base URL (OPENAI_BASE_URL, ANTHROPIC_BASE_URL, GOOGLE_GEMINI_BASE_URL, else the provider's
// address) and the key's variable (OPENAI_API_KEY; ANTHROPIC_API_KEY; GEMINI_API_KEY, else
// GOOGLE_API_KEY). Checks the URL and takes slashes off its end. Variables are looked up as in key.h;
// an address of a .env file, unless of this machine, is refused beside a key of the environment.
// Of llama the file is read: its digest, and a context where none is set, of at most kDefaultContext and what the model was
// trained on. Other providers stay as they are.
Result<ModelSpec> CompleteEndpoint(ModelSpec spec, const std::string& start_directory);

// Fills in the settings that a provider demands: max_tokens of anthropic.
void CompleteGeneration(ModelSpec& spec);

inline constexpr int kDefaultContext = 8192;

// The key of a completed spec. Empty: the provider has none, or the endpoint is on this machine and
// the variable is not set. An endpoint elsewhere needs one. A key that looks like another
// provider's is refused at the provider's own address, before it is sent.
Result<std::string> EndpointKey(const ModelSpec& spec, const std::string& start_directory);

// ModelSpec::headers with their values; $NAME and ${NAME} are variables, looked up as in key.h.
Result<HttpHeaders> EndpointHeaders(const ModelSpec& spec, const std::string& start_directory);

// http://localhost, 127.x.y.z or [::1].
bool IsLoopbackUrl(std::string_view url);

struct ModelServices {
  Loop& loop;
  Clock& clock;
  HttpTransport& http;
  LlamaServers* llama = nullptr;           // needed by llama
  CallCache* cache = nullptr;              // may be null
  ScriptSource scripts = {};               // may be empty: then only scripted/random plays
  std::vector<std::string> personas = {};  // that `scripts` knows besides a, b and idle
  uint64_t seed = 0;
  std::string key = {};      // of an endpoint; see EndpointKey
  HttpHeaders headers = {};  // see EndpointHeaders
  BatchLog* batches = nullptr;  // not null: models behind an endpoint are asked in batches
  BatchSettings batch_settings = {};
};

// Of a completed spec. Refuses a generation setting, or batches, that the provider does not have. What
// `services` refers to outlives the model.
Result<std::unique_ptr<Model>> MakeModel(const ModelSpec& spec, ModelServices services);

}  // namespace axiometer
