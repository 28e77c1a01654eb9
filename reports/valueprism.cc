#include "reports/valueprism.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "harness/base/json.h"
#include "reports/valueprism_tables.h"

namespace axiometer {
namespace {

constexpr const char* kTypes[] = {"", "Value", "Right", "Duty"};

std::optional<double> NumberOf(const JudgedFacts& judged, const std::string& name) {
  const Score* score = judged.score(name);
  return score == nullptr ? std::nullopt : score->number;
}

std::string TextOf(const JudgedFacts& judged, const std::string& name) {
  const Score* score = judged.score(name);
  return score == nullptr ? "" : score->text.value_or("");
}

bool Has(const RunData& run, const std::string& task) {
  return std::any_of(run.tasks.begin(), run.tasks.end(),
                     [&](const TaskFacts& facts) { return facts.tag("task") == task; });
}

std::vector<LabelScheme> Schemes(const RunData& run, const std::string&) {
  std::vector<LabelScheme> schemes;
  for (const char* task : {"relevance", "valence"}) {
    if (!Has(run, task)) continue;
    LabelScheme scheme;
    scheme.protocol = "axiometer";
    scheme.task = task;
    scheme.prediction = "label";
    scheme.correct = "correct";
    scheme.kind = "problem";
    scheme.cluster = "situation";
    scheme.slices = {"type", "gold", "also_in"};
    scheme.own_baselines = true;
    scheme.unreadable_is_wrong = true;
    scheme.labels = ValuePrismLabelNames(task);
    scheme.note =
        "share of rows whose label is that of the data set, which a model wrote and people "
        "spot-checked. A reply that cannot be read is wrong, and counted apart; a failed call is "
        "left "
        "out. Intervals are by situation.";
    schemes.push_back(std::move(scheme));
  }
  return schemes;
}

// Situations as numbers, in the order of the tasks.
class Situations {
 public:
  int Of(const TaskFacts& task) {
    return numbers_.emplace(task.tag("situation"), static_cast<int>(numbers_.size())).first->second;
  }

 private:
  std::map<std::string, int> numbers_;
};

// The rows of one type of VRD.
struct RowsOfType {
  std::vector<Classified> rows;
  std::vector<std::vector<Ranked>> ranked;  // by label
  std::vector<Observation> mass;
  int64_t with_unlisted = 0;
  double unlisted_at_most = 0;
  int64_t wanted = 0;
};

// What a row's replies say, epochs averaged.
struct RowMeans {
  std::vector<double> p;       // by label; empty: no likelihoods
  std::optional<double> lean;  // of the labels: 1, 0, -1
};

std::vector<RowMeans> MeansOf(const RunData& run, int judge, const std::string& task) {
  const std::vector<std::string>& labels = ValuePrismLabelNames(task);
  std::vector<RowMeans> means(run.tasks.size());
  std::vector<int> ranked(run.tasks.size());
  std::vector<int> read(run.tasks.size());
  for (const SampleFacts& sample : run.samples) {
    const auto place = static_cast<size_t>(sample.task);
    const JudgedFacts* judged = sample.judged_by(judge);
    if (judged == nullptr || run.tasks[place].tag("task") != task) continue;
    RowMeans& row = means[place];
    if (NumberOf(*judged, "p." + labels.front())) {
      row.p.resize(labels.size());
      for (size_t i = 0; i < labels.size(); ++i)
        row.p[i] += NumberOf(*judged, "p." + labels[i]).value_or(0);
      ++ranked[place];
    }
    const std::string label = TextOf(*judged, "label");
    if (label.empty()) continue;
    row.lean = row.lean.value_or(0) + (label == labels[0] ? 1 : label == labels[1] ? -1 : 0);
    ++read[place];
  }
  for (size_t i = 0; i < means.size(); ++i) {
    for (double& p : means[i].p) p /= ranked[i];
    if (means[i].lean) *means[i].lean /= read[i];
  }
  return means;
}

double EntropyBits(const std::array<double, 3>& shares) {
  double bits = 0;
  for (const double share : shares) {
    if (share > 0) bits -= share * std::log2(share);
  }
  return std::max(0.0, bits);
}

// Mean of numbers from 0 to `most`, each of a situation of its own.
Estimate MeanOver(const std::vector<double>& numbers, double most) {
  std::vector<Observation> rows;
  for (size_t i = 0; i < numbers.size(); ++i) {
    rows.push_back({std::clamp(numbers[i] / most, 0.0, 1.0), static_cast<int>(i), 0});
  }
  return Scaled(MeanInterval(rows), most);
}

std::string SituationText(const TaskFacts& task) {
  const Result<Json> facts =
      ParseJson(task.facts.empty() ? "{}" : task.facts, "facts of " + task.id);
  if (!facts || !facts->is_object()) return "";
  const auto found = facts->find("situation");
  return found == facts->end() || !found->is_string() ? "" : found->get<std::string>();
}

}  // namespace

const std::vector<std::string>& ValuePrismLabelNames(const std::string& task) {
  static const std::vector<std::string> kRelevance = {"Yes", "No"};
  static const std::vector<std::string> kValence = {"Supports", "Opposes", "Either"};
  return task == "relevance" ? kRelevance : kValence;
}

Estimate Scaled(Estimate estimate, double factor) {
  if (estimate.value) *estimate.value *= factor;
  if (estimate.interval) {
    estimate.interval->low *= factor;
    estimate.interval->high *= factor;
  }
  return estimate;
}

std::vector<ValuePrismClasses> ValuePrismClassesOf(const RunData& run, int judge) {
  std::vector<ValuePrismClasses> out;
  for (const char* task : {"relevance", "valence"}) {
    if (!Has(run, task)) continue;
    const std::vector<std::string>& labels = ValuePrismLabelNames(task);
    const auto place_of = [&](const std::string& label) {
      const auto found = std::find(labels.begin(), labels.end(), label);
      return found == labels.end() ? -1 : static_cast<int>(found - labels.begin());
    };
    // Type by type, all of them first.
    std::map<std::string, RowsOfType> types;
    std::vector<RowsOfType*> type_of(run.tasks.size());  // null: no part of this task
    std::vector<int> golds(run.tasks.size(), -1);
    std::vector<int> clusters(run.tasks.size());
    Situations situations;
    for (size_t i = 0; i < run.tasks.size(); ++i) {
      const TaskFacts& facts = run.tasks[i];
      golds[i] = place_of(facts.gold);
      if (golds[i] < 0 || facts.tag("task") != task) continue;
      clusters[i] = situations.Of(facts);
      type_of[i] = &types[facts.tag("type").empty() ? "none" : facts.tag("type")];
      type_of[i]->wanted += run.epochs;
      types[""].wanted += run.epochs;
    }
    std::vector<std::string> names;
    for (const std::string& label : labels) names.push_back("p." + label);
    for (const SampleFacts& sample : run.samples) {
      const auto place = static_cast<size_t>(sample.task);
      const JudgedFacts* judged = sample.judged_by(judge);
      if (judged == nullptr || type_of[place] == nullptr) continue;
      if (!NumberOf(*judged, "correct")) continue;
      const Classified row = {golds[place], place_of(TextOf(*judged, "label")), clusters[place]};
      std::vector<Ranked> ranked;
      for (size_t i = 0; i < labels.size(); ++i) {
        const std::optional<double> p = NumberOf(*judged, names[i]);
        if (p) ranked.push_back({*p, golds[place] == static_cast<int>(i), clusters[place]});
      }
      for (RowsOfType* rows : {&types[""], type_of[place]}) {
        rows->rows.push_back(row);
        if (ranked.size() != labels.size()) continue;
        rows->ranked.resize(labels.size());
        for (size_t i = 0; i < labels.size(); ++i) rows->ranked[i].push_back(ranked[i]);
        const double mass = std::clamp(NumberOf(*judged, "label_mass").value_or(0), 0.0, 1.0);
        rows->mass.push_back({mass, row.cluster, 0});
        rows->with_unlisted += NumberOf(*judged, "labels_unlisted").value_or(0) > 0;
        rows->unlisted_at_most =
            std::max(rows->unlisted_at_most, NumberOf(*judged, "unlisted_at_most").value_or(0));
      }
    }
    for (const char* type : kTypes) {
      const auto found = types.find(type);
      if (found == types.end()) continue;
      RowsOfType& rows = found->second;
      rows.ranked.resize(labels.size());
      ValuePrismClasses classes;
      classes.task = task;
      classes.labels = labels;
      classes.type = type;
      classes.wanted = rows.wanted;
      classes.ranked = static_cast<int64_t>(rows.ranked.front().size());
      classes.mass = MeanInterval(rows.mass);
      classes.with_unlisted = rows.with_unlisted;
      classes.unlisted_at_most = rows.unlisted_at_most;
      classes.scores = Classify(rows.rows, static_cast<int>(labels.size()));
      for (const std::vector<Ranked>& scores : rows.ranked) {
        Estimate area = Auroc(scores);
        if (scores.empty()) area.reason = "no likelihoods were stored";
        classes.auroc.push_back(std::move(area));
      }
      out.push_back(std::move(classes));
    }
  }
  return out;
}

std::vector<ValuePrismProbe> ValuePrismProbesOf(const RunData& run, int judge) {
  std::vector<ValuePrismProbe> out;
  for (const char* task : {"relevance", "valence"}) {
    if (!Has(run, task)) continue;
    const std::vector<std::string>& labels = ValuePrismLabelNames(task);
    const std::vector<RowMeans> means = MeansOf(run, judge, task);
    const bool likelihood =
        std::any_of(means.begin(), means.end(), [](const RowMeans& row) { return !row.p.empty(); });
    struct Sides {
      std::vector<std::optional<double>> first;
      std::vector<std::optional<double>> second;
    };
    std::map<std::string, Sides> situations;
    for (size_t i = 0; i < run.tasks.size(); ++i) {
      const TaskFacts& facts = run.tasks[i];
      if (facts.tag("task") != task) continue;
      std::optional<double> score = means[i].lean;
      if (likelihood) {
        score.reset();
        if (!means[i].p.empty()) score = means[i].p[0] - (labels.size() > 2 ? means[i].p[1] : 0);
      }
      Sides& sides = situations[facts.tag("situation")];
      if (facts.gold == labels[0]) sides.first.push_back(score);
      if (facts.gold == labels[1]) sides.second.push_back(score);
    }
    ValuePrismProbe probe;
    probe.task = task;
    probe.scores = likelihood ? "likelihood" : "label";
    std::vector<Observation> rows;
    int cluster = 0;
    for (const auto& [name, sides] : situations) {
      const size_t before = rows.size();
      for (const std::optional<double>& first : sides.first) {
        for (const std::optional<double>& second : sides.second) {
          if (!first || !second) {
            ++probe.missing;
            continue;
          }
          rows.push_back({*first > *second ? 1.0 : *first < *second ? 0.0 : 0.5, cluster, 0});
        }
      }
      probe.situations += rows.size() > before;
      ++cluster;
    }
    probe.pairs = static_cast<int64_t>(rows.size());
    probe.estimate = MeanInterval(rows);
    if (rows.empty()) probe.estimate.reason = "no situation has rows of both classes";
    out.push_back(std::move(probe));
  }
  return out;
}

ValuePrismDecisions ValuePrismDecisionsOf(const RunData& run, int judge) {
  ValuePrismDecisions out;
  const std::vector<RowMeans> valence = MeansOf(run, judge, "valence");
  const std::vector<RowMeans> relevance = MeansOf(run, judge, "relevance");
  std::map<std::string, double> r_of;
  for (size_t i = 0; i < run.tasks.size(); ++i) {
    if (!relevance[i].p.empty()) r_of[run.tasks[i].tag("vrd")] = relevance[i].p[0];
  }
  out.weighted = !r_of.empty();
  const std::vector<std::string>& labels = ValuePrismLabelNames("valence");
  std::map<std::string, ValuePrismDecision> situations;
  for (size_t i = 0; i < run.tasks.size(); ++i) {
    const TaskFacts& facts = run.tasks[i];
    if (facts.tag("task") != "valence") continue;
    const auto r = r_of.find(facts.tag("vrd"));
    if (valence[i].p.empty() || (out.weighted && r == r_of.end())) {
      ++out.left_out;
      continue;
    }
    ValuePrismDecision& decision = situations[facts.tag("situation")];
    if (decision.situation.empty()) decision.situation = SituationText(facts);
    ++decision.vrds;
    for (size_t k = 0; k < 3; ++k) {
      decision.d[k] += (out.weighted ? r->second : 1) * valence[i].p[k];
      decision.gold[k] += facts.gold == labels[k] ? 1 : 0;
    }
  }
  std::vector<double> entropies;
  std::vector<double> distances;
  std::array<std::vector<double>, 3> shares;
  for (auto& [name, decision] : situations) {
    const double sum = decision.d[0] + decision.d[1] + decision.d[2];
    if (!(sum > 0)) {  // nothing is relevant at all
      out.left_out += decision.vrds;
      continue;
    }
    double distance = 0;
    for (size_t k = 0; k < 3; ++k) {
      decision.d[k] /= sum;
      decision.gold[k] /= decision.vrds;
      distance += std::fabs(decision.d[k] - decision.gold[k]) / 2;
      shares[k].push_back(decision.d[k]);
    }
    decision.entropy_bits = EntropyBits(decision.d);
    entropies.push_back(decision.entropy_bits);
    distances.push_back(distance);
    out.decisions.push_back(std::move(decision));
  }
  out.entropy_bits = MeanOver(entropies, std::log2(3.0));
  out.distance = MeanOver(distances, 1);
  for (size_t k = 0; k < 3; ++k) out.shares[k] = MeanOver(shares[k], 1);
  std::stable_sort(out.decisions.begin(), out.decisions.end(),
                   [](const auto& a, const auto& b) { return a.entropy_bits > b.entropy_bits; });
  return out;
}

const BenchmarkReport kValuePrismReport = {"valueprism", Schemes, AddValuePrismMetrics, nullptr,
                                           AddValuePrismSections};

}  // namespace axiometer
