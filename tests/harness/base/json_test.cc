#include "harness/base/json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace axiometer {
namespace {

TEST(PythonDump, WritesFloatsAsPythonDoes) {
  const auto dump = [](double value) { return DumpJsonAsPython(Json(value)); };
  EXPECT_EQ(dump(1.0), "1.0");
  EXPECT_EQ(dump(-0.0), "-0.0");
  EXPECT_EQ(dump(1e-5), "1e-05");
  EXPECT_EQ(dump(0.0001), "0.0001");
  EXPECT_EQ(dump(1e16), "1e+16");
  EXPECT_EQ(dump(9999999999999998.0), "9999999999999998.0");
  EXPECT_EQ(dump(1.7976931348623157e308), "1.7976931348623157e+308");
  EXPECT_EQ(dump(0.1 + 0.2), "0.30000000000000004");
}

TEST(PythonDump, KeepsOrderAndSpacesLikePython) {
  const Json value = *ParseJson(R"({"b":1,"a":[true,null,"é\n\u001f/"],"c":{}})", "here");
  EXPECT_EQ(DumpJsonAsPython(value), "{\"b\": 1, \"a\": [true, null, \"é\\n\\u001f/\"], \"c\": {}}");
  EXPECT_EQ(DumpJsonAsPython(value, 2),
            "{\n  \"b\": 1,\n  \"a\": [\n    true,\n    null,\n    \"é\\n\\u001f/\"\n  ],\n  \"c\": {}\n}");
}

TEST(ParseJson, NamesThePlace) {
  EXPECT_EQ(ParseJson("{\"a\": 1,\n  oops}", "x.json").error().ToString(), "x.json:2:3: not valid JSON");
  EXPECT_EQ(ParseJson(std::string_view("1\n\0 2", 5), "x.json").error().ToString(), "x.json:2:1: not valid JSON");
  EXPECT_EQ(ParseJson(" \n", "x.json").error().ToString(), "x.json: empty, expected JSON");
  EXPECT_EQ(ParseJson(std::string(300, '['), "x.json").error().ToString(),
            "x.json: nested deeper than 200 levels");
}

}  // namespace
}  // namespace axiometer
