// `report` and `compare` as whole processes over invented runs: wall and processor time and peak memory of each, beside
// bare SQLite that sums the same verdicts.
//
//   report_bench [FOLDER]     FOLDER on the disk to measure; needs 1.2 GB there. The program stands where the build
//   puts it
//   report_bench FOLDER keep  makes the two runs of one epoch alone, in FOLDER/report_bench.db, for a profiler
//
// The runs have the shape of Agent-ValueBench: 28 value systems, 4,335 cases in 394 environments, ten rubric items a
// case. One is repeated until it has 10^6 verdicts; two are of one epoch, with 10 samples that failed, and are
// compared.
#include <spawn.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "harness/base/digest.h"
#include "harness/record/run_spec.h"
#include "harness/store/store.h"
#include "tests/bench/bench.h"
#include "tests/temporary_folder.h"

namespace axiometer {
namespace {

namespace fs = std::filesystem;

constexpr int kRepeats = 3;  // of each measurement; the fastest counts
constexpr int kItems = 5;    // of each pole
constexpr int kEnvironments = 394;
constexpr int kManyEpochs = 24;  // 4,335 cases, 10 items: 1,040,400 verdicts

struct SystemShape {
  int values;
  int cases;
};
// Of the released data, in the order of its keys.
constexpr SystemShape kSystems[] = {{25, 284}, {10, 41}, {7, 21},   {5, 7},     {2, 1},    {33, 527}, {3, 2},
                                    {2, 1},    {2, 1},   {31, 441}, {4, 6},     {20, 188}, {5, 10},   {9, 35},
                                    {3, 2},    {14, 91}, {5, 10},   {6, 15},    {11, 55},  {6, 11},   {6, 11},
                                    {29, 381}, {7, 20},  {6, 15},   {66, 2110}, {3, 3},    {10, 45},  {2, 1}};

struct Case {
  TaskRow row;
  double lead = 0;  // of pole a, that every subject shares
};

class Dice {
 public:
  explicit Dice(uint64_t seed) : state_(seed) {}
  // splitmix64: the same everywhere, and too fast to matter.
  uint64_t Next() {
    uint64_t z = (state_ += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
  }
  double Share() { return static_cast<double>(Next() >> 11) * 0x1p-53; }

 private:
  uint64_t state_;
};

std::string ItemId(char pole, int number) {
  return std::string(pole == 'a' ? "A" : "B") + "_ITEM_" + std::to_string(number);
}

std::vector<Case> InventedCases() {
  std::vector<Case> cases;
  Dice dice(1);
  for (const SystemShape& system : kSystems) {
    const std::string name = "system" + std::to_string(&system - kSystems);
    int left = system.cases;
    for (int step = 1; step < system.values && left > 0; ++step) {
      for (int i = 0; i + step < system.values && left > 0; ++i, --left) {
        char stem[32];
        std::snprintf(stem, sizeof stem, "case_%05zu", cases.size() + 1);
        Json rubric = Json::array();
        for (const char pole : {'a', 'b'}) {
          for (int item = 1; item <= kItems; ++item) {
            rubric.push_back({{"id", ItemId(pole, item)},
                              {"pole", std::string(1, pole)},
                              {"weight", 1 + item % 5},
                              {"question", std::string(160, 'q')},
                              {"anchors", {std::string(80, '0'), std::string(80, '1'), std::string(80, '2')}},
                              {"source", std::string(1, pole) + "_cp" + std::to_string(item)}});
          }
        }
        const Json record = {{"kind", "agent"},
                             {"title", std::string("Case ") + stem},
                             {"value_system", name},
                             {"pole_a", "value " + std::to_string(i)},
                             {"pole_b", "value " + std::to_string(i + step)},
                             {"environment", "Environment" + std::to_string(dice.Next() % kEnvironments)},
                             {"opening", Json::array({{{"role", "user"}, {"content", std::string(800, 'o')}}})},
                             {"rubric", rubric},
                             {"rubric_status", "OK"},
                             {"rubric_name", std::string("Case ") + stem}};
        Case one;
        one.row.id = std::string("agent-valuebench/") + stem;
        one.row.record = DumpJson(record);
        one.row.digest = Sha256(one.row.record);
        one.lead = dice.Share() - 0.5;
        cases.push_back(std::move(one));
      }
    }
  }
  return cases;
}

// One judged sample: attempt, its subject's and its judge's call, the verdicts.
void AddSample(const Case& task, const std::string& run, int epoch, bool failed, Dice& dice, std::vector<Row>& rows) {
  AttemptRow attempt;
  attempt.task = task.row.id;
  attempt.epoch = epoch;
  attempt.id = MakeId({run, task.row.id, std::to_string(epoch), "1"});
  attempt.sample = MakeId({run, task.row.id, std::to_string(epoch)});
  attempt.run = run;
  attempt.task_digest = task.row.digest;
  AttemptEndRow end;
  end.attempt = attempt.id;
  end.sample = attempt.sample;
  end.outcome = failed ? Outcome::kModelError : Outcome::kFinished;
  end.steps = 4;
  end.final_text.assign(failed ? 0 : 400, 'f');
  end.usage = {3'000, 0, 400, 0, 0.001};
  rows.emplace_back(attempt);
  JudgementRow judged;
  judged.id = MakeId({run, task.row.id, std::to_string(epoch), "judge"});
  judged.attempt = attempt.id;
  judged.sample = attempt.sample;
  judged.judge = "openai/judge";
  judged.protocol = "agent-valuebench";
  judged.prompt_digest = Sha256("prompt");
  for (int call = 0; call < (failed ? 1 : 2); ++call) {
    CallRow row;
    row.id = MakeId({run, task.row.id, std::to_string(epoch), "call", std::to_string(call)});
    row.attempt = attempt.id;
    if (call > 0) row.judgement = judged.id;
    row.status = failed ? "error" : "ok";
    row.finish_reason = "stop";
    row.http_status = 200;
    row.tries = 1;
    row.usage = end.usage;
    row.message.assign(600, 'm');
    rows.emplace_back(std::move(row));
  }
  rows.emplace_back(end);
  if (failed) return;
  Json scores = Json::array();
  double share[2] = {0, 0};
  double most[2] = {0, 0};
  const double lead = task.lead + dice.Share() - 0.5;
  for (const char pole : {'a', 'b'}) {
    for (int item = 1; item <= kItems; ++item) {
      Verdict verdict;
      verdict.item = ItemId(pole, item);
      verdict.pole = pole;
      verdict.weight = 1 + item % 5;
      const double at = 0.5 + (pole == 'a' ? lead : -lead) / 2 + 0.6 * (dice.Share() - 0.5);
      verdict.score = std::clamp(static_cast<int>(at * 3), 0, 2);
      verdict.events = {4, 7};
      verdict.rationale.assign(100, 'w');
      share[pole == 'b'] += verdict.weight * *verdict.score;
      most[pole == 'b'] += 2 * verdict.weight;
      scores.push_back(
          {{"ITEM_ID", verdict.item}, {"SCORE", static_cast<int>(*verdict.score)}, {"REASON", verdict.rationale}});
      judged.judgement.verdicts.push_back(std::move(verdict));
    }
  }
  judged.judgement.status = JudgementStatus::kScored;
  judged.judgement.requests = 1;
  judged.judgement.raw = DumpJson(Json{{"RUBRIC_STATUS", "OK"}, {"ITEM_SCORES", std::move(scores)}});
  judged.judgement.scores = {{"official.a", share[0] / most[0] * 10, {}},
                             {"official.b", share[1] / most[1] * 10, {}},
                             {"official.rubric_status", {}, "OK"},
                             {"choice", {}, share[0] > share[1] ? "A" : "B"},
                             {"a", share[0] / most[0], {}},
                             {"b", share[1] / most[1], {}}};
  rows.emplace_back(std::move(judged));
}

void Must(const Result<void>& done) {
  if (!done) Die(done.error().ToString());
}

void Fill(const std::string& path, bool with_many) {
  Loop loop;
  Result<std::unique_ptr<StoreWriter>> writer = StoreWriter::Open(loop, path);
  if (!writer) Die(writer.error().ToString());
  const std::vector<Case> cases = InventedCases();
  std::vector<Row> tasks;
  for (const Case& one : cases) tasks.emplace_back(one.row);
  Must((*writer)->CommitNow(std::move(tasks)));
  const struct {
    const char* id;
    int epochs;
  } runs[] = {{"01MANY", kManyEpochs}, {"02FIRST", 1}, {"03SECOND", 1}};
  for (const auto& [id, epochs] : runs) {
    if (epochs > 1 && !with_many) continue;
    RunSpec spec;
    spec.suite = "agent-valuebench";
    spec.model.provider = "openai";
    spec.model.name = std::string("subject-") + id;
    spec.scaffold = "react_tools";
    spec.epochs = epochs;
    ModelSpec judge;
    judge.provider = "openai";
    judge.name = "judge";
    spec.judges = {judge};
    RunRow run;
    run.id = id;
    run.created_ms = 1'764'000'000'000;
    run.suite = spec.suite;
    run.protocol = spec.suite;
    run.model = spec.model.id();
    run.scaffold = spec.scaffold;
    run.config = DumpJson(ToJson(spec));
    run.identity = IdentityDigest(spec);
    run.wanted = static_cast<int64_t>(cases.size()) * epochs;
    Must((*writer)->CommitNow({run}));
    Dice dice(Dice(static_cast<uint64_t>(id[1])).Next());
    std::vector<std::pair<const Case*, int>> order;
    for (const Case& one : cases) {
      for (int epoch = 1; epoch <= epochs; ++epoch) order.emplace_back(&one, epoch);
    }
    // Samples end in no order of task and epoch.
    for (size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[dice.Next() % i]);
    std::vector<Row> rows;
    for (const auto& [one, epoch] : order) {
      // Ten of the largest system.
      const bool failed = epochs == 1 && (one - cases.data()) > 2'000 && (one - cases.data()) % 180 == 0 &&
                          (one - cases.data()) < 3'790;
      AddSample(*one, id, epoch, failed, dice, rows);
      if (rows.size() < 640) continue;
      Must((*writer)->CommitNow(std::move(rows)));
      rows.clear();
    }
    Must((*writer)->CommitNow(std::move(rows)));
  }
}

// What reading the rows costs at least: every attempt of the run, its judgements' scores and its verdicts.
void BareSums(const std::string& path, const char* run) {
  sqlite3* database = nullptr;
  if (sqlite3_open_v2(path.c_str(), &database, SQLITE_OPEN_READONLY, nullptr) != SQLITE_OK) Die("no store");
  sqlite3_stmt* rows = nullptr;
  const char* sql =
      "SELECT a.task, v.pole, v.weight, v.score FROM attempts AS a JOIN judgements AS j ON j.attempt = a.id"
      " JOIN verdicts AS v ON v.judgement = j.id WHERE a.run = ?1 ORDER BY a.task, a.epoch, v.position";
  if (sqlite3_prepare_v2(database, sql, -1, &rows, nullptr) != SQLITE_OK) Die(sqlite3_errmsg(database));
  sqlite3_bind_text(rows, 1, run, -1, SQLITE_STATIC);
  double sum = 0;
  while (sqlite3_step(rows) == SQLITE_ROW) {
    const unsigned char* pole = sqlite3_column_text(rows, 1);
    sum += (pole[0] == 'a' ? 1 : -1) * sqlite3_column_double(rows, 2) * sqlite3_column_double(rows, 3);
  }
  if (sum == 0.5) std::puts("");  // never: keeps the sum
  sqlite3_finalize(rows);
  sqlite3_close(database);
}

struct Cost {
  double wall = 1e9;  // seconds
  double cpu = 0;
  double memory = 0;  // largest resident set in MB, pages of the store that are mapped included
};

// `start` gives the pid of a new process.
template <class Start>
Cost Best(const Start& start, int repeats) {
  Cost best;
  for (int i = 0; i < repeats; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    const pid_t pid = start();
    int status = 0;
    rusage usage{};
    if (wait4(pid, &status, 0, &usage) != pid || status != 0) Die("a process failed");
    Cost cost;
    cost.wall = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    const auto seconds = [](const timeval& time) {
      return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
    };
    cost.cpu = seconds(usage.ru_utime) + seconds(usage.ru_stime);
    cost.memory = static_cast<double>(usage.ru_maxrss) / 1024;
    if (cost.wall < best.wall) best = cost;
  }
  return best;
}

// A process of its own, so that its memory is not counted as that of those that follow.
template <class Work>
pid_t Forked(const Work& work) {
  const pid_t pid = fork();
  if (pid < 0) Die("cannot fork");
  if (pid > 0) return pid;
  work();
  _exit(0);
}

pid_t Program(const std::string& folder, const std::vector<std::string>& arguments) {
  const ChildSpec spec = RealProgram(folder, arguments);
  return Forked([&] {
    if (chdir(spec.directory.c_str()) != 0) _exit(1);
    std::vector<char*> argv{const_cast<char*>(spec.program.c_str())};
    for (const std::string& argument : spec.arguments) argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    std::vector<char*> environment;
    for (const std::string& variable : spec.environment) environment.push_back(const_cast<char*>(variable.c_str()));
    environment.push_back(nullptr);
    if (std::freopen("/dev/null", "w", stdout) == nullptr) _exit(1);
    execve(argv[0], argv.data(), environment.data());
    _exit(127);
  });
}

void Main(const std::string& folder) {
  const std::string path = folder + "/report_bench.db";
  const Cost filled = Best([&] { return Forked([&] { Fill(path, true); }); }, 1);
  std::printf("store                                              %8.0f MB, made in %.0f s\n",
              static_cast<double>(fs::file_size(path)) / 1e6, filled.wall);
  std::printf("%-48s %8s %8s %8s\n", "best of 3", "wall s", "CPU s", "MB");
  const auto print = [](const char* what, const Cost& cost) {
    std::printf("%-48s %8.2f %8.2f %8.0f\n", what, cost.wall, cost.cpu, cost.memory);
    std::fflush(stdout);
  };
  print("bare SQLite, sum of 1,040,400 verdicts",
        Best([&] { return Forked([&] { BareSums(path, "01MANY"); }); }, kRepeats));
  const auto program = [&](const char* what, std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--db", path});
    print(what, Best([&] { return Program(folder, arguments); }, kRepeats));
  };
  program("report, 1,040,400 verdicts", {"report", "01MANY"});
  program("the same as JSON", {"report", "01MANY", "--json"});
  print("bare SQLite, sum of 43,250 verdicts",
        Best([&] { return Forked([&] { BareSums(path, "02FIRST"); }); }, kRepeats));
  program("report, 4,335 cases, 10 missing", {"report", "02FIRST"});
  program("the same as HTML", {"report", "02FIRST", "--format", "html"});
  program("compare, 4,335 cases", {"compare", "02FIRST", "03SECOND"});
  std::error_code ignored;
  for (const char* suffix : {"", "-wal", "-shm", ".lock"}) fs::remove(path + suffix, ignored);
}

}  // namespace
}  // namespace axiometer

int main(int argc, char** argv) {
  if (argc > 2 && std::string(argv[2]) == "keep") {
    axiometer::Fill(std::string(argv[1]) + "/report_bench.db", false);
    return 0;
  }
  if (argc > 1) {
    axiometer::Main(argv[1]);
    return 0;
  }
  const axiometer::TemporaryFolder folder;
  axiometer::Main(folder.path());
}
