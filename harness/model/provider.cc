#include "harness/model/provider.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "harness/base/nearest.h"
#include "harness/base/utf8.h"
#include "harness/model/endpoint_model.h"
#include "harness/model/key.h"
#include "harness/model/openai_chat.h"
#include "harness/model/replay_model.h"
#include "harness/model/reply_text.h"
#include "harness/model/scripted_model.h"

namespace axiometer {
namespace {

constexpr char kOpenAiUrl[] = "https://api.openai.com/v1";

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

// Body members that the harness writes itself, or that change what comes back.
bool IsReserved(const std::string& name) {
  static constexpr std::string_view kReserved[] = {"model",
                                                   "messages",
                                                   "tools",
                                                   "tool_choice",
                                                   "temperature",
                                                   "max_tokens",
                                                   "parallel_tool_calls",
                                                   "n",
                                                   "seed",
                                                   "stop",
                                                   "top_p",
                                                   "reasoning_effort",
                                                   "logprobs",
                                                   "top_logprobs",
                                                   "response_format",
                                                   "stream",
                                                   "stream_options"};
  return std::find(std::begin(kReserved), std::end(kReserved), name) != std::end(kReserved);
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
  static const std::string kProviders[] = {"openai", "scripted", "replay"};
  const std::string where = std::string("model \"") + OneLine(text, 200) + "\"";
  const size_t slash = text.find('/');
  const std::string provider(text.substr(0, slash));
  const bool known =
      std::find(std::begin(kProviders), std::end(kProviders), provider) != std::end(kProviders);
  if (slash == std::string_view::npos && !known) {
    return UsageError(where, "expected PROVIDER/NAME, such as openai/" +
                                 (text.empty() ? "NAME" : OneLine(text, 200)));
  }
  if (!known) {
    return UsageError(where, "unknown provider \"" + OneLine(provider, 100) + "\"",
                      DidYouMean(provider, kProviders, "there are openai, scripted and replay"));
  }
  if (slash == std::string_view::npos || slash + 1 == text.size()) {
    return UsageError(where, "no name after the provider",
                      "expected " + provider + (provider == "replay" ? "/FILE" : "/NAME"));
  }
  ModelSpec spec;
  spec.provider = provider;
  spec.name = text.substr(slash + 1);
  return spec;
}

Result<ModelSpec> CompleteEndpoint(ModelSpec spec, const std::string& start_directory) {
  if (spec.provider != "openai") return spec;
  std::string hint = "see --base-url";
  if (spec.base_url.empty()) {
    const Result<std::optional<std::string>> url = FindVariable("OPENAI_BASE_URL", start_directory);
    if (!url) return url.error();
    spec.base_url = url->value_or(kOpenAiUrl);
    hint = "see OPENAI_BASE_URL";
  }
  if (spec.key_env.empty()) spec.key_env = "OPENAI_API_KEY";
  const std::string problem = UrlProblem(spec.base_url);
  if (!problem.empty()) return UsageError(Endpoint(spec), problem, hint);
  while (spec.base_url.ends_with('/')) spec.base_url.pop_back();
  return spec;
}

Result<std::string> EndpointKey(const ModelSpec& spec, const std::string& start_directory) {
  if (spec.base_url.empty() || spec.key_env.empty()) return std::string();
  const Result<std::optional<std::string>> found = FindVariable(spec.key_env, start_directory);
  if (!found) return found.error();
  if (*found) return FindKey(spec.key_env, start_directory);
  if (IsLoopbackUrl(spec.base_url)) return std::string();
  return UsageError(Endpoint(spec), "no API key",
                    "set " + spec.key_env + ", or name another variable with --api-key-env");
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
  if (spec.provider == "openai") {
    for (const auto& [name, value] : spec.arguments) {
      if (IsReserved(name)) {
        return UsageError("-M " + name, "the request has this member already",
                          "use the option of that name if there is one");
      }
    }
    return MakeEndpointModel(spec, MakeOpenAiChat(spec), services.loop, services.clock, services.http,
                             services.cache, {std::move(services.key), {}}, services.seed);
  }
  return UsageError("", "unknown provider \"" + spec.provider + "\"");
}

}  // namespace axiometer
