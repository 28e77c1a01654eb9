#include "harness/store/merge.h"

#include <cstdio>
#include <nlohmann/json.hpp>

#include "harness/base/json.h"
#include "harness/base/shell_words.h"
#include "harness/cli/say.h"
#include "harness/cli/verbs.h"
#include "reports/plain_text.h"

namespace axiometer {
namespace {

Json ToJson(const MergedRun& run) {
  Json json = {{"run", run.id},          {"suite", run.suite},   {"model", run.model},
               {"shards", run.shards},   {"wanted", run.wanted}, {"done", run.done},
               {"merged", Json::array()}};
  for (const MergedShard& shard : run.from) {
    json["merged"].push_back({{"shard", shard.index},
                              {"store", shard.store},
                              {"run", shard.run},
                              {"wanted", shard.wanted},
                              {"done", shard.done},
                              {"writer", shard.writer > 0 ? Json(shard.writer) : Json()}});
  }
  return json;
}

// "1, 2, 5 to 8"
std::string Ranges(const std::vector<int>& numbers) {
  std::string text;
  for (size_t i = 0; i < numbers.size();) {
    size_t last = i;
    while (last + 1 < numbers.size() && numbers[last + 1] == numbers[last] + 1) ++last;
    text += (text.empty() ? "" : ", ") + std::to_string(numbers[i]);
    if (last > i) text += (last > i + 1 ? " to " : ", ") + std::to_string(numbers[last]);
    i = last + 1;
  }
  return text;
}

void SayMerged(const MergedRun& run, const std::string& out) {
  Say("run " + run.id + " (" + run.suite + ", " + run.model + "): " + Grouped(run.done) + " of " +
      Grouped(run.wanted) + " samples, " + std::to_string(run.from.size()) + " of " +
      std::to_string(run.shards) + " shards");
  std::vector<int> absent;
  auto given = run.from.begin();
  for (int index = 1; index <= run.shards; ++index) {
    if (given != run.from.end() && given->index == index) {
      ++given;
    } else {
      absent.push_back(index);
    }
  }
  if (!absent.empty()) {
    Say(std::string("  without shard") + (absent.size() == 1 ? " " : "s ") + Ranges(absent) +
        ": no such store was named");
  }
  for (const MergedShard& shard : run.from) {
    if (shard.done >= shard.wanted) continue;
    Say("  shard " + std::to_string(shard.index) + " lacks " + Grouped(shard.wanted - shard.done) +
        " of " + Grouped(shard.wanted) + " samples" +
        (shard.writer > 0 ? "; process " + std::to_string(shard.writer) + " is at work on it"
                          : "") +
        " (" + shard.store + ")");
  }
  Say("next: axiometer report " + run.id + " --db " + ShellWord(out));
}

}  // namespace

Result<int> RunMerge(const MergeOptions& options) {
  const Result<std::vector<MergedRun>> merged = MergeStores(options.out, options.stores);
  if (!merged) return merged.error();
  if (options.json) {
    Json json = Json::array();
    for (const MergedRun& run : *merged) json.push_back(ToJson(run));
    std::printf("%s\n", DumpJson(json).c_str());
    return 0;
  }
  for (const MergedRun& run : *merged) SayMerged(run, options.out);
  return 0;
}

}  // namespace axiometer
