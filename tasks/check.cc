#include "tasks/check.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <nlohmann/json.hpp>

#include "tasks/match.h"
#include "tasks/pattern.h"

namespace axiometer {

// A trajectory as checks look at it: what is JSON in it is read when it is first asked for, and kept.
class CheckedLog {
 public:
  explicit CheckedLog(const Trajectory& trajectory) : trajectory_(trajectory) {}

  const std::vector<Event>& events() const { return trajectory_.events; }
  const std::string& final_text() const { return trajectory_.final_text; }
  // Null: there is none, or it is no JSON.
  const Json* FinalState() {
    if (!state_) state_ = trajectory_.final_state.empty() ? Failed("state", "none") : ParseJson(trajectory_.final_state, "state");
    return *state_ ? &**state_ : nullptr;
  }
  // JSON null for what is no JSON.
  const Json& Arguments(const Event& call) { return Kept(arguments_, call.id, call.tool.arguments); }
  const Json& ToolResult(const Event& call) { return Kept(results_, call.id, call.tool.result); }

 private:
  static const Json& Kept(std::map<int, Json>& kept, int id, const std::string& text) {
    const auto [place, fresh] = kept.try_emplace(id);
    if (fresh) {
      if (Result<Json> json = ParseJson(text, "")) place->second = std::move(*json);
    }
    return place->second;
  }

  const Trajectory& trajectory_;
  std::optional<Result<Json>> state_;
  std::map<int, Json> arguments_;
  std::map<int, Json> results_;
};

namespace {

std::optional<CheckResult> EvaluateIn(const Check& check, CheckedLog& log);

std::optional<bool> CallMatches(const Check& check, const Event& call, CheckedLog& log) {
  const ToolExchange& exchange = call.tool;
  if (exchange.status != ToolStatus::kOk || exchange.name != check.tool) return false;
  bool undecided = false;
  if (check.with) {
    const Json& arguments = log.Arguments(call);
    for (const auto& [name, match] : check.with->items()) {
      const Json* value = nullptr;
      if (arguments.is_object()) {
        const auto found = arguments.find(name);
        if (found != arguments.end()) value = &*found;
      }
      const std::optional<bool> matches = Matches(match, value);
      if (matches && !*matches) return false;
      undecided = undecided || !matches;
    }
  }
  const Json& result = log.ToolResult(call);
  const bool is_error = result.is_object() && result.contains("error");
  if (is_error && !(check.result && LooksAtError(*check.result))) return false;
  if (check.result) {
    const std::optional<bool> matches = Matches(*check.result, &result);
    if (matches && !*matches) return false;
    undecided = undecided || !matches;
  }
  if (undecided) return std::nullopt;
  return true;
}

// The ids of the calls that count for a called check, before its numbers are looked at.
std::optional<std::vector<int>> MatchingCalls(const Check& check, CheckedLog& log) {
  std::optional<int> before;  // only events below
  int after = 0;              // only events above
  if (check.before) {
    const auto first = MatchingCalls(*check.before, log);
    if (!first) return std::nullopt;
    if (!first->empty()) before = first->front();
  }
  if (check.after) {
    const auto first = MatchingCalls(*check.after, log);
    if (!first) return std::nullopt;
    if (first->empty()) return std::vector<int>();
    after = first->front();
  }
  std::vector<int> calls;
  for (const Event& event : log.events()) {
    if (event.kind != EventKind::kTool || event.id <= after || (before && event.id >= *before)) continue;
    const std::optional<bool> matches = CallMatches(check, event, log);
    if (!matches) return std::nullopt;
    if (*matches) calls.push_back(event.id);
  }
  return calls;
}

std::optional<CheckResult> EvaluateSaid(const Check& check, const CheckedLog& log) {
  const std::optional<Pattern> pattern = Pattern::Compile(check.pattern);
  if (!pattern) return std::nullopt;
  CheckResult result;
  int last_reply = 0;
  for (const Event& event : log.events()) {
    if (event.kind != EventKind::kReply) continue;
    last_reply = event.id;
    if (!check.anywhere || event.message.text.empty()) continue;
    const std::optional<bool> found = pattern->FoundIn(event.message.text);
    if (!found) return std::nullopt;
    if (*found) result.events.push_back(event.id);
  }
  result.holds = !result.events.empty();
  if (!result.holds && !log.final_text().empty()) {
    const std::optional<bool> found = pattern->FoundIn(log.final_text());
    if (!found) return std::nullopt;
    result.holds = *found;
    if (*found && last_reply > 0) result.events.push_back(last_reply);
  }
  return result;
}

// The value at a dotted path. A key that holds dots itself is found as well: the longest key that
// fits goes first.
const Json* AtPath(const Json& value, std::string_view path) {
  if (path.empty()) return &value;
  for (size_t end = path.size(); end != std::string_view::npos && end > 0;
       end = path.rfind('.', end - 1)) {
    const std::string_view key = path.substr(0, end);
    const std::string_view rest = end == path.size() ? "" : path.substr(end + 1);
    if (value.is_object()) {
      const auto found = value.find(std::string(key));
      if (found != value.end()) {
        if (const Json* inner = AtPath(*found, rest)) return inner;
      }
    } else if (value.is_array()) {
      size_t index = 0;
      const auto [last, error] = std::from_chars(key.data(), key.data() + key.size(), index);
      if (error == std::errc() && last == key.data() + key.size() && index < value.size()) {
        if (const Json* inner = AtPath(value[index], rest)) return inner;
      }
    }
  }
  return nullptr;
}

std::optional<CheckResult> EvaluateState(const Check& check, CheckedLog& log) {
  const Json* state = log.FinalState();
  if (state == nullptr) return std::nullopt;
  const std::optional<bool> matches = Matches(*check.matches, AtPath(*state, check.path));
  if (!matches) return std::nullopt;
  CheckResult result;
  result.holds = *matches;
  return result;
}

std::optional<CheckResult> EvaluateJoined(const Check& check, CheckedLog& log) {
  const bool all = check.kind == Check::Kind::kAll;
  CheckResult result;
  result.holds = all;
  bool undecided = false;
  for (const Check& part : check.parts) {
    std::optional<CheckResult> one = EvaluateIn(part, log);
    if (!one) {
      undecided = true;
      continue;
    }
    if (one->holds != all) return one;  // decides alone
    result.events.insert(result.events.end(), one->events.begin(), one->events.end());
  }
  if (undecided) return std::nullopt;
  std::sort(result.events.begin(), result.events.end());
  result.events.erase(std::unique(result.events.begin(), result.events.end()), result.events.end());
  return result;
}

std::optional<CheckResult> EvaluateIn(const Check& check, CheckedLog& log) {
  switch (check.kind) {
    case Check::Kind::kCalled: {
      std::optional<std::vector<int>> calls = MatchingCalls(check, log);
      if (!calls) return std::nullopt;
      CheckResult result;
      const int count = static_cast<int>(calls->size());
      result.holds = count >= check.at_least && (!check.at_most || count <= *check.at_most);
      result.events = std::move(*calls);
      return result;
    }
    case Check::Kind::kSaid: return EvaluateSaid(check, log);
    case Check::Kind::kState: return EvaluateState(check, log);
    case Check::Kind::kAll:
    case Check::Kind::kAny: return EvaluateJoined(check, log);
    case Check::Kind::kNot: {
      std::optional<CheckResult> result = EvaluateIn(check.parts[0], log);
      if (result) result->holds = !result->holds;
      return result;
    }
  }
  return std::nullopt;
}

std::string DescribeCall(const Check& check, const char* verb) {
  std::string words = verb;
  words += check.tool;
  if (check.with && !check.with->empty()) {
    words += " with ";
    bool first = true;
    for (const auto& [name, match] : check.with->items()) {
      if (!first) words += ", ";
      first = false;
      words += name;
      words += ' ';
      words += DescribeMatch(match);
    }
  }
  if (check.result) words += " with result " + DescribeMatch(*check.result);
  if (check.before) words += " before " + DescribeCall(*check.before, "");
  if (check.after) words += " after " + DescribeCall(*check.after, "");
  return words;
}

}  // namespace

std::optional<CheckResult> Evaluate(const Check& check, const Trajectory& trajectory) {
  return CheckEvaluator(trajectory).Evaluate(check);
}

CheckEvaluator::CheckEvaluator(const Trajectory& trajectory) : log_(std::make_unique<CheckedLog>(trajectory)) {}
CheckEvaluator::~CheckEvaluator() = default;
std::optional<CheckResult> CheckEvaluator::Evaluate(const Check& check) { return EvaluateIn(check, *log_); }

std::string Describe(const Check& check) {
  switch (check.kind) {
    case Check::Kind::kCalled: {
      std::string words = DescribeCall(check, "calls ");
      if (check.at_most == 0) return "never " + words;
      if (check.at_least > 1) words += ", at least " + std::to_string(check.at_least) + " times";
      if (check.at_most) words += ", at most " + std::to_string(*check.at_most) + " times";
      return words;
    }
    case Check::Kind::kSaid:
      return std::string(check.anywhere ? "says" : "ends with text") + " matching " +
             DumpJsonAsPython(Json(check.pattern));
    case Check::Kind::kState:
      return "leaves " + check.path + " " + DescribeMatch(*check.matches);
    case Check::Kind::kNot: return "not (" + Describe(check.parts[0]) + ")";
    case Check::Kind::kAll:
    case Check::Kind::kAny: {
      std::string words;
      for (const Check& part : check.parts) {
        if (!words.empty()) words += check.kind == Check::Kind::kAll ? " and " : " or ";
        const bool joined = part.kind == Check::Kind::kAll || part.kind == Check::Kind::kAny;
        if (joined) words += '(';
        words += Describe(part);
        if (joined) words += ')';
      }
      return words;
    }
  }
  return "";
}

}  // namespace axiometer
