#include "harness/base/yaml_reader.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <sstream>
#include <tuple>
#include <unordered_map>

#include "harness/base/file.h"
#include "harness/base/utf8.h"

namespace axiometer {
namespace {

constexpr size_t kMaxBytes = 4u << 20;
constexpr size_t kMaxReadBytes = 64u << 20;  // of a file that is too large, so that one message says so
constexpr size_t kMaxDepth = 64;

// What stops the building of the tree; never leaves this file.
struct Refusal {
  YAML::Mark mark;
  std::string what;
  std::string hint = {};
};

// Converts yaml-cpp's byte columns to characters.
class Lines {
 public:
  explicit Lines(std::string_view text) : text_(text) {
    starts_.push_back(0);
    for (size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '\n') starts_.push_back(i + 1);
    }
  }

  // Counts on from the place before, in whose line the next one often is: a long line is read once.
  std::pair<int, int> Place(size_t line, size_t byte_column) {
    if (line >= starts_.size()) return {static_cast<int>(line) + 1, 1};
    if (line != line_ || byte_column < bytes_) {
      line_ = line;
      bytes_ = characters_ = 0;
    }
    const std::string_view between = text_.substr(starts_[line]).substr(bytes_, byte_column - bytes_);
    bytes_ += between.size();
    characters_ += CodePoints(between).size();
    return {static_cast<int>(line) + 1, static_cast<int>(characters_) + 1};
  }
  std::pair<int, int> Place(const YAML::Mark& mark) {
    if (mark.is_null()) return {1, 1};
    return Place(static_cast<size_t>(mark.line), static_cast<size_t>(mark.column));
  }
  std::pair<int, int> PlaceOfOffset(size_t offset) {
    const auto next = std::upper_bound(starts_.begin(), starts_.end(), offset);
    const size_t line = static_cast<size_t>(next - starts_.begin()) - 1;
    return Place(line, offset - starts_[line]);
  }
  char At(const YAML::Mark& mark) const {
    const size_t offset = starts_[static_cast<size_t>(mark.line)] + static_cast<size_t>(mark.column);
    return offset < text_.size() ? text_[offset] : '\0';
  }

 private:
  std::string_view text_;
  std::vector<size_t> starts_;
  size_t line_ = 0;        // of the last place
  size_t bytes_ = 0;       // before it in its line
  size_t characters_ = 0;  // that these are
};

class TreeBuilder : public YAML::EventHandler {
 public:
  explicit TreeBuilder(Lines& lines) : lines_(lines) {}

  YamlNode TakeRoot() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    throw Refusal{mark, "aliases (*name) are not allowed", "write out what it stands for, or quote the text"};
  }
  void OnAnchor(const YAML::Mark& mark, const std::string&) override {
    throw Refusal{mark, "anchors (&name) are not allowed", "leave it out, or quote the text"};
  }
  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override {
    YamlNode node;
    node.kind = YamlNode::Kind::kNull;
    Add(mark, std::move(node));
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                const std::string& value) override {
    // Quoted text comes with the tag "!", as does text that wrote it.
    if ((tag != "!" && tag != "?") || lines_.At(mark) == '!') RefuseTag(mark);
    YamlNode node;
    node.kind = YamlNode::Kind::kScalar;
    node.text = value;
    node.quoted = tag == "!";
    Add(mark, std::move(node));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {
    Open(mark, tag, YamlNode::Kind::kSequence);
  }
  void OnSequenceEnd() override { open_.pop_back(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {
    Open(mark, tag, YamlNode::Kind::kMapping);
  }
  void OnMapEnd() override { open_.pop_back(); }

 private:
  struct Level {
    YamlNode* node;
    bool has_key = false;  // of a mapping: the next node is the value of the last key
    std::unordered_map<std::string, int> lines_of_keys = {};
  };

  [[noreturn]] static void RefuseTag(const YAML::Mark& mark) {
    throw Refusal{mark, "tags (!name) are not allowed", "leave it out, or quote the text"};
  }

  void Open(const YAML::Mark& mark, const std::string& tag, YamlNode::Kind kind) {
    if (tag != "?" && !tag.empty()) RefuseTag(mark);
    if (open_.size() >= kMaxDepth) {
      throw Refusal{mark, "nested deeper than " + std::to_string(kMaxDepth) + " levels",
                    "nothing here needs so many: close the brackets"};
    }
    YamlNode node;
    node.kind = kind;
    open_.push_back(Level{Add(mark, std::move(node))});
  }

  // The pointer stays good while the node is open: its parent grows only after it is closed.
  YamlNode* Add(const YAML::Mark& mark, YamlNode node) {
    std::tie(node.line, node.column) = lines_.Place(mark);
    if (open_.empty()) {
      root_ = std::move(node);
      return &root_;
    }
    Level& level = open_.back();
    if (level.node->kind == YamlNode::Kind::kSequence) {
      level.node->items.push_back(std::move(node));
      return &level.node->items.back();
    }
    if (level.has_key) {
      level.has_key = false;
      // An absent value has no place; yaml-cpp gives that of whatever comes next.
      if (node.kind == YamlNode::Kind::kNull) {
        std::tie(node.line, node.column) = level.node->key_places.back();
      }
      level.node->members.back().second = std::move(node);
      return &level.node->members.back().second;
    }
    if (node.kind != YamlNode::Kind::kScalar) throw Refusal{mark, "a key must be text"};
    const auto [known, is_new] = level.lines_of_keys.try_emplace(node.text, node.line);
    if (!is_new) {
      throw Refusal{mark, "key " + Quoted(node.text) + " is already given in line " + std::to_string(known->second),
                    "keep one of the two"};
    }
    level.node->key_places.emplace_back(node.line, node.column);
    level.node->members.emplace_back(std::move(node.text), YamlNode());
    level.has_key = true;
    return nullptr;
  }

  Lines& lines_;
  YamlNode root_;
  std::vector<Level> open_;
};

// YAML allows only printable characters; yaml-cpp takes U+0004 for the end of the file.
std::optional<size_t> FindForbiddenControl(std::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    const unsigned char c = static_cast<unsigned char>(text[i]);
    if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7F) return i;
  }
  return std::nullopt;
}

std::optional<size_t> FindTabInIndentation(std::string_view text) {
  bool indentation = true;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n') {
      indentation = true;
    } else if (indentation && text[i] == '\t') {
      return i;
    } else if (text[i] != ' ') {
      indentation = false;
    }
  }
  return std::nullopt;
}

}  // namespace

YamlNode::YamlNode() = default;

Result<YamlView> YamlView::Parse(std::string_view text, std::string file) {
  const std::string where = ForTerminal(file);
  if (text.size() > kMaxBytes) {
    return BadInput(where, "larger than " + std::to_string(kMaxBytes) + " bytes", "split it into several files");
  }
  if (text.substr(0, 3) == "\xEF\xBB\xBF") text.remove_prefix(3);
  Lines lines(text);
  const auto wrong = [&](std::pair<int, int> place, std::string what, std::string hint = "") {
    return BadInput(where + ":" + std::to_string(place.first) + ":" + std::to_string(place.second),
                    std::move(what), std::move(hint));
  };
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) {
    return wrong({1, 1}, "UTF-16, not UTF-8", "save the file as UTF-8");
  }
  if (const auto offset = FindInvalidUtf8(text)) {
    return wrong(lines.PlaceOfOffset(*offset), "not valid UTF-8", "save the file as UTF-8");
  }
  if (const auto offset = FindForbiddenControl(text)) {
    return wrong(lines.PlaceOfOffset(*offset),
                 "control character " + ForTerminal(text.substr(*offset, 1)) + " is not allowed", "remove it");
  }
  if (const auto offset = FindTabInIndentation(text)) {
    return wrong(lines.PlaceOfOffset(*offset), "tab in the indentation", "use spaces");
  }
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    TreeBuilder builder(lines);
    parser.HandleNextDocument(builder);
    auto root = std::make_shared<const YamlNode>(builder.TakeRoot());
    TreeBuilder second(lines);
    if (parser.HandleNextDocument(second)) {
      return BadInput(where, "more than one document (---)", "use one file for each");
    }
    const YamlNode* node = root.get();
    return YamlView(std::move(root), std::make_shared<const std::string>(where), node, "");
  } catch (const Refusal& refusal) {
    return wrong(lines.Place(refusal.mark), refusal.what, refusal.hint);
  } catch (const YAML::Exception& exception) {
    // The likeliest mistake of all: "question: Evening: where?".
    const bool colon = exception.msg == "illegal map value";
    return wrong(lines.Place(exception.mark), "not valid YAML",
                 colon ? "put a text that holds \": \" in quotes, or begin it on the next line after \"|\"" : ForTerminal(exception.msg));
  }
}

Result<YamlView> YamlView::Load(const std::string& path) {
  Result<std::string> text = ReadFile(path, kMaxReadBytes);
  if (!text) return text.error();
  return Parse(*text, path);
}

}  // namespace axiometer
