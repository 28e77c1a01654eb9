#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

// Templates: texts with places {{NAME}}, NAME of capitals and underscores.
namespace axiometer {

// The names in `text`, in order, as often as they stand there.
std::vector<std::string> PlaceholdersIn(std::string_view text);

// `text` with each place that `values` knows replaced; others stay. What is filled in is not
// searched again.
std::string FillPlaceholders(std::string_view text,
                             const std::map<std::string, std::string>& values);

}  // namespace axiometer
