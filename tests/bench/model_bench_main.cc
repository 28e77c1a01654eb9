// CPU microseconds a model call against a bare libcurl multi_socket loop that sends bytes of the
// same number to the same mock endpoint and looks at nothing:
//   parsed   EndpointModel: the body built from messages, the reply read
//   stored   the same, with the call and its two events committed before the next one
// The conversation is that of a sample in its middle: 4 KB that earlier turns have encoded, and one
// more message.
//
//   model_bench [CALLS [FOLDER]]   (12000; FOLDER on the disk to measure; the mock endpoint's
//                                  program stands beside this one)
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "harness/io/clock.h"
#include "harness/io/http_client.h"
#include "harness/io/loop.h"
#include "harness/model/endpoint_model.h"
#include "harness/model/openai_chat.h"
#include "harness/store/store.h"
#include "harness/run/attempt.h"
#include "tests/bench/bare_curl.h"
#include "tests/bench/mock_process.h"

namespace axiometer {
namespace {

constexpr int kRepeats = 5;

std::vector<Message> Conversation() {
  std::vector<Message> conversation(2);
  conversation[0].role = Role::kSystem;
  conversation[0].text.assign(500, 's');
  conversation[1].role = Role::kUser;
  conversation[1].text.assign(3'300, 'u');
  return conversation;
}

Message ToolAnswer() {
  Message message;
  message.role = Role::kTool;
  message.text.assign(100, 't');
  message.tool_call_id = "call_1";
  message.tool_name = "look_up";
  return message;
}

Request RequestOf(const std::vector<Message>& messages, EncodedConversation& encoded, int step) {
  Request request;
  request.messages = &messages;
  request.encoded = &encoded;
  request.generation.temperature = 0;
  request.step = step;
  return request;
}

std::string Body() {
  std::vector<Message> messages = Conversation();
  messages.push_back(ToolAnswer());
  EncodedConversation encoded;
  AppendMessages(messages, encoded);
  return ChatHead("mock") + encoded.bytes + ChatTail(RequestOf(messages, encoded, 1));
}

std::vector<Row> RowsOf(int64_t attempt, int step, Reply reply, const Message& tool) {
  std::vector<Row> rows;
  EventRow asked;
  asked.attempt = attempt;
  asked.event.id = 2 * step - 1;
  asked.event.step = step;
  asked.event.message = tool;
  rows.emplace_back(std::move(asked));
  CallRow call = CallRowOf(reply, MakeId({std::to_string(attempt), "call", std::to_string(step)}), attempt, step, 1);
  EventRow answered;
  answered.attempt = attempt;
  answered.call = call.id;
  answered.event.id = 2 * step;
  answered.event.step = step;
  answered.event.kind = EventKind::kReply;
  answered.event.message = std::move(reply.message);
  rows.emplace_back(std::move(call));
  rows.emplace_back(std::move(answered));
  return rows;
}

// One call after the other, `count` times; `writer` may be null.
Async<void> Sample(Model& model, StoreWriter* writer, int64_t attempt, int count) {
  const std::vector<Message> start = Conversation();
  EncodedConversation begun;
  AppendMessages(start, begun);
  for (int step = 1; step <= count; ++step) {
    std::vector<Message> messages = start;
    messages.push_back(ToolAnswer());
    EncodedConversation encoded = begun;
    const Request request = RequestOf(messages, encoded, step);
    Reply reply = co_await model.Generate(request);
    if (reply.status != CallStatus::kOk) Die(reply.error);
    if (writer == nullptr) continue;
    std::vector<Row> rows = RowsOf(attempt, step, std::move(reply), messages.back());
    const Result<void> done = co_await writer->Commit(std::move(rows));
    if (!done) Die(done.error().ToString());
  }
}

double OursUs(const std::string& base_url, const Load& load, const std::string& database) {
  Loop loop;
  const std::unique_ptr<Clock> clock = MakeRealClock(loop);
  HttpClient http(loop);
  ModelSpec spec;
  spec.provider = "openai";
  spec.name = "mock";
  spec.base_url = base_url;
  spec.max_connections = load.in_flight;
  const std::unique_ptr<Model> model = 
      MakeEndpointModel(spec, MakeOpenAiChat(spec), loop, *clock, http, nullptr, {}, 1);
  std::unique_ptr<StoreWriter> writer;
  if (!database.empty()) {
    for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(database + suffix);
    Result<std::unique_ptr<StoreWriter>> opened = StoreWriter::Open(loop, database);
    if (!opened) Die(opened.error().ToString());
    writer = std::move(*opened);
  }
  const double before = CpuUs();
  for (int i = 0; i < load.in_flight; ++i) {
    loop.Spawn(Sample(*model, writer.get(), i + 1, load.requests / load.in_flight));
  }
  loop.Run();
  return (CpuUs() - before) / load.requests;
}

void Measure(const Load& load, const std::string& database) {
  MockProcess mock({"--mode", "text", "--latency-ms", std::to_string(load.latency_ms),
                    "--latency-sigma", "0.5"});
  const std::string url = mock.base_url() + "/chat/completions";
  double parsed = 1e9;
  double stored = 1e9;
  double bare = 1e9;
  for (int i = 0; i < kRepeats; ++i) {  // in turn, so that a busy moment hits all
    parsed = std::min(parsed, OursUs(mock.base_url(), load, ""));
    stored = std::min(stored, OursUs(mock.base_url(), load, database));
    bare = std::min(bare, BareCurl(url, Body(), load).RunUs());
  }
  std::printf("%9d %10d %8.1f %8.1f %12.1f %8.2f %8.2f %6.1f\n", load.in_flight, load.latency_ms,
              parsed, stored, bare, parsed / bare, stored / bare, mock.Stop().cpu_us_a_request());
  std::fflush(stdout);
}

}  // namespace
}  // namespace axiometer

int main(int argc, char** argv) {
  const int calls = argc > 1 ? std::max(1000, std::atoi(argv[1])) : 12'000;
  const std::string database = std::string(argc > 2 ? argv[2] : ".") + "/model_bench.db";
  std::printf(
      "in flight latency ms   parsed   stored bare libcurl  x bare   x bare   mock   (CPU us a "
      "call, best of %d)\n",
      axiometer::kRepeats);
  for (const axiometer::Load load : {axiometer::Load{64, 0, calls},
                                     {256, 0, calls},
                                     {64, 50, calls / 3},
                                     {256, 50, calls}}) {
    // As many as every sample can share out evenly.
    axiometer::Measure({load.in_flight, load.latency_ms,
                        load.requests / load.in_flight * load.in_flight},
                       database);
  }
  for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(database + suffix);
}
