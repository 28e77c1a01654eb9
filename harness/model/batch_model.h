#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "harness/io/clock.h"
#include "harness/io/http_client.h"
#include "harness/io/loop.h"
#include "harness/model/batch_service.h"
#include "harness/model/endpoint_calls.h"
#include "harness/model/model.h"

namespace axiometer {

// What is kept of a batch that a provider has been given.
struct BatchRecord {
  std::string id;            // as the provider named it
  std::string endpoint;      // EndpointCalls::identity
  std::string model;         // PROVIDER/NAME, for people
  int64_t submitted_ms = 0;  // wall clock, UTC
  int64_t requests = 0;
};

// Where batches are kept over the end of a process.
class BatchLog {
 public:
  virtual ~BatchLog() = default;
  virtual std::string run() const = 0;  // whose batches are submitted
  // Of this endpoint, of whatever run, from earlier sessions and not settled; the oldest first.
  virtual Result<std::vector<BatchRecord>> Unsettled(const std::string& endpoint) = 0;
  // Whether it was ever kept, settled or not.
  virtual bool Knows(const std::string& endpoint, const std::string& id) = 0;
  // Resumes once it is on disk.
  virtual Async<Result<void>> Keep(const BatchRecord& record) = 0;
  // All that it answered is stored, or it answers nothing any more. Behind what was stored before.
  virtual void Settle(const BatchRecord& record) = 0;
  // What was uploaded for it could not be deleted at the provider, and why: bounded, without
  // secrets.
  virtual void NotDeleted(const BatchRecord& record, const std::string& problem) = 0;
};

inline constexpr int64_t kBatchPollMs = 30'000;
// Requests in batches and waiting for one, as far as EndpointState::limit says.
inline constexpr int kMostInBatches = 10'000;

struct BatchSettings {
  int64_t poll_ms = kBatchPollMs;  // between two looks at a batch
};

// A model whose provider is asked in batches, at half the price and within a day. What Generate is
// asked waits until nothing new has come for 2 s, or a batch is full (10,000 requests or 100 MB,
// below what the providers allow), and is then submitted; requests, digests and readings are those
// of MakeEndpointModel, so that stored replies serve both.
//
// Nothing is paid twice: a batch is kept in `log` before it is waited for; the first request of a
// session waits until the batches of earlier sessions have ended, and what they answered is
// submitted no more. What expired, or was lost on the provider's side, is submitted again, at most
// ModelSpec::max_retries times. A batch of which nothing is heard for 26 h after its submission is
// given up. Once a batch is settled, what was uploaded for it is deleted at the provider: tried
// once, in a coroutine of its own that the loop has to end after the last Model::RepliesStored.
//
// A cancelled Generate leaves its batch at the provider. While nobody waits, nothing of it runs on
// the loop, but for a submission under way, which is finished and kept. Replies cost half of
// ModelSpec::prices. All references outlive it; `cache` may be null.
std::unique_ptr<Model> MakeBatchModel(const ModelSpec& spec, std::unique_ptr<WireFormat> format,
                                      std::unique_ptr<BatchService> service, Loop& loop,
                                      Clock& clock, HttpTransport& http, CallCache* cache,
                                      BatchLog& log, EndpointSecrets secrets,
                                      BatchSettings settings, uint64_t seed);

// The id of a request within a batch: its digest (64 hexadecimal digits) as 43 characters of
// base64url, its epoch and, from 1, which of several equal ones it is: at most 64 characters. And
// its beginning, which equal ones share.
std::string BatchRequestKey(const std::string& request_digest, int epoch);
std::string BatchRequestId(const std::string& key, int number);

// The other way round: false where `id` is none of ours.
bool ReadBatchRequestId(const std::string& id, std::string& request_digest, int& epoch);

}  // namespace axiometer
