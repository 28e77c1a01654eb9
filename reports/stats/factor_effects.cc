#include "reports/stats/factor_effects.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "reports/stats/cluster_mean.h"
#include "reports/stats/contrast.h"
#include "reports/stats/multiplicity.h"

namespace axiometer {
namespace {

using Cell = std::vector<int>;

constexpr double kAsGoodAsZero = 1e-9;

// What one column of the model stands for: a level of a factor against the first, or two such.
struct Term {
  int factor = 0;
  int level = 0;
  int other_factor = -1;  // -1: main effect
  int other_level = 0;
};

std::vector<Term> TermsOf(std::span<const Factor> factors) {
  std::vector<Term> mains;
  for (size_t f = 0; f < factors.size(); ++f) {
    for (size_t l = 1; l < factors[f].levels.size(); ++l) {
      mains.push_back({static_cast<int>(f), static_cast<int>(l), -1, 0});
    }
  }
  std::vector<Term> terms = mains;
  for (size_t i = 0; i < mains.size(); ++i) {
    for (size_t j = i + 1; j < mains.size(); ++j) {
      if (mains[i].factor == mains[j].factor) continue;
      terms.push_back({mains[i].factor, mains[i].level, mains[j].factor, mains[j].level});
    }
  }
  return terms;
}

std::string NameOf(std::span<const Factor> factors, int factor, int level) {
  const Factor& of = factors[factor];
  return of.name + ": " + of.levels[level] + " - " + of.levels[0];
}

std::string NameOf(std::span<const Factor> factors, const Term& term) {
  const std::string name = NameOf(factors, term.factor, term.level);
  if (term.other_factor < 0) return name;
  return name + " x " + NameOf(factors, term.other_factor, term.other_level);
}

// Coded so that the coefficient is the difference from the first level, averaged over the others.
double Code(std::span<const Factor> factors, const Cell& cell, int factor, int level) {
  return (cell[factor] == level ? 1 : 0) - 1 / static_cast<double>(factors[factor].levels.size());
}

double Code(std::span<const Factor> factors, const Cell& cell, const Term& term) {
  const double code = Code(factors, cell, term.factor, term.level);
  if (term.other_factor < 0) return code;
  return code * Code(factors, cell, term.other_factor, term.other_level);
}

// One row a cell; the first column is the mean.
Eigen::MatrixXd ModelOf(std::span<const Factor> factors, const std::vector<Term>& terms,
                        const std::vector<Cell>& cells) {
  Eigen::MatrixXd model(cells.size(), terms.size() + 1);
  for (size_t i = 0; i < cells.size(); ++i) {
    const auto row = static_cast<Eigen::Index>(i);
    model(row, 0) = 1;
    for (size_t j = 0; j < terms.size(); ++j) {
      model(row, static_cast<Eigen::Index>(j) + 1) = Code(factors, cells[i], terms[j]);
    }
  }
  return model;
}

// Columns in order, without those that are sums of columns before them.
std::vector<Eigen::Index> IndependentColumns(const Eigen::MatrixXd& model) {
  std::vector<Eigen::Index> kept;
  for (Eigen::Index column = 0; column < model.cols(); ++column) {
    kept.push_back(column);
    Eigen::ColPivHouseholderQR<Eigen::MatrixXd> qr(model(Eigen::all, kept));
    qr.setThreshold(kAsGoodAsZero);
    if (qr.rank() < static_cast<Eigen::Index>(kept.size())) kept.pop_back();
  }
  return kept;
}

// The effects in terms of cells. With task fixed effects and the same cells for every task, the
// least-squares estimate is the mean over tasks of these weights applied to the task's cells.
struct Contrasts {
  std::vector<Eigen::Index> kept;
  Eigen::MatrixXd weights;  // kept columns x cells
  Eigen::MatrixXd aliases;  // kept columns x all: how every column is a sum of the kept ones

  // The row of a term; nullopt if it is aliased.
  std::optional<Eigen::Index> RowOf(size_t term) const {
    const auto at = std::find(kept.begin(), kept.end(), static_cast<Eigen::Index>(term) + 1);
    if (at == kept.end()) return std::nullopt;
    return at - kept.begin();
  }
  double Alias(Eigen::Index row, size_t term) const {
    return aliases(row, static_cast<Eigen::Index>(term) + 1);
  }
};

Contrasts ContrastsOf(const Eigen::MatrixXd& model) {
  Contrasts out;
  out.kept = IndependentColumns(model);
  const Eigen::MatrixXd independent = model(Eigen::all, out.kept);
  out.weights =
      independent.householderQr().solve(Eigen::MatrixXd::Identity(model.rows(), model.rows()));
  out.aliases = out.weights * model;
  return out;
}

// The other terms that a term's estimate takes in, or, if it has none, that its column is a sum of.
std::vector<size_t> MixedWith(const Contrasts& contrasts, size_t terms, size_t term) {
  std::vector<size_t> mixed;
  const std::optional<Eigen::Index> own = contrasts.RowOf(term);
  for (size_t other = 0; other < terms; ++other) {
    if (other == term) continue;
    const std::optional<Eigen::Index> row = own ? own : contrasts.RowOf(other);
    if (!row) continue;
    const double share = contrasts.Alias(*row, own ? other : term);
    if (std::fabs(share) > kAsGoodAsZero) mixed.push_back(other);
  }
  return mixed;
}

// A task's mean score in each cell that it was run in.
struct FactorTask {
  int cluster = 0;
  std::map<Cell, ClusterSum> cells;
};

std::map<int, FactorTask> TasksOf(std::span<const FactorRow> rows) {
  std::map<int, FactorTask> tasks;
  for (const FactorRow& row : rows) {
    FactorTask& task = tasks[row.task];
    task.cluster = row.cluster;
    task.cells[row.levels].Add(row.score);
  }
  return tasks;
}

Contrast EstimateWeighted(const Eigen::RowVectorXd& weights, const std::vector<Cell>& cells,
                          const std::map<int, FactorTask>& tasks, double level) {
  ScoreLimits range;
  for (Eigen::Index i = 0; i < weights.size(); ++i) {
    (weights(i) < 0 ? range.low : range.high) += weights(i);
  }
  ClusterSums sums;
  for (const auto& [number, task] : tasks) {
    double contrast = 0;
    bool complete = true;
    for (size_t i = 0; i < cells.size(); ++i) {
      const double weight = weights(static_cast<Eigen::Index>(i));
      if (std::fabs(weight) < kAsGoodAsZero) continue;
      const auto cell = task.cells.find(cells[i]);
      complete = complete && cell != task.cells.end();
      if (complete) contrast += weight * cell->second.total / cell->second.count;
    }
    if (complete) sums[task.cluster].Add(contrast);
  }
  return EstimateContrast(sums, range, level);
}

std::vector<std::string> MissingCells(std::span<const Factor> factors,
                                      const std::set<Cell>& observed) {
  std::vector<std::string> missing;
  Cell cell(factors.size(), 0);
  for (;;) {
    if (!observed.contains(cell)) {
      std::string name;
      for (size_t f = 0; f < factors.size(); ++f) {
        name += (f > 0 ? ", " : "") + factors[f].name + ' ' + factors[f].levels[cell[f]];
      }
      missing.push_back(name);
    }
    size_t f = factors.size();
    while (f > 0 && ++cell[f - 1] == static_cast<int>(factors[f - 1].levels.size())) {
      cell[--f] = 0;
    }
    if (f == 0) return missing;
  }
}

}  // namespace

FactorEffects EstimateFactorEffects(std::span<const Factor> factors,
                                    std::span<const FactorRow> rows, double level) {
  FactorEffects out;
  std::map<Cell, std::set<int>> runs;
  std::set<Cell> observed;
  for (const FactorRow& row : rows) {
    runs[row.levels].insert(row.run);
    observed.insert(row.levels);
    if (!(row.score >= 0 && row.score <= 1)) out.reason = "a score lies outside 0 to 1";
  }
  if (observed.size() < 2) out.reason = "fewer than two cells";
  if (!out.reason.empty()) return out;
  out.missing_cells = MissingCells(factors, observed);
  const bool single_runs = std::any_of(runs.begin(), runs.end(),
                                       [](const auto& cell) { return cell.second.size() == 1; });

  const std::vector<Cell> cells(observed.begin(), observed.end());
  const std::vector<Term> terms = TermsOf(factors);
  const Contrasts contrasts = ContrastsOf(ModelOf(factors, terms, cells));
  const std::map<int, FactorTask> tasks = TasksOf(rows);
  std::vector<std::optional<double>> family;
  for (size_t j = 0; j < terms.size(); ++j) {
    FactorEffect effect;
    effect.name = NameOf(factors, terms[j]);
    effect.interaction = terms[j].other_factor >= 0;
    for (const size_t other : MixedWith(contrasts, terms.size(), j)) {
      effect.aliased_with.push_back(NameOf(factors, terms[other]));
    }
    if (const std::optional<Eigen::Index> row = contrasts.RowOf(j)) {
      const Contrast contrast = EstimateWeighted(contrasts.weights.row(*row), cells, tasks, level);
      effect.estimate = contrast.estimate;
      effect.p = contrast.p;
      effect.p_reason = contrast.p_reason;
      if (effect.interaction && single_runs) {
        if (!effect.estimate.caution.empty()) effect.estimate.caution += "; ";
        effect.estimate.caution += kRunToRunNoise;
      }
    } else {
      effect.estimate.reason = "aliased: the missing cells leave it no contrast of its own";
    }
    family.push_back(effect.p);
    out.effects.push_back(std::move(effect));
  }
  const std::vector<std::optional<double>> adjusted = Holm(family);
  for (size_t j = 0; j < adjusted.size(); ++j) out.effects[j].adjusted_p = adjusted[j];
  return out;
}

}  // namespace axiometer
