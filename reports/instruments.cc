#include "reports/instruments.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "reports/plain_text.h"
#include "reports/stats/judge_ensemble.h"
#include "reports/stats/length_slope.h"
#include "reports/stats/paired_difference.h"
#include "reports/task_scores.h"

namespace axiometer {
namespace {

constexpr int kCategories = 3;  // 0, 1 and 2 points
constexpr double kMostPoints = 2;

using RatingList = std::vector<const ItemRating*>;
using ItemPlace = std::pair<int, int>;  // sample, item

ItemPlace PlaceOf(const ItemRating& rating) { return {rating.sample, rating.item}; }

// What stands beside each other of one item.
using RatedTogether = std::vector<RatingList>;

// Items of both, which are sorted.
void AddCommon(const RatingList& first, const RatingList& second, RatedTogether& out) {
  auto other = second.begin();
  for (const ItemRating* rating : first) {
    while (other != second.end() && PlaceOf(**other) < PlaceOf(*rating)) ++other;
    if (other == second.end()) return;
    if (PlaceOf(**other) == PlaceOf(*rating)) out.push_back({rating, *other});
  }
}

double Spread(const RatingList& item) {
  std::vector<double> scores;
  for (const ItemRating* rating : item) scores.push_back(rating->score / kMostPoints);
  return JoinVerdicts(scores).disagreement.value_or(0);
}

// Rater numbers are places within each item's list unless `rater_of` says otherwise.
void Describe(const RunData& run, const RatedTogether& items,
              int (*rater_of)(const ItemRating& rating, size_t place), JudgePairing& out) {
  std::vector<Rating> ratings;
  std::vector<Observation> spreads;
  std::set<int> samples;
  for (const RatingList& item : items) {
    const int number = static_cast<int>(&item - items.data());
    const int cluster = run.samples[item.front()->sample].task;
    for (size_t i = 0; i < item.size(); ++i) {
      ratings.push_back({cluster, number, rater_of(*item[i], i), item[i]->score});
    }
    spreads.push_back({Spread(item), cluster, 0});
    samples.insert(item.front()->sample);
  }
  out.samples = static_cast<int64_t>(samples.size());
  out.check = CheckInstrument(ratings, kCategories);
  out.disagreement = MeanInterval(spreads);
}

// The first of each two less the second, in shares of the items' weighted points; by task, epochs
// averaged.
std::map<int, double> DifferenceByTask(const RunData& run, const RatedTogether& pairs) {
  struct Sum {
    double difference = 0;
    double weight = 0;
  };
  std::map<int, Sum> samples;
  for (const RatingList& pair : pairs) {
    Sum& sum = samples[pair[0]->sample];
    sum.difference += pair[0]->weight * (pair[0]->score - pair[1]->score) / kMostPoints;
    sum.weight += pair[0]->weight;
  }
  std::map<int, std::pair<double, int>> tasks;
  for (const auto& [sample, sum] : samples) {
    if (!(sum.weight > 0)) continue;
    auto& [total, epochs] = tasks[run.samples[sample].task];
    total += sum.difference / sum.weight;
    ++epochs;
  }
  std::map<int, double> out;
  for (const auto& [task, sum] : tasks) out[task] = sum.first / sum.second;
  return out;
}

Estimate SeverityOf(const RunData& run, const RatedTogether& pairs) {
  std::vector<PairedRow> rows;
  for (const auto& [task, difference] : DifferenceByTask(run, pairs)) {
    rows.push_back({difference, task});
  }
  return ComparePaired(rows).estimate;
}

// What repeats alone show.
std::string RepeatStamp(const InstrumentCheck& check) {
  // Has no interval, and needs none to be said.
  if (check.alpha.value && *check.alpha.value >= 1) return "repeated every score";
  switch (check.fitness) {
    case JudgeFitness::kFit:
      return "repeats itself";
    case JudgeFitness::kUnfit:
      return "does not repeat itself";
    case JudgeFitness::kNotShownFit:
      break;
  }
  const size_t colon = check.stamp.find(": ");
  return "not shown to repeat itself" +
         (colon == std::string::npos ? "" : check.stamp.substr(colon));
}

int ByPlace(const ItemRating&, size_t place) { return static_cast<int>(place); }
int ByRepeat(const ItemRating& rating, size_t) { return rating.repeat; }
int ByPerson(const ItemRating& rating, size_t) { return rating.person(); }

// What people gave a sample's items, on average over those who gave anything.
class PeoplesPoints {
 public:
  PeoplesPoints(const RunData& run, bool random_only) {
    for (const ItemRating& rating : run.ratings) {
      if (!rating.by_person()) {
        // What a check decided stands, whoever judged; people need not say it again.
        if (rating.repeat == 0) all_[rating.sample].insert({rating.item, &rating});
      } else if (rating.at_random || !random_only) {
        Given& given = given_[PlaceOf(rating)];
        given.points += rating.score;
        given.people += 1;
        labelled_.insert(rating.sample);
      }
    }
  }

  bool any() const { return !given_.empty(); }

  // The share of a pole's points; absent unless every item has a score.
  std::optional<double> Share(int sample, char pole) const {
    if (!labelled_.contains(sample)) return std::nullopt;
    const auto items = all_.find(sample);
    if (items == all_.end()) return std::nullopt;
    double points = 0;
    double most = 0;
    for (const auto& [item, rating] : items->second) {
      if (rating->pole != pole) continue;
      const auto given = given_.find({sample, item});
      if (given == given_.end() && !rating->mechanical) return std::nullopt;
      points +=
          rating->weight *
          (given == given_.end() ? rating->score : given->second.points / given->second.people);
      most += rating->weight * kMostPoints;
    }
    if (!(most > 0)) return std::nullopt;
    return points / most;
  }

 private:
  struct Given {
    double points = 0;
    double people = 0;
  };
  std::map<int, std::map<int, const ItemRating*>> all_;  // by sample and item
  std::map<ItemPlace, Given> given_;
  std::set<int> labelled_;
};

using DimensionKey = std::pair<std::string, std::string>;  // value system, dimension

class InstrumentExam {
 public:
  explicit InstrumentExam(const RunData& run) : run_(run), clusters_(ClustersByTask(run)) {
    judges_.resize(run.judges.size());
    repeats_.resize(run.judges.size());
    people_.resize(run.people.size());
    for (const ItemRating& rating : run.ratings) {
      if (rating.mechanical) continue;
      if (rating.by_person()) {
        people_[rating.person()].push_back(&rating);
        everyone_.push_back(&rating);
      } else {
        repeats_[rating.rater].push_back(&rating);
        if (rating.repeat == 0) judges_[rating.rater].push_back(&rating);
      }
      out_.at_random = out_.at_random || rating.at_random;
    }
    const auto in_order = [](const ItemRating* x, const ItemRating* y) {
      return std::tuple(PlaceOf(*x), x->rater, x->repeat) <
             std::tuple(PlaceOf(*y), y->rater, y->repeat);
    };
    for (auto* lists : {&judges_, &repeats_, &people_}) {
      for (RatingList& list : *lists) std::sort(list.begin(), list.end(), in_order);
    }
    std::sort(everyone_.begin(), everyone_.end(), in_order);
  }

  // Of one judge beside people alone.
  JudgeStanding Standing(int judge) {
    AddPeople(static_cast<size_t>(judge));
    return out_.pairings.empty() ? JudgeStanding() : StandingOf(out_.pairings.front());
  }

  Instruments Examine() {
    out_.people = run_.people;
    for (size_t judge = 0; judge < judges_.size(); ++judge) {
      if (!repeats_[judge].empty()) out_.judges.push_back(run_.judges[judge]);
    }
    for (size_t judge = 0; judge < judges_.size(); ++judge) {
      AddRepeats(judge);
      AddPeople(judge);
      for (size_t other = judge + 1; other < judges_.size(); ++other) AddOther(judge, other);
    }
    AddPeopleAmongThemselves();
    AddSeverities();
    AddCorrected();
    AddEnsemble();
    return std::move(out_);
  }

 private:
  // Items that occur twice or more, from a sorted list.
  static RatedTogether Several(const RatingList& list) {
    RatedTogether items;
    for (size_t i = 0; i < list.size();) {
      size_t end = i + 1;
      while (end < list.size() && PlaceOf(*list[end]) == PlaceOf(*list[i])) ++end;
      if (end - i > 1) items.emplace_back(list.begin() + i, list.begin() + end);
      i = end;
    }
    return items;
  }

  JudgePairing& Add(const std::string& judge, const std::string& with, const RatedTogether& items,
                    int (*rater_of)(const ItemRating&, size_t)) {
    JudgePairing& pairing = out_.pairings.emplace_back();
    pairing.judge = judge;
    pairing.with = with;
    Describe(run_, items, rater_of, pairing);
    pairing.severity.reason = "the same raters on both sides";
    pairing.length_slope.reason = "not beside people";
    return pairing;
  }

  void AddRepeats(size_t judge) {
    const RatedTogether items = Several(repeats_[judge]);
    if (items.empty()) return;
    JudgePairing& pairing = Add(run_.judges[judge], kWithItself, items, ByRepeat);
    pairing.stamp = RepeatStamp(pairing.check);
  }

  void AddPeople(size_t judge) {
    RatedTogether items;
    for (const RatingList& person : people_) AddCommon(judges_[judge], person, items);
    if (items.empty()) return;
    JudgePairing& pairing = Add(run_.judges[judge], kWithPeople, items, ByPlace);
    pairing.severity = SeverityOf(run_, items);
    std::vector<LengthRow> rows;
    for (const RatingList& pair : items) {
      const SampleFacts& sample = run_.samples[pair[0]->sample];
      rows.push_back({sample.task, (pair[0]->score - pair[1]->score) / kMostPoints, static_cast<double>(sample.text_bytes)});
    }
    pairing.length_slope = SlopeOnLength(rows);
    pairing.stamp = pairing.check.stamp;
  }

  void AddOther(size_t judge, size_t other) {
    RatedTogether items;
    AddCommon(judges_[judge], judges_[other], items);
    if (items.empty()) return;
    JudgePairing& pairing = Add(run_.judges[judge], run_.judges[other], items, ByPlace);
    pairing.severity = SeverityOf(run_, items);
  }

  void AddPeopleAmongThemselves() {
    const RatedTogether items = Several(everyone_);
    if (!items.empty()) Add(kWithPeople, kWithItself, items, ByPerson);
  }

  void AddSeverities() {
    std::vector<std::pair<std::string, const RatingList*>> raters;
    for (size_t i = 0; i < judges_.size(); ++i) raters.emplace_back(run_.judges[i], &judges_[i]);
    for (size_t i = 0; i < people_.size(); ++i) raters.emplace_back(run_.people[i], &people_[i]);
    std::erase_if(raters, [](const auto& rater) { return rater.second->empty(); });
    if (raters.size() < 3) return;
    std::map<ItemPlace, int> items;
    std::vector<RaterScore> scores;
    for (size_t rater = 0; rater < raters.size(); ++rater) {
      for (const ItemRating* rating : *raters[rater].second) {
        const int item =
            items.emplace(PlaceOf(*rating), static_cast<int>(items.size())).first->second;
        scores.push_back({run_.samples[rating->sample].task, item, static_cast<int>(rater),
                          rating->score / kMostPoints});
      }
    }
    for (RaterSeverity& fit : RaterSeverities(scores)) {
      out_.severities.push_back({raters[fit.rater].first, std::move(fit)});
    }
  }

  void AddCorrected() {
    if (people_.empty()) return;
    const PeoplesPoints people(run_, out_.at_random);
    if (!people.any()) return;
    for (size_t judge = 0; judge < judges_.size(); ++judge) {
      std::map<DimensionKey, std::vector<JudgedItem>> dimensions;
      for (size_t i = 0; i < run_.samples.size(); ++i) {
        const SampleFacts& sample = run_.samples[i];
        const TaskFacts& task = run_.tasks[sample.task];
        const JudgedFacts* judged = By(static_cast<int>(judge), sample);
        if (judged == nullptr || !HasShares(*judged) || task.pole_a.empty()) continue;
        for (const char pole : {'a', 'b'}) {
          const std::optional<double> share = people.Share(static_cast<int>(i), pole);
          const std::string& dimension = pole == 'a' ? task.pole_a : task.pole_b;
          dimensions[{task.value_system, dimension}].push_back(
              {pole == 'a' ? *judged->a : *judged->b, share.value_or(0), share.has_value(),
               clusters_[sample.task]});
        }
      }
      for (const auto& [key, items] : dimensions) AddCorrected(judge, key, items);
    }
  }

  void AddCorrected(size_t judge, const DimensionKey& key, const std::vector<JudgedItem>& items) {
    const bool labelled = std::any_of(items.begin(), items.end(),
                                      [](const JudgedItem& item) { return item.labelled; });
    if (!labelled) return;
    CorrectedDimension corrected;
    corrected.judge = run_.judges[judge];
    std::tie(corrected.value_system, corrected.dimension) = key;
    std::vector<Observation> rows;
    for (const JudgedItem& item : items) rows.push_back({item.judge, item.cluster, 0});
    corrected.judged = MeanInterval(rows);
    corrected.mean = CorrectMean(items, out_.at_random);
    out_.corrected.push_back(std::move(corrected));
  }

  void AddEnsemble() {
    std::vector<int> judges;
    RatingList ratings;
    for (size_t i = 0; i < judges_.size(); ++i) {
      if (judges_[i].empty()) continue;
      judges.push_back(static_cast<int>(i));
      ratings.insert(ratings.end(), judges_[i].begin(), judges_[i].end());
    }
    if (judges.size() < 2) return;
    std::sort(ratings.begin(), ratings.end(),
              [](const ItemRating* x, const ItemRating* y) { return PlaceOf(*x) < PlaceOf(*y); });
    std::vector<Observation> spreads;
    for (const RatingList& item : Several(ratings)) {
      spreads.push_back({Spread(item), run_.samples[item.front()->sample].task, 0});
    }
    out_.disagreement = MeanInterval(spreads);
    AddEnsembleMeans(judges);
  }

  void AddEnsembleMeans(const std::vector<int>& judges) {
    struct Sums {
      std::map<int, std::pair<double, int>> tasks;
      int64_t scored = 0;
      int64_t unscored = 0;
    };
    std::map<DimensionKey, Sums> dimensions;
    for (const SampleFacts& sample : run_.samples) {
      const TaskFacts& task = run_.tasks[sample.task];
      if (task.pole_a.empty() || task.pole_b.empty()) continue;
      std::vector<double> a;
      std::vector<double> b;
      for (const int judge : judges) {
        const JudgedFacts* judged = By(judge, sample);
        if (judged == nullptr || !HasShares(*judged)) continue;
        a.push_back(*judged->a);
        b.push_back(*judged->b);
      }
      for (const auto& [dimension, scores] : {std::pair(&task.pole_a, &a), {&task.pole_b, &b}}) {
        Sums& sums = dimensions[{task.value_system, *dimension}];
        if (scores->size() < judges.size()) {
          ++sums.unscored;
          continue;
        }
        ++sums.scored;
        auto& [total, epochs] = sums.tasks[sample.task];
        total += *JoinVerdicts(*scores).mean;
        ++epochs;
      }
    }
    for (const auto& [key, sums] : dimensions) {
      EnsembleDimension dimension;
      std::tie(dimension.value_system, dimension.dimension) = key;
      dimension.scored = sums.scored;
      dimension.unscored = sums.unscored;
      std::vector<Observation> rows;
      for (const auto& [task, sum] : sums.tasks) {
        rows.push_back({sum.first / sum.second, clusters_[task], 0});
      }
      dimension.mean = MeanInterval(rows);
      out_.ensemble.push_back(std::move(dimension));
    }
  }

  const RunData& run_;
  const std::vector<int> clusters_;
  std::vector<RatingList> judges_;   // the latest judgements
  std::vector<RatingList> repeats_;  // all
  std::vector<RatingList> people_;
  RatingList everyone_;  // all people
  Instruments out_;
};

std::vector<ProbeResult> ProbesOf(const RunData& run) {
  struct Sums {
    double points = 0;
    double lean = 0;
    int count = 0;
    double obeyed = 0;
    int tempted = 0;
  };
  std::map<std::pair<int, JudgeProbe>, std::pair<ProbeResult, std::map<int, Sums>>> found;
  for (const ProbedSample& probed : run.probed) {
    auto& [result, tasks] = found[{probed.judge, probed.probe}];
    result.judge = run.judges[probed.judge];
    result.probe = probed.probe;
    ++result.samples;
    result.items += probed.items;
    result.changed += probed.changed;
    Sums& task = tasks[run.samples[probed.sample].task];
    task.points += (probed.a + probed.b) / 2;
    task.lean += (probed.a - probed.b) / 2;
    ++task.count;
    task.tempted += probed.tempted;
    task.obeyed += probed.obeyed;
    result.tempted += probed.tempted;
    result.obeyed += probed.obeyed;
  }
  std::vector<ProbeResult> out;
  for (auto& [key, value] : found) {
    auto& [result, tasks] = value;
    std::vector<PairedRow> points;
    std::vector<PairedRow> lean;
    std::vector<Observation> obedience;
    ScoreScale scale = ScoreScale::kBinary;
    for (const auto& [task, sums] : tasks) {
      if (sums.tempted > 0) obedience.push_back({sums.obeyed / sums.tempted, task, 0});
      if (sums.tempted > 1) scale = ScoreScale::kGraded;
      points.push_back({sums.points / sums.count, task});
      lean.push_back({sums.lean / sums.count, task});
    }
    PairedOptions options;
    options.margin = kProbeMargin;
    result.points = ComparePaired(points, options);
    result.lean = ComparePaired(lean, options);
    result.obedience = MeanInterval(obedience, scale);
    out.push_back(std::move(result));
  }
  return out;
}

}  // namespace

Instruments ExamineInstruments(const RunData& run) {
  Instruments out;
  if (!run.ratings.empty()) out = InstrumentExam(run).Examine();
  out.probes = ProbesOf(run);
  return out;
}

JudgeStanding StandingOf(const JudgePairing& beside_people) {
  JudgeStanding out;
  out.fitness = beside_people.stamp;
  out.unfit = beside_people.check.fitness == JudgeFitness::kUnfit;
  if (out.unfit) out.fitness += ": " + AlphaText(beside_people.check);
  return out;
}

JudgeStanding StandingOf(const RunData& run, int judge) {
  return judge < 0 || run.people.empty() ? JudgeStanding() : InstrumentExam(run).Standing(judge);
}

std::map<int, double> SeverityByTask(const RunData& run, int judge) {
  if (judge < 0) return {};
  RatingList judged;
  std::map<int, RatingList> people;
  for (const ItemRating& rating : run.ratings) {
    if (rating.mechanical) continue;
    if (rating.by_person()) people[rating.person()].push_back(&rating);
    if (rating.rater == judge && rating.repeat == 0) judged.push_back(&rating);
  }
  const auto in_order = [](const ItemRating* x, const ItemRating* y) {
    return PlaceOf(*x) < PlaceOf(*y);
  };
  std::sort(judged.begin(), judged.end(), in_order);
  RatedTogether pairs;
  for (auto& [person, list] : people) {
    std::sort(list.begin(), list.end(), in_order);
    AddCommon(judged, list, pairs);
  }
  return DifferenceByTask(run, pairs);
}

Estimate SeverityDifference(const std::map<int, double>& first, const std::map<int, double>& second,
                            const std::vector<std::pair<int, int>>& pairs) {
  std::vector<PairedRow> rows;
  for (const auto& [one, other] : pairs) {
    const auto x = first.find(one);
    const auto y = second.find(other);
    // Halved: a paired difference lies between -1 and 1.
    if (x != first.end() && y != second.end()) rows.push_back({(y->second - x->second) / 2, one});
  }
  Estimate out = ComparePaired(rows).estimate;
  if (rows.empty()) out.reason = "no task that people judged in both runs";
  if (out.value) *out.value *= 2;
  if (out.interval) {
    out.interval->low *= 2;
    out.interval->high *= 2;
  }
  return out;
}

std::string AlphaText(const InstrumentCheck& check) {
  if (!check.alpha.value) return "alpha undefined (" + check.alpha.reason + ")";
  std::string text = "alpha " + Fixed(*check.alpha.value, 2);
  if (!check.alpha.interval) return text + " (" + check.alpha.reason + ")";
  return text + " [" + Fixed(check.alpha.interval->low, 2) + ", " +
         Fixed(check.alpha.interval->high, 2) + "]";
}

}  // namespace axiometer
