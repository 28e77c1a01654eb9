#include "tasks/pattern.h"

// Boost.Regex rather than std::regex: libstdc++'s matcher recurses once a character and overflows the
// stack on a long reply; Boost's keeps its states on the heap and gives up beyond a bound of work.
#include <boost/regex.hpp>
#include <locale>
#include <stdexcept>
#include <utility>

#include "harness/base/utf8.h"

namespace axiometer {
namespace {

// Knows case and letters beyond ASCII. Always there with glibc; without it, ASCII alone.
std::locale CharacterLocale() {
  try {
    return std::locale("C.UTF-8");
  } catch (const std::runtime_error&) {
    return std::locale::classic();
  }
}

std::wstring Wide(std::string_view text) {
  static_assert(sizeof(wchar_t) == sizeof(char32_t), "one wchar_t a character");
  const std::u32string points = CodePoints(text);
  return std::wstring(points.begin(), points.end());
}

}  // namespace

struct Pattern::Compiled {
  boost::wregex regex;
};

Pattern::Pattern(std::shared_ptr<const Compiled> compiled) : compiled_(std::move(compiled)) {}

std::optional<Pattern> Pattern::Compile(std::string_view text, std::string* problem) {
  static const std::locale locale = CharacterLocale();
  try {
    auto compiled = std::make_shared<Compiled>();
    compiled->regex.imbue(locale);
    compiled->regex.assign(Wide(text), boost::regex::ECMAScript | boost::regex::icase);
    return Pattern(std::move(compiled));
  } catch (const std::runtime_error& error) {
    if (problem != nullptr) *problem = error.what();
    return std::nullopt;
  }
}

std::optional<bool> Pattern::FoundIn(std::string_view text) const {
  try {
    return boost::regex_search(Wide(text), compiled_->regex);
  } catch (const std::runtime_error&) {
    return std::nullopt;
  }
}

}  // namespace axiometer
