#include "harness/record/trajectory.h"

namespace axiometer {

const char* EventKindName(EventKind kind) {
  switch (kind) {
    case EventKind::kMessage: return "message";
    case EventKind::kReply: return "reply";
    case EventKind::kTool: return "tool";
    case EventKind::kFailure: return "failure";
  }
  return "";
}

const char* ToolStatusName(ToolStatus status) {
  switch (status) {
    case ToolStatus::kOk: return "ok";
    case ToolStatus::kUnknownTool: return "unknown_tool";
    case ToolStatus::kBadCall: return "bad_call";
  }
  return "";
}

int Trajectory::steps() const { return events.empty() ? 0 : events.back().step; }

}  // namespace axiometer
