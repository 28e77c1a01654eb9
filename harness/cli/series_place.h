#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "harness/base/result.h"
#include "harness/record/run_spec.h"

namespace axiometer {

// What --series and --position say together; nullopt: neither is given. Error: one without the other, or a blank name.
Result<std::optional<SeriesPlace>> PlaceInSeries(const std::optional<std::string>& series,
                                                 const std::optional<int64_t>& position);

}  // namespace axiometer
