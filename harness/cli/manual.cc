#include "harness/cli/manual.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/base/data_dir.h"
#include "harness/base/utf8.h"

namespace axiometer {
namespace {

// A verb, or a verb with its second word: "task check".
struct Verb {
  std::string name;
  const CLI::App* app;
};

std::vector<Verb> VerbsOf(const CLI::App& app) {
  std::vector<Verb> verbs;
  for (const CLI::App* verb : app.get_subcommands([](const CLI::App*) { return true; })) {
    const std::vector<const CLI::App*> inner =
        verb->get_subcommands([](const CLI::App*) { return true; });
    if (inner.empty()) verbs.push_back({verb->get_name(), verb});
    for (const CLI::App* second : inner)
      verbs.push_back({verb->get_name() + " " + second->get_name(), second});
  }
  return verbs;
}

std::vector<const CLI::Option*> OptionsOf(const CLI::App& verb) {
  return verb.get_options([](const CLI::Option*) { return true; });
}

// "-o", "--output".
std::vector<std::string> NamesOf(const CLI::Option& option) {
  std::vector<std::string> names;
  for (const std::string& name : option.get_snames()) names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) names.push_back("--" + name);
  return names;
}

// The words that an option takes: CLI11 says them as "{a,b,c}".
std::vector<std::string> WordsOf(const CLI::Option& option) {
  std::vector<std::string> words;
  const std::string type = option.get_type_name();
  const size_t open = type.find('{');
  const size_t close = type.find('}');
  if (open == std::string::npos || close == std::string::npos || close < open) return words;
  std::string word;
  for (size_t i = open + 1; i <= close; ++i) {
    if (type[i] != ',' && type[i] != '}') {
      word += type[i];
      continue;
    }
    if (!word.empty()) words.push_back(std::exchange(word, ""));
  }
  return words;
}

// Text for man(7): a backslash, a hyphen that is typed, a line that would be a macro, and what is not ASCII.
std::string Roff(std::string_view text) {
  std::string out;
  bool line_start = true;
  for (const char32_t point : CodePoints(text)) {
    if (line_start && (point == '.' || point == '\'')) out += "\\&";
    if (point == '\\') {
      out += "\\e";
    } else if (point == '-') {
      out += "\\-";
    } else if (point < 0x80) {
      out += static_cast<char>(point);
    } else {
      char name[24];
      std::snprintf(name, sizeof name, "\\[u%04X]", static_cast<unsigned>(point));
      out += name;
    }
    line_start = point == '\n';
  }
  return out;
}

// Descriptions have examples in lines that begin with two blanks.
void AppendDescription(const std::string& text, std::string& out) {
  bool example = false;
  size_t begin = 0;
  while (begin <= text.size()) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    const std::string line = text.substr(begin, end - begin);
    begin = end + 1;
    const bool is_example = line.starts_with("  ");
    if (is_example != example) out += is_example ? ".PP\n.EX\n" : ".EE\n";
    example = is_example;
    if (line.empty()) {
      if (!out.ends_with(".PP\n") && !out.ends_with(".EE\n")) out += ".PP\n";
    } else {
      out += Roff(line) + "\n";
    }
  }
  if (example) out += ".EE\n";
}

void AppendOption(const CLI::Option& option, std::string& out) {
  std::string names;
  for (const std::string& name : NamesOf(option)) names += (names.empty() ? "" : ", ") + name;
  if (names.empty()) names = option.get_name();
  out += ".TP\n\\fB" + Roff(names) + "\\fR";
  const std::vector<std::string> words = WordsOf(option);
  std::string taken;
  for (const std::string& word : words) taken += (taken.empty() ? "" : "|") + word;
  if (taken.empty() && option.get_expected_max() > 0 && names.starts_with('-') &&
      option.get_type_size() > 0)
    taken = "VALUE";
  if (!taken.empty()) out += " \\fI" + Roff(taken) + "\\fR";
  out += "\n" + Roff(option.get_description());
  if (!option.get_default_str().empty())
    out += " (default: " + Roff(option.get_default_str()) + ")";
  if (!option.get_envname().empty()) out += " (variable: " + Roff(option.get_envname()) + ")";
  out += "\n";
}

std::string ShellList(const std::vector<std::string>& words) {
  std::string list;
  for (const std::string& word : words) list += (list.empty() ? "" : " ") + word;
  return list;
}

std::string BashScript(const CLI::App& app) {
  std::map<std::string, std::vector<std::string>> second;  // words behind a verb that has such
  std::vector<std::string> first;
  for (const CLI::App* verb : app.get_subcommands([](const CLI::App*) { return true; })) {
    first.push_back(verb->get_name());
    for (const CLI::App* inner : verb->get_subcommands([](const CLI::App*) { return true; })) {
      second[verb->get_name()].push_back(inner->get_name());
    }
  }
  std::string script =
      "_axiometer() {\n"
      "  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} "
      "verb=${COMP_WORDS[1]} words=\n"
      "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
      "    COMPREPLY=($(compgen -W \"" +
      ShellList(first) +
      " --help --version\" -- \"$cur\"))\n"
      "    return\n"
      "  fi\n"
      "  case \"$verb\" in\n";
  for (const auto& [verb, words] : second) {
    script += "    " + verb +
              ")\n"
              "      if [ \"$COMP_CWORD\" -eq 2 ]; then\n"
              "        COMPREPLY=($(compgen -W \"" +
              ShellList(words) +
              "\" -- \"$cur\"))\n"
              "        return\n"
              "      fi\n"
              "      verb=\"$verb ${COMP_WORDS[2]}\" ;;\n";
  }
  script += "  esac\n  case \"$verb $prev\" in\n";
  std::string options = "  case \"$verb\" in\n";
  for (const Verb& verb : VerbsOf(app)) {
    std::vector<std::string> all;
    for (const CLI::Option* option : OptionsOf(*verb.app)) {
      const std::vector<std::string> names = NamesOf(*option);
      all.insert(all.end(), names.begin(), names.end());
      const std::vector<std::string> words = WordsOf(*option);
      if (words.empty() || names.empty()) continue;
      std::string patterns;
      for (const std::string& name : names)
        patterns += (patterns.empty() ? "" : "|") + ("\"" + verb.name + " " + name + "\"");
      script += "    " + patterns + ") words=\"" + ShellList(words) + "\" ;;\n";
    }
    options += "    \"" + verb.name + "\") words=\"" + ShellList(all) + "\" ;;\n";
  }
  script +=
      "  esac\n"
      "  if [ -n \"$words\" ]; then\n"
      "    COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
      "    return\n"
      "  fi\n"
      "  case \"$cur\" in -*) ;; *) return ;; esac\n" +
      options +
      "  esac\n"
      "  COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
      "}\n"
      "complete -o default -F _axiometer axiometer\n";
  return script;
}

// In single quotes, as fish reads them.
std::string FishWord(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') quoted += '\\';
    quoted += c == '\n' ? ' ' : c;
  }
  return quoted + "'";
}

std::string FirstLine(const std::string& text) { return text.substr(0, text.find('\n')); }

std::string FishScript(const CLI::App& app) {
  std::string script;
  for (const CLI::App* verb : app.get_subcommands([](const CLI::App*) { return true; })) {
    script += "complete -c axiometer -f -n __fish_use_subcommand -a " + verb->get_name() + " -d " +
              FishWord(FirstLine(verb->get_description())) + "\n";
    const std::vector<const CLI::App*> inner =
        verb->get_subcommands([](const CLI::App*) { return true; });
    std::vector<std::string> names;
    for (const CLI::App* second : inner) names.push_back(second->get_name());
    for (const CLI::App* second : inner) {
      script += "complete -c axiometer -f -n '__fish_seen_subcommand_from " + verb->get_name() +
                "; and not __fish_seen_subcommand_from " + ShellList(names) + "' -a " +
                second->get_name() + " -d " + FishWord(FirstLine(second->get_description())) + "\n";
    }
  }
  for (const Verb& verb : VerbsOf(app)) {
    const size_t blank = verb.name.find(' ');
    const std::string first = verb.name.substr(0, blank);
    std::string seen = "__fish_seen_subcommand_from " + first;
    if (blank != std::string::npos)
      seen += "; and __fish_seen_subcommand_from " + verb.name.substr(blank + 1);
    for (const CLI::Option* option : OptionsOf(*verb.app)) {
      if (NamesOf(*option).empty()) continue;
      script += "complete -c axiometer -n '" + seen + "'";
      for (const std::string& name : option->get_snames()) script += " -s " + name;
      for (const std::string& name : option->get_lnames()) script += " -l " + name;
      if (option->get_type_size() > 0) script += " -r";
      const std::vector<std::string> words = WordsOf(*option);
      if (!words.empty()) script += " -f -a " + FishWord(ShellList(words));
      script += " -d " + FishWord(FirstLine(option->get_description())) + "\n";
    }
  }
  return script;
}

}  // namespace

std::string ManualPage(const CLI::App& app) {
  std::string page = ".TH AXIOMETER 1 \"\" \"axiometer " + Roff(Version()) +
                     "\"\n"
                     ".SH NAME\naxiometer \\- measures the values of LLM agents\n"
                     ".SH SYNOPSIS\n\\fBaxiometer\\fR \\fIVERB\\fR [\\fIARGUMENTS\\fR]\n"
                     ".SH DESCRIPTION\n";
  AppendDescription(app.get_description(), page);
  for (const Verb& verb : VerbsOf(app)) {
    page += ".SH AXIOMETER " + Roff(verb.name) + "\n";
    AppendDescription(verb.app->get_description(), page);
    std::string group;
    for (const CLI::Option* option : OptionsOf(*verb.app)) {
      if (option->get_group() != group && !option->get_group().empty()) {
        group = option->get_group();
        page += ".SS " + Roff(group == "OPTIONS" ? "Options" : group) + "\n";
      }
      AppendOption(*option, page);
    }
  }
  page +=
      ".SH EXIT STATUS\n"
      ".TP\n0\ndone\n.TP\n1\nfailed, or incomplete\n.TP\n2\nthe command line asks for what cannot "
      "be\n"
      ".TP\n3\na task or data file is wrong\n.TP\n100\na threshold was "
      "missed\n.TP\n130\ninterrupted\n"
      ".SH ENVIRONMENT\n"
      "Keys are read from the environment or the nearest .env file: OPENAI_API_KEY, "
      "ANTHROPIC_API_KEY, GEMINI_API_KEY, "
      "GOOGLE_API_KEY, or the variable that \\-\\-api\\-key\\-env names. Addresses: "
      "OPENAI_BASE_URL, ANTHROPIC_BASE_URL, "
      "GOOGLE_GEMINI_BASE_URL. AXIOMETER_DATA is the folder of the program's own data, "
      "AXIOMETER_LLAMA_SERVER the server "
      "of llama/PATH.gguf.\n";
  return page;
}

Result<std::string> CompletionScript(const CLI::App& app, const std::string& shell) {
  if (shell == "bash") return BashScript(app);
  if (shell == "zsh") return "autoload -U +X bashcompinit && bashcompinit\n" + BashScript(app);
  if (shell == "fish") return FishScript(app);
  return UsageError("completion", "no completion for \"" + shell + "\"",
                    "there are bash, zsh and fish");
}

}  // namespace axiometer
