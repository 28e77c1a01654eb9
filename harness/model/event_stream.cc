#include "harness/model/event_stream.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "harness/base/utf8.h"
#include "harness/model/reply_json.h"
#include "harness/model/reply_text.h"

namespace axiometer {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace

bool IsEventStream(std::string_view body) {
  if (body.starts_with(kByteOrderMark)) body.remove_prefix(kByteOrderMark.size());
  const size_t start = body.find_first_not_of(" \t\r\n");
  if (start == std::string_view::npos) return false;
  body.remove_prefix(start);
  for (const std::string_view field : {"data:", "event:", ":", "id:", "retry:"}) {
    if (body.starts_with(field)) return true;
  }
  return false;
}

EventStream::EventStream(std::string_view body) : body_(body), rest_(body) {
  if (rest_.starts_with(kByteOrderMark)) rest_.remove_prefix(kByteOrderMark.size());
}

std::string_view EventStream::Line() {
  const size_t end = rest_.find_first_of("\r\n");
  const std::string_view line = rest_.substr(0, end);
  rest_.remove_prefix(line.size());
  if (rest_.starts_with("\r\n")) {
    rest_.remove_prefix(2);
  } else if (!rest_.empty()) {
    rest_.remove_prefix(1);
  }
  return line;
}

// False: there is no further event. The last one counts without its empty line too, if it can be
// read.
bool EventStream::NextData(std::string& data) {
  data.clear();
  bool any = false;
  whole_ = false;
  while (!rest_.empty()) {
    const std::string_view line = Line();
    if (line.empty()) {
      whole_ = any;
      if (any) return true;
      continue;
    }
    if (!line.starts_with("data:")) continue;  // comments that keep the line open, names of events
    if (any) data += '\n';
    any = true;
    data += line.substr(line.starts_with("data: ") ? 6 : 5);
  }
  return any;
}

std::optional<Json> EventStream::Next(WireReply& reply) {
  std::string data;
  if (done_ || !NextData(data)) return std::nullopt;
  if (data == "[DONE]") {
    done_ = true;
    return std::nullopt;
  }
  std::optional<Json> event = ReplyObject(data, reply);
  if (!event && !whole_) CutOff(reply);
  return event;
}

WireReply& EventStream::CutOff(WireReply& reply) const {
  reply.status = WireReply::Status::kCutOff;
  reply.problem = "the stream ended before the reply did: " +
                  OneLine(body_.substr(body_.size() - std::min<size_t>(body_.size(), 200)), 200);
  return reply;
}

void JoinText(const Json& delta, Json& whole, const char* name) {
  const Json* piece = FindMember(delta, name);
  if (piece == nullptr || !piece->is_string()) return;
  Json& text = whole[name];
  if (!text.is_string()) text = "";
  text.get_ref<std::string&>() += piece->get_ref<const std::string&>();
}

bool TakeStream(std::map<std::string, std::string>& arguments) {
  const auto stream = arguments.find("stream");
  if (stream == arguments.end()) return false;
  const bool wanted = stream->second == "true";
  arguments.erase(stream);
  return wanted;
}

// "This model only support stream mode, please enable the stream parameter", "Stream must be set to
// true", and the like.
std::string StreamAdvice(const FailedTry& failed) {
  if (failed.status != 400 || !failed.reported) return "";
  const std::string message = LowerAscii(failed.message);
  if (message.find("stream") == std::string::npos) return "";
  for (const char* word : {"only support", "must be", "required", "enable the stream"}) {
    if (message.find(word) != std::string::npos) return "give -M stream=true";
  }
  return "";
}

}  // namespace axiometer
