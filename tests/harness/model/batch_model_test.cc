#include "harness/model/batch_model.h"

#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <set>

#include "harness/base/digest.h"
#include "harness/model/openai_chat.h"

namespace axiometer {
namespace {

TEST(BatchRequestIdTest, HoldsDigestAndEpoch) {
  for (const char* text : {"a", "b", "c"}) {
    const std::string digest = Sha256(text);
    const std::string id = BatchRequestId(BatchRequestKey(digest, 1000), 10'000);
    EXPECT_LE(id.size(), 64u);
    EXPECT_EQ(
        id.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"),
        std::string::npos);
    std::string read;
    int epoch = 0;
    ASSERT_TRUE(ReadBatchRequestId(id, read, epoch));
    EXPECT_EQ(read, digest);
    EXPECT_EQ(epoch, 1000);
  }
  // By hand: 252 bits 1 are 42 times "_"; the last four, and two zeros, are 60, which is "8".
  EXPECT_EQ(BatchRequestKey(std::string(64, 'f'), 1), std::string(42, '_') + "8-1");
  std::string digest;
  int epoch = 0;
  for (const std::string& other : {std::string(), std::string("request-1"), std::string(60, 'a'),
                                   std::string(43, '+') + "-1-1"}) {
    EXPECT_FALSE(ReadBatchRequestId(other, digest, epoch)) << other;
  }
}

class FakeLog : public BatchLog {
 public:
  std::string run() const override { return "01A"; }
  Result<std::vector<BatchRecord>> Unsettled(const std::string&) override { return earlier; }
  bool Knows(const std::string&, const std::string& id) override { return known.contains(id); }
  Async<Result<void>> Keep(const BatchRecord& record) override {
    known.insert(record.id);
    Result<void> done;
    co_return done;
  }
  void Settle(const BatchRecord& record) override { settled.push_back(record.id); }
  void NotDeleted(const BatchRecord& record, const std::string& problem) override {
    not_deleted.push_back(record.id + ": " + problem);
  }

  std::vector<BatchRecord> earlier;
  std::set<std::string> known;
  std::vector<std::string> settled;
  std::vector<std::string> not_deleted;
};

// Batches without an endpoint: what was submitted, and what becomes of it.
class FakeService : public BatchService {
 public:
  Async<BatchSubmission> Submit(BatchCaller&, const std::vector<BatchRequest>& requests,
                                const BatchMark&) const override {
    BatchSubmission submission;
    if (refusal) {
      submission.failed = *refusal;
      co_return submission;
    }
    submitted.push_back(requests);
    submission.id = "b" + std::to_string(submitted.size());
    co_return submission;
  }
  std::string StatusUrl(const std::string& id) const override { return "http://h/status/" + id; }
  BatchStatus ReadStatus(std::string_view body) const override {
    BatchStatus status;
    status.ended = body.starts_with("results:");
    if (body.starts_with("<html>")) status.problem = "an HTML page";
    if (status.ended) status.result_urls = {"http://h/" + std::string(body)};
    return status;
  }
  std::optional<BatchResult> ReadLine(std::string_view line) const override {
    BatchResult result;
    const size_t space = line.find(' ');
    result.id = line.substr(0, space);
    const std::string_view what = line.substr(space + 1);
    result.kind = what == "expired" ? BatchResult::Kind::kExpired : BatchResult::Kind::kAnswered;
    result.body = what;
    return result;
  }

  std::optional<ReadTry> refusal;
  mutable std::vector<std::vector<BatchRequest>> submitted;
};

// Answers GET by `look`, at once.
class FakeTransport : public HttpTransport {
 public:
  Async<HttpReply> Perform(const HttpRequest& request) override {
    asked.push_back(request.url);
    HttpReply reply = look(request.url);
    co_return reply;
  }
  std::function<HttpReply(const std::string&)> look;
  std::vector<std::string> asked;
};

HttpReply Said(int status, std::string body) {
  HttpReply reply;
  reply.status = status;
  reply.body = std::move(body);
  return reply;
}

constexpr char kYes[] =
    R"({"choices":[{"finish_reason":"stop","message":{"role":"assistant","content":"Yes"}}]})";

class BatchModelTest : public testing::Test {
 protected:
  BatchModelTest() : clock_(loop_) {
    spec_.provider = "openai";
    spec_.name = "m";
    spec_.base_url = "http://h/v1";
    spec_.max_retries = 2;
    auto service = std::make_unique<FakeService>();
    service_ = service.get();
    model_ = MakeBatchModel(spec_, MakeOpenAiChat(spec_), std::move(service), loop_, clock_, http_,
                            nullptr, log_, {}, {}, 1);
    http_.look = [this](const std::string& url) { return Look(url); };
  }

  // Every batch ends at its second look; its lines come backwards, each as `fate` says.
  HttpReply Look(const std::string& url) {
    if (url.find("/results:") != std::string::npos) {
      const auto& requests = service_->submitted[std::stoul(url.substr(url.rfind('b') + 1)) - 1];
      std::string lines;
      for (auto one = requests.rbegin(); one != requests.rend(); ++one)
        lines += one->id + ' ' + fate_(one->body) + '\n';
      return Said(200, lines);
    }
    if (++looks_[url] < 2) return Said(200, "at work");
    return Said(200, "results:" + url.substr(url.rfind('/') + 1));
  }

  void Ask(const std::string& text, int epoch = 1, uint64_t key = 0) {
    Message message;
    message.text = text;
    asked_.push_back({message});
    replies_.emplace_back();
    loop_.Spawn(Generate(asked_.back(), epoch, replies_.back()), nullptr, key);
  }

  Async<> Generate(const std::vector<Message>& messages, int epoch, Reply& out) {
    Request request;
    request.messages = &messages;
    request.epoch = epoch;
    Reply reply = co_await model_->Generate(request);
    out = std::move(reply);
  }

  Loop loop_;
  FakeClock clock_;
  FakeLog log_;
  FakeTransport http_;
  ModelSpec spec_;
  FakeService* service_;
  std::unique_ptr<Model> model_;
  std::function<std::string(const std::string&)> fate_ = [](const std::string&) {
    return std::string(kYes);
  };
  std::map<std::string, int> looks_;
  std::deque<std::vector<Message>> asked_;
  std::deque<Reply> replies_;
};

TEST_F(BatchModelTest, WhatComesTogetherIsOneBatch) {
  for (const char* text : {"one", "two", "three"}) Ask(text);
  clock_.Run();
  ASSERT_EQ(service_->submitted.size(), 1u);
  EXPECT_EQ(service_->submitted[0].size(), 3u);
  for (const Reply& reply : replies_) {
    EXPECT_EQ(reply.status, CallStatus::kOk) << reply.error;
    EXPECT_EQ(reply.message.text, "Yes");
    EXPECT_EQ(reply.tries, 1);
  }
  EXPECT_TRUE(loop_.idle());
  EXPECT_TRUE(log_.settled.empty());  // not before they are stored
  model_->RepliesStored();
  EXPECT_EQ(log_.settled, std::vector<std::string>{"b1"});
}

TEST_F(BatchModelTest, EqualRequestsAreTwo) {
  Ask("one");
  Ask("one");
  Ask("one", 2);
  clock_.Run();
  ASSERT_EQ(service_->submitted.size(), 1u);
  EXPECT_EQ(service_->submitted[0].size(), 3u);
  for (const Reply& reply : replies_) EXPECT_EQ(reply.status, CallStatus::kOk) << reply.error;
}

TEST_F(BatchModelTest, WhatExpiredIsSubmittedAgainAsOftenAsRetriesAllow) {
  fate_ = [](const std::string& body) {
    return body.find("late") == std::string::npos ? kYes : std::string("expired");
  };
  Ask("one");
  Ask("late");
  clock_.Run();
  ASSERT_EQ(service_->submitted.size(), 3u);
  EXPECT_EQ(service_->submitted[0].size(), 2u);
  EXPECT_EQ(service_->submitted[2].size(), 1u);
  EXPECT_EQ(replies_[0].status, CallStatus::kOk);
  EXPECT_EQ(replies_[1].status, CallStatus::kTimeout);
  EXPECT_EQ(replies_[1].error,
            "endpoint \"openai/m\": batch b3 did not answer within its time (after 3 tries)");
}

TEST_F(BatchModelTest, ABatchOfAnEarlierSessionIsWaitedForAndItsAnswersAreNotAskedAgain) {
  Ask("one");
  Ask("two");
  clock_.Run();
  // The same requests once more, with another model that finds the batch open.
  auto service = std::make_unique<FakeService>();
  service->submitted = {service_->submitted[0]};
  service->submitted[0].resize(1);
  service_ = service.get();
  log_.earlier.resize(1);
  log_.earlier[0].id = "b1";
  log_.earlier[0].submitted_ms = clock_.WallMs();
  looks_.clear();
  model_ = MakeBatchModel(spec_, MakeOpenAiChat(spec_), std::move(service), loop_, clock_, http_,
                          nullptr, log_, {}, {}, 1);
  Ask("one");
  Ask("two");
  clock_.Run();
  ASSERT_EQ(service_->submitted.size(), 2u);
  ASSERT_EQ(service_->submitted[1].size(), 1u);
  EXPECT_NE(service_->submitted[1][0].body.find("two"), std::string::npos);
  EXPECT_EQ(replies_[2].status, CallStatus::kOk);
  EXPECT_EQ(replies_[3].status, CallStatus::kOk);
  model_->RepliesStored();
  EXPECT_EQ(log_.settled, (std::vector<std::string>{"b1", "b2"}));
}

TEST_F(BatchModelTest, AnAnswerThatNobodyTookKeepsItsBatchOpen) {
  const uint64_t key = loop_.NewKey();
  Ask("one", 1, key);
  Ask("two");
  bool cancelled = false;
  http_.look = [&](const std::string& url) {
    if (!std::exchange(cancelled, true)) loop_.Cancel(key);
    return Look(url);
  };
  clock_.Run();
  EXPECT_EQ(replies_[0].status, CallStatus::kCancelled);
  EXPECT_EQ(replies_[1].status, CallStatus::kOk);
  model_->RepliesStored();
  EXPECT_TRUE(log_.settled.empty());
}

TEST_F(BatchModelTest, NobodyLeftToWaitEndsTheWaiting) {
  const uint64_t key = loop_.NewKey();
  Ask("one", 1, key);
  http_.look = [&](const std::string&) {
    loop_.Cancel(key);
    return Said(200, "at work");
  };
  clock_.Run();
  EXPECT_TRUE(loop_.idle());
  EXPECT_EQ(replies_[0].status, CallStatus::kCancelled);
  EXPECT_EQ(http_.asked.size(), 1u);
  EXPECT_EQ(model_->state().in_flight + model_->state().waiting, 0);
}

TEST_F(BatchModelTest, AnHourOfErrorsWhilePollingIsWaitedOut) {
  int page = 0;
  http_.look = [&](const std::string& url) {
    if (++page <= 120) return page % 2 == 0 ? Said(502, "<html>") : Said(200, "<html>");
    return Look(url);
  };
  Ask("one");
  clock_.Run();
  EXPECT_EQ(replies_[0].status, CallStatus::kOk) << replies_[0].error;
  EXPECT_EQ(service_->submitted.size(), 1u);
}

TEST_F(BatchModelTest, ABatchOfWhichNothingIsHeardIsGivenUp) {
  spec_.max_retries = 0;
  auto service = std::make_unique<FakeService>();
  model_ = MakeBatchModel(spec_, MakeOpenAiChat(spec_), std::move(service), loop_, clock_, http_,
                          nullptr, log_, {}, {600'000}, 1);
  http_.look = [](const std::string&) { return Said(200, "at work"); };
  Ask("one");
  clock_.Run();
  EXPECT_EQ(replies_[0].status, CallStatus::kTimeout);
  EXPECT_NEAR(static_cast<double>(clock_.NowMs()), 26 * 3.6e6, 1.3e6);
  EXPECT_EQ(log_.settled, std::vector<std::string>{"b1"});
}

TEST_F(BatchModelTest, AWrongKeyLosesNoBatch) {
  http_.look = [](const std::string&) { return Said(401, R"({"error":{"message":"wrong key"}})"); };
  Ask("one");
  clock_.Run();
  EXPECT_EQ(replies_[0].status, CallStatus::kAuth);
  model_->RepliesStored();
  EXPECT_TRUE(log_.settled.empty());
}

TEST_F(BatchModelTest, ABatchThatIsNotAcceptedFailsItsRequests) {
  ReadTry refusal;
  refusal.problem = "HTTP 400: no such model";
  refusal.failed.status = 400;
  service_->refusal = refusal;
  Ask("one");
  clock_.Run();
  EXPECT_EQ(replies_[0].status, CallStatus::kError);
  EXPECT_EQ(replies_[0].error, "endpoint \"openai/m\": HTTP 400: no such model");
}

}  // namespace
}  // namespace axiometer
