#pragma once

#include "harness/scaffold/scaffold.h"
#include "harness/scaffold/tool_arguments.h"

namespace axiometer {

// The agent loop over native tool calls, turn by turn as in Agent-ValueBench:
//   a reply with tool calls, with or without text: its calls in order, then the next reply;
//   a reply with text alone: finished, and the text is the last word;
//   neither: the end, without a say. Reasoning alone does not count.
// Calls are read from the reply as received where it is known: ids and names become text, names are
// stripped, arguments follow tool_arguments.h.
class ReactTools : public Scaffold {
 public:
  explicit ReactTools(ArgumentRule rule) : rule_(rule) {}

  const char* name() const override { return "react_tools"; }
  bool acts() const override { return true; }
  RequestFrame Frame(const Task& task) const override;
  Step Next(const Task& task, const Trajectory& trajectory) const override;
  // As received but for the argument texts and a missing role.
  Message Enter(const Message& reply) const override;

 private:
  ArgumentRule rule_;
};

}  // namespace axiometer
