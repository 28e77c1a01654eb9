#include "tasks/vrd.h"

#include <algorithm>

#include "harness/base/utf8.h"
#include "tasks/text_overlap.h"

namespace axiometer {
namespace {

constexpr std::string_view kBullets[] = {"-", "*", "•", "–", "·", "+"};
constexpr std::string_view kValences[] = {"Supports", "Opposes", "Either"};

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Without a list mark and emphasis.
std::string Bare(std::string_view line) {
  line = TrimPython(line);
  for (const std::string_view bullet : kBullets) {
    if (!line.starts_with(bullet) || line.starts_with("**")) continue;
    line = TrimPython(line.substr(bullet.size()));
    break;
  }
  size_t digits = 0;
  while (digits < line.size() && IsDigit(line[digits])) ++digits;
  if (digits > 0 && digits < line.size() && (line[digits] == '.' || line[digits] == ')')) {
    line = TrimPython(line.substr(digits + 1));
  }
  std::string out;
  for (size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '`' || line[i] == '*' || line.substr(i, 2) == "__") {
      i += line[i] == '_';
      continue;
    }
    out += line[i];
  }
  return std::string(TrimPython(out));
}

// "Value", "DUTIES", "Right 3": a type and nothing else but a number.
std::optional<std::string> TypeOf(std::string_view part) {
  part = TrimPython(part);
  while (!part.empty() && (IsDigit(part.back()) || part.back() == ' ' || part.back() == '#'))
    part.remove_suffix(1);
  if (part.find(' ') != std::string_view::npos) return std::nullopt;
  return CleanVrdType(part);
}

// Takes "(Supports)" from the end of a text.
std::string TakeValence(std::string_view& text) {
  text = TrimPython(text);
  if (text.empty()) return "";
  const char open = text.back() == ')' ? '(' : text.back() == ']' ? '[' : 0;
  if (open == 0) return "";
  const size_t begin = text.rfind(open);
  if (begin == std::string_view::npos) return "";
  const std::string inside = LowerAscii(TrimPython(text.substr(begin + 1, text.size() - begin - 2)));
  for (const std::string_view valence : kValences) {
    if (inside != LowerAscii(valence)) continue;
    text = TrimPython(text.substr(0, begin));
    return std::string(valence);
  }
  return "";
}

std::vector<std::string> NormalWords(std::string_view text) {
  std::vector<std::string> words;
  bool inside = false;
  for (const char32_t point : CodePoints(text)) {
    const bool ascii = point < 0x80;
    const char lower = ascii && point >= 'A' && point <= 'Z' ? static_cast<char>(point + 32)
                                                             : static_cast<char>(point);
    if (point == '\'' || point == U'’') continue;
    const bool separates = (ascii && !(lower >= 'a' && lower <= 'z') && !IsDigit(lower)) ||
                           (point >= 0x80 && point < 0xC0) || (point >= 0x2000 && point < 0x2070);
    if (!separates && !inside) words.emplace_back();
    if (!separates)
      words.back() += ascii ? std::string(1, lower) : EncodeUtf8(std::u32string_view(&point, 1));
    inside = !separates;
  }
  return words;
}

}  // namespace

std::optional<std::string> CleanVrdType(std::string_view type) {
  const std::string text = LowerAscii(type);
  if (text.find("value") != std::string::npos) return "Value";
  if (text.find("right") != std::string::npos) return "Right";
  if (text.find("dut") != std::string::npos) return "Duty";
  return std::nullopt;
}

VrdList ReadVrdList(std::string_view text) {
  VrdList out;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find_first_of("\r\n", begin), text.size());
    const std::string line = Bare(text.substr(begin, end - begin));
    begin = end + 1;
    if (line.empty()) continue;
    const size_t colon = line.find(": ");
    const std::optional<std::string> type =
        colon == std::string::npos ? std::nullopt : TypeOf(line.substr(0, colon));
    if (!type) {
      ++out.unread;
      continue;
    }
    Vrd vrd;
    vrd.type = *type;
    std::string_view rest = std::string_view(line).substr(colon + 2);
    rest = rest.substr(0, rest.find(": "));
    vrd.valence = TakeValence(rest);
    vrd.text = rest;
    if (NormalVrdText(vrd.text).empty()) {
      ++out.unread;
      continue;
    }
    out.vrds.push_back(std::move(vrd));
  }
  return out;
}

std::string NormalVrdText(std::string_view text) {
  static constexpr std::string_view kTypes[] = {"right",  "rights", "duty",
                                                "duties", "value",  "values"};
  std::vector<std::string> words = NormalWords(text);
  std::erase_if(
      words, [](const std::string& word) { return word == "a" || word == "an" || word == "the"; });
  if (words.size() > 2 && (words[1] == "to" || words[1] == "of") &&
      std::find(std::begin(kTypes), std::end(kTypes), words[0]) != std::end(kTypes)) {
    words.erase(words.begin(), words.begin() + 2);
  }
  if (words.empty()) return "";
  std::string& last = words.back();
  if (last.size() > 3 && last.ends_with('s') && !last.ends_with("ss") && !last.ends_with("us") &&
      !last.ends_with("is")) {
    last.pop_back();
  }
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : " ") + word;
  return out;
}

const char* VrdMatcherName(VrdMatcher matcher) {
  return matcher == VrdMatcher::kExact ? "exact" : "overlap";
}

VrdSet::VrdSet(const std::vector<Vrd>& vrds) {
  for (size_t i = 0; i < vrds.size(); ++i) {
    Entry entry;
    entry.type = vrds[i].type;
    entry.normal = NormalVrdText(vrds[i].text);
    const bool known = std::any_of(entries_.begin(), entries_.end(), [&](const Entry& other) {
      return other.type == entry.type && other.normal == entry.normal;
    });
    if (known) continue;
    for (size_t begin = 0; begin < entry.normal.size();) {
      const size_t end = std::min(entry.normal.find(' ', begin), entry.normal.size());
      entry.words.push_back(entry.normal.substr(begin, end - begin));
      begin = end + 1;
    }
    entry.source = i;
    entries_.push_back(std::move(entry));
  }
}

std::vector<int> VrdSet::PlacesIn(const VrdSet& other, VrdMatcher matcher) const {
  std::vector<int> places;
  for (const Entry& entry : entries_) {
    int place = -1;
    for (size_t i = 0; i < other.entries_.size() && place < 0; ++i) {
      const Entry& like = other.entries_[i];
      if (!entry.type.empty() && !like.type.empty() && entry.type != like.type) continue;
      const bool same =
          entry.normal == like.normal ||
          (matcher == VrdMatcher::kOverlap && Rouge1(entry.words, like.words).f >= kVrdOverlap);
      if (same) place = static_cast<int>(i);
    }
    places.push_back(place);
  }
  return places;
}

size_t VrdSet::CountIn(const VrdSet& other, VrdMatcher matcher) const {
  const std::vector<int> places = PlacesIn(other, matcher);
  return static_cast<size_t>(
      std::count_if(places.begin(), places.end(), [](int place) { return place >= 0; }));
}

}  // namespace axiometer
