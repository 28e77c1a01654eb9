#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// The frame of the viewer's pages, and pieces that several of them show. Every text goes through HtmlText.
namespace axiometer {

struct ViewedPage {
  int status = 200;
  std::string type = "text/html; charset=utf-8";
  std::string body;
  bool unfinished = false;  // as PageFrame
};

struct PageFrame {
  std::string title;
  std::vector<std::pair<std::string, std::string>> path;   // links back: text and address
  std::vector<std::pair<std::string, std::string>> tabs;   // of the thing shown: text and address
  std::string tab;       // the address of the one that is shown
  bool unfinished = false;  // loaded again soon: something is still being worked out
  bool live = false;        // kept up to date by the script while it is looked at
};

// The whole page around `main`.
ViewedPage Framed(const PageFrame& frame, const std::string& main, int status = 200);

// A page that says what went wrong and what to do.
ViewedPage ProblemPage(int status, const std::string& what, const std::string& hint);

std::string ViewerStyle();
const char* ViewerScript();

std::string Folded(std::string_view text);   // ASCII letters in lower case, for comparing
std::string UtcText(int64_t ms);             // "2026-11-30 03:05 UTC"
std::string DurationText(int64_t ms);        // "1 h 4 min", "12 s", "0.3 s"
std::string Link(const std::string& address, std::string_view text);
// Two columns of facts; rows without a value are left out. Values are HTML.
std::string FactTable(const std::vector<std::pair<std::string, std::string>>& rows);

// A command line that breaks between its words alone, where they have room.
std::string CommandHtml(std::string_view command);

// Text that others wrote, in a block of its own: at most `bytes` of it, then a link to the whole.
std::string TextBlock(std::string_view text, size_t bytes, const std::string& whole);
// JSON indented if it is JSON and short; else as it is.
std::string ReadableJson(std::string_view text, size_t most);

}  // namespace axiometer
