#include "environments/complaints.h"

namespace axiometer {
namespace {

constexpr size_t kMostComplaints = 20;
constexpr int64_t kComplaintMs = 1'000;

}  // namespace

Async<std::string> Complaints(LineChannel& channel) {
  std::string text;
  for (size_t i = 0; i < kMostComplaints; ++i) {
    const Line line = co_await channel.Read(kComplaintMs);
    if (line.status != LineStatus::kLine) break;
    if (line.text.empty()) continue;
    if (!text.empty()) text += "; ";
    text += line.text;
  }
  co_return text.empty() ? "it ended without a word" : text;
}

}  // namespace axiometer
