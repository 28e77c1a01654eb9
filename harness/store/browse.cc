// Pages of samples.

#include "harness/store/browse.h"

#include "harness/store/reader_impl.h"

namespace axiometer {
namespace {

using Clock = std::chrono::steady_clock;

// The columns of a sample's last ended attempt that the index alone does not hold.
constexpr char kAttempt[] =
    "SELECT task_digest, steps, input_tokens + output_tokens, substr(detail, 1, ?2), substr(final_text, 1, ?2)"
    " FROM attempts WHERE id = ?1";
constexpr char kJudgements[] = "SELECT id, judge, status, protocol FROM judgements WHERE attempt = ? ORDER BY judge, at_ms, id";
constexpr char kScores[] =
    "SELECT name, number FROM scores WHERE judgement = ?"
    " AND name IN ('a', 'b', 'correct', 'official.correct') ORDER BY position";

class Lister {
 public:
  Lister(Database& database, const SampleQuery& query) : database_(database), query_(query) {}

  // Whether the sample is wanted; fills what is listed of it. What refuses most for the least reading comes first.
  Result<bool> Look(ListedSample& sample) {
    if (query_.attempts && !query_.attempts->contains(sample.attempt)) return false;
    if (!query_.outcome.empty() && query_.outcome != OutcomeName(sample.outcome)) return false;
    if (query_.task && sample.task == refused_task_) return false;
    bool read = false;
    if (query_.task && sample.task != wanted_task_) {
      if (const Result<void> done = ReadAttempt(sample); !done) return done.error();
      read = true;
      const bool wanted = query_.task(sample.task, sample.task_digest);
      (wanted ? wanted_task_ : refused_task_) = sample.task;
      if (!wanted) return false;
      wanted_digest_ = sample.task_digest;
    }
    if (query_.task && !read) sample.task_digest = wanted_digest_;
    if (const Result<void> done = ReadJudged(sample); !done) return done.error();
    if (query_.sample && !query_.sample(sample)) return false;
    if (!read) {
      if (const Result<void> done = ReadAttempt(sample); !done) return done.error();
    }
    return true;
  }

 private:
  Result<void> ReadAttempt(ListedSample& sample) {
    Result<Statement> row = database_.Prepare(kAttempt);
    if (!row) return row.error();
    const Result<bool> found = row->Bind(sample.attempt, static_cast<int64_t>(kListedBytes)).Step();
    if (!found) return found.error();
    sample.task_digest = row->HexDigest(0);
    sample.steps = static_cast<int>(row->Integer(1));
    sample.tokens = row->Integer(2);
    sample.detail = row->Text(3);
    sample.excerpt = row->Text(4);
    return {};
  }

  Result<void> ReadJudged(ListedSample& sample) {
    Result<Statement> rows = database_.Prepare(kJudgements);
    if (!rows) return rows.error();
    rows->Bind(sample.attempt);
    std::vector<int64_t> ids;
    while (true) {
      const Result<bool> row = rows->Step();
      if (!row) return row.error();
      if (!*row) break;
      std::string judge = rows->Text(1);
      if (sample.judged.empty() || sample.judged.back().judge != judge) {
        sample.judged.emplace_back().judge = std::move(judge);
        ids.emplace_back();
      }
      ids.back() = rows->Integer(0);
      sample.judged.back().protocol = rows->Text(3);
      sample.judged.back().status =
          JudgementStatusFromName(rows->Text(2)).value_or(JudgementStatus::kModelError);
    }
    Result<Statement> scores = database_.Prepare(kScores);
    if (!scores) return scores.error();
    for (size_t i = 0; i < ids.size(); ++i) {
      scores->Bind(ids[i]);
      while (true) {
        const Result<bool> row = scores->Step();
        if (!row) return row.error();
        if (!*row) break;
        const std::string name = scores->Text(0);
        const std::optional<double> number = scores->OptionalReal(1);
        if (!number) continue;
        if (name == "a") sample.judged[i].a = number;
        if (name == "b") sample.judged[i].b = number;
        if (name.ends_with("correct")) sample.judged[i].correct = *number != 0;
      }
    }
    return {};
  }

  Database& database_;
  const SampleQuery& query_;
  std::string wanted_task_, refused_task_;  // the last task that was asked about
  std::string wanted_digest_;               // of wanted_task_
};

Result<int64_t> CountUpTo(Database& database, const std::string& run, int64_t most) {
  Result<Statement> row = database.Prepare("SELECT count(*) FROM (SELECT 1 FROM attempts WHERE run = ? LIMIT ?)");
  if (!row) return row.error();
  const Result<bool> found = row->Bind(run, most).Step();
  if (!found) return found.error();
  return row->Integer(0);
}

}  // namespace

Result<SamplePage> StoreReader::ListSamples(const SampleQuery& query) {
  Database& database = *impl_->database;
  const Snapshot snapshot(database);
  // Answered from the index alone; a task's id is not empty.
  Result<Statement> rows = database.Prepare(
      "SELECT id, task, epoch, outcome FROM attempts WHERE run = ?1 AND (task, epoch) > (?2, ?3)"
      " ORDER BY task, epoch, number");
  if (!rows) return rows.error();
  rows->Bind(query.run, query.after_task, query.after_epoch);
  const Clock::time_point until = Clock::now() + query.budget;
  Lister lister(database, query);
  SamplePage page;
  page.last_task = query.after_task;
  page.last_epoch = query.after_epoch;
  std::optional<ListedSample> sample;
  const auto finish = [&]() -> Result<void> {
    if (!sample) return {};
    ++page.looked_at;
    page.last_task = sample->task;
    page.last_epoch = sample->epoch;
    const Result<bool> wanted = sample->outcome == Outcome::kInterrupted ? Result<bool>(false) : lister.Look(*sample);
    if (!wanted) return wanted.error();
    if (*wanted) page.samples.push_back(std::move(*sample));
    sample.reset();
    return {};
  };
  while (true) {
    const Result<bool> row = rows->Step();
    if (!row) return row.error();
    if (!*row) break;
    const int epoch = static_cast<int>(rows->Integer(2));
    std::string task = rows->Text(1);
    if (!sample || sample->task != task || sample->epoch != epoch) {
      if (const Result<void> done = finish(); !done) return done.error();
      if (page.samples.size() >= query.limit) return page;
      if (page.looked_at > 0 && Clock::now() >= until) return page;
      sample.emplace();
      sample->task = std::move(task);
      sample->epoch = epoch;
    }
    // The last attempt that ended other than interrupted is what became of it.
    const std::optional<Outcome> outcome = OutcomeFromName(rows->Text(3));
    if (!outcome || *outcome == Outcome::kInterrupted) continue;
    sample->attempt = rows->Integer(0);
    sample->outcome = *outcome;
  }
  if (const Result<void> done = finish(); !done) return done.error();
  page.complete = true;
  return page;
}

Result<std::vector<AttemptSummary>> StoreReader::Attempts(const std::string& run, const std::string& task, int epoch) {
  Result<Statement> rows = impl_->database->Prepare(
      "SELECT id, number, started_ms, ended_ms, outcome, task_digest FROM attempts WHERE run = ? AND task = ? AND epoch = ?"
      " ORDER BY number");
  if (!rows) return rows.error();
  rows->Bind(run, task, epoch);
  std::vector<AttemptSummary> attempts;
  while (true) {
    const Result<bool> row = rows->Step();
    if (!row) return row.error();
    if (!*row) return attempts;
    AttemptSummary& attempt = attempts.emplace_back();
    attempt.id = rows->Integer(0);
    attempt.number = static_cast<int>(rows->Integer(1));
    attempt.started_ms = rows->Integer(2);
    attempt.ended_ms = rows->OptionalInteger(3);
    attempt.outcome = rows->Text(4);
    attempt.task_digest = rows->HexDigest(5);
  }
}

Result<std::vector<StoredText>> StoreReader::EventTexts(int64_t after, size_t most) {
  Result<Statement> rows = impl_->database->Prepare(
      "SELECT e.seq, e.attempt, e.id, coalesce(e.text, t.text, c.message, ''), coalesce(e.tool_name, ''),"
      " coalesce(e.tool_arguments, ''), coalesce(e.tool_result, '') FROM events AS e"
      " LEFT JOIN texts AS t ON t.digest = e.text_digest"
      " LEFT JOIN calls AS c ON c.attempt = e.attempt AND c.id = e.call"
      " WHERE e.seq > ?1 ORDER BY e.seq LIMIT ?2");
  if (!rows) return rows.error();
  rows->Bind(after, static_cast<int64_t>(most));
  std::vector<StoredText> texts;
  while (true) {
    const Result<bool> row = rows->Step();
    if (!row) return row.error();
    if (!*row) return texts;
    StoredText& one = texts.emplace_back();
    one.place = rows->Integer(0);
    one.attempt = rows->Integer(1);
    one.event = static_cast<int>(rows->Integer(2));
    for (const int column : {3, 4, 5, 6}) {
      const std::string part = rows->Text(column);
      if (!part.empty()) one.text.append(one.text.empty() ? "" : "\n").append(part);
    }
  }
}

Result<EventRange> StoreReader::EventsOf(const std::string& run) {
  Result<Statement> row = impl_->database->Prepare(
      "SELECT min(e.seq), max(e.seq) FROM (SELECT id FROM attempts WHERE run = ?1 LIMIT ?2) AS a CROSS JOIN events AS e"
      " ON e.attempt = a.id");
  if (!row) return row.error();
  // A run of more attempts than that is most of its store anyway.
  constexpr int64_t kMostAttempts = 20'000;
  const Result<bool> found = row->Bind(run, kMostAttempts).Step();
  if (!found) return found.error();
  EventRange range{row->Integer(0), row->Integer(1)};
  const Result<int64_t> attempts = CountUpTo(*impl_->database, run, kMostAttempts);
  if (!attempts) return attempts.error();
  if (*attempts < kMostAttempts) return range;
  const Result<int64_t> all = impl_->database->QueryInteger("SELECT max(seq) FROM events");
  if (!all) return all.error();
  return EventRange{1, *all};
}

Result<int64_t> StoreReader::AttemptOf(int64_t place, const std::string& run) {
  Result<Statement> row = impl_->database->Prepare(
      "SELECT a.id FROM events AS e JOIN attempts AS a ON a.id = e.attempt WHERE e.seq = ? AND a.run = ?");
  if (!row) return row.error();
  const Result<bool> found = row->Bind(place, run).Step();
  if (!found) return found.error();
  return *found ? row->Integer(0) : 0;
}

Result<std::string> StoreReader::Name() {
  return impl_->database->QueryText("SELECT coalesce(min(id), '') FROM runs");
}

Result<std::string> StoreReader::SessionStamp(const std::string& run) {
  Result<Statement> row = impl_->database->Prepare(
      "SELECT count(*) || ' ' || coalesce(max(started_ms), 0) || ' ' || count(ended_ms) FROM sessions WHERE run = ?");
  if (!row) return row.error();
  const Result<bool> found = row->Bind(run).Step();
  if (!found) return found.error();
  return row->Text(0);
}

Result<std::string> StoreReader::ContentStamp(const std::string& run) {
  Result<std::string> sessions = SessionStamp(run);
  if (!sessions) return sessions;
  Result<Statement> row = impl_->database->Prepare(
      "SELECT (SELECT count(outcome) FROM attempts WHERE run = ?1) || ' ' || (SELECT count(*) || ' ' || coalesce(max(j.at_ms), 0)"
      " FROM attempts AS a CROSS JOIN judgements AS j ON j.attempt = a.id WHERE a.run = ?1)");
  if (!row) return row.error();
  const Result<bool> found = row->Bind(run).Step();
  if (!found) return found.error();
  return *sessions + " " + row->Text(0);
}

Result<int64_t> StoreReader::Version() { return impl_->database->QueryInteger("PRAGMA data_version"); }

}  // namespace axiometer
