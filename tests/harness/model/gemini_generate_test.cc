#include "harness/model/gemini_generate.h"

#include <gtest/gtest.h>

#include "tests/harness/model/endpoint_fixture.h"

namespace axiometer {
namespace {

// Shapes of https://ai.google.dev/api/generate-content, with content of our own.
std::string Candidate(const std::string& parts, const std::string& finish = "STOP",
                      const std::string& more = "") {
  return R"({"candidates":[{"content":{"role":"model","parts":[)" + parts +
         R"(]},"finishReason":")" + finish + R"(","index":0)" + more +
         R"(}],"usageMetadata":{"promptTokenCount":100,"cachedContentTokenCount":64,"candidatesTokenCount":10,)"
         R"("thoughtsTokenCount":20,"totalTokenCount":130},"modelVersion":"gemini-x-1","responseId":"r1"})";
}

class GeminiTest : public EndpointFixture {
 protected:
  GeminiTest() {
    spec_.provider = "gemini";
    spec_.base_url = "http://127.0.0.1:" + std::to_string(server_->port());
  }
  std::unique_ptr<WireFormat> MakeFormat() const override { return MakeGeminiGenerate(spec_); }
  Reply Read(const std::string& body, int status = 200) {
    Answer({Canned(status, body)});
    return Generate();
  }
};

TEST_F(GeminiTest, AsksAndReadsTextAndThoughts) {
  const Reply reply = Read(
      Candidate(R"({"text":"Hm.","thought":true},{"text":"Hello","thoughtSignature":"c2ln"})"));
  EXPECT_EQ(reply.status, CallStatus::kOk) << reply.error;
  EXPECT_EQ(reply.message.text, "Hello");
  EXPECT_EQ(reply.message.reasoning, "Hm.");
  EXPECT_EQ(
      reply.message.raw,
      R"({"role":"assistant","content":"Hello","reasoning":"Hm.","reasoning_details":[{"type":"gemini.items",)"
      R"("items":[{"text":"Hm.","thought":true},{"text":"Hello","thoughtSignature":"c2ln"}]}]})");
  EXPECT_EQ(reply.finish_reason, "STOP");
  EXPECT_EQ(reply.response_id, "r1");
  EXPECT_EQ(reply.response_model, "gemini-x-1");
  EXPECT_EQ(reply.usage.input_tokens, 100);
  EXPECT_EQ(reply.usage.cached_tokens, 64);
  EXPECT_EQ(reply.usage.output_tokens, 30);
  EXPECT_EQ(reply.usage.reasoning_tokens, 20);
  EXPECT_EQ(requests_[0].target, "/v1beta/models/m:generateContent");
  EXPECT_EQ(Header(requests_[0], "x-goog-api-key"), kKey);
  EXPECT_EQ(requests_[0].body, R"({"contents":[{"role":"user","parts":[{"text":"Hi"}]}]})");
}

TEST_F(GeminiTest, NamesMayBeWrittenAsTheyAreListed) {
  spec_.name = "tunedModels/mine";
  spec_.base_url = "https://gateway/v1";
  EXPECT_EQ(MakeFormat()->url(), "https://gateway/v1/tunedModels/mine:generateContent");
}

TEST_F(GeminiTest, SettingsHaveItsNames) {
  Request request = Ask();
  request.tools = kLookTool;
  request.tool_choice = "required";
  request.response_format =
      R"({"type":"json_schema","json_schema":{"name":"v","schema":{"type":"object"}}})";
  request.generation.temperature = 0.5;
  request.generation.top_p = 0.9;
  request.generation.max_tokens = 100;
  request.generation.seed = 7;
  request.generation.stop = {"END"};
  request.generation.reasoning_effort = "low";
  request.generation.top_logprobs = 5;
  spec_.arguments = {
      {"generationConfig", R"({"topK":3,"thinkingConfig":{"includeThoughts":true}})"},
      {"safetySettings", "[]"}};
  Answer({Canned(200, Candidate(R"({"text":"x"})"))});
  Generate(request);
  EXPECT_EQ(
      requests_.back().body,
      R"({"contents":[{"role":"user","parts":[{"text":"Hi"}]}],"tools":[{"functionDeclarations":[{"name":"look",)"
      R"("description":"Looks.","parametersJsonSchema":{"type":"object","properties":{"at":)"
      R"({"type":"string"}},"required":["at"]}}]}],"toolConfig":{"functionCallingConfig":{"mode":"ANY"}},)"
      R"("generationConfig":{"temperature":0.5,"maxOutputTokens":100,"seed":7,"stopSequences":["END"],)"
      R"("topP":0.9,"thinkingConfig":{"thinkingLevel":"low","includeThoughts":true},"responseLogprobs":true,)"
      R"("logprobs":5,"responseMimeType":"application/json","responseJsonSchema":{"type":"object"},"topK":3},)"
      R"("safetySettings":[]})");
}

TEST_F(GeminiTest, CarriesThoughtSignaturesThroughFiveTurns) {
  const auto parts = [](int turn) {
    const std::string n = std::to_string(turn);
    if (turn == 6) return std::string(R"({"text":"Done."})");
    return R"({"functionCall":{"name":"look","args":{"at":)" + n +
           R"(}},"thoughtSignature":"c2ln/+)" + n + R"(=="},{"functionCall":{"id":"own)" + n +
           R"(","name":"look","args":{}}})";
  };
  CarryFiveTurns(
      [&](int turn) { return Candidate(parts(turn)); },
      [&](int turn) {
        const std::string n = std::to_string(turn);
        return R"({"role":"model","parts":[)" + parts(turn) +
               R"(]},{"role":"user","parts":[{"functionResponse":{"name":"look","response":{"seen":)" +
               n + R"(}}},{"functionResponse":{"id":"own)" + n +
               R"(","name":"look","response":{"seen":)" + n + "}}}";
      });
  EXPECT_EQ(messages_[2].tool_calls[0].id, "r1-1");
  EXPECT_EQ(messages_[2].tool_calls[1].id, "own1");
  EXPECT_TRUE(requests_.back().body.starts_with(
      R"({"systemInstruction":{"parts":[{"text":"Be \"brief\"."}]},"contents":[{"role":"user","parts":[{"text":"Hi"}]},)"))
      << requests_.back().body;
}

TEST_F(GeminiTest, AResultThatIsNoObjectIsTold) {
  Message said;
  said.role = Role::kAssistant;
  said.tool_calls = {{"c1", "look", R"({"at":"a"})", false}};
  Message answer;
  answer.role = Role::kTool;
  answer.tool_call_id = "c1";
  answer.tool_name = "look";
  answer.text = "[1]";
  messages_.insert(messages_.end(), {said, answer});
  Read(Candidate(R"({"text":"x"})"));
  EXPECT_EQ(
      requests_.back().body,
      R"({"contents":[{"role":"user","parts":[{"text":"Hi"}]},{"role":"model","parts":[{"functionCall":)"
      R"({"name":"look","args":{"at":"a"}}}]},{"role":"user","parts":[{"functionResponse":{"name":"look",)"
      R"("response":{"result":"[1]"}}}]}]})");
}

TEST_F(GeminiTest, FiltersAreRefusals) {
  const Reply prompt =
      Read(R"({"promptFeedback":{"blockReason":"PROHIBITED_CONTENT"},"usageMetadata":)"
           R"({"promptTokenCount":9}})");
  EXPECT_EQ(prompt.status, CallStatus::kRefused);
  EXPECT_EQ(prompt.error, "endpoint \"gemini/m\": the prompt was blocked: PROHIBITED_CONTENT");
  EXPECT_EQ(prompt.usage.input_tokens, 9);
  for (const char* reason : {"SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII"}) {
    const Reply reply = Read(Candidate("", reason));
    EXPECT_EQ(reply.status, CallStatus::kRefused) << reason;
    EXPECT_EQ(reply.error,
              "endpoint \"gemini/m\": the filter " + std::string(reason) + " ended the reply");
    EXPECT_EQ(reply.finish_reason, reason);
  }
}

TEST_F(GeminiTest, ALengthStopIsAReply) {
  EXPECT_EQ(Read(Candidate(R"({"text":"To be"})", "MAX_TOKENS")).status, CallStatus::kOk);
  const Reply thought_it_all = Read(R"({"candidates":[{"finishReason":"MAX_TOKENS","index":0}]})");
  EXPECT_EQ(thought_it_all.status, CallStatus::kOk);
  EXPECT_EQ(thought_it_all.message.text, "");
  EXPECT_EQ(thought_it_all.finish_reason, "MAX_TOKENS");
}

TEST_F(GeminiTest, AMalformedCallMayComeRightAtTheNextTry) {
  Answer({Canned(200, Candidate("", "MALFORMED_FUNCTION_CALL", R"(,"finishMessage":"look(")")),
          Canned(200, Candidate(R"({"text":"x"})"))});
  EXPECT_EQ(Generate().tries, 2);
  EXPECT_EQ(MakeFormat()
                ->Decode(Candidate("", "MALFORMED_FUNCTION_CALL", R"(,"finishMessage":"look(")"), 1)
                .problem,
            "the reply is empty and ended by MALFORMED_FUNCTION_CALL: look(");
}

TEST_F(GeminiTest, LogProbabilitiesAreToldAsElsewhere) {
  const Reply reply = Read(Candidate(
      R"({"text":"Yes"})", "STOP",
      R"(,"logprobsResult":{"topCandidates":[{"candidates":[{"token":"Yes","logProbability":-0.25},)"
      R"({"token":"No","logProbability":-1.5}]}],"chosenCandidates":[{"token":"Yes","logProbability":-0.25}]})"));
  EXPECT_EQ(reply.message.logprobs,
            R"({"content":[{"token":"Yes","logprob":-0.25,"top_logprobs":[)"
            R"({"token":"Yes","logprob":-0.25},{"token":"No","logprob":-1.5}]}]})");
}

TEST_F(GeminiTest, ErrorsAreFinalOrNot) {
  const auto error = [](int code, const std::string& status, const std::string& details) {
    return R"({"error":{"code":)" + std::to_string(code) + R"(,"message":"why","status":")" +
           status + R"(","details":[)" + details + "]}}";
  };
  const std::string info =
      R"({"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"API_KEY_INVALID"})";
  EXPECT_EQ(Read(error(400, "INVALID_ARGUMENT", info), 400).status, CallStatus::kAuth);
  EXPECT_EQ(Read(error(400, "INVALID_ARGUMENT", ""), 400).status, CallStatus::kError);
  EXPECT_EQ(Read(error(403, "PERMISSION_DENIED", ""), 403).status, CallStatus::kAuth);
  const std::string day =
      R"({"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{"quotaId":)"
      R"("GenerateRequestsPerDayPerProjectPerModel-FreeTier"}]})";
  const Reply spent = Read(error(429, "RESOURCE_EXHAUSTED", day), 429);
  EXPECT_EQ(spent.status, CallStatus::kQuota);
  EXPECT_EQ(spent.tries, 1);
  const std::string soon =
      R"({"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"17s"})";
  const int64_t before = clock_.NowMs();
  const Reply limited = Read(error(429, "RESOURCE_EXHAUSTED", soon), 429);
  EXPECT_EQ(limited.status, CallStatus::kRateLimited);
  EXPECT_EQ(limited.tries, 4);
  EXPECT_GE(clock_.NowMs() - before, 3 * 17'000);
  EXPECT_LE(clock_.NowMs() - before, 3 * 19'000);
  EXPECT_EQ(Read(error(503, "UNAVAILABLE", ""), 503).tries, 4);
  EXPECT_EQ(Read("[" + error(429, "RESOURCE_EXHAUSTED", day) + "]", 429).status,
            CallStatus::kQuota);
}

TEST_F(GeminiTest, TheNearestModelIsOffered) {
  spec_.name = "gemini-9-flsh";
  Answer(
      {Canned(404, R"({"error":{"code":404,"message":"no such model","status":"NOT_FOUND"}})"),
       Canned(200,
              R"({"models":[{"name":"models/gemini-9-pro"},{"name":"models/gemini-9-flash"}]})")});
  EXPECT_EQ(Generate().error,
            "endpoint \"gemini/gemini-9-flsh\": HTTP 404: no such model: did you mean "
            "\"gemini-9-flash\"?");
  EXPECT_EQ(requests_.back().target, "/v1beta/models");
}

TEST_F(GeminiTest, SaysWhatIsWrongWithAnUnreadableReply) {
  EXPECT_EQ(Problem("{}"), "no \"candidates\" in the reply: {}");
  EXPECT_EQ(Problem(R"({"candidates":{"a":1}})"), "candidates: expected a list, got an object");
  EXPECT_EQ(Problem(R"({"candidates":[3]})"), "candidates[0]: expected an object, got a number");
  EXPECT_EQ(Problem(R"({"candidates":[],"usageMetadata":{}})"),
            "0 candidates in the reply, expected 1");
  EXPECT_EQ(Problem(Candidate("3")),
            "candidates[0].content.parts[0]: expected an object, got a number");
}

TEST_F(GeminiTest, AReplyCutInTheMiddleIsAskedForAgain) {
  EXPECT_EQ(GenerateFromCut("{\"candidates\":[{\"content\":").tries, 2);
}

TEST_F(GeminiTest, CallsInParallelCannotBeSwitchedOff) {
  Generation generation;
  generation.parallel_tool_calls = true;
  EXPECT_EQ(MakeFormat()->Lacks(generation), "");
  generation.parallel_tool_calls = false;
  EXPECT_EQ(MakeFormat()->Lacks(generation), "--parallel-tool-calls false");
}

}  // namespace
}  // namespace axiometer
