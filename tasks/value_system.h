#pragma once

#include <string>
#include <vector>

#include "harness/base/result.h"

namespace axiometer {

// One value that an instrument names.
struct Dimension {
  std::string key;
  std::string name;
  std::string definition;
};

// An instrument: `<key>.yaml` in a folder value_systems; see FORMAT.md.
struct ValueSystem {
  std::string key;
  std::string name;
  std::string reference;  // full citation
  std::vector<Dimension> dimensions;
  // All dimensions' keys in the order of a circle, the last next to the first: neighbours tend to be
  // pursued together, opposite ones to conflict. Empty: the system is none.
  std::vector<std::string> circle;
  std::string digest;  // SHA-256 of the file

  const Dimension* Find(const std::string& dimension) const;  // null if it has none such
  std::vector<std::string> keys() const;
};

Result<ValueSystem> LoadValueSystem(const std::string& path);

// The systems in these folders that are circles, by key, the earlier folder first. A file that cannot be read is
// passed over: what is wrong with it, `eval` and `task check` say.
std::vector<ValueSystem> LoadCircles(const std::vector<std::string>& folders);

// The circle that these dimensions are on, as they are written here, one that is missing here by its key: that of
// the system `key`, else of one that has exactly these dimensions. Names count as equal if they differ in
// case and in what is no letter or digit alone ("Self-Direction", "self-direction"). Empty: there is none.
std::vector<std::string> CircleOf(const std::vector<ValueSystem>& circles, const std::string& key,
                                  const std::vector<std::string>& dimensions);

// The system `key` in one of these folders, the earlier first; an error, without a place, that offers
// the nearest spelling of those there are.
Result<ValueSystem> FindValueSystem(const std::string& key, const std::vector<std::string>& folders);

}  // namespace axiometer
