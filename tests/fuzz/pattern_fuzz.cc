// A pattern of a task file, and below its first line a text of a model that it is looked for in.

#include "tasks/pattern.h"
#include "tests/fuzz/fuzz.h"

using namespace axiometer;

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  FuzzInput input(data, size);
  const std::string_view pattern = input.Until('\n');
  std::string problem;
  const std::optional<Pattern> compiled = Pattern::Compile(pattern, &problem);
  if (!compiled) {
    RequireReadable(problem);
    return 0;
  }
  compiled->FoundIn(input.rest());
  return 0;
}
