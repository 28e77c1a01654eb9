#include <algorithm>
#include <cmath>

#include "reports/difference_text.h"
#include "reports/form_gaps.h"
#include "reports/plain_text.h"
#include "reports/sections.h"

namespace axiometer {
namespace {

constexpr double kAlpha = 0.05;

// "stated", "chosen", "enacted": what a form brings out.
const char* SaidOf(TaskForm form) {
  switch (form) {
    case TaskForm::kSurvey:
      return "stated";
    case TaskForm::kChoice:
      return "chosen";
    case TaskForm::kAgent:
      return "enacted";
  }
  return "";
}

ForestRow RowOf(const std::string& label, const Estimate& estimate, int64_t left_out) {
  ForestRow row;
  row.label = label;
  row.value = estimate.value;
  row.interval = estimate.interval;
  row.scored = estimate.n;
  row.unscored = left_out;
  row.reason = estimate.reason;
  row.caution = estimate.caution;
  return row;
}

// What an interval of a bias says in words.
std::string Finding(const Estimate& bias, const char* what, const char* towards, const char* away) {
  if (!bias.value || !bias.interval) return "";
  const bool sure = bias.interval->low > 0 || bias.interval->high < 0;
  if (!sure) return std::string("No ") + what + " is shown: the interval holds 0. ";
  return std::string("Answers lean to the option ") + (*bias.value > 0 ? towards : away) + ": " +
         Fixed(200 * std::fabs(*bias.value), 0) +
         " points in 100 between the two ways of printing. ";
}

// The gaps of the table between two forms.
ForestPlot GapPlot(const FormComparison& comparison, const FormAgreement& agreement, const std::string& id) {
  ForestPlot plot;
  plot.id = id + "-plot-" + TaskFormName(agreement.earlier) + "-" + TaskFormName(agreement.later);
  plot.title = std::string("From ") + SaidOf(agreement.earlier) + " to " + SaidOf(agreement.later);
  plot.file = "gap-" + std::string(SaidOf(agreement.earlier)) + "-" + SaidOf(agreement.later);
  plot.drawn_only = true;
  plot.quantity = "Gap";
  plot.axis = std::string(SaidOf(agreement.later)) + " less " + SaidOf(agreement.earlier) + ", difference of leans";
  plot.reference = 0;
  std::vector<const Estimate*> estimates;
  for (const FormGap& gap : comparison.gaps) {
    if (gap.earlier != agreement.earlier || gap.later != agreement.later) continue;
    plot.rows.push_back(RowOf(gap.value_system + ": " + gap.dimension, gap.difference.estimate, 0));
    plot.rows.back().scored = gap.dilemmas;
    estimates.push_back(&gap.difference.estimate);
  }
  plot.high = RangeAround0(plot.rows);
  plot.low = -plot.high;
  plot.caption = "The gaps of the table. Line: 95 % interval.";
  plot.full_caption =
      "Mean of the differences of the leans towards a value, 0 to 1, over the dilemmas that have both forms (n).";
  if (const std::string text = IntervalText(estimates, "dilemma"); !text.empty()) {
    plot.full_caption += " " + text + " (of the first row with one).";
  }
  return plot;
}

}  // namespace

void AddFormEffects(const RunView& run, Document& document) {
  for (const JudgeResult& judge : run.result.judges) {
    if (!judge.form_effects) continue;
    const FormEffects& effects = *judge.form_effects;
    if (!effects.order && !effects.label && !effects.wording) continue;
    const std::string id =
        run.prefix + "printing-" + std::to_string(&judge - run.result.judges.data() + 1);
    Section section;
    section.id = id;
    section.title = run.Titled("What the printing did");
    std::string said;
    ForestPlot biases;
    biases.id = id + "-bias";
    biases.title = "Bias";
    biases.file = run.FileName("printing", "bias", &judge);
    biases.axis = "half the difference between the two ways of printing";
    biases.quantity = "Bias";
    biases.low = -0.5;
    biases.high = 0.5;
    biases.reference = 0;
    biases.caption =
        "Half of: share of answers for an option where it is printed first (labelled A), less "
        "where it is printed "
        "last (labelled B). The value profile takes the mean over both and is free of it. Line: 95 "
        "% interval, "
        "dilemmas as clusters.";
    ForestPlot steadiness;
    steadiness.id = id + "-consistency";
    steadiness.title = "Consistency";
    steadiness.file = run.FileName("printing", "consistency", &judge);
    steadiness.axis = "share, or beyond chance";
    steadiness.quantity = "Share";
    steadiness.low = -1;
    steadiness.caption =
        "How often two answers to a dilemma, one of each order, agree on the option; and how far "
        "beyond what answers "
        "that ignore the dilemma would give (0: no further, 1: always).";
    if (effects.order) {
      said += Finding(effects.order->position_bias, "bias of position", "printed first",
                      "printed last");
      biases.rows.push_back(
          RowOf("printed first", effects.order->position_bias, effects.order->one_order));
      if (run.data.form() == TaskFormName(TaskForm::kChoice)) {
        steadiness.rows.push_back(RowOf("same option in both orders", effects.order->consistency,
                                        effects.order->one_order));
        steadiness.rows.push_back(
            RowOf("beyond chance", effects.order->beyond_chance, effects.order->one_order));
      }
      if (effects.order->one_order > 0) {
        said += Grouped(effects.order->one_order) +
                " dilemmas were answered in one order only and are left out here. ";
      }
    }
    if (effects.label) {
      said += Finding(effects.label->position_bias, "bias of labels", "labelled A", "labelled B");
      biases.rows.push_back(
          RowOf("labelled A", effects.label->position_bias, effects.label->one_order));
    }
    if (effects.wording)
      steadiness.rows.push_back(RowOf("same pole in two wordings", *effects.wording, 0));
    if (!said.empty()) section.blocks.push_back(Paragraph{said.substr(0, said.size() - 1), false});
    const auto describe = [](ForestPlot& plot, const std::vector<const Estimate*>& estimates) {
      plot.full_caption = plot.caption + " n: dilemmas asked both ways, of those asked.";
      if (const std::string text = IntervalText(estimates, "dilemma"); !text.empty())
        plot.full_caption += " " + text + ".";
    };
    if (effects.order) {
      describe(biases, {&effects.order->position_bias});
      describe(steadiness, {&effects.order->consistency, &effects.order->beyond_chance});
    } else if (effects.label) {
      describe(biases, {&effects.label->position_bias});
    }
    if (!biases.rows.empty()) section.blocks.push_back(std::move(biases));
    if (!steadiness.rows.empty()) section.blocks.push_back(std::move(steadiness));
    document.sections.push_back(std::move(section));
  }
}

void AddFormGaps(const std::vector<RunData>& runs, const std::vector<FormComparison>& comparisons,
                 Document& document) {
  int number = 0;
  for (const FormComparison& comparison : comparisons) {
    const std::string id = "forms-" + std::to_string(++number);
    Section section;
    section.id = id;
    section.title = "Stated, chosen, enacted: " + comparison.subject + " on " + comparison.suite;
    if (!comparison.reason.empty()) {
      section.blocks.push_back(Paragraph{"Not compared: " + comparison.reason + ".", true});
      document.sections.push_back(std::move(section));
      continue;
    }
    std::string which;
    for (size_t i = 0; i < comparison.runs.size(); ++i) {
      const auto& [form, run] = comparison.runs[i];
      which += (which.empty() ? "" : "; ") + std::string(SaidOf(form)) + ": run " +
               runs[run].summary.run.id + ", as scored by " + comparison.judges[i];
    }
    section.blocks.push_back(
        Paragraph{"The same dilemmas as a general statement (stated), as two courses to choose "
                  "from (chosen) and as work to be "
                  "done (enacted). " +
                      which + ".",
                  false});
    std::string decided;
    for (const FormGap& gap : comparison.gaps) {
      if (!gap.adjusted_p || *gap.adjusted_p >= kAlpha) continue;
      decided += (decided.empty() ? "" : "; ") + gap.dimension + " is " + SaidOf(gap.later) + " " +
                 Fixed(std::fabs(*gap.difference.estimate.value), 2) +
                 (*gap.difference.estimate.value > 0 ? " more" : " less") + " than it is " +
                 SaidOf(gap.earlier);
    }
    const bool tested = std::any_of(comparison.gaps.begin(), comparison.gaps.end(),
                                    [](const FormGap& gap) { return gap.adjusted_p.has_value(); });
    section.blocks.push_back(Paragraph{
        !decided.empty() ? "Shown: " + decided + "."
        : tested         ? "No gap is shown once all of them are taken together (Holm, 5 %)."
                         : "No dimension has the " + std::to_string(kFewestDilemmas) +
                       " dilemmas that an interval takes: the gaps below are values only.",
        false});
    for (const FormAgreement& agreement : comparison.agreements) {
      Table table;
      table.id = id + "-" + TaskFormName(agreement.earlier) + "-" + TaskFormName(agreement.later);
      table.title =
          std::string("From ") + SaidOf(agreement.earlier) + " to " + SaidOf(agreement.later);
      table.caption =
          "Lean towards a value, 0 to 1 (0.5: neither way), over the dilemmas that have both "
          "forms; the gap "
          "with its 95 % interval, p adjusted by Holm over all gaps of this section. The same side "
          "in " +
          EstimateText(agreement.same_side) + " of the dilemmas";
      if (agreement.on_the_middle > 0) {
        table.caption += ", " + Grouped(agreement.on_the_middle) + " more lie in the middle";
      }
      table.caption +=
          ". The three forms are put on one scale by convention, so that signs say more than "
          "sizes.";
      table.columns = {{"Value", false},
                       {"Dilemmas", true},
                       {SaidOf(agreement.earlier), true},
                       {SaidOf(agreement.later), true},
                       {"Gap [95 %]", true},
                       {"p", true}};
      for (const FormGap& gap : comparison.gaps) {
        if (gap.earlier != agreement.earlier || gap.later != agreement.later) continue;
        table.rows.push_back({gap.value_system + ": " + gap.dimension, Grouped(gap.dilemmas),
                              Fixed(gap.earlier_mean, 2), Fixed(gap.later_mean, 2), DifferenceText(gap.difference.estimate),
                              PText(gap.adjusted_p)});
      }
      section.blocks.push_back(std::move(table));
      section.blocks.push_back(GapPlot(comparison, agreement, id));
    }
    document.sections.push_back(std::move(section));
  }
}

}  // namespace axiometer
