#include "harness/run/plan.h"

namespace axiometer {
namespace {

std::vector<size_t> MissingJudges(const std::vector<std::string>& judge_ids, const SampleState* state,
                                  bool retry_errors) {
  std::vector<size_t> missing;
  for (size_t i = 0; i < judge_ids.size(); ++i) {
    if (!state || !state->judges.contains(judge_ids[i]) ||
        (retry_errors && state->judge_errors.contains(judge_ids[i]))) {
      missing.push_back(i);
    }
  }
  return missing;
}

}  // namespace

Plan MakePlan(const std::vector<TaskRef>& tasks, int epochs, const std::vector<std::string>& judge_ids,
              const std::map<std::pair<std::string, int>, SampleState>& stored, bool retry_errors) {
  Plan plan;
  for (int epoch = 1; epoch <= epochs; ++epoch) {
    for (size_t index = 0; index < tasks.size(); ++index) {
      ++plan.wanted;
      const auto found = stored.find({tasks[index].id, epoch});
      const SampleState* state = found == stored.end() ? nullptr : &found->second;
      WantedSample sample;
      sample.task = index;
      sample.epoch = epoch;
      sample.attempts = state ? state->attempts : 0;
      const bool run = !state || !state->outcome || (retry_errors && IsError(*state->outcome));
      if (run) {
        sample.judges = MissingJudges(judge_ids, nullptr, false);
      } else {
        if (IsJudged(*state->outcome)) sample.judges = MissingJudges(judge_ids, state, retry_errors);
        if (sample.judges.empty()) {
          ++plan.done;
          continue;
        }
        sample.attempt = state->attempt;
      }
      plan.samples.push_back(std::move(sample));
    }
  }
  return plan;
}

}  // namespace axiometer
