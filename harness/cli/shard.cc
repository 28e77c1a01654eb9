#include "harness/cli/shard.h"

#include <charconv>
#include <filesystem>

#include "harness/base/utf8.h"

namespace axiometer {
namespace {

constexpr int kMostShards = 100'000;

std::optional<int> Count(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 0) return std::nullopt;
  return number;
}

Error ShardError(const std::string& what) {
  return UsageError("--shard", what,
                    "give I/N with I from 1 to N, for example 3/8, or auto/N in an array of jobs");
}

// Of the launcher's variables; from 1.
Result<int> IndexOfLauncher(const VariableLookup& variable) {
  const char* array = variable("SLURM_ARRAY_TASK_ID");
  const char* indexed = array != nullptr ? nullptr : variable("JOB_COMPLETION_INDEX");
  if (array == nullptr && indexed == nullptr) {
    return ShardError(
        "auto takes the index from SLURM_ARRAY_TASK_ID or JOB_COMPLETION_INDEX, and neither is "
        "set");
  }
  const std::optional<int> index = Count(array != nullptr ? array : indexed);
  if (!index) {
    return ShardError(array != nullptr ? "SLURM_ARRAY_TASK_ID is " + Quoted(array)
                                       : "JOB_COMPLETION_INDEX is " + Quoted(indexed));
  }
  return array != nullptr ? *index : *index + 1;
}

Result<int> CountOfSlurm(const VariableLookup& variable) {
  const auto number = [&](const char* name) -> std::optional<int> {
    const char* text = variable(name);
    return text != nullptr ? Count(text) : std::nullopt;
  };
  const std::optional<int> count = number("SLURM_ARRAY_TASK_COUNT");
  if (!count)
    return ShardError("auto takes the count from SLURM_ARRAY_TASK_COUNT, which is not set");
  if (number("SLURM_ARRAY_TASK_MIN") != 1 || number("SLURM_ARRAY_TASK_MAX") != count) {
    return ShardError(
        "auto needs an array of 1 to N, and this one is a part of it, or counts otherwise");
  }
  return *count;
}

}  // namespace

Result<ShardPlace> ParseShard(const std::string& text, const VariableLookup& variable) {
  const size_t slash = text.find('/');
  const std::string first = text.substr(0, slash);
  ShardPlace place;
  if (slash == std::string::npos) {
    if (text != "auto") return ShardError("expected I/N, got " + Quoted(text));
    const Result<int> count = CountOfSlurm(variable);
    if (!count) return count.error();
    place.count = *count;
  } else {
    const std::optional<int> count = Count(std::string_view(text).substr(slash + 1));
    if (!count) return ShardError("expected I/N, got " + Quoted(text));
    place.count = *count;
  }
  if (first == "auto") {
    const Result<int> index = IndexOfLauncher(variable);
    if (!index) return index.error();
    place.index = *index;
  } else {
    const std::optional<int> index = Count(first);
    if (!index) return ShardError("expected I/N, got " + Quoted(text));
    place.index = *index;
  }
  if (place.count < 1 || place.count > kMostShards) {
    return ShardError("a count of " + std::to_string(place.count) + ", where 1 to " +
                      std::to_string(kMostShards) + " are possible");
  }
  if (place.index < 1 || place.index > place.count) {
    return ShardError("index " + std::to_string(place.index) + " of " +
                      std::to_string(place.count));
  }
  return place;
}

std::string ShardStore(const std::string& db, const ShardPlace& shard) {
  std::filesystem::path path = db;
  const std::string ending = path.extension().string();
  path.replace_extension();
  return path.string() + "." + std::to_string(shard.index) + "-of-" + std::to_string(shard.count) +
         ending;
}

Result<void> TakeShard(EvalOptions& options, const VariableLookup& variable) {
  if (options.shard.empty()) return {};
  Result<ShardPlace> place = ParseShard(options.shard, variable);
  if (!place) return place.error();
  options.place = *place;
  options.db = ShardStore(options.db, *place);
  options.max_connections = (options.max_connections + place->count - 1) / place->count;
  return {};
}

}  // namespace axiometer
