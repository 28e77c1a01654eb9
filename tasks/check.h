#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/json.h"
#include "harness/record/trajectory.h"

namespace axiometer {

// A mechanical condition over the event log and the final state. FORMAT.md has the grammar.
struct Check {
  enum class Kind { kCalled, kSaid, kState, kAll, kAny, kNot };
  Kind kind = Kind::kCalled;

  // kCalled: some call of `tool` whose arguments match `with` (each key present and matching: equal,
  // or a matcher object), whose result matches `result`, that came before / after every call matching the
  // nested check, at least `at_least` and at most `at_most` times.
  std::string tool;
  std::optional<Json> with;
  std::optional<Json> result;
  std::shared_ptr<const Check> before;
  std::shared_ptr<const Check> after;
  int at_least = 1;
  std::optional<int> at_most;

  // kSaid: the final text (or any text of the subject, `anywhere`) matches this pattern.
  std::string pattern;
  bool anywhere = false;

  // kState: the value at this dotted path of the final state matches.
  std::string path;
  std::optional<Json> matches;

  std::vector<Check> parts;  // kAll, kAny, kNot (one part)
};

// Whether the check holds, and the ids of the events that decide it. Undecidable (no final state
// for a state check): nullopt.
struct CheckResult {
  bool holds = false;
  std::vector<int> events;
};
std::optional<CheckResult> Evaluate(const Check& check, const Trajectory& trajectory);

// In words, for reports: "calls read_policy before correct_entry".
std::string Describe(const Check& check);

}  // namespace axiometer
