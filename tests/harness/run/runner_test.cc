#include "harness/run/runner.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "harness/scaffold/scaffold.h"
#include "tests/temporary_folder.h"

namespace axiometer {
namespace {

// Tasks without an environment and without a rubric.
class ManyTasks : public TaskSource {
 public:
  explicit ManyTasks(size_t count) {
    for (size_t i = 0; i < count; ++i) refs_.push_back({"s/" + std::to_string(i), "digest" + std::to_string(i)});
  }
  const std::string& suite() const override { return suite_; }
  const std::string& protocol() const override { return protocol_; }
  const std::vector<TaskRef>& refs() const override { return refs_; }
  const std::vector<std::string>& notes() const override { return notes_; }
  Result<std::shared_ptr<const Task>> Load(size_t index) const override {
    if (index == broken) return BadInput("s.yaml:1:1", "the file has changed");
    auto task = std::make_shared<Task>();
    task->id = refs_[index].id;
    task->suite = suite_;
    task->digest = refs_[index].digest;
    Message message;
    message.role = Role::kUser;
    message.text = "Decide.";
    task->opening.push_back(std::move(message));
    return std::shared_ptr<const Task>(std::move(task));
  }

  std::optional<size_t> broken;

 private:
  std::string suite_ = "s";
  std::string protocol_ = "axiometer";
  std::vector<TaskRef> refs_;
  std::vector<std::string> notes_;
};

// A model that takes a moment and answers as it is told.
class ToldModel : public Model {
 public:
  explicit ToldModel(Clock& clock) : clock_(clock) {
    spec_.provider = "told";
    spec_.name = "model";
  }
  const ModelSpec& spec() const override { return spec_; }
  EndpointState state() const override {
    EndpointState state;
    state.limit = limit;
    return state;
  }
  Async<Reply> Generate(const Request&) override {
    ++asked;
    const int number = asked;
    if (on_ask) on_ask(number);
    const bool slept = co_await clock_.Sleep(takes_ms);
    Reply reply;
    reply.status = slept ? (status ? status(number) : CallStatus::kOk) : CallStatus::kCancelled;
    if (reply.status == CallStatus::kOk) {
      reply.choices = 1;
      reply.message.role = Role::kAssistant;
      reply.message.text = "Done.";
      reply.message.raw = R"({"role":"assistant","content":"Done."})";
      reply.usage.cost_usd = cost_usd;
    } else {
      reply.error = "endpoint \"told/model\": failed";
    }
    co_return reply;
  }

  int limit = 1;  // four samples alive
  int64_t takes_ms = 2;
  double cost_usd = 0;
  std::function<CallStatus(int number)> status;
  std::function<void(int number)> on_ask;
  int asked = 0;

 private:
  Clock& clock_;
  ModelSpec spec_;
};

class RunnerTest : public testing::Test {
 protected:
  RunnerTest() : clock_(MakeRealClock(loop_)), model_(*clock_) {
    writer_ = std::move(*StoreWriter::Open(loop_, Path()));
    RunRow run;
    run.id = "run";
    run.suite = "s";
    run.model = "told/model";
    EXPECT_TRUE(writer_->CommitNow({run}));
    scaffold_ = std::move(*MakeScaffold("single_turn"));
  }
  ~RunnerTest() override { writer_.reset(); }

  std::string Path() const { return folder_.path() + "/x.db"; }

  // What the store still wants of `tasks`.
  Plan PlanOf(const ManyTasks& tasks, bool retry_errors = false) {
    auto reader = std::move(*StoreReader::Open(Path()));
    return MakePlan(tasks.refs(), 1, {}, *reader->SampleStates("run"), retry_errors);
  }

  SessionResult Run(const ManyTasks& tasks, bool retry_errors = false) {
    progress_ = Progress();
    RunContext context{loop_, *clock_, *writer_, nullptr, untouched_, *scaffold_, model_, seats_, limits_, "run", budget_, progress_};
    Runner runner(context, tasks, PlanOf(tasks, retry_errors),
                  [](int64_t) -> Result<Trajectory> { return Failed("", "nothing is to be judged"); }, options_);
    runner_ = &runner;
    SessionResult result;
    loop_.Spawn(Into(runner, result));
    loop_.Run();
    return result;
  }

  int MostAlive(const ManyTasks& tasks) {
    int most = 0;
    model_.on_ask = [&](int) { most = std::max(most, progress_.live()); };
    Run(tasks);
    return most;
  }

  static Async<> Into(Runner& runner, SessionResult& result) { result = co_await runner.Run(); }

  const TemporaryFolder folder_;
  Loop loop_;
  std::unique_ptr<Clock> clock_;
  UntouchedStates untouched_{loop_, nullptr};
  ToldModel model_;
  std::unique_ptr<StoreWriter> writer_;
  std::unique_ptr<Scaffold> scaffold_;
  std::vector<JudgeSeat> seats_;
  Limits limits_;
  Budget budget_;
  Progress progress_;
  RunnerOptions options_;
  Runner* runner_ = nullptr;  // of the session under way
};

TEST_F(RunnerTest, EverySampleIsRunOnceAndCounted) {
  const ManyTasks tasks(10);
  const SessionResult result = Run(tasks);
  EXPECT_EQ(result.end, SessionEnd::kDone);
  EXPECT_EQ(result.finished, 10);
  EXPECT_EQ(result.errors, 0);
  EXPECT_EQ(model_.asked, 10);
  EXPECT_EQ(progress_.done, 10);
  EXPECT_EQ(progress_.outcomes.at("finished"), 10);
  EXPECT_EQ(progress_.live(), 0);
  EXPECT_EQ(PlanOf(tasks).done, 10);
}

TEST_F(RunnerTest, FourSamplesAreAliveForEachRequestInFlight) {
  model_.limit = 2;
  EXPECT_EQ(MostAlive(ManyTasks(30)), 8);
}

TEST_F(RunnerTest, AnExplicitBoundOfLiveSamplesHolds) {
  options_.max_live = 3;
  EXPECT_EQ(MostAlive(ManyTasks(30)), 3);
}

TEST_F(RunnerTest, NothingToDoIsDone) {
  const ManyTasks tasks(2);
  Run(tasks);
  const SessionResult again = Run(tasks);
  EXPECT_EQ(again.end, SessionEnd::kDone);
  EXPECT_EQ(again.finished, 0);
  EXPECT_EQ(progress_.done_before, 2);
  EXPECT_EQ(model_.asked, 2);
}

TEST_F(RunnerTest, DrainingLetsWhatRunsEndAndStartsNothingNew) {
  const ManyTasks tasks(10);
  model_.on_ask = [&](int number) {
    if (number == 4) runner_->Drain();
  };
  const SessionResult result = Run(tasks);
  EXPECT_EQ(result.end, SessionEnd::kInterrupted);
  EXPECT_EQ(result.finished, 4);
  EXPECT_TRUE(progress_.draining);
  EXPECT_EQ(PlanOf(tasks).done, 4);
  model_.on_ask = nullptr;
  EXPECT_EQ(Run(tasks).finished, 6);
  EXPECT_EQ(model_.asked, 10);
}

TEST_F(RunnerTest, DrainingDuringTheLastSamplesIsNoInterruption) {
  model_.on_ask = [&](int number) {
    if (number == 3) runner_->Drain();
  };
  EXPECT_EQ(Run(ManyTasks(3)).end, SessionEnd::kDone);
}

TEST_F(RunnerTest, StoppingLeavesWhatRanWanted) {
  const ManyTasks tasks(10);
  model_.takes_ms = 60'000;
  model_.on_ask = [&](int number) {
    if (number == 4) loop_.Post([&] { runner_->Stop(); });
  };
  const SessionResult result = Run(tasks);
  EXPECT_EQ(result.end, SessionEnd::kInterrupted);
  EXPECT_EQ(result.finished, 0);
  EXPECT_EQ(PlanOf(tasks).done, 0);
  EXPECT_EQ(PlanOf(tasks).Next()->attempts, 1);
  model_.takes_ms = 2;
  model_.on_ask = nullptr;
  EXPECT_EQ(Run(tasks).end, SessionEnd::kDone);
  EXPECT_EQ(PlanOf(tasks).done, 10);
}

TEST_F(RunnerTest, WhatMayTakeADayIsNotDrained) {
  options_.leave_running = true;
  model_.takes_ms = 60'000;
  model_.on_ask = [&](int number) {
    if (number == 4) loop_.Post([&] { runner_->Drain(); });
  };
  const ManyTasks tasks(10);
  const SessionResult result = Run(tasks);
  EXPECT_EQ(result.end, SessionEnd::kInterrupted);
  EXPECT_EQ(result.finished, 0);
  EXPECT_EQ(model_.asked, 4);
}

TEST_F(RunnerTest, ErrorsInARowStopTheRun) {
  model_.status = [](int) { return CallStatus::kError; };
  options_.errors_in_a_row = 5;
  options_.max_live = 1;
  const ManyTasks tasks(30);
  const SessionResult result = Run(tasks);
  EXPECT_EQ(result.end, SessionEnd::kFailed);
  EXPECT_EQ(result.finished, 5);
  EXPECT_EQ(result.error->ToString(),
            "5 samples in a row ended in an error, the last in model_error (endpoint \"told/model\": failed): mend "
            "the cause, then give the same command with --retry-errors");
  model_.status = nullptr;
  EXPECT_EQ(Run(tasks).finished, 25);
  EXPECT_EQ(Run(tasks, true).finished, 5);
  EXPECT_EQ(PlanOf(tasks, true).done, 30);
}

TEST_F(RunnerTest, OneSampleThatEndsWellBreaksTheRow) {
  model_.status = [](int number) { return number % 5 == 0 ? CallStatus::kOk : CallStatus::kError; };
  options_.errors_in_a_row = 5;
  options_.max_live = 1;
  const SessionResult result = Run(ManyTasks(30));
  EXPECT_EQ(result.end, SessionEnd::kDone);
  EXPECT_EQ(result.errors, 24);
}

TEST_F(RunnerTest, RefusalsAreNoErrors) {
  model_.status = [](int) { return CallStatus::kRefused; };
  options_.errors_in_a_row = 2;
  const SessionResult result = Run(ManyTasks(6));
  EXPECT_EQ(result.end, SessionEnd::kDone);
  EXPECT_EQ(result.errors, 0);
  EXPECT_EQ(progress_.outcomes.at("refused"), 6);
}

TEST_F(RunnerTest, ACountOfErrorsVoidsTheSession) {
  model_.status = [](int number) { return number % 2 == 0 ? CallStatus::kTimeout : CallStatus::kOk; };
  options_.max_live = 1;
  options_.fail_on_error = 3;
  const SessionResult result = Run(ManyTasks(30));
  EXPECT_EQ(result.end, SessionEnd::kFailed);
  EXPECT_EQ(result.finished, 6);
  EXPECT_EQ(result.error->ToString(), "--fail-on-error: 3 of 30 samples ended in an error");
}

TEST_F(RunnerTest, AShareOfErrorsIsOfAllSamples) {
  model_.status = [](int number) { return number % 2 == 0 ? CallStatus::kTimeout : CallStatus::kOk; };
  options_.max_live = 1;
  options_.fail_on_error = 0.2;
  const SessionResult result = Run(ManyTasks(30));
  EXPECT_EQ(result.end, SessionEnd::kFailed);
  EXPECT_EQ(result.errors, 6);
}

TEST_F(RunnerTest, ARefusedKeyEndsTheRunAndIsNoOutcome) {
  model_.status = [](int number) { return number == 2 ? CallStatus::kAuth : CallStatus::kOk; };
  options_.max_live = 1;
  const ManyTasks tasks(5);
  const SessionResult result = Run(tasks);
  EXPECT_EQ(result.end, SessionEnd::kFailed);
  EXPECT_EQ(result.finished, 1);
  EXPECT_EQ(result.error->ToString(),
            "endpoint \"told/model\": failed: name the variable that holds a key with --api-key-env");
  EXPECT_EQ(PlanOf(tasks).done, 1);
}

TEST_F(RunnerTest, TheLimitOfCostEndsTheRunAndAHigherOneGoesOn) {
  model_.cost_usd = 0.5;
  budget_.limit_usd = 2;
  options_.max_live = 1;
  const ManyTasks tasks(10);
  const SessionResult result = Run(tasks);
  EXPECT_EQ(result.end, SessionEnd::kFailed);
  EXPECT_EQ(model_.asked, 4);
  EXPECT_EQ(result.error->ToString(),
            "--cost-limit: the run has spent its limit: raise the limit and give the same command again to go on");
  budget_.limit_usd = 10;
  EXPECT_EQ(Run(tasks).end, SessionEnd::kDone);
  EXPECT_EQ(model_.asked, 10);
}

TEST_F(RunnerTest, ATaskThatCannotBeLoadedStopsTheRunWithItsPlace) {
  ManyTasks tasks(10);
  tasks.broken = 2;
  const SessionResult result = Run(tasks);
  EXPECT_EQ(result.end, SessionEnd::kFailed);
  EXPECT_EQ(result.finished, 2);
  EXPECT_EQ(result.error->ToString(), "s.yaml:1:1: the file has changed");
}

TEST_F(RunnerTest, AStoreThatFailsStopsEverySample) {
  const ManyTasks tasks(10);
  model_.on_ask = [&](int number) {
    if (number != 3) return;
    AttemptEndRow never_begun;
    never_begun.attempt = 5;
    EXPECT_FALSE(writer_->CommitNow({never_begun}));
  };
  const SessionResult result = Run(tasks);
  EXPECT_EQ(result.end, SessionEnd::kFailed);
  EXPECT_LE(model_.asked, 4);
  EXPECT_EQ(result.finished, 0);
}

}  // namespace
}  // namespace axiometer
