#include <unistd.h>

#include <algorithm>
#include <map>

#include "harness/store/database.h"
#include "tests/harness/store/store_fixture.h"

namespace axiometer {
namespace {

using ReaderTest = StoreTest;

TEST_F(ReaderTest, TheLastAttemptThatEndedOtherThanInterruptedCounts) {
  const AttemptRow first = Attempt("01A", "t", 1, 1), second = Attempt("01A", "t", 1, 2),
                   third = Attempt("01A", "t", 1, 3), fourth = Attempt("01A", "t", 1, 4);
  Write({Run("01A"), first, End(first, Outcome::kModelError), second,
         End(second, Outcome::kFinished, "b"), third, End(third, Outcome::kInterrupted), fourth});
  const auto reader = Reader();
  const auto states = *reader->SampleStates("01A");
  ASSERT_EQ(states.size(), 1u);
  const SampleState& state = states.at({"t", 1});
  EXPECT_EQ(state.attempts, 4);
  EXPECT_EQ(state.outcome, Outcome::kFinished);
  EXPECT_EQ(state.attempt, second.id);
  const SampleRow sample = *reader->FindSample("01A", "t", 1);
  EXPECT_EQ(sample.attempt, second.id);
  EXPECT_EQ(sample.attempts, 4);
  EXPECT_EQ(sample.final_text, "b");
  const RunSummary summary = *reader->FindRun("01A");
  EXPECT_EQ(summary.outcomes, (std::map<std::string, int64_t>{{"finished", 1}}));
  EXPECT_EQ(summary.samples_done, 1);
  EXPECT_EQ(summary.attempts, 4);
}

TEST_F(ReaderTest, SamplesThatNeverEndedAreWantedAndNotReported) {
  const AttemptRow begun = Attempt("01A", "t"), stopped = Attempt("01A", "u");
  Write({Run("01A"), begun, stopped, End(stopped, Outcome::kInterrupted)});
  const auto reader = Reader();
  const auto states = *reader->SampleStates("01A");
  EXPECT_EQ(states.at({"t", 1}).attempts, 1);
  EXPECT_EQ(states.at({"t", 1}).outcome, std::nullopt);
  EXPECT_EQ(states.at({"u", 1}).outcome, std::nullopt);
  EXPECT_TRUE(reader->ForEachSample("01A", [](const SampleRow&) {
    ADD_FAILURE();
    return true;
  }));
  EXPECT_EQ(reader->FindSample("01A", "t", 1).error().ToString(),
            "run 01A has no finished sample \"t\", epoch 1");
}

TEST_F(ReaderTest, SamplesComeInOrderOfTaskAndEpochAndOfOneRun) {
  std::vector<Row> rows{Run("01A"), Run("01B")};
  for (const auto& [run, task, epoch] : {std::tuple{"01A", "t/10", 1},
                                         {"01A", "t/9", 2},
                                         {"01A", "t/9", 1},
                                         {"01B", "t/1", 1},
                                         {"01A", "t/1", 12},
                                         {"01A", "t/1", 3}}) {
    const AttemptRow attempt = Attempt(run, task, epoch);
    rows.emplace_back(attempt);
    rows.emplace_back(End(attempt, Outcome::kFinished));
  }
  Write(std::move(rows));
  std::vector<std::string> seen;
  const auto each = [&](const SampleRow& row) {
    seen.push_back(row.task + " " + std::to_string(row.epoch));
    return seen.size() < 4;
  };
  ASSERT_TRUE(Reader()->ForEachSample("01A", each));
  EXPECT_EQ(seen, (std::vector<std::string>{"t/1 3", "t/1 12", "t/10 1", "t/9 1"}));
}

TEST_F(ReaderTest, APartOfTheTasksIsRead) {
  std::vector<Row> rows{Run("01A")};
  for (const char* task : {"t/1", "t/2", "t/3", "t/4"}) {
    const AttemptRow attempt = Attempt("01A", task, 1);
    rows.emplace_back(attempt);
    rows.emplace_back(End(attempt, Outcome::kFinished));
  }
  Write(std::move(rows));
  const auto reader = Reader();
  const auto another = *reader->Another();
  const auto read = [](StoreReader& from, const SampleScan& scan) {
    std::string seen;
    const auto each = [&](const SampleRow& row) {
      seen += row.task.back();
      return true;
    };
    EXPECT_TRUE(from.ForEachSample("01A", each, scan));
    return seen;
  };
  EXPECT_EQ(read(*reader, {"", "t/3", true}), "12");
  EXPECT_EQ(read(*another, {"t/3", "", false}), "34");
  EXPECT_EQ(read(*another, {"t/2", "t/3", true}), "2");
}

TEST_F(ReaderTest, WithoutTextsALoneJudgementHasItsVerdictsCounted) {
  const AttemptRow attempt = Attempt("01A", "t");
  JudgementRow judged = Judged(attempt, "openai/z", 0.5, 1'000);
  judged.judgement.scores = {{"a", 0.5, {}}, {"b", 0.5, {}}};
  judged.judgement.verdicts = {{"a1", 'a', 3, 1.0, true, "because", {4}},
                               {"a2", 'a', 2, std::nullopt, true, "", {}},
                               {"b1", 'b', 2, 2.0, false, "", {}}};
  Write({Run("01A"), attempt, End(attempt, Outcome::kFinished), judged});
  const auto reader = Reader();
  const auto read = [&](bool texts) {
    SampleRow::Judged out;
    const auto each = [&](const SampleRow& row) {
      out = row.judgements.at(0);
      return true;
    };
    EXPECT_TRUE(reader->ForEachSample("01A", each, {"", "", texts}));
    EXPECT_EQ(out.scored_items, 2);
    EXPECT_EQ(out.mechanical_items, 1);
    return out.judgement.verdicts;
  };
  ASSERT_EQ(read(true).size(), 3u);
  EXPECT_EQ(read(true)[0].rationale, "because");
  EXPECT_TRUE(read(false).empty());
  // With another judge beside it the items are compared.
  Write({Judged(attempt, "openai/y", 0.5, 2'000)});
  std::vector<size_t> verdicts;
  const auto each = [&](const SampleRow& row) {
    for (const SampleRow::Judged& one : row.judgements) verdicts.push_back(one.judgement.verdicts.size());
    return true;
  };
  EXPECT_TRUE(reader->ForEachSample("01A", each, {"", "", false}));
  ASSERT_EQ(verdicts.size(), 2u);
  EXPECT_EQ(verdicts[1], 3u);
}

TEST_F(ReaderTest, CountsOfVerdictsAreReadWhereTheyAreStoredAndElseCounted) {
  const AttemptRow attempt = Attempt("01A", "t");
  JudgementRow judged = Judged(attempt, "openai/z", 0.5, 1'000);
  judged.judgement.scores = {{"a", 0.5, {}}, {"b", 0.5, {}}};
  judged.judgement.verdicts = {{"a1", 'a', 3, 1.0, true, "", {}},
                               {"a2", 'a', 2, std::nullopt, true, "", {}},
                               {"b1", 'b', 2, 2.0, false, "", {}}};
  Write({Run("01A"), attempt, End(attempt, Outcome::kFinished), judged});
  CloseWriter();
  const auto read = [&] {
    std::pair<int, int> counts;
    const auto each = [&](const SampleRow& row) {
      counts = {row.judgements.at(0).scored_items, row.judgements.at(0).mechanical_items};
      return true;
    };
    EXPECT_TRUE(Reader()->ForEachSample("01A", each, {"", "", false}));
    return counts;
  };
  using Counts = std::pair<int, int>;
  EXPECT_EQ(read(), Counts(2, 1));
  const auto sql = [&](const char* text) {
    const auto database = Database::Open(Path(), Database::Access::kWrite);
    ASSERT_TRUE(database);
    EXPECT_TRUE((*database)->Execute(text));
  };
  sql("UPDATE verdict_counts SET scored = 7, mechanical = 5");
  EXPECT_EQ(read(), Counts(7, 5));
  sql("DELETE FROM verdict_counts");
  EXPECT_EQ(read(), Counts(2, 1));
  sql("DROP TABLE verdict_counts; PRAGMA user_version = 3");
  EXPECT_EQ(read(), Counts(2, 1));
}

// Whether rows are walked through or searched for, each is that of its id.
TEST_F(ReaderTest, RowsAreThoseOfTheirIdsHoweverManyAreWanted) {
  constexpr int kSamples = 400;
  std::vector<Row> rows{Run("01A")};
  std::map<int64_t, int> numbers;  // of attempts
  std::map<int64_t, int64_t> judgements;
  for (int i = 0; i < kSamples; ++i) {
    const AttemptRow attempt = Attempt("01A", "t/" + std::to_string(i));
    numbers[attempt.id] = i;
    rows.emplace_back(attempt);
    rows.emplace_back(End(attempt, Outcome::kFinished, std::to_string(i)));
    if (i % 5 == 0) continue;
    JudgementRow judged = Judged(attempt, "openai/z", i);
    if (i % 7 == 0) judged.judgement.scores.clear();
    judgements[attempt.id] = judged.id;
    rows.emplace_back(std::move(judged));
  }
  Write(std::move(rows));
  const auto reader = Reader();
  for (const int every : {1, 2, 3, 37, 399}) {
    std::vector<WantedRow> attempts, judged;
    int place = 0;
    for (const auto& [id, number] : numbers) {
      if (place++ % every != 0) continue;
      attempts.push_back({id, static_cast<size_t>(number)});
      if (judgements.contains(id)) judged.push_back({judgements.at(id), static_cast<size_t>(number)});
    }
    std::ranges::sort(judged, {}, &WantedRow::id);
    size_t read = 0;
    EXPECT_TRUE(reader->ForEachAttempt(attempts, [&](size_t number, SampleRow& row) {
      ++read;
      EXPECT_EQ(row.task, "t/" + std::to_string(number));
      EXPECT_EQ(row.final_text, std::to_string(number));
    }));
    EXPECT_EQ(read, attempts.size());
    read = 0;
    EXPECT_TRUE(reader->ForEachJudgement(judged, nullptr, [&](size_t number, SampleRow::Judged& row) {
      ++read;
      if (number % 7 == 0) {
        EXPECT_TRUE(row.judgement.scores.empty());
      } else {
        EXPECT_EQ(row.judgement.scores.at(0).number, static_cast<double>(number));
      }
    }));
    EXPECT_EQ(read, judged.size());
  }
  const std::vector<WantedRow> nothing{{77, 0}};
  EXPECT_EQ(Plain(reader->ForEachAttempt(nothing, [](size_t, SampleRow&) {}).error().ToString()),
            "store \"x.db\": has no attempt 77: it is damaged");
}

TEST_F(ReaderTest, BatchesGrowAndKeepTheOrder) {
  std::vector<Row> rows{Run("01A")};
  constexpr int kSamples = 700;  // the first batch, which is small, two larger ones and a part
  for (int i = 0; i < kSamples; ++i) {
    const AttemptRow attempt = Attempt("01A", "t/" + std::to_string(i / 10), i % 10 + 1);
    rows.emplace_back(attempt);
    rows.emplace_back(End(attempt, Outcome::kFinished, std::to_string(i)));
    JudgementRow judged = Judged(attempt, "openai/z", 0.5, 1'000);
    judged.judgement.raw = std::to_string(i);
    rows.emplace_back(judged);
    if (i % 3 == 0) rows.emplace_back(Judged(attempt, "openai/y", 0.5, 2'000));
  }
  Write(std::move(rows));
  const auto reader = Reader();
  const auto read = [&](const SampleScan& scan, int most) {
    std::string seen;
    const auto each = [&](const SampleRow& row) {
      for (const SampleRow::Judged& judged : row.judgements) seen += judged.judge + " " + judged.judgement.raw;
      seen += "/" + row.task + " " + std::to_string(row.epoch) + " " + row.final_text + "\n";
      return --most > 0;
    };
    EXPECT_TRUE(reader->ForEachSample("01A", each, scan));
    return seen;
  };
  EXPECT_EQ(read({"", "", false}, kSamples), read({}, kSamples));
  EXPECT_EQ(read({"", "", false}, 100), read({}, 100));
  const SampleScan without = {"", "", false, [](const Judgement&) { return false; }};
  EXPECT_EQ(read(without, 1), "openai/y openai/z /t/0 1 0\n");
}

TEST_F(ReaderTest, OfALongTextBothEndsAreRead) {
  const AttemptRow attempt = Attempt("01A", "t");
  const std::string text = std::string(1'024, 'a') + std::string(100, 'm') + std::string(1'024, 'z');
  Write({Run("01A"), attempt, End(attempt, Outcome::kFinished, text)});
  const auto reader = Reader();
  const auto each = [&](const SampleRow& row) {
    EXPECT_EQ(row.final_text, std::string(1'024, 'a') + std::string(1'024, 'z'));
    EXPECT_EQ(row.text_bytes, 2'148);
    return true;
  };
  EXPECT_TRUE(reader->ForEachSample("01A", each, {"", "", false}));
  EXPECT_EQ(reader->FindSample("01A", "t", 1)->final_text, text);
}

TEST_F(ReaderTest, APlainRunIsReadByIds) {
  const AttemptRow first = Attempt("01A", "t", 2), again = Attempt("01A", "t", 2, 2), second = Attempt("01A", "u");
  JudgementRow judged = Judged(again, "openai/z", 0.5, 1'000);
  Write({Run("01A"), first, End(first, Outcome::kInterrupted), again, End(again, Outcome::kFinished, "b"), second,
         End(second, Outcome::kRefused), judged});
  const auto reader = Reader();
  const auto plain = reader->FindPlainRun("01A");
  ASSERT_TRUE(plain && *plain);
  EXPECT_EQ((*plain)->tasks, (std::vector<std::string>{"t", "u"}));
  ASSERT_EQ((*plain)->samples.size(), 2u);
  const PlainRun::Sample& sample = (*plain)->samples[0];
  EXPECT_EQ(std::tuple(sample.attempt, sample.judgement, sample.task, sample.attempts),
            std::tuple(again.id, judged.id, 0, 2));
  EXPECT_EQ((*plain)->samples[1].judgement, -1);
  std::string said;
  const WantedRow attempts[] = {{again.id, 7}};
  EXPECT_TRUE(reader->ForEachAttempt(attempts, [&](size_t place, SampleRow& row) {
    said += std::to_string(place) + " " + row.task + " " + std::to_string(row.epoch) + " " + row.final_text;
  }));
  const WantedRow judgements[] = {{judged.id, 3}};
  EXPECT_TRUE(reader->ForEachJudgement(judgements, nullptr, [&](size_t place, SampleRow::Judged& row) {
    said += ", " + std::to_string(place) + " " + row.judge;
  }));
  EXPECT_EQ(said, "7 t 2 b, 3 openai/z");
  Write({Judged(again, "openai/y", 0.5, 2'000)});
  EXPECT_FALSE(*reader->FindPlainRun("01A"));
}

TEST_F(ReaderTest, RecordsOfTasksComeWhereTheyAreWanted) {
  AttemptRow attempt = Attempt("01A", "t");
  attempt.task_digest = std::string(64, 'a');
  AttemptRow later = Attempt("01A", "u");
  later.task_digest = std::string(64, 'b');
  Write({Run("01A"), TaskRow{later.task_digest, "u", "{\"u\":1}"}, TaskRow{attempt.task_digest, "t", "{}"}, later,
         attempt});
  const auto reader = Reader();
  const auto tasks = *reader->Tasks("01A", [](const TaskRow& task) { return task.id == "u"; });
  ASSERT_EQ(tasks.size(), 2u);
  EXPECT_EQ(std::tie(tasks[0].id, tasks[0].record), std::tuple("t", ""));
  EXPECT_EQ(std::tie(tasks[1].id, tasks[1].record, tasks[1].digest), std::tuple("u", "{\"u\":1}", later.task_digest));
  EXPECT_EQ(reader->Tasks("01A")->at(0).record, "{}");
}

TEST_F(ReaderTest, TasksOfEqualContentKeepTheirIdsAndRecords) {
  std::vector<Row> rows{Run("01A"), Run("01B")};
  for (const auto& [run, id] : {std::pair("01A", "t"), {"01A", "u"}, {"01B", "other/t"}}) {
    AttemptRow attempt = Attempt(run, id);
    attempt.task_digest = std::string(64, 'a');
    rows.emplace_back(TaskRow{attempt.task_digest, id, "\"" + std::string(id) + "\""});
    rows.emplace_back(attempt);
  }
  Write(std::move(rows));
  const auto records = [&](const std::string& run) {
    std::vector<std::pair<std::string, std::string>> found;
    const auto tasks = *Reader()->Tasks(run);
    for (const TaskRow& task : tasks) found.emplace_back(task.id, task.record);
    return found;
  };
  using Records = std::vector<std::pair<std::string, std::string>>;
  EXPECT_EQ(records("01A"), (Records{{"t", "\"t\""}, {"u", "\"u\""}}));
  EXPECT_EQ(records("01B"), (Records{{"other/t", "\"other/t\""}}));
  EXPECT_EQ(*Reader()->TaskRecordJson(std::string(64, 'a'), "u"), "\"u\"");
  // As older versions stored them: one row for all.
  CloseWriter();
  const auto database = Database::Open(Path(), Database::Access::kWrite);
  ASSERT_TRUE(database);
  EXPECT_TRUE((*database)->Execute("DELETE FROM tasks WHERE id <> 't'"));
  EXPECT_EQ(records("01A"), (Records{{"t", "\"t\""}, {"u", "\"t\""}}));
  EXPECT_EQ(records("01B"), (Records{{"other/t", "\"t\""}}));
}

TEST_F(ReaderTest, ToolCallsAreReadUntilOneIsEnough) {
  const AttemptRow attempt = Attempt("01A", "t");
  std::vector<Row> rows{Run("01A"), attempt};
  for (int id = 1; id <= 3; ++id) {
    EventRow event;
    event.attempt = attempt.id;
    event.event.id = id;
    event.event.kind = EventKind::kTool;
    event.event.tool = {"c", "look", "{}", "{\"error\": " + std::to_string(id) + "}", ToolStatus::kOk, 1};
    rows.emplace_back(event);
  }
  Write(std::move(rows));
  std::vector<std::string> seen;
  const auto each = [&](const ToolExchange& exchange) {
    seen.push_back(exchange.name + " " + exchange.result);
    return seen.size() < 2;
  };
  ASSERT_TRUE(Reader()->ForEachToolCall(attempt.id, each));
  EXPECT_EQ(seen, (std::vector<std::string>{"look {\"error\": 1}", "look {\"error\": 2}"}));
}

TEST_F(ReaderTest, TheLatestJudgementOfEachJudgeIsRead) {
  const AttemptRow attempt = Attempt("01A", "t");
  Write({Run("01A"), attempt, End(attempt, Outcome::kFinished),
         Judged(attempt, "openai/z", 0.1, 3'000), Judged(attempt, "openai/z", 0.9, 4'000),
         Judged(attempt, "checks", 0.5, 3'500), Judged(attempt, "openai/z", 0.2, 2'000)});
  const auto reader = Reader();
  const SampleRow sample = *reader->FindSample("01A", "t", 1);
  ASSERT_EQ(sample.judgements.size(), 2u);
  EXPECT_EQ(sample.judgements[0].judge, "checks");
  EXPECT_EQ(sample.judgements[1].judge, "openai/z");
  EXPECT_EQ(sample.judgements[1].judgement.scores.at(0).number, 0.9);
  ASSERT_EQ(sample.earlier.size(), 2u);
  EXPECT_EQ(sample.earlier[0].judgement.scores.at(0).number, 0.2);
  EXPECT_EQ(sample.earlier[1].judgement.scores.at(0).number, 0.1);
  EXPECT_EQ(reader->SampleStates("01A")->at({"t", 1}).judgements,
            (std::map<std::string, int>{{"checks", 1}, {"openai/z", 3}}));
}

TEST_F(ReaderTest, JudgesOfASupersededAttemptDoNotCount) {
  const AttemptRow first = Attempt("01A", "t", 1, 1), second = Attempt("01A", "t", 1, 2);
  Write({Run("01A"), first, End(first, Outcome::kFinished), Judged(first, "checks", 1), second,
         End(second, Outcome::kFinished)});
  EXPECT_TRUE(Reader()->SampleStates("01A")->at({"t", 1}).judgements.empty());
  EXPECT_TRUE(Reader()->FindSample("01A", "t", 1)->judgements.empty());
}

TEST_F(ReaderTest, UsageCountsAbandonedAttemptsButNotWhatTheCacheAnswered) {
  const AttemptRow first = Attempt("01A", "t", 1, 1), second = Attempt("01A", "t", 1, 2),
                   other = Attempt("01B", "t");
  CallRow abandoned = Call(first, 1, 100), paid = Call(second, 1, 10),
          cached = Call(second, 2, 1'000), judge = Call(second, 3, 7),
          elsewhere = Call(other, 1, 50'000);
  abandoned.usage.cost_usd = 0.5;
  paid.usage.cost_usd = 0.25;
  cached.cached = true;
  judge.judgement = 12;
  Write({Run("01A"), Run("01B"), first, second, other, abandoned, paid, cached, judge, elsewhere});
  const RunSummary summary = *Reader()->FindRun("01A");
  EXPECT_EQ(summary.subject_usage.input_tokens, 110);
  EXPECT_EQ(summary.subject_usage.output_tokens, 2);
  EXPECT_EQ(summary.subject_usage.cost_usd, 0.75);
  EXPECT_EQ(summary.judge_usage.input_tokens, 7);
  EXPECT_EQ(summary.judge_usage.cost_usd, std::nullopt);
  EXPECT_EQ(summary.calls, 4);
  EXPECT_EQ(summary.cached_calls, 1);
}

TEST_F(ReaderTest, ARunningSessionWhoseProcessIsGoneReadsAsInterrupted) {
  Write({Run("01A"), Session("01A", 2'000, "running", std::nullopt, getpid())});
  EXPECT_EQ(Reader()->FindRun("01A")->state, "running");
  CloseWriter();
  EXPECT_EQ(Reader()->FindRun("01A")->state, "interrupted");
  // A writer at work on another run says nothing about this one.
  Write({Run("01B"), Session("01B", 2'000, "running", std::nullopt, getpid() + 1)});
  EXPECT_EQ(Reader()->FindRun("01B")->state, "interrupted");
}

TEST_F(ReaderTest, ElapsedTimeIsSummedOverSessionsAsFarAsAnythingWasStored) {
  const AttemptRow attempt = Attempt("01A", "t");  // from 2'000 to 2'500
  RunSessionRow done = Session("01A", 10'000, "running");
  Write({Run("01A"), Session("01A", 1'900, "running"), attempt, End(attempt, Outcome::kFinished),
         done});
  done.ended_ms = 14'000;
  done.state = "done";
  done.detail = "all samples are there";
  Write({done});
  const RunSummary summary = *Reader()->FindRun("01A");
  EXPECT_EQ(summary.sessions, 2);
  EXPECT_EQ(summary.elapsed_ms, 600 + 4'000);
  EXPECT_EQ(summary.state, "done");
  EXPECT_EQ(summary.detail, "all samples are there");
}

TEST_F(ReaderTest, RunsAreFoundByIdPrefixAndRecency) {
  Write({Run("01JXAAAA", 1'000), Run("01JXABBB", 3'000), Run("01KZCCCC", 2'000)});
  const auto reader = Reader();
  const auto id = [&](const std::string& name) { return reader->FindRun(name)->run.id; };
  EXPECT_EQ(id("01JXAAAA"), "01JXAAAA");
  EXPECT_EQ(id("01jxaa"), "01JXAAAA");
  EXPECT_EQ(id("01K"), "01KZCCCC");
  EXPECT_EQ(id("latest"), "01JXABBB");
  const auto runs = *reader->Runs();
  ASSERT_EQ(runs.size(), 3u);
  EXPECT_EQ(runs[0].run.id, "01JXABBB");
  EXPECT_EQ(runs[2].run.id, "01JXAAAA");
  const auto refusal = [&](const std::string& name) {
    return reader->FindRun(name).error().ToString();
  };
  EXPECT_EQ(
      refusal("01J"),
      "run \"01J\" could be any of 2: give more of the id: 01JXABBB (crossroads, scripted/a), "
      "01JXAAAA (crossroads, scripted/a)");
  EXPECT_EQ(refusal("01JXAC"), "unknown run \"01JXAC\": did you mean \"01JXABBB\"?");
  EXPECT_EQ(
      refusal("crossroads"),
      "unknown run \"crossroads\": the latest are 01JXABBB (crossroads, scripted/a), 01KZCCCC "
      "(crossroads, scripted/a), 01JXAAAA (crossroads, scripted/a)");
}

TEST_F(ReaderTest, AStoreWithoutRunsSaysSo) {
  Writer();
  EXPECT_EQ(Plain(Reader()->FindRun("latest").error().ToString()),
            "store \"x.db\" has no runs: \"axiometer eval\" makes one");
  EXPECT_TRUE(Reader()->Runs()->empty());
}

TEST_F(ReaderTest, TheLatestRunOfAnIdentityIsFound) {
  RunRow first = Run("01A", 1'000), second = Run("01B", 2'000);
  second.identity = first.identity;
  Write({second, first, Run("01C", 3'000)});
  EXPECT_EQ(*Reader()->FindRunByIdentity(first.identity), "01B");
  EXPECT_EQ(*Reader()->FindRunByIdentity(Sha256("unknown")), std::nullopt);
}

TEST_F(ReaderTest, TheCacheFindsTheLatestAnsweredCallOfItsEpoch) {
  const AttemptRow attempt = Attempt("01A", "t");
  const std::string digest = Sha256("request");
  const auto call = [&](int step, const char* status, int epoch, bool cached) {
    CallRow row = Call(attempt, step);
    row.request_digest = digest;
    row.status = status;
    row.epoch = epoch;
    row.cached = cached;
    return row;
  };
  Write({call(1, "ok", 1, false), call(2, "ok", 1, false), call(3, "error", 1, false),
         call(4, "ok", 1, true), call(5, "ok", 2, false), Call(attempt, 6)});
  const auto reader = Reader();
  EXPECT_EQ((*reader->FindCall(digest, 1))->step, 2);
  EXPECT_EQ((*reader->FindCall(digest, 2))->step, 5);
  EXPECT_EQ(*reader->FindCall(digest, 3), std::nullopt);
  EXPECT_EQ(*reader->FindCall("", 1), std::nullopt);
  // The next commit is seen: no old snapshot is kept.
  Write({call(7, "ok", 3, false)});
  EXPECT_EQ((*reader->FindCall(digest, 3))->step, 7);
}

TEST_F(ReaderTest, AScanSeesTheStoreAsItWasWhenItBegan) {
  const AttemptRow first = Attempt("01A", "a"), second = Attempt("01A", "b");
  Write({Run("01A"), first, End(first, Outcome::kFinished)});
  const auto reader = Reader();
  int seen = 0;
  const auto each = [&](const SampleRow& row) {
    ++seen;
    Write({second, End(second, Outcome::kFinished), Judged(first, "late", 1)});
    EXPECT_EQ(reader->SampleStates("01A")->size(), 1u);  // nested reads belong to the same snapshot
    EXPECT_TRUE(reader->FindSample("01A", row.task, 1)->judgements.empty());
    return true;
  };
  ASSERT_TRUE(reader->ForEachSample("01A", each));
  EXPECT_EQ(seen, 1);
  EXPECT_EQ(reader->SampleStates("01A")->size(), 2u);
}

TEST_F(ReaderTest, BatchesOfAnEndpointAreFoundTheOldestFirstAndSettledOnce) {
  const std::string here(64, 'a'), there(64, 'b');
  const BatchRow late{here, "batch_1", "01A", 20, 3, {}}, early{here, "batch_2", "01A", 10, 4, {}};
  Write({Run("01A"), late, early, BatchRow{there, "batch_1", "01A", 5, 5, {}}});
  BatchRow settled = early;
  settled.settled_ms = 30;
  Write({settled});
  const std::vector<BatchRow> batches = *Reader()->Batches(here);
  ASSERT_EQ(batches.size(), 2u);
  EXPECT_EQ(batches[0].id, "batch_2");
  EXPECT_EQ(batches[0].requests, 4);
  EXPECT_EQ(batches[0].run, "01A");
  EXPECT_EQ(batches[0].submitted_ms, 10);
  EXPECT_EQ(batches[0].settled_ms, 30);
  EXPECT_EQ(batches[1].id, "batch_1");
  EXPECT_EQ(batches[1].settled_ms, std::nullopt);
}

TEST_F(ReaderTest, AStoreInAFolderThatCannotBeWrittenIsRead) {
  if (geteuid() != 0) GTEST_SKIP() << "needs a second user";
  Write({Run("01A")});
  CloseWriter();
  std::filesystem::permissions(Path(), std::filesystem::perms(0444));
  std::filesystem::permissions(folder_, std::filesystem::perms(0555));
  ASSERT_EQ(seteuid(65534), 0);
  const auto reader = StoreReader::Open(Path());
  EXPECT_TRUE(reader) << reader.error().ToString();
  if (reader) {
    EXPECT_EQ((*reader)->FindRun("latest")->run.id, "01A");
  }
  ASSERT_EQ(seteuid(0), 0);
}

TEST_F(ReaderTest, AnUnknownAttemptIsNamed) {
  Writer();
  EXPECT_EQ(Plain(Reader()->LoadTrajectory(5).error().ToString()),
            "no attempt 5 is stored in store \"x.db\": the page of its sample lists them");
}

}  // namespace
}  // namespace axiometer
