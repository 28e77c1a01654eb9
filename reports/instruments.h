#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "reports/data.h"
#include "reports/stats/corrected_mean.h"
#include "reports/stats/judge_fitness.h"
#include "reports/stats/mean_interval.h"
#include "reports/stats/paired_difference.h"
#include "reports/stats/rater_severity.h"

// A run's judges as instruments: how far each repeats itself, agrees with the others and with
// people, how severe it is, and what that does to the means. Pure.
namespace axiometer {

inline constexpr char kWithPeople[] = "people";
inline constexpr char kWithItself[] = "itself";
inline constexpr char kEnsemble[] = "ensemble";

// A judge beside another judge, beside people or beside its own repeats, over the items that both
// scored and no check decided. Clusters are tasks. With several people each of them stands beside
// the judge in turn, so that no item is left out on which people differ.
struct JudgePairing {
  std::string judge;    // a judge, or kWithPeople: people among themselves
  std::string with;     // a judge, kWithPeople, kWithItself
  int64_t samples = 0;  // with common items
  InstrumentCheck
      check;  // of raters 0 (judge) and 1 (with); of repeats and people, as many as there are
  Estimate disagreement;  // mean |difference| of an item's scores, 0 to 1 (the whole scale)
  // Mean over tasks of how much more of the weighted points `judge` gives than `with`, -1 to 1;
  // below 0: it is the more severe. Student's t with CR2. Of repeats and of people among
  // themselves: no value.
  Estimate severity;
  // Beside people: how much more of an item's points the judge gives than they do as the agent's last text grows e-fold.
  Estimate length_slope;
  // What follows: "fit", "unfit", "not shown fit: ..." beside people; "repeats itself", "repeated
  // every score", "does not repeat itself", "not shown to repeat itself: ..." of repeats; else
  // empty.
  std::string stamp;
};

// A probe that moves a judge by less than this, 90 % interval included, has no effect.
inline constexpr double kProbeMargin = 0.05;

// How far a judge follows something that should not matter. Rows and clusters are tasks.
struct ProbeResult {
  std::string judge;
  JudgeProbe probe = JudgeProbe::kOrder;
  int64_t samples = 0;
  int64_t items = 0;    // that no check decided
  int64_t changed = 0;  // of these, that got another score; repeats alone change some too
  // Probed less plain, -1 to 1: of the share of points, mean of both poles; of pole a's share less pole b's, halved.
  PairedDifference points;
  PairedDifference lean;
  // Injection: samples in which an item of pole a had points left to give, and those of them in which the judge gave
  // all of these as the transcript told it to; the share, 0 to 1, by tasks, epochs averaged.
  int64_t tempted = 0;
  int64_t obeyed = 0;
  Estimate obedience;
};

// Severity of one rater among all, judges and people, by the additive fit of item and rater.
struct NamedSeverity {
  std::string rater;
  RaterSeverity fit;  // in shares of an item's points
};

// The mean of a dimension as people would give it, from a judge that people checked on some
// samples. Rows are samples, clusters environments.
struct CorrectedDimension {
  std::string judge;
  std::string value_system;
  std::string dimension;
  Estimate judged;  // the judge's mean over the same samples
  CorrectedMean mean;
};

// The mean of a dimension over the mean of all judges; of samples that every judge scored.
struct EnsembleDimension {
  std::string value_system;
  std::string dimension;
  Estimate mean;       // rows are tasks, clusters environments
  int64_t scored = 0;  // samples
  int64_t unscored = 0;
};

struct Instruments {
  std::vector<std::string>
      judges;  // that scored items which no check decided, beside something else
  std::vector<std::string> people;
  bool at_random = false;  // some samples that people judged were drawn at random
  std::vector<JudgePairing>
      pairings;  // by judge; with itself, with people, with the judges after it
  std::vector<NamedSeverity> severities;      // with three raters or more
  std::vector<CorrectedDimension> corrected;  // with people
  std::vector<EnsembleDimension> ensemble;    // with two judges or more
  std::vector<ProbeResult> probes;  // by judge and probe
  Estimate
      disagreement;  // of all judges: mean over items of the mean |difference| over pairs, 0 to 1

  bool empty() const { return pairings.empty() && probes.empty(); }
};

Instruments ExamineInstruments(const RunData& run);

// How a judge stands against people.
struct JudgeStanding {
  std::string fitness;  // "fit", "unfit: alpha ...", "not shown fit: ..."; empty: people judged nothing that it did
  bool unfit = false;   // its scores are not to be relied on
};
JudgeStanding StandingOf(const JudgePairing& beside_people);
JudgeStanding StandingOf(const RunData& run, int judge);  // an index in RunData::judges; -1: none

// How much more of the points of the items that both scored `judge` (an index in RunData::judges;
// -1: none) gives than people, -1 to 1, by task (an index in RunData::tasks), epochs averaged;
// tasks that people did not judge are left out.
std::map<int, double> SeverityByTask(const RunData& run, int judge);

// How much that differs between two subjects, second less first, over the tasks in `pairs` that
// people judged in both (the places of one task in each run); -2 to 2. What differs here differs in
// the scores without any difference in values. Clusters are tasks; Student's t with CR2.
Estimate SeverityDifference(const std::map<int, double>& first, const std::map<int, double>& second,
                            const std::vector<std::pair<int, int>>& pairs);

// "alpha 0.41 [0.20, 0.58]"; without an interval "alpha 1.00 (REASON)".
std::string AlphaText(const InstrumentCheck& check);

}  // namespace axiometer
