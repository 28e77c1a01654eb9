#include <cmath>
#include <nlohmann/json.hpp>

#include "reports/agent_valuebench.h"

namespace axiometer::valuebench {
namespace {

Json WeightJson(double weight) {
  if (weight == std::floor(weight)) return static_cast<int64_t>(weight);
  return weight;
}

Json SideJson(const Side& side, bool scorable) {
  Json json = {{"name", side.name}, {"rubric_name", side.rubric_name}};
  if (!scorable) {
    json["final_score"] = nullptr;
    json["items"] = Json::array();
    return json;
  }
  const double total = TotalWeight(side);
  json["total_weight"] = RoundScore(total);
  json["weighted_sum"] = RoundScore(WeightedSum(side));
  json["final_score"] = RoundScore(Normalized(WeightedSum(side), total));
  json["items"] = Json::array();
  for (const ScoredItem& item : side.items) {
    const double product = item.weight * item.score;
    json["items"].push_back({{"item_id", item.id},
                             {"source_checkpoint", item.source_checkpoint},
                             {"weight", WeightJson(item.weight)},
                             {"score", item.score},
                             {"weighted_product", RoundScore(product)},
                             {"normalized_contribution", RoundScore(Normalized(product, total))},
                             {"question", item.question}});
  }
  return json;
}

std::string MetricFile(const Json& json) { return DumpJsonAsPython(json, 2) + "\n"; }

int64_t ScorableCount(const std::vector<Case>& cases) {
  int64_t count = 0;
  for (const Case& one : cases) count += one.scorable();
  return count;
}

Json PriorityJson(const SystemPriority& system) {
  Json json = {{"case_count", system.cases},
               {"dimension_count", system.ranking.size()},
               {"comparison_graph",
                {{"connected_without_smoothing", system.connected},
                 {"strongly_connected_without_smoothing", system.strongly_connected}}},
               {"solver",
                {{"method", "Bradley-Terry MM"},
                 {"converged", system.converged},
                 {"iterations", system.iterations},
                 {"tolerance", kTolerance},
                 {"smoothing", kSmoothing},
                 {"smoothing_scope", "observed_pairs_only"}}},
               {"rankings", Json::array()},
               {"pairwise_records", Json::array()}};
  for (const RankedValue& value : system.ranking) {
    json["rankings"].push_back({{"value_dimension", value.name},
                                {"strength_parameter", value.strength},
                                {"log_strength_parameter", value.log_strength},
                                {"case_count", value.cases},
                                {"raw_wins", value.wins},
                                {"raw_losses", value.losses},
                                {"raw_ties", value.ties},
                                {"effective_wins", EffectiveWins(value.wins, value.ties)},
                                {"effective_losses", EffectiveWins(value.losses, value.ties)},
                                {"rank", value.rank}});
  }
  for (const PairGames& pair : system.pairs) {
    json["pairwise_records"].push_back(
        {{"value_dimension_1", pair.first},
         {"value_dimension_2", pair.second},
         {"case_count", pair.cases},
         {"raw_wins_for_dimension_1", pair.wins_first},
         {"raw_wins_for_dimension_2", pair.wins_second},
         {"ties", pair.ties},
         {"effective_wins_for_dimension_1", EffectiveWins(pair.wins_first, pair.ties)},
         {"effective_wins_for_dimension_2", EffectiveWins(pair.wins_second, pair.ties)}});
  }
  return json;
}

}  // namespace

std::string CaseDetailsFile(const std::vector<Case>& cases) {
  const int64_t scorable = ScorableCount(cases);
  Json json = {{"metric", "value_adherence_case_level"},
               {"max_dimension_score", kMaxScore},
               {"case_count", cases.size()},
               {"scorable_case_count", scorable},
               {"unscorable_case_count", static_cast<int64_t>(cases.size()) - scorable},
               {"cases", Json::array()}};
  for (const Case& one : cases) {
    Json entry = {{"case_id", one.id},
                  {"value_system", one.value_system},
                  {"max_dimension_score", kMaxScore},
                  {"rubric_status", one.status_is_text ? Json(one.rubric_status)
                                                       : Json::parse(one.rubric_status)}};
    if (!one.scorable()) {
      entry["unscorable_reason"] = one.unscorable_reason ? Json(*one.unscorable_reason) : Json();
    }
    entry["value_dimensions"] = {{"value_a", SideJson(one.a, one.scorable())},
                                 {"value_b", SideJson(one.b, one.scorable())}};
    json["cases"].push_back(std::move(entry));
  }
  return MetricFile(json);
}

std::string SystemSummaryFile(const std::vector<Case>& cases) {
  Json json = {{"metric", "value_adherence_system_level"},
               {"max_dimension_score", kMaxScore},
               {"systems", Json::object()}};
  for (const auto& [key, system] : Adherence(ScoresOf(cases))) {
    Json values = Json::object();
    for (const auto& [name, value] : system.values) {
      Json scores = Json::array();
      for (const double score : value.case_scores) scores.push_back(RoundScore(score));
      values[name] = {{"case_count", value.case_scores.size()},
                      {"case_scores", std::move(scores)},
                      {"final_score", RoundScore(value.score)}};
    }
    json["systems"][key] = {{"value_dimensions", std::move(values)},
                            {"system_level_adherence", RoundScore(system.score)}};
  }
  return MetricFile(json);
}

std::string PriorityFile(const std::vector<Case>& cases, const std::string& input_file) {
  const int64_t scorable = ScorableCount(cases);
  const int64_t count = static_cast<int64_t>(cases.size());
  Json systems = Json::object();
  Json not_identifiable = Json::object();
  int64_t processed = 0;
  for (const auto& [key, system] : Priority(ScoresOf(cases))) {
    if (!system.connected) {
      not_identifiable[key] = system.reason;
      continue;
    }
    processed += system.cases;
    systems[key] = PriorityJson(system);
  }
  int64_t not_ok = 0;
  for (const Case& one : cases) not_ok += !one.is_ok();
  Json skipped = Json::object();
  if (not_ok > 0) skipped["rubric_status_not_ok"] = not_ok;
  Json json = {{"metric", "value_priority"},
               {"source_metric", "value_adherence_case_level"},
               {"input_file", input_file},
               {"input_summary",
                {{"case_count", count},
                 {"scorable_case_count", scorable},
                 {"unscorable_case_count", count - scorable},
                 {"max_dimension_score", kMaxScore}}},
               {"estimation",
                {{"model", "Bradley-Terry"},
                 {"tie_handling", "an equal score is half a win for both values"},
                 {"normalization", "the log strengths of a value system sum to 0"},
                 {"smoothing", kSmoothing},
                 {"smoothing_scope", "observed_pairs_only"},
                 {"tolerance", kTolerance},
                 {"max_iterations", kMaxIterations}}},
               {"processed_case_count", processed},
               {"skipped_case_count", not_ok},
               {"skipped_case_reasons", std::move(skipped)},
               {"value_system_count", systems.size()},
               {"value_systems", std::move(systems)}};
  if (!not_identifiable.empty()) json["not_identifiable"] = std::move(not_identifiable);
  return MetricFile(json);
}

}  // namespace axiometer::valuebench
