#include "environments/tool.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace axiometer {
namespace {

std::string Schema(const char* text) { return SchemaProblem(Json::parse(text)).value_or("none"); }

std::string Value(const char* schema, const char* value) {
  return ValueProblem(Json::parse(schema), Json::parse(value)).value_or("none");
}

TEST(ToolTest, ASchemaThatIsNoneIsToldWithItsPlace) {
  EXPECT_EQ(Schema(R"({"type": "object"})"), "none");
  EXPECT_EQ(
      Schema(
          R"({"type": "object", "properties": {"a": {"type": ["string", "null"]}}, "required": ["a"]})"),
      "none");
  EXPECT_EQ(Schema("[]"), "expected a JSON schema, an object");
  EXPECT_EQ(Schema(R"({"type": "array"})"), "type: expected \"object\"");
  EXPECT_EQ(Schema(R"({"type": "object", "required": ["a"]})"), "required: \"a\" is no property");
  EXPECT_EQ(Schema(R"({"type": "object", "properties": {"a": {"type": "text"}}})"),
            "properties.a.type: no type of JSON Schema: \"text\"");
  EXPECT_EQ(Schema(R"({"type": "object", "properties": {"a": {"type": "array", "items": 3}}})"),
            "properties.a.items: expected a schema, an object");
  EXPECT_EQ(Schema(R"({"type": "object", "properties": {"a": {"anyOf": [{"enum": []}]}}})"),
            "properties.a.anyOf.enum: expected a list of values");
}

TEST(ToolTest, AValueThatContradictsItsSchemaIsToldWithItsPlace) {
  const char* schema = R"({"type": "object", "required": ["n"],
                           "properties": {"n": {"type": "integer"}, "l": {"items": {"enum": ["x"]}}}})";
  EXPECT_EQ(Value(schema, R"({"n": 1, "other": 2})"), "none");
  EXPECT_EQ(Value(schema, R"({"n": 1.0})"), "none");
  EXPECT_EQ(Value(schema, R"({"n": 1.5})"), "n: not of type \"integer\"");
  EXPECT_EQ(Value(schema, R"({})"), "without the required \"n\"");
  EXPECT_EQ(Value(schema, R"({"n": 1, "l": ["x", "y"]})"), "l[]: not one of its enum");
  EXPECT_EQ(Value(schema, "3"), "not of type \"object\"");
}

TEST(ToolTest, TheDigestMindsToolsAndNotTheirOrder) {
  const CatalogTool a{"a", "does a", "{}"};
  const CatalogTool b{"b", "does b", "{}"};
  EXPECT_EQ(DigestWithTools("f", {a, b}), DigestWithTools("f", {b, a}));
  EXPECT_NE(DigestWithTools("f", {a, b}), DigestWithTools("f", {a}));
  EXPECT_NE(DigestWithTools("f", {a}), DigestWithTools("g", {a}));
}

TEST(ToolTest, EndpointsTakeShortPlainNames) {
  EXPECT_TRUE(IsFunctionName("get-Sum_2"));
  EXPECT_FALSE(IsFunctionName(""));
  EXPECT_FALSE(IsFunctionName("a.b"));
  EXPECT_FALSE(IsFunctionName(std::string(65, 'a')));
}

}  // namespace
}  // namespace axiometer
