#include "harness/model/key.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "harness/base/file.h"

namespace axiometer {
namespace {

constexpr size_t kMaxDotEnvBytes = 1u << 20;

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

bool IsNameChar(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '.' || c == '-';
}

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && (IsBlank(text.front()) || text.front() == '\n')) text.remove_prefix(1);
  while (!text.empty() && (IsBlank(text.back()) || text.back() == '\n')) text.remove_suffix(1);
  return text;
}

class DotEnvReader {
 public:
  DotEnvReader(std::string_view text, const std::string& path) : rest_(text), path_(path) {}

  Result<std::map<std::string, std::string>> Read() {
    std::map<std::string, std::string> variables;
    if (rest_.starts_with("\xEF\xBB\xBF")) rest_.remove_prefix(3);
    while (true) {
      SkipBlanks();
      if (rest_.empty()) return variables;
      if (rest_.front() == '\n' || rest_.front() == '#') {
        SkipLine();
        continue;
      }
      const int line = line_;
      std::string name = Name();
      if (name == "export" && !rest_.empty() && IsBlank(rest_.front())) {
        SkipBlanks();
        name = Name();
      }
      SkipBlanks();
      if (name.empty() || rest_.empty() || rest_.front() != '=') {
        return Wrong(line, "expected NAME=value");
      }
      rest_.remove_prefix(1);
      SkipBlanks();
      std::string value;
      if (!rest_.empty() && (rest_.front() == '\'' || rest_.front() == '"')) {
        if (!Quoted(value)) return Wrong(line, "the quote is not closed");
        SkipBlanks();
        if (!rest_.empty() && rest_.front() != '\n' && rest_.front() != '#') {
          return Wrong(line_, "expected the line's end after the closing quote");
        }
        SkipLine();
      } else {
        value = Plain();
      }
      variables[name] = std::move(value);
    }
  }

 private:
  Error Wrong(int line, std::string what) const {
    return BadInput(path_ + ":" + std::to_string(line), std::move(what));
  }

  void SkipBlanks() {
    while (!rest_.empty() && IsBlank(rest_.front())) rest_.remove_prefix(1);
  }

  void SkipLine() {
    const size_t end = rest_.find('\n');
    rest_ = end == std::string_view::npos ? std::string_view() : rest_.substr(end + 1);
    ++line_;
  }

  std::string Name() {
    const auto end = std::find_if_not(rest_.begin(), rest_.end(), IsNameChar);
    std::string name(rest_.begin(), end);
    rest_.remove_prefix(name.size());
    return name;
  }

  bool Quoted(std::string& value) {
    const char quote = rest_.front();
    rest_.remove_prefix(1);
    while (!rest_.empty()) {
      char c = rest_.front();
      rest_.remove_prefix(1);
      if (c == quote) return true;
      if (c == '\n') ++line_;
      if (c == '\\' && quote == '"' && !rest_.empty()) {
        c = rest_.front();
        rest_.remove_prefix(1);
        switch (c) {
          case 'n':
            value += '\n';
            continue;
          case 'r':
            value += '\r';
            continue;
          case 't':
            value += '\t';
            continue;
          case '"':
          case '\\':
          case '$':
            break;
          default:
            value += '\\';
        }
      }
      value += c;
    }
    return false;
  }

  std::string Plain() {
    std::string_view line = rest_.substr(0, rest_.find('\n'));
    for (size_t i = 0; i < line.size(); ++i) {
      const bool comment = line[i] == '#' && (i == 0 || IsBlank(line[i - 1]));
      if (comment) line = line.substr(0, i);
    }
    std::string value(Trimmed(line));
    SkipLine();
    return value;
  }

  std::string_view rest_;
  const std::string& path_;
  int line_ = 1;
};

// The nearest .env at or above `directory`; empty: none.
std::string NearestDotEnv(const std::string& directory) {
  std::error_code error;
  std::filesystem::path at = std::filesystem::absolute(directory, error);
  if (error) return "";
  while (true) {
    const std::filesystem::path candidate = at / ".env";
    if (std::filesystem::is_regular_file(candidate, error)) return candidate.string();
    const std::filesystem::path parent = at.parent_path();
    if (parent.empty() || parent == at) return "";
    at = parent;
  }
}

}  // namespace

Result<std::map<std::string, std::string>> ParseDotEnv(std::string_view text,
                                                       const std::string& path) {
  return DotEnvReader(text, path).Read();
}

Result<std::optional<std::string>> FindVariable(const std::string& name,
                                                const std::string& start_directory) {
  const char* value = std::getenv(name.c_str());
  if (value != nullptr && *value != '\0') return std::optional<std::string>(value);
  return FindInDotEnv(name, start_directory);
}

Result<std::optional<std::string>> FindInDotEnv(const std::string& name,
                                                const std::string& start_directory) {
  const std::string path = NearestDotEnv(start_directory);
  if (path.empty()) return std::optional<std::string>();
  const Result<std::string> text = ReadFile(path, kMaxDotEnvBytes);
  if (!text) return text.error();
  const Result<std::map<std::string, std::string>> variables = ParseDotEnv(*text, path);
  if (!variables) return variables.error();
  const auto found = variables->find(name);
  if (found == variables->end() || found->second.empty()) return std::optional<std::string>();
  return std::optional<std::string>(found->second);
}

Result<std::string> FindKey(const std::string& name, const std::string& start_directory) {
  const Result<std::optional<std::string>> found = FindVariable(name, start_directory);
  if (!found) return found.error();
  const std::string key(Trimmed(found->value_or("")));
  if (key.empty()) return UsageError(name, "not set", "put it into the environment or a .env file");
  const bool printable = std::all_of(key.begin(), key.end(), [](char c) {
    return static_cast<unsigned char>(c) > 0x20 && static_cast<unsigned char>(c) < 0x7F;
  });
  // It goes into a header: a line feed would begin another one.
  if (!printable) return UsageError(name, "holds white space or a character that no key has");
  return key;
}

}  // namespace axiometer
