#include "judges/dvmap_rules.h"

#include <algorithm>
#include <cmath>

#include "harness/base/python_json.h"
#include "harness/base/utf8.h"
#include "tasks/dvmap.h"

namespace axiometer::dvmap {
namespace {

constexpr std::string_view kOpen = "<answer>";
constexpr std::string_view kClose = "</answer>";

bool Contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

// LowerAscii case, white space as single blanks.
std::string Plain(std::string_view text) {
  std::string plain;
  for (const char c : PythonStrip(text)) {
    const bool blank = c == ' ' || (c >= '\t' && c <= '\r');
    if (!blank) {
      plain += LowerAscii(c);
    } else if (!plain.empty() && plain.back() != ' ') {
      plain += ' ';
    }
  }
  return plain;
}

// Without quotes, emphasis and final punctuation around it, and without a list mark before it.
std::string_view Bare(std::string_view text) {
  static constexpr std::string_view kAround[] = {" ", "\"", "'", "`", "*", "_", "“", "”", "‘", "’"};
  static constexpr std::string_view kAfter[] = {".", "!", ",", ";", ":"};
  bool changed = true;
  const auto take = [&](bool took) { changed |= took; };
  while (changed && !text.empty()) {
    changed = false;
    for (const std::string_view mark : kAround) {
      if (text.starts_with(mark)) text.remove_prefix(mark.size()), take(true);
      if (text.ends_with(mark)) text.remove_suffix(mark.size()), take(true);
    }
    for (const std::string_view mark : kAfter) {
      if (text.ends_with(mark)) text.remove_suffix(mark.size()), take(true);
    }
    // "- ", "2. ", "b) "
    if (text.starts_with("- ")) text.remove_prefix(2), take(true);
    size_t end = text.find_first_not_of("0123456789");
    if (end == 0 && !text.empty() && text[0] >= 'a' && text[0] <= 'z') end = 1;
    if (end != std::string_view::npos && end > 0 && end <= 2 && end + 1 < text.size() &&
        (text[end] == '.' || text[end] == ')') && text[end + 1] == ' ') {
      text.remove_prefix(end + 2);
      changed = true;
    }
  }
  return text;
}

// What the training programs take for the answer: the last pair of tags in the last 300 characters.
std::optional<std::string> TrainingAnswer(std::string_view reply) {
  size_t begin = reply.size();
  for (int characters = 0; begin > 0 && characters < 300; ++characters) {
    --begin;
    while (begin > 0 && (static_cast<unsigned char>(reply[begin]) & 0xC0) == 0x80) --begin;
  }
  std::string_view rest = reply.substr(begin);
  std::optional<std::string> answer;
  while (true) {
    const size_t open = rest.find(kOpen);
    if (open == std::string_view::npos) break;
    rest.remove_prefix(open + kOpen.size());
    const size_t close = rest.find(kClose);
    if (close == std::string_view::npos) break;
    answer = PythonStrip(rest.substr(0, close));
    rest.remove_prefix(close + kClose.size());
  }
  if (answer && (answer->empty() || *answer == "...")) return std::nullopt;
  return answer;
}

double FormatBonus(std::string_view reply) {
  double bonus = 0;
  for (const std::string_view tag : {std::string_view("<reasoning>"), std::string_view("</reasoning>"), kOpen, kClose}) {
    if (Contains(reply, tag)) bonus += 0.2;
  }
  return bonus;
}

size_t Characters(std::string_view text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

// The option argument, as Python sees it: a list of texts, or a text.
class Options {
 public:
  Options(RewardOptions as, std::string_view cell) : as_(as), cell_(cell) {
    if (as == RewardOptions::kListed) {
      items_ = DvmapOptions(cell);
      return;
    }
    for (size_t i = 0; i < cell.size();) {
      size_t next = i + 1;
      while (next < cell.size() && (static_cast<unsigned char>(cell[next]) & 0xC0) == 0x80) ++next;
      items_.emplace_back(cell.substr(i, next - i));
      i = next;
    }
  }

  // option.index(text); nothing: it is not in there.
  std::optional<double> Index(std::string_view text) const {
    if (as_ == RewardOptions::kListed) {
      const auto found = std::find(items_.begin(), items_.end(), text);
      if (found == items_.end()) return std::nullopt;
      return static_cast<double>(found - items_.begin());
    }
    const size_t found = cell_.find(text);
    if (found == std::string_view::npos) return std::nullopt;
    return static_cast<double>(Characters(cell_.substr(0, found)));
  }

  std::vector<std::string_view> Except(std::string_view gold) const {
    std::vector<std::string_view> others;
    for (const std::string& item : items_) {
      if (item != gold) others.push_back(item);
    }
    return others;
  }

  double size() const { return static_cast<double>(items_.size()); }

 private:
  RewardOptions as_;
  std::string_view cell_;
  std::vector<std::string> items_;
};

}  // namespace

bool IsKept(std::string_view gold, std::string_view options_cell) { return Contains(options_cell, gold); }

std::optional<std::string> ExtractAnswer(std::string_view reply) {
  const size_t open = reply.rfind(kOpen);
  if (open == std::string_view::npos) return std::nullopt;
  const std::string_view rest = reply.substr(open + kOpen.size());
  const size_t close = rest.find(kClose);
  if (close == std::string_view::npos) return std::nullopt;
  return std::string(PythonStrip(rest.substr(0, close)));
}

bool IsCorrect(const std::optional<std::string>& answer, std::string_view gold,
               const std::vector<std::string>& options) {
  if (!answer) return false;
  if (*answer == gold) return true;
  if (answer->empty() || !Contains(*answer, gold)) return false;
  return std::none_of(options.begin(), options.end(),
                      [&](const std::string& option) { return option != gold && Contains(*answer, option); });
}

StrictDvmapReading ReadStrictly(std::string_view reply, const std::vector<std::string>& options) {
  StrictDvmapReading reading;
  const std::string lower = LowerAscii(reply);
  const size_t close = lower.rfind(kClose);
  const size_t open = close == std::string::npos ? close : lower.rfind(kOpen, close);
  if (open == std::string::npos) {
    const bool opened = Contains(lower, kOpen);
    reading.problem = opened ? "the answer tag is not closed" : "no answer tags";
    reading.kind = opened ? "not_closed" : "no_tags";
    return reading;
  }
  const size_t begin = open + kOpen.size();
  const std::string block = Plain(reply.substr(begin, close - begin));
  if (block.empty()) {
    reading.problem = "empty answer";
    reading.kind = "empty";
    return reading;
  }
  const std::string_view bare = Bare(block);
  for (size_t i = 0; i < options.size(); ++i) {
    const std::string option = Plain(options[i]);
    if (block == option || bare == option || bare == Bare(option)) {
      reading.option = i;
      return reading;
    }
  }
  reading.problem = "the answer is none of the options";
  reading.kind = "not_an_option";
  return reading;
}

const char* RewardName(Reward reward) {
  switch (reward) {
    case Reward::kWvs: return "wvs";
    case Reward::kWvsD: return "wvs_d";
    case Reward::kWvsG: return "wvs_g";
    case Reward::kWvsP: return "wvs_p";
  }
  return "";
}

std::optional<double> RewardOf(Reward reward, RewardOptions as, std::string_view reply, std::string_view gold,
                               std::string_view options_cell, double frequency) {
  const Options options(as, options_cell);
  const double bonus = FormatBonus(reply);
  const std::optional<std::string> answer = TrainingAnswer(reply);
  if (!answer) return bonus;
  const std::vector<std::string_view> others = options.Except(gold);
  const auto names = [&](std::string_view other) { return Contains(*answer, other); };
  const bool lenient = Contains(*answer, gold) && std::none_of(others.begin(), others.end(), names);
  if (reward == Reward::kWvs) {
    if (*answer == gold) return 2.0 + bonus;
    return lenient ? 1.0 + bonus : bonus;
  }
  const double p = reward == Reward::kWvsP ? 1 - frequency : 1.0;
  const std::optional<double> gold_at = options.Index(gold);
  // Nearness of another option, from 1 downwards.
  const auto near = [&](double at) { return 1 - std::fabs(at - *gold_at) / options.size(); };
  if (const std::optional<double> at = options.Index(*answer)) {
    if (*answer == gold) return reward == Reward::kWvsG ? 2.0 + bonus + 1 : 2.0 * p + bonus;
    if (!gold_at) return std::nullopt;
    if (reward != Reward::kWvsG) return near(*at) * p + bonus;
    if (options.size() < 2) return std::nullopt;
    const double distance = (*at - *gold_at) / (options.size() - 1);
    return std::exp(-(distance * distance) / (2 * (0.25 * 0.25))) + bonus;
  }
  if (lenient) return 1.0 * p + bonus;
  if (reward == Reward::kWvsG) return bonus;
  std::vector<std::string_view> named;
  std::copy_if(others.begin(), others.end(), std::back_inserter(named), names);
  if (named.size() != 1) return bonus;
  if (!gold_at) return std::nullopt;
  return 0.5 * near(*options.Index(named[0])) * p + bonus;
}

}  // namespace axiometer::dvmap
