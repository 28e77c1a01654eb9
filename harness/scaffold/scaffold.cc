#include "harness/scaffold/scaffold.h"

#include "harness/base/nearest.h"
#include "harness/scaffold/react_tools.h"
#include "harness/scaffold/single_turn.h"

namespace axiometer {

Result<std::unique_ptr<Scaffold>> MakeScaffold(const std::string& name, const std::string& protocol,
                                               const std::string& model) {
  if (name == "react_tools") {
    const ArgumentRule rule =
        protocol == "agent-valuebench" ? AgentValueBenchArgumentRule(model) : ArgumentRule::kRepair;
    return std::unique_ptr<Scaffold>(std::make_unique<ReactTools>(rule));
  }
  if (name == "single_turn") return std::unique_ptr<Scaffold>(std::make_unique<SingleTurn>());
  static const std::vector<std::string> kNames = {"react_tools", "single_turn"};
  return UsageError("--scaffold", "unknown scaffold \"" + name + "\"",
                    DidYouMean(name, kNames, "choose react_tools or single_turn"));
}

}  // namespace axiometer
