#include "judges/choice_judge.h"

#include <algorithm>
#include <cctype>

#include "harness/base/digest.h"
#include "harness/base/utf8.h"

namespace axiometer {
namespace {

constexpr std::string_view kWideColon = "：";

// Of Markdown and of quoting, which people and models put around words; beginnings of UTF-8
// quotation marks too.
bool IsMark(char c) {
  return std::string_view("*_#>`-\"'()[]{}").find(c) != std::string_view::npos;
}
bool IsSpaceByte(char c) { return c == ' ' || c == '\t' || c == '\r'; }
bool IsWordByte(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || (c & 0x80) != 0;
}

std::string_view WithoutMarks(std::string_view text) {
  while (!text.empty() && (IsMark(text.front()) || IsSpaceByte(text.front()) || text.front() == '\n'))
    text.remove_prefix(1);
  return text;
}

bool TakeWord(std::string_view& text, std::string_view word) {
  if (text.size() < word.size()) return false;
  for (size_t i = 0; i < word.size(); ++i) {
    if (std::tolower(static_cast<unsigned char>(text[i])) != word[i]) return false;
  }
  const std::string_view rest = text.substr(word.size());
  if (!rest.empty() && IsWordByte(rest.front()) && !rest.starts_with(kWideColon)) return false;
  text.remove_prefix(word.size());
  return true;
}

// What stands after the last "Answer:" that begins a line; nullopt: there is none.
std::optional<std::string_view> AfterAnswer(std::string_view reply) {
  std::optional<std::string_view> found;
  for (size_t start = 0; start <= reply.size();) {
    const size_t end = std::min(reply.find('\n', start), reply.size());
    std::string_view rest = WithoutMarks(reply.substr(start, end - start));
    if (TakeWord(rest, "final")) rest = WithoutMarks(rest);
    if (TakeWord(rest, "answer")) {
      // To the end of the reply, so that the key may stand on a line of its own.
      const size_t after = static_cast<size_t>(rest.data() - reply.data());
      rest = WithoutMarks(reply.substr(after));
      if (!rest.empty() && (rest.front() == ':' || rest.front() == '=')) rest.remove_prefix(1);
      if (rest.starts_with(kWideColon)) rest.remove_prefix(kWideColon.size());
      rest = WithoutMarks(rest);
      found = rest.substr(0, rest.find('\n'));
    }
    start = end + 1;
  }
  return found;
}

// Whether one of `options` but the `named` one stands in `text` as a word.
bool NamesAnother(std::string_view text, const std::vector<ChoiceOption>& options, size_t named) {
  for (size_t i = 0; i < options.size(); ++i) {
    if (i == named) continue;
    const std::string& key = options[i].key;
    for (size_t at = text.find(key); at != std::string_view::npos; at = text.find(key, at + 1)) {
      const bool begins = at == 0 || !IsWordByte(text[at - 1]);
      const bool ends = at + key.size() == text.size() || !IsWordByte(text[at + key.size()]);
      if (begins && ends) return true;
    }
  }
  return false;
}

// "/7" and "out of 7" after a degree say no other degree.
void DropScale(std::string_view& rest, const std::string& last) {
  std::string_view after = rest;
  while (!after.empty() && IsSpaceByte(after.front())) after.remove_prefix(1);
  if (after.starts_with('/')) {
    after.remove_prefix(1);
  } else if (after.starts_with("out of ")) {
    after.remove_prefix(7);
  } else {
    return;
  }
  while (!after.empty() && IsSpaceByte(after.front())) after.remove_prefix(1);
  if (after.starts_with(last)) rest = after.substr(last.size());
}

class ChoiceJudge : public Judge {
 public:
  const char* protocol() const override { return "axiometer-choice"; }
  const std::string& prompt_digest() const override {
    static const std::string kDigest = Sha256("axiometer-choice 1");
    return kDigest;
  }
  std::optional<JudgeRequest> Ask(const Task&, const Trajectory&) const override {
    return std::nullopt;
  }
  JudgeReading Read(const Task&, const Trajectory&, const std::string&) const override {
    return {};
  }

  Judgement Conclude(const Task& task, const Trajectory& trajectory,
                     const JudgeReading*) const override {
    Judgement judgement;
    ChoiceReading reading = ReadChoice(trajectory.final_text, task.options);
    if (!reading.option) {
      judgement.status = JudgementStatus::kUnreadable;
      judgement.problem = std::move(reading.problem);
      return judgement;
    }
    judgement.status = JudgementStatus::kScored;
    const double place =
        static_cast<double>(*reading.option) / static_cast<double>(task.options.size() - 1);
    const double share_of_a = task.options.front().pole == 'a' ? 1 - place : place;
    judgement.scores = {{"a", share_of_a, std::nullopt},
                        {"b", 1 - share_of_a, std::nullopt},
                        {"answer", std::nullopt, task.options[*reading.option].key},
                        {"place", place, std::nullopt}};
    return judgement;
  }
};

}  // namespace

ChoiceReading ReadChoice(std::string_view reply, const std::vector<ChoiceOption>& options) {
  const std::string_view trimmed = TrimPython(reply);
  if (trimmed.empty()) return {std::nullopt, "the reply is blank"};
  const std::optional<std::string_view> after = AfterAnswer(trimmed);
  const std::string_view text = after ? *after : WithoutMarks(trimmed);
  for (size_t i = 0; i < options.size(); ++i) {
    const std::string& key = options[i].key;
    const bool same = text.size() >= key.size() &&
                      std::equal(key.begin(), key.end(), text.begin(), [](char wanted, char got) {
                        return std::toupper(static_cast<unsigned char>(wanted)) ==
                               std::toupper(static_cast<unsigned char>(got));
                      });
    if (!same) continue;
    std::string_view rest = text.substr(key.size());
    const bool degrees = std::isdigit(static_cast<unsigned char>(key.front())) != 0;
    if (degrees) DropScale(rest, options.back().key);
    const bool alone = rest.empty() || IsMark(rest.front()) ||
                       std::string_view(".,:;!\r\n").find(rest.front()) != std::string_view::npos;
    // "4.5" and "3-4" are between two degrees.
    const bool between =
        degrees && rest.size() > 1 && std::isdigit(static_cast<unsigned char>(rest[1])) != 0;
    if (!alone && !(after && IsSpaceByte(rest.front()))) continue;
    if (between || NamesAnother(rest, options, i))
      return {std::nullopt, "the answer names more than one option"};
    return {i, ""};
  }
  return {std::nullopt, after ? "the answer names no option" : "no line begins with \"Answer:\""};
}

std::unique_ptr<Judge> MakeChoiceJudge() { return std::make_unique<ChoiceJudge>(); }

}  // namespace axiometer
