#pragma once

#include <errno.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "harness/io/child.h"
#include "harness/io/loop.h"

namespace axiometer {

// Ends the benchmark, which has no figures to show.
[[noreturn]] inline void Die(const std::string& why) {
  std::fprintf(stderr, "%s: %s\n", program_invocation_short_name, why.c_str());
  std::exit(1);
}

// The value below which `share` (0 to 1) of the values lie; of one value at least.
inline double Quantile(std::vector<double> values, double share) {
  std::sort(values.begin(), values.end());
  return values[static_cast<size_t>(share * static_cast<double>(values.size() - 1))];
}

// The real program, where the build puts it: beside the folder of the tests.
inline ChildSpec RealProgram(const std::string& directory, std::vector<std::string> arguments) {
  ChildSpec spec;
  spec.program =
      std::filesystem::read_symlink("/proc/self/exe").parent_path().parent_path() / "axiometer";
  spec.directory = directory;
  spec.environment = {"PATH=/usr/bin:/bin", "OPENAI_API_KEY=none"};
  spec.arguments = std::move(arguments);
  spec.descriptors = {{2, 2}};
  return spec;
}

// Returns when it has ended; dies if that was not with status 0.
inline void RunToEnd(const ChildSpec& spec) {
  Loop loop;
  Result<Child> child = Child::Start(loop, spec);
  if (!child) Die(child.error().ToString());
  ChildExit end;
  const auto wait = [](Child& running, ChildExit& exit) -> Async<> { exit = co_await running.Wait(); };
  loop.Spawn(wait(*child, end));
  loop.Run();
  if (end.signal != 0) Die("the program was ended by signal " + std::to_string(end.signal));
  if (end.status != 0) Die("the program ended with status " + std::to_string(end.status));
}

}  // namespace axiometer
