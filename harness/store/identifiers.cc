#include <sys/random.h>

#include <cassert>

#include "harness/base/digest.h"
#include "harness/store/rows.h"
#include "harness/store/store.h"

namespace axiometer {

int64_t MakeId(const std::vector<std::string>& parts) {
  Sha256Stream digest;
  bool first = true;
  for (const std::string& part : parts) {
    if (!first) digest.Update("\n");
    first = false;
    digest.Update(part);
  }
  const uint64_t bits = std::stoull(digest.Hex().substr(0, 16), nullptr, 16);
  return static_cast<int64_t>(bits >> 1);
}

namespace {

// A ULID: the time, then 16 characters of five bits each.
std::string Ulid(int64_t ms, const unsigned char (&bits)[16]) {
  static constexpr char kAlphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  std::string id(26, '0');
  auto time = static_cast<uint64_t>(ms);
  for (int i = 9; i >= 0; --i, time >>= 5) id[i] = kAlphabet[time & 31];
  for (int i = 0; i < 16; ++i) id[10 + i] = kAlphabet[bits[i] & 31];
  return id;
}

}  // namespace

std::string NewRunId(int64_t wall_ms) {
  unsigned char random[16];
  [[maybe_unused]] const ssize_t size = getrandom(random, sizeof random, 0);
  assert(size == sizeof random);
  return Ulid(wall_ms, random);
}

std::string ImportedRunId(int64_t made_ms, const std::string& digest) {
  assert(digest.size() >= 32);
  unsigned char bits[16];
  for (int i = 0; i < 16; ++i) {
    bits[i] = static_cast<unsigned char>(std::stoul(digest.substr(2 * i, 2), nullptr, 16));
  }
  return Ulid(made_ms, bits);
}

}  // namespace axiometer
