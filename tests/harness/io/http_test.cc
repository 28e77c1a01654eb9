#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "harness/io/clock.h"
#include "harness/io/http_client.h"
#include "harness/io/http_server.h"
#include "tests/fakes/gzip_zeros.h"
#include "tests/fakes/raw_server.h"

namespace axiometer {
namespace {

// A client against a server on the same loop, or against one that sends raw bytes.
class HttpTest : public testing::Test {
 protected:
  HttpReply Ask(int port, std::string body = "", int64_t timeout_ms = 5000,
                size_t max_bytes = 1 << 20) {
    HttpRequest request;
    request.url = "http://127.0.0.1:" + std::to_string(port) + "/path?q";
    request.headers = {{"Authorization", "Bearer marker-key"}};
    request.body = std::move(body);
    request.timeout_ms = timeout_ms;
    request.max_reply_bytes = max_bytes;
    HttpReply reply;
    loop_.Spawn(AskInto(request, reply));
    loop_.Run();
    return reply;
  }

  Async<> AskInto(const HttpRequest& request, HttpReply& reply) {
    reply = co_await client_->Perform(request);
    server_.reset();
  }

  // As if the process were stopped after `ms`, for `stop_ms`.
  static Async<> StandStill(Clock& clock, int64_t ms, int64_t stop_ms) {
    co_await clock.Sleep(ms);
    std::this_thread::sleep_for(std::chrono::milliseconds(stop_ms));
  }

  Async<> AskTwice(const HttpRequest& request, bool& reused) {
    HttpReply first = co_await client_->Perform(request);
    HttpReply second = co_await client_->Perform(request);
    reused = first.ok() && second.reused_connection;
    server_.reset();
  }

  Async<> CancelSoon(Clock& clock) {
    co_await clock.Sleep(30);
    loop_.Cancel(77);
  }

  static Async<ServedReply> Echo(const ServedRequest& request) {
    ServedReply reply;
    reply.status = 201;
    reply.headers = {{"X-Method", request.method}};
    reply.body = request.target + " " + request.body;
    co_return reply;
  }

  int Serve() {
    server_ = std::move(*HttpServer::Start(loop_, 0, &HttpTest::Echo));
    return server_->port();
  }

  Loop loop_;
  std::unique_ptr<HttpServer> server_;
  std::unique_ptr<HttpClient> client_ = std::make_unique<HttpClient>(loop_);
};

TEST_F(HttpTest, CarriesBothBodies) {
  const HttpReply reply = Ask(Serve(), std::string(300'000, 'x'));
  EXPECT_TRUE(reply.ok()) << reply.error;
  EXPECT_EQ(reply.status, 201);
  EXPECT_EQ(reply.body.size(), 300'008u);
  ASSERT_NE(reply.header("x-method"), nullptr);
  EXPECT_EQ(*reply.header("x-method"), "POST");
}

TEST_F(HttpTest, ARefusedConnectionIsNamed) {
  const HttpReply reply = Ask(1);
  EXPECT_EQ(reply.failure, HttpFailure::kConnect);
  EXPECT_TRUE(reply.error.starts_with("cannot connect: ")) << reply.error;
  EXPECT_EQ(reply.error.find("marker-key"), std::string::npos);
}

TEST_F(HttpTest, AnEarlyEndIsNotAReply) {
  RawServer server("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
  EXPECT_EQ(Ask(server.port()).failure, HttpFailure::kClosed);
}

TEST_F(HttpTest, SilenceEndsAtTheDeadline) {
  RawServer server("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", RawServer::Then::kStall);
  const HttpReply reply = Ask(server.port(), "", 100);
  EXPECT_EQ(reply.failure, HttpFailure::kTimeout);
}

TEST_F(HttpTest, AReplyThatCameInTimeIsTakenHoweverLateWeLook) {
  RawServer server("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nwell", RawServer::Then::kClose, 100);
  const auto clock = MakeRealClock(loop_);
  loop_.Spawn(StandStill(*clock, 50, 500));
  const HttpReply reply = Ask(server.port(), "", 300);
  EXPECT_EQ(reply.failure, HttpFailure::kNone) << reply.error;
  EXPECT_EQ(reply.body, "well");
}

TEST_F(HttpTest, ABodyIsBounded) {
  const HttpReply reply = Ask(Serve(), std::string(5000, 'x'), 5000, 4096);
  EXPECT_EQ(reply.failure, HttpFailure::kTooLarge);
  EXPECT_EQ(reply.error, "reply too large: more than 4096 bytes");
}

TEST_F(HttpTest, GarbageIsNotHttp) {
  RawServer server("SSH-2.0-OpenSSH\r\n\r\n");
  EXPECT_EQ(Ask(server.port()).failure, HttpFailure::kProtocol);
}

TEST_F(HttpTest, ACompressedBodyIsBoundedByWhatItUnpacksTo) {
  RawServer server("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n" +
                   ZerosInGzip(40'000));
  EXPECT_EQ(Ask(server.port(), "", 5000, 1 << 20).error,
            "reply too large: more than 1048576 bytes");
}

TEST_F(HttpTest, AHeaderThatWeSentStaysOutOfErrors) {
  HttpRequest request;
  request.url = "markerkey://127.0.0.1/";
  request.headers = {{"Authorization", "Bearer markerkey"}};
  HttpReply reply;
  loop_.Spawn(AskInto(request, reply));
  loop_.Run();
  EXPECT_EQ(reply.failure, HttpFailure::kProtocol);
  EXPECT_EQ(reply.error, "not HTTP: Protocol \"***\" not supported or disabled in libcurl");
}

TEST_F(HttpTest, AHeaderMayNotHoldALineBreak) {
  HttpRequest request;
  request.url = "http://127.0.0.1:1/";
  request.headers = {{"X-Key", "one\r\nX-Other: two"}};
  HttpReply reply;
  loop_.Spawn(AskInto(request, reply));
  loop_.Run();
  EXPECT_EQ(reply.failure, HttpFailure::kProtocol);
  EXPECT_EQ(reply.error, "header \"X-Key\" holds a line break");
}

TEST_F(HttpTest, HonoursAProxyInUpperCase) {
  RawServer proxy("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nproxy");
  setenv("HTTP_PROXY", ("http://127.0.0.1:" + std::to_string(proxy.port())).c_str(), 1);
  client_ = std::make_unique<HttpClient>(loop_);
  unsetenv("HTTP_PROXY");
  HttpRequest request;
  request.url = "http://model.example/v1";
  HttpReply reply;
  loop_.Spawn(AskInto(request, reply));
  loop_.Run();
  EXPECT_EQ(reply.body, "proxy") << reply.error;
}

TEST_F(HttpTest, ACancelledExchangeSaysSo) {
  RawServer server("", RawServer::Then::kStall);
  HttpRequest request;
  request.url = "http://127.0.0.1:" + std::to_string(server.port()) + "/";
  HttpReply reply;
  loop_.Spawn(AskInto(request, reply), nullptr, 77);
  const auto clock = MakeRealClock(loop_);
  loop_.Spawn(CancelSoon(*clock), nullptr);
  loop_.Run();
  EXPECT_EQ(reply.failure, HttpFailure::kCancelled);
}

TEST_F(HttpTest, ConnectionsAreKept) {
  const int port = Serve();
  HttpRequest request;
  request.url = "http://127.0.0.1:" + std::to_string(port) + "/";
  bool reused = false;
  loop_.Spawn(AskTwice(request, reused));
  loop_.Run();
  EXPECT_TRUE(reused);
}

TEST_F(HttpTest, ATakenPortIsNamed) {
  const int port = Serve();
  const auto second = HttpServer::Start(loop_, port, &HttpTest::Echo);
  EXPECT_EQ(second.error().ToString(),
            "127.0.0.1:" + std::to_string(port) +
                ": Address already in use: name another port with --port");
}

}  // namespace
}  // namespace axiometer
