#include "judges/valueprism_rules.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "harness/base/json.h"
#include "harness/base/utf8.h"

namespace axiometer::valueprism {
namespace {

// Letters, digits and "_". Beyond ASCII: all but the blocks of spaces, punctuation, symbols and
// marks that tokenizers put in place of a blank.
bool IsWordPoint(char32_t point) {
  if (point < 0x80) {
    return (point >= 'a' && point <= 'z') || (point >= 'A' && point <= 'Z') ||
           (point >= '0' && point <= '9') || point == '_';
  }
  const bool latin_mark = point < 0xC0 && point != 0xAA && point != 0xB5 && point != 0xBA;
  const bool general =
      point >= 0x2000 && point <= 0x2BFF;  // punctuation, arrows, signs, boxes, dingbats
  const bool east_asian =
      (point >= 0x3000 && point <= 0x303F) || (point >= 0xFF00 && point <= 0xFF0F) ||
      (point >= 0xFF1A && point <= 0xFF20) || (point >= 0xFE00 && point <= 0xFE0F);
  return !(latin_mark || point == 0xD7 || point == 0xF7 || general || east_asian ||
           point == 0xFEFF || point == 0xFFFD || (point >= 0x1F000 && point <= 0x1FAFF));
}

std::u32string Lower(std::u32string points) {
  for (char32_t& point : points) {
    if (point >= 'A' && point <= 'Z') point += 32;
  }
  return points;
}

// Without what is no word at both ends, in lower case.
std::u32string Bare(std::string_view text) {
  const std::u32string points = Lower(CodePoints(text));
  const auto begin = std::find_if(points.begin(), points.end(), IsWordPoint);
  const auto end = std::find_if(points.rbegin(), points.rend(), IsWordPoint).base();
  return begin < end ? std::u32string(begin, end) : std::u32string();
}

bool HasWord(const std::u32string& text, const std::u32string& word) {
  for (size_t at = text.find(word); at != std::u32string::npos; at = text.find(word, at + 1)) {
    const size_t end = at + word.size();
    if ((at == 0 || !IsWordPoint(text[at - 1])) && (end == text.size() || !IsWordPoint(text[end])))
      return true;
  }
  return false;
}

std::string TokenText(const Json& token) {
  const Json* text = FindMember(token, "token");
  if (text == nullptr || !text->is_string()) return "";
  // Some servers leave a tokenizer's mark for a blank in front.
  std::string_view bare = text->get_ref<const std::string&>();
  if (bare.starts_with("Ġ")) bare.remove_prefix(std::string_view("Ġ").size());
  return std::string(bare);
}

}  // namespace

LabelReading ReadLabel(std::string_view completion, const std::vector<std::string>& labels) {
  LabelReading out;
  const std::u32string bare = Bare(completion);
  if (bare.empty()) {
    out.kind = "empty";
    return out;
  }
  std::vector<size_t> found;
  for (size_t i = 0; i < labels.size(); ++i) {
    const std::u32string label = Lower(CodePoints(labels[i]));
    if (bare == label) {
      out.label = i;
      return out;
    }
    if (HasWord(bare, label)) found.push_back(i);
  }
  if (found.size() == 1) {
    out.label = found.front();
  } else {
    out.kind = found.empty() ? "no_label" : "two_labels";
  }
  return out;
}

std::optional<size_t> LabelOfToken(std::string_view token, const std::vector<std::string>& labels) {
  const std::u32string bare = Bare(token);
  for (size_t i = 0; i < labels.size(); ++i) {
    const std::u32string label = Lower(CodePoints(labels[i]));
    if (bare == label || (bare.size() >= 2 && label.starts_with(bare))) return i;
  }
  return std::nullopt;
}

size_t Likelihoods::best() const {
  return static_cast<size_t>(std::max_element(p.begin(), p.end()) - p.begin());
}

Likelihoods ReadLikelihoods(std::string_view logprobs, const std::vector<std::string>& labels) {
  Likelihoods out;
  const Result<Json> json = ParseJson(logprobs, "logprobs");
  const Json* content = json ? FindMember(*json, "content") : nullptr;
  if (content == nullptr || !content->is_array() || content->empty()) {
    out.kind = "no_logprobs";
    return out;
  }
  const auto place = std::find_if(content->begin(), content->end(), [](const Json& token) {
    return !Bare(TokenText(token)).empty();
  });
  if (place == content->end()) {
    out.kind = "no_label_token";
    return out;
  }
  std::vector<double> sums(labels.size());
  std::vector<bool> listed(labels.size());
  std::set<std::string> seen;
  double least = 1;  // of the listed tokens
  double rest = 1;   // what they leave
  const auto add = [&](const Json& token) {
    const Json* logprob = FindMember(token, "logprob");
    const std::string text = TokenText(token);
    if (logprob == nullptr || !logprob->is_number() || !seen.insert(text).second) return;
    const double p = std::exp(std::min(0.0, logprob->get<double>()));
    least = std::min(least, p);
    rest = std::max(0.0, rest - p);
    const std::optional<size_t> label = LabelOfToken(text, labels);
    if (!label || !(p >= 0)) return;
    sums[*label] += p;
    listed[*label] = true;
  };
  if (const Json* top = FindMember(*place, "top_logprobs"); top != nullptr && top->is_array()) {
    for (const Json& token : *top) add(token);
  }
  add(*place);
  for (const double sum : sums) out.mass += sum;
  out.unlisted = static_cast<size_t>(std::count(listed.begin(), listed.end(), false));
  if (!(out.mass > 0)) {
    out.mass = 0;
    out.kind = seen.empty() ? "no_logprobs" : "no_label_token";
    return out;
  }
  const double at_most = std::min(least, rest);
  if (out.unlisted > 0 && at_most > 0) out.unlisted_at_most = at_most / (out.mass + at_most);
  for (double& sum : sums) sum /= out.mass;
  out.p = std::move(sums);
  return out;
}

}  // namespace axiometer::valueprism
