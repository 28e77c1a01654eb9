#include "harness/io/line_channel.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <deque>
#include <optional>

#include "harness/io/rendezvous.h"

namespace axiometer {
namespace asio = boost::asio;

namespace {

constexpr size_t kMaxDescriptors = 8;          // in one message
constexpr size_t kMaxWaitingDescriptors = 32;  // for lines that are still to be read

using Executor = asio::io_context::executor_type;
using Stream = asio::posix::basic_stream_descriptor<Executor>;
using Timer = asio::basic_waitable_timer<std::chrono::steady_clock,
                                         asio::wait_traits<std::chrono::steady_clock>, Executor>;

enum class Ready { kYes, kTimeout, kCancelled };

// One wait for a descriptor, ended by whichever of descriptor and timer comes first; the other's
// handler comes later and still finds this. Reader and writer each have their own.
struct ReadyWait {
  explicit ReadyWait(Loop& loop) : done(loop), timer(loop.context()) {}

  void End(Ready how) {
    if (over) return;
    over = true;
    done.Deliver(how);
  }

  Rendezvous<Ready> done;
  Timer timer;
  asio::cancellation_signal stop;  // of the wait for the descriptor
  bool stream_waits = true;
  bool over = false;
};

Async<Ready> Await(Loop& loop, Stream& stream, asio::posix::descriptor_base::wait_type what,
                   int64_t deadline_ms) {
  const auto wait = std::make_shared<ReadyWait>(loop);
  wait->timer.expires_after(std::chrono::milliseconds(std::max<int64_t>(0, deadline_ms)));
  wait->timer.async_wait([wait](boost::system::error_code error) {
    if (!error) wait->End(Ready::kTimeout);
  });
  stream.async_wait(what, asio::bind_cancellation_slot(wait->stop.slot(),
                                                       [wait](boost::system::error_code error) {
                                                         wait->stream_waits = false;
                                                         if (!error) wait->End(Ready::kYes);
                                                       }));
  const std::optional<Ready> ready = co_await wait->done.Wait();
  wait->over = true;
  wait->timer.cancel();
  if (wait->stream_waits) wait->stop.emit(asio::cancellation_type::terminal);
  co_return ready.value_or(Ready::kCancelled);
}

int64_t NowMs() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  if (this != &other) {
    if (fd_ >= 0) close(fd_);
    fd_ = std::exchange(other.fd_, -1);
  }
  return *this;
}

Descriptor::~Descriptor() {
  if (fd_ >= 0) close(fd_);
}

Result<std::pair<Descriptor, Descriptor>> MakeSocketPair() {
  int fds[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0) {
    return Failed("socketpair", std::strerror(errno), "raise the limit on open files (ulimit -n)");
  }
  return std::pair<Descriptor, Descriptor>(Descriptor(fds[0]), Descriptor(fds[1]));
}

Result<std::pair<Descriptor, Descriptor>> MakePipe() {
  int fds[2];
  if (pipe2(fds, O_CLOEXEC) != 0) {
    return Failed("pipe", std::strerror(errno), "raise the limit on open files (ulimit -n)");
  }
  return std::pair<Descriptor, Descriptor>(Descriptor(fds[0]), Descriptor(fds[1]));
}

struct LineChannel::Impl {
  Impl(Loop& loop, Descriptor descriptor, size_t max_line_bytes)
      : loop(loop), stream(loop.context(), descriptor.release()), max_line_bytes(max_line_bytes) {
    const int fd = stream.native_handle();
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    int type = 0;
    socklen_t length = sizeof type;
    is_socket = getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length) == 0;
  }

  // As recvmsg or read: bytes, 0 at the end, -1 with errno. Descriptors that came are kept for the
  // line that the last byte belongs to: the kernel never joins what follows a message with
  // descriptors.
  ssize_t ReadSome(char* chunk, size_t size) {
    const int fd = stream.native_handle();
    if (!is_socket) return read(fd, chunk, size);
    iovec part{chunk, size};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int) * kMaxDescriptors)];
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    const ssize_t got = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
    if (got <= 0) return got;
    for (cmsghdr* header = CMSG_FIRSTHDR(&message); header;
         header = CMSG_NXTHDR(&message, header)) {
      if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
      const size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
      for (size_t i = 0; i < count; ++i) {
        int received;
        std::memcpy(&received, CMSG_DATA(header) + i * sizeof(int), sizeof received);
        Descriptor owned(received);
        if (descriptors.size() < kMaxWaitingDescriptors) {
          descriptors.emplace_back(taken + buffer.size() + static_cast<size_t>(got) - 1,
                                   std::move(owned));
        }
      }
    }
    return got;
  }

  // Reads on into `buffer`; not in a coroutine, whose frame would hold the chunk.
  ssize_t Fill() {
    char chunk[65536];
    const ssize_t got = ReadSome(chunk, sizeof chunk);
    if (got > 0) buffer.append(chunk, static_cast<size_t>(got));
    return got;
  }

  ssize_t WriteSome(std::string_view bytes, const std::vector<int>& passed) {
    const int fd = stream.native_handle();
    if (!is_socket) return write(fd, bytes.data(), bytes.size());
    iovec part{const_cast<char*>(bytes.data()), bytes.size()};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int) * kMaxDescriptors)];
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    if (!passed.empty()) {
      message.msg_control = control;
      message.msg_controllen = CMSG_SPACE(sizeof(int) * passed.size());
      cmsghdr* header = CMSG_FIRSTHDR(&message);
      header->cmsg_level = SOL_SOCKET;
      header->cmsg_type = SCM_RIGHTS;
      header->cmsg_len = CMSG_LEN(sizeof(int) * passed.size());
      std::memcpy(CMSG_DATA(header), passed.data(), sizeof(int) * passed.size());
    }
    return sendmsg(fd, &message, MSG_NOSIGNAL);
  }

  // The next whole line out of the buffer, with the descriptors that came with it.
  bool TakeLine(Line& line) {
    const size_t end = buffer.find('\n', scanned);
    if (end == std::string::npos) {
      scanned = buffer.size();
      return false;
    }
    line.text.assign(buffer, 0, end);
    buffer.erase(0, end + 1);
    scanned = 0;
    taken += end + 1;
    while (!descriptors.empty() && descriptors.front().first < taken) {
      line.descriptors.push_back(std::move(descriptors.front().second));
      descriptors.pop_front();
    }
    return true;
  }

  Loop& loop;
  Stream stream;
  size_t max_line_bytes;
  bool is_socket = false;
  std::string buffer;
  size_t taken = 0;                                       // bytes of the stream before `buffer`
  size_t scanned = 0;                                     // no line feed before this
  std::deque<std::pair<size_t, Descriptor>> descriptors;  // by the place of the byte they came with
};

LineChannel::LineChannel(Loop& loop, Descriptor fd, size_t max_line_bytes)
    : impl_(std::make_unique<Impl>(loop, std::move(fd), max_line_bytes)) {}
LineChannel::LineChannel(LineChannel&&) noexcept = default;
LineChannel& LineChannel::operator=(LineChannel&&) noexcept = default;
LineChannel::~LineChannel() = default;

bool LineChannel::pending() {
  (void)impl_->Fill();
  return !impl_->buffer.empty();
}

Async<Line> LineChannel::Read(int64_t deadline_ms) {
  Impl* const impl = impl_.get();
  const int64_t until = NowMs() + deadline_ms;
  Line line;
  while (true) {
    const bool whole = impl->TakeLine(line);
    if ((whole ? line.text.size() : impl->buffer.size()) > impl->max_line_bytes) {
      Line too_long;
      too_long.status = LineStatus::kTooLong;
      co_return too_long;
    }
    if (whole) {
      line.status = LineStatus::kLine;
      co_return line;
    }
    const ssize_t got = impl->Fill();
    if (got > 0) continue;
    if (got < 0 && errno == EINTR) continue;
    if (got == 0 || (errno != EAGAIN && errno != EWOULDBLOCK)) {
      line.status = LineStatus::kClosed;
      co_return line;
    }
    const Ready ready = co_await Await(impl->loop, impl->stream,
                                       asio::posix::descriptor_base::wait_read, until - NowMs());
    if (ready != Ready::kYes) {
      line.status = ready == Ready::kTimeout ? LineStatus::kTimeout : LineStatus::kCancelled;
      co_return line;
    }
  }
}

Async<bool> LineChannel::Write(std::string_view line, int64_t deadline_ms,
                               std::vector<int> descriptors) {
  Impl* const impl = impl_.get();
  const int64_t until = NowMs() + deadline_ms;
  if (!descriptors.empty() && (!impl->is_socket || descriptors.size() > kMaxDescriptors)) {
    co_return false;
  }
  std::string bytes(line);
  bytes += '\n';
  size_t sent = 0;
  while (sent < bytes.size()) {
    const ssize_t wrote = impl->WriteSome(std::string_view(bytes).substr(sent), descriptors);
    if (wrote > 0) {
      sent += static_cast<size_t>(wrote);
      descriptors.clear();
      continue;
    }
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0 && errno != EAGAIN && errno != EWOULDBLOCK) co_return false;
    const Ready ready = co_await Await(impl->loop, impl->stream,
                                       asio::posix::descriptor_base::wait_write, until - NowMs());
    if (ready != Ready::kYes) co_return false;
  }
  co_return true;
}

Async<bool> WaitReadable(Loop& loop, int fd, int64_t deadline_ms) {
  // A copy, since the loop may watch the same descriptor for somebody else.
  const int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
  if (copy < 0) co_return false;
  Stream stream(loop.context(), copy);
  const Ready ready =
      co_await Await(loop, stream, asio::posix::descriptor_base::wait_read, deadline_ms);
  co_return ready == Ready::kYes;
}

}  // namespace axiometer
