#include "harness/base/yaml_reader.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>

namespace axiometer {
namespace {

YamlView Read(std::string_view text) {
  Result<YamlView> view = YamlView::Parse(text, "t.yaml");
  EXPECT_TRUE(view) << (view ? "" : view.error().ToString());
  return *view;
}

std::string ParseError(std::string_view text) {
  const Result<YamlView> view = YamlView::Parse(text, "t.yaml");
  return view ? "no error" : view.error().ToString();
}

std::string AsJson(std::string_view text) {
  const Result<Json> json = Read(text).ToJson();
  return json ? DumpJson(*json) : json.error().ToString();
}

TEST(YamlReader, KeepsOrderAndPlaces) {
  const YamlView view = Read("b: 1\na:\n  - x\n  - {k: \"v\"}\n");
  const auto members = view.Members();
  ASSERT_EQ(members->size(), 2u);
  EXPECT_EQ((*members)[0].first, "b");
  const auto items = (*members)[1].second.Items();
  EXPECT_EQ((*items)[1].path(), "a[1]");
  EXPECT_EQ((*items)[1].node().line, 4);
  EXPECT_EQ((*items)[1].node().column, 5);
  EXPECT_EQ((*(*items)[1].Members())[0].second.path(), "a[1].k");
}

TEST(YamlReader, ColumnsCountCharactersNotBytes) {
  EXPECT_EQ((*Read("{é: 1, k: x}").Members())[1].second.node().column, 11);
}

TEST(YamlReader, ConvertsByTheCoreSchema) {
  EXPECT_EQ(AsJson("[null, ~, Null, true, FALSE, yes, 12, -3, +4, 0x1F, 0o17, 1.5, .5, 1e3, 2.]"),
            "[null,null,null,true,false,\"yes\",12,-3,4,31,15,1.5,0.5,1000.0,2.0]");
  EXPECT_EQ(AsJson("[\"12\", 'true', \"null\", 2026-01-01, 1_000, \"\", 0x, -]"),
            "[\"12\",\"true\",\"null\",\"2026-01-01\",\"1_000\",\"\",\"0x\",\"-\"]");
  EXPECT_EQ(AsJson("a: |\n  12\nb: >\n  x\n  y\nc:\n"), R"({"a":"12\n","b":"x y\n","c":null})");
  EXPECT_EQ(AsJson("18446744073709551615"), "18446744073709551615");
  EXPECT_EQ(AsJson("[1, 99999999999999999999]"),
            "t.yaml:1:5: [1]: number 99999999999999999999 cannot be held: quote it to make it text");
  EXPECT_EQ(AsJson(".inf"), "t.yaml:1:1: number .inf cannot be held: quote it to make it text");
}

TEST(YamlReader, AnEmptyFileIsNull) {
  EXPECT_TRUE(Read("").is_null());
  EXPECT_TRUE(Read("# only a comment\n").is_null());
}

TEST(YamlReader, ABomAndCarriageReturnsAreTaken) {
  EXPECT_EQ(AsJson("\xEF\xBB\xBF" "a: 1\r\nb: x\r\n"), R"({"a":1,"b":"x"})");
}

TEST(YamlReader, RefusesWhatFormatForbids) {
  EXPECT_EQ(ParseError("a: 1\nb: 2\na: 3\n"), "t.yaml:3:1: key \"a\" is already given in line 1: keep one of the two");
  EXPECT_EQ(ParseError("a: &x 1\nb: *x\n"), "t.yaml:1:4: anchors (&name) are not allowed: leave it out, or quote the text");
  EXPECT_EQ(ParseError("a: !!str 1\n"), "t.yaml:1:4: tags (!name) are not allowed: leave it out, or quote the text");
  EXPECT_EQ(ParseError("a: ! 1\n"), "t.yaml:1:4: tags (!name) are not allowed: leave it out, or quote the text");
  EXPECT_EQ(ParseError("a: !!map {}\n"), "t.yaml:1:4: tags (!name) are not allowed: leave it out, or quote the text");
  EXPECT_EQ(ParseError("a:\n\tb: 1\n"), "t.yaml:2:1: tab in the indentation: use spaces");
  EXPECT_EQ(ParseError("? [a]\n: 1\n"), "t.yaml:1:3: a key must be text");
  EXPECT_EQ(ParseError("a: 1\n---\nb: 1\n"), "t.yaml: more than one document (---): use one file for each");
  EXPECT_EQ(ParseError("a: caf\xE9\n"), "t.yaml:1:7: not valid UTF-8: save the file as UTF-8");
  EXPECT_EQ(ParseError("a: x\x04y\n"), "t.yaml:1:5: control character \\x04 is not allowed: remove it");
}

TEST(YamlReader, NamesThePlaceOfASyntaxError) {
  EXPECT_EQ(ParseError("a: [1, 2\nb: 3\n").substr(0, 7), "t.yaml:");
  EXPECT_EQ(ParseError("a: b: c\n"), "t.yaml:1:5: not valid YAML: put a text that holds \": \" in quotes, or begin it on the next line after \"|\"");
}

TEST(YamlReader, BoundsSizeAndDepth) {
  EXPECT_EQ(ParseError(std::string(5u << 20, ' ')), "t.yaml: larger than 4194304 bytes: split it into several files");
  EXPECT_EQ(ParseError(std::string(100, '[') + std::string(100, ']')),
            "t.yaml:1:65: nested deeper than 64 levels: nothing here needs so many: close the brackets");
  EXPECT_NE(ParseError(std::string(100'000, '{')), "no error");
}

// 200,000 keys, and as many items in one line: by the square of them it would take minutes.
TEST(YamlReader, ManyKeysAndALongLineTakeNoLonger) {
  std::string keys;
  std::string line = "[";
  for (int i = 0; i < 200'000; ++i) {
    keys += "k" + std::to_string(i) + ": é\n";
    line += "é, ";
  }
  EXPECT_EQ(Read(keys).node().members.size(), 200'000u);
  EXPECT_EQ(ParseError(keys + "k7: 1\n"),
            "t.yaml:200001:1: key \"k7\" is already given in line 8: keep one of the two");
  const YamlView items = Read(line + "é]");
  ASSERT_EQ(items.node().items.size(), 200'001u);
  EXPECT_EQ(items.node().items.back().column, 600'002);
}

TEST(YamlReader, AMissingFileIsNamed) {
  EXPECT_EQ(YamlView::Load("/nonexistent/x.yaml").error().ToString(),
            "/nonexistent/x.yaml: cannot be read: No such file or directory");
}

TEST(YamlReader, DamagedFilesGiveErrorsNotCrashes) {
  const std::string whole = "a: {b: [1, \"x\", 'y'], c: |\n  text\n}\nd:\n  - e: >-\n      f\n    ? g\n    : h\n# i\n";
  const std::string pieces = "{}[]:,-?|>&*!#'\"%@`\n \t\\\x85~<=";
  std::mt19937 random(7);
  for (int i = 0; i < 3000; ++i) {
    std::string text = whole;
    for (int edits = static_cast<int>(random() % 6); edits >= 0; --edits) {
      const size_t at = random() % (text.size() + 1);
      switch (random() % 3) {
        case 0: text.insert(at, 1, pieces[random() % pieces.size()]); break;
        case 1: text.erase(at, 1 + random() % 4); break;
        default: text.resize(at); break;
      }
    }
    const Result<YamlView> view = YamlView::Parse(text, "t.yaml");
    if (view) {
      (void)view->ToJson();
    } else {
      EXPECT_EQ(view.error().where.rfind("t.yaml", 0), 0u);
    }
  }
}

const std::string kKnownKeys[] = {"weight", "title", "on", "list"};

std::string FieldError(std::string_view text) {
  YamlFields fields(Read(text), kKnownKeys);
  fields.NumberOr("weight", 1, 5, 1);
  fields.NeedText("title");
  fields.BooleanOr("on", false);
  fields.TextsOr("list");
  return fields.error() ? fields.error()->ToString() : "no error";
}

TEST(YamlFields, ReadsWhatIsThere) {
  YamlFields fields(Read("title: T\nweight: 2.5\nlist: [a, 1]\n"), kKnownKeys);
  EXPECT_EQ(fields.NeedText("title"), "T");
  EXPECT_EQ(fields.NumberOr("weight", 1, 5, 1), 2.5);
  EXPECT_EQ(fields.BooleanOr("on", true), true);
  EXPECT_EQ(fields.TextsOr("list"), (std::vector<std::string>{"a", "1"}));
  EXPECT_FALSE(fields.error());
}

TEST(YamlFields, SaysWhatIsWrongAndWhere) {
  EXPECT_EQ(FieldError("title: x\nweight: high\n"), "t.yaml:2:9: weight: expected 1 to 5, got \"high\"");
  EXPECT_EQ(FieldError("title: x\nweight: 7\n"), "t.yaml:2:9: weight: expected 1 to 5, got 7");
  EXPECT_EQ(FieldError("weight: \"3\"\n"), "t.yaml:1:9: weight: expected 1 to 5, got \"3\"");
  EXPECT_EQ(FieldError("weight: 3\n"), "t.yaml:1:1: \"title\" is missing");
  EXPECT_EQ(FieldError("title:\n"), "t.yaml:1:1: title: expected text, got nothing");
  EXPECT_EQ(FieldError("title: \" \"\n"), "t.yaml:1:8: title: expected text, got an empty one");
  EXPECT_EQ(FieldError("title: [x]\n"), "t.yaml:1:8: title: expected text, got a list");
  EXPECT_EQ(FieldError("title: x\non: 1\n"), "t.yaml:2:5: on: expected true or false, got 1");
  EXPECT_EQ(FieldError("title: x\nlist: {a: 1}\n"), "t.yaml:2:7: list: expected a list, got a mapping");
  EXPECT_EQ(FieldError("wieght: 1\ntitle: x\n"), "t.yaml:1:1: unknown key \"wieght\": did you mean \"weight\"?");
  EXPECT_EQ(FieldError("colour: 1\n"), "t.yaml:1:1: unknown key \"colour\": known here: weight, title, on, list");
  EXPECT_EQ(FieldError("- a\n"), "t.yaml:1:1: expected a mapping, got a list: write lines of \"key: value\"");
  EXPECT_EQ(FieldError(""), "t.yaml:1:1: expected a mapping, got nothing: write lines of \"key: value\"");
}

}  // namespace
}  // namespace axiometer
