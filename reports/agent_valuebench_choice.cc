#include "reports/agent_valuebench_choice.h"

#include <algorithm>
#include <vector>

namespace axiometer {
namespace {

// The letter that was chosen; 0: none could be read.
char LetterOf(const JudgedFacts& judged) {
  const Score* choice = judged.score("choice");
  return choice != nullptr && choice->text && !choice->text->empty() ? choice->text->front() : 0;
}

// Cases as they are counted.
struct CaseChoices {
  int64_t ended = 0;
  int64_t a = 0;
  int64_t b = 0;
  int64_t unread = 0;
};

ChosenOptions SumOf(const RunData& run, const std::vector<CaseChoices>& cases,
                    const std::string* system) {
  ChosenOptions sum;
  std::vector<Observation> rows;
  for (size_t i = 0; i < cases.size(); ++i) {
    if (system != nullptr && run.tasks[i].value_system != *system) continue;
    const CaseChoices& one = cases[i];
    sum.a += one.a;
    sum.b += one.b;
    sum.unread += one.unread;
    sum.failed += std::max<int64_t>(run.epochs, one.ended) - one.a - one.b - one.unread;
    if (one.a + one.b == 0) continue;
    rows.push_back(
        {static_cast<double>(one.a) / static_cast<double>(one.a + one.b), static_cast<int>(i), 0});
  }
  // A case's epochs give a share of their own.
  sum.share_a = MeanInterval(rows, run.epochs > 1 ? ScoreScale::kGraded : ScoreScale::kBinary);
  return sum;
}

std::vector<LabelScheme> NoSchemes(const RunData&, const std::string&) { return {}; }

void AddMetrics(const RunData& run, const JudgeResult& judge, MetricList& out) {
  const ForcedChoiceResult result = AnalyseForcedChoice(run, judge.judge);
  const auto add = [&](const ChosenOptions& chosen, MetricList::Group group) {
    const int64_t read = chosen.a + chosen.b;
    for (const auto& [letter, count] : {std::pair("A", chosen.a), {"B", chosen.b}}) {
      MetricList::Group of = group;
      of.emplace_back("choice", letter);
      out.AddCount("choice_count", std::move(of), count, read);
    }
    MetricList::Group of_a = group;
    of_a.emplace_back("choice", "A");
    out.AddEstimate("axiometer", "choice_share", std::move(of_a), chosen.share_a, std::nullopt,
                    read, chosen.unread + chosen.failed);
    Metric& coverage = out.Add("official", "coverage", group);
    coverage.scored = chosen.wanted();
    if (chosen.wanted() > 0)
      coverage.value = static_cast<double>(read) / static_cast<double>(chosen.wanted());
    Metric& unreadable = out.Add("official", "unreadable", std::move(group));
    unreadable.scored = read + chosen.unread;
    if (unreadable.scored > 0) {
      unreadable.value =
          static_cast<double>(chosen.unread) / static_cast<double>(unreadable.scored);
    } else {
      unreadable.reason = "no reply came";
    }
  };
  add(result.all, {});
  for (const auto& [system, chosen] : result.systems) add(chosen, {{"value_system", system}});
}

std::vector<Score> UnjudgedScores(const TaskFacts&) {
  return {{"official.a", std::nullopt, std::nullopt},
          {"official.b", std::nullopt, std::nullopt},
          {"official.rubric_status", std::nullopt, "UNSCORABLE"},
          {"choice", std::nullopt, std::nullopt}};
}

}  // namespace

const BenchmarkReport kForcedChoiceReport = {"agent-valuebench-choice", NoSchemes, AddMetrics,
                                             UnjudgedScores, nullptr};

ForcedChoiceResult AnalyseForcedChoice(const RunData& run, const std::string& judge) {
  std::vector<CaseChoices> cases(run.tasks.size());
  for (const SampleFacts& sample : run.samples) {
    CaseChoices& one = cases[sample.task];
    ++one.ended;
    for (const JudgedFacts& judged : sample.judged) {
      if (run.judges[judged.judge] != judge) continue;
      const char letter = LetterOf(judged);
      ++(letter == 'A' ? one.a : letter == 'B' ? one.b : one.unread);
    }
  }
  ForcedChoiceResult result;
  result.all = SumOf(run, cases, nullptr);
  for (const TaskFacts& task : run.tasks) result.systems.try_emplace(task.value_system);
  for (auto& [system, chosen] : result.systems) chosen = SumOf(run, cases, &system);
  return result;
}

}  // namespace axiometer
