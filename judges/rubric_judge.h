#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "judges/judge.h"

namespace axiometer {

// One question as the judge's model sees it. Ids are neutral and poles alternate, in an order drawn
// from the task's digest, so that neither names nor places favour a pole.
struct AskedItem {
  std::string id;  // "q1", "q2", … by place
  const RubricItem* item = nullptr;
};

// The items of the task that no mechanical check decides, in the order asked, which a probe of order reverses.
// Points into `task`.
std::vector<AskedItem> AskedItems(const Task& task, std::optional<JudgeProbe> probe = std::nullopt);

// Verdicts of the items that a check decides, in rubric order: 2 if it holds, 0 if not, no score if
// it cannot be decided.
std::vector<Verdict> MechanicalVerdicts(const Task& task, const Trajectory& trajectory);

// The rubric judge of our own suites. A template holds {{ITEMS}}, {{TRANSCRIPT}} and {{MARK}}, the
// first two once. Reading: the reply is one JSON object, alone, fenced or within prose; every item
// once; scores 0, 1, 2 as numbers or text; events that exist, at least one where the score is not
// 0; a rationale. Anything else is unreadable and asked again.
class RubricJudge : public Judge {
 public:
  static Result<std::unique_ptr<Judge>> Make(const std::string& prompt);

  const char* protocol() const override { return protocol_.c_str(); }
  const std::string& prompt_digest() const override { return digest_; }
  std::unique_ptr<Judge> Probed(JudgeProbe probe) const override;
  std::optional<JudgeRequest> Ask(const Task& task, const Trajectory& trajectory) const override;
  JudgeReading Read(const Task& task, const Trajectory& trajectory,
                    const std::string& reply) const override;
  Judgement Conclude(const Task& task, const Trajectory& trajectory,
                     const JudgeReading* reading) const override;

 private:
  explicit RubricJudge(const std::string& prompt);

  std::string prompt_;
  std::string digest_;
  std::string protocol_ = "axiometer";
  std::optional<JudgeProbe> probe_;
};

}  // namespace axiometer
