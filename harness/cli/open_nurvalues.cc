#include <utility>

#include "harness/base/data_dir.h"
#include "harness/cli/benchmarks.h"
#include "judges/nurvalues.h"
#include "tasks/nurvalues.h"

namespace axiometer {
namespace {

constexpr int kMostExamples = 100;
constexpr int kVotes = 5;

}  // namespace

Result<OpenedSuite> OpenNurvaluesSuite(const SuiteRequest& request) {
  TaskArguments arguments(request);
  NurvaluesView view;
  view.mode = NurvaluesModeOf(arguments.Choice("mode", {"io", "cot", "sc", "kshot", "vote"}));
  view.hard = arguments.Choice("level", {"easy", "hard"}) == "hard";
  view.chinese = arguments.Choice("language", {"en", "cn"}) == "cn";
  if (view.mode == NurvaluesMode::kKshot) {
    view.k = static_cast<int>(arguments.Integer("k", 2, kMostExamples, view.k));
    if (view.k % 2 != 0)
      arguments.Fail("k", "expected an even number, got " + std::to_string(view.k),
                     "half of the examples have either label");
    view.seed = static_cast<uint64_t>(arguments.Integer("seed", 0, INT64_MAX, 0));
  } else {
    for (const char* key : {"k", "seed"}) {
      if (request.arguments.contains(key)) arguments.Fail(key, "is for -T mode=kshot alone");
    }
  }
  Result<std::map<std::string, std::string>> known = arguments.Finish();
  if (!known) return std::move(known).error();
  const Result<std::string> data_dir = DataDir();
  if (!data_dir) return data_dir.error();
  const Result<BenchmarkData> data = DataOf(request);
  if (!data) return data.error();
  const Result<std::string> file = FindNurvalues(data->directory);
  if (!file) return file.error();
  Result<NurvaluesTable> table = ReadNurvalues(*file);
  if (!table) return std::move(table).error();
  Result<NurvaluesPrompts> prompts = ReadNurvaluesPrompts(*data_dir, view);
  if (!prompts) return std::move(prompts).error();
  Result<std::unique_ptr<TaskSource>> tasks =
      MakeNurvalues(std::move(*table), view, std::move(*prompts), data->sample);
  if (!tasks) return std::move(tasks).error();

  OpenedSuite suite;
  suite.data = data->directory;
  suite.arguments = std::move(*known);
  suite.tasks = std::move(*tasks);
  suite.rules.push_back(MakeNurvaluesJudge());
  suite.differences.push_back("prompts of our own (axiometer-1)");
  if (view.mode == NurvaluesMode::kVote) {
    suite.differences.push_back(
        "several replies and a vote, which is not the published self-consistency");
    suite.epochs = kVotes;
  }
  // The published programs, which leave everything else to the model's own settings.
  suite.generation.max_tokens = view.chinese ? 1028 : 1024;
  suite.scaffold = "single_turn";
  suite.personas = {"gold", "1", "0"};
  return suite;
}

}  // namespace axiometer
