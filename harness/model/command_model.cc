#include "harness/model/command_model.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "harness/io/child.h"
#include "harness/io/http_client.h"
#include "harness/io/line_channel.h"
#include "harness/io/users_program.h"
#include "harness/model/borrowed_format.h"
#include "harness/model/endpoint_model.h"
#include "harness/model/openai_chat.h"

namespace axiometer {
namespace {

// One of the programs that run.
struct Running {
  Running(Child child, LineChannel channel, ProgramLog log)
      : child(std::move(child)), channel(std::move(channel)), log(std::move(log)) {}
  Child child;
  LineChannel channel;
  ProgramLog log;
};

int64_t NowUs() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

void Fail(HttpReply& reply, HttpFailure failure, std::string why) {
  reply.failure = failure;
  reply.error = std::move(why);
}

// Carries a request's body to the program as a line; the line that comes back is a reply with
// status 200.
class CommandTransport : public HttpTransport {
 public:
  CommandTransport(Loop& loop, std::string program) : loop_(loop), program_(std::move(program)) {}
  Async<HttpReply> Perform(const HttpRequest& request) override;

 private:
  Result<std::unique_ptr<Running>> Start(size_t max_reply_bytes);

  Loop& loop_;
  const std::string program_;
  std::vector<std::unique_ptr<Running>> idle_;
};

Result<std::unique_ptr<Running>> CommandTransport::Start(size_t max_reply_bytes) {
  Result<std::pair<Descriptor, Descriptor>> ends = MakeSocketPair();
  if (!ends) return std::move(ends).error();
  ProgramLog log;
  std::error_code error;
  ChildSpec spec;
  spec.program = program_;
  spec.environment = ProgramEnvironment();
  spec.descriptors = {{0, ends->second.get()}, {1, ends->second.get()}, {2, log.descriptor()}};
  spec.directory = std::filesystem::current_path(error).string();
  Result<Child> child = Child::Start(loop_, spec);
  if (!child) return std::move(child).error();
  return std::make_unique<Running>(std::move(*child),
                                   LineChannel(loop_, std::move(ends->first), max_reply_bytes),
                                   std::move(log));
}

Async<HttpReply> CommandTransport::Perform(const HttpRequest& request) {
  HttpReply reply;
  const int64_t began = NowUs();
  std::unique_ptr<Running> running;
  while (!running && !idle_.empty()) {
    running = std::move(idle_.back());
    idle_.pop_back();
    // What nobody asked for would be taken for the answer to this request.
    if (running->channel.pending()) running.reset();
  }
  if (!running) {
    Result<std::unique_ptr<Running>> started = Start(request.max_reply_bytes);
    if (!started) {
      Fail(reply, HttpFailure::kConnect, started.error().ToString());
      co_return reply;
    }
    running = std::move(*started);
  }
  const bool written = co_await running->channel.Write(request.body, request.timeout_ms);
  Line line;
  if (written) {
    const int64_t left_ms = request.timeout_ms - (NowUs() - began) / 1000;
    line = co_await running->channel.Read(std::max<int64_t>(1, left_ms));
  }
  reply.first_byte_us = reply.total_us = NowUs() - began;
  running->log.Bound();
  const bool cancelled = co_await IsCancelled();
  switch (line.status) {
    case LineStatus::kLine:
      if (running->channel.pending()) {
        Fail(reply, HttpFailure::kProtocol, "the program wrote more than one line for a request");
        break;
      }
      reply.status = 200;
      reply.body = std::move(line.text);
      idle_.push_back(std::move(running));
      break;
    case LineStatus::kTimeout:
      Fail(reply, HttpFailure::kTimeout, "the program did not answer in time");
      break;
    case LineStatus::kTooLong:
      Fail(reply, HttpFailure::kTooLarge, "the program's line is too long");
      break;
    case LineStatus::kCancelled:
      Fail(reply, HttpFailure::kCancelled, "cancelled");
      break;
    case LineStatus::kClosed: {
      if (cancelled) {
        Fail(reply, HttpFailure::kCancelled, "cancelled");
        break;
      }
      ChildExit exit = co_await running->child.Wait();
      const std::string how = exit.signal != 0 ? "by signal " + std::to_string(exit.signal)
                                               : "with status " + std::to_string(exit.status);
      Fail(reply, HttpFailure::kClosed, "the program ended " + how + running->log.LastWords());
      break;
    }
  }
  co_return reply;
}

class CommandModel : public Model {
 public:
  CommandModel(const ModelSpec& spec, Loop& loop, Clock& clock, CallCache* cache, uint64_t seed)
      : spec_(spec), transport_(loop, spec.program) {
    ModelSpec asked = spec;
    asked.max_retries = std::min(asked.max_retries, 1);
    if (asked.max_connections == 0) asked.max_connections = 1;
    asked_ = MakeEndpointModel(asked, std::make_unique<BorrowedFormat>(MakeOpenAiChat(asked), asked.id()), loop, clock,
                               transport_, cache, {}, seed);
  }

  const ModelSpec& spec() const override { return spec_; }
  EndpointState state() const override { return asked_->state(); }
  Async<Reply> Generate(const Request& request) override {
    Reply reply = co_await asked_->Generate(request);
    co_return reply;
  }

 private:
  const ModelSpec spec_;
  CommandTransport transport_;
  std::unique_ptr<Model> asked_;
};

}  // namespace

std::unique_ptr<Model> MakeCommandModel(const ModelSpec& spec, Loop& loop, Clock& clock,
                                        CallCache* cache, uint64_t seed) {
  return std::make_unique<CommandModel>(spec, loop, clock, cache, seed);
}

}  // namespace axiometer
