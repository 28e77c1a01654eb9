#include "harness/model/endpoint_model.h"

#include <gtest/gtest.h>

#include "harness/model/openai_chat.h"
#include "tests/fakes/raw_server.h"
#include "tests/harness/model/endpoint_fixture.h"

namespace axiometer {
namespace {

std::string ServedCompletion(const std::string& message) {
  return R"({"id":"c1","model":"m-1","choices":[{"finish_reason":"stop","message":)" + message +
         R"(}],"usage":{"prompt_tokens":10,"completion_tokens":5}})";
}

std::string Hello() { return ServedCompletion(R"({"role":"assistant","content":"Hello"})"); }

class EndpointTest : public EndpointFixture {
 protected:
  EndpointTest() { spec_.provider = "openai"; }
  std::unique_ptr<WireFormat> MakeFormat() const override { return MakeOpenAiChat(spec_); }
};

TEST_F(EndpointTest, AsksAndReads) {
  spec_.prices = Prices{2, 10, {}};
  Answer({Canned(200, Hello())});
  const Reply reply = Generate();
  EXPECT_EQ(reply.status, CallStatus::kOk) << reply.error;
  EXPECT_EQ(reply.message.text, "Hello");
  EXPECT_EQ(reply.message.raw, R"({"role":"assistant","content":"Hello"})");
  EXPECT_EQ(reply.finish_reason, "stop");
  EXPECT_EQ(reply.response_model, "m-1");
  EXPECT_EQ(reply.response_id, "c1");
  EXPECT_EQ(reply.tries, 1);
  EXPECT_EQ(reply.http_status, 200);
  EXPECT_GT(reply.duration_us, 0);
  EXPECT_EQ(reply.usage.tokens(), 15);
  EXPECT_DOUBLE_EQ(*reply.usage.cost_usd, 70e-6);
  ASSERT_EQ(requests_.size(), 1u);
  EXPECT_EQ(requests_[0].method, "POST");
  EXPECT_EQ(requests_[0].target, "/v1/chat/completions");
  EXPECT_EQ(Header(requests_[0], "authorization"), std::string("Bearer ") + kKey);
  EXPECT_EQ(Header(requests_[0], "content-type"), "application/json");
  EXPECT_EQ(requests_[0].body, R"({"model":"m","messages":[{"role":"user","content":"Hi"}]})");
}

TEST_F(EndpointTest, WithoutAKeyThereIsNoAuthorization) {
  model_ = MakeEndpointModel(spec_, MakeOpenAiChat(spec_), loop_, clock_, http_, nullptr, {}, 1);
  Answer({Canned(200, Hello())});
  EXPECT_EQ(Generate().status, CallStatus::kOk);
  EXPECT_EQ(Header(requests_[0], "authorization"), "");
}

TEST_F(EndpointTest, ModelArgumentsBecomeMembers) {
  spec_.arguments = {{"top_k", "5"}, {"reasoning", "{\"effort\":\"low\"}"}};
  Answer({Canned(200, Hello())});
  Generate();
  EXPECT_EQ(requests_[0].body, R"({"model":"m","messages":[{"role":"user","content":"Hi"}],)"
                               R"("reasoning":{"effort":"low"},"top_k":5})");
}

TEST_F(EndpointTest, DownIsTriedAgainThenAnError) {
  {
    const RawServer closed("");
    Serving(closed.port());
  }
  const Reply reply = Generate();
  EXPECT_EQ(reply.status, CallStatus::kError);
  EXPECT_EQ(reply.tries, 4);
  EXPECT_EQ(reply.http_status, 0);
  EXPECT_NE(reply.error.find("endpoint \"openai/m\": "), std::string::npos) << reply.error;
  EXPECT_NE(reply.error.find("(after 4 tries)"), std::string::npos) << reply.error;
  EXPECT_GT(reply.waited_us, 1'700'000);  // of simulated time
}

TEST_F(EndpointTest, SlowIsATimeout) {
  spec_.timeout_ms = 60;
  spec_.max_retries = 1;
  Answer({Canned(0, "")});
  const Reply reply = Generate();
  EXPECT_EQ(reply.status, CallStatus::kTimeout);
  EXPECT_EQ(reply.tries, 2);
}

TEST_F(EndpointTest, ClosingInTheMiddleIsTriedAgain) {
  const Reply reply = GenerateFromCut("{\"choices\":[");
  EXPECT_EQ(reply.status, CallStatus::kError);
  EXPECT_EQ(reply.tries, 2);
  EXPECT_FALSE(reply.error.empty());
}

TEST_F(EndpointTest, HtmlTwiceIsFinal) {
  Answer({Canned(200, "<html><head><title>Welcome to nginx!</title></head></html>")});
  const Reply reply = Generate();
  EXPECT_EQ(reply.status, CallStatus::kError);
  EXPECT_EQ(
      reply.error,
      "endpoint \"openai/m\": the reply is an HTML page titled \"Welcome to nginx!\", expected "
      "JSON: does the base URL end in /v1? (after 2 tries)");
}

TEST_F(EndpointTest, WrongJsonTwiceIsFinal) {
  Answer({Canned(200, "{\"choices\": [}")});
  const Reply reply = Generate();
  EXPECT_EQ(reply.status, CallStatus::kError);
  EXPECT_EQ(reply.error,
            "endpoint \"openai/m\": reply:1:14: not valid JSON: {\"choices\": [} (after 2 tries)");
}

TEST_F(EndpointTest, WrongJsonOnceIsForgiven) {
  Answer({Canned(200, "{\"choices\": [}"), Canned(200, Hello())});
  const Reply reply = Generate();
  EXPECT_EQ(reply.status, CallStatus::kOk);
  EXPECT_EQ(reply.error, "");
  EXPECT_EQ(reply.tries, 2);
  EXPECT_EQ(model().state().retries, 1);
}

TEST_F(EndpointTest, AnEmptyChoiceListIsFinalAndItsTokensCount) {
  Answer({Canned(200, R"({"choices":[],"usage":{"prompt_tokens":9}})")});
  const Reply reply = Generate();
  EXPECT_EQ(reply.status, CallStatus::kError);
  EXPECT_EQ(reply.error, "endpoint \"openai/m\": 0 choices in the reply, expected 1");
  EXPECT_EQ(reply.tries, 1);
  EXPECT_EQ(reply.usage.input_tokens, 9);
}

TEST_F(EndpointTest, TenMegabytesAreTooMuch) {
  Answer({Canned(200, ServedCompletion("{\"content\":\"" + std::string(10 << 20, 'x') + "\"}"))});
  const Reply reply = Generate();
  EXPECT_EQ(reply.status, CallStatus::kError);
  EXPECT_EQ(reply.tries, 1);
  EXPECT_FALSE(reply.error.empty());
}

TEST_F(EndpointTest, RateLimitedForEverEnds) {
  Answer({Canned(429, R"({"error":{"message":"slow down","code":"rate_limit_exceeded"}})",
                 {{"Retry-After", "20"}})});
  const int64_t before = clock_.NowMs();
  const Reply reply = Generate();
  EXPECT_EQ(reply.status, CallStatus::kRateLimited);
  EXPECT_EQ(reply.http_status, 429);
  EXPECT_EQ(reply.tries, 4);
  EXPECT_EQ(reply.error, "endpoint \"openai/m\": HTTP 429: slow down (after 4 tries)");
  EXPECT_GE(clock_.NowMs() - before, 60'000);
  EXPECT_LE(clock_.NowMs() - before, 70'000);
  EXPECT_GE(reply.waited_us, 60'000'000);
  EXPECT_EQ(model().state().rate_limited, 4);
}

TEST_F(EndpointTest, ARateLimitThatEndsIsForgiven) {
  Answer(
      {Canned(429, "{}", {{"retry-after-ms", "1500"}}), Canned(503, "busy"), Canned(200, Hello())});
  const Reply reply = Generate();
  EXPECT_EQ(reply.status, CallStatus::kOk);
  EXPECT_EQ(reply.tries, 3);
  EXPECT_EQ(model().state().rate_limited, 2);
}

TEST_F(EndpointTest, BrokenArgumentsAreTheScaffoldsBusiness) {
  Answer({Canned(
      200, ServedCompletion(
               R"({"role":"assistant","content":null,"tool_calls":[{"id":"c1",)"
               R"("type":"function","function":{"name":"look","arguments":"{\"a\": "}}]})"))});
  const Reply reply = Generate();
  EXPECT_EQ(reply.status, CallStatus::kOk);
  ASSERT_EQ(reply.message.tool_calls.size(), 1u);
  EXPECT_EQ(reply.message.tool_calls[0].arguments, "{\"a\": ");
}

TEST_F(EndpointTest, FinalErrorsAreAskedOnce) {
  const struct {
    int http;
    const char* body;
    CallStatus status;
  } cases[] = {
      {400, R"({"error":{"message":"bad request"}})", CallStatus::kError},
      {400, R"({"error":{"message":"no","code":"content_filter"}})", CallStatus::kRefused},
      {401, R"({"error":{"message":"who?"}})", CallStatus::kAuth},
      {402, "", CallStatus::kQuota},
      {403, R"({"error":{"message":"not you"}})", CallStatus::kAuth},
      {404, R"({"detail":"Not Found"})", CallStatus::kError},
      {429, R"({"error":{"message":"pay","code":"insufficient_quota"}})", CallStatus::kQuota},
      {200, R"({"error":{"message":"pay","code":"insufficient_quota"}})", CallStatus::kQuota},
      {200, R"({"error":{"message":"pay","code":402}})", CallStatus::kQuota},
  };
  for (const auto& one : cases) {
    Answer({Canned(one.http, one.body)});
    const Reply reply = Generate();
    EXPECT_EQ(reply.status, one.status) << one.http << one.body << reply.error;
    EXPECT_EQ(reply.tries, 1) << one.http << one.body;
  }
}

TEST_F(EndpointTest, ARefusalComesWithItsMessage) {
  Answer({Canned(
      200, ServedCompletion(R"({"role":"assistant","content":null,"refusal":"I will not"})"))});
  const Reply reply = Generate();
  EXPECT_EQ(reply.status, CallStatus::kRefused);
  EXPECT_EQ(reply.error, "endpoint \"openai/m\": the reply is a refusal: I will not");
  EXPECT_FALSE(reply.message.raw.empty());
}

TEST_F(EndpointTest, AnEchoedKeyIsTakenOut) {
  const std::string key = kKey;
  Answer({Canned(401, "{\"error\":{\"message\":\"wrong key " + key + "\"}}")});
  EXPECT_EQ(Generate().error, "endpoint \"openai/m\": HTTP 401: wrong key [key]");
  Answer({Canned(500, std::string(590, 'x') + key)});
  const Reply cut = Generate();  // cut in the middle of the key, were it still there
  EXPECT_EQ(cut.error.find("sk-"), std::string::npos) << cut.error;
  Answer({Canned(200, "Authorization: Bearer " + key)});
  EXPECT_EQ(Generate().status, CallStatus::kError);
  Answer({Canned(200, ServedCompletion("{\"content\":\"your key is " + key + "\"}"))});
  EXPECT_EQ(Generate().message.text, "your key is [key]");
}

TEST_F(EndpointTest, ErrorsAreOneBoundedLineWithoutEscapes) {
  Answer({Canned(400, "\x1b[31mno\n" + std::string(1 << 20, 'y'))});
  const Reply reply = Generate();
  EXPECT_EQ(reply.error.find('\x1b'), std::string::npos);
  EXPECT_EQ(reply.error.find('\n'), std::string::npos);
}

TEST_F(EndpointTest, ACachedReplyIsNotAskedForAgain) {
  Answer({Canned(200, Hello())});
  const Reply first = Generate();
  EXPECT_EQ(first.request_digest.size(), 64u);
  cache_.replies[{first.request_digest, 1}] = first;
  const Reply again = Generate();
  EXPECT_TRUE(again.cached);
  EXPECT_EQ(again.tries, 0);
  EXPECT_EQ(again.message.text, "Hello");
  EXPECT_EQ(again.request_digest, first.request_digest);
  EXPECT_EQ(requests_.size(), 1u);
  Request other_epoch = Ask();
  other_epoch.epoch = 2;
  EXPECT_FALSE(Generate(other_epoch).cached);
  Request judge_again = Ask();
  judge_again.step = 2;
  EXPECT_FALSE(Generate(judge_again).cached);
}

// The next checkpoint of a training may have the same name at the same endpoint.
TEST_F(EndpointTest, AnotherPlaceInASeriesIsNotAnsweredFromTheCache) {
  Answer({Canned(200, Hello())});
  spec_.cache_scope = "1 of doses";
  const Reply first = Generate();
  cache_.replies[{first.request_digest, 1}] = first;
  EXPECT_TRUE(Generate().cached);
  model_.reset();
  spec_.cache_scope = "2 of doses";
  EXPECT_FALSE(Generate().cached);
}

TEST_F(EndpointTest, WithoutCacheEveryCallIsMade) {
  spec_.cache = false;
  Answer({Canned(200, Hello())});
  const Reply first = Generate();
  cache_.replies[{first.request_digest, 1}] = first;
  EXPECT_FALSE(Generate().cached);
}

TEST_F(EndpointTest, TheDigestIsOfEndpointModelAndBody) {
  Answer({Canned(200, Hello())});
  const std::string digest = Generate().request_digest;
  EXPECT_EQ(digest, Sha256(spec_.base_url + "/chat/completions\n" + requests_[0].body + "\n1"));
  EncodedConversation encoded;
  Request growing = Ask();
  growing.encoded = &encoded;
  EXPECT_EQ(Generate(growing).request_digest, digest);
  messages_.push_back(messages_[0]);
  const std::string longer = Generate(growing).request_digest;
  EXPECT_EQ(longer, Generate().request_digest);
  EXPECT_NE(longer, digest);
}

TEST_F(EndpointTest, AFurtherHeaderMayMeanAnotherAnswer) {
  Answer({Canned(200, Hello())});
  const std::string digest = Generate().request_digest;
  model_.reset();
  headers_ = {{"anthropic-beta", "one"}};
  EXPECT_NE(Generate().request_digest, digest);
}

TEST_F(EndpointTest, CancellingACallEndsIt) {
  Answer({Canned(0, "")});
  const Reply reply = Generate(Ask(), [this] { loop_.Cancel(key_); });
  EXPECT_EQ(reply.status, CallStatus::kCancelled);
}

TEST_F(EndpointTest, AnUnknownModelIsAskedForOnceAndTheNearestOffered) {
  spec_.name = "gtp-5";
  const std::string unknown =
      R"({"error":{"message":"The model `gtp-5` does not exist","code":"model_not_found"}})";
  const std::string list =
      R"({"object":"list","data":[{"id":"gpt-4o"},{"id":"gpt-5"},{"id":"o3"}]})";
  Answer({Canned(404, unknown), Canned(200, list), Canned(404, unknown)});
  const std::string error =
      "endpoint \"openai/gtp-5\": HTTP 404: The model `gtp-5` does not exist: did you mean "
      "\"gpt-5\"?";
  EXPECT_EQ(Generate().error, error);
  EXPECT_EQ(Generate().error, error);
  ASSERT_EQ(requests_.size(), 3u);
  EXPECT_EQ(requests_[1].method, "GET");
  EXPECT_EQ(requests_[1].target, "/v1/models");
  EXPECT_EQ(Header(requests_[1], "authorization"), std::string("Bearer ") + kKey);
}

// A page that is not the endpoint's own means a wrong address, about which its models say nothing.
TEST_F(EndpointTest, AWrongAddressIsNotTakenForAnUnknownModel) {
  Answer({Canned(404, "<html><title>404 Not Found</title></html>")});
  EXPECT_EQ(Generate().error,
            "endpoint \"openai/m\": HTTP 404: an HTML page titled \"404 Not Found\"");
  EXPECT_EQ(requests_.size(), 1u);
}

TEST_F(EndpointTest, FurtherHeadersTakeTheFormatsPlaceAndAreTakenOutOfReplies) {
  headers_ = {{"authorization", "Custom hush-hush"}, {"X-Team", "values-and-more"}};
  Answer({Canned(400, R"({"error":"Custom hush-hush of values-and-more"})")});
  EXPECT_EQ(Generate().error, "endpoint \"openai/m\": HTTP 400: [key] of [key]");
  EXPECT_EQ(Header(requests_[0], "authorization"), "Custom hush-hush");
  EXPECT_EQ(Header(requests_[0], "x-team"), "values-and-more");
}

TEST(UrlWithPath, KeepsAQueryAtTheEnd) {
  EXPECT_EQ(UrlWithPath("http://h/v1", "/chat/completions"), "http://h/v1/chat/completions");
  EXPECT_EQ(UrlWithPath("http://h/v1/", "/chat/completions"), "http://h/v1/chat/completions");
  EXPECT_EQ(UrlWithPath("https://h/x?api-version=1", "/models"),
            "https://h/x/models?api-version=1");
}

}  // namespace
}  // namespace axiometer
