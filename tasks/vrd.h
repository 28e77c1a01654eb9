#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace axiometer {

// A value, right or duty as a list names it.
struct Vrd {
  std::string type;     // "Value", "Right", "Duty"; empty: unknown
  std::string text;     // "Right to rest"
  std::string valence;  // "Supports", "Opposes", "Either"; empty: not said
};

// The type that a text means: contains "value", else "right", else "dut", whatever the case (the
// rule of the Kaleido system): "Value", "Right", "Duty". nullopt: none of them.
std::optional<std::string> CleanVrdType(std::string_view type);

// A generated list, line by line. A line is split at ": "; the first part is the type, the second
// the text, and what comes after a second ": " is lost, as in the reference system. Blank lines are
// nothing. In front of the type a list mark ("-", "*", "•", "3.", "3)") may stand, the type may
// have a number ("Value 2"), and emphasis ("**") is taken away. A text may end in one of the three
// valences in brackets: "Right: Right to rest (supports)".
struct VrdList {
  std::vector<Vrd> vrds;
  size_t unread = 0;  // lines that are none
};
VrdList ReadVrdList(std::string_view text);

// What two texts are compared by: lower case; "right to", "duty of", … and articles gone;
// punctuation as separators, apostrophes gone; a plural s of the last word gone ("Rights to the
// safe streets" and "safe street" are one). Words with single blanks between.
std::string NormalVrdText(std::string_view text);

// How two VRDs are held to be the same.
enum class VrdMatcher {
  kExact,    // equal NormalVrdText
  kOverlap,  // or their words overlap: ROUGE-1 F of kVrdOverlap or more
};
inline constexpr VrdMatcher kVrdMatchers[] = {VrdMatcher::kExact, VrdMatcher::kOverlap};
inline constexpr double kVrdOverlap = 0.6;
const char* VrdMatcherName(VrdMatcher matcher);  // "exact", "overlap"

// A list without its repetitions (equal type and NormalVrdText), ready to be compared.
class VrdSet {
 public:
  explicit VrdSet(const std::vector<Vrd>& vrds);

  size_t size() const { return entries_.size(); }
  // How many of these are the same as at least one of `other`. Types must be equal where both are
  // known.
  size_t CountIn(const VrdSet& other, VrdMatcher matcher) const;
  // Of each, the place of its first like in `other`; -1: none.
  std::vector<int> PlacesIn(const VrdSet& other, VrdMatcher matcher) const;
  // The place in the list that it was made from.
  size_t source(size_t place) const { return entries_[place].source; }

 private:
  struct Entry {
    std::string type;
    std::string normal;
    std::vector<std::string> words;
    size_t source = 0;
  };
  std::vector<Entry> entries_;
};

}  // namespace axiometer
