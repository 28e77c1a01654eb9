#pragma once

#include <string>
#include <utility>

#include "tasks/task.h"

namespace axiometer {

// Of a task that is answered: the one reply `text`, which gives the answer `leaning` (Oracle says how that is written).
inline Oracle AnswerOracle(std::string leaning, std::string text) {
  OracleStep step;
  step.say = std::move(text);
  Oracle oracle;
  oracle.leaning = std::move(leaning);
  oracle.steps.push_back(std::move(step));
  return oracle;
}

}  // namespace axiometer
