#include "reports/form_gaps.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <tuple>
#include <utility>

#include "harness/base/json.h"
#include "reports/metric_list.h"
#include "reports/stats/multiplicity.h"
#include "reports/task_scores.h"

namespace axiometer {
namespace {

// What the subject is, apart from the suite's form: model with its settings, system prompt, skill,
// scaffold of the agent form aside, which the other forms do not have.
std::string SubjectOf(const RunData& run) {
  const RunRow& row = run.summary.run;
  Json key = Json::array({row.suite, row.model});
  const Result<Json> config = ParseJson(row.config, "stored configuration of run " + row.id);
  if (config && config->is_object()) {
    for (const char* member : {"model", "system_prompt_digest", "skill_digest"}) {
      if (config->contains(member)) key.push_back((*config)[member]);
    }
  }
  return DumpJson(key);
}

// The lean towards pole a of every dilemma that was scored, means over variants and epochs.
struct Lean {
  const TaskFacts* task = nullptr;  // for system and poles
  double sum = 0;
  int count = 0;
  double mean() const { return sum / count; }
};
using Leans = std::map<std::string, Lean>;

Leans LeansOf(const RunData& run, int judge) {
  const std::vector<TaskScores> scores = ScoresByTask(run, judge);
  Leans leans;
  for (size_t i = 0; i < run.tasks.size(); ++i) {
    const TaskFacts& task = run.tasks[i];
    if (scores[i].scored == 0 || task.pole_a.empty()) continue;
    Lean& lean = leans[task.tag(kDilemmaTag)];
    lean.task = &task;
    lean.sum += (1 + scores[i].mean_a() - scores[i].mean_b()) / 2;
    ++lean.count;
  }
  return leans;
}

// Variants asked in only one of two orders would bring position bias into a gap.
void DropHalfAsked(const RunData& run, int judge, Leans& leans) {
  const std::vector<TaskScores> scores = ScoresByTask(run, judge);
  std::map<std::string, std::map<std::string, bool>> read;  // by dilemma and order
  bool both = false;
  for (size_t i = 0; i < run.tasks.size(); ++i) {
    const std::string& order = run.tasks[i].tag(kOrderTag);
    if (order.empty()) continue;
    std::map<std::string, bool>& orders = read[run.tasks[i].tag(kDilemmaTag)];
    orders[order] = orders[order] || scores[i].scored > 0;
    both = both || orders.size() > 1;
  }
  if (!both) return;
  std::erase_if(leans, [&](const auto& lean) {
    const auto orders = read.find(lean.first);
    return orders != read.end() && std::any_of(orders->second.begin(), orders->second.end(),
                                               [](const auto& one) { return !one.second; });
  });
}

struct Rows {
  std::vector<PairedRow> rows;
  double earlier = 0;
  double later = 0;
};

void AddPair(TaskForm earlier, const Leans& first, TaskForm later, const Leans& second,
             FormComparison& out) {
  std::map<std::pair<std::string, std::string>, Rows> by_dimension;
  std::vector<Observation> same_side;
  FormAgreement agreement;
  agreement.earlier = earlier;
  agreement.later = later;
  int cluster = 0;
  for (const auto& [name, lean] : first) {
    const auto match = second.find(name);
    if (match == second.end()) continue;
    const TaskFacts& task = *lean.task;
    const double before = lean.mean();
    const double after = match->second.mean();
    for (const bool a : {true, false}) {
      Rows& of = by_dimension[{task.value_system, a ? task.pole_a : task.pole_b}];
      of.rows.push_back({a ? after - before : before - after, cluster});
      of.earlier += a ? before : 1 - before;
      of.later += a ? after : 1 - after;
    }
    if (std::fabs(before - 0.5) < kEqualShares || std::fabs(after - 0.5) < kEqualShares) {
      ++agreement.on_the_middle;
    } else {
      same_side.push_back({(before > 0.5) == (after > 0.5) ? 1.0 : 0.0, cluster, 0});
    }
    ++cluster;
  }
  for (const auto& [key, of] : by_dimension) {
    FormGap gap;
    gap.earlier = earlier;
    gap.later = later;
    std::tie(gap.value_system, gap.dimension) = key;
    gap.dilemmas = static_cast<int64_t>(of.rows.size());
    gap.earlier_mean = of.earlier / static_cast<double>(of.rows.size());
    gap.later_mean = of.later / static_cast<double>(of.rows.size());
    gap.difference = ComparePaired(of.rows);
    if (gap.dilemmas < kFewestDilemmas) {
      PairedDifference bare;
      bare.estimate.value = gap.difference.estimate.value;
      bare.estimate.n = gap.difference.estimate.n;
      bare.estimate.clusters = gap.difference.estimate.clusters;
      bare.estimate.reason = bare.p_reason =
          "fewer than " + std::to_string(kFewestDilemmas) + " dilemmas";
      gap.difference = std::move(bare);
    }
    out.gaps.push_back(std::move(gap));
  }
  agreement.same_side = MeanInterval(same_side, ScoreScale::kBinary);
  out.agreements.push_back(std::move(agreement));
}

std::optional<TaskForm> FormOf(const RunData& run) {
  for (const TaskForm form : {TaskForm::kSurvey, TaskForm::kChoice, TaskForm::kAgent}) {
    if (run.form() == TaskFormName(form)) return form;
  }
  return std::nullopt;
}

}  // namespace

std::vector<FormComparison> CompareForms(const std::vector<RunData>& runs) {
  // As people say it: stated, chosen, enacted.
  const auto place = [](TaskForm form) {
    return form == TaskForm::kSurvey ? 0 : form == TaskForm::kChoice ? 1 : 2;
  };
  std::vector<std::pair<std::string, std::vector<size_t>>>
      subjects;  // in the order of their first runs
  for (size_t i = 0; i < runs.size(); ++i) {
    if (!FormOf(runs[i]) || runs[i].judges.empty()) continue;
    const std::string subject = SubjectOf(runs[i]);
    auto found = std::find_if(subjects.begin(), subjects.end(),
                              [&](const auto& one) { return one.first == subject; });
    if (found == subjects.end()) found = subjects.insert(subjects.end(), {subject, {}});
    found->second.push_back(i);
  }
  std::vector<FormComparison> comparisons;
  for (const auto& [key, places] : subjects) {
    FormComparison out;
    out.subject = runs[places.front()].summary.run.model;
    out.suite = runs[places.front()].summary.run.suite;
    for (const size_t run : places) out.runs.emplace_back(*FormOf(runs[run]), run);
    std::stable_sort(out.runs.begin(), out.runs.end(),
                     [&](const auto& x, const auto& y) { return place(x.first) < place(y.first); });
    for (const auto& [form, run] : out.runs) out.judges.push_back(runs[run].judges.front());
    const auto twice =
        std::adjacent_find(out.runs.begin(), out.runs.end(),
                           [](const auto& x, const auto& y) { return x.first == y.first; });
    const bool one_form = out.runs.front().first == out.runs.back().first;
    if (one_form) continue;
    if (twice != out.runs.end()) {
      out.reason = "two runs in the form " + std::string(TaskFormName(twice->first)) +
                   ": name one of " + runs[twice->second].summary.run.id + " and " +
                   runs[(twice + 1)->second].summary.run.id;
      comparisons.push_back(std::move(out));
      continue;
    }
    std::vector<Leans> leans;
    for (const auto& [form, run] : out.runs) {
      leans.push_back(LeansOf(runs[run], 0));
      DropHalfAsked(runs[run], 0, leans.back());
    }
    for (size_t i = 0; i < leans.size(); ++i) {
      for (size_t j = i + 1; j < leans.size(); ++j) {
        AddPair(out.runs[i].first, leans[i], out.runs[j].first, leans[j], out);
      }
    }
    std::vector<std::optional<double>> p;
    for (const FormGap& gap : out.gaps) p.push_back(gap.difference.p);
    const std::vector<std::optional<double>> adjusted = Holm(p);
    for (size_t i = 0; i < adjusted.size(); ++i) out.gaps[i].adjusted_p = adjusted[i];
    comparisons.push_back(std::move(out));
  }
  return comparisons;
}

std::vector<Metric> ToMetrics(const std::vector<RunData>& runs,
                              const std::vector<FormComparison>& comparisons) {
  std::vector<Metric> metrics;
  for (const FormComparison& comparison : comparisons) {
    const auto run_of = [&](TaskForm form) -> const RunRow& {
      const auto found = std::find_if(comparison.runs.begin(), comparison.runs.end(),
                                      [form](const auto& one) { return one.first == form; });
      return runs[found->second].summary.run;
    };
    const auto add = [&](const char* name, TaskForm earlier, TaskForm later,
                         MetricList::Group group, const Estimate& estimate, int64_t scored,
                         int64_t unscored) {
      MetricList list(run_of(later));
      group.insert(group.begin(), {{"earlier", TaskFormName(earlier)},
                                   {"later", TaskFormName(later)},
                                   {"with", run_of(earlier).id}});
      list.AddEstimate("axiometer", name, std::move(group), estimate, std::nullopt, scored,
                       unscored);
      metrics.push_back(list.last());
    };
    for (const FormGap& gap : comparison.gaps) {
      add("form_gap", gap.earlier, gap.later,
          {{"value_system", gap.value_system}, {"dimension", gap.dimension}},
          gap.difference.estimate, gap.dilemmas, 0);
    }
    for (const FormAgreement& agreement : comparison.agreements) {
      add("same_side", agreement.earlier, agreement.later, {}, agreement.same_side,
          agreement.same_side.n, agreement.on_the_middle);
    }
  }
  return metrics;
}

}  // namespace axiometer
