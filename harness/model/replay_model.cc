#include "harness/model/replay_model.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "harness/base/file.h"
#include "harness/base/json.h"
#include "harness/model/openai_chat.h"
#include "harness/model/reply_text.h"

namespace axiometer {
namespace {

constexpr size_t kMaxFileBytes = size_t{4} << 30;

std::string At(const std::string& path, size_t line) { return path + ":" + std::to_string(line); }

std::string SampleName(const std::string& task, int epoch) {
  std::string name = "task \"" + task + "\"";
  if (epoch > 0) name += ", epoch " + std::to_string(epoch);
  return name;
}

struct ReplayLine {
  std::string task;
  int epoch = 0;
  ReplayFile::Entry entry;
};

Result<ReplayLine> ReadLine(std::string_view text, const std::string& place) {
  Result<Json> json = ParseJson(text, "");
  if (!json) {
    // The column of ":1:COLUMN" within the line; the line's number is the file's.
    const std::string& where = json.error().where;
    const size_t colon = where.rfind(':');
    return BadInput(colon == std::string::npos ? place : place + where.substr(colon),
                    json.error().what);
  }
  if (!json->is_object()) return BadInput(place, "expected an object with \"task\"");
  ReplayLine line;
  const auto task = json->find("task");
  if (task == json->end() || !task->is_string() || task->get_ref<const std::string&>().empty()) {
    return BadInput(place, "expected \"task\" with a task's id");
  }
  line.task = task->get<std::string>();
  if (const auto epoch = json->find("epoch"); epoch != json->end()) {
    if (!epoch->is_number_integer() || epoch->get<int64_t>() < 1 ||
        epoch->get<int64_t>() > 1'000'000) {
      return BadInput(
          place, "epoch: expected a whole number from 1, got " + OneLine(DumpJson(*epoch), 60));
    }
    line.epoch = static_cast<int>(epoch->get<int64_t>());
  }
  const auto completion = json->find("completion");
  const auto messages = json->find("messages");
  if ((completion == json->end()) == (messages == json->end())) {
    return BadInput(place, "expected one of \"completion\" and \"messages\"");
  }
  if (completion != json->end()) {
    if (completion->is_null()) {
      line.entry.failed = true;
    } else if (completion->is_string()) {
      line.entry.completion = completion->get<std::string>();
    } else {
      return BadInput(
          place, "completion: expected text or null, got " + OneLine(DumpJson(*completion), 60));
    }
    return line;
  }
  if (!messages->is_array()) return BadInput(place, "messages: expected a list");
  for (size_t i = 0; i < messages->size(); ++i) {
    const Json& message = (*messages)[i];
    if (message.is_null()) {
      line.entry.messages.emplace_back();
      continue;
    }
    const std::string name = "messages[" + std::to_string(i) + "]";
    Message decoded;
    const std::string problem = DecodeChatMessage(message, decoded);
    if (!problem.empty()) return BadInput(place, name + problem);
    if (message.contains("role") && message.at("role") != "assistant") {
      return BadInput(place, name + ".role: expected \"assistant\", got " +
                                 OneLine(DumpJson(message.at("role")), 60));
    }
    line.entry.messages.push_back(RawWithLogprobs(decoded));
  }
  return line;
}

class ReplayModel : public Model {
 public:
  ReplayModel(const ModelSpec& spec, ReplayFile file) : spec_(spec), file_(std::move(file)) {}

  const ModelSpec& spec() const override { return spec_; }
  const ReplayFile& file() const { return file_; }

  EndpointState state() const override {
    EndpointState state;
    state.limit = 1000;  // answers come at once: samples wait for the store alone
    return state;
  }

  Async<Reply> Generate(const Request& request) override {
    Reply reply = Answer(request);
    co_return reply;
  }

 private:
  Reply Answer(const Request& request) const {
    Reply reply;
    reply.tries = 1;
    const std::string sample = SampleName(request.task, request.epoch);
    const auto fail = [&](const std::string& why) {
      reply.error = "\"" + spec_.id() + "\": " + why;
      return reply;
    };
    const ReplayFile::Entry* entry = file_.Find(request.task, request.epoch);
    if (entry == nullptr) return fail("no line for " + sample);
    if (entry->failed) return fail("a failed call for " + sample);
    if (entry->completion) {
      Json raw = Json::object();
      raw["role"] = "assistant";
      raw["content"] = *entry->completion;
      DecodeChatMessage(raw, reply.message);
    } else {
      // An agent's earlier replies are in the conversation; a judge asks the same again.
      const auto turns =
          std::count_if(request.messages->begin(), request.messages->end(),
                        [](const Message& message) { return message.role == Role::kAssistant; });
      const size_t index = turns > 0 ? turns : std::max(0, request.step - 1);
      if (index >= entry->messages.size()) {
        return fail("no message " + std::to_string(index + 1) + " for " + sample);
      }
      if (entry->messages[index].empty()) return fail("a failed call for " + sample);
      const Result<Json> raw = ParseJson(entry->messages[index], "message");
      if (!raw) return fail(raw.error().ToString());
      DecodeChatMessage(*raw, reply.message);
    }
    reply.status = CallStatus::kOk;
    reply.choices = 1;
    reply.finish_reason = reply.message.tool_calls.empty() ? "stop" : "tool_calls";
    return reply;
  }

  const ModelSpec spec_;
  const ReplayFile file_;
};

}  // namespace

Result<ReplayFile> ReplayFile::Load(const std::string& path) {
  const Result<std::string> text = ReadFile(path, kMaxFileBytes);
  if (!text) return text.error();
  return Parse(*text, path);
}

Result<ReplayFile> ReplayFile::Parse(std::string_view text, const std::string& path) {
  ReplayFile file;
  std::map<std::pair<std::string, int>, size_t> seen;
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  for (size_t number = 1; !text.empty(); ++number) {
    const size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    Result<ReplayLine> read = ReadLine(line, At(path, number));
    if (!read) return read.error();
    const auto key = std::make_pair(read->task, read->epoch);
    const auto [earlier, is_new] = seen.emplace(key, number);
    if (!is_new) {
      return BadInput(At(path, number), SampleName(read->task, read->epoch) + " was given before",
                      "see line " + std::to_string(earlier->second));
    }
    file.entries_.emplace(key, std::move(read->entry));
  }
  return file;
}

const ReplayFile::Entry* ReplayFile::Find(const std::string& task, int epoch) const {
  auto found = entries_.find({task, epoch});
  if (found == entries_.end()) found = entries_.find({task, 0});
  return found == entries_.end() ? nullptr : &found->second;
}

std::vector<std::string> ReplayFile::UnknownTasks(const std::set<std::string>& wanted) const {
  std::vector<std::string> unknown;
  for (const auto& [key, entry] : entries_) {
    const bool listed = !unknown.empty() && unknown.back() == key.first;
    if (!listed && !wanted.contains(key.first)) unknown.push_back(key.first);
  }
  return unknown;
}

Result<std::unique_ptr<Model>> MakeReplayModel(const ModelSpec& spec) {
  Result<ReplayFile> file = ReplayFile::Load(spec.name);
  if (!file) return file.error();
  return std::unique_ptr<Model>(std::make_unique<ReplayModel>(spec, std::move(*file)));
}

std::vector<std::string> UnknownReplayTasks(const Model& model,
                                            const std::set<std::string>& wanted) {
  const auto* replay = dynamic_cast<const ReplayModel*>(&model);
  return replay == nullptr ? std::vector<std::string>() : replay->file().UnknownTasks(wanted);
}

}  // namespace axiometer
