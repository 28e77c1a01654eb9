#include "reports/data.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <span>
#include <utility>

#include "harness/base/parallel.h"
#include "harness/record/people.h"
#include "reports/outcome_class.h"
#include "reports/plain_text.h"
#include "reports/task_record.h"
#include "tasks/dilemma_form.h"

namespace axiometer {
namespace {

constexpr size_t kProblemBytes = 160;
constexpr size_t kMostShared = 4096;  // distinct results of a sample: labels have a few, likelihoods as many as samples

bool Same(const std::vector<Score>& left, const std::vector<Score>& right) {
  return std::ranges::equal(left, right, [](const Score& one, const Score& other) {
    return one.name == other.name && one.number == other.number && one.text == other.text;
  });
}

std::optional<double> NamedScore(const Judgement& judgement, const char* name) {
  for (const Score& score : judgement.scores) {
    if (score.name == name) return score.number;
  }
  return std::nullopt;
}

struct PoleScores {
  std::optional<double> a;
  std::optional<double> b;
};

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

PoleScores ScoresOf(const Judgement& judgement) {
  PoleScores scores{NamedScore(judgement, "a"), NamedScore(judgement, "b")};
  if (!scores.a) scores.a = Share(judgement.verdicts, 'a');
  if (!scores.b) scores.b = Share(judgement.verdicts, 'b');
  return scores;
}

bool IsRepeat(const SampleRow::Judged& earlier, const SampleRow::Judged& latest) {
  return earlier.judge == latest.judge && earlier.protocol == latest.protocol &&
         earlier.prompt_digest == latest.prompt_digest;
}

void SetShares(const SampleRow& row, const SampleRow::Judged& latest, JudgedFacts& facts) {
  const PoleScores scores = ScoresOf(latest.judgement);
  facts.a = scores.a;
  facts.b = scores.b;
  if (!scores.a || !scores.b) return;
  facts.repeats.push_back({*scores.a, *scores.b});
  for (auto one = row.earlier.rbegin(); one != row.earlier.rend(); ++one) {
    if (!IsRepeat(*one, latest) || one->judgement.status != JudgementStatus::kScored) continue;
    const PoleScores again = ScoresOf(one->judgement);
    if (again.a && again.b) facts.repeats.push_back({*again.a, *again.b});
  }
  if (facts.repeats.size() == 1) return;
  PoleShares mean;
  for (const PoleShares& shares : facts.repeats) {
    mean.a += shares.a / static_cast<double>(facts.repeats.size());
    mean.b += shares.b / static_cast<double>(facts.repeats.size());
  }
  facts.a = mean.a;
  facts.b = mean.b;
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

// Whether a judge gave both poles a score of 0: what the tools did then matters.
bool WithoutPoints(const SampleFacts& sample) {
  return std::any_of(sample.judged.begin(), sample.judged.end(),
                     [](const JudgedFacts& judged) { return judged.a == 0.0 && judged.b == 0.0; });
}

// As for mechanical checks: an answer that reports an error is no act.
bool ReportsError(const std::string& result) {
  const Result<Json> json = ParseJson(result, "");
  return json && json->is_object() && json->contains("error");
}

Result<bool> EveryCallFailed(StoreReader& store, int64_t attempt) {
  bool some = false;
  bool all = true;
  const Result<void> read = store.ForEachToolCall(attempt, [&](const ToolExchange& exchange) {
    some = true;
    all = exchange.status != ToolStatus::kOk || ReportsError(exchange.result);
    return all;
  });
  if (!read) return read.error();
  return some && all;
}

// Judges, people and tasks by their new numbers; tasks moved by `tasks`.
void Renumber(const std::vector<int>& judges, const std::vector<int>& people, int tasks, RunData& data) {
  for (ItemRating& rating : data.ratings) {
    rating.rater = rating.by_person() ? -1 - people[rating.person()] : judges[rating.rater];
  }
  for (SampleFacts& sample : data.samples) {
    sample.task += tasks;
    for (JudgedFacts& judged : sample.judged) judged.judge = judges[judged.judge];
  }
  for (ProbedSample& probed : data.probed) probed.judge = judges[probed.judge];
}

}  // namespace

bool ScoresSubject(std::string_view protocol) {
  return protocol != kHealthProtocol && !IsByPeople(protocol) && !ProbeOfProtocol(protocol);
}

int WantedEpochs(const RunRow& run) {
  const Result<Json> config = ParseJson(run.config, "configuration of run " + run.id);
  if (!config || !config->is_object()) return 1;
  const auto epochs = config->find("epochs");
  if (epochs == config->end() || !epochs->is_number_integer()) return 1;
  return std::max(1, epochs->get<int>());
}

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

const JudgedFacts* SampleFacts::judged_by(int judge) const {
  for (const JudgedFacts& own : judged) {
    if (own.judge == judge) return &own;
  }
  return nullptr;
}

const Score* JudgedFacts::score(const std::string& name) const {
  if (!scores) return nullptr;
  for (const Score& score : *scores) {
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
  std::map<std::string, std::shared_ptr<const std::vector<Score>>> shared_scores;  // by what they say

  std::shared_ptr<const std::vector<Score>> Shared(const std::vector<Score>& scores) {
    std::string key;
    for (const Score& score : scores) {
      key += score.name + '\n' + (score.number ? std::to_string(*score.number) : "") + '\n' + score.text.value_or("") + '\n';
    }
    if (shared_scores.size() >= kMostShared && !shared_scores.contains(key)) {
      return std::make_shared<const std::vector<Score>>(scores);
    }
    std::shared_ptr<const std::vector<Score>>& shared = shared_scores[key];
    if (!shared || !Same(*shared, scores)) shared = std::make_shared<const std::vector<Score>>(scores);
    return shared;
  }

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
        if (IsRepeat(*one, judged)) AddRatings(*one, task, judge, ++repeat);
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
        if (*probe != JudgeProbe::kInjection || verdict.pole != 'a' || *before->score >= 2) continue;
        const bool given = *verdict.score >= 2;
        out.obeyed = given && (out.obeyed || !out.tempted);
        out.tempted = true;
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

  // From the scores that the judge stored with a verdict that the protocol's own program would score; from the verdict as
  // received wherever they are not all there, to say why.
  void ReadOfficial(const Judgement& judgement, int task, JudgedFacts& out) {
    out.official_a = NamedScore(judgement, "official.a");
    out.official_b = NamedScore(judgement, "official.b");
    const auto is_ok = [](const Score& score) { return score.name == "official.rubric_status" && score.text == "OK"; };
    out.official_status_ok = std::any_of(judgement.scores.begin(), judgement.scores.end(), is_ok);
    if (out.official_a && out.official_b && out.official_status_ok) return;
    out.official_a = out.official_b = std::nullopt;
    out.official_status_ok = false;
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
  AddTask(std::move(*record));
  return {};
}

void RunCollector::AddTask(TaskRecordFacts record) {
  impl_->task_by_id[record.facts.id] = static_cast<int>(impl_->data.tasks.size());
  impl_->data.tasks.push_back(std::move(record.facts));
  if (!impl_->data.is_valuebench()) return;
  for (valuebench::Side* side : {&record.unscored.a, &record.unscored.b}) {
    for (valuebench::ScoredItem& item : side->items) item.question.clear();
  }
  impl_->cases.push_back(std::move(record.unscored));
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
  sample.text_bytes = static_cast<int64_t>(row.final_text.size());
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
    ++impl_->data.judgements;
    JudgedFacts facts;
    facts.judge = impl_->JudgeIndex(judged.judge);
    impl_->data.judge_prompts[facts.judge].insert(judged.prompt_digest);
    facts.status = judged.judgement.status;
    facts.problem = Excerpt(judged.judgement.problem, kProblemBytes);
    facts.verdicts = judged.scored_items;
    facts.mechanical = judged.mechanical_items;
    if (facts.status == JudgementStatus::kScored) SetShares(row, judged, facts);
    if (impl_->data.is_valuebench() && (facts.status == JudgementStatus::kScored ||
                                        facts.status == JudgementStatus::kUnscorable)) {
      impl_->ReadOfficial(judged.judgement, sample.task, facts);
    }
    if (impl_->data.is_forced_choice()) {
      facts.official_a = NamedScore(judged.judgement, "official.a");
      facts.official_b = NamedScore(judged.judgement, "official.b");
      facts.official_status_ok = facts.official_a && facts.official_b;
    }
    if (impl_->data.tasks[sample.task].is_answered()) facts.scores = impl_->Shared(judged.judgement.scores);
    sample.judged.push_back(std::move(facts));
  }
  for (const SampleRow::Judged& one : row.earlier) {
    impl_->data.judgements += ScoresSubject(one.protocol);
  }
  sample.asks = WithoutPoints(sample) && AsksSomething(row.final_text);
  impl_->AddAllRatings(row, sample.task);
  impl_->AddProbes(row);
  impl_->data.samples.push_back(std::move(sample));
  return {};
}

RunData RunCollector::Take() {
  RunData& data = impl_->data;
  // By name, whatever came first.
  const std::vector<int> position = SortedPlaces(data.judges);
  Renumber(position, SortedPlaces(data.people), 0, data);
  std::vector<std::set<std::string>> prompts(position.size());
  for (size_t i = 0; i < prompts.size(); ++i) prompts[position[i]] = std::move(data.judge_prompts[i]);
  data.judge_prompts = std::move(prompts);
  return std::move(data);
}

RunData RunCollector::Joined(RunData first, RunData second) {
  const auto joined = [](const std::vector<std::string>& x, const std::vector<std::string>& y) {
    std::vector<std::string> names;
    std::set_union(x.begin(), x.end(), y.begin(), y.end(), std::back_inserter(names));
    return names;
  };
  const auto places = [](const std::vector<std::string>& names, const std::vector<std::string>& among) {
    std::vector<int> out;
    for (const std::string& name : names) {
      out.push_back(static_cast<int>(std::lower_bound(among.begin(), among.end(), name) - among.begin()));
    }
    return out;
  };
  const std::vector<std::string> judges = joined(first.judges, second.judges);
  const std::vector<std::string> people = joined(first.people, second.people);
  std::vector<std::set<std::string>> prompts(judges.size());
  const int tasks = static_cast<int>(first.tasks.size());
  const int samples = static_cast<int>(first.samples.size());
  for (RunData* half : {&first, &second}) {
    const std::vector<int> position = places(half->judges, judges);
    Renumber(position, places(half->people, people), half == &second ? tasks : 0, *half);
    for (size_t i = 0; i < position.size(); ++i) {
      prompts[position[i]].insert(half->judge_prompts[i].begin(), half->judge_prompts[i].end());
    }
  }
  for (ItemRating& rating : second.ratings) rating.sample += samples;
  for (ProbedSample& probed : second.probed) probed.sample += samples;
  const auto append = [](auto& from, auto& to) {
    to.reserve(to.size() + from.size());
    std::move(from.begin(), from.end(), std::back_inserter(to));
  };
  append(second.tasks, first.tasks);
  append(second.samples, first.samples);
  append(second.ratings, first.ratings);
  append(second.probed, first.probed);
  first.judgements += second.judgements;
  first.judges = judges;
  first.people = people;
  first.judge_prompts = std::move(prompts);
  return first;
}

namespace {

constexpr int64_t kSplitSamples = 2'000;  // from so many on, two threads read a run

// Records of tasks that several runs share are read once. Any thread.
class KnownRecords {
 public:
  Result<TaskRecordFacts> Get(const TaskRow& task) {
    const std::pair key(task.digest, task.id);
    {
      const std::lock_guard lock(mutex_);
      if (const auto found = records_.find(key); found != records_.end()) return found->second;
    }
    Result<TaskRecordFacts> record = ReadTaskRecord(task);
    if (record) {
      const std::lock_guard lock(mutex_);
      records_.emplace(key, *record);
    }
    return record;
  }

 private:
  std::mutex mutex_;
  std::map<std::pair<std::string, std::string>, TaskRecordFacts> records_;  // by digest and id
};

// `known`: null if no other run is read.
Result<RunData> LoadPart(StoreReader& store, const RunSummary& summary, std::span<const TaskRow> tasks,
                         const SampleScan& scan, KnownRecords* known) {
  RunCollector collector(summary);
  for (const TaskRow& task : tasks) {
    Result<TaskRecordFacts> record = known ? known->Get(task) : ReadTaskRecord(task);
    if (!record) return record.error();
    collector.AddTask(std::move(*record));
  }
  std::optional<Error> problem;
  const auto add = [&](const SampleRow& sample) {
    const Result<void> added = collector.AddSample(sample);
    if (!added) problem = added.error();
    return added.has_value();
  };
  const Result<void> read = store.ForEachSample(summary.run.id, add, scan);
  if (!read) return read.error();
  if (problem) return *problem;
  RunData data = collector.Take();
  for (SampleFacts& sample : data.samples) {
    if (!WithoutPoints(sample)) continue;
    const Result<bool> failed = EveryCallFailed(store, sample.attempt);
    if (!failed) return failed.error();
    sample.every_call_failed = *failed;
  }
  return data;
}

Result<RunData> LoadRun(StoreReader& store, const RunSummary& summary, KnownRecords* known) {
  const Result<std::vector<TaskRow>> tasks = store.Tasks(summary.run.id);
  if (!tasks) return tasks.error();
  if (summary.samples_done < kSplitSamples || tasks->size() < 2) {
    return LoadPart(store, summary, *tasks, {"", "", false}, known);
  }
  Result<std::unique_ptr<StoreReader>> other = store.Another();
  if (!other) return other.error();
  const std::span<const TaskRow> all = *tasks;
  const size_t half = all.size() / 2;
  std::optional<Result<RunData>> parts[2];
  InParallel(2, [&](size_t part) {
    parts[part] = part == 0 ? LoadPart(store, summary, all.first(half), {"", all[half].id, false}, known)
                            : LoadPart(**other, summary, all.subspan(half), {all[half].id, "", false}, known);
  });
  for (const auto& part : parts) {
    if (!*part) return part->error();
  }
  return RunCollector::Joined(std::move(**parts[0]), std::move(**parts[1]));
}

}  // namespace

Result<ReportData> LoadReport(StoreReader& store, const std::vector<std::string>& runs) {
  ReportData report;
  KnownRecords known;
  for (const std::string& name : runs) {
    const Result<RunSummary> summary = store.FindRun(name);
    if (!summary) return summary.error();
    Result<RunData> run = LoadRun(store, *summary, runs.size() > 1 ? &known : nullptr);
    if (!run) return std::move(run).error();
    report.runs.push_back(std::move(*run));
  }
  return report;
}

}  // namespace axiometer
