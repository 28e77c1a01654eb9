#include <algorithm>
#include <utility>

#include "harness/base/data_dir.h"
#include "harness/base/nearest.h"
#include "harness/base/utf8.h"
#include "harness/cli/benchmarks.h"
#include "judges/valueprism.h"
#include "tasks/valueprism.h"

namespace axiometer {
namespace {

const std::vector<std::string> kTaskNames = {"relevance", "valence", "explanation", "generation"};

// The tasks of "relevance,valence", in the protocol's order; none for "all".
std::vector<ValuePrismTask> TasksOf(const std::string& text, TaskArguments& arguments) {
  std::vector<ValuePrismTask> tasks;
  if (text == "all") return tasks;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find(',', begin), text.size());
    const std::string name(TrimPython(std::string_view(text).substr(begin, end - begin)));
    begin = end + 1;
    const std::optional<ValuePrismTask> task = ValuePrismTaskFromName(name);
    if (!task) {
      arguments.Fail("task",
                     "expected all, relevance, valence, explanation or generation, or several with "
                     "commas, got " +
                         Quoted(name),
                     DidYouMean(name, kTaskNames));
      continue;
    }
    if (std::find(tasks.begin(), tasks.end(), *task) == tasks.end()) tasks.push_back(*task);
  }
  std::sort(tasks.begin(), tasks.end());
  return tasks;
}

}  // namespace

Result<OpenedSuite> OpenValuePrismSuite(const SuiteRequest& request) {
  TaskArguments arguments(request);
  ValuePrismWanted wanted;
  wanted.tasks = TasksOf(arguments.Text("task", "all"), arguments);
  wanted.split = arguments.Choice("split", {"test", "val", "train"});
  wanted.layout = ValuePrismLayoutFromName(arguments.Choice(
      "layout",
      {"auto", "relevance", "valence", "explanation", "generative", "full", "mixture", "vital"}));
  ValuePrismAsking asking;
  const bool likelihood =
      arguments.Choice("elicitation", {"generate", "likelihood"}) == "likelihood";
  if (likelihood) asking.elicitation = ValuePrismElicitation::kLikelihood;
  asking.stance = arguments.Choice("stance", {"yes", "no"}) == "yes";
  const bool acknowledged =
      arguments.Choice("licence", {"unstated", "acknowledged"}) == "acknowledged";
  Result<std::map<std::string, std::string>> known = arguments.Finish();
  if (!known) return std::move(known).error();
  const Result<std::string> data_dir = DataDir();
  if (!data_dir) return data_dir.error();
  const Result<BenchmarkData> data = DataOf(request);
  if (!data) return data.error();
  wanted.labels_only = likelihood;
  if (likelihood && !wanted.tasks.empty() && wanted.tasks.back() > ValuePrismTask::kValence) {
    return UsageError("-T elicitation",
                      std::string("likelihood is for relevance and valence, not for ") +
                          ValuePrismTaskName(wanted.tasks.back()));
  }
  const Result<std::vector<ValuePrismFile>> files = FindValuePrism(data->directory, wanted);
  if (!files) return files.error();
  Result<std::map<ValuePrismTask, std::string>> prompts =
      ValuePrismPrompts(*data_dir, asking.stance);
  if (!prompts) return std::move(prompts).error();
  asking.prompts = std::move(*prompts);
  Result<std::unique_ptr<ValuePrism>> tasks =
      ValuePrism::Open(*files, std::move(asking), data->sample, acknowledged);
  if (!tasks) return std::move(tasks).error();

  OpenedSuite suite;
  suite.data = data->directory;
  suite.arguments = std::move(*known);
  suite.arguments.erase("licence");
  suite.tasks = std::move(*tasks);
  suite.rules.push_back(MakeValuePrismJudge(likelihood ? ValuePrismElicitation::kLikelihood
                                                       : ValuePrismElicitation::kGenerate));
  suite.has_published_settings = false;
  suite.generation.temperature = 0;
  if (likelihood) {
    suite.generation.max_tokens = 16;
    suite.generation.top_logprobs = 20;
  }
  suite.scaffold = "single_turn";
  suite.personas = {"gold", "other", "Yes", "No", "Supports", "Opposes", "Either"};
  return suite;
}

}  // namespace axiometer
