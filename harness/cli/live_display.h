#pragma once

#include <string>
#include <utility>
#include <vector>

#include "environments/environment.h"
#include "harness/cli/options.h"
#include "harness/io/clock.h"
#include "harness/run/progress.h"

namespace axiometer {

// Progress on standard error while a run goes on: redrawn in place on a terminal; otherwise a line
// every 10 s, every 10 min while nothing changes; nothing with Display::kNone. Ends when its
// coroutine is cancelled.
class LiveDisplay {
 public:
  LiveDisplay(Clock& clock, Display display, const Progress& progress,
              std::vector<std::pair<std::string, const Model*>> endpoints, const EnvironmentHost* host);

  Async<> Show();

 private:
  void Draw();
  void SayChange();
  void Clear();

  Clock& clock_;
  const Display display_;
  const Progress& progress_;
  const std::vector<std::pair<std::string, const Model*>> endpoints_;
  const EnvironmentHost* host_;
  const int64_t started_ms_;
  size_t drawn_ = 0;  // lines on the screen
  std::string said_;  // the last line, without its time
  int64_t said_ms_ = 0;
};

// Whether this descriptor is a terminal on which lines can be drawn anew.
bool CanRedraw(int descriptor);

// Columns of the terminal on this descriptor, 40 to 200; 80 if it is none.
int TerminalWidth(int descriptor);

// Whether this descriptor is a terminal that shows colours, and nobody forbade them: NO_COLOR is set and not
// empty (no-color.org), or TERM is "dumb".
bool UsesColor(int descriptor);

}  // namespace axiometer
