#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/json.h"
#include "harness/io/clock.h"
#include "harness/io/http_client.h"
#include "harness/model/endpoint_calls.h"

namespace axiometer {

// One request of a batch: `id` of 1 to 64 characters of [A-Za-z0-9_-], unique in the batch; `body`
// as it would be sent alone.
struct BatchRequest {
  std::string id;
  std::string body;
};

// What a batch says of one of its requests.
struct BatchResult {
  enum class Kind {
    kAnswered,   // `status` and `body` are what the request alone would have been answered
    kExpired,    // the day passed first: not asked, not paid
    kCancelled,  // somebody broke the batch off at the provider
    kFailed,     // lost on the provider's side; `body` says why
  };
  std::string id;
  Kind kind = Kind::kFailed;
  int status = 200;
  std::string body;
};

// How far a batch is.
struct BatchStatus {
  std::string problem;  // not empty: this is no report on a batch
  bool ended = false;
  std::vector<std::string>
      result_urls;  // of GET, once it has ended: JSON Lines, one a result, in any order
  std::optional<WireError> rejected;  // it was never worked on
  // Of DELETE, once it has ended: what was uploaded for it alone.
  std::vector<std::string> uploaded_urls;
};

// A reply of the batch interface itself.
struct BatchAnswer {
  bool ok = false;
  std::string body;        // ok
  ReadTry failed;          // !ok
  bool uncertain = false;  // !ok: it may have been acted on all the same
};

// Sends requests to an endpoint's batch interface: with its headers, tried again as retry.h says.
class BatchCaller {
 public:
  virtual ~BatchCaller() = default;
  // `repeatable`: sent twice it does no harm. Otherwise only what was surely not acted on is sent
  // again.
  virtual Async<BatchAnswer> Ask(HttpRequest request, bool repeatable) = 0;
};

// Whose batches, where the provider lets us write that on them.
struct BatchMark {
  std::string run;
  std::string endpoint;  // EndpointCalls::identity
};

struct BatchSubmission {
  std::string id;  // as the provider named it; empty: see `failed`
  ReadTry failed;
  // Of DELETE, where it surely was not made: what was uploaded for it. What may yet be worked on stays.
  std::vector<std::string> uploaded_urls;
};

struct FoundBatch {
  std::string id;
  int64_t requests = 0;
  int64_t created_ms = 0;
};

// One provider's batch interface: what is sent and what comes back. No state.
class BatchService {
 public:
  virtual ~BatchService() = default;
  // Once, whatever happens on the way, as far as the provider lets us find out.
  virtual Async<BatchSubmission> Submit(BatchCaller& caller,
                                        const std::vector<BatchRequest>& requests,
                                        const BatchMark& mark) const = 0;
  // The batches with this mark, also those of which nobody kept the id. `problem`, if it is not
  // emptied, says why they could not be listed.
  virtual Async<std::vector<FoundBatch>> Find(BatchCaller& caller, const BatchMark& mark,
                                              ReadTry& problem) const;
  virtual std::string StatusUrl(const std::string& id) const = 0;  // of GET
  virtual BatchStatus ReadStatus(std::string_view body) const = 0;
  // nullopt: the line is no result.
  virtual std::optional<BatchResult> ReadLine(std::string_view line) const = 0;
};

// A provider's report on a batch; its member `state` says how far it is. nullopt: it is no such
// report, as `status.problem` then says.
std::optional<Json> BatchReport(std::string_view body, const char* state, BatchStatus& status);

// The Batch API of OpenAI: https://platform.openai.com/docs/guides/batch. Of `openai` and
// `openai-responses`. `clock` outlives it.
std::unique_ptr<BatchService> MakeOpenAiBatches(const ModelSpec& spec, Clock& clock);

// Message Batches of Anthropic:
// https://docs.anthropic.com/en/docs/build-with-claude/batch-processing. A batch carries no mark:
// one whose submission was not answered cannot be found again.
std::unique_ptr<BatchService> MakeAnthropicBatches(const std::string& messages_url);

// `problem` of a reply that was expected to be something else.
BatchSubmission NotSubmitted(BatchAnswer answer, std::string_view expected);

}  // namespace axiometer
