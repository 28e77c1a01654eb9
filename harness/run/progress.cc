#include "harness/run/progress.h"

#include <algorithm>
#include <cstdio>

namespace axiometer {
namespace {

template <class... Arguments>
std::string Format(const char* format, Arguments... arguments) {
  char buffer[512];
  std::snprintf(buffer, sizeof buffer, format, arguments...);
  return buffer;
}

// Cut to `width` bytes without splitting a UTF-8 sequence; our own texts are short and ASCII, only
// names may be cut.
std::string Fit(std::string text, int width) {
  if (static_cast<int>(text.size()) <= width) return text;
  size_t end = std::max(0, width - 3);
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  text.resize(end);
  return text + "...";
}

std::string Bar(int64_t done, int64_t wanted, int width) {
  const int filled = wanted == 0 ? width : static_cast<int>(done * width / wanted);
  return "[" + std::string(filled, '#') + std::string(width - filled, '.') + "]";
}

// Samples a minute; samples differ in length, so the mean of the whole session is the steadiest.
double Rate(const Progress& progress, int64_t elapsed_ms) {
  return elapsed_ms <= 0 ? 0 : static_cast<double>(progress.done) * 60'000 / static_cast<double>(elapsed_ms);
}

std::string TimeLeft(const Progress& progress, int64_t elapsed_ms) {
  const double rate = Rate(progress, elapsed_ms);
  const int64_t left = progress.wanted - progress.done_before - progress.done;
  if (left <= 0) return "0:00";
  if (rate <= 0 || progress.done < 2) return "?";
  return ShortTime(static_cast<int64_t>(static_cast<double>(left) / rate * 60'000));
}

std::string Outcomes(const Progress& progress) {
  std::string text;
  for (const auto& [name, count] : progress.outcomes) {
    if (!text.empty()) text += ", ";
    text += name + " " + std::to_string(count);
  }
  if (progress.unjudged > 0) text += ", not scored by a judge " + std::to_string(progress.unjudged);
  return text;
}

std::string Spent(const Progress& progress) {
  std::string text = ShortCount(progress.usage.input_tokens) + " in + " +
                     ShortCount(progress.usage.output_tokens) + " out tokens";
  if (progress.usage.cost_usd) text += Format(", $%.2f", *progress.usage.cost_usd);
  text += ", " + ShortCount(progress.calls) + " calls";
  if (progress.cached_calls > 0) text += " (" + ShortCount(progress.cached_calls) + " from the store)";
  return text;
}

}  // namespace

std::string ShortCount(int64_t count) {
  if (count >= 999'950) return Format(count < 9'995'000 ? "%.2f M" : "%.1f M", static_cast<double>(count) / 1e6);
  if (count >= 10'000) return Format("%.1f k", static_cast<double>(count) / 1e3);
  if (count >= 1'000) return Format("%d,%03d", static_cast<int>(count / 1000), static_cast<int>(count % 1000));
  return std::to_string(count);
}

std::string ShortTime(int64_t ms) {
  const int64_t seconds = ms / 1000;
  if (seconds >= 3600) {
    return Format("%d:%02d:%02d", static_cast<int>(seconds / 3600), static_cast<int>(seconds / 60 % 60),
                  static_cast<int>(seconds % 60));
  }
  return Format("%d:%02d", static_cast<int>(seconds / 60), static_cast<int>(seconds % 60));
}

std::vector<std::string> ProgressLines(const Progress& progress,
                                       const std::vector<std::pair<std::string, EndpointState>>& endpoints,
                                       int64_t elapsed_ms, int width) {
  const int64_t done = progress.done_before + progress.done;
  std::vector<std::string> lines;
  lines.push_back(Fit(progress.suite + "  " + progress.model, width));
  lines.push_back(Fit(Bar(done, progress.wanted, std::clamp(width - 56, 10, 40)) + " " + ShortCount(done) +
                          "/" + ShortCount(progress.wanted) +
                          Format("  %.0f/min", Rate(progress, elapsed_ms)) + "  " + ShortTime(elapsed_ms) +
                          "  left " + TimeLeft(progress, elapsed_ms),
                      width));
  std::string running = Format("running %d: %d at the model, %d in tools, %d judged, %d starting",
                               progress.live(), progress.running[1], progress.running[2],
                               progress.running[3], progress.running[0]);
  if (progress.sandboxes_waiting > 0) running += Format(" (%d wait for a sandbox)", progress.sandboxes_waiting);
  lines.push_back(Fit(running, width));
  for (const auto& [name, state] : endpoints) {
    if (state.limit == 0) continue;
    std::string line = name + Format(": %d of %d in flight", state.in_flight, state.limit);
    if (state.waiting > 0) line += Format(", %d wait", state.waiting);
    if (state.paused_for_ms > 0) line += ", paused " + ShortTime(state.paused_for_ms + 999) + " (rate limit)";
    if (state.rate_limited > 0) line += ", " + ShortCount(state.rate_limited) + " rate limited";
    if (state.retries > 0) line += ", " + ShortCount(state.retries) + " retries";
    lines.push_back(Fit(line, width));
    if (state.retries > 0 && !state.last_error.empty()) {
      lines.push_back(Fit("  last error: " + state.last_error, width));
    }
  }
  lines.push_back(Fit(Spent(progress), width));
  if (!progress.outcomes.empty()) lines.push_back(Fit(Outcomes(progress), width));
  if (progress.draining) lines.push_back(Fit("finishing what runs; Ctrl-C again stops at once", width));
  return lines;
}

std::string ProgressLine(const Progress& progress, int64_t elapsed_ms) {
  const int64_t done = progress.done_before + progress.done;
  std::string line = ShortTime(elapsed_ms) + " " + progress.suite + " " + progress.model + ": " +
                     std::to_string(done) + "/" + std::to_string(progress.wanted) + " done, " +
                     std::to_string(progress.live()) + " running, " +
                     Format("%.0f/min", Rate(progress, elapsed_ms)) + ", left " +
                     TimeLeft(progress, elapsed_ms) + "; " + Spent(progress);
  if (!progress.outcomes.empty()) line += "; " + Outcomes(progress);
  return line;
}

}  // namespace axiometer
