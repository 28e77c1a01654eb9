#pragma once

#include <fstream>
#include <string>
#include <string_view>

#include "harness/base/result.h"
#include "harness/store/store.h"
#include "reports/document.h"

namespace axiometer {

// A whole file or none: written beside it, then renamed over it. An empty path is standard output.
class OutputFile {
 public:
  explicit OutputFile(std::string path);
  ~OutputFile();
  Result<void> Write(std::string_view text);
  Result<void> Keep();

 private:
  std::string path_;
  std::ofstream stream_;
  bool kept_ = false;
};

// One text as a whole; a file's name is then said on standard error.
Result<void> WriteOutput(const std::string& path, std::string_view text);

// The document's figures as files in a folder (reports/figures.h), and how many on standard error; an empty
// path: none.
Result<void> WriteFiguresTo(const std::string& folder, const Document& document);

// Makes an HTML page of `document`: excerpts are cut and trajectories added until it is full.
Result<void> FillPage(StoreReader& store, Document& document);

// The format of a document: json if `json`, else `format`, else by the ending of `output`; text without any.
Result<std::string> FormatOf(const std::string& format, const std::string& output, bool json);

// `document` as "text", "markdown", "json", "html", "csv" or, for the viewer, "sections"; `terminal`: for one, in its width
// and colours.
std::string Rendered(const Document& document, const std::string& format, bool terminal);

}  // namespace axiometer
