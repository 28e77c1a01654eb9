#include "harness/model/batch_model.h"

#include <algorithm>
#include <charconv>
#include <deque>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <utility>

#include "harness/io/rendezvous.h"
#include "harness/model/reply_text.h"
#include "harness/model/retry.h"

namespace axiometer {
namespace {

constexpr int64_t kQuietMs = 2'000;
constexpr size_t kMaxRequests = kMostInBatches;
constexpr size_t kMaxBytes = 100u << 20;
constexpr size_t kMaxResultBytes = 512u << 20;   // of a file of results
constexpr int64_t kMinTransferMs = 600'000;      // for such files
constexpr int64_t kDeletionMs = 30'000;          // the run waits for it at its end
constexpr int64_t kMostWaitMs = 26 * 3'600'000;  // both providers end a batch after 24 h
constexpr double kPriceShare = 0.5;
constexpr char kBase64Url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr size_t kDigestDigits = 64;
constexpr size_t kDigestCharacters = 43;

// One batch at the provider, or on its way there.
struct Batch {
  BatchRecord record;
  std::vector<BatchRequest> requests;  // until they are submitted
  uint64_t key = 0;                    // cancels the wait for it
  int waiting = 0;                     // requests that wait for it
  bool ended = false;                  // nothing more is to be had of it
  bool settled = false;
  std::vector<std::string> uploaded_urls;  // to be deleted when it is settled
  std::multiset<std::string>
      untaken;  // keys of the requests that it answered and nobody has taken yet
};

// What came of one request.
struct Heard {
  std::shared_ptr<Batch> batch;  // that answered; null: none did
  bool answered = false;
  HttpReply answer;       // answered
  ReadTry failed;         // !answered
  bool rejected = false;  // !answered: the whole batch was, which takes time to mend itself
};

struct Waiter {
  explicit Waiter(Loop& loop) : answer(loop) {}
  std::string key;
  std::string body;              // until it is submitted
  std::shared_ptr<Batch> batch;  // null: in the queue
  bool told = false;
  Rendezvous<Heard> answer;
};

class BatchModel : public Model, private BatchCaller {
 public:
  BatchModel(const ModelSpec& spec, std::unique_ptr<WireFormat> format,
             std::unique_ptr<BatchService> service, Loop& loop, Clock& clock, HttpTransport& http,
             CallCache* cache, BatchLog& log, EndpointSecrets secrets, BatchSettings settings,
             uint64_t seed)
      : calls_(spec, std::move(format), loop, http, cache, std::move(secrets)),
        service_(std::move(service)),
        loop_(loop),
        clock_(clock),
        http_(http),
        log_(log),
        settings_(settings),
        random_(seed),
        collect_key_(loop.NewKey()) {}

  const ModelSpec& spec() const override { return calls_.spec(); }

  EndpointState state() const override {
    EndpointState state;
    state.waiting = static_cast<int>(queue_.size()) + between_tries_;
    state.in_flight = static_cast<int>(waiters_.size() - queue_.size());
    state.limit = kMostInBatches;
    state.retries = retries_;
    state.last_error = last_error_;
    return state;
  }

  Async<Reply> Generate(const Request& request) override {
    Reply reply;
    const int64_t began_ms = clock_.NowMs();
    int64_t asking_ms = 0;
    std::string previous_fingerprint;
    while (true) {
      // Encoded anew for each try: the bytes are the batch's while it is out.
      Reply known;
      std::optional<std::string> body = calls_.Begin(request, known);
      if (!body) co_return known;
      reply.request_digest = std::move(known.request_digest);
      Waiter waiter(loop_);
      waiter.key = BatchRequestKey(reply.request_digest, request.epoch);
      waiter.body = std::move(*body);
      const int64_t asked_ms = clock_.NowMs();
      std::optional<Heard> heard = co_await Hear(waiter);
      asking_ms = clock_.NowMs() - asked_ms;
      if (!heard) {
        calls_.Cancelled(reply);
        break;
      }
      ++reply.tries;
      reply.http_status = heard->answer.status;
      reply.duration_us = asking_ms * 1000;
      ReadTry read;
      if (heard->answered) {
        read = calls_.Read(heard->answer, request.generation.n.value_or(1), clock_.WallMs());
      } else {
        read = std::move(heard->failed);
      }
      reply.usage += read.wire.usage;
      if (read.usable) {
        calls_.Accept(std::move(read), reply);
        break;
      }
      const RetryDecision decision = AfterFailure(read.failed, reply.tries, spec().max_retries,
                                                  previous_fingerprint, Random());
      reply.choices = read.wire.choices;
      reply.error = calls_.Describe(read.problem, reply.tries);
      if (decision.status != CallStatus::kCancelled) last_error_ = reply.error;
      if (!decision.retry) {
        reply.status = decision.status;
        std::string described = co_await calls_.DescribeFinal(read, reply.tries);
        reply.error = std::move(described);
        break;
      }
      previous_fingerprint = std::move(read.failed.fingerprint);
      ++retries_;
      ++between_tries_;
      const int64_t slow_ms = heard->rejected ? settings_.poll_ms << std::min(reply.tries, 6) : 0;
      const bool slept = co_await clock_.Sleep(std::max(decision.wait_ms, slow_ms));
      --between_tries_;
      if (!slept) {
        calls_.Cancelled(reply);
        break;
      }
    }
    reply.waited_us = (clock_.NowMs() - began_ms - asking_ms) * 1000;
    calls_.Price(reply, kPriceShare);
    co_return reply;
  }

  bool asks_in_batches() const override { return true; }

  void RepliesStored() override {
    for (std::vector<std::shared_ptr<Batch>>* batches : {&earlier_, &submitted_}) {
      for (const std::shared_ptr<Batch>& batch : *batches) SettleIfStored(*batch);
    }
  }

 private:
  // Waits in the queue and in a batch. nullopt: cancelled.
  Async<std::optional<Heard>> Hear(Waiter& waiter) {
    std::optional<Heard> heard = TakeKept(waiter.key);
    if (!heard) {
      waiters_.emplace(waiter.key, &waiter);
      queue_.push_back(&waiter);
      last_arrival_ms_ = clock_.NowMs();
      if (!collecting_) {
        collecting_ = true;
        loop_.Spawn(Collect(), nullptr, collect_key_);
      }
      heard = co_await waiter.answer.Wait();
      if (!heard && !waiter.told) Leave(waiter);
    }
    if (heard && heard->batch) {
      const auto taken = heard->batch->untaken.find(waiter.key);
      if (taken != heard->batch->untaken.end()) heard->batch->untaken.erase(taken);
    }
    co_return heard;
  }

  // What a batch of an earlier session answered before anybody asked.
  std::optional<Heard> TakeKept(const std::string& key) {
    const auto kept = kept_.find(key);
    if (kept == kept_.end()) return std::nullopt;
    std::optional<Heard> heard = std::move(kept->second);
    kept_.erase(kept);
    return heard;
  }

  void Forget(Waiter& waiter) {
    const auto [first, last] = waiters_.equal_range(waiter.key);
    const auto place =
        std::find_if(first, last, [&](const auto& one) { return one.second == &waiter; });
    if (place != last) waiters_.erase(place);
    if (!waiter.batch) std::erase(queue_, &waiter);
  }

  // A request that is cancelled. Whoever has nobody left to wait for it stops waiting too.
  void Leave(Waiter& waiter) {
    Forget(waiter);
    if (!waiter.batch) {
      if (queue_.empty()) loop_.Cancel(collect_key_);
    } else if (--waiter.batch->waiting == 0 && waiter.batch->key != 0) {
      loop_.Cancel(waiter.batch->key);
    }
  }

  void Tell(Waiter& waiter, Heard heard) {
    Forget(waiter);
    if (waiter.batch) --waiter.batch->waiting;
    waiter.told = true;
    waiter.answer.Deliver(std::move(heard));
  }

  // All that wait for `batch`; null: all in the queue.
  void TellAll(const std::shared_ptr<Batch>& batch, const ReadTry& failed, bool rejected = false) {
    std::vector<Waiter*> told;
    for (const auto& [key, waiter] : waiters_) {
      if (waiter->batch == batch) told.push_back(waiter);
    }
    for (Waiter* waiter : told) {
      Heard heard;
      heard.failed = failed;
      heard.rejected = rejected;
      Tell(*waiter, std::move(heard));
    }
  }

  // Lives while the queue holds anything.
  Async<> Collect() {
    while (!queue_.empty()) {
      if (!adopted_) {
        co_await Adopt();
        continue;
      }
      const int64_t quiet_ms = last_arrival_ms_ + kQuietMs - clock_.NowMs();
      if (quiet_ms > 0 && queue_.size() < kMaxRequests) {
        co_await clock_.Sleep(quiet_ms);
        continue;
      }
      auto batch = std::make_shared<Batch>();
      Fill(batch);
      // Without a key: once it is on its way it is not broken off.
      loop_.Spawn(Submit(std::move(batch)));
    }
    collecting_ = false;
  }

  void Fill(const std::shared_ptr<Batch>& batch) {
    std::map<std::string, int> equal;
    size_t bytes = 0;
    while (!queue_.empty() && batch->requests.size() < kMaxRequests) {
      Waiter& waiter = *queue_.front();
      bytes += waiter.body.size();
      if (bytes > kMaxBytes && !batch->requests.empty()) break;
      BatchRequest request;
      request.id = BatchRequestId(waiter.key, ++equal[waiter.key]);
      request.body = std::move(waiter.body);
      batch->requests.push_back(std::move(request));
      ++batch->waiting;
      waiter.batch = batch;
      queue_.pop_front();
    }
    batch->key = loop_.NewKey();
    batch->record.requests = static_cast<int64_t>(batch->requests.size());
    batch->record.model = spec().id();
    batch->record.endpoint = calls_.identity();
  }

  Async<> Submit(std::shared_ptr<Batch> batch) {
    const BatchMark mark = Mark();
    BatchSubmission submission = co_await service_->Submit(*this, batch->requests, mark);
    batch->requests = {};
    if (submission.id.empty()) {
      TellAll(batch, submission.failed, true);
      if (!submission.uploaded_urls.empty())
        loop_.Spawn(DeleteUploads(batch->record, std::move(submission.uploaded_urls)));
      co_return;
    }
    batch->record.id = std::move(submission.id);
    batch->record.submitted_ms = clock_.WallMs();
    const Result<void> kept = co_await log_.Keep(batch->record);
    submitted_.push_back(batch);
    if (!kept) {
      TellAll(batch, Lost(kept.error().ToString()));
      co_return;
    }
    if (batch->waiting > 0) loop_.Spawn(WaitFor(batch), nullptr, batch->key);
  }

  Async<> WaitFor(std::shared_ptr<Batch> batch) {
    while (batch->waiting > 0) {
      co_await clock_.Sleep(settings_.poll_ms);
      if (batch->waiting > 0) co_await Look(batch);
    }
  }

  // The batches of earlier sessions, all of which end before anything is submitted. Returns early
  // when it is cancelled.
  Async<> Adopt() {
    if (!listed_) {
      std::optional<ReadTry> failed;
      co_await FindEarlier(failed);
      const bool cancelled = co_await IsCancelled();
      if (failed && !cancelled) TellAll(nullptr, *failed, true);
      if (failed) co_return;
      listed_ = true;
    }
    for (const std::shared_ptr<Batch>& batch : earlier_) {
      while (!batch->ended && !queue_.empty()) {
        co_await Look(batch);
        if (!batch->ended && !queue_.empty()) co_await clock_.Sleep(settings_.poll_ms);
      }
      if (!batch->ended) co_return;
    }
    adopted_ = true;
  }

  // Kept ones, and those that a process submitted and did not live to keep.
  Async<> FindEarlier(std::optional<ReadTry>& failed) {
    earlier_.clear();
    Result<std::vector<BatchRecord>> records = log_.Unsettled(calls_.identity());
    if (!records) {
      failed = Lost(records.error().ToString());
      co_return;
    }
    const BatchMark mark = Mark();
    ReadTry problem;
    std::vector<FoundBatch> found = co_await service_->Find(*this, mark, problem);
    // A server may take batches and not list them: then there is nothing to be found.
    const int status = problem.failed.status;
    if (!problem.problem.empty() && status != 404 && status != 405 && status != 501) {
      failed = std::move(problem);
      co_return;
    }
    for (const FoundBatch& one : found) {
      if (log_.Knows(mark.endpoint, one.id)) continue;
      BatchRecord record;
      record.id = one.id;
      record.endpoint = mark.endpoint;
      record.model = spec().id();
      record.submitted_ms = one.created_ms;
      record.requests = one.requests;
      const Result<void> kept = co_await log_.Keep(record);
      if (!kept) {
        failed = Lost(kept.error().ToString());
        co_return;
      }
      records->push_back(std::move(record));
    }
    for (BatchRecord& record : *records) {
      auto batch = std::make_shared<Batch>();
      batch->record = std::move(record);
      earlier_.push_back(std::move(batch));
    }
  }

  // Asks how the batch is, and hands out what it answered once it has ended. What may pass is left
  // to the next look.
  Async<> Look(std::shared_ptr<Batch> batch) {
    const std::string url = service_->StatusUrl(batch->record.id);
    BatchAnswer answer = co_await Once(url);
    const bool overdue = clock_.WallMs() - batch->record.submitted_ms > kMostWaitMs;
    if (!answer.ok) {
      if (answer.failed.failed.failure == HttpFailure::kCancelled) co_return;
      last_error_ = calls_.Describe(answer.failed.problem, 1);
      const RetryDecision decision = AfterFailure(answer.failed.failed, 1, 1, "", 0);
      if (answer.failed.failed.status == 404 && answer.failed.failed.reported) {
        GiveUp(batch, Lost("the provider does not know batch " + batch->record.id + " any more"));
      } else if (overdue) {
        GiveUp(batch, answer.failed);
      } else if (!decision.retry && decision.status == CallStatus::kAuth) {
        // For lack of a key the batch is not lost.
        TellAll(batch->waiting > 0 ? batch : nullptr, answer.failed);
      }
      co_return;
    }
    BatchStatus status = service_->ReadStatus(answer.body);
    if (!status.problem.empty()) last_error_ = calls_.Describe(status.problem, 1);
    batch->uploaded_urls = std::move(status.uploaded_urls);
    if (status.rejected) {
      ReadTry rejected;
      TakeError(*status.rejected, rejected);
      GiveUp(batch, rejected, true);
      co_return;
    }
    std::vector<BatchResult> results;
    bool read = status.ended;
    if (status.ended) {
      for (const std::string& url : status.result_urls) {
        const bool fetched = co_await Fetch(url, results);
        read = read && fetched;
      }
    }
    if (read) {
      HandOut(batch, std::move(results));
    } else if (overdue) {
      GiveUp(batch, Late(batch->record.id));
    }
  }

  Async<bool> Fetch(const std::string& url, std::vector<BatchResult>& results) {
    BatchAnswer answer = co_await Once(url);
    if (!answer.ok) {
      if (answer.failed.failed.failure != HttpFailure::kCancelled)
        last_error_ = calls_.Describe(answer.failed.problem, 1);
      co_return false;
    }
    std::string_view rest = answer.body;
    while (!rest.empty()) {
      const size_t end = std::min(rest.find('\n'), rest.size());
      std::optional<BatchResult> result = service_->ReadLine(rest.substr(0, end));
      if (result) results.push_back(std::move(*result));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    co_return true;
  }

  void HandOut(const std::shared_ptr<Batch>& batch, std::vector<BatchResult> results) {
    batch->ended = true;
    for (BatchResult& result : results) {
      const std::string key = result.id.substr(0, result.id.rfind('-'));
      Heard heard;
      heard.batch = batch;
      if (result.kind == BatchResult::Kind::kAnswered) {
        heard.answered = true;
        heard.answer.status = result.status;
        heard.answer.body = std::move(result.body);
        // Errors cost nothing: whether somebody takes them does not matter.
        if (result.status >= 200 && result.status <= 299) batch->untaken.insert(key);
      } else {
        heard.failed = Unanswered(batch->record.id, result);
      }
      Waiter* waiter = WaiterOf(key, batch);
      if (waiter != nullptr && (heard.answered || waiter->batch)) {
        Tell(*waiter, std::move(heard));
      } else if (heard.answered) {
        kept_.emplace(key, std::move(heard));
      }
    }
    TellAll(batch, Lost("batch " + batch->record.id + " ended without a result for this request"));
  }

  // Who waits for this result: in the batch, else in the queue.
  Waiter* WaiterOf(const std::string& key, const std::shared_ptr<Batch>& batch) {
    Waiter* queued = nullptr;
    const auto [first, last] = waiters_.equal_range(key);
    for (auto one = first; one != last; ++one) {
      if (one->second->batch == batch) return one->second;
      if (!one->second->batch) queued = one->second;
    }
    return queued;
  }

  void GiveUp(const std::shared_ptr<Batch>& batch, const ReadTry& why, bool rejected = false) {
    batch->ended = true;
    Settle(*batch);
    TellAll(batch, why, rejected);
  }

  void Settle(Batch& batch) {
    if (std::exchange(batch.settled, true)) return;
    log_.Settle(batch.record);
    if (!batch.uploaded_urls.empty())
      loop_.Spawn(DeleteUploads(batch.record, std::move(batch.uploaded_urls)));
  }

  // What is not there any more is deleted.
  Async<> DeleteUploads(BatchRecord record, std::vector<std::string> urls) {
    for (const std::string& url : urls) {
      HttpRequest request;
      request.method = "DELETE";
      request.url = url;
      calls_.AddHeaders(request, kDeletionMs);
      HttpReply reply = co_await http_.Perform(request);
      const bool deleted =
          reply.ok() && (reply.status == 404 || (reply.status >= 200 && reply.status <= 299));
      if (deleted) continue;
      const ReadTry failed = calls_.Read(reply, 1, clock_.WallMs());
      log_.NotDeleted(record, calls_.Describe(failed.problem, 1));
    }
  }

  // Once there is no reason to ask for this batch in another session.
  void SettleIfStored(Batch& batch) {
    if (!batch.ended) return;
    std::erase_if(batch.untaken, [this](const std::string& key) {
      std::string digest;
      int epoch = 0;
      if (!ReadBatchRequestId(BatchRequestId(key, 1), digest, epoch)) return true;
      return calls_.cache() != nullptr && calls_.cache()->Find(digest, epoch) != nullptr;
    });
    if (batch.untaken.empty()) Settle(batch);
  }

  Async<BatchAnswer> Ask(HttpRequest request, bool repeatable) override {
    BatchAnswer answer;
    std::string previous_fingerprint;
    for (int tries = 1;; ++tries) {
      answer = co_await Try(request);
      if (answer.ok) co_return answer;
      answer.uncertain = MayHaveBeenActedOn(answer.failed.failed);
      const RetryDecision decision = AfterFailure(answer.failed.failed, tries, spec().max_retries,
                                                  previous_fingerprint, Random());
      if (!decision.retry || (!repeatable && answer.uncertain)) co_return answer;
      previous_fingerprint = answer.failed.failed.fingerprint;
      const bool slept = co_await clock_.Sleep(decision.wait_ms);
      if (!slept) {
        answer.failed.failed.failure = HttpFailure::kCancelled;
        co_return answer;
      }
    }
  }

  Async<BatchAnswer> Once(std::string url) {
    HttpRequest request;
    request.method = "GET";
    request.url = std::move(url);
    BatchAnswer answer = co_await Try(request);
    co_return answer;
  }

  Async<BatchAnswer> Try(const HttpRequest& plain) {
    HttpRequest request = plain;
    calls_.AddHeaders(request, std::max(spec().timeout_ms, kMinTransferMs));
    request.max_reply_bytes = kMaxResultBytes;
    HttpReply reply = co_await http_.Perform(request);
    BatchAnswer answer;
    if (reply.ok() && reply.status >= 200 && reply.status <= 299) {
      answer.ok = true;
      answer.body = std::move(reply.body);
    } else {
      answer.failed = calls_.Read(reply, 1, clock_.WallMs());
    }
    co_return answer;
  }

  static bool MayHaveBeenActedOn(const FailedTry& failed) {
    switch (failed.failure) {
      case HttpFailure::kNone:
        return failed.status >= 500 && failed.status != 503 && failed.status != 529;
      case HttpFailure::kResolve:
      case HttpFailure::kConnect:
      case HttpFailure::kTls:
        return false;
      default:
        return true;
    }
  }

  static void TakeError(const WireError& error, ReadTry& read) {
    read.problem = "the batch was refused" + (error.message.empty() ? "" : ": " + error.message);
    read.failed.status = error.status;
    read.failed.reported = error.reported;
    read.failed.code = error.code;
    read.failed.type = error.type;
    read.failed.message = error.message;
  }

  // Not the request's fault: another batch may answer it.
  static ReadTry Lost(std::string problem) {
    ReadTry read;
    read.problem = std::move(problem);
    read.failed.status = 500;
    return read;
  }

  static ReadTry Late(const std::string& batch) {
    ReadTry read;
    read.problem = "batch " + batch + " did not answer within its time";
    read.failed.failure = HttpFailure::kTimeout;
    return read;
  }

  static ReadTry Unanswered(const std::string& batch, const BatchResult& result) {
    switch (result.kind) {
      case BatchResult::Kind::kExpired:
        return Late(batch);
      case BatchResult::Kind::kCancelled: {
        ReadTry read = Lost("batch " + batch + " was cancelled at the provider");
        read.failed.status = 0;
        read.failed.final = true;
        return read;
      }
      default:
        return Lost("batch " + batch + " lost this request" +
                    (result.body.empty() ? "" : ": " + OneLine(result.body, 200)));
    }
  }

  BatchMark Mark() const {
    BatchMark mark;
    mark.run = log_.run();
    mark.endpoint = calls_.identity();
    return mark;
  }

  double Random() { return std::uniform_real_distribution<double>(0, 1)(random_); }

  EndpointCalls calls_;
  const std::unique_ptr<BatchService> service_;
  Loop& loop_;
  Clock& clock_;
  HttpTransport& http_;
  BatchLog& log_;
  const BatchSettings settings_;
  std::mt19937_64 random_;
  const uint64_t collect_key_;
  std::multimap<std::string, Waiter*> waiters_;  // all, by key
  std::deque<Waiter*> queue_;                    // of these, not in a batch yet
  int64_t last_arrival_ms_ = 0;
  bool collecting_ = false;
  bool listed_ = false;   // earlier_ is complete
  bool adopted_ = false;  // and all of them have ended
  std::vector<std::shared_ptr<Batch>> earlier_;
  std::vector<std::shared_ptr<Batch>> submitted_;  // in this session
  std::multimap<std::string, Heard> kept_;         // answers that nobody has asked for yet
  int between_tries_ = 0;
  int64_t retries_ = 0;
  std::string last_error_;
};

}  // namespace

std::string BatchRequestKey(const std::string& request_digest, int epoch) {
  std::string bits = request_digest;
  bits.append(kDigestDigits + 2 - std::min(kDigestDigits + 2, bits.size()), '0');
  std::string key;
  // Three hexadecimal digits are two characters; 64 digits and two zeros are 44, of which the last
  // says nothing.
  for (size_t i = 0; i + 3 <= bits.size(); i += 3) {
    unsigned value = 0;
    std::from_chars(bits.data() + i, bits.data() + i + 3, value, 16);
    key += kBase64Url[value >> 6];
    key += kBase64Url[value & 63];
  }
  key.resize(kDigestCharacters);
  return key + "-" + std::to_string(epoch);
}

std::string BatchRequestId(const std::string& key, int number) {
  return key + "-" + std::to_string(number);
}

bool ReadBatchRequestId(const std::string& id, std::string& request_digest, int& epoch) {
  const std::string_view alphabet(kBase64Url, sizeof kBase64Url - 1);
  if (id.size() < kDigestCharacters + 4 || id[kDigestCharacters] != '-') return false;
  std::string digest;
  for (size_t i = 0; i < kDigestCharacters + 1; i += 2) {
    const size_t high = alphabet.find(id[i]);
    const size_t low = i + 1 < kDigestCharacters ? alphabet.find(id[i + 1]) : 0;
    if (high == std::string_view::npos || low == std::string_view::npos) return false;
    const size_t value = high << 6 | low;
    for (const size_t digit : {value >> 8, value >> 4 & 15, value & 15})
      digest += "0123456789abcdef"[digit];
  }
  digest.resize(kDigestDigits);
  const char* begin = id.data() + kDigestCharacters + 1;
  const char* end = id.data() + id.size();
  const auto read = std::from_chars(begin, end, epoch);
  if (read.ec != std::errc() || read.ptr == end || *read.ptr != '-') return false;
  request_digest = std::move(digest);
  return true;
}

std::unique_ptr<Model> MakeBatchModel(const ModelSpec& spec, std::unique_ptr<WireFormat> format,
                                      std::unique_ptr<BatchService> service, Loop& loop,
                                      Clock& clock, HttpTransport& http, CallCache* cache,
                                      BatchLog& log, EndpointSecrets secrets,
                                      BatchSettings settings, uint64_t seed) {
  return std::make_unique<BatchModel>(spec, std::move(format), std::move(service), loop, clock,
                                      http, cache, log, std::move(secrets), settings, seed);
}

}  // namespace axiometer
