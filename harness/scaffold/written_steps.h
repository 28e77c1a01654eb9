#pragma once

#include <optional>
#include <string>

#include "harness/scaffold/scaffold.h"
#include "harness/scaffold/tool_arguments.h"

namespace axiometer {

// One step as the text of a reply says it: a call, the closing message, or neither and why.
struct WrittenStep {
  std::optional<PlannedCall> call;
  std::optional<std::string> closing;
  std::string problem;  // for the model and for people, where both are absent
};

// The agent loop for models without native tool calls: the tools and the convention for a step
// stand in the system message (appended to the task's own, or one of its own before the rest), each
// reply is one step, and a call's result comes back as a user message. A reply that is no step is
// answered with what is wrong with it, as a call that the environment never sees; the third in a
// row ends the sample as kUnusableReply.
class WrittenSteps : public Scaffold {
 public:
  static constexpr int kMostUnusable = 3;

  bool acts() const override { return true; }
  std::vector<Message> Open(const Task& task) const override;
  Step Next(const Task& task, const Trajectory& trajectory) const override;
  Message Answer(const ToolExchange& tool) const override;
  std::string prompt_digest() const override;

 protected:
  explicit WrittenSteps(ArgumentRule rule) : rule_(rule) {}

  // How a step is written; the list of tools, one JSON object a line, follows it.
  virtual std::string Convention() const = 0;
  // `text` is stripped, not empty, and without the reasoning that some servers leave in front of it
  // (…</think>).
  virtual WrittenStep Read(const std::string& text) const = 0;
  virtual std::string ResultText(const ToolExchange& tool) const = 0;  // the text of a user message

  // A call of `name` with `arguments`: an object, or text that holds one.
  WrittenStep Call(const std::string& name, const Json& arguments) const;

 private:
  ArgumentRule rule_;
};

}  // namespace axiometer
