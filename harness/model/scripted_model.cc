#include "harness/model/scripted_model.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <utility>

#include "harness/base/digest.h"
#include "harness/base/json.h"
#include "harness/base/nearest.h"
#include "harness/model/random_walk.h"

namespace axiometer {
namespace {

constexpr int64_t kMaxLatencyMs = 3'600'000;

int64_t Tokens(size_t bytes) { return static_cast<int64_t>((bytes + 3) / 4); }

Message Play(const ScriptStep& step, int64_t turn) {
  Message message;
  message.role = Role::kAssistant;
  message.text = step.say;
  Json raw = Json::object();
  raw["role"] = "assistant";
  const bool calls_alone = !step.tool.empty() && step.say.empty();
  raw["content"] = calls_alone ? Json(nullptr) : Json(step.say);
  if (!step.tool.empty()) {
    ToolCall call;
    call.id = "call_" + std::to_string(turn);
    call.name = step.tool;
    call.arguments = step.arguments.empty() ? "{}" : step.arguments;
    Json function = Json::object();
    function["name"] = call.name;
    function["arguments"] = call.arguments;
    Json entry = Json::object();
    entry["id"] = call.id;
    entry["type"] = "function";
    entry["function"] = std::move(function);
    raw["tool_calls"] = Json::array();
    raw["tool_calls"].push_back(std::move(entry));
    message.tool_calls.push_back(std::move(call));
  }
  message.raw = DumpJson(raw);
  return message;
}

// Log-probabilities of a one-token reply that is drawn from `answers`: `said` is the likeliest, the others
// share what it leaves, more or less evenly, as `seed` and the request say.
std::string LogprobsOf(const std::string& said, const std::vector<ScriptStep>& answers, const Request& request,
                       uint64_t seed) {
  std::vector<double> weights;
  double sum = 0;
  for (size_t i = 0; i < answers.size(); ++i) {
    const std::string digest = Sha256(std::to_string(seed) + '\n' + request.task + '\n' +
                                      std::to_string(request.epoch) + '\n' + std::to_string(i));
    const double drawn = static_cast<double>(std::stoul(digest.substr(0, 6), nullptr, 16)) / 0x1000000;
    weights.push_back(answers[i].say == said ? 1 + drawn : drawn);
    sum += weights.back();
  }
  Json token = Json::object();
  Json top = Json::array();
  for (size_t i = 0; i < answers.size(); ++i) {
    Json entry = Json::object();
    entry["token"] = answers[i].say;
    entry["logprob"] = std::log(std::max(weights[i], 1e-9) / sum);
    if (answers[i].say == said) token = entry;
    top.push_back(std::move(entry));
  }
  if (answers.empty()) token = Json{{"token", said}, {"logprob", 0.0}};
  token["top_logprobs"] = std::move(top);
  Json content = Json::object();
  content["content"] = Json::array();
  content["content"].push_back(std::move(token));
  return DumpJson(content);
}

class ScriptedModel : public Model {
 public:
  ScriptedModel(const ModelSpec& spec, Clock& clock, ScriptSource scripts, uint64_t seed,
                int64_t latency_ms)
      : spec_(spec),
        clock_(clock),
        scripts_(std::move(scripts)),
        seed_(seed),
        latency_ms_(latency_ms) {}

  const ModelSpec& spec() const override { return spec_; }

  EndpointState state() const override {
    EndpointState state;
    state.in_flight = in_flight_;
    state.limit = 1000;
    state.last_error = last_error_;
    return state;
  }

  Async<Reply> Generate(const Request& request) override {
    const int64_t began_ms = clock_.NowMs();
    Reply reply;
    reply.tries = 1;
    if (latency_ms_ > 0) {
      ++in_flight_;
      const bool slept = co_await clock_.Sleep(latency_ms_);
      --in_flight_;
      if (!slept) {
        reply.status = CallStatus::kCancelled;
        reply.error = "cancelled";
        co_return reply;
      }
    }
    Answer(request, reply);
    reply.duration_us = (clock_.NowMs() - began_ms) * 1000;
    co_return reply;
  }

 private:
  void Answer(const Request& request, Reply& reply) {
    const auto turn =
        std::count_if(request.messages->begin(), request.messages->end(),
                      [](const Message& message) { return message.role == Role::kAssistant; });
    ScriptStep step;
    const Result<Script> script = FindScript(request);
    if (spec_.name == "random" && (!script || script->one_of.empty())) {
      step = RandomStep(request, seed_);
    } else {
      if (!script) {
        reply.status = CallStatus::kError;
        reply.error = "\"" + spec_.id() + "\": " + script.error().ToString();
        last_error_ = reply.error;
        return;
      }
      if (!script->one_of.empty()) {
        step = RandomAnswer(request, seed_, script->one_of);
      } else if (turn < static_cast<int64_t>(script->steps.size())) {
        step = script->steps[turn];
      } else {
        step.say = "Done.";
      }
    }
    reply.status = CallStatus::kOk;
    reply.message = Play(step, turn + 1);
    if (request.generation.top_logprobs.value_or(0) > 0 && step.tool.empty()) {
      const std::vector<ScriptStep> alone;
      reply.message.logprobs = LogprobsOf(step.say, script ? script->one_of : alone, request, seed_);
    }
    reply.finish_reason = step.tool.empty() ? "stop" : "tool_calls";
    reply.choices = 1;
    reply.response_model = spec_.id();
    for (const Message& message : *request.messages) {
      reply.usage.input_tokens +=
          Tokens(message.raw.empty() ? message.text.size() : message.raw.size());
    }
    reply.usage.output_tokens = Tokens(step.say.size() + step.tool.size() + step.arguments.size());
    if (spec_.prices) reply.usage.cost_usd = CostUsd(reply.usage, *spec_.prices);
  }

  Result<Script> FindScript(const Request& request) const {
    if (!scripts_) return Failed("", "no scripts here for task \"" + request.task + "\"");
    return scripts_(spec_.name, request);
  }

  const ModelSpec spec_;
  Clock& clock_;
  const ScriptSource scripts_;
  const uint64_t seed_;
  const int64_t latency_ms_;
  int in_flight_ = 0;
  std::string last_error_;
};

std::optional<uint64_t> WholeNumber(std::string_view text) {
  uint64_t value = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end.ec != std::errc() || end.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

Result<std::unique_ptr<Model>> MakeScriptedModel(const ModelSpec& spec, Clock& clock,
                                                 ScriptSource scripts, uint64_t seed) {
  int64_t latency_ms = 0;
  for (const auto& [name, value] : spec.arguments) {
    if (name != "seed" && name != "latency_ms") {
      const std::string known[] = {"latency_ms", "seed"};
      return UsageError("-M " + name, "no such argument of \"" + spec.id() + "\"",
                        DidYouMean(name, known, "there are latency_ms and seed"));
    }
    const std::optional<uint64_t> number = WholeNumber(value);
    if (!number) {
      return UsageError("-M " + name, "expected a whole number, got \"" + value + "\"");
    }
    if (name == "seed") {
      seed = *number;
    } else if (*number > static_cast<uint64_t>(kMaxLatencyMs)) {
      return UsageError("-M " + name,
                        "expected at most " + std::to_string(kMaxLatencyMs) + ", got " + value);
    } else {
      latency_ms = static_cast<int64_t>(*number);
    }
  }
  return std::unique_ptr<Model>(
      std::make_unique<ScriptedModel>(spec, clock, std::move(scripts), seed, latency_ms));
}

}  // namespace axiometer
