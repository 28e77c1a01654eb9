#include "harness/model/random_walk.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <string_view>
#include <vector>

#include "harness/base/digest.h"
#include "harness/base/json.h"

namespace axiometer {
namespace {

constexpr int kMaxCalls = 8;
constexpr int kDeepest = 4;
constexpr size_t kMaxSeen = 2000;

// SplitMix64 (Steele, Lea, Flood 2014): the same numbers on every platform.
class Random {
 public:
  explicit Random(const std::string& label) {
    const std::string digest = Sha256(label);
    state_ = std::stoull(digest.substr(0, 16), nullptr, 16);
  }
  uint64_t Next() {
    uint64_t z = (state_ += 0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return z ^ (z >> 31);
  }
  size_t Below(size_t n) { return n == 0 ? 0 : Next() % n; }
  bool Chance(int percent) { return static_cast<int>(Below(100)) < percent; }

 private:
  uint64_t state_;
};

// Something that was mentioned, and under which name.
struct Seen {
  std::string name;
  Json value;
};

bool LooksLikeIdentifier(std::string_view text) {
  if (text.empty() || text.size() > 64) return false;
  const bool digit = text.find_first_of("0123456789") != std::string_view::npos;
  const bool joined = text.find_first_of("_-@") != std::string_view::npos;
  return digit || joined;
}

void Collect(const Json& value, const std::string& name, std::vector<Seen>& seen) {
  if (seen.size() >= kMaxSeen) return;
  if (value.is_object()) {
    for (const auto& [key, member] : value.items()) {
      // Records are often kept under their identifiers.
      if (member.is_object() && LooksLikeIdentifier(key)) seen.push_back({name, Json(key)});
      Collect(member, key, seen);
    }
  } else if (value.is_array()) {
    for (const Json& member : value) Collect(member, name, seen);
  } else if (value.is_string() || value.is_number()) {
    seen.push_back({name, value});
  }
}

// Identifiers and quoted phrases of a text.
void CollectWords(std::string_view text, std::vector<Seen>& seen) {
  constexpr std::string_view kEnds = " \t\r\n,;:!?()[]{}<>\"'`";
  size_t at = 0;
  while (at < text.size()) {
    const size_t start = text.find_first_not_of(kEnds, at);
    if (start == std::string_view::npos) return;
    size_t end = std::min(text.find_first_of(kEnds, start), text.size());
    at = end;
    while (end > start && text[end - 1] == '.') --end;
    const std::string_view word = text.substr(start, end - start);
    if (LooksLikeIdentifier(word)) seen.push_back({"", Json(std::string(word))});
  }
}

std::vector<Seen> WhatWasSeen(const std::vector<Message>& messages) {
  std::vector<Seen> seen;
  // The latest results first: they are what the bound should keep.
  for (auto message = messages.rbegin(); message != messages.rend(); ++message) {
    if (message->role == Role::kTool) {
      const Result<Json> result = ParseJson(message->text, "result");
      if (result) Collect(*result, "", seen);
    } else if (message->role == Role::kUser) {
      CollectWords(message->text, seen);
    }
  }
  return seen;
}

class Drawer {
 public:
  Drawer(Random& random, const std::vector<Seen>& seen) : random_(random), seen_(seen) {}

  Json Value(const Json& schema, const std::string& name, int depth) {
    if (!schema.is_object()) return String(name);
    if (const auto found = schema.find("const"); found != schema.end()) return *found;
    if (const auto found = schema.find("enum");
        found != schema.end() && found->is_array() && !found->empty()) {
      return (*found)[random_.Below(found->size())];
    }
    const std::string type = Type(schema);
    if (type == "integer") return Number(schema, name, true);
    if (type == "number") return Number(schema, name, false);
    if (type == "boolean") return random_.Chance(50);
    if (type == "null") return nullptr;
    if (type == "array") return List(schema, name, depth);
    if (type == "object") return Object(schema, depth);
    if (type.empty() && depth < kDeepest) {
      for (const char* combinator : {"anyOf", "oneOf"}) {
        const auto found = schema.find(combinator);
        if (found != schema.end() && found->is_array() && !found->empty()) {
          return Value((*found)[random_.Below(found->size())], name, depth + 1);
        }
      }
    }
    return String(name);
  }

  Json Object(const Json& schema, int depth) {
    Json object = Json::object();
    const auto properties = schema.find("properties");
    if (properties == schema.end() || !properties->is_object() || depth >= kDeepest) return object;
    std::vector<std::string> required = Required(schema);
    // A combinator at the root mostly says which of several sets of arguments must be there.
    for (const char* combinator : {"anyOf", "oneOf"}) {
      const auto found = schema.find(combinator);
      if (found == schema.end() || !found->is_array() || found->empty()) continue;
      for (std::string& more : Required((*found)[random_.Below(found->size())])) {
        required.push_back(std::move(more));
      }
    }
    for (const auto& [key, property] : properties->items()) {
      const bool needed = std::find(required.begin(), required.end(), key) != required.end();
      const bool wanted = random_.Chance(30);
      if (needed || wanted) object[key] = Value(property, key, depth + 1);
    }
    return object;
  }

 private:
  static std::vector<std::string> Required(const Json& schema) {
    std::vector<std::string> names;
    const auto required = schema.is_object() ? schema.find("required") : schema.end();
    if (!schema.is_object() || required == schema.end() || !required->is_array()) return names;
    for (const Json& name : *required) {
      if (name.is_string()) names.push_back(name.get<std::string>());
    }
    return names;
  }

  std::string Type(const Json& schema) {
    const auto type = schema.find("type");
    if (type == schema.end()) return schema.contains("properties") ? "object" : "";
    if (type->is_string()) return type->get<std::string>();
    if (!type->is_array() || type->empty()) return "";
    const Json& one = (*type)[random_.Below(type->size())];
    return one.is_string() ? one.get<std::string>() : "";
  }

  // Something seen that `fits`, under the same name if there is one.
  template <class Fits>
  const Json* FromSeen(const std::string& name, Fits fits) {
    std::vector<const Json*> same;
    std::vector<const Json*> any;
    for (const Seen& seen : seen_) {
      if (!fits(seen.value)) continue;
      any.push_back(&seen.value);
      if (seen.name == name) same.push_back(&seen.value);
    }
    const std::vector<const Json*>& from = same.empty() ? any : same;
    return from.empty() ? nullptr : from[random_.Below(from.size())];
  }

  Json String(const std::string& name) {
    static constexpr const char* kWords[] = {"open",     "all",        "note",
                                             "standard", "2024-05-01", "main"};
    const Json* seen = FromSeen(name, [](const Json& value) {
      return value.is_string() && value.get_ref<const std::string&>().size() <= 200;
    });
    const bool use_seen = random_.Chance(85);
    if (seen != nullptr && use_seen) return *seen;
    return kWords[random_.Below(std::size(kWords))];
  }

  Json Number(const Json& schema, const std::string& name, bool whole) {
    const auto bound = [&](const char* key, double otherwise) {
      const auto found = schema.find(key);
      return found != schema.end() && found->is_number() ? found->get<double>() : otherwise;
    };
    const double low = bound("minimum", 0);
    const double high = std::max(low, bound("maximum", low + 100));
    const Json* seen = FromSeen(name, [&](const Json& value) {
      return value.is_number() && (!whole || value.is_number_integer()) &&
             value.get<double>() >= low && value.get<double>() <= std::max(high, 1e9);
    });
    const bool use_seen = random_.Chance(60);
    if (seen != nullptr && use_seen) return *seen;
    const double span = std::min(high - low, 1e6);
    const double drawn = low + std::floor(static_cast<double>(random_.Below(1001)) / 1000 * span);
    if (whole) return static_cast<int64_t>(std::clamp(drawn, -9e15, 9e15));
    return drawn;
  }

  Json List(const Json& schema, const std::string& name, int depth) {
    Json list = Json::array();
    const size_t count = 1 + random_.Below(3);
    const auto items = schema.find("items");
    for (size_t i = 0; i < count && depth < kDeepest; ++i) {
      Json item = items == schema.end() ? String(name) : Value(*items, name, depth + 1);
      if (std::find(list.begin(), list.end(), item) == list.end()) list.push_back(std::move(item));
    }
    return list;
  }

  Random& random_;
  const std::vector<Seen>& seen_;
};

// What a sample's random numbers depend on.
std::string LabelOf(const Request& request, uint64_t seed) {
  return std::to_string(seed) + '\n' + request.task + '\n' + std::to_string(request.epoch);
}

}  // namespace

const ScriptStep& RandomAnswer(const Request& request, uint64_t seed, const std::vector<ScriptStep>& answers) {
  Random random(LabelOf(request, seed));
  return answers[random.Below(answers.size())];
}

ScriptStep RandomStep(const Request& request, uint64_t seed) {
  const std::string label = LabelOf(request, seed);
  const auto turns =
      std::count_if(request.messages->begin(), request.messages->end(),
                    [](const Message& message) { return message.role == Role::kAssistant; });
  Random plan(label);
  const auto calls = static_cast<int64_t>(1 + plan.Below(kMaxCalls));
  ScriptStep step;
  const Result<Json> tools = ParseJson(request.tools.empty() ? "[]" : request.tools, "tools");
  const bool no_tools = !tools || !tools->is_array() || tools->empty();
  if (no_tools || turns >= calls) {
    step.say = "Done after " + std::to_string(turns) + (turns == 1 ? " call." : " calls.");
    return step;
  }
  Random random(label + '\n' + std::to_string(turns));
  const Json& tool = (*tools)[random.Below(tools->size())];
  Json function = Json::object();
  if (tool.is_object() && tool.contains("function") && tool.at("function").is_object()) {
    function = tool.at("function");
  }
  if (function.contains("name") && function.at("name").is_string()) {
    step.tool = function.at("name").get<std::string>();
  }
  const std::vector<Seen> seen = WhatWasSeen(*request.messages);
  Drawer drawer(random, seen);
  step.arguments = DumpJson(drawer.Object(function.value("parameters", Json::object()), 0));
  return step;
}

}  // namespace axiometer
