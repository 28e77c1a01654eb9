#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "harness/base/result.h"
#include "harness/cli/suites.h"

namespace axiometer {

// A published benchmark: its name on the command line and what opens it.
struct Benchmark {
  const char* name;
  Result<OpenedSuite> (*open)(const SuiteRequest& request);
  const char* data;  // what --data names, for listings
};

std::span<const Benchmark> Benchmarks();
const Benchmark* FindBenchmark(const std::string& name);  // null: no benchmark

// The openers, each in its own open_NAME.cc.
Result<OpenedSuite> OpenAgentValueBenchSuite(const SuiteRequest& request);
Result<OpenedSuite> OpenDvmapSuite(const SuiteRequest& request);
Result<OpenedSuite> OpenNurvaluesSuite(const SuiteRequest& request);
Result<OpenedSuite> OpenValuePrismSuite(const SuiteRequest& request);

// Reads a benchmark's -T arguments. The first thing that is wrong is kept, after which every reading
// gives its default; Finish tells it.
class TaskArguments {
 public:
  explicit TaskArguments(const SuiteRequest& request) : suite_(request.name), given_(request.arguments) {}

  // One of `choices`, the first if absent.
  std::string Choice(const std::string& key, const std::vector<std::string>& choices);
  std::string Text(const std::string& key, const std::string& otherwise);
  int64_t Integer(const std::string& key, int64_t low, int64_t high, int64_t otherwise);
  // A further rule that was broken.
  void Fail(const std::string& key, const std::string& what, const std::string& hint = "");

  // Every argument that was read, defaults included: OpenedSuite::arguments. Error: a value that is
  // wrong, or a key that nobody read, with the nearest spelling.
  Result<std::map<std::string, std::string>> Finish();

 private:
  std::optional<std::string> Take(const std::string& key);

  std::string suite_;
  std::map<std::string, std::string> given_;
  std::map<std::string, std::string> read_;
  std::optional<Error> error_;
};

// The folder to read: `request.data`, made absolute; or, if it is empty, the invented sample that
// comes with the program. `sample` says which.
struct BenchmarkData {
  std::string directory;
  bool sample = false;
};
Result<BenchmarkData> DataOf(const SuiteRequest& request);

}  // namespace axiometer
