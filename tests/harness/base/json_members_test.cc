#include "harness/base/json_members.h"

#include <gtest/gtest.h>

namespace axiometer {
namespace {

constexpr std::string_view kKeys[] = {"a", "list"};

std::string Only(std::string_view text) { return OnlyMembers(text, kKeys); }

TEST(JsonMembersTest, WantedMembersStayAsTheyAreWritten) {
  EXPECT_EQ(Only(R"({"a": 1.50, "b": {"a": 2}, "list": [1, {"a": "]}"}]})"),
            R"({"a": 1.50,"list": [1, {"a": "]}"}]})");
  EXPECT_EQ(Only(" {\n\t\"b\" : null , \"a\":-1e5 } \r\n"), R"({"a":-1e5 })");
}

TEST(JsonMembersTest, TextIsNotTakenForStructure) {
  EXPECT_EQ(Only(R"({"b": "\"}, \"a\": 3, \\", "a": "x\\\"{"})"), R"({"a": "x\\\"{"})");
  EXPECT_EQ(Only(R"({"b": ["\\"], "a": []})"), R"({"a": []})");
}

TEST(JsonMembersTest, AnObjectWithoutThemIsEmpty) {
  EXPECT_EQ(Only("{}"), "{}");
  EXPECT_EQ(Only(R"({"\u0061": 1, "A": 2, "": 3})"), "{}");
}

TEST(JsonMembersTest, WhatIsNoObjectHasNone) {
  for (const char* text : {"", " ", "[]", "1", "null", "{", "{\"a\"", "{\"a\":", "{\"a\": 1",
                           "{\"a\": \"x", "{\"a\": [1}", "{\"a\": }", "{\"a\": 1,", "{\"a\": 1} x",
                           "{\"a\" 1}", "{a: 1}", "{\"a\\\": 1}"}) {
    EXPECT_EQ(Only(text), "") << text;
  }
}

}  // namespace
}  // namespace axiometer
