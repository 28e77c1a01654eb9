#pragma once

#include <string>
#include <string_view>

// What the HTML report carries in itself: style, script, and the digests that its content security
// policy admits them by.
namespace axiometer {

const char* HtmlStyle();

// Filters and sorts the sample table and opens the trajectory that a link points at. Without it the
// page reads the same.
const char* HtmlScript();

// "sha256-" and the digest in base 64: how a policy names one inline style or script.
std::string CspHash(std::string_view content);

}  // namespace axiometer
