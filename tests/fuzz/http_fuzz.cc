// What HTTP brings beside bodies: the address that a browser asks the viewer for, and below its first
// line the headers of an endpoint's reply that say when to come back.

#include "harness/model/retry.h"
#include "reports/viewer/address.h"
#include "tests/fuzz/fuzz.h"

using namespace axiometer;

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  FuzzInput input(data, size);
  if (const Result<Address> address = ParseAddress(input.Until('\n'))) {
    if (const Result<void> query = CheckQuery(*address); !query) RequireReadable(query.error());
    const std::string text = AddressText(*address);
    const Result<Address> again = ParseAddress(text);
    Require(again && AddressText(*again) == text, "an address that is written reads back the same");
    Require(again->path == address->path && again->query == address->query, "in all its parts");
    const std::string changed = address->With("page", "2&3");
    Require(changed.size() > kLongestAddress || ParseAddress(changed), "a changed address is one");
  } else {
    RequireReadable(address.error());
  }
  std::vector<std::pair<std::string, std::string>> headers;
  while (!input.rest().empty()) {
    const std::string_view line = input.Until('\n');
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    headers.emplace_back(line.substr(0, colon), line.substr(colon + 1));
  }
  if (const std::optional<int64_t> wait = RetryAfterMs(headers, 1'790'000'000'000)) {
    Require(*wait >= 0 && *wait <= kMaxRetryAfterMs, "a wait is bounded");
  }
  return 0;
}
