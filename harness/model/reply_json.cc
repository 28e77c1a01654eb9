#include "harness/model/reply_json.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "harness/base/utf8.h"
#include "harness/model/reply_text.h"
#include "harness/model/retry.h"

namespace axiometer {
namespace {

constexpr int kMaxDepth = 100;

Result<Json> ParseBody(std::string_view body) {
  Result<Json> json = ParseJson(body, "reply", kMaxDepth);
  if (json) return json;
  const std::string repaired = WithWholeCharacters(body);
  if (repaired == body) return json;
  Result<Json> again = ParseJson(repaired, "reply", kMaxDepth);
  return again ? std::move(again) : std::move(json);
}

bool LooksLikeHtml(std::string_view body) {
  const size_t start = body.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  return start != std::string_view::npos && body[start] == '<';
}

std::string HtmlTitle(std::string_view body) {
  const std::string head = LowerAscii(body.substr(0, 64 << 10));
  const size_t tag = head.find("<title");
  const size_t start = tag == std::string::npos ? tag : head.find('>', tag);
  const size_t end = start == std::string::npos ? start : head.find("</title", start);
  if (end == std::string::npos) return "";
  return OneLine(body.substr(start + 1, end - start - 1), 200);
}

// "17s", "1.5s": google.protobuf.Duration.
std::optional<int64_t> GoogleDurationMs(const std::string& text) {
  double seconds = 0;
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, seconds);
  if (read.ec != std::errc() || read.ptr + 1 != end || *read.ptr != 's' || !(seconds >= 0)) {
    return std::nullopt;
  }
  return static_cast<int64_t>(std::min(seconds * 1000, static_cast<double>(kMaxRetryAfterMs)));
}

// https://cloud.google.com/apis/design/errors: why (ErrorInfo), which limit (QuotaFailure), and
// when to ask again (RetryInfo).
void ReadGoogleDetails(const Json& details, WireError& error) {
  for (const Json& detail : details) {
    const std::string type = TextOf(FindMember(detail, "@type"));
    if (type.ends_with("google.rpc.ErrorInfo")) {
      if (std::string reason = TextOf(FindMember(detail, "reason")); !reason.empty()) {
        error.code = std::move(reason);
      }
    } else if (type.ends_with("google.rpc.RetryInfo")) {
      error.retry_after_ms = GoogleDurationMs(TextOf(FindMember(detail, "retryDelay")));
    } else if (type.ends_with("google.rpc.QuotaFailure")) {
      const Json* violations = FindMember(detail, "violations");
      if (violations == nullptr || !violations->is_array()) continue;
      for (const Json& violation : *violations) {
        const std::string limit = TextOf(FindMember(violation, "quotaId"));
        // One for the day outlasts every other that is missed at the same time.
        if (error.code.find("PerDay") == std::string::npos && !limit.empty()) error.code = limit;
      }
    }
  }
}

std::string Describe(const WireError& error) {
  std::string out = error.message.empty() ? "no message" : error.message;
  std::string kind = error.type;
  if (!error.code.empty() && error.code != error.type) {
    if (!kind.empty()) kind += ", ";
    kind += error.code;
  }
  if (!kind.empty()) out += " (" + kind + ")";
  return out;
}

}  // namespace

std::string TextOf(const Json* value) {
  if (value == nullptr) return "";
  if (value->is_string()) return value->get<std::string>();
  if (value->is_number() || value->is_boolean()) return value->dump();
  return "";
}

int64_t CountOf(const Json& object, const char* name) {
  const Json* value = FindMember(object, name);
  if (value == nullptr || !value->is_number()) return 0;
  const double count = value->get<double>();
  return count > 0 && count < 1e15 ? static_cast<int64_t>(count) : 0;
}

const char* JsonTypeName(const Json& value) {
  switch (value.type()) {
    case Json::value_t::null:
      return "null";
    case Json::value_t::object:
      return "an object";
    case Json::value_t::array:
      return "a list";
    case Json::value_t::string:
      return "a string";
    case Json::value_t::boolean:
      return "a boolean";
    default:
      return "a number";
  }
}

bool BlankText(const std::string& text) {
  return text.find_first_not_of(" \t\r\n") == std::string::npos;
}

WireReply& Unreadable(WireReply& reply, std::string problem) {
  reply.status = WireReply::Status::kUnreadable;
  reply.problem = OneLine(problem, kMaxProblemBytes);
  return reply;
}

WireReply& Reported(WireReply& reply, WireError error) {
  reply.status = WireReply::Status::kErrorReport;
  reply.error = std::move(error);
  reply.problem = Describe(reply.error);
  return reply;
}

std::optional<Json> ReplyObject(std::string_view body, WireReply& reply) {
  if (body.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    Unreadable(reply, "the reply is empty, expected JSON");
    return std::nullopt;
  }
  Result<Json> json = ParseBody(body);
  if (!json && LooksLikeHtml(body)) {
    Unreadable(reply, "the reply is " + DecodeError(body).message +
                          ", expected JSON: does the base URL end in /v1?");
    return std::nullopt;
  }
  if (!json) {
    Unreadable(reply, json.error().ToString() + ": " + OneLine(body, 200));
    return std::nullopt;
  }
  if (!json->is_object()) {
    Unreadable(reply, std::string("the reply is ") + JsonTypeName(*json) + ", expected an object");
    return std::nullopt;
  }
  return *std::move(json);
}

WireError ReadError(const Json& json) {
  WireError error;
  error.reported = true;
  const bool listed = json.is_array() && !json.empty();
  const Json& report = listed ? json.front() : json;
  const Json* inner = FindMember(report, "error");
  const Json& given = inner != nullptr && !inner->is_null() ? *inner : report;
  if (given.is_string()) {
    error.message = given.get<std::string>();
  } else {
    error.message = TextOf(FindMember(given, "message"));
    error.code = TextOf(FindMember(given, "code"));
    error.type = TextOf(FindMember(given, "type"));
    if (error.type.empty()) error.type = TextOf(FindMember(given, "status"));
    if (error.message.empty()) {
      const Json* detail = FindMember(given, "detail");
      if (detail != nullptr) {
        error.message = detail->is_string() ? detail->get<std::string>() : DumpJson(*detail);
      }
    }
    if (const Json* code = FindMember(given, "code");
        code != nullptr && code->is_number_integer()) {
      const auto status = code->get<int64_t>();
      if (status >= 400 && status < 600) error.status = static_cast<int>(status);
    }
    if (const Json* details = FindMember(given, "details");
        details != nullptr && details->is_array()) {
      ReadGoogleDetails(*details, error);
    }
    // Azure names its filter one level further down.
    if (const Json* cause = FindMember(given, "innererror")) {
      if (error.type.empty()) error.type = TextOf(FindMember(*cause, "code"));
    }
  }
  error.message = OneLine(error.message, kMaxProblemBytes);
  error.code = OneLine(error.code, 100);
  error.type = OneLine(error.type, 100);
  return error;
}

bool ReportsError(const Json& body) {
  const Json* error = FindMember(body, "error");
  if (error != nullptr && !error->is_null() && !(error->is_object() && error->empty())) return true;
  return TextOf(FindMember(body, "object")) == "error";
}

WireError DecodeError(std::string_view body) {
  WireError error;
  if (const Result<Json> json = ParseBody(body)) {
    error = ReadError(*json);
    if (error.message.empty()) error.message = OneLine(body, kMaxProblemBytes);
    return error;
  }
  if (LooksLikeHtml(body)) {
    const std::string title = HtmlTitle(body);
    error.message = title.empty() ? "an HTML page" : "an HTML page titled \"" + title + "\"";
    return error;
  }
  error.message = OneLine(body, kMaxProblemBytes);
  return error;
}

std::vector<std::string> DecodeModelNames(std::string_view body) {
  std::vector<std::string> names;
  const Result<Json> json = ParseBody(body);
  if (!json) return names;
  for (const auto& [list, member] : {std::pair("data", "id"), std::pair("models", "name")}) {
    const Json* models = FindMember(*json, list);
    if (models == nullptr || !models->is_array()) continue;
    for (const Json& model : *models) {
      std::string name = TextOf(FindMember(model, member));
      if (name.starts_with("models/")) name.erase(0, 7);
      if (!name.empty()) names.push_back(std::move(name));
    }
  }
  return names;
}

}  // namespace axiometer
