// One attempt with everything that happened in it, its calls, and tasks.

#include <algorithm>
#include <tuple>

#include "harness/store/message_json.h"
#include "harness/store/reader_impl.h"

namespace axiometer {
namespace {

// The enumerator with this name; the first of `values` for a name that no version wrote.
template <class Enum, size_t kCount>
Enum FromName(const std::string& name, const char* (*name_of)(Enum), const Enum (&values)[kCount]) {
  for (const Enum value : values) {
    if (name == name_of(value)) return value;
  }
  return values[0];
}

EventKind ReadKind(const std::string& name) {
  return FromName(name, EventKindName,
                  {EventKind::kFailure, EventKind::kMessage, EventKind::kReply, EventKind::kTool});
}

Role ReadRole(const std::string& name) {
  return FromName(name, RoleName, {Role::kUser, Role::kSystem, Role::kAssistant, Role::kTool});
}

ToolStatus ReadToolStatus(const std::string& name) {
  return FromName(name, ToolStatusName,
                  {ToolStatus::kBadCall, ToolStatus::kOk, ToolStatus::kUnknownTool});
}

constexpr char kEvents[] =
    "SELECT e.id, e.step, e.at_ms, e.kind, e.role, e.finish_reason, coalesce(e.text, t.text, "
    "c.message),"
    " e.tool_call_id, e.tool_name, e.tool_status, e.tool_duration_us, e.tool_arguments, "
    "e.tool_result"
    " FROM events AS e LEFT JOIN texts AS t ON t.digest = e.text_digest"
    " LEFT JOIN calls AS c ON c.attempt = e.attempt AND c.id = e.call"
    " WHERE e.attempt = ? ORDER BY e.id";

Event ReadEvent(const Statement& row) {
  Event event;
  event.id = static_cast<int>(row.Integer(0));
  event.step = static_cast<int>(row.Integer(1));
  event.at_ms = row.Integer(2);
  event.kind = ReadKind(row.Text(3));
  switch (event.kind) {
    case EventKind::kMessage:
      event.message.role = ReadRole(row.Text(4));
      event.message.text = row.Text(6);
      break;
    case EventKind::kReply:
      event.message = ReadAssistantMessage(row.Text(6));
      event.finish_reason = row.Text(5);
      break;
    case EventKind::kTool:
      event.tool.call_id = row.Text(7);
      event.tool.name = row.Text(8);
      event.tool.status = ReadToolStatus(row.Text(9));
      event.tool.duration_us = row.Integer(10);
      event.tool.arguments = row.Text(11);
      event.tool.result = row.Text(12);
      break;
    case EventKind::kFailure:
      event.failure = row.Text(6);
      break;
  }
  return event;
}

#define AXIOMETER_CALLS                                                                            \
  "SELECT id, attempt, judgement, step, epoch, status, finish_reason, http_status, tries, cached," \
  " input_tokens, cached_tokens, output_tokens, reasoning_tokens, cost_usd, duration_us, "         \
  "waited_us,"                                                                                     \
  " request_digest, response_id, response_model, error, message FROM calls "

CallRow ReadCall(const Statement& row) {
  CallRow call;
  call.id = row.Integer(0);
  call.attempt = row.Integer(1);
  call.judgement = row.OptionalInteger(2);
  call.step = static_cast<int>(row.Integer(3));
  call.epoch = static_cast<int>(row.Integer(4));
  call.status = row.Text(5);
  call.finish_reason = row.Text(6);
  call.http_status = static_cast<int>(row.Integer(7));
  call.tries = static_cast<int>(row.Integer(8));
  call.cached = row.Integer(9) != 0;
  call.usage = ReadUsage(row, 10);
  call.duration_us = row.Integer(15);
  call.waited_us = row.Integer(16);
  call.request_digest = row.HexDigest(17);
  call.response_id = row.Text(18);
  call.response_model = row.Text(19);
  call.error = row.Text(20);
  call.message = row.Text(21);
  return call;
}

}  // namespace

Result<Trajectory> StoreReader::LoadTrajectory(int64_t attempt) {
  Database& database = *impl_->database;
  const Snapshot snapshot(database);
  Result<Statement> ended = database.Prepare(
      "SELECT a.outcome, a.final_text, a.detail, coalesce(a.final_state, t.text), a.input_tokens,"
      " a.cached_tokens, a.output_tokens, a.reasoning_tokens, a.cost_usd FROM attempts AS a"
      " LEFT JOIN texts AS t ON t.digest = a.final_state_digest WHERE a.id = ?");
  if (!ended) return ended.error();
  const Result<bool> known = ended->Bind(attempt).Step();
  if (!known) return known.error();
  if (!*known) {
    return UsageError("", "no attempt " + std::to_string(attempt) + " is stored in " + StoreName(database.path()),
                      "the page of its sample lists them");
  }
  Trajectory trajectory;
  trajectory.outcome = OutcomeFromName(ended->Text(0)).value_or(Outcome::kInterrupted);
  trajectory.final_text = ended->Text(1);
  trajectory.detail = ended->Text(2);
  trajectory.final_state = ended->Text(3);
  trajectory.usage = ReadUsage(*ended, 4);

  Result<Statement> events = database.Prepare(kEvents);
  if (!events) return events.error();
  events->Bind(attempt);
  while (true) {
    const Result<bool> row = events->Step();
    if (!row) return row.error();
    if (!*row) return trajectory;
    trajectory.events.push_back(ReadEvent(*events));
  }
}

Result<std::map<int, std::string>> StoreReader::StateChanges(int64_t attempt) {
  Database& database = *impl_->database;
  std::map<int, std::string> changes;
  const Result<bool> known = database.HasTable("state_changes");
  if (!known) return known.error();
  if (!*known) return changes;
  Result<Statement> rows = database.Prepare("SELECT event, changes FROM state_changes WHERE attempt = ?");
  if (!rows) return rows.error();
  rows->Bind(attempt);
  while (true) {
    const Result<bool> row = rows->Step();
    if (!row) return row.error();
    if (!*row) return changes;
    changes.emplace(static_cast<int>(rows->Integer(0)), rows->Text(1));
  }
}

Result<void> StoreReader::ForEachToolCall(int64_t attempt, const std::function<bool(const ToolExchange&)>& each) {
  Result<Statement> row = impl_->database->Prepare(
      "SELECT tool_name, tool_status, tool_result FROM events WHERE attempt = ? AND kind = 'tool' ORDER BY id");
  if (!row) return row.error();
  row->Bind(attempt);
  bool wanted = true;
  while (wanted) {
    const Result<bool> found = row->Step();
    if (!found) return found.error();
    if (!*found) break;
    ToolExchange exchange;
    exchange.name = row->Text(0);
    exchange.status = ReadToolStatus(row->Text(1));
    exchange.result = row->Text(2);
    wanted = each(exchange);
  }
  return {};
}

Result<std::vector<CallRow>> StoreReader::Calls(int64_t attempt) {
  Result<Statement> rows =
      impl_->database->Prepare(AXIOMETER_CALLS "WHERE attempt = ? ORDER BY seq");
  if (!rows) return rows.error();
  rows->Bind(attempt);
  std::vector<CallRow> calls;
  while (true) {
    const Result<bool> row = rows->Step();
    if (!row) return row.error();
    if (!*row) return calls;
    calls.push_back(ReadCall(*rows));
  }
}

Result<std::optional<CallRow>> StoreReader::FindCall(const std::string& request_digest, int epoch) {
  // The latest: where a judge's unreadable reply was asked for again, the one that was read.
  Result<Statement> row = impl_->database->Prepare(AXIOMETER_CALLS
                                           "WHERE request_digest = ? AND epoch = ? AND cached = 0 "
                                           "AND status = 'ok' ORDER BY seq DESC LIMIT 1");
  if (!row) return row.error();
  const Result<bool> found = row->Bind(Digest{request_digest}, epoch).Step();
  std::optional<CallRow> call;
  if (found && *found) call = ReadCall(*row);
  if (!found) return found.error();
  return call;
}

namespace {

// Before version 5 of the schema, tasks of equal content had one row, under the id that came first.
constexpr char kTaskRecord[] = "SELECT record FROM tasks WHERE digest = ? ORDER BY id = ? DESC LIMIT 1";

Result<std::string> TaskRecordBy(Statement& record, const Database& database, const std::string& digest,
                                 const std::string& id) {
  const Result<bool> found = record.Bind(Digest{digest}, id).Step();
  if (!found) return found.error();
  if (!*found) return Failed(StoreName(database.path()), "no task with digest " + digest + " is stored");
  std::string text = record.Text(0);
  record.Reset();
  return text;
}

}  // namespace

Result<std::string> StoreReader::TaskRecordJson(const std::string& task_digest, const std::string& id) {
  Result<Statement> record = impl_->database->Prepare(kTaskRecord);
  if (!record) return record.error();
  return TaskRecordBy(*record, *impl_->database, task_digest, id);
}

Result<std::vector<TaskRow>> StoreReader::Tasks(const std::string& run,
                                                const std::function<bool(const TaskRow&)>& wants_record) {
  // A run's attempts of a task have one digest, so that the row of one of them is looked up and not all of them.
  Result<Statement> rows = impl_->database->Prepare(
      "SELECT task_digest, task, min(epoch) FROM attempts WHERE run = ? GROUP BY task ORDER BY task");
  if (!rows) return rows.error();
  Result<Statement> record = impl_->database->Prepare(kTaskRecord);
  if (!record) return record.error();
  rows->Bind(run);
  std::vector<TaskRow> tasks;
  while (true) {
    const Result<bool> row = rows->Step();
    if (!row) return row.error();
    if (!*row) return tasks;
    TaskRow& task = tasks.emplace_back(TaskRow{rows->HexDigest(0), rows->Text(1), ""});
    if (wants_record && !wants_record(task)) continue;
    Result<std::string> text = TaskRecordBy(*record, *impl_->database, task.digest, task.id);
    if (!text) return text.error();
    task.record = std::move(*text);
  }
}

}  // namespace axiometer
