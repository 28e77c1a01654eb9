#include "harness/run/plan.h"

#include <algorithm>
#include <cmath>

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

void LongestFirst(Plan& plan, const std::vector<TaskRef>& tasks, const std::map<std::string, double>& steps) {
  if (steps.empty()) return;
  double sum = 0;
  for (const auto& [task, count] : steps) sum += count;
  const double mean = sum / static_cast<double>(steps.size());
  for (WantedSample& sample : plan.samples) {
    const auto found = steps.find(tasks[sample.task].id);
    sample.expected_steps = static_cast<int>(std::lround(found == steps.end() ? mean : found->second));
  }
  std::ranges::stable_sort(plan.samples, [](const WantedSample& left, const WantedSample& right) {
    const bool left_runs = left.attempt == 0;
    const bool right_runs = right.attempt == 0;
    if (left_runs != right_runs) return right_runs;
    return left_runs && left.expected_steps > right.expected_steps;
  });
}

}  // namespace axiometer
