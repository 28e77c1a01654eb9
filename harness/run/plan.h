#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "harness/store/store.h"
#include "tasks/task.h"

namespace axiometer {

// A judgement that is missing.
struct WantedJudgement {
  size_t seat = 0;  // index of the judge
  int repeat = 0;   // judgements of this attempt by this judge that there are already
};

// One sample that still needs work.
struct WantedSample {
  size_t task = 0;       // index into the task source
  int epoch = 1;
  int attempts = 0;      // begun before
  int restarts = 0;      // of these, in this session because the sandbox had ended around them
  int expected_steps = 0;  // assistant turns that it will probably take; 0: as unknown as all others
  int64_t attempt = 0;   // 0: run it; otherwise this ended attempt lacks judgements
  std::vector<WantedJudgement> judges;  // in the order of the judges
};

// What a run still needs, one sample after another. Kept as stretches of epochs of one task that are wanted alike, so that
// repetitions cost no memory.
class Plan {
 public:
  int64_t wanted = 0;  // all samples of the run
  int64_t done = 0;    // of those, needing nothing

  size_t size() const { return size_; }  // samples that are left
  bool runs_any() const;                 // whether one of them is to be run, and not judged alone
  std::vector<size_t> Tasks() const;     // of what is left, each once, ascending
  // The next one, taken out: epoch by epoch in task order, or as LongestFirst says. nullopt: none is left.
  std::optional<WantedSample> Next();
  void Add(WantedSample sample);  // behind those of its task that are there

 private:
  friend void LongestFirst(Plan& plan, const std::vector<TaskRef>& tasks, const std::map<std::string, double>& steps);

  struct Stretch {
    WantedSample first;   // with its epoch
    int last_epoch = 1;
  };
  static bool Alike(const WantedSample& left, const WantedSample& right);

  std::vector<Stretch> stretches_;
  size_t size_ = 0;
  bool longest_first_ = false;
  size_t at_ = 0;   // the stretch that is looked at next
  int epoch_ = 0;   // the epoch that is being handed out; 0: not begun
};

// What is wanted minus what the store holds. A sample is run if no attempt of it ended, or if it ended in
// an error and `retry_errors`; an attempt that is judged (IsJudged) needs every judge's judgement, a new one
// in place of a model error if `retry_errors`.
// `judge_ids` are as stored.
Plan MakePlan(const std::vector<TaskRef>& tasks, int epochs, const std::vector<std::string>& judge_ids,
              const std::map<std::pair<std::string, int>, SampleState>& stored, bool retry_errors);

// Judging alone: every stored attempt that is judged gets `repeats` judgements (1 or more) by each judge, less
// those that it has. Nothing is run.
Plan PlanJudging(const std::vector<TaskRef>& tasks, const std::vector<std::string>& judge_ids, int repeats,
                 const std::map<std::pair<std::string, int>, SampleState>& stored, bool retry_errors);

// What is to be run in the order of expected length, the longest first, so that no long sample is left alone at the end;
// judging alone before everything. `steps`: assistant turns by task, of an earlier run or from the task itself; tasks that
// it lacks are expected to take its mean. Empty: the order stays.
void LongestFirst(Plan& plan, const std::vector<TaskRef>& tasks, const std::map<std::string, double>& steps);

}  // namespace axiometer
