#pragma once

#include <functional>
#include <memory>
#include <string>

#include "environments/environment.h"
#include "environments/zygote.h"

namespace axiometer {

// One instance as an Environment: puts the questions, checks and reads the answers. `gone` is
// called once, as soon as the instance is killed or found dead, at the latest by the destructor.
class PythonWorker : public Environment {
 public:
  PythonWorker(Instance instance, const EnvironmentLimits& limits, std::function<void()> gone);
  ~PythonWorker() override;

  // The first exchange: hands over the JSON object `first` (without its id) and waits until the
  // instance is ready (kAnswered, no content) or has answered (a script's output).
  Async<CallResult> Begin(std::string first, int64_t deadline_ms);
  Async<CallResult> Call(const std::string& tool, const std::string& arguments) override;
  Async<CallResult> State() override;

  int pidfd() const { return instance_ ? instance_->pidfd() : -1; }

 private:
  Async<CallResult> Ask(std::string question, int64_t deadline_ms);
  CallResult Read(const std::string& text, const std::string& id) const;
  void End();

  std::unique_ptr<Instance> instance_;
  const EnvironmentLimits limits_;
  std::function<void()> gone_;
};

// Deepest nesting of brackets outside strings in a JSON text.
int NestingDepth(std::string_view json);

}  // namespace axiometer
