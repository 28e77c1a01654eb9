#include "harness/base/python_json.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <limits>
#include <nlohmann/json.hpp>

namespace axiometer {
namespace {

void AppendUtf8(uint32_t point, std::string& out) {
  if (point < 0x80) {
    out += static_cast<char>(point);
  } else if (point < 0x800) {
    out += static_cast<char>(0xC0 | (point >> 6));
    out += static_cast<char>(0x80 | (point & 0x3F));
  } else if (point < 0x10000) {
    out += static_cast<char>(0xE0 | (point >> 12));
    out += static_cast<char>(0x80 | ((point >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (point & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | (point >> 18));
    out += static_cast<char>(0x80 | ((point >> 12) & 0x3F));
    out += static_cast<char>(0x80 | ((point >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (point & 0x3F));
  }
}

class Parser {
 public:
  Parser(std::string_view text, int max_depth) : text_(text), max_depth_(max_depth) {}

  std::optional<Json> Run() {
    Json value;
    SkipSpace();
    if (!Value(value, 0)) return std::nullopt;
    SkipSpace();
    if (at_ != text_.size()) return std::nullopt;
    return value;
  }

 private:
  char Peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  void SkipSpace() {
    const size_t next = text_.find_first_not_of(" \t\n\r", at_);
    at_ = std::min(next, text_.size());
  }

  bool Take(std::string_view word) {
    if (!text_.substr(at_).starts_with(word)) return false;
    at_ += word.size();
    return true;
  }

  bool Value(Json& out, int depth) {
    if (depth >= max_depth_) return false;
    switch (Peek()) {
      case '{': return Object(out, depth);
      case '[': return Array(out, depth);
      case '"': out = std::string(); return String(out.get_ref<std::string&>());
      case 't': out = true; return Take("true");
      case 'f': out = false; return Take("false");
      case 'n': out = nullptr; return Take("null");
      case 'N': out = std::numeric_limits<double>::quiet_NaN(); return Take("NaN");
      case 'I': out = std::numeric_limits<double>::infinity(); return Take("Infinity");
      default:
        if (Take("-Infinity")) {
          out = -std::numeric_limits<double>::infinity();
          return true;
        }
        return Number(out);
    }
  }

  bool Object(Json& out, int depth) {
    out = Json::object();
    ++at_;
    SkipSpace();
    if (Take("}")) return true;
    while (true) {
      std::string key;
      if (Peek() != '"' || !String(key)) return false;
      SkipSpace();
      if (!Take(":")) return false;
      SkipSpace();
      if (!Value(out[key], depth + 1)) return false;
      SkipSpace();
      if (Take("}")) return true;
      if (!Take(",")) return false;
      SkipSpace();
    }
  }

  bool Array(Json& out, int depth) {
    out = Json::array();
    ++at_;
    SkipSpace();
    if (Take("]")) return true;
    while (true) {
      out.emplace_back();
      if (!Value(out.back(), depth + 1)) return false;
      SkipSpace();
      if (Take("]")) return true;
      if (!Take(",")) return false;
      SkipSpace();
    }
  }

  bool Hex4(uint32_t& out) {
    if (at_ + 4 > text_.size()) return false;
    const char* begin = text_.data() + at_;
    for (int i = 0; i < 4; ++i) {
      if (!std::isxdigit(static_cast<unsigned char>(begin[i]))) return false;
    }
    std::from_chars(begin, begin + 4, out, 16);
    at_ += 4;
    return true;
  }

  bool Escape(std::string& out) {
    const char c = Peek();
    ++at_;
    switch (c) {
      case '"':
      case '\\':
      case '/': out += c; return true;
      case 'b': out += '\b'; return true;
      case 'f': out += '\f'; return true;
      case 'n': out += '\n'; return true;
      case 'r': out += '\r'; return true;
      case 't': out += '\t'; return true;
      case 'u': break;
      default: return false;
    }
    uint32_t point = 0;
    if (!Hex4(point)) return false;
    if (point >= 0xD800 && point < 0xDC00) {
      const size_t after_high = at_;
      uint32_t low = 0;
      if (Take("\\u") && Hex4(low) && low >= 0xDC00 && low < 0xE000) {
        point = 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00);
      } else {
        at_ = after_high;
      }
    }
    if (point >= 0xD800 && point < 0xE000) point = 0xFFFD;
    AppendUtf8(point, out);
    return true;
  }

  bool String(std::string& out) {
    ++at_;
    while (at_ < text_.size()) {
      const size_t begin = at_;
      while (at_ < text_.size() && text_[at_] != '"' && text_[at_] != '\\' &&
             static_cast<unsigned char>(text_[at_]) >= 0x20) {
        ++at_;
      }
      out.append(text_.substr(begin, at_ - begin));
      if (Take("\"")) return true;
      if (!Take("\\")) return false;
      if (!Escape(out)) return false;
    }
    return false;
  }

  size_t Digits() {
    const size_t begin = at_;
    while (Peek() >= '0' && Peek() <= '9') ++at_;
    return at_ - begin;
  }

  bool Number(Json& out) {
    const size_t begin = at_;
    Take("-");
    if (!Take("0") && Digits() == 0) return false;
    bool integer = true;
    // "1.", "1e" are the integer 1 and then trailing text.
    size_t end = at_;
    if (Take(".") && Digits() > 0) {
      integer = false;
      end = at_;
    }
    at_ = end;
    if (Take("e") || Take("E")) {
      if (!Take("+")) Take("-");
      if (Digits() > 0) {
        integer = false;
        end = at_;
      }
    }
    at_ = end;
    const std::string_view token = text_.substr(begin, end - begin);
    if (!integer) {
      out = std::strtod(std::string(token).c_str(), nullptr);  // beyond the range: infinite, or 0
      return true;
    }
    int64_t number = 0;
    const auto [stop, error] = std::from_chars(token.data(), token.data() + token.size(), number);
    if (error == std::errc()) {
      out = number;
    } else if (token.size() > 4300) {
      return false;  // Python refuses so many digits
    } else {
      out = Json::binary(std::vector<uint8_t>(token.begin(), token.end()));
    }
    return true;
  }

  std::string_view text_;
  size_t at_ = 0;
  int max_depth_;
};

// Bytes of the white space character that begins `text`, by str.isspace; 0 if none does.
size_t SpaceLength(std::string_view text) {
  if (text.empty()) return 0;
  const unsigned char c = text[0];
  if ((c >= 0x09 && c <= 0x0D) || (c >= 0x1C && c <= 0x20)) return 1;
  for (const std::string_view two : {"\xC2\x85", "\xC2\xA0"}) {
    if (text.starts_with(two)) return 2;
  }
  if (text.starts_with("\xE2\x80") && text.size() > 2) {
    const unsigned char last = text[2];  // U+2000 to U+200A, U+2028, U+2029, U+202F
    if ((last >= 0x80 && last <= 0x8A) || last == 0xA8 || last == 0xA9 || last == 0xAF) return 3;
  }
  for (const std::string_view three : {"\xE1\x9A\x80", "\xE2\x81\x9F", "\xE3\x80\x80"}) {
    if (text.starts_with(three)) return 3;
  }
  return 0;
}

std::string_view StripLeft(std::string_view text) {
  while (const size_t length = SpaceLength(text)) text.remove_prefix(length);
  return text;
}

// From the first `left` to the last `right`; empty if there is no such stretch.
std::string_view Between(std::string_view text, char left, char right) {
  const size_t begin = text.find(left);
  const size_t end = text.rfind(right);
  if (begin == std::string_view::npos || end == std::string_view::npos || end <= begin) return {};
  return text.substr(begin, end + 1 - begin);
}

}  // namespace

std::optional<Json> ParsePythonJson(std::string_view text, int max_depth) {
  return Parser(text, max_depth).Run();
}

const Json& Member(const Json& object, const char* key) {
  static const Json kNull;
  if (!object.is_object()) return kNull;
  const auto member = object.find(key);
  return member == object.end() ? kNull : *member;
}

std::string PythonStr(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_null()) return "None";
  if (value.is_boolean()) return value.get<bool>() ? "True" : "False";
  if (value.is_number_float()) {
    const std::string text = DumpJsonAsPython(value);
    if (text == "NaN") return "nan";
    if (text == "Infinity") return "inf";
    if (text == "-Infinity") return "-inf";
    return text;
  }
  return DumpJsonAsPython(value);
}

std::string PythonStrOrEmpty(const Json& value) {
  const bool is_false = value.is_null() || value == false || (value.is_number() && value == 0) ||
                        (value.is_structured() && value.empty());
  return is_false ? std::string() : PythonStr(value);
}

std::optional<int64_t> PythonInteger(const Json& value) {
  if (value.is_boolean()) return value.get<bool>() ? 1 : 0;
  if (value.is_number_unsigned()) {
    const auto number = value.get<uint64_t>();
    if (number > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) return std::nullopt;
    return static_cast<int64_t>(number);
  }
  if (value.is_number_integer()) return value.get<int64_t>();
  if (value.is_number_float()) {
    const double number = value.get<double>();
    if (!(number > -9e18 && number < 9e18)) return std::nullopt;
    return static_cast<int64_t>(number);
  }
  if (!value.is_string()) return std::nullopt;
  const std::string_view text = PythonStrip(value.get_ref<const std::string&>());
  std::string digits;
  bool after_digit = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (i == 0 && (c == '+' || c == '-')) {
      if (c == '-') digits += c;
    } else if (c >= '0' && c <= '9') {
      digits += c;
      after_digit = true;
    } else if (c == '_' && after_digit && i + 1 < text.size()) {
      after_digit = false;
    } else {
      return std::nullopt;
    }
  }
  if (!after_digit) return std::nullopt;
  int64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc()) return std::nullopt;
  return number;
}

std::string_view PythonStrip(std::string_view text) {
  text = StripLeft(text);
  while (!text.empty()) {
    bool trimmed = false;
    for (size_t length = 1; length <= 3 && length <= text.size(); ++length) {
      if (SpaceLength(text.substr(text.size() - length)) != length) continue;
      text.remove_suffix(length);
      trimmed = true;
      break;
    }
    if (!trimmed) break;
  }
  return text;
}

std::string_view EmbeddedJson(std::string_view text) {
  static constexpr std::string_view kFence = "```";
  text = PythonStrip(text);
  const size_t open = text.find(kFence);
  if (open != std::string_view::npos) {
    std::string_view inside = text.substr(open + kFence.size());
    const size_t close = inside.find(kFence);
    if (close != std::string_view::npos) {
      inside = inside.substr(0, close);
      const auto is = [&](size_t i, char c) { return (inside[i] | 0x20) == c; };
      if (inside.size() >= 4 && is(0, 'j') && is(1, 's') && is(2, 'o') && is(3, 'n')) {
        inside.remove_prefix(4);
      }
      return PythonStrip(inside);
    }
  }
  std::string_view found = Between(text, '{', '}');
  if (found.empty()) found = Between(text, '[', ']');
  return found;
}

}  // namespace axiometer
