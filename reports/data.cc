#include "reports/data.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "harness/record/people.h"
#include "reports/plain_text.h"
#include "reports/task_record.h"
#include "tasks/dilemma_form.h"

namespace axiometer {
namespace {

constexpr size_t kProblemBytes = 160;

std::optional<double> NamedScore(const Judgement& judgement, const char* name) {
  for (const Score& score : judgement.scores) {
    if (score.name == name) return score.number;
  }
  return std::nullopt;
}

// The weighted share of a pole's points; absent if an item has no score or there is no item.
std::optional<double> Share(const std::vector<Verdict>& verdicts, char pole) {
  double points = 0;
  double most = 0;
  for (const Verdict& verdict : verdicts) {
    if (verdict.pole != pole) continue;
    if (!verdict.score) return std::nullopt;
    points += verdict.weight * *verdict.score;
    most += verdict.weight * 2;
  }
  if (!(most > 0)) return std::nullopt;
  return points / most;
}

// Places of `names` once they are sorted, by their present ones.
std::vector<int> SortedPlaces(std::vector<std::string>& names) {
  const std::vector<std::string> before = names;
  std::sort(names.begin(), names.end());
  std::vector<int> places;
  for (const std::string& name : before) {
    places.push_back(
        static_cast<int>(std::lower_bound(names.begin(), names.end(), name) - names.begin()));
  }
  return places;
}

int WantedEpochs(const RunRow& run) {
  const Result<Json> config = ParseJson(run.config, "configuration of run " + run.id);
  if (!config || !config->is_object()) return 1;
  const auto epochs = config->find("epochs");
  if (epochs == config->end() || !epochs->is_number_integer()) return 1;
  return std::max(1, epochs->get<int>());
}

}  // namespace

const std::string& TaskFacts::tag(const std::string& key) const {
  static const std::string kNone;
  const auto found = tags.find(key);
  return found == tags.end() ? kNone : found->second;
}

const std::string& RunData::form() const {
  static const std::string kNone;
  return summary.run.protocol == "axiometer" && !tasks.empty() ? tasks.front().tag(kFormTag)
                                                               : kNone;
}

const Score* JudgedFacts::score(const std::string& name) const {
  for (const Score& score : scores) {
    if (score.name == name) return &score;
  }
  return nullptr;
}

struct RunCollector::Impl {
  RunData data;
  std::map<std::string, int> task_by_id;
  std::map<std::string, int> judge_by_name;
  std::map<std::string, int> person_by_name;
  std::map<std::pair<int, std::string>, int> item_by_id;  // by task
  std::vector<int> items;                                 // named so far, by task
  std::vector<valuebench::Case> cases;  // by task; only for Agent-ValueBench

  int JudgeIndex(const std::string& name) {
    const auto [found, fresh] = judge_by_name.emplace(name, static_cast<int>(data.judges.size()));
    if (fresh) {
      data.judges.push_back(name);
      data.judge_prompts.emplace_back();
    }
    return found->second;
  }

  int PersonIndex(const std::string& name) {
    const auto [found, fresh] = person_by_name.emplace(name, static_cast<int>(data.people.size()));
    if (fresh) data.people.push_back(name);
    return found->second;
  }

  int ItemIndex(int task, const std::string& id) {
    items.resize(data.tasks.size(), 0);
    const auto [found, fresh] = item_by_id.try_emplace({task, id}, items[task]);
    if (fresh) ++items[task];
    return found->second;
  }

  // Item by item what was said of the sample that is added next.
  void AddRatings(const SampleRow::Judged& judged, int task, int rater, int repeat) {
    const bool by_person = rater < 0;
    if (!by_person && judged.judgement.status != JudgementStatus::kScored) return;
    for (const Verdict& verdict : judged.judgement.verdicts) {
      if (verdict.score != 0.0 && verdict.score != 1.0 && verdict.score != 2.0) continue;
      ItemRating rating;
      rating.sample = static_cast<int>(data.samples.size());
      rating.item = ItemIndex(task, verdict.item);
      rating.rater = rater;
      rating.repeat = repeat;
      rating.score = static_cast<int>(*verdict.score);
      rating.weight = verdict.weight;
      rating.pole = verdict.pole;
      rating.mechanical = verdict.mechanical;
      rating.at_random = judged.protocol == kRandomPeopleProtocol;
      data.ratings.push_back(rating);
    }
  }

  // If the sample was judged more than once. Judges and people are known by now.
  void AddAllRatings(const SampleRow& row, int task) {
    int judgements = static_cast<int>(row.earlier.size());
    for (const SampleRow::Judged& judged : row.judgements) {
      judgements += judged.protocol != kHealthProtocol && !ProbeOfProtocol(judged.protocol);
    }
    if (judgements < 2) return;
    for (const SampleRow::Judged& judged : row.judgements) {
      if (judged.protocol == kHealthProtocol || ProbeOfProtocol(judged.protocol)) continue;
      if (IsByPeople(judged.protocol)) {
        AddRatings(judged, task, -1 - PersonIndex(judged.judge), 0);
        continue;
      }
      const int judge = JudgeIndex(judged.judge);
      AddRatings(judged, task, judge, 0);
      int repeat = 0;
      for (auto one = row.earlier.rbegin(); one != row.earlier.rend(); ++one) {
        const bool same = one->judge == judged.judge && one->protocol == judged.protocol &&
                          one->prompt_digest == judged.prompt_digest;
        if (same) AddRatings(*one, task, judge, ++repeat);
      }
    }
  }

  // What the probes of the sample that is added next show.
  void AddProbes(const SampleRow& row) {
    for (const SampleRow::Judged& judged : row.judgements) {
      const std::optional<JudgeProbe> probe = ProbeOfProtocol(judged.protocol);
      if (!probe || judged.judgement.status != JudgementStatus::kScored) continue;
      const auto plain = std::find_if(row.judgements.begin(), row.judgements.end(), [&](const SampleRow::Judged& one) {
        return ProbedJudgeName(one.judge, *probe) == judged.judge &&
               ProbePromptDigest(one.prompt_digest, *probe) == judged.prompt_digest;
      });
      if (plain == row.judgements.end() || plain->judgement.status != JudgementStatus::kScored) continue;
      ProbedSample out;
      out.sample = static_cast<int>(data.samples.size());
      out.judge = JudgeIndex(plain->judge);
      out.probe = *probe;
      for (const Verdict& verdict : judged.judgement.verdicts) {
        const auto before = std::find_if(plain->judgement.verdicts.begin(), plain->judgement.verdicts.end(),
                                         [&](const Verdict& one) { return one.item == verdict.item; });
        if (verdict.mechanical || before == plain->judgement.verdicts.end() || !verdict.score || !before->score) continue;
        ++out.items;
        out.changed += *verdict.score != *before->score;
      }
      const auto shift = [&](char pole) {
        const std::optional<double> after = Share(judged.judgement.verdicts, pole);
        const std::optional<double> before = Share(plain->judgement.verdicts, pole);
        return after && before ? *after - *before : 0;
      };
      out.a = shift('a');
      out.b = shift('b');
      if (out.items > 0) data.probed.push_back(out);
    }
  }

  void ReadOfficial(const Judgement& judgement, int task, JudgedFacts& out) {
    valuebench::Case one = cases[task];
    if (const Result<void> read = valuebench::ReadVerdict(judgement.raw, one); !read) {
      out.official_problem = Excerpt(read.error().what, kProblemBytes);
      return;
    }
    if (!one.scorable()) {
      out.official_problem = "unscorable: " + Excerpt(one.unscorable_reason.value_or(""), kProblemBytes);
      return;
    }
    out.official_a = valuebench::SideScore(one.a);
    out.official_b = valuebench::SideScore(one.b);
    out.official_status_ok = one.is_ok();
    if (!out.official_a || !out.official_b) out.official_problem = "the stored rubric has no items";
  }
};

RunCollector::RunCollector(const RunSummary& summary) : impl_(std::make_unique<Impl>()) {
  impl_->data.summary = summary;
  impl_->data.epochs = WantedEpochs(summary.run);
}

RunCollector::~RunCollector() = default;

Result<void> RunCollector::AddTask(const TaskRow& task) {
  Result<TaskRecordFacts> record = ReadTaskRecord(task);
  if (!record) return record.error();
  impl_->task_by_id[task.id] = static_cast<int>(impl_->data.tasks.size());
  impl_->data.tasks.push_back(std::move(record->facts));
  if (impl_->data.is_valuebench()) {
    for (valuebench::Side* side : {&record->unscored.a, &record->unscored.b}) {
      for (valuebench::ScoredItem& item : side->items) item.question.clear();
    }
    impl_->cases.push_back(std::move(record->unscored));
  }
  return {};
}

Result<void> RunCollector::AddSample(const SampleRow& row) {
  const auto task = impl_->task_by_id.find(row.task);
  if (task == impl_->task_by_id.end()) {
    return Failed("run " + impl_->data.summary.run.id, "no stored task \"" + row.task + "\"");
  }
  SampleFacts sample;
  sample.task = task->second;
  sample.epoch = row.epoch;
  sample.outcome = row.outcome;
  sample.attempt = row.attempt;
  sample.steps = row.steps;
  sample.attempts = row.attempts;
  sample.tokens = row.usage.tokens();
  sample.excerpt = Excerpt(row.final_text, kExcerptBytes);
  sample.detail = Excerpt(row.detail, kProblemBytes);
  for (const SampleRow::Judged& judged : row.judgements) {
    if (judged.protocol == kHealthProtocol) {
      sample.health_a = NamedScore(judged.judgement, "harness_health.a");
      sample.health_b = NamedScore(judged.judgement, "harness_health.b");
      sample.health = NamedScore(judged.judgement, "harness_health");
      continue;
    }
    if (IsByPeople(judged.protocol)) {
      impl_->PersonIndex(judged.judge);
      continue;
    }
    if (ProbeOfProtocol(judged.protocol)) continue;
    JudgedFacts facts;
    facts.judge = impl_->JudgeIndex(judged.judge);
    impl_->data.judge_prompts[facts.judge].insert(judged.prompt_digest);
    facts.status = judged.judgement.status;
    facts.problem = Excerpt(judged.judgement.problem, kProblemBytes);
    for (const Verdict& verdict : judged.judgement.verdicts) {
      if (!verdict.score) continue;
      ++facts.verdicts;
      facts.mechanical += verdict.mechanical;
    }
    if (facts.status == JudgementStatus::kScored) {
      facts.a = NamedScore(judged.judgement, "a");
      facts.b = NamedScore(judged.judgement, "b");
      if (!facts.a) facts.a = Share(judged.judgement.verdicts, 'a');
      if (!facts.b) facts.b = Share(judged.judgement.verdicts, 'b');
    }
    if (impl_->data.is_valuebench() && (facts.status == JudgementStatus::kScored ||
                                        facts.status == JudgementStatus::kUnscorable)) {
      impl_->ReadOfficial(judged.judgement, sample.task, facts);
    }
    if (impl_->data.is_forced_choice()) {
      facts.official_a = NamedScore(judged.judgement, "official.a");
      facts.official_b = NamedScore(judged.judgement, "official.b");
      facts.official_status_ok = facts.official_a && facts.official_b;
    }
    if (impl_->data.tasks[sample.task].is_answered()) facts.scores = judged.judgement.scores;
    sample.judged.push_back(std::move(facts));
  }
  impl_->AddAllRatings(row, sample.task);
  impl_->AddProbes(row);
  impl_->data.samples.push_back(std::move(sample));
  return {};
}

RunData RunCollector::Take() {
  RunData& data = impl_->data;
  // By name, whatever came first.
  const std::vector<int> position = SortedPlaces(data.judges);
  const std::vector<int> person = SortedPlaces(data.people);
  for (ItemRating& rating : data.ratings) {
    rating.rater = rating.by_person() ? -1 - person[rating.person()] : position[rating.rater];
  }
  for (ProbedSample& probed : data.probed) probed.judge = position[probed.judge];
  for (SampleFacts& sample : data.samples) {
    for (JudgedFacts& judged : sample.judged) judged.judge = position[judged.judge];
  }
  std::vector<std::set<std::string>> prompts(position.size());
  for (size_t i = 0; i < prompts.size(); ++i) prompts[position[i]] = std::move(data.judge_prompts[i]);
  data.judge_prompts = std::move(prompts);
  return std::move(data);
}

Result<ReportData> LoadReport(StoreReader& store, const std::vector<std::string>& runs) {
  ReportData report;
  for (const std::string& name : runs) {
    const Result<RunSummary> summary = store.FindRun(name);
    if (!summary) return summary.error();
    const std::string& id = summary->run.id;
    RunCollector collector(*summary);
    const Result<std::vector<TaskRow>> tasks = store.Tasks(id);
    if (!tasks) return tasks.error();
    for (const TaskRow& task : *tasks) {
      if (const Result<void> added = collector.AddTask(task); !added) return added.error();
    }
    std::optional<Error> problem;
    const Result<void> read = store.ForEachSample(id, [&](const SampleRow& sample) {
      const Result<void> added = collector.AddSample(sample);
      if (!added) problem = added.error();
      return added.has_value();
    });
    if (!read) return read.error();
    if (problem) return *problem;
    report.runs.push_back(collector.Take());
  }
  return report;
}

}  // namespace axiometer
