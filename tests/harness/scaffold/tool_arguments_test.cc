#include "harness/scaffold/tool_arguments.h"

#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>

namespace axiometer {
namespace {

constexpr ArgumentRule kRepair = ArgumentRule::kRepair;
constexpr ArgumentRule kWithoutCjk = ArgumentRule::kRepairWithoutCjk;

std::string Replayed(const Json& arguments, ArgumentRule rule = kRepair) {
  const Json prepared = PrepareArguments(arguments, rule);
  return prepared.is_string() ? prepared.get<std::string>() : DumpJsonAsPython(prepared);
}

// What the environment gets, as one line of Python's JSON.
std::string Handed(const Json& arguments, ArgumentRule rule = kRepair) {
  return DumpJsonAsPython(
      ReadArguments(PrepareArguments(PrepareArguments(arguments, rule), rule), rule));
}

TEST(ToolArguments, ValidJsonIsTakenAndReplayedAsWritten) {
  EXPECT_EQ(Handed(R"({"a":1,"b":[1.0,null]})"), R"({"a": 1, "b": [1.0, null]})");
  EXPECT_EQ(Replayed(R"({"a":1,"b":[1.0,null]})"), R"({"a":1,"b":[1.0,null]})");
}

TEST(ToolArguments, OneMissingBraceIsAppendedAndReplayed) {
  EXPECT_EQ(Handed(R"({"a": {"b": 1})"), R"({"a": {"b": 1}})");
  EXPECT_EQ(Replayed(R"({"a": {"b": 1})"), R"({"a": {"b": 1}})");
}

TEST(ToolArguments, TwoMissingBracesAreNotRepaired) {
  EXPECT_EQ(Replayed(R"({"a": {"b": 1)"), R"({"a": {"b": 1)");
  EXPECT_EQ(Handed(R"({"a": {"b": 1)"), "{}");
}

TEST(ToolArguments, AFencedBlockIsReadButReplayedAsItWas) {
  const std::string fenced = "Here:\n```JSON\n{\"a\": 1}\n```\nand {\"b\": 2}";
  EXPECT_EQ(Handed(fenced), R"({"a": 1})");
  EXPECT_EQ(Replayed(fenced), fenced);
}

TEST(ToolArguments, AnUnreadableFencedBlockIsNotFollowedByBraces) {
  EXPECT_EQ(Handed("```json\nnothing\n``` {\"a\": 1}"), "{}");
}

TEST(ToolArguments, AnOpenFenceIsNoFence) {
  EXPECT_EQ(Handed("```json\n{\"a\": 1} ok"), R"({"a": 1})");
}

TEST(ToolArguments, TheFirstBraceToTheLastIsTried) {
  EXPECT_EQ(Handed(R"(call with {"a": {"b": 2}} please)"), R"({"a": {"b": 2}})");
  EXPECT_EQ(Handed(R"(either {"a": 1} or {"a": 2})"), "{}");
}

TEST(ToolArguments, WhatIsNoObjectBecomesTheEmptyOne) {
  for (const char* text : {"", "  ", "[1, 2]", "see [1, 2]", "7", "null", "\"{}\"", "nothing"}) {
    EXPECT_EQ(Handed(text), "{}") << text;
  }
  EXPECT_EQ(Handed(Json()), "{}");
  EXPECT_EQ(Handed(Json(5)), "{}");
  EXPECT_EQ(Handed(Json::array({1})), "{}");
}

TEST(ToolArguments, AnObjectInsteadOfTextIsTaken) {
  EXPECT_EQ(Handed(Json{{"b", 1}, {"a", "x"}}), R"({"b": 1, "a": "x"})");
}

TEST(ToolArguments, OfADuplicateKeyTheLastValueCountsAtTheFirstPlace) {
  EXPECT_EQ(Handed(R"({"a": 1, "b": 2, "a": 3})"), R"({"a": 3, "b": 2})");
}

TEST(ToolArguments, NumbersKeepWhatPythonKeeps) {
  EXPECT_EQ(Handed(R"({"n": 123456789012345678901234567890, "m": -9223372036854775808, "z": -0})"),
            R"({"n": 123456789012345678901234567890, "m": -9223372036854775808, "z": 0})");
  EXPECT_EQ(Handed(R"({"x": NaN, "y": -Infinity, "z": 1e999, "w": 1E2, "v": 1e-999})"),
            R"({"x": NaN, "y": -Infinity, "z": Infinity, "w": 100.0, "v": 0.0})");
}

TEST(ToolArguments, OnlyOneModelFamilyLosesIdeographs) {
  EXPECT_EQ(AgentValueBenchArgumentRule("google/Gemini-3-Flash-Preview"), kWithoutCjk);
  EXPECT_EQ(AgentValueBenchArgumentRule("gemini-3-flash-preview"), kWithoutCjk);
  EXPECT_EQ(AgentValueBenchArgumentRule("gemini-3-flash"), kRepair);
  EXPECT_EQ(AgentValueBenchArgumentRule("gemini-3-flash-preview/x"), kRepair);
}

TEST(ToolArguments, IdeographsAreDeletedAndEveryTextStripped) {
  EXPECT_EQ(Handed(R"({"name ": " Wei 魏 ", "n": [" a "]})", kWithoutCjk),
            R"({"name": "Wei", "n": ["a"]})");
  EXPECT_EQ(Replayed(R"({"name ": " Wei 魏 "})", kWithoutCjk), R"({"name": "Wei"})");
}

TEST(ToolArguments, WithoutAnIdeographInTheTextNothingIsStripped) {
  EXPECT_EQ(Handed(R"({"name ": " Wei "})", kWithoutCjk), R"({"name ": " Wei "})");
}

TEST(ToolArguments, AnEscapedIdeographIsDeletedWithoutStripping) {
  EXPECT_EQ(Handed(R"({"name": " \u9b4f x "})", kWithoutCjk), R"({"name": "  x "})");
  EXPECT_EQ(Replayed(R"({"name": " \u9b4f x "})", kWithoutCjk), R"({"name": " \u9b4f x "})");
}

TEST(ToolArguments, IdeographsOfAnObjectAreDeletedToo) {
  EXPECT_EQ(Handed(Json{{"a", "魏 "}}, kWithoutCjk), R"({"a": ""})");
  EXPECT_EQ(Handed(Json{{"a", "x "}}, kWithoutCjk), R"({"a": "x "})");
  EXPECT_EQ(Handed(Json{{"a ", std::numeric_limits<double>::quiet_NaN()}}, kWithoutCjk),
            R"({"a ": NaN})");
  EXPECT_EQ(Handed(Json{{"a", "𠀀ぁ"}}, kWithoutCjk), R"({"a": "ぁ"})");
}

}  // namespace
}  // namespace axiometer
