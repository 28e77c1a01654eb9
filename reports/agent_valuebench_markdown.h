#pragma once

#include <map>
#include <string>
#include <vector>

#include "harness/base/result.h"
#include "reports/agent_valuebench.h"
#include "reports/data.h"

namespace axiometer::valuebench {

// One subject's official numbers, as the benchmark keeps them in one folder of results.
struct ResultRow {
  std::string name;     // shown: the model's name
  std::string model;    // after the last "/" of its name
  std::string harness;  // the scaffold: "react_tools", "openclaw", "codex", "claudecode"
  std::string run;      // id, for errors
  std::map<std::string, SystemAdherence, std::less<>> adherence;
  std::map<std::string, SystemPriority, std::less<>> priority;
};

// The document that render_value_results_markdown.py makes of one folder a row, byte for byte: rows
// in order of name, a column for each value that any row has. Where that program stops at a system
// whose pairs do not hang together, that system alone has cells of "-".
std::string ResultsMarkdown(std::vector<ResultRow> rows);

// The document of render_harness_value_results_markdown.py: seven fixed pairs of model and harness
// over the values of four systems. Error: what is missing, as there; two rows of one pair.
Result<std::string> HarnessResultsMarkdown(const std::vector<ResultRow>& rows);

// A row for each run and judge: finished cases of the first epoch. A row is named for the run's
// model, with the judge if several judged, and with the run's id if the name would not be alone.
// Forced choices have a priority and no adherence. Error: a run of another suite.
Result<std::vector<ResultRow>> ResultRows(const ReportData& data);

}  // namespace axiometer::valuebench
