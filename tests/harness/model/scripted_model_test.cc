#include "harness/model/scripted_model.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "harness/base/json.h"

namespace axiometer {
namespace {

constexpr char kTools[] = R"([
  {"type":"function","function":{"name":"list_entries","parameters":{"type":"object","properties":{}}}},
  {"type":"function","function":{"name":"correct_entry","parameters":{"type":"object",
    "properties":{"entry_id":{"type":"string"},"amount":{"type":"number"},"urgent":{"type":"boolean"},
      "tags":{"type":"array","items":{"type":"string"}},"kind":{"enum":["in","out"]},
      "detail":{"type":"object","properties":{"page":{"type":"integer","minimum":3,"maximum":5}},
        "required":["page"]},"any":{},"maybe":{"type":["string","null"]}},
    "required":["entry_id","amount","kind","tags","detail","any","maybe","urgent"]}}}])";

// Plays a persona against an environment that answers every call alike.
class PersonaTest : public testing::Test {
 protected:
  PersonaTest() : clock_(loop_) {
    spec_.provider = "scripted";
    spec_.name = "a";
    Message task;
    task.text = "Look into entry E-17.";
    messages_ = {task};
  }

  Result<std::unique_ptr<Model>> Make() {
    return MakeScriptedModel(
        spec_, clock_,
        [this](const std::string& persona, const Request& request) -> Result<Script> {
          const auto found = scripts_.find(persona);
          if (found != scripts_.end()) return found->second;
          return Failed("task \"" + request.task + "\"", "no oracle \"" + persona + "\"");
        },
        0);
  }

  Reply Next() {
    if (!model_) model_ = std::move(*Make());
    Request request;
    request.messages = &messages_;
    request.tools = kTools;
    request.task = task_;
    request.epoch = epoch_;
    Reply reply;
    loop_.Spawn(Run(request, reply));
    clock_.Run();
    messages_.push_back(reply.message);
    for (const ToolCall& call : reply.message.tool_calls) {
      Message answer;
      answer.role = Role::kTool;
      answer.tool_call_id = call.id;
      answer.text = R"({"success": true, "data": [{"entry_id": "ENTRY-SEEN", "amount": 12.5}]})";
      messages_.push_back(answer);
    }
    return reply;
  }

  // The calls and the final text, one a line.
  std::string Walk() {
    messages_.resize(1);
    std::string story;
    for (int turn = 0; turn < 20; ++turn) {
      const Reply reply = Next();
      EXPECT_EQ(reply.status, CallStatus::kOk) << reply.error;
      if (reply.message.tool_calls.empty()) return story + reply.message.text;
      for (const ToolCall& call : reply.message.tool_calls) {
        story += call.name + " " + call.arguments + "\n";
      }
    }
    ADD_FAILURE() << "no end";
    return story;
  }

  Async<void> Run(const Request& request, Reply& out) {
    Reply reply = co_await model_->Generate(request);
    out = std::move(reply);
  }

  Loop loop_;
  FakeClock clock_;
  ModelSpec spec_;
  std::map<std::string, Script> scripts_;
  std::string task_ = "crossroads/ledger-01";
  int epoch_ = 1;
  std::vector<Message> messages_;
  std::unique_ptr<Model> model_;
};

TEST_F(PersonaTest, PlaysItsOracleTurnByTurn) {
  scripts_["a"].steps = {{"read_policy", R"({"section": 4})", ""},
                         {"notify", R"({"who": "é"})", "Telling them."},
                         {"", "", "All told."}};
  const Reply first = Next();
  EXPECT_EQ(first.message.raw,
            R"({"role":"assistant","content":null,"tool_calls":[{"id":"call_1","type":"function",)"
            R"("function":{"name":"read_policy","arguments":"{\"section\": 4}"}}]})");
  EXPECT_EQ(first.finish_reason, "tool_calls");
  EXPECT_EQ(first.choices, 1);
  const Reply second = Next();
  EXPECT_EQ(second.message.text, "Telling them.");
  EXPECT_EQ(second.message.tool_calls[0].id, "call_2");
  EXPECT_EQ(second.message.tool_calls[0].arguments, R"({"who": "é"})");
  const Reply third = Next();
  EXPECT_EQ(third.message.raw, R"({"role":"assistant","content":"All told."})");
  EXPECT_EQ(third.finish_reason, "stop");
  EXPECT_GT(third.usage.input_tokens, first.usage.input_tokens);
  EXPECT_EQ(Next().message.text, "Done.");
}

TEST_F(PersonaTest, WithoutAnOracleTheCallFails) {
  spec_.name = "b";
  const Reply reply = Next();
  EXPECT_EQ(reply.status, CallStatus::kError);
  EXPECT_EQ(reply.error, "\"scripted/b\": task \"crossroads/ledger-01\": no oracle \"b\"");
}

TEST_F(PersonaTest, TakesItsTime) {
  spec_.arguments = {{"latency_ms", "1500"}};
  scripts_["a"].steps = {{"", "", "x"}};
  EXPECT_EQ(Next().duration_us, 1'500'000);
  EXPECT_EQ(clock_.NowMs(), 1500);
}

TEST_F(PersonaTest, RefusesArgumentsItDoesNotHave) {
  spec_.arguments = {{"temperature", "5"}};
  EXPECT_EQ(Make().error().ToString(),
            "-M temperature: no such argument of \"scripted/a\": there are latency_ms and seed");
  spec_.arguments = {{"sed", "5"}};
  EXPECT_EQ(Make().error().ToString(),
            "-M sed: no such argument of \"scripted/a\": did you mean \"seed\"?");
  spec_.arguments = {{"seed", "5x"}};
  EXPECT_EQ(Make().error().ToString(), "-M seed: expected a whole number, got \"5x\"");
  spec_.arguments = {{"latency_ms", "99999999"}};
  EXPECT_EQ(Make().error().ToString(), "-M latency_ms: expected at most 3600000, got 99999999");
}

TEST_F(PersonaTest, ARandomWalkIsTheSameEachTime) {
  spec_.name = "random";
  const std::string walk = Walk();
  EXPECT_EQ(Walk(), walk);
  model_.reset();
  EXPECT_EQ(Walk(), walk);
}

TEST_F(PersonaTest, ARandomWalkDependsOnTaskEpochAndSeed) {
  spec_.name = "random";
  std::set<std::string> walks;
  walks.insert(Walk());
  epoch_ = 2;
  walks.insert(Walk());
  task_ = "crossroads/ledger-02";
  walks.insert(Walk());
  spec_.arguments = {{"seed", "9"}};
  model_.reset();
  walks.insert(Walk());
  EXPECT_EQ(walks.size(), 4u);
}

TEST_F(PersonaTest, ARandomWalkFollowsTheSchemasAndReusesWhatItSaw) {
  spec_.name = "random";
  int calls = 0;
  int seen = 0;
  std::set<size_t> lengths;
  for (int i = 0; i < 60; ++i) {
    task_ = "t/" + std::to_string(i);
    Walk();
    size_t length = 0;
    for (const Message& message : messages_) {
      for (const ToolCall& call : message.tool_calls) {
        ++length;
        if (call.name == "list_entries") {
          EXPECT_EQ(call.arguments, "{}");
          continue;
        }
        ASSERT_EQ(call.name, "correct_entry");
        ++calls;
        const Json with = *ParseJson(call.arguments, "arguments");
        EXPECT_TRUE(with.at("entry_id").is_string());
        EXPECT_TRUE(with.at("amount").is_number());
        EXPECT_TRUE(with.at("urgent").is_boolean());
        EXPECT_TRUE(with.at("tags").is_array());
        EXPECT_TRUE(with.at("kind") == "in" || with.at("kind") == "out");
        EXPECT_GE(with.at("detail").at("page").get<int>(), 3);
        EXPECT_LE(with.at("detail").at("page").get<int>(), 5);
        EXPECT_TRUE(with.at("maybe").is_string() || with.at("maybe").is_null());
        const bool real = with.at("entry_id") == "ENTRY-SEEN" || with.at("entry_id") == "E-17";
        if (real) ++seen;
      }
    }
    EXPECT_GE(length, 1u);
    EXPECT_LE(length, 8u);
    lengths.insert(length);
  }
  EXPECT_EQ(lengths.size(), 8u);
  EXPECT_GT(calls, 60);
  EXPECT_GT(seen * 10, calls * 7);
}

TEST_F(PersonaTest, RandomWithoutToolsOrWithBrokenOnesJustEnds) {
  spec_.name = "random";
  model_ = std::move(*Make());
  for (const char* tools : {"", "[]", "{", "[3]", R"([{"function":3}])",
                            R"([{"function":{"parameters":{"type":"object",)"
                            R"("properties":[1],"required":{"a":1},"anyOf":[]}}}])"}) {
    Request request;
    request.messages = &messages_;
    request.tools = tools;
    Reply reply;
    loop_.Spawn(Run(request, reply));
    clock_.Run();
    EXPECT_EQ(reply.status, CallStatus::kOk);
  }
}

}  // namespace
}  // namespace axiometer
