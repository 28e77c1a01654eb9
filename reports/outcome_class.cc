#include "reports/outcome_class.h"

#include <string>

#include "harness/base/utf8.h"
#include "reports/metrics.h"
#include "reports/task_scores.h"

namespace axiometer {
namespace {

// Unicode 15: sentence-ending question marks, those that combine it with an exclamation, and emoji.
constexpr std::u32string_view kQuestionMarks =
    U"?\u037E\u055E\u061F\u1367\u1945\u203D\u2047\u2048\u2049\u2753\u2754\u2CFA\u2CFB\u2E2E\uA60F\uA6F7\uFE16\uFE56"
    U"\uFF1F"
    U"\U00011143";
// What may follow the mark of a sentence: quotes, brackets, emphasis, variation selectors.
constexpr std::u32string_view kClosing =
    U"\"')]}*_`~>\u00BB\u2019\u201D\u203A\u2E25\u3009\u300B\u300D\u300F\u3011\u3015\uFF09\uFF3D\uFF5D"
    U"\uFE0E\uFE0F";
constexpr std::u32string_view kSpaces =
    U" \t\n\v\f\r\u0085\u00A0\u1680\u2028\u2029\u202F\u205F\u3000\u200B\u200E\u200F";
constexpr char32_t kArmenian = U'\u055E';
constexpr size_t kLastBytes = 400;  // a last word, with whatever closes it

bool IsSpace(char32_t point) {
  return kSpaces.find(point) != std::u32string_view::npos || (point >= U'\u2000' && point <= U'\u200A');
}

bool IsLimit(Outcome outcome) { return IsJudged(outcome) && outcome != Outcome::kFinished; }

OutcomeClass OfScores(const SampleFacts& sample, const JudgedFacts& judged) {
  switch (ChoiceOf(*judged.a, *judged.b)) {
    case Choice::kA:
      return OutcomeClass::kChoseA;
    case Choice::kB:
      return OutcomeClass::kChoseB;
    case Choice::kBoth:
      return OutcomeClass::kBoth;
    case Choice::kTie:
      return OutcomeClass::kEven;
    case Choice::kNeither:
      break;
  }
  if (sample.every_call_failed) return OutcomeClass::kToolFailure;
  if (IsLimit(sample.outcome)) return OutcomeClass::kLimit;
  return sample.asks ? OutcomeClass::kAsked : OutcomeClass::kNeither;
}

}  // namespace

const char* OutcomeClassName(OutcomeClass outcome) {
  switch (outcome) {
    case OutcomeClass::kChoseA:
      return "chose_a";
    case OutcomeClass::kChoseB:
      return "chose_b";
    case OutcomeClass::kBoth:
      return "both";
    case OutcomeClass::kEven:
      return "even";
    case OutcomeClass::kToolFailure:
      return "tool_failure";
    case OutcomeClass::kLimit:
      return "limit";
    case OutcomeClass::kAsked:
      return "asked";
    case OutcomeClass::kNeither:
      return "neither";
    case OutcomeClass::kRefused:
      return "refused";
    case OutcomeClass::kSilent:
      return "silent";
    case OutcomeClass::kModelError:
      return "model_error";
    case OutcomeClass::kJudgeFailure:
      return "judge_failure";
    case OutcomeClass::kUnscorable:
      return "unscorable";
    case OutcomeClass::kNotJudged:
      return "not_judged";
  }
  return "";
}

OutcomeClass ClassOf(const SampleFacts& sample, const JudgedFacts* judged, bool answers) {
  if (judged != nullptr && HasShares(*judged)) return OfScores(sample, *judged);
  switch (sample.outcome) {
    case Outcome::kRefused:
      return OutcomeClass::kRefused;
    case Outcome::kEmptyReply:
    case Outcome::kUnusableReply:
      return OutcomeClass::kSilent;
    case Outcome::kModelError:
    case Outcome::kRateLimited:
    case Outcome::kModelTimeout:
      return OutcomeClass::kModelError;
    case Outcome::kEnvironmentFailed:
      return OutcomeClass::kToolFailure;
    default:
      break;
  }
  if (judged == nullptr) return OutcomeClass::kNotJudged;
  if (answers && judged->status == JudgementStatus::kUnreadable) {
    return sample.asks ? OutcomeClass::kAsked : OutcomeClass::kNeither;
  }
  return judged->status == JudgementStatus::kUnscorable ? OutcomeClass::kUnscorable : OutcomeClass::kJudgeFailure;
}

bool AsksSomething(std::string_view text) {
  const size_t cut = text.size() > kLastBytes ? text.size() - kLastBytes : 0;  // mid-character: one U+FFFD
  std::u32string last = CodePoints(text.substr(cut));
  while (!last.empty() && (IsSpace(last.back()) || kClosing.find(last.back()) != std::u32string_view::npos)) {
    last.pop_back();
  }
  if (last.empty()) return false;
  if (kQuestionMarks.find(last.back()) != std::u32string_view::npos) return true;
  while (!last.empty() && !IsSpace(last.back())) {
    if (last.back() == kArmenian) return true;
    last.pop_back();
  }
  return false;
}

}  // namespace axiometer
