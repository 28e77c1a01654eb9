#include "harness/model/gguf.h"

#include <gtest/gtest.h>

#include "tests/temporary_folder.h"

namespace axiometer {
namespace {

// A head as written by hand: little-endian numbers, texts with their length before them.
struct Bytes {
  template <class T>
  Bytes& Number(T value) {
    text.append(reinterpret_cast<const char*>(&value), sizeof value);
    return *this;
  }
  Bytes& Text(const std::string& one) {
    Number<uint64_t>(one.size());
    text += one;
    return *this;
  }
  std::string text;
};

Bytes Head(uint32_t version, uint64_t pairs) {
  Bytes bytes{"GGUF"};
  bytes.Number(version).Number<uint64_t>(0).Number(pairs);
  return bytes;
}

class GgufTest : public testing::Test {
 protected:
  Result<GgufFacts> Read(const std::string& bytes) {
    folder_.Write("m.gguf", bytes);
    return ReadGguf(folder_.path() + "/m.gguf");
  }

  TemporaryFolder folder_;
};

TEST_F(GgufTest, TheHeadSaysNameLengthAndTemplate) {
  Bytes head = Head(3, 5);
  head.Text("general.name").Number<uint32_t>(8).Text("Tiny");
  head.Text("llama.context_length").Number<uint32_t>(4).Number<uint32_t>(4096);
  head.Text("tokenizer.ggml.tokens")
      .Number<uint32_t>(9)
      .Number<uint32_t>(8)
      .Number<uint64_t>(2)
      .Text("a")
      .Text("bc");
  head.Text("tokenizer.ggml.scores")
      .Number<uint32_t>(9)
      .Number<uint32_t>(6)
      .Number<uint64_t>(2)
      .Number(0.5f)
      .Number(1.5f);
  head.Text("tokenizer.chat_template").Number<uint32_t>(8).Text("{% if tools %}");
  const Result<GgufFacts> facts = Read(head.text);
  ASSERT_TRUE(facts) << facts.error().ToString();
  EXPECT_EQ(facts->name, "Tiny");
  EXPECT_EQ(facts->context_length, 4096);
  EXPECT_TRUE(facts->has_chat_template);
  EXPECT_TRUE(facts->template_knows_tools);
  EXPECT_EQ(facts->file_digest.size(), 64u);
}

TEST_F(GgufTest, ABaseModelHasNoTemplate) {
  const Result<GgufFacts> facts = Read(
      Head(2, 1).Text("llama.context_length").Number<uint32_t>(10).Number<uint64_t>(1024).text);
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->context_length, 1024);
  EXPECT_FALSE(facts->has_chat_template);
}

TEST_F(GgufTest, TheDigestSeesAChangeInTheFirstMebibyteAndTheLength) {
  std::string bytes = Head(3, 0).text;
  bytes.resize(3 << 20, 'w');
  const std::string digest = Read(bytes)->file_digest;
  EXPECT_EQ(Read(bytes)->file_digest, digest);
  bytes[1000] = 'x';
  const std::string changed = Read(bytes)->file_digest;
  EXPECT_NE(changed, digest);
  EXPECT_NE(Read(bytes + 'w')->file_digest, changed);
}

TEST_F(GgufTest, LengthsThatLieAreDamage) {
  const std::string damaged[] = {
      Head(3, 1).Number<uint64_t>(~0ull).text,  // a key without end
      // A list that overflows, a list of lists, and a type that nobody knows.
      Head(3, 1)
          .Text("k")
          .Number<uint32_t>(9)
          .Number<uint32_t>(6)
          .Number<uint64_t>(1ull << 62)
          .text,
      Head(3, 1).Text("k").Number<uint32_t>(9).Number<uint32_t>(9).Number<uint64_t>(1).text,
      Head(3, 1).Text("k").Number<uint32_t>(77).text,
      Head(3, ~0ull).text,
  };
  for (const std::string& bytes : damaged)
    EXPECT_EQ(Read(bytes).error().what, "its head is cut short or damaged");
  const std::string whole = Head(3, 1).Text("general.name").Number<uint32_t>(8).Text("Tiny").text;
  EXPECT_TRUE(Read(whole));
  for (size_t length = 0; length < whole.size(); ++length)
    EXPECT_FALSE(Read(whole.substr(0, length))) << length;
}

}  // namespace
}  // namespace axiometer
