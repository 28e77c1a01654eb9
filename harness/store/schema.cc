#include "harness/store/schema.h"

#include <string>

namespace axiometer {
namespace {

// Rows of attempts and judgements are found by their own ids, which are hashes; calls and events
// are kept in the order of arrival, so that a busy run appends, and found through their attempt.
// Large texts stand last in a row: what stands before them is read without them. References are not
// enforced (they cost a search each and the writer makes no dangling ones); they document.
constexpr char kVersion1[] = R"sql(
CREATE TABLE texts (
  digest BLOB NOT NULL PRIMARY KEY,
  text TEXT NOT NULL
);

CREATE TABLE runs (
  id TEXT NOT NULL PRIMARY KEY,
  created_ms INTEGER NOT NULL,
  suite TEXT NOT NULL,
  protocol TEXT NOT NULL,
  model TEXT NOT NULL,
  scaffold TEXT NOT NULL,
  identity BLOB,
  tags TEXT NOT NULL,
  wanted INTEGER NOT NULL,
  command TEXT NOT NULL,
  config TEXT NOT NULL
);
CREATE INDEX runs_by_identity ON runs (identity, created_ms);

CREATE TABLE sessions (
  run TEXT NOT NULL REFERENCES runs (id),
  started_ms INTEGER NOT NULL,
  pid INTEGER NOT NULL,
  ended_ms INTEGER,
  state TEXT NOT NULL,
  detail TEXT NOT NULL,
  PRIMARY KEY (run, started_ms, pid)
) WITHOUT ROWID;

CREATE TABLE tasks (
  digest BLOB NOT NULL PRIMARY KEY,
  id TEXT NOT NULL,
  record TEXT NOT NULL
);

CREATE TABLE attempts (
  id INTEGER NOT NULL PRIMARY KEY,
  sample INTEGER NOT NULL,
  run TEXT NOT NULL REFERENCES runs (id),
  task TEXT NOT NULL,
  task_digest BLOB REFERENCES tasks (digest),
  epoch INTEGER NOT NULL,
  number INTEGER NOT NULL,
  started_ms INTEGER NOT NULL,
  ended_ms INTEGER,
  outcome TEXT,
  steps INTEGER,
  input_tokens INTEGER,
  cached_tokens INTEGER,
  output_tokens INTEGER,
  reasoning_tokens INTEGER,
  cost_usd REAL,
  detail TEXT,
  final_text TEXT,
  final_state TEXT,
  final_state_digest BLOB REFERENCES texts (digest)
);
CREATE INDEX attempts_by_run ON attempts (run, task, epoch, number, outcome);

CREATE TABLE calls (
  seq INTEGER NOT NULL PRIMARY KEY,
  id INTEGER NOT NULL,
  attempt INTEGER NOT NULL REFERENCES attempts (id),
  judgement INTEGER REFERENCES judgements (id),
  step INTEGER NOT NULL,
  epoch INTEGER NOT NULL,
  status TEXT NOT NULL,
  finish_reason TEXT NOT NULL,
  http_status INTEGER NOT NULL,
  tries INTEGER NOT NULL,
  cached INTEGER NOT NULL,
  input_tokens INTEGER NOT NULL,
  cached_tokens INTEGER NOT NULL,
  output_tokens INTEGER NOT NULL,
  reasoning_tokens INTEGER NOT NULL,
  cost_usd REAL,
  duration_us INTEGER NOT NULL,
  waited_us INTEGER NOT NULL,
  request_digest BLOB,
  response_id TEXT NOT NULL,
  response_model TEXT NOT NULL,
  error TEXT NOT NULL,
  message TEXT NOT NULL
);
-- Also answers "what did this run use" without reading the messages.
CREATE INDEX calls_by_attempt ON calls (attempt, id, judgement, cached, input_tokens, cached_tokens,
                                        output_tokens, reasoning_tokens, cost_usd);
CREATE INDEX calls_by_request ON calls (request_digest, epoch)
  WHERE request_digest IS NOT NULL AND cached = 0 AND status = 'ok';

CREATE TABLE events (
  seq INTEGER NOT NULL PRIMARY KEY,
  attempt INTEGER NOT NULL REFERENCES attempts (id),
  id INTEGER NOT NULL,
  step INTEGER NOT NULL,
  at_ms INTEGER NOT NULL,
  kind TEXT NOT NULL,
  role TEXT,
  finish_reason TEXT,
  call INTEGER REFERENCES calls (id),
  text_digest BLOB REFERENCES texts (digest),
  text TEXT,
  tool_call_id TEXT,
  tool_name TEXT,
  tool_status TEXT,
  tool_duration_us INTEGER,
  tool_arguments TEXT,
  tool_result TEXT
);
CREATE UNIQUE INDEX events_by_attempt ON events (attempt, id);

CREATE TABLE judgements (
  id INTEGER NOT NULL PRIMARY KEY,
  attempt INTEGER NOT NULL REFERENCES attempts (id),
  sample INTEGER NOT NULL,
  judge TEXT NOT NULL,
  protocol TEXT NOT NULL,
  prompt_digest BLOB,
  at_ms INTEGER NOT NULL,
  status TEXT NOT NULL,
  requests INTEGER NOT NULL,
  input_tokens INTEGER NOT NULL,
  cached_tokens INTEGER NOT NULL,
  output_tokens INTEGER NOT NULL,
  reasoning_tokens INTEGER NOT NULL,
  cost_usd REAL,
  problem TEXT NOT NULL,
  raw TEXT NOT NULL
);
CREATE INDEX judgements_by_attempt ON judgements (attempt, judge, at_ms);

CREATE TABLE verdicts (
  judgement INTEGER NOT NULL REFERENCES judgements (id),
  position INTEGER NOT NULL,
  item TEXT NOT NULL,
  pole TEXT NOT NULL,
  weight REAL NOT NULL,
  score REAL,
  mechanical INTEGER NOT NULL,
  events TEXT NOT NULL,
  rationale TEXT NOT NULL,
  PRIMARY KEY (judgement, position)
) WITHOUT ROWID;

CREATE TABLE scores (
  judgement INTEGER NOT NULL REFERENCES judgements (id),
  position INTEGER NOT NULL,
  name TEXT NOT NULL,
  number REAL,
  text TEXT,
  PRIMARY KEY (judgement, position)
) WITHOUT ROWID;

CREATE VIEW samples AS
  SELECT a.sample, a.run, a.task, a.task_digest, a.epoch, a.id AS attempt, a.number AS attempts,
         a.started_ms, a.ended_ms, a.outcome, a.steps, a.input_tokens, a.cached_tokens,
         a.output_tokens, a.reasoning_tokens, a.cost_usd, a.detail, a.final_text
  FROM attempts AS a
  WHERE a.outcome IS NOT NULL AND a.outcome <> 'interrupted'
    AND NOT EXISTS (SELECT 1 FROM attempts AS later
                    WHERE later.run = a.run AND later.task = a.task AND later.epoch = a.epoch
                      AND later.number > a.number
                      AND later.outcome IS NOT NULL AND later.outcome <> 'interrupted');

CREATE VIEW messages AS
  SELECT e.attempt, e.id AS event, e.step, e.at_ms,
         CASE e.kind WHEN 'message' THEN e.role WHEN 'reply' THEN 'assistant'
                     WHEN 'tool' THEN 'tool' END AS role,
         CASE e.kind
           WHEN 'message' THEN json_object('role', e.role, 'content', coalesce(e.text, t.text))
           WHEN 'reply' THEN coalesce(e.text, c.message)
           WHEN 'tool' THEN json_object('role', 'tool', 'tool_call_id', e.tool_call_id,
                                        'content', e.tool_result)
         END AS message
  FROM events AS e
  LEFT JOIN texts AS t ON t.digest = e.text_digest
  LEFT JOIN calls AS c ON c.attempt = e.attempt AND c.id = e.call
  WHERE e.kind <> 'failure';

CREATE VIEW sample_scores AS
  SELECT s.run, s.task, s.epoch, s.sample, s.attempt, s.outcome, j.judge, j.protocol, j.status,
         x.name, x.number, x.text
  FROM samples AS s
  JOIN judgements AS j ON j.attempt = s.attempt
  JOIN scores AS x ON x.judgement = j.id
  WHERE NOT EXISTS (SELECT 1 FROM judgements AS later
                    WHERE later.attempt = j.attempt AND later.judge = j.judge
                      AND (later.at_ms, later.id) > (j.at_ms, j.id));
)sql";

constexpr char kVersion2[] = R"sql(
CREATE TABLE batches (
  endpoint BLOB NOT NULL,
  id TEXT NOT NULL,
  run TEXT NOT NULL REFERENCES runs (id),
  submitted_ms INTEGER NOT NULL,
  requests INTEGER NOT NULL,
  settled_ms INTEGER,
  PRIMARY KEY (endpoint, id)
) WITHOUT ROWID;
)sql";

constexpr char kVersion3[] = R"sql(
CREATE TABLE state_changes (
  attempt INTEGER NOT NULL REFERENCES attempts (id),
  event INTEGER NOT NULL,
  changes TEXT NOT NULL,
  PRIMARY KEY (attempt, event)
) WITHOUT ROWID;
)sql";

// All that a report of many judgements needs of their verdicts.
constexpr char kVersion4[] = R"sql(
CREATE TABLE verdict_counts (
  judgement INTEGER NOT NULL PRIMARY KEY REFERENCES judgements (id),
  scored INTEGER NOT NULL,
  mechanical INTEGER NOT NULL
);
)sql";

// Tasks of equal content may have several ids, and a record of each: until then the first id kept them all.
constexpr char kVersion5[] = R"sql(
CREATE TABLE tasks_by_id (
  digest BLOB NOT NULL,
  id TEXT NOT NULL,
  record TEXT NOT NULL,
  PRIMARY KEY (digest, id)
);
INSERT INTO tasks_by_id SELECT digest, id, record FROM tasks;
DROP TABLE tasks;
ALTER TABLE tasks_by_id RENAME TO tasks;
)sql";

constexpr const char* kMigrations[] = {kVersion1, kVersion2, kVersion3, kVersion4, kVersion5};

}  // namespace

std::span<const char* const> Migrations() { return kMigrations; }

Result<int> StoreVersion(Database& database, int newest) {
  const Result<int64_t> application = database.QueryInteger("PRAGMA application_id");
  if (!application) return application.error();
  const Result<int64_t> version = database.QueryInteger("PRAGMA user_version");
  if (!version) return version.error();
  if (*application == kApplicationId) {
    if (*version <= newest) return static_cast<int>(*version);
    return UsageError("",
                      StoreName(database.path()) + " was written by a newer axiometer (schema " +
                          std::to_string(*version) + ", this one knows " + std::to_string(newest) + ")",
                      "update axiometer, or name another with --db");
  }
  const Result<int64_t> tables = database.QueryInteger("SELECT count(*) FROM sqlite_schema");
  if (!tables) return tables.error();
  if (*application == 0 && *version == 0 && *tables == 0) return 0;
  return UsageError("", StoreName(database.path()) + " is another program's database",
                    "name another with --db");
}

Result<void> Migrate(Database& database, std::span<const char* const> migrations) {
  const int newest = static_cast<int>(migrations.size());
  const Result<int> version = StoreVersion(database, newest);
  if (!version) return version.error();
  if (*version == newest) return {};
  std::string script = "BEGIN IMMEDIATE;";
  for (const char* step : migrations.subspan(*version)) script += step;
  script += "PRAGMA application_id = " + std::to_string(kApplicationId) + ";";
  script += "PRAGMA user_version = " + std::to_string(newest) + ";";
  script += "COMMIT;";
  Result<void> done = database.Execute(script);
  if (!done && database.InTransaction()) {
    if (Result<void> undone = database.Execute("ROLLBACK"); !undone) return undone;
  }
  return done;
}

}  // namespace axiometer
