#include <utility>

#include "harness/base/data_dir.h"
#include "harness/cli/benchmarks.h"
#include "harness/cli/program_lines.h"
#include "judges/dvmap.h"
#include "tasks/dvmap.h"

namespace axiometer {

Result<OpenedSuite> OpenDvmapSuite(const SuiteRequest& request) {
  TaskArguments arguments(request);
  const std::string split = arguments.Text("split", "");
  const bool rewards = arguments.Choice("rewards", {"no", "yes"}) == "yes";
  Result<std::map<std::string, std::string>> known = arguments.Finish();
  if (!known) return std::move(known).error();
  const Result<std::string> data_dir = DataDir();
  if (!data_dir) return data_dir.error();
  const Result<BenchmarkData> data = DataOf(request);
  if (!data) return data.error();
  const Result<DvmapFiles> files = FindDvmap(data->directory, split);
  if (!files) return files.error();
  Result<std::string> own_system = DvmapSystemText(*data_dir);
  if (!own_system) return std::move(own_system).error();

  std::vector<std::string> shown;
  if (!files->system_module.empty()) shown = {"--system", files->system_module};
  shown.insert(shown.end(), files->files.begin(), files->files.end());
  DvmapRows rows(files->split, std::move(*own_system), data->sample);
  const Result<void> read = ReadPythonLines(request.python, DvmapReader(*data_dir), shown,
                                            [&rows](std::string_view line) { return rows.Take(line); });
  if (!read) return read.error();
  Result<std::unique_ptr<Dvmap>> tasks = rows.Finish();
  if (!tasks) return std::move(tasks).error();

  OpenedSuite suite;
  suite.data = data->directory;
  suite.arguments = std::move(*known);
  suite.arguments["split"] = files->split;
  if (!(*tasks)->has_official_prompt()) suite.differences.push_back("a system message of our own (axiometer-1)");
  suite.tasks = std::move(*tasks);
  suite.rules.push_back(MakeDvmapJudge(rewards));
  // The published evaluation run.
  suite.generation.temperature = 0.7;
  suite.generation.max_tokens = 1024;
  suite.model_arguments = {{"chat_template_kwargs", R"({"enable_thinking": false})"}};
  suite.scaffold = "single_turn";
  suite.personas = {"gold"};
  return suite;
}

}  // namespace axiometer
