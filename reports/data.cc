#include "reports/data.h"

#include <algorithm>
#include <future>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <span>
#include <unordered_map>
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

// The case scores that the judge stored with a verdict that the protocol's own program would score.
bool HasOfficial(const Judgement& judgement) {
  const auto is_ok = [](const Score& score) { return score.name == "official.rubric_status" && score.text == "OK"; };
  return NamedScore(judgement, "official.a") && NamedScore(judgement, "official.b") &&
         std::any_of(judgement.scores.begin(), judgement.scores.end(), is_ok);
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

void SetShares(const std::vector<SampleRow::Judged>& earlier, const SampleRow::Judged& latest, JudgedFacts& facts) {
  const PoleScores scores = ScoresOf(latest.judgement);
  facts.a = scores.a;
  facts.b = scores.b;
  if (!scores.a || !scores.b) return;
  facts.repeats.push_back({*scores.a, *scores.b});
  for (auto one = earlier.rbegin(); one != earlier.rend(); ++one) {
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

// Whether a judge gave both poles a score of 0: what the tools did then matters.
bool WithoutPoints(const SampleFacts& sample) {
  return std::any_of(sample.judged.begin(), sample.judged.end(),
                     [](const JudgedFacts& judged) { return judged.a == 0.0 && judged.b == 0.0; });
}

// Of a sample what its attempt says, once what judges say is known.
void SetAttempt(const SampleRow& row, SampleFacts& sample) {
  sample.epoch = row.epoch;
  sample.outcome = row.outcome;
  sample.attempt = row.attempt;
  sample.steps = row.steps;
  sample.attempts = row.attempts;
  sample.tokens = row.usage.tokens();
  sample.excerpt = Excerpt(row.final_text, kExcerptBytes);
  sample.text_bytes = row.text_bytes;
  sample.detail = Excerpt(row.detail, kProblemBytes);
  sample.asks = WithoutPoints(sample) && AsksSomething(row.final_text);
}

// Of a name that is among the sorted ones.
int PlaceOf(const std::string& name, const std::vector<std::string>& sorted) {
  return static_cast<int>(std::ranges::lower_bound(sorted, name) - sorted.begin());
}

// Places of `names` once they are sorted, by their present ones.
std::vector<int> SortedPlaces(std::vector<std::string>& names) {
  const std::vector<std::string> before = names;
  std::sort(names.begin(), names.end());
  std::vector<int> places;
  for (const std::string& name : before) places.push_back(PlaceOf(name, names));
  return places;
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

const std::string& TaskFacts::tag(std::string_view key) const {
  static const std::string kNone;
  const auto found = tags.find(key);
  return found == tags.end() ? kNone : found->second;
}

bool RunData::answers_dilemmas() const { return form() == "choice" || form() == "survey"; }

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
  const std::vector<TaskFacts>* tasks = &data.tasks;  // or those of somebody else
  std::map<std::string, int> task_by_id;
  std::map<std::string, int> judge_by_name;
  std::map<std::string, int> person_by_name;
  std::map<std::pair<int, std::string>, int> item_by_id;  // by task
  std::vector<int> items;                                 // named so far, by task
  ReadCase read_case;
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
    items.resize(tasks->size(), 0);
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

  // From the judge's scores; where they are not all there, from the verdict as received, to say why.
  Result<void> ReadOfficial(const Judgement& judgement, int task, JudgedFacts& out) {
    if (HasOfficial(judgement)) {
      out.official_a = NamedScore(judgement, "official.a");
      out.official_b = NamedScore(judgement, "official.b");
      out.official_status_ok = true;
      return {};
    }
    Result<valuebench::Case> one = read_case((*tasks)[task]);
    if (!one) return one.error();
    if (const Result<void> read = valuebench::ReadVerdict(judgement.raw, *one); !read) {
      out.official_problem = Excerpt(read.error().what, kProblemBytes);
      return {};
    }
    if (!one->scorable()) {
      out.official_problem = "unscorable: " + Excerpt(one->unscorable_reason.value_or(""), kProblemBytes);
      return {};
    }
    out.official_a = valuebench::SideScore(one->a);
    out.official_b = valuebench::SideScore(one->b);
    out.official_status_ok = one->is_ok();
    if (!out.official_a || !out.official_b) out.official_problem = "the stored rubric has no items";
    return {};
  }

  // A judge's latest judgement of the sample; `earlier`: those before it, by any judge.
  Result<void> AddJudged(const SampleRow::Judged& judged, const std::vector<SampleRow::Judged>& earlier,
                         SampleFacts& sample) {
    if (judged.protocol == kHealthProtocol) {
      sample.health_a = NamedScore(judged.judgement, "harness_health.a");
      sample.health_b = NamedScore(judged.judgement, "harness_health.b");
      sample.health = NamedScore(judged.judgement, "harness_health");
      return {};
    }
    if (IsByPeople(judged.protocol)) {
      PersonIndex(judged.judge);
      return {};
    }
    if (ProbeOfProtocol(judged.protocol)) return {};
    ++data.judgements;
    JudgedFacts facts;
    facts.judge = JudgeIndex(judged.judge);
    data.judge_prompts[facts.judge].insert(judged.prompt_digest);
    facts.status = judged.judgement.status;
    facts.problem = Excerpt(judged.judgement.problem, kProblemBytes);
    facts.verdicts = judged.scored_items;
    facts.mechanical = judged.mechanical_items;
    if (facts.status == JudgementStatus::kScored) SetShares(earlier, judged, facts);
    if (data.is_valuebench() &&
        (facts.status == JudgementStatus::kScored || facts.status == JudgementStatus::kUnscorable)) {
      if (Result<void> read = ReadOfficial(judged.judgement, sample.task, facts); !read) return read;
    }
    if (data.is_forced_choice()) {
      facts.official_a = NamedScore(judged.judgement, "official.a");
      facts.official_b = NamedScore(judged.judgement, "official.b");
      facts.official_status_ok = facts.official_a && facts.official_b;
    }
    if ((*tasks)[sample.task].is_answered()) facts.scores = Shared(judged.judgement.scores);
    sample.judged.push_back(std::move(facts));
    return {};
  }
};

RunCollector::RunCollector(const RunSummary& summary, ReadCase read_case) : impl_(std::make_unique<Impl>()) {
  impl_->data.summary = summary;
  impl_->data.epochs = WantedEpochs(summary.run);
  impl_->read_case = std::move(read_case);
}

RunCollector::~RunCollector() = default;

void RunCollector::AddTask(TaskFacts task) {
  impl_->task_by_id[task.id] = static_cast<int>(impl_->data.tasks.size());
  impl_->data.tasks.push_back(std::move(task));
}

Result<void> RunCollector::AddSample(const SampleRow& row) {
  const auto task = impl_->task_by_id.find(row.task);
  if (task == impl_->task_by_id.end()) {
    return Failed("run " + impl_->data.summary.run.id, "no stored task \"" + row.task + "\"");
  }
  SampleFacts sample;
  sample.task = task->second;
  for (const SampleRow::Judged& judged : row.judgements) {
    if (Result<void> added = impl_->AddJudged(judged, row.earlier, sample); !added) return added;
  }
  for (const SampleRow::Judged& one : row.earlier) {
    impl_->data.judgements += ScoresSubject(one.protocol);
  }
  SetAttempt(row, sample);
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
    for (const std::string& name : names) out.push_back(PlaceOf(name, among));
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

// Facts of the tasks of the runs so far, by digest and id: those that several share are read once.
using KnownTasks = std::map<std::pair<std::string, std::string>, const TaskFacts*>;

Result<std::vector<TaskFacts>> TaskFactsOf(StoreReader& store, const std::string& run, const KnownTasks& known) {
  const auto key = [](const TaskRow& task) { return std::pair(task.digest, task.id); };
  Result<std::vector<TaskRow>> rows =
      store.Tasks(run, [&](const TaskRow& task) { return !known.contains(key(task)); });
  if (!rows) return rows.error();
  std::vector<std::optional<Result<TaskFacts>>> read(rows->size());
  const size_t half = read.size() / 2;
  InParallel(2, [&](size_t part) {
    for (size_t i = part == 0 ? 0 : half; i < (part == 0 ? half : read.size()); ++i) {
      if (!known.contains(key((*rows)[i]))) read[i] = ReadTaskFacts((*rows)[i]);
    }
  });
  std::vector<TaskFacts> tasks;
  tasks.reserve(read.size());
  for (size_t i = 0; i < read.size(); ++i) {
    if (read[i] && !*read[i]) return read[i]->error();
    tasks.push_back(read[i] ? std::move(**read[i]) : *known.at(key((*rows)[i])));
  }
  return tasks;
}

// Whether a judgement's text says something that its scores do not.
bool (*WantsRaw(const RunSummary& summary))(const Judgement&) {
  if (summary.run.protocol == "agent-valuebench") return [](const Judgement& one) { return !HasOfficial(one); };
  return [](const Judgement&) { return false; };
}

ReadCase CasesOf(StoreReader& store) {
  return [&store](const TaskFacts& task) -> Result<valuebench::Case> {
    Result<std::string> record = store.TaskRecordJson(task.digest, task.id);
    if (!record) return record.error();
    Result<TaskRecordFacts> read = ReadTaskRecord({task.digest, task.id, std::move(*record)});
    if (!read) return read.error();
    return std::move(read->unscored);
  };
}

// Of those of `samples` without points.
Result<void> LookAtCalls(StoreReader& store, std::span<SampleFacts> samples) {
  for (SampleFacts& sample : samples) {
    if (!WithoutPoints(sample)) continue;
    const Result<bool> failed = EveryCallFailed(store, sample.attempt);
    if (!failed) return failed.error();
    sample.every_call_failed = *failed;
  }
  return {};
}

Result<RunData> LoadPart(StoreReader& store, const RunSummary& summary, std::span<const TaskFacts> tasks,
                         SampleScan scan) {
  scan.texts = false;
  scan.wants_raw = WantsRaw(summary);
  RunCollector collector(summary, CasesOf(store));
  for (const TaskFacts& task : tasks) collector.AddTask(task);
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
  if (Result<void> looked = LookAtCalls(store, data.samples); !looked) return looked.error();
  return data;
}

// The first or the second half.
template <class T>
std::span<T> Half(std::span<T> all, size_t part) {
  return part == 0 ? all.first(all.size() / 2) : all.subspan(all.size() / 2);
}

Result<void> Both(const std::function<Result<void>(size_t part)>& work) {
  std::optional<Result<void>> done[2];
  InParallel(2, [&](size_t part) { done[part] = work(part); });
  return *done[0] ? *done[1] : *done[0];
}

}  // namespace

// Two threads walk through half of the judgements each, then through half of the attempts: what one fills in is never
// of a sample that the other has in hand.
Result<RunData> RunCollector::OfPlainRun(StoreReader& store, StoreReader& other, const RunSummary& summary,
                                         std::vector<TaskFacts> tasks, const PlainRun& plain) {
  StoreReader* const stores[] = {&store, &other};
  RunCollector parts[] = {{summary, CasesOf(store)}, {summary, CasesOf(other)}};
  std::unordered_map<std::string_view, int> task_by_id;
  for (size_t i = 0; i < tasks.size(); ++i) task_by_id.emplace(tasks[i].id, static_cast<int>(i));
  for (RunCollector& part : parts) part.impl_->tasks = &tasks;
  std::vector<int> task_of;
  for (const std::string& id : plain.tasks) {
    const auto found = task_by_id.find(id);
    if (found == task_by_id.end()) {
      return Failed("run " + summary.run.id, "no stored task \"" + id + "\"");
    }
    task_of.push_back(found->second);
  }
  std::vector<WantedRow> attempts;
  std::vector<WantedRow> judgements;
  for (size_t i = 0; i < plain.samples.size(); ++i) {
    attempts.push_back({plain.samples[i].attempt, i});
    if (plain.samples[i].judgement >= 0) judgements.push_back({plain.samples[i].judgement, i});
  }
  for (std::vector<WantedRow>* rows : {&attempts, &judgements}) std::ranges::sort(*rows, {}, &WantedRow::id);
  std::vector<SampleFacts> samples(plain.samples.size());
  for (size_t i = 0; i < samples.size(); ++i) samples[i].task = task_of[static_cast<size_t>(plain.samples[i].task)];
  Result<void> done = Both([&](size_t part) -> Result<void> {
    static const std::vector<SampleRow::Judged> kNone;
    std::optional<Error> problem;
    const auto add = [&](size_t place, SampleRow::Judged& judged) {
      const Result<void> added = parts[part].impl_->AddJudged(judged, kNone, samples[place]);
      if (!added) problem = added.error();
    };
    const std::span<const WantedRow> half = Half(std::span<const WantedRow>(judgements), part);
    Result<void> read = stores[part]->ForEachJudgement(half, WantsRaw(summary), add);
    if (read && problem) return *problem;
    return read;
  });
  if (!done) return done.error();
  done = Both([&](size_t part) {
    const auto set = [&](size_t place, SampleRow& row) {
      row.attempts = plain.samples[place].attempts;
      SetAttempt(row, samples[place]);
    };
    return stores[part]->ForEachAttempt(Half(std::span<const WantedRow>(attempts), part), set);
  });
  if (!done) return done.error();
  done = Both([&](size_t part) { return LookAtCalls(*stores[part], Half(std::span<SampleFacts>(samples), part)); });
  if (!done) return done.error();
  // Each half numbered its judges as they came.
  const std::vector<std::string> numbered[] = {parts[0].impl_->data.judges, parts[1].impl_->data.judges};
  RunData data = Joined(parts[0].Take(), parts[1].Take());
  for (size_t part = 0; part < 2; ++part) {
    std::vector<int> places;
    for (const std::string& name : numbered[part]) places.push_back(PlaceOf(name, data.judges));
    for (const WantedRow& row : Half(std::span<const WantedRow>(judgements), part)) {
      for (JudgedFacts& judged : samples[row.place].judged) judged.judge = places[static_cast<size_t>(judged.judge)];
    }
  }
  data.tasks = std::move(tasks);
  data.samples = std::move(samples);
  return data;
}

namespace {

Result<RunData> LoadRun(StoreReader& store, const std::string& run, const KnownTasks& known) {
  const Result<std::unique_ptr<StoreReader>> other = store.Another();
  if (!other) return other.error();
  // Here what takes memory: what this thread has let go of it can take again.
  std::future<Result<RunSummary>> summing = std::async(std::launch::async, [&] { return (*other)->FindRun(run); });
  Result<std::vector<TaskFacts>> tasks = TaskFactsOf(store, run, known);
  Result<std::optional<PlainRun>> plain = store.FindPlainRun(run);
  const Result<RunSummary> summary = summing.get();
  if (!summary) return summary.error();
  if (!tasks) return tasks.error();
  if (!plain) return plain.error();
  if (summary->samples_done < kSplitSamples || tasks->size() < 2) return LoadPart(store, *summary, *tasks, {});
  if (*plain) return RunCollector::OfPlainRun(store, **other, *summary, std::move(*tasks), **plain);
  const std::span<const TaskFacts> all = *tasks;
  const size_t half = all.size() / 2;
  std::optional<Result<RunData>> parts[2];
  InParallel(2, [&](size_t part) {
    parts[part] = part == 0 ? LoadPart(store, *summary, all.first(half), {"", all[half].id})
                            : LoadPart(**other, *summary, all.subspan(half), {all[half].id, ""});
  });
  for (const auto& part : parts) {
    if (!*part) return part->error();
  }
  return RunCollector::Joined(std::move(**parts[0]), std::move(**parts[1]));
}

}  // namespace

Result<ReportData> LoadReport(StoreReader& store, const std::vector<std::string>& runs) {
  ReportData report;
  report.runs.reserve(runs.size());  // what is known stays where it is
  KnownTasks known;
  for (const std::string& name : runs) {
    const Result<RunRow> row = store.FindRunRow(name);
    if (!row) return row.error();
    Result<RunData> run = LoadRun(store, row->id, known);
    if (!run) return std::move(run).error();
    report.runs.push_back(std::move(*run));
    if (runs.size() == 1) continue;
    for (const TaskFacts& task : report.runs.back().tasks) known.emplace(std::pair(task.digest, task.id), &task);
  }
  return report;
}

}  // namespace axiometer
