#pragma once

#include <string>

#include "harness/base/json.h"

namespace axiometer {

// The text of a chat message's `content`: itself if it is text; of a list, its texts and the
// `text`, else `content`, of its objects joined; else empty.
std::string ContentText(const Json& content);

}  // namespace axiometer
