#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/json.h"
#include "harness/base/result.h"

namespace axiometer {

// Reads the members of one JSON object by name, as YamlFields does: the first thing that is wrong is
// kept as `error()`, after which every reading gives an empty value. Errors read
// `WHERE: rubric.items[2].weight: expected 1 to 5, got "high"`; unknown keys are no error. Borrows
// `object`, which must outlive the reader; the root object or value is never copied.
class JsonFields {
 public:
  // `where` names the file, `path` the way to the object within it (empty: the root).
  JsonFields(const Json& object, std::string where, std::string path = "");

  const Json* Find(std::string_view key) const;  // null if absent; a JSON null is present
  const Json* Need(std::string_view key);        // an error if absent
  std::string NeedText(std::string_view key);    // may be empty text
  std::string TextOr(std::string_view key, std::string fallback);
  bool BooleanOr(std::string_view key, bool fallback);
  int64_t NeedInteger(std::string_view key, int64_t low, int64_t high);
  int64_t IntegerOr(std::string_view key, int64_t low, int64_t high, int64_t fallback);
  double NumberOr(std::string_view key, double fallback);  // finite
  const Json* NeedObject(std::string_view key);
  const Json* NeedArray(std::string_view key);
  std::vector<std::string> NeedTexts(std::string_view key);  // an array of strings
  // A reader for each object of an array; anything else in it is an error.
  std::vector<JsonFields> NeedObjects(std::string_view key);

  // An error at the member `key` (empty: at the object), or at this object's own path.
  Error Wrong(std::string_view key, std::string what) const;
  void Fail(Error error);
  const std::optional<Error>& error() const { return error_; }

 private:
  Error Unexpected(std::string_view key, std::string_view expected, const Json& got) const;

  const Json* object_;
  std::string where_;
  std::string path_;
  std::optional<Error> error_;
};

}  // namespace axiometer
