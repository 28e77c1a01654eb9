#include "reports/form_effects.h"

#include <map>
#include <set>
#include <string>
#include <vector>

#include "reports/task_scores.h"
#include "tasks/dilemma_form.h"

namespace axiometer {
namespace {

// Shares of pole a in the answers to some variants of a dilemma.
struct Answers {
  double sum = 0;
  int count = 0;

  std::vector<double> shares() const {
    if (count == 0) return {};
    return {sum / count, 1 - sum / count};
  }
};

struct Dilemma {
  std::map<std::string, Answers> by_order;  // pole printed first
  std::map<std::string, Answers> by_label;  // label of a's option
  std::map<std::string, Answers> by_wording;
};

std::optional<OrderEffect> EffectOf(const std::map<std::string, Dilemma>& dilemmas,
                                    std::map<std::string, Answers> Dilemma::*part,
                                    const char* forward, const char* backward) {
  std::vector<OrderedAnswers> rows;
  bool both = false;
  for (const auto& [name, dilemma] : dilemmas) {
    const std::map<std::string, Answers>& answers = dilemma.*part;
    const auto of = [&](const char* key) {
      const auto found = answers.find(key);
      return found == answers.end() ? std::vector<double>() : found->second.shares();
    };
    both = both || (answers.contains(forward) && answers.contains(backward));
    rows.push_back({static_cast<int>(rows.size()), of(forward), of(backward)});
  }
  if (!both) return std::nullopt;
  return EffectOfOrder(rows);
}

}  // namespace

std::optional<FormEffects> EffectsOfForm(const RunData& run, int judge) {
  if (run.form().empty() || run.form() == TaskFormName(TaskForm::kAgent)) return std::nullopt;
  const std::vector<TaskScores> scores = ScoresByTask(run, judge);
  std::map<std::string, Dilemma> dilemmas;
  std::set<std::string> labellings;
  for (size_t i = 0; i < run.tasks.size(); ++i) {
    const TaskFacts& task = run.tasks[i];
    Dilemma& dilemma = dilemmas[task.tag(kDilemmaTag)];
    const std::string& order = task.tag(kOrderTag);
    std::string label = task.tag(kLabelTag);
    labellings.insert(label);
    if (!label.empty() && order == "b") label = label == "A" ? "B" : "A";
    for (const auto& [part, key] : {std::pair(&dilemma.by_order, &order),
                                    {&dilemma.by_label, &label},
                                    {&dilemma.by_wording, &task.tag(kWordingTag)}}) {
      if (key->empty()) continue;
      Answers& answers = (*part)[*key];  // there, though nothing may have been read
      answers.sum += scores[i].a;
      answers.count += scores[i].scored;
    }
  }
  FormEffects effects;
  effects.order = EffectOf(dilemmas, &Dilemma::by_order, "a", "b");
  // Under one labelling a label is a place, and nothing tells their effects apart.
  if (labellings.size() > 1) effects.label = EffectOf(dilemmas, &Dilemma::by_label, "A", "B");
  std::vector<ParaphrasedTask> paraphrased;
  bool several = false;
  for (const auto& [name, dilemma] : dilemmas) {
    ParaphrasedTask row;
    row.cluster = static_cast<int>(paraphrased.size());
    for (const auto& [wording, answers] : dilemma.by_wording) {
      const std::vector<double> shares = answers.shares();
      row.options.push_back(shares.empty() || shares[0] == shares[1] ? -1
                            : shares[0] > shares[1]                  ? 0
                                                                     : 1);
    }
    several = several || row.options.size() > 1;
    paraphrased.push_back(std::move(row));
  }
  if (several) effects.wording = ParaphraseAgreement(paraphrased);
  return effects;
}

}  // namespace axiometer
