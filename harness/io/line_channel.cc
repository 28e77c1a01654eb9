#include "harness/io/line_channel.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <chrono>
#include <cstring>

namespace axiometer {
namespace asio = boost::asio;

namespace {

constexpr int kMaxDescriptors = 8;  // in one message
constexpr auto kToken = asio::as_tuple(asio::use_awaitable_t<asio::io_context::executor_type>());

// A descriptor whose readiness can be awaited with a deadline.
struct Watched {
  Watched(Loop& loop, int fd) : stream(loop.context(), fd), timer(loop.context()) {}

  asio::posix::basic_stream_descriptor<asio::io_context::executor_type> stream;
  asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>,
                             asio::io_context::executor_type>
      timer;
  uint64_t wait = 0;  // counts, so that a late timer does not end the next wait
  bool timed_out = false;
};

enum class Ready { kYes, kTimeout, kCancelled };

Async<Ready> Await(std::shared_ptr<Watched> watched, asio::posix::descriptor_base::wait_type what,
                   int64_t deadline_ms) {
  const uint64_t wait = ++watched->wait;
  watched->timed_out = false;
  watched->timer.expires_after(std::chrono::milliseconds(std::max<int64_t>(0, deadline_ms)));
  watched->timer.async_wait([weak = std::weak_ptr<Watched>(watched), wait](boost::system::error_code error) {
    const std::shared_ptr<Watched> self = weak.lock();
    if (error || !self || self->wait != wait) return;
    self->timed_out = true;
    self->stream.cancel();
  });
  const auto [error] = co_await watched->stream.async_wait(what, kToken);
  ++watched->wait;
  watched->timer.cancel();
  if (!error) co_return Ready::kYes;
  co_return watched->timed_out ? Ready::kTimeout : Ready::kCancelled;
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

struct LineChannel::Impl {
  Impl(Loop& loop, Descriptor descriptor, size_t max_line_bytes)
      : watched(std::make_shared<Watched>(loop, descriptor.release())), max_line_bytes(max_line_bytes) {
    const int fd = watched->stream.native_handle();
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    int type = 0;
    socklen_t length = sizeof type;
    is_socket = getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length) == 0;
  }

  // As recvmsg or read: bytes, 0 at the end, -1 with errno. Descriptors that came are kept.
  ssize_t ReadSome(char* buffer, size_t size) {
    const int fd = watched->stream.native_handle();
    if (!is_socket) return read(fd, buffer, size);
    iovec part{buffer, size};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int) * kMaxDescriptors)];
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    const ssize_t got = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
    if (got <= 0) return got;
    for (cmsghdr* header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
      if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
      const size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
      for (size_t i = 0; i < count; ++i) {
        int received;
        std::memcpy(&received, CMSG_DATA(header) + i * sizeof(int), sizeof received);
        descriptors.emplace_back(received);
      }
    }
    return got;
  }

  ssize_t WriteSome(std::string_view bytes, const std::vector<int>& passed) {
    const int fd = watched->stream.native_handle();
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

  // The next whole line out of the buffer.
  bool TakeLine(std::string& line) {
    const size_t end = buffer.find('\n', scanned);
    if (end == std::string::npos) {
      scanned = buffer.size();
      return false;
    }
    line.assign(buffer, 0, end);
    buffer.erase(0, end + 1);
    scanned = 0;
    return true;
  }

  std::shared_ptr<Watched> watched;
  size_t max_line_bytes;
  bool is_socket = false;
  std::string buffer;
  size_t scanned = 0;  // no line feed before this
  std::vector<Descriptor> descriptors;
};

LineChannel::LineChannel(Loop& loop, Descriptor fd, size_t max_line_bytes)
    : impl_(std::make_shared<Impl>(loop, std::move(fd), max_line_bytes)) {}
LineChannel::LineChannel(LineChannel&&) noexcept = default;
LineChannel& LineChannel::operator=(LineChannel&&) noexcept = default;
LineChannel::~LineChannel() = default;

Async<Line> LineChannel::Read(int64_t deadline_ms) {
  const std::shared_ptr<Impl> impl = impl_;
  const int64_t until = NowMs() + deadline_ms;
  Line line;
  while (true) {
    if (impl->TakeLine(line.text)) {
      if (line.text.size() > impl->max_line_bytes) {
        line.text.clear();
        line.status = LineStatus::kTooLong;
        co_return line;
      }
      line.status = LineStatus::kLine;
      line.descriptors = std::exchange(impl->descriptors, {});
      co_return line;
    }
    if (impl->buffer.size() > impl->max_line_bytes) {
      line.status = LineStatus::kTooLong;
      co_return line;
    }
    char chunk[16384];
    const ssize_t got = impl->ReadSome(chunk, sizeof chunk);
    if (got > 0) {
      impl->buffer.append(chunk, static_cast<size_t>(got));
      continue;
    }
    if (got < 0 && errno == EINTR) continue;
    if (got == 0 || (errno != EAGAIN && errno != EWOULDBLOCK)) {
      line.status = LineStatus::kClosed;
      co_return line;
    }
    const Ready ready =
        co_await Await(impl->watched, asio::posix::descriptor_base::wait_read, until - NowMs());
    if (ready != Ready::kYes) {
      line.status = ready == Ready::kTimeout ? LineStatus::kTimeout : LineStatus::kCancelled;
      co_return line;
    }
  }
}

Async<bool> LineChannel::Write(std::string_view line, int64_t deadline_ms, std::vector<int> descriptors) {
  const std::shared_ptr<Impl> impl = impl_;
  const int64_t until = NowMs() + deadline_ms;
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
    const Ready ready =
        co_await Await(impl->watched, asio::posix::descriptor_base::wait_write, until - NowMs());
    if (ready != Ready::kYes) co_return false;
  }
  co_return true;
}

Async<bool> WaitReadable(Loop& loop, int fd, int64_t deadline_ms) {
  const auto watched = std::make_shared<Watched>(loop, fd);
  const Ready ready = co_await Await(watched, asio::posix::descriptor_base::wait_read, deadline_ms);
  watched->stream.release();
  co_return ready == Ready::kYes;
}

}  // namespace axiometer
