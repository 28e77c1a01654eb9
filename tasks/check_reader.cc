#include <algorithm>
#include <nlohmann/json.hpp>

#include "harness/base/nearest.h"
#include "harness/base/utf8.h"
#include "tasks/check.h"
#include "tasks/match.h"
#include "tasks/pattern.h"

namespace axiometer {
namespace {

const std::string kLeading[] = {"called", "said", "state", "all", "any", "not"};
const std::string kCalledKeys[] = {"called", "with", "result", "before", "after", "at_least", "at_most"};
const std::string kSaidKeys[] = {"said", "anywhere"};
const std::string kStateKeys[] = {"state", "is"};

class CheckReader {
 public:
  explicit CheckReader(const std::vector<KnownTool>& tools) : tools_(tools) {}

  // `nested`: within before or after, where only a called check can stand, without counts.
  Result<Check> Read(const YamlView& view, bool nested) {
    if (!view.is_mapping()) return view.Unexpected("a check");
    const std::string* leading = nullptr;
    for (const auto& [key, value] : view.node().members) {
      for (const std::string& candidate : kLeading) {
        if (candidate != key) continue;
        if (leading != nullptr) {
          return view.Wrong(Quoted(*leading) + " and " + Quoted(key) + " in one check", "join them under \"all\" or \"any\"");
        }
        leading = &candidate;
      }
    }
    if (leading == nullptr) {
      const std::string first = view.node().members.empty() ? "" : view.node().members[0].first;
      return view.Wrong("a check needs one of called, said, state, all, any, not", DidYouMean(first, kLeading));
    }
    if (*leading == "called") return Called(view, nested);
    if (nested) return view.Wrong("only a \"called\" check can stand here");
    if (*leading == "said") return Said(view);
    if (*leading == "state") return State(view);
    return Joined(view, *leading);
  }

 private:
  Result<Check> Called(const YamlView& view, bool nested) {
    YamlFields fields(view, kCalledKeys);
    Check check;
    check.kind = Check::Kind::kCalled;
    check.tool = fields.NeedText("called");
    check.at_least = static_cast<int>(fields.IntegerOr("at_least", 0, 1000, 1));
    if (fields.Has("at_most")) check.at_most = static_cast<int>(fields.IntegerOr("at_most", 0, 1000, 0));
    if (fields.error()) return *fields.error();
    // The lower bound is 1 unless "never" is meant.
    if (check.at_most == 0 && !fields.Has("at_least")) check.at_least = 0;
    if (check.at_most && check.at_least > *check.at_most) {
      return fields.Find("at_most")->Wrong("less than \"at_least\"");
    }
    if (nested && (fields.Has("at_least") || fields.Has("at_most"))) {
      return view.Wrong("\"at_least\" and \"at_most\" mean nothing here", "the first matching call counts");
    }
    const auto tool = std::find_if(tools_.begin(), tools_.end(), [&](const KnownTool& one) { return one.name == check.tool; });
    if (tool == tools_.end()) {
      std::vector<std::string> names;
      for (const KnownTool& one : tools_) names.push_back(one.name);
      return fields.Find("called")->Wrong("unknown tool " + Quoted(check.tool), DidYouMean(check.tool, names));
    }
    if (const auto with = fields.Find("with")) {
      const auto members = with->Members();
      if (!members) return members.error();
      Json matches = Json::object();
      for (const auto& [name, value] : *members) {
        Result<Json> match = ReadMatch(value);
        if (!match) return match.error();
        if (const Result<void> fits = FitsArgument(*tool, name, *match, value); !fits) return fits.error();
        matches.emplace(name, std::move(*match));
      }
      check.with = std::make_shared<const Json>(std::move(matches));
    }
    if (const auto result = fields.Find("result")) {
      Result<Json> match = ReadMatch(*result);
      if (!match) return match.error();
      check.result = std::make_shared<const Json>(std::move(*match));
    }
    for (const char* key : {"before", "after"}) {
      const auto found = fields.Find(key);
      if (!found) continue;
      Result<Check> other = Read(*found, true);
      if (!other) return other;
      auto shared = std::make_shared<const Check>(std::move(*other));
      (key[0] == 'b' ? check.before : check.after) = std::move(shared);
    }
    return check;
  }

  // Whether a call can have this at all.
  static Result<void> FitsArgument(const KnownTool& tool, const std::string& name, const Json& match, const YamlView& place) {
    const Json* properties = FindMember(tool.parameters, "properties");
    if (properties == nullptr || !properties->is_object()) return {};
    const Json* argument = FindMember(*properties, name);
    if (argument == nullptr) {
      const Json* others = FindMember(tool.parameters, "additionalProperties");
      if (others != nullptr && *others != false) return {};
      std::vector<std::string> names;
      std::string all;
      for (const auto& [key, schema] : properties->items()) {
        names.push_back(key);
        all += (all.empty() ? "" : ", ") + key;
      }
      return place.Wrong(tool.name + " has no argument " + Quoted(name),
                         DidYouMean(name, names, all.empty() ? "it takes none" : "it has: " + all));
    }
    const Json* allowed = FindMember(*argument, "enum");
    if (allowed == nullptr || !allowed->is_array()) return {};
    const Json* several = FindMember(match, "one_of");
    for (const Json& value : several != nullptr ? *several : Json::array({match})) {
      if (value.is_object() || std::find(allowed->begin(), allowed->end(), value) != allowed->end()) continue;
      std::vector<std::string> texts;
      for (const Json& one : *allowed) {
        if (one.is_string()) texts.push_back(one.get<std::string>());
      }
      return place.Wrong(name + " is never " + value.dump(-1, ' ', false, Json::error_handler_t::replace),
                         DidYouMean(value.is_string() ? value.get<std::string>() : "", texts, "it is one of " + allowed->dump()));
    }
    return {};
  }

  Result<Check> Said(const YamlView& view) {
    YamlFields fields(view, kSaidKeys);
    Check check;
    check.kind = Check::Kind::kSaid;
    check.pattern = fields.NeedText("said");
    check.anywhere = fields.BooleanOr("anywhere", false);
    if (fields.error()) return *fields.error();
    std::string problem;
    if (!Pattern::Compile(check.pattern, &problem)) {
      return fields.Find("said")->Wrong("not a valid pattern", problem);
    }
    return check;
  }

  Result<Check> State(const YamlView& view) {
    YamlFields fields(view, kStateKeys);
    Check check;
    check.kind = Check::Kind::kState;
    check.path = fields.NeedText("state");
    const auto is = fields.Need("is");
    if (fields.error()) return *fields.error();
    Result<Json> match = ReadMatch(*is);
    if (!match) return match.error();
    check.matches = std::make_shared<const Json>(std::move(*match));
    return check;
  }

  Result<Check> Joined(const YamlView& view, const std::string& leading) {
    YamlFields fields(view, std::span<const std::string>(&leading, 1));
    if (fields.error()) return *fields.error();
    const YamlView content = *fields.Find(leading);
    Check check;
    check.kind = leading == "all"   ? Check::Kind::kAll
                 : leading == "any" ? Check::Kind::kAny
                                    : Check::Kind::kNot;
    if (leading == "not") {
      Result<Check> part = Read(content, false);
      if (!part) return part;
      check.parts.push_back(std::move(*part));
      return check;
    }
    const auto items = content.Items();
    if (!items) return items.error();
    if (items->empty()) return content.Wrong("expected at least one check");
    for (const YamlView& item : *items) {
      Result<Check> part = Read(item, false);
      if (!part) return part;
      check.parts.push_back(std::move(*part));
    }
    return check;
  }

  const std::vector<KnownTool>& tools_;
};

}  // namespace

Result<Check> ReadCheck(const YamlView& view, const std::vector<KnownTool>& known_tools) {
  return CheckReader(known_tools).Read(view, false);
}

}  // namespace axiometer
