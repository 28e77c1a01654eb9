#include "harness/cli/live_display.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "harness/base/utf8.h"

namespace axiometer {
namespace {

constexpr int64_t kQuietMs = 600'000;

std::string_view Variable(const char* name) {
  const char* text = std::getenv(name);
  return text == nullptr ? "" : text;
}

}  // namespace

int TerminalWidth(int descriptor) {
  winsize size{};
  if (ioctl(descriptor, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return std::clamp<int>(size.ws_col, 40, 200);
}

bool CanRedraw(int descriptor) { return isatty(descriptor) && Variable("TERM") != "dumb"; }

bool UsesColor(int descriptor) { return CanRedraw(descriptor) && Variable("NO_COLOR").empty(); }

LiveDisplay::LiveDisplay(Clock& clock, Display display, const Progress& progress,
                         std::vector<std::pair<std::string, const Model*>> endpoints, const EnvironmentHost* host)
    : clock_(clock),
      display_(display),
      progress_(progress),
      endpoints_(std::move(endpoints)),
      host_(host),
      started_ms_(clock.NowMs()) {}

Async<> LiveDisplay::Show() {
  if (display_ == Display::kNone) co_return;
  const int64_t pause_ms = display_ == Display::kFull ? 200 : 10'000;
  while (true) {
    const bool slept = co_await clock_.Sleep(pause_ms);
    if (!slept) break;
    display_ == Display::kFull ? Draw() : SayChange();
  }
  if (display_ == Display::kFull) {
    Clear();
  } else {
    Draw();
  }
}

// For a log: a batch may take a day.
void LiveDisplay::SayChange() {
  std::string now = ProgressLine(progress_, 0);
  const int64_t at_ms = clock_.NowMs();
  if (now == said_ && at_ms - said_ms_ < kQuietMs) return;
  said_ = std::move(now);
  said_ms_ = at_ms;
  Draw();
}

void LiveDisplay::Draw() {
  const int64_t elapsed_ms = clock_.NowMs() - started_ms_;
  if (display_ == Display::kPlain) {
    std::fprintf(stderr, "%s\n", ForTerminal(ProgressLine(progress_, elapsed_ms)).c_str());
    return;
  }
  std::vector<std::pair<std::string, EndpointState>> states;
  for (const auto& [name, model] : endpoints_) states.emplace_back(name, model->state());
  Progress shown = progress_;
  if (host_) shown.sandboxes_waiting = host_->waiting();
  const std::vector<std::string> lines = ProgressLines(shown, states, elapsed_ms, TerminalWidth(2) - 1);
  std::string screen;
  if (drawn_ > 0) screen += "\x1b[" + std::to_string(drawn_) + "F";
  for (const std::string& line : lines) screen += "\x1b[2K" + ForTerminal(line) + "\n";
  screen += "\x1b[J";
  drawn_ = lines.size();
  std::fwrite(screen.data(), 1, screen.size(), stderr);
  std::fflush(stderr);
}

void LiveDisplay::Clear() {
  if (drawn_ == 0) return;
  std::fprintf(stderr, "\x1b[%zuF\x1b[J", drawn_);
  std::fflush(stderr);
  drawn_ = 0;
}

}  // namespace axiometer
