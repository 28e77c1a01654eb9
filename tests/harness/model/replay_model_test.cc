#include "harness/model/replay_model.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "harness/io/clock.h"
#include "harness/io/loop.h"
#include "tests/temporary_folder.h"

namespace axiometer {
namespace {

std::string ProblemOfName(const std::string& text) {
  const Result<ReplayFile> file = ReplayFile::Parse(text, "r.jsonl");
  EXPECT_FALSE(file);
  return file ? "" : file.error().ToString();
}

TEST(ReplayFile, ReadsCompletionsAndMessages) {
  const Result<ReplayFile> file = ReplayFile::Parse(
      "\xEF\xBB\xBF{\"task\":\"s/1\",\"epoch\":2,\"completion\":\"two\",\"extra\":[1]}\r\n\n"
      "{\"task\":\"s/1\",\"completion\":\"any\"}\n"
      "{\"task\":\"s/2\",\"completion\":null}\n"
      "{\"task\":\"s/3\",\"messages\":[{\"content\":\"x\"},null]}",
      "r.jsonl");
  ASSERT_TRUE(file) << file.error().ToString();
  EXPECT_EQ(file->size(), 4u);
  EXPECT_EQ(*file->Find("s/1", 2)->completion, "two");
  EXPECT_EQ(*file->Find("s/1", 1)->completion, "any");
  EXPECT_TRUE(file->Find("s/2", 1)->failed);
  EXPECT_EQ(file->Find("s/3", 1)->messages.size(), 2u);
  EXPECT_EQ(file->Find("s/4", 1), nullptr);
}

TEST(ReplayFile, NamesTheLineThatIsWrong) {
  EXPECT_EQ(ProblemOfName("{\"task\":\"s/1\",\"completion\":\"x\"}\n{\"task\":oops}"),
            "r.jsonl:2:9: not valid JSON");
  EXPECT_EQ(ProblemOfName("[]"), "r.jsonl:1: expected an object with \"task\"");
  EXPECT_EQ(ProblemOfName("{\"completion\":\"x\"}"), "r.jsonl:1: expected \"task\" with a task's id");
  EXPECT_EQ(ProblemOfName("{\"task\":\"t\",\"epoch\":0,\"completion\":\"x\"}"),
            "r.jsonl:1: epoch: expected a whole number from 1, got 0");
  EXPECT_EQ(ProblemOfName("{\"task\":\"t\"}"),
            "r.jsonl:1: expected one of \"completion\" and \"messages\"");
  EXPECT_EQ(ProblemOfName("{\"task\":\"t\",\"completion\":\"x\",\"messages\":[]}"),
            "r.jsonl:1: expected one of \"completion\" and \"messages\"");
  EXPECT_EQ(ProblemOfName("{\"task\":\"t\",\"completion\":7}"),
            "r.jsonl:1: completion: expected text or null, got 7");
  EXPECT_EQ(ProblemOfName("{\"task\":\"t\",\"messages\":{}}"), "r.jsonl:1: messages: expected a list");
  EXPECT_EQ(ProblemOfName("{\"task\":\"t\",\"messages\":[3]}"),
            "r.jsonl:1: messages[0]: expected an object, got a number");
  EXPECT_EQ(ProblemOfName("{\"task\":\"t\",\"messages\":[{\"role\":\"user\"}]}"),
            "r.jsonl:1: messages[0].role: expected \"assistant\", got \"user\"");
  EXPECT_EQ(ProblemOfName("{\"task\":\"t\",\"messages\":[{\"tool_calls\":[3]}]}"),
            "r.jsonl:1: messages[0].tool_calls[0]: expected an object, got a number");
}

TEST(ReplayFile, ASampleComesOnce) {
  const std::string line = "{\"task\":\"t\",\"epoch\":1,\"completion\":\"x\"}\n";
  EXPECT_EQ(ProblemOfName(line + "\n" + line),
            "r.jsonl:3: task \"t\", epoch 1 was given before: see line 1");
}

TEST(ReplayFile, KnowsWhichTasksTheSuiteLacks) {
  const Result<ReplayFile> file = ReplayFile::Parse(
      "{\"task\":\"z\",\"completion\":\"x\"}\n{\"task\":\"a\",\"epoch\":1,\"completion\":\"x\"}\n"
      "{\"task\":\"a\",\"epoch\":2,\"completion\":\"x\"}\n{\"task\":\"m\",\"completion\":\"x\"}\n",
      "r.jsonl");
  ASSERT_TRUE(file);
  EXPECT_EQ(file->UnknownTasks({"m", "n"}), (std::vector<std::string>{"a", "z"}));
}

class ReplayTest : public testing::Test {
 protected:
  ReplayTest() {
    spec_.provider = "replay";
    spec_.name = path_;
  }

  void Write(const std::string& text) { std::ofstream(path_) << text; }

  Reply Ask(const std::string& task, int step = 1, int assistant_turns = 0) {
    if (!model_) {
      auto made = MakeReplayModel(spec_);
      EXPECT_TRUE(made) << made.error().ToString();
      model_ = std::move(*made);
    }
    Message turn;
    turn.role = Role::kAssistant;
    const std::vector<Message> messages(assistant_turns, turn);
    Request request;
    request.messages = &messages;
    request.task = task;
    request.step = step;
    Reply reply;
    Loop loop;
    loop.Spawn(Run(request, reply));
    loop.Run();
    return reply;
  }

  Async<void> Run(const Request& request, Reply& out) {
    Reply reply = co_await model_->Generate(request);
    out = std::move(reply);
  }

  const TemporaryFolder folder_;
  const std::string path_ = folder_.path() + "/replies.jsonl";
  ModelSpec spec_;
  std::unique_ptr<Model> model_;
};

TEST_F(ReplayTest, PlaysACompletionAtEveryStep) {
  Write("{\"task\":\"t\",\"completion\":\"It is fine.\"}");
  for (const int step : {1, 3}) {
    const Reply reply = Ask("t", step);
    EXPECT_EQ(reply.status, CallStatus::kOk);
    EXPECT_EQ(reply.message.text, "It is fine.");
    EXPECT_EQ(reply.message.raw, R"({"role":"assistant","content":"It is fine."})");
    EXPECT_EQ(reply.choices, 1);
  }
}

TEST_F(ReplayTest, PlaysMessagesInTurn) {
  Write(R"({"task":"t","messages":[{"role":"assistant","content":null,"tool_calls":[{"id":"c1",)"
        R"("type":"function","function":{"name":"look","arguments":"{}"}}],"x":1},)"
        R"({"role":"assistant","content":"end"},null]})");
  const Reply first = Ask("t");
  EXPECT_EQ(first.message.tool_calls[0].name, "look");
  EXPECT_EQ(first.finish_reason, "tool_calls");
  EXPECT_NE(first.message.raw.find("\"x\":1"), std::string::npos);
  EXPECT_EQ(Ask("t", 2, 1).message.text, "end");
  EXPECT_EQ(Ask("t", 2, 0).message.text, "end");  // a judge's second try
  EXPECT_EQ(Ask("t", 3, 2).error,
            "\"replay/" + path_ + "\": a failed call for task \"t\", epoch 1");
  EXPECT_EQ(Ask("t", 4, 3).error, "\"replay/" + path_ + "\": no message 4 for task \"t\", epoch 1");
}

TEST_F(ReplayTest, WhatTheFileLacksIsAFailedCall) {
  Write("{\"task\":\"t\",\"completion\":null}");
  const Reply failed = Ask("t");
  EXPECT_EQ(failed.status, CallStatus::kError);
  EXPECT_EQ(failed.error, "\"replay/" + path_ + "\": a failed call for task \"t\", epoch 1");
  const Reply missing = Ask("u");
  EXPECT_EQ(missing.status, CallStatus::kError);
  EXPECT_EQ(missing.error, "\"replay/" + path_ + "\": no line for task \"u\", epoch 1");
  EXPECT_EQ(UnknownReplayTasks(*model_, {"u"}), std::vector<std::string>{"t"});
}

TEST_F(ReplayTest, AMissingFileIsNamed) {
  EXPECT_NE(MakeReplayModel(spec_).error().ToString().find(path_), std::string::npos);
}

}  // namespace
}  // namespace axiometer
