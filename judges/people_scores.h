#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/result.h"
#include "harness/record/score.h"

namespace axiometer {

// What a person gave one item of one sample.
struct PersonScore {
  size_t line = 0;  // of the file, from 1
  std::string task;
  int epoch = 1;
  std::string item;
  std::string rater;  // the person's name, as written
  int score = 0;      // 0, 1 or 2
};

// Reads a table of scores by people: comma separated (RFC 4180), the first row a header with the
// columns task, item, rater, score and, if wanted, epoch (default 1), in any order. Empty lines are
// skipped. The first thing that is wrong is an error with the line: a column that is missing,
// unknown or there twice; another number of cells; an empty task, item or rater, or one that is not
// UTF-8; a score other than 0, 1, 2; an epoch that is no number from 1; a second score by one
// person of one item; no score at all. `where` names the file.
Result<std::vector<PersonScore>> ReadPeoplesScores(std::string_view text, const std::string& where);

// What one person says of one sample. `rubric`: all items, scores absent; `scores`: by item.
// Verdicts are of the items that have a score, in rubric order, scores "a" and "b" of the poles of
// which no item is missing. kScored if none is missing at all, else kUnscorable.
Judgement PersonsJudgement(const std::vector<Verdict>& rubric,
                           const std::map<std::string, int>& scores);

}  // namespace axiometer
