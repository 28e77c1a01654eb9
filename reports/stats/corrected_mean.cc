#include "reports/stats/corrected_mean.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

#include "reports/stats/cluster_error.h"
#include "reports/stats/cluster_mean.h"
#include "reports/stats/probability.h"

namespace axiometer {
namespace {

constexpr int64_t kFewestLabelled = 10;
constexpr double kNoVariance = 1e-14;

bool IsShare(double score) { return score >= 0 && score <= 1; }

double Lambda(std::span<const JudgedItem> items) {
  double all = 0;
  double squares = 0;
  double people = 0;
  double judge = 0;
  double labelled = 0;
  const auto count = static_cast<double>(items.size());
  for (const JudgedItem& item : items) {
    all += item.judge / count;
    if (!item.labelled) continue;
    people += item.person;
    judge += item.judge;
    labelled += 1;
  }
  people /= labelled;
  judge /= labelled;
  double cross = 0;
  for (const JudgedItem& item : items) {
    squares += (item.judge - all) * (item.judge - all);
    if (item.labelled) cross += (item.person - people) * (item.judge - judge);
  }
  const double variance = squares / (count - 1);
  if (variance < kNoVariance) return 0;
  const double covariance = cross / (labelled - 1);
  return std::clamp(covariance / ((1 + labelled / (count - labelled)) * variance), 0.0, 1.0);
}

std::string WhyNot(const CorrectedMean& mean, bool at_random, bool shares) {
  if (!shares) return "a score lies outside 0 to 1";
  if (!at_random) return "the labelled items were not drawn at random: no correction";
  if (mean.labelled < kFewestLabelled) return "fewer than 10 labelled items: no correction";
  if (mean.unlabelled == 0) return "every item is labelled: nothing to correct";
  return "";
}

}  // namespace

CorrectedMean CorrectMean(std::span<const JudgedItem> items, bool at_random, double level) {
  CorrectedMean out;
  std::vector<Observation> people;
  bool shares = true;
  for (const JudgedItem& item : items) {
    shares = shares && IsShare(item.judge) && (!item.labelled || IsShare(item.person));
    ++(item.labelled ? out.labelled : out.unlabelled);
    if (item.labelled) people.push_back({item.person, item.cluster, 0});
  }
  out.people = MeanInterval(people, ScoreScale::kGraded, level);
  Estimate& corrected = out.corrected;
  corrected.n = out.labelled + out.unlabelled;
  corrected.reason = WhyNot(out, at_random, shares);
  if (!corrected.reason.empty()) return out;

  out.lambda = Lambda(items);
  ClusterSums residuals;
  ClusterSums judged;
  for (const JudgedItem& item : items) {
    if (item.labelled) {
      residuals[item.cluster].Add(item.person - out.lambda * item.judge);
    } else {
      judged[item.cluster].Add(item.judge);
    }
  }
  const ClusterMean residual = *MeanOfClusters(residuals);
  const ClusterMean judge = *MeanOfClusters(judged);
  const double m = out.lambda * judge.mean + residual.mean;
  corrected.value = std::clamp(m, 0.0, 1.0);
  corrected.clusters = residual.clusters;
  if (residual.clusters < 3 || judge.clusters < 2) {
    corrected.reason = "labelled items in fewer than 3 clusters, or the others in one";
    return out;
  }
  const double df = residual.df - 1;
  const std::optional<double> t = UpperTQuantile((1 - level) / 2, df);
  if (!t) {
    corrected.reason = "too little independent data for an interval";
    return out;
  }
  // Both parts of a case move together: they are summed before they are squared.
  std::map<int, double> errors = ClusterErrors(residuals, residual);
  for (auto& [cluster, error] : errors) error *= std::sqrt(residual.df / df);
  for (const auto& [cluster, error] : ClusterErrors(judged, judge)) {
    errors[cluster] += out.lambda * error;
  }
  double variance = 0;
  for (const auto& [cluster, error] : errors) variance += error * error;
  if (variance < kNoVariance) {
    corrected.reason = "no variation between clusters";
    return out;
  }
  const double half = *t * std::sqrt(variance);
  corrected.interval =
      Interval{level, std::clamp(m - half, 0.0, 1.0), std::clamp(m + half, 0.0, 1.0)};
  corrected.method = "PPI++, CR2 by cluster, t";
  if (df < 4) corrected.caution = "few or unequal clusters";
  return out;
}

}  // namespace axiometer
