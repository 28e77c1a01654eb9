#include "judges/prompt.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace axiometer {
namespace {

std::string Problem(const std::string& prompt) {
  const Result<void> checked = CheckPlaceholders(prompt);
  return checked ? "" : checked.error().ToString();
}

TEST(Placeholders, OfAPromptAreChecked) {
  EXPECT_EQ(Problem("{{ITEMS}} {{TRANSCRIPT}} {{MARK}} {{MARK}} {\"a\": {}} {{x}}"), "");
  EXPECT_EQ(Problem("{{TRANSCRIPT}} {{MARK}}"),
            "judge prompt: expected {{ITEMS}} once, found it 0 times");
  EXPECT_EQ(Problem("{{ITEMS}} {{TRANSCRIPT}} {{TRANSCRIPT}} {{MARK}}"),
            "judge prompt: expected {{TRANSCRIPT}} once, found it 2 times");
  EXPECT_EQ(Problem("{{ITEMS}} {{TRANSCRIPT}}"),
            "judge prompt: {{MARK}} is missing: tell the judge that every event begins with "
            "=={{MARK}}==");
  EXPECT_EQ(Problem("{{ITEMS}} {{TRANSCRIPTS}} {{MARK}}"),
            "judge prompt: unknown placeholder {{TRANSCRIPTS}}: it may hold {{ITEMS}}, "
            "{{TRANSCRIPT}} and {{MARK}}");
}

TEST(Placeholders, OfOurOwnPromptAreRight) {
  std::ifstream file(std::string(AXIOMETER_TEST_DIR) + "/../judges/prompts/rubric.txt");
  std::stringstream text;
  text << file.rdbuf();
  EXPECT_EQ(Problem(text.str()), "");
}

std::string Format(const std::string& format) {
  const Result<std::string> out = FormatAsPython(format, {{"name", "{x}"}, {"text", "T"}});
  return out ? *out : out.error().ToString();
}

TEST(FormatAsPython, FillsFieldsAndHalvesDoubledBraces) {
  EXPECT_EQ(Format("{{\"a\": \"{name}\"}} {text}{text}"), "{\"a\": \"{x}\"} TT");
  EXPECT_EQ(Format("{{{name}}}"), "{{x}}");
}

TEST(FormatAsPython, RefusesWhatStrFormatWouldRefuseOrReadOtherwise) {
  EXPECT_EQ(Format("a } b"), "judge prompt: a single \"}\" at byte 2 of the format string");
  EXPECT_EQ(Format("a {"), "judge prompt: a single \"{\" at byte 2 of the format string");
  EXPECT_EQ(Format("{name{}}"), "judge prompt: a single \"{\" at byte 0 of the format string");
  EXPECT_EQ(Format("{other}"), "judge prompt: unknown field \"{other}\" in the format string");
  EXPECT_EQ(Format("{}"), "judge prompt: unknown field \"{}\" in the format string");
  EXPECT_EQ(Format("{name!r}"), "judge prompt: unknown field \"{name!r}\" in the format string");
}

}  // namespace
}  // namespace axiometer
