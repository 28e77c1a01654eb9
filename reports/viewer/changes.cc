#include "reports/viewer/changes.h"

#include <nlohmann/json.hpp>

#include "harness/base/json.h"
#include "reports/html_page.h"
#include "reports/plain_text.h"
#include "reports/viewer/page.h"

namespace axiometer {
namespace {

constexpr size_t kMostChanges = 20;    // of one call
constexpr size_t kValueBytes = 400;    // of JSON
constexpr size_t kPathBytes = 200;

// The value under `name`, or its beginning; empty: neither is there.
std::string Value(const Json& change, const std::string& name) {
  const auto whole = change.find(name);
  if (whole != change.end()) return "<code>" + HtmlText(Excerpt(DumpJson(*whole), kValueBytes)) + "</code>";
  const auto start = change.find(name + "_start");
  if (start == change.end() || !start->is_string()) return "";
  return "<code>" + HtmlText(Excerpt(start->get_ref<const std::string&>(), kValueBytes)) + "</code>…";
}

std::string Line(const Json& change) {
  const auto path = change.find("path");
  const std::string name = path != change.end() && path->is_string() ? path->get<std::string>() : "";
  const std::string before = Value(change, "before");
  const std::string after = Value(change, "after");
  std::string out = "<li><b>" + (name.empty() ? "all of it" : HtmlText(Excerpt(name, kPathBytes))) + "</b> ";
  if (before.empty()) {
    out += "added: " + after;
  } else if (after.empty()) {
    out += "removed: " + before;
  } else {
    out += before + " is now " + after;
  }
  return out + "</li>\n";
}

}  // namespace

std::string ChangesHtml(const std::string& json, const std::string& whole, size_t& left) {
  const Result<Json> changes = ParseJson(json, "");
  const std::string link = "<p class=\"more\">" + Link(whole, "All that changed") + "</p>\n";
  if (!changes || !changes->is_array()) return link;
  if (changes->empty()) return "";
  std::string lines;
  size_t shown = 0;
  for (const Json& change : *changes) {
    if (!change.is_object() || change.contains("left_out") || shown == kMostChanges) break;
    const std::string line = Line(change);
    if (lines.size() + line.size() > left) break;
    lines += line;
    ++shown;
  }
  left -= lines.size();
  std::string out = lines.empty() ? "" : "<ul class=\"changes\" dir=\"auto\">\n" + lines + "</ul>\n";
  if (shown < changes->size()) out += link;
  return out;
}

}  // namespace axiometer
