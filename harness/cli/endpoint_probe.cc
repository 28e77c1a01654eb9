#include "harness/cli/endpoint_probe.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "harness/base/json.h"
#include "harness/base/utc.h"
#include "harness/base/utf8.h"
#include "harness/model/provider.h"
#include "harness/model/wire_format.h"

namespace axiometer {
namespace {

using State = EndpointFacts::State;

constexpr const char* kTool =
    R"([{"type":"function","function":{"name":"look_up","description":"Looks a word up.",)"
    R"("parameters":{"type":"object","properties":{"word":{"type":"string"}},"required":["word"]}}}])";
constexpr int kSameTries = 3;  // of one request, for determinism and latency
constexpr int64_t kMostSkewS = 5;
constexpr int kMostTokens = 256;  // of a reply; a model that reasons first may need them

// Remembers the headers of all replies, of each name the last.
class Listening : public HttpTransport {
 public:
  explicit Listening(HttpTransport& inner) : inner_(inner) {}
  Async<HttpReply> Perform(const HttpRequest& request) override {
    HttpReply reply = co_await inner_.Perform(request);
    for (const auto& [name, value] : reply.headers) headers_[name] = value;
    co_return reply;
  }
  const std::map<std::string, std::string>& headers() const { return headers_; }

 private:
  HttpTransport& inner_;
  std::map<std::string, std::string> headers_;
};

Async<> AskInto(Model& model, const Request& request, Reply& reply) {
  reply = co_await model.Generate(request);
}
Async<> PerformInto(HttpTransport& http, const HttpRequest& request, HttpReply& reply) {
  reply = co_await http.Perform(request);
}
Async<> PrepareInto(Model& model, Result<void>& ready) { ready = co_await model.Prepare(); }

// Whether the first token came with the tokens that might have stood there.
bool ListsAlternatives(const std::string& logprobs) {
  const Result<Json> json = ParseJson(logprobs.empty() ? "{}" : logprobs, "log-probabilities");
  if (!json || !json->is_object() || !json->contains("content")) return false;
  const Json& content = json->at("content");
  if (!content.is_array() || content.empty() || !content.front().is_object()) return false;
  const auto top = content.front().find("top_logprobs");
  return top != content.front().end() && top->is_array() && !top->empty();
}

const char* const kCallIt = "Call the tool look_up with the word \"rudder\".";

Message User(const std::string& text) {
  Message message;
  message.text = text;
  return message;
}

std::string Milliseconds(int64_t us) { return std::to_string((us + 500) / 1000) + " ms"; }

class Probe {
 public:
  Probe(const ModelSpec& spec, const Machinery& machinery)
      : spec_(spec), machinery_(machinery), listening_(machinery.http) {
    spec_.cache = false;
    spec_.max_retries = std::min(spec_.max_retries, 1);
    if (!spec_.generation.max_tokens) spec_.generation.max_tokens = kMostTokens;
  }

  Result<EndpointFacts> Run() {
    Result<std::unique_ptr<Model>> model = Make(spec_);
    if (!model) return std::move(model).error();
    model_ = std::move(*model);
    Result<void> ready;
    machinery_.loop.Spawn(PrepareInto(*model_, ready));
    machinery_.loop.Run();
    if (!ready) return ready.error();
    LookAtAnswer();
    if (!facts_.answers) return facts_;
    LookAtSystem();
    LookAtTools();
    LookAtJson();
    LookAtLogprobs();
    LookAtDeterminism();
    LookAtStreaming();
    LookAtContext();
    LookAtHeaders();
    return facts_;
  }

 private:
  Result<std::unique_ptr<Model>> Make(const ModelSpec& spec) {
    Result<ModelServices> services = ServicesFor(spec, machinery_, &listening_);
    if (!services) return std::move(services).error();
    key_ = services->key;
    return MakeModel(spec, std::move(*services));
  }

  Request Ask() const {
    Request request;
    request.generation = spec_.generation;
    return request;
  }

  Reply Send(Model& model, const std::vector<Message>& messages, Request request) {
    request.messages = &messages;
    Reply reply;
    machinery_.loop.Spawn(AskInto(model, request, reply));
    machinery_.loop.Run();
    facts_.requests += reply.tries;
    facts_.usage += reply.usage;
    return reply;
  }
  Reply Send(const std::vector<Message>& messages, Request request) {
    return Send(*model_, messages, std::move(request));
  }

  void Say(const std::string& name, State state, std::string text) {
    facts_.findings.push_back({name, state, std::move(text)});
  }

  // yes and no in one: what it means that the request was answered, or the endpoint's own words why
  // not.
  void SayAnswered(const std::string& name, const Reply& reply, const std::string& fine,
                   const std::string& what) {
    const bool ok = reply.status == CallStatus::kOk;
    Say(name, ok ? State::kYes : State::kNo, ok ? fine : what + ": " + reply.error);
  }

  void LookAtAnswer() {
    const Reply reply = Send({User("Say the word rudder.")}, Ask());
    if (reply.status != CallStatus::kOk) {
      Say("endpoint", State::kNo, spec_.id() + ": " + reply.error);
      return;
    }
    facts_.answers = true;
    Say("endpoint", State::kYes,
        spec_.id() + " answers" +
            (reply.response_model.empty() ? "" : " as " + Quoted(reply.response_model)));
    const bool counts = reply.usage.tokens() > 0;
    Say("usage", counts ? State::kYes : State::kNo,
        counts ? "tokens are counted"
               : "the endpoint counts no tokens: limits of tokens and costs will not work");
  }

  void LookAtSystem() {
    Message system;
    system.role = Role::kSystem;
    system.text = "You answer with one word.";
    SayAnswered("system", Send({system, User("Say the word rudder.")}, Ask()),
                "a system message is taken",
                "a conversation with a system message fails, which most suites begin with");
  }

  void LookAtTools() {
    Request request = Ask();
    request.tools = kTool;
    request.tool_choice = "required";
    const std::vector<Message> asked = {User(kCallIt)};
    Reply called = Send(asked, request);
    if (called.status != CallStatus::kOk) {  // some know tools, and not that a call can be required
      request.tool_choice = "auto";
      called = Send(asked, request);
    }
    if (called.status != CallStatus::kOk) {
      Say("tools", State::kNo, "a request with tools fails: " + called.error);
      return;
    }
    if (called.message.tool_calls.empty()) {
      const bool cut = called.finish_reason == "length";
      Say("tools", cut ? State::kUnknown : State::kNo,
          cut ? "no call came within the tokens of one reply: try again with a larger --max-tokens"
          : request.tool_choice == "required"
              ? "a tool call that was required was not made: tools are ignored; agent tasks need "
                "--scaffold react_json"
              : "a tool call that was asked for was not made");
      return;
    }
    Say("tools", State::kYes, "native tool calls work");
    request.tool_choice = "auto";
    std::vector<Message> conversation = asked;
    conversation.push_back(called.message);
    for (const ToolCall& call : called.message.tool_calls) {
      Message result;
      result.role = Role::kTool;
      result.text = R"({"success": true, "meaning": "what steers a ship"})";
      result.tool_call_id = call.id;
      result.tool_name = call.name;
      conversation.push_back(std::move(result));
    }
    SayAnswered("tool_results", Send(conversation, request),
                "a conversation goes on after a tool's result",
                "a conversation with a tool's result fails");
    const Reply both = Send(
        {User("Call look_up twice in this one turn: for \"rudder\" and for \"anchor\".")}, request);
    const size_t calls = both.message.tool_calls.size();
    Say("parallel_tools",
        both.status == CallStatus::kOk && calls >= 2 ? State::kYes : State::kUnknown,
        both.status != CallStatus::kOk ? "the request failed: " + both.error
        : calls >= 2                   ? "several calls in one turn work"
                     : "asked for two calls in one turn, it made " + std::to_string(calls) +
                           ": it may do one at a time, which every suite bears");
    LookAtBrokenCalls(called.message.tool_calls.front(), asked, request);
  }

  // Models write arguments that are no JSON now and then. What is sent back to them must not end
  // the sample.
  void LookAtBrokenCalls(const ToolCall& made, std::vector<Message> conversation,
                         const Request& request) {
    Message broken;
    broken.role = Role::kAssistant;
    broken.tool_calls = {
        {made.id.empty() ? "call_1" : made.id, "look_up", "{\"word\": \"rud", false}};
    conversation.push_back(broken);
    Message result;
    result.role = Role::kTool;
    result.text = R"({"success": false, "error": "the arguments are no JSON object"})";
    result.tool_call_id = broken.tool_calls.front().id;
    result.tool_name = "look_up";
    conversation.push_back(std::move(result));
    SayAnswered("broken_calls", Send(conversation, request),
                "a call with broken arguments may stay in the conversation",
                "a conversation in which the model once wrote broken arguments fails, which will "
                "end such samples as "
                "model_error");
  }

  void LookAtJson() {
    Request request = Ask();
    request.response_format = R"({"type":"json_object"})";
    const Reply json =
        Send({User("Answer with the JSON object {\"ok\": true} and nothing else.")}, request);
    const Result<Json> read = ParseJson(json.message.text, "reply");
    const bool is_json = json.status == CallStatus::kOk && read && read->is_object();
    Say("json_mode", is_json ? State::kYes : State::kNo,
        is_json ? "JSON mode works: it can judge"
        : json.status == CallStatus::kOk
            ? "JSON mode gave no JSON: as a judge its verdicts may be unreadable"
            : "a request for JSON fails: " + json.error);
    request.response_format =
        R"({"type":"json_schema","json_schema":{"name":"answer","schema":{"type":"object","properties":)"
        R"({"side":{"enum":["port","starboard"]}},"required":["side"],"additionalProperties":false}}})";
    // A text that by itself would not give this object.
    const Reply constrained = Send({User("Name a fruit.")}, request);
    const Result<Json> object = ParseJson(constrained.message.text, "reply");
    const bool obeys =
        constrained.status == CallStatus::kOk && object && object->is_object() &&
        object->size() == 1 &&
        (object->value("side", Json()) == "port" || object->value("side", Json()) == "starboard");
    Say("json_schema", obeys ? State::kYes : State::kNo,
        obeys ? "replies are constrained by a JSON schema: --scaffold react_json works well"
        : constrained.status == CallStatus::kOk
            ? "a JSON schema does not constrain the reply: --scaffold react_json depends on the "
              "model's obedience"
            : "a request with a JSON schema fails: " + constrained.error);
  }

  void LookAtLogprobs() {
    Request request = Ask();
    request.generation.top_logprobs = 5;
    const Reply reply = Send({User("Say the word rudder.")}, request);
    const bool fine = reply.status == CallStatus::kOk && ListsAlternatives(reply.message.logprobs);
    Say("logprobs", fine ? State::kYes : State::kNo,
        fine ? "log-probabilities come with the likeliest tokens: -T elicitation=likelihood works"
        : reply.status != CallStatus::kOk ? "a request for log-probabilities fails: " + reply.error
                                          : "no log-probabilities came: -T elicitation=likelihood "
                                            "will read no answer, generate will");
  }

  void LookAtDeterminism() {
    Request request = Ask();
    request.generation.temperature = 0;
    if (spec_.provider != "anthropic" && spec_.provider != "openai-responses")
      request.generation.seed = 7;
    const std::vector<Message> asked = {User("Write one sentence about a ship's rudder.")};
    std::vector<std::string> texts;
    std::string problem;
    for (int i = 0; i < kSameTries; ++i) {
      const Reply reply = Send(asked, request);
      if (reply.status != CallStatus::kOk) {
        problem = reply.error;
        continue;
      }
      texts.push_back(reply.message.text);
      latencies_us_.push_back(reply.duration_us);
    }
    if (texts.size() < 2) {
      Say("determinism", State::kUnknown, "requests with temperature 0 fail: " + problem);
      return;
    }
    const bool same = std::equal(texts.begin() + 1, texts.end(), texts.begin());
    Say("determinism", same ? State::kYes : State::kNo,
        same ? "the same request gave the same text " + std::to_string(texts.size()) +
                   " times at temperature 0"
             : "the same request at temperature 0 gave different texts: repeats (--epochs) say how "
               "much that matters");
  }

  void LookAtStreaming() {
    if (spec_.provider == "llama" || spec_.provider == "command")
      return;  // ours, and no need of it
    ModelSpec streamed = spec_;
    streamed.arguments["stream"] = "true";
    Result<std::unique_ptr<Model>> model = Make(streamed);
    if (!model) return;
    const Reply reply = Send(**model, {User("Say the word rudder.")}, Ask());
    SayAnswered("streaming", reply, "-M stream=true works, where something on the way needs it",
                "streaming fails");
  }

  void LookAtContext() {
    if (spec_.server) {
      facts_.context = spec_.server->context;
    } else if (spec_.provider == "openai") {
      facts_.context = ContextOfModels();
    }
    if (facts_.context) {
      Say("context", State::kYes,
          std::to_string(*facts_.context) + " tokens of a request with its reply");
    } else {
      Say("context", State::kUnknown, "the endpoint does not say how long a conversation may be");
    }
  }

  // What the list of models says of this one; there is no standard member for it.
  std::optional<int64_t> ContextOfModels() {
    HttpRequest request;
    request.method = "GET";
    request.url = UrlWithPath(spec_.base_url, "/models");
    request.timeout_ms = 10'000;
    if (!key_.empty()) request.headers.emplace_back("Authorization", "Bearer " + key_);
    HttpReply reply;
    machinery_.loop.Spawn(PerformInto(machinery_.http, request, reply));
    machinery_.loop.Run();
    if (!reply.ok() || reply.status != 200) return std::nullopt;
    const Result<Json> json = ParseJson(reply.body, "models");
    if (!json || !json->is_object()) return std::nullopt;
    const Json models = json->value("data", Json::array());
    if (!models.is_array()) return std::nullopt;
    for (const Json& model : models) {
      if (!model.is_object() || (models.size() > 1 && model.value("id", Json()) != spec_.name))
        continue;
      for (const char* name :
           {"max_model_len", "context_length", "context_window", "max_context_length", "n_ctx"}) {
        const auto found = model.find(name);
        if (found != model.end() && found->is_number_integer() && found->get<int64_t>() > 0)
          return found->get<int64_t>();
      }
    }
    return std::nullopt;
  }

  void LookAtHeaders() {
    std::string limits;
    std::optional<int64_t> sent;
    for (const auto& [name, value] : listening_.headers()) {
      if (name == "date") sent = HttpDate(value);
      const bool limit =
          name.find("ratelimit") != std::string::npos && name.find("limit-") != std::string::npos;
      if (limit && limits.size() < 300)
        limits += (limits.empty() ? "" : ", ") + name + ": " + value;
    }
    Say("rate_limits", limits.empty() ? State::kUnknown : State::kYes,
        limits.empty() ? "no rate-limit headers: how much it bears is found out while it works"
                       : limits);
    if (!latencies_us_.empty()) {
      std::sort(latencies_us_.begin(), latencies_us_.end());
      Say("latency", State::kYes,
          Milliseconds(latencies_us_[latencies_us_.size() / 2]) + " at the median of " +
              std::to_string(latencies_us_.size()) + " short requests (" +
              Milliseconds(latencies_us_.front()) + " to " + Milliseconds(latencies_us_.back()) +
              ")");
    }
    if (!sent) return;
    const int64_t skew = *sent - machinery_.clock.WallMs() / 1000;
    const bool near = std::abs(skew) <= kMostSkewS;
    Say("clock", near ? State::kYes : State::kNo,
        near ? "its clock and ours agree"
             : "its clock is " + std::to_string(std::abs(skew)) + " s " +
                   (skew > 0 ? "ahead of" : "behind") +
                   " ours; times that it names are read by its own");
  }

  ModelSpec spec_;
  const Machinery& machinery_;
  Listening listening_;
  std::string key_;
  std::unique_ptr<Model> model_;
  std::vector<int64_t> latencies_us_;
  EndpointFacts facts_;
};

}  // namespace

Result<void> CheckToolCalls(const Experiment& experiment, const Machinery& machinery) {
  ModelSpec spec = experiment.spec.model;
  spec.max_retries = 0;
  spec.cache = false;
  Result<std::unique_ptr<Model>> model = MakeOne(experiment, spec, machinery);
  if (!model) return std::move(model).error();
  const std::vector<Message> messages = {User(kCallIt)};
  const auto ask = [&](const char* tools, const char* choice) {
    Request request;
    request.messages = &messages;
    request.generation = spec.generation;
    request.tools = tools;
    request.tool_choice = choice;
    Reply reply;
    machinery.loop.Spawn(AskInto(**model, request, reply));
    machinery.loop.Run();
    return reply;
  };
  const auto refused = [](const Reply& reply) {
    return reply.status == CallStatus::kError &&
           (reply.http_status == 400 || reply.http_status == 404 || reply.http_status == 422 ||
            reply.http_status == 501);
  };
  const std::string where = "endpoint " + Quoted(spec.id());
  const std::string mend = "give --scaffold react_json, or --no-preflight to go on regardless";
  const Reply required = ask(kTool, "required");
  if (required.status == CallStatus::kOk) {
    if (!required.message.tool_calls.empty() || required.finish_reason == "length") return {};
    return UsageError(
        where,
        "a tool call that was required was not made: it ignores tools, and agents could not act",
        mend);
  }
  if (!refused(required)) return {};
  const Reply offered = ask(kTool, "auto");  // some know tools, and not that a call can be required
  if (!refused(offered)) return {};
  const Reply plain = ask("", "");
  if (plain.status != CallStatus::kOk) return {};
  return UsageError(
      where,
      "it refuses requests with tools, without which agents cannot act (" + offered.error + ")",
      mend);
}

State EndpointFacts::StateOf(const std::string& name) const {
  for (const Finding& finding : findings) {
    if (finding.name == name) return finding.state;
  }
  return State::kUnknown;
}

const char* FindingStateName(State state) {
  switch (state) {
    case State::kYes:
      return "yes";
    case State::kNo:
      return "no";
    case State::kUnknown:
      break;
  }
  return "unknown";
}

Result<EndpointFacts> ProbeEndpoint(const ModelSpec& spec, const Machinery& machinery) {
  return Probe(spec, machinery).Run();
}

}  // namespace axiometer
