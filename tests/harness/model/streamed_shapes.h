#pragma once

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "harness/base/json.h"
#include "harness/model/wire_format.h"

namespace axiometer {

// One server-sent event; `name` empty: without one.
inline std::string Event(const std::string& name, const Json& data) {
  return (name.empty() ? "" : "event: " + name + "\n") + "data: " + DumpJson(data) + "\n\n";
}

// The text in pieces of two characters.
inline std::vector<std::string> Pieces(const std::string& text) {
  std::vector<std::string> pieces;
  size_t characters = 0;
  for (const char c : text) {
    const bool begins = (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    if (begins && characters++ % 2 == 0) pieces.emplace_back();
    pieces.back() += c;
  }
  return pieces;
}

// That a reply reads the same as a stream as in one piece.
inline void ExpectSame(const WireReply& streamed, const WireReply& whole) {
  EXPECT_EQ(streamed.status, whole.status) << streamed.problem;
  EXPECT_EQ(streamed.problem, whole.problem);
  EXPECT_EQ(streamed.error.message, whole.error.message);
  EXPECT_EQ(streamed.error.status, whole.error.status);
  EXPECT_EQ(streamed.message.raw, whole.message.raw);
  EXPECT_EQ(streamed.message.text, whole.message.text);
  EXPECT_EQ(streamed.message.reasoning, whole.message.reasoning);
  EXPECT_EQ(streamed.message.logprobs, whole.message.logprobs);
  ASSERT_EQ(streamed.message.tool_calls.size(), whole.message.tool_calls.size());
  for (size_t i = 0; i < whole.message.tool_calls.size(); ++i) {
    EXPECT_EQ(streamed.message.tool_calls[i].id, whole.message.tool_calls[i].id);
    EXPECT_EQ(streamed.message.tool_calls[i].name, whole.message.tool_calls[i].name);
    EXPECT_EQ(streamed.message.tool_calls[i].arguments, whole.message.tool_calls[i].arguments);
  }
  EXPECT_EQ(streamed.finish_reason, whole.finish_reason);
  EXPECT_EQ(streamed.choices, whole.choices);
  EXPECT_EQ(streamed.id, whole.id);
  EXPECT_EQ(streamed.model, whole.model);
  EXPECT_EQ(streamed.usage.input_tokens, whole.usage.input_tokens);
  EXPECT_EQ(streamed.usage.cached_tokens, whole.usage.cached_tokens);
  EXPECT_EQ(streamed.usage.output_tokens, whole.usage.output_tokens);
  EXPECT_EQ(streamed.usage.reasoning_tokens, whole.usage.reasoning_tokens);
}

// That no beginning of the stream is taken for a reply: what ends in it is cut off, up to where
// `last` begins, which says how the reply ended.
inline void ExpectCutAnywhere(const WireFormat& format, const std::string& stream,
                              const std::string& last) {
  const size_t end = stream.find(last);
  ASSERT_NE(end, std::string::npos);
  for (size_t length = stream.find("data:") + 5; length < end; ++length) {
    const WireReply reply = format.Decode(stream.substr(0, length), 1);
    ASSERT_EQ(reply.status, WireReply::Status::kCutOff) << length << ": " << reply.problem;
    ASSERT_TRUE(reply.problem.starts_with("the stream ended before the reply did: "))
        << reply.problem;
    ASSERT_EQ(reply.message.raw, "");
  }
}

}  // namespace axiometer
