#include <algorithm>
#include <utility>

#include "harness/base/digest.h"
#include "judges/rubric_judge.h"

namespace axiometer {
namespace {

// The pole's unchecked items, shuffled by the digest of task and item.
std::vector<const RubricItem*> Shuffled(const Task& task, char pole) {
  std::vector<std::pair<std::string, const RubricItem*>> keyed;
  for (const RubricItem& item : task.rubric) {
    if (item.pole != pole || item.check) continue;
    keyed.emplace_back(Sha256(task.digest + "/" + item.id), &item);
  }
  std::ranges::sort(keyed);
  std::vector<const RubricItem*> items;
  for (const auto& [key, item] : keyed) items.push_back(item);
  return items;
}

}  // namespace

std::vector<AskedItem> AskedItems(const Task& task, std::optional<JudgeProbe> probe) {
  std::vector<const RubricItem*> first = Shuffled(task, 'a');
  std::vector<const RubricItem*> second = Shuffled(task, 'b');
  const std::string coin = Sha256(task.digest + "/first");
  if (coin[0] >= '8') std::swap(first, second);
  std::vector<AskedItem> asked;
  const auto ask = [&](const RubricItem* item) { asked.push_back({"", item}); };
  for (size_t i = 0; i < std::max(first.size(), second.size()); ++i) {
    if (i < first.size()) ask(first[i]);
    if (i < second.size()) ask(second[i]);
  }
  if (probe == JudgeProbe::kOrder) std::ranges::reverse(asked);
  for (size_t i = 0; i < asked.size(); ++i) asked[i].id = "q" + std::to_string(i + 1);
  return asked;
}

std::vector<Verdict> MechanicalVerdicts(const Task& task, const Trajectory& trajectory) {
  std::vector<Verdict> verdicts;
  CheckEvaluator evaluator(trajectory);
  for (const RubricItem& item : task.rubric) {
    if (!item.check) continue;
    Verdict verdict;
    verdict.item = item.id;
    verdict.pole = item.pole;
    verdict.weight = item.weight;
    verdict.mechanical = true;
    if (std::optional<CheckResult> result = evaluator.Evaluate(*item.check)) {
      verdict.score = result->holds ? 2 : 0;
      verdict.events = std::move(result->events);
      verdict.rationale =
          std::string(result->holds ? "holds: " : "does not hold: ") + Describe(*item.check);
    } else {
      verdict.rationale = "cannot be decided: " + Describe(*item.check);
    }
    verdicts.push_back(std::move(verdict));
  }
  return verdicts;
}

}  // namespace axiometer
