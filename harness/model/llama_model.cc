#include "harness/model/llama_model.h"

#include <utility>

#include "harness/model/borrowed_format.h"
#include "harness/model/endpoint_model.h"
#include "harness/model/openai_chat.h"

namespace axiometer {
namespace {

// What makes a server's answers: the file, the context and the server's further options; not its port.
std::string IdentityOf(const LocalServer& server) {
  std::string identity = "llama:" + server.file_digest + ":" + std::to_string(server.context);
  for (const std::string& argument : server.arguments) identity += "\n" + argument;
  return identity;
}

// Chat completions wherever the server listens now.
class LlamaFormat : public BorrowedFormat {
 public:
  LlamaFormat(const ModelSpec& spec, const LlamaServer& server)
      : BorrowedFormat(MakeOpenAiChat(spec), IdentityOf(*spec.server)), server_(server) {}

  const std::string& url() const override { return url_ = server_.base_url() + "/chat/completions"; }
  const std::string& models_url() const override { return models_url_ = server_.base_url() + "/models"; }
  std::string Advice(const FailedTry& failed) const override {
    if (failed.type == "exceed_context_size_error") return "a larger --llama-context has room for more";
    return BorrowedFormat::Advice(failed);
  }

 private:
  const LlamaServer& server_;
  mutable std::string url_;
  mutable std::string models_url_;
};

class LlamaModel : public Model {
 public:
  LlamaModel(const ModelSpec& spec, std::shared_ptr<LlamaServer> server, Loop& loop, Clock& clock,
             HttpTransport& http, CallCache* cache, uint64_t seed)
      : spec_(spec), server_(std::move(server)) {
    ModelSpec asked = spec;
    asked.name = "local";  // the server has one model, and its path is nobody's business
    asked.max_retries = 1;
    if (asked.max_connections == 0) asked.max_connections = LlamaServer::kDefaultSlots;
    asked_ = MakeEndpointModel(asked, std::make_unique<LlamaFormat>(asked, *server_), loop, clock,
                               http, cache, {server_->key(), {}}, seed);
  }

  const ModelSpec& spec() const override { return spec_; }
  EndpointState state() const override { return asked_->state(); }

  Async<Result<void>> Prepare() override {
    Result<void> ready = co_await server_->Ready();
    co_return ready;
  }

  Async<Reply> Generate(const Request& request) override {
    while (true) {
      Result<void> ready = co_await server_->Ready();
      if (!ready) co_return Failure(ready.error());
      const int generation = server_->generation();
      Reply reply = co_await asked_->Generate(request);
      if (reply.http_status != 0 || reply.cached) server_->Answered();
      if (reply.http_status != 0 || reply.cached || reply.status == CallStatus::kCancelled)
        co_return reply;
      Result<bool> revived = co_await server_->Revived(generation);
      if (!revived) co_return Failure(revived.error());
      if (!*revived) co_return reply;
    }
  }

 private:
  static Reply Failure(const Error& error) {
    Reply reply;
    reply.status = CallStatus::kError;
    reply.error = error.ToString();
    return reply;
  }

  const ModelSpec spec_;
  const std::shared_ptr<LlamaServer> server_;
  std::unique_ptr<Model> asked_;
};

}  // namespace

std::unique_ptr<Model> MakeLlamaModel(const ModelSpec& spec, std::shared_ptr<LlamaServer> server,
                                      Loop& loop, Clock& clock, HttpTransport& http,
                                      CallCache* cache, uint64_t seed) {
  return std::make_unique<LlamaModel>(spec, std::move(server), loop, clock, http, cache, seed);
}

}  // namespace axiometer
