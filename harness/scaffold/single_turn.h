#pragma once

#include "harness/scaffold/scaffold.h"

namespace axiometer {

// One generation without tools, then the end: for questions that are answered, not acted on. A blank
// reply to one of those (kLabel, kChoice, kGenerate) is finished, like any other.
class SingleTurn : public Scaffold {
 public:
  const char* name() const override { return "single_turn"; }
  bool acts() const override { return false; }
  RequestFrame Frame(const Task&) const override { return {}; }
  Step Next(const Task& task, const Trajectory& trajectory) const override;
};

}  // namespace axiometer
