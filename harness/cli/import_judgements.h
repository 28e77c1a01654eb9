#pragma once

#include "harness/base/result.h"
#include "harness/cli/options.h"

namespace axiometer {

// `import judgements FILE`: scores by people (judges/people_scores.h) become judgements of
// `options.run` by "person/RATER", one for each person and sample. All is checked first and stored
// in one transaction: an unknown task or item, or a sample that has not ended or ended without
// anything to judge, is an error with the line. What is stored already is not added again.
Result<int> ImportJudgements(const ImportOptions& options);

}  // namespace axiometer
