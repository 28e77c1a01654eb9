#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace axiometer {

// The label that more than half of the epochs gave; nullopt if none did. With one epoch, its label.
std::optional<int> MajorityLabel(std::span<const int> epochs);

// Tasks whose outcome another subject turns over, beside what repeating the subjects would turn
// over.
struct Flips {
  int64_t tasks = 0;      // of both subjects
  int64_t undecided = 0;  // of those, without a majority on a side: no flip
  int64_t flips = 0;
  // Flips to expect between two repetitions of one and the same subject, the mean of both, from the
  // spread of its epochs. Absent if no task has two epochs on both sides: nothing is known of
  // noise. `noise_tasks` are the tasks that it is about.
  std::optional<double> expected;
  int64_t noise_tasks = 0;
};

// Labels (winner, answer, pole) of one task, one an epoch; at least one on each side.
struct LabelledPair {
  std::vector<int> first;
  std::vector<int> second;
};

// Flip: both sides have a majority and the labels differ. Expected: epochs are drawn anew with
// their observed shares, as many as there are; with few epochs those shares are rough.
Flips CountLabelFlips(std::span<const LabelledPair> tasks);

// Scores of one task in [0, 1], one an epoch; at least one on each side.
struct ScoredPair {
  std::vector<double> first;
  std::vector<double> second;
};

// Flip: the means differ by half the range or more, and more than half of the epochs of either side
// lie that far from the other's mean, in the same direction; where these majorities are wanting,
// the task is undecided. Expected: two means of as many epochs, normal with the variance seen
// within the task.
Flips CountScoreFlips(std::span<const ScoredPair> tasks);

}  // namespace axiometer
