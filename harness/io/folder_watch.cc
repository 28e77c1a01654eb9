#include "harness/io/folder_watch.h"

#include <sys/inotify.h>
#include <unistd.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <cstring>

#include "harness/base/utf8.h"

namespace axiometer {
namespace asio = boost::asio;

namespace {

constexpr size_t kMostFolders = 64;
constexpr int kMostQuietTimes = 10;

}  // namespace

struct FolderWatch::Impl {
  Impl(Loop& loop, int fd) : stream(loop.context(), fd) {}

  // Takes all events that wait, one buffer after another; whether there were any.
  bool Drain() {
    alignas(inotify_event) char buffer[16384];
    bool any = false;
    while (read(stream.native_handle(), buffer, sizeof buffer) > 0) any = true;
    return any;
  }

  asio::posix::basic_stream_descriptor<asio::io_context::executor_type> stream;
};

FolderWatch::FolderWatch(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
FolderWatch::~FolderWatch() = default;

Result<std::unique_ptr<FolderWatch>> FolderWatch::Open(Loop& loop,
                                                       const std::vector<std::string>& folders) {
  if (folders.size() > kMostFolders) {
    return UsageError("", "more than " + std::to_string(kMostFolders) + " folders to watch",
                      "name fewer");
  }
  const int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  if (fd < 0) {
    return Failed("inotify", std::strerror(errno),
                  "raise fs.inotify.max_user_instances, or close other programs");
  }
  std::unique_ptr<FolderWatch> watch(new FolderWatch(std::make_unique<Impl>(loop, fd)));
  for (const std::string& folder : folders) {
    const uint32_t events = IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_ONLYDIR;
    if (inotify_add_watch(fd, folder.c_str(), events) < 0) {
      return Failed(ForTerminal(folder), std::string("cannot be watched: ") + std::strerror(errno));
    }
  }
  return watch;
}

Async<bool> FolderWatch::Changed(Clock& clock, int64_t quiet_ms) {
  bool changed = impl_->Drain();
  while (!changed) {
    const auto [error] = co_await impl_->stream.async_wait(
        asio::posix::descriptor_base::wait_read,
        asio::as_tuple(asio::use_awaitable_t<asio::io_context::executor_type>()));
    if (error) co_return false;
    changed = impl_->Drain();
  }
  for (int i = 0; i < kMostQuietTimes; ++i) {
    const bool slept = co_await clock.Sleep(quiet_ms);
    if (!slept) co_return false;
    if (!impl_->Drain()) break;
  }
  co_return true;
}

}  // namespace axiometer
