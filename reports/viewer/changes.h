#pragma once

#include <string>

namespace axiometer {

// What a stored row of `state_changes` says, as a list: one line a path, what was there and what is there now. Of what does
// not fit into `left` bytes, which is lowered by what was written, and of a row that cannot be read: a link to `whole`.
// Empty for "[]".
std::string ChangesHtml(const std::string& json, const std::string& whole, size_t& left);

}  // namespace axiometer
