#include "harness/run/progress.h"

#include <algorithm>
#include <cstdio>

#include "harness/base/utf8.h"

namespace axiometer {
namespace {

template <class... Arguments>
std::string Format(const char* format, Arguments... arguments) {
  char buffer[512];
  std::snprintf(buffer, sizeof buffer, format, arguments...);
  return buffer;
}

// Harmless and cut to `width` cells, for what is as long as a name.
std::string Fit(const std::string& raw, int width) {
  const std::string text = ForTerminal(raw);
  if (static_cast<int>(DisplayWidth(text)) <= width) return text;
  std::string out;
  int used = 0;
  for (const char32_t point : CodePoints(text)) {
    const std::string character = EncodeUtf8(std::u32string_view(&point, 1));
    used += static_cast<int>(DisplayWidth(character));
    if (used > width - 3) break;
    out += character;
  }
  return out + "...";
}

// Our own words and numbers, broken between `parts` where they are wider than the screen.
void AddPacked(const std::vector<std::string>& parts, const std::string& between, int width,
               std::vector<std::string>& lines) {
  std::string line;
  for (const std::string& part : parts) {
    const bool fits = static_cast<int>(DisplayWidth(line + between + part)) <= width;
    if (!line.empty() && !fits) {
      lines.push_back(Fit(line, width));
      line = "  ";
    } else if (!line.empty()) {
      line += between;
    }
    line += part;
  }
  if (!line.empty()) lines.push_back(Fit(line, width));
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

std::vector<std::string> Outcomes(const Progress& progress) {
  std::vector<std::string> parts;
  for (const auto& [name, count] : progress.outcomes) parts.push_back(name + " " + std::to_string(count));
  if (progress.begun_again > 0) parts.push_back("begun again " + std::to_string(progress.begun_again));
  if (progress.unjudged > 0) parts.push_back("not scored by a judge " + std::to_string(progress.unjudged));
  return parts;
}

std::vector<std::string> Spent(const Progress& progress) {
  std::vector<std::string> parts{ShortCount(progress.usage.input_tokens) + " in + " +
                                 ShortCount(progress.usage.output_tokens) + " out tokens"};
  if (progress.usage.cost_usd) parts.push_back(Format("$%.2f", *progress.usage.cost_usd));
  parts.push_back(ShortCount(progress.calls) + " calls");
  if (progress.cached_calls > 0) parts.back() += " (" + ShortCount(progress.cached_calls) + " from the store)";
  return parts;
}

std::string Joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : ", ") + part;
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
  AddPacked({Bar(done, progress.wanted, std::clamp(width - 56, 10, 40)) + " " + ShortCount(done) + "/" +
                 ShortCount(progress.wanted),
             Format("%.0f/min", Rate(progress, elapsed_ms)), ShortTime(elapsed_ms),
             "left " + TimeLeft(progress, elapsed_ms)},
            "  ", width, lines);
  std::vector<std::string> running{Format("running %d: %d at the model", progress.live(), progress.running[1]),
                                   Format("%d in tools", progress.running[2]),
                                   Format("%d judged", progress.running[3]),
                                   Format("%d starting", progress.running[0])};
  if (progress.sandboxes_waiting > 0) running.back() += Format(" (%d wait for a sandbox)", progress.sandboxes_waiting);
  AddPacked(running, ", ", width, lines);
  for (const auto& [name, state] : endpoints) {
    if (state.limit == 0) continue;
    const std::string in_flight = Format("%d of %d in flight", state.in_flight, state.limit);
    const int room = std::max(8, width - 2 - static_cast<int>(in_flight.size()));
    std::vector<std::string> parts{Fit(name, room) + ": " + in_flight};
    if (state.waiting > 0) parts.push_back(Format("%d wait", state.waiting));
    if (state.paused_for_ms > 0) parts.push_back("paused " + ShortTime(state.paused_for_ms + 999) + " (rate limit)");
    if (state.rate_limited > 0) parts.push_back(ShortCount(state.rate_limited) + " rate limited");
    if (state.retries > 0) parts.push_back(ShortCount(state.retries) + " retries");
    AddPacked(parts, ", ", width, lines);
    if (state.retries > 0 && !state.last_error.empty()) {
      lines.push_back(Fit("  last error: " + state.last_error, width));
    }
  }
  AddPacked(Spent(progress), ", ", width, lines);
  AddPacked(Outcomes(progress), ", ", width, lines);
  if (progress.draining) AddPacked({"finishing what runs", "Ctrl-C again stops at once"}, "; ", width, lines);
  return lines;
}

std::string ProgressLine(const Progress& progress, int64_t elapsed_ms) {
  const int64_t done = progress.done_before + progress.done;
  std::string line = ShortTime(elapsed_ms) + " " + progress.suite + " " + progress.model + ": " +
                     std::to_string(done) + "/" + std::to_string(progress.wanted) + " done, " +
                     std::to_string(progress.live()) + " running, " +
                     Format("%.0f/min", Rate(progress, elapsed_ms)) + ", left " +
                     TimeLeft(progress, elapsed_ms) + "; " + Joined(Spent(progress));
  if (const std::string ended = Joined(Outcomes(progress)); !ended.empty()) line += "; " + ended;
  return line;
}

}  // namespace axiometer
