#pragma once

#include "harness/scaffold/written_steps.h"

namespace axiometer {

// Steps in plain text, for endpoints that neither call tools nor constrain JSON; the words are
// those of ReAct (Yao et al. 2023). A reply is read line by line; the first of these that begins a
// line decides, whatever its case:
//   Action: NAME            a call. Its arguments are the JSON object after the line's successor
//   that begins with Action Input: {…}       these words, up to the next such line; none or blank:
//   {} Final Answer: TEXT      the closing message, up to the end of the reply
// A reply with neither is the closing message as it is. What follows a line that begins with
// "Observation:" is the model's own invention of a result: it is neither read nor replayed
// (`--stop` can save its tokens). A result comes back as "Observation: RESULT".
class ReactText : public WrittenSteps {
 public:
  explicit ReactText(ArgumentRule rule) : WrittenSteps(rule) {}

  const char* name() const override { return "react_text"; }
  RequestFrame Frame(const Task&) const override { return {}; }
  Message Enter(const Message& reply) const override;

 protected:
  std::string Convention() const override;
  WrittenStep Read(const std::string& text) const override;
  std::string ResultText(const ToolExchange& tool) const override;
};

}  // namespace axiometer
