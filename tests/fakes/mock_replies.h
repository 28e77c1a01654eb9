#pragma once

#include <cstdint>
#include <cstring>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "tests/fakes/json_skim.h"

namespace axiometer {

// What the mock endpoint answers to a chat-completions request: a function of its user messages, the
// number of its turns and the seed alone. So an interrupted run and an undisturbed one get the same
// replies, and so do two clients that spell JSON differently, even where tool results hold the time.
class MockReplies {
 public:
  enum class Mode {
    kTools,  // with tools: calls, then text. Without: a verdict if a JSON object is asked for, else
             // text
    kText,   // always text
    kJudge,  // always a verdict
  };
  struct Options {
    Mode mode = Mode::kTools;
    int calls = 8;  // tool calls before the final text
    uint64_t seed = 0;
    double bad_arguments_rate = 0;  // of the tool calls, those whose arguments are broken JSON
    std::string favours;            // a value; said in every text, and rated by a judge that reads it
  };

  explicit MockReplies(const Options& options) : options_(options) {}

  // The reply's body; `content_bytes` > 0 makes the text that long.
  std::string Answer(std::string_view body, size_t content_bytes = 0) {
    const Request request = Read(body);
    const uint64_t hash =
        Hash(request.asked + "\n" + std::to_string(request.assistant_messages), options_.seed);
    std::string message;
    const char* finish_reason = "stop";
    if (content_bytes > 0) {
      message = "{\"role\":\"assistant\",\"content\":\"" + std::string(content_bytes, 'x') + "\"}";
    } else if (WantsCall(request)) {
      message = CallMessage(request, hash);
      finish_reason = "tool_calls";
    } else if (options_.mode == Mode::kJudge ||
               (options_.mode == Mode::kTools && request.wants_json)) {
      message = TextMessage(Verdict(request));
    } else {
      message = TextMessage("Done after " + std::to_string(request.assistant_messages) +
                            " turns: the request " + Hexadecimal(hash) + " is dealt with." +
                            (options_.favours.empty() ? "" : kFavour + options_.favours + kFirst));
    }
    const size_t input_tokens = body.size() / 4;
    const size_t output_tokens = message.size() / 4;
    std::string reply = "{\"id\":\"chatcmpl-" + Hexadecimal(hash) +
                        "\",\"object\":\"chat.completion\",\"created\":1700000000,\"model\":";
    reply += request.model.empty() ? "\"mock\"" : request.model;
    reply += ",\"choices\":[{\"index\":0,\"message\":" + message +
             ",\"logprobs\":null,\"finish_reason\":\"" + finish_reason +
             "\"}],\"usage\":{\"prompt_tokens\":" + std::to_string(input_tokens) +
             ",\"completion_tokens\":" + std::to_string(output_tokens) +
             ",\"total_tokens\":" + std::to_string(input_tokens + output_tokens) + "}}";
    return reply;
  }

  int64_t bad_arguments() const { return bad_arguments_; }

 private:
  using OrderedJson = nlohmann::ordered_json;

  static constexpr const char* kFavour = " I put ";
  static constexpr const char* kFirst = " first.";

  struct Tool {
    std::string name;       // as JSON
    std::string arguments;  // a JSON string that holds the arguments' object
  };
  struct Request {
    std::string_view model, messages, tools, tool_choice;
    std::string asked;  // the text of the user messages
    size_t assistant_messages = 0;
    bool wants_json = false;
  };

  static uint64_t Hash(std::string_view text, uint64_t seed) {
    uint64_t hash = std::hash<std::string_view>()(text) ^ (seed * 0x9e3779b97f4a7c15u);
    hash = (hash ^ (hash >> 31)) * 0xbf58476d1ce4e5b9u;
    return hash ^ (hash >> 29);
  }

  static std::string Hexadecimal(uint64_t value) {
    std::string text(16, '0');
    for (int i = 15; i >= 0; --i, value >>= 4)
      text[static_cast<size_t>(i)] = "0123456789abcdef"[value & 15];
    return text;
  }

  static std::string Quoted(const std::string& text) {
    return OrderedJson(text).dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
  }

  static std::string TextMessage(const std::string& text) {
    return "{\"role\":\"assistant\",\"content\":" + Quoted(text) + ",\"refusal\":null}";
  }

  static Request Read(std::string_view body) {
    Request request;
    ForEachMember(body, [&](std::string_view name, std::string_view value) {
      if (name == "model") request.model = value;
      if (name == "messages") request.messages = value;
      if (name == "tools") request.tools = value;
      if (name == "tool_choice") request.tool_choice = value;
      if (name == "response_format")
        request.wants_json = value.find("json_") != std::string_view::npos;
    });
    ForEachElement(request.messages, [&](std::string_view message) {
      std::string_view role, content;
      ForEachMember(message, [&](std::string_view name, std::string_view value) {
        if (name == "role") role = value;
        if (name == "content") content = value;
      });
      if (role == "\"assistant\"") ++request.assistant_messages;
      if (role != "\"user\"") return;
      const OrderedJson text = OrderedJson::parse(content, nullptr, false);
      if (text.is_string()) request.asked += text.get_ref<const std::string&>() + "\n";
    });
    return request;
  }

  bool WantsCall(const Request& request) const {
    return options_.mode == Mode::kTools && request.tools.size() > 2 &&
           request.tool_choice != "\"none\"" &&
           request.assistant_messages < static_cast<size_t>(options_.calls);
  }

  std::string CallMessage(const Request& request, uint64_t hash) {
    const std::vector<Tool>& tools = Tools(request.tools);
    if (tools.empty()) return TextMessage("There is no tool that I can read.");
    const Tool& tool = tools[request.assistant_messages % tools.size()];
    // The low bits of another hash of the same text decide, so that a resumed run meets the same.
    const double draw = static_cast<double>((hash * 0xd1342543de82ef95u) >> 11) * 0x1p-53;
    const bool broken = draw < options_.bad_arguments_rate;
    bad_arguments_ += broken;
    return "{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{\"id\":\"call_" +
           Hexadecimal(hash) + "\",\"type\":\"function\",\"function\":{\"name\":" + tool.name +
           ",\"arguments\":" + (broken ? "\"{\\\"x\\\": tru\"" : tool.arguments) +
           "}}],\"refusal\":null}";
  }

  // The tools of a request, read once for each distinct list.
  const std::vector<Tool>& Tools(std::string_view text) {
    const auto [place, fresh] = tools_.try_emplace(std::hash<std::string_view>()(text));
    if (!fresh) return place->second;
    const OrderedJson list = OrderedJson::parse(text, nullptr, false);
    if (!list.is_array()) return place->second;
    for (const OrderedJson& entry : list) {
      const OrderedJson function = Member(entry, "function");
      const OrderedJson name = Member(function, "name");
      if (!name.is_string()) continue;
      OrderedJson arguments = Sample(Member(function, "parameters"), 0);
      if (!arguments.is_object()) arguments = OrderedJson::object();
      place->second.push_back({Quoted(name.get<std::string>()), Quoted(arguments.dump())});
    }
    return place->second;
  }

  static OrderedJson Member(const OrderedJson& object, const char* name) {
    if (!object.is_object()) return nullptr;
    const auto place = object.find(name);
    return place == object.end() ? OrderedJson(nullptr) : *place;
  }

  // A value of the kind that `schema` wants: its required properties, the first of every choice.
  static OrderedJson Sample(const OrderedJson& schema, int depth) {
    if (depth > 20) return nullptr;
    if (const OrderedJson options = Member(schema, "enum"); options.is_array() && !options.empty())
      return options[0];
    if (const OrderedJson constant = Member(schema, "const"); !constant.is_null()) return constant;
    OrderedJson type = Member(schema, "type");
    if (type.is_array() && !type.empty()) type = OrderedJson(type[0]);
    const OrderedJson properties = Member(schema, "properties");
    if (type == "object" || properties.is_object()) {
      OrderedJson object = OrderedJson::object();
      const OrderedJson required = Member(schema, "required");
      if (!required.is_array()) return object;
      for (const OrderedJson& name : required) {
        if (!name.is_string()) continue;
        const std::string key = name.get<std::string>();
        object[key] = Sample(Member(properties, key.c_str()), depth + 1);
      }
      return object;
    }
    for (const char* choice : {"anyOf", "oneOf", "allOf"}) {
      const OrderedJson alternatives = Member(schema, choice);
      if (type.is_null() && alternatives.is_array() && !alternatives.empty()) {
        return Sample(alternatives[0], depth + 1);
      }
    }
    const OrderedJson least = Member(schema, "minimum");
    if (type == "integer" || type == "number")
      return least.is_number() && least > 1 ? least : OrderedJson(1);
    if (type == "boolean") return true;
    if (type == "null") return nullptr;
    if (type == "array") {
      OrderedJson array = OrderedJson::array();
      const OrderedJson count = Member(schema, "minItems");
      if (count.is_number_integer() && count >= 1)
        array.push_back(Sample(Member(schema, "items"), depth + 1));
      return array;
    }
    return "x";
  }

  std::string Verdict(const Request& request) const {
    const std::string& prompt = request.asked;
    if (auto rubric = ObjectWith(prompt, "CASE_NAME", "VALUE_A_ITEMS"))
      return BenchmarkVerdict(*rubric, prompt);
    if (auto rubric = ObjectWith(prompt, "items", "items")) return OwnVerdict(*rubric, prompt);
    return "{\"error\": \"there is no rubric in the request\"}";
  }

  // The first object in `text` whose first member is `first` and which has `needed` as well.
  static std::optional<OrderedJson> ObjectWith(const std::string& text, const std::string& first,
                                               const char* needed) {
    const std::string quoted = "\"" + first + "\"";
    for (size_t at = text.find(quoted); at != std::string::npos; at = text.find(quoted, at + 1)) {
      if (at == 0) continue;
      const size_t brace = text.find_last_not_of(" \t\r\n", at - 1);
      if (brace == std::string::npos || text[brace] != '{') continue;
      OrderedJson object =
          OrderedJson::parse(text.substr(brace, SkipValue(text, brace) - brace), nullptr, false);
      if (!Member(object, needed).is_null()) return object;
    }
    return std::nullopt;
  }

  uint64_t Score(const std::string& item, const std::string& about) const {
    return Hash(item + "\n" + about, options_.seed) % 3;
  }

  // What the subject says that it favours, as its own kind of endpoint says it; empty: nothing.
  static std::string Favoured(const std::string& prompt) {
    const size_t end = prompt.rfind(kFirst);
    const size_t begin = end == std::string::npos ? end : prompt.rfind(kFavour, end);
    if (begin == std::string::npos) return "";
    const size_t name = begin + std::strlen(kFavour);
    return prompt.substr(name, end - name);
  }

  // The form that Agent-ValueBench's judge accepts. Drawn anew for each leaning, so that two runs differ by chance where
  // neither leans; four of five points of a favoured value are full.
  std::string BenchmarkVerdict(const OrderedJson& rubric, const std::string& prompt) const {
    const std::string case_name = Text(Member(rubric, "CASE_NAME"));
    OrderedJson evidence = OrderedJson::array();
    if (const std::string step = TextAfter(prompt, "STEP_ID: "); !step.empty())
      evidence.push_back(step);
    const std::string favoured = Favoured(prompt);
    const std::string about = favoured.empty() ? case_name : case_name + "\n" + favoured;
    OrderedJson scores = OrderedJson::array();
    for (const auto& [name, side] : {std::pair("VALUE_A_NAME", "VALUE_A_ITEMS"), {"VALUE_B_NAME", "VALUE_B_ITEMS"}}) {
      const bool favours = !favoured.empty() && Text(Member(rubric, name)) == favoured;
      for (const OrderedJson& item : Member(rubric, side)) {
        const std::string id = Text(Member(item, "ITEM_ID"));
        const bool full = favours && Hash(id + "\nfavoured", Hash(about, options_.seed)) % 5 != 0;
        OrderedJson score;
        score["ITEM_ID"] = Member(item, "ITEM_ID");
        score["SOURCE_CHECKPOINT"] = Member(item, "SOURCE_CHECKPOINT");
        score["SCORE"] = std::to_string(full ? 2 : Score(id, about));
        score["EVIDENCE_STEPS"] = evidence;
        score["RATIONALE"] = "Drawn by the mock endpoint.";
        scores.push_back(score);
      }
    }
    OrderedJson verdict;
    verdict["CASE_NAME"] = case_name;
    verdict["RUBRIC_STATUS"] = "OK";
    verdict["ITEM_SCORES"] = scores;
    verdict["VALUE_A_TRACK_SUMMARY"] = "Drawn by the mock endpoint.";
    verdict["VALUE_B_TRACK_SUMMARY"] = "Drawn by the mock endpoint.";
    verdict["QUALITATIVE_OVERALL_LEANING"] = "MIXED";
    verdict["OVERALL_CONFIDENCE"] = "LOW";
    return verdict.dump();
  }

  // The form that the rubric judge of our own suites accepts; judges/prompts/rubric.txt.
  std::string OwnVerdict(const OrderedJson& rubric, const std::string& prompt) const {
    OrderedJson events = OrderedJson::array();
    for (size_t line = prompt.find("\n=="); line != std::string::npos;
         line = prompt.find("\n==", line + 1)) {
      const std::string_view title =
          std::string_view(prompt).substr(line + 1, prompt.find('\n', line + 1) - line - 1);
      const size_t id = title.find("[E");
      if (id == std::string_view::npos) continue;
      events.push_back(std::atoi(std::string(title.substr(id + 2)).c_str()));
      break;
    }
    OrderedJson items = OrderedJson::array();
    for (const OrderedJson& item : Member(rubric, "items")) {
      const std::string id = Text(Member(item, "id"));
      OrderedJson verdict;
      verdict["id"] = id;
      verdict["score"] = events.empty() ? 0 : Score(id, prompt);
      verdict["events"] = events;
      verdict["rationale"] = "Drawn by the mock endpoint.";
      items.push_back(verdict);
    }
    OrderedJson answer;
    answer["items"] = items;
    return answer.dump();
  }

  static std::string Text(const OrderedJson& value) {
    return value.is_string() ? value.get<std::string>() : value.dump();
  }

  static std::string TextAfter(const std::string& text, const std::string& label) {
    const size_t at = text.find("\n" + label);
    if (at == std::string::npos) return "";
    const size_t begin = at + 1 + label.size();
    return text.substr(begin, text.find('\n', begin) - begin);
  }

  Options options_;
  int64_t bad_arguments_ = 0;
  std::unordered_map<size_t, std::vector<Tool>> tools_;  // by the hash of the list's text
};

}  // namespace axiometer
