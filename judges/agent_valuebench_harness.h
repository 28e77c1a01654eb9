#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/base/json.h"
#include "harness/base/result.h"

// What Agent-ValueBench's judge is shown of a run in another harness: its records put into the form
// of the released trajectory files, as run_batch_harness_rubric_judging.py does it.
namespace axiometer {

// Each gives {"final_answer": text, "steps": [{"step", "assistant_output", "tool_calls",
// "tool_responses"} or the same with singular fields, …]}.

// A tool log: one JSON object a line. Blank lines and lines that hold no object are skipped; a line
// that is no JSON is an error, with its number.
Result<Json> NormalizedToolLog(std::string_view text, const std::string& where);

// Harbor's format: an object with "schema_version" and "steps".
bool IsHarborFile(const Json& file);
Json NormalizedHarbor(const Json& file);

// shlex.split(text): the words of a POSIX shell line; empty if a quote or an escape is not ended.
std::vector<std::string> ShellWords(std::string_view text);

// repr(value) of what JSON can hold; characters beyond ASCII count as printable.
std::string PythonRepr(const Json& value);

}  // namespace axiometer
