#pragma once

#include <span>
#include <string>
#include <vector>

#include "reports/agreement.h"
#include "reports/document.h"
#include "reports/form_gaps.h"
#include "tasks/value_system.h"

// The sections that BuildReport puts together; each adds to the document's end. `prefix` begins the
// ids of a run's sections ("" or "r2-"), so that they stay unique in a report of several runs.
namespace axiometer {

struct RunView {
  const RunData& data;
  const RunResult& result;
  std::string prefix;
  std::string name;  // tells it from the report's other runs; empty: it is the only one
  std::span<const ValueSystem> circles = {};  // value systems that are circles

  // Dilemmas are answered and not acted in: both poles' shares add up to 1, and a dilemma's variants are one cluster.
  bool answers_dilemmas() const { return data.answers_dilemmas(); }
  const char* cluster_name() const { return answers_dilemmas() ? "dilemma" : "environment"; }

  // Figure::file: "profile-schwartz", of one of several judges "profile-schwartz-by-openai-x", behind the prefix.
  // Empty, which stands for the figure's id, if `what` has no letters that file names take.
  std::string FileName(const std::string& kind, const std::string& what, const JudgeResult* judge = nullptr) const;

  // The title of a section of this run.
  std::string Titled(const std::string& title) const {
    return name.empty() ? title : title + ": " + name;
  }
};

// All runs in one table, for a report of several.
void AddSideBySide(const std::vector<RunView>& runs, Document& document);
// Runs that answered the same items, pair by pair.
void AddAgreement(const std::vector<RunData>& runs, const std::vector<Agreement>& agreements, Document& document);

// One subject's runs in several forms, gap by gap.
void AddFormGaps(const std::vector<RunData>& runs, const std::vector<FormComparison>& comparisons,
                 Document& document);

// What was measured, how samples ended.
void AddOverview(const RunView& run, Document& document);
// Value profile, pairs and leanings of our own scores, judge by judge.
void AddProfiles(const RunView& run, Document& document);
// What order, labels and wording did to the answers.
void AddFormEffects(const RunView& run, Document& document);
// Which values come first by our own ranking, and what of that the data support.
void AddPriorities(const RunView& run, Document& document);
// Official adherence and priority of Agent-ValueBench.
void AddOfficial(const RunView& run, Document& document);
// Options chosen and official priority of Agent-ValueBench's forced choices.
void AddForcedChoice(const RunView& run, Document& document);
// Accuracy, confusion and breakdowns of suites whose tasks are answered, then the benchmark's own.
void AddLabels(const RunView& run, Document& document);
// How the judges did.
void AddJudges(const RunView& run, Document& document);
// How far judges repeat themselves, agree with each other and with people, and what people would say.
void AddInstruments(const RunView& run, Document& document);
// Frozen configuration and identity.
void AddRunFacts(const RunView& run, Document& document);

// The forest plot of one value system; shared by profiles and the official sections.
ForestPlot ProfilePlot(const RunView& run, const JudgeResult& judge, const SystemResult& system,
                       const std::string& id);
// "95 % interval: Wilson form, CR2 by cluster, t; 12 environments" of the first of these that has an interval;
// empty: none has. `cluster`: what a cluster is, in the singular.
std::string IntervalText(std::span<const Estimate* const> estimates, const std::string& cluster);
// The smallest round range around 0 that holds all numbers and intervals of the rows: 0.1, 0.2, 0.5, 1, 2, 5, 10, ….
double RangeAround0(const std::vector<ForestRow>& rows);
// "0.62 [0.51, 0.72]", "0.62 (scored once)", "– (never scored)".
std::string EstimateText(const Estimate& estimate);
// Why the numbers are not to be compared with published ones; empty if the run departs in nothing.
std::string DeparturesText(const RunData& data);
// "38 scored, 2 missing".
std::string CountText(int64_t scored, int64_t unscored);

}  // namespace axiometer
