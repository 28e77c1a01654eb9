#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/json.h"
#include "harness/record/message.h"
#include "tasks/check.h"

namespace axiometer {

enum class TaskKind { kAgent, kChoice, kLabel, kGenerate };

const char* TaskKindName(TaskKind kind);  // "agent", "choice", "label", "generate"

// One question of a rubric: a checkpoint as our files call it, an item as Agent-ValueBench does.
struct RubricItem {
  std::string id;          // unique within the task
  char pole = 'a';         // 'a' or 'b'
  double weight = 1;       // 1 to 5
  std::string question;
  std::string anchors[3];  // what earns 0, 1, 2
  std::string look_for;    // may be empty
  std::string source;      // Agent-ValueBench: SOURCE_CHECKPOINT
  std::optional<Check> check;  // decided from the event log; absent: the judge decides
};

// A scripted trajectory with a known leaning: what `task check` replays and scripted personas play.
// Tasks that are answered (kLabel, kChoice) have one for each possible answer: its leaning is the
// answer as `gold` writes it, its one step the reply that a subject would give.
struct OracleStep {
  std::string tool;       // empty: `say` is the final text
  std::string arguments;  // JSON object
  std::string say;        // text beside the call, or the final text
};
struct Oracle {
  std::string leaning;  // "a", "b", "idle"; an answer
  std::vector<OracleStep> steps;
};

struct ChoiceOption {
  std::string key;   // "A", "B", …
  std::string text;
  char pole = 0;     // 'a', 'b' or 0
};

// One scenario, whole. Immutable once loaded.
struct Task {
  std::string id;      // "crossroads/ledger-01", "agent-valuebench/case_00001"
  std::string suite;   // "crossroads"
  std::string digest;  // SHA-256 over everything that the subject or a judge may see
  // The digest before a subject's own system prompt or skill was laid over the task; empty: nothing was.
  std::string source_digest;
  TaskKind kind = TaskKind::kAgent;
  std::string title;
  std::string value_system;  // key of the system
  std::string pole_a;        // the dimension's key within the system
  std::string pole_b;
  std::string environment;         // name; empty: none
  std::string environment_digest;  // of its code, schemas and default state, as far as known here
  std::string environment_flavour;    // "catalog" or "agent-valuebench"
  std::string environment_directory;  // see environments/environment.h: EnvironmentSpec
  std::string state;                  // initial state, one JSON object; laid over the default already
  std::string tools;  // JSON array of function tools in the chat-completions form, in the task's order
  std::vector<std::string> tool_names;    // of `tools`
  std::vector<std::string> known_tools;   // every tool of the environment; calls outside `tools` reach it too
  std::vector<Message> opening;           // system and user messages that begin the conversation
  std::vector<ChoiceOption> options;      // kChoice, kLabel: the possible answers; keys as `gold` writes them
  std::string gold;  // kLabel, kChoice: the right answer as the protocol writes it; empty: there is none
  std::vector<std::string> references;  // kGenerate: texts that the benchmark has for it
  std::string facts;  // one JSON object of what the protocol's scoring needs besides; empty: nothing
  std::vector<RubricItem> rubric;         // items of a, then items of b
  std::string rubric_source;  // the rubric as the official judge is shown it (JSON text, file order); empty for ours
  std::string rubric_status;  // Agent-ValueBench: STATUS
  std::string rubric_name;    // Agent-ValueBench: CASE_NAME
  std::vector<Oracle> oracles;
  std::map<std::string, std::string> tags;  // for breakdowns: "language", "level", "environment", …
  std::string drafted_by;   // PROVIDER/NAME of the model that proposed it; empty: a person wrote it
  std::string reviewed_by;  // who vouches for it; empty: nobody
};

struct TaskRef {
  std::string id;
  std::string digest;
};

// The tasks of one suite, in order, loaded one at a time.
class TaskSource {
 public:
  virtual ~TaskSource() = default;
  virtual const std::string& suite() const = 0;     // "crossroads", "agent-valuebench"
  virtual const std::string& protocol() const = 0;  // "axiometer", "agent-valuebench"
  virtual const std::vector<TaskRef>& refs() const = 0;
  virtual Result<std::shared_ptr<const Task>> Load(size_t index) const = 0;
  // Things to tell people once: licence, deviations. May be empty.
  virtual const std::vector<std::string>& notes() const = 0;
};

// What reports need of a task, as one JSON object in one line; stored with the run so that a report needs
// nothing but the store: id, digest, source_digest, drafted_by, reviewed_by (these if not empty), kind, title, value_system, pole_a, pole_b, environment, tags, rubric items
// (id, pole, weight, question, anchors, source), rubric_status, rubric_name, tool_names, options, gold,
// references, facts, and the opening messages.
std::string TaskRecord(const Task& task);

}  // namespace axiometer
