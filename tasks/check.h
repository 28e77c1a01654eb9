#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/json.h"
#include "harness/base/yaml_reader.h"
#include "harness/record/trajectory.h"

namespace axiometer {

// A mechanical condition over the event log and the final state. FORMAT.md has the grammar.
struct Check {
  enum class Kind { kCalled, kSaid, kState, kAll, kAny, kNot };
  Kind kind = Kind::kCalled;

  // kCalled: calls of `tool` whose arguments have every key of `with` with a value that matches, whose
  // result matches `result`, that came before / after the first call that matches the nested check, at
  // least `at_least` and at most `at_most` times.
  std::string tool;
  std::shared_ptr<const Json> with;    // an object of matches; null: any arguments
  std::shared_ptr<const Json> result;  // a match (see match.h); null: any but an error
  std::shared_ptr<const Check> before;
  std::shared_ptr<const Check> after;
  int at_least = 1;
  std::optional<int> at_most;

  // kSaid: the final text (or any text of the subject, `anywhere`) matches this pattern.
  std::string pattern;
  bool anywhere = false;

  // kState: the value at this dotted path of the final state matches.
  std::string path;
  std::shared_ptr<const Json> matches;

  std::vector<Check> parts;  // kAll, kAny, kNot (one part)
};

// A tool of the environment, as far as a check can be held against it.
struct KnownTool {
  std::string name;
  Json parameters;  // JSON Schema of its arguments; null: any
};

// Reads a check of a task file. Error, with the nearest spelling: a call of another tool, an argument that the tool does
// not have, a value that is none of the argument's `enum`.
Result<Check> ReadCheck(const YamlView& view, const std::vector<KnownTool>& known_tools);

// Whether the check holds, and the ids of the events that decide it. Undecidable (no final state
// for a state check, a pattern that takes too much work): nullopt.
struct CheckResult {
  bool holds = false;
  std::vector<int> events;
};
std::optional<CheckResult> Evaluate(const Check& check, const Trajectory& trajectory);

// The same for several checks of one trajectory, which it refers to: what is JSON in it is read once.
class CheckEvaluator {
 public:
  explicit CheckEvaluator(const Trajectory& trajectory);
  ~CheckEvaluator();
  std::optional<CheckResult> Evaluate(const Check& check);

 private:
  std::unique_ptr<class CheckedLog> log_;
};

// In words, for reports: "calls read_policy before correct_entry".
std::string Describe(const Check& check);

}  // namespace axiometer
