#include "harness/scaffold/scaffold.h"

#include "harness/base/nearest.h"
#include "harness/scaffold/react_json.h"
#include "harness/scaffold/react_text.h"
#include "harness/scaffold/react_tools.h"
#include "harness/scaffold/single_turn.h"

namespace axiometer {

Message Scaffold::Answer(const ToolExchange& tool) const {
  Message message;
  message.role = Role::kTool;
  message.text = tool.result;
  message.tool_call_id = tool.call_id;
  message.tool_name = tool.name;
  return message;
}

Result<std::unique_ptr<Scaffold>> MakeScaffold(const std::string& name, const std::string& protocol,
                                               const std::string& model) {
  const ArgumentRule rule =
      protocol == "agent-valuebench" ? AgentValueBenchArgumentRule(model) : ArgumentRule::kRepair;
  if (name == "react_tools") return std::unique_ptr<Scaffold>(std::make_unique<ReactTools>(rule));
  if (name == "react_json") return std::unique_ptr<Scaffold>(std::make_unique<ReactJson>(rule));
  if (name == "react_text") return std::unique_ptr<Scaffold>(std::make_unique<ReactText>(rule));
  if (name == "single_turn") return std::unique_ptr<Scaffold>(std::make_unique<SingleTurn>());
  static const std::vector<std::string> kNames = {"react_tools", "react_json", "react_text", "single_turn"};
  return UsageError("--scaffold", "unknown scaffold \"" + name + "\"",
                    DidYouMean(name, kNames, "choose react_tools, react_json, react_text or single_turn"));
}

}  // namespace axiometer
