#include "harness/model/openai_responses_stream.h"

#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "harness/model/event_stream.h"
#include "harness/model/reply_json.h"

namespace axiometer {
namespace {

bool IsLast(const std::string& type) {
  return type == "response.completed" || type == "response.incomplete" ||
         type == "response.failed" || type == "response.cancelled";
}

// {"type": "error", "code", "message"}, also with these below "error".
Json ErrorOf(const Json& event) {
  const Json* error = FindMember(event, "error");
  if (error != nullptr && !error->is_null()) return *error;
  Json flat = event;
  flat.erase("type");
  return flat;
}

void AddItems(const std::map<int64_t, Json>& items, Json& response) {
  const Json* output = FindMember(response, "output");
  if (items.empty() || (output != nullptr && output->is_array() && !output->empty())) return;
  response["output"] = Json::array();
  for (const auto& [index, item] : items) response["output"].push_back(item);
}

}  // namespace

Json FoldResponseStream(std::string_view body, WireReply& reply) {
  Json response = Json::object();
  std::map<int64_t, Json> items;
  bool ended = false;
  EventStream events(body);
  while (!ended) {
    std::optional<Json> event = events.Next(reply);
    if (!event) break;
    const std::string type = TextOf(FindMember(*event, "type"));
    if (type == "error" || ReportsError(*event)) {
      response["error"] = ErrorOf(*event);
      return response;
    }
    ended = IsLast(type);
    if (const auto given = event->find("response"); given != event->end() && given->is_object()) {
      response = std::move(*given);
    } else if (type == "response.output_item.done") {
      const Json* item = FindMember(*event, "item");
      if (item != nullptr) items[CountOf(*event, "output_index")] = *item;
    }
  }
  if (!ended && reply.problem.empty()) events.CutOff(reply);
  AddItems(items, response);
  return response;
}

}  // namespace axiometer
