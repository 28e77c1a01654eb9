#include "reports/document.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "reports/plain_text.h"
#include "reports/run_json.h"
#include "reports/sections.h"
#include "reports/task_record.h"

namespace axiometer {
namespace {

// Of all final texts together in the sample index, so that the file of 4,335 samples stays small.
constexpr size_t kExcerptBudget = 500'000;

// The shortest names that tell the runs apart; of a single run, none.
std::vector<std::string> RunNames(const ReportData& data) {
  if (data.runs.size() < 2) return {""};
  const auto names = [&](const auto& name_of) {
    std::vector<std::string> all;
    for (const RunData& run : data.runs) all.push_back(name_of(run.summary.run));
    return all;
  };
  const auto distinct = [](const std::vector<std::string>& all) {
    return std::set<std::string>(all.begin(), all.end()).size() == all.size();
  };
  std::vector<std::string> found = names([](const RunRow& run) { return run.model; });
  if (distinct(found)) return found;
  found = names([](const RunRow& run) { return run.model + " on " + run.suite; });
  if (distinct(found)) return found;
  for (size_t i = 0; i < found.size(); ++i) {
    const std::string& form = data.runs[i].form();
    if (!form.empty()) found[i] += " (" + form + ")";
  }
  if (distinct(found)) return found;
  return names([](const RunRow& run) { return run.model + " on " + run.suite + ", run " + run.id; });
}

SampleEntry Entry(const RunData& run, const SampleFacts& sample, size_t excerpt_bytes) {
  const TaskFacts& task = run.tasks[sample.task];
  SampleEntry entry;
  entry.run = run.summary.run.id;
  entry.task = task.id;
  entry.title = task.title;
  entry.epoch = sample.epoch;
  entry.outcome = OutcomeName(sample.outcome);
  entry.failed = !IsJudged(sample.outcome);
  entry.pole_a = task.pole_a;
  entry.pole_b = task.pole_b;
  entry.excerpt = Excerpt(sample.excerpt, excerpt_bytes);
  entry.detail = sample.detail;
  entry.attempt = sample.attempt;
  for (const JudgedFacts& judged : sample.judged) {
    if (!judged.a || !judged.b) {
      if (entry.detail.empty()) entry.detail = judged.problem;
      continue;
    }
    entry.a = judged.a;
    entry.b = judged.b;
    entry.leaning = ChoiceName(ChoiceOf(*judged.a, *judged.b));
    break;
  }
  return entry;
}

std::string EventHeading(const Event& event) {
  std::string heading = std::to_string(event.id) + " · ";
  switch (event.kind) {
    case EventKind::kMessage:
      return heading + RoleName(event.message.role);
    case EventKind::kReply:
      return heading + "assistant";
    case EventKind::kTool:
      return heading + "tool " + event.tool.name;
    case EventKind::kFailure:
      return heading + "failure";
  }
  return heading;
}

std::string TextOf(const Event& event) {
  switch (event.kind) {
    case EventKind::kMessage:
      return event.message.text;
    case EventKind::kReply: {
      std::string text = event.message.text;
      for (const ToolCall& call : event.message.tool_calls) {
        if (!text.empty()) text += '\n';
        text += "→ " + call.name + " " + call.arguments;
      }
      return text;
    }
    case EventKind::kTool:
      return event.tool.arguments + "\n⇒ " + event.tool.result;
    case EventKind::kFailure:
      return event.failure;
  }
  return "";
}

// "2 of 2 points", or that there is no verdict.
std::string PointsText(const Verdict& verdict) {
  if (!verdict.score) return "no verdict";
  const bool whole = *verdict.score == std::floor(*verdict.score);
  return Fixed(*verdict.score, whole ? 0 : 2) + " of 2 points";
}

// Why, and what it rests on.
std::string ReasonText(const Verdict& verdict, bool behind_a_question) {
  std::string text = behind_a_question ? "\n⇒ " : "";
  text += verdict.mechanical ? "Decided by a check of the events. " : "";
  text += verdict.rationale;
  if (verdict.events.empty()) return text;
  text += verdict.events.size() == 1 ? " (event " : " (events ";
  for (size_t i = 0; i < verdict.events.size(); ++i) text += (i > 0 ? ", " : "") + std::to_string(verdict.events[i]);
  return text + ")";
}

// What each checkpoint of the sample's task asks, by its id.
std::map<std::string, std::string> QuestionsOf(StoreReader& store, const SampleRow& row) {
  std::map<std::string, std::string> questions;
  Result<std::string> text = store.TaskRecordJson(row.task_digest, row.task);
  if (!text) return questions;
  const Result<TaskRecordFacts> record = ReadTaskRecord({row.task_digest, row.task, std::move(*text)});
  if (!record) return questions;
  for (const valuebench::Side* side : {&record->unscored.a, &record->unscored.b}) {
    for (const auto& item : side->items) questions.emplace(item.id, item.question);
  }
  return questions;
}

}  // namespace

Document BuildReport(const ReportData& data, const FailureBudget& budget, const std::vector<ValueSystem>& circles) {
  Document document;
  document.several_runs = data.runs.size() > 1;
  document.title = "Axiometer report";
  Json runs = Json::array();
  for (const RunData& run : data.runs) document.sample_count += static_cast<int64_t>(run.samples.size());
  const std::vector<std::string> names = RunNames(data);
  std::vector<RunResult> results;
  for (const RunData& run : data.runs) {
    results.push_back(Analyse(run));
    Withhold(run, budget, results.back());
  }
  std::vector<RunView> views;
  for (size_t i = 0; i < data.runs.size(); ++i) {
    views.push_back({data.runs[i], results[i],
                     document.several_runs ? "r" + std::to_string(i + 1) + "-" : "", names[i],
                     circles});
  }
  if (document.several_runs) AddSideBySide(views, document);
  const std::vector<Agreement> agreements = AgreementsOf(data.runs);
  AddAgreement(data.runs, agreements, document);
  const std::vector<FormComparison> forms = CompareForms(data.runs);
  AddFormGaps(data.runs, forms, document);
  for (const RunView& view : views) {
    const RunData& run = view.data;
    if (!document.subtitle.empty()) document.subtitle += "; ";
    document.subtitle += run.summary.run.model + " on " + run.summary.run.suite;
    AddOverview(view, document);
    AddOfficial(view, document);
    AddForcedChoice(view, document);
    AddLabels(view, document);
    AddProfiles(view, document);
    AddFormEffects(view, document);
    AddPriorities(view, document);
    AddJudges(view, document);
    AddInstruments(view, document);
    AddRunFacts(view, document);
    std::vector<Metric> metrics = ToMetrics(run, view.result);
    std::move(metrics.begin(), metrics.end(), std::back_inserter(document.metrics));
    runs.push_back(RunJson(run));
  }
  std::vector<Metric> shared = ToMetrics(data.runs, agreements);
  std::move(shared.begin(), shared.end(), std::back_inserter(document.metrics));
  std::vector<Metric> gaps = ToMetrics(data.runs, forms);
  std::move(gaps.begin(), gaps.end(), std::back_inserter(document.metrics));
  document.runs_json = DumpJson(runs);
  return document;
}

void ListSamples(const ReportData& data, Document& document) {
  const auto samples = static_cast<size_t>(document.sample_count);
  const size_t excerpt = std::clamp<size_t>(kExcerptBudget / std::max<size_t>(samples, 1), 40, kExcerptBytes);
  document.samples.reserve(samples);
  for (const RunData& run : data.runs) {
    for (const SampleFacts& sample : run.samples) document.samples.push_back(Entry(run, sample, excerpt));
  }
}

void ListLinkedSamples(const ReportData& data, Document& document) {
  std::set<std::pair<std::string, std::string>> linked;  // run and task
  for (const Section& section : document.sections) {
    for (const Block& block : section.blocks) {
      const auto* table = std::get_if<Table>(&block);
      if (table == nullptr) continue;
      for (const SampleLink& link : table->links) {
        for (const std::string& run : link.runs) linked.emplace(run, link.task);
      }
    }
  }
  for (const RunData& run : data.runs) {
    for (const SampleFacts& sample : run.samples) {
      const std::string& task = run.tasks[static_cast<size_t>(sample.task)].id;
      if (linked.contains({run.summary.run.id, task})) document.samples.push_back(Entry(run, sample, kExcerptBytes));
    }
  }
}

Table PointsOf(const LineChart& chart, bool intervals) {
  Table table;
  table.id = chart.id;
  table.columns = {{"", false}};
  for (const std::string& tick : chart.ticks) table.columns.push_back({tick, true});
  for (const LineChart::Line& line : chart.lines) {
    std::vector<std::string> row{line.label};
    for (const LineChart::Point& point : line.points) {
      row.push_back(WithInterval(point.value, intervals ? point.interval : std::nullopt, 2));
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

void InsertSection(Section section, const std::string& behind, Document& document) {
  std::vector<Section>& sections = document.sections;
  const auto found = std::find_if(sections.begin(), sections.end(),
                                  [&](const Section& one) { return one.id == behind; });
  sections.insert(found == sections.end() ? sections.begin() : found + 1, std::move(section));
}

size_t FitExcerpts(size_t max_bytes, Document& document) {
  const size_t bare = ToHtml(document).size();
  if (bare <= max_bytes) return bare;
  size_t excerpts = 0;
  for (const SampleEntry& sample : document.samples) excerpts += HtmlText(sample.excerpt).size();
  const size_t over = bare - max_bytes;
  const double kept = excerpts > over ? 1 - static_cast<double>(over) / static_cast<double>(excerpts) : 0;
  constexpr size_t kEllipsis = 3;  // bytes
  for (SampleEntry& sample : document.samples) {
    const auto bytes = static_cast<size_t>(kept * static_cast<double>(sample.excerpt.size()));
    sample.excerpt = bytes > kEllipsis ? Excerpt(sample.excerpt, bytes - kEllipsis) : "";
  }
  return ToHtml(document).size();
}

Result<void> AttachTrajectories(StoreReader& store, size_t max_bytes, Document& document,
                                size_t max_event_bytes) {
  size_t used = 0;
  for (SampleEntry& sample : document.samples) {
    if (used >= max_bytes) break;
    const Result<Trajectory> trajectory = store.LoadTrajectory(sample.attempt);
    if (!trajectory) return trajectory.error();
    for (const Event& event : trajectory->events) {
      sample.events.push_back({EventHeading(event), Excerpt(TextOf(event), max_event_bytes)});
      used += sample.events.back().heading.size() + sample.events.back().text.size();
    }
    const Result<SampleRow> row = store.FindSample(sample.run, sample.task, sample.epoch);
    if (!row && row.error().kind == ErrorKind::kUsage) continue;  // it has not ended
    if (!row) return row.error();
    const std::map<std::string, std::string> questions = QuestionsOf(store, *row);
    for (const SampleRow::Judged& judged : row->judgements) {
      for (const Verdict& verdict : judged.judgement.verdicts) {
        const auto question = questions.find(verdict.item);
        const std::string asked = question == questions.end() ? "" : question->second;
        const std::string pole = verdict.pole == 'a' ? sample.pole_a : sample.pole_b;
        sample.events.push_back({PointsText(verdict) + " for " + verdict.item + " (" + pole + "), by " + judged.judge,
                                 Excerpt(asked + ReasonText(verdict, !asked.empty()), max_event_bytes)});
        used += sample.events.back().heading.size() + sample.events.back().text.size();
      }
    }
  }
  return {};
}

}  // namespace axiometer
