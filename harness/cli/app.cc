#include "harness/cli/app.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "harness/base/data_dir.h"
#include "harness/base/nearest.h"
#include "harness/base/shell_words.h"
#include "harness/base/utf8.h"
#include "harness/cli/manual.h"
#include "harness/cli/verb_options.h"
#include "harness/cli/verbs.h"

namespace axiometer {
namespace {

// A header's value may be a secret, unless it is the name of a variable: NAME=… is what is stored
// of it.
std::string WithoutHeaderValue(const std::string& previous, std::string word) {
  size_t name = 0;
  for (const std::string option : {"--model-header", "--judge-header"}) {
    if (word.starts_with(option + "=")) name = option.size() + 1;
    if (previous != option && name == 0) continue;
    const size_t equals = word.find('=', name);
    if (equals != std::string::npos && !word.substr(equals + 1).starts_with('$'))
      word.replace(equals + 1, std::string::npos, "…");
    break;
  }
  return word;
}

std::string CommandLine(int argc, char** argv) {
  std::string line = "axiometer";
  for (int i = 1; i < argc; ++i) line += " " + ShellWord(WithoutHeaderValue(argv[i - 1], argv[i]));
  return line;
}

std::vector<std::string> OptionNames(const CLI::App* verb) {
  std::vector<std::string> names;
  for (const CLI::Option* option : verb->get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

// CLI11's complaint in our form, with the nearest spelling.
Error UsageErrorOf(const CLI::App& app, const CLI::ParseError& error, int argc, char** argv) {
  const CLI::App* verb = &app;
  while (!verb->get_subcommands().empty()) verb = verb->get_subcommands().front();
  std::string path;
  for (const CLI::App* one = verb; one != &app; one = one->get_parent()) path = " " + one->get_name() + path;
  const std::string help = "see axiometer" + path + " --help";
  std::vector<std::string> verbs;
  for (const CLI::App* known : verb->get_subcommands([](const CLI::App*) { return true; })) {
    verbs.push_back(known->get_name());
  }
  if (!verbs.empty()) {
    // The first word that is no option is the verb that was meant.
    int depth = 1;
    for (const CLI::App* one = verb; one != &app; one = one->get_parent()) ++depth;
    if (argc <= depth) return UsageError("", "a verb is missing", help);
    const std::string typed = argv[depth];
    if (!typed.starts_with("-")) return UsageError("", "unknown verb \"" + typed + "\"", DidYouMean(typed, verbs, help));
  }
  // A misspelt option may be the one that is said to be required.
  if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::ExtrasError) ||
      error.get_exit_code() == static_cast<int>(CLI::ExitCodes::RequiredError)) {
    const std::vector<std::string> names = OptionNames(verb);
    for (int i = 1; i < argc; ++i) {
      const std::string word = argv[i];
      if (word == "--") break;
      const std::string option = word.substr(0, word.find('='));
      if (!option.starts_with("--")) continue;
      if (std::find(names.begin(), names.end(), option) == names.end()) {
        return UsageError("", "unknown option \"" + option + "\"", DidYouMean(option, names, help));
      }
    }
  }
  std::string what = error.what();
  for (char& c : what) {
    if (c == '\n') c = ' ';
  }
  while (!what.empty() && (what.back() == ' ' || what.back() == '.')) what.pop_back();
  return UsageError("", what, help);
}

// An option that may be repeated takes one value each time: what follows is the next word's own, a suite's name or a
// run's.
void TakeOneValueEach(CLI::App& app) {
  for (CLI::Option* option : app.get_options()) {
    if (!option->get_positional() && option->get_expected_max() > 1) option->allow_extra_args(false);
  }
  for (CLI::App* verb : app.get_subcommands([](const CLI::App*) { return true; })) TakeOneValueEach(*verb);
}

// Of "eval" and what follows it.
Result<EvalOptions> ParseEval(const std::vector<std::string>& words) {
  std::vector<std::string> line = {"axiometer"};
  line.insert(line.end(), words.begin(), words.end());
  std::vector<char*> arguments;
  for (std::string& word : line) arguments.push_back(word.data());
  const int count = static_cast<int>(arguments.size());
  CLI::App app;
  app.require_subcommand(1);
  EvalOptions options;
  AddEval(app, options);
  TakeOneValueEach(app);
  try {
    app.parse(count, arguments.data());
  } catch (const CLI::CallForHelp&) {
    return UsageError("", "after -- stands a command to run, and --help asks for help", "see axiometer eval --help");
  } catch (const CLI::ParseError& error) {
    return UsageErrorOf(app, error, count, arguments.data());
  }
  return options;
}

}  // namespace

Result<int> RunApp(int argc, char** argv) {
  CLI::App app("axiometer measures the values of LLM agents.\n\n"
               "  axiometer eval crossroads --model scripted/a --judge scripted/perfect\n"
               "  axiometer report -o report.html\n"
               "  axiometer doctor\n");
  app.name("axiometer");
  app.set_version_flag("--version", "axiometer " + Version());
  app.set_config("--config", "", "options from a file, in sections named for the verbs", false);
  app.require_subcommand(1);
  VerbOptions options;
  AddVerbs(app, options);
  TakeOneValueEach(app);
  options.eval.command_line = options.imports.command_line = options.doctor.eval.command_line =
      options.try_task.eval.command_line = CommandLine(argc, argv);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    const CLI::App* verb = &app;
    std::string before;
    while (!verb->get_subcommands().empty()) {
      before += (before.empty() ? "" : " ") + verb->get_name();
      verb = verb->get_subcommands().front();
    }
    std::fputs(verb->help(before).c_str(), stdout);
    return 0;
  } catch (const CLI::CallForVersion& version) {
    std::printf("%s\n", version.what());
    return 0;
  } catch (const CLI::ParseError& error) {
    return UsageErrorOf(app, error, argc, argv);
  }
  const CLI::App* verb = app.get_subcommands().front();
  const std::string name = verb->get_name();
  if (name == "eval") return RunEval(options.eval);
  if (name == "judge") return RunJudge(options.judge);
  if (name == "report") return RunReport(options.report);
  if (name == "compare") return RunCompare(options.compare);
  if (name == "plan") return RunPlan(options.plan);
  if (name == "export") return RunExport(options.exports);
  if (name == "import") return RunImport(options.imports);
  if (name == "merge") return RunMerge(options.merge);
  if (name == "submit") {
    Result<EvalOptions> read = ParseEval(options.submit.command);
    if (!read) return std::move(read).error();
    options.submit.eval = std::move(*read);
    return RunSubmit(options.submit);
  }
  if (name == "runs") return RunRuns(options.runs);
  if (name == "view") return RunView(options.view);
  if (name == "doctor") return RunDoctor(options.doctor);
  if (name == "suite") return RunSuiteCheck(options.suite);
  if (name == "manual") {
    std::fputs(ManualPage(app).c_str(), stdout);
    return 0;
  }
  if (name == "completion") {
    const Result<std::string> script = CompletionScript(app, options.shell);
    if (!script) return script.error();
    std::fputs(script->c_str(), stdout);
    return 0;
  }
  const std::string kind = verb->get_subcommands().front()->get_name();
  if (name == "env") {
    if (kind == "list") return RunEnvList(options.env);
    if (kind == "check") return RunEnvCheck(options.env);
    return kind == "shell" ? RunEnvShell(options.env) : RunEnvNew(options.env);
  }
  if (kind == "new") return RunTaskNew(options.new_task);
  if (kind == "try") return RunTaskTry(options.try_task);
  if (kind == "draft") return RunTaskDraft(options.draft_task);
  if (kind == "list") return RunTaskList(options.task);
  if (kind == "show") return RunTaskShow(options.task);
  return RunTaskCheck(options.task);
}

}  // namespace axiometer
