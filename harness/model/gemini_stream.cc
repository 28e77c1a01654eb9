#include "harness/model/gemini_stream.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

#include "harness/model/event_stream.h"
#include "harness/model/reply_json.h"

namespace axiometer {
namespace {

// Whether the part is text and says nothing else but whose: the reply's, or a thought's.
bool IsTextAlone(const Json& part) {
  const Json* text = FindMember(part, "text");
  if (text == nullptr || !text->is_string()) return false;
  return part.size() == (part.contains("thought") ? 2u : 1u);
}

bool OfThought(const Json& part) {
  const Json* thought = FindMember(part, "thought");
  return thought != nullptr && *thought == true;
}

void JoinParts(const Json& parts, Json& whole) {
  for (const Json& part : parts) {
    if (IsTextAlone(part) && TextOf(FindMember(part, "text")).empty())
      continue;  // what a last event may carry
    const bool goes_on = !whole.empty() && IsTextAlone(part) && IsTextAlone(whole.back()) &&
                         OfThought(part) == OfThought(whole.back());
    if (goes_on) {
      JoinText(part, whole.back(), "text");
    } else {
      whole.push_back(part);
    }
  }
}

void JoinContent(const Json& content, Json& whole) {
  if (!content.is_object()) return;
  if (!whole.is_object()) whole = Json::object();
  for (const auto& [name, value] : content.items()) {
    if (name != "parts" || !value.is_array()) {
      whole[name] = value;
      continue;
    }
    Json& parts = whole["parts"];
    if (!parts.is_array()) parts = Json::array();
    JoinParts(value, parts);
  }
}

void JoinLogprobs(const Json& result, Json& whole) {
  if (!result.is_object()) return;
  if (!whole.is_object()) whole = Json::object();
  for (const auto& [name, value] : result.items()) {
    if (!value.is_array()) {
      whole[name] = value;
      continue;
    }
    Json& list = whole[name];
    if (!list.is_array()) list = Json::array();
    for (const Json& one : value) list.push_back(one);
  }
}

void JoinCandidate(const Json& candidate, Json& whole) {
  if (!candidate.is_object()) {
    whole = candidate;  // the decoder says what is wrong with it
    return;
  }
  if (!whole.is_object()) whole = Json::object();
  for (const auto& [name, value] : candidate.items()) {
    if (name == "content") {
      JoinContent(value, whole["content"]);
    } else if (name == "logprobsResult") {
      JoinLogprobs(value, whole["logprobsResult"]);
    } else {
      whole[name] = value;
    }
  }
}

// By their index, which is absent where it is 0.
void JoinCandidates(const Json& candidates, Json& whole) {
  constexpr int64_t kMostCandidates = 100;
  if (!whole.is_array()) whole = Json::array();
  for (const Json& candidate : candidates) {
    const auto at = static_cast<size_t>(std::min(CountOf(candidate, "index"), kMostCandidates));
    while (whole.size() <= at) whole.push_back(Json::object());
    JoinCandidate(candidate, whole[at]);
  }
}

bool Ended(const Json& whole) {
  const Json* feedback = FindMember(whole, "promptFeedback");
  if (feedback != nullptr && !TextOf(FindMember(*feedback, "blockReason")).empty()) return true;
  const Json* candidates = FindMember(whole, "candidates");
  if (candidates == nullptr || !candidates->is_array() || candidates->empty()) return false;
  return std::all_of(candidates->begin(), candidates->end(), [](const Json& candidate) {
    return !candidate.is_object() || !TextOf(FindMember(candidate, "finishReason")).empty();
  });
}

}  // namespace

Json FoldCandidateStream(std::string_view body, WireReply& reply) {
  Json whole = Json::object();
  EventStream events(body);
  while (const std::optional<Json> chunk = events.Next(reply)) {
    if (ReportsError(*chunk)) {
      const Json* error = FindMember(*chunk, "error");
      whole["error"] = error != nullptr ? *error : *chunk;
      return whole;
    }
    for (const auto& [name, value] : chunk->items()) {
      if (name == "candidates" && value.is_array()) {
        JoinCandidates(value, whole["candidates"]);
      } else {
        whole[name] = value;
      }
    }
  }
  if (reply.problem.empty() && !Ended(whole)) events.CutOff(reply);
  return whole;
}

}  // namespace axiometer
