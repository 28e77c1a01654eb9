#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "harness/model/model.h"
#include "harness/record/outcome.h"
#include "harness/record/usage.h"

namespace axiometer {

// What a running sample is doing now.
enum class Phase { kStarting, kModel, kTools, kJudging };

// The state of a run as people watch it; plain counters that the runner keeps.
struct Progress {
  std::string suite;
  std::string model;
  int64_t wanted = 0;
  int64_t done_before = 0;  // samples that earlier sessions finished
  int64_t done = 0;         // in this session
  std::map<std::string, int64_t> outcomes;  // of this session, by name
  int64_t begun_again = 0;  // attempts of this session in place of ones whose sandbox ended
  int64_t unjudged = 0;     // judgements of this session that are no scores
  int running[4] = {0, 0, 0, 0};  // by Phase
  int sandboxes_waiting = 0;
  Usage usage;              // of all calls of this session
  int64_t calls = 0;
  int64_t cached_calls = 0;
  bool draining = false;

  int live() const { return running[0] + running[1] + running[2] + running[3]; }
};

// Marks one sample's phase for as long as it lives.
class PhaseMark {
 public:
  PhaseMark(Progress& progress, Phase phase) : progress_(progress), phase_(phase) { Count(1); }
  PhaseMark(const PhaseMark&) = delete;
  PhaseMark& operator=(const PhaseMark&) = delete;
  ~PhaseMark() { Count(-1); }
  void Move(Phase phase) {
    Count(-1);
    phase_ = phase;
    Count(1);
  }

 private:
  void Count(int by) { progress_.running[static_cast<int>(phase_)] += by; }
  Progress& progress_;
  Phase phase_;
};

// The live display, one string a line, each at most `width` columns: done, running, waiting and
// why, rate, tokens, cost, time left. `elapsed_ms` is of this session.
std::vector<std::string> ProgressLines(const Progress& progress,
                                       const std::vector<std::pair<std::string, EndpointState>>& endpoints,
                                       int64_t elapsed_ms, int width);

// The same in one line, for logs.
std::string ProgressLine(const Progress& progress, int64_t elapsed_ms);

// "1,234", "12.3 k", "4.5 M"; "1:02:03", "4:05".
std::string ShortCount(int64_t count);
std::string ShortTime(int64_t ms);

}  // namespace axiometer
