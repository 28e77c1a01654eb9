#include "reports/comparison_document.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "reports/difference_text.h"
#include "reports/figures.h"
#include "reports/plain_text.h"
#include "reports/run_json.h"
#include "reports/sections.h"

namespace axiometer {
namespace {

constexpr size_t kFlipsShown = 40;

class ComparisonWriter {
 public:
  ComparisonWriter(const std::vector<RunData>& runs, const Comparability& found, const Comparison& comparison,
                   const ComparisonOptions& options)
      : runs_(runs), found_(found), comparison_(comparison), options_(options) {}

  Document Write() {
    Document document;
    document.title = "Axiometer comparison";
    document.several_runs = true;
    for (size_t i = 0; i < runs_.size(); ++i) {
      if (i > 0) document.subtitle += "; ";
      document.subtitle += RunLetter(i) + ": " + runs_[i].summary.run.model;
    }
    document.subtitle += " on " + runs_.front().summary.run.suite;
    document.sections.push_back(Verdict());
    document.sections.push_back(Outcomes());
    if (runs_.size() > 2) document.sections.push_back(Matrix());
    if (!comparison_.effects.empty()) document.sections.push_back(Effects());
    for (const RunPair& pair : comparison_.pairs) document.sections.push_back(OfPair(pair));
    Json runs = Json::array();
    for (const RunData& run : runs_) runs.push_back(RunJson(run));
    document.runs_json = DumpJson(runs);
    document.comparability_json = DumpJson(VerdictJson());
    document.metrics = ToMetrics(runs_, found_, comparison_);
    return document;
  }

 private:
  std::string JudgeName(size_t run) const {
    return found_.judges[run] < 0 ? "nobody" : runs_[run].judges[static_cast<size_t>(found_.judges[run])];
  }

  Table DifferencesTable(const std::string& id, const std::string& title,
                         const std::vector<ConfigurationDifference>& differences) const {
    Table table;
    table.id = id;
    table.title = title;
    table.columns = {{"", false}};
    for (size_t i = 0; i < runs_.size(); ++i) table.columns.push_back({RunLetter(i), false});
    for (const ConfigurationDifference& difference : differences) {
      std::vector<std::string> row{difference.what + (difference.forbids ? " (!)" : "")};
      for (const std::string& value : difference.values) row.push_back(Excerpt(value, 200));
      table.rows.push_back(std::move(row));
    }
    return table;
  }

  Section Verdict() const {
    Section section;
    section.id = "comparability";
    section.title = "Can these runs be compared?";
    std::string text;
    if (found_.refused()) {
      text = "Not as they are: what is marked (!) below differs, so that the scores do not mean the same. The "
             "comparison was asked for all the same (--allow-differences); a difference below may come from that "
             "alone.";
    } else {
      text = "Yes: the same tasks, rubrics and judge's prompts. ";
      text += !found_.subject.empty() ? "What is compared is the subject, in what the first table says."
              : found_.instrument.empty()
                  ? "The subjects are configured alike, so that what differs is repetition."
                  : "The subjects are configured alike, so that what differs is repetition, or comes of what the last "
                    "table says.";
    }
    section.blocks.push_back(Paragraph{text, found_.refused()});
    for (size_t i = 0; i < runs_.size(); ++i) {
      if (!found_.standings[i].unfit) continue;
      section.blocks.push_back(Paragraph{"Against people the judge of " + RunLetter(i) + " is " +
                                             found_.standings[i].fitness +
                                             ". Its scores, and the differences below, are not to be relied on.",
                                         true});
    }
    Table named;
    named.id = "comparability-runs";
    named.columns = {{"", false}, {"Run", false}, {"Subject", false}, {"Judge", false}, {"Tasks", true}, {"In no other", true}};
    const bool checked = std::ranges::any_of(
        found_.standings, [](const JudgeStanding& standing) { return !standing.fitness.empty(); });
    if (checked) named.columns.push_back({"Judge, against people", false});
    named.caption = Grouped(static_cast<long long>(found_.tasks.size())) +
                    (found_.tasks.size() == 1 ? " task is" : " tasks are") +
                    " in all of the runs; everything below is of these alone.";
    for (size_t i = 0; i < runs_.size(); ++i) {
      named.rows.push_back({RunLetter(i), runs_[i].summary.run.id, runs_[i].summary.run.model,
                            JudgeName(i), Grouped(static_cast<long long>(runs_[i].tasks.size())),
                            Grouped(static_cast<long long>(found_.unmatched[i]))});
      const std::string& fitness = found_.standings[i].fitness;
      if (checked) named.rows.back().push_back(fitness.empty() ? "not judged by any" : fitness);
    }
    section.blocks.push_back(std::move(named));
    if (!found_.subject.empty()) {
      section.blocks.push_back(DifferencesTable("comparability-subject", "What is compared", found_.subject));
    }
    if (!found_.instrument.empty()) {
      Table table = DifferencesTable("comparability-instrument", "What else differs", found_.instrument);
      if (!found_.refused()) table.caption = "None of this changes what a score means; all of it may change the scores.";
      section.blocks.push_back(std::move(table));
    }
    return section;
  }

  // How the common tasks' samples ended, side by side.
  Section Outcomes() const {
    Section section;
    section.id = kLastOfAllRuns;
    section.title = "How the samples ended";
    std::vector<std::map<std::string, int64_t>> counts(runs_.size());
    std::set<std::string> names;
    for (size_t i = 0; i < runs_.size(); ++i) {
      std::set<int> common;
      for (const CommonTask& task : found_.tasks) common.insert(task.indexes[i]);
      for (const SampleFacts& sample : runs_[i].samples) {
        if (!common.contains(sample.task)) continue;
        const std::string name = Spaced(OutcomeName(sample.outcome));
        ++counts[i][name];
        names.insert(name);
      }
    }
    Table table;
    table.id = "outcomes-table";
    table.columns = {{"Samples of the common tasks", false}};
    for (size_t i = 0; i < runs_.size(); ++i) table.columns.push_back({RunLetter(i), true});
    for (const std::string& name : names) {
      std::vector<std::string> row{name};
      for (const auto& of_run : counts) {
        const auto count = of_run.find(name);
        row.push_back(count == of_run.end() ? "0" : Grouped(count->second));
      }
      table.rows.push_back(std::move(row));
    }
    section.blocks.push_back(std::move(table));
    for (const RunPair& pair : comparison_.pairs) {
      if (!pair.missing.p || *pair.missing.p >= 0.05) continue;
      section.blocks.push_back(
          Paragraph{"The share of samples without a score differs between " +
                        RunLetter(pair.first) + " and " + RunLetter(pair.second) + ": " +
                        DifferenceText(pair.missing.estimate) + " (p " + PText(pair.missing.p) +
                        "). What is missing may not be like what is there; see the bounds.",
                    true});
    }
    for (const RunPair& pair : comparison_.pairs) {
      const std::optional<Interval>& severity = pair.severity.interval;
      if (!severity || (severity->low <= 0 && severity->high >= 0)) continue;
      section.blocks.push_back(
          Paragraph{"Measured against people, the judge gives " + RunLetter(pair.second) +
                        " other scores than " + RunLetter(pair.first) +
                        " for the same conduct: " + DifferenceText(pair.severity) +
                        " of the points. A difference below may come from that alone.",
                    true});
    }
    return section;
  }

  // Every two runs by how far their profiles lie apart.
  Section Matrix() const {
    Section section;
    section.id = "matrix";
    section.title = "Every two runs";
    Table table;
    table.id = "matrix-table";
    table.caption = "Dimensions shown to differ (after " + comparison_.correction +
                    "'s correction over all of these together) of those with a test; the mean absolute difference over "
                    "dimensions; tasks in which the leaning flipped.";
    table.columns = {{"Pair", false}, {"Differ", true}, {"Mean absolute difference", true}, {"Flips", true}};
    for (const RunPair& pair : comparison_.pairs) {
      int different = 0;
      int tested = 0;
      double sum = 0;
      int counted = 0;
      for (const ScoreDifference& score : pair.scores) {
        tested += score.adjusted_p.has_value();
        different += score.verdict == DifferenceVerdict::kDifferent || score.verdict == DifferenceVerdict::kBoth;
        if (!score.paired.estimate.value) continue;
        sum += std::fabs(*score.paired.estimate.value);
        ++counted;
      }
      table.rows.push_back(
          {RunLetter(pair.first) + ", " + RunLetter(pair.second),
           std::to_string(different) + " of " + std::to_string(tested),
           counted == 0 ? "–" : Fixed(sum / counted, 3),
           Grouped(static_cast<long long>(pair.flips.size())) + " of " + Grouped(pair.tasks)});
    }
    section.blocks.push_back(std::move(table));
    return section;
  }

  // Main effects and interactions of what was varied, effect by effect.
  Section Effects() const {
    Section section;
    section.id = "factors";
    section.title = "What each factor does";
    std::string text = "Task by task: how far one level of a factor moves the score, the other factors' levels weighing alike; "
                       "an interaction is how far that differs between two levels of another factor. p after Holm's correction "
                       "over the effects of one value.";
    const FactorEffects& any = comparison_.effects.front().effects;
    if (!any.missing_cells.empty()) {
      text += " No run has ";
      for (const std::string& cell : any.missing_cells) text += (&cell == any.missing_cells.data() ? "" : "; or ") + cell;
      text += ".";
    }
    section.blocks.push_back(Paragraph{text, false});
    for (size_t i = 0; i < any.effects.size(); ++i) {
      Table table;
      table.id = "factors-" + std::to_string(i + 1);
      table.title = any.effects[i].name;
      table.columns = {{"Value", false}, {"Effect [95 %]", true}, {"p", true}, {"Tasks", true}};
      if (!any.effects[i].aliased_with.empty()) {
        table.caption = any.effects[i].estimate.value ? "Assumes that these do nothing: " : "Cannot be told from: ";
        for (const std::string& other : any.effects[i].aliased_with) {
          table.caption += (&other == any.effects[i].aliased_with.data() ? "" : "; ") + other;
        }
        table.caption += ".";
      }
      if (any.effects[i].estimate.caution.find(kRunToRunNoise) != std::string::npos) {
        table.caption += std::string(table.caption.empty() ? "" : " ") +
                         "Some cell has one run alone, so that this includes what repeating a run would change.";
      }
      for (const ScoreEffects& score : comparison_.effects) {
        const auto found = std::find_if(score.effects.effects.begin(), score.effects.effects.end(),
                                        [&](const FactorEffect& effect) { return effect.name == table.title; });
        if (found == score.effects.effects.end() || !found->estimate.value) continue;
        const FactorEffect& effect = *found;
        const std::string name = score.value_system.empty() ? score.dimension : score.value_system + ": " + score.dimension;
        table.rows.push_back({name, DifferenceText(effect.estimate), PText(effect.adjusted_p), Grouped(effect.estimate.n)});
      }
      if (table.rows.empty()) {
        section.blocks.push_back(Paragraph{table.title + ": not estimated. " + table.caption, true});
        continue;
      }
      ForestPlot plot = EffectPlot(table.title, i);
      section.blocks.push_back(std::move(table));
      section.blocks.push_back(std::move(plot));
    }
    return section;
  }

  static ForestRow PlotRow(const ScoreDifference& score) {
    ForestRow row;
    row.label = score.dimension;
    row.value = score.paired.estimate.value;
    row.interval = score.paired.estimate.interval;
    row.scored = score.tasks;
    row.unscored = score.wanted_tasks - score.tasks;
    row.reason = score.paired.estimate.reason;
    row.caution = score.paired.estimate.caution;
    if (score.worst) {
      row.bound_low = score.worst->bounds.low;
      row.bound_high = score.worst->bounds.high;
    }
    return row;
  }

  ForestPlot Plot(const RunPair& pair, const std::string& system, const std::string& id) const {
    ForestPlot plot;
    plot.id = id;
    plot.title = system;
    plot.file = PairFile("difference", pair, system);
    plot.quantity = "Difference";
    plot.axis = RunLetter(pair.second) + " less " + RunLetter(pair.first) + ", difference of mean shares";
    plot.reference = 0;
    std::vector<const Estimate*> estimates;
    for (const ScoreDifference& score : pair.scores) {
      if (score.value_system != system) continue;
      plot.rows.push_back(PlotRow(score));
      estimates.push_back(&score.paired.estimate);
    }
    std::stable_sort(plot.rows.begin(), plot.rows.end(), [](const ForestRow& x, const ForestRow& y) {
      return x.value.value_or(-2) > y.value.value_or(-2);
    });
    for (const SystemDifference& whole : pair.systems) {
      if (whole.value_system != system) continue;
      ForestRow row;
      row.label = "all, unweighted";
      row.value = whole.difference.value;
      row.interval = whole.difference.interval;
      row.scored = whole.tasks;
      row.unscored = whole.wanted_tasks - whole.tasks;
      if (whole.bounds) {
        row.bound_low = whole.bounds->low;
        row.bound_high = whole.bounds->high;
      }
      row.reason = whole.difference.reason;
      row.caution = whole.difference.caution;
      row.summary = true;
      plot.rows.push_back(std::move(row));
    }
    plot.high = std::min(RangeAround0(plot.rows), 1.0);
    plot.low = -plot.high;
    plot.full_caption = RunLetter(pair.first) + ": " + runs_[pair.first].summary.run.model + " (run " +
                        runs_[pair.first].summary.run.id + "), " + RunLetter(pair.second) + ": " +
                        runs_[pair.second].summary.run.model + " (run " + runs_[pair.second].summary.run.id +
                        "). Mean difference paired by task, epochs averaged first; right of the line " +
                        RunLetter(pair.second) + " scores higher. n: tasks that both scored.";
    if (const std::string text = IntervalText(estimates, "cluster"); !text.empty()) {
      plot.full_caption += " Line: " + text + " (of the first row with one).";
    }
    plot.full_caption += " Pale band, where scores are missing: where the difference would lie whatever they had been.";
    return plot;
  }

  // "difference-b-a-schwartz": of the second run less the first.
  static std::string PairFile(const std::string& kind, const RunPair& pair, const std::string& what) {
    const std::string word = FileWord(what);
    return FileWord(kind + " " + RunLetter(pair.second) + " " + RunLetter(pair.first)) +
           (word.empty() ? "" : "-" + word);
  }

  // What the table of this effect says.
  ForestPlot EffectPlot(const std::string& effect_name, size_t number) const {
    ForestPlot plot;
    plot.id = "factors-plot-" + std::to_string(number + 1);
    plot.title = effect_name;
    const std::string word = FileWord(effect_name);
    if (!word.empty()) plot.file = "effect-" + word;
    plot.drawn_only = true;
    plot.quantity = "Effect";
    plot.axis = "effect on the mean share";
    plot.reference = 0;
    std::vector<const Estimate*> estimates;
    for (const ScoreEffects& score : comparison_.effects) {
      for (const FactorEffect& effect : score.effects.effects) {
        if (effect.name != effect_name || !effect.estimate.value) continue;
        ForestRow row;
        row.label = score.value_system.empty() ? score.dimension : score.value_system + ": " + score.dimension;
        row.value = effect.estimate.value;
        row.interval = effect.estimate.interval;
        row.scored = effect.estimate.n;
        row.reason = effect.estimate.reason;
        row.caution = effect.estimate.caution;
        plot.rows.push_back(std::move(row));
        estimates.push_back(&effect.estimate);
      }
    }
    plot.high = RangeAround0(plot.rows);
    plot.low = -plot.high;
    plot.caption = "The effects of the table. Line: 95 % interval.";
    plot.full_caption =
        "How far this moves the score, task by task, the other factors' levels weighing alike. n: tasks with a "
        "score in every run that it needs.";
    if (const std::string text = IntervalText(estimates, "cluster"); !text.empty()) {
      plot.full_caption += " Line: " + text + " (of the first row with one).";
    }
    return plot;
  }

  std::string VerdictText(const ScoreDifference& score) const {
    std::string text = DifferenceVerdictName(score.verdict);
    if (score.depends_on_missing) text += "; depends on missing outcomes";
    return text;
  }

  Table Numbers(const RunPair& pair, const std::string& system, const std::string& id) const {
    Table table;
    table.id = id;
    table.columns = {{"", false},
                     {RunLetter(pair.first), true},
                     {RunLetter(pair.second), true},
                     {"p", true},
                     {"p, flips", true},
                     {"Finds", true},
                     {"Verdict", false}};
    for (const ScoreDifference& score : pair.scores) {
      if (score.value_system != system) continue;
      const bool any = score.tasks > 0 && pair.voided.empty();
      // What no difference of shares can be would never be found.
      const bool within_reach = score.paired.detectable && *score.paired.detectable <= 1;
      table.rows.push_back({score.dimension, any ? Fixed(score.first, 3) : "–", any ? Fixed(score.second, 3) : "–",
                            PText(score.adjusted_p), PText(score.paired.sign_flip.p),
                            within_reach ? Fixed(*score.paired.detectable, 2) : score.paired.detectable ? "none" : "–",
                            VerdictText(score)});
    }
    return table;
  }

  // Where a score is missing: how many, and where the difference would lie whatever they had been.
  static Table Missing(const RunPair& pair, const std::string& system, const std::string& id) {
    Table table;
    table.id = id;
    table.detail = true;
    table.caption = "Samples without a score, and where the difference would lie whatever they had scored.";
    table.columns = {{"", false},
                     {"Missing in " + RunLetter(pair.first), true},
                     {"Missing in " + RunLetter(pair.second), true},
                     {"Difference, at least … at most", true}};
    for (const ScoreDifference& score : pair.scores) {
      if (score.value_system != system || !score.worst) continue;
      table.rows.push_back({score.dimension, Grouped(score.missing_first), Grouped(score.missing_second),
                            BoundsText(score.worst->bounds)});
    }
    return table;
  }

  std::string NumbersCaption() const {
    std::string text =
        "Means over the tasks that both scored (epochs averaged first). p: of no difference, by Student's t over clusters (CR2), "
        "after " + comparison_.correction + "'s correction over " + std::to_string(comparison_.family) +
        (comparison_.family == 1 ? " test" : " tests") +
        "; p, flips: of the exact or drawn sign flips of clusters, uncorrected, from six clusters on; finds: the difference that "
        "such data would show 4 times in 5.";
    if (options_.margin) {
      text += " Equivalent: the 90 % interval lies within ±" + Fixed(*options_.margin, 3) + ".";
    }
    return text;
  }

  // The answer in a sentence or two, before any table.
  Paragraph Summary(const RunPair& pair) const {
    const std::string first = RunLetter(pair.first);
    const std::string second = RunLetter(pair.second);
    std::string higher;
    std::string lower;
    int equivalent = 0;
    int undecided = 0;
    for (const ScoreDifference& score : pair.scores) {
      if (score.verdict == DifferenceVerdict::kEquivalent) ++equivalent;
      if (score.verdict == DifferenceVerdict::kUndecided) ++undecided;
      if (score.verdict != DifferenceVerdict::kDifferent && score.verdict != DifferenceVerdict::kBoth) continue;
      std::string& list = *score.paired.estimate.value > 0 ? higher : lower;
      list += (list.empty() ? "" : ", ") + score.dimension + " (" + Signed(*score.paired.estimate.value, 2) + ")";
    }
    std::string text;
    if (!higher.empty()) text += second + " scores higher than " + first + " on " + higher + ". ";
    if (!lower.empty()) text += second + " scores lower than " + first + " on " + lower + ". ";
    if (higher.empty() && lower.empty()) text += "No difference of a single value is shown. ";
    for (const SystemDifference& system : pair.systems) {
      const std::optional<Interval>& interval = system.difference.interval;
      if (!interval || (interval->low <= 0 && interval->high >= 0)) continue;
      text += "Over all values of " + system.value_system + " together " + second + " scores " +
              (*system.difference.value > 0 ? "higher: " : "lower: ") + DifferenceText(system.difference) +
              ", a mean that no correction covers. ";
    }
    if (found_.standings[pair.first].unfit || found_.standings[pair.second].unfit) {
      text += "All of this rests on a judge that is unfit (above). ";
    }
    if (equivalent > 0) {
      text += std::to_string(equivalent) + (equivalent == 1 ? " dimension is" : " dimensions are") +
              " equivalent within the margin. ";
    }
    if (undecided > 0) {
      text += "On " + std::to_string(undecided) + (undecided == 1 ? " dimension" : " dimensions") +
              " these data decide nothing: that is no sign of equality. ";
    }
    if (!pair.voided.empty()) {
      text = "No means: " + pair.voided + " (--fail-on-error). Counts and bounds stand. ";
    }
    text += "The leaning flipped in " + Grouped(static_cast<long long>(pair.flips.size())) + " of " + Grouped(pair.tasks) +
            " tasks";
    if (pair.flip_counts.expected) {
      text += "; repeating one and the same subject would flip about " + Fixed(*pair.flip_counts.expected, 1) + " of " +
              Grouped(pair.flip_counts.noise_tasks);
    }
    return Paragraph{text + ".", false};
  }

  Table Flips(const RunPair& pair, const std::string& id) const {
    const bool answered = runs_[pair.first].is_answered();
    Table table;
    table.id = id;
    table.title = "Tasks in which the leaning flipped";
    table.caption = answered ? "Right and wrong by the first reading."
                             : "The pole that leads, and how far the first leads the second, -1 to 1 (mean of the epochs).";
    if (pair.flips.size() > kFlipsShown) {
      table.caption += " The first " + std::to_string(kFlipsShown) + " of " + std::to_string(pair.flips.size()) +
                       "; `export` has every task.";
    }
    table.columns = {{"Task", false},
                     {answered ? "Title" : "Poles", false},
                     {RunLetter(pair.first), false},
                     {RunLetter(pair.second), false}};
    for (size_t i = 0; i < std::min(pair.flips.size(), kFlipsShown); ++i) {
      const Flip& flip = pair.flips[i];
      const CommonTask& task = found_.tasks[flip.task];
      const TaskFacts& facts = runs_[pair.first].tasks[static_cast<size_t>(task.indexes[pair.first])];
      table.rows.push_back({task.key, answered ? facts.title : facts.pole_a + " / " + facts.pole_b,
                            flip.first_leaning + " " + Signed(flip.first, 2), flip.second_leaning + " " + Signed(flip.second, 2)});
      table.links.push_back({{runs_[pair.first].summary.run.id, runs_[pair.second].summary.run.id}, task.key});
    }
    return table;
  }

  Table Similarities(const RunPair& pair, const std::string& id) const {
    Table table;
    table.id = id;
    table.title = "How alike the profiles are";
    table.caption = "Over the dimensions of a system, with 95 % intervals (leaving out one cluster at a time): correlations "
                    "of the measured means, which noise pulls towards 0, and the distance of the true profiles (root mean square "
                    "of the differences less what noise adds; 0: alike).";
    table.columns = {{"Value system", false}, {"Values", true}, {"Pearson", true}, {"Spearman", true}, {"Distance", true}};
    std::string reasons;
    for (const auto& [system, similarity] : pair.similarities) {
      std::vector<std::string> row{system, std::to_string(similarity.dimensions)};
      for (const Estimate* estimate : {&similarity.pearson, &similarity.spearman, &similarity.distance}) {
        std::string text = estimate->value ? Fixed(*estimate->value, 2) : "–";
        if (estimate->interval) {
          text += " [" + Fixed(estimate->interval->low, 2) + ", " + Fixed(estimate->interval->high, 2) + "]";
        }
        row.push_back(std::move(text));
      }
      table.rows.push_back(std::move(row));
      const std::string& reason = similarity.pearson.reason.empty() ? similarity.distance.reason : similarity.pearson.reason;
      if (!reason.empty()) reasons += (reasons.empty() ? " Without interval: " : "; ") + system + " (" + reason + ")";
    }
    if (!reasons.empty()) table.caption += reasons + ".";
    return table;
  }

  Section OfPair(const RunPair& pair) const {
    const std::string id = "pair-" + std::to_string(pair.first + 1) + "-" + std::to_string(pair.second + 1);
    Section section;
    section.id = id;
    section.title = RunLetter(pair.second) + " against " + RunLetter(pair.first) + ": " +
                    runs_[pair.second].summary.run.model + " against " +
                    runs_[pair.first].summary.run.model;
    if (pair.scores.empty()) {
      section.blocks.push_back(Paragraph{"Nothing that both runs scored.", true});
      return section;
    }
    section.blocks.push_back(Summary(pair));
    std::vector<std::string> systems;
    for (const ScoreDifference& score : pair.scores) {
      if (systems.empty() || systems.back() != score.value_system) systems.push_back(score.value_system);
    }
    for (const std::string& system : systems) {
      const std::string number = std::to_string(&system - systems.data());
      ForestPlot plot = Plot(pair, system, id + "-plot-" + number);
      Table numbers = Numbers(pair, system, id + "-numbers-" + number);
      if (number == "0") {
        plot.caption = "Right of the line: " + RunLetter(pair.second) +
                       " scores higher. Line: 95 % interval, paired by task.";
        numbers.caption = NumbersCaption();
      }
      section.blocks.push_back(std::move(plot));
      section.blocks.push_back(std::move(numbers));
      if (Table missing = Missing(pair, system, id + "-missing-" + number); !missing.rows.empty()) {
        section.blocks.push_back(std::move(missing));
      }
    }
    if (!pair.similarities.empty()) section.blocks.push_back(Similarities(pair, id + "-similarity"));
    if (!pair.flips.empty()) section.blocks.push_back(Flips(pair, id + "-flips"));
    return section;
  }

  Json VerdictJson() const {
    const auto list = [](const std::vector<ConfigurationDifference>& differences) {
      Json out = Json::array();
      for (const ConfigurationDifference& difference : differences) {
        out.push_back({{"what", difference.what}, {"values", difference.values}, {"forbids", difference.forbids}});
      }
      return out;
    };
    Json standings = Json::array();
    for (const JudgeStanding& standing : found_.standings) {
      standings.push_back(standing.fitness.empty() ? Json() : Json(standing.fitness));
    }
    return {{"comparable", !found_.refused()},
            {"common_tasks", found_.tasks.size()},
            {"unmatched_tasks", found_.unmatched},
            {"subject", list(found_.subject)},
            {"instrument", list(found_.instrument)},
            {"judges_against_people", standings},
            {"correction", comparison_.correction},
            {"family", comparison_.family}};
  }

  const std::vector<RunData>& runs_;
  const Comparability& found_;
  const Comparison& comparison_;
  const ComparisonOptions& options_;
};

}  // namespace

Document BuildComparison(const std::vector<RunData>& runs, const Comparability& found, const Comparison& comparison,
                         const ComparisonOptions& options) {
  return ComparisonWriter(runs, found, comparison, options).Write();
}

}  // namespace axiometer
