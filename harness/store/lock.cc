#include "harness/store/lock.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <utility>

#include "harness/store/database.h"

namespace axiometer {
namespace {

// Of the file itself, so that a link to a store is the same store.
std::string LockPath(const std::string& db_path) {
  std::error_code error;
  const std::filesystem::path real = std::filesystem::weakly_canonical(db_path, error);
  return (error ? db_path : real.string()) + ".lock";
}

// Locks of the open file description: unlike flock's they can be asked about without being taken,
// so that a reader never stands in a writer's way; unlike POSIX ones they also exclude this
// process.
struct flock WholeFile() {
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  return lock;
}

int ReadPid(int fd) {
  char text[32] = {};
  const ssize_t size = pread(fd, text, sizeof text - 1, 0);
  return size > 0 ? std::atoi(text) : 0;
}

bool IsStillTheFile(const std::string& path, int fd) {
  struct stat mine {
  }, named{};
  return fstat(fd, &mine) == 0 && stat(path.c_str(), &named) == 0 && mine.st_dev == named.st_dev &&
         mine.st_ino == named.st_ino;
}

}  // namespace

Result<StoreLock> StoreLock::Take(const std::string& db_path) {
  const std::string path = LockPath(db_path);
  while (true) {
    const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0) {
      return Failed(StoreName(db_path),
                    "cannot create \"" + path + "\" (" + std::strerror(errno) + ")",
                    "name a place that can be written with --db");
    }
    StoreLock lock(path, -1);
    struct flock whole = WholeFile();
    if (fcntl(fd, F_OFD_SETLK, &whole) != 0) {
      const int error = errno;
      const int pid = ReadPid(fd);
      close(fd);
      if (error != EAGAIN && error != EACCES) {
        return Failed(StoreName(db_path),
                      "cannot lock \"" + path + "\" (" + std::strerror(error) + ")");
      }
      return Failed("",
                    StoreName(db_path) + " is in use by " +
                        (pid > 0 ? "process " + std::to_string(pid) : "another process"),
                    "wait for it, or name another with --db");
    }
    // Its last holder may have removed it between our open and our lock.
    if (!IsStillTheFile(path, fd)) {
      close(fd);
      continue;
    }
    lock.fd_ = fd;
    const std::string pid = std::to_string(getpid()) + "\n";
    // A full disk leaves the file empty; the lock holds all the same.
    if (ftruncate(fd, 0) == 0 && pwrite(fd, pid.data(), pid.size(), 0) < 0) errno = 0;
    return lock;
  }
}

std::optional<int> StoreLock::Holder(const std::string& db_path) {
  const int fd = open(LockPath(db_path).c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return std::nullopt;
  struct flock whole = WholeFile();
  const bool held = fcntl(fd, F_OFD_GETLK, &whole) == 0 && whole.l_type != F_UNLCK;
  std::optional<int> holder;
  if (held) holder = ReadPid(fd);
  close(fd);
  return holder;
}

StoreLock::StoreLock(StoreLock&& other) noexcept
    : path_(std::move(other.path_)), fd_(std::exchange(other.fd_, -1)) {}

StoreLock& StoreLock::operator=(StoreLock&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(fd_, other.fd_);
  return *this;
}

StoreLock::~StoreLock() {
  if (fd_ < 0) return;
  unlink(path_.c_str());
  close(fd_);
}

}  // namespace axiometer
