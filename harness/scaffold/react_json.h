#pragma once

#include "harness/scaffold/written_steps.h"

namespace axiometer {

// Each step is one JSON object, which the endpoint is asked to constrain by a schema:
//   {"tool": NAME, "arguments": {…}}    a call; the schema of the arguments is the tool's own
//   {"final": TEXT}                     the closing message, and the end
// Where an endpoint does not constrain, the object is looked for in the reply's text. A result
// comes back as
// {"tool": NAME, "result": …}, what is wrong with a reply as {"error": TEXT}.
class ReactJson : public WrittenSteps {
 public:
  explicit ReactJson(ArgumentRule rule) : WrittenSteps(rule) {}

  const char* name() const override { return "react_json"; }
  RequestFrame Frame(const Task& task) const override;

 protected:
  std::string Convention() const override;
  WrittenStep Read(const std::string& text) const override;
  std::string ResultText(const ToolExchange& tool) const override;
};

}  // namespace axiometer
