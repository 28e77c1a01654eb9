#include "harness/model/gemini_stream.h"

#include <gtest/gtest.h>

#include "harness/model/gemini_generate.h"
#include "tests/harness/model/endpoint_fixture.h"
#include "tests/harness/model/streamed_shapes.h"

namespace axiometer {
namespace {

// The events that the API has for a reply in one piece: texts in pieces, anything else whole, the
// last with the reason.
std::string CandidateEvents(const std::string& whole) {
  const Json reply = Json::parse(whole);
  const Json candidate = reply["candidates"][0];
  const auto chunk = [&](const Json& part, int tokens) {
    Json out = reply;
    out["candidates"] = Json::array(
        {{{"content", {{"role", "model"}, {"parts", Json::array({part})}}}, {"index", 0}}});
    out["usageMetadata"]["candidatesTokenCount"] = tokens;
    return Event("", out);
  };
  std::string out;
  int tokens = 0;
  for (const Json& part : candidate["content"]["parts"]) {
    const bool pieces = part.contains("text") && !part.contains("thoughtSignature");
    for (const std::string& piece : pieces ? Pieces(part["text"]) : std::vector<std::string>{""}) {
      Json one = part;
      if (pieces) one["text"] = piece;
      out += chunk(one, ++tokens);
    }
  }
  Json last = reply;
  last["candidates"][0]["content"]["parts"] = Json::array({{{"text", ""}}});
  return out + Event("", last);
}

std::string WholeCandidate(const std::string& parts, const std::string& finish = "STOP",
                           const std::string& more = "") {
  return R"({"candidates":[{"content":{"role":"model","parts":[)" + parts +
         R"(]},"finishReason":")" + finish + R"(","index":0)" + more +
         R"(}],"usageMetadata":{"promptTokenCount":100,"cachedContentTokenCount":64,)" +
         R"("candidatesTokenCount":10,"thoughtsTokenCount":20,"totalTokenCount":130},"modelVersion":"gemini-x-1","responseId":"r1"})";
}

const char* const kCallParts =
    R"({"functionCall":{"name":"look","args":{"at":"é"}},"thoughtSignature":"c2ln/+=="},)"
    R"({"functionCall":{"id":"own","name":"look","args":{}}})";

class GeminiStreamTest : public EndpointFixture {
 protected:
  GeminiStreamTest() {
    spec_.provider = "gemini";
    spec_.base_url = "http://127.0.0.1:" + std::to_string(server_->port());
    spec_.arguments = {{"stream", "true"}};
  }
  std::unique_ptr<WireFormat> MakeFormat() const override { return MakeGeminiGenerate(spec_); }
  WireReply Decode(const std::string& body) const { return MakeFormat()->Decode(body, 1); }
};

TEST_F(GeminiStreamTest, IsAskedForAndRead) {
  Answer({Canned(200, CandidateEvents(WholeCandidate(R"({"text":"Hello é"})")))});
  const Reply reply = Generate();
  EXPECT_EQ(reply.status, CallStatus::kOk) << reply.error;
  EXPECT_EQ(reply.message.text, "Hello é");
  EXPECT_EQ(reply.usage.input_tokens, 100);
  EXPECT_EQ(reply.usage.output_tokens, 30);  // of the last event
  EXPECT_EQ(requests_[0].target, "/v1beta/models/m:streamGenerateContent?alt=sse");
  EXPECT_EQ(requests_[0].body, R"({"contents":[{"role":"user","parts":[{"text":"Hi"}]}]})");
  spec_.base_url = "https://gateway/v1?project=a";
  EXPECT_EQ(MakeFormat()->url(),
            "https://gateway/v1/models/m:streamGenerateContent?project=a&alt=sse");
}

TEST_F(GeminiStreamTest, ReadsAsInOnePiece) {
  const std::string thought = R"({"text":"Hm. é","thought":true})";
  for (const std::string& whole : {
           WholeCandidate(R"({"text":"Hello é"})"),
           WholeCandidate(thought + R"(,{"text":"Hello"})"),
           WholeCandidate(thought + "," + kCallParts),
           WholeCandidate(R"({"text":"Looking."},)" + std::string(kCallParts)),
           WholeCandidate(R"({"text":"Hello"},{"text":"","thoughtSignature":"c2ln"})"),
           WholeCandidate(R"({"text":"To be"})", "MAX_TOKENS"),
           WholeCandidate("", "MAX_TOKENS"),
           WholeCandidate("", "SAFETY"),
           WholeCandidate(R"({"text":"First"})", "PROHIBITED_CONTENT", R"(,"finishMessage":"no")"),
           WholeCandidate("", "MALFORMED_FUNCTION_CALL", R"(,"finishMessage":"look(")"),
       }) {
    SCOPED_TRACE(whole);
    ExpectSame(Decode(CandidateEvents(whole)), Decode(whole));
  }
}

TEST_F(GeminiStreamTest, APromptThatIsBlockedIsARefusal) {
  const std::string blocked =
      R"({"promptFeedback":{"blockReason":"PROHIBITED_CONTENT"},"usageMetadata":{"promptTokenCount":9}})";
  ExpectSame(Decode("data: " + blocked + "\r\n\r\n"), Decode(blocked));
  EXPECT_EQ(Decode("data: " + blocked + "\r\n\r\n").status, WireReply::Status::kRefusal);
}

TEST_F(GeminiStreamTest, PartsWithASignatureStayPartsOfTheirOwn) {
  const auto parts = [](const std::string& list, const std::string& more = "") {
    return R"(data: {"candidates":[{"content":{"parts":[)" + list + R"(],"role":"model"})" + more +
           "}]}\n\n";
  };
  const WireReply reply =
      Decode(parts(R"({"text":"a"})") + parts(R"({"text":"b","thoughtSignature":"x"})") +
             parts(R"({"text":"c"},{"text":"d"})") +
             parts(R"({"text":"e","thought":true})", R"(,"finishReason":"STOP")"));
  EXPECT_EQ(reply.message.text, "abcd");
  EXPECT_NE(
      reply.message.raw.find(
          R"("items":[{"text":"a"},{"text":"b","thoughtSignature":"x"},{"text":"cd"},{"text":"e","thought":true}])"),
      std::string::npos)
      << reply.message.raw;
}

TEST_F(GeminiStreamTest, LogProbabilitiesAreJoined) {
  const auto token = [](const std::string& name) {
    return R"({"token":")" + name + R"(","logProbability":-0.5})";
  };
  const auto chunk = [&](const std::string& name, const std::string& more) {
    return R"(data: {"candidates":[{"content":{"parts":[{"text":")" + name +
           R"("}]},"logprobsResult":{"chosenCandidates":[)" + token(name) +
           R"(],"topCandidates":[{"candidates":[)" + token(name) + "]}]}" + more + "}]}\n\n";
  };
  EXPECT_EQ(
      Decode(chunk("A", "") + chunk("B", R"(,"finishReason":"STOP")")).message.logprobs,
      R"({"content":[{"token":"A","logprob":-0.5,"top_logprobs":[{"token":"A","logprob":-0.5}]},)"
      R"({"token":"B","logprob":-0.5,"top_logprobs":[{"token":"B","logprob":-0.5}]}]})");
}

TEST_F(GeminiStreamTest, CarriesThoughtSignaturesThroughFiveTurns) {
  const auto parts = [](int turn) {
    const std::string n = std::to_string(turn);
    if (turn == 6) return std::string(R"({"text":"Done."})");
    return R"({"functionCall":{"name":"look","args":{"at":)" + n +
           R"(}},"thoughtSignature":"c2ln/+)" + n + R"(=="},{"functionCall":{"id":"own)" + n +
           R"(","name":"look","args":{}}})";
  };
  CarryFiveTurns([&](int turn) { return CandidateEvents(WholeCandidate(parts(turn))); },
                 [&](int turn) { return R"({"role":"model","parts":[)" + parts(turn) + "]}"; });
}

TEST_F(GeminiStreamTest, CutAnywhereItIsNoReply) {
  const std::string stream = CandidateEvents(
      WholeCandidate(R"({"text":"Hm.","thought":true},)" + std::string(kCallParts)));
  const std::string before_last = stream.substr(0, stream.rfind("data:"));
  ExpectCutAnywhere(*MakeFormat(), before_last + "END", "END");
}

TEST_F(GeminiStreamTest, CutInTheMiddleItIsAskedForAgainWhateverCameBefore) {
  const std::string whole = CandidateEvents(WholeCandidate(R"({"text":"Hello"})"));
  const std::string half = whole.substr(0, whole.rfind("data:"));
  Answer({Canned(200, half), Canned(200, half), Canned(200, half), Canned(200, whole)});
  const Reply reply = Generate();
  EXPECT_EQ(reply.status, CallStatus::kOk) << reply.error;
  EXPECT_EQ(reply.tries, 4);
}

TEST_F(GeminiStreamTest, AnErrorInItIsTheErrorThatItNames) {
  const std::string whole = CandidateEvents(WholeCandidate(R"({"text":"Hello"})"));
  const std::string half = whole.substr(0, whole.rfind("data:"));
  const struct {
    int code;
    const char* status;
    CallStatus ended;
    int tries;
  } cases[] = {{503, "UNAVAILABLE", CallStatus::kError, 4},
               {429, "RESOURCE_EXHAUSTED", CallStatus::kRateLimited, 4},
               {400, "INVALID_ARGUMENT", CallStatus::kError, 1}};
  for (const auto& one : cases) {
    Answer({Canned(
        200,
        half + Event("", {{"error",
                           {{"code", one.code}, {"message", "why"}, {"status", one.status}}}}))});
    const Reply reply = Generate();
    EXPECT_EQ(reply.status, one.ended) << one.status;
    EXPECT_EQ(reply.tries, one.tries) << one.status;
    EXPECT_NE(reply.error.find("why (" + std::string(one.status)), std::string::npos)
        << reply.error;
  }
}

TEST_F(GeminiStreamTest, OtherNumbersOfCandidatesAreTheEndpointsLastWord) {
  const std::string two =
      R"(data: {"candidates":[{"finishReason":"STOP"},{"index":1,"finishReason":"STOP"}]})";
  EXPECT_EQ(Decode(two + "\n\n").problem, "2 candidates in the reply, expected 1");
  Generation generation;
  generation.n = 2;
  EXPECT_EQ(MakeFormat()->Lacks(generation), "n (several replies at once) in a stream");
}

}  // namespace
}  // namespace axiometer
