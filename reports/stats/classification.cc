#include "reports/stats/classification.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <map>

#include "reports/stats/jackknife.h"
#include "reports/stats/logit_interval.h"
#include "reports/stats/probability.h"

namespace axiometer {
namespace {

// The interval of an area with this variance. Sets the reason where there is none.
void SetLogitInterval(double variance, double level, Estimate& out) {
  if (*out.value <= 0 || *out.value >= 1) {
    out.reason = "at the edge of its range";
    return;
  }
  if (!(variance > 0) || !std::isfinite(variance)) {
    out.reason = "no variation between clusters";
    return;
  }
  const std::optional<double> quantile = UpperTQuantile((1 - level) / 2, out.clusters - 1);
  if (!quantile) {
    out.reason = "fewer than two clusters";
    return;
  }
  out.interval = LogitInterval(*out.value, *quantile * std::sqrt(variance), level);
  if (out.clusters == 2) out.caution = "two clusters";
}

// gold × (classes + 1) counts, the last column for rows without a prediction.
class ConfusionMatrix {
 public:
  explicit ConfusionMatrix(int classes) : classes_(classes), counts_(classes * (classes + 1)) {}
  void Add(const Classified& row) {
    ++counts_[row.gold * (classes_ + 1) + (row.predicted < 0 ? classes_ : row.predicted)];
  }
  ConfusionMatrix Without(const ConfusionMatrix& part) const {
    ConfusionMatrix rest = *this;
    for (size_t i = 0; i < counts_.size(); ++i) rest.counts_[i] -= part.counts_[i];
    return rest;
  }
  ClassScores Of(int one) const {
    ClassScores out;
    for (int i = 0; i <= classes_; ++i) out.gold += at(one, i);
    for (int i = 0; i < classes_; ++i) out.predicted += at(i, one);
    out.hits = at(one, one);
    const auto share = [](int64_t part, int64_t of) -> std::optional<double> {
      if (of == 0) return std::nullopt;
      return static_cast<double>(part) / static_cast<double>(of);
    };
    out.precision = share(out.hits, out.predicted);
    out.recall = share(out.hits, out.gold);
    out.f1 = share(2 * out.hits, out.gold + out.predicted);
    return out;
  }
  std::optional<double> MacroF1() const {
    double sum = 0;
    int occurring = 0;
    for (int i = 0; i < classes_; ++i) {
      const std::optional<double> f1 = Of(i).f1;
      if (!f1) continue;
      sum += *f1;
      ++occurring;
    }
    if (occurring == 0) return std::nullopt;
    return sum / occurring;
  }

 private:
  int64_t at(int gold, int predicted) const { return counts_[gold * (classes_ + 1) + predicted]; }

  int classes_;
  std::vector<int64_t> counts_;
};

void SetMacroF1(const ConfusionMatrix& all, const std::map<int, ConfusionMatrix>& clusters, double level, Estimate& out) {
  out.value = all.MacroF1();
  if (!out.value) {
    out.reason = "never scored";
    return;
  }
  std::vector<std::optional<double>> without;
  for (const auto& [cluster, part] : clusters) without.push_back(all.Without(part).MacroF1());
  SetLogitJackknife(without, level, out);
}

// Sums of placements in one cluster.
struct Placements {
  double positive = 0;  // sum over its positives of the share of negatives below
  double negative = 0;  // sum over its negatives of the share of positives above
  double positives = 0;
  double negatives = 0;
};

}  // namespace

Classification Classify(std::span<const Classified> rows, int classes, double level) {
  Classification out;
  ConfusionMatrix all(classes);
  std::map<int, ConfusionMatrix> clusters;
  for (const Classified& row : rows) {
    assert(row.gold >= 0 && row.gold < classes && row.predicted < classes);
    all.Add(row);
    clusters.try_emplace(row.cluster, classes).first->second.Add(row);
    out.unread += row.predicted < 0;
  }
  out.n = static_cast<int64_t>(rows.size());
  double weighted = 0;
  for (int i = 0; i < classes; ++i) {
    out.classes.push_back(all.Of(i));
    weighted += static_cast<double>(out.classes.back().gold) * out.classes.back().f1.value_or(0);
  }
  if (out.n > 0) out.weighted_f1 = weighted / static_cast<double>(out.n);
  out.macro_f1.n = out.n;
  out.macro_f1.clusters = static_cast<int>(clusters.size());
  SetMacroF1(all, clusters, level, out.macro_f1);
  return out;
}

Estimate Auroc(std::span<const Ranked> rows, double level) {
  Estimate out;
  out.n = static_cast<int64_t>(rows.size());
  std::vector<const Ranked*> order;
  order.reserve(rows.size());
  double positives = 0;
  for (const Ranked& row : rows) {
    if (!std::isfinite(row.score)) {
      out.reason = "a score is not finite";
      return out;
    }
    order.push_back(&row);
    positives += row.positive;
  }
  const double negatives = static_cast<double>(rows.size()) - positives;
  if (rows.empty() || positives == 0 || negatives == 0) {
    out.reason = rows.empty() ? "never scored" : "only one class occurs";
    return out;
  }
  std::sort(order.begin(), order.end(), [](const Ranked* a, const Ranked* b) { return a->score < b->score; });

  std::map<int, Placements> clusters;
  double area = 0;
  double positives_below = 0;
  double negatives_below = 0;
  for (size_t begin = 0; begin < order.size();) {
    size_t end = begin;
    double tied_positives = 0;
    while (end < order.size() && order[end]->score == order[begin]->score) tied_positives += order[end++]->positive;
    const double tied_negatives = static_cast<double>(end - begin) - tied_positives;
    const double below = (negatives_below + tied_negatives / 2) / negatives;
    const double above = (positives - positives_below - tied_positives / 2) / positives;
    for (; begin < end; ++begin) {
      Placements& cluster = clusters[order[begin]->cluster];
      if (order[begin]->positive) {
        cluster.positive += below;
        cluster.positives += 1;
        area += below;
      } else {
        cluster.negative += above;
        cluster.negatives += 1;
      }
    }
    positives_below += tied_positives;
    negatives_below += tied_negatives;
  }
  area /= positives;
  out.value = area;
  out.clusters = static_cast<int>(clusters.size());

  double with_positives = 0;
  double with_negatives = 0;
  double squares_positive = 0;
  double squares_negative = 0;
  double products = 0;
  for (const auto& [name, cluster] : clusters) {
    const double a = cluster.positive - cluster.positives * area;
    const double b = cluster.negative - cluster.negatives * area;
    with_positives += cluster.positives > 0;
    with_negatives += cluster.negatives > 0;
    squares_positive += a * a;
    squares_negative += b * b;
    products += a * b;
  }
  if (with_positives < 2 || with_negatives < 2) {
    out.reason = "all rows of a class in one cluster";
    return out;
  }
  const double all = out.clusters;
  const double variance = with_positives / (with_positives - 1) * squares_positive / (positives * positives) +
                          with_negatives / (with_negatives - 1) * squares_negative / (negatives * negatives) +
                          2 * all / (all - 1) * products / (positives * negatives);
  SetLogitInterval(variance, level, out);
  if (out.interval) out.method = "placements by cluster (Obuchowski), logit scale, t";
  return out;
}

}  // namespace axiometer
