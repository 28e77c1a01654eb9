// Samples: what the plan asks of them and what reports read.

#include "harness/store/reader_impl.h"

namespace axiometer {
namespace {

// Whether an attempt with this stored outcome is what became of its sample.
std::optional<Outcome> CountingOutcome(const Statement& row, int column) {
  const std::optional<Outcome> outcome = OutcomeFromName(row.Text(column));
  return outcome == Outcome::kInterrupted ? std::nullopt : outcome;
}

JudgementStatus ReadStatus(const std::string& name) {
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

// Reads judgements with their verdicts and scores; statements of its own, so that reads may nest.
class JudgementScan {
 public:
  static Result<JudgementScan> Make(Database& database, bool texts = true) {
    Result<Statement> judgements = database.Prepare(
        "SELECT id, judge, protocol, prompt_digest, status, requests, input_tokens, cached_tokens,"
        " output_tokens, reasoning_tokens, cost_usd, problem, raw FROM judgements WHERE attempt = ?"
        " ORDER BY judge, at_ms, id");
    Result<Statement> verdicts = database.Prepare(
        texts ? "SELECT item, pole, weight, score, mechanical, events, rationale FROM verdicts"
                " WHERE judgement = ? ORDER BY position"
              : "SELECT item, pole, weight, score, mechanical FROM verdicts WHERE judgement = ? ORDER BY position");
    Result<Statement> scores = database.Prepare(
        "SELECT name, number, text FROM scores WHERE judgement = ? ORDER BY position");
    Result<Statement> counts = database.Prepare(
        "SELECT count(score), count(iif(mechanical, score, NULL)) FROM verdicts WHERE judgement = ?");
    for (const auto* statement : {&judgements, &verdicts, &scores, &counts}) {
      if (!*statement) return statement->error();
    }
    return JudgementScan(std::move(*judgements), std::move(*verdicts), std::move(*scores), std::move(*counts), texts);
  }

  // The latest judgement of each judge, and those that came before.
  Result<void> Read(int64_t attempt, SampleRow& sample) {
    std::vector<SampleRow::Judged>& judged = sample.judgements;
    std::vector<int64_t> ids;
    std::vector<int64_t> earlier_ids;
    judgements_.Bind(attempt);
    while (true) {
      const Result<bool> row = judgements_.Step();
      if (!row) return row.error();
      if (!*row) break;
      SampleRow::Judged one;
      one.judge = judgements_.Text(1);
      one.protocol = judgements_.Text(2);
      one.prompt_digest = judgements_.HexDigest(3);
      one.judgement.status = ReadStatus(judgements_.Text(4));
      one.judgement.requests = static_cast<int>(judgements_.Integer(5));
      one.judgement.usage = ReadUsage(judgements_, 6);
      one.judgement.problem = judgements_.Text(11);
      one.judgement.raw = judgements_.Text(12);
      if (!judged.empty() && judged.back().judge == one.judge) {
        sample.earlier.push_back(std::move(judged.back()));
        earlier_ids.push_back(ids.back());
        judged.pop_back();
        ids.pop_back();
      }
      judged.push_back(std::move(one));
      ids.push_back(judgements_.Integer(0));
    }
    const bool alone = judged.size() == 1 && sample.earlier.empty();
    Result<void> done = ReadContents(ids, judged, alone);
    return done ? ReadContents(earlier_ids, sample.earlier, false) : done;
  }

 private:
  JudgementScan(Statement judgements, Statement verdicts, Statement scores, Statement counts, bool texts)
      : judgements_(std::move(judgements)),
        verdicts_(std::move(verdicts)),
        scores_(std::move(scores)),
        counts_(std::move(counts)),
        texts_(texts) {}

  Result<void> ReadContents(const std::vector<int64_t>& ids, std::vector<SampleRow::Judged>& judged, bool alone) {
    for (size_t i = 0; i < judged.size(); ++i) {
      Result<void> done = ReadScores(ids[i], judged[i].judgement.scores);
      if (!done) return done;
      done = !texts_ && alone && HasPoles(judged[i].judgement) ? CountVerdicts(ids[i], judged[i])
                                                               : ReadVerdicts(ids[i], judged[i]);
      if (!done) return done;
    }
    return {};
  }

  static bool HasPoles(const Judgement& judgement) {
    int poles = 0;
    for (const Score& score : judgement.scores) poles += score.number && (score.name == "a" || score.name == "b");
    return poles == 2;
  }

  Result<void> CountVerdicts(int64_t judgement, SampleRow::Judged& judged) {
    const Result<bool> row = counts_.Bind(judgement).Step();
    if (!row) return row.error();
    judged.scored_items = static_cast<int>(counts_.Integer(0));
    judged.mechanical_items = static_cast<int>(counts_.Integer(1));
    counts_.Reset();
    return {};
  }

  Result<void> ReadVerdicts(int64_t judgement, SampleRow::Judged& judged) {
    std::vector<Verdict>& verdicts = judged.judgement.verdicts;
    verdicts.reserve(kExpectedVerdicts);
    verdicts_.Bind(judgement);
    while (true) {
      const Result<bool> row = verdicts_.Step();
      if (!row) return row.error();
      if (!*row) return {};
      Verdict& verdict = verdicts.emplace_back();
      verdict.item = verdicts_.Text(0);
      verdict.pole = verdicts_.Text(1) == "b" ? 'b' : 'a';
      verdict.weight = verdicts_.Real(2);
      verdict.score = verdicts_.OptionalReal(3);
      verdict.mechanical = verdicts_.Integer(4) != 0;
      judged.scored_items += verdict.score.has_value();
      judged.mechanical_items += verdict.score && verdict.mechanical;
      if (!texts_) continue;
      verdict.events = ReadEventIds(verdicts_.Text(5));
      verdict.rationale = verdicts_.Text(6);
    }
  }

  Result<void> ReadScores(int64_t judgement, std::vector<Score>& scores) {
    scores_.Bind(judgement);
    while (true) {
      const Result<bool> row = scores_.Step();
      if (!row) return row.error();
      if (!*row) return {};
      Score& score = scores.emplace_back();
      score.name = scores_.Text(0);
      score.number = scores_.OptionalReal(1);
      if (!scores_.IsNull(2)) score.text = scores_.Text(2);
    }
  }

  static constexpr size_t kExpectedVerdicts = 12;  // so that few vectors grow

  Statement judgements_, verdicts_, scores_, counts_;
  bool texts_;  // rationales and cited events are read
};

SampleRow ReadSample(const Statement& row, Outcome outcome) {
  SampleRow sample;
  sample.attempt = row.Integer(0);
  sample.sample = row.Integer(1);
  sample.task = row.Text(2);
  sample.epoch = static_cast<int>(row.Integer(3));
  sample.outcome = outcome;
  sample.task_digest = row.HexDigest(5);
  sample.steps = static_cast<int>(row.Integer(6));
  sample.usage = ReadUsage(row, 7);
  sample.detail = row.Text(12);
  sample.final_text = row.Text(13);
  sample.started_ms = row.Integer(14);
  sample.ended_ms = row.Integer(15);
  return sample;
}

// Calls `each` with every ended sample among `attempts`: rows of kAttempts in order.
Result<void> ScanSamples(Database& database, Statement& attempts, const std::function<bool(const SampleRow&)>& each,
                         bool texts = true) {
  Result<JudgementScan> judgements = JudgementScan::Make(database, texts);
  if (!judgements) return judgements.error();
  std::optional<SampleRow> sample;
  int64_t sample_id = 0;
  int begun = 0;
  bool wanted = true;
  const auto finish = [&]() -> Result<void> {
    if (!sample) return {};
    sample->attempts = begun;
    Result<void> done = judgements->Read(sample->attempt, *sample);
    if (done) wanted = each(*sample);
    sample.reset();
    return done;
  };
  while (wanted) {
    const Result<bool> row = attempts.Step();
    if (!row) return row.error();
    if (!*row) break;
    if (begun == 0 || attempts.Integer(1) != sample_id) {
      if (Result<void> done = finish(); !done) return done;
      sample_id = attempts.Integer(1);
      begun = 0;
    }
    ++begun;
    if (const auto outcome = CountingOutcome(attempts, 4)) sample = ReadSample(attempts, *outcome);
  }
  return wanted ? finish() : Result<void>();
}

#define AXIOMETER_ATTEMPTS                                                                    \
  "SELECT id, sample, task, epoch, outcome, task_digest, steps, input_tokens, cached_tokens," \
  " output_tokens, reasoning_tokens, cost_usd, detail, final_text, started_ms, ended_ms FROM attempts WHERE run = ?1"

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
      if (judges->Text(1) == JudgementStatusName(JudgementStatus::kModelError)) {
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
  return ScanSamples(database, attempts->Bind(run, scan.from, scan.before), each, scan.texts);
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
