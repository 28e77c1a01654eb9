#include "tests/harness/store/store_fixture.h"

namespace axiometer {
namespace {

using RoundTrip = StoreTest;

void ExpectEqual(const Usage& a, const Usage& b) {
  EXPECT_EQ(a.input_tokens, b.input_tokens);
  EXPECT_EQ(a.cached_tokens, b.cached_tokens);
  EXPECT_EQ(a.output_tokens, b.output_tokens);
  EXPECT_EQ(a.reasoning_tokens, b.reasoning_tokens);
  EXPECT_EQ(a.cost_usd, b.cost_usd);
}

const Usage kUsage{11, 7, 5, 3, 0.25};

TEST_F(RoundTrip, Run) {
  const RunRow run = Run("01A");
  Write({run});
  const RunRow read = Reader()->FindRun("01A")->run;
  EXPECT_EQ(read.id, run.id);
  EXPECT_EQ(read.created_ms, run.created_ms);
  EXPECT_EQ(read.suite, run.suite);
  EXPECT_EQ(read.protocol, run.protocol);
  EXPECT_EQ(read.model, run.model);
  EXPECT_EQ(read.scaffold, run.scaffold);
  EXPECT_EQ(read.config, run.config);
  EXPECT_EQ(read.identity, run.identity);
  EXPECT_EQ(read.tags, run.tags);
  EXPECT_EQ(read.command, run.command);
  EXPECT_EQ(read.wanted, run.wanted);
}

TEST_F(RoundTrip, RunGivenAgainKeepsItsBirthAndTakesTheRest) {
  RunRow run = Run("01A", 1'000);
  Write({run});
  run.created_ms = 9'000;
  run.wanted = 5;
  Write({run});
  const RunRow read = Reader()->FindRun("01A")->run;
  EXPECT_EQ(read.created_ms, 1'000);
  EXPECT_EQ(read.wanted, 5);
}

TEST_F(RoundTrip, Task) {
  const AttemptRow attempt = Attempt("01A", "crossroads/07");
  Write({Run("01A"), TaskRow{attempt.task_digest, attempt.task, R"({"id":"crossroads/07"})"},
         attempt});
  Write({TaskRow{attempt.task_digest, attempt.task, R"({"id":"crossroads/07"})"}});
  const auto reader = Reader();
  EXPECT_EQ(*reader->TaskRecordJson(attempt.task_digest, attempt.task), R"({"id":"crossroads/07"})");
  const auto tasks = *reader->Tasks("01A");
  ASSERT_EQ(tasks.size(), 1u);
  EXPECT_EQ(tasks[0].digest, attempt.task_digest);
  EXPECT_EQ(tasks[0].id, "crossroads/07");
  EXPECT_EQ(Plain(reader->TaskRecordJson("ab", "t").error().ToString()),
            "store \"x.db\": no task with digest ab is stored");
}

TEST_F(RoundTrip, Call) {
  CallRow call = Call(Attempt("01A", "t"), 3);
  call.judgement = 99;
  call.error = "bad gateway";
  call.http_status = 502;
  call.tries = 4;
  call.epoch = 2;
  call.request_digest = Sha256("request");
  call.response_id = "resp-1";
  call.response_model = "model-2026";
  call.usage = kUsage;
  call.duration_us = 123;
  call.waited_us = 456;
  Write({call});
  const auto calls = *Reader()->Calls(call.attempt);
  ASSERT_EQ(calls.size(), 1u);
  const CallRow& read = calls[0];
  EXPECT_EQ(read.id, call.id);
  EXPECT_EQ(read.attempt, call.attempt);
  EXPECT_EQ(read.judgement, call.judgement);
  EXPECT_EQ(read.step, 3);
  EXPECT_EQ(read.status, "ok");
  EXPECT_EQ(read.message, call.message);
  EXPECT_EQ(read.finish_reason, "stop");
  EXPECT_EQ(read.error, "bad gateway");
  EXPECT_EQ(read.http_status, 502);
  EXPECT_EQ(read.tries, 4);
  EXPECT_FALSE(read.cached);
  EXPECT_EQ(read.epoch, 2);
  EXPECT_EQ(read.request_digest, call.request_digest);
  EXPECT_EQ(read.response_id, "resp-1");
  EXPECT_EQ(read.response_model, "model-2026");
  ExpectEqual(read.usage, kUsage);
  EXPECT_EQ(read.duration_us, 123);
  EXPECT_EQ(read.waited_us, 456);
}

TEST_F(RoundTrip, LogProbabilitiesComeBackBesideTheMessage) {
  const AttemptRow attempt = Attempt("01A", "t");
  Message said;
  said.role = Role::kAssistant;
  said.raw = R"({"role":"assistant","content":"Yes"})";
  said.logprobs = R"({"content":[{"token":"Yes","logprob":-0.25,"top_logprobs":[]}]})";
  CallRow call = Call(attempt, 1);
  call.message = RawWithLogprobs(said);
  EventRow event{attempt.id, Happened(1, EventKind::kReply, 1), call.id};
  event.event.message = said;
  Write({Run("01A"), attempt, call, event, End(attempt, Outcome::kFinished, "Yes")});
  const Trajectory read = *Reader()->LoadTrajectory(attempt.id);
  EXPECT_EQ(read.events.at(0).message.raw, said.raw);
  EXPECT_EQ(read.events.at(0).message.logprobs, said.logprobs);
  EXPECT_EQ(read.events.at(0).message.text, "Yes");
}

TEST_F(RoundTrip, Trajectory) {
  const AttemptRow attempt = Attempt("01A", "t");
  const std::string long_text(3'000, 'x');
  CallRow call = Call(attempt, 1);
  call.message =
      R"({"content":null,"role":"assistant","reasoning_content":"hm","tool_calls":[)"
      R"({"id":"c1","type":"function","function":{"name":"read","arguments":"{\"a\": 1}"}},)"
      R"({"function":{"name":"list","arguments":{"b":2}}}],"x":1})";
  std::vector<Event> events{Said(1, Role::kSystem, long_text), Said(2, Role::kUser, "hello"),
                            Happened(3, EventKind::kReply, 1), Happened(4, EventKind::kTool, 1),
                            Happened(5, EventKind::kFailure, 2)};
  events[2].message.raw = call.message;
  events[2].finish_reason = "tool_calls";
  events[2].at_ms = 12;
  events[3].tool = {"c1", "read", R"({"a": 1})", R"({"ok":true})", ToolStatus::kUnknownTool, 77};
  events[4].failure = "the endpoint closed";
  AttemptEndRow end = End(attempt, Outcome::kModelError, "last words");
  end.detail = "after 6 tries";
  end.final_state = std::string(300, '{');
  end.steps = 2;
  end.usage = kUsage;
  std::vector<Row> rows{Run("01A"), attempt, call};
  for (const Event& event : events) {
    EventRow row{attempt.id, event, event.kind == EventKind::kReply ? call.id : 0};
    rows.emplace_back(std::move(row));
  }
  rows.emplace_back(end);
  Write(std::move(rows));

  const Trajectory read = *Reader()->LoadTrajectory(attempt.id);
  EXPECT_EQ(read.outcome, Outcome::kModelError);
  EXPECT_EQ(read.final_text, "last words");
  EXPECT_EQ(read.detail, "after 6 tries");
  EXPECT_EQ(read.final_state, end.final_state);
  ExpectEqual(read.usage, kUsage);
  ASSERT_EQ(read.events.size(), 5u);
  for (size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(read.events[i].id, events[i].id);
    EXPECT_EQ(read.events[i].step, events[i].step);
    EXPECT_EQ(read.events[i].kind, events[i].kind);
    EXPECT_EQ(read.events[i].at_ms, events[i].at_ms);
  }
  EXPECT_EQ(read.events[0].message.role, Role::kSystem);
  EXPECT_EQ(read.events[0].message.text, long_text);
  EXPECT_EQ(read.events[1].message.role, Role::kUser);
  EXPECT_EQ(read.events[1].message.text, "hello");
  const Message& reply = read.events[2].message;
  EXPECT_EQ(reply.raw, call.message);
  EXPECT_EQ(reply.text, "");
  EXPECT_EQ(reply.reasoning, "hm");
  EXPECT_EQ(read.events[2].finish_reason, "tool_calls");
  ASSERT_EQ(reply.tool_calls.size(), 2u);
  EXPECT_EQ(reply.tool_calls[0].id, "c1");
  EXPECT_EQ(reply.tool_calls[0].name, "read");
  EXPECT_EQ(reply.tool_calls[0].arguments, R"({"a": 1})");
  EXPECT_FALSE(reply.tool_calls[0].arguments_were_object);
  EXPECT_EQ(reply.tool_calls[1].id, "");
  EXPECT_EQ(reply.tool_calls[1].arguments, R"({"b":2})");
  EXPECT_TRUE(reply.tool_calls[1].arguments_were_object);
  const ToolExchange& tool = read.events[3].tool;
  EXPECT_EQ(tool.call_id, "c1");
  EXPECT_EQ(tool.name, "read");
  EXPECT_EQ(tool.arguments, R"({"a": 1})");
  EXPECT_EQ(tool.result, R"({"ok":true})");
  EXPECT_EQ(tool.status, ToolStatus::kUnknownTool);
  EXPECT_EQ(tool.duration_us, 77);
  EXPECT_EQ(read.events[4].failure, "the endpoint closed");
}

TEST_F(RoundTrip, ReplyWithoutAReceivedMessageKeepsItsOwn) {
  const AttemptRow attempt = Attempt("01A", "t");
  Event event = Said(1, Role::kAssistant, "I read it");
  event.message.tool_calls.push_back({"k", "read", "{\"a\": broken", false});
  event.message.tool_calls.push_back({"", "list", R"({"b":2})", true});
  EventRow row{attempt.id, event, 0};
  Write({attempt, row});
  const Message read = Reader()->LoadTrajectory(attempt.id)->events.at(0).message;
  EXPECT_EQ(read.text, "I read it");
  ASSERT_EQ(read.tool_calls.size(), 2u);
  EXPECT_EQ(read.tool_calls[0].id, "k");
  EXPECT_EQ(read.tool_calls[0].arguments, "{\"a\": broken");
  EXPECT_EQ(read.tool_calls[1].arguments, R"({"b":2})");
  EXPECT_TRUE(read.tool_calls[1].arguments_were_object);
}

TEST_F(RoundTrip, Judgement) {
  const AttemptRow attempt = Attempt("01A", "t");
  JudgementRow row = Judged(attempt, "openai/judge", 0.5);
  Judgement& judged = row.judgement;
  judged.status = JudgementStatus::kUnreadable;
  judged.problem = "no object";
  judged.verdicts.push_back({"a1", 'a', 3, 2.0, true, "it read the policy", {3, 17}});
  judged.verdicts.push_back({"b1", 'b', 1.5, std::nullopt, false, "", {}});
  judged.scores.push_back({"choice", std::nullopt, "tie"});
  judged.scores.push_back({"b", std::nullopt, std::nullopt});
  judged.raw = R"({"a1":2})";
  judged.requests = 2;
  judged.usage = kUsage;
  Write({Run("01A"), attempt, End(attempt, Outcome::kFinished), row});

  const SampleRow sample = *Reader()->FindSample("01A", "t", 1);
  ASSERT_EQ(sample.judgements.size(), 1u);
  EXPECT_EQ(sample.judgements[0].judge, "openai/judge");
  EXPECT_EQ(sample.judgements[0].protocol, "axiometer");
  EXPECT_EQ(sample.judgements[0].prompt_digest, row.prompt_digest);
  const Judgement& read = sample.judgements[0].judgement;
  EXPECT_EQ(read.status, JudgementStatus::kUnreadable);
  EXPECT_EQ(read.problem, "no object");
  EXPECT_EQ(read.raw, judged.raw);
  EXPECT_EQ(read.requests, 2);
  ExpectEqual(read.usage, kUsage);
  ASSERT_EQ(read.verdicts.size(), 2u);
  EXPECT_EQ(read.verdicts[0].item, "a1");
  EXPECT_EQ(read.verdicts[0].pole, 'a');
  EXPECT_EQ(read.verdicts[0].weight, 3);
  EXPECT_EQ(read.verdicts[0].score, 2.0);
  EXPECT_TRUE(read.verdicts[0].mechanical);
  EXPECT_EQ(read.verdicts[0].rationale, "it read the policy");
  EXPECT_EQ(read.verdicts[0].events, (std::vector<int>{3, 17}));
  EXPECT_EQ(read.verdicts[1].pole, 'b');
  EXPECT_EQ(read.verdicts[1].score, std::nullopt);
  EXPECT_TRUE(read.verdicts[1].events.empty());
  ASSERT_EQ(read.scores.size(), 3u);
  EXPECT_EQ(read.scores[0].name, "a");
  EXPECT_EQ(read.scores[0].number, 0.5);
  EXPECT_EQ(read.scores[0].text, std::nullopt);
  EXPECT_EQ(read.scores[1].text, "tie");
  EXPECT_EQ(read.scores[2].number, std::nullopt);
  EXPECT_EQ(read.scores[2].text, std::nullopt);
}

TEST_F(RoundTrip, BytesThatAreNotTextSurvive) {
  const AttemptRow attempt = Attempt("01A", "t");
  const std::string hostile("nul \0 lone \xff\xfe cut \xe2\x82 end\0", 25);
  CallRow call = Call(attempt, 1);
  call.message = hostile;
  const Event event = Said(1, Role::kUser, hostile);
  const Event long_event = Said(2, Role::kUser, hostile + std::string(400, '\0') + hostile);
  EventRow row{attempt.id, event, 0}, long_row{attempt.id, long_event, 0};
  Write({Run("01A"), attempt, call, row, long_row, End(attempt, Outcome::kFinished, hostile)});
  const auto reader = Reader();
  EXPECT_EQ(reader->Calls(attempt.id)->at(0).message, hostile);
  const Trajectory read = *reader->LoadTrajectory(attempt.id);
  EXPECT_EQ(read.events[0].message.text, hostile);
  EXPECT_EQ(read.events[1].message.text, long_event.message.text);
  EXPECT_EQ(reader->FindSample("01A", "t", 1)->final_text, hostile);
}

TEST(MakeId, DependsOnThePartsAlone) {
  EXPECT_EQ(MakeId({"01A", "crossroads/07", "1"}), MakeId({"01A", "crossroads/07", "1"}));
  EXPECT_NE(MakeId({"01A", "crossroads/07", "1"}), MakeId({"01A", "crossroads/07", "2"}));
  // printf 'a\nb' | sha256sum: 7ee0fb1e5f78fc2e…, without its last bit.
  EXPECT_EQ(MakeId({"a", "b"}),
            static_cast<int64_t>(std::stoull(Sha256("a\nb").substr(0, 16), nullptr, 16) >> 1));
  for (int i = 0; i < 100; ++i) EXPECT_GE(MakeId({std::to_string(i)}), 0);
}

TEST(ImportedRunId, IsTheSameForTheSameResults) {
  const std::string digest(64, 'a');
  const std::string id = ImportedRunId(1'700'000'000'000, digest);
  EXPECT_EQ(id, "01HF7YAT00AAAAAAAAAAAAAAAA");
  EXPECT_EQ(ImportedRunId(1'700'000'000'000, digest), id);
  EXPECT_NE(ImportedRunId(1'700'000'000'000, std::string(64, 'b')), id);
}

TEST(NewRunId, SortsByTimeAndDoesNotRepeat) {
  EXPECT_EQ(NewRunId(1'700'000'000'000).size(), 26u);
  EXPECT_EQ(NewRunId(1'700'000'000'000).substr(0, 10), "01HF7YAT00");
  EXPECT_LT(NewRunId(1'700'000'000'000), NewRunId(1'700'000'000'001));
  EXPECT_NE(NewRunId(1'700'000'000'000), NewRunId(1'700'000'000'000));
}

}  // namespace
}  // namespace axiometer
