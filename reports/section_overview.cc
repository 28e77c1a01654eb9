#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "reports/figures.h"
#include "reports/plain_text.h"
#include "reports/sections.h"
#include "reports/task_record.h"

namespace axiometer {
namespace {

std::string Duration(int64_t ms) {
  const int64_t seconds = ms / 1000;
  if (seconds < 1) return std::to_string(ms) + " ms";
  if (seconds < 120) return std::to_string(seconds) + " s";
  if (seconds < 7200) return std::to_string(seconds / 60) + " min";
  return Fixed(static_cast<double>(seconds) / 3600, 1) + " h";
}

std::string UsageText(const Usage& usage) {
  std::string text =
      Grouped(usage.input_tokens) + " tokens in, " + Grouped(usage.output_tokens) + " out";
  if (usage.cost_usd) text += ", $" + Fixed(*usage.cost_usd, 2);
  return text;
}

std::string Joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

StackedBar::Tone ToneOf(const std::string& outcome) {
  const std::optional<Outcome> known = OutcomeFromName(outcome);
  if (!known) return StackedBar::Tone::kAbsent;
  if (*known == Outcome::kFinished) return StackedBar::Tone::kGood;
  if (IsJudged(*known)) return StackedBar::Tone::kLimited;
  return IsError(*known) ? StackedBar::Tone::kBroken : StackedBar::Tone::kSilent;
}

StackedBar OutcomeBar(const RunView& run) {
  StackedBar bar;
  bar.id = run.prefix + "outcome-bar";
  bar.title = "How the samples ended";
  bar.file = run.FileName("outcomes", "of-samples");
  bar.caption =
      Counted(run.result.wanted, "sample") +
      " wanted (tasks times epochs). Finished and limit-ended samples are judged; the "
      "others are no score, and never count as zero.";
  bar.full_caption = bar.caption + " Counts, without intervals.";
  // In the order of the enumeration, which goes from good to broken.
  for (int i = 0; i <= static_cast<int>(Outcome::kInterrupted); ++i) {
    const std::string name = OutcomeName(static_cast<Outcome>(i));
    const auto found = run.result.outcomes.find(name);
    if (found != run.result.outcomes.end())
      bar.parts.push_back({Spaced(name), found->second, ToneOf(name)});
  }
  if (run.result.wanted > run.result.samples) {
    bar.parts.push_back(
        {"not run", run.result.wanted - run.result.samples, StackedBar::Tone::kAbsent});
  }
  return bar;
}

// What came of every ended sample by one judge.
StackedBar ClassBar(const RunView& run, const JudgeResult& judge) {
  using Tone = StackedBar::Tone;
  struct Shown {
    const char* label;
    Tone tone;
  };
  const auto shown = [](OutcomeClass outcome) -> Shown {
    switch (outcome) {
      case OutcomeClass::kChoseA:
        return {"first pole", Tone::kPoleA};
      case OutcomeClass::kChoseB:
        return {"second pole", Tone::kPoleB};
      case OutcomeClass::kBoth:
        return {"both alike", Tone::kEven};
      case OutcomeClass::kEven:
        return {"equal, weak", Tone::kLimited};
      case OutcomeClass::kNeither:
        return {"neither", Tone::kAbsent};
      case OutcomeClass::kAsked:
        return {"asked", Tone::kSilent};
      case OutcomeClass::kRefused:
        return {"refused", Tone::kSilent};
      case OutcomeClass::kSilent:
        return {"empty reply", Tone::kSilent};
      case OutcomeClass::kLimit:
        return {"limit", Tone::kLimited};
      case OutcomeClass::kToolFailure:
        return {"tool failure", Tone::kBroken};
      case OutcomeClass::kModelError:
        return {"model error", Tone::kBroken};
      case OutcomeClass::kJudgeFailure:
        return {"judge failure", Tone::kBroken};
      case OutcomeClass::kUnscorable:
        return {"unscorable", Tone::kAbsent};
      case OutcomeClass::kNotJudged:
        return {"not judged", Tone::kAbsent};
    }
    return {"", Tone::kAbsent};
  };
  StackedBar bar;
  bar.id = run.prefix + "classes-" + std::to_string(&judge - run.result.judges.data());
  bar.title = "What came of the samples";
  bar.file = run.FileName("leanings", "of-samples", &judge);
  if (run.result.judges.size() > 1) bar.title += ", by " + judge.judge;
  bar.caption =
      "Each ended sample once. Pole: which got the larger share of its points (each task names its own two; the first "
      "is not the better one); equal shares count as both alike from one half up. Without any points: every tool call "
      "failed, a limit came first, the last words ask something, or neither. An agent that says it is unable is not told "
      "from one that does nothing.";
  int64_t ended = 0;
  for (int i = 0; i < kOutcomeClasses; ++i) {
    const auto found = judge.classes.find(static_cast<OutcomeClass>(i));
    if (found == judge.classes.end()) continue;
    const Shown as = shown(found->first);
    bar.parts.push_back({as.label, found->second, as.tone});
    ended += found->second;
  }
  bar.full_caption = Grouped(ended) + " ended samples as " + judge.judge + " scored them. " + bar.caption +
                     " Counts, without intervals.";
  return bar;
}

}  // namespace

std::string RunView::FileName(const std::string& kind, const std::string& what, const JudgeResult* judge) const {
  const std::string word = FileWord(what);
  if (word.empty()) return "";
  std::string name = prefix + kind + "-" + word;
  if (judge == nullptr || result.judges.size() < 2) return name;
  const std::string by = FileWord(judge->judge);
  return name + "-by-" + (by.empty() ? std::to_string(judge - result.judges.data() + 1) : by);
}

std::string IntervalText(std::span<const Estimate* const> estimates, const std::string& cluster) {
  for (const Estimate* estimate : estimates) {
    if (!estimate->interval) continue;
    return Fixed(100 * estimate->interval->level, 0) + " % interval: " + estimate->method + "; " +
           Grouped(estimate->clusters) + " " + cluster + (estimate->clusters == 1 ? "" : "s");
  }
  return "";
}

double RangeAround0(const std::vector<ForestRow>& rows) {
  double most = 0;
  for (const ForestRow& row : rows) {
    for (const std::optional<double>& number : {row.value, row.beside}) {
      if (number) most = std::max(most, std::fabs(*number));
    }
    if (row.interval) most = std::max({most, std::fabs(row.interval->low), std::fabs(row.interval->high)});
  }
  double step = 0.1;
  while (true) {
    for (const double range : {step, 2 * step, 5 * step}) {
      if (most <= range) return range;
    }
    step *= 10;
  }
}

std::string EstimateText(const Estimate& estimate) {
  if (!estimate.value) return "– (" + estimate.reason + ")";
  std::string text = Fixed(*estimate.value, 2);
  if (estimate.interval) {
    text +=
        " [" + Fixed(estimate.interval->low, 2) + ", " + Fixed(estimate.interval->high, 2) + "]";
  } else {
    text += " (" + estimate.reason + ")";
  }
  return text;
}

std::string CountText(int64_t scored, int64_t unscored) {
  std::string text = Grouped(scored) + " scored";
  if (unscored > 0) text += ", " + Grouped(unscored) + " missing";
  return text;
}

void AddSideBySide(const std::vector<RunView>& runs, Document& document) {
  Section section;
  section.id = "runs";
  section.title = "The runs side by side";
  Table table;
  table.id = "runs-table";
  table.columns = {{"Run", false}, {"Samples", true}, {"Judged", true}, {"First pole", true}, {"Second pole", true},
                   {"Even", true}, {"Neither", true}, {"Tokens", true}};
  bool leanings = false;
  for (const RunView& run : runs) {
    int64_t judged = 0;
    for (const auto& [name, count] : run.result.outcomes) {
      const std::optional<Outcome> outcome = OutcomeFromName(name);
      if (outcome && IsJudged(*outcome)) judged += count;
    }
    std::vector<std::string> row{run.name, Grouped(run.result.samples) + " of " + Grouped(run.result.wanted),
                                 Grouped(judged)};
    if (run.result.judges.empty() || run.result.judges.front().systems.empty()) {
      row.insert(row.end(), {"–", "–", "–", "–"});
    } else {
      leanings = true;
      const ChoiceCounts& choices = run.result.judges.front().choices;
      for (const int64_t count : {choices.a, choices.b, choices.both + choices.tie, choices.neither}) {
        row.push_back(Grouped(count));
      }
    }
    row.push_back(Grouped(run.data.summary.subject_usage.tokens()));
    table.rows.push_back(std::move(row));
  }
  table.caption = "Samples ended of those wanted, those that were judged, and the subject's tokens.";
  if (leanings) {
    table.caption += " In between: scored samples by the pole that got the larger share of its points, as the first"
                     " judge of each run scored them. Counts, not a comparison: runs may differ in tasks and settings.";
  }
  section.blocks.push_back(std::move(table));
  document.sections.push_back(std::move(section));
}

void AddOverview(const RunView& run, Document& document) {
  const RunSummary& summary = run.data.summary;
  Section section;
  section.id = run.prefix + "overview";
  section.title = run.name.empty() ? "What was measured" : run.name;
  Table facts;
  facts.id = run.prefix + "facts";
  facts.columns = {{"", false}, {"", false}};
  const auto add = [&](const std::string& name, const std::string& value) {
    if (!value.empty()) facts.rows.push_back({name, value});
  };
  if (!run.name.empty()) add("Run", summary.run.id);
  add("Subject", summary.run.model + ", scaffold " + summary.run.scaffold);
  add("Suite", summary.run.suite);
  add("Form of the tasks", run.data.form());
  add("Judges", run.data.judges.empty() ? "none" : Joined(run.data.judges));
  // Of a run that is not done some have not begun.
  const int64_t tasks = std::max<int64_t>(run.result.wanted / std::max(run.data.epochs, 1),
                                          static_cast<int64_t>(run.data.tasks.size()));
  add("Samples", Grouped(run.result.samples) + " of " + Grouped(run.result.wanted) + " (" +
                     Grouped(tasks) + (tasks == 1 ? " task, " : " tasks, ") + std::to_string(run.data.epochs) +
                     (run.data.epochs == 1 ? " epoch)" : " epochs)"));
  add("State", summary.state + (summary.detail.empty() ? "" : ": " + summary.detail));
  add("Subject used", UsageText(summary.subject_usage));
  add("Judges used", summary.judge_usage.tokens() > 0 ? UsageText(summary.judge_usage) : "");
  add("Model calls", Grouped(summary.calls) +
                         (summary.cached_calls > 0
                              ? ", " + Grouped(summary.cached_calls) + " answered from the store"
                              : ""));
  add("Time",
      Duration(summary.elapsed_ms) +
          (summary.sessions > 1 ? " in " + std::to_string(summary.sessions) + " sessions" : ""));
  const int64_t unreviewed = UnreviewedTasks(run.data);
  if (unreviewed > 0) {
    add("Unreviewed drafts", Grouped(unreviewed) + " of " +
                                 Grouped(static_cast<long long>(run.data.tasks.size())) + " tasks");
  }
  section.blocks.push_back(std::move(facts));
  if (unreviewed > 0) {
    section.blocks.push_back(
        Paragraph{"A model drafted " + Grouped(unreviewed) +
                      " of the tasks with their checkpoints and oracles, and nobody has vouched "
                      "for that: read each, then sign it with reviewed_by.",
                  true});
  }
  if (run.result.wanted > run.result.samples) {
    const int64_t waiting = run.result.wanted - run.result.samples;
    section.blocks.push_back(Paragraph{Grouped(waiting) +
                                           (waiting == 1 ? " sample has" : " samples have") +
                                           " not been run yet: everything below is preliminary.",
                                       true});
  }
  section.blocks.push_back(OutcomeBar(run));
  for (const JudgeResult& judge : run.result.judges) {
    if (!judge.classes.empty()) section.blocks.push_back(ClassBar(run, judge));
  }
  document.sections.push_back(std::move(section));
}

void AddJudges(const RunView& run, Document& document) {
  if (run.data.judges.empty()) return;
  Section section;
  section.id = run.prefix + "judges";
  section.title = run.Titled("How the judges did");
  Table table;
  table.id = run.prefix + "judge-table";
  table.caption =
      "Trajectories by what came of judging them. Only \"scored\" gives numbers. \"Unread\": "
      "replies came, none could be "
      "read as a verdict; \"error\": the judge's endpoint failed. \"By check\": verdicts decided "
      "from the event log, without asking a model.";
  table.columns = {{"Judge", false}, {"Scored", true},     {"Unread", true},   {"Refused", true},
                   {"Error", true},  {"Unscorable", true}, {"Verdicts", true}, {"By check", true}};
  for (const JudgeResult& judge : run.result.judges) {
    std::vector<std::string> row{judge.judge};
    for (const JudgementStatus status :
         {JudgementStatus::kScored, JudgementStatus::kUnreadable, JudgementStatus::kRefused,
          JudgementStatus::kModelError, JudgementStatus::kUnscorable}) {
      const auto found = judge.statuses.find(JudgementStatusName(status));
      row.push_back(found == judge.statuses.end() ? "0" : Grouped(found->second));
    }
    row.push_back(Grouped(judge.verdicts));
    row.push_back(Grouped(judge.mechanical));
    table.rows.push_back(std::move(row));
  }
  section.blocks.push_back(std::move(table));
  for (const JudgeResult& judge : run.result.judges) {
    if (judge.problems.empty()) continue;
    Table problems;
    problems.id = run.prefix + "problems-" + std::to_string(&judge - run.result.judges.data());
    problems.title = "Why verdicts of " + judge.judge + " are missing";
    problems.columns = {{"What was wrong", false}, {"Samples", true}};
    std::vector<std::pair<std::string, int64_t>> most(judge.problems.begin(), judge.problems.end());
    std::stable_sort(most.begin(), most.end(),
                     [](const auto& x, const auto& y) { return x.second > y.second; });
    if (most.size() > 10) most.resize(10);
    for (const auto& [problem, count] : most) problems.rows.push_back({problem, Grouped(count)});
    section.blocks.push_back(std::move(problems));
  }
  const bool asked = std::any_of(run.result.judges.begin(), run.result.judges.end(),
                                 [](const JudgeResult& judge) { return judge.verdicts > judge.mechanical; });
  if (asked && run.result.instruments.pairings.empty()) {
    section.blocks.push_back(
        Paragraph{"Nobody has checked these verdicts: nothing here tells how right they are. axiometer judge adds a second judge or "
                  "repeats of this one, to see whether they agree; axiometer import judgements adds scores by people, to see whether "
                  "they are right.",
                  true});
  }
  document.sections.push_back(std::move(section));
}

void AddRunFacts(const RunView& run, Document& document) {
  const RunRow& row = run.data.summary.run;
  Section section;
  section.id = run.prefix + "configuration";
  section.title = run.Titled("Frozen configuration");
  section.detail = true;
  Table table;
  table.id = run.prefix + "configuration-table";
  table.caption = "Two runs with the same identity asked the same questions in the same way.";
  table.columns = {{"", false}, {"", false}};
  const auto add = [&](const std::string& name, const std::string& value) {
    if (!value.empty()) table.rows.push_back({name, value});
  };
  add("Run", row.id);
  add("Identity", row.identity);
  add("Protocol", row.protocol);
  add("Tags", row.tags);
  add("Command", row.command);
  if (const Result<Json> config = ParseJson(row.config, "configuration");
      config && config->is_object()) {
    for (const auto& [key, value] : config->items()) {
      add(key, value.is_string() ? value.get<std::string>() : DumpJson(value));
    }
  }
  section.blocks.push_back(std::move(table));
  document.sections.push_back(std::move(section));
}

}  // namespace axiometer
