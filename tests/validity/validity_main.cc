// The long simulations: how often what reports promise holds, as a table in Markdown (README.md has the last one).
//
//   validity [SHARE]     of the full number of repetitions, 1 by default
//
// Two threads; the numbers do not depend on how the rows are spread over them.
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "tests/validity/judge_simulation.h"
#include "tests/validity/label_simulation.h"
#include "tests/validity/mean_simulation.h"
#include "tests/validity/order_simulation.h"
#include "tests/validity/pair_simulation.h"
#include "tests/validity/profile_simulation.h"
#include "tests/validity/ranking_simulation.h"
#include "tests/validity/study_simulation.h"

namespace axiometer {
namespace {

constexpr uint64_t kSeed = 20261130;
constexpr int kThreads = 2;

// What is promised of a rate.
enum class Promise {
  kCovers,   // 95 %: met from 93 to 97, two standard errors allowed
  kAtLeast,  // the nominal rate, two standard errors allowed
  kAtMost,
  kAlways,
};

struct Measured {
  std::string quantity;
  Promise promise = Promise::kCovers;
  double nominal = 0.95;
  double share = 0;
  double error = 0;  // Monte Carlo standard error
  int64_t of = 0;
  std::string said;  // what reports print beside such a number
};

// Measures one shape in a number of repetitions.
struct Job {
  std::string shape;
  int repetitions = 0;
  std::function<std::vector<Measured>(int repetitions, uint64_t seed)> run;
};

Measured Of(const std::string& quantity, const Rate& rate, Promise promise = Promise::kCovers, double nominal = 0.95) {
  // What at least half of the estimates carry.
  const std::string said = 2 * rate.cautioned >= rate.of && rate.cautioned > 0 ? rate.caution : "";
  return {quantity, promise, nominal, rate.share(), rate.error(), rate.of, said};
}

std::string Verdict(const Measured& measured) {
  const double slack = 2 * measured.error;
  const double share = measured.share;
  switch (measured.promise) {
    case Promise::kCovers:
      if (share + slack < 0.93) return "not met: too short";
      if (share - slack > 0.97) return "met, conservative";
      return "met";
    case Promise::kAtLeast:
      return share + slack < measured.nominal ? "not met" : "met";
    case Promise::kAtMost:
      return share - slack > measured.nominal ? "not met" : "met";
    case Promise::kAlways:
      return share < 1 ? "not met" : "met";
  }
  return "";
}

std::vector<int> Equal(int clusters, int rows) { return std::vector<int>(static_cast<size_t>(clusters), rows); }

std::string SizesText(const std::vector<int>& clusters) {
  if (std::adjacent_find(clusters.begin(), clusters.end(), std::not_equal_to<>()) == clusters.end()) {
    return std::to_string(clusters.size()) + " × " + std::to_string(clusters.front());
  }
  std::string text;
  for (const int size : clusters) text += (text.empty() ? "" : ", ") + std::to_string(size);
  return text;
}

void AddMeans(std::vector<Job>& jobs) {
  const auto add = [&](const MeanShape& shape, const std::string& level) {
    jobs.push_back({SizesText(shape.clusters) + ", " + level, 5000, [shape](int repetitions, uint64_t seed) {
                      return std::vector{
                          Of(shape.binary ? "proportion" : "mean", SimulateMean(shape, repetitions, seed))};
                    }});
  };
  for (const std::vector<int>& clusters : {Equal(2, 10),
                                           Equal(3, 10),
                                           Equal(4, 1),
                                           Equal(5, 8),
                                           Equal(10, 16),
                                           Equal(25, 1),
                                           Equal(30, 4),
                                           {1, 1, 2, 4, 16}}) {
    add({clusters, 0.5}, "graded, middle");
    add({clusters, 3.0}, "graded, skewed to 1");
  }
  for (const std::vector<int>& clusters : {Equal(2, 10), Equal(3, 10), Equal(5, 8), Equal(10, 16), Equal(30, 1)}) {
    add({clusters, 0.0, true}, "0/1, middle");
    add({clusters, 3.0, true}, "0/1, skewed to 1");
  }
  for (const auto& [name, shape] : {std::pair("as MFT08", SystemShape{5, 0, 10}),
                                    {"as VSM13", SystemShape{10, 0, 40}},
                                    {"as PVQ40", SystemShape{29, 25, 299}}}) {
    jobs.push_back({name, 3000, [shape = shape](int repetitions, uint64_t seed) {
                      return std::vector{
                          Of("mean of a value system", SimulateSystemMean(shape, repetitions, seed))};
                    }});
  }
  for (const std::vector<int>& clusters : {Equal(2, 10), Equal(5, 8), Equal(30, 1)}) {
    jobs.push_back({SizesText(clusters) + ", low scores missing", 4000, [clusters](int repetitions, uint64_t seed) {
                      return std::vector{Of("bounds of a mean hold the complete data",
                                            SimulateMeanBounds({clusters}, repetitions, seed), Promise::kAlways, 1)};
                    }});
  }
}

void AddPairs(std::vector<Job>& jobs) {
  for (const bool binary : {false, true}) {
    for (const std::vector<int>& clusters :
         {Equal(2, 10), Equal(3, 10), Equal(5, 8), Equal(10, 16), Equal(25, 1), Equal(30, 4), {1, 1, 2, 4, 16}}) {
      const std::string shape = SizesText(clusters) + (binary ? ", 0/1" : ", graded");
      jobs.push_back({shape, 4000, [=](int repetitions, uint64_t seed) {
                        const PairRates differ = SimulatePairs({clusters, binary, 0.5}, repetitions, seed);
                        const PairRates equal = SimulatePairs({clusters, binary, 0}, repetitions, seed + 1);
                        std::vector<Measured> out{
                            Of("paired difference", differ.covered),
                            Of("equal subjects called different", equal.rejected, Promise::kAtMost, 0.05)};
                        if (clusters.size() >= 6) {
                          out.push_back(Of("the same by sign flips", equal.flipped, Promise::kAtMost, 0.05));
                        }
                        return out;
                      }});
    }
  }
  for (const std::vector<int>& clusters : {Equal(10, 4), Equal(40, 4)}) {
    jobs.push_back(
        {SizesText(clusters) + ", difference at the margin", 5000, [clusters](int repetitions, uint64_t seed) {
           const PairRates rates = SimulatePairs({clusters, false, 0.5}, repetitions, seed, true);
           return std::vector{Of("called equivalent", rates.equivalent, Promise::kAtMost, 0.05)};
         }});
  }
  for (const int different : {0, 4}) {
    const std::string shape = "10 dimensions, " + std::to_string(different) + " differ, 20 × 2";
    jobs.push_back(
        {shape, 4000, [different](int repetitions, uint64_t seed) {
           const FamilyRates rates = SimulateFamily(10, different, {Equal(20, 2), false, 1.0}, repetitions, seed);
           Measured discovery;
           discovery.quantity = "false share of discoveries, Benjamini-Hochberg";
           discovery.promise = Promise::kAtMost;
           discovery.nominal = 0.05;
           discovery.share = rates.false_share;
           discovery.error = rates.false_error;
           discovery.of = rates.repetitions;
           return std::vector{Of("any false rejection, Holm", rates.any_false, Promise::kAtMost, 0.05), discovery};
         }});
  }
  jobs.push_back({"5 × 8, low scores missing on both sides", 4000, [](int repetitions, uint64_t seed) {
                    return std::vector{Of("bounds of a difference hold the complete data",
                                          SimulatePairBounds({Equal(5, 8), false, 0.5}, repetitions, seed),
                                          Promise::kAlways, 1)};
                  }});
}

void AddJudges(std::vector<Job>& jobs) {
  struct Named {
    const char* name;
    AgreementCoefficient coefficient;
  };
  for (const Named& one : {Named{"alpha", OrdinalAlpha}, {"quadratic kappa", QuadraticKappa}, {"AC2", GwetAc2}}) {
    for (const int cases : {5, 10, 25, 60}) {
      for (const double skew : {0.0, 1.3}) {
        RatingShape shape;
        shape.cases = cases;
        shape.skew = skew;
        const std::string text = std::to_string(cases) + " cases × 4 items" + (skew > 0 ? ", skewed" : "");
        jobs.push_back({text, 4000, [one, shape](int repetitions, uint64_t seed) {
                          return std::vector{
                              Of(one.name, SimulateAgreement(one.coefficient, shape, repetitions, seed))};
                        }});
      }
    }
  }
  jobs.push_back({"25 cases × 4 items, 3 repeats", 4000, [](int repetitions, uint64_t seed) {
                    RatingShape shape;
                    shape.raters = 3;
                    shape.noise = 0.3;
                    return std::vector{Of("test-retest (alpha of repeats)",
                                          SimulateAgreement(OrdinalAlpha, shape, repetitions, seed))};
                  }});
  for (const CorrectionShape& shape :
       {CorrectionShape{10, 200, 210}, {40, 300, 340}, {40, 300, 20}, {60, 300, 8}, {60, 240, 20, 0.6}, {20, 200, 5}}) {
    const std::string text = std::to_string(shape.labelled) + " labelled of " +
                             std::to_string(shape.labelled + shape.others) + " in " + std::to_string(shape.clusters) +
                             " clusters" + (shape.slope < 1 ? ", flat judge" : "");
    jobs.push_back({text, 4000, [shape](int repetitions, uint64_t seed) {
                      return std::vector{Of("corrected mean (PPI++)", SimulateCorrection(shape, repetitions, seed))};
                    }});
  }
  for (const int cases : {10, 40}) {
    jobs.push_back(
        {std::to_string(cases) + " cases × 3 items, 3 raters", 2000, [cases](int repetitions, uint64_t seed) {
           return std::vector{Of("severity of a rater", SimulateSeverity(cases, repetitions, seed))};
         }});
  }
}

void AddProfiles(std::vector<Job>& jobs) {
  for (const ProfileShape& shape :
       {ProfileShape{10, 6, 1.0, 0.0}, {10, 10, 1.0, 0.8}, {10, 25, 1.0, 0.8}, {20, 10, 0.4, 1.0}, {5, 25, 0.4, 0.8}}) {
    char text[80];
    std::snprintf(text, sizeof text, "%d dimensions, %d cases, spread %.1f, common %.1f", shape.dimensions,
                  shape.clusters, shape.spread, shape.common);
    jobs.push_back({text, 2000, [shape](int repetitions, uint64_t seed) {
                      const ProfileRates rates = SimulateProfiles(shape, repetitions, seed);
                      return std::vector{Of("distance of profiles", rates.distance),
                                         Of("correlation of true profiles", rates.corrected),
                                         Of("correlation as measured", rates.pearson)};
                    }});
  }
}

void AddRankings(std::vector<Job>& jobs) {
  struct Named {
    const char* name;
    RankingShape shape;
    int repetitions;
  };
  for (const Named& one : {Named{"as MFT08", kMft08, 4000}, {"as VSM13", kVsm13, 3000}, {"as PVQ40", kPvq40, 600}}) {
    const RankingShape shape = one.shape;
    jobs.push_back(
        {std::string(one.name) + ", spread 1 logit", one.repetitions, [shape](int repetitions, uint64_t seed) {
           return std::vector{Of("all ranks at once", SimulateRanks(shape, repetitions, seed), Promise::kAtLeast)};
         }});
    jobs.push_back({std::string(one.name) + ", equal values", one.repetitions, [shape](int repetitions, uint64_t seed) {
                      return std::vector{
                          Of("no order invented, by outcomes",
                             SimulateEqualValues(shape, GateBasis::kOutcomes, repetitions, seed).undecided,
                             Promise::kAtLeast),
                          Of("order invented behind the gate, by margins",
                             SimulateEqualValues(shape, GateBasis::kMargins, repetitions, seed + 1).separated_gated,
                             Promise::kAtMost, 0.05)};
                    }});
    jobs.push_back(
        {std::string(one.name) + ", said 0.8 or more", one.repetitions, [shape](int repetitions, uint64_t seed) {
           const Calibration found = SimulateOrderProbability(shape, 0.8, repetitions, seed);
           return std::vector{Of("pairs in the order that is said", found.right, Promise::kAtLeast, found.said)};
         }});
  }
  for (const auto& [values, rounds] : {std::pair(5, 6), {5, 1}, {10, 2}, {10, 6}}) {
    jobs.push_back({std::to_string(values) + " values, every pair met " + std::to_string(rounds) + " times", 2000,
                    [values, rounds](int repetitions, uint64_t seed) {
                      return std::vector{Of("log strength", SimulateStrengths(values, rounds, repetitions, seed))};
                    }});
  }
  jobs.push_back({"6 values, 90 games, 5 missing", 800, [](int repetitions, uint64_t seed) {
                    return std::vector{Of("bounds of ranks hold the complete data",
                                          SimulateRankBounds(6, 5, repetitions, seed), Promise::kAtLeast, 0.99)};
                  }});
}

void AddOrders(std::vector<Job>& jobs) {
  for (const std::vector<int>& clusters : {Equal(5, 8), Equal(10, 16), Equal(40, 1)}) {
    jobs.push_back({SizesText(clusters) + ", two options", 4000, [clusters](int repetitions, uint64_t seed) {
                      const OrderRates rates = SimulateOrder({clusters}, repetitions, seed);
                      const OrderRates none = SimulateOrder({clusters, 0}, repetitions, seed + 1);
                      return std::vector{
                          Of("position bias", rates.bias),
                          Of("position bias found where there is none", none.false_bias, Promise::kAtMost, 0.05),
                          Of("preference, both orders", rates.preference),
                          Of("consistency over orders", rates.consistency),
                          Of("consistency beyond chance", rates.beyond_chance)};
                    }});
  }
}

void AddLabels(std::vector<Job>& jobs) {
  for (const std::vector<int>& clusters : {Equal(10, 10), Equal(30, 10), Equal(100, 1)}) {
    jobs.push_back({SizesText(clusters) + ", 3 classes", 3000, [clusters](int repetitions, uint64_t seed) {
                      return std::vector{Of("macro F1", SimulateMacroF1({clusters}, repetitions, seed))};
                    }});
    jobs.push_back({SizesText(clusters), 3000, [clusters](int repetitions, uint64_t seed) {
                      return std::vector{Of("AUROC", SimulateAuroc({clusters}, repetitions, seed))};
                    }});
  }
  for (const double away : {0.0, 0.1}) {
    for (const int personas : {20, 100}) {
      const std::string shape = std::to_string(personas) + " personas, " + (away > 0 ? "0.1 away" : "equal");
      jobs.push_back({shape, 2000, [=](int repetitions, uint64_t seed) {
                        const DistanceRates rates = SimulateDistances(personas, away, repetitions, seed);
                        return std::vector{Of("total variation", rates.total_variation, Promise::kAtLeast),
                                           Of("ordered earth mover's distance", rates.emd, Promise::kAtLeast)};
                      }});
    }
  }
}

void AddStudies(std::vector<Job>& jobs) {
  for (const int tasks : {12, 20, 40}) {
    jobs.push_back(
        {"pilot of " + std::to_string(tasks) + " tasks × 2 epochs", 5000, [tasks](int repetitions, uint64_t seed) {
           return std::vector{Of("planned tasks are enough", SimulatePlans({tasks}, 0.05, repetitions, seed),
                                 Promise::kAtLeast, 0.80)};
         }});
  }
  for (const std::vector<int>& clusters : {Equal(5, 8), Equal(20, 2)}) {
    jobs.push_back({SizesText(clusters) + ", 2 × 2 cells", 2000, [clusters](int repetitions, uint64_t seed) {
                      const FactorRates rates = SimulateFactors(clusters, 0.1, repetitions, seed);
                      return std::vector{Of("effect of a factor", rates.covered),
                                         Of("any false effect, Holm", rates.any_false, Promise::kAtMost, 0.05)};
                    }});
    jobs.push_back({SizesText(clusters) + ", 5 positions", 2000, [clusters](int repetitions, uint64_t seed) {
                      return std::vector{Of("slope of a series", SimulateSlope(clusters, 0.02, repetitions, seed))};
                    }});
  }
}

std::string Percent(double share) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", 100 * share);
  return text;
}

std::string NominalText(const Measured& measured) {
  switch (measured.promise) {
    case Promise::kAtLeast:
      return "≥ " + Percent(measured.nominal);
    case Promise::kAtMost:
      return "≤ " + Percent(measured.nominal);
    default:
      return Percent(measured.nominal);
  }
}

void Main(double share) {
  std::vector<Job> jobs;
  AddMeans(jobs);
  AddPairs(jobs);
  AddJudges(jobs);
  AddProfiles(jobs);
  AddRankings(jobs);
  AddOrders(jobs);
  AddLabels(jobs);
  AddStudies(jobs);
  std::vector<std::vector<Measured>> results(jobs.size());
  std::atomic<size_t> next = 0;
  const auto work = [&] {
    for (size_t job = next++; job < jobs.size(); job = next++) {
      const int repetitions = std::max(20, static_cast<int>(jobs[job].repetitions * share));
      // Far enough apart that no two rows share their random numbers.
      results[job] = jobs[job].run(repetitions, kSeed + 1000 * job);
    }
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) threads.emplace_back(work);
  for (std::thread& thread : threads) thread.join();
  std::puts("| quantity | shape | nominal % | measured % | ± 2 MC SE | repetitions | verdict | said in reports |");
  std::puts("|---|---|---|---|---|---|---|---|");
  for (size_t job = 0; job < jobs.size(); ++job) {
    for (const Measured& measured : results[job]) {
      std::printf("| %s | %s | %s | %s | %s | %lld | %s | %s |\n", measured.quantity.c_str(), jobs[job].shape.c_str(),
                  NominalText(measured).c_str(), Percent(measured.share).c_str(), Percent(2 * measured.error).c_str(),
                  static_cast<long long>(measured.of), Verdict(measured).c_str(), measured.said.c_str());
    }
  }
}

}  // namespace
}  // namespace axiometer

int main(int argc, char** argv) { axiometer::Main(argc > 1 ? std::atof(argv[1]) : 1); }
