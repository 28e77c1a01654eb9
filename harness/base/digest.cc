#include "harness/base/digest.h"

#include <openssl/evp.h>

#include <cassert>

namespace axiometer {
namespace {

std::string FinishHex(EVP_MD_CTX* context) {
  unsigned char bytes[EVP_MAX_MD_SIZE];
  unsigned int length = 0;
  [[maybe_unused]] const int ok = EVP_DigestFinal_ex(context, bytes, &length);
  assert(ok == 1);
  static constexpr char kHex[] = "0123456789abcdef";
  std::string hex;
  hex.reserve(2 * length);
  for (unsigned int i = 0; i < length; ++i) {
    hex += kHex[bytes[i] >> 4];
    hex += kHex[bytes[i] & 15];
  }
  return hex;
}

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_MD_CTX, FreeContext>;

Context NewContext() {
  Context context(EVP_MD_CTX_new());
  assert(context);
  return context;
}

// Looked up once: EVP_sha256() names it, and OpenSSL then searches its providers at each beginning.
const EVP_MD* Method() {
  static EVP_MD* const method = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  assert(method != nullptr);
  return method;
}

}  // namespace

struct Sha256Stream::State {
  Context context = NewContext();
};

Sha256Stream::Sha256Stream() : state_(std::make_unique<State>()) {
  EVP_DigestInit_ex(state_->context.get(), Method(), nullptr);
}

Sha256Stream::Sha256Stream(const Sha256Stream& other) : state_(std::make_unique<State>()) {
  EVP_MD_CTX_copy_ex(state_->context.get(), other.state_->context.get());
}

Sha256Stream& Sha256Stream::operator=(const Sha256Stream& other) {
  if (this != &other) EVP_MD_CTX_copy_ex(state_->context.get(), other.state_->context.get());
  return *this;
}

Sha256Stream::Sha256Stream(Sha256Stream&&) noexcept = default;
Sha256Stream& Sha256Stream::operator=(Sha256Stream&&) noexcept = default;
Sha256Stream::~Sha256Stream() = default;

void Sha256Stream::Update(std::string_view bytes) {
  EVP_DigestUpdate(state_->context.get(), bytes.data(), bytes.size());
}

std::string Sha256Stream::Hex() const {
  const Context copy = NewContext();
  EVP_MD_CTX_copy_ex(copy.get(), state_->context.get());
  return FinishHex(copy.get());
}

std::string Sha256(std::string_view bytes) {
  const Context context = NewContext();
  EVP_DigestInit_ex(context.get(), Method(), nullptr);
  EVP_DigestUpdate(context.get(), bytes.data(), bytes.size());
  return FinishHex(context.get());
}

}  // namespace axiometer
