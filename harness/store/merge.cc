#include "harness/store/merge.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "harness/base/json.h"
#include "harness/base/shell_words.h"
#include "harness/base/utf8.h"
#include "harness/record/run_spec.h"
#include "harness/store/rows.h"
#include "harness/store/schema.h"
#include "harness/store/store.h"
#include "harness/store/writable_store.h"

namespace axiometer {
namespace {

constexpr std::string_view kShardOption[] = {"--shard"};

// A shard's run as its store has it.
struct ShardRun {
  RunRow row;
  ShardPlace place;
  Json whole;            // the configuration without the shard
  std::string identity;  // of that
  int epochs = 1;
  int64_t done = 0;
};

struct ShardFile {
  std::string path;
  std::map<std::string, ShardRun> runs;  // by identity of the whole: the latest of each
};

Result<ShardRun> ReadShardRun(const ShardFile& file, RunRow row) {
  const Result<Json> config = ParseJson(row.config, "configuration of run " + row.id);
  if (!config) return config.error();
  Result<RunSpec> spec = RunSpecFromJson(*config);
  if (!spec) return std::move(spec).error();
  if (!spec->shard) {
    return UsageError("",
                      StoreName(file.path) + " holds run " + row.id + " (" + row.suite + ", " +
                          Quoted(row.model) + "), which is no shard",
                      "name stores that `axiometer eval --shard` wrote");
  }
  ShardRun run;
  run.place = *spec->shard;
  run.epochs = spec->epochs;
  spec->shard.reset();
  run.whole = ToJson(*spec);
  run.identity = IdentityDigest(*spec);
  run.row = std::move(row);
  return run;
}

Result<ShardFile> ReadShardFile(const std::string& path) {
  ShardFile file{path, {}};
  Result<std::unique_ptr<Database>> database = Database::Open(path, Database::Access::kRead);
  if (!database) return std::move(database).error();
  const Result<int> version = StoreVersion(**database);
  if (!version) return version.error();
  if (*version == 0)
    return UsageError("", StoreName(path) + " is empty", "its shard has not begun; leave it out");
  Result<Statement> rows = (*database)->Prepare(
      "SELECT r.id, r.created_ms, r.suite, r.protocol, r.model, r.scaffold, r.tags, r.wanted, "
      "r.command, r.config,"
      " (SELECT count(*) FROM samples AS s WHERE s.run = r.id) FROM runs AS r ORDER BY "
      "r.created_ms, r.id");
  if (!rows) return std::move(rows).error();
  while (true) {
    const Result<bool> more = rows->Step();
    if (!more) return more.error();
    if (!*more) break;
    RunRow row;
    row.id = rows->Text(0);
    row.created_ms = rows->Integer(1);
    row.suite = rows->Text(2);
    row.protocol = rows->Text(3);
    row.model = rows->Text(4);
    row.scaffold = rows->Text(5);
    row.tags = rows->Text(6);
    row.wanted = rows->Integer(7);
    row.command = rows->Text(8);
    row.config = rows->Text(9);
    Result<ShardRun> run = ReadShardRun(file, std::move(row));
    if (!run) return std::move(run).error();
    run->done = rows->Integer(10);
    std::string identity = run->identity;
    file.runs.insert_or_assign(std::move(identity), std::move(*run));
  }
  if (file.runs.empty())
    return UsageError("", StoreName(path) + " holds no run",
                      "its shard has not begun; leave it out");
  return file;
}

// "model.name: \"a\" and \"b\"" for the first thing in which two configurations differ.
std::string FirstDifference(const Json& a, const Json& b, const std::string& at) {
  if (!a.is_object() || !b.is_object()) {
    return at + ": " + Quoted(DumpJson(a), 80) + " and " + Quoted(DumpJson(b), 80);
  }
  std::set<std::string> keys;
  for (const auto& member : a.items()) keys.insert(member.key());
  for (const auto& member : b.items()) keys.insert(member.key());
  for (const std::string& key : keys) {
    const Json left = a.value(key, Json());
    const Json right = b.value(key, Json());
    if (left != right) return FirstDifference(left, right, at.empty() ? key : at + "." + key);
  }
  return "";
}

Error Differs(const ShardFile& file, const ShardRun& odd, const ShardFile& reference) {
  const auto same_suite =
      std::find_if(reference.runs.begin(), reference.runs.end(),
                   [&](const auto& run) { return run.second.row.suite == odd.row.suite; });
  const ShardRun& beside =
      same_suite == reference.runs.end() ? reference.runs.begin()->second : same_suite->second;
  return UsageError("",
                    StoreName(file.path) + " and " + StoreName(reference.path) +
                        " hold shards of different configurations, in " +
                        FirstDifference(odd.whole, beside.whole, ""),
                    "merge the stores of one command at a time");
}

// A command's runs are begun one after another, so what a store has is the beginning of what the
// fullest has.
std::optional<Error> Disagreement(const std::vector<ShardFile>& files) {
  const ShardFile& fullest =
      *std::max_element(files.begin(), files.end(),
                        [](const auto& a, const auto& b) { return a.runs.size() < b.runs.size(); });
  std::map<std::pair<std::string, int>, const ShardFile*> holders;  // by identity and index
  for (const ShardFile& file : files) {
    for (const auto& [identity, run] : file.runs) {
      const auto known = fullest.runs.find(identity);
      if (known == fullest.runs.end()) return Differs(file, run, fullest);
      if (run.place.count != known->second.place.count) {
        return UsageError("",
                          StoreName(file.path) + " is one of " + std::to_string(run.place.count) +
                              " shards, " + StoreName(fullest.path) + " one of " +
                              std::to_string(known->second.place.count),
                          "merge the shards of one cut");
      }
      const auto [holder, first] = holders.emplace(std::pair(identity, run.place.index), &file);
      if (!first) {
        return UsageError("",
                          "shard " + std::to_string(run.place.index) + " of " +
                              std::to_string(run.place.count) + " is in " +
                              StoreName(holder->second->path) + " and in " + StoreName(file.path),
                          "leave one of them out");
      }
    }
  }
  return std::nullopt;
}

class Merger {
 public:
  explicit Merger(Database& database) : database_(database) {}

  // The runs of `out` that the shards' runs become; made rows are not written yet.
  Result<void> FindRuns(const std::vector<ShardFile>& files) {
    for (const ShardFile& file : files) {
      for (const auto& [identity, run] : file.runs) {
        const auto [place, added] = runs_.try_emplace(identity);
        RunRow& row = place->second;
        if (!added) {
          row.created_ms = std::min(row.created_ms, run.row.created_ms);
          continue;
        }
        row = run.row;
        row.identity = identity;
        row.config = DumpJson(run.whole);
        row.command = WithoutOptions(run.row.command, kShardOption);  // goes on with the whole
        row.wanted = run.place.tasks * run.epochs;
      }
    }
    for (auto& [identity, row] : runs_) {
      Result<Statement> known = database_.Prepare(
          "SELECT id FROM runs WHERE identity = ? ORDER BY created_ms DESC, id DESC LIMIT 1");
      if (!known) return std::move(known).error();
      known->Bind(Digest{identity});
      const Result<bool> found = known->Step();
      if (!found) return found.error();
      row.id = *found ? known->Text(0) : NewRunId(row.created_ms);
    }
    return {};
  }

  // Whether `out` has an attempt of the same number on a sample of this store, but not the same
  // attempt.
  Result<void> Check(const ShardFile& file) {
    Result<void> attached = Attach(file);
    for (const auto& [identity, run] : file.runs) {
      if (attached) attached = CheckRun(file, runs_.at(identity).id, run);
    }
    return Detach(std::move(attached));
  }

  Result<void> Copy(const ShardFile& file) {
    Result<void> done = Attach(file);
    if (done) done = database_.Execute("BEGIN IMMEDIATE");
    if (done) done = CopyShared();
    for (const auto& [identity, run] : file.runs) {
      if (done) done = CopyRun(runs_.at(identity), run.row.id);
    }
    if (done) done = database_.Execute("COMMIT");
    if (!done && database_.InTransaction()) {
      if (Result<void> undone = database_.Execute("ROLLBACK"); !undone) return done;
    }
    done = Detach(std::move(done));
    if (done) done = database_.Execute("PRAGMA wal_checkpoint(PASSIVE)");
    return done;
  }

  Result<std::vector<MergedRun>> Summarise(const std::vector<ShardFile>& files) {
    std::vector<MergedRun> merged;
    for (const auto& [identity, row] : runs_) {
      MergedRun run;
      run.id = row.id;
      run.suite = row.suite;
      run.model = row.model;
      run.wanted = row.wanted;
      Result<Statement> done = database_.Prepare("SELECT count(*) FROM samples WHERE run = ?");
      if (!done) return std::move(done).error();
      done->Bind(row.id);
      const Result<bool> counted = done->Step();
      if (!counted) return counted.error();
      run.done = done->Integer(0);
      for (const ShardFile& file : files) {
        const auto own = file.runs.find(identity);
        if (own == file.runs.end()) continue;
        run.shards = own->second.place.count;
        run.from.push_back({own->second.place.index, file.path, own->second.row.id,
                            own->second.row.wanted, own->second.done,
                            StoreLock::Holder(file.path).value_or(0)});
      }
      std::sort(run.from.begin(), run.from.end(),
                [](const auto& a, const auto& b) { return a.index < b.index; });
      merged.push_back(std::move(run));
    }
    std::sort(merged.begin(), merged.end(),
              [](const auto& a, const auto& b) { return a.id < b.id; });
    return merged;
  }

 private:
  Result<void> Attach(const ShardFile& file) {
    Result<Statement> attach = database_.Prepare("ATTACH ? AS shard");
    if (!attach) return std::move(attach).error();
    const std::string path = std::filesystem::absolute(file.path).string();
    return attach->Bind(path).Execute();
  }

  // Gives back what `so_far` says; a store that never was attached need not be detached.
  Result<void> Detach(Result<void> so_far) {
    const Result<void> detached = database_.Execute("DETACH shard");
    return so_far && !detached ? detached : so_far;
  }

  Result<void> Do(std::string_view sql, const auto&... values) {
    Result<Statement> statement = database_.Prepare(sql);
    if (!statement) return std::move(statement).error();
    return statement->Bind(values...).Execute();
  }

  Result<void> CheckRun(const ShardFile& file, const std::string& target, const ShardRun& run) {
    Result<Statement> other = database_.Prepare(
        "SELECT s.task, s.epoch FROM shard.attempts AS s JOIN main.attempts AS m"
        " ON m.run = ? AND m.task = s.task AND m.epoch = s.epoch AND m.number = s.number AND m.id "
        "<> s.id"
        " WHERE s.run = ? LIMIT 1");
    if (!other) return std::move(other).error();
    other->Bind(target, run.row.id);
    const Result<bool> found = other->Step();
    if (!found) return found.error();
    if (!*found) return {};
    return UsageError("",
                      "run " + target + " of " + StoreName(database_.path()) + " has run " +
                          Quoted(other->Text(0)) + ", epoch " + std::to_string(other->Integer(1)) +
                          ", differently from " + StoreName(file.path),
                      "merge into a new store; each of them counts as a measurement of its own");
  }

  Result<void> CopyShared() {
    Result<void> done = Do("INSERT OR IGNORE INTO main.texts SELECT * FROM shard.texts");
    if (done) done = Do("INSERT OR IGNORE INTO main.tasks SELECT * FROM shard.tasks");
    return done;
  }

  // A sample's id follows from its run's, so that of every sample changes; the other ids stay.
  Result<void> MapSamples(const std::string& target, const std::string& source) {
    Result<void> done = database_.Execute(
        "CREATE TEMP TABLE IF NOT EXISTS renamed (old INTEGER PRIMARY KEY, new INTEGER NOT NULL);"
        "DELETE FROM temp.renamed");
    if (!done) return done;
    Result<Statement> samples =
        database_.Prepare("SELECT DISTINCT sample, task, epoch FROM shard.attempts WHERE run = ?");
    if (!samples) return std::move(samples).error();
    Result<Statement> insert = database_.Prepare("INSERT INTO temp.renamed VALUES (?, ?)");
    if (!insert) return std::move(insert).error();
    samples->Bind(source);
    while (true) {
      const Result<bool> more = samples->Step();
      if (!more) return more.error();
      if (!*more) return {};
      const int64_t renamed = MakeId({target, samples->Text(1), samples->Text(2)});
      if (Result<void> inserted = insert->Bind(samples->Integer(0), renamed).Execute(); !inserted)
        return inserted;
    }
  }

  Result<void> CopyRun(const RunRow& row, const std::string& source) {
    Result<void> done =
        Do("INSERT INTO main.runs (id, created_ms, suite, protocol, model, scaffold, identity, "
           "tags, wanted, command,"
           " config) VALUES (?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT (id) DO NOTHING",
           row.id, row.created_ms, row.suite, row.protocol, row.model, row.scaffold,
           Digest{row.identity}, row.tags, row.wanted, row.command, row.config);
    if (done) done = MapSamples(row.id, source);
    // REPLACE: a session that was at work may have ended.
    if (done) {
      done = Do(
          "INSERT OR REPLACE INTO main.sessions (run, started_ms, pid, ended_ms, state, detail)"
          " SELECT ?, started_ms, pid, ended_ms, state, detail FROM shard.sessions WHERE run = ?",
          row.id, source);
    }
    if (done) {
      done = Do(
          "INSERT INTO main.attempts SELECT a.id, n.new, ?, a.task, a.task_digest, a.epoch, "
          "a.number, a.started_ms,"
          " a.ended_ms, a.outcome, a.steps, a.input_tokens, a.cached_tokens, a.output_tokens, "
          "a.reasoning_tokens,"
          " a.cost_usd, a.detail, a.final_text, a.final_state, a.final_state_digest"
          " FROM shard.attempts AS a JOIN temp.renamed AS n ON n.old = a.sample WHERE a.run = ?"
          " ON CONFLICT (id) DO UPDATE SET ended_ms = excluded.ended_ms, outcome = "
          "excluded.outcome,"
          " steps = excluded.steps, input_tokens = excluded.input_tokens, cached_tokens = "
          "excluded.cached_tokens,"
          " output_tokens = excluded.output_tokens, reasoning_tokens = excluded.reasoning_tokens,"
          " cost_usd = excluded.cost_usd, detail = excluded.detail, final_text = "
          "excluded.final_text,"
          " final_state = excluded.final_state, final_state_digest = excluded.final_state_digest"
          " WHERE attempts.ended_ms IS NULL",
          row.id, source);
    }
    if (done) {
      done =
          Do("INSERT INTO main.calls (id, attempt, judgement, step, epoch, status, finish_reason, "
             "http_status, tries,"
             " cached, input_tokens, cached_tokens, output_tokens, reasoning_tokens, cost_usd, "
             "duration_us, waited_us,"
             " request_digest, response_id, response_model, error, message)"
             " SELECT c.id, c.attempt, c.judgement, c.step, c.epoch, c.status, c.finish_reason, "
             "c.http_status, c.tries,"
             " c.cached, c.input_tokens, c.cached_tokens, c.output_tokens, c.reasoning_tokens, "
             "c.cost_usd,"
             " c.duration_us, c.waited_us, c.request_digest, c.response_id, c.response_model, "
             "c.error, c.message"
             " FROM shard.calls AS c JOIN shard.attempts AS a ON a.id = c.attempt WHERE a.run = ?"
             " AND NOT EXISTS (SELECT 1 FROM main.calls AS m WHERE m.attempt = c.attempt AND m.id "
             "= c.id)"
             " ORDER BY c.seq",
             source);
    }
    if (done) {
      done =
          Do("INSERT OR IGNORE INTO main.events (attempt, id, step, at_ms, kind, role, "
             "finish_reason, call,"
             " text_digest, text, tool_call_id, tool_name, tool_status, tool_duration_us, "
             "tool_arguments, tool_result)"
             " SELECT e.attempt, e.id, e.step, e.at_ms, e.kind, e.role, e.finish_reason, e.call, "
             "e.text_digest, e.text,"
             " e.tool_call_id, e.tool_name, e.tool_status, e.tool_duration_us, e.tool_arguments, "
             "e.tool_result"
             " FROM shard.events AS e JOIN shard.attempts AS a ON a.id = e.attempt WHERE a.run = ? "
             "ORDER BY e.seq",
             source);
    }
    if (done) done = CopyStateChanges(source);
    if (done) {
      done =
          Do("INSERT OR IGNORE INTO main.judgements SELECT j.id, j.attempt, n.new, j.judge, "
             "j.protocol,"
             " j.prompt_digest, j.at_ms, j.status, j.requests, j.input_tokens, j.cached_tokens, "
             "j.output_tokens,"
             " j.reasoning_tokens, j.cost_usd, j.problem, j.raw"
             " FROM shard.judgements AS j JOIN temp.renamed AS n ON n.old = j.sample");
    }
    for (const char* table : {"verdicts", "verdict_counts", "scores"}) {
      if (done) done = CopyOfJudgements(table);
    }
    return done;
  }

  Result<void> CopyStateChanges(const std::string& source) {
    const Result<bool> known = database_.HasTable("state_changes", "shard");
    if (!known) return known.error();
    if (!*known) return {};
    return Do("INSERT OR IGNORE INTO main.state_changes SELECT s.attempt, s.event, s.changes FROM shard.state_changes AS s"
              " JOIN shard.attempts AS a ON a.id = s.attempt WHERE a.run = ?",
              source);
  }

  Result<void> CopyOfJudgements(const std::string& table) {
    const Result<bool> known = database_.HasTable(table, "shard");
    if (!known) return known.error();
    if (!*known) return {};
    return Do("INSERT OR IGNORE INTO main." + table + " SELECT v.* FROM shard." + table +
              " AS v JOIN shard.judgements AS j ON j.id = v.judgement JOIN temp.renamed AS n ON n.old = j.sample");
  }

  Database& database_;
  std::map<std::string, RunRow> runs_;  // by identity
};

}  // namespace

Result<std::vector<MergedRun>> MergeStores(const std::string& out,
                                           const std::vector<std::string>& stores) {
  const auto file_of = [](const std::string& path) {
    std::error_code error;
    const std::filesystem::path real = std::filesystem::weakly_canonical(path, error);
    return error ? path : real.string();
  };
  std::vector<ShardFile> files;
  std::set<std::string> named;
  for (const std::string& path : stores) {
    if (file_of(path) == file_of(out)) {
      return UsageError("", StoreName(path) + " is the one that takes the shards",
                        "name another as the first");
    }
    if (!named.insert(file_of(path)).second) continue;
    Result<ShardFile> file = ReadShardFile(path);
    if (!file) return std::move(file).error();
    files.push_back(std::move(*file));
  }
  if (files.empty()) return UsageError("", "no store to merge is named");
  if (std::optional<Error> wrong = Disagreement(files)) return std::move(*wrong);
  Result<WritableStore> store = OpenWritableStore(out);
  if (!store) return std::move(store).error();
  Merger merger(*store->database);
  Result<void> done = merger.FindRuns(files);
  for (const ShardFile& file : files) {
    if (done) done = merger.Check(file);
  }
  for (const ShardFile& file : files) {
    if (done) done = merger.Copy(file);
  }
  if (!done) return done.error();
  Result<std::vector<MergedRun>> merged = merger.Summarise(files);
  if (merged) done = store->database->Execute("PRAGMA wal_checkpoint(TRUNCATE)");
  if (!done) return done.error();
  return merged;
}

}  // namespace axiometer
