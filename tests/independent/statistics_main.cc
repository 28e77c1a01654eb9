// Statistics of reports, asked for by name, to be held against other programs' (README.md).
//
// Standard input: a JSON object a line, {"statistic": NAME, ...}. Standard output: what it comes
// to, a JSON object a line each. An input that does not fit ends the program with a message.
#include <cstdio>
#include <functional>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "reports/stats/agreement_coefficient.h"
#include "reports/stats/answer_order.h"
#include "reports/stats/binary_scores.h"
#include "reports/stats/classification.h"
#include "reports/stats/cluster_error.h"
#include "reports/stats/cluster_mean.h"
#include "reports/stats/contrast.h"
#include "reports/stats/davidson.h"
#include "reports/stats/distribution.h"
#include "reports/stats/factor_effects.h"
#include "reports/stats/flips.h"
#include "reports/stats/jackknife.h"
#include "reports/stats/judge_ensemble.h"
#include "reports/stats/judge_fitness.h"
#include "reports/stats/length_slope.h"
#include "reports/stats/letter_groups.h"
#include "reports/stats/margin_rating.h"
#include "reports/stats/mean_interval.h"
#include "reports/stats/missing_games.h"
#include "reports/stats/multiplicity.h"
#include "reports/stats/paired_binary.h"
#include "reports/stats/paired_difference.h"
#include "reports/stats/pareto_front.h"
#include "reports/stats/planner.h"
#include "reports/stats/probability.h"
#include "reports/stats/profile_similarity.h"
#include "reports/stats/ranking_gate.h"
#include "reports/stats/rater_severity.h"
#include "reports/stats/series.h"
#include "reports/stats/sign_flip.h"
#include "reports/stats/simultaneous_ranks.h"
#include "reports/stats/variance_components.h"

namespace axiometer {
namespace {

using nlohmann::json;

template <typename T>
json OrNull(const std::optional<T>& value) {
  return value ? json(*value) : json();
}

json Of(const Estimate& estimate) {
  return {{"value", OrNull(estimate.value)},
          {"low", estimate.interval ? json(estimate.interval->low) : json()},
          {"high", estimate.interval ? json(estimate.interval->high) : json()},
          {"n", estimate.n},
          {"clusters", estimate.clusters},
          {"reason", estimate.reason}};
}

json Of(const PairedDifference& difference) {
  json out = Of(difference.estimate);
  out["p"] = OrNull(difference.p);
  out["sign_flip_p"] = OrNull(difference.sign_flip.p);
  out["sign_flip_exact"] = difference.sign_flip.exact;
  out["detectable"] = OrNull(difference.detectable);
  if (difference.equivalence) {
    out["equivalence_p"] = OrNull(difference.equivalence->p);
    out["equivalent"] = difference.equivalence->equivalent;
  }
  return out;
}

json Of(const RatingFit& fit) {
  return {{"strengths", fit.strengths}, {"covariance", fit.covariance}, {"reason", fit.reason}};
}

json OrNulls(const std::vector<std::optional<double>>& values) {
  json out = json::array();
  for (const std::optional<double>& value : values) out.push_back(OrNull(value));
  return out;
}

// [[cluster, score], …]
ClusterSums Sums(const json& rows) {
  ClusterSums sums;
  for (const json& row : rows) sums[row[0]].Add(row[1]);
  return sums;
}

// [[dimension, cluster, score], …]
std::vector<Observation> Observations(const json& rows) {
  std::vector<Observation> out;
  for (const json& row : rows) {
    out.push_back({.score = row[2], .cluster = row[1], .dimension = row[0]});
  }
  return out;
}

// [[cluster, item, rater, category], …]
std::vector<Rating> Ratings(const json& rows) {
  std::vector<Rating> out;
  for (const json& row : rows) out.push_back({row[0], row[1], row[2], row[3]});
  return out;
}

// [[a, b, outcome, margin, cluster], …]; outcome: 1 the first, 0 a tie, -1 the second, null
// missing.
std::vector<PairedGame> Games(const json& rows) {
  std::vector<PairedGame> out;
  for (const json& row : rows) {
    PairedGame game{row[0], row[1], GameOutcome::kMissing, row[3], row[4]};
    if (!row[2].is_null()) {
      const int outcome = row[2];
      game.outcome = outcome > 0   ? GameOutcome::kFirst
                     : outcome < 0 ? GameOutcome::kSecond
                                   : GameOutcome::kTie;
    }
    out.push_back(game);
  }
  return out;
}

std::vector<std::optional<double>> OptionalNumbers(const json& values) {
  std::vector<std::optional<double>> out;
  for (const json& value : values) {
    out.push_back(value.is_null() ? std::nullopt : std::optional<double>(value.get<double>()));
  }
  return out;
}

json MeanOfClustersAsked(const json& ask) {
  const ClusterSums sums = Sums(ask["rows"]);
  const ClusterMean mean = *MeanOfClusters(sums);
  json errors = json::array();
  for (const auto& [cluster, error] : ClusterErrors(sums, mean)) errors.push_back({cluster, error});
  return {{"mean", mean.mean}, {"variance", mean.variance}, {"df", mean.df}, {"errors", errors}};
}

json MeanIntervalAsked(const json& ask) {
  return Of(MeanInterval(Observations(ask["rows"]),
                         ask["binary"] ? ScoreScale::kBinary : ScoreScale::kGraded));
}

json SystemMeanAsked(const json& ask) { return Of(SystemMean(Observations(ask["rows"]))); }

json ContrastAsked(const json& ask) {
  const Contrast contrast = EstimateContrast(Sums(ask["rows"]), {ask["range"][0], ask["range"][1]});
  json out = Of(contrast.estimate);
  out["p"] = OrNull(contrast.p);
  return out;
}

json PairedDifferenceAsked(const json& ask) {
  std::vector<PairedRow> rows;
  for (const json& row : ask["rows"]) rows.push_back({.difference = row[1], .cluster = row[0]});
  PairedOptions options;
  options.margin = ask["margin"].get<double>();
  return Of(ComparePaired(rows, options));
}

json PairedBinaryAsked(const json& ask) {
  const PairedBinary compared =
      ComparePairedBinary({ask["counts"][0], ask["counts"][1], ask["counts"][2]});
  json out = Of(compared.estimate);
  out["p"] = OrNull(compared.p);
  return out;
}

json MultiplicityAsked(const json& ask) {
  const std::vector<std::optional<double>> p = OptionalNumbers(ask["p"]);
  return {{"holm", OrNulls(Holm(p))}, {"benjamini_hochberg", OrNulls(BenjaminiHochberg(p))}};
}

json JackknifeAsked(const json& ask) {
  const std::vector<std::optional<double>> left_out = OptionalNumbers(ask["left_out"]);
  Estimate plain;
  plain.value = ask["value"].get<double>();
  Estimate fisher = plain;
  Estimate logit = plain;
  SetJackknife(left_out, 0.95, plain);
  SetFisherJackknife(left_out, 0.95, fisher);
  SetLogitJackknife(left_out, 0.95, logit);
  return {{"plain", Of(plain)}, {"fisher", Of(fisher)}, {"logit", Of(logit)}};
}

json LetterGroupsAsked(const json& ask) {
  std::vector<std::pair<int, int>> apart;
  for (const json& pair : ask["apart"]) apart.emplace_back(pair[0], pair[1]);
  return {{"groups", *LetterGroups(ask["items"], apart)}};
}

json AgreementAsked(const json& ask) {
  const std::vector<Rating> ratings = Ratings(ask["rows"]);
  const int categories = ask["categories"];
  return {{"alpha", Of(OrdinalAlpha(ratings, categories))},
          {"kappa", Of(QuadraticKappa(ratings, categories))},
          {"ac2", Of(GwetAc2(ratings, categories))},
          {"exact", Of(CheckInstrument(ratings, categories).exact)}};
}

json FitnessAsked(const json& ask) {
  const InstrumentCheck check = CheckInstrument(Ratings(ask["rows"]), ask["categories"]);
  return {{"items", check.items},
          {"exact", Of(check.exact)},
          {"alpha", Of(check.alpha)},
          {"largest_share", check.largest_share},
          {"stamp", check.stamp}};
}

json SeverityAsked(const json& ask) {
  std::vector<RaterScore> scores;
  for (const json& row : ask["rows"]) scores.push_back({row[0], row[1], row[2], row[3]});
  json out = json::array();
  for (const RaterSeverity& rater : RaterSeverities(scores)) {
    json severity = Of(rater.severity);
    severity["rater"] = rater.rater;
    out.push_back(severity);
  }
  return {{"raters", out}};
}

json EnsembleAsked(const json& ask) {
  const EnsembleVerdict verdict = JoinVerdicts(ask["scores"].get<std::vector<double>>());
  return {{"mean", OrNull(verdict.mean)},
          {"majority", OrNull(verdict.majority)},
          {"disagreement", OrNull(verdict.disagreement)}};
}

json AnswerOrderAsked(const json& ask) {
  std::vector<OrderedAnswers> tasks;
  for (const json& row : ask["rows"]) tasks.push_back({row[0], row[1], row[2]});
  const OrderEffect effect = EffectOfOrder(tasks);
  return {{"position_bias", Of(effect.position_bias)},
          {"position_bias_p", OrNull(effect.position_bias_p)},
          {"preference", Of(effect.preference)},
          {"consistency", Of(effect.consistency)},
          {"chance", OrNull(effect.chance)},
          {"beyond_chance", Of(effect.beyond_chance)}};
}

json ParaphrasesAsked(const json& ask) {
  std::vector<ParaphrasedTask> tasks;
  for (const json& row : ask["rows"]) tasks.push_back({row[0], row[1]});
  return Of(ParaphraseAgreement(tasks));
}

json DavidsonAsked(const json& ask) {
  const DavidsonFit fit = FitDavidson(Games(ask["games"]), ask["values"]);
  json out = Of(fit.rating);
  out["log_tie"] = fit.point.log_tie;
  return out;
}

json MarginsAsked(const json& ask) { return Of(FitMargins(Games(ask["games"]), ask["values"])); }

json RanksAsked(const json& ask) {
  RatingFit fit;
  fit.strengths = ask["strengths"].get<std::vector<double>>();
  fit.covariance = ask["covariance"].get<std::vector<double>>();
  fit.clusters = ask["clusters"];
  const SimultaneousRanks ranks = RanksOf(fit, 1, ask["draws"], 0.95);
  json pairs = json::array();
  for (const ComparedPair& pair : ranks.pairs) {
    pairs.push_back({pair.first, pair.second, pair.difference, OrNull(pair.standard_error),
                     pair.decided, OrNull(pair.probability)});
  }
  json intervals = json::array();
  for (const RankInterval& rank : ranks.ranks) intervals.push_back({rank.low, rank.high});
  return {{"critical", ranks.critical}, {"df", ranks.df}, {"pairs", pairs}, {"ranks", intervals}};
}

json GateAsked(const json& ask) {
  const std::vector<PairedGame> games = Games(ask["games"]);
  const auto p = [&](GateBasis basis) {
    return TestEqualValues(games, ask["values"], basis, 1, 2000)->p;
  };
  return {{"outcomes", p(GateBasis::kOutcomes)}, {"margins", p(GateBasis::kMargins)}};
}

json MissingGamesAsked(const json& ask) {
  std::vector<OrderClaim> claims;
  for (const json& claim : ask["claims"]) claims.push_back({claim[0], claim[1], claim[2]});
  const std::vector<PairedGame> games = Games(ask["games"]);
  return {{"outcomes", OutcomesDepend(games, ask["values"], claims)},
          {"margins", MarginsDepend(games, ask["values"], claims)}};
}

json FrontAsked(const json& ask) {
  std::vector<SubjectScore> scores;
  for (const json& row : ask["rows"]) scores.push_back({row[0], row[1], row[2], row[3]});
  json subjects = json::array();
  for (const FrontMember& member : FrontOf(scores, 1, ask["draws"]).subjects) {
    subjects.push_back({{"means", member.means},
                        {"in_front", member.in_front},
                        {"probability", OrNull(member.probability)}});
  }
  return {{"subjects", subjects}};
}

// [[cluster, task, epoch, score], …]
VarianceComponents Noise(const json& rows) {
  std::vector<RepeatedScore> out;
  for (const json& row : rows) out.push_back({row[3], row[1], row[2], row[0]});
  return EstimateNoise(out);
}

json NoiseAsked(const json& ask) {
  const VarianceComponents noise = Noise(ask["rows"]);
  const auto component = [](const std::optional<VarianceComponent>& of) {
    return of ? json{{"variance", of->variance}, {"mean_square", of->mean_square}, {"df", of->df}}
              : json();
  };
  return {{"clusters", component(noise.clusters)},
          {"tasks", component(noise.tasks)},
          {"repetition", component(noise.repetition)},
          {"judge", component(noise.judge)}};
}

json PlanAsked(const json& ask) {
  TaskPlanRequest request;
  request.half_width = ask["half_width"];
  request.costs = {ask["costs"][0], ask["costs"][1], ask["costs"][2]};
  json plans = json::array();
  for (const TaskPlan& plan : PlanTasks(Noise(ask["rows"]), request).plans) {
    plans.push_back({{"tasks", plan.tasks},
                     {"epochs", plan.epochs},
                     {"half_width", plan.half_width},
                     {"to_be_sure", OrNull(plan.tasks_to_be_sure)}});
  }
  return {{"plans", plans}};
}

json FlipsAsked(const json& ask) {
  std::vector<LabelledPair> labelled;
  for (const json& task : ask["labelled"]) labelled.push_back({task[0], task[1]});
  std::vector<ScoredPair> scored;
  for (const json& task : ask["scored"]) scored.push_back({task[0], task[1]});
  return {{"labels", OrNull(CountLabelFlips(labelled).expected)},
          {"scores", OrNull(CountScoreFlips(scored).expected)}};
}

json FactorsAsked(const json& ask) {
  std::vector<Factor> factors;
  for (const json& factor : ask["factors"]) factors.push_back({factor[0], factor[1]});
  std::vector<FactorRow> rows;
  for (const json& row : ask["rows"]) rows.push_back({row[0], row[1], row[2], row[3], row[4]});
  json effects = json::array();
  for (const FactorEffect& effect : EstimateFactorEffects(factors, rows).effects) {
    json out = Of(effect.estimate);
    out["name"] = effect.name;
    out["p"] = OrNull(effect.p);
    effects.push_back(out);
  }
  return {{"effects", effects}};
}

json SeriesAsked(const json& ask) {
  std::vector<SeriesRow> rows;
  for (const json& row : ask["rows"]) rows.push_back({row[0], row[1], row[2], row[3]});
  const Series series = AnalyseSeries(rows);
  json slope = Of(series.slope.estimate);
  slope["p"] = OrNull(series.slope.p);
  json changes = json::array();
  for (const PositionChange& change : series.positions) {
    if (change.from_first) changes.push_back(Of(*change.from_first));
  }
  return {{"slope", slope}, {"from_first", changes}};
}

json ProfilesAsked(const json& ask) {
  std::map<std::pair<int, int>, ProfileSums> sums;
  for (const json& row : ask["rows"]) {
    ProfileSums& entry = sums[{row[0], row[1]}];
    entry.dimension = row[0];
    entry.cluster = row[1];
    (row[2] == 0 ? entry.first : entry.second).Add(row[3]);
  }
  std::vector<ProfileSums> list;
  for (const auto& [key, entry] : sums) list.push_back(entry);
  const ProfileSimilarity similarity = CompareProfiles(list);
  return {{"pearson", Of(similarity.pearson)},
          {"spearman", Of(similarity.spearman)},
          {"corrected", Of(similarity.corrected)},
          {"distance", Of(similarity.distance)}};
}

json SlopeAsked(const json& ask) {
  std::vector<LengthRow> rows;
  for (const json& row : ask["rows"]) rows.push_back({row[0], row[1], row[2]});
  return Of(SlopeOnLength(rows));
}

json BinaryScoresAsked(const json& ask) {
  std::vector<BinaryRow> rows;
  for (const json& row : ask["rows"]) rows.push_back({row[0] != 0, row[1] != 0, row[2]});
  json out;
  for (const BinaryMetric metric : kBinaryMetrics)
    out[BinaryMetricName(metric)] = Of(BinaryEstimate(metric, rows));
  return out;
}

json ClassificationAsked(const json& ask) {
  std::vector<Classified> rows;
  for (const json& row : ask["rows"]) rows.push_back({row[0], row[1], row[2]});
  const Classification classified = Classify(rows, ask["classes"]);
  json classes = json::array();
  for (const ClassScores& scores : classified.classes) {
    classes.push_back({OrNull(scores.precision), OrNull(scores.recall), OrNull(scores.f1)});
  }
  return {{"classes", classes},
          {"macro_f1", Of(classified.macro_f1)},
          {"weighted_f1", OrNull(classified.weighted_f1)}};
}

json AurocAsked(const json& ask) {
  std::vector<Ranked> rows;
  for (const json& row : ask["rows"]) rows.push_back({row[0], row[1] != 0, row[2]});
  return Of(Auroc(rows));
}

json DistancesAsked(const json& ask) {
  std::vector<AnswerShares> rows;
  for (const json& row : ask["rows"]) rows.push_back({row[0], row[1]});
  const auto reference = ask["reference"].get<std::vector<double>>();
  const Distances distances =
      DistancesTo(rows, reference, static_cast<int64_t>(rows.size()), 1, 100);
  return {{"total_variation", OrNull(distances.total_variation.estimate.value)},
          {"ordered_emd", OrNull(distances.ordered_emd.estimate.value)}};
}

json ProbabilityAsked(const json& ask) {
  const double x = ask["x"];
  const double df = ask["df"];
  return {{"t_cdf", *TCdf(x, df)},
          {"two_sided_p", *TwoSidedP(x, df)},
          {"upper_t_quantile", *UpperTQuantile(ask["tail"], df)},
          {"upper_normal_tail", UpperNormalTail(x)},
          {"upper_normal_quantile", UpperNormalQuantile(ask["tail"])},
          {"chi_squared_quantile", ChiSquaredQuantile(ask["tail"], df)}};
}

const std::map<std::string, std::function<json(const json&)>> kStatistics{
    {"agreement", AgreementAsked},
    {"answer_order", AnswerOrderAsked},
    {"auroc", AurocAsked},
    {"binary_scores", BinaryScoresAsked},
    {"classification", ClassificationAsked},
    {"contrast", ContrastAsked},
    {"davidson", DavidsonAsked},
    {"distances", DistancesAsked},
    {"ensemble", EnsembleAsked},
    {"factors", FactorsAsked},
    {"fitness", FitnessAsked},
    {"flips", FlipsAsked},
    {"front", FrontAsked},
    {"gate", GateAsked},
    {"jackknife", JackknifeAsked},
    {"length_slope", SlopeAsked},
    {"letter_groups", LetterGroupsAsked},
    {"margins", MarginsAsked},
    {"mean_interval", MeanIntervalAsked},
    {"mean_of_clusters", MeanOfClustersAsked},
    {"missing_games", MissingGamesAsked},
    {"multiplicity", MultiplicityAsked},
    {"noise", NoiseAsked},
    {"paired_binary", PairedBinaryAsked},
    {"paired_difference", PairedDifferenceAsked},
    {"paraphrases", ParaphrasesAsked},
    {"plan", PlanAsked},
    {"probability", ProbabilityAsked},
    {"profiles", ProfilesAsked},
    {"ranks", RanksAsked},
    {"series", SeriesAsked},
    {"severity", SeverityAsked},
    {"system_mean", SystemMeanAsked},
};

int Main() {
  std::string line;
  for (int number = 1; std::getline(std::cin, line); ++number) {
    try {
      const json ask = json::parse(line);
      std::cout << kStatistics.at(ask["statistic"])(ask).dump() << '\n';
    } catch (const std::exception& error) {
      std::fprintf(stderr, "statistics: line %d: %s\n", number, error.what());
      return 2;
    }
  }
  return 0;
}

}  // namespace
}  // namespace axiometer

int main() { return axiometer::Main(); }
