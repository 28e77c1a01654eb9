#include "harness/model/anthropic_stream.h"

#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "harness/model/event_stream.h"
#include "harness/model/reply_json.h"

namespace axiometer {
namespace {

// The blocks of the content, in the order in which they began.
class Blocks {
 public:
  void Begin(const Json& event) {
    const Json* block = FindMember(event, "content_block");
    at_[TextOf(FindMember(event, "index"))] = blocks_.size();
    blocks_.push_back(block != nullptr ? *block : Json::object());
    inputs_.emplace_back();
  }

  // False: the event's block has not begun.
  bool Grow(const Json& event) {
    const auto at = at_.find(TextOf(FindMember(event, "index")));
    if (at == at_.end()) return false;
    Json& block = blocks_[at->second];
    const Json* delta = FindMember(event, "delta");
    if (delta == nullptr || !delta->is_object() || !block.is_object()) return true;
    for (const auto& [name, value] : delta->items()) {
      if (name == "text" || name == "thinking") {
        JoinText(*delta, block, name.c_str());
      } else if (name == "partial_json") {
        inputs_[at->second] += TextOf(&value);
      } else if (name == "citation") {
        Json& citations = block["citations"];
        if (!citations.is_array()) citations = Json::array();
        citations.push_back(value);
      } else if (name != "type") {
        block[name] = value;
      }
    }
    return true;
  }

  Json Whole() && {
    for (size_t i = 0; i < inputs_.size(); ++i) {
      if (inputs_[i].empty()) continue;  // what the block began with counts: {}
      Result<Json> input = ParseJson(inputs_[i], "input", 90);
      blocks_[i]["input"] =
          input && input->is_object() ? *std::move(input) : Json{{"INVALID_JSON", inputs_[i]}};
    }
    Json content = Json::array();
    for (Json& block : blocks_) content.push_back(std::move(block));
    return content;
  }

 private:
  std::vector<Json> blocks_;
  std::vector<std::string> inputs_;   // of each block, as it came
  std::map<std::string, size_t> at_;  // by the endpoint's index
};

void Replace(const Json& given, Json& members) {
  if (!given.is_object()) return;
  if (!members.is_object()) members = Json::object();
  for (const auto& [name, value] : given.items()) {
    if (!value.is_null()) members[name] = value;
  }
}

}  // namespace

Json FoldMessageStream(std::string_view body, WireReply& reply) {
  Json message = Json::object();
  Blocks blocks;
  bool begun = false;
  bool stopped = false;
  EventStream events(body);
  while (const std::optional<Json> event = events.Next(reply)) {
    const std::string type = TextOf(FindMember(*event, "type"));
    if (type == "error" || ReportsError(*event)) {
      const Json* error = FindMember(*event, "error");
      message["error"] = error != nullptr ? *error : *event;
      return message;
    }
    if (type == "message_start") {
      if (const Json* start = FindMember(*event, "message"); start != nullptr && start->is_object())
        message = *start;
      begun = true;
    } else if (type == "content_block_start") {
      blocks.Begin(*event);
    } else if (type == "content_block_delta") {
      if (!blocks.Grow(*event)) {
        Unreadable(reply, "a delta of content block " + TextOf(FindMember(*event, "index")) +
                              ", which has not begun: " + DumpJson(*event));
        return message;
      }
    } else if (type == "message_delta") {
      if (const Json* delta = FindMember(*event, "delta")) Replace(*delta, message);
      if (const Json* usage = FindMember(*event, "usage")) Replace(*usage, message["usage"]);
      stopped = !TextOf(FindMember(message, "stop_reason")).empty();
    } else if (type == "message_stop") {
      stopped = true;
    }
  }
  if (reply.problem.empty() && (!begun || !stopped)) events.CutOff(reply);
  message["content"] = std::move(blocks).Whole();
  return message;
}

}  // namespace axiometer
