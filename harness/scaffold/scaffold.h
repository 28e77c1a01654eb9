#pragma once

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "harness/base/result.h"
#include "harness/record/message.h"
#include "harness/record/outcome.h"
#include "harness/record/trajectory.h"
#include "tasks/task.h"

namespace axiometer {

// Ask the model with the conversation so far.
struct GenerateStep {};

// One call to perform. An unusable one is answered by `answer` without the environment.
struct PlannedCall {
  std::string id;
  std::string name;       // trimmed; empty where a reply was no step at all (kBadCall)
  std::string arguments;  // one JSON object
  ToolStatus status = ToolStatus::kOk;
  std::string answer;     // the result to record if status != kOk: one JSON text
};

// Run these calls in order, one after another; each answer enters the conversation.
struct CallToolsStep {
  std::vector<PlannedCall> calls;
};

struct FinishStep {
  Outcome outcome = Outcome::kFinished;
  std::string final_text;
  std::string detail;
};

using Step = std::variant<GenerateStep, CallToolsStep, FinishStep>;

// What every request of a conversation carries beside its messages.
struct RequestFrame {
  std::string tools;            // JSON array in the chat-completions form, offered with tool_choice auto; empty: none
  std::string response_format;  // JSON object; empty: none
};

// The loop around a model, as a function of what happened so far: no state, no I/O.
class Scaffold {
 public:
  virtual ~Scaffold() = default;
  virtual const char* name() const = 0;  // as MakeScaffold knows it
  virtual bool acts() const = 0;         // whether it calls the tools of the task's environment

  // The messages that begin the conversation: the task's own, unless a convention must be said.
  virtual std::vector<Message> Open(const Task& task) const { return task.opening; }
  virtual RequestFrame Frame(const Task& task) const = 0;
  virtual std::string prompt_digest() const { return ""; }  // of the convention; empty: none is said

  // What next, after the last event of `trajectory`. Limits are the attempt's business.
  virtual Step Next(const Task& task, const Trajectory& trajectory) const = 0;

  // The reply as it enters the conversation: as received, with argument texts repaired where the
  // protocol says so.
  virtual Message Enter(const Message& reply) const { return reply; }

  // A call with its result as it enters the conversation: a tool message.
  virtual Message Answer(const ToolExchange& tool) const;
};

// "react_tools", "react_json", "react_text" or "single_turn"; an unknown name is a usage error with the nearest
// spelling. `protocol` is the suite's and `model` the name sent to the endpoint: under "agent-valuebench" one model
// family has a rule of its own for argument texts.
Result<std::unique_ptr<Scaffold>> MakeScaffold(const std::string& name,
                                               const std::string& protocol = "",
                                               const std::string& model = "");

}  // namespace axiometer
