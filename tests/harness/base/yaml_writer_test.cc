#include "harness/base/yaml_writer.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "harness/base/yaml_reader.h"

namespace axiometer {
namespace {

Json ReadBack(const std::string& yaml) {
  const Result<YamlView> view = YamlView::Parse(yaml, "t.yaml");
  EXPECT_TRUE(view) << view.error().ToString() << "\n" << yaml;
  Result<Json> json = view->ToJson();
  EXPECT_TRUE(json) << yaml;
  return std::move(*json);
}

TEST(YamlWriterTest, WritesWhatPeopleWouldWrite) {
  const Json task = {
      {"kind", "agent"},
      {"prompt", "Please settle it.\n\nTell me why.\n"},
      {"checkpoints",
       {{{"id", "a1"}, {"weight", 3}}, {{"id", "b1"}, {"check", {{"called", "read"}}}}}},
      {"tools", {"read", "close"}},
      {"state", Json::object()}};
  EXPECT_EQ(WriteYaml(task),
            "kind: agent\n"
            "prompt: |\n"
            "  Please settle it.\n"
            "\n"
            "  Tell me why.\n"
            "checkpoints:\n"
            "  - id: a1\n"
            "    weight: 3\n"
            "  - id: b1\n"
            "    check:\n"
            "      called: read\n"
            "tools:\n"
            "  - read\n"
            "  - close\n"
            "state: {}\n");
  EXPECT_EQ(ReadBack(WriteYaml(task)), task);
}

TEST(YamlWriterTest, TextThatYamlWouldTakeForSomethingElseReadsBackAsText) {
  for (const char* text :
       {"",       " ",    "yes",      "No",   "null", "1",    "1.0",   "2026-04-07", "a: b",
        "a #b",   "- a",  "* a",      "&a",   "!a",   "%a",   "@a",    "`a",         "[a]",
        "{a: 1}", "'a'",  "\"a\"",    "a\\b", "a\tb", "a\nb", "a\n",   "\na\n",      " a\n",
        "a\n\n",  "a \n", "\u00e4 b", "?",    "a ",   "a:",   "~",     "<<",         "=",
        "\x01",   "\r\n", "a\u2028b", "0x1f", "1e3",  ".inf", "---\n", "...\n",      "a\n# b\n"}) {
    const Json value = {{"key", text}, {"list", {text}}, {"nested", {{text, 1}}}};
    EXPECT_EQ(ReadBack(WriteYaml(value)), value) << DumpJson(value);
  }
}

TEST(YamlWriterTest, ListsOfListsAndEmptyOnesReadBack) {
  const Json value = {{"a", {{1, 2}, Json::array(), {Json::object(), {{"b", nullptr}}}}},
                      {"c", Json::array()}};
  EXPECT_EQ(ReadBack(WriteYaml(value)), value);
}

}  // namespace
}  // namespace axiometer
