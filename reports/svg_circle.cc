#include <algorithm>
#include <cmath>
#include <numbers>

#include "reports/plain_text.h"
#include "reports/svg_parts.h"

namespace axiometer::svg {
namespace {

constexpr double kRadius = 150;
constexpr double kApart = 12;  // between the outermost ring and a label
constexpr int kLabelCells = 20;
constexpr double kNumber = 65;  // room for one
constexpr double kHigh = 34;    // above and below: a label and its number

struct Place {
  double x = 0;
  double y = 0;
};

const ForestRow* RowOf(const ForestPlot& plot, const std::string& label) {
  for (const ForestRow& row : plot.rows) {
    if (!row.summary && row.label == label) return &row;
  }
  return nullptr;
}

}  // namespace

Drawing DrawCircle(const ForestPlot& plot) {
  if (plot.circle.empty()) return {};
  double widest = kNumber;
  for (const std::string& label : plot.circle) widest = std::max(widest, TextRoom(Shortened(label, kLabelCells)));
  const double side = kRadius + kApart + widest;
  const Place centre{side, kHigh + kApart + kRadius};
  const double width = 2 * side;
  const double height = 2 * centre.y + 24;
  const auto count = static_cast<double>(plot.circle.size());
  const auto angle = [&](size_t i) { return 2 * std::numbers::pi * static_cast<double>(i) / count; };
  const auto at = [&](size_t i, double radius) {
    return Place{centre.x + radius * std::sin(angle(i)), centre.y - radius * std::cos(angle(i))};
  };
  const auto radius = [&](double value) {
    return kRadius * std::clamp((value - plot.low) / (plot.high - plot.low), 0.0, 1.0);
  };
  const auto line = [&](const std::string& name, const Place& from, const Place& to) {
    return "<line class=\"" + name + "\" x1=\"" + Pixels(from.x) + "\" y1=\"" + Pixels(from.y) + "\" x2=\"" +
           Pixels(to.x) + "\" y2=\"" + Pixels(to.y) + "\"/>\n";
  };

  std::string description = plot.axis + ", from " + Fixed(plot.low, 2) + " in the centre to " + Fixed(plot.high, 2) +
                            " at the edge; neighbours on the circle stand next to each other.";
  for (const std::string& label : plot.circle) {
    const ForestRow* row = RowOf(plot, label);
    description += " " + (row == nullptr ? label + ": no task" : Spoken(*row)) + ".";
  }
  const std::string size = Pixels(width) + " " + Pixels(height);
  std::string svg =
      Open(plot.id + "-circle",
           "width=\"" + Pixels(width) + "\" height=\"" + Pixels(height) + "\" viewBox=\"0 0 " + size + "\"",
           plot.title + " as a circle", description);
  svg.replace(svg.find("class=\"chart\""), 13, "class=\"chart circle\"");
  for (int ring = 1; ring <= 4; ++ring) {
    svg += "<circle class=\"ring\" cx=\"" + Pixels(centre.x) + "\" cy=\"" + Pixels(centre.y) + "\" r=\"" +
           Pixels(kRadius * ring / 4) + "\"/>\n";
  }
  for (size_t i = 0; i < plot.circle.size(); ++i) svg += line("spoke", centre, at(i, kRadius));
  // The shape of the means, where neighbours both have one.
  std::string points;
  bool whole = true;
  for (size_t i = 0; i < plot.circle.size(); ++i) {
    const ForestRow* row = RowOf(plot, plot.circle[i]);
    whole = whole && row != nullptr && row->value;
    if (!whole) break;
    const Place place = at(i, radius(*row->value));
    points += (i == 0 ? "" : " ") + Pixels(place.x) + "," + Pixels(place.y);
  }
  if (whole) svg += "<polygon class=\"round\" points=\"" + points + "\"/>\n";
  // Along the first spoke, beside it.
  for (int ring = 2; ring <= 4; ring += 2) {
    const double value = plot.low + (plot.high - plot.low) * ring / 4;
    svg += TextAt(Pixels(centre.x + 4), centre.y - kRadius * ring / 4 + (ring == 4 ? 12 : 4), " class=\"halo tick\"",
                  Fixed(value, 2));
  }
  for (size_t i = 0; i < plot.circle.size(); ++i) {
    const ForestRow* row = RowOf(plot, plot.circle[i]);
    svg += "<g>\n<title>" + HtmlText(row == nullptr ? plot.circle[i] + ": no task" : Spoken(*row)) + "</title>\n";
    if (row != nullptr && row->bound_low && row->bound_high) {
      svg += line("reach", at(i, radius(*row->bound_low)), at(i, radius(*row->bound_high)));
    }
    if (row != nullptr && row->interval) {
      svg += line(row->caution.empty() ? "interval" : "interval rough", at(i, radius(row->interval->low)),
                  at(i, radius(row->interval->high)));
    }
    if (row != nullptr && row->value) {
      const Place place = at(i, radius(*row->value));
      svg += "<circle class=\"mean\" cx=\"" + Pixels(place.x) + "\" cy=\"" + Pixels(place.y) + "\" r=\"5\"/>\n";
    }
    const Place edge = at(i, kRadius + kApart);
    const double across = std::sin(angle(i));
    const double up = std::cos(angle(i));
    const char* anchor = std::fabs(across) < 0.1 ? "middle" : across > 0 ? "start" : "end";
    const std::string attributes = std::string(" text-anchor=\"") + anchor + "\"";
    // Two lines of text: above the ring at the top, below it at the bottom, around the spoke's end elsewhere.
    const double first = edge.y - 3 - 13 * std::max(0.0, up) + 12 * std::max(0.0, -up);
    svg += TextAt(Pixels(edge.x), first, attributes, Shortened(plot.circle[i], kLabelCells));
    svg += TextAt(Pixels(edge.x), first + 15, " class=\"num tick\"" + attributes,
                  row == nullptr ? "no task"
                  : row->value   ? Fixed(*row->value, 2)
                                 : "no value");
    svg += "</g>\n";
  }
  svg += TextAt(Pixels(centre.x), height - 6, " class=\"tick\" text-anchor=\"middle\"",
                plot.axis + ", " + Fixed(plot.low, 2) + " in the centre");
  return {svg + "</svg>\n", width, height};
}

}  // namespace axiometer::svg
