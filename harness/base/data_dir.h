#pragma once

#include <string>

#include "harness/base/result.h"

namespace axiometer {

// The folder below which the program's own data lie (tasks/suites, environments/catalog,
// judges/prompts, …), without trailing slash. The variable AXIOMETER_DATA if set; else
// ../share/axiometer beside the folder of the executable, where `install` puts them; else the
// source tree that it was built from. An error says what to set.
Result<std::string> DataDir();

std::string Version();  // "0.1.0"

}  // namespace axiometer
