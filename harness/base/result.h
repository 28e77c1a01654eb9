#pragma once

#include <cassert>
#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace axiometer {

// What a failure means for the exit status of the program.
enum class ErrorKind {
  kFailed,    // exit 1: something that should have worked did not
  kUsage,     // exit 2: the command line asks for what cannot be
  kBadInput,  // exit 3: a task or data file is wrong
};

// A failure that ends a verb. Only `main` prints it, as "where: what: hint" with empty parts left
// out; each part is lower case without a final period, user text quoted. Not an aggregate on
// purpose: GCC 12 destroys aggregates built inside a co_await expression twice.
class Error {
 public:
  Error(ErrorKind kind, std::string where, std::string what, std::string hint = "")
      : kind(kind), where(std::move(where)), what(std::move(what)), hint(std::move(hint)) {}

  std::string ToString() const;

  ErrorKind kind;
  std::string where;  // file:line:column, option, endpoint; may be empty
  std::string what;   // what is wrong
  std::string hint;   // what to do about it; may be empty
};

inline Error Failed(std::string where, std::string what, std::string hint = "") {
  return Error(ErrorKind::kFailed, std::move(where), std::move(what), std::move(hint));
}
inline Error UsageError(std::string where, std::string what, std::string hint = "") {
  return Error(ErrorKind::kUsage, std::move(where), std::move(what), std::move(hint));
}
inline Error BadInput(std::string where, std::string what, std::string hint = "") {
  return Error(ErrorKind::kBadInput, std::move(where), std::move(what), std::move(hint));
}

// A T or the Error that prevented it; the member names are std::expected's. Reading the absent
// side is a bug and asserts.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : content_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : content_(std::in_place_index<1>, std::move(error)) {}

  bool has_value() const { return content_.index() == 0; }
  explicit operator bool() const { return has_value(); }
  T& value() & { return std::get<0>(content_); }
  const T& value() const& { return std::get<0>(content_); }
  T&& value() && { return std::get<0>(std::move(content_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  Error& error() & { return std::get<1>(content_); }
  const Error& error() const& { return std::get<1>(content_); }
  Error&& error() && { return std::get<1>(std::move(content_)); }

 private:
  std::variant<T, Error> content_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}

  bool has_value() const { return !error_; }
  explicit operator bool() const { return has_value(); }
  Error& error() & { return *error_; }
  const Error& error() const& { return *error_; }
  Error&& error() && { return std::move(*error_); }

 private:
  std::optional<Error> error_;
};

}  // namespace axiometer
