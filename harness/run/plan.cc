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

bool Plan::Alike(const WantedSample& left, const WantedSample& right) {
  const auto same = [](const WantedJudgement& one, const WantedJudgement& other) {
    return one.seat == other.seat && one.repeat == other.repeat;
  };
  return left.task == right.task && left.attempts == right.attempts && left.attempt == 0 && right.attempt == 0 &&
         std::ranges::equal(left.judges, right.judges, same);
}

void Plan::Add(WantedSample sample) {
  ++size_;
  if (!stretches_.empty()) {
    Stretch& last = stretches_.back();
    if (last.last_epoch + 1 == sample.epoch && Alike(last.first, sample)) {
      ++last.last_epoch;
      return;
    }
  }
  const int epoch = sample.epoch;
  stretches_.push_back({std::move(sample), epoch});
}

bool Plan::runs_any() const {
  return std::ranges::any_of(stretches_, [](const Stretch& stretch) { return stretch.first.attempt == 0; });
}

std::vector<size_t> Plan::Tasks() const {
  std::vector<size_t> tasks;
  for (const Stretch& stretch : stretches_) tasks.push_back(stretch.first.task);
  std::ranges::sort(tasks);
  tasks.erase(std::unique(tasks.begin(), tasks.end()), tasks.end());
  return tasks;
}

std::optional<WantedSample> Plan::Next() {
  if (size_ == 0) return std::nullopt;
  while (true) {
    if (at_ == stretches_.size()) {
      at_ = 0;
      ++epoch_;
    }
    Stretch& stretch = stretches_[at_];
    const bool over = stretch.first.epoch > stretch.last_epoch;
    const bool now = longest_first_ || stretch.first.epoch <= epoch_;
    if (over || !now) {
      ++at_;
      continue;
    }
    WantedSample sample = stretch.first;
    ++stretch.first.epoch;
    if (!longest_first_) ++at_;
    --size_;
    return sample;
  }
}

Plan MakePlan(const std::vector<TaskRef>& tasks, int epochs, const std::vector<std::string>& judge_ids,
              const std::map<std::pair<std::string, int>, SampleState>& stored, bool retry_errors) {
  Plan plan;
  for (size_t index = 0; index < tasks.size(); ++index) {
    for (int epoch = 1; epoch <= epochs; ++epoch) {
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
      plan.Add(std::move(sample));
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
        plan.Add(std::move(sample));
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
  for (Plan::Stretch& stretch : plan.stretches_) {
    const auto found = steps.find(tasks[stretch.first.task].id);
    stretch.first.expected_steps = static_cast<int>(std::lround(found == steps.end() ? mean : found->second));
  }
  std::ranges::stable_sort(plan.stretches_, [](const Plan::Stretch& left, const Plan::Stretch& right) {
    const bool left_runs = left.first.attempt == 0;
    const bool right_runs = right.first.attempt == 0;
    if (left_runs != right_runs) return right_runs;
    return left_runs && left.first.expected_steps > right.first.expected_steps;
  });
  plan.longest_first_ = true;
}

}  // namespace axiometer
