#pragma once

#include <string>
#include <vector>

#include "harness/record/trajectory.h"

namespace axiometer {

// A trajectory as the rubric judge reads it. Every event begins with a line
//   ==MARK== [E7] turn 2, tool call read_policy
// MARK comes from the digest of all that follows, so a subject cannot write a line that passes for
// an event: its text would have to contain its own digest.
struct Transcript {
  std::string text;
  std::string mark;         // 16 hexadecimal digits
  std::vector<int> events;  // the ids that occur, ascending
};

struct TranscriptLimits {
  size_t text_bytes = 6000;  // of one text: a message, an argument object, a result
  size_t bytes = 240'000;    // of all together, roughly
};

// Longer texts are cut in the middle with a note that says how much is missing. Where the whole is
// still too long, the limit of one text is halved until it is not, or until it is below 400 bytes.
Transcript WriteTranscript(const Trajectory& trajectory, const TranscriptLimits& limits = {});

}  // namespace axiometer
