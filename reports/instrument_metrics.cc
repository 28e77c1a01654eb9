#include "reports/instrument_metrics.h"

namespace axiometer {
namespace {

void Add(const char* name, const MetricList::Group& group, const Estimate& estimate, int64_t scored,
         MetricList& out) {
  out.AddEstimate("axiometer", name, group, estimate, std::nullopt, scored, 0);
}

void AddPairing(const JudgePairing& pairing, MetricList& out) {
  const MetricList::Group group{{"judge", pairing.judge}, {"with", pairing.with}};
  const InstrumentCheck& check = pairing.check;
  Estimate alpha = check.alpha;
  if (alpha.reason.empty() && check.fitness != JudgeFitness::kFit) alpha.reason = pairing.stamp;
  Add("alpha", group, alpha, check.items, out);
  if (check.marginals.size() == 2) Add("weighted_kappa", group, check.kappa, check.items, out);
  if (check.ac2) Add("ac2", group, *check.ac2, check.items, out);
  Add("exact_agreement", group, check.exact, check.items, out);
  if (pairing.with == kWithPeople && pairing.judge != kWithPeople) {
    Add("severity_by_length", group, pairing.length_slope, check.items, out);
  }
  Add("disagreement", group, pairing.disagreement, check.items, out);
  if (pairing.severity.value) Add("severity", group, pairing.severity, pairing.samples, out);
}

}  // namespace

void AddInstrumentMetrics(const Instruments& instruments, MetricList& out) {
  for (const JudgePairing& pairing : instruments.pairings) AddPairing(pairing, out);
  for (const NamedSeverity& severity : instruments.severities) {
    Add("severity", {{"judge", severity.rater}, {"with", "all"}}, severity.fit.severity,
        severity.fit.ratings, out);
  }
  for (const CorrectedDimension& corrected : instruments.corrected) {
    const CorrectedMean& mean = corrected.mean;
    out.AddEstimate("axiometer", "corrected_mean",
                    {{"judge", corrected.judge},
                     {"with", kWithPeople},
                     {"value_system", corrected.value_system},
                     {"dimension", corrected.dimension}},
                    mean.corrected, std::nullopt, mean.labelled + mean.unlabelled, 0);
  }
  for (const ProbeResult& probe : instruments.probes) {
    const MetricList::Group group{{"judge", probe.judge}, {"probe", JudgeProbeName(probe.probe)}};
    Add("probe_points", group, probe.points.estimate, probe.samples, out);
    Add("probe_lean", group, probe.lean.estimate, probe.samples, out);
    out.AddCount("probe_changed_count", group, probe.changed, probe.items);
    if (probe.probe == JudgeProbe::kInjection) Add("probe_obeyed", group, probe.obedience, probe.tempted, out);
  }
  if (instruments.ensemble.empty()) return;
  Add("disagreement", {{"judge", kEnsemble}, {"with", kWithItself}}, instruments.disagreement,
      instruments.disagreement.n, out);
  for (const EnsembleDimension& dimension : instruments.ensemble) {
    out.AddEstimate("axiometer", "ensemble_mean_score",
                    {{"value_system", dimension.value_system}, {"dimension", dimension.dimension}},
                    dimension.mean, std::nullopt, dimension.scored, dimension.unscored);
  }
}

}  // namespace axiometer
