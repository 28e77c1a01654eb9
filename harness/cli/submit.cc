#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <set>

#include "harness/base/shell_words.h"
#include "harness/base/utc.h"
#include "harness/base/utf8.h"
#include "harness/cli/experiment.h"
#include "harness/cli/output_file.h"
#include "harness/cli/program_lines.h"
#include "harness/io/users_program.h"
#include "harness/cli/say.h"
#include "harness/cli/shard.h"
#include "harness/cli/verbs.h"
#include "harness/model/key.h"

extern char** environ;

namespace axiometer {
namespace {

namespace fs = std::filesystem;

// What a scheduler runs and where.
struct Submission {
  std::string program;    // ours
  std::string directory;  // that the command was typed in
  std::string folder;     // of scripts and logs
  std::string suites;     // for the jobs' names
};

std::string Directive(const std::string& option) { return "#SBATCH " + option + "\n"; }

std::string Head(const Submission& submission, const SubmitOptions& options,
                 const std::string& name, const std::string& log) {
  std::string head = Directive("--job-name=" + ShellWord(name)) +
                     Directive("--chdir=" + ShellWord(submission.directory)) +
                     Directive("--output=" + ShellWord(submission.folder + "/" + log)) +
                     Directive("--open-mode=append");
  for (const std::string& option : options.scheduler) head += Directive(option);
  return head;
}

std::string ShardsScript(const Submission& submission, const SubmitOptions& options) {
  const std::string count = std::to_string(options.shards);
  std::string command = ShellWord(submission.program);
  for (const std::string& word : options.command) command += " " + ShellWord(word);
  if (!options.eval.display) command += " --display plain";
  return "#!/bin/bash\n"
         "# Each task of this array works on one shard of the run, in a store of its own, and goes "
         "on with it when it is\n"
         "# put back into the queue or submitted again. Half a minute before its time is up it "
         "ends what it has begun.\n" +
         Head(submission, options, "axiometer-" + submission.suites, "shard-%a.log") +
         Directive("--array=1-" + count) + Directive("--requeue") + Directive("--signal=B:INT@30") +
         "exec " + command + " --shard auto/" + count + "\n";
}

// The shards' stores as a pattern of the shell; those that are there when the job runs.
std::string StoresPattern(const std::string& db, int count) {
  const std::string any = ShardStore(db, ShardPlace{1, count, 0});
  const std::string mark = ".1-of-" + std::to_string(count);
  const size_t at = any.rfind(mark);
  return ShellWord(any.substr(0, at + 1)) + "*" + ShellWord(any.substr(at + 2));
}

std::string MergeScript(const Submission& submission, const SubmitOptions& options) {
  return "#!/bin/bash\n"
         "# Puts the shards' stores together; says what is missing. May be repeated.\n" +
         Head(submission, options, "axiometer-merge", "merge.log") + "exec " +
         ShellWord(submission.program) + " merge " + ShellWord(options.eval.db) + " " +
         StoresPattern(options.eval.db, options.shards) + "\n";
}

Result<Submission> Place(const SubmitOptions& options) {
  Submission submission;
  std::error_code error;
  submission.program = fs::read_symlink("/proc/self/exe", error).string();
  submission.directory = fs::current_path().string();
  for (const std::string& suite : options.eval.suites) {
    submission.suites +=
        (submission.suites.empty() ? "" : "-") + fs::path(suite).filename().string();
  }
  const std::string named =
      options.folder.empty()
          ? "slurm-" + UtcTime(std::time(nullptr) * int64_t{1000}, "%Y%m%dT%H%M%SZ")
          : options.folder;
  submission.folder = fs::absolute(named).lexically_normal().string();
  for (const std::string& path : {submission.folder, submission.directory, submission.program}) {
    // Slurm reads % in the name of a log, and a line feed ends a directive.
    if (path.find_first_of("%\n") == std::string::npos) continue;
    return UsageError("--folder",
                      Quoted(path) + " holds a character that Slurm would read otherwise",
                      "name another");
  }
  if (fs::exists(submission.folder + "/shards.sh", error)) {
    return UsageError("--folder", Quoted(named) + " holds an earlier submission",
                      "name another, or submit its scripts again");
  }
  return submission;
}

// The variable that a header's value names: $NAME or ${NAME}; empty: it is typed.
std::string VariableOf(const std::string& value) {
  if (!value.starts_with('$')) return "";
  const size_t open = value.find_first_not_of("${");
  return open == std::string::npos ? "" : value.substr(open, value.find('}') - open);
}

// Keys that the jobs need must be in a file that they can read: Slurm keeps a job's environment on its disks. The
// variables that hold them.
Result<std::set<std::string>> CheckKeys(const std::vector<Experiment>& experiments, const std::string& directory) {
  std::set<std::string> needed;
  std::set<std::string> variables;
  std::set<std::string> here;  // endpoints
  for (const Experiment& experiment : experiments) {
    std::vector<ModelSpec> models = experiment.spec.judges;
    models.push_back(experiment.spec.model);
    for (const ModelSpec& model : models) {
      const bool local = IsLoopbackUrl(model.base_url);
      if (local && here.insert(model.base_url).second) {
        Say("note: " + model.base_url + " is this machine; a job on another node asks its own");
      }
      if (!model.key_env.empty()) (local ? variables : needed).insert(model.key_env);
      for (const auto& [name, value] : model.headers) {
        const std::string variable = VariableOf(value);
        if (variable.empty()) {
          return UsageError("--model-header", "the value of " + Quoted(name) + " would stand in the scripts",
                            "put it into .env under a name of its own and give " + name + "='$THAT_NAME'");
        }
        needed.insert(variable);
      }
    }
  }
  for (const std::string& name : needed) {
    const Result<std::optional<std::string>> found = FindInDotEnv(name, directory);
    if (!found) return found.error();
    if (*found) continue;
    return UsageError("", "the jobs would not find the key in " + name +
                              ": this environment's is not handed to Slurm, which stores it",
                      "put the line " + name + "=… into a file .env in this folder that only you can read");
  }
  variables.insert(needed.begin(), needed.end());
  return variables;
}

// Ours without keys.
std::vector<std::string> JobEnvironment(const std::set<std::string>& keys) {
  std::vector<std::string> variables;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    const std::string name = text.substr(0, text.find('='));
    if (!keys.contains(name) && !name.ends_with("_API_KEY")) variables.push_back(text);
  }
  return variables;
}

struct Sbatch {
  std::string program;
  std::vector<std::string> environment;
  std::string directory;

  // The job's id.
  Result<std::string> Submit(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "--parsable");
    std::string id;
    const Result<void> read = ReadProgramLines(
        {program, std::move(arguments), environment, directory}, [&](std::string_view line) {
          id = std::string(line.substr(0, line.find(';')));  // a cluster's name may follow
          return Result<void>();
        });
    if (!read) return read.error();
    if (id.empty() || id.find_first_not_of("0123456789") != std::string::npos) {
      return Failed("sbatch", "expected a job's number, got " + Quoted(id));
    }
    return id;
  }
};

Result<void> CheckCommand(const SubmitOptions& options) {
  if (!options.eval.shard.empty())
    return UsageError("--shard", "is given by the array", "leave it out");
  if (options.eval.fresh) {
    return UsageError("--fresh", "a job that is put back into the queue would begin anew",
                      "name a new store with --db");
  }
  for (const std::string& option : options.scheduler) {
    if (option.starts_with("-") && option.find('\n') == std::string::npos) continue;
    return UsageError("--sbatch", "expected an option of sbatch, got " + Quoted(option),
                      "for example --sbatch=--mem=2G");
  }
  return {};
}

}  // namespace

Result<int> RunSubmit(const SubmitOptions& options) {
  if (const Result<void> good = CheckCommand(options); !good) return good.error();
  Result<Submission> submission = Place(options);
  if (!submission) return std::move(submission).error();
  Result<std::set<std::string>> keys = std::set<std::string>();
  {
    const Result<std::unique_ptr<OwnMachinery>> own = OwnMachinery::Make(options.eval);
    if (!own) return own.error();
    const Result<std::vector<Experiment>> experiments = PrepareAll(options.eval, (*own)->get());
    if (!experiments) return experiments.error();
    for (const Experiment& experiment : *experiments) {
      const size_t tasks = experiment.suite.tasks->refs().size();
      if (tasks >= static_cast<size_t>(options.shards)) continue;
      return UsageError(
          "-n",
          "the selection of " + experiment.spec.suite + " has " + std::to_string(tasks) + " tasks",
          "cut it into at most as many shards");
    }
    keys = CheckKeys(*experiments, submission->directory);
    if (!keys) return std::move(keys).error();
  }
  Result<std::string> sbatch =
      FindProgram("sbatch", "submit from a machine that has Slurm, or use --dry-run");
  if (!sbatch && !options.dry_run) return std::move(sbatch).error();

  std::error_code error;
  fs::create_directories(submission->folder, error);
  if (error)
    return Failed(submission->folder, "cannot be made (" + error.message() + ")",
                  "name another with --folder");
  const std::string shards = submission->folder + "/shards.sh";
  const std::string merge = submission->folder + "/merge.sh";
  for (const auto& [path, text] : {std::pair(shards, ShardsScript(*submission, options)),
                                   std::pair(merge, MergeScript(*submission, options))}) {
    OutputFile file(path);
    Result<void> written = file.Write(text);
    if (written) written = file.Keep();
    if (!written) return written.error();
  }
  const std::string by_hand = "sbatch --dependency=afterany:";
  if (options.dry_run) {
    Say("sbatch " + ShellWord(shards));
    Say(by_hand + "ID " + ShellWord(merge) + "    with the number that the first prints");
    return 0;
  }
  const Sbatch scheduler{*sbatch, JobEnvironment(*keys), submission->directory};
  const Result<std::string> array = scheduler.Submit({shards});
  if (!array) return array.error();
  const Result<std::string> after = scheduler.Submit({"--dependency=afterany:" + *array, merge});
  if (!after) {
    return Failed(
        "sbatch",
        "the array is job " + *array + ", but its merge was not taken: " + after.error().ToString(),
        "submit it with: " + by_hand + *array + " " + ShellWord(merge));
  }
  Say("job " + *array + ": an array of " + std::to_string(options.shards) + " shards; job " +
      *after + ": their merge into " + options.eval.db);
  Say("scripts and logs: " + submission->folder);
  Say("see them with squeue -j " + *array + "," + *after + "; then axiometer report --db " +
      ShellWord(options.eval.db));
  return 0;
}

}  // namespace axiometer
