#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/record/message.h"
#include "harness/record/outcome.h"
#include "harness/record/usage.h"

namespace axiometer {

enum class EventKind {
  kMessage,  // a system or user message that we sent
  kReply,    // an assistant message
  kTool,     // one tool call with its result
  kFailure,  // a model call or environment that failed; the last event of an attempt
};

const char* EventKindName(EventKind kind);  // "message", "reply", "tool", "failure"

enum class ToolStatus {
  kOk,           // the environment answered; its answer may still report an error of its own
  kUnknownTool,  // no such tool; answered without the environment
  kBadCall,      // unusable call; answered without the environment
};

const char* ToolStatusName(ToolStatus status);  // "ok", "unknown_tool", "bad_call"

struct ToolExchange {
  std::string call_id;
  std::string name;       // trimmed
  std::string arguments;  // one JSON object, as handed to the environment
  std::string result;     // what the model was shown: one JSON text
  ToolStatus status = ToolStatus::kOk;
  int64_t duration_us = 0;
};

// One thing that happened. A mechanical check and a judge cite events by `id`.
struct Event {
  int id = 0;    // 1, 2, 3 … within the trajectory
  int step = 0;  // assistant turn, from 1; 0 for what came before the first
  EventKind kind = EventKind::kMessage;
  Message message;            // kMessage, kReply
  std::string finish_reason;  // kReply; as the endpoint named it
  ToolExchange tool;          // kTool
  std::string failure;        // kFailure: what happened, for people
  int64_t at_ms = 0;          // since the attempt began
};

// The ordered events of one attempt, and how it ended.
struct Trajectory {
  std::vector<Event> events;
  Outcome outcome = Outcome::kInterrupted;
  std::string final_text;   // the subject's last word; empty if there was none
  std::string detail;       // why, where the outcome alone does not say it
  std::string final_state;  // the environment's state at the end, one JSON text; empty if unknown
  Usage usage;              // of the subject's calls

  int steps() const;  // assistant turns so far
};

}  // namespace axiometer
