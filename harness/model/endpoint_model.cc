#include "harness/model/endpoint_model.h"

#include <optional>
#include <random>
#include <utility>

#include "harness/model/endpoint_calls.h"
#include "harness/model/rate_limiter.h"
#include "harness/model/retry.h"

namespace axiometer {
namespace {

class EndpointModel : public Model {
 public:
  EndpointModel(const ModelSpec& spec, std::unique_ptr<WireFormat> format, Loop& loop, Clock& clock,
                HttpTransport& http, CallCache* cache, EndpointSecrets secrets, uint64_t seed)
      : calls_(spec, std::move(format), loop, http, cache, std::move(secrets)),
        clock_(clock),
        http_(http),
        limiter_(loop, clock, spec.max_connections, spec.shards),
        random_(seed) {}

  const ModelSpec& spec() const override { return calls_.spec(); }

  EndpointState state() const override {
    EndpointState state;
    state.in_flight = limiter_.in_flight();
    state.waiting = limiter_.waiting() + between_tries_;
    state.limit = limiter_.limit();
    state.paused_for_ms = limiter_.paused_for_ms();
    state.rate_limited = rate_limited_;
    state.retries = retries_;
    state.last_error = last_error_;
    return state;
  }

  Async<Reply> Generate(const Request& request) override {
    Reply reply;
    std::optional<std::string> body = calls_.Begin(request, reply);
    if (!body) co_return reply;
    HttpRequest http;
    http.body = std::move(*body);
    http.url = calls_.format().url();
    http.headers.emplace_back("Content-Type", "application/json");
    calls_.AddHeaders(http, spec().timeout_ms);

    const int64_t began_ms = clock_.NowMs();
    int64_t asking_ms = 0;
    std::string previous_fingerprint;
    while (true) {
      const bool admitted = co_await limiter_.Acquire(request.priority);
      if (!admitted) {
        calls_.Cancelled(reply);
        break;
      }
      if (request.admitted && !request.admitted()) {
        limiter_.Release();
        calls_.Cancelled(reply);
        reply.unsent = true;
        break;
      }
      const int64_t asked_ms = clock_.NowMs();
      HttpReply answer = co_await http_.Perform(http);
      asking_ms += clock_.NowMs() - asked_ms;
      ++reply.tries;
      reply.http_status = answer.status;
      reply.duration_us = answer.total_us;
      ReadTry read = calls_.Read(answer, request.generation.n.value_or(1), clock_.WallMs());
      reply.usage += read.wire.usage;
      if (read.usable) {
        limiter_.Succeeded(answer.headers);
        limiter_.Release();
        calls_.Accept(std::move(read), reply);
        break;
      }
      const RetryDecision decision =
          AfterFailure(read.failed, reply.tries, spec().max_retries, previous_fingerprint, Random());
      if (decision.overloaded) {
        ++rate_limited_;
        limiter_.Overloaded(decision.pause_ms);
      }
      limiter_.Release();
      reply.choices = read.wire.choices;
      reply.error = calls_.Describe(read.problem, reply.tries);
      if (decision.status != CallStatus::kCancelled) last_error_ = reply.error;
      if (!decision.retry) {
        reply.status = decision.status;
        std::string described = co_await calls_.DescribeFinal(read, reply.tries);
        reply.error = std::move(described);
        if (decision.status != CallStatus::kCancelled) last_error_ = reply.error;
        break;
      }
      previous_fingerprint = std::move(read.failed.fingerprint);
      ++retries_;
      ++between_tries_;
      const bool slept = co_await clock_.Sleep(decision.wait_ms);
      --between_tries_;
      if (!slept) {
        calls_.Cancelled(reply);
        break;
      }
    }
    reply.waited_us = (clock_.NowMs() - began_ms - asking_ms) * 1000;
    calls_.Price(reply);
    co_return reply;
  }

 private:
  double Random() { return std::uniform_real_distribution<double>(0, 1)(random_); }

  EndpointCalls calls_;
  Clock& clock_;
  HttpTransport& http_;
  RateLimiter limiter_;
  std::mt19937_64 random_;
  int between_tries_ = 0;
  int64_t rate_limited_ = 0;
  int64_t retries_ = 0;
  std::string last_error_;
};

}  // namespace

std::unique_ptr<Model> MakeEndpointModel(const ModelSpec& spec, std::unique_ptr<WireFormat> format,
                                         Loop& loop, Clock& clock, HttpTransport& http,
                                         CallCache* cache, EndpointSecrets secrets, uint64_t seed) {
  return std::make_unique<EndpointModel>(spec, std::move(format), loop, clock, http, cache,
                                         std::move(secrets), seed);
}

}  // namespace axiometer
