#include "harness/cli/benchmarks.h"

#include <algorithm>
#include <charconv>
#include <filesystem>

#include "harness/base/data_dir.h"
#include "harness/base/nearest.h"
#include "harness/base/utf8.h"

namespace axiometer {
namespace {

constexpr Benchmark kBenchmarks[] = {
    {"agent-valuebench", OpenAgentValueBenchSuite, "a checkout of github.com/ValueByte-AI/Agent-ValueBench"},
    {"dvmap", OpenDvmapSuite, "a checkout of github.com/EnlightenedAI/DVMap, or one file or folder of a split"},
    {"nurvalues", OpenNurvaluesSuite, "nursing_value_CN+EN.csv, or a folder that holds it"},
    {"valueprism", OpenValuePrismSuite, "the folders of allenai/ValuePrism on huggingface.co, or one table of them"},
};

std::string OneOf(const std::vector<std::string>& words) {
  std::string text;
  for (size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? " or " : ", ";
    text += words[i];
  }
  return text;
}

}  // namespace

std::span<const Benchmark> Benchmarks() { return kBenchmarks; }

const Benchmark* FindBenchmark(const std::string& name) {
  const auto found = std::find_if(std::begin(kBenchmarks), std::end(kBenchmarks),
                                  [&](const Benchmark& benchmark) { return name == benchmark.name; });
  return found == std::end(kBenchmarks) ? nullptr : &*found;
}

std::optional<std::string> TaskArguments::Take(const std::string& key) {
  const auto found = given_.find(key);
  if (found == given_.end()) return std::nullopt;
  std::string text = std::move(found->second);
  given_.erase(found);
  return text;
}

std::string TaskArguments::Choice(const std::string& key, const std::vector<std::string>& choices) {
  std::string& value = read_[key] = choices.front();
  const std::optional<std::string> text = Take(key);
  if (!text) return value;
  if (std::find(choices.begin(), choices.end(), *text) != choices.end()) return value = *text;
  Fail(key, "expected " + OneOf(choices) + ", got " + Quoted(*text), DidYouMean(*text, choices));
  return value;
}

std::string TaskArguments::Text(const std::string& key, const std::string& otherwise) {
  return read_[key] = Take(key).value_or(otherwise);
}

int64_t TaskArguments::Integer(const std::string& key, int64_t low, int64_t high, int64_t otherwise) {
  int64_t number = otherwise;
  if (const std::optional<std::string> text = Take(key)) {
    const char* end = text->data() + text->size();
    const auto [stop, error] = std::from_chars(text->data(), end, number);
    if (error != std::errc() || stop != end || number < low || number > high) {
      Fail(key, "expected " + std::to_string(low) + " to " + std::to_string(high) + ", got " + Quoted(*text));
      number = otherwise;
    }
  }
  read_[key] = std::to_string(number);
  return number;
}

void TaskArguments::Fail(const std::string& key, const std::string& what, const std::string& hint) {
  if (!error_) error_ = UsageError("-T " + key, what, hint);
}

Result<std::map<std::string, std::string>> TaskArguments::Finish() {
  if (error_) return *error_;
  if (given_.empty()) return read_;
  const std::string& unknown = given_.begin()->first;
  std::vector<std::string> keys;
  for (const auto& [key, value] : read_) keys.push_back(key);
  return UsageError("-T", "\"" + suite_ + "\" takes no argument " + Quoted(unknown),
                    keys.empty() ? "" : DidYouMean(unknown, keys, "there are " + OneOf(keys)));
}

Result<BenchmarkData> DataOf(const SuiteRequest& request) {
  BenchmarkData data;
  if (!request.data.empty()) {
    data.directory = std::filesystem::absolute(request.data).lexically_normal().string();
    return data;
  }
  Result<std::string> own = DataDir();
  if (!own) return std::move(own).error();
  data.directory = *own + "/tasks/samples/" + request.name;
  data.sample = true;
  return data;
}

}  // namespace axiometer
