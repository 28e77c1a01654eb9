#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reports/stats/mean_interval.h"

// What models wrote is shown as harmless text, wherever it is shown.
namespace axiometer {

// As base/utf8.h's ForTerminal. Line feeds stay if `lines`, otherwise each run of white space
// becomes one space (outer ones go).
std::string Harmless(std::string_view text, bool lines = false);

// Harmless(text), escaped for element content and quoted attributes: & < > " '.
std::string HtmlText(std::string_view text, bool lines = false);

// Columns on a terminal: base/utf8.h's DisplayWidth.
int CellsOf(std::string_view text);

// At most `width` cells, the last one "…" if something was cut. Never cuts inside a character.
std::string Shortened(std::string_view text, int width);

// Padded with spaces to `width` cells, after Shortened.
std::string PadRight(std::string_view text, int width);
std::string PadLeft(std::string_view text, int width);

// Lines of at most `width` cells, broken at spaces, joined by line feeds. Words longer than a line are
// broken behind a hyphen, slash or underscore, without any wherever the line ends.
std::string Wrapped(std::string_view text, int width);
// The same, line by line; none of empty text.
std::vector<std::string> WrappedLines(std::string_view text, int width);

// At most `bytes` of text from its beginning, cut at a character, "…" added if cut.
std::string Excerpt(std::string_view text, size_t bytes);

// 0.4321 as "0.43"; `digits` after the point, rounded; never "-0.00".
std::string Fixed(double number, int digits);

// A number with its interval: "0.43 [0.31, 0.55]"; "–" without a value.
std::string WithInterval(const std::optional<double>& value,
                         const std::optional<Interval>& interval, int digits);

// "1 sample", "1,204 samples".
std::string Counted(long long number, const std::string& noun);

// "model_error" as "model error".
std::string Spaced(std::string name);

// 1234567 as "1,234,567".
std::string Grouped(long long number);

}  // namespace axiometer
