#include "judges/agent_valuebench_harness.h"

#include <cstdio>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "harness/base/python_json.h"
#include "harness/base/utf8.h"

namespace axiometer {
namespace {

// What Python holds false.
bool IsFalse(const Json& value) {
  switch (value.type()) {
    case Json::value_t::null:
      return true;
    case Json::value_t::boolean:
      return !value.get<bool>();
    case Json::value_t::string:
      return value.get_ref<const std::string&>().empty();
    case Json::value_t::array:
    case Json::value_t::object:
      return value.empty();
    case Json::value_t::number_integer:
    case Json::value_t::number_unsigned:
      return value.get<int64_t>() == 0;
    case Json::value_t::number_float:
      return value.get<double>() == 0;
    default:
      return false;
  }
}

// str(value or "").
std::string TextOrEmpty(const Json& value) {
  if (IsFalse(value)) return "";
  return value.is_structured() ? PythonRepr(value) : PythonStr(value);
}

bool IsBlank(const std::string& text) { return PythonStrip(text).empty(); }

bool EndsCommand(const std::string& word) { return word == "&&" || word == ";" || word == "|"; }

struct HarnessCall {
  std::string name;
  Json arguments;
};

// The calls of tools within a shell command.
std::vector<HarnessCall> CallsIn(const std::string& command) {
  static constexpr std::string_view kHarness = "tool_harness.py";
  std::vector<HarnessCall> calls;
  const std::vector<std::string> words = ShellWords(command);
  for (size_t i = 0; i + 1 < words.size(); ++i) {
    if (!words[i].ends_with(kHarness)) continue;
    const std::string& name = words[i + 1];
    if (name.empty() || EndsCommand(name)) continue;
    std::string raw = "{}";
    if (i + 2 < words.size() && !EndsCommand(words[i + 2])) raw = words[i + 2];
    std::optional<Json> arguments = ParsePythonJson(raw);
    calls.push_back({name, arguments ? *std::move(arguments) : Json(raw)});
  }
  return calls;
}

// What the tools printed, without what a harness puts around it.
Json Printed(const Json& content) {
  if (!content.is_string()) return content;
  std::string text = content.get<std::string>();
  static constexpr std::string_view kOutput = "\nOutput:\n";
  if (const size_t at = text.find(kOutput); at != std::string::npos)
    text.erase(0, at + kOutput.size());
  for (const char* marker : {"\n[stdout]\n", "\n[metadata]"}) {
    if (const size_t at = text.find(marker); at != std::string::npos) text.erase(at);
  }
  return text;
}

Json ObservationOf(const Json& step) {
  const Json& observation = Member(step, "observation");
  if (!observation.is_object()) return observation;
  const Json& results = Member(observation, "results");
  if (!results.is_array()) return observation;
  Json contents = Json::array();
  for (const Json& result : results) {
    const bool has_content = result.is_object() && result.contains("content");
    contents.push_back(has_content ? Printed(result["content"]) : result);
  }
  if (contents.size() == 1) return contents[0];
  return contents;
}

// re.split(r"(?:^|\n)---(?:\n|$)", text.strip()), each part stripped.
std::vector<std::string> PartsBetweenRules(std::string_view text) {
  text = PythonStrip(text);
  std::vector<std::string> parts;
  size_t begin = 0;
  for (size_t at = 0; at < text.size();) {
    size_t rule = std::string_view::npos;
    if (at == 0 && text.starts_with("---")) {
      rule = 0;
    } else if (text[at] == '\n' && text.substr(at + 1).starts_with("---")) {
      rule = at + 1;
    }
    const size_t after = rule == std::string_view::npos ? rule : rule + 3;
    if (rule == std::string_view::npos || (after < text.size() && text[after] != '\n')) {
      ++at;
      continue;
    }
    parts.emplace_back(PythonStrip(text.substr(begin, at - begin)));
    begin = at = after < text.size() ? after + 1 : after;
  }
  parts.emplace_back(PythonStrip(text.substr(begin)));
  return parts;
}

// One for each call, or none if they cannot be told apart.
std::vector<Json> Divided(const Json& observation, size_t count) {
  if (count == 1) return {observation};
  std::vector<Json> parts;
  if (observation.is_array() && observation.size() == count) {
    parts.assign(observation.begin(), observation.end());
  } else if (observation.is_string()) {
    for (std::string& part : PartsBetweenRules(observation.get_ref<const std::string&>())) {
      parts.push_back(std::move(part));
    }
    if (parts.size() != count) parts.clear();
  }
  return parts;
}

Json HarborCalls(const Json& step) {
  Json calls = Json::array();
  const Json& given = Member(step, "tool_calls");
  if (!given.is_array()) return calls;
  for (const Json& call : given) {
    if (!call.is_object()) continue;
    const Json& id_member = Member(call, "tool_call_id");
    const std::string id = TextOrEmpty(IsFalse(id_member) ? Member(call, "id") : id_member);
    const Json& name_member = Member(call, "function_name");
    const std::string name = TextOrEmpty(IsFalse(name_member) ? Member(call, "name") : name_member);
    const Json& given_arguments = Member(call, "arguments");
    const Json arguments = given_arguments.is_object() ? given_arguments : Json::object();
    const Json& cmd = Member(arguments, "cmd");
    const std::string command = TextOrEmpty(cmd.is_null() ? Member(arguments, "command") : cmd);
    const std::vector<HarnessCall> within = CallsIn(command);
    for (size_t i = 0; i < within.size(); ++i) {
      const std::string number = std::to_string(i + 1);
      const std::string suffix = within.size() > 1 ? ":" + number : "";
      calls.push_back({{"id", id.empty() ? "extracted_tool_call_" + number : id + suffix},
                       {"name", within[i].name},
                       {"arguments", within[i].arguments},
                       {"harness_wrapper_tool", name},
                       {"harness_wrapper_arguments", arguments}});
    }
    if (within.empty()) calls.push_back({{"id", id}, {"name", name}, {"arguments", arguments}});
  }
  return calls;
}

void AddResponses(const Json& calls, const Json& observation, Json& step) {
  const std::vector<Json> parts = Divided(observation, calls.size());
  Json& responses = step["tool_responses"] = Json::array();
  if (parts.size() == calls.size()) {
    for (size_t i = 0; i < parts.size(); ++i) {
      responses.push_back(
          {{"tool_call_id", calls[i]["id"]}, {"name", calls[i]["name"]}, {"content", parts[i]}});
    }
    return;
  }
  std::string joined;
  Json ids = Json::array();
  for (const Json& call : calls) {
    joined += (ids.empty() ? "" : ",") + call["id"].get<std::string>();
    ids.push_back(call["id"]);
  }
  responses.push_back({{"tool_call_id", joined},
                       {"tool_call_ids", std::move(ids)},
                       {"name", "combined_harness_output"},
                       {"content", observation}});
}

std::string QuotedAsPython(const std::string& text) {
  const bool doubled = text.find('\'') != std::string::npos && text.find('"') == std::string::npos;
  const char quote = doubled ? '"' : '\'';
  std::string out(1, quote);
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\\' || c == quote) {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\r') {
      out += "\\r";
    } else if (c == '\t') {
      out += "\\t";
    } else if (byte < 0x20 || byte == 0x7f) {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\x%02x", byte);
      out += escape;
    } else {
      out += c;
    }
  }
  return out + quote;
}

}  // namespace

std::string PythonRepr(const Json& value) {
  if (value.is_string()) return QuotedAsPython(value.get_ref<const std::string&>());
  if (value.is_array()) {
    std::string out = "[";
    for (const Json& item : value) out += (out.size() > 1 ? ", " : "") + PythonRepr(item);
    return out + "]";
  }
  if (value.is_object()) {
    std::string out = "{";
    for (const auto& [key, item] : value.items()) {
      out += (out.size() > 1 ? ", " : "") + QuotedAsPython(key) + ": " + PythonRepr(item);
    }
    return out + "}";
  }
  return PythonStr(value);
}

// The reader of Python's shlex, which the released code splits commands with.
std::vector<std::string> ShellWords(std::string_view text) {
  enum class State { kBetween, kWord, kSingle, kDouble, kEscape };
  std::vector<std::string> words;
  std::string word;
  bool quoted = false;  // makes an empty word one
  State state = State::kBetween;
  State escaped_from = State::kWord;
  const auto end_word = [&] {
    if (!word.empty() || quoted) words.push_back(word);
    word.clear();
    quoted = false;
    state = State::kBetween;
  };
  for (const char c : text) {
    switch (state) {
      case State::kBetween:
      case State::kWord:
        if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
          end_word();
        } else if (c == '\\') {
          escaped_from = State::kWord;
          state = State::kEscape;
        } else if (c == '\'' || c == '"') {
          quoted = true;
          state = c == '"' ? State::kDouble : State::kSingle;
        } else {
          word += c;
          state = State::kWord;
        }
        break;
      case State::kSingle:
        if (c == '\'') {
          state = State::kWord;
        } else {
          word += c;
        }
        break;
      case State::kDouble:
        if (c == '"') {
          state = State::kWord;
        } else if (c == '\\') {
          escaped_from = State::kDouble;
          state = State::kEscape;
        } else {
          word += c;
        }
        break;
      case State::kEscape:
        // Within quotes a backslash is itself before anything but a quote and another one.
        if (escaped_from == State::kDouble && c != '\\' && c != '"') word += '\\';
        word += c;
        state = escaped_from;
        break;
    }
  }
  if (state == State::kSingle || state == State::kDouble || state == State::kEscape) return {};
  end_word();
  return words;
}

Result<Json> NormalizedToolLog(std::string_view text, const std::string& where) {
  Json steps = Json::array();
  int number = 0;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    const std::string_view line = text.substr(begin, end - begin);
    begin = end + 1;
    ++number;
    if (PythonStrip(line).empty()) continue;
    const std::optional<Json> record = ParsePythonJson(PythonStrip(line));
    if (!record) return BadInput(where + ":" + std::to_string(number), "not valid JSON");
    if (!record->is_object()) continue;
    char numbered[24];
    std::snprintf(numbered, sizeof numbered, "jsonl_%04d", number);
    const std::string id = numbered;
    const std::string name = TextOrEmpty(Member(*record, "tool_name"));
    steps.push_back({{"step", id},
                     {"assistant_output", ""},
                     {"tool_calls", Json::array({{{"id", id},
                                                  {"name", name},
                                                  {"arguments", Member(*record, "arguments")},
                                                  {"allowed", Member(*record, "allowed")},
                                                  {"timestamp", Member(*record, "timestamp")}}})},
                     {"tool_responses", Json::array({{{"tool_call_id", id},
                                                      {"name", name},
                                                      {"content", Member(*record, "result")}}})}});
  }
  return Json{{"final_answer", ""}, {"steps", std::move(steps)}};
}

bool IsHarborFile(const Json& file) {
  return file.is_object() && file.contains("schema_version") && file.contains("steps");
}

Json NormalizedHarbor(const Json& file) {
  Json steps = Json::array();
  const Json& given = Member(file, "steps");
  std::string final_answer;
  int number = 0;
  for (const Json& step : given.is_array() ? given : Json::array()) {
    ++number;
    if (!step.is_object()) continue;
    const std::string source(PythonStrip(TextOrEmpty(Member(step, "source"))));
    const std::string lower = LowerAscii(source);
    if (lower == "system" || lower == "user") continue;
    const Json calls = HarborCalls(step);
    const Json observation = ObservationOf(step);
    const std::string message = TextOrEmpty(Member(step, "message"));
    const std::string reasoning = TextOrEmpty(Member(step, "reasoning_content"));
    std::string output = message;
    if (!IsBlank(reasoning)) {
      const std::string labelled = "[REASONING_CONTENT]\n" + reasoning;
      output = IsBlank(message) ? labelled : message + "\n\n" + labelled;
    }
    Json id = Member(step, "step_id");
    if (IsFalse(id)) id = Member(step, "step");
    if (IsFalse(id)) id = "s" + std::to_string(number);
    if (output.empty() && calls.empty() && observation.is_null()) continue;
    Json normalized = {{"step", std::move(id)}, {"assistant_output", std::move(output)}};
    if (!calls.empty()) {
      normalized["tool_calls"] = calls;
      AddResponses(calls, observation, normalized);
    } else if (!observation.is_null()) {
      normalized["tool_call"] = nullptr;
      normalized["tool_response"] = observation;
    }
    steps.push_back(std::move(normalized));
    if (!IsBlank(message)) final_answer = std::string(PythonStrip(message));
  }
  return {{"final_answer", final_answer}, {"steps", std::move(steps)}};
}

}  // namespace axiometer
