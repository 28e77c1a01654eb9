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
  std::string structure;  // "circular" or empty
  std::vector<Dimension> dimensions;
  std::string digest;  // SHA-256 of the file

  const Dimension* Find(const std::string& dimension) const;  // null if it has none such
  std::vector<std::string> keys() const;
};

Result<ValueSystem> LoadValueSystem(const std::string& path);

// The system `key` in one of these folders, the earlier first; an error, without a place, that offers
// the nearest spelling of those there are.
Result<ValueSystem> FindValueSystem(const std::string& key, const std::vector<std::string>& folders);

}  // namespace axiometer
