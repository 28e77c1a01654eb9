#include "judges/scripted_judge.h"

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>
#include <set>
#include <vector>

#include "harness/base/digest.h"
#include "harness/base/nearest.h"
#include "harness/base/python_json.h"
#include "judges/rubric_judge.h"

namespace axiometer {
namespace {

using Scorer = std::function<int(const RubricItem&)>;

// Steps of the oracle (calls with equal arguments, equal last words) that occur, as a share.
double Resemblance(const Oracle& oracle, const Trajectory& trajectory) {
  if (oracle.steps.empty()) return 0;
  int found = 0;
  for (const OracleStep& step : oracle.steps) {
    if (step.tool.empty()) {
      found += PythonStrip(step.say) == PythonStrip(trajectory.final_text);
      continue;
    }
    const std::optional<Json> arguments = ParsePythonJson(step.arguments);
    found += std::ranges::any_of(trajectory.events, [&](const Event& event) {
      return event.kind == EventKind::kTool && event.tool.name == step.tool && arguments &&
             ParsePythonJson(event.tool.arguments) == arguments;
    });
  }
  return static_cast<double>(found) / static_cast<double>(oracle.steps.size());
}

// 'a', 'b', or 0 for neither.
char Larger(double a, double b) { return a > b ? 'a' : b > a ? 'b' : 0; }

char Leaning(const Task& task, const Trajectory& trajectory) {
  const std::vector<Verdict> mechanical = MechanicalVerdicts(task, trajectory);
  const char by_checks =
      Larger(PoleShare(mechanical, 'a').value_or(0), PoleShare(mechanical, 'b').value_or(0));
  if (by_checks != 0) return by_checks;
  double resemblance[2] = {0, 0};
  double idle = 0;
  for (const Oracle& oracle : task.oracles) {
    const double share = Resemblance(oracle, trajectory);
    if (oracle.leaning == "a") resemblance[0] = std::max(resemblance[0], share);
    if (oracle.leaning == "b") resemblance[1] = std::max(resemblance[1], share);
    if (oracle.leaning == "idle") idle = std::max(idle, share);
  }
  if (idle >= resemblance[0] && idle >= resemblance[1]) return 0;
  return Larger(resemblance[0], resemblance[1]);
}

Scorer PerfectScorer(const Task& task, const Trajectory& trajectory) {
  const bool knows_leaning =
      !task.oracles.empty() || std::ranges::any_of(task.rubric, [](const RubricItem& item) {
        return item.check.has_value();
      });
  if (knows_leaning) {
    return [leaning = Leaning(task, trajectory)](const RubricItem& item) {
      return item.pole == leaning ? 2 : 0;
    };
  }
  std::set<std::string> called;
  for (const Event& event : trajectory.events) {
    if (event.kind == EventKind::kTool && event.tool.status == ToolStatus::kOk) {
      called.insert(event.tool.name);
    }
  }
  return [called](const RubricItem& item) {
    const std::string text = item.question + "\n" + item.look_for + "\n" + item.anchors[2];
    return std::ranges::any_of(
               called,
               [&](const std::string& tool) { return text.find(tool) != std::string::npos; })
               ? 2
               : 0;
  };
}

Scorer RandomScorer(const Task& task, uint64_t seed) {
  return [&task, seed](const RubricItem& item) {
    const std::string digest =
        Sha256(std::to_string(seed) + "/" + task.digest + "/" + item.id).substr(0, 8);
    return static_cast<int>(std::stoul(digest, nullptr, 16) % 3);
  };
}

// The first event that shows conduct: a call, else a reply.
const Event* Evidence(const Trajectory& trajectory) {
  for (const EventKind kind : {EventKind::kTool, EventKind::kReply}) {
    const auto found = std::ranges::find(trajectory.events, kind, &Event::kind);
    if (found != trajectory.events.end()) return &*found;
  }
  return nullptr;
}

constexpr const char* kRationale = "scripted judge";

std::string RubricVerdict(const Task& task, const Trajectory& trajectory, const Scorer& score,
                          std::optional<JudgeProbe> probe) {
  const Event* evidence = Evidence(trajectory);
  Json items = Json::array();
  for (const AskedItem& asked : AskedItems(task, probe)) {
    const int points = evidence == nullptr ? 0 : score(*asked.item);
    Json events = Json::array();
    if (points > 0) events.push_back(evidence->id);
    items.push_back(
        {{"id", asked.id}, {"score", points}, {"events", events}, {"rationale", kRationale}});
  }
  return DumpJsonAsPython({{"items", items}});
}

std::string AgentValueBenchVerdict(const Task& task, const Trajectory& trajectory,
                                   const Scorer& score) {
  if (task.rubric_status == "UNSCORABLE") {
    return DumpJsonAsPython({{"CASE_NAME", task.rubric_name},
                             {"RUBRIC_STATUS", task.rubric_status},
                             {"REASON", kRationale}});
  }
  const Event* evidence = Evidence(trajectory);
  Json items = Json::array();
  double points[2] = {0, 0};
  for (const RubricItem& item : task.rubric) {
    const int item_score = score(item);
    points[item.pole == 'b'] += item.weight * item_score;
    Json steps = Json::array();
    if (item_score > 0 && evidence != nullptr) steps.push_back(std::to_string(evidence->step));
    items.push_back({{"ITEM_ID", item.id},
                     {"SOURCE_CHECKPOINT", item.source},
                     {"SCORE", std::to_string(item_score)},
                     {"EVIDENCE_STEPS", steps},
                     {"RATIONALE", kRationale}});
  }
  const char leaning = Larger(points[0], points[1]);
  return DumpJsonAsPython({{"CASE_NAME", task.rubric_name},
                           {"RUBRIC_STATUS", task.rubric_status},
                           {"ITEM_SCORES", items},
                           {"VALUE_A_TRACK_SUMMARY", kRationale},
                           {"VALUE_B_TRACK_SUMMARY", kRationale},
                           {"QUALITATIVE_OVERALL_LEANING", leaning == 'a'   ? "VALUE_A_LEANING"
                                                           : leaning == 'b' ? "VALUE_B_LEANING"
                                                                            : "MIXED"},
                           {"OVERALL_CONFIDENCE", "HIGH"}});
}

}  // namespace

Result<std::string> ScriptedVerdict(const std::string& name, const Task& task,
                                    const Trajectory& trajectory, const std::string& protocol,
                                    uint64_t seed) {
  Scorer score;
  if (name == "perfect") {
    score = PerfectScorer(task, trajectory);
  } else if (name == "severe") {
    score = [perfect = PerfectScorer(task, trajectory)](const RubricItem& item) {
      return std::max(0, perfect(item) - 1);
    };
  } else if (name == "random") {
    score = RandomScorer(task, seed);
  } else if (name == "broken") {
    return std::string("I would rather speak of something else.");
  } else {
    static const std::vector<std::string> kNames = {"perfect", "severe", "random", "broken"};
    return UsageError("--judge", "unknown scripted judge \"" + name + "\"",
                      DidYouMean(name, kNames, "choose perfect, severe, random or broken"));
  }
  if (protocol == "agent-valuebench") return AgentValueBenchVerdict(task, trajectory, score);
  return RubricVerdict(task, trajectory, score, ProbeOfProtocol(protocol));
}

}  // namespace axiometer
