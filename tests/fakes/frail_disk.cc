// A disk that is slow or full, for the program that is started with this library in LD_PRELOAD: it
// stands before the calls by which SQLite changes files whose path holds ".db"; all else is left
// alone.
//
//   FRAIL_DISK_DELAY_MS=N   every fsync and fdatasync takes so much longer
//   FRAIL_DISK_ROOM=N       the first N writes succeed, all later ones fail with ENOSPC
//   FRAIL_DISK_COUNT=FILE   the number of writes is written there when the program exits
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#include <atomic>

namespace {

long Number(const char* name, long otherwise) {
  const char* text = getenv(name);
  return text != nullptr ? atol(text) : otherwise;
}

std::atomic<long> writes = 0;

bool IsStore(int fd) {
  char link[64];
  char path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  const ssize_t size = readlink(link, path, sizeof path - 1);
  if (size <= 0) return false;
  path[size] = '\0';
  return strstr(path, ".db") != nullptr && strstr(path, ".lock") == nullptr;
}

bool HasRoom(int fd) {
  if (!IsStore(fd)) return true;
  static const long room = Number("FRAIL_DISK_ROOM", -1);
  const long mine = ++writes;
  if (room < 0 || mine <= room) return true;
  errno = ENOSPC;
  return false;
}

template <class Function>
Function Real(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

int Synchronise(const char* name, int fd) {
  static const long delay_ms = Number("FRAIL_DISK_DELAY_MS", 0);
  if (delay_ms > 0 && IsStore(fd)) {
    const timespec pause{delay_ms / 1000, delay_ms % 1000 * 1'000'000};
    nanosleep(&pause, nullptr);
  }
  return Real<int (*)(int)>(name)(fd);
}

__attribute__((destructor)) void WriteCount() {
  const char* path = getenv("FRAIL_DISK_COUNT");
  FILE* file = path != nullptr ? fopen(path, "we") : nullptr;
  if (file == nullptr) return;
  fprintf(file, "%ld\n", writes.load());
  fclose(file);
}

}  // namespace

extern "C" {

ssize_t write(int fd, const void* data, size_t size) {
  static const auto real = Real<ssize_t (*)(int, const void*, size_t)>("write");
  return HasRoom(fd) ? real(fd, data, size) : -1;
}

ssize_t pwrite(int fd, const void* data, size_t size, off_t at) {
  static const auto real = Real<ssize_t (*)(int, const void*, size_t, off_t)>("pwrite");
  return HasRoom(fd) ? real(fd, data, size, at) : -1;
}

ssize_t pwrite64(int fd, const void* data, size_t size, off64_t at) {
  static const auto real = Real<ssize_t (*)(int, const void*, size_t, off64_t)>("pwrite64");
  return HasRoom(fd) ? real(fd, data, size, at) : -1;
}

int fsync(int fd) { return Synchronise("fsync", fd); }

int fdatasync(int fd) { return Synchronise("fdatasync", fd); }

}  // extern "C"
