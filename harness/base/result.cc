#include "harness/base/result.h"

namespace axiometer {

std::string Error::ToString() const {
  std::string text;
  for (const std::string* part : {&where, &what, &hint}) {
    if (part->empty()) continue;
    if (!text.empty()) text += ": ";
    text += *part;
  }
  return text;
}

}  // namespace axiometer
