#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "harness/base/json.h"
#include "harness/record/run_spec.h"
#include "harness/store/store.h"
#include "reports/task_record.h"

// One sample as Inspect AI's log has it (inspect_ai.log: EvalSample, EvalSampleSummary; inspect_ai.scorer: Score).
// Pure.
namespace axiometer::inspect {

// What a sample's entry takes from its task's stored record.
struct TaskTexts {
  TaskFacts facts;
  std::map<std::string, std::string> questions;  // of rubric items, by id
  std::vector<std::string> choices;              // texts of the options
  Json opening = Json::array();                  // messages, for samples that came without a trajectory
};
Result<TaskTexts> ReadTaskTexts(const TaskRow& task);

// "2025-11-24T16:00:00.000+00:00"; null for 0, which means that nothing is known.
Json TimeJson(int64_t wall_ms);

// Usage of one sample by model: the subject's calls and those of its judges, earlier judgements included.
using UsageByModel = std::map<std::string, Usage>;

struct LoggedSample {
  Json sample;
  Json summary;         // with texts cut to 1 kB
  UsageByModel judges;  // by judge
};

// A sample without score because something broke, or because the subject said nothing usable, is an `error` there; one
// that a limit ended has that `limit`, of Inspect's type "custom" where older versions know no other. Each judge is one
// Score: its value holds the scores as `export --format jsonl` has them, null where the judge gave none; its
// explanation the rationale of each item; its answer the final text. Judges' probes are left out. `unjudged`: of a
// sample that no judge saw, what its protocol gives it all the same, as a Score of the protocol's name.
LoggedSample EntryOf(const RunRow& run, const RunSpec& spec, const TaskTexts& task, const SampleRow& row,
                    const Trajectory& trajectory, const std::vector<Score>& unjudged);

}  // namespace axiometer::inspect
