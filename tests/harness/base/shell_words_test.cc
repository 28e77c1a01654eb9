#include "harness/base/shell_words.h"

#include <gtest/gtest.h>

namespace axiometer {
namespace {

TEST(ShellWordTest, IsQuotedOnlyWhereItMustBe) {
  EXPECT_EQ(ShellWord("openai/gpt-x@1.2:a=b,c+d%"), "openai/gpt-x@1.2:a=b,c+d%");
  EXPECT_EQ(ShellWord(""), "''");
  EXPECT_EQ(ShellWord("my results.db"), "'my results.db'");
  EXPECT_EQ(ShellWord("it's $HOME"), "'it'\\''s $HOME'");
}

TEST(WithoutOptionsTest, TakesOptionsAndTheirValues) {
  constexpr std::string_view kValued[] = {"--shard", "--limit"};
  constexpr std::string_view kAlone[] = {"--fresh"};
  EXPECT_EQ(WithoutOptions("axiometer eval x --shard 3/8 --limit=4 --fresh --tag t", kValued, kAlone),
            "axiometer eval x --tag t");
  EXPECT_EQ(WithoutOptions("axiometer eval x --shard 3/8", kValued), "axiometer eval x");
  EXPECT_EQ(WithoutOptions("axiometer eval x --tag 'a --shard 3/8' --shards 2", kValued),
            "axiometer eval x --tag 'a --shard 3/8' --shards 2");
}

}  // namespace
}  // namespace axiometer
