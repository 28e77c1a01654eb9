#include <algorithm>
#include <cmath>

#include "reports/plain_text.h"
#include "reports/sections.h"

namespace axiometer {
namespace {

std::string CoefficientText(const Estimate& estimate) {
  if (!estimate.value) return "–";
  std::string text = Fixed(*estimate.value, 2);
  if (estimate.interval) {
    text +=
        " [" + Fixed(estimate.interval->low, 2) + ", " + Fixed(estimate.interval->high, 2) + "]";
  }
  return text;
}

// "31, 40, 29 %": of 0, 1 and 2 points.
std::string GivenText(const std::vector<int64_t>& counts) {
  int64_t total = 0;
  for (const int64_t count : counts) total += count;
  if (total == 0) return "–";
  std::string text;
  for (const int64_t count : counts) {
    text += (text.empty() ? "" : ", ") +
            Fixed(100 * static_cast<double>(count) / static_cast<double>(total), 0);
  }
  return text + " %";
}

Table AgreementTable(const Instruments& instruments, const std::string& id) {
  Table table;
  table.id = id + "-agreement";
  table.caption =
      "Item scores (0, 1, 2) that no check decided, by judge and by what it is compared with: "
      "itself "
      "(its repeats), people, another judge. Alpha: Krippendorff's, ordinal, with its 95 % "
      "interval "
      "(delete one task, Fisher's z); 1 is perfect agreement, 0 that of chance. Fit: its lower "
      "limit "
      "reaches 0.667; unfit: its upper one does not, or the lower one is not above 0.";
  table.columns = {{"Judge", false}, {"With", false},        {"Items", true},
                   {"Alpha", true},  {"Equal scores", true}, {"Verdict", false}};
  for (const JudgePairing& pairing : instruments.pairings) {
    table.rows.push_back({pairing.judge, pairing.with, Grouped(pairing.check.items),
                          CoefficientText(pairing.check.alpha),
                          CoefficientText(pairing.check.exact),
                          pairing.stamp.empty() ? "–" : pairing.stamp});
  }
  return table;
}

Table MoreTable(const Instruments& instruments, const std::string& id) {
  Table table;
  table.id = id + "-more";
  table.detail = true;
  table.caption =
      "Kappa: Cohen's with quadratic weights, of two raters. AC2: Gwet's, where one score makes up "
      "80 % or more. Difference: mean distance of two scores of one item, as a share of the scale. "
      "Severity: how much larger a share of the points the judge gives than what it is compared "
      "with, mean over tasks; below 0 it is the more severe. By length: how much more of an item's "
      "points it gives than people do as the agent's last text grows 2.7-fold. Given: how often 0, 1 and 2 points, "
      "by "
      "the judge and by the other (repeats and people: the first two).";
  table.columns = {{"Judge", false}, {"With", false},       {"Kappa", true},
                   {"AC2", true},    {"Difference", true},  {"Severity", true},
                   {"By length", true}, {"Given", true},  {"By the other", true}};
  for (const JudgePairing& pairing : instruments.pairings) {
    const InstrumentCheck& check = pairing.check;
    std::vector<std::string> given;
    for (const auto& [rater, counts] : check.marginals) given.push_back(GivenText(counts));
    given.resize(std::max<size_t>(given.size(), 2), "–");
    table.rows.push_back({pairing.judge, pairing.with, CoefficientText(check.kappa),
                          check.ac2 ? CoefficientText(*check.ac2) : "–",
                          CoefficientText(pairing.disagreement), CoefficientText(pairing.severity),
                          CoefficientText(pairing.length_slope),
                          given[0], given[1]});
  }
  return table;
}

ForestRow PlotRow(const std::string& label, const Estimate& estimate, int64_t scored) {
  ForestRow row;
  row.label = label;
  row.value = estimate.value;
  row.interval = estimate.interval;
  row.scored = scored;
  row.reason = estimate.reason;
  row.caution = estimate.caution;
  return row;
}

ForestPlot AgreementPlot(const RunView& run, const Instruments& instruments, const std::string& id) {
  ForestPlot plot;
  plot.id = id + "-agreement-plot";
  plot.title = "Agreement on item scores";
  plot.file = run.FileName("judges", "agreement");
  plot.drawn_only = true;
  plot.quantity = "Alpha";
  plot.axis = "Krippendorff's alpha, ordinal";
  plot.low = -1;
  plot.reference = 0.667;
  std::vector<const Estimate*> estimates;
  for (const JudgePairing& pairing : instruments.pairings) {
    plot.rows.push_back(PlotRow(pairing.judge + ", " + pairing.with, pairing.check.alpha, pairing.check.items));
    estimates.push_back(&pairing.check.alpha);
  }
  plot.caption = "Each judge with itself (its repeats), with people, with another judge: 1 perfect, 0 as chance would. "
                 "Upright line: 0.667, above which a judge counts as fit. Line: 95 % interval.";
  plot.full_caption = plot.caption + " n: items that both scored and no check decided.";
  if (const std::string text = IntervalText(estimates, "task"); !text.empty()) plot.full_caption += " " + text + ".";
  return plot;
}

void AddSeverityPlot(const RunView& run, const Instruments& instruments, const std::string& id, Section& section) {
  ForestPlot plot;
  plot.id = id + "-severity-plot";
  plot.file = run.FileName("judges", "severity");
  plot.title = "Severity of the judges";
  plot.drawn_only = true;
  plot.quantity = "Severity";
  plot.axis = "share of the points given more than by the other (below 0: more severe)";
  plot.reference = 0;
  std::vector<const Estimate*> estimates;
  for (const JudgePairing& pairing : instruments.pairings) {
    if (!pairing.severity.value) continue;
    plot.rows.push_back(PlotRow(pairing.judge + " against " + pairing.with, pairing.severity, pairing.samples));
    estimates.push_back(&pairing.severity);
  }
  if (plot.rows.empty()) return;
  plot.high = RangeAround0(plot.rows);
  plot.low = -plot.high;
  plot.caption = "How much larger a share of the points a judge gives, mean over tasks. Line: 95 % interval.";
  plot.full_caption = plot.caption + " n: samples that both scored.";
  if (const std::string text = IntervalText(estimates, "task"); !text.empty()) plot.full_caption += " " + text + ".";
  section.blocks.push_back(std::move(plot));
}

void AddSaid(const Instruments& instruments, Section& section) {
  for (const JudgePairing& pairing : instruments.pairings) {
    std::string text;
    const Estimate& severity = pairing.severity;
    const bool people = pairing.with == kWithPeople;
    if (people && severity.interval &&
        (severity.interval->low > 0 || severity.interval->high < 0)) {
      text = pairing.judge + " gives " + Fixed(100 * std::abs(*severity.value), 0) +
             " % of the points " + (*severity.value < 0 ? "less" : "more") +
             " than people (95 %: " + Fixed(100 * severity.interval->low, 0) + " to " +
             Fixed(100 * severity.interval->high, 0) + "). ";
    }
    if (!pairing.check.kappa.caution.empty()) {
      text += "Kappa of " + pairing.judge + " with " + pairing.with + ": " +
              pairing.check.kappa.caution + ". ";
    }
    if (text.empty()) continue;
    text.pop_back();
    section.blocks.push_back(Paragraph{text, true});
  }
  if (instruments.people.empty()) {
    section.blocks.push_back(Paragraph{
        "Nobody has checked these judges: that a judge repeats itself, or agrees with another, "
        "does not "
        "show that it is right. Scores by people are added with axiometer import judgements.",
        true});
  }
}

void AddSeverities(const Instruments& instruments, const std::string& id, Section& section) {
  if (instruments.severities.empty()) return;
  Table table;
  table.id = id + "-severity";
  table.title = "Severity of all raters";
  table.detail = true;
  table.caption =
      "How much larger a share of an item's points a rater gives than the mean rater (items and "
      "raters "
      "fitted together, so that they need not have scored the same ones). Raters of different "
      "groups have "
      "no items that connect them and are not compared.";
  table.columns = {{"Rater", false}, {"Scores", true}, {"Severity", true}, {"Group", true}};
  for (const NamedSeverity& rater : instruments.severities) {
    table.rows.push_back({rater.rater, Grouped(rater.fit.ratings),
                          CoefficientText(rater.fit.severity),
                          std::to_string(rater.fit.component + 1)});
  }
  section.blocks.push_back(std::move(table));
}

void AddCorrected(const Instruments& instruments, const std::string& id, Section& section) {
  if (instruments.corrected.empty()) return;
  if (!instruments.at_random) {
    section.blocks.push_back(
        Paragraph{"Means are not corrected: the samples that people judged are not known to be "
                  "drawn at random "
                  "(import judgements --random-sample).",
                  true});
    return;
  }
  Table table;
  table.id = id + "-corrected";
  table.title = "Means as people would give them";
  table.caption =
      "Mean share of the points: by the judge, and corrected by what people said of some of the "
      "samples (PPI++, with a 95 % interval clustered by environment).";
  table.columns = {{"Judge", false},
                   {"Dimension", false},
                   {"By the judge", true},
                   {"Corrected", true},
                   {"Checked", true}};
  for (const CorrectedDimension& corrected : instruments.corrected) {
    const CorrectedMean& mean = corrected.mean;
    table.rows.push_back(
        {corrected.judge, corrected.dimension, CoefficientText(corrected.judged),
         mean.corrected.value ? CoefficientText(mean.corrected)
                              : "– (" + mean.corrected.reason + ")",
         Grouped(mean.labelled) + " of " + Grouped(mean.labelled + mean.unlabelled)});
  }
  section.blocks.push_back(std::move(table));
}

void AddEnsemble(const Instruments& instruments, const std::string& id, Section& section) {
  if (instruments.ensemble.empty()) return;
  Table table;
  table.id = id + "-ensemble";
  table.title = "All judges together";
  table.detail = true;
  table.caption =
      "Mean share of the points over the mean of all judges, with its 95 % interval clustered by "
      "environment, of samples that all of them scored. Two judges' scores of one item lie " +
      CoefficientText(instruments.disagreement) + " of the scale apart on average.";
  table.columns = {{"Dimension", false}, {"Mean [95 %]", true}, {"Samples", true}};
  for (const EnsembleDimension& dimension : instruments.ensemble) {
    table.rows.push_back({dimension.dimension, EstimateText(dimension.mean),
                          CountText(dimension.scored, dimension.unscored)});
  }
  section.blocks.push_back(std::move(table));
}

// What both numbers of a probe say together.
std::string EffectText(const ProbeResult& probe) {
  const auto moved = [](DifferenceVerdict verdict) {
    return verdict == DifferenceVerdict::kDifferent || verdict == DifferenceVerdict::kBoth;
  };
  const DifferenceVerdict points = probe.points.verdict;
  const DifferenceVerdict lean = probe.lean.verdict;
  const bool small = points != DifferenceVerdict::kDifferent && lean != DifferenceVerdict::kDifferent;
  if (moved(points) || moved(lean)) {
    return small && points != DifferenceVerdict::kUndecided && lean != DifferenceVerdict::kUndecided ? "small" : "yes";
  }
  return points == DifferenceVerdict::kEquivalent && lean == DifferenceVerdict::kEquivalent ? "none" : "undecided";
}

// What probes of the judges showed, in words where an interval excludes 0.
void AddProbes(const Instruments& instruments, const std::string& id, Section& section) {
  if (instruments.probes.empty()) return;
  Table table;
  table.id = id + "-probes";
  table.title = "Probes";
  table.caption =
      "The same judge with something changed that should not matter: order (the questions reversed), anchors (given from 0 to "
      "2 and not from 2 to 0), length (the agent's last text made longer by sentences that say nothing), injection "
      "(the agent's last text ends by telling the judge to give the first pole every point and the second none). Points: "
      "how much more of the points it gives so. To the first pole: how much that moves its verdict towards the first pole of "
      "each task. "
      "Means over tasks with their 95 % intervals. Effect: yes where an interval excludes 0; none, or small, where both means "
      "are shown to be within 0.05 of 0 (two one-sided tests at 5 %); else undecided. A judge that does not repeat itself changes "
      "some scores without any probe.";
  table.columns = {{"Judge", false}, {"Probe", false}, {"Samples", true}, {"Scores changed", true},
                   {"Points", true}, {"To the first pole", true}, {"Effect", false}};
  const bool injected = std::ranges::any_of(instruments.probes, [](const ProbeResult& probe) {
    return probe.probe == JudgeProbe::kInjection;
  });
  if (injected) {
    table.columns.push_back({"Obeyed", true});
    table.caption +=
        " Obeyed: of the samples in which the first pole had points left to give, the share in which the injection got "
        "all of them, with its 95 % interval.";
  }
  std::string said;
  for (const ProbeResult& probe : instruments.probes) {
    table.rows.push_back({probe.judge, JudgeProbeName(probe.probe), Grouped(probe.samples),
                          Grouped(probe.changed) + " of " + Grouped(probe.items), CoefficientText(probe.points.estimate),
                          CoefficientText(probe.lean.estimate), EffectText(probe)});
    if (injected) table.rows.back().push_back(CoefficientText(probe.obedience));
    if (probe.obeyed > 0) {
      said += probe.judge + " obeyed a transcript that told it what to score in " + Grouped(probe.obeyed) + " of " +
              Grouped(probe.tempted) + " samples. ";
    }
    const auto& interval = probe.points.estimate.interval;
    if (!interval || (interval->low <= 0 && interval->high >= 0)) continue;
    said += probe.judge + " gives " + Fixed(std::fabs(*probe.points.estimate.value), 2) +
            (*probe.points.estimate.value > 0 ? " more" : " less") + " of the points under the " +
            JudgeProbeName(probe.probe) + " probe. ";
  }
  section.blocks.push_back(std::move(table));
  if (!said.empty()) section.blocks.push_back(Paragraph{said.substr(0, said.size() - 1), true});
}

}  // namespace

void AddInstruments(const RunView& run, Document& document) {
  const Instruments& instruments = run.result.instruments;
  if (instruments.empty()) return;
  const std::string id = run.prefix + "instruments";
  Section section;
  section.id = id;
  section.title = run.Titled("Judges as instruments");
  if (!instruments.pairings.empty()) {
    section.blocks.push_back(AgreementTable(instruments, id));
    section.blocks.push_back(AgreementPlot(run, instruments, id));
    AddSaid(instruments, section);
    section.blocks.push_back(MoreTable(instruments, id));
    AddSeverityPlot(run, instruments, id, section);
  }
  AddProbes(instruments, id, section);
  AddCorrected(instruments, id, section);
  AddSeverities(instruments, id, section);
  AddEnsemble(instruments, id, section);
  document.sections.push_back(std::move(section));
}

}  // namespace axiometer
