// Lines from a worker process, over a real socket: to the question that the first line of an input
// answers, as the start and as a call. @ID@ in an input stands for the question's id, which nobody
// could guess.

#include <nlohmann/json.hpp>
#include <utility>

#include "environments/python_worker.h"
#include "harness/base/json.h"
#include "tests/fuzz/fuzz.h"

using namespace axiometer;

namespace {

std::string WithId(std::string text, const std::string& id) {
  for (size_t at = text.find("@ID@"); at != std::string::npos; at = text.find("@ID@", at + id.size())) {
    text.replace(at, 4, id);
  }
  return text;
}

Async<> Answer(LineChannel peer, std::string answer) {
  const Line question = co_await peer.Read(30'000);
  const Result<Json> asked = ParseJson(question.text, "question");
  Require(asked && asked->is_object(), "a question is a JSON object");
  const std::string line = WithId(answer, (*asked)["id"].get<std::string>());
  const bool written = co_await peer.Write(line, 30'000);
  Require(written, "an answer is taken");
}

Async<> Ask(PythonWorker& worker, bool first, CallResult& result) {
  if (first) {
    result = co_await worker.Begin(R"({"state":{}})", 30'000);
  } else {
    result = co_await worker.Call("look", "{}");
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string answer(FuzzInput(data, size).Until('\n'));
  EnvironmentLimits limits;
  limits.reply_bytes = 4096;
  for (const bool first : {true, false}) {
    Loop loop;
    auto sockets = MakeSocketPair();
    Require(sockets.has_value(), "there are sockets");
    Instance instance(LineChannel(loop, std::move(sockets->first), 2 * limits.reply_bytes + 4096), Descriptor());
    int gone = 0;
    CallResult result;
    {
      PythonWorker worker(std::move(instance), limits, [&gone] { ++gone; });
      loop.Spawn(Answer(LineChannel(loop, std::move(sockets->second), 1 << 16), answer));
      loop.Spawn(Ask(worker, first, result));
      loop.Run();
      Require(gone == (result.status == CallResult::Status::kAnswered ? 0 : 1), "a worker is gone unless it answered");
    }
    if (result.status == CallResult::Status::kAnswered) {
      Require(result.content.size() <= limits.reply_bytes, "an answer is bounded");
      Require(NestingDepth(result.content) <= 200, "an answer is shallow");
    } else {
      Require(!result.error.empty(), "a failure says why");
    }
  }
  return 0;
}
