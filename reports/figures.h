#pragma once

#include <string>
#include <vector>

#include "harness/base/result.h"
#include "reports/document.h"

// The figures of a document as files of their own, fit for print: SVG with real text, a white
// ground, colours that the colour-blind and a grey printer can tell apart, title, caption under the
// plot and as <desc>. They are drawn by reports/svg_chart and so look like those in the HTML report.
namespace axiometer {

struct FigureFile {
  std::string name;  // "profile-schwartz.svg"; unique, and the same for the same report
  std::string svg;   // a whole file, 680 CSS pixels (180 mm) wide or wider
};

// In the document's order; a forest plot with a circle is followed by its circle plot
// ("circle-…" for "profile-…"). Of two figures of one name the second ends in "-2".
std::vector<FigureFile> FiguresOf(const Document& document);

// A name for a file: lower case letters and digits, all else "-"; empty if nothing is left.
std::string FileWord(std::string_view text);

// Writes them into `folder`, which is made if need be; each appears whole or not at all. A file in the
// way is replaced if an earlier report wrote it (it begins as ours do), otherwise nothing at all is written
// and the error names it. Other files are left alone. Returns how many were written.
Result<int> WriteFigures(const Document& document, const std::string& folder);

}  // namespace axiometer
