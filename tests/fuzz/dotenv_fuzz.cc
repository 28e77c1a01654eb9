// .env files, whose text no error may show.

#include "harness/model/key.h"
#include "tests/fuzz/fuzz.h"

using namespace axiometer;

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text = FuzzInput(data, size).rest();
  const auto variables = ParseDotEnv(text, "x");
  if (!variables) {
    RequireReadable(variables.error());
    return 0;
  }
  size_t bytes = 0;
  for (const auto& [name, value] : *variables) {
    Require(!name.empty(), "a variable has a name");
    bytes += name.size() + value.size();
  }
  Require(bytes <= text.size(), "variables hold no more than the text");
  return 0;
}
