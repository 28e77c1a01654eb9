#include "harness/scaffold/scaffold.h"

namespace axiometer {

std::vector<Message> Conversation(const Trajectory& trajectory) {
  std::vector<Message> conversation;
  conversation.reserve(trajectory.events.size());
  for (const Event& event : trajectory.events) {
    switch (event.kind) {
      case EventKind::kMessage:
      case EventKind::kReply: conversation.push_back(event.message); break;
      case EventKind::kTool: {
        Message answer;
        answer.role = Role::kTool;
        answer.text = event.tool.result;
        answer.tool_call_id = event.tool.call_id;
        answer.tool_name = event.tool.name;
        conversation.push_back(std::move(answer));
        break;
      }
      case EventKind::kFailure: break;
    }
  }
  return conversation;
}

}  // namespace axiometer
