#include "harness/model/batch_service.h"

#include <gtest/gtest.h>

#include "harness/io/clock.h"

namespace axiometer {
namespace {

using Kind = BatchResult::Kind;

class BatchServiceTest : public testing::Test {
 protected:
  BatchServiceTest() : clock_(loop_) {
    ModelSpec spec;
    spec.provider = "openai";
    spec.base_url = "http://h/v1";
    openai_ = MakeOpenAiBatches(spec, clock_);
    anthropic_ = MakeAnthropicBatches("https://h:8/v1/messages");
  }

  Loop loop_;
  FakeClock clock_;
  std::unique_ptr<BatchService> openai_;
  std::unique_ptr<BatchService> anthropic_;
};

TEST_F(BatchServiceTest, AnOpenAiBatchHasEndedOnceItHasFilesOrNone) {
  EXPECT_EQ(openai_->StatusUrl("batch_1"), "http://h/v1/batches/batch_1");
  for (const char* at_work : {"validating", "in_progress", "finalizing", "cancelling"}) {
    EXPECT_FALSE(openai_->ReadStatus(R"({"status":")" + std::string(at_work) + "\"}").ended)
        << at_work;
  }
  const BatchStatus done =
      openai_->ReadStatus(R"({"status":"completed","output_file_id":"f1","error_file_id":"f2"})");
  EXPECT_TRUE(done.ended);
  EXPECT_EQ(done.result_urls, (std::vector<std::string>{"http://h/v1/files/f1/content",
                                                        "http://h/v1/files/f2/content"}));
  const BatchStatus expired = openai_->ReadStatus(R"({"status":"expired","output_file_id":null})");
  EXPECT_TRUE(expired.ended);
  EXPECT_TRUE(expired.result_urls.empty());
}

TEST_F(BatchServiceTest, WhatWasUploadedIsNamedOnceTheBatchHasEnded) {
  for (const char* ended : {"completed", "expired", "cancelled", "failed"}) {
    EXPECT_EQ(
        openai_->ReadStatus(R"({"status":")" + std::string(ended) + R"(","input_file_id":"f0"})")
            .uploaded_urls,
        std::vector<std::string>{"http://h/v1/files/f0"})
        << ended;
  }
  EXPECT_TRUE(openai_->ReadStatus(R"({"status":"in_progress","input_file_id":"f0"})")
                  .uploaded_urls.empty());
}

TEST_F(BatchServiceTest, ARefusedFileIsAnErrorOfTheWholeBatch) {
  const BatchStatus full = openai_->ReadStatus(
      R"({"status":"failed","errors":{"data":[{"code":"token_limit_exceeded","message":"Enqueued token limit"}]}})");
  ASSERT_TRUE(full.rejected);
  EXPECT_EQ(full.rejected->status, 429);
  EXPECT_EQ(full.rejected->message, "Enqueued token limit");
  const BatchStatus wrong =
      openai_->ReadStatus(R"({"status":"failed","errors":{"data":[{"code":"model_not_found"}]}})");
  ASSERT_TRUE(wrong.rejected);
  EXPECT_EQ(wrong.rejected->status, 400);
  EXPECT_TRUE(openai_->ReadStatus(R"({"status":"failed"})").rejected);
}

TEST_F(BatchServiceTest, WhatIsNoReportOnABatchIsAProblemAndNoEnd) {
  for (const char* body :
       {"", "<html><title>Bad gateway</title></html>", "[]", "{}", R"({"status":7)"}) {
    for (const BatchService* service : {openai_.get(), anthropic_.get()}) {
      const BatchStatus status = service->ReadStatus(body);
      EXPECT_FALSE(status.problem.empty()) << body;
      EXPECT_FALSE(status.ended) << body;
    }
  }
}

TEST_F(BatchServiceTest, LinesOfOpenAi) {
  std::optional<BatchResult> line = openai_->ReadLine(
      R"({"custom_id":"a-1-1","response":{"status_code":200,"body":{"id":"c"}},"error":null})");
  ASSERT_TRUE(line);
  EXPECT_EQ(line->id, "a-1-1");
  EXPECT_EQ(line->kind, Kind::kAnswered);
  EXPECT_EQ(line->status, 200);
  EXPECT_EQ(line->body, R"({"id":"c"})");
  line = openai_->ReadLine(
      R"({"custom_id":"a","response":{"status_code":400,"body":{"error":{"message":"no"}}}})");
  ASSERT_TRUE(line);
  EXPECT_EQ(line->kind, Kind::kAnswered);
  EXPECT_EQ(line->status, 400);
  for (const auto& [code, kind] : {std::pair{"batch_expired", Kind::kExpired},
                                   {"batch_cancelled", Kind::kCancelled},
                                   {"x", Kind::kFailed}}) {
    line = openai_->ReadLine(R"({"custom_id":"a","response":null,"error":{"code":")" +
                             std::string(code) + "\"}}");
    ASSERT_TRUE(line);
    EXPECT_EQ(line->kind, kind) << code;
  }
  for (const char* none : {"", "{}", "null", R"({"custom_id":7)", R"({"custom_id":""})"})
    EXPECT_FALSE(openai_->ReadLine(none)) << none;
}

TEST_F(BatchServiceTest, LinesOfAnthropic) {
  std::optional<BatchResult> line = anthropic_->ReadLine(
      R"({"custom_id":"a","result":{"type":"succeeded","message":{"id":"m"}}})");
  ASSERT_TRUE(line);
  EXPECT_EQ(line->kind, Kind::kAnswered);
  EXPECT_EQ(line->body, R"({"id":"m"})");
  line = anthropic_->ReadLine(
      R"({"custom_id":"a","result":{"type":"errored","error":{"type":"error","error":{"type":"invalid_request_error"}}}})");
  ASSERT_TRUE(line);
  EXPECT_EQ(line->kind, Kind::kAnswered);
  EXPECT_EQ(line->body, R"({"type":"error","error":{"type":"invalid_request_error"}})");
  for (const auto& [type, kind] : {std::pair{"expired", Kind::kExpired},
                                   {"canceled", Kind::kCancelled},
                                   {"errored", Kind::kFailed}}) {
    line =
        anthropic_->ReadLine(R"({"custom_id":"a","result":{"type":")" + std::string(type) + "\"}}");
    ASSERT_TRUE(line);
    EXPECT_EQ(line->kind, kind) << type;
  }
  EXPECT_FALSE(anthropic_->ReadLine(R"({"custom_id":"a"})"));
}

TEST_F(BatchServiceTest, ResultsAreFetchedFromTheSameHostAlone) {
  EXPECT_EQ(anthropic_->StatusUrl("b"), "https://h:8/v1/messages/batches/b");
  const BatchStatus here = anthropic_->ReadStatus(
      R"({"processing_status":"ended","results_url":"https://h:8/v1/messages/batches/b/results"})");
  EXPECT_TRUE(here.ended);
  EXPECT_EQ(here.result_urls.size(), 1u);
  for (const char* elsewhere : {"https://evil/v1", "http://h:8/v1", "https://h:8.evil/v1",
                                "https://h:8@evil/", "", "file:///etc/passwd"}) {
    const BatchStatus status = anthropic_->ReadStatus(
        R"({"processing_status":"ended","results_url":")" + std::string(elsewhere) + "\"}");
    EXPECT_FALSE(status.ended) << elsewhere;
    EXPECT_EQ(status.problem, "results_url leads elsewhere: " + std::string(elsewhere));
    EXPECT_TRUE(status.result_urls.empty());
  }
  EXPECT_FALSE(
      anthropic_->ReadStatus(R"({"processing_status":"in_progress","results_url":null})").ended);
}

}  // namespace
}  // namespace axiometer
