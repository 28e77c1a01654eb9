// Samples: what the plan asks of them and what reports read.

#include <algorithm>
#include <numeric>

#include "harness/store/reader_impl.h"

namespace axiometer {
namespace {

JudgementStatus ReadStatus(std::string_view name) {
  return JudgementStatusFromName(name).value_or(JudgementStatus::kModelError);
}

// "[3,7]", as we wrote it.
std::vector<int> ReadEventIds(const std::string& json) {
  std::vector<int> ids;
  int id = -1;
  for (const char c : json) {
    if (c >= '0' && c <= '9') {
      id = (id < 0 ? 0 : id) * 10 + (c - '0');
    } else if (id >= 0) {
      ids.push_back(id);
      id = -1;
    }
  }
  return ids;
}

constexpr size_t kFirstBatch = 64;       // samples; so that whoever wants few does not wait for many
constexpr size_t kMostInBatch = 8'192;   // judgements, or samples if they have fewer: about 20 MB without texts
constexpr size_t kBatchGrowth = 4;

// An ended attempt that counts, and how many its sample has.
struct Counting {
  int64_t attempt = -1;  // -1: none
  int attempts = 0;
};

// A judgement as the index has it.
struct FoundJudgement {
  int64_t id = 0;
  std::string judge;
};

// Rows of a table by a key, which is the first column of `rows`, its order, and the parameter that says where it begins.
// Where those that are asked for mostly follow one another they are walked through, which costs a third of a search.
class KeyedRows {
 public:
  explicit KeyedRows(Statement rows) : rows_(std::move(rows)) {}

  // Goes to the first row of `key`; false: there is none.
  Result<bool> Find(int64_t key) {
    if (key_ && *key_ < key && (follows_ || ++searches_ % kSearchesInARow == 0)) {
      if (const Result<bool> next = Next(); !next) return next;
      follows_ = key_ == key;
    }
    if (key_ != key) {
      rows_.Bind(key);
      if (const Result<bool> first = Step(); !first) return first;
    }
    return key_ == key;
  }

  // Goes on; false: to a row of another key, or there is none.
  Result<bool> Next() {
    const std::optional<int64_t> before = key_;
    if (const Result<bool> more = Step(); !more) return more;
    return key_ == before;
  }

  void Reset() {
    rows_.Reset();
    key_.reset();
  }

  const Statement& row() const { return rows_; }

 private:
  static constexpr int kSearchesInARow = 16;

  Result<bool> Step() {
    Result<bool> more = rows_.Step();
    key_ = more && *more ? std::optional(rows_.Integer(0)) : std::nullopt;
    return more;
  }

  Statement rows_;
  std::optional<int64_t> key_;  // of the row that it stands at
  bool follows_ = true;         // the last one that was tried was the next
  int searches_ = 0;
};

// Rows of attempts and judgements by their ids. Statements of its own, so that reads may nest.
class SampleRows {
 public:
  static Result<SampleRows> Make(Database& database, const SampleScan& scan) {
    Result<Statement> attempts = database.Prepare(
        "SELECT id, sample, task, epoch, outcome, task_digest, steps, input_tokens, cached_tokens, output_tokens,"
        " reasoning_tokens, cost_usd, detail, started_ms, ended_ms, final_text FROM attempts WHERE id >= ? ORDER BY id");
    Result<Statement> found =
        database.Prepare("SELECT id, judge FROM judgements WHERE attempt = ? ORDER BY judge, at_ms, id");
    Result<Statement> judgements = database.Prepare(
        "SELECT id, judge, protocol, prompt_digest, status, requests, input_tokens, cached_tokens, output_tokens,"
        " reasoning_tokens, cost_usd, problem, raw FROM judgements WHERE id >= ? ORDER BY id");
    Result<Statement> verdicts = database.Prepare(
        "SELECT judgement, item, pole, weight, score, mechanical" + std::string(scan.texts ? ", events, rationale" : "") +
        " FROM verdicts WHERE judgement >= ? ORDER BY judgement, position");
    Result<Statement> scores = database.Prepare(
        "SELECT judgement, name, number, text FROM scores WHERE judgement >= ? ORDER BY judgement, position");
    Result<Statement> counts = database.Prepare(
        "SELECT count(score), count(iif(mechanical, score, NULL)) FROM verdicts WHERE judgement = ?");
    for (const auto* statement : {&attempts, &found, &judgements, &verdicts, &scores, &counts}) {
      if (!*statement) return statement->error();
    }
    const Result<bool> counted = database.HasTable("verdict_counts");
    if (!counted) return counted.error();
    std::optional<KeyedRows> stored_counts;
    if (*counted) {
      Result<Statement> made = database.Prepare(
          "SELECT judgement, scored, mechanical FROM verdict_counts WHERE judgement >= ? ORDER BY judgement");
      if (!made) return made.error();
      stored_counts.emplace(std::move(*made));
    }
    return SampleRows(database.path(), std::move(*attempts), std::move(*found), std::move(*judgements),
                      std::move(*verdicts), std::move(*scores), std::move(*counts), std::move(stored_counts), scan);
  }

  Result<void> ReadAttempt(int64_t id, SampleRow& sample) {
    const Result<bool> there = attempts_.Find(id);
    if (!there) return there.error();
    if (!*there) return Missing("attempt", id);
    const Statement& row = attempts_.row();
    sample.attempt = id;
    sample.sample = row.Integer(1);
    sample.task = row.View(2);
    sample.epoch = static_cast<int>(row.Integer(3));
    sample.outcome = CountingOutcome(row, 4).value_or(Outcome::kInterrupted);
    sample.task_digest = row.HexDigest(5);
    sample.steps = static_cast<int>(row.Integer(6));
    sample.usage = ReadUsage(row, 7);
    sample.detail = row.View(12);
    sample.started_ms = row.Integer(13);
    sample.ended_ms = row.Integer(14);
    const std::string_view text = row.View(15);
    sample.text_bytes = static_cast<int64_t>(text.size());
    if (scan_.texts || text.size() <= 2 * SampleScan::kTextEnd) {
      sample.final_text = text;
    } else {
      sample.final_text = text.substr(0, SampleScan::kTextEnd);
      sample.final_text += text.substr(text.size() - SampleScan::kTextEnd);
    }
    return {};
  }

  // By judge, the oldest first.
  Result<void> FindJudgements(int64_t attempt, std::vector<FoundJudgement>& judgements) {
    judgements.clear();
    found_.Bind(attempt);
    while (true) {
      const Result<bool> more = found_.Step();
      if (!more) return more.error();
      if (!*more) return {};
      judgements.push_back({found_.Integer(0), found_.Text(1)});
    }
  }

  // `alone`: the only one of its attempt.
  Result<void> ReadJudgement(int64_t id, bool alone, SampleRow::Judged& judged) {
    const Result<bool> there = judgements_.Find(id);
    if (!there) return there.error();
    if (!*there) return Missing("judgement", id);
    const Statement& row = judgements_.row();
    judged.judge = row.View(1);
    judged.protocol = row.View(2);
    judged.prompt_digest = row.HexDigest(3);
    judged.scored_items = judged.mechanical_items = 0;
    Judgement& judgement = judged.judgement;
    judgement.status = ReadStatus(row.View(4));
    judgement.requests = static_cast<int>(row.Integer(5));
    judgement.usage = ReadUsage(row, 6);
    judgement.problem = row.View(11);
    if (Result<void> done = ReadScores(id, judgement.scores); !done) return done;
    judgement.raw.clear();
    if (scan_.wants_raw == nullptr || scan_.wants_raw(judgement)) judgement.raw = row.View(12);
    return !scan_.texts && alone && HasPoles(judgement) ? CountVerdicts(id, judged) : ReadVerdicts(id, judged);
  }

  // Pages are let go of.
  void Reset() {
    attempts_.Reset();
    found_.Reset();
    judgements_.Reset();
    verdicts_.Reset();
    scores_.Reset();
    if (stored_counts_) stored_counts_->Reset();
  }

 private:
  SampleRows(std::string path, Statement attempts, Statement found, Statement judgements, Statement verdicts,
             Statement scores, Statement counts, std::optional<KeyedRows> stored_counts, const SampleScan& scan)
      : path_(std::move(path)),
        attempts_(std::move(attempts)),
        found_(std::move(found)),
        judgements_(std::move(judgements)),
        verdicts_(std::move(verdicts)),
        scores_(std::move(scores)),
        counts_(std::move(counts)),
        stored_counts_(std::move(stored_counts)),
        scan_(scan) {}

  Error Missing(const char* what, int64_t id) const {
    return Failed(StoreName(path_), std::string("has no ") + what + " " + std::to_string(id) + ": it is damaged");
  }

  static bool HasPoles(const Judgement& judgement) {
    int poles = 0;
    for (const Score& score : judgement.scores) poles += score.number && (score.name == "a" || score.name == "b");
    return poles == 2;
  }

  Result<void> CountVerdicts(int64_t judgement, SampleRow::Judged& judged) {
    judged.judgement.verdicts.clear();
    if (stored_counts_) {
      const Result<bool> stored = stored_counts_->Find(judgement);
      if (!stored) return stored.error();
      if (*stored) {
        judged.scored_items = static_cast<int>(stored_counts_->row().Integer(1));
        judged.mechanical_items = static_cast<int>(stored_counts_->row().Integer(2));
        return {};
      }
    }
    const Result<bool> row = counts_.Bind(judgement).Step();
    if (!row) return row.error();
    judged.scored_items = static_cast<int>(counts_.Integer(0));
    judged.mechanical_items = static_cast<int>(counts_.Integer(1));
    counts_.Reset();
    return {};
  }

  Result<void> ReadVerdicts(int64_t judgement, SampleRow::Judged& judged) {
    std::vector<Verdict>& verdicts = judged.judgement.verdicts;
    verdicts.clear();
    verdicts.reserve(kExpectedVerdicts);
    Result<bool> more = verdicts_.Find(judgement);
    for (; more && *more; more = verdicts_.Next()) {
      const Statement& row = verdicts_.row();
      Verdict& verdict = verdicts.emplace_back();
      verdict.item = row.View(1);
      verdict.pole = row.View(2) == "b" ? 'b' : 'a';
      verdict.weight = row.Real(3);
      verdict.score = row.OptionalReal(4);
      verdict.mechanical = row.Integer(5) != 0;
      judged.scored_items += verdict.score.has_value();
      judged.mechanical_items += verdict.score && verdict.mechanical;
      if (!scan_.texts) continue;
      verdict.events = ReadEventIds(row.Text(6));
      verdict.rationale = row.View(7);
    }
    return more ? Result<void>() : more.error();
  }

  // Into what `scores` holds already, whose memory is used again.
  Result<void> ReadScores(int64_t judgement, std::vector<Score>& scores) {
    size_t count = 0;
    Result<bool> more = scores_.Find(judgement);
    for (; more && *more; more = scores_.Next()) {
      if (count == scores.size()) scores.emplace_back();
      Score& score = scores[count++];
      const Statement& row = scores_.row();
      score.name = row.View(1);
      score.number = row.OptionalReal(2);
      score.text.reset();
      if (!row.IsNull(3)) score.text = row.Text(3);
    }
    if (!more) return more.error();
    scores.resize(count);
    return {};
  }

  static constexpr size_t kExpectedVerdicts = 12;  // so that few vectors grow

  std::string path_;
  KeyedRows attempts_;
  Statement found_;
  KeyedRows judgements_, verdicts_, scores_;
  Statement counts_;
  std::optional<KeyedRows> stored_counts_;  // none in a store of before version 4
  SampleScan scan_;
};

// Reads samples by the batch. Rows of attempts, judgements, verdicts and scores lie in the order of ids that are
// hashes: read in the order of tasks every row would be searched for, and its page fetched from anywhere. Within a batch each
// table is walked in its own order, and samples are handed on in the caller's.
class SampleBatch {
 public:
  static Result<SampleBatch> Make(Database& database, const SampleScan& scan) {
    Result<SampleRows> rows = SampleRows::Make(database, scan);
    if (!rows) return rows.error();
    return SampleBatch(std::move(*rows), scan.texts);
  }

  void Add(Counting counting) { wanted_.push_back(counting); }
  bool full() const { return wanted_.size() >= size_; }

  // Hands on what was added, in that order, and is empty again. False: `each` wants no more.
  Result<bool> Deliver(const std::function<bool(const SampleRow&)>& each) {
    Result<void> done = ReadAttempts();
    if (done) done = ReadJudgements();
    if (!done) return done.error();
    reader_.Reset();
    bool more = true;
    for (size_t i = 0; i < rows_.size() && more; ++i) more = each(rows_[i]);
    if (!texts_ && !rows_.empty()) {
      const size_t judgements = std::max<size_t>(1, places_.size() / rows_.size());  // of a sample
      size_ = std::clamp(kMostInBatch / judgements, size_t{1}, size_ * kBatchGrowth);
    }
    wanted_.clear();
    rows_.clear();
    places_.clear();
    return more;
  }

 private:
  // Where a judgement's row goes: `judged` is among the sample's latest, or its earlier ones.
  struct Place {
    int64_t judgement = 0;
    size_t row = 0;
    size_t judged = 0;
    bool earlier = false;
  };

  SampleBatch(SampleRows reader, bool texts)
      : reader_(std::move(reader)), texts_(texts), size_(texts ? 1 : kFirstBatch) {}

  Result<void> ReadAttempts() {
    std::vector<size_t> order(wanted_.size());
    std::iota(order.begin(), order.end(), size_t{0});
    std::ranges::sort(order, {}, [this](size_t i) { return wanted_[i].attempt; });
    rows_.resize(wanted_.size());
    for (const size_t i : order) {
      rows_[i].attempts = wanted_[i].attempts;
      if (Result<void> done = reader_.ReadAttempt(wanted_[i].attempt, rows_[i]); !done) return done;
    }
    for (const size_t i : order) {
      if (Result<void> done = FindJudgements(i); !done) return done;
    }
    return {};
  }

  // The latest judgement of each judge, and those that came before.
  Result<void> FindJudgements(size_t row) {
    SampleRow& sample = rows_[row];
    if (Result<void> done = reader_.FindJudgements(sample.attempt, found_); !done) return done;
    for (size_t i = 0; i < found_.size(); ++i) {
      const bool earlier = i + 1 < found_.size() && found_[i + 1].judge == found_[i].judge;
      std::vector<SampleRow::Judged>& judged = earlier ? sample.earlier : sample.judgements;
      places_.push_back({found_[i].id, row, judged.size(), earlier});
      judged.emplace_back();
    }
    return {};
  }

  Result<void> ReadJudgements() {
    std::ranges::sort(places_, {}, &Place::judgement);
    for (const Place& place : places_) {
      SampleRow& sample = rows_[place.row];
      SampleRow::Judged& judged = (place.earlier ? sample.earlier : sample.judgements)[place.judged];
      const bool alone = sample.judgements.size() == 1 && sample.earlier.empty();
      if (Result<void> done = reader_.ReadJudgement(place.judgement, alone, judged); !done) return done;
    }
    return {};
  }

  SampleRows reader_;
  bool texts_;
  size_t size_;  // of the batch, in samples
  std::vector<Counting> wanted_;
  std::vector<SampleRow> rows_;  // of `wanted_`
  std::vector<Place> places_;
  std::vector<FoundJudgement> found_;
};

// The attempts that count, among the rows of `attempts` (AXIOMETER_ATTEMPTS in order of task, epoch and number). `each`
// gets one with its task; false: it wants no more.
Result<void> ForEachCounting(Statement& attempts,
                             const std::function<Result<bool>(const Counting&, const std::string&)>& each) {
  std::string task;
  int64_t epoch = 0;
  Counting counting;
  while (true) {
    const Result<bool> row = attempts.Step();
    if (!row) return row.error();
    if (!*row) break;
    if (counting.attempts == 0 || attempts.Integer(2) != epoch || attempts.View(1) != task) {
      if (counting.attempt >= 0) {
        const Result<bool> more = each(counting, task);
        if (!more) return more.error();
        if (!*more) return {};
      }
      task = attempts.View(1);
      epoch = attempts.Integer(2);
      counting = {};
    }
    ++counting.attempts;
    if (CountingOutcome(attempts, 3)) counting.attempt = attempts.Integer(0);
  }
  if (counting.attempt < 0) return {};
  const Result<bool> done = each(counting, task);
  return done ? Result<void>() : done.error();
}

// Calls `each` with every ended sample among `attempts`, as above.
Result<void> ScanSamples(Database& database, Statement& attempts, const std::function<bool(const SampleRow&)>& each,
                         const SampleScan& scan = {}) {
  Result<SampleBatch> batch = SampleBatch::Make(database, scan);
  if (!batch) return batch.error();
  bool wanted = true;
  const auto add = [&](const Counting& counting, const std::string&) -> Result<bool> {
    batch->Add(counting);
    if (!batch->full()) return true;
    const Result<bool> more = batch->Deliver(each);
    wanted = more && *more;
    return more;
  };
  const Result<void> read = ForEachCounting(attempts, add);
  if (!read || !wanted) return read;
  const Result<bool> done = batch->Deliver(each);
  return done ? Result<void>() : done.error();
}

// From the index alone.
#define AXIOMETER_ATTEMPTS "SELECT id, task, epoch, outcome FROM attempts WHERE run = ?1"

}  // namespace

Result<std::map<std::pair<std::string, int>, SampleState>> StoreReader::SampleStates(
    const std::string& run) {
  Database& database = *impl_->database;
  const Snapshot snapshot(database);
  Result<Statement> attempts = database.Prepare(
      "SELECT task, epoch, outcome, id FROM attempts WHERE run = ? ORDER BY task, epoch, number");
  if (!attempts) return attempts.error();
  Result<Statement> judges =
      database.Prepare("SELECT judge, status FROM judgements WHERE attempt = ? ORDER BY at_ms, id");
  if (!judges) return judges.error();

  std::map<std::pair<std::string, int>, SampleState> states;
  attempts->Bind(run);
  while (true) {
    const Result<bool> row = attempts->Step();
    if (!row) return row.error();
    if (!*row) break;
    std::pair<std::string, int> key(attempts->Text(0), static_cast<int>(attempts->Integer(1)));
    SampleState& state = states.try_emplace(states.end(), std::move(key))->second;
    ++state.attempts;
    if (const auto outcome = CountingOutcome(*attempts, 2)) {
      state.outcome = outcome;
      state.attempt = attempts->Integer(3);
    }
  }
  for (auto& [key, state] : states) {
    if (!state.outcome) continue;
    judges->Bind(state.attempt);
    while (true) {
      const Result<bool> row = judges->Step();
      if (!row) return row.error();
      if (!*row) break;
      std::string judge = judges->Text(0);
      if (judges->View(1) == JudgementStatusName(JudgementStatus::kModelError)) {
        state.judge_errors.insert(judge);
      } else {
        state.judge_errors.erase(judge);
      }
      ++state.judgements[std::move(judge)];
    }
  }
  return states;
}

Result<void> StoreReader::ForEachSample(const std::string& run, const std::function<bool(const SampleRow&)>& each,
                                        const SampleScan& scan) {
  Database& database = *impl_->database;
  const Snapshot snapshot(database);
  Result<Statement> attempts = database.Prepare(
      AXIOMETER_ATTEMPTS " AND task >= ?2 AND (?3 = '' OR task < ?3) ORDER BY task, epoch, number");
  if (!attempts) return attempts.error();
  return ScanSamples(database, attempts->Bind(run, scan.from, scan.before), each, scan);
}

Result<std::optional<PlainRun>> StoreReader::FindPlainRun(const std::string& run) {
  Database& database = *impl_->database;
  const Snapshot snapshot(database);
  Result<Statement> attempts = database.Prepare(AXIOMETER_ATTEMPTS " ORDER BY task, epoch, number");
  if (!attempts) return attempts.error();
  PlainRun plain;
  const Result<void> read =
      ForEachCounting(attempts->Bind(run), [&](const Counting& counting, const std::string& task) -> Result<bool> {
        if (plain.tasks.empty() || plain.tasks.back() != task) plain.tasks.push_back(task);
        plain.samples.push_back({counting.attempt, -1, static_cast<int>(plain.tasks.size()) - 1, counting.attempts});
        return true;
      });
  if (!read) return read.error();
  std::vector<size_t> order(plain.samples.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::ranges::sort(order, {}, [&](size_t i) { return plain.samples[i].attempt; });
  Result<Statement> found = database.Prepare("SELECT attempt, id FROM judgements WHERE attempt >= ? ORDER BY attempt");
  if (!found) return found.error();
  KeyedRows judgements(std::move(*found));
  for (const size_t i : order) {
    const Result<bool> one = judgements.Find(plain.samples[i].attempt);
    if (!one) return one.error();
    if (!*one) continue;
    plain.samples[i].judgement = judgements.row().Integer(1);
    const Result<bool> another = judgements.Next();
    if (!another) return another.error();
    if (*another) return std::optional<PlainRun>();
  }
  return std::optional(std::move(plain));
}

Result<void> StoreReader::ForEachAttempt(std::span<const WantedRow> wanted,
                                         const std::function<void(size_t, SampleRow&)>& each) {
  Database& database = *impl_->database;
  const Snapshot snapshot(database);
  Result<SampleRows> rows = SampleRows::Make(database, {"", "", false});
  if (!rows) return rows.error();
  SampleRow row;
  for (const WantedRow& one : wanted) {
    if (Result<void> read = rows->ReadAttempt(one.id, row); !read) return read;
    each(one.place, row);
  }
  return {};
}

Result<void> StoreReader::ForEachJudgement(std::span<const WantedRow> wanted, bool (*wants_raw)(const Judgement&),
                                           const std::function<void(size_t, SampleRow::Judged&)>& each) {
  Database& database = *impl_->database;
  const Snapshot snapshot(database);
  Result<SampleRows> rows = SampleRows::Make(database, {"", "", false, wants_raw});
  if (!rows) return rows.error();
  SampleRow::Judged judged;
  for (const WantedRow& one : wanted) {
    if (Result<void> read = rows->ReadJudgement(one.id, true, judged); !read) return read;
    each(one.place, judged);
  }
  return {};
}

Result<std::map<std::string, double>> StoreReader::MeanSteps(const std::string& run) {
  std::map<std::string, double> steps;
  Result<Statement> rows = impl_->database->Prepare(
      "SELECT task, avg(steps) FROM attempts WHERE run = ? AND outcome IS NOT NULL AND steps > 0 GROUP BY task");
  if (!rows) return rows.error();
  rows->Bind(run);
  while (true) {
    const Result<bool> more = rows->Step();
    if (!more) return more.error();
    if (!*more) return steps;
    steps.emplace(rows->Text(0), rows->Real(1));
  }
}

Result<SampleRow> StoreReader::FindSample(const std::string& run, const std::string& task,
                                          int epoch) {
  Database& database = *impl_->database;
  const Snapshot snapshot(database);
  Result<Statement> attempts =
      database.Prepare(AXIOMETER_ATTEMPTS " AND task = ?2 AND epoch = ?3 ORDER BY number");
  if (!attempts) return attempts.error();
  std::optional<SampleRow> found;
  Result<void> done =
      ScanSamples(database, attempts->Bind(run, task, epoch), [&](const SampleRow& row) {
        found = row;
        return false;
      });
  if (!done) return done.error();
  if (found) return std::move(*found);
  return UsageError("", "run " + run + " has no finished sample \"" + task + "\", epoch " +
                            std::to_string(epoch));
}

}  // namespace axiometer
