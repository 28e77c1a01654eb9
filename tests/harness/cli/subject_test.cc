#include "harness/cli/subject.h"

#include <gtest/gtest.h>

#include "tests/temporary_folder.h"
#include <stdlib.h>

#include <nlohmann/json.hpp>

#include "harness/base/json.h"

namespace axiometer {
namespace {

class SubjectTest : public testing::Test {
 protected:
  SubjectTest() {
    unsetenv("OPENAI_BASE_URL");
    setenv("OPENAI_API_KEY", "sk-invented", 1);
    options_.arguments_option = "-M";
    options_.prices_option = "--prices";
  }

  std::string ErrorOf(const std::string& model) const {
    const Result<ModelSpec> spec = SpecOf(model, options_);
    return spec ? "none" : spec.error().ToString();
  }

  EndpointOptions options_;
};

TEST_F(SubjectTest, WhatFollowsTheFirstSlashIsTheNameVerbatim) {
  options_.base_url = "http://127.0.0.1:1/v1/";
  const Result<ModelSpec> spec = SpecOf("openai/org/Model-7B:free", options_);
  ASSERT_TRUE(spec) << spec.error().ToString();
  EXPECT_EQ(spec->provider, "openai");
  EXPECT_EQ(spec->name, "org/Model-7B:free");
  EXPECT_EQ(spec->base_url, "http://127.0.0.1:1/v1");
  EXPECT_EQ(spec->key_env, "OPENAI_API_KEY");
}

TEST_F(SubjectTest, OptionsReachTheModel) {
  options_.timeout_s = 1.5;
  options_.max_retries = 2;
  options_.max_connections = 7;
  options_.cache = false;
  options_.prices = "1.5,6,0.15";
  options_.arguments = {"top_k=5", "note=a=b", "top_k=6"};
  const Result<ModelSpec> spec = SpecOf("openai/m", options_);
  ASSERT_TRUE(spec) << spec.error().ToString();
  EXPECT_EQ(spec->timeout_ms, 1500);
  EXPECT_EQ(spec->max_retries, 2);
  EXPECT_EQ(spec->max_connections, 7);
  EXPECT_FALSE(spec->cache);
  EXPECT_EQ(spec->prices->input, 1.5);
  EXPECT_EQ(spec->prices->output, 6);
  EXPECT_EQ(spec->prices->cached, 0.15);
  EXPECT_EQ(spec->arguments, (std::map<std::string, std::string>{{"note", "a=b"}, {"top_k", "6"}}));
}

TEST_F(SubjectTest, WithoutATimeoutTheProtocolsHolds) { EXPECT_EQ(SpecOf("openai/m", options_)->timeout_ms, 600'000); }

TEST_F(SubjectTest, PersonasHaveNoEndpoint) {
  options_.base_url = "http://127.0.0.1:1/v1";
  options_.api_key_env = "OTHER";
  const Result<ModelSpec> spec = SpecOf("scripted/a", options_);
  ASSERT_TRUE(spec) << spec.error().ToString();
  EXPECT_EQ(spec->base_url, "");
  EXPECT_EQ(spec->key_env, "");
}

TEST_F(SubjectTest, MistakesAreNamed) {
  EXPECT_EQ(ErrorOf("opnai/m"), "model \"opnai/m\": unknown provider \"opnai\": did you mean \"openai\"?");
  EXPECT_EQ(ErrorOf("openai/"), "model \"openai/\": no name after the provider: expected openai/NAME");
  options_.arguments = {"top_k"};
  EXPECT_EQ(ErrorOf("openai/m"), "-M: expected key=value, got \"top_k\"");
  options_.arguments = {"=5"};
  EXPECT_EQ(ErrorOf("openai/m"), "-M: expected key=value, got \"=5\"");
  options_.arguments = {};
  options_.base_url = "127.0.0.1:8000";
  EXPECT_EQ(ErrorOf("openai/m"),
            "endpoint \"openai/m\": base URL: expected http://HOST/… or https://HOST/…, got \"127.0.0.1:8000\": "
            "see --base-url");
}

TEST_F(SubjectTest, FurtherMembersAreJsonAndStoredWithTheModel) {
  options_.arguments = {"top_k=5"};
  options_.extra_body = {"provider={\"order\": [\"x\"]}", "user=\"me\""};
  const Result<ModelSpec> spec = SpecOf("openai/m", options_);
  ASSERT_TRUE(spec) << spec.error().ToString();
  EXPECT_EQ(spec->arguments, (std::map<std::string, std::string>{
                                 {"provider", R"({"order":["x"]})"}, {"top_k", "5"}, {"user", "\"me\""}}));
  options_.extra_body = {"user=me"};
  EXPECT_EQ(ErrorOf("openai/m"),
            "--extra-body user:1:1: not valid JSON: a text needs its quotes: user='\"text\"'");
  options_.extra_body = {"={}"};
  EXPECT_EQ(ErrorOf("openai/m"), "--extra-body: expected KEY=JSON, got \"={}\"");
  options_.extra_body = {"top_k=6"};
  EXPECT_EQ(ErrorOf("openai/m"), "--extra-body top_k: this member is named twice: name it once, here or with -M");
}

TEST_F(SubjectTest, OfHeadersOnlyTheNamesAreStored) {
  options_.headers_option = "--model-header";
  options_.headers = {"X-Team=$TEAM", "anthropic-beta=hush"};
  const Result<ModelSpec> spec = SpecOf("openai/m", options_);
  ASSERT_TRUE(spec) << spec.error().ToString();
  EXPECT_EQ(spec->headers.at("X-Team"), "$TEAM");
  RunSpec run;
  run.model = *spec;
  const std::string stored = DumpJson(ToJson(run));
  EXPECT_NE(stored.find(R"("headers":["X-Team","anthropic-beta"])"), std::string::npos) << stored;
  EXPECT_EQ(stored.find("hush"), std::string::npos);
  EXPECT_EQ(RunSpecFromJson(ToJson(run))->model.headers.size(), 2u);
  options_.headers = {"hush-hush"};
  EXPECT_EQ(ErrorOf("openai/m"), "--model-header: expected NAME=VALUE or NAME=$VARIABLE");
}

TEST_F(SubjectTest, AnAddressIsOfOneProvider) {
  const auto problem = [](const std::vector<std::string>& models) {
    const Result<void> checked = CheckOneProvider(models, "", "MY_KEY", {});
    return checked ? "none" : checked.error().ToString();
  };
  EXPECT_EQ(problem({"openai/a", "openai-responses/b", "scripted/a"}), "none");
  EXPECT_EQ(problem({"openai/a", "anthropic/b"}),
            "--api-key-env: is of one provider, and the models are of openai and anthropic: give each provider's models "
            "a command of its own");
  EXPECT_TRUE(CheckOneProvider({"openai/a", "anthropic/b"}, "", "", {}));
}

TEST_F(SubjectTest, PricesAreTwoOrThreeNumbers) {
  EXPECT_FALSE(*ParsePrices("", "--prices"));
  EXPECT_FALSE((*ParsePrices("1,2", "--prices"))->cached);
  for (const char* text : {"1", "1,2,3,4"}) {
    EXPECT_EQ(ParsePrices(text, "--prices").error().ToString(),
              "--prices: expected two or three numbers, got \"" + std::string(text) + "\"");
  }
  for (const char* text : {"1,two", "-1,2", "1,,2", "1,2,", "1;2", "nan,1", "1,inf"}) {
    EXPECT_EQ(ParsePrices(text, "--prices").error().ToString(),
              "--prices: expected INPUT,OUTPUT[,CACHED] in US dollars a million tokens, got \"" + std::string(text) +
                  "\"");
  }
}

TEST(PriceList, TheLongestNameThatFitsCounts) {
  const TemporaryFolder folder;
  folder.Write("prices.yaml",
               "openai/*: {input: 9, output: 9}\n"
               "openai/small-*: {input: 1, output: 2, cached: 0.5}\n"
               "openai/small-1: {input: 3, output: 4}\n");
  const auto of = [&folder](const std::string& model) { return *PricesFromList(folder.path() + "/prices.yaml", model); };
  EXPECT_EQ(of("openai/small-1")->input, 3);
  EXPECT_FALSE(of("openai/small-1")->cached);
  EXPECT_EQ(of("openai/small-2")->cached, 0.5);
  EXPECT_EQ(of("openai/large")->output, 9);
  EXPECT_FALSE(of("anthropic/x"));
}

TEST(PriceList, SaysWhereAndWhatIsWrong) {
  const TemporaryFolder folder;
  const auto problem = [&folder](const std::string& text) {
    folder.Write("prices.yaml", text);
    const std::string said = PricesFromList(folder.path() + "/prices.yaml", "openai/x").error().ToString();
    return said.substr(folder.path().size() + 1);
  };
  EXPECT_TRUE(problem("openai/x: {input: 1}\n").starts_with("prices.yaml:1:")) << problem("openai/x: {input: 1}\n");
  EXPECT_NE(problem("openai/x: {input: 1, output: -2}\n").find("output"), std::string::npos);
  EXPECT_NE(problem("gpt: {input: 1, output: 2}\n").find("expected a member PROVIDER/NAME, got \"gpt\""), std::string::npos);
  EXPECT_NE(problem("openai/x: {input: 1, output: 2, ouput: 2}\n").find("ouput"), std::string::npos);
}

}  // namespace
}  // namespace axiometer
