#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace axiometer {

// An ECMAScript regular expression that ignores case, over characters (not bytes): `.` takes 漢,
// \w takes é. Texts come from models, so matching neither recurses nor backtracks without bound.
class Pattern {
 public:
  // nullopt if it is no valid pattern; `problem`, if not null, then says why.
  static std::optional<Pattern> Compile(std::string_view text, std::string* problem = nullptr);

  // Whether `text` contains a match; nullopt if finding out took too much work.
  std::optional<bool> FoundIn(std::string_view text) const;

 private:
  struct Compiled;
  explicit Pattern(std::shared_ptr<const Compiled> compiled);
  std::shared_ptr<const Compiled> compiled_;
};

}  // namespace axiometer
