#include "harness/model/openai_stream.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

#include "harness/model/event_stream.h"
#include "harness/model/openai_chat.h"
#include "harness/model/reply_json.h"

namespace axiometer {
namespace {

// Sets what comes whole, once: ids and names, which some endpoints send with every delta.
void Keep(const Json& delta, Json& whole, const char* name) {
  const std::string text = TextOf(FindMember(delta, name));
  if (!text.empty() && TextOf(FindMember(whole, name)).empty()) whole[name] = text;
}

// The element of `list` with the delta's index; without one, the element at `place` of the delta.
Json& ElementOf(const Json& delta, size_t place, Json& list) {
  constexpr size_t kMostElements = 1000;
  const Json* index = FindMember(delta, "index");
  size_t at = index != nullptr && index->is_number_unsigned() ? index->get<size_t>() : place;
  at = std::min(at, kMostElements);
  while (list.size() <= at) list.push_back(Json::object());
  return list[at];
}

void JoinCalls(const Json& deltas, Json& calls) {
  for (size_t i = 0; i < deltas.size(); ++i) {
    Json& call = ElementOf(deltas[i], i, calls);
    Keep(deltas[i], call, "id");
    Keep(deltas[i], call, "type");
    const Json* function = FindMember(deltas[i], "function");
    if (function == nullptr) continue;
    Keep(*function, call["function"], "name");
    JoinText(*function, call["function"], "arguments");
  }
}

// OpenRouter's: texts come in pieces, the rest whole.
void JoinDetails(const Json& deltas, Json& details) {
  for (size_t i = 0; i < deltas.size(); ++i) {
    if (!deltas[i].is_object()) continue;
    Json& detail = ElementOf(deltas[i], i, details);
    for (const auto& [name, value] : deltas[i].items()) {
      if (name == "text" || name == "summary" || name == "data") {
        JoinText(deltas[i], detail, name.c_str());
      } else if (!value.is_null()) {
        detail[name] = value;
      }
    }
  }
}

void JoinDelta(const Json& delta, Json& message) {
  Keep(delta, message, "role");
  for (const char* name : {"content", "reasoning", "reasoning_content", "refusal"})
    JoinText(delta, message, name);
  if (const Json* details = FindMember(delta, "reasoning_details");
      details != nullptr && details->is_array()) {
    JoinDetails(*details, message["reasoning_details"]);
  }
  if (const Json* calls = FindMember(delta, "tool_calls"); calls != nullptr && calls->is_array()) {
    JoinCalls(*calls, message["tool_calls"]);
  }
}

void JoinLogprobs(const Json& choice, Json& whole) {
  const Json* logprobs = FindMember(choice, "logprobs");
  const Json* tokens = logprobs == nullptr ? nullptr : FindMember(*logprobs, "content");
  if (tokens == nullptr || !tokens->is_array()) return;
  for (const Json& token : *tokens) whole["logprobs"]["content"].push_back(token);
}

}  // namespace

WireReply DecodeChatStream(std::string_view body) {
  Json message = {{"role", ""}, {"content", nullptr}};
  Json choice = {{"index", 0}, {"finish_reason", ""}};
  Json whole = Json::object();
  bool any = false;
  EventStream events(body);
  WireReply reply;
  while (const std::optional<Json> chunk = events.Next(reply)) {
    for (const char* name : {"id", "model"}) Keep(*chunk, whole, name);
    if (const Json* usage = FindMember(*chunk, "usage"); usage != nullptr && usage->is_object())
      whole["usage"] = *usage;
    if (ReportsError(*chunk)) return Reported(reply, ReadError(*chunk));
    const Json* choices = FindMember(*chunk, "choices");
    if (choices == nullptr || !choices->is_array()) continue;
    for (const Json& one : *choices) {
      any = true;
      if (ReportsError(one)) return Reported(reply, ReadError(one));
      if (const Json* delta = FindMember(one, "delta"); delta != nullptr)
        JoinDelta(*delta, message);
      JoinLogprobs(one, choice);
      Keep(one, choice, "finish_reason");
    }
  }
  if (!reply.problem.empty()) return reply;
  if (!any || (!events.done() && choice["finish_reason"] == "")) return events.CutOff(reply);
  if (message["role"] == "") message["role"] = "assistant";
  choice["message"] = std::move(message);
  whole["choices"] = Json::array({std::move(choice)});
  return DecodeChat(DumpJson(whole));
}

}  // namespace axiometer
