#pragma once

#include "harness/base/result.h"

namespace axiometer {

// argv to verb to exit status. Help is printed here; errors are returned.
Result<int> RunApp(int argc, char** argv);

}  // namespace axiometer
