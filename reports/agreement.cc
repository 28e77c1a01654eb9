#include "reports/agreement.h"

#include <map>
#include <utility>

#include "reports/benchmarks.h"
#include "reports/metric_list.h"

namespace axiometer {
namespace {

struct Answer {
  const LabelRow* row = nullptr;
  std::string gold;
  std::string cluster;
};
using Answers = std::map<std::pair<std::string, int>, Answer>;  // by item and epoch

// One run under one reading.
struct Reading {
  LabelScheme scheme;
  std::vector<LabelRow> rows;
  Answers answers;
};

// By the first judge that gives labels.
std::vector<Reading> ReadingsOf(const RunData& run) {
  std::vector<Reading> readings;
  const BenchmarkReport* benchmark = FindBenchmarkReport(run.summary.run.protocol);
  if (benchmark == nullptr) return readings;
  for (size_t judge = 0; judge < run.judges.size() && readings.empty(); ++judge) {
    for (LabelScheme& scheme : benchmark->schemes(run, run.judges[judge])) {
      Reading reading;
      reading.rows = ReadLabels(run, static_cast<int>(judge), scheme);
      reading.scheme = std::move(scheme);
      readings.push_back(std::move(reading));
    }
  }
  for (Reading& reading : readings) {
    for (const LabelRow& row : reading.rows) {
      const TaskFacts& task = run.tasks[static_cast<size_t>(row.task)];
      if (task.tag("item").empty()) continue;
      reading.answers[{task.tag("item"), row.epoch}] = {&row, task.gold,
                                                        task.tag(reading.scheme.cluster)};
    }
  }
  return readings;
}

// Cohen's kappa from pairs of answers.
std::optional<double> Kappa(const std::map<std::pair<std::string, std::string>, int64_t>& pairs,
                            int64_t total) {
  if (total == 0) return std::nullopt;
  std::map<std::string, double> first;
  std::map<std::string, double> second;
  double same = 0;
  for (const auto& [answers, count] : pairs) {
    const double share = static_cast<double>(count) / static_cast<double>(total);
    first[answers.first] += share;
    second[answers.second] += share;
    if (answers.first == answers.second) same += share;
  }
  double chance = 0;
  for (const auto& [answer, share] : first) {
    const auto other = second.find(answer);
    if (other != second.end()) chance += share * other->second;
  }
  constexpr double kCertain = 1 - 1e-12;
  if (chance >= kCertain) return std::nullopt;
  return (same - chance) / (1 - chance);
}

// MeanInterval takes shares, so differences from -1 to 1 are halved and shifted, and put back.
Estimate MeanDifference(std::vector<Observation> rows) {
  for (Observation& row : rows) row.score = (row.score + 1) / 2;
  Estimate estimate = MeanInterval(rows);
  if (estimate.value) *estimate.value = 2 * *estimate.value - 1;
  if (estimate.interval) {
    estimate.interval->low = 2 * estimate.interval->low - 1;
    estimate.interval->high = 2 * estimate.interval->high - 1;
  }
  return estimate;
}

Agreement Compared(const Reading& first, const Reading& second) {
  Agreement out;
  out.protocol = first.scheme.protocol;
  std::map<std::string, int> clusters;
  std::vector<Observation> same;
  std::vector<Observation> differences;
  std::map<std::pair<std::string, std::string>, int64_t> pairs;
  for (const auto& [key, one] : first.answers) {
    const auto found = second.answers.find(key);
    if (found == second.answers.end()) continue;
    const Answer& other = found->second;
    if (one.gold != other.gold) {
      out.reason =
          "the right answers of item " + key.first + " differ: these are not the same items";
      return out;
    }
    ++out.common;
    if (!one.row->prediction || !other.row->prediction) continue;
    ++out.read;
    const std::string& name = one.cluster.empty() ? key.first : one.cluster;
    const int cluster = clusters.emplace(name, static_cast<int>(clusters.size())).first->second;
    ++pairs[{*one.row->prediction, *other.row->prediction}];
    same.push_back({*one.row->prediction == *other.row->prediction ? 1.0 : 0.0, cluster, 0});
    differences.push_back({other.row->correct - one.row->correct, cluster, 0});
    const bool right = one.row->correct >= 1;
    const bool also = other.row->correct >= 1;
    ++(right && also ? out.both_right
       : right       ? out.first_right
       : also        ? out.second_right
                     : out.neither_right);
  }
  out.same = MeanInterval(same, ScoreScale::kBinary);
  out.difference = MeanDifference(std::move(differences));
  out.kappa = Kappa(pairs, out.read);
  return out;
}

}  // namespace

std::vector<Agreement> AgreementsOf(const std::vector<RunData>& runs) {
  std::vector<Agreement> out;
  if (runs.size() < 2) return out;
  std::vector<std::vector<Reading>> readings;
  for (const RunData& run : runs) readings.push_back(ReadingsOf(run));
  for (size_t first = 0; first < runs.size(); ++first) {
    for (size_t second = first + 1; second < runs.size(); ++second) {
      if (runs[first].summary.run.protocol != runs[second].summary.run.protocol) continue;
      for (const Reading& one : readings[first]) {
        for (const Reading& other : readings[second]) {
          if (one.scheme.protocol != other.scheme.protocol) continue;
          Agreement found = Compared(one, other);
          if (found.common == 0 && found.reason.empty()) continue;
          found.first = first;
          found.second = second;
          out.push_back(std::move(found));
        }
      }
    }
  }
  return out;
}

std::vector<Metric> ToMetrics(const std::vector<RunData>& runs,
                              const std::vector<Agreement>& agreements) {
  std::vector<Metric> out;
  for (const Agreement& found : agreements) {
    MetricList list(runs[found.first].summary.run);
    const MetricList::Group group = {{"with", runs[found.second].summary.run.id}};
    if (!found.reason.empty()) {
      list.Add(found.protocol, "agreement", group).reason = found.reason;
    } else {
      const int64_t unread = found.common - found.read;
      list.AddEstimate(found.protocol, "agreement", group, found.same, std::nullopt, found.read,
                       unread);
      Metric& kappa = list.Add(found.protocol, "kappa", group);
      kappa.value = found.kappa;
      kappa.scored = found.read;
      kappa.unscored = unread;
      if (!kappa.value)
        kappa.reason = found.read == 0 ? "never scored" : "both always give the same answer";
      list.AddEstimate(found.protocol, "accuracy_difference", group, found.difference, std::nullopt,
                       found.read, unread);
      const std::pair<const char*, int64_t> counts[] = {{"both", found.both_right},
                                                        {"first", found.first_right},
                                                        {"second", found.second_right},
                                                        {"neither", found.neither_right}};
      for (const auto& [name, count] : counts) {
        Metric& metric = list.Add(found.protocol, "right_count", {group[0], {"right", name}});
        metric.value = static_cast<double>(count);
        metric.scored = found.read;
      }
    }
    for (Metric& metric : list.Take()) out.push_back(std::move(metric));
  }
  return out;
}

}  // namespace axiometer
