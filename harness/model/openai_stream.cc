#include "harness/model/openai_stream.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

#include "harness/model/openai_chat.h"
#include "harness/model/reply_json.h"
#include "harness/model/reply_text.h"

namespace axiometer {
namespace {

// The data of each event, in order.
class Events {
 public:
  explicit Events(std::string_view body) : rest_(body) {
    if (rest_.starts_with("\xEF\xBB\xBF")) rest_.remove_prefix(3);
  }

  // False: there is no further event. The last one counts without its empty line too.
  bool Next(std::string& data) {
    data.clear();
    bool any = false;
    while (!rest_.empty()) {
      const std::string_view line = Line();
      if (line.empty()) {
        if (any) return true;
        continue;
      }
      if (!line.starts_with("data:"))
        continue;  // comments that keep the line open, names of events
      if (any) data += '\n';
      any = true;
      data += line.substr(line.starts_with("data: ") ? 6 : 5);
    }
    return any;
  }

 private:
  std::string_view Line() {
    const size_t end = rest_.find('\n');
    std::string_view line = rest_.substr(0, end);
    rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
  }

  std::string_view rest_;
};

void Join(const Json& delta, Json& whole, const char* name) {
  const Json* piece = FindMember(delta, name);
  if (piece == nullptr || !piece->is_string()) return;
  Json& text = whole[name];
  if (!text.is_string()) text = "";
  text.get_ref<std::string&>() += piece->get_ref<const std::string&>();
}

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
    Join(*function, call["function"], "arguments");
  }
}

// OpenRouter's: texts come in pieces, the rest whole.
void JoinDetails(const Json& deltas, Json& details) {
  for (size_t i = 0; i < deltas.size(); ++i) {
    if (!deltas[i].is_object()) continue;
    Json& detail = ElementOf(deltas[i], i, details);
    for (const auto& [name, value] : deltas[i].items()) {
      if (name == "text" || name == "summary" || name == "data") {
        Join(deltas[i], detail, name.c_str());
      } else if (!value.is_null()) {
        detail[name] = value;
      }
    }
  }
}

void JoinDelta(const Json& delta, Json& message) {
  Keep(delta, message, "role");
  for (const char* name : {"content", "reasoning", "reasoning_content", "refusal"})
    Join(delta, message, name);
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

bool IsEventStream(std::string_view body) {
  const size_t start = body.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  if (start == std::string_view::npos) return false;
  body.remove_prefix(start);
  return body.starts_with("data:") || body.starts_with("event:") || body.starts_with(": ");
}

WireReply DecodeChatStream(std::string_view body) {
  Json message = {{"role", ""}, {"content", nullptr}};
  Json choice = {{"index", 0}, {"finish_reason", ""}};
  Json whole = Json::object();
  bool done = false;
  bool any = false;
  Events events(body);
  std::string data;
  while (!done && events.Next(data)) {
    if (data == "[DONE]") {
      done = true;
      break;
    }
    WireReply reply;
    const std::optional<Json> chunk = ReplyObject(data, reply);
    if (!chunk) return reply;
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
  if (!any || (!done && choice["finish_reason"] == "")) {
    WireReply reply;
    return Unreadable(
        reply, "the stream ended before the reply did: " +
                   OneLine(body.substr(body.size() - std::min<size_t>(body.size(), 200)), 200));
  }
  if (message["role"] == "") message["role"] = "assistant";
  choice["message"] = std::move(message);
  whole["choices"] = Json::array({std::move(choice)});
  return DecodeChat(DumpJson(whole));
}

}  // namespace axiometer
