#include "harness/store/row_writer.h"

#include <string>
#include <utility>

#include "harness/base/digest.h"
#include "harness/store/message_json.h"

namespace axiometer {
namespace {

// A longer text costs less as a reference to `texts` once it repeats.
constexpr size_t kMaxInlineBytes = 200;

std::string EventIds(const std::vector<int>& ids) {
  std::string json = "[";
  for (const int id : ids) {
    if (json.size() > 1) json += ',';
    json += std::to_string(id);
  }
  return json + "]";
}

}  // namespace

struct RowWriter::Statements {
  Database* database;
  Statement run, session, task, attempt, attempt_end, call, message_event, reply_event, tool_event, state_change,
      failure_event, judgement, verdict, verdict_counts, score, text, batch;

  // Stores `text` once and returns its digest.
  Result<std::string> Share(const std::string& content) {
    std::string digest = Sha256(content);
    if (Result<void> done = text.Bind(Digest{digest}, content).Execute(); !done)
      return done.error();
    return digest;
  }

  Result<void> Insert(const RunRow& row) {
    return run
        .Bind(row.id, row.created_ms, row.suite, row.protocol, row.model, row.scaffold,
              Digest{row.identity}, row.tags, row.wanted, row.command, row.config)
        .Execute();
  }

  Result<void> Insert(const RunSessionRow& row) {
    return session.Bind(row.run, row.started_ms, row.pid, row.ended_ms, row.state, row.detail)
        .Execute();
  }

  Result<void> Insert(const TaskRow& row) {
    return task.Bind(Digest{row.digest}, row.id, row.record).Execute();
  }

  Result<void> Insert(const AttemptRow& row) {
    return attempt
        .Bind(row.id, row.sample, row.run, row.task, Digest{row.task_digest}, row.epoch, row.number,
              row.started_ms)
        .Execute();
  }

  Result<void> Insert(const CallRow& row) {
    const Usage& usage = row.usage;
    return call
        .Bind(row.id, row.attempt, row.judgement, row.step, row.epoch, row.status,
              row.finish_reason, row.http_status, row.tries, row.cached, usage.input_tokens,
              usage.cached_tokens, usage.output_tokens, usage.reasoning_tokens, usage.cost_usd,
              row.duration_us, row.waited_us, Digest{row.request_digest}, row.response_id,
              row.response_model, row.error, row.message)
        .Execute();
  }

  Result<void> Insert(const EventRow& row) {
    const Event& event = row.event;
    const char* kind = EventKindName(event.kind);
    switch (event.kind) {
      case EventKind::kMessage: {
        const Message& message = event.message;
        std::optional<std::string_view> inline_text = message.text;
        std::string digest;
        if (message.text.size() > kMaxInlineBytes) {
          Result<std::string> shared = Share(message.text);
          if (!shared) return shared.error();
          digest = std::move(*shared);
          inline_text.reset();
        }
        return message_event
            .Bind(row.attempt, event.id, event.step, event.at_ms, kind, RoleName(message.role),
                  Digest{digest}, inline_text)
            .Execute();
      }
      case EventKind::kReply: {
        std::optional<std::string> own;  // where no call holds it
        if (row.call == 0 || event.message.raw.empty()) {
          own =
              event.message.raw.empty() ? WriteAssistantMessage(event.message) : event.message.raw;
        }
        return reply_event
            .Bind(row.attempt, event.id, event.step, event.at_ms, kind, event.finish_reason,
                  row.call, own)
            .Execute();
      }
      case EventKind::kTool: {
        const ToolExchange& tool = event.tool;
        return tool_event
            .Bind(row.attempt, event.id, event.step, event.at_ms, kind, tool.call_id, tool.name,
                  ToolStatusName(tool.status), tool.duration_us, tool.arguments, tool.result)
            .Execute();
      }
      case EventKind::kFailure:
        return failure_event
            .Bind(row.attempt, event.id, event.step, event.at_ms, kind, event.failure)
            .Execute();
    }
    return {};
  }

  Result<void> Insert(const StateChangeRow& row) { return state_change.Bind(row.attempt, row.event, row.changes).Execute(); }

  Result<void> Insert(const AttemptEndRow& row) {
    std::optional<std::string_view> inline_state = row.final_state;
    std::string digest;
    if (row.final_state.size() > kMaxInlineBytes) {
      Result<std::string> shared = Share(row.final_state);
      if (!shared) return shared.error();
      digest = std::move(*shared);
      inline_state.reset();
    }
    const Usage& usage = row.usage;
    Result<void> done = attempt_end
                            .Bind(row.attempt, row.ended_ms, OutcomeName(row.outcome), row.steps,
                                  usage.input_tokens, usage.cached_tokens, usage.output_tokens,
                                  usage.reasoning_tokens, usage.cost_usd, row.detail,
                                  row.final_text, inline_state, Digest{digest})
                            .Execute();
    if (done && database->ChangedRows() == 0) {
      return Failed(StoreName(database->path()),
                    "attempt " + std::to_string(row.attempt) + " ends without having begun");
    }
    return done;
  }

  Result<void> Insert(const JudgementRow& row) {
    const Judgement& judged = row.judgement;
    const Usage& usage = judged.usage;
    Result<void> done =
        judgement
            .Bind(row.id, row.attempt, row.sample, row.judge, row.protocol,
                  Digest{row.prompt_digest}, row.at_ms, JudgementStatusName(judged.status),
                  judged.requests, usage.input_tokens, usage.cached_tokens, usage.output_tokens,
                  usage.reasoning_tokens, usage.cost_usd, judged.problem, judged.raw)
            .Execute();
    int64_t scored = 0;
    int64_t mechanical = 0;
    for (size_t i = 0; done && i < judged.verdicts.size(); ++i) {
      const Verdict& said = judged.verdicts[i];
      scored += said.score.has_value();
      mechanical += said.score && said.mechanical;
      const std::string events = EventIds(said.events);
      done =
          verdict
              .Bind(row.id, static_cast<int64_t>(i + 1), said.item, std::string_view(&said.pole, 1),
                    said.weight, said.score, said.mechanical, events, said.rationale)
              .Execute();
    }
    if (done && !judged.verdicts.empty()) done = verdict_counts.Bind(row.id, scored, mechanical).Execute();
    for (size_t i = 0; done && i < judged.scores.size(); ++i) {
      const Score& given = judged.scores[i];
      done = score.Bind(row.id, static_cast<int64_t>(i + 1), given.name, given.number, given.text)
                 .Execute();
    }
    return done;
  }

  Result<void> Insert(const BatchRow& row) {
    return batch.Bind(Digest{row.endpoint}, row.id, row.run, row.submitted_ms, row.requests, row.settled_ms).Execute();
  }
};

RowWriter::RowWriter(std::unique_ptr<Statements> statements) : statements_(std::move(statements)) {}
RowWriter::~RowWriter() = default;

Result<std::unique_ptr<RowWriter>> RowWriter::Make(Database& database) {
  std::optional<Error> error;
  const auto prepare = [&](std::string_view sql) {
    Result<Statement> statement = database.Prepare(sql);
    if (statement) return std::move(*statement);
    if (!error) error = statement.error();
    return Statement(database, nullptr);
  };
  // Braced: evaluated in the order of the members.
  auto statements = std::unique_ptr<Statements>(new Statements{
      .database = &database,
      .run = prepare(
          "INSERT INTO runs (id, created_ms, suite, protocol, model, scaffold, identity, tags,"
          " wanted, command, config) VALUES (?,?,?,?,?,?,?,?,?,?,?)"
          " ON CONFLICT (id) DO UPDATE SET tags = excluded.tags, wanted = excluded.wanted,"
          " command = excluded.command, config = excluded.config"),
      .session = prepare("INSERT INTO sessions (run, started_ms, pid, ended_ms, state, detail)"
                         " VALUES (?,?,?,?,?,?) ON CONFLICT (run, started_ms, pid) DO UPDATE SET"
                         " ended_ms = excluded.ended_ms, state = excluded.state,"
                         " detail = excluded.detail"),
      .task = prepare("INSERT INTO tasks (digest, id, record) VALUES (?,?,?)"
                      " ON CONFLICT (digest, id) DO UPDATE SET record = excluded.record"
                      " WHERE record <> excluded.record"),
      .attempt = prepare("INSERT INTO attempts (id, sample, run, task, task_digest, epoch, number,"
                         " started_ms) VALUES (?,?,?,?,?,?,?,?)"),
      .attempt_end =
          prepare("UPDATE attempts SET ended_ms = ?2, outcome = ?3, steps = ?4,"
                  " input_tokens = ?5, cached_tokens = ?6, output_tokens = ?7,"
                  " reasoning_tokens = ?8, cost_usd = ?9, detail = ?10, final_text = ?11,"
                  " final_state = ?12, final_state_digest = ?13 WHERE id = ?1"),
      .call = prepare(
          "INSERT INTO calls (id, attempt, judgement, step, epoch, status, finish_reason,"
          " http_status, tries, cached, input_tokens, cached_tokens, output_tokens,"
          " reasoning_tokens, cost_usd, duration_us, waited_us, request_digest, response_id,"
          " response_model, error, message)"
          " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"),
      .message_event =
          prepare("INSERT INTO events (attempt, id, step, at_ms, kind, role, text_digest,"
                  " text) VALUES (?,?,?,?,?,?,?,?)"),
      .reply_event =
          prepare("INSERT INTO events (attempt, id, step, at_ms, kind, finish_reason, call,"
                  " text) VALUES (?,?,?,?,?,?,nullif(?,0),?)"),
      .tool_event =
          prepare("INSERT INTO events (attempt, id, step, at_ms, kind, tool_call_id, tool_name,"
                  " tool_status, tool_duration_us, tool_arguments, tool_result)"
                  " VALUES (?,?,?,?,?,?,?,?,?,?,?)"),
      .state_change = prepare("INSERT INTO state_changes (attempt, event, changes) VALUES (?,?,?)"),
      .failure_event = prepare("INSERT INTO events (attempt, id, step, at_ms, kind, text)"
                               " VALUES (?,?,?,?,?,?)"),
      .judgement =
          prepare("INSERT INTO judgements (id, attempt, sample, judge, protocol, prompt_digest,"
                  " at_ms, status, requests, input_tokens, cached_tokens, output_tokens,"
                  " reasoning_tokens, cost_usd, problem, raw)"
                  " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"),
      .verdict = prepare("INSERT INTO verdicts (judgement, position, item, pole, weight, score,"
                         " mechanical, events, rationale) VALUES (?,?,?,?,?,?,?,?,?)"),
      .verdict_counts = prepare("INSERT INTO verdict_counts (judgement, scored, mechanical) VALUES (?,?,?)"),
      .score = prepare("INSERT INTO scores (judgement, position, name, number, text)"
                       " VALUES (?,?,?,?,?)"),
      .text = prepare("INSERT OR IGNORE INTO texts (digest, text) VALUES (?,?)"),
      .batch = prepare("INSERT INTO batches (endpoint, id, run, submitted_ms, requests, settled_ms) VALUES (?,?,?,?,?,?)"
                       " ON CONFLICT (endpoint, id) DO UPDATE SET settled_ms = excluded.settled_ms"),
  });
  if (error) return *error;
  return std::unique_ptr<RowWriter>(new RowWriter(std::move(statements)));
}

Result<void> RowWriter::Write(const Row& row) {
  return std::visit([&](const auto& one) { return statements_->Insert(one); }, row);
}

}  // namespace axiometer
