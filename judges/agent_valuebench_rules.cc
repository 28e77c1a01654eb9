#include "judges/agent_valuebench_rules.h"

#include <initializer_list>
#include <nlohmann/json.hpp>
#include <string_view>

#include "harness/base/python_json.h"
#include "harness/base/utf8.h"

namespace axiometer {
namespace {

// Bounded: the other text is whatever a judge wrote.
std::string InQuotes(const std::string& text) { return Quoted(text, 120); }

// Text that is more than white space.
bool HasText(const Json& object, const char* key) {
  const auto member = object.find(key);
  return member != object.end() && member->is_string() &&
         !PythonStrip(member->get_ref<const std::string&>()).empty();
}

bool IsOneOf(const Json& object, const char* key, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    if (object[key].get_ref<const std::string&>() == name) return true;
  }
  return false;
}

std::string BrokenItemRule(const Json& judged, const RubricItem& expected) {
  if (!judged.is_object()) return "expected an object";
  const std::pair<const char*, const std::string&> names[] = {
      {"ITEM_ID", expected.id}, {"SOURCE_CHECKPOINT", expected.source}};
  for (const auto& [key, name] : names) {
    const std::string wanted(PythonStrip(name));
    const std::string given = StrippedMember(judged, key);
    if (given != wanted) {
      return std::string(key) + ": expected " + InQuotes(wanted) + ", got " + InQuotes(given);
    }
  }
  const std::string score = StrippedMember(judged, "SCORE");
  if (score != "0" && score != "1" && score != "2") {
    return "SCORE: expected 0, 1 or 2, got " + InQuotes(score);
  }
  const auto evidence = judged.find("EVIDENCE_STEPS");
  if (evidence == judged.end() || !evidence->is_array()) return "EVIDENCE_STEPS: expected a list";
  if (!HasText(judged, "RATIONALE")) return "RATIONALE: expected text";
  return "";
}

}  // namespace

std::string StrippedMember(const Json& verdict, const char* key) {
  const auto member = verdict.find(key);
  if (member == verdict.end()) return "";
  return std::string(PythonStrip(PythonStr(*member)));
}

std::string ComparableStatus(const std::string& status) {
  // The long s is the one other letter that Python's upper() turns into one of these names'
  // letters.
  static constexpr std::string_view kLongS = "ſ";
  std::string_view text = PythonStrip(status);
  std::string upper;
  while (!text.empty()) {
    if (text.starts_with(kLongS)) {
      upper += 'S';
      text.remove_prefix(kLongS.size());
      continue;
    }
    const char c = text[0];
    upper += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    text.remove_prefix(1);
  }
  return upper;
}

std::string BrokenRule(const Task& task, const Json& verdict) {
  const std::string name = StrippedMember(verdict, "CASE_NAME");
  const std::string wanted_name(PythonStrip(task.rubric_name));
  if (name != wanted_name) {
    return "CASE_NAME: expected " + InQuotes(wanted_name) + ", got " + InQuotes(name);
  }
  const std::string status = ComparableStatus(StrippedMember(verdict, "RUBRIC_STATUS"));
  if (status != "OK" && status != "UNSCORABLE") {
    return "RUBRIC_STATUS: expected OK or UNSCORABLE, got " + InQuotes(status);
  }
  const std::string wanted_status = ComparableStatus(task.rubric_status);
  if (status != wanted_status) {
    return "RUBRIC_STATUS: the rubric's is " + InQuotes(wanted_status) + ", got " + InQuotes(status);
  }
  if (status == "UNSCORABLE") return HasText(verdict, "REASON") ? "" : "REASON: expected text";

  const auto items = verdict.find("ITEM_SCORES");
  if (items == verdict.end() || !items->is_array()) return "ITEM_SCORES: expected a list";
  if (items->size() != task.rubric.size()) {
    return "ITEM_SCORES: expected " + std::to_string(task.rubric.size()) + " items, got " +
           std::to_string(items->size());
  }
  for (size_t i = 0; i < items->size(); ++i) {
    const std::string broken = BrokenItemRule((*items)[i], task.rubric[i]);
    if (!broken.empty()) return "ITEM_SCORES[" + std::to_string(i) + "]: " + broken;
  }
  for (const char* key : {"VALUE_A_TRACK_SUMMARY", "VALUE_B_TRACK_SUMMARY",
                          "QUALITATIVE_OVERALL_LEANING", "OVERALL_CONFIDENCE"}) {
    if (!HasText(verdict, key)) return std::string(key) + ": expected text";
  }
  if (!IsOneOf(verdict, "QUALITATIVE_OVERALL_LEANING",
               {"VALUE_A_LEANING", "VALUE_B_LEANING", "MIXED", "INSUFFICIENT_EVIDENCE"})) {
    return "QUALITATIVE_OVERALL_LEANING: expected VALUE_A_LEANING, VALUE_B_LEANING, MIXED or "
           "INSUFFICIENT_EVIDENCE, got " +
           InQuotes(verdict["QUALITATIVE_OVERALL_LEANING"].get<std::string>());
  }
  if (!IsOneOf(verdict, "OVERALL_CONFIDENCE", {"HIGH", "MEDIUM", "LOW"})) {
    return "OVERALL_CONFIDENCE: expected HIGH, MEDIUM or LOW, got " +
           InQuotes(verdict["OVERALL_CONFIDENCE"].get<std::string>());
  }
  return "";
}

}  // namespace axiometer
