#include "harness/scaffold/single_turn.h"

#include "harness/scaffold/reply.h"

namespace axiometer {

Step SingleTurn::Next(const Task&, const Trajectory& trajectory) const {
  const Event* reply = LastReply(trajectory);
  if (reply == nullptr) return GenerateStep{};
  return FinishWith(*reply);
}

}  // namespace axiometer
