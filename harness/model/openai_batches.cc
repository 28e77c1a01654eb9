#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "harness/base/digest.h"
#include "harness/base/json.h"
#include "harness/model/batch_service.h"
#include "harness/model/reply_json.h"
#include "harness/model/reply_text.h"

namespace axiometer {
namespace {

constexpr int kMostPages = 20;  // of the list of batches, 100 each, the latest first
constexpr int kMostCreations = 3;
constexpr int64_t kPauseMs = 5'000;  // until a batch that was made shows in the list

// JSON has raw line feeds between its tokens alone; a line of the file has none.
std::string OnOneLine(std::string body) {
  std::replace(body.begin(), body.end(), '\n', ' ');
  std::replace(body.begin(), body.end(), '\r', ' ');
  return body;
}

std::string UrlWithQuery(const std::string& url, const std::string& query) {
  return url + (url.find('?') == std::string::npos ? '?' : '&') + query;
}

// The member "id" of a reply that is an object; empty: there is none.
std::string IdOf(const std::string& body) {
  WireReply ignored;
  const std::optional<Json> json = ReplyObject(body, ignored);
  return json ? OneLine(TextOf(FindMember(*json, "id")), 200) : "";
}

class OpenAiBatches : public BatchService {
 public:
  OpenAiBatches(const ModelSpec& spec, Clock& clock)
      : base_url_(spec.base_url),
        endpoint_(spec.provider == "openai-responses" ? "/v1/responses" : "/v1/chat/completions"),
        clock_(clock) {}

  Async<BatchSubmission> Submit(BatchCaller& caller, const std::vector<BatchRequest>& requests,
                                const BatchMark& mark) const override {
    HttpRequest upload = Upload(requests);
    BatchAnswer uploaded = co_await caller.Ask(std::move(upload), true);
    const std::string file = uploaded.ok ? IdOf(uploaded.body) : "";
    if (file.empty()) co_return NotSubmitted(std::move(uploaded), "the id of the uploaded file");
    BatchSubmission submission;
    for (int tries = 1;; ++tries) {
      HttpRequest create = Create(file, mark);
      BatchAnswer created = co_await caller.Ask(std::move(create), false);
      if (created.ok) submission.id = IdOf(created.body);
      if (!submission.id.empty()) co_return submission;
      if (!created.ok && !created.uncertain) {
        submission = NotSubmitted(std::move(created), "");
        submission.uploaded_urls.push_back(UrlWithPath(base_url_, "/files/" + file));
        co_return submission;
      }
      // It may be there nevertheless. No other batch has this file.
      const bool slept = co_await clock_.Sleep(kPauseMs);
      ReadTry problem;
      Listing found;
      if (slept) co_await List(caller, mark, file, found, problem);
      if (!found.batches.empty()) {
        submission.id = found.batches.front().id;
        co_return submission;
      }
      if (!slept || !found.complete || tries == kMostCreations) {
        created.failed.failed.final = true;  // it would be paid for twice
        co_return NotSubmitted(std::move(created), "the id of the batch");
      }
    }
  }

  Async<std::vector<FoundBatch>> Find(BatchCaller& caller, const BatchMark& mark,
                                      ReadTry& problem) const override {
    Listing found;
    co_await List(caller, mark, "", found, problem);
    co_return std::move(found.batches);
  }

  std::string StatusUrl(const std::string& id) const override {
    return UrlWithPath(base_url_, "/batches/" + id);
  }

  BatchStatus ReadStatus(std::string_view body) const override {
    BatchStatus status;
    const std::optional<Json> json = BatchReport(body, "status", status);
    if (!json) return status;
    const std::string named = TextOf(FindMember(*json, "status"));
    status.ended =
        named == "completed" || named == "expired" || named == "cancelled" || named == "failed";
    const std::string uploaded = TextOf(FindMember(*json, "input_file_id"));
    if (status.ended && !uploaded.empty())
      status.uploaded_urls.push_back(UrlWithPath(base_url_, "/files/" + uploaded));
    if (named == "failed") {
      status.rejected = RejectionOf(*json);
      return status;
    }
    if (!status.ended) return status;
    for (const char* member : {"output_file_id", "error_file_id"}) {
      const std::string file = TextOf(FindMember(*json, member));
      if (!file.empty())
        status.result_urls.push_back(UrlWithPath(base_url_, "/files/" + file + "/content"));
    }
    return status;
  }

  std::optional<BatchResult> ReadLine(std::string_view line) const override {
    WireReply ignored;
    const std::optional<Json> json = ReplyObject(line, ignored);
    if (!json) return std::nullopt;
    BatchResult result;
    result.id = TextOf(FindMember(*json, "custom_id"));
    if (result.id.empty()) return std::nullopt;
    const Json* response = FindMember(*json, "response");
    const Json* body = response == nullptr ? nullptr : FindMember(*response, "body");
    if (body != nullptr) {
      result.kind = BatchResult::Kind::kAnswered;
      result.status = static_cast<int>(CountOf(*response, "status_code"));
      result.body = body->is_string() ? body->get<std::string>() : DumpJson(*body);
      return result;
    }
    const Json* error = FindMember(*json, "error");
    const std::string code = error == nullptr ? "" : TextOf(FindMember(*error, "code"));
    result.kind = code == "batch_expired"     ? BatchResult::Kind::kExpired
                  : code == "batch_cancelled" ? BatchResult::Kind::kCancelled
                                              : BatchResult::Kind::kFailed;
    if (error != nullptr) result.body = DumpJson(Json{{"error", *error}});
    return result;
  }

 private:
  struct Listing {
    std::vector<FoundBatch> batches;
    bool complete = false;
  };

  HttpRequest Upload(const std::vector<BatchRequest>& requests) const {
    std::string file;
    for (const BatchRequest& one : requests) {
      file += "{\"custom_id\":\"" + one.id + "\",\"method\":\"POST\",\"url\":\"" + endpoint_ +
              "\",\"body\":" + OnOneLine(one.body) + "}\n";
    }
    const std::string boundary =
        "axiometer-" + Sha256(file);  // not in the file: no text holds its own digest
    HttpRequest request;
    request.url = UrlWithPath(base_url_, "/files");
    request.headers.emplace_back("Content-Type", "multipart/form-data; boundary=" + boundary);
    request.body =
        "--" + boundary +
        "\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nbatch\r\n--" + boundary +
        "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"axiometer.jsonl\"\r\n"
        "Content-Type: application/jsonl\r\n\r\n" +
        file + "\r\n--" + boundary + "--\r\n";
    return request;
  }

  HttpRequest Create(const std::string& file, const BatchMark& mark) const {
    HttpRequest request;
    request.url = UrlWithPath(base_url_, "/batches");
    request.headers.emplace_back("Content-Type", "application/json");
    request.body = DumpJson(
        Json{{"input_file_id", file},
             {"endpoint", endpoint_},
             {"completion_window", "24h"},
             {"metadata", {{"axiometer_run", mark.run}, {"axiometer_model", mark.endpoint}}}});
    return request;
  }

  // Those with the mark and, unless it is empty, of this file.
  Async<> List(BatchCaller& caller, const BatchMark& mark, const std::string& file, Listing& found,
               ReadTry& problem) const {
    std::string after;
    for (int page = 1; page <= kMostPages; ++page) {
      std::string query = "limit=100";
      if (!after.empty()) query += "&after=" + after;
      HttpRequest request;
      request.method = "GET";
      request.url = UrlWithQuery(UrlWithPath(base_url_, "/batches"), query);
      BatchAnswer answer = co_await caller.Ask(std::move(request), true);
      if (!answer.ok) {
        problem = std::move(answer.failed);
        co_return;
      }
      WireReply wire;
      const std::optional<Json> json = ReplyObject(answer.body, wire);
      const Json* data = json ? FindMember(*json, "data") : nullptr;
      if (data == nullptr || !data->is_array()) {
        problem.problem = "the reply is no list of batches: " + OneLine(answer.body, 200);
        co_return;
      }
      for (const Json& one : *data) AddMarked(one, mark, file, found.batches);
      after = data->empty() ? "" : TextOf(FindMember(data->back(), "id"));
      const Json* more = FindMember(*json, "has_more");
      if (after.empty() || more == nullptr || *more != true) break;
    }
    found.complete = true;
  }

  static void AddMarked(const Json& one, const BatchMark& mark, const std::string& file,
                        std::vector<FoundBatch>& found) {
    const Json* metadata = FindMember(one, "metadata");
    if (metadata == nullptr || TextOf(FindMember(*metadata, "axiometer_run")) != mark.run ||
        TextOf(FindMember(*metadata, "axiometer_model")) != mark.endpoint) {
      return;
    }
    if (!file.empty() && TextOf(FindMember(one, "input_file_id")) != file) return;
    FoundBatch batch;
    batch.id = OneLine(TextOf(FindMember(one, "id")), 200);
    batch.created_ms = CountOf(one, "created_at") * 1000;
    if (const Json* counts = FindMember(one, "request_counts"))
      batch.requests = CountOf(*counts, "total");
    if (!batch.id.empty()) found.push_back(std::move(batch));
  }

  // A batch whose file was refused, as an error report of a single request.
  static WireError RejectionOf(const Json& batch) {
    WireError error;
    error.reported = true;
    error.status = 400;
    const Json* errors = FindMember(batch, "errors");
    const Json* data = errors == nullptr ? nullptr : FindMember(*errors, "data");
    if (data != nullptr && data->is_array() && !data->empty()) {
      error.code = TextOf(FindMember(data->front(), "code"));
      error.message = OneLine(TextOf(FindMember(data->front(), "message")), kMaxProblemBytes);
    }
    // More tokens wait in the account's batches than it may have: later there is room.
    if (error.code == "token_limit_exceeded") error.status = 429;
    return error;
  }

  const std::string base_url_;
  const std::string endpoint_;
  Clock& clock_;
};

}  // namespace

std::unique_ptr<BatchService> MakeOpenAiBatches(const ModelSpec& spec, Clock& clock) {
  return std::make_unique<OpenAiBatches>(spec, clock);
}

}  // namespace axiometer
