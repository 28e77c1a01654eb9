#include "harness/cli/series_place.h"

#include "harness/base/utf8.h"

namespace axiometer {

Result<std::optional<SeriesPlace>> PlaceInSeries(const std::optional<std::string>& series,
                                                 const std::optional<int64_t>& position) {
  std::optional<SeriesPlace> place;
  if (!series && !position) return place;
  if (!position) {
    return UsageError("--series", "the run's place in the series is missing", "name it with --position");
  }
  if (!series) return UsageError("--position", "the series is missing", "name it with --series");
  if (TrimPython(*series).empty()) return UsageError("--series", "a series has a name");
  place = SeriesPlace{*series, *position};
  return place;
}

}  // namespace axiometer
