#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "harness/base/digest.h"
#include "harness/io/loop.h"
#include "harness/store/store.h"
#include "tests/temporary_folder.h"

namespace axiometer {

// A folder of its own for each test, and the rows of a small run.
class StoreTest : public testing::Test {
 protected:
  ~StoreTest() override { writer_.reset(); }

  std::string Path(const std::string& name = "x.db") const { return folder_ + "/" + name; }

  // With the folder taken out of it.
  std::string Plain(std::string message) const {
    for (size_t at; (at = message.find(folder_ + "/")) != std::string::npos;) {
      message.erase(at, folder_.size() + 1);
    }
    return message;
  }

  StoreWriter& Writer() {
    if (!writer_) {
      auto opened = StoreWriter::Open(loop_, Path());
      if (!opened) ADD_FAILURE() << opened.error().ToString();
      writer_ = std::move(*opened);
    }
    return *writer_;
  }
  void CloseWriter() { writer_.reset(); }

  void Write(std::vector<Row> rows) {
    const Result<void> done = Writer().CommitNow(std::move(rows));
    EXPECT_TRUE(done) << done.error().ToString();
  }

  std::unique_ptr<StoreReader> Reader() const {
    auto opened = StoreReader::Open(Path());
    if (!opened) ADD_FAILURE() << opened.error().ToString();
    return std::move(*opened);
  }

  static RunRow Run(const std::string& id, int64_t created_ms = 1'000) {
    RunRow run;
    run.id = id;
    run.created_ms = created_ms;
    run.suite = "crossroads";
    run.protocol = "axiometer";
    run.model = "scripted/a";
    run.scaffold = "react_tools";
    run.config = R"({"suite":"crossroads"})";
    run.identity = Sha256("identity of " + id);
    run.tags = "pilot,night";
    run.command = "axiometer eval crossroads --model scripted/a";
    run.wanted = 2;
    return run;
  }

  static RunSessionRow Session(const std::string& run, int64_t started_ms, const std::string& state,
                               std::optional<int64_t> ended_ms = std::nullopt, int pid = 77) {
    RunSessionRow session;
    session.run = run;
    session.started_ms = started_ms;
    session.ended_ms = ended_ms;
    session.state = state;
    session.pid = pid;
    return session;
  }

  static int64_t SampleId(const std::string& run, const std::string& task, int epoch = 1) {
    return MakeId({run, task, std::to_string(epoch)});
  }
  static int64_t AttemptId(const std::string& run, const std::string& task, int epoch = 1,
                           int number = 1) {
    return MakeId({run, task, std::to_string(epoch), std::to_string(number)});
  }

  static AttemptRow Attempt(const std::string& run, const std::string& task, int epoch = 1,
                            int number = 1) {
    AttemptRow attempt;
    attempt.id = AttemptId(run, task, epoch, number);
    attempt.sample = SampleId(run, task, epoch);
    attempt.run = run;
    attempt.task = task;
    attempt.task_digest = Sha256(task);
    attempt.epoch = epoch;
    attempt.number = number;
    attempt.started_ms = 2'000;
    return attempt;
  }

  static AttemptEndRow End(const AttemptRow& attempt, Outcome outcome,
                           const std::string& final_text = "") {
    AttemptEndRow end;
    end.attempt = attempt.id;
    end.sample = attempt.sample;
    end.ended_ms = attempt.started_ms + 500;
    end.outcome = outcome;
    end.final_text = final_text;
    return end;
  }

  static Event Happened(int id, EventKind kind, int step = 0) {
    Event event;
    event.id = id;
    event.kind = kind;
    event.step = step;
    return event;
  }

  static Event Said(int id, Role role, const std::string& text) {
    Event event = Happened(id, role == Role::kAssistant ? EventKind::kReply : EventKind::kMessage);
    event.message.role = role;
    event.message.text = text;
    return event;
  }

  static CallRow Call(const AttemptRow& attempt, int step, int64_t tokens = 10) {
    CallRow call;
    call.id = MakeId({std::to_string(attempt.id), "call", std::to_string(step)});
    call.attempt = attempt.id;
    call.step = step;
    call.status = "ok";
    call.message = R"({"role":"assistant","content":"step )" + std::to_string(step) + R"("})";
    call.finish_reason = "stop";
    call.http_status = 200;
    call.tries = 1;
    call.usage.input_tokens = tokens;
    call.usage.output_tokens = 1;
    return call;
  }

  static JudgementRow Judged(const AttemptRow& attempt, const std::string& judge, double a,
                             int64_t at_ms = 3'000) {
    JudgementRow row;
    row.id = MakeId({std::to_string(attempt.id), judge, std::to_string(at_ms)});
    row.attempt = attempt.id;
    row.sample = attempt.sample;
    row.judge = judge;
    row.protocol = "axiometer";
    row.prompt_digest = Sha256("prompt");
    row.at_ms = at_ms;
    row.judgement.status = JudgementStatus::kScored;
    row.judgement.scores.push_back({"a", a, std::nullopt});
    return row;
  }

  const TemporaryFolder own_;
  const std::string folder_ = own_.path();
  Loop loop_;
  std::unique_ptr<StoreWriter> writer_;
};

}  // namespace axiometer
