#include "harness/cli/task_text.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/utf8.h"
#include "harness/cli/authoring.h"
#include "harness/cli/live_display.h"
#include "reports/plain_text.h"

namespace axiometer {
namespace {

constexpr int kNameCells = 17;

// Each line of the text behind `first`; further lines, of the text and of a narrow terminal, below it.
void PrintLines(const std::string& first, std::string_view text, int indent) {
  const bool wrap = isatty(STDOUT_FILENO);
  const int room = wrap ? TerminalWidth(STDOUT_FILENO) - indent : 0;
  std::string before = PadRight(first, std::max(indent, CellsOf(first)));
  for (size_t at = 0; at <= text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    const std::string line = ForTerminal(text.substr(at, end - at));
    const bool fits = !wrap || CellsOf(line) <= room;
    for (const std::string& part : fits ? std::vector<std::string>{line} : WrappedLines(line, room)) {
      std::printf("%s%s\n", part.empty() ? "" : before.c_str(), part.c_str());
      before.assign(static_cast<size_t>(indent), ' ');
    }
    at = end + 1;
  }
}

void PrintFact(const std::string& name, const std::string& text) {
  if (!text.empty()) PrintLines(name + " ", text, kNameCells);
}

void PrintFacts(const Task& task) {
  if (task.kind != TaskKind::kAgent) PrintFact("kind", TaskKindName(task.kind));
  PrintFact("value system", task.value_system);
  PrintFact("pole a", task.pole_a);
  PrintFact("pole b", task.pole_b);
  PrintFact("environment", task.environment);
  PrintFact("tools", Listed(task.tool_names));
  PrintFact("right answer", task.gold);
  std::vector<std::string> options;
  for (const ChoiceOption& option : task.options) {
    options.push_back(option.pole ? option.key + " (pole " + option.pole + ")" : option.key);
  }
  PrintFact("options", Listed(options));
  for (const auto& [name, text] : task.tags) {
    if (name != "value_system" && name != "environment") PrintFact(ForTerminal(name), text);
  }
}

}  // namespace

void PrintOpening(const Task& task) {
  for (const Message& message : task.opening) {
    std::printf("\n[%s]\n", RoleName(message.role));
    PrintLines("", message.text, 0);
  }
}

void PrintTask(const Task& task) {
  std::printf("%s\n", ForTerminal(task.id).c_str());
  PrintLines("", task.title, 0);
  std::printf("\n");
  PrintFacts(task);
  PrintOpening(task);
  if (!task.rubric.empty()) std::printf("\ncheckpoints\n");
  for (const RubricItem& item : task.rubric) {
    std::printf("  %s  pole %c, weight %g%s\n", ForTerminal(item.id).c_str(), item.pole, item.weight, item.check ? "" : ", judged");
    PrintLines("", item.question, 6);
    if (item.check) PrintLines("", "check: " + Describe(*item.check), 6);
  }
}

}  // namespace axiometer
