#include "reports/viewer/story.h"

#include <algorithm>
#include <cctype>

#include "reports/html_page.h"
#include "reports/plain_text.h"
#include "reports/viewer/changes.h"
#include "reports/viewer/page.h"

namespace axiometer {
namespace {

constexpr size_t kLongestIndented = 20'000;  // bytes of JSON

// The texts that a story shows, in its order.
template <class Each>
void ForTexts(const Event& event, Each each) {
  switch (event.kind) {
    case EventKind::kMessage:
      each("text", event.message.text);
      break;
    case EventKind::kReply:
      each("reasoning", event.message.reasoning);
      each("text", event.message.text);
      break;
    case EventKind::kTool:
      each("arguments", event.tool.arguments);
      each("result", event.tool.result);
      break;
    case EventKind::kFailure:
      each("failure", event.failure);
      break;
  }
}

// The length at which texts are cut so that all together stay within `most`.
size_t CutFor(std::vector<size_t> lengths, size_t most) {
  std::sort(lengths.begin(), lengths.end());
  size_t left = most;
  for (size_t i = 0; i < lengths.size(); ++i) {
    const size_t share = left / (lengths.size() - i);
    if (lengths[i] > share) return std::max<size_t>(share, 200);
    left -= lengths[i];
  }
  return most;
}

class Story {
 public:
  Story(const Citations& citations, const StoryOptions& options, size_t cut) : citations_(citations), options_(options), cut_(cut), change_bytes_(options.most_change_bytes) {}

  void Add(const Event& event) {
    std::string kind, heading;
    switch (event.kind) {
      case EventKind::kMessage:
        kind = heading = RoleName(event.message.role);
        break;
      case EventKind::kReply:
        kind = heading = "assistant";
        break;
      case EventKind::kTool:
        kind = "tool";
        heading = event.tool.name;
        break;
      case EventKind::kFailure:
        kind = heading = "failure";
        break;
    }
    std::string lights;
    const auto cited = citations_.find(event.id);
    if (cited != citations_.end()) {
      for (const std::string& item : cited->second) lights += (lights.empty() ? "" : " ") + PointId(item);
    }
    out_ += "<article class=\"event " + kind + "\"" + Attribute("id", EventId(options_.prefix, event.id)) +
            (lights.empty() ? "" : Attribute("data-lights", lights)) + " tabindex=\"-1\">\n";
    out_ += "<h3><a" + Attribute("href", "#" + EventId(options_.prefix, event.id)) + ">" + std::to_string(event.id) + "</a> " +
            HtmlText(heading) + " <small>" + HtmlText(Beside(event)) + "</small></h3>\n";
    Body(event);
    if (cited != citations_.end()) {
      out_ += "<p class=\"cites\">Cited by ";
      for (const std::string& item : cited->second) out_ += Link("#" + PointId(item), item) + " ";
      out_ += "</p>\n";
    }
    out_ += "</article>\n";
  }

  std::string Take() { return std::move(out_); }

 private:
  static std::string Beside(const Event& event) {
    std::string text;
    if (event.step > 0) text = "turn " + std::to_string(event.step) + ", ";
    text += "after " + DurationText(event.at_ms);
    if (event.kind == EventKind::kTool) {
      text += ", took " + Fixed(static_cast<double>(event.tool.duration_us) / 1000, 1) + " ms";
      if (event.tool.status != ToolStatus::kOk) text += std::string(", ") + ToolStatusName(event.tool.status);
    }
    if (event.kind == EventKind::kReply && !event.finish_reason.empty()) text += ", ended by " + event.finish_reason;
    return text;
  }

  std::string Block(const Event& event, const char* part, const std::string& text) const {
    return TextBlock(text, cut_, options_.whole + "&event=" + std::to_string(event.id) + "&part=" + part);
  }

  void Changes(const Event& event) {
    if (!options_.changes) return;
    const auto found = options_.changes->find(event.id);
    if (found == options_.changes->end()) return;
    out_ += "<h4>It changed</h4>\n" +
            ChangesHtml(found->second, options_.whole + "&event=" + std::to_string(event.id) + "&part=changes", change_bytes_);
  }

  void Body(const Event& event) {
    switch (event.kind) {
      case EventKind::kMessage:
        if (event.message.role == Role::kSystem) {
          out_ += "<details" + Attribute("id", EventId(options_.prefix, event.id) + "-text") + "><summary>" +
                  Grouped(static_cast<long long>(event.message.text.size())) + " bytes</summary>" +
                  Block(event, "text", event.message.text) + "</details>\n";
        } else {
          out_ += Block(event, "text", event.message.text) + "\n";
        }
        break;
      case EventKind::kReply:
        if (!event.message.reasoning.empty()) {
          out_ += "<details" + Attribute("id", EventId(options_.prefix, event.id) + "-reasoning") + "><summary>Reasoning</summary>" +
                  Block(event, "reasoning", event.message.reasoning) + "</details>\n";
        }
        if (!event.message.text.empty()) out_ += Block(event, "text", event.message.text) + "\n";
        if (event.message.text.empty() && event.message.tool_calls.empty()) out_ += "<p><small>Said nothing.</small></p>\n";
        for (const ToolCall& call : event.message.tool_calls) {
          out_ += "<p class=\"cites\">calls <code>" + HtmlText(Excerpt(call.name, 200)) + "</code></p>\n";
        }
        break;
      case EventKind::kTool:
        out_ += "<div class=\"call\"><div><h4>Arguments</h4>" +
                Block(event, "arguments", ReadableJson(event.tool.arguments, kLongestIndented)) + "</div><div><h4>Result</h4>" +
                Block(event, "result", ReadableJson(event.tool.result, kLongestIndented)) + "</div></div>\n";
        Changes(event);
        break;
      case EventKind::kFailure:
        out_ += Block(event, "failure", event.failure) + "\n";
        break;
    }
  }

  const Citations& citations_;
  const StoryOptions& options_;
  size_t cut_;
  size_t change_bytes_;
  std::string out_;
};

}  // namespace

Citations CitationsOf(const std::vector<Verdict>& verdicts) {
  Citations citations;
  for (const Verdict& verdict : verdicts) {
    for (const int event : verdict.events) citations[event].insert(verdict.item);
  }
  return citations;
}

std::string EventId(const std::string& prefix, int event) { return prefix + "e" + std::to_string(event); }

std::string PointId(const std::string& item) {
  std::string id = "point-";
  for (const char c : item) id += std::isalnum(static_cast<unsigned char>(c)) || c == '-' ? c : '_';
  return id;
}

std::string StoryHtml(const Trajectory& trajectory, const Citations& citations, const StoryOptions& options) {
  std::vector<const Event*> shown;
  for (const Event& event : trajectory.events) {
    if (event.id >= options.from && shown.size() < options.most_events) shown.push_back(&event);
  }
  std::vector<size_t> lengths;
  for (const Event* event : shown) {
    ForTexts(*event, [&](const char*, const std::string& text) { lengths.push_back(text.size()); });
  }
  Story story(citations, options, CutFor(std::move(lengths), options.most_bytes));
  for (const Event* event : shown) story.Add(*event);
  return story.Take();
}

}  // namespace axiometer
