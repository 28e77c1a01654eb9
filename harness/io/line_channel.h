#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/base/result.h"
#include "harness/io/loop.h"
#include "harness/io/task.h"

namespace axiometer {

// Owns one descriptor.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept;
  ~Descriptor();
  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

// A connected pair of stream sockets, close-on-exec.
Result<std::pair<Descriptor, Descriptor>> MakeSocketPair();

// A pipe, close-on-exec: where it is read and where it is written.
Result<std::pair<Descriptor, Descriptor>> MakePipe();

enum class LineStatus { kLine, kClosed, kTimeout, kTooLong, kCancelled };

struct Line {
  LineStatus status = LineStatus::kClosed;
  std::string text;                     // without the line feed; empty unless kLine
  std::vector<Descriptor> descriptors;  // that came with it (SCM_RIGHTS)
};

// Lines of text over a stream socket or pipe, read with a bound and a deadline. One reader and one
// writer at a time.
class LineChannel {
 public:
  LineChannel(Loop& loop, Descriptor fd, size_t max_line_bytes);
  LineChannel(LineChannel&&) noexcept;
  LineChannel& operator=(LineChannel&&) noexcept;
  ~LineChannel();

  // `deadline_ms` from now; after anything but kLine the channel is spoiled and only good to close.
  Async<Line> Read(int64_t deadline_ms);
  // Whether the peer has said something that was not read yet.
  bool pending();
  // Writes `line` and a line feed, with descriptors (not consumed; at most 8, over a socket only)
  // if any. False: the peer is gone, the deadline passed or the coroutine was cancelled. `line`
  // must outlive the task.
  Async<bool> Write(std::string_view line, int64_t deadline_ms, std::vector<int> descriptors = {});

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Waits until `fd` can be read: data, the end, or for a pidfd the end of its process. False:
// deadline or cancelled.
Async<bool> WaitReadable(Loop& loop, int fd, int64_t deadline_ms);

}  // namespace axiometer
