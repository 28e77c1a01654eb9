#pragma once

#include <string>

#include "reports/document.h"

// Figures as SVG: real text, no script, colours that the colour-blind can tell apart and that do
// not carry the meaning alone. Forest plots, lines and bars have positions in per cent and so fill
// any width from 320 pixels without scaling their text; a heat map has a fixed size, a circle one at
// most. Each has <title> and <desc>.
namespace axiometer {

std::string ForestSvg(const ForestPlot& plot);
// The rows that are on plot.circle, each on a spoke in its order, clockwise from the top: dot the
// value, line on the spoke its interval. The centre is the axis's low end, the outermost ring the high one.
// Empty without a circle.
std::string CircleSvg(const ForestPlot& plot);
// A panel a line, one below the other.
std::string LineSvg(const LineChart& chart);
std::string StackedBarSvg(const StackedBar& bar);
std::string HeatMapSvg(const HeatMap& map);

// The style rules for the classes that the figures use, light and dark, to be put in the page.
const char* SvgStyle();

// The same rules with colours written out, for a figure outside a page and on white paper, where programs
// that draw for print know no variables; and those of what stands around it: .sheet, .heading,
// .subheading, .under.
std::string SvgPrintStyle();

}  // namespace axiometer
