#include "harness/scaffold/react_text.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

#include "harness/base/python_json.h"
#include "harness/base/utf8.h"

namespace axiometer {
namespace {

constexpr std::string_view kAction = "action:";
constexpr std::string_view kInput = "action input:";
constexpr std::string_view kFinal = "final answer:";
constexpr std::string_view kObservation = "observation:";

// A line that begins with one of the words, in whatever case and after white space.
struct Place {
  size_t begin = std::string_view::npos;  // of the line
  size_t after = std::string_view::npos;  // of what follows the word
  bool found() const { return begin != std::string_view::npos; }
};

Place FindLine(std::string_view text, std::string_view word, size_t from = 0) {
  while (from < text.size()) {
    const size_t line_end = std::min(text.find('\n', from), text.size());
    const std::string_view line = text.substr(from, line_end - from);
    const size_t start = std::min(line.find_first_not_of(" \t\r*#"), line.size());
    if (LowerAscii(line.substr(start, word.size())) == word)
      return {from, from + start + word.size()};
    from = line_end + 1;
  }
  return {};
}

std::string_view BeforeObservation(std::string_view text) {
  const Place invented = FindLine(text, kObservation);
  return invented.found() ? text.substr(0, invented.begin) : text;
}

std::string_view Between(std::string_view text, size_t from, const Place& end) {
  return text.substr(from, (end.found() ? end.begin : text.size()) - from);
}

// A name as models decorate it: in quotes, stars or backquotes, or with a pair of parentheses.
std::string_view BareName(std::string_view name) {
  static constexpr std::string_view kAround = " \t\r\n`'\"*.";
  const size_t begin = name.find_first_not_of(kAround);
  if (begin == std::string_view::npos) return {};
  name = name.substr(begin, name.find_last_not_of(kAround) - begin + 1);
  return name.ends_with("()") ? name.substr(0, name.size() - 2) : name;
}

}  // namespace

std::string ReactText::Convention() const {
  return "How you act: each of your messages is one step, in one of two forms.\n"
         "To use a tool, two lines, the second with one JSON object:\n"
         "Action: NAME\n"
         "Action Input: {...}\n"
         "Then stop: the next message is its result and begins with \"Observation:\".\n"
         "When you are done, your closing message:\n"
         "Final Answer: TEXT\n"
         "You may think aloud in lines before that. The tools, one a line, each with the JSON "
         "Schema of its arguments:\n";
}

WrittenStep ReactText::Read(const std::string& whole) const {
  const std::string_view text = PythonStrip(BeforeObservation(whole));
  WrittenStep step;
  const Place action = FindLine(text, kAction);
  const Place final = FindLine(text, kFinal);
  if (!action.found() || (final.found() && final.begin < action.begin)) {
    const std::string_view closing = PythonStrip(final.found() ? text.substr(final.after) : text);
    if (closing.empty()) {
      step.problem = "there is nothing after \"Final Answer:\"";
    } else {
      step.closing = std::string(closing);
    }
    return step;
  }
  const size_t name_end = std::min(text.find('\n', action.after), text.size());
  const std::string_view name = BareName(text.substr(action.after, name_end - action.after));
  if (name.empty()) {
    step.problem = "there is no tool's name after \"Action:\"";
    return step;
  }
  const Place next = FindLine(text, kAction, name_end);
  const Place input = FindLine(text, kInput, name_end);
  if (!input.found() || (next.found() && next.begin < input.begin))
    return Call(std::string(name), Json());
  Place end = next;
  if (const Place closing = FindLine(text, kFinal, input.after);
      closing.found() && (!end.found() || closing.begin < end.begin)) {
    end = closing;
  }
  return Call(std::string(name), Json(std::string(PythonStrip(Between(text, input.after, end)))));
}

Message ReactText::Enter(const Message& reply) const {
  Message entered = reply;
  entered.text = std::string(BeforeObservation(reply.text));
  if (reply.raw.empty()) return entered;
  std::optional<Json> raw = ParsePythonJson(reply.raw);
  if (!raw || !raw->is_object()) return entered;
  const auto content = raw->find("content");
  if (content == raw->end() || !content->is_string()) return entered;
  const std::string& text = content->get_ref<const std::string&>();
  const std::string_view kept = BeforeObservation(text);
  if (kept.size() == text.size()) return entered;
  *content = std::string(kept);
  entered.raw = DumpJsonAsPython(*raw);
  return entered;
}

std::string ReactText::ResultText(const ToolExchange& tool) const {
  return "Observation: " + tool.result;
}

}  // namespace axiometer
