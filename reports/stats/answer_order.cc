#include "reports/stats/answer_order.h"

#include <map>
#include <string>
#include <utility>

#include "reports/stats/cluster_mean.h"
#include "reports/stats/contrast.h"
#include "reports/stats/jackknife.h"

namespace axiometer {
namespace {

constexpr double kCertain = 1 - 1e-12;

// Sums over tasks, so that a cluster is left out by subtraction.
struct OrderSums {
  double tasks = 0;
  double same = 0;
  std::vector<double> forward;
  std::vector<double> backward;

  void Add(const OrderSums& other, double sign) {
    tasks += sign * other.tasks;
    same += sign * other.same;
    forward.resize(other.forward.size(), 0);
    backward.resize(other.backward.size(), 0);
    for (size_t i = 0; i < forward.size(); ++i) {
      forward[i] += sign * other.forward[i];
      backward[i] += sign * other.backward[i];
    }
  }
  double chance() const {
    double sum = 0;
    for (size_t i = 0; i < forward.size(); ++i) {
      sum += forward[i] / tasks * backward[i] / tasks;
    }
    return sum;
  }
  std::optional<double> beyond_chance() const {
    if (!(tasks > 0.5) || chance() >= kCertain) return std::nullopt;
    return (same / tasks - chance()) / (1 - chance());
  }
};

double SameOption(const OrderedAnswers& task) {
  double same = 0;
  for (size_t i = 0; i < task.forward.size(); ++i) same += task.forward[i] * task.backward[i];
  return same;
}

bool Whole(double share) { return share == 0 || share == 1; }

void SetBeyondChance(const std::map<int, OrderSums>& clusters, double level, OrderEffect& out) {
  OrderSums all;
  for (const auto& [cluster, sums] : clusters) all.Add(sums, 1);
  out.chance = all.chance();
  Estimate& estimate = out.beyond_chance;
  estimate.n = out.tasks;
  estimate.clusters = static_cast<int>(clusters.size());
  estimate.value = all.beyond_chance();
  if (!estimate.value) {
    estimate.reason = "one option was always chosen: nothing beyond chance to see";
    return;
  }
  std::vector<std::optional<double>> left_out;
  for (const auto& [cluster, sums] : clusters) {
    OrderSums rest = all;
    rest.Add(sums, -1);
    left_out.push_back(rest.beyond_chance());
  }
  SetFisherJackknife(left_out, level, estimate);
}

}  // namespace

OrderEffect EffectOfOrder(std::span<const OrderedAnswers> tasks, double level) {
  OrderEffect out;
  std::map<int, OrderSums> clusters;
  std::vector<Observation> same;
  std::vector<Observation> preference;
  ClusterSums halves;  // of the difference between the orders
  bool binary = true;
  size_t options = 2;
  for (const OrderedAnswers& task : tasks) {
    if (task.forward.empty() && task.backward.empty()) continue;
    if (task.forward.empty() || task.backward.empty()) {
      ++out.one_order;
      continue;
    }
    ++out.tasks;
    options = task.forward.size();
    const OrderSums own{1, SameOption(task), task.forward, task.backward};
    clusters[task.cluster].Add(own, 1);
    binary = binary && Whole(own.same);
    same.push_back({own.same, task.cluster, 0});
    preference.push_back({(task.forward[0] + task.backward[0]) / 2, task.cluster, 0});
    halves[task.cluster].Add((task.forward[0] - task.backward[0]) / 2);
  }
  out.consistency = MeanInterval(same, binary ? ScoreScale::kBinary : ScoreScale::kGraded, level);
  if (options == 2) {
    Contrast bias = EstimateContrast(halves, {-0.5, 0.5}, level);
    out.position_bias = std::move(bias.estimate);
    out.position_bias_p = bias.p;
    out.preference = MeanInterval(preference, ScoreScale::kGraded, level);
  } else {
    out.position_bias.reason = out.preference.reason =
        "defined for two options, not " + std::to_string(options);
  }
  if (out.tasks == 0) {
    out.beyond_chance.reason = out.consistency.reason;
    return out;
  }
  SetBeyondChance(clusters, level, out);
  return out;
}

Estimate ParaphraseAgreement(std::span<const ParaphrasedTask> tasks, double level) {
  std::vector<Observation> rows;
  bool binary = true;
  for (const ParaphrasedTask& task : tasks) {
    std::map<int, double> counts;
    double read = 0;
    for (const int option : task.options) {
      if (option < 0) continue;
      counts[option] += 1;
      read += 1;
    }
    if (read < 2) continue;
    double equal = 0;
    for (const auto& [option, count] : counts) equal += count * (count - 1);
    const double share = equal / (read * (read - 1));
    binary = binary && Whole(share);
    rows.push_back({share, task.cluster, 0});
  }
  return MeanInterval(rows, binary ? ScoreScale::kBinary : ScoreScale::kGraded, level);
}

}  // namespace axiometer
