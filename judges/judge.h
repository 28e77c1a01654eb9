#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/result.h"
#include "harness/record/message.h"
#include "harness/record/probe.h"
#include "harness/record/run_spec.h"
#include "harness/record/score.h"
#include "harness/record/trajectory.h"
#include "tasks/task.h"

namespace axiometer {

// What a judge asks of its model: one request a sample.
struct JudgeRequest {
  std::vector<Message> messages;
  std::string response_format;  // JSON object; empty: none
  Generation generation;        // the protocol's own settings; the user's override them
  int max_tries = 1;            // the same request is sent again until a reply can be read, at most so often
};

// How one reply was read.
struct JudgeReading {
  bool accepted = false;
  // kScored, kRefused or kUnscorable if accepted; else kUnreadable, or kRefused where the rubric judge said nothing.
  JudgementStatus status = JudgementStatus::kUnreadable;
  std::string problem;            // which rule the reply broke
  std::vector<Verdict> verdicts;  // of the judge alone
  std::string raw;                // the verdict object as received, one JSON text
};

// A scorer of trajectories: builds requests and reads replies; no I/O. The parser of a published label
// benchmark is one that never asks.
class Judge {
 public:
  virtual ~Judge() = default;
  virtual const char* protocol() const = 0;         // "axiometer", "agent-valuebench"
  virtual const std::string& prompt_digest() const = 0;
  // The same judge under a probe; null: it cannot be probed.
  virtual std::unique_ptr<Judge> Probed(JudgeProbe) const { return nullptr; }

  // Nothing to ask (every item has a mechanical check; the parser of a label benchmark): nullopt.
  virtual std::optional<JudgeRequest> Ask(const Task& task, const Trajectory& trajectory) const = 0;
  // `reply` is the text of the model's answer.
  virtual JudgeReading Read(const Task& task, const Trajectory& trajectory,
                            const std::string& reply) const = 0;
  // Verdicts of all items (mechanical and judged, in rubric order) and the scores that follow.
  // `reading` is null if nothing was asked. The status is kScored only if every item has a score.
  virtual Judgement Conclude(const Task& task, const Trajectory& trajectory,
                             const JudgeReading* reading) const = 0;
};

// The rubric judge of our own suites; `prompt` is the template's text (judges/prompts/rubric.txt or
// --judge-prompt).
Result<std::unique_ptr<Judge>> MakeRubricJudge(const std::string& prompt);

// The Agent-ValueBench protocol, with the texts from the user's checkout.
Result<std::unique_ptr<Judge>> MakeAgentValueBenchJudge(const std::string& system_text,
                                                        const std::string& prompt_template);

// Share of the pole's points: sum of weight * score over sum of weight * 2, in [0, 1]. nullopt if an
// item of the pole has no score or the pole has no items.
std::optional<double> PoleShare(const std::vector<Verdict>& verdicts, char pole);

}  // namespace axiometer
