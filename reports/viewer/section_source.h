#pragma once

#include <memory>
#include <string>
#include <vector>

namespace axiometer {

// The sections of a report or a comparison: more work than a page may wait for.
struct WorkedSections {
  enum class State { kWorking, kReady, kFailed };
  State state = State::kWorking;
  // ToHtmlSections; while it is worked out anew, what was there before, if anything was.
  std::shared_ptr<const std::string> json;
  std::string problem;                      // kFailed: what the program said
};

// Who works them out, beside the pages.
class SectionSource {
 public:
  virtual ~SectionSource() = default;
  // `arguments`: "report" and a run's id, or "compare", two ids or more and options. `stamp`: what the answer rests on;
  // with another one it is worked out anew, and what was there is given until then.
  virtual WorkedSections Get(const std::vector<std::string>& arguments, const std::string& stamp) = 0;
  // What is there already, if anything is; nothing is begun.
  virtual WorkedSections Peek(const std::vector<std::string>& arguments) = 0;
};

}  // namespace axiometer
