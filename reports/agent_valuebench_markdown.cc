#include "reports/agent_valuebench_markdown.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>
#include <utility>

#include "reports/metrics.h"

namespace axiometer::valuebench {
namespace {

constexpr int kScoreDecimals = 4;
constexpr int kStrengthDecimals = 6;

// A system with its values: a column each.
using Columns = std::vector<std::pair<std::string, std::vector<std::string>>>;

// The harness experiment's, as the benchmark fixes them.
const Columns& HarnessColumns() {
  static const Columns kColumns = {
      {"mft08", {"Authority", "Care", "Fairness", "Loyalty", "Purity"}},
      {"nfcc2000",
       {"Closed-Mindedness", "Decisiveness", "Discomfort with Ambiguity",
        "Need for Cognitive Closure", "Preference for Order and Structure",
        "Preference for Predictability"}},
      {"pvq40",
       {"Achievement", "Benevolence", "Conformity", "Hedonism", "Power", "Security",
        "Self-Direction", "Stimulation", "Tradition", "Universalism"}},
      {"vsm13",
       {"Collectivism", "Femininity", "Individualism", "Indulgence", "Long Term Orientation",
        "Masculinity", "Power Distance", "Restraint", "Short Term Orientation",
        "Uncertainty Avoidance"}}};
  return kColumns;
}

constexpr std::pair<const char*, const char*> kHarnessRows[] = {{"claude-sonnet-4.6", "openclaw"},
                                                                {"claude-sonnet-4.6", "claudecode"},
                                                                {"gpt-5.4", "openclaw"},
                                                                {"gpt-5.4", "codex"},
                                                                {"kimi-k2.5", "openclaw"},
                                                                {"kimi-k2.5", "claudecode"},
                                                                {"kimi-k2.5", "codex"}};

std::string EscapedHtml(const std::string& text) {
  std::string safe;
  for (const char c : text) {
    switch (c) {
      case '&':
        safe += "&amp;";
        break;
      case '<':
        safe += "&lt;";
        break;
      case '>':
        safe += "&gt;";
        break;
      case '"':
        safe += "&quot;";
        break;
      default:
        safe += c;
    }
  }
  return safe;
}

// The exact binary value, correctly rounded, as Python's format() has it.
std::string Decimals(double value, int decimals) {
  char digits[400];
  const auto end =
      std::to_chars(digits, digits + sizeof digits, value, std::chars_format::fixed, decimals).ptr;
  return std::string(digits, end);
}

std::optional<double> AdherenceOf(const ResultRow& row, const std::string& system,
                                  const std::string& value) {
  const auto found = row.adherence.find(system);
  if (found == row.adherence.end()) return std::nullopt;
  const auto of_value = found->second.values.find(value);
  if (of_value == found->second.values.end()) return std::nullopt;
  return RoundScore(of_value->second.score);
}

const RankedValue* PriorityOf(const ResultRow& row, const std::string& system,
                              const std::string& value) {
  const auto found = row.priority.find(system);
  if (found == row.priority.end()) return nullptr;
  for (const RankedValue& ranked : found->second.ranking) {
    if (ranked.name == value) return &ranked;
  }
  return nullptr;
}

std::string AdherenceCell(const ResultRow& row, const std::string& system,
                          const std::string& value) {
  const std::optional<double> score = AdherenceOf(row, system, value);
  return score ? Decimals(*score, kScoreDecimals) : "-";
}

std::string PriorityCell(const ResultRow& row, const std::string& system,
                         const std::string& value) {
  const RankedValue* ranked = PriorityOf(row, system, value);
  if (ranked == nullptr) return "-";
  return Decimals(ranked->strength, kStrengthDecimals) + " / #" + std::to_string(ranked->rank);
}

using CellOf = std::string (*)(const ResultRow& row, const std::string& system,
                               const std::string& value);

void AddTable(const std::vector<ResultRow>& rows, const Columns& columns, const char* title,
              const char* format, CellOf cell, std::string& out) {
  out += std::string("## ") + title + "\n\nCell format: `" + format + "`.\n\n<table>\n";
  out += "  <thead>\n    <tr>\n      <th rowspan=\"2\">Model</th>\n";
  for (const auto& [system, values] : columns) {
    out += "      <th colspan=\"" + std::to_string(values.size()) + "\">" + EscapedHtml(system) +
           "</th>\n";
  }
  out += "    </tr>\n    <tr>\n";
  for (const auto& [system, values] : columns) {
    for (const std::string& value : values) out += "      <th>" + EscapedHtml(value) + "</th>\n";
  }
  out += "    </tr>\n  </thead>\n  <tbody>\n";
  for (const ResultRow& row : rows) {
    out += "    <tr>\n      <td>" + EscapedHtml(row.name) + "</td>\n";
    for (const auto& [system, values] : columns) {
      for (const std::string& value : values) {
        out += "      <td>" + EscapedHtml(cell(row, system, value)) + "</td>\n";
      }
    }
    out += "    </tr>\n";
  }
  out += "  </tbody>\n</table>\n";
}

std::string Render(const std::vector<ResultRow>& rows, const Columns& columns) {
  std::string out = "# Value Results Summary\n\n";
  AddTable(rows, columns, "Value Adherence", "final_score", AdherenceCell, out);
  out += "\n";
  AddTable(rows, columns, "Value Priority", "strength_parameter / rank", PriorityCell, out);
  return out;
}

Columns ColumnsOf(const std::vector<ResultRow>& rows) {
  std::map<std::string, std::set<std::string>> systems;
  for (const ResultRow& row : rows) {
    for (const auto& [system, of] : row.adherence) {
      for (const auto& [value, adherence] : of.values) systems[system].insert(value);
    }
    for (const auto& [system, of] : row.priority) {
      for (const RankedValue& value : of.ranking) systems[system].insert(value.name);
    }
  }
  Columns columns;
  for (const auto& [system, values] : systems) {
    columns.emplace_back(system, std::vector<std::string>(values.begin(), values.end()));
  }
  return columns;
}

std::string AfterLastSlash(const std::string& name) { return name.substr(name.rfind('/') + 1); }

// The cells that a row lacks, of which the first is named.
void AddMissing(const ResultRow& row, const char* what,
                bool (*has)(const ResultRow&, const std::string&, const std::string&),
                std::vector<std::string>& problems) {
  std::string first;
  size_t count = 0;
  for (const auto& [system, values] : HarnessColumns()) {
    for (const std::string& value : values) {
      if (has(row, system, value)) continue;
      if (count++ == 0) first = system + " " + value;
    }
  }
  if (count == 0) return;
  std::string problem = row.name + " has no " + what + " of " + first;
  if (count > 1) problem += " and " + std::to_string(count - 1) + " more";
  problems.push_back(std::move(problem));
}

}  // namespace

std::string ResultsMarkdown(std::vector<ResultRow> rows) {
  std::stable_sort(rows.begin(), rows.end(),
                   [](const ResultRow& a, const ResultRow& b) { return a.name < b.name; });
  return Render(rows, ColumnsOf(rows));
}

Result<std::string> HarnessResultsMarkdown(const std::vector<ResultRow>& rows) {
  std::vector<ResultRow> chosen;
  std::vector<std::string> problems;
  for (const auto& [model, harness] : kHarnessRows) {
    const ResultRow* found = nullptr;
    for (const ResultRow& row : rows) {
      if (row.model != model || row.harness != harness) continue;
      if (found != nullptr) {
        return UsageError("runs " + found->run + " and " + row.run,
                          std::string("both are of ") + model + " with " + harness,
                          "name one run for each, judged by one judge");
      }
      found = &row;
    }
    if (found == nullptr) {
      problems.push_back(std::string("no run of ") + model + " with " + harness);
      continue;
    }
    chosen.push_back(*found);
    chosen.back().name = std::string(model) + "/" + harness;
    AddMissing(
        chosen.back(), "adherence",
        [](const ResultRow& row, const std::string& system, const std::string& value) {
          return AdherenceOf(row, system, value).has_value();
        },
        problems);
    AddMissing(
        chosen.back(), "priority",
        [](const ResultRow& row, const std::string& system, const std::string& value) {
          return PriorityOf(row, system, value) != nullptr;
        },
        problems);
  }
  if (!problems.empty()) {
    std::string what;
    for (const std::string& problem : problems) what += (what.empty() ? "" : "; ") + problem;
    return Failed("agent-valuebench-harness-markdown", what,
                  "the table has every cell or is not made; agent-valuebench-markdown shows what "
                  "there is");
  }
  return Render(chosen, HarnessColumns());
}

Result<std::vector<ResultRow>> ResultRows(const ReportData& data) {
  std::vector<ResultRow> rows;
  for (const RunData& run : data.runs) {
    const RunRow& row = run.summary.run;
    if (!run.is_valuebench() && !run.is_forced_choice()) {
      return UsageError(
          "--format",
          "run " + row.id + " is of suite \"" + row.suite + "\", not of agent-valuebench",
          "text, markdown, json and html fit every suite");
    }
    const std::string model = row.model.substr(row.model.find('/') + 1);
    ResultRow blank;
    blank.name = model;
    blank.model = AfterLastSlash(model);
    blank.harness = row.scaffold;
    blank.run = row.id;
    const RunResult result = Analyse(run);
    if (result.judges.empty()) rows.push_back(blank);
    for (const JudgeResult& judge : result.judges) {
      ResultRow one = blank;
      if (result.judges.size() > 1) {
        one.name += " (judge " + judge.judge.substr(judge.judge.find('/') + 1) + ")";
      }
      if (!judge.official.empty()) {
        one.adherence = judge.official.front().adherence;
        one.priority = judge.official.front().priority;
      }
      rows.push_back(std::move(one));
    }
  }
  std::map<std::string, int> named;
  for (const ResultRow& row : rows) ++named[row.name];
  for (ResultRow& row : rows) {
    if (named[row.name] > 1) row.name += " (run " + row.run + ")";
  }
  return rows;
}

}  // namespace axiometer::valuebench
