#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "harness/base/result.h"
#include "reports/export.h"

namespace axiometer {

// A ZIP archive that is written as its entries come: deflated, names in UTF-8, no entry held longer than it takes to
// write it. PKWARE's APPNOTE.TXT, by libarchive.
class ZipStream {
 public:
  // Entries carry the time `made_ms` (from 1970, UTC).
  ZipStream(Sink sink, int64_t made_ms);
  ~ZipStream();

  // `name`: a relative path, ill-formed UTF-8 replaced. Names are not checked for being new.
  Result<void> Add(std::string_view name, std::string_view content);
  // The directory of entries; without it the archive cannot be read. Nothing may be added afterwards.
  Result<void> Finish();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace axiometer
