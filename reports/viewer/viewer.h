#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/base/result.h"
#include "reports/viewer/page.h"
#include "reports/viewer/section_source.h"

namespace axiometer {

// What one asks of the viewer.
struct ViewRequest {
  std::string method;
  std::string target;
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
};

// The pages of one store: /, /run/ID, /run/ID/samples, /run/ID/sample?task=&epoch=, /run/ID/judges, /run/ID/value?name=,
// /run/ID/section?id=, /run/ID/calls?attempt=, /run/ID/text?attempt=, /compare?run=&run=, /side-by-side?run=&run=&task=. It reads and never
// writes; every page is made in bounded work, and what takes longer comes from the SectionSource.
class Viewer {
 public:
  // `sections` outlives it. `search_index`: a file for the words of trajectories (SearchIndexPath); empty: none, and
  // nothing can be searched for.
  static Result<std::unique_ptr<Viewer>> Open(const std::string& store, SectionSource& sections,
                                              const std::string& search_index);
  ~Viewer();

  // 403 unless the request is for this computer by name and came from one of its own pages, a bookmark or the
  // address line: no other site can read the viewer through the browser.
  ViewedPage Respond(const ViewRequest& request);
  // Sent with every page.
  static const std::vector<std::pair<std::string, std::string>>& Headers();

 private:
  struct Impl;
  explicit Viewer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace axiometer
