#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "harness/record/outcome.h"
#include "harness/record/score.h"
#include "harness/record/trajectory.h"
#include "harness/record/usage.h"

// What is written, one struct a table row (SCHEMA.md). Identifiers are made by the writer, never by
// SQLite, so that rows of several stores can be merged: a run's id is text; sample, attempt, call
// and judgement ids are 63-bit numbers (MakeId).
namespace axiometer {

// Non-negative, the first 63 bits of SHA-256 of the parts joined by line feeds. The same parts, the same id.
int64_t MakeId(const std::vector<std::string>& parts);

struct RunRow {
  std::string id;        // time-ordered and unique: see NewRunId
  int64_t created_ms = 0;  // wall clock, UTC
  std::string suite;
  std::string protocol;  // of the suite: "axiometer", "agent-valuebench", …
  std::string model;     // PROVIDER/NAME
  std::string scaffold;
  std::string config;    // RunSpec as JSON
  std::string identity;  // IdentityDigest
  std::string tags;      // comma separated, as given
  std::string command;   // the command line that repeats it
  int64_t wanted = 0;    // samples
};

struct RunSessionRow {  // one process working on a run; there are several after interruptions
  std::string run;
  int64_t started_ms = 0;
  std::optional<int64_t> ended_ms;
  std::string state;  // "running", "done", "interrupted", "failed"
  std::string detail;
  int pid = 0;
};

struct TaskRow {
  std::string digest;
  std::string id;
  std::string record;  // TaskRecord as JSON
};

struct AttemptRow {  // begun; AttemptEndRow completes it
  int64_t id = 0;
  int64_t sample = 0;  // MakeId({run, task, epoch})
  std::string run;
  std::string task;
  std::string task_digest;
  int epoch = 1;
  int number = 1;  // of the sample's attempts
  int64_t started_ms = 0;
};

// One request to a model that got an answer or a final failure.
struct CallRow {
  int64_t id = 0;
  int64_t attempt = 0;
  std::optional<int64_t> judgement;  // set: the judge's call
  int step = 0;                      // assistant turn, or the judge's try
  std::string status;                // CallStatusName
  std::string message;               // assistant message as received, JSON; empty if none
  std::string finish_reason;
  std::string error;
  int http_status = 0;
  int tries = 0;
  bool cached = false;
  int epoch = 1;
  std::string request_digest;  // hexadecimal or empty; stored as 32 bytes
  std::string response_id;
  std::string response_model;
  Usage usage;
  int64_t duration_us = 0;
  int64_t waited_us = 0;
};

struct EventRow {
  int64_t attempt = 0;
  Event event;
  int64_t call = 0;  // kReply: the call that holds the message; the event's own text is not stored twice
};

// What a tool call changed in the environment's state.
struct StateChangeRow {
  int64_t attempt = 0;
  int event = 0;        // the tool call's; 0: all of them together
  std::string changes;  // JSON array
};

struct AttemptEndRow {
  int64_t attempt = 0;
  int64_t sample = 0;
  int64_t ended_ms = 0;
  Outcome outcome = Outcome::kInterrupted;
  std::string final_text;
  std::string detail;
  std::string final_state;
  int steps = 0;
  Usage usage;
};

struct JudgementRow {
  int64_t id = 0;
  int64_t attempt = 0;
  int64_t sample = 0;
  std::string judge;          // PROVIDER/NAME, or "checks"
  std::string protocol;
  std::string prompt_digest;
  int64_t at_ms = 0;
  Judgement judgement;
};

// Requests that a provider was given at once, to answer within a day. Written again once it is settled.
struct BatchRow {
  std::string endpoint;  // digest of the address and the model, hexadecimal
  std::string id;        // as the provider named it
  std::string run;       // the one that it was first submitted for
  int64_t submitted_ms = 0;
  int64_t requests = 0;
  std::optional<int64_t> settled_ms;  // every answer that it gave is stored, or it gives none any more
};

using Row = std::variant<RunRow, RunSessionRow, TaskRow, AttemptRow, CallRow, EventRow, StateChangeRow, AttemptEndRow, JudgementRow, BatchRow>;

}  // namespace axiometer
