#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "harness/base/json.h"
#include "harness/io/clock.h"
#include "harness/io/http_server.h"
#include "harness/io/rendezvous.h"
#include "harness/model/endpoint_model.h"
#include "harness/model/openai_chat.h"
#include "tests/fakes/raw_server.h"

namespace axiometer {

inline constexpr char kLookTool[] =
    R"([{"type":"function","function":{"name":"look","description":"Looks.","parameters":)"
    R"({"type":"object","properties":{"at":{"type":"string"}},"required":["at"]}}}])";
inline constexpr char kKey[] = "sk-secret-0123456789abcdef";

inline ServedReply Canned(int status, std::string body,
                          std::vector<std::pair<std::string, std::string>> headers = {}) {
  ServedReply reply;
  reply.status = status;
  reply.body = std::move(body);
  reply.headers = std::move(headers);
  return reply;
}

// Remembers replies by digest and epoch.
class FakeCache : public CallCache {
 public:
  std::unique_ptr<Reply> Find(const std::string& digest, int epoch) override {
    const auto found = replies.find({digest, epoch});
    if (found == replies.end()) return nullptr;
    return std::make_unique<Reply>(found->second);
  }
  std::map<std::pair<std::string, int>, Reply> replies;
};

// A model whose endpoint is on this computer and answers what the test says. The format is
// MakeFormat's.
class EndpointFixture : public testing::Test {
 protected:
  EndpointFixture() : clock_(loop_), http_(loop_) {
    auto server = HttpServer::Start(
        loop_, 0, [this](const ServedRequest& request) { return Serve(request); });
    EXPECT_TRUE(server) << server.error().ToString();
    server_ = std::move(*server);
    spec_.name = "m";
    spec_.max_retries = 3;
    Serving(server_->port());
    Message hi;
    hi.text = "Hi";
    messages_ = {hi};
  }

  ~EndpointFixture() override { server_.reset(); }

  virtual std::unique_ptr<WireFormat> MakeFormat() const = 0;

  void Serving(int port) { spec_.base_url = "http://127.0.0.1:" + std::to_string(port) + "/v1"; }

  // The next replies; the last one is repeated.
  void Answer(std::vector<ServedReply> replies) { replies_.assign(replies.begin(), replies.end()); }

  Async<ServedReply> Serve(const ServedRequest& request) {
    requests_.push_back(request);
    ServedReply reply = replies_.front();
    if (replies_.size() > 1) replies_.pop_front();
    if (reply.status == 0) {
      Rendezvous<bool> never(loop_);
      co_await never.Wait();
    }
    co_return reply;
  }

  Model& model() {
    if (!model_) {
      model_ = MakeEndpointModel(spec_, MakeFormat(), loop_, clock_, http_, &cache_,
                                 {kKey, headers_}, 1);
    }
    return *model_;
  }

  Request Ask() const {
    Request request;
    request.messages = &messages_;
    request.task = "crossroads/ledger-01";
    return request;
  }

  Reply Generate() { return Generate(Ask()); }

  Reply Generate(const Request& request, std::function<void()> meanwhile = nullptr) {
    Reply reply;
    bool done = false;
    loop_.Spawn(
        Run(request, reply), [&] { done = true; }, key_);
    if (meanwhile) loop_.Post(meanwhile);
    while (!done) {
      clock_.Run();
      loop_.context().restart();
      loop_.context().run_one_for(std::chrono::milliseconds(5));
    }
    EXPECT_EQ(reply.error.find(kKey), std::string::npos) << reply.error;
    EXPECT_EQ(model().state().last_error.find(kKey), std::string::npos);
    EXPECT_LT(reply.error.size(), 2100u);
    EXPECT_EQ(model().state().in_flight, 0);
    EXPECT_EQ(model().state().waiting, 0);
    return reply;
  }

  // What is wrong with this body of a reply.
  std::string Problem(const std::string& body) const { return MakeFormat()->Decode(body, 1).problem; }

  // An endpoint whose connections end after this beginning of a body, asked twice.
  Reply GenerateFromCut(const std::string& beginning) {
    const RawServer raw("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n" + beginning);
    Serving(raw.port());
    spec_.max_retries = 1;
    return Generate();
  }

  // A conversation of five turns of two calls each. `said` makes a turn's reply, of which the next
  // request must hold `kept`, byte for byte, behind the bytes of the request before. Whether the
  // conversation is encoded turn by turn, all at once, or from what the store holds, the request is
  // the same.
  void CarryFiveTurns(const std::function<std::string(int turn)>& said,
                      const std::function<std::string(int turn)>& kept) {
    Message system;
    system.role = Role::kSystem;
    system.text = "Be \"brief\".";
    messages_.insert(messages_.begin(), system);
    EncodedConversation encoded;
    Request growing = Ask();
    growing.encoded = &encoded;
    growing.tools = kLookTool;
    growing.tool_choice = "auto";
    std::string before;
    for (int turn = 1; turn <= 6; ++turn) {
      Answer({Canned(200, said(turn))});
      const Reply reply = Generate(growing);
      ASSERT_EQ(reply.status, CallStatus::kOk) << reply.error;
      const std::string body = requests_.back().body;
      ASSERT_TRUE(ParseJson(body, "body")) << body;
      EXPECT_TRUE(encoded.bytes.starts_with(before));
      for (int earlier = 1; earlier < turn; ++earlier) {
        EXPECT_NE(body.find(kept(earlier)), std::string::npos) << kept(earlier) << "\n" << body;
      }
      before = encoded.bytes;
      Request afresh = growing;
      afresh.encoded = nullptr;
      EXPECT_EQ(Generate(afresh).request_digest, reply.request_digest);
      EXPECT_EQ(requests_.back().body, body);
      if (turn == 6) break;
      ASSERT_EQ(reply.message.tool_calls.size(), 2u);
      Message stored;
      const Result<Json> raw = ParseJson(reply.message.raw, "raw");
      ASSERT_TRUE(raw);
      ASSERT_EQ(DecodeChatMessage(*raw, stored), "");
      EXPECT_EQ(stored.raw, reply.message.raw);
      EXPECT_EQ(stored.text, reply.message.text);
      EXPECT_EQ(stored.reasoning, reply.message.reasoning);
      messages_.push_back(stored);
      for (const ToolCall& call : reply.message.tool_calls) {
        EXPECT_EQ(call.name, "look");
        Message answer;
        answer.role = Role::kTool;
        answer.text = R"({"seen": )" + std::to_string(turn) + "}";
        answer.tool_call_id = call.id;
        answer.tool_name = call.name;
        messages_.push_back(answer);
      }
    }
  }

  Async<void> Run(const Request& request, Reply& out) {
    Reply reply = co_await model().Generate(request);
    out = std::move(reply);
  }

  Loop loop_;
  const uint64_t key_ = loop_.NewKey();
  FakeClock clock_;
  HttpClient http_;
  FakeCache cache_;
  HttpHeaders headers_;
  ModelSpec spec_;
  std::vector<Message> messages_;
  std::deque<ServedReply> replies_;
  std::vector<ServedRequest> requests_;
  std::unique_ptr<HttpServer> server_;
  std::unique_ptr<Model> model_;
};

inline std::string Header(const ServedRequest& request, const std::string& name) {
  for (const auto& [key, value] : request.headers) {
    if (key == name) return value;
  }
  return "";
}

}  // namespace axiometer
