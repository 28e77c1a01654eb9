#include "harness/base/yaml_writer.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>

namespace axiometer {
namespace {

// Words that YAML 1.1 or 1.2 readers take for something other than text.
constexpr std::string_view kNoText[] = {"null", "true", "false", "yes", "no",
                                        "on",   "off",  "y",     "n"};

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// A letter first, then what has no meaning to YAML: then nothing can be mistaken.
bool IsPlain(const std::string& text) {
  if (text.empty() || text.size() > 100 || !IsLetter(text.front()) || text.back() == ' ')
    return false;
  const bool safe = std::all_of(text.begin(), text.end(), [](char c) {
    return IsLetter(c) || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.' || c == '/' ||
           c == ' ' || c == ',' || c == '(' || c == ')' || c == ';' || c == '\'' || c == '?';
  });
  if (!safe) return false;
  std::string lower = text;
  for (char& c : lower) c = IsLetter(c) ? static_cast<char>(c | 0x20) : c;
  return std::find(std::begin(kNoText), std::end(kNoText), lower) == std::end(kNoText);
}

// Block text keeps every line as it is, one line feed at the end, and no other control characters.
bool IsBlock(const std::string& text) {
  if (text.size() < 2 || text.back() != '\n' || text[text.size() - 2] == '\n') return false;
  if (text.front() == ' ' || text.front() == '\n') return false;
  return std::none_of(text.begin(), text.end(),
                      [](unsigned char c) { return (c < 0x20 && c != '\n') || c == 0x7F; });
}

class YamlWriter {
 public:
  std::string Take() { return std::move(out_); }

  void Members(const Json& object, size_t indent, bool first_in_place = false) {
    for (const auto& [key, value] : object.items()) {
      if (!first_in_place) out_.append(indent, ' ');
      first_in_place = false;
      out_ += IsPlain(key) && key.find(' ') == std::string::npos ? key : Quoted(key);
      out_ += ':';
      Value(value, indent);
    }
  }

 private:
  static std::string Quoted(const std::string& text) { return DumpJson(Json(text)); }

  // What stands behind a key at `indent`, with the line's end.
  void Value(const Json& value, size_t indent) {
    if (value.is_object() && !value.empty()) {
      out_ += '\n';
      Members(value, indent + 2);
    } else if (value.is_array() && !value.empty()) {
      out_ += '\n';
      Items(value, indent + 2);
    } else if (value.is_string() && IsBlock(value.get_ref<const std::string&>())) {
      Block(value.get_ref<const std::string&>(), indent + 2);
    } else {
      out_ += ' ' + Scalar(value) + '\n';
    }
  }

  void Items(const Json& list, size_t indent) {
    for (const Json& item : list) {
      out_.append(indent, ' ');
      out_ += '-';
      if (item.is_object() && !item.empty()) {
        out_ += ' ';
        Members(item, indent + 2, true);
      } else if (item.is_array() && !item.empty()) {
        out_ += '\n';
        Items(item, indent + 2);
      } else {
        out_ += ' ' + Scalar(item) + '\n';
      }
    }
  }

  void Block(const std::string& text, size_t indent) {
    out_ += " |\n";
    size_t begin = 0;
    while (begin < text.size()) {
      const size_t end = text.find('\n', begin);
      if (end > begin) out_.append(indent, ' ').append(text, begin, end - begin);
      out_ += '\n';
      begin = end + 1;
    }
  }

  static std::string Scalar(const Json& value) {
    if (value.is_string()) return YamlText(value.get_ref<const std::string&>());
    return DumpJson(value);  // numbers, true, false, null, {} and []
  }

  std::string out_;
};

}  // namespace

std::string YamlText(const std::string& text) {
  return IsPlain(text) ? text : DumpJson(Json(text));
}

std::string WriteYaml(const Json& value) {
  YamlWriter writer;
  writer.Members(value, 0);
  return writer.Take();
}

}  // namespace axiometer
