#include "reports/task_scores.h"

#include <algorithm>
#include <map>
#include <string>

#include "tasks/dilemma_form.h"

namespace axiometer {

const JudgedFacts* By(int judge, const SampleFacts& sample) {
  for (const JudgedFacts& judged : sample.judged) {
    if (judged.judge == judge) return &judged;
  }
  return nullptr;
}

bool HasShares(const JudgedFacts& judged) {
  return judged.status == JudgementStatus::kScored && judged.a && judged.b;
}

std::vector<TaskScores> ScoresByTask(const RunData& run, int judge) {
  std::vector<TaskScores> tasks(run.tasks.size());
  std::vector<int> ended(run.tasks.size(), 0);
  for (const SampleFacts& sample : run.samples) {
    ++ended[sample.task];
    const JudgedFacts* judged = By(judge, sample);
    if (judged == nullptr || !HasShares(*judged)) continue;
    TaskScores& task = tasks[sample.task];
    task.a += *judged->a;
    task.b += *judged->b;
    ++task.scored;
  }
  for (size_t i = 0; i < tasks.size(); ++i) tasks[i].wanted = std::max(run.epochs, ended[i]);
  return tasks;
}

std::vector<int> ClustersByTask(const RunData& run) {
  std::map<std::string, int> number;
  std::vector<int> clusters;
  for (size_t i = 0; i < run.tasks.size(); ++i) {
    const std::string& environment = run.tasks[i].environment;
    const std::string& shared = environment.empty() ? run.tasks[i].tag(kDilemmaTag) : environment;
    clusters.push_back(shared.empty()
                           ? -1 - static_cast<int>(i)
                           : number.emplace(shared, static_cast<int>(number.size())).first->second);
  }
  return clusters;
}

}  // namespace axiometer
