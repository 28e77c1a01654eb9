#pragma once

#include <string>
#include <string_view>

#include "reports/document.h"

// What the figures are put together from.
namespace axiometer::svg {

// A figure and the room it takes, in CSS pixels.
struct Drawing {
  std::string svg;
  double width = 0;  // 0: as wide as there is room
  double height = 0;
};

std::string Percent(double x);  // "12.50%"
std::string Pixels(double x);   // "12.5", "12"

// Text at a position; `attributes` verbatim, each with a space in front.
std::string TextAt(const std::string& x, double y, const std::string& attributes, const std::string& text);

// Room for a text of 13 px in the figures' fonts, in CSS pixels: its letters are no wider in Liberation Sans (as wide as
// Helvetica and Arial) nor in DejaVu Sans; beyond ASCII 10 a column of a terminal, which all but a few letters keep to.
double TextRoom(std::string_view text);

// As much of the text as has room in `room` pixels, "…" at its end if that is not all.
std::string Fitted(std::string_view text, double room);

// The opening tag with title and description; `size`: its attributes of size.
std::string Open(const std::string& id, const std::string& size, const std::string& title,
                 const std::string& description);

// What a screen reader says of a row: label, number, interval, denominator, remarks.
std::string Spoken(const ForestRow& row);
// Number, interval and denominator.
std::string RowText(const ForestRow& row);

// As the functions of reports/svg_chart.h. Labels that need more than `label_room` pixels stand on a line of their own,
// and are cut at twice that.
Drawing DrawForest(const ForestPlot& plot, double label_room = 178);
Drawing DrawCircle(const ForestPlot& plot);
Drawing DrawLines(const LineChart& chart, double label_room = 178);
Drawing DrawBar(const StackedBar& bar);
Drawing DrawHeatMap(const HeatMap& map);

}  // namespace axiometer::svg
