#include "harness/model/provider.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include "tests/temporary_folder.h"

namespace axiometer {
namespace {

std::string Problem(std::string_view name) { return ParseModelName(name).error().ToString(); }

TEST(ModelName, KeepsEverythingAfterTheFirstSlash) {
  const Result<ModelSpec> spec = ParseModelName("openai/org/model:tag/x");
  ASSERT_TRUE(spec);
  EXPECT_EQ(spec->provider, "openai");
  EXPECT_EQ(spec->name, "org/model:tag/x");
  EXPECT_EQ(ParseModelName("replay//tmp/r.jsonl")->name, "/tmp/r.jsonl");
}

TEST(ModelName, SaysWhatIsWrong) {
  EXPECT_EQ(Problem("gpt-5"), "model \"gpt-5\": expected PROVIDER/NAME, such as openai/gpt-5");
  EXPECT_EQ(Problem(""), "model \"\": expected PROVIDER/NAME, such as openai/NAME");
  EXPECT_EQ(Problem("opnai/x"),
            "model \"opnai/x\": unknown provider \"opnai\": did you mean \"openai\"?");
  EXPECT_EQ(Problem("zzz/x"),
            "model \"zzz/x\": unknown provider \"zzz\": there are openai, openai-responses, "
            "anthropic, gemini, llama, command, scripted "
            "and replay");
  EXPECT_EQ(Problem("openai/"),
            "model \"openai/\": no name after the provider: expected openai/NAME");
  EXPECT_EQ(Problem("replay"),
            "model \"replay\": no name after the provider: expected replay/FILE");
}

class EndpointSpecTest : public testing::Test {
 protected:
  EndpointSpecTest() {
    Forget();
    spec_ = *ParseModelName("openai/m");
  }
  ~EndpointSpecTest() override { Forget(); }
  static void Forget() {
    for (const char* name :
         {"OPENAI_API_KEY", "OPENAI_BASE_URL", "ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL",
          "GEMINI_API_KEY", "GOOGLE_API_KEY", "GOOGLE_GEMINI_BASE_URL", "PROVIDER_TEST_HEADER"}) {
      unsetenv(name);
    }
  }
  std::string UrlProblem(const std::string& url) {
    spec_.base_url = url;
    return CompleteEndpoint(spec_, "/").error().ToString();
  }
  ModelSpec spec_;
};

TEST_F(EndpointSpecTest, AKeyOfTheEnvironmentGoesNowhereThatAFileSays) {
  const TemporaryFolder folder;
  folder.Write(".env", "OPENAI_BASE_URL=https://elsewhere.example/v1\nOPENAI_API_KEY=theirs\n");
  EXPECT_EQ(CompleteEndpoint(spec_, folder.path())->base_url, "https://elsewhere.example/v1");
  setenv("OPENAI_API_KEY", "ours", 1);
  EXPECT_EQ(CompleteEndpoint(spec_, folder.path()).error().ToString(),
            "endpoint \"openai/m\": OPENAI_BASE_URL stands in a .env file, and the key in OPENAI_API_KEY in the "
            "environment: it is not sent where a file says: give the address with --base-url, or put the key into "
            "that file alone");
  folder.Write(".env", "OPENAI_BASE_URL=http://127.0.0.1:8000/v1\n");
  EXPECT_EQ(CompleteEndpoint(spec_, folder.path())->base_url, "http://127.0.0.1:8000/v1");
  setenv("OPENAI_BASE_URL", "https://mine.example/v1", 1);
  EXPECT_EQ(CompleteEndpoint(spec_, folder.path())->base_url, "https://mine.example/v1");
}

TEST_F(EndpointSpecTest, HasTheUsualDefaults) {
  const ModelSpec spec = *CompleteEndpoint(spec_, "/");
  EXPECT_EQ(spec.base_url, "https://api.openai.com/v1");
  EXPECT_EQ(spec.key_env, "OPENAI_API_KEY");
  setenv("OPENAI_BASE_URL", "http://127.0.0.1:8181/v1/", 1);
  EXPECT_EQ(CompleteEndpoint(spec_, "/")->base_url, "http://127.0.0.1:8181/v1");
  spec_.base_url = "http://other/v1//";
  EXPECT_EQ(CompleteEndpoint(spec_, "/")->base_url, "http://other/v1");
}

TEST_F(EndpointSpecTest, OtherProvidersHaveNoEndpoint) {
  const ModelSpec spec = *CompleteEndpoint(*ParseModelName("scripted/a"), "/");
  EXPECT_EQ(spec.base_url, "");
  EXPECT_EQ(*EndpointKey(spec, "/"), "");
}

TEST_F(EndpointSpecTest, RefusesWhatIsNoUrl) {
  EXPECT_EQ(UrlProblem("localhost:8080"),
            "endpoint \"openai/m\": base URL: expected http://HOST/… or https://HOST/…, got "
            "\"localhost:8080\": see --base-url");
  EXPECT_EQ(UrlProblem("http:///v1"),
            "endpoint \"openai/m\": base URL: expected http://HOST/… or https://HOST/…, got "
            "\"http:///v1\": see --base-url");
  EXPECT_EQ(UrlProblem("https://me:secret@host/v1"),
            "endpoint \"openai/m\": the base URL holds a user name or password: see --base-url");
  setenv("OPENAI_BASE_URL", "ftp://x", 1);
  EXPECT_EQ(UrlProblem(""),
            "endpoint \"openai/m\": base URL: expected http://HOST/… or https://HOST/…, got "
            "\"ftp://x\": see OPENAI_BASE_URL");
}

TEST_F(EndpointSpecTest, ARemoteEndpointNeedsAKey) {
  const ModelSpec spec = *CompleteEndpoint(spec_, "/");
  EXPECT_EQ(EndpointKey(spec, "/").error().ToString(),
            "endpoint \"openai/m\": no API key: set OPENAI_API_KEY, or name another variable with "
            "--api-key-env");
  setenv("OPENAI_API_KEY", "sk-1234", 1);
  EXPECT_EQ(*EndpointKey(spec, "/"), "sk-1234");
}

TEST_F(EndpointSpecTest, ALocalOneMayGoWithout) {
  spec_.base_url = "http://localhost:8181/v1";
  const ModelSpec spec = *CompleteEndpoint(spec_, "/");
  EXPECT_EQ(*EndpointKey(spec, "/"), "");
  setenv("OPENAI_API_KEY", "sk-1234", 1);
  EXPECT_EQ(*EndpointKey(spec, "/"), "sk-1234");
}

TEST_F(EndpointSpecTest, EachProviderHasItsOwnVariables) {
  setenv("OPENAI_API_KEY", "sk-1234", 1);
  setenv("OPENAI_BASE_URL", "http://elsewhere/v1", 1);
  EXPECT_EQ(CompleteEndpoint(*ParseModelName("openai-responses/m"), "/")->base_url,
            "http://elsewhere/v1");
  const ModelSpec anthropic = *CompleteEndpoint(*ParseModelName("anthropic/m"), "/");
  EXPECT_EQ(anthropic.base_url, "https://api.anthropic.com");
  EXPECT_EQ(EndpointKey(anthropic, "/").error().ToString(),
            "endpoint \"anthropic/m\": no API key: set ANTHROPIC_API_KEY, or name another variable "
            "with --api-key-env");
  setenv("ANTHROPIC_BASE_URL", "http://gateway/", 1);
  EXPECT_EQ(CompleteEndpoint(*ParseModelName("anthropic/m"), "/")->base_url, "http://gateway");
  EXPECT_EQ(CompleteEndpoint(*ParseModelName("gemini/m"), "/")->key_env, "GEMINI_API_KEY");
  setenv("GOOGLE_API_KEY", "AIza1", 1);
  const ModelSpec gemini = *CompleteEndpoint(*ParseModelName("gemini/m"), "/");
  EXPECT_EQ(gemini.base_url, "https://generativelanguage.googleapis.com");
  EXPECT_EQ(gemini.key_env, "GOOGLE_API_KEY");
  EXPECT_EQ(*EndpointKey(gemini, "/"), "AIza1");
  setenv("GEMINI_API_KEY", "AIza2", 1);
  EXPECT_EQ(CompleteEndpoint(*ParseModelName("gemini/m"), "/")->key_env, "GEMINI_API_KEY");
}

TEST_F(EndpointSpecTest, AKeyOfAnotherProviderIsNotSent) {
  setenv("OPENAI_API_KEY", "sk-ant-1234", 1);
  ModelSpec spec = *CompleteEndpoint(spec_, "/");
  EXPECT_EQ(EndpointKey(spec, "/").error().ToString(),
            "endpoint \"openai/m\": the key in OPENAI_API_KEY looks like one of anthropic: name a "
            "variable that holds "
            "a key of openai with --api-key-env");
  spec.base_url = "https://gateway.example/v1";  // takes whatever it likes
  EXPECT_EQ(*EndpointKey(spec, "/"), "sk-ant-1234");
  setenv("ANTHROPIC_API_KEY", "sk-proj-1234", 1);
  EXPECT_FALSE(EndpointKey(*CompleteEndpoint(*ParseModelName("anthropic/m"), "/"), "/"));
  setenv("ANTHROPIC_API_KEY", "sk-ant-1234", 1);
  EXPECT_TRUE(EndpointKey(*CompleteEndpoint(*ParseModelName("anthropic/m"), "/"), "/"));
}

TEST_F(EndpointSpecTest, HeadersComeFromVariablesOrAsTyped) {
  setenv("PROVIDER_TEST_HEADER", "hush", 1);
  spec_.headers = {{"anthropic-beta", "a,b"},
                   {"X-Team", "$PROVIDER_TEST_HEADER"},
                   {"X-Two", "${PROVIDER_TEST_HEADER}"}};
  EXPECT_EQ(*EndpointHeaders(spec_, "/"),
            (HttpHeaders{{"X-Team", "hush"}, {"X-Two", "hush"}, {"anthropic-beta", "a,b"}}));
  const auto problem = [this](const std::string& name, const std::string& value) {
    spec_.headers = {{name, value}};
    return EndpointHeaders(spec_, "/").error().ToString();
  };
  EXPECT_EQ(problem("X-Team", "$PROVIDER_TEST_NONE"),
            "--model-header X-Team: PROVIDER_TEST_NONE is not set: put it into the environment or "
            "a .env file");
  EXPECT_EQ(problem("X Team", "v"),
            "--model-header X Team: a header's name has letters, digits and hyphens");
  EXPECT_EQ(problem("X-Team", "a\r\nb"),
            "--model-header X-Team: the value holds a character that no header has");
  EXPECT_EQ(problem("Content-Length", "1"),
            "--model-header Content-Length: this header follows from the request: leave it out");
}

TEST(LoopbackUrl, IsThisMachineAlone) {
  for (const char* url : {"http://localhost", "http://LOCALHOST:1/v1", "http://127.0.0.1:80/v1",
                          "https://127.9.9.9/", "http://[::1]:8080/v1"}) {
    EXPECT_TRUE(IsLoopbackUrl(url)) << url;
  }
  for (const char* url :
       {"http://127.0.0.1.evil.org/v1", "http://localhost.evil.org", "http://10.0.0.1",
        "http://[::2]/", "http://api/127.0.0.1", "127.0.0.1"}) {
    EXPECT_FALSE(IsLoopbackUrl(url)) << url;
  }
}

class MakeModelTest : public testing::Test {
 protected:
  MakeModelTest() : clock_(loop_), http_(loop_) {}
  Result<std::unique_ptr<Model>> Make(const std::string& name,
                                      std::map<std::string, std::string> arguments = {}) {
    ModelSpec spec = *ParseModelName(name);
    spec.base_url = "http://127.0.0.1:1/v1";
    spec.arguments = std::move(arguments);
    ModelServices services{loop_, clock_, http_, nullptr, nullptr, nullptr, {"careful_judge"}, 0, ""};
    return MakeModel(spec, std::move(services));
  }
  Loop loop_;
  FakeClock clock_;
  HttpClient http_;
};

TEST_F(MakeModelTest, MakesOneOfEachProvider) {
  for (const char* name : {"openai/m", "openai-responses/m", "anthropic/m", "gemini/m"})
    EXPECT_TRUE(Make(name)) << name;
  EXPECT_TRUE(Make("scripted/random"));
  EXPECT_TRUE(Make("scripted/careful_judge"));
  EXPECT_EQ((*Make("openai/m"))->spec().id(), "openai/m");
}

TEST_F(MakeModelTest, RefusesSettingsThatTheProviderLacks) {
  ModelSpec spec = *ParseModelName("anthropic/m");
  spec.base_url = "http://127.0.0.1:1";
  spec.generation.seed = 7;
  ModelServices services{loop_, clock_, http_};
  EXPECT_EQ(MakeModel(spec, std::move(services)).error().ToString(),
            "endpoint \"anthropic/m\": provider \"anthropic\" has no --seed: leave it out, or name "
            "a model of a provider "
            "that has it");
}

TEST_F(MakeModelTest, RefusesMembersThatTheRequestHas) {
  const auto problem = [this](const std::string& model, const std::string& name,
                              const std::string& value) {
    const auto made = Make(model, {{name, value}});
    return made ? "none" : made.error().where;
  };
  EXPECT_EQ(problem("anthropic/m", "system", "x"), "-M system");
  EXPECT_EQ(problem("anthropic/m", "output_config", R"({"effort":"low"})"),
            "-M output_config.effort");
  EXPECT_EQ(problem("anthropic/m", "output_config", R"({"other":1})"), "none");
  EXPECT_EQ(problem("anthropic/m", "cache_control", "2h"), "-M cache_control");
  EXPECT_EQ(problem("gemini/m", "generationConfig", R"({"topK":1})"), "none");
  EXPECT_EQ(problem("gemini/m", "generationConfig", R"({"seed":1})"), "-M generationConfig.seed");
  EXPECT_EQ(problem("openai-responses/m", "reasoning", R"({"summary":"auto"})"), "none");
  EXPECT_EQ(problem("openai-responses/m", "store", "true"), "-M store");
}

TEST_F(MakeModelTest, SaysWhatItCannotMake) {
  EXPECT_EQ(Make("scripted/randm").error().ToString(),
            "unknown persona \"scripted/randm\": did you mean \"random\"?");
  EXPECT_EQ(Make("scripted/zzzzz").error().ToString(),
            "unknown persona \"scripted/zzzzz\": there are a, b, idle, random, careful_judge");
  EXPECT_FALSE(Make("replay/no/such/file"));
  EXPECT_EQ(Make("openai/m", {{"temperature", "1"}}).error().ToString(),
            "-M temperature: the request has this member already: use the option of that name if "
            "there is one");
}

}  // namespace
}  // namespace axiometer
