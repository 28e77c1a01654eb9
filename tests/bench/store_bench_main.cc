// CPU of storing a 4 KB row through StoreWriter against raw SQLite with the same bytes, and of the
// reads that reports and the response cache live on. Prints ratios: compare those, not the times.
//
//     store_bench [FOLDER [SAMPLES]]     FOLDER on the disk to measure; 10,000 samples

#include <sqlite3.h>
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "harness/base/digest.h"
#include "harness/store/store.h"

namespace axiometer {
namespace {

constexpr int kRows = 20'000;
constexpr int kGroup = 64;
constexpr size_t kRowBytes = 4'096;
constexpr int kRepeats = 3;

double CpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) { return time.tv_sec + 1e-6 * time.tv_usec; };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double WallSeconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

struct Cost {
  double cpu = 1e9;
  double wall = 1e9;
};

template <class Work>
Cost Measure(const Work& work) {
  Cost cost;
  const double cpu = CpuSeconds(), wall = WallSeconds();
  work();
  cost.cpu = CpuSeconds() - cpu;
  cost.wall = WallSeconds() - wall;
  return cost;
}

template <class T>
T Must(Result<T> result) {
  if (!result) {
    std::fprintf(stderr, "store_bench: %s\n", result.error().ToString().c_str());
    std::exit(1);
  }
  return std::move(*result);
}

void Must(const Result<void>& result) {
  if (result) return;
  std::fprintf(stderr, "store_bench: %s\n", result.error().ToString().c_str());
  std::exit(1);
}

void Must(sqlite3* database, bool ok) {
  if (ok) return;
  std::fprintf(stderr, "store_bench: %s\n", sqlite3_errmsg(database));
  std::exit(1);
}

void Remove(const std::string& path) {
  for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(path + suffix);
}

CallRow MakeCall(int64_t attempt, int number) {
  CallRow call;
  call.id = MakeId({"call", std::to_string(number)});
  call.attempt = attempt;
  call.step = number % 8;
  call.status = "ok";
  call.finish_reason = "tool_calls";
  call.http_status = 200;
  call.tries = 1;
  call.request_digest = Sha256(std::to_string(number));
  call.response_id = "chatcmpl-" + std::to_string(number);
  call.response_model = "model";
  call.usage = {1'000, 0, 200, 0, 0.001};
  call.message.assign(kRowBytes, 'm');
  return call;
}

// The same bytes into one plain table with the rowid as its only key.
Cost RawInserts(const std::string& path) {
  Remove(path);
  sqlite3* database = nullptr;
  Must(database, sqlite3_open(path.c_str(), &database) == SQLITE_OK);
  sqlite3_exec(database,
               "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
               "CREATE TABLE calls (id INTEGER PRIMARY KEY, message TEXT)",
               nullptr, nullptr, nullptr);
  sqlite3_stmt* insert = nullptr;
  sqlite3_prepare_v2(database, "INSERT INTO calls (message) VALUES (?)", -1, &insert, nullptr);
  const std::string message(kRowBytes, 'm');
  const Cost cost = Measure([&] {
    for (int i = 0; i < kRows; i += kGroup) {
      sqlite3_exec(database, "BEGIN", nullptr, nullptr, nullptr);
      for (int j = 0; j < kGroup; ++j) {
        sqlite3_bind_text(insert, 1, message.data(), static_cast<int>(message.size()),
                          SQLITE_STATIC);
        Must(database, sqlite3_step(insert) == SQLITE_DONE);
        sqlite3_reset(insert);
      }
      Must(database, sqlite3_exec(database, "COMMIT", nullptr, nullptr, nullptr) == SQLITE_OK);
    }
  });
  sqlite3_finalize(insert);
  sqlite3_close(database);
  return cost;
}

// As a run does it: many samples in flight, each waiting for its own commits on the loop.
Cost StoredCalls(const std::string& path, int in_flight) {
  Remove(path);
  Loop loop;
  const auto writer = Must(StoreWriter::Open(loop, path));
  int next = 0;
  const auto sample = [&](int64_t attempt) -> Async<void> {
    while (next < kRows) {
      std::vector<Row> rows;
      rows.emplace_back(MakeCall(attempt, next++));
      const Result<void> done = co_await writer->Commit(std::move(rows));
      Must(done);
    }
  };
  return Measure([&] {
    for (int i = 0; i < in_flight; ++i) loop.Spawn(sample(MakeId({"attempt", std::to_string(i)})));
    loop.Run();
  });
}

// What the bench itself spends on making the rows.
Cost MadeCalls() {
  size_t bytes = 0;
  const Cost cost = Measure([&] {
    for (int i = 0; i < kRows; ++i) bytes += MakeCall(i, i).message.size();
  });
  return bytes > 0 ? cost : Cost{};
}

// Whole samples with ten verdicts each, then the reads.
void Reads(const std::string& path, int samples) {
  Remove(path);
  Loop loop;
  {
    const auto writer = Must(StoreWriter::Open(loop, path));
    RunRow run;
    run.id = "01A";
    run.identity = Sha256("identity");
    Must(writer->CommitNow({run}));
    const Cost cost = Measure([&] {
      std::vector<Row> rows;
      for (int i = 0; i < samples; ++i) {
        AttemptRow attempt;
        // Not in order of the task's name, as runs end their samples.
        attempt.task = "suite/task_" + Sha256(std::to_string(i)).substr(0, 12);
        attempt.id = MakeId({"01A", attempt.task, "1", "1"});
        attempt.sample = MakeId({"01A", attempt.task, "1"});
        attempt.run = "01A";
        attempt.task_digest = Sha256(attempt.task);
        AttemptEndRow end;
        end.attempt = attempt.id;
        end.outcome = Outcome::kFinished;
        end.final_text.assign(400, 'f');
        JudgementRow judged;
        judged.id = MakeId({attempt.task, "judge"});
        judged.attempt = attempt.id;
        judged.sample = attempt.sample;
        judged.judge = "openai/judge";
        judged.protocol = "axiometer";
        judged.judgement.status = JudgementStatus::kScored;
        judged.judgement.raw.assign(1'500, 'r');
        for (int v = 0; v < 10; ++v) {
          judged.judgement.verdicts.push_back({"item" + std::to_string(v),
                                               v < 5 ? 'a' : 'b',
                                               3,
                                               1.0,
                                               false,
                                               std::string(100, 'w'),
                                               {4, 7}});
        }
        judged.judgement.scores = {{"a", 0.5, {}}, {"b", 0.5, {}}};
        rows.emplace_back(attempt);
        for (int step = 0; step < 2; ++step) {
          CallRow call = MakeCall(attempt.id, 2 * i + step);
          call.message.resize(600);
          rows.emplace_back(std::move(call));
        }
        rows.emplace_back(end);
        rows.emplace_back(judged);
        if (rows.size() < 320) continue;
        Must(writer->CommitNow(std::move(rows)));
        rows.clear();
      }
      Must(writer->CommitNow(std::move(rows)));
    });
    std::printf(
        "%d samples with 2 calls and 10 verdicts stored      %8.2f s CPU, %.0f us a sample\n",
        samples, cost.cpu, 1e6 * cost.cpu / samples);
  }
  std::printf("file                                               %8.1f MB\n",
              static_cast<double>(std::filesystem::file_size(path)) / 1e6);
  const auto reader = Must(StoreReader::Open(path));
  int64_t verdicts = 0;
  const Cost scan = Measure([&] {
    Must(reader->ForEachSample("01A", [&](const SampleRow& row) {
      verdicts += static_cast<int64_t>(row.judgements.at(0).judgement.verdicts.size());
      return true;
    }));
  });
  std::printf(
      "ForEachSample, %8ld verdicts                     %8.2f s CPU, %.2f s for a million\n",
      static_cast<long>(verdicts), scan.cpu, scan.cpu * 1e6 / static_cast<double>(verdicts));
  const Cost states = Measure([&] { Must(reader->SampleStates("01A")); });
  std::printf(
      "SampleStates                                       %8.2f s CPU, %.2f s for a million "
      "samples\n",
      states.cpu, states.cpu * 1e6 / samples);
  const Cost summary = Measure([&] { Must(reader->FindRun("latest")); });
  std::printf(
      "FindRun                                            %8.2f s CPU, %.2f s for a million "
      "samples\n",
      summary.cpu, summary.cpu * 1e6 / samples);
  constexpr int kFinds = 20'000;
  int found = 0;
  std::vector<std::string> digests;
  for (int i = 0; i < kFinds; ++i) digests.push_back(Sha256(std::to_string(i * 7 % (3 * samples))));
  const Cost find = Measure([&] {
    for (const std::string& digest : digests)
      found += Must(reader->FindCall(digest, 1)).has_value();
  });
  std::printf("FindCall, %d of %d found                     %8.1f us\n", found, kFinds,
              1e6 * find.cpu / kFinds);
}

void Main(const std::string& folder, int samples) {
  const std::string path = folder + "/store_bench.db";
  Cost raw, made;
  Cost stored[3];
  const int in_flight[] = {16, 64, 1'000};
  for (int i = 0; i < kRepeats; ++i) {
    const auto keep_best = [](Cost& best, const Cost& now) {
      if (now.cpu < best.cpu) best = now;
    };
    keep_best(raw, RawInserts(path));
    keep_best(made, MadeCalls());
    for (int k = 0; k < 3; ++k) keep_best(stored[k], StoredCalls(path, in_flight[k]));
  }
  const auto us = [](double seconds) { return 1e6 * seconds / kRows; };
  std::printf("4 KB rows, synchronous=FULL, best of %d               us CPU   rows/s   x raw\n",
              kRepeats);
  std::printf("raw prepared inserts, groups of %d                  %8.1f %8.0f %7.2f\n", kGroup,
              us(raw.cpu), kRows / raw.wall, 1.0);
  for (int k = 0; k < 3; ++k) {
    const double cpu = stored[k].cpu - made.cpu;
    std::printf("StoreWriter::Commit, %4d samples in flight          %8.1f %8.0f %7.2f\n",
                in_flight[k], us(cpu), kRows / stored[k].wall, cpu / raw.cpu);
  }
  Reads(path, samples);
  Remove(path);
}

}  // namespace
}  // namespace axiometer

int main(int argc, char** argv) {
  axiometer::Main(argc > 1 ? argv[1] : ".", argc > 2 ? std::atoi(argv[2]) : 10'000);
}
