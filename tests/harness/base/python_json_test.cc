#include "harness/base/python_json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace axiometer {
namespace {

// json.dumps(json.loads(text), ensure_ascii=False), or "no JSON".
std::string Again(const std::string& text) {
  const std::optional<Json> value = ParsePythonJson(text);
  return value ? DumpJsonAsPython(*value) : "no JSON";
}

TEST(PythonJson, TakesWhatPythonTakes) {
  EXPECT_EQ(Again(" \t\r\n[1, -0, 0.5e1, true, false, null, \"\"] "),
            "[1, 0, 5.0, true, false, null, \"\"]");
  EXPECT_EQ(Again("[NaN, Infinity, -Infinity]"), "[NaN, Infinity, -Infinity]");
  EXPECT_EQ(Again("1e400"), "Infinity");
  EXPECT_EQ(Again("18446744073709551616"), "18446744073709551616");
  EXPECT_EQ(Again("\"\\ud83d\\ude00 \\/ \\u0007\x7F\""), "\"😀 / \\u0007\x7F\"");
}

TEST(PythonJson, RefusesWhatPythonRefuses) {
  for (const char* text : {"",
                           " ",
                           "\xEF\xBB\xBF{}",
                           "01",
                           "1.",
                           ".5",
                           "+1",
                           "-",
                           "1e",
                           "nan",
                           "-NaN",
                           "{1: 2}",
                           "[1,]",
                           "{\"a\": 1,}",
                           "{\"a\" 1}",
                           "'a'",
                           "\"\n\"",
                           "\"\\x\"",
                           "\"\\u12g4\"",
                           "\"a",
                           "{} {}",
                           "\xC2\xA0{}",
                           "[1 2]",
                           "tru"}) {
    EXPECT_EQ(Again(text), "no JSON") << text;
  }
}

TEST(PythonJson, ALoneSurrogateBecomesTheReplacementCharacter) {
  EXPECT_EQ(Again("\"\\ud83dx\\ude00\\ud83d\\u0041\""),
            "\"\xEF\xBF\xBDx\xEF\xBF\xBD\xEF\xBF\xBD"
            "A\"");
}

TEST(PythonJson, DepthIsBounded) {
  EXPECT_EQ(Again(std::string(100, '[') + std::string(100, ']')),
            std::string(100, '[') + std::string(100, ']'));
  EXPECT_EQ(Again(std::string(100'000, '[')), "no JSON");
}

TEST(PythonStr, WritesScalarsAsPythonDoes) {
  EXPECT_EQ(PythonStr(Json("x")), "x");
  EXPECT_EQ(PythonStr(Json()), "None");
  EXPECT_EQ(PythonStr(Json(true)), "True");
  EXPECT_EQ(PythonStr(Json(1)), "1");
  EXPECT_EQ(PythonStr(Json(1.0)), "1.0");
  EXPECT_EQ(PythonStr(*ParsePythonJson("-Infinity")), "-inf");
}

TEST(PythonStr, WhatIsFalseIsEmptyWhereThatIsAsked) {
  for (const char* text : {"null", "false", "0", "-0.0", "[]", "{}", "\"\""}) {
    EXPECT_EQ(PythonStrOrEmpty(*ParsePythonJson(text)), "") << text;
  }
  EXPECT_EQ(PythonStrOrEmpty(Json(7)), "7");
  EXPECT_EQ(PythonStrOrEmpty(*ParsePythonJson("NaN")), "nan");
}

TEST(PythonInteger, TakesWhatIntTakes) {
  const auto integer = [](const char* text) { return PythonInteger(*ParsePythonJson(text)); };
  EXPECT_EQ(integer("2"), 2);
  EXPECT_EQ(integer("-7.9"), -7);
  EXPECT_EQ(integer("true"), 1);
  EXPECT_EQ(integer(R"(" +12\n")"), 12);
  EXPECT_EQ(integer(R"("-1_000")"), -1000);
  EXPECT_EQ(integer(R"("01")"), 1);
  for (const char* text : {"null", "[]", R"("")", R"("1.0")", R"("1__0")", R"("_1")", R"("1_")", R"("+")", R"("0x1")",
                           "NaN", "1e300", R"("99999999999999999999")"}) {
    EXPECT_EQ(integer(text), std::nullopt) << text;
  }
}

TEST(PythonStrip, KnowsEveryWhiteSpaceOfUnicode) {
  for (const char* space : {"\t", "\n", "\x0B", "\x1C", "\x1F", " ", "\xC2\x85", "\xC2\xA0",
                            "\xE1\x9A\x80", "\xE2\x80\x80", "\xE2\x80\x8A", "\xE2\x80\xA8",
                            "\xE2\x80\xA9", "\xE2\x80\xAF", "\xE2\x81\x9F", "\xE3\x80\x80"}) {
    EXPECT_EQ(PythonStrip(std::string(space) + "a b" + space), "a b") << space;
  }
  for (const char* other : {"\xE2\x80\x8B", "\xEF\xBB\xBF", "\xC3\xA9", "\x7F"}) {
    EXPECT_EQ(PythonStrip(other), other);
  }
  EXPECT_EQ(PythonStrip(" \n "), "");
}

TEST(EmbeddedJson, PrefersTheFirstFencedBlock) {
  EXPECT_EQ(EmbeddedJson("x {1} ```json\n [2] ``` ```3```"), "[2]");
  EXPECT_EQ(EmbeddedJson("```{2}```"), "{2}");
  EXPECT_EQ(EmbeddedJson("``` jsonx```"), "jsonx");
  EXPECT_EQ(EmbeddedJson("[{1} [2] {3}]"), "{1} [2] {3}");
  EXPECT_EQ(EmbeddedJson("} [1] {"), "[1]");
  EXPECT_EQ(EmbeddedJson("nothing"), "");
}

}  // namespace
}  // namespace axiometer
