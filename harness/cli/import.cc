#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <utility>

#include "harness/base/data_dir.h"
#include "harness/base/digest.h"
#include "harness/base/file.h"
#include "harness/base/python_json.h"
#include "harness/base/utf8.h"
#include "harness/cli/import_judgements.h"
#include "harness/cli/import_table.h"
#include "harness/cli/say.h"
#include "harness/cli/series_place.h"
#include "harness/cli/suites.h"
#include "harness/cli/verbs.h"
#include "harness/io/clock.h"
#include "harness/io/loop.h"
#include "harness/record/run_spec.h"
#include "harness/store/store.h"
#include "judges/agent_valuebench.h"
#include "judges/agent_valuebench_health.h"
#include "judges/agent_valuebench_reader.h"
#include "tasks/agent_valuebench_results.h"
#include "tasks/skill.h"
#include "tasks/task_selection.h"

namespace axiometer {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxResultBytes = 16u << 20;
constexpr size_t kMaxTrajectoryBytes = 256u << 20;
constexpr const char* kHarnesses[] = {"openclaw", "codex", "claudecode"};
constexpr char kSuite[] = "agent-valuebench";

// Whose results these are.
struct Subject {
  std::string provider = "imported";
  std::string model;
  std::string harness;  // empty: not known to be another one than the released loop
};

// As said; else by the folders, which the benchmark keeps as MODEL or MODEL/HARNESS.
Subject SubjectOf(const ImportOptions& options) {
  Subject subject;
  fs::path folder = fs::absolute(options.path).lexically_normal();
  if (!folder.has_filename()) folder = folder.parent_path();
  subject.harness = options.harness;
  for (const char* harness : kHarnesses) {
    if (folder.filename() != harness) continue;
    if (subject.harness.empty()) subject.harness = harness;
    folder = folder.parent_path();
    break;
  }
  subject.model = folder.filename().string();
  if (options.model.empty()) return subject;
  subject.model = options.model;
  if (const size_t slash = options.model.find('/'); slash != std::string::npos && slash > 0) {
    subject.provider = options.model.substr(0, slash);
    subject.model = options.model.substr(slash + 1);
  }
  return subject;
}

// One case's results, checked against its task.
struct ImportedCase {
  std::shared_ptr<const Task> task;
  std::optional<ReleasedTrajectory> trajectory;
  int64_t made_ms = 0;
  std::vector<std::pair<std::string, Judgement>> judged;  // by judge's model
  std::optional<Judgement> health;                        // of the trajectory
};

// Everything below the folder, as far as the run needs it.
struct ImportedResults {
  std::vector<ImportedCase> cases;
  std::vector<size_t> places;  // of the cases, in the task source
  std::set<std::string> judges;
  int64_t made_ms = 0;  // the latest result; 0: none says
  int64_t trajectories = 0;
  std::string digest;        // of all files
  std::string foreign;       // a file that another harness wrote; empty: none
  std::string not_finished;  // a judged trajectory that ended otherwise; empty: none
  int64_t rules_broken = 0;  // verdicts that the released judge would have asked for again
  std::string first_rule;    // where and which
};

class Importer {
 public:
  explicit Importer(const TaskSource& tasks) : tasks_(tasks) {
    for (size_t i = 0; i < tasks.refs().size(); ++i) places_[tasks.refs()[i].id] = i;
  }

  Result<ImportedResults> Read(const std::vector<ReleasedFiles>& files) {
    for (const ReleasedFiles& one : files) {
      if (Result<void> read = ReadCase(one); !read) return read.error();
    }
    results_.digest = digest_.Hex();
    return std::move(results_);
  }

 private:
  Result<void> ReadCase(const ReleasedFiles& files) {
    const auto place = places_.find(std::string(kSuite) + "/" + files.stem);
    if (place == places_.end()) {
      return BadInput(ForTerminal(files.result.empty() ? files.trajectory : files.result),
                      "the data set has no case " + Quoted(files.stem));
    }
    Result<std::shared_ptr<const Task>> task = tasks_.Load(place->second);
    if (!task) return std::move(task).error();
    ImportedCase one;
    one.task = std::move(*task);
    if (Result<void> read = ReadTrajectory(files, one); !read) return read;
    if (Result<void> read = ReadVerdicts(files, one); !read) return read;
    results_.places.push_back(place->second);
    results_.cases.push_back(std::move(one));
    return {};
  }

  Result<std::string> ReadInto(const std::string& path, const char* kind, const std::string& stem,
                               size_t max_bytes) {
    Result<std::string> text = ReadFile(path, max_bytes);
    if (text) digest_.Update(std::string(kind) + " " + stem + " " + Sha256(*text) + "\n");
    return text;
  }

  Result<void> ReadTrajectory(const ReleasedFiles& files, ImportedCase& one) {
    if (files.trajectory.empty()) return {};
    const std::string where = ForTerminal(files.trajectory);
    const Result<std::string> text =
        ReadInto(files.trajectory, "trajectory", files.stem, kMaxTrajectoryBytes);
    if (!text) return text.error();
    const bool log = files.trajectory.ends_with(".jsonl");
    Result<ReleasedTrajectory> read =
        log ? ReadToolLog(*text, where) : ReadTrajectoryFile(*text, where);
    if (!read) return std::move(read).error();
    // What a harness writes is named for the file.
    if (!read->foreign && !read->case_name.empty()) {
      if (Result<void> same = CheckName(where, read->case_name, *one.task); !same) return same;
    }
    if (read->foreign && results_.foreign.empty()) results_.foreign = where;
    ++results_.trajectories;
    one.trajectory = std::move(*read);
    one.health = health_->Conclude(*one.task, one.trajectory->trajectory, nullptr);
    return {};
  }

  Result<void> ReadVerdicts(const ReleasedFiles& files, ImportedCase& one) {
    if (files.result.empty()) return {};
    const std::string where = ForTerminal(files.result);
    const Result<std::string> text = ReadInto(files.result, "result", files.stem, kMaxResultBytes);
    if (!text) return text.error();
    const Result<ReleasedResult> result = ReadReleasedResult(*text, where);
    if (!result) return result.error();
    if (!result->case_name.empty()) {
      if (Result<void> same = CheckName(where, result->case_name, *one.task); !same) return same;
    }
    one.made_ms = result->made_ms;
    results_.made_ms = std::max(results_.made_ms, result->made_ms);
    const Trajectory none;
    const Trajectory& trajectory = one.trajectory ? one.trajectory->trajectory : none;
    if (one.trajectory && trajectory.outcome != Outcome::kFinished &&
        results_.not_finished.empty()) {
      results_.not_finished = where;
    }
    for (const ReleasedVerdict& released : result->verdicts) {
      const std::optional<Json> verdict = ParsePythonJson(released.verdict);
      if (!verdict)
        return BadInput(where, "verdict of " + Quoted(released.model) + ": not valid JSON");
      std::string broken;
      Result<Judgement> judgement = ReleasedJudgement(*one.task, trajectory, *verdict, broken);
      if (!judgement)
        return BadInput(where,
                        "verdict of " + Quoted(released.model) + ": " + judgement.error().what);
      if (!broken.empty() && results_.rules_broken++ == 0)
        results_.first_rule = files.stem + ": " + broken;
      results_.judges.insert(released.model);
      one.judged.emplace_back(released.model, std::move(*judgement));
    }
    return {};
  }

  static Result<void> CheckName(const std::string& where, const std::string& said,
                                const Task& task) {
    if (TrimPython(said) == TrimPython(task.title)) return {};
    return BadInput(
        where, "case_name: the case is called " + Quoted(task.title) + ", not " + Quoted(said));
  }

  const TaskSource& tasks_;
  const std::unique_ptr<Judge> health_ = MakeHarnessHealthJudge();
  std::map<std::string, size_t> places_;
  Sha256Stream digest_;
  ImportedResults results_;
};

RunSpec SpecOf(const OpenedSuite& suite, const Subject& subject, const std::optional<Skill>& skill,
               const ImportedResults& results) {
  RunSpec spec;
  spec.suite = suite.tasks->suite();
  spec.suite_digest = DigestOfTasks(*suite.tasks, results.places);
  spec.data_dir = suite.data;
  spec.model.provider = subject.provider;
  spec.model.name = subject.model;
  std::set<std::optional<bool>> parallel;
  for (const ImportedCase& one : results.cases) {
    if (one.trajectory) parallel.insert(one.trajectory->parallel_tool_calls);
  }
  if (parallel.size() == 1) spec.model.generation.parallel_tool_calls = *parallel.begin();
  spec.scaffold = subject.harness.empty() ? suite.scaffold : subject.harness;
  for (const std::string& judge : results.judges) {
    ModelSpec judging;
    judging.provider = "imported";
    judging.name = judge;
    spec.judges.push_back(std::move(judging));
  }
  spec.limits.max_steps = 0;  // the files do not say
  spec.imported_digest = results.digest;
  spec.departures = suite.differences;
  if (skill) {
    spec.skill = skill->name;
    spec.skill_digest = skill->digest;
    spec.departures.push_back("the skill " + Quoted(skill->name));
  }
  if (results.rules_broken > 0) {
    spec.departures.push_back(std::to_string(results.rules_broken) +
                              " verdicts that the released judge would have refused, the first " +
                              results.first_rule);
  }
  return spec;
}

// All rows of one sample, in the order in which a run of our own would have written them.
void AddSample(const RunRow& run, ImportedCase& one, std::vector<Row>& rows) {
  AttemptRow attempt;
  attempt.sample = MakeId({run.id, one.task->id, "1"});
  attempt.id = MakeId({std::to_string(attempt.sample), "imported"});
  attempt.run = run.id;
  attempt.task = one.task->id;
  attempt.task_digest = one.task->digest;
  attempt.started_ms = run.created_ms;
  rows.push_back(attempt);
  AttemptEndRow end;
  end.attempt = attempt.id;
  end.sample = attempt.sample;
  end.ended_ms = run.created_ms;
  end.outcome = Outcome::kFinished;  // the released batch judges nothing else
  end.detail = "imported without its trajectory";
  if (one.trajectory) {
    Trajectory& trajectory = one.trajectory->trajectory;
    end.outcome = trajectory.outcome;
    end.detail = trajectory.detail;
    end.final_text = trajectory.final_text;
    end.steps = trajectory.steps();
    for (Event& event : trajectory.events) {
      EventRow row;
      row.attempt = attempt.id;
      row.event = std::move(event);
      rows.push_back(std::move(row));
    }
  }
  rows.push_back(std::move(end));
  for (auto& [judge, judgement] : one.judged) {
    JudgementRow row;
    row.judge = "imported/" + judge;
    row.id = MakeId({std::to_string(attempt.id), row.judge});
    row.attempt = attempt.id;
    row.sample = attempt.sample;
    row.protocol = kSuite;
    row.at_ms = one.made_ms > 0 ? one.made_ms : run.created_ms;
    row.judgement = std::move(judgement);
    rows.push_back(std::move(row));
  }
  if (!one.health) return;
  JudgementRow row;
  row.judge = row.protocol = kHarnessHealth;
  row.id = MakeId({std::to_string(attempt.id), row.judge});
  row.attempt = attempt.id;
  row.sample = attempt.sample;
  row.at_ms = run.created_ms;
  row.judgement = std::move(*one.health);
  rows.push_back(std::move(row));
}

RunRow RunOf(const RunSpec& spec, const std::string& protocol, const ImportOptions& options,
             int64_t made_ms, int64_t now_ms, int64_t cases) {
  RunRow run;
  run.identity = IdentityDigest(spec);
  run.id = ImportedRunId(made_ms, run.identity);
  run.created_ms = now_ms;
  run.suite = spec.suite;
  run.protocol = protocol;
  run.model = spec.model.id();
  run.scaffold = spec.scaffold;
  RunSpec frozen = spec;
  frozen.version = Version();  // which version imported it makes no other run of it
  run.config = DumpJson(ToJson(frozen));
  run.tags = options.tags;
  run.command = options.command_line;
  run.wanted = cases;
  return run;
}

void Announce(const ImportedResults& results, const RunRow& run, bool known, bool json) {
  if (known) Say("run " + run.id + " holds these results already; nothing was added");
  if (!known) {
    Say("run " + run.id + ": " + std::to_string(results.cases.size()) + " cases, " +
        std::to_string(results.trajectories) + " trajectories, " +
        std::to_string(results.judges.size()) +
        (results.judges.size() == 1 ? " judge" : " judges"));
  }
  if (!json) return;
  Json judges = Json::array();
  for (const std::string& judge : results.judges) judges.push_back("imported/" + judge);
  const Json told = {{"schema", "axiometer.import/1"},
                     {"run", run.id},
                     {"known", known},
                     {"model", run.model},
                     {"scaffold", run.scaffold},
                     {"cases", results.cases.size()},
                     {"trajectories", results.trajectories},
                     {"judges", std::move(judges)},
                     {"digest", results.digest}};
  std::printf("%s\n", DumpJson(told).c_str());
}

// That no option belongs to another format.
Result<void> CheckOptions(const ImportOptions& options) {
  const bool judgements = options.format == "judgements";
  const bool table = options.format == "csv" || options.format == "jsonl";
  const bool results = !judgements && !table;
  struct Option {
    const char* name;
    bool given;
    bool fits;
  };
  const Option given[] = {
      {"--data", !options.data.empty(), results},
      {"--model", !options.model.empty(), results},
      {"--harness", !options.harness.empty(), results},
      {"--skill", !options.skill.empty(), results},
      {"--allow-modified-data", options.allow_modified_data, results},
      {"--tag", !options.tags.empty(), results},
      {"--series", options.series.has_value(), results},
      {"--position", options.position.has_value(), results},
      {"--run", options.run.has_value(), judgements},
      {"--random-sample", options.random_sample, judgements},
      {"--suite", !options.suite.empty(), table},
      {"--map", !options.maps.empty(), table},
      {"--kind", !options.kind.empty(), table},
      {"--value-system", !options.value_system.empty(), table},
      {"--poles", !options.poles.empty(), table},
      {"--replace", options.replace, table},
  };
  for (const Option& option : given) {
    if (option.given && !option.fits) return UsageError(option.name, "does not go with import " + options.format);
  }
  return {};
}

}  // namespace

Result<int> RunImport(const ImportOptions& options) {
  if (Result<void> fits = CheckOptions(options); !fits) return fits.error();
  if (options.format == "csv" || options.format == "jsonl") return ImportTable(options);
  if (options.format == "judgements") return ImportJudgements(options);
  const Result<std::optional<SeriesPlace>> place = PlaceInSeries(options.series, options.position);
  if (!place) return place.error();
  const Result<std::vector<ReleasedFiles>> files = FindReleasedResults(options.path);
  if (!files) return files.error();
  const Subject subject = SubjectOf(options);
  SuiteRequest request;
  request.name = kSuite;
  request.data = options.data;
  request.model = subject.model;
  request.allow_modified = options.allow_modified_data;
  request.python = options.python;
  request.sandbox = options.sandbox;
  std::optional<Skill> skill;
  if (!options.skill.empty()) {
    Result<Skill> read = ReadSkill(options.skill);
    if (!read) return std::move(read).error();
    skill = std::move(*read);
    request.skill = skill->name;
  }
  Result<OpenedSuite> suite = OpenSuiteByName(request);
  if (!suite) return suite.error();
  if (skill) suite->tasks = WithSkill(std::move(suite->tasks), *skill, suite->skill_block);
  Result<ImportedResults> results = Importer(*suite->tasks).Read(*files);
  if (!results) return std::move(results).error();
  if (!results->foreign.empty() && subject.harness.empty()) {
    return UsageError(results->foreign, "was made in another harness than the released loop",
                      "name it with --harness: openclaw, codex or claudecode");
  }
  RunSpec spec = SpecOf(*suite, subject, skill, *results);
  spec.series = *place;

  Loop loop;
  const std::unique_ptr<Clock> clock = MakeRealClock(loop);
  const Result<std::unique_ptr<StoreWriter>> writer = StoreWriter::Open(loop, options.db);
  if (!writer) return writer.error();
  const Result<std::unique_ptr<StoreReader>> reader = StoreReader::Open(options.db);
  if (!reader) return reader.error();
  const RunRow run = RunOf(spec, suite->tasks->protocol(), options, results->made_ms,
                           clock->WallMs(), static_cast<int64_t>(results->cases.size()));
  const Result<std::optional<std::string>> known = (*reader)->FindRunByIdentity(run.identity);
  if (!known) return known.error();
  if (!*known) {
    for (const std::string& note : suite->tasks->notes()) Say("note: " + note);
    if (results->rules_broken > 0) Say("note: " + spec.departures.back());
    if (!results->not_finished.empty()) {
      Say("note: judged although its trajectory did not finish, so that it does not count "
          "officially: " +
          results->not_finished);
    }
    // One transaction: all of it or nothing.
    std::vector<Row> rows{run};
    for (ImportedCase& one : results->cases) {
      TaskRow task;
      task.digest = one.task->digest;
      task.id = one.task->id;
      task.record = TaskRecord(*one.task);
      rows.push_back(std::move(task));
      AddSample(run, one, rows);
    }
    RunSessionRow session;
    session.run = run.id;
    session.started_ms = run.created_ms;
    session.ended_ms = clock->WallMs();
    session.state = "done";
    session.pid = getpid();
    rows.push_back(std::move(session));
    const Result<void> stored = (*writer)->CommitNow(std::move(rows));
    if (!stored) return stored.error();
  }
  Announce(*results, run, known->has_value(), options.json);
  return 0;
}

}  // namespace axiometer
