#include "harness/base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "harness/base/utf8.h"

namespace axiometer {
namespace {

struct Descriptor {
  ~Descriptor() {
    if (number >= 0) close(number);
  }
  int number;
};

}  // namespace

Result<std::string> ReadFile(const std::string& path, size_t max_bytes) {
  const auto failed = [&](std::string what) { return BadInput(ForTerminal(path), std::move(what)); };
  // A named pipe must not block before it is seen to be one.
  const Descriptor file{open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (file.number < 0) return failed("cannot be read: " + std::string(std::strerror(errno)));
  struct stat facts;
  if (fstat(file.number, &facts) != 0) return failed("cannot be read: " + std::string(std::strerror(errno)));
  if (S_ISDIR(facts.st_mode)) return failed("is a folder, expected a file");
  if (!S_ISREG(facts.st_mode)) return failed("is not a regular file");
  const auto too_large = [&] {
    return failed("larger than " + std::to_string(max_bytes) + " bytes");
  };
  if (static_cast<size_t>(facts.st_size) > max_bytes) return too_large();
  std::string text(static_cast<size_t>(facts.st_size) + 1, '\0');  // one more, to see the end
  size_t length = 0;
  while (true) {
    if (length == text.size()) text.resize(text.size() + 4096);  // it may grow while we read
    const ssize_t got = read(file.number, text.data() + length, text.size() - length);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed("cannot be read: " + std::string(std::strerror(errno)));
    if (got == 0) break;
    length += static_cast<size_t>(got);
    if (length > max_bytes) return too_large();
  }
  text.resize(length);
  return text;
}

}  // namespace axiometer
