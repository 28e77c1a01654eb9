#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace axiometer {

// SHA-256 of `bytes` as 64 lower-case hexadecimal digits.
std::string Sha256(std::string_view bytes);

// SHA-256 over a text that grows: the state after a prefix can be copied, so that the digest of
// prefix + tail costs only the tail.
class Sha256Stream {
 public:
  Sha256Stream();
  Sha256Stream(const Sha256Stream& other);
  Sha256Stream& operator=(const Sha256Stream& other);
  Sha256Stream(Sha256Stream&&) noexcept;
  Sha256Stream& operator=(Sha256Stream&&) noexcept;
  ~Sha256Stream();

  void Update(std::string_view bytes);
  std::string Hex() const;  // of all bytes so far; the stream goes on

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace axiometer
