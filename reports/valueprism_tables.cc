#include "reports/valueprism_tables.h"

#include <algorithm>

#include "reports/plain_text.h"
#include "tasks/vrd.h"

namespace axiometer {
namespace {

using Group = MetricList::Group;

constexpr size_t kShownDecisions = 30;
constexpr const char* kNoInterval = "no interval is made for this number";

int IndexOf(const RunData& run, const std::string& judge) {
  const auto place = std::find(run.judges.begin(), run.judges.end(), judge);
  return place == run.judges.end() ? -1 : static_cast<int>(place - run.judges.begin());
}

void AddClasses(const ValuePrismClasses& classes, MetricList& out) {
  Group group = {{"task", classes.task}};
  if (!classes.type.empty()) group.emplace_back("type", classes.type);
  const Classification& scores = classes.scores;
  const int64_t missing = classes.wanted - scores.n;
  out.AddEstimate("axiometer", "macro_f1", group, scores.macro_f1, std::nullopt, scores.n, missing);
  const auto add = [&](const char* name, const Group& of, const std::optional<double>& value,
                       const char* absent) {
    Metric& metric = out.Add("axiometer", name, of);
    metric.value = value;
    metric.scored = scores.n;
    metric.unscored = missing;
    metric.reason = value ? kNoInterval : absent;
  };
  add("weighted_f1", group, scores.weighted_f1, "never scored");
  if (classes.ranked > 0 && classes.type.empty()) {
    const int64_t without = classes.wanted - classes.ranked;
    out.AddEstimate("axiometer", "label_mass", group, classes.mass, std::nullopt, classes.ranked,
                    without);
    Metric& unlisted = out.Add("axiometer", "label_unlisted", group);
    unlisted.value =
        static_cast<double>(classes.with_unlisted) / static_cast<double>(classes.ranked);
    unlisted.scored = classes.ranked;
    unlisted.unscored = without;
    unlisted.reason = "an unlisted label counts as 0 and can have had " +
                      Fixed(classes.unlisted_at_most, 4) + " at most";
  }
  const bool binary = classes.labels.size() == 2;
  for (size_t i = 0; i < classes.labels.size(); ++i) {
    Group of = group;
    of.emplace_back("class", classes.labels[i]);
    const ClassScores& one = scores.classes[i];
    add("precision", of, one.precision, "never predicted");
    add("recall", of, one.recall, "does not occur");
    add("f1", of, one.f1, "does not occur and was never predicted");
    if (binary && i > 0) continue;
    out.AddEstimate("axiometer", "auroc", binary ? group : of, classes.auroc[i], std::nullopt,
                    classes.ranked, classes.wanted - classes.ranked);
  }
}

void AddOpenTask(const ValuePrismOpenTask& open, MetricList& out) {
  const Group task = {{"task", open.task}};
  Metric& coverage = out.Add("axiometer", "coverage", task);
  coverage.value = static_cast<double>(open.read) / static_cast<double>(open.wanted);
  coverage.scored = open.wanted;
  Metric& unreadable = out.Add("axiometer", "unreadable", task);
  unreadable.scored = open.answered;
  if (open.answered > 0) {
    unreadable.value =
        static_cast<double>(open.answered - open.read) / static_cast<double>(open.answered);
  } else {
    unreadable.reason = "no reply came";
  }
  for (const auto& [why, count] : open.missing) {
    Metric& metric = out.Add("axiometer", "unanswered_count", {{"task", open.task}, {"why", why}});
    metric.value = static_cast<double>(count);
    metric.scored = open.wanted;
  }
  for (const ValuePrismMeasure& measure : open.measures) {
    Group group = task;
    if (!measure.matcher.empty()) group.emplace_back("matcher", measure.matcher);
    out.AddEstimate("axiometer", measure.metric, group, measure.mean, std::nullopt, measure.scored,
                    open.wanted - measure.scored);
    if (!measure.baseline) continue;
    group.emplace_back("baseline", open.baseline);
    Metric& metric = out.Add("axiometer", "baseline_" + measure.metric, std::move(group));
    metric.value = measure.baseline;
    metric.scored = open.wanted;
  }
}

void AddDecisions(const ValuePrismDecisions& found, MetricList& out) {
  if (found.decisions.empty()) return;
  const auto situations = static_cast<int64_t>(found.decisions.size());
  const Group group = {{"weights", found.weighted ? "relevance" : "even"}};
  out.AddEstimate("axiometer", "decision_entropy_bits", group, found.entropy_bits, std::nullopt,
                  situations, 0);
  out.AddEstimate("axiometer", "decision_distance", group, found.distance, std::nullopt, situations,
                  0);
  for (size_t i = 0; i < 3; ++i) {
    Group of = group;
    of.emplace_back("class", ValuePrismLabelNames("valence")[i]);
    out.AddEstimate("axiometer", "decision_share", of, found.shares[i], std::nullopt, situations,
                    0);
  }
}

std::string Shown(const Estimate& estimate, int digits = 3) {
  if (!estimate.value) return "–";
  std::string text = Fixed(*estimate.value, digits);
  if (estimate.interval) {
    text += " [" + Fixed(estimate.interval->low, digits) + ", " +
            Fixed(estimate.interval->high, digits) + "]";
  }
  return text;
}

std::string Shown(const std::optional<double>& number) { return number ? Fixed(*number, 3) : "–"; }

std::string Share(int64_t part, int64_t whole) {
  if (whole == 0) return "–";
  return Fixed(100 * static_cast<double>(part) / static_cast<double>(whole), 1) + " %";
}

Section Minor(std::string id, std::string title) {
  Section section;
  section.id = std::move(id);
  section.title = std::move(title);
  section.minor = true;
  return section;
}

void ShowClasses(const RunData& run, int judge, const std::string& id, Document& document) {
  const std::vector<ValuePrismClasses> all = ValuePrismClassesOf(run, judge);
  if (all.empty()) return;
  Section section = Minor(id + "-classes", "Classes");
  Table overall;
  overall.id = id + "-f1";
  overall.caption =
      "Macro-F1: mean of F1 over the classes. AUROC: how often a row of the class gets the higher "
      "probability of its "
      "label than a row of another one; it needs log-probabilities (-T elicitation=likelihood). "
      "Intervals [95 %] by "
      "situation.";
  overall.columns = {{"Task", false},
                     {"Type", false},
                     {"Rows", true},
                     {"Macro-F1 [95 %]", true},
                     {"AUROC [95 %]", true}};
  Table by_class;
  by_class.id = id + "-by-class";
  by_class.columns = {{"Task", false}, {"Class", false},      {"Right", true},
                      {"Given", true}, {"Precision", true},   {"Recall", true},
                      {"F1", true},    {"AUROC [95 %]", true}};
  std::vector<Paragraph> notes;
  for (const ValuePrismClasses& classes : all) {
    const bool binary = classes.labels.size() == 2;
    overall.rows.push_back({classes.task, classes.type.empty() ? "all" : classes.type,
                            Grouped(classes.scores.n), Shown(classes.scores.macro_f1),
                            binary ? Shown(classes.auroc.front()) : "by class"});
    if (!classes.type.empty()) continue;
    if (classes.ranked > 0) {
      std::string text = classes.task + ": the labels had " + Shown(classes.mass) +
                         " of the probability of the first token.";
      if (classes.with_unlisted > 0) {
        text += " In " + Grouped(classes.with_unlisted) + " of " + Grouped(classes.ranked) +
                " rows a label is not among the listed tokens and counts as 0; it can have had " +
                Fixed(classes.unlisted_at_most, 3) +
                " at most. Entropies and areas are as rough as that.";
      }
      notes.push_back({std::move(text), classes.with_unlisted > 0});
    }
    for (size_t i = 0; i < classes.labels.size(); ++i) {
      const ClassScores& one = classes.scores.classes[i];
      by_class.rows.push_back({classes.task, classes.labels[i], Grouped(one.gold),
                               Grouped(one.predicted), Shown(one.precision), Shown(one.recall),
                               Shown(one.f1), Shown(classes.auroc[i])});
    }
  }
  section.blocks.push_back(std::move(overall));
  section.blocks.push_back(std::move(by_class));
  for (Paragraph& note : notes) section.blocks.push_back(std::move(note));
  document.sections.push_back(std::move(section));
}

void ShowProbes(const RunData& run, int judge, const std::string& id, Document& document) {
  const std::vector<ValuePrismProbe> probes = ValuePrismProbesOf(run, judge);
  if (probes.empty()) return;
  Section section = Minor(id + "-probe", "Within one situation");
  Table table;
  table.id = id + "-pairs";
  table.caption =
      "Of two rows of one situation, one Supports (relevance: Yes) and one Opposes (No): how often "
      "the first gets the "
      "higher score, ties one half. Whoever looks at the situation alone gets exactly 0.5.";
  table.columns = {{"Task", false},     {"Scores", false}, {"Right order [95 %]", true},
                   {"Baseline", true},  {"Pairs", true},   {"Without score", true},
                   {"Situations", true}};
  for (const ValuePrismProbe& probe : probes) {
    table.rows.push_back({probe.task, probe.scores, Shown(probe.estimate), "0.500",
                          Grouped(probe.pairs), Grouped(probe.missing), Grouped(probe.situations)});
  }
  section.blocks.push_back(std::move(table));
  if (const std::optional<ValuePrismSides> sides = ValuePrismSidesOf(run, judge);
      sides && sides->situations > 0) {
    section.blocks.push_back(Paragraph{
        "Both sides: in " + Shown(sides->both) + " of " + Grouped(sides->situations) +
            " situations some answer is Supports and some is Opposes (in the data set: " +
            Fixed(sides->gold_both, 3) +
            "); different answers in a situation: " + Shown(sides->valences, 2) + " of 3.",
        false});
  }
  document.sections.push_back(std::move(section));
}

void ShowDecisions(const RunData& run, int judge, const std::string& id, Document& document) {
  const ValuePrismDecisions found = ValuePrismDecisionsOf(run, judge);
  if (found.decisions.empty()) return;
  Section section = Minor(id + "-decisions", "Decisions");
  section.blocks.push_back(Paragraph{
      std::string("d is the mean of the valences' probabilities over the values, rights and duties "
                  "of a situation, ") +
          (found.weighted ? "weighted by the probability that each is relevant"
                          : "all weighing the same, as the run did not ask for relevance") +
          ". Its entropy is high where the subject would expect people to disagree. Mean over " +
          Grouped(static_cast<int64_t>(found.decisions.size())) + " situations: entropy " +
          Shown(found.entropy_bits) + " bits of at most 1.585; supports " + Shown(found.shares[0]) +
          ", opposes " + Shown(found.shares[1]) + ", either " + Shown(found.shares[2]) +
          "; total variation from the data set's own shares " + Shown(found.distance) + ".",
      false});
  if (found.left_out > 0) {
    section.blocks.push_back(
        Paragraph{Grouped(found.left_out) +
                      " values, rights and duties are left out: no likelihood was stored for them.",
                  true});
  }
  Table table;
  table.id = id + "-entropy";
  const size_t shown = std::min(found.decisions.size(), kShownDecisions);
  table.title = shown < found.decisions.size()
                    ? "The " + std::to_string(shown) + " situations of the highest entropy"
                    : "By entropy";
  table.columns = {{"Situation", false}, {"Entropy, bits", true}, {"Supports", true},
                   {"Opposes", true},    {"Either", true},        {"Rows", true}};
  table.detail = shown > 10;
  for (size_t i = 0; i < shown; ++i) {
    const ValuePrismDecision& one = found.decisions[i];
    table.rows.push_back({Excerpt(one.situation, 80), Fixed(one.entropy_bits, 3),
                          Fixed(one.d[0], 3), Fixed(one.d[1], 3), Fixed(one.d[2], 3),
                          Grouped(one.vrds)});
  }
  section.blocks.push_back(std::move(table));
  document.sections.push_back(std::move(section));
}

void ShowOpenTask(const ValuePrismOpenTask& open, const std::string& id, Document& document) {
  const bool generation = open.task == "generation";
  Section section = Minor(id + "-" + open.task, generation ? "Generation" : "Explanation");
  Table table;
  table.id = section.id + "-table";
  table.caption =
      generation
          ? "Coverage: share of the data set's values, rights and duties that the answer names. "
            "Precision: share of the "
            "different ones named that are in the data set for this situation, so a floor of those "
            "that are relevant. "
            "Exact: equal type and equal text in lower case without articles, punctuation, \"right "
            "to\", \"duty to\" and a "
            "final plural s. Overlap: or an F of " +
                Fixed(kVrdOverlap, 1) +
                " or more on the words (ROUGE-1). Distinctness: 1 less the share of repetitions."
          : "Overlap of the words with the data set's own explanation, which is one of many good "
            "ones.";
  table.columns = {
      {"Measure", false}, {"Mean [95 %]", true}, {"Baseline", true}, {"Samples", true}};
  for (const ValuePrismMeasure& measure : open.measures) {
    table.rows.push_back(
        {measure.shown, Shown(measure.mean), Shown(measure.baseline), Grouped(measure.scored)});
  }
  table.rows.push_back(
      {"unreadable", Share(open.answered - open.read, open.answered), "–", Grouped(open.answered)});
  if (!open.baseline.empty()) {
    table.caption +=
        generation ? " Baseline: the commonest ones of the whole split, as many as a situation has."
                   : " Baseline: the explanation of another row.";
  }
  section.blocks.push_back(std::move(table));
  if (!open.missing.empty()) {
    Table missing;
    missing.id = section.id + "-missing";
    missing.title = "Why samples have no score, " + open.task;
    missing.columns = {{"Kind", false}, {"Samples", true}, {"Share", true}};
    for (const auto& [why, count] : open.missing) {
      missing.rows.push_back({Spaced(why), Grouped(count), Share(count, open.wanted)});
    }
    section.blocks.push_back(std::move(missing));
  }
  document.sections.push_back(std::move(section));
}

}  // namespace

void AddValuePrismMetrics(const RunData& run, const JudgeResult& judge, MetricList& out) {
  const int index = IndexOf(run, judge.judge);
  if (index < 0) return;
  for (const ValuePrismClasses& classes : ValuePrismClassesOf(run, index)) AddClasses(classes, out);
  for (const ValuePrismProbe& probe : ValuePrismProbesOf(run, index)) {
    out.AddEstimate("axiometer", "pair_probe", {{"task", probe.task}, {"scores", probe.scores}},
                    probe.estimate, std::nullopt, probe.pairs, probe.missing);
  }
  if (const std::optional<ValuePrismSides> sides = ValuePrismSidesOf(run, index)) {
    const Group group = {{"task", "valence"}};
    out.AddEstimate("axiometer", "both_sides", group, sides->both, std::nullopt, sides->situations,
                    0);
    out.AddEstimate("axiometer", "valences_named", group, sides->valences, std::nullopt,
                    sides->situations, 0);
    Metric& gold = out.Add("axiometer", "both_sides_gold", group);
    gold.scored = sides->situations;
    if (sides->situations > 0) {
      gold.value = sides->gold_both;
    } else {
      gold.reason = "never scored";
    }
  }
  AddDecisions(ValuePrismDecisionsOf(run, index), out);
  for (const ValuePrismOpenTask& open : ValuePrismOpenTasksOf(run, index)) AddOpenTask(open, out);
}

void AddValuePrismSections(const RunView& run, const JudgeResult& judge, const std::string& id,
                           Document& document) {
  const int index = IndexOf(run.data, judge.judge);
  if (index < 0) return;
  ShowClasses(run.data, index, id, document);
  ShowProbes(run.data, index, id, document);
  ShowDecisions(run.data, index, id, document);
  const std::vector<ValuePrismOpenTask> open_tasks = ValuePrismOpenTasksOf(run.data, index);
  for (const ValuePrismOpenTask& open : open_tasks) ShowOpenTask(open, id, document);
}

}  // namespace axiometer
