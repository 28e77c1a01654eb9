// Runs as they are listed and found by name.

#include <algorithm>
#include <numeric>

#include "harness/base/nearest.h"
#include "harness/store/lock.h"
#include "harness/store/reader_impl.h"

namespace axiometer {
namespace {

RunRow ReadRun(const Statement& row) {
  RunRow run;
  run.id = row.Text(0);
  run.created_ms = row.Integer(1);
  run.suite = row.Text(2);
  run.protocol = row.Text(3);
  run.model = row.Text(4);
  run.scaffold = row.Text(5);
  run.identity = row.HexDigest(6);
  run.tags = row.Text(7);
  run.wanted = row.Integer(8);
  run.command = row.Text(9);
  run.config = row.Text(10);
  return run;
}

#define AXIOMETER_RUNS \
  "SELECT id, created_ms, suite, protocol, model, scaffold, identity, tags, wanted, command, config FROM runs"

// Attempts, and the outcome that counts for each sample.
Result<void> CountOutcomes(Database& database, RunSummary& summary) {
  Result<Statement> rows = database.Prepare(
      "SELECT task, epoch, outcome FROM attempts WHERE run = ? ORDER BY task, epoch, number");
  if (!rows) return rows.error();
  rows->Bind(summary.run.id);
  std::string task;
  std::optional<Outcome> outcome;
  int64_t epoch = 0;
  std::map<Outcome, int64_t> ended;
  const auto count = [&] {
    if (outcome) ++ended[*outcome];
  };
  while (true) {
    const Result<bool> row = rows->Step();
    if (!row) return row.error();
    if (!*row) break;
    ++summary.attempts;
    if (rows->Integer(1) != epoch || rows->View(0) != task) {
      count();
      outcome.reset();
      task = rows->View(0);
      epoch = rows->Integer(1);
    }
    if (const auto how = CountingOutcome(*rows, 2)) outcome = how;
  }
  count();
  for (const auto& [how, samples] : ended) {
    summary.outcomes[OutcomeName(how)] = samples;
    summary.samples_done += samples;
  }
  return {};
}

// Of every call that was made, also for attempts that were abandoned; what the cache answered was
// paid before.
Result<void> SumCalls(Database& database, RunSummary& summary) {
  // IN sorts the attempts, so that the index of calls is walked and not searched.
  Result<Statement> rows = database.Prepare(
      "SELECT judgement, cached, input_tokens, cached_tokens, output_tokens, reasoning_tokens, cost_usd FROM calls"
      " WHERE attempt IN (SELECT id FROM attempts WHERE run = ?)");
  if (!rows) return rows.error();
  rows->Bind(summary.run.id);
  while (true) {
    const Result<bool> row = rows->Step();
    if (!row) return row.error();
    if (!*row) return {};
    const bool judges = !rows->IsNull(0);
    ++summary.calls;
    summary.judge_calls += judges;
    if (rows->Integer(1) != 0) {
      ++summary.cached_calls;
    } else {
      (judges ? summary.judge_usage : summary.subject_usage) += ReadUsage(*rows, 2);
    }
  }
}

// When something was last stored of what happened from `from_ms` until `until_ms`.
Result<int64_t> LastActivity(Database& database, const std::string& run, int64_t from_ms,
                             std::optional<int64_t> until_ms) {
  Result<Statement> row = database.Prepare(
      "SELECT max(max(started_ms, coalesce(ended_ms, 0))) FROM attempts"
      " WHERE run = ?1 AND started_ms >= ?2 AND (?3 IS NULL OR started_ms < ?3)");
  if (!row) return row.error();
  row->Bind(run, from_ms, until_ms);
  const Result<bool> found = row->Step();
  if (!found) return found.error();
  return std::max(from_ms, row->Integer(0));
}

Result<void> SumSessions(Database& database, std::optional<int> writer, RunSummary& summary) {
  struct Session {
    int64_t started_ms;
    std::optional<int64_t> ended_ms;
    int64_t pid;
    std::string state, detail;
  };
  std::vector<Session> sessions;
  {
    Result<Statement> rows = database.Prepare(
        "SELECT started_ms, ended_ms, pid, state, detail FROM sessions WHERE run = ? ORDER BY "
        "started_ms");
    if (!rows) return rows.error();
    rows->Bind(summary.run.id);
    while (true) {
      const Result<bool> row = rows->Step();
      if (!row) return row.error();
      if (!*row) break;
      sessions.push_back({rows->Integer(0), rows->OptionalInteger(1), rows->Integer(2),
                          rows->Text(3), rows->Text(4)});
    }
  }
  for (size_t i = 0; i < sessions.size(); ++i) {
    std::optional<int64_t> ended_ms = sessions[i].ended_ms;
    if (!ended_ms) {
      const bool is_last = i + 1 == sessions.size();
      const Result<int64_t> last =
          LastActivity(database, summary.run.id, sessions[i].started_ms,
                       is_last ? std::nullopt : std::optional(sessions[i + 1].started_ms));
      if (!last) return last.error();
      ended_ms = *last;
    }
    summary.elapsed_ms += std::max<int64_t>(0, *ended_ms - sessions[i].started_ms);
  }
  summary.sessions = static_cast<int>(sessions.size());
  if (sessions.empty()) return {};
  summary.state = sessions.back().state;
  summary.detail = sessions.back().detail;
  if (summary.state == "running" && writer != sessions.back().pid) summary.state = "interrupted";
  return {};
}

Result<RunSummary> Summarize(Database& database, RunRow run, std::optional<int> writer) {
  RunSummary summary;
  summary.run = std::move(run);
  Result<void> done = CountOutcomes(database, summary);
  if (done) done = SumCalls(database, summary);
  if (done) done = SumSessions(database, writer, summary);
  if (!done) return done.error();
  return summary;
}

Result<std::vector<RunRow>> ReadRuns(Database& database) {
  std::vector<RunRow> runs;
  Result<Statement> rows = database.Prepare(AXIOMETER_RUNS " ORDER BY created_ms DESC, id DESC");
  if (!rows) return rows.error();
  while (true) {
    const Result<bool> row = rows->Step();
    if (!row) return row.error();
    if (!*row) return runs;
    runs.push_back(ReadRun(*rows));
  }
}

std::string UpperCase(std::string text) {
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return text;
}

// Levenshtein.
size_t EditDistance(const std::string& a, const std::string& b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row[b.size()];
}

// The id whose beginning is spelled most like `name`, if any is like it at all.
const RunRow* Nearest(const std::vector<RunRow>& runs, const std::string& name) {
  const RunRow* nearest = nullptr;
  size_t best = std::min<size_t>(3, name.size() / 2 + 1);
  for (const RunRow& run : runs) {
    const size_t distance = EditDistance(name, UpperCase(run.id.substr(0, name.size())));
    if (distance >= best) continue;
    best = distance;
    nearest = &run;
  }
  return nearest;
}

std::string ListOf(const std::vector<const RunRow*>& runs) {
  constexpr size_t kShown = 3;
  std::string list;
  for (size_t i = 0; i < runs.size() && i < kShown; ++i) {
    if (i > 0) list += ", ";
    list += runs[i]->id + " (" + runs[i]->suite + ", " + runs[i]->model + ")";
  }
  if (runs.size() > kShown) list += ", …";
  return list;
}

Result<RunRow> ChooseRun(const std::string& store, std::vector<RunRow> runs,
                         const std::string& name) {
  if (runs.empty())
    return UsageError("", StoreName(store) + " has no runs", "\"axiometer eval\" makes one");
  if (name == "latest") return std::move(runs.front());
  std::vector<const RunRow*> found;
  for (const RunRow& run : runs) {
    if (!name.empty() && UpperCase(run.id).starts_with(UpperCase(name))) found.push_back(&run);
  }
  if (found.size() == 1) return *found.front();
  if (found.size() > 1) {
    return UsageError("", "run \"" + name + "\" could be any of " + std::to_string(found.size()),
                      "give more of the id: " + ListOf(found));
  }
  if (const RunRow* nearest = Nearest(runs, UpperCase(name))) {
    return UsageError("", "unknown run \"" + name + "\"", "did you mean \"" + nearest->id + "\"?");
  }
  const std::vector<std::string> words{"latest"};
  if (axiometer::Nearest(name, words)) {
    return UsageError("", "unknown run \"" + name + "\"", DidYouMean(name, words));
  }
  for (const RunRow& run : runs) found.push_back(&run);
  return UsageError("", "unknown run \"" + name + "\"", "the latest are " + ListOf(found));
}

}  // namespace

Result<std::vector<RunSummary>> StoreReader::Runs() {
  Database& database = *impl_->database;
  const Snapshot snapshot(database);
  Result<std::vector<RunRow>> runs = ReadRuns(database);
  if (!runs) return runs.error();
  const std::optional<int> writer = StoreLock::Holder(database.path());
  std::vector<RunSummary> summaries;
  for (RunRow& run : *runs) {
    Result<RunSummary> summary = Summarize(database, std::move(run), writer);
    if (!summary) return summary.error();
    summaries.push_back(std::move(*summary));
  }
  return summaries;
}

Result<std::vector<RunRow>> StoreReader::RunRows() { return ReadRuns(*impl_->database); }

Result<RunRow> StoreReader::FindRunRow(const std::string& name) {
  Database& database = *impl_->database;
  const Snapshot snapshot(database);
  // The others' rows are read only to find what a part of an id means.
  Result<Statement> exact = database.Prepare(AXIOMETER_RUNS " WHERE id = ?");
  if (!exact) return exact.error();
  const Result<bool> known = exact->Bind(name).Step();
  if (!known) return known.error();
  if (*known) return ReadRun(*exact);
  Result<std::vector<RunRow>> runs = ReadRuns(database);
  if (!runs) return runs.error();
  return ChooseRun(database.path(), std::move(*runs), name);
}

Result<RunSummary> StoreReader::FindRun(const std::string& name) {
  Database& database = *impl_->database;
  const Snapshot snapshot(database);
  Result<RunRow> run = FindRunRow(name);
  if (!run) return run.error();
  return Summarize(database, std::move(*run), StoreLock::Holder(database.path()));
}

Result<std::vector<BatchRow>> StoreReader::Batches(const std::string& endpoint) {
  Result<Statement> rows = impl_->database->Prepare(
      "SELECT id, run, submitted_ms, requests, settled_ms FROM batches WHERE endpoint = ? ORDER BY submitted_ms, id");
  if (!rows) return rows.error();
  rows->Bind(Digest{endpoint});
  std::vector<BatchRow> batches;
  while (true) {
    const Result<bool> more = rows->Step();
    if (!more) return more.error();
    if (!*more) return batches;
    BatchRow batch;
    batch.endpoint = endpoint;
    batch.id = rows->Text(0);
    batch.run = rows->Text(1);
    batch.submitted_ms = rows->Integer(2);
    batch.requests = rows->Integer(3);
    batch.settled_ms = rows->OptionalInteger(4);
    batches.push_back(std::move(batch));
  }
}

Result<std::optional<std::string>> StoreReader::FindRunByIdentity(const std::string& identity) {
  Result<Statement> row = impl_->database->Prepare(
      "SELECT id FROM runs WHERE identity = ? ORDER BY created_ms DESC, id DESC LIMIT 1");
  if (!row) return row.error();
  const Result<bool> found = row->Bind(Digest{identity}).Step();
  std::optional<std::string> id;
  if (found && *found) id = row->Text(0);
  if (!found) return found.error();
  return id;
}

}  // namespace axiometer
