#pragma once

#include <span>
#include <string>
#include <string_view>

namespace axiometer {

// The members of a JSON object that have one of `keys`, as an object of their own: `{"title": "x"}`
// of `{"title": "x", "rubric": [...]}`. What lies between is passed over and not looked into: for
// large records of which little is wanted. Members keep their text and order; a key that is written
// with escapes is none of `keys`. Empty if `text` is not an object as far as that can be seen; then
// ParseJson says what is wrong with it.
std::string OnlyMembers(std::string_view text, std::span<const std::string_view> keys);

}  // namespace axiometer
