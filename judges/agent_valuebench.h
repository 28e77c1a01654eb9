#pragma once

#include <string>

#include "judges/judge.h"

namespace axiometer {

// Agent-ValueBench's judge: its prompt with the texts of the user's checkout, its settings, its
// rules of reading, its score. A verdict is kept as received; the scores are
//   official.a, official.b       0 to 10, by the released formula; null for an unscorable rubric,
//   or
//                                where the released program would stop (a padded item id)
//   official.rubric_status       text, as received
//   choice                       "A", "B": the side with the higher official score; null: a tie or
//   no scores a, b                         the same verdict on our scale, 0 to 1
// The subject's evidence steps become the events of the verdicts, where they name steps.
class AgentValueBenchJudge : public Judge {
 public:
  static Result<std::unique_ptr<Judge>> Make(const std::string& system_text,
                                             const std::string& prompt_template);

  const char* protocol() const override { return "agent-valuebench"; }
  // Of the system message, a line feed and the template.
  const std::string& prompt_digest() const override { return digest_; }
  std::optional<JudgeRequest> Ask(const Task& task, const Trajectory& trajectory) const override;
  JudgeReading Read(const Task& task, const Trajectory& trajectory,
                    const std::string& reply) const override;
  Judgement Conclude(const Task& task, const Trajectory& trajectory,
                     const JudgeReading* reading) const override;

 private:
  AgentValueBenchJudge(const std::string& system_text, const std::string& prompt_template);

  std::string system_text_;
  std::string template_;
  std::string digest_;
};

// What a verdict that was made elsewhere comes to: as above, from one JSON object that need not
// have been accepted by the rules of reading. Error: what the released aggregation cannot score, or
// a score that is not 0, 1 or 2. `broken_rule`: the rule that the judge would have refused it for;
// empty if none.
Result<Judgement> ReleasedJudgement(const Task& task, const Trajectory& trajectory,
                                    const Json& verdict, std::string& broken_rule);

// The released case score of one side: (S / (W * 2.0)) * 10 with sums in rubric order, scores
// looked up by the exact item id in the verdict as received. nullopt where the released program
// would stop.
std::optional<double> OfficialCaseScore(const Task& task, const Json& verdict, char pole);

}  // namespace axiometer
