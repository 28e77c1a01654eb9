#include "harness/run/plan.h"

#include <algorithm>

namespace axiometer {
namespace {

// Until each judge has given `repeats` judgements; one more in place of a model error if `retry_errors`.
std::vector<WantedJudgement> MissingJudgements(const std::vector<std::string>& judge_ids, int repeats,
                                               const SampleState* state, bool retry_errors) {
  std::vector<WantedJudgement> missing;
  for (size_t seat = 0; seat < judge_ids.size(); ++seat) {
    int there = 0;
    if (state != nullptr) {
      const auto found = state->judgements.find(judge_ids[seat]);
      if (found != state->judgements.end()) there = found->second;
    }
    const bool again = retry_errors && state != nullptr && state->judge_errors.contains(judge_ids[seat]);
    const int wanted = std::max(repeats - there, again ? 1 : 0);
    for (int repeat = there; repeat < there + wanted; ++repeat) missing.push_back({seat, repeat});
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
        sample.judges = MissingJudgements(judge_ids, 1, nullptr, false);
      } else {
        if (IsJudged(*state->outcome)) sample.judges = MissingJudgements(judge_ids, 1, state, retry_errors);
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

Plan PlanJudging(const std::vector<TaskRef>& tasks, const std::vector<std::string>& judge_ids, int repeats,
                 const std::map<std::pair<std::string, int>, SampleState>& stored, bool retry_errors) {
  Plan plan;
  for (size_t index = 0; index < tasks.size(); ++index) {
    for (auto found = stored.lower_bound({tasks[index].id, 0});
         found != stored.end() && found->first.first == tasks[index].id; ++found) {
      const SampleState& state = found->second;
      if (!state.outcome || !IsJudged(*state.outcome)) continue;
      ++plan.wanted;
      WantedSample sample;
      sample.task = index;
      sample.epoch = found->first.second;
      sample.attempts = state.attempts;
      sample.attempt = state.attempt;
      sample.judges = MissingJudgements(judge_ids, repeats, &state, retry_errors);
      if (sample.judges.empty()) {
        ++plan.done;
      } else {
        plan.samples.push_back(std::move(sample));
      }
    }
  }
  return plan;
}

}  // namespace axiometer
