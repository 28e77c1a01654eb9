#include "harness/run/oracle.h"

#include <nlohmann/json.hpp>

#include "tasks/check.h"

namespace axiometer {
namespace {

std::string ErrorOf(const std::string& result) {
  const Result<Json> json = ParseJson(result, "result");
  if (!json || !json->is_object() || !json->contains("error")) return "";
  const Json& error = (*json)["error"];
  return error.is_string() ? error.get<std::string>() : DumpJson(error);
}

}  // namespace

EnvironmentSpec EnvironmentOf(const Task& task) {
  EnvironmentSpec spec;
  if (task.environment_flavour == "agent-valuebench") spec.flavour = EnvironmentSpec::Flavour::kAgentValueBench;
  if (task.environment_flavour == "mcp") spec.flavour = EnvironmentSpec::Flavour::kMcp;
  spec.digest = task.environment_digest;
  spec.directory = task.environment_directory;
  spec.name = task.environment;
  spec.state = task.state;
  return spec;
}

Async<Result<Trajectory>> ReplayOracle(EnvironmentHost& host, std::shared_ptr<const Task> task, Oracle oracle) {
  const EnvironmentSpec spec = EnvironmentOf(*task);
  Result<std::unique_ptr<Environment>> started = co_await host.Start(spec);
  if (!started) co_return std::move(started).error();
  Environment& environment = **started;
  Trajectory trajectory;
  int step = 0;
  for (const OracleStep& played : oracle.steps) {
    ++step;
    const std::string where = task->id + ": oracle " + oracle.leaning + ", step " + std::to_string(step);
    Event reply;
    reply.id = static_cast<int>(trajectory.events.size()) + 1;
    reply.step = step;
    reply.kind = EventKind::kReply;
    reply.message.role = Role::kAssistant;
    reply.message.text = played.say;
    trajectory.events.push_back(std::move(reply));
    if (played.tool.empty()) {
      trajectory.final_text = played.say;
      trajectory.outcome = Outcome::kFinished;
      break;
    }
    CallResult result = co_await environment.Call(played.tool, played.arguments);
    if (result.status != CallResult::Status::kAnswered) {
      co_return BadInput(where, played.tool + ": " + result.error);
    }
    const std::string problem = ErrorOf(result.content);
    if (!problem.empty()) co_return BadInput(where, played.tool + " answered with an error: " + problem);
    Event call;
    call.id = static_cast<int>(trajectory.events.size()) + 1;
    call.step = step;
    call.kind = EventKind::kTool;
    call.tool.name = played.tool;
    call.tool.arguments = played.arguments;
    call.tool.result = std::move(result.content);
    trajectory.events.push_back(std::move(call));
  }
  CallResult state = co_await environment.State();
  if (state.status == CallResult::Status::kAnswered) trajectory.final_state = std::move(state.content);
  co_return trajectory;
}

std::optional<double> MechanicalShare(const Task& task, const Trajectory& trajectory, char pole) {
  double weight = 0;
  double held = 0;
  CheckEvaluator evaluator(trajectory);
  for (const RubricItem& item : task.rubric) {
    if (item.pole != pole || !item.check) continue;
    const std::optional<CheckResult> result = evaluator.Evaluate(*item.check);
    if (!result) continue;
    weight += item.weight;
    if (result->holds) held += item.weight;
  }
  if (weight == 0) return std::nullopt;
  return held / weight;
}

}  // namespace axiometer
