#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/base/json.h"
#include "harness/base/result.h"

namespace axiometer {

// One node of a YAML file, with its place.
struct YamlNode {
  enum class Kind { kNull, kScalar, kSequence, kMapping };
  YamlNode();  // not in the class: Clang 16 would need `members` complete there
  Kind kind = Kind::kNull;
  std::string text;     // kScalar
  bool quoted = false;  // kScalar: quoted or block text, hence text whatever it looks like
  int line = 1;         // both from 1; the column counts characters; a null's place is its key's
  int column = 1;
  std::vector<YamlNode> items;                         // kSequence
  std::vector<std::pair<std::string, YamlNode>> members;  // kMapping, in file order
  std::vector<std::pair<int, int>> key_places;         // kMapping: line and column of each key
};

// A node within its file, and the way to it ("checkpoints[2].weight"). Copies are cheap and keep
// the file's tree alive. Every error begins `FILE:LINE:COLUMN: PATH: `.
class YamlView {
 public:
  // One document: UTF-8 YAML 1.2 without anchors, aliases, tags, duplicate keys, keys that are not
  // scalars, tabs in indentation or control characters; at most 4 MB and 64 levels. `file` is how
  // errors name it. An empty document is null.
  static Result<YamlView> Parse(std::string_view text, std::string file);
  static Result<YamlView> Load(const std::string& path);

  YamlNode::Kind kind() const { return node_->kind; }
  bool is_null() const { return kind() == YamlNode::Kind::kNull; }
  bool is_scalar() const { return kind() == YamlNode::Kind::kScalar; }
  bool is_sequence() const { return kind() == YamlNode::Kind::kSequence; }
  bool is_mapping() const { return kind() == YamlNode::Kind::kMapping; }
  const YamlNode& node() const { return *node_; }
  const std::string& file() const { return *file_; }
  const std::string& path() const { return path_; }

  // An error at this node.
  Error Wrong(std::string what, std::string hint = "") const;
  // `expected EXPECTED, got GOT`, where GOT tells what stands there.
  Error Unexpected(std::string_view expected, std::string hint = "") const;

  // Any scalar but null, as written (`version: 1.0` is the text 1.0).
  Result<std::string> Text() const;
  Result<bool> Boolean() const;                          // true or false, not quoted
  Result<int64_t> Integer(int64_t low, int64_t high) const;
  Result<double> Number(double low, double high) const;
  // The items of a sequence; the path gains [0], [1], ….
  Result<std::vector<YamlView>> Items() const;
  // The members of a mapping in file order; the path gains .KEY.
  Result<std::vector<std::pair<std::string, YamlView>>> Members() const;
  // By the YAML 1.2 core schema: null, booleans, integers of 64 bits, numbers; quoted stays text.
  Result<Json> ToJson() const;

 private:
  friend class YamlFields;
  YamlView(std::shared_ptr<const YamlNode> root, std::shared_ptr<const std::string> file,
           const YamlNode* node, std::string path);
  YamlView Child(const YamlNode& node, std::string path) const;
  std::string MemberPath(std::string_view key) const;
  std::string Place(int line, int column) const;

  std::shared_ptr<const YamlNode> root_;
  std::shared_ptr<const std::string> file_;
  const YamlNode* node_;
  std::string path_;
};

// Reads the members of one mapping by name. The first thing that is wrong (not a mapping, unknown
// key, missing key, wrong type) is kept as `error()`, after which every reading gives an empty
// value, so that a caller asks once, at the end.
class YamlFields {
 public:
  YamlFields(const YamlView& view, std::span<const std::string> known_keys);

  bool Has(std::string_view key) const;
  std::optional<YamlView> Find(std::string_view key) const;
  // Required; an error if absent.
  std::optional<YamlView> Need(std::string_view key);
  std::string NeedText(std::string_view key);  // not empty
  std::string TextOr(std::string_view key, std::string fallback);
  bool BooleanOr(std::string_view key, bool fallback);
  int64_t IntegerOr(std::string_view key, int64_t low, int64_t high, int64_t fallback);
  double NumberOr(std::string_view key, double low, double high, double fallback);
  // Empty if absent.
  std::vector<YamlView> ItemsOr(std::string_view key);
  std::vector<std::string> TextsOr(std::string_view key);

  // Keeps `error` unless there is one already.
  void Fail(Error error);
  const std::optional<Error>& error() const { return error_; }

 private:
  template <class T>
  T Take(Result<T> result, T fallback);

  YamlView view_;
  std::optional<Error> error_;
};

}  // namespace axiometer
