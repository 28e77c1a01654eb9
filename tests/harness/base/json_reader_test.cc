#include "harness/base/json_reader.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace axiometer {
namespace {

TEST(JsonFields, ReadsWhatIsThere) {
  const Json json = *ParseJson(R"({"t": "x", "n": 3, "l": ["a"], "o": [{"k": 1}], "b": true})", "f");
  JsonFields fields(json, "f.json");
  EXPECT_EQ(fields.NeedText("t"), "x");
  EXPECT_EQ(fields.NeedInteger("n", 1, 5), 3);
  EXPECT_EQ(fields.NeedTexts("l"), std::vector<std::string>{"a"});
  EXPECT_TRUE(fields.BooleanOr("b", false));
  EXPECT_EQ(fields.IntegerOr("absent", 0, 9, 7), 7);
  EXPECT_EQ(fields.NeedObjects("o").size(), 1u);
  EXPECT_FALSE(fields.error());
}

TEST(JsonFields, SaysWhatIsWrongAndWhere) {
  const Json json = *ParseJson(R"({"items": [{"weight": 1}, {"weight": "high"}, 3], "t": {}, "l": [1]})", "f");
  {
    JsonFields fields(json["items"][1], "f.json", "items[1]");
    fields.NeedInteger("weight", 1, 5);
    EXPECT_EQ(fields.error()->ToString(), "f.json: items[1].weight: expected 1 to 5, got \"high\"");
  }
  const auto error = [&](auto read) {
    JsonFields fields(json, "f.json");
    read(fields);
    fields.NeedText("never reached");
    return fields.error()->ToString();
  };
  EXPECT_EQ(error([](JsonFields& f) { f.NeedObjects("items"); }),
            "f.json: items[2]: expected an object, got 3");
  EXPECT_EQ(error([](JsonFields& f) { f.NeedText("t"); }), "f.json: t: expected text, got an object");
  EXPECT_EQ(error([](JsonFields& f) { f.NeedTexts("l"); }), "f.json: l[0]: expected text, got 1");
  EXPECT_EQ(error([](JsonFields& f) { f.NeedText("u"); }), "f.json: \"u\" is missing");
  EXPECT_EQ(JsonFields(Json(3), "f.json").error()->ToString(), "f.json: expected an object, got 3");
}

}  // namespace
}  // namespace axiometer
