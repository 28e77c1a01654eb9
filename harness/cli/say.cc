#include "harness/cli/say.h"

#include <cstdio>

#include "harness/base/utf8.h"

namespace axiometer {

void Say(const std::string& text) { std::fprintf(stderr, "%s\n", ForTerminal(text, true).c_str()); }

}  // namespace axiometer
