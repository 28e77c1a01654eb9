#pragma once

#include <string>

#include "harness/scaffold/scaffold.h"

namespace axiometer {

// The trajectory's last reply; null if there is none yet.
const Event* LastReply(const Trajectory& trajectory);

// Calls after `reply`, the trajectory's last, that have a result.
size_t AnsweredSince(const Event& reply, const Trajectory& trajectory);

// The content of an assistant message as text, from the message as received where it is known:
// text, or a list's texts (`text`, else `content` of an object) joined.
std::string VisibleText(const Message& message);

// The end after a reply without tool calls: kFinished with its text; kRefused if it is blank and
// the provider says that the model refused or that a filter removed the content; else kEmptyReply.
FinishStep FinishWith(const Event& reply);

// A call of a tool that the environment lacks is answered
// {"success": false, "error": "ValueError: Unknown tool call: NAME"}.
void RefuseUnknownTool(const Task& task, PlannedCall& planned);

}  // namespace axiometer
