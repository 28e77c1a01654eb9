#include "harness/model/provider.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "harness/base/nearest.h"
#include "harness/base/utf8.h"
#include "harness/model/anthropic_messages.h"
#include "harness/model/command_model.h"
#include "harness/model/endpoint_model.h"
#include "harness/model/gemini_generate.h"
#include "harness/model/gguf.h"
#include "harness/model/key.h"
#include "harness/model/llama_model.h"
#include "harness/model/openai_chat.h"
#include "harness/model/openai_responses.h"
#include "harness/model/replay_model.h"
#include "harness/model/reply_text.h"
#include "harness/model/scripted_model.h"

namespace axiometer {
namespace {

// One row a provider with an endpoint.
struct Provider {
  const char* name;
  const char* family;  // whose keys and addresses it shares
  const char* url;
  const char* url_env;
  std::vector<const char*> key_envs;  // the first that is set
  std::unique_ptr<WireFormat> (*make)(const ModelSpec& spec);
  std::unique_ptr<BatchService> (*make_batches)(const ModelSpec& spec, const WireFormat& format, Clock& clock);  // null: none
  bool json_mode;
  // Body members that the harness writes itself, or that change what comes back; "a.b" is the
  // member b of a.
  std::vector<std::string_view> reserved;
};

std::unique_ptr<BatchService> OpenAiBatchesOf(const ModelSpec& spec, const WireFormat&, Clock& clock) {
  return MakeOpenAiBatches(spec, clock);
}

std::unique_ptr<BatchService> AnthropicBatchesOf(const ModelSpec&, const WireFormat& format, Clock&) {
  return MakeAnthropicBatches(format.url());
}

const std::vector<Provider>& Providers() {
  static const std::vector<Provider> providers = {
      {"openai",
       "openai",
       "https://api.openai.com/v1",
       "OPENAI_BASE_URL",
       {"OPENAI_API_KEY"},
       MakeOpenAiChat,
       OpenAiBatchesOf,
       true,
       {"model", "messages", "tools", "tool_choice", "temperature", "max_tokens",
        "parallel_tool_calls", "n", "seed", "stop", "top_p", "reasoning_effort", "logprobs",
        "top_logprobs", "response_format", "stream_options"}},
      {"openai-responses",
       "openai",
       "https://api.openai.com/v1",
       "OPENAI_BASE_URL",
       {"OPENAI_API_KEY"},
       MakeOpenAiResponses,
       OpenAiBatchesOf,
       true,
       {"model", "input", "store", "tools", "tool_choice", "temperature", "max_output_tokens",
        "parallel_tool_calls", "top_p", "top_logprobs", "reasoning.effort", "text.format",
        "stream_options", "background", "previous_response_id", "conversation"}},
      {"anthropic",
       "anthropic",
       "https://api.anthropic.com",
       "ANTHROPIC_BASE_URL",
       {"ANTHROPIC_API_KEY"},
       MakeAnthropicMessages,
       AnthropicBatchesOf,
       false,
       {"model", "system", "messages", "tools", "tool_choice", "temperature", "max_tokens",
        "stop_sequences", "top_p", "output_config.effort", "output_config.format"}},
      {"gemini",
       "gemini",
       "https://generativelanguage.googleapis.com",
       "GOOGLE_GEMINI_BASE_URL",
       {"GEMINI_API_KEY", "GOOGLE_API_KEY"},
       MakeGeminiGenerate,
       nullptr,
       true,
       {"contents", "systemInstruction", "tools", "toolConfig", "generationConfig.temperature",
        "generationConfig.maxOutputTokens", "generationConfig.candidateCount",
        "generationConfig.seed", "generationConfig.stopSequences", "generationConfig.topP",
        "generationConfig.responseLogprobs", "generationConfig.logprobs",
        "generationConfig.responseMimeType", "generationConfig.responseJsonSchema"}},
  };
  return providers;
}

const Provider* FindProvider(const std::string& name) {
  for (const Provider& provider : Providers()) {
    if (provider.name == name) return &provider;
  }
  return nullptr;
}

// Whose key this looks like; empty: anybody's.
std::string_view MakerOfKey(std::string_view key) {
  if (key.starts_with("sk-ant-")) return "anthropic";
  if (key.starts_with("sk-or-")) return "OpenRouter";
  if (key.starts_with("sk-")) return "openai";
  if (key.starts_with("AIza")) return "gemini";
  return "";
}

std::string Endpoint(const ModelSpec& spec) { return "endpoint \"" + spec.id() + "\""; }

// user:password@host:port of a URL, without the scheme.
std::string_view Authority(std::string_view url) {
  const size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return {};
  url.remove_prefix(scheme + 3);
  return url.substr(0, url.find_first_of("/?#"));
}

// What is wrong with the base URL, or nothing.
std::string UrlProblem(const std::string& url) {
  const std::string lower = LowerAscii(url);
  const bool control = std::any_of(url.begin(), url.end(), [](char c) {
    return static_cast<unsigned char>(c) <= 0x20 || c == 0x7F;
  });
  const bool http = lower.starts_with("http://") || lower.starts_with("https://");
  const std::string_view authority = Authority(url);
  // Before anything shows the URL: it would be stored with the run.
  if (authority.find('@') != std::string_view::npos) {
    return "the base URL holds a user name or password";
  }
  if (!http || control || authority.empty() || authority.front() == ':') {
    return "base URL: expected http://HOST/… or https://HOST/…, got \"" + OneLine(url, 200) + "\"";
  }
  return "";
}

// The member of the body that the harness writes and `name` with this value would write too; empty:
// none.
std::string_view ReservedMember(const Provider& provider, const std::string& name,
                                const std::string& text) {
  for (const std::string_view member : provider.reserved) {
    if (member == name) return member;
    if (!member.starts_with(name + ".")) continue;
    const Result<Json> json = ParseJson(text, name);
    if (json && json->is_object() && json->contains(std::string(member.substr(name.size() + 1))))
      return member;
  }
  return {};
}

Result<void> CheckArguments(const Provider& provider, const ModelSpec& spec) {
  for (const auto& [name, text] : spec.arguments) {
    const std::string_view reserved = ReservedMember(provider, name, text);
    if (!reserved.empty()) {
      return UsageError("-M " + std::string(reserved), "the request has this member already",
                        "use the option of that name if there is one");
    }
  }
  const auto stream = spec.arguments.find("stream");
  if (stream != spec.arguments.end() && stream->second != "true" && stream->second != "false") {
    return UsageError("-M stream", "expected true or false, got \"" + OneLine(stream->second, 60) + "\"");
  }
  const auto cache = spec.arguments.find("cache_control");
  if (spec.provider == "anthropic" && cache != spec.arguments.end() && cache->second != "off" &&
      cache->second != "5m" && cache->second != "1h") {
    return UsageError("-M cache_control",
                      "expected off, 5m or 1h, got \"" + OneLine(cache->second, 60) + "\"");
  }
  return {};
}

// A visible character that may stand in a header's name (RFC 9110, section 5.1).
bool IsTokenChar(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

Result<void> CheckPersona(const ModelSpec& spec, const std::vector<std::string>& more) {
  std::vector<std::string> known = {"a", "b", "idle", "random"};
  known.insert(known.end(), more.begin(), more.end());
  if (std::find(known.begin(), known.end(), spec.name) != known.end()) return {};
  std::string list;
  for (const std::string& name : known) list += (list.empty() ? "" : ", ") + name;
  return UsageError("", "unknown persona \"" + spec.id() + "\"",
                    DidYouMean(spec.name, known, "there are " + list));
}

}  // namespace

Result<ModelSpec> ParseModelName(std::string_view text) {
  std::vector<std::string> names;
  for (const Provider& one : Providers()) names.emplace_back(one.name);
  names.insert(names.end(), {"llama", "command", "scripted", "replay"});
  const std::string where = std::string("model \"") + OneLine(text, 200) + "\"";
  const size_t slash = text.find('/');
  const std::string provider(text.substr(0, slash));
  const bool known = std::find(names.begin(), names.end(), provider) != names.end();
  if (slash == std::string_view::npos && !known) {
    return UsageError(where, "expected PROVIDER/NAME, such as openai/" +
                                 (text.empty() ? "NAME" : OneLine(text, 200)));
  }
  if (!known) {
    return UsageError(
        where, "unknown provider \"" + OneLine(provider, 100) + "\"",
        DidYouMean(provider, names,
                   "there are openai, openai-responses, anthropic, gemini, llama, command, scripted and replay"));
  }
  if (slash == std::string_view::npos || slash + 1 == text.size()) {
    return UsageError(where, "no name after the provider",
                      "expected " + provider + (provider == "replay"    ? "/FILE"
                                              : provider == "llama"   ? "/PATH.gguf"
                                              : provider == "command" ? "/PROGRAM"
                                                                      : "/NAME"));
  }
  ModelSpec spec;
  spec.provider = provider;
  spec.name = text.substr(slash + 1);
  return spec;
}

bool HasEndpoint(const ModelSpec& spec) { return FindProvider(spec.provider) != nullptr; }

bool IsReal(const ModelSpec& spec) {
  return HasEndpoint(spec) || spec.provider == "llama" || spec.provider == "command";
}

bool HasBatches(const ModelSpec& spec) {
  const Provider* provider = FindProvider(spec.provider);
  return provider != nullptr && provider->make_batches != nullptr;
}

bool HasJsonMode(const ModelSpec& spec) {
  const Provider* provider = FindProvider(spec.provider);
  return provider == nullptr || provider->json_mode;
}

std::string ProviderFamily(std::string_view model) {
  const Provider* provider = FindProvider(std::string(model.substr(0, model.find('/'))));
  return provider == nullptr ? "" : provider->family;
}

namespace {

bool IsSet(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

Result<ModelSpec> CompleteLlama(ModelSpec spec) {
  const Result<GgufFacts> facts = ReadGguf(spec.name);
  if (!facts) return facts.error();
  if (!facts->has_chat_template) {
    return UsageError("model file " + Quoted(spec.name), "has no chat template: it is a base model, which continues text and does not answer",
                      "name a model that was trained on conversations (\"instruct\", \"chat\")");
  }
  LocalServer server = spec.server.value_or(LocalServer());
  const int64_t trained = facts->context_length > 0 ? facts->context_length : kDefaultContext;
  if (server.context == 0) server.context = static_cast<int>(std::min<int64_t>(trained, kDefaultContext));
  server.file_digest = facts->file_digest;
  server.knows_tools = facts->template_knows_tools;
  spec.server = std::move(server);
  return spec;
}

}  // namespace

Result<ModelSpec> CompleteEndpoint(ModelSpec spec, const std::string& start_directory) {
  if (spec.provider == "llama") return CompleteLlama(std::move(spec));
  const Provider* provider = FindProvider(spec.provider);
  if (provider == nullptr) return spec;
  std::string hint = "see --base-url";
  bool url_of_a_file = false;
  if (spec.base_url.empty()) {
    const Result<std::optional<std::string>> url = FindVariable(provider->url_env, start_directory);
    if (!url) return url.error();
    spec.base_url = url->value_or(provider->url);
    url_of_a_file = url->has_value() && !IsSet(provider->url_env);
    hint = std::string("see ") + provider->url_env;
  }
  for (const char* name : provider->key_envs) {
    if (!spec.key_env.empty()) break;
    const Result<std::optional<std::string>> key = FindVariable(name, start_directory);
    if (!key) return key.error();
    if (*key) spec.key_env = name;
  }
  if (spec.key_env.empty()) spec.key_env = provider->key_envs.front();
  const std::string problem = UrlProblem(spec.base_url);
  if (!problem.empty()) return UsageError(Endpoint(spec), problem, hint);
  // A folder that came from elsewhere may hold a .env too.
  if (url_of_a_file && !IsLoopbackUrl(spec.base_url) && IsSet(spec.key_env.c_str())) {
    return UsageError(Endpoint(spec),
                      std::string(provider->url_env) + " stands in a .env file, and the key in " +
                          spec.key_env + " in the environment: it is not sent where a file says",
                      "give the address with --base-url, or put the key into that file alone");
  }
  while (spec.base_url.ends_with('/')) spec.base_url.pop_back();
  return spec;
}

void CompleteGeneration(ModelSpec& spec) {
  if (spec.provider == "anthropic" && !spec.generation.max_tokens)
    spec.generation.max_tokens = kAnthropicMaxTokens;
}

Result<std::string> EndpointKey(const ModelSpec& spec, const std::string& start_directory) {
  if (spec.base_url.empty() || spec.key_env.empty()) return std::string();
  const Result<std::optional<std::string>> found = FindVariable(spec.key_env, start_directory);
  if (!found) return found.error();
  if (*found) {
    Result<std::string> key = FindKey(spec.key_env, start_directory);
    const Provider* provider = FindProvider(spec.provider);
    if (!key || provider == nullptr || Authority(spec.base_url) != Authority(provider->url))
      return key;
    // Elsewhere anybody's key may be right; at the provider's own address only its own.
    const std::string_view maker = MakerOfKey(*key);
    if (maker.empty() || maker == provider->family) return key;
    return UsageError(Endpoint(spec),
                      "the key in " + spec.key_env + " looks like one of " + std::string(maker),
                      "name a variable that holds a key of " + std::string(provider->family) +
                          " with --api-key-env");
  }
  if (IsLoopbackUrl(spec.base_url)) return std::string();
  return UsageError(Endpoint(spec), "no API key",
                    "set " + spec.key_env + ", or name another variable with --api-key-env");
}

Result<HttpHeaders> EndpointHeaders(const ModelSpec& spec, const std::string& start_directory) {
  HttpHeaders headers;
  for (const auto& [name, text] : spec.headers) {
    const std::string where = "--model-header " + OneLine(name, 100);
    if (name.empty() || !std::all_of(name.begin(), name.end(), IsTokenChar)) {
      return UsageError(where, "a header's name has letters, digits and hyphens");
    }
    const std::string lower = LowerAscii(name);
    if (lower == "content-length" || lower == "transfer-encoding" || lower == "content-type") {
      return UsageError(where, "this header follows from the request", "leave it out");
    }
    std::string value = text;
    if (text.starts_with('$')) {
      std::string variable = text.substr(1);
      if (variable.starts_with('{') && variable.ends_with('}'))
        variable = variable.substr(1, variable.size() - 2);
      const Result<std::optional<std::string>> found = FindVariable(variable, start_directory);
      if (!found) return found.error();
      if (!*found) {
        return UsageError(where, OneLine(variable, 100) + " is not set",
                          "put it into the environment or a .env file");
      }
      value = **found;
    }
    const bool printable = std::all_of(value.begin(), value.end(), [](char c) {
      return static_cast<unsigned char>(c) >= 0x20 && c != 0x7F;
    });
    if (!printable) return UsageError(where, "the value holds a character that no header has");
    headers.emplace_back(name, std::move(value));
  }
  return headers;
}

bool IsLoopbackUrl(std::string_view url) {
  std::string_view host = Authority(url);
  if (host.starts_with('[')) {
    host = host.substr(0, host.find(']') + 1);
    return host == "[::1]";
  }
  const std::string name = LowerAscii(host.substr(0, host.find(':')));
  if (name == "localhost") return true;
  const bool numeric = name.find_first_not_of("0123456789.") == std::string::npos;
  return numeric && name.starts_with("127.");
}

namespace {

Result<void> CheckBatches(const ModelSpec& spec) {
  if (!HasBatches(spec)) {
    return UsageError(Endpoint(spec), "provider \"" + spec.provider + "\" has no batches",
                      "leave --batch out, or name a model of openai, openai-responses or anthropic");
  }
  const auto stream = spec.arguments.find("stream");
  if (stream != spec.arguments.end() && stream->second == "true") {
    return UsageError("-M stream", "there are no streams in a batch", "leave it out, or --batch");
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<Model>> MakeModel(const ModelSpec& spec, ModelServices services) {
  if (spec.provider == "scripted") {
    const Result<void> persona = CheckPersona(spec, services.personas);
    if (!persona) return persona.error();
    return MakeScriptedModel(spec, services.clock, std::move(services.scripts), services.seed);
  }
  if (spec.provider == "replay") {
    if (!spec.arguments.empty()) {
      return UsageError("-M " + spec.arguments.begin()->first,
                        "\"replay\" models have no arguments");
    }
    return MakeReplayModel(spec);
  }
  if (services.batches != nullptr) {
    const Result<void> able = CheckBatches(spec);
    if (!able) return able.error();
  }
  if (spec.provider == "llama" || spec.provider == "command") {
    const Result<void> checked = CheckArguments(*FindProvider("openai"), spec);
    if (!checked) return checked.error();
    if (spec.provider == "llama") {
      return MakeLlamaModel(spec, services.llama->For(services.loop, services.clock, services.http, spec), services.loop,
                            services.clock, services.http, services.cache, services.seed);
    }
    return MakeCommandModel(spec, services.loop, services.clock, services.cache, services.seed);
  }
  if (const Provider* provider = FindProvider(spec.provider)) {
    const Result<void> checked = CheckArguments(*provider, spec);
    if (!checked) return checked.error();
    std::unique_ptr<WireFormat> format = provider->make(spec);
    if (const std::string lacking = format->Lacks(spec.generation); !lacking.empty()) {
      return UsageError(Endpoint(spec), "provider \"" + spec.provider + "\" has no " + lacking,
                        "leave it out, or name a model of a provider that has it");
    }
    EndpointSecrets secrets{std::move(services.key), std::move(services.headers)};
    if (services.batches != nullptr) {
      std::unique_ptr<BatchService> batches = provider->make_batches(spec, *format, services.clock);
      return MakeBatchModel(spec, std::move(format), std::move(batches), services.loop, services.clock, services.http,
                            services.cache, *services.batches, std::move(secrets), services.batch_settings,
                            services.seed);
    }
    return MakeEndpointModel(spec, std::move(format), services.loop, services.clock, services.http, services.cache,
                             std::move(secrets), services.seed);
  }
  return UsageError("", "unknown provider \"" + spec.provider + "\"");
}

}  // namespace axiometer
