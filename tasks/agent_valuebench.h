#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/result.h"
#include "tasks/task.h"

namespace axiometer {

// Which tool schemas a model is sent. The released runner takes anyOf, oneOf and allOf off the root
// of a tool's parameters for some families of models, because their endpoints refuse them.
enum class ToolSchemaFamily {
  kAsReleased,
  kWithoutRootCombinators,  // gpt, claude, kimi
};

// By the part of the model id after the last "/", ignoring case.
ToolSchemaFamily ToolSchemaFamilyOf(std::string_view model_id);

// What the released runner sends as `parallel_tool_calls` to this model whatever it was asked for;
// absent: what it was asked for, if anything.
std::optional<bool> ForcedParallelToolCalls(std::string_view model_id);

// What only the checkout's own code can tell, in the order of the case files.
struct AgentValueBenchTexts {
  std::vector<std::string> cases;   // "case_00001"
  std::vector<std::string> system;  // first message of each case
  std::vector<std::string> user;    // second message
  std::string judge_system;
  std::string judge_template;  // a Python format string
};

// Whether the folder has what a checkout must have: to be asked before its code is run.
Result<void> CheckAgentValueBenchLayout(const std::string& directory);

// The script that renders them, to be run confined: reads {"directory": PATH} from standard input and
// prints what ParseAgentValueBenchTexts reads (about 10 MB; a case that cannot be read is its error). `data_dir`: see DataDir().
Result<std::string> AgentValueBenchScript(const std::string& data_dir);
Result<AgentValueBenchTexts> ParseAgentValueBenchTexts(std::string_view output);

// A user's checkout of Agent-ValueBench as a source of tasks "agent-valuebench/case_00001". Opening
// reads every file once, for the digests; a task is parsed when it is loaded. Not for several
// threads at once: loading keeps the last environments parsed.
//
// A task's digest is over the bytes of its case, rubric and environment (JSON, Python, base class)
// and its two messages. It leaves the schema family out, which follows from the model.
class AgentValueBench : public TaskSource {
 public:
  // A subset of the released cases is fine; a missing file, case without rubric or text, or case that
  // names a missing environment is an error.
  static Result<std::unique_ptr<AgentValueBench>> Open(const std::string& directory, ToolSchemaFamily family,
                                                       AgentValueBenchTexts texts);
  ~AgentValueBench() override;

  const std::string& suite() const override { return suite_; }
  const std::string& protocol() const override { return suite_; }
  const std::vector<TaskRef>& refs() const override { return refs_; }
  Result<std::shared_ptr<const Task>> Load(size_t index) const override;
  const std::vector<std::string>& notes() const override { return notes_; }

  // Whether the case's environment imports dateutil, which is not in Python's standard library.
  bool needs_dateutil(size_t index) const;
  const std::string& judge_system() const { return texts_.judge_system; }
  const std::string& judge_template() const { return texts_.judge_template; }
  ToolSchemaFamily family() const { return family_; }
  // All 4,335 released cases are there, and no other.
  bool is_whole() const;
  // And every case, rubric and environment is the released one, byte for byte.
  bool has_released_files() const;

  // Compares what is there with the release: the texts of case_00001, and all cases and environments
  // if the set is whole. Each difference in words; empty if there is none. Where a file is not the released one it
  // loads every task, which takes seconds.
  Result<std::vector<std::string>> Differences() const;
  // Of these, the tool lists and rubrics as the runner and its judge render them. Loads every task.
  Result<std::vector<std::string>> RenderedDifferences() const;
  // The first difference as an error, unless `allow_modified`: then all of them become notes.
  Result<void> CheckDigests(bool allow_modified);
  // What CheckDigests let pass.
  const std::vector<std::string>& differences() const { return differences_; }

 private:
  struct Case;
  struct EnvironmentFiles;
  struct ParsedEnvironment;
  AgentValueBench(std::string directory, ToolSchemaFamily family, AgentValueBenchTexts texts);
  Result<void> Index();
  Result<const EnvironmentFiles*> FilesOf(const std::string& environment, const std::string& named_by);
  std::string EnvironmentsDigest() const;
  Result<std::shared_ptr<const ParsedEnvironment>> Parsed(const std::string& environment) const;

  const std::string suite_ = "agent-valuebench";
  const std::string directory_;  // absolute
  const ToolSchemaFamily family_;
  AgentValueBenchTexts texts_;
  std::vector<Case> cases_;
  std::vector<TaskRef> refs_;
  std::vector<std::string> notes_;
  std::vector<std::string> differences_;
  std::string cases_digest_;      // of all case files, in order
  std::string rubrics_digest_;    // of all rubric files, in order
  std::string machinery_digest_;  // of BaseEnv.py, EnvManager.py and __init__.py
  std::map<std::string, EnvironmentFiles> environments_;
  // The last environments parsed; the oldest goes first.
  mutable std::vector<std::pair<std::string, std::shared_ptr<const ParsedEnvironment>>> parsed_;
};

}  // namespace axiometer
