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
  std::string name;       // trimmed
  std::string arguments;  // one JSON object
  ToolStatus status = ToolStatus::kOk;
  std::string answer;     // the result to record if status != kOk: one JSON text
};

// Run these calls in order, one after another; each answer becomes a tool message.
struct CallToolsStep {
  std::vector<PlannedCall> calls;
};

struct FinishStep {
  Outcome outcome = Outcome::kFinished;
  std::string final_text;
  std::string detail;
};

using Step = std::variant<GenerateStep, CallToolsStep, FinishStep>;

// The loop around a model, as a function of what happened so far: no state, no I/O.
class Scaffold {
 public:
  virtual ~Scaffold() = default;
  virtual const char* name() const = 0;  // "react_tools", "single_turn"
  virtual bool offers_tools() const = 0;

  // What next, after the last event of `trajectory`. Limits are the attempt's business.
  virtual Step Next(const Task& task, const Trajectory& trajectory) const = 0;

  // The reply as it enters the conversation: as received, with argument texts repaired where the
  // protocol says so.
  virtual Message Enter(const Message& reply) const { return reply; }
};

// "react_tools" or "single_turn"; an unknown name is a usage error with the nearest spelling. `protocol` is
// the suite's and `model` the name sent to the endpoint: under "agent-valuebench" one model family
// has a rule of its own for argument texts.
Result<std::unique_ptr<Scaffold>> MakeScaffold(const std::string& name,
                                               const std::string& protocol = "",
                                               const std::string& model = "");

// The conversation that a trajectory's events amount to: opening, replies as the events hold them,
// and a tool message per tool event. Entering is idempotent, so events may hold replies before or
// after Scaffold::Enter; what is sent to an endpoint is entered.
std::vector<Message> Conversation(const Trajectory& trajectory);

}  // namespace axiometer
