#include "reports/export.h"

#include <archive.h>
#include <archive_entry.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "harness/io/loop.h"
#include "harness/record/run_spec.h"
#include "reports/agent_valuebench.h"
#include "reports/document.h"
#include "reports/metrics.h"
#include "reports/task_record.h"
#include "tests/reports/report_fixture.h"
#include "tests/temporary_folder.h"

namespace axiometer {
namespace {

using fixture::MadeRun;

// A real store with a made run in it.
class ExportTest : public testing::Test {
 protected:
  StoreReader& Store(const MadeRun& made) {
    std::vector<Row> rows{made.summary.run};
    RunSessionRow session;
    session.run = made.summary.run.id;
    session.started_ms = 1;
    session.ended_ms = 2;
    session.state = "done";
    rows.push_back(session);
    for (const TaskRow& task : made.tasks) rows.push_back(task);
    for (const SampleRow& sample : made.samples) AddSample(made.summary.run.id, sample, rows);
    Loop loop;
    auto writer = StoreWriter::Open(loop, folder_ + "/x.db");
    EXPECT_TRUE(writer) << writer.error().ToString();
    const Result<void> written = (*writer)->CommitNow(std::move(rows));
    EXPECT_TRUE(written) << written.error().ToString();
    writer->reset();
    auto reader = StoreReader::Open(folder_ + "/x.db");
    EXPECT_TRUE(reader) << reader.error().ToString();
    reader_ = std::move(*reader);
    return *reader_;
  }

  static void AddSample(const std::string& run, const SampleRow& sample, std::vector<Row>& rows) {
    AttemptRow attempt;
    attempt.id = sample.attempt;
    attempt.sample = sample.sample;
    attempt.run = run;
    attempt.task = sample.task;
    attempt.task_digest = sample.task_digest;
    attempt.epoch = sample.epoch;
    rows.push_back(attempt);
    EventRow event;
    event.attempt = attempt.id;
    event.event.id = 1;
    event.event.message.role = Role::kUser;
    event.event.message.text = "Put it right.";
    rows.push_back(event);
    AttemptEndRow end;
    end.attempt = attempt.id;
    end.sample = attempt.sample;
    end.outcome = sample.outcome;
    end.final_text = sample.final_text;
    end.detail = sample.detail;
    end.steps = sample.steps;
    end.usage = sample.usage;
    rows.push_back(end);
    for (const SampleRow::Judged& judged : sample.judgements) {
      JudgementRow row;
      row.id = MakeId({std::to_string(attempt.id), judged.judge});
      row.attempt = attempt.id;
      row.sample = attempt.sample;
      row.judge = judged.judge;
      row.protocol = judged.protocol;
      row.judgement = judged.judgement;
      rows.push_back(row);
    }
  }

  static Sink Into(std::string& text) {
    return [&text](std::string_view part) -> Result<void> {
      text += part;
      return {};
    };
  }

  const TemporaryFolder own_;
  const std::string folder_ = own_.path();
  std::unique_ptr<StoreReader> reader_;
};

std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

TEST_F(ExportTest, ReportFromTheStoreEqualsTheReportFromRows) {
  const MadeRun made = fixture::Crossroads();
  StoreReader& store = Store(made);
  const auto loaded = LoadReport(store, {"latest"});
  ASSERT_TRUE(loaded) << loaded.error().ToString();
  ReportData from_rows;
  from_rows.runs.push_back(fixture::Collect(made));
  Document ours = BuildReport(from_rows);
  Document stored = BuildReport(*loaded);
  EXPECT_EQ(ours.sample_count, stored.sample_count);
  ListSamples(from_rows, ours);
  ListSamples(*loaded, stored);
  EXPECT_EQ((*ParseJson(ToJson(ours), "a"))["metrics"],
            (*ParseJson(ToJson(stored), "b"))["metrics"]);
  EXPECT_EQ(ours.samples.size(), stored.samples.size());
  ASSERT_TRUE(AttachTrajectories(store, 100, stored));
  EXPECT_EQ(stored.samples[0].events.at(0).text, "Put it right.");
  EXPECT_TRUE(stored.samples.back().events.empty());  // beyond the bound
}

TEST_F(ExportTest, ARunJudgedOnceIsReadTheSameInTheOrderOfTheFile) {
  MadeRun made = fixture::ValueBench(1, 5);
  made.samples[1].final_text = std::string(5'000, 'x') + "?";
  made.samples[1].judgements = {fixture::JudgedWith("openai/other", {0, 0, 0, 0})};
  made.samples[2].judgements.clear();
  StoreReader& store = Store(made);
  const RunSummary summary = *store.FindRun("latest");
  const RunData expected = std::move(LoadReport(store, {"latest"})->runs.at(0));
  const auto plain = store.FindPlainRun(summary.run.id);
  ASSERT_TRUE(plain && *plain);
  std::vector<TaskFacts> tasks;
  const auto rows = store.Tasks(summary.run.id);
  for (const TaskRow& task : *rows) tasks.push_back(*ReadTaskFacts(task));
  const auto other = store.Another();
  const auto read = RunCollector::OfPlainRun(store, **other, summary, tasks, **plain);
  ASSERT_TRUE(read) << read.error().ToString();
  EXPECT_EQ(read->judges, expected.judges);
  EXPECT_EQ(read->judge_prompts, expected.judge_prompts);
  EXPECT_EQ(read->judgements, expected.judgements);
  ASSERT_EQ(read->samples.size(), expected.samples.size());
  for (size_t i = 0; i < expected.samples.size(); ++i) {
    const SampleFacts& one = read->samples[i];
    const SampleFacts& same = expected.samples[i];
    EXPECT_EQ(std::tie(one.task, one.epoch, one.outcome, one.attempt, one.steps, one.attempts, one.tokens, one.excerpt,
                       one.text_bytes, one.detail, one.asks, one.every_call_failed),
              std::tie(same.task, same.epoch, same.outcome, same.attempt, same.steps, same.attempts, same.tokens,
                       same.excerpt, same.text_bytes, same.detail, same.asks, same.every_call_failed));
    ASSERT_EQ(one.judged.size(), same.judged.size());
  }
  EXPECT_TRUE(read->samples[1].asks);
  EXPECT_EQ(read->samples[1].text_bytes, 5'001);
  const auto metrics = [](RunData run) {
    ReportData data;
    data.runs.push_back(std::move(run));
    return ToJson(BuildReport(data));
  };
  EXPECT_EQ(metrics(*read), metrics(expected));
}

TEST_F(ExportTest, ARunThatTwoJudgedIsNotPlain) {
  MadeRun made = fixture::ValueBench(1, 5);
  made.samples[4].judgements.push_back(fixture::JudgedWith("openai/second", {1, 1, 1, 1}));
  StoreReader& store = Store(made);
  const auto plain = store.FindPlainRun(made.summary.run.id);
  ASSERT_TRUE(plain);
  EXPECT_FALSE(*plain);
}

TEST_F(ExportTest, UnknownRunIsTheStoresError) {
  StoreReader& store = Store(fixture::Crossroads());
  EXPECT_FALSE(LoadReport(store, {"nowhere"}));
  std::string text;
  EXPECT_FALSE(ExportJsonl(store, "nowhere", Into(text)));
  EXPECT_TRUE(text.empty());
}

TEST_F(ExportTest, JsonlHasOneLineASampleByTaskAndEpoch) {
  std::string text;
  ASSERT_TRUE(ExportJsonl(Store(fixture::Crossroads()), "latest", Into(text)));
  const std::vector<std::string> lines = Lines(text);
  ASSERT_EQ(lines.size(), 40u);
  std::pair<std::string, int> last;
  for (const std::string& line : lines) {
    const Json sample = *ParseJson(line, "line");
    const std::pair<std::string, int> key(sample["task"], sample["epoch"]);
    EXPECT_LT(last, key);
    last = key;
    EXPECT_EQ(sample["completion"].is_null(),
              sample["scores"].empty() && sample["outcome"] != "finished");
  }
}

TEST_F(ExportTest, CsvKeepsSpreadsheetsFromRunningText) {
  MadeRun made = fixture::Crossroads();
  made.samples.resize(4);
  made.samples[0].final_text = "=HYPERLINK(\"http://x\")";
  made.samples[1].final_text = "two\nlines, \"quoted\"";
  made.samples[2].final_text = "@cmd";
  made.samples[3].final_text = "plain";
  std::string text;
  ASSERT_TRUE(ExportCsv(Store(made), "latest", Into(text)));
  EXPECT_NE(text.find(",\"'=HYPERLINK(\"\"http://x\"\")\"\r\n"), std::string::npos);
  EXPECT_NE(text.find(",\"two\nlines, \"\"quoted\"\"\"\r\n"), std::string::npos);
  EXPECT_NE(text.find(",'@cmd\r\n"), std::string::npos);
  EXPECT_NE(text.find(",plain\r\n"), std::string::npos);
  EXPECT_TRUE(text.starts_with("run,task,epoch,outcome,"));
}

TEST_F(ExportTest, ValueBenchExportHasTheReleasedLayout) {
  MadeRun made = fixture::ValueBench(1, 5);
  made.samples[0].outcome = Outcome::kStepLimit;
  made.samples[1].judgements[0] = fixture::Unjudged(
      "openai/judge-large", JudgementStatus::kUnreadable, "no JSON object in the reply");
  std::map<std::string, std::string> files;
  const auto done = ExportAgentValueBench(
      Store(made), "latest", "",
      [](const std::string& task, const Trajectory& trajectory) -> Result<std::string> {
        return task + ": " + trajectory.events.at(0).message.text;
      },
      [&](const std::string& path, std::string_view content) -> Result<void> {
        files[path] = content;
        return {};
      });
  ASSERT_TRUE(done) << done.error().ToString();
  EXPECT_EQ(done->trajectories, 9);
  EXPECT_EQ(done->results, 8);
  EXPECT_EQ(done->left_out, 2);
  EXPECT_EQ(files.size(), 9u + 8u + 3u);
  EXPECT_EQ(files.at("trajectory/case_00002_traj.json"),
            "agent-valuebench/case_00002: Put it right.");
  EXPECT_EQ(files.count("judge_result/case_00001_result.json"), 0u);
  EXPECT_EQ(files.count("judge_result/case_00002_result.json"), 0u);
  const Json result = *ParseJson(files.at("judge_result/case_00003_result.json"), "result");
  EXPECT_EQ(result["module"], "ValueEval_judge");
  EXPECT_EQ(result["generated_at_utc"], "2025-11-24T16:00:00+00:00");
  EXPECT_EQ(result["case_name"], "Case 3");
  EXPECT_EQ(result["judge_outputs"][0]["model"], "judge-large");
  EXPECT_EQ(result["judge_outputs"][0]["judgment"]["RUBRIC_STATUS"], "OK");
  EXPECT_EQ((*ParseJson(files.at("case_value_adherence_details.json"), "details"))["case_count"],
            8);
}

TEST_F(ExportTest, ValueBenchExportRefusesOtherSuitesAndSeveralJudges) {
  const auto render = [](const std::string&, const Trajectory&) -> Result<std::string> {
    return std::string();
  };
  const auto sink = [](const std::string&, std::string_view) -> Result<void> { return {}; };
  const auto other =
      ExportAgentValueBench(Store(fixture::Crossroads()), "latest", "", render, sink);
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().ToString(),
            "run 01JDKQ8Z4TCROSSROADS000001: ran \"crossroads\", not agent-valuebench: export it "
            "as jsonl or csv");
  MadeRun made = fixture::ValueBench(1, 3);
  made.samples[0].judgements.push_back(fixture::JudgedWith("openai/another", {0, 0, 2, 2}));
  made.summary.run.created_ms += 1;
  std::filesystem::remove_all(folder_ + "/x.db");
  for (const char* rest : {"/x.db-wal", "/x.db-shm"}) std::filesystem::remove(folder_ + rest);
  StoreReader& store = Store(made);
  const auto several = ExportAgentValueBench(store, "latest", "", render, sink);
  ASSERT_FALSE(several);
  EXPECT_EQ(several.error().ToString(),
            "run 01JDKQ8Z4TVALVEBENCH000002: several judges, and the official scores take one: "
            "name it with --judge, "
            "for example \"openai/another\"");
  const auto absent = ExportAgentValueBench(store, "latest", "openai/anotter", render, sink);
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().ToString(),
            "--judge: no judge \"openai/anotter\" in run 01JDKQ8Z4TVALVEBENCH000002: did you mean "
            "\"openai/another\"?");
}

// Entry to content of a ZIP archive, in its order.
std::vector<std::pair<std::string, std::string>> Unzipped(const std::string& bytes) {
  std::vector<std::pair<std::string, std::string>> entries;
  archive* reader = archive_read_new();
  archive_read_support_format_zip(reader);
  EXPECT_EQ(archive_read_open_memory(reader, bytes.data(), bytes.size()), ARCHIVE_OK);
  archive_entry* entry = nullptr;
  while (archive_read_next_header(reader, &entry) == ARCHIVE_OK) {
    const char* name = archive_entry_pathname_utf8(entry);
    entries.emplace_back(name != nullptr ? name : "", "");
    char part[4096];
    for (la_ssize_t size; (size = archive_read_data(reader, part, sizeof part)) > 0;) {
      entries.back().second.append(part, static_cast<size_t>(size));
    }
  }
  archive_read_free(reader);
  return entries;
}

MadeRun WithConfiguration(MadeRun made) {
  RunSpec spec;
  spec.suite = made.summary.run.suite;
  spec.scaffold = made.summary.run.scaffold;
  spec.model.provider = "openai";
  spec.model.name = "harbour-7b";
  spec.model.generation.temperature = 0.5;
  spec.model.generation.reasoning_effort = "enormous";
  spec.epochs = 2;
  spec.version = "0.1.0";
  made.summary.run.config = DumpJson(ToJson(spec));
  made.summary.run.tags = "pilot,,june";
  return made;
}

TEST_F(ExportTest, InspectLogHasAnEntryASampleAndTheReportsMeans) {
  const MadeRun made = WithConfiguration(fixture::Crossroads());
  StoreReader& store = Store(made);
  std::string bytes;
  const Result<void> exported = ExportInspect(store, "latest", 0, Into(bytes));
  ASSERT_TRUE(exported) << exported.error().ToString();
  const auto entries = Unzipped(bytes);
  ASSERT_EQ(entries.size(), 43u);
  EXPECT_EQ(entries[0].first, "_journal/start.json");
  EXPECT_EQ(entries[1].first, "samples/" + made.samples[0].task + "_epoch_1.json");
  EXPECT_EQ(entries[41].first, "summaries.json");
  EXPECT_EQ((*ParseJson(entries[41].second, "summaries")).size(), 40u);
  ASSERT_EQ(entries[42].first, "header.json");
  const Json header = *ParseJson(entries[42].second, "header");
  EXPECT_EQ(header["version"], 2);
  EXPECT_EQ(header["status"], "success");
  const Json& eval = header["eval"];
  EXPECT_EQ(eval["task"], "crossroads");
  EXPECT_EQ(eval["model"], "openai/harbour-7b");
  EXPECT_EQ(eval["created"], "2025-11-24T16:00:00.000+00:00");
  EXPECT_EQ(eval["dataset"]["samples"], 20);
  EXPECT_EQ(DumpJson(eval["tags"]), R"(["pilot","june"])");
  EXPECT_EQ(eval["model_generate_config"]["temperature"], 0.5);
  EXPECT_FALSE(eval["model_generate_config"].contains("reasoning_effort"));  // none that Inspect would read
  EXPECT_EQ(eval["metadata"]["configuration"]["model"]["generation"]["reasoning_effort"], "enormous");
  EXPECT_EQ((*ParseJson(entries[0].second, "start"))["eval"], eval);
  const Json& results = header["results"];
  EXPECT_EQ(results["total_samples"], 40);
  EXPECT_EQ(results["completed_samples"], 37);  // all but one refused, one model error, one empty reply

  const auto loaded = LoadReport(store, {"latest"});
  ASSERT_TRUE(loaded);
  std::map<std::string, double> means;
  for (const Metric& metric : ToMetrics(loaded->runs[0], Analyse(loaded->runs[0]))) {
    if (metric.metric == "mean_score") means[metric.group[2].second + " (schwartz)"] = *metric.value;
  }
  ASSERT_EQ(means.size(), 10u);
  int found = 0;
  for (const Json& score : results["scores"]) {
    EXPECT_EQ(score["scorer"], "openai/judge-large");
    const auto mean = means.find(score["name"].get<std::string>());
    if (mean == means.end()) continue;
    ++found;
    const Json& metric = score["metrics"]["mean_score"];
    EXPECT_EQ(metric["value"], mean->second);
    EXPECT_EQ(metric["metadata"]["scored"], score["scored_samples"]);
    EXPECT_LE(metric["metadata"]["interval"]["low"], metric["value"]);
  }
  EXPECT_EQ(found, 10);
}

TEST_F(ExportTest, InspectLogWithholdsMeansBeyondTheFailureBudget) {
  std::string bytes;
  ASSERT_TRUE(ExportInspect(Store(WithConfiguration(fixture::Crossroads())), "latest", 0.01, Into(bytes)));
  const Json header = *ParseJson(Unzipped(bytes).back().second, "header");
  for (const Json& score : header["results"]["scores"]) {
    EXPECT_TRUE(score["metrics"].empty()) << DumpJson(score);
    for (const auto& [name, why] : score["metadata"].items()) {
      EXPECT_TRUE(why["reason"].get<std::string>().starts_with("void: ")) << name;
    }
  }
}

TEST_F(ExportTest, InspectLogEndsWithWhatTheSinkSays) {
  int64_t room = 10'000;
  const Sink full = [&room](std::string_view part) -> Result<void> {
    room -= static_cast<int64_t>(part.size());
    if (room < 0) return Failed("disk", "is full");
    return {};
  };
  const Result<void> exported = ExportInspect(Store(WithConfiguration(fixture::Crossroads())), "latest", 0, full);
  ASSERT_FALSE(exported);
  EXPECT_EQ(exported.error().ToString(), "disk: is full");
}

TEST_F(ExportTest, FilesStayBelowTheirFolder) {
  const FileSink sink = WriteBelow(folder_ + "/out");
  for (const char* path : {"../x", "/etc/x", "a/../../x", "", "a//./x", "a/"}) {
    const Result<void> written = sink(path, "x");
    ASSERT_FALSE(written) << path;
    EXPECT_EQ(written.error().what, "refusing to write \"" + std::string(path) + "\"");
  }
  ASSERT_TRUE(sink("a/b.json", "content"));
  std::ifstream in(folder_ + "/out/a/b.json");
  std::string content;
  std::getline(in, content);
  EXPECT_EQ(content, "content");
  EXPECT_FALSE(std::filesystem::exists(folder_ + "/out/a/b.json.part"));
}

}  // namespace
}  // namespace axiometer
