#include "harness/base/json.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace axiometer {
namespace {

// Line and column, from 1, of a byte offset.
std::string Place(std::string_view text, std::string_view where, size_t offset) {
  offset = std::min(offset, text.size());
  size_t line = 1;
  size_t column = 1;
  for (size_t i = 0; i < offset; ++i) {
    if (text[i] == '\n') {
      ++line;
      column = 1;
    } else if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80) {
      ++column;
    }
  }
  return std::string(where) + ":" + std::to_string(line) + ":" + std::to_string(column);
}

// repr(float) of Python: shortest digits that read back; positional from 1e-4 up to 1e16.
void AppendPythonFloat(double value, std::string& out) {
  if (std::isnan(value)) {
    out += "NaN";
    return;
  }
  if (std::isinf(value)) {
    out += value < 0 ? "-Infinity" : "Infinity";
    return;
  }
  const double magnitude = std::fabs(value);
  char buffer[64];
  if (magnitude == 0 || (magnitude >= 1e-4 && magnitude < 1e16)) {
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::fixed);
    const std::string_view digits(buffer, end.ptr - buffer);
    out += digits;
    if (digits.find('.') == std::string_view::npos) out += ".0";
    return;
  }
  const auto end =
      std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::scientific);
  out.append(buffer, end.ptr);
}

void AppendPythonString(const std::string& text, std::string& out) {
  static constexpr char kHex[] = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      case '\b': out += "\\b"; break;
      case '\f': out += "\\f"; break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          out += "\\u00";
          out += kHex[static_cast<unsigned char>(c) >> 4];
          out += kHex[c & 15];
        } else {
          out += c;
        }
    }
  }
  out += '"';
}

void AppendLineBreak(int indent, int depth, std::string& out) {
  if (indent < 0) return;
  out += '\n';
  out.append(static_cast<size_t>(indent) * depth, ' ');
}

void AppendPython(const Json& value, int indent, int depth, std::string& out) {
  const char* comma = indent < 0 ? ", " : ",";
  switch (value.type()) {
    case Json::value_t::object: {
      out += '{';
      bool first = true;
      for (const auto& [key, member] : value.items()) {
        if (!first) out += comma;
        first = false;
        AppendLineBreak(indent, depth + 1, out);
        AppendPythonString(key, out);
        out += ": ";
        AppendPython(member, indent, depth + 1, out);
      }
      if (!first) AppendLineBreak(indent, depth, out);
      out += '}';
      return;
    }
    case Json::value_t::array: {
      out += '[';
      bool first = true;
      for (const Json& member : value) {
        if (!first) out += comma;
        first = false;
        AppendLineBreak(indent, depth + 1, out);
        AppendPython(member, indent, depth + 1, out);
      }
      if (!first) AppendLineBreak(indent, depth, out);
      out += ']';
      return;
    }
    case Json::value_t::string:
      AppendPythonString(value.get_ref<const std::string&>(), out);
      return;
    case Json::value_t::number_float:
      AppendPythonFloat(value.get<double>(), out);
      return;
    case Json::value_t::binary: {  // an integer beyond 64 bits, see python_json.h
      const auto& digits = value.get_binary();
      out.append(digits.begin(), digits.end());
      return;
    }
    default:
      out += value.dump();
      return;
  }
}

}  // namespace

Result<Json> ParseJson(std::string_view text, std::string_view where, int max_depth) {
  int deepest = 0;
  const auto watch_depth = [&](int depth, Json::parse_event_t, Json&) {
    deepest = std::max(deepest, depth);
    if (depth > max_depth) throw std::length_error("depth");
    return true;
  };
  try {
    // The callback costs; only text with many brackets can be deep.
    const auto brackets = std::count_if(text.begin(), text.end(), [](char c) { return c == '[' || c == '{'; });
    Json json = brackets <= max_depth ? Json::parse(text.begin(), text.end())
                                      : Json::parse(text.begin(), text.end(), watch_depth);
    // The library takes a zero byte for the end of the text. No JSON holds one.
    const size_t zero = text.find('\0');
    if (zero != std::string_view::npos) return BadInput(Place(text, where, zero), "not valid JSON");
    return json;
  } catch (const std::length_error&) {
    return BadInput(std::string(where), "nested deeper than " + std::to_string(max_depth) + " levels");
  } catch (const Json::parse_error& error) {
    const size_t offset = error.byte == 0 ? 0 : error.byte - 1;
    if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) {
      return BadInput(std::string(where), "empty, expected JSON");
    }
    return BadInput(Place(text, where, offset), "not valid JSON");
  } catch (const Json::exception& error) {
    return BadInput(std::string(where), "not valid JSON");
  }
}

const Json* FindMember(const Json& object, const std::string& name) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(name);
  return found == object.end() ? nullptr : &*found;
}

std::string DumpJson(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string DumpJsonAsPython(const Json& value, int indent) {
  std::string out;
  AppendPython(value, indent, 0, out);
  return out;
}

}  // namespace axiometer
