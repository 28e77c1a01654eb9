#include "environments/python_worker.h"

#include <sys/random.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <nlohmann/json.hpp>
#include <utility>

#include "environments/member.h"
#include "harness/base/json.h"

namespace axiometer {
namespace {

using Status = CallResult::Status;

constexpr int kDepthOfChanges = 4;  // around a value of the state

// Nobody but the one who is asked can know it: what an instance writes unasked is then no answer.
std::string NewId() {
  unsigned char bytes[8] = {};
  [[maybe_unused]] const ssize_t got = getrandom(bytes, sizeof bytes, 0);
  static constexpr char kHex[] = "0123456789abcdef";
  std::string id;
  for (const unsigned char byte : bytes) {
    id += kHex[byte >> 4];
    id += kHex[byte & 15];
  }
  return id;
}

std::string HowItEnded(const Json& ended, const EnvironmentLimits& limits) {
  if (const int64_t number = IntegerMember(ended, "signal"); number != 0) {
    if (number == SIGXCPU || number == SIGKILL) {
      return "the instance was killed, as after " + std::to_string(limits.cpu_seconds) +
             " s of processor time or when memory runs out";
    }
    return "the instance ended by signal " + std::to_string(number);
  }
  return "the instance ended by itself";
}

// [[number of the call, [change, …]], …]. Anything else, from code that is not to be trusted, counts as nothing: what is
// shown of the state depends on it and no score does.
std::vector<StateChange> ReadChanges(const std::string& text) {
  std::vector<StateChange> all;
  if (NestingDepth(text) > kDeepestAnswer + kDepthOfChanges) return all;
  const Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_array()) return all;
  for (const Json& one : json) {
    if (!one.is_array() || one.size() != 2 || !one[0].is_number_integer() || !one[1].is_array()) return {};
    all.push_back({one[0].get<int>(), DumpJson(one[1])});
  }
  return all;
}

std::string* Text(Json& object, const char* key) {
  const auto member = object.find(key);
  return member == object.end() || !member->is_string() ? nullptr
                                                        : &member->get_ref<std::string&>();
}

}  // namespace

int NestingDepth(std::string_view json) {
  int depth = 0;
  int deepest = 0;
  bool in_string = false;
  for (size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      deepest = std::max(deepest, ++depth);
    } else if (c == ']' || c == '}') {
      --depth;
    }
  }
  return deepest;
}

PythonWorker::PythonWorker(Instance instance, const EnvironmentLimits& limits,
                           std::function<void()> gone)
    : instance_(std::make_unique<Instance>(std::move(instance))),
      limits_(limits),
      gone_(std::move(gone)) {}

PythonWorker::~PythonWorker() { End(); }

void PythonWorker::End() {
  instance_.reset();
  if (gone_) std::exchange(gone_, nullptr)();
}

Async<CallResult> PythonWorker::Begin(std::string first, int64_t deadline_ms) {
  return Ask(std::move(first), deadline_ms);
}

Async<CallResult> PythonWorker::Call(const std::string& tool, const std::string& arguments) {
  Json question;
  question["call"] = tool;
  question["arguments"] = arguments;
  return Ask(DumpJson(question), limits_.call_ms);
}

Async<CallResult> PythonWorker::State() { return Ask("{\"state\":true}", limits_.call_ms); }

// `question` is a JSON object that is not empty; it gains an id.
Async<CallResult> PythonWorker::Ask(std::string question, int64_t deadline_ms) {
  if (!instance_) co_return CallResult::Failure(Status::kDied, "the instance is gone");
  const auto begin = std::chrono::steady_clock::now();
  const std::string id = NewId();
  question.replace(0, 1, "{\"id\":\"" + id + "\",");
  // The answer may come, or the end be told, although the question could not be handed over.
  const bool written = co_await instance_->channel().Write(question, deadline_ms);
  const Line line = co_await instance_->channel().Read(written ? deadline_ms : 0);
  CallResult result;
  switch (line.status) {
    case LineStatus::kLine:
      result = Read(line.text, id);
      break;
    case LineStatus::kClosed:
      result = CallResult::Failure(Status::kLost, "the sandbox ended");
      break;
    case LineStatus::kTimeout:
      result = CallResult::Failure(
          Status::kTimeout, "no answer within " + std::to_string(deadline_ms) + " ms; killed");
      break;
    case LineStatus::kTooLong:
      result = CallResult::Failure(
          Status::kProtocol,
          "an answer of more than " + std::to_string(limits_.reply_bytes) + " bytes; killed");
      break;
    case LineStatus::kCancelled:
      result = CallResult::Failure(Status::kCancelled, "cancelled");
      break;
  }
  result.duration_us = std::chrono::duration_cast<std::chrono::microseconds>(
                           std::chrono::steady_clock::now() - begin)
                           .count();
  if (result.status != Status::kAnswered) End();
  co_return result;
}

CallResult PythonWorker::Read(const std::string& text, const std::string& id) const {
  // Shallow, so that the parser cannot be made to recurse.
  Json answer =
      NestingDepth(text) <= 2 ? Json::parse(text, nullptr, /*allow_exceptions=*/false) : Json();
  if (!answer.is_object())
    return CallResult::Failure(Status::kProtocol, "something that is no answer; killed");
  if (const auto ended = answer.find("ended"); ended != answer.end() && ended->is_object()) {
    return CallResult::Failure(Status::kDied, HowItEnded(*ended, limits_));
  }
  if (const std::string* why = Text(answer, "refused"))
    return CallResult::Failure(Status::kDied, *why);
  const std::string* given = Text(answer, "id");
  if (given == nullptr || *given != id) {
    return CallResult::Failure(Status::kProtocol, "an answer that was not asked for; killed");
  }
  if (const std::string* why = Text(answer, "unusable")) {
    return CallResult::Failure(Status::kProtocol, "an unusable result: " + *why);
  }
  if (const std::string* why = Text(answer, "failed"))
    return CallResult::Failure(Status::kDied, *why);
  CallResult result;
  result.status = Status::kAnswered;
  if (answer.contains("ready")) return result;
  std::string* const content = Text(answer, "result");
  if (content == nullptr)
    return CallResult::Failure(Status::kProtocol, "something that is no answer; killed");
  if (content->size() > limits_.reply_bytes) {
    return CallResult::Failure(
        Status::kProtocol,
        "an answer of more than " + std::to_string(limits_.reply_bytes) + " bytes; killed");
  }
  if (NestingDepth(*content) > kDeepestAnswer) {
    return CallResult::Failure(
        Status::kProtocol,
        "an answer nested deeper than " + std::to_string(kDeepestAnswer) + " levels; killed");
  }
  result.content = std::move(*content);
  if (const std::string* changes = Text(answer, "changes")) result.changes = ReadChanges(*changes);
  return result;
}

}  // namespace axiometer
