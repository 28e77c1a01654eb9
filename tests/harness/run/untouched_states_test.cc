#include "harness/run/untouched_states.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace axiometer {
namespace {

class Told : public Environment {
 public:
  explicit Told(std::string state) : state_(std::move(state)) {}
  Async<CallResult> Call(const std::string&, const std::string&) override { co_return CallResult(); }
  Async<CallResult> State() override {
    CallResult result;
    result.status = CallResult::Status::kAnswered;
    result.content = state_;
    co_return result;
  }

 private:
  std::string state_;
};

// Gives the state that it is started with.
class CountingHost : public EnvironmentHost {
 public:
  Async<Result<std::unique_ptr<Environment>>> Start(const EnvironmentSpec& spec) override {
    ++starts;
    if (fails) co_return Failed("environment \"desk\"", "did not start: no");
    std::unique_ptr<Environment> environment = std::make_unique<Told>(spec.state);
    co_return environment;
  }
  const char* sandbox() const override { return "none"; }
  int live() const override { return 0; }
  int waiting() const override { return 0; }

  int starts = 0;
  bool fails = false;
};

class UntouchedStatesTest : public testing::Test {
 protected:
  static Task Desk(const std::string& digest, const std::string& state) {
    Task task;
    task.digest = digest;
    task.environment = "desk";
    task.state = state;
    return task;
  }

  CallResult Of(const Task& task) {
    CallResult result;
    loop_.Spawn(Into(states_, task, result));
    loop_.Run();
    return result;
  }

  static Async<> Into(UntouchedStates& states, const Task& task, CallResult& result) {
    result = co_await states.Of(task);
  }

  Loop loop_;
  CountingHost host_;
  UntouchedStates states_{loop_, &host_};
};

TEST_F(UntouchedStatesTest, EachTasksInstanceIsStartedOnce) {
  const Task one = Desk("d1", R"({"papers":1})");
  const Task two = Desk("d2", R"({"papers":2})");
  for (int sample = 0; sample < 3; ++sample) {
    EXPECT_EQ(Of(one).content, R"({"papers":1})");
    EXPECT_EQ(Of(two).content, R"({"papers":2})");
  }
  EXPECT_EQ(host_.starts, 2);
}

TEST_F(UntouchedStatesTest, SamplesThatAskAtOnceShareOneInstance) {
  const Task one = Desk("d1", "{}");
  std::vector<CallResult> results(5);
  for (CallResult& result : results) loop_.Spawn(Into(states_, one, result));
  loop_.Run();
  for (const CallResult& result : results) EXPECT_EQ(result.status, CallResult::Status::kAnswered);
  EXPECT_EQ(host_.starts, 1);
}

TEST_F(UntouchedStatesTest, AFailureIsToldAndNotKept) {
  const Task one = Desk("d1", "{}");
  host_.fails = true;
  const CallResult failed = Of(one);
  EXPECT_EQ(failed.status, CallResult::Status::kDied);
  EXPECT_EQ(failed.error, "environment \"desk\": did not start: no");
  host_.fails = false;
  EXPECT_EQ(Of(one).status, CallResult::Status::kAnswered);
}

TEST_F(UntouchedStatesTest, WhatIsKeptIsBounded) {
  const std::string large = "\"" + std::string(12u << 20, 'x') + "\"";
  for (const char* digest : {"d1", "d2", "d3"}) Of(Desk(digest, large));
  EXPECT_EQ(host_.starts, 3);
  Of(Desk("d3", large));
  EXPECT_EQ(host_.starts, 3);
  Of(Desk("d1", large));  // the oldest had to go
  EXPECT_EQ(host_.starts, 4);
}

}  // namespace
}  // namespace axiometer
