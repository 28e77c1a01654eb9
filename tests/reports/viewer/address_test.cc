#include "reports/viewer/address.h"

#include <gtest/gtest.h>

namespace axiometer {
namespace {

TEST(AddressTest, PathAndQueryAreDecoded) {
  const Result<Address> address = ParseAddress("/run/01A/sample?task=crossroads%2Fledger-01&epoch=2&empty=&word=a+b%2Bc&flag#e7");
  ASSERT_TRUE(address);
  EXPECT_EQ(address->path, (std::vector<std::string>{"run", "01A", "sample"}));
  EXPECT_EQ(address->Get("task"), "crossroads/ledger-01");
  EXPECT_EQ(address->Get("epoch"), "2");
  EXPECT_EQ(address->Get("empty"), "");
  EXPECT_EQ(address->Get("word"), "a b+c");
  EXPECT_EQ(address->Get("flag"), "");
  EXPECT_EQ(address->Get("none"), "");
}

TEST(AddressTest, ANameMayComeSeveralTimes) {
  const Result<Address> address = ParseAddress("/compare?run=b&run=&run=a");
  ASSERT_TRUE(address);
  EXPECT_EQ(address->All("run"), (std::vector<std::string>{"b", "a"}));
}

TEST(AddressTest, WrittenAndReadAgainItIsTheSame) {
  Address address;
  address.path = {"run", "a/b", "中文"};
  address.query = {{"task", "x&y=z#?% +\"<"}, {"words", "a b"}};
  const Result<Address> again = ParseAddress(AddressText(address));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->path, address.path);
  EXPECT_EQ(again->query, address.query);
  EXPECT_EQ(address.With("words", ""), AddressText({address.path, {address.query.front()}}));
  EXPECT_EQ(ParseAddress(address.With("words", "new"))->Get("words"), "new");
}

TEST(AddressTest, WhatCannotBeReadIsRefused) {
  for (const char* target : {"", "run", "http://evil.example/", "/%", "/%f", "/%zz", "/%ff", "/a?b=%c3", "/a?b=%ed%a0%80"}) {
    EXPECT_FALSE(ParseAddress(target)) << target;
  }
  EXPECT_FALSE(ParseAddress("/" + std::string(10'000, 'x')));
  // Written as %7C each.
  EXPECT_TRUE(ParseAddress("/" + std::string(2'700, '|')));
  EXPECT_FALSE(ParseAddress("/" + std::string(3'000, '|')));
  EXPECT_EQ(AddressText(*ParseAddress("/")), "/");
  EXPECT_EQ(ParseAddress("///a//b/")->path, (std::vector<std::string>{"a", "b"}));
}

}  // namespace
}  // namespace axiometer
