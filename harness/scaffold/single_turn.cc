#include "harness/scaffold/single_turn.h"

#include "harness/scaffold/reply.h"

namespace axiometer {

Step SingleTurn::Next(const Task& task, const Trajectory& trajectory) const {
  const Event* reply = LastReply(trajectory);
  if (reply == nullptr) return GenerateStep{};
  FinishStep finish = FinishWith(*reply);
  // Published benchmarks have a rule of their own for a blank answer: it is one, and goes to their parser.
  if (task.kind != TaskKind::kAgent && finish.outcome == Outcome::kEmptyReply) {
    finish = {Outcome::kFinished, VisibleText(reply->message), ""};
  }
  return finish;
}

}  // namespace axiometer
