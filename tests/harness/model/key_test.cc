#include "harness/model/key.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "tests/temporary_folder.h"

namespace axiometer {
namespace {

std::map<std::string, std::string> Read(const std::string& text) {
  const auto variables = ParseDotEnv(text, ".env");
  EXPECT_TRUE(variables) << variables.error().ToString();
  return variables ? *variables : std::map<std::string, std::string>();
}

TEST(DotEnv, ReadsPlainValues) {
  const auto variables =
      Read("# keys\n\nA=one\n  export B = two words  # note\nC=\nD=a#b\r\nE==x\nexport=7\nA=last");
  EXPECT_EQ(variables, (std::map<std::string, std::string>{{"A", "last"},
                                                           {"B", "two words"},
                                                           {"C", ""},
                                                           {"D", "a#b"},
                                                           {"E", "=x"},
                                                           {"export", "7"}}));
}

TEST(DotEnv, ReadsQuotedValues) {
  const auto variables =
      Read("A='lit $X \\n # no'\nB=\"a\\n\\\"b\\\" \\$X \\q\" # note\nC=\"two\nlines\"\nD=''");
  EXPECT_EQ(
      variables,
      (std::map<std::string, std::string>{
          {"A", "lit $X \\n # no"}, {"B", "a\n\"b\" $X \\q"}, {"C", "two\nlines"}, {"D", ""}}));
}

TEST(DotEnv, NamesTheLineButNotItsText) {
  const auto problem = [](const std::string& text) {
    return ParseDotEnv(text, "x/.env").error().ToString();
  };
  EXPECT_EQ(problem("A=1\nsk-secret\n"), "x/.env:2: expected NAME=value");
  EXPECT_EQ(problem("=sk-secret"), "x/.env:1: expected NAME=value");
  EXPECT_EQ(problem("A='b\nc'\nB=\"sk-secret"), "x/.env:3: the quote is not closed");
  EXPECT_EQ(problem("A=\"x\" sk-secret"),
            "x/.env:1: expected the line's end after the closing quote");
}

class KeyTest : public testing::Test {
 protected:
  KeyTest() {
    std::filesystem::create_directories(root_ + "/project/deep");
    unsetenv("KEY_TEST_KEY");
  }
  ~KeyTest() override {
    unsetenv("KEY_TEST_KEY");
  }
  void Write(const std::string& file, const std::string& text) {
    std::ofstream(root_ + "/" + file) << text;
  }
  Result<std::string> Find() { return FindKey("KEY_TEST_KEY", root_ + "/project/deep"); }

  const TemporaryFolder folder_;
  const std::string root_ = folder_.path();
};

TEST_F(KeyTest, TheEnvironmentComesFirst) {
  Write("project/.env", "KEY_TEST_KEY=file");
  setenv("KEY_TEST_KEY", " environment\n", 1);
  EXPECT_EQ(*Find(), "environment");
  setenv("KEY_TEST_KEY", "", 1);
  EXPECT_EQ(*Find(), "file");
}

TEST_F(KeyTest, TheNearestParentsFileCounts) {
  Write(".env", "KEY_TEST_KEY=far");
  EXPECT_EQ(*Find(), "far");
  Write("project/.env", "KEY_TEST_KEY=near");
  EXPECT_EQ(*Find(), "near");
  Write("project/deep/.env", "OTHER=x");
  EXPECT_EQ(Find().error().ToString(),
            "KEY_TEST_KEY: not set: put it into the environment or a .env file");
}

TEST_F(KeyTest, ABrokenFileIsNamed) {
  Write("project/.env", "\nKEY_TEST_KEY");
  EXPECT_EQ(Find().error().ToString(), root_ + "/project/.env:2: expected NAME=value");
}

TEST_F(KeyTest, AKeyCannotBeginAnotherHeader) {
  setenv("KEY_TEST_KEY", "sk-1\r\nX: y", 1);
  EXPECT_EQ(Find().error().ToString(),
            "KEY_TEST_KEY: holds white space or a character that no key has");
}

}  // namespace
}  // namespace axiometer
