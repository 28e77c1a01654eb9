#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "harness/base/result.h"
#include "harness/io/loop.h"
#include "harness/io/task.h"

namespace axiometer {

struct ChildSpec {
  std::string program;                   // absolute path
  std::vector<std::string> arguments;    // without argv[0]
  std::vector<std::string> environment;  // NAME=value, complete: nothing is inherited
  // Descriptor number in the child, descriptor here. 0, 1 and 2 that are not named are /dev/null.
  // Nothing else reaches the child.
  std::vector<std::pair<int, int>> descriptors;
  std::string directory;  // working directory; empty: "/"
};

struct ChildExit {
  int status = 0;  // exit status, if signal == 0
  int signal = 0;  // the signal that ended it
};

// A running program in a process group of its own, which dies with us; what is left of the group
// when the program ends is killed. It ignores SIGTERM, SIGINT and SIGHUP unless it says otherwise. Destroying it kills the group; it is reaped by and by.
class Child {
 public:
  static Result<Child> Start(Loop& loop, const ChildSpec& spec);
  Child(Child&&) noexcept;
  Child& operator=(Child&&) noexcept;
  ~Child();

  int pid() const;
  // How it ended; later calls return the same answer. One waiter at a time. A cancelled wait
  // returns zeros while running() is still true.
  Async<ChildExit> Wait();
  bool running() const;       // not reaped yet
  void Kill(int signal = 9);  // the whole group; nothing happens once it has been reaped

 private:
  struct Impl;
  explicit Child(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace axiometer
