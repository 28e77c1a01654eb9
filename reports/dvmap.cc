#include "reports/dvmap.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "harness/base/json.h"
#include "reports/plain_text.h"
#include "reports/stats/philox.h"

namespace axiometer {
namespace {

constexpr double kHighestReward = 3.8;  // wvs_g: an exact answer and four tags

std::vector<LabelScheme> Schemes(const RunData&, const std::string&) {
  LabelScheme official;
  official.protocol = "official";
  official.prediction = official.correct = "official.correct";
  official.kind = "official.left_out";
  official.cluster = "persona";
  official.slices = {"country",    "question",   "category",    "gender",   "marital_status", "has_children",  "education_level",
                     "occupation", "work_nature", "religion", "life_stage",     "income_bracket", "common_language"};
  official.slices_in_full = 2;
  official.own_baselines = true;
  official.left_out = "not_kept";
  official.note =
      "right answers of the rows written, as DVMap's own program scores them: the text in the last answer tags, "
      "or text that contains the right option and no other. Failed calls leave the denominator; replies without "
      "answer tags are wrong.";
  LabelScheme strict = official;
  strict.protocol = "strict";
  strict.prediction = "strict.predicted";
  strict.correct = "strict.correct";
  strict.kind = "strict.problem";
  strict.left_out = "no_option";
  strict.missing_is_wrong = true;
  strict.note =
      "right answers of all rows that were run: exactly one option in the last closed answer tags, whatever its "
      "case and punctuation. Failed calls and unreadable replies are wrong, and counted apart below.";
  return {official, strict};
}

std::vector<double> GoldShares(const TaskFacts& task) {
  const Result<Json> facts = ParseJson(task.facts.empty() ? "{}" : task.facts, "facts of " + task.id);
  if (!facts || !facts->is_object() || !facts->contains("gold_shares")) return {};
  std::vector<double> shares;
  for (const Json& share : facts->at("gold_shares")) shares.push_back(share.is_number() ? share.get<double>() : 0);
  return shares;
}

// "Q2" before "Q10".
bool BeforeInData(const std::string& a, const std::string& b) {
  return std::pair(a.size(), a) < std::pair(b.size(), b);
}

struct Gathered {
  DvmapCell cell;
  std::vector<AnswerShares> rows;
};

// One task's answers, epoch by epoch, as shares of its options.
void AddTask(const TaskFacts& task, const std::vector<const std::string*>& answers, int persona, Gathered& out) {
  AnswerShares row;
  row.cluster = persona;
  row.shares.assign(task.options.size(), 0);
  int64_t read = 0;
  for (const std::string* answer : answers) {
    const auto place = std::find(task.options.begin(), task.options.end(), *answer);
    if (place == task.options.end()) continue;
    row.shares[static_cast<size_t>(place - task.options.begin())] += 1;
    ++read;
  }
  if (read == 0) return;
  for (double& share : row.shares) share /= static_cast<double>(read);
  out.rows.push_back(std::move(row));
  out.cell.answers += read;
}

void AddRewards(const RunData& run, const JudgeResult& judge, int index, MetricList& out) {
  std::map<std::string, std::map<int, std::pair<double, int64_t>>> sums;  // by name and task
  for (const SampleFacts& sample : run.samples) {
    const JudgedFacts* judged = sample.judged_by(index);
    if (judged == nullptr || !judged->scores) continue;
    for (const Score& score : *judged->scores) {
      if (!score.number || score.name.find("reward.") == std::string::npos) continue;
      auto& [sum, count] = sums[score.name][sample.task];
      sum += *score.number;
      ++count;
    }
  }
  for (const auto& [name, tasks] : sums) {
    std::map<std::string, int> personas;
    std::vector<Observation> rows;
    int64_t scored = 0;
    for (const auto& [task, total] : tasks) {
      const std::string& persona = run.tasks[task].tag("persona");
      const int cluster = personas.emplace(persona, static_cast<int>(personas.size())).first->second;
      rows.push_back({std::min(1.0, total.first / static_cast<double>(total.second) / kHighestReward), cluster, 0});
      scored += total.second;
    }
    Estimate mean = MeanInterval(rows);
    if (mean.value) *mean.value *= kHighestReward;
    if (mean.interval) {
      mean.interval->low *= kHighestReward;
      mean.interval->high *= kHighestReward;
    }
    const bool official = name.starts_with("official.");
    const std::string reward = name.substr(name.find("reward.") + 7);
    out.AddEstimate(official ? "official" : "axiometer", "mean_reward", {{"judge", judge.judge}, {"reward", reward}},
                    mean, std::nullopt, scored, static_cast<int64_t>(run.tasks.size()) * run.epochs - scored);
  }
}

void Metrics(const RunData& run, const JudgeResult& judge, MetricList& out) {
  const auto place = std::find(run.judges.begin(), run.judges.end(), judge.judge);
  if (place == run.judges.end()) return;
  const int index = static_cast<int>(place - run.judges.begin());
  AddRewards(run, judge, index, out);
  const DvmapDistances distances = DistancesOf(run, index);
  if (distances.cells.empty()) return;
  int64_t answers = 0;
  int64_t wanted = 0;
  const auto add = [&](const char* name, const DvmapCell& cell, const Distance& distance) {
    const MetricList::Group group = {{"country", cell.country}, {"question", cell.question}};
    out.AddEstimate("axiometer", name, group, distance.estimate, std::nullopt, cell.answers, cell.wanted - cell.answers);
    if (!distance.estimate.value) return;
    Metric& floor = out.Add("axiometer", std::string(name) + "_floor", group);
    floor.value = distance.floor;
    floor.scored = cell.answers;
  };
  for (const DvmapCell& cell : distances.cells) {
    add("total_variation", cell, cell.distances.total_variation);
    add("ordered_emd", cell, cell.distances.ordered_emd);
    answers += cell.answers;
    wanted += cell.wanted;
  }
  out.AddEstimate("axiometer", "total_variation", {}, distances.total_variation, std::nullopt, answers, wanted - answers);
  out.AddEstimate("axiometer", "ordered_emd", {}, distances.ordered_emd, std::nullopt, answers, wanted - answers);
}

// Kept or not, but not written.
std::vector<Score> Unjudged(const TaskFacts& task) {
  std::vector<Score> scores(4);
  scores[0].name = "official.kept";
  scores[0].number = task.tag("not_kept").empty() ? 1 : 0;
  scores[1].name = "official.written";
  scores[1].number = 0;
  scores[2].name = "official.predicted";
  scores[3].name = "official.correct";
  return scores;
}

std::string WithInterval(const Estimate& estimate) {
  if (!estimate.value) return "–";
  std::string text = Fixed(*estimate.value, 3);
  if (estimate.interval) text += " [" + Fixed(estimate.interval->low, 3) + ", " + Fixed(estimate.interval->high, 3) + "]";
  return text;
}

std::string Shares(const std::vector<double>& shares) {
  std::string text;
  for (const double share : shares) text += (text.empty() ? "" : " / ") + Fixed(100 * share, 0);
  return text.empty() ? "–" : text;
}

void AddDistances(const DvmapDistances& distances, const std::string& id, Document& document) {
  Section section;
  section.id = id + "-distribution";
  section.title = "Answers against those of the people";
  section.minor = true;
  section.blocks.push_back(Paragraph{
      "Mean over questions and countries: total variation " + WithInterval(distances.total_variation) +
          ", earth mover's distance on the ordered options " + WithInterval(distances.ordered_emd) +
          ". 0: the shares of the answers are those of the gold answers; 1: nothing in common.",
      false});
  Table table;
  table.id = section.id + "-table";
  table.caption =
      "Shares of the options in percent, in order, among the answers that could be read (personas weigh equally) and "
      "among the gold answers of the whole split. Floor: what as many answers drawn from the gold shares would still "
      "show. Intervals [95 %] by persona, on the wide side, but for the ordered distance near its floor, which they hold in "
      "92 to 94 %; the gold shares are taken as exact.";
  table.columns = {{"Country", false}, {"Question", false}, {"Answers", true},   {"Given", false},     {"Gold", false},
                   {"Total variation", true}, {"Floor", true}, {"Ordered EMD", true}, {"Floor", true}};
  table.detail = distances.cells.size() > 20;
  for (const DvmapCell& cell : distances.cells) {
    const Distances& found = cell.distances;
    table.rows.push_back({cell.country, cell.question, Grouped(cell.answers), Shares(found.shares), Shares(cell.gold),
                          WithInterval(found.total_variation.estimate), Fixed(found.total_variation.floor, 3),
                          WithInterval(found.ordered_emd.estimate), Fixed(found.ordered_emd.floor, 3)});
  }
  section.blocks.push_back(std::move(table));
  document.sections.push_back(std::move(section));
}

// Gold against given answer, question by question.
void AddConfusion(const RunData& run, int judge, const std::string& id, Document& document) {
  std::map<std::string, std::pair<std::vector<std::string>, std::map<std::pair<std::string, std::string>, int64_t>>,
           bool (*)(const std::string&, const std::string&)>
      questions(BeforeInData);
  const LabelScheme strict = Schemes(run, "").back();
  for (const LabelRow& row : ReadLabels(run, judge, strict)) {
    const TaskFacts& task = run.tasks[row.task];
    auto& [options, counts] = questions[task.tag("question")];
    if (options.empty()) options = task.options;
    ++counts[{task.gold, row.prediction.value_or("")}];
  }
  Section section;
  section.id = id + "-confusion";
  section.title = "Right answer against given answer, strict";
  section.minor = section.detail = true;
  for (const auto& [question, counted] : questions) {
    const auto& [options, counts] = counted;
    Table table;
    table.id = section.id + "-" + std::to_string(section.blocks.size());
    table.title = question;
    table.columns = {{"Right answer", false}};
    for (const std::string& option : options) table.columns.push_back({option, true});
    table.columns.push_back({"none", true});
    for (const std::string& gold : options) {
      std::vector<std::string> row = {gold};
      for (const std::string& answer : options) {
        const auto found = counts.find({gold, answer});
        row.push_back(found == counts.end() ? "0" : Grouped(found->second));
      }
      const auto none = counts.find({gold, ""});
      row.push_back(none == counts.end() ? "0" : Grouped(none->second));
      table.rows.push_back(std::move(row));
    }
    section.blocks.push_back(std::move(table));
  }
  if (!section.blocks.empty()) document.sections.push_back(std::move(section));
}

void Sections(const RunView& run, const JudgeResult& judge, const std::string& id, Document& document) {
  const std::vector<std::string>& judges = run.data.judges;
  const auto place = std::find(judges.begin(), judges.end(), judge.judge);
  if (place == judges.end()) return;
  const int index = static_cast<int>(place - judges.begin());
  const DvmapDistances distances = DistancesOf(run.data, index);
  if (!distances.cells.empty()) AddDistances(distances, id, document);
  AddConfusion(run.data, index, id, document);
}

}  // namespace

const BenchmarkReport kDvmapReport = {"dvmap", Schemes, Metrics, Unjudged, Sections};

DvmapDistances DistancesOf(const RunData& run, int judge) {
  DvmapDistances out;
  if (run.epochs < 2) return out;
  std::vector<std::vector<const std::string*>> answers(run.tasks.size());
  for (const SampleFacts& sample : run.samples) {
    const JudgedFacts* judged = sample.judged_by(judge);
    const Score* given = judged == nullptr ? nullptr : judged->score("strict.predicted");
    if (given != nullptr && given->text) answers[static_cast<size_t>(sample.task)].push_back(&*given->text);
  }
  const auto in_order = [](const std::pair<std::string, std::string>& a, const std::pair<std::string, std::string>& b) {
    return a.first != b.first ? a.first < b.first : BeforeInData(a.second, b.second);
  };
  std::map<std::pair<std::string, std::string>, Gathered, decltype(in_order)> cells(in_order);
  std::map<std::string, int> personas;
  for (size_t i = 0; i < run.tasks.size(); ++i) {
    const TaskFacts& task = run.tasks[i];
    Gathered& gathered = cells[{task.tag("country"), task.tag("question")}];
    DvmapCell& cell = gathered.cell;
    if (cell.options.empty()) {
      cell.country = task.tag("country");
      cell.question = task.tag("question");
      cell.options = task.options;
      cell.gold = GoldShares(task);
    }
    if (task.options != cell.options || cell.gold.size() != cell.options.size()) continue;
    cell.wanted += run.epochs;
    const int persona = personas.emplace(task.tag("persona"), static_cast<int>(personas.size())).first->second;
    AddTask(task, answers[i], persona, gathered);
  }
  std::vector<Observation> tv;
  std::vector<Observation> emd;
  std::map<std::string, int> questions;
  for (auto& [key, gathered] : cells) {
    DvmapCell& cell = gathered.cell;
    cell.distances = DistancesTo(gathered.rows, cell.gold, cell.answers, kReportSeed + out.cells.size());
    const int question = questions.emplace(cell.question, static_cast<int>(questions.size())).first->second;
    const Distances& found = cell.distances;
    if (found.total_variation.estimate.value) {
      tv.push_back({std::min(1.0, *found.total_variation.estimate.value), question, 0});
      emd.push_back({std::min(1.0, *found.ordered_emd.estimate.value), question, 0});
    }
    out.cells.push_back(std::move(cell));
  }
  out.total_variation = MeanInterval(tv);
  out.ordered_emd = MeanInterval(emd);
  return out;
}

}  // namespace axiometer
