#include <algorithm>
#include <cstdio>

#include "harness/base/utf8.h"
#include "harness/cli/benchmarks.h"
#include "harness/cli/passing_folder.h"
#include "harness/cli/say.h"
#include "harness/cli/session.h"
#include "harness/cli/subject.h"
#include "harness/cli/task_names.h"
#include "harness/cli/verbs.h"

namespace axiometer {
namespace {

constexpr size_t kShownCharacters = 2000;  // of a tool's result

void Print(const std::string& head, const std::string& text) {
  std::printf("\n[%s]\n%s\n", ForTerminal(head).c_str(), ForTerminal(text, true).c_str());
}

std::string CutOff(const std::string& text) {
  const std::u32string points = CodePoints(text);
  if (points.size() <= kShownCharacters) return text;
  return EncodeUtf8(std::u32string_view(points).substr(0, kShownCharacters)) + "… (" +
         std::to_string(points.size()) + " characters)";
}

void PrintTrajectory(const Trajectory& trajectory) {
  for (const Event& event : trajectory.events) {
    const std::string id = std::to_string(event.id) + " ";
    switch (event.kind) {
      case EventKind::kMessage:
        Print(id + RoleName(event.message.role), event.message.text);
        break;
      case EventKind::kReply:
        if (!event.message.text.empty()) Print(id + "subject", event.message.text);
        break;
      case EventKind::kTool:
        Print(id + "call", event.tool.name + " " + event.tool.arguments);
        std::printf("→ %s\n", ForTerminal(CutOff(event.tool.result), true).c_str());
        break;
      case EventKind::kFailure:
        Print(id + "failure", event.failure);
        break;
    }
  }
}

std::string PointsText(const Verdict& verdict) {
  if (!verdict.score) return "–";
  char text[32];
  std::snprintf(text, sizeof text, "%g", *verdict.score);
  return text;
}

void PrintJudgement(const SampleRow::Judged& judged, const Task& task) {
  std::printf("\n%s\n", ForTerminal(judged.judge).c_str());
  for (const Verdict& verdict : judged.judgement.verdicts) {
    std::string question;
    for (const RubricItem& item : task.rubric) {
      if (item.id == verdict.item) question = item.question;
    }
    std::string events;
    for (const int event : verdict.events)
      events += (events.empty() ? " (events " : ", ") + std::to_string(event);
    if (!events.empty()) events += ")";
    std::printf("  %s of 2  %-4s pole %c  %s%s\n", PointsText(verdict).c_str(),
                ForTerminal(verdict.item).c_str(), verdict.pole, ForTerminal(question).c_str(),
                verdict.mechanical ? (" [check" + events + "]").c_str() : events.c_str());
    if (!verdict.rationale.empty() && !verdict.mechanical) {
      std::printf("              %s\n", ForTerminal(verdict.rationale).c_str());
    }
  }
  if (!judged.judgement.problem.empty())
    std::printf("  %s\n", ForTerminal(judged.judgement.problem).c_str());
  std::string scores;
  for (const Score& score : judged.judgement.scores) {
    if (!scores.empty()) scores += ", ";
    char text[32];
    std::snprintf(text, sizeof text, "%.2f", score.number.value_or(0));
    scores += score.name + " " + (score.number ? text : score.text ? *score.text : "–");
  }
  if (!scores.empty()) std::printf("  scores: %s\n", ForTerminal(scores).c_str());
}

Result<bool> PrintStory(StoreReader& reader, const std::string& run, const Task& task) {
  const Result<SampleRow> sample = reader.FindSample(run, task.id, 1);
  if (!sample) return sample.error();
  const Result<Trajectory> trajectory = reader.LoadTrajectory(sample->attempt);
  if (!trajectory) return trajectory.error();
  std::printf("%s: %s\n", ForTerminal(task.id).c_str(), ForTerminal(task.title).c_str());
  PrintTrajectory(*trajectory);
  std::printf("\n%s after %d %s%s%s\n", OutcomeName(sample->outcome), sample->steps,
              sample->steps == 1 ? "turn" : "turns", sample->detail.empty() ? "" : ": ",
              ForTerminal(sample->detail).c_str());
  for (const SampleRow::Judged& judged : sample->judgements) PrintJudgement(judged, task);
  return !IsError(sample->outcome);
}

// What `eval` would be told to run this task alone.
Result<EvalOptions> EvalOf(const TryTaskOptions& options) {
  const Result<TaskName> name = ReadTaskName(options.task);
  if (!name) return name.error();
  if (name->id.empty()) {
    return UsageError("", Quoted(options.task) + " is no task",
                      "name one as SUITE/TASK or FOLDER/TASK.yaml");
  }
  if (options.eval.models.size() > 1)
    return UsageError("--model", "one model at a time plays a task");
  EvalOptions eval = options.eval;
  eval.suites = {name->suite};
  eval.stem = StemOf(*name);
  eval.epochs = 1;
  eval.display = Display::kNone;
  const size_t slashes = static_cast<size_t>(std::count(name->id.begin(), name->id.end(), '/'));
  if (FindBenchmark(name->suite) == nullptr && slashes == 1) {
    eval.filters = {std::string(kDilemmaTag) + "=" + name->id.substr(name->id.find('/') + 1)};
    return eval;
  }
  eval.task_ids = name->id;
  if (FindBenchmark(name->suite) == nullptr && eval.task_arguments.empty()) {
    const size_t form = name->id.find('/') + 1;
    eval.task_arguments = {"form=" + name->id.substr(form, name->id.find('/', form) - form)};
  }
  return eval;
}

}  // namespace

Result<int> RunTaskTry(const TryTaskOptions& options) {
  Result<EvalOptions> eval = EvalOf(options);
  if (!eval) return std::move(eval).error();
  const Result<std::unique_ptr<OwnMachinery>> own = OwnMachinery::Make(*eval);
  if (!own) return own.error();
  const Machinery& machinery = (*own)->get();
  Result<std::vector<Experiment>> experiments = PrepareAll(*eval, machinery);
  if (!experiments) return std::move(experiments).error();
  Experiment& experiment = experiments->front();
  std::unique_ptr<PassingFolder> folder;
  if (eval->db.empty()) {
    Result<std::unique_ptr<PassingFolder>> made = PassingFolder::Make();
    if (!made) return std::move(made).error();
    folder = std::move(*made);
    eval->db = folder->path() + "/try.db";
  }
  eval->fresh = true;
  Result<OpenedStore> store = OpenStore(machinery.loop, eval->db);
  if (!store) return std::move(store).error();
  Result<std::pair<std::string, SessionResult>> worked =
      WorkThrough(*eval, experiment, machinery, *store);
  if (!worked) return std::move(worked).error();
  if (worked->second.end == SessionEnd::kFailed) return *worked->second.error;
  if (worked->second.end == SessionEnd::kInterrupted) return 130;
  bool well = true;
  for (size_t i = 0; i < experiment.suite.tasks->refs().size(); ++i) {
    const Result<std::shared_ptr<const Task>> task = experiment.suite.tasks->Load(i);
    if (!task) return task.error();
    if (i > 0) std::printf("\n");
    const Result<bool> ended = PrintStory(*store->reader, worked->first, **task);
    if (!ended) return ended.error();
    well = well && *ended;
  }
  if (!folder) Say("kept as run " + worked->first + " in " + eval->db);
  return well ? 0 : 1;
}

}  // namespace axiometer
