#include <nlohmann/json.hpp>
#include <utility>

#include "harness/base/json.h"
#include "harness/model/batch_service.h"
#include "harness/model/reply_json.h"
#include "harness/model/reply_text.h"

namespace axiometer {
namespace {

// SCHEME://HOST:PORT
std::string_view Origin(std::string_view url) {
  const size_t host = url.find("://");
  if (host == std::string_view::npos) return {};
  return url.substr(0, url.find_first_of("/?#", host + 3));
}

class AnthropicBatches : public BatchService {
 public:
  explicit AnthropicBatches(const std::string& messages_url)
      : url_(UrlWithPath(messages_url, "/batches")) {}

  Async<BatchSubmission> Submit(BatchCaller& caller, const std::vector<BatchRequest>& requests,
                                const BatchMark&) const override {
    HttpRequest request;
    request.url = url_;
    request.headers.emplace_back("Content-Type", "application/json");
    request.body = "{\"requests\":[";
    for (const BatchRequest& one : requests) {
      if (&one != &requests.front()) request.body += ',';
      request.body += "{\"custom_id\":\"" + one.id + "\",\"params\":" + one.body + '}';
    }
    request.body += "]}";
    BatchAnswer created = co_await caller.Ask(std::move(request), false);
    WireReply ignored;
    const std::optional<Json> json = created.ok ? ReplyObject(created.body, ignored) : std::nullopt;
    BatchSubmission submission;
    if (json) submission.id = OneLine(TextOf(FindMember(*json, "id")), 200);
    if (!submission.id.empty()) co_return submission;
    if (created.uncertain) {
      created.failed.failed.final = true;  // it would be paid for twice
      created.failed.problem +=
          "; a batch may be at the provider all the same, which its console shows";
    }
    co_return NotSubmitted(std::move(created), "the id of the batch");
  }

  std::string StatusUrl(const std::string& id) const override {
    return UrlWithPath(url_, "/" + id);
  }

  BatchStatus ReadStatus(std::string_view body) const override {
    BatchStatus status;
    const std::optional<Json> json = BatchReport(body, "processing_status", status);
    if (!json || TextOf(FindMember(*json, "processing_status")) != "ended") return status;
    const std::string results = TextOf(FindMember(*json, "results_url"));
    // The key goes with the request.
    if (Origin(results) != Origin(url_)) {
      status.problem = "results_url leads elsewhere: " + OneLine(results, 200);
      return status;
    }
    status.ended = true;
    status.result_urls.push_back(results);
    return status;
  }

  std::optional<BatchResult> ReadLine(std::string_view line) const override {
    WireReply ignored;
    const std::optional<Json> json = ReplyObject(line, ignored);
    const Json* said = json ? FindMember(*json, "result") : nullptr;
    if (said == nullptr) return std::nullopt;
    BatchResult result;
    result.id = TextOf(FindMember(*json, "custom_id"));
    if (result.id.empty()) return std::nullopt;
    const std::string type = TextOf(FindMember(*said, "type"));
    const Json* content = FindMember(*said, type == "succeeded" ? "message" : "error");
    if (content != nullptr) {
      // An error report names no status: the wire format knows that of its type.
      result.kind = BatchResult::Kind::kAnswered;
      result.body = DumpJson(*content);
    } else if (type == "expired") {
      result.kind = BatchResult::Kind::kExpired;
    } else if (type == "canceled") {
      result.kind = BatchResult::Kind::kCancelled;
    }
    return result;
  }

 private:
  const std::string url_;
};

}  // namespace

std::unique_ptr<BatchService> MakeAnthropicBatches(const std::string& messages_url) {
  return std::make_unique<AnthropicBatches>(messages_url);
}

}  // namespace axiometer
