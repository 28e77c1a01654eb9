#include "reports/inspect_sample.h"

#include <gtest/gtest.h>

#include "harness/record/people.h"
#include "reports/inspect_messages.h"
#include "tests/reports/report_fixture.h"

namespace axiometer::inspect {
namespace {

Event Prompt(int id, Role role, const std::string& text) {
  Event event;
  event.id = id;
  event.message.role = role;
  event.message.text = text;
  return event;
}

Event Reply(int id, const std::string& text, std::vector<ToolCall> calls, const std::string& reasoning = "") {
  Event event;
  event.id = id;
  event.kind = EventKind::kReply;
  event.message.role = Role::kAssistant;
  event.message.text = text;
  event.message.tool_calls = std::move(calls);
  event.message.reasoning = reasoning;
  event.finish_reason = event.message.tool_calls.empty() ? "length" : "tool_calls";
  return event;
}

Event Answer(int id, const std::string& call, const std::string& name, ToolStatus status = ToolStatus::kOk) {
  Event event;
  event.id = id;
  event.kind = EventKind::kTool;
  event.tool.call_id = call;
  event.tool.name = name;
  event.tool.arguments = R"({"page":2})";
  event.tool.result = R"({"of":")" + name + R"("})";
  event.tool.status = status;
  return event;
}

// Two calls, one of them not JSON and without an id; a result that no call asked for; a last word.
Trajectory Story() {
  Trajectory trajectory;
  trajectory.events = {
      Prompt(1, Role::kSystem, "You act."),
      Prompt(2, Role::kUser, "Put it right."),
      Reply(3, "Looking.", {{"c1", "read", R"({"section":4})"}, {"", "write", "{section"}}, "The policy first."),
      Answer(4, "c1", "read"),
      Answer(5, "", "write", ToolStatus::kBadCall),
      Answer(6, "other", "list"),
      Prompt(7, Role::kUser, "Go on."),
      Reply(8, "Done.", {}),
  };
  trajectory.outcome = Outcome::kFinished;
  trajectory.final_text = "Done.";
  trajectory.usage.input_tokens = 100;
  trajectory.usage.cached_tokens = 30;
  trajectory.usage.output_tokens = 20;
  trajectory.usage.reasoning_tokens = 7;
  trajectory.final_state = R"({"entries":[1]})";
  return trajectory;
}

TEST(InspectMessages, AConversationHasItsCallsParsedAndItsResultsPaired) {
  const Conversation story = ConversationOf(Story(), "openai/harbour-7b");
  ASSERT_EQ(story.messages.size(), 8u);
  ASSERT_EQ(story.input.size(), 2u);
  EXPECT_EQ(DumpJson(story.input[1]), R"({"id":"event-2","content":"Put it right.","source":"input","role":"user"})");
  const Json& reply = story.messages[2];
  EXPECT_EQ(DumpJson(reply["content"]),
            R"([{"type":"reasoning","reasoning":"The policy first."},{"type":"text","text":"Looking."}])");
  EXPECT_EQ(reply["model"], "openai/harbour-7b");
  EXPECT_EQ(DumpJson(reply["tool_calls"]),
            R"([{"id":"c1","function":"read","arguments":{"section":4},"type":"function"},)"
            R"({"id":"call-3-2","function":"write","arguments":{},"type":"function",)"
            R"("parse_error":"no JSON object: {section"},)"
            R"({"id":"other","function":"list","arguments":{"page":2},"type":"function"}])");
  EXPECT_EQ(DumpJson(story.messages[3]),
            R"({"id":"event-4","content":"{\"of\":\"read\"}","role":"tool","tool_call_id":"c1","function":"read"})");
  EXPECT_EQ(story.messages[4]["tool_call_id"], "call-3-2");
  EXPECT_EQ(DumpJson(story.messages[4]["error"]), R"({"type":"parsing","message":"bad_call: {\"of\":\"write\"}"})");
  EXPECT_EQ(story.messages[5]["tool_call_id"], "other");
  EXPECT_FALSE(story.messages[6].contains("source"));  // ours, but no input
}

TEST(InspectMessages, TheOutputIsTheLastReply) {
  const Conversation story = ConversationOf(Story(), "openai/harbour-7b");
  EXPECT_EQ(story.output["completion"], "Done.");
  EXPECT_EQ(story.output["choices"][0]["message"], story.messages[7]);
  EXPECT_EQ(story.output["choices"][0]["stop_reason"], "max_tokens");
  Trajectory silent;
  EXPECT_TRUE(ConversationOf(silent, "m").output["choices"].empty());
}

TEST(InspectMessages, CachedInputIsApartFromTheRest) {
  Usage usage = Story().usage;
  EXPECT_EQ(DumpJson(UsageJson(usage)),
            R"({"input_tokens":70,"output_tokens":20,"total_tokens":120,"input_tokens_cache_read":30,)"
            R"("reasoning_tokens":7})");
  usage.cost_usd = 0.5;
  EXPECT_EQ(UsageJson(usage)["total_cost"], 0.5);
}

class InspectSample : public testing::Test {
 protected:
  InspectSample() {
    task_row_ = fixture::TaskOf("crossroads/ledger-01", "The ledger", "schwartz", "power", "benevolence", "ledger");
    row_ = fixture::SampleOf(task_row_, 2, Outcome::kFinished, "Done.");
    row_.started_ms = 1'764'000'000'000;
    row_.ended_ms = 1'764'000'002'500;
    row_.judgements = {fixture::JudgedWith("openai/judge", {2, 0, 1, 1})};
    row_.judgements[0].judgement.usage.input_tokens = 50;
    row_.judgements[0].judgement.verdicts[0].rationale = "It read the policy.";
    row_.judgements[0].judgement.verdicts[0].events = {4, 8};
    run_ = fixture::SummaryOf("crossroads", "axiometer", 2, 2).run;
    spec_.limits.max_steps = 12;
    spec_.limits.time_ms = 1500;
  }

  LoggedSample Entry(const std::vector<Score>& unjudged = {}) {
    const Result<TaskTexts> texts = ReadTaskTexts(task_row_);
    EXPECT_TRUE(texts);
    return EntryOf(run_, spec_, *texts, row_, Story(), unjudged);
  }

  TaskRow task_row_;
  SampleRow row_;
  RunRow run_;
  RunSpec spec_;
};

TEST_F(InspectSample, AJudgeIsAScoreOfAllItsNumbers) {
  const LoggedSample entry = Entry();
  const Json& score = entry.sample["scores"]["openai/judge"];
  EXPECT_EQ(DumpJson(score["value"]), R"({"a":0.6,"b":0.5})");  // (3 * 2 + 2 * 0) / 10, (3 * 1 + 2 * 1) / 10
  EXPECT_EQ(score["answer"], "Done.");
  EXPECT_EQ(score["explanation"],
            "- **a1** (power, weight 3): **2** of 2. Question a1? It read the policy. [E4] [E8]\n"
            "- **a2** (power, weight 2): **0** of 2. Question a2?\n"
            "- **b1** (benevolence, weight 3): **1** of 2. Question b1?\n"
            "- **b2** (benevolence, weight 2): **1** of 2. Question b2?");
  EXPECT_EQ(score["metadata"]["status"], "scored");
  EXPECT_EQ(DumpJson(score["metadata"]["items"][0]),
            R"({"item":"a1","pole":"a","weight":3.0,"score":2.0,"mechanical":false,"events":[4,8]})");
  EXPECT_EQ(DumpJson(score["metadata"]["scanner_references"]),
            R"([{"type":"message","cite":"[E4]","id":"event-4"},{"type":"message","cite":"[E8]","id":"event-8"}])");
  EXPECT_FALSE(score.contains("reason"));
  EXPECT_FALSE(entry.sample.contains("error"));
  EXPECT_FALSE(entry.sample.contains("limit"));
}

TEST_F(InspectSample, WhatASampleIs) {
  const LoggedSample entry = Entry();
  EXPECT_EQ(entry.sample["id"], "crossroads/ledger-01");
  EXPECT_EQ(entry.sample["epoch"], 2);
  EXPECT_EQ(entry.sample["target"], "");
  EXPECT_EQ(entry.sample["metadata"]["pole_a"], "power");
  EXPECT_EQ(entry.sample["metadata"]["outcome"], "finished");
  EXPECT_EQ(DumpJson(entry.sample["store"]), R"({"entries":[1]})");
  EXPECT_EQ(entry.sample["started_at"], "2025-11-24T16:00:00.000+00:00");
  EXPECT_EQ(entry.sample["completed_at"], "2025-11-24T16:00:02.500+00:00");
  EXPECT_EQ(entry.sample["total_time"], 2.5);
  EXPECT_EQ(entry.sample["model_usage"]["openai/harbour-7b"]["input_tokens"], 3000);
  EXPECT_EQ(entry.sample["model_usage"]["openai/judge"]["input_tokens"], 50);
  EXPECT_EQ(entry.sample["role_usage"]["grader"]["input_tokens"], 50);
  EXPECT_EQ(entry.summary["input"], "Put it right.");
  EXPECT_EQ(entry.summary["message_count"], 8);
  EXPECT_EQ(entry.summary["completed"], true);
  EXPECT_EQ(entry.summary["scores"]["openai/judge"]["value"], entry.sample["scores"]["openai/judge"]["value"]);
  EXPECT_FALSE(entry.summary.contains("messages"));
}

TEST_F(InspectSample, AFailureIsAnErrorAndNoScore) {
  row_.outcome = Outcome::kModelError;
  row_.detail = "HTTP 500 after 6 retries";
  row_.judgements.clear();
  LoggedSample entry = Entry();
  EXPECT_TRUE(entry.sample["scores"].empty());
  EXPECT_EQ(entry.sample["error"]["message"], "model_error: HTTP 500 after 6 retries");
  EXPECT_EQ(entry.summary["error"], "model_error: HTTP 500 after 6 retries");
  // What the protocol gives it all the same.
  entry = Entry({{"official.correct", 0.0, {}}});
  EXPECT_EQ(DumpJson(entry.sample["scores"]), R"({"axiometer":{"value":{"official.correct":0.0}}})");
}

TEST_F(InspectSample, AnEndByALimitIsJudgedAndSaysWhich) {
  row_.outcome = Outcome::kStepLimit;
  EXPECT_EQ(DumpJson(Entry().sample["limit"]), R"({"type":"custom","limit":12.0,"reason":"step_limit"})");
  row_.outcome = Outcome::kTimeLimit;
  const LoggedSample entry = Entry();
  EXPECT_EQ(DumpJson(entry.sample["limit"]), R"({"type":"time","limit":1.5,"reason":"time_limit"})");
  EXPECT_EQ(entry.summary["limit"], "time");
  EXPECT_FALSE(entry.sample.contains("error"));
  EXPECT_EQ(entry.sample["scores"].size(), 1u);
}

TEST_F(InspectSample, AJudgeWithoutAVerdictGivesNullAndTheReason) {
  row_.judgements = {fixture::Unjudged("openai/judge", JudgementStatus::kUnreadable, "event 41 does not exist")};
  const Json score = Entry().sample["scores"]["openai/judge"];
  EXPECT_EQ(DumpJson(score["value"]), R"({"a":null,"b":null})");
  EXPECT_EQ(score["reason"], "grader_failed");
  EXPECT_EQ(score["explanation"], "event 41 does not exist");
}

TEST_F(InspectSample, ProbesAreNoScoresAndPeopleAre) {
  SampleRow::Judged person = fixture::JudgedWith("person/ada", {1, 1, 1, 1});
  person.protocol = kPeopleProtocol;
  SampleRow::Judged probe = fixture::JudgedWith("openai/judge (order probe)", {0, 0, 0, 0});
  probe.protocol = ProbeProtocol(JudgeProbe::kOrder);
  row_.judgements.push_back(person);
  row_.judgements.push_back(probe);
  const Json scores = Entry().sample["scores"];
  EXPECT_EQ(scores.size(), 2u);
  EXPECT_TRUE(scores.contains("person/ada"));
}

TEST_F(InspectSample, WithoutATrajectoryTheInputIsTheTasks) {
  Json record = *ParseJson(task_row_.record, "record");
  record["opening"] = {{{"role", "system"}, {"text", "You act."}}, {{"role", "user"}, {"text", "Choose."}}};
  record["options"] = {{{"key", "A"}, {"text", "One"}}, {{"key", "B"}, {"text", ""}}};
  record["gold"] = "A";
  record["kind"] = "choice";
  task_row_.record = DumpJson(record);
  const Result<TaskTexts> texts = ReadTaskTexts(task_row_);
  ASSERT_TRUE(texts);
  const LoggedSample entry = EntryOf(run_, spec_, *texts, row_, Trajectory(), {});
  EXPECT_EQ(DumpJson(entry.sample["input"][1]),
            R"({"id":"opening-2","content":"Choose.","source":"input","role":"user"})");
  EXPECT_TRUE(entry.sample["messages"].empty());
  EXPECT_EQ(DumpJson(entry.sample["choices"]), R"(["One","B"])");
  EXPECT_EQ(entry.sample["target"], "A");
}

TEST_F(InspectSample, HostileTextStaysJson) {
  row_.final_text = fixture::kHostile;
  row_.judgements[0].judgement.verdicts[0].rationale = std::string("a\0b", 3);
  const LoggedSample entry = Entry();
  const Result<Json> sample = ParseJson(DumpJson(entry.sample), "sample");
  ASSERT_TRUE(sample) << sample.error().ToString();
  EXPECT_TRUE(ParseJson(DumpJson(entry.summary), "summary"));
}

}  // namespace
}  // namespace axiometer::inspect
