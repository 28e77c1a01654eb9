#pragma once

#include <string>
#include <string_view>

#include "reports/document.h"

// What the HTML report carries in itself: style, script, and the digests that its content security
// policy admits them by.
namespace axiometer {

const char* HtmlStyle();

// Filters and sorts the sample table and opens the trajectory that a link points at. Without it the
// page reads the same.
const char* HtmlScript();

// "sha256-" and the digest in base 64: how a policy names one inline style or script.
std::string CspHash(std::string_view content);

// ` name="value"`, escaped.
std::string Attribute(const char* name, std::string_view value);
// `<tag attributes>text</tag>`; `attributes` is HTML (empty or from Attribute), `text` is escaped.
std::string Element(const char* tag, const std::string& attributes, std::string_view text);

// `text` as part of an address: everything but letters, digits and - . _ ~ becomes %XX.
std::string AddressPart(std::string_view text);
// The viewer's page of a sample (its first epoch), or of two runs' samples side by side.
std::string SamplePageAddress(const SampleLink& link);

}  // namespace axiometer
