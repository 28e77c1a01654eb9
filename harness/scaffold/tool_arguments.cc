#include "harness/scaffold/tool_arguments.h"

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "harness/base/python_json.h"
#include "harness/base/utf8.h"

namespace axiometer {
namespace {

constexpr std::pair<uint32_t, uint32_t> kIdeographs[] = {
    {0x3400, 0x4DBF},   {0x4E00, 0x9FFF},   {0xF900, 0xFAFF},
    {0x20000, 0x2A6DF}, {0x2A700, 0x2EBEF}, {0x30000, 0x3134F},
};

bool IsIdeograph(uint32_t point) {
  for (const auto& [first, last] : kIdeographs) {
    if (point >= first && point <= last) return true;
  }
  return false;
}

// Bytes of the ideograph that begins `text`; 0 if none does. Only three and four bytes long ones
// are ideographs.
size_t IdeographLength(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  if (text.size() >= 3 && (byte(0) & 0xF0) == 0xE0) {
    return IsIdeograph((byte(0) & 0x0Fu) << 12 | (byte(1) & 0x3Fu) << 6 | (byte(2) & 0x3Fu)) ? 3
                                                                                             : 0;
  }
  if (text.size() >= 4 && (byte(0) & 0xF8) == 0xF0) {
    return IsIdeograph((byte(0) & 0x07u) << 18 | (byte(1) & 0x3Fu) << 12 | (byte(2) & 0x3Fu) << 6 |
                       (byte(3) & 0x3Fu))
               ? 4
               : 0;
  }
  return 0;
}

std::string WithoutIdeographs(const std::string& text) {
  std::string kept;
  for (size_t i = 0; i < text.size();) {
    if (const size_t length = IdeographLength(std::string_view(text).substr(i))) {
      i += length;
    } else {
      kept += text[i++];
    }
  }
  return kept;
}

std::string Stripped(const std::string& text) { return std::string(PythonStrip(text)); }

// `change` applied to every text, keys included; of keys that become equal the last value counts.
Json MapTexts(const Json& value, std::string (*change)(const std::string&)) {
  if (value.is_string()) return change(value.get_ref<const std::string&>());
  if (value.is_array()) {
    Json mapped = Json::array();
    for (const Json& member : value) mapped.push_back(MapTexts(member, change));
    return mapped;
  }
  if (value.is_object()) {
    Json mapped = Json::object();
    for (const auto& [key, member] : value.items()) mapped[change(key)] = MapTexts(member, change);
    return mapped;
  }
  return value;
}

std::string Repaired(std::string text) {
  if (ParsePythonJson(text)) return text;
  std::string closed = text + "}";
  return ParsePythonJson(closed) ? closed : text;
}

}  // namespace

ArgumentRule AgentValueBenchArgumentRule(std::string_view model) {
  model = PythonStrip(model);
  const std::string family = LowerAscii(model.substr(model.rfind('/') + 1));
  return family == "gemini-3-flash-preview" ? ArgumentRule::kRepairWithoutCjk
                                            : ArgumentRule::kRepair;
}

Json PrepareArguments(const Json& arguments, ArgumentRule rule) {
  const bool delete_cjk = rule == ArgumentRule::kRepairWithoutCjk;
  if (!arguments.is_string()) {
    if (!delete_cjk) return arguments;
    Json kept = MapTexts(arguments, WithoutIdeographs);
    // Compared as texts: NaN is unlike itself.
    const bool had_cjk = DumpJsonAsPython(kept) != DumpJsonAsPython(arguments);
    return had_cjk ? MapTexts(kept, Stripped) : kept;
  }
  const std::string& text = arguments.get_ref<const std::string&>();
  if (!delete_cjk) return Repaired(text);
  std::string kept = WithoutIdeographs(text);
  const bool had_cjk = kept != text;
  kept = Repaired(std::move(kept));
  if (!had_cjk) return kept;
  const std::optional<Json> parsed = ParsePythonJson(kept);
  if (!parsed) return kept;
  return DumpJsonAsPython(MapTexts(*parsed, Stripped));
}

Json ReadArguments(const Json& prepared, ArgumentRule rule) {
  if (prepared.is_object()) return prepared;
  if (!prepared.is_string()) return Json::object();
  const std::string& text = prepared.get_ref<const std::string&>();
  std::optional<Json> parsed = ParsePythonJson(text);
  if (!parsed) parsed = ParsePythonJson(EmbeddedJson(text));
  if (!parsed || !parsed->is_object()) return Json::object();
  // Escaped ideographs are still there: the text was searched before it was read.
  if (rule == ArgumentRule::kRepairWithoutCjk) return MapTexts(*parsed, WithoutIdeographs);
  return *parsed;
}

}  // namespace axiometer
