#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/result.h"

namespace axiometer {

// What Agent-ValueBench's own programs left of one case.
struct ReleasedFiles {
  std::string stem;        // "case_00001"
  std::string result;      // path of its case_00001_result.json; empty: it was not judged
  std::string trajectory;  // path of its case_00001_traj.json or .jsonl; empty: there is none
};

// The results below a folder, by case; files of other names, and folders whose name begins with
// ".", are left alone. Errors: no such folder, nothing in it, two files for one thing, a file that
// ends like a result or a trajectory and is not named for a case.
Result<std::vector<ReleasedFiles>> FindReleasedResults(const std::string& directory);

// One judge's verdict in a result file.
struct ReleasedVerdict {
  std::string model;
  std::string verdict;  // as received: one JSON object on a line
};
struct ReleasedResult {
  std::string case_name;                  // as the file says; empty: it does not
  int64_t made_ms = 0;                    // generated_at_utc, from 1970; 0: it does not say
  std::vector<ReleasedVerdict> verdicts;  // by judge, in the file's order
};

// The text of a case_00001_result.json. Errors begin with `where`: no verdict, two of one judge.
Result<ReleasedResult> ReadReleasedResult(std::string_view text, const std::string& where);

}  // namespace axiometer
