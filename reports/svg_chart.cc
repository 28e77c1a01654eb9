#include "reports/svg_chart.h"

#include <algorithm>
#include <cmath>

#include "reports/plain_text.h"
#include "reports/svg_parts.h"

namespace axiometer {
namespace svg {
namespace {

std::string Spoken(const LineChart& chart, const LineChart::Line& line) {
  std::string text = line.label + ": ";
  for (size_t i = 0; i < line.points.size(); ++i) {
    const LineChart::Point& point = line.points[i];
    text += (i == 0 ? "at " : ", at ") + chart.ticks[i] + " " +
            (point.value ? WithInterval(point.value, point.interval, 2) : "no value");
    for (const std::string& remark : {point.reason, point.caution}) {
      if (!remark.empty()) text += " (" + remark + ")";
    }
  }
  return line.remark.empty() ? text : text + "; " + line.remark;
}

const char* ToneClass(StackedBar::Tone tone) {
  switch (tone) {
    case StackedBar::Tone::kGood:
      return "good";
    case StackedBar::Tone::kLimited:
      return "limited";
    case StackedBar::Tone::kSilent:
      return "silent";
    case StackedBar::Tone::kBroken:
      return "broken";
    case StackedBar::Tone::kAbsent:
      return "absent";
    case StackedBar::Tone::kPoleA:
      return "pole-a";
    case StackedBar::Tone::kPoleB:
      return "pole-b";
    case StackedBar::Tone::kEven:
      return "even";
  }
  return "";
}

// A label that is too long to stand beside a row's numbers stands above them.
constexpr double kOwnLine = 16;
constexpr double kOwnLineShare = 2;  // as many times `label_room` is there

bool HasOwnLine(const std::string& label, double room) { return TextRoom(label) > room; }

}  // namespace

Drawing DrawForest(const ForestPlot& plot, double label_room) {
  constexpr double kRow = 38;
  constexpr double kRemark = 16;
  constexpr int kNarrowCells = 52;  // of small print on a narrow screen; the whole of a reason is in its row's title
  constexpr double kLine = 15;
  const std::vector<std::string> under = WrappedLines(plot.beside.empty() ? plot.axis : plot.axis + "; ○ " + plot.beside, kNarrowCells);
  const double axis = 25 + kLine * static_cast<double>(under.size());
  const auto has_own_line = [&](const ForestRow& row) { return HasOwnLine(row.label, label_room); };
  double height = axis;
  std::string description = plot.axis + ".";
  for (const ForestRow& row : plot.rows) {
    height += kRow + (row.reason.empty() ? 0 : kRemark) + (has_own_line(row) ? kOwnLine : 0);
    description.append(" ").append(Spoken(row)).append(".");
  }
  // Room for half a dot at either edge.
  const auto at = [&](double value) {
    const double share = (value - plot.low) / (plot.high - plot.low);
    return 1 + 98 * std::clamp(share, 0.0, 1.0);
  };
  std::string svg =
      Open(plot.id, "width=\"100%\" height=\"" + Pixels(height) + "\"", plot.title, description);
  for (int tick = 0; tick <= 4; ++tick) {
    const double value = plot.low + (plot.high - plot.low) * tick / 4;
    const std::string x = Percent(at(value));
    svg += "<line class=\"grid\" x1=\"" + x + "\" x2=\"" + x + "\" y1=\"0\" y2=\"" +
           Pixels(height - axis) + "\"/>\n";
    const char* anchor = tick == 0   ? ""
                         : tick == 4 ? " text-anchor=\"end\""
                                     : " text-anchor=\"middle\"";
    svg += TextAt(tick == 0   ? "0"
                  : tick == 4 ? "100%"
                              : x,
                  height - axis + 15, std::string(" class=\"tick\"") + anchor, Fixed(value, 2));
  }
  if (plot.reference) {
    const std::string x = Percent(at(*plot.reference));
    svg += "<line class=\"reference\" x1=\"" + x + "\" x2=\"" + x + "\" y1=\"0\" y2=\"" +
           Pixels(height - axis) + "\"/>\n";
  }
  for (size_t i = 0; i < under.size(); ++i) {
    svg += TextAt("50%", height - 6 - kLine * static_cast<double>(under.size() - 1 - i), " class=\"tick\" text-anchor=\"middle\"", under[i]);
  }
  double y = 0;
  for (const ForestRow& row : plot.rows) {
    svg += "<g>";
    // What the texts beside the marks do not say.
    const bool cut = TextRoom(row.label) > kOwnLineShare * label_room;
    if (cut || !row.caution.empty() || CellsOf(row.reason) > kNarrowCells) svg += "<title>" + HtmlText(Spoken(row)) + "</title>\n";
    if (row.summary) {
      svg += "<line class=\"rule\" x1=\"0\" x2=\"100%\" y1=\"" + Pixels(y + 1) + "\" y2=\"" +
             Pixels(y + 1) + "\"/>\n";
    }
    svg += TextAt("0", y + 16, row.summary ? " class=\"halo strong\"" : " class=\"halo\"",
                  Fitted(row.label, kOwnLineShare * label_room));
    if (has_own_line(row)) y += kOwnLine;
    svg += TextAt("100%", y + 16, " class=\"halo num\" text-anchor=\"end\"", RowText(row));
    const double line = y + 27;
    if (row.bound_low && row.bound_high) {
      svg += "<rect class=\"band\" x=\"" + Percent(at(*row.bound_low)) + "\" width=\"" +
             Percent(at(*row.bound_high) - at(*row.bound_low)) + "\" y=\"" + Pixels(line - 5) +
             "\" height=\"10\"/>\n";
    }
    if (row.interval) {
      svg += "<line class=\"" + std::string(row.caution.empty() ? "interval" : "interval rough") +
             "\" x1=\"" + Percent(at(row.interval->low)) + "\" x2=\"" +
             Percent(at(row.interval->high)) + "\" y1=\"" + Pixels(line) + "\" y2=\"" +
             Pixels(line) + "\"/>\n";
    }
    if (row.beside) {
      svg += "<circle class=\"beside\" cx=\"" + Percent(at(*row.beside)) + "\" cy=\"" + Pixels(line) + "\" r=\"6\"/>\n";
    }
    if (row.value) {
      svg += "<circle class=\"" + std::string(row.summary ? "mean all" : "mean") + "\" cx=\"" +
             Percent(at(*row.value)) + "\" cy=\"" + Pixels(line) + "\" r=\"" +
             (row.summary ? "6" : "5") + "\"/>\n";
    }
    y += kRow;
    if (!row.reason.empty()) {
      svg += TextAt("0", y + 8, " class=\"halo tick\"", Shortened(row.reason, kNarrowCells));
      y += kRemark;
    }
    svg += "</g>\n";
  }
  return {svg + "</svg>\n", 0, height};
}

Drawing DrawLines(const LineChart& chart, double label_room) {
  constexpr double kHead = 18;
  constexpr double kLabel = 30;
  constexpr double kPlot = 84;
  constexpr double kTicks = 30;
  constexpr double kAxis = 18;
  constexpr double kApart = 9;  // per cent, between two tick labels
  const auto has_own_line = [&](const LineChart::Line& line) { return !line.remark.empty() && HasOwnLine(line.label, label_room); };
  const auto longer = static_cast<double>(std::count_if(chart.lines.begin(), chart.lines.end(), has_own_line));
  const double height =
      (kLabel + kPlot + kTicks) * static_cast<double>(chart.lines.size()) + kOwnLine * longer + kHead + kAxis;
  std::string description = chart.quantity + " against " + chart.axis + ".";
  for (const LineChart::Line& line : chart.lines)
    description.append(" ").append(Spoken(chart, line)).append(".");
  std::string svg =
      Open(chart.id, "width=\"100%\" height=\"" + Pixels(height) + "\"", chart.title, description);
  svg += TextAt("0", 12, " class=\"tick\"", "↑ " + chart.quantity);
  double top = kHead;
  for (const LineChart::Line& line : chart.lines) {
    const double first = line.points.front().at;
    const double last = line.points.back().at;
    // Room for the numbers of the vertical axis on the left.
    const auto across = [&](double at) { return 10 + 87 * (at - first) / (last - first); };
    const double label = top + 14;
    if (has_own_line(line)) top += kOwnLine;
    const double base = top + kLabel + kPlot;
    const auto down = [&](double value) {
      return base - kPlot * std::clamp((value - chart.low) / (chart.high - chart.low), 0.0, 1.0);
    };
    svg += "<g>\n<title>" + HtmlText(Spoken(chart, line)) + "</title>\n";
    svg += TextAt("0", label, " class=\"strong\"", Fitted(line.label, kOwnLineShare * label_room));
    if (!line.remark.empty()) svg += TextAt("100%", top + 14, " class=\"num\" text-anchor=\"end\"", line.remark);
    for (int tick = 0; tick <= 2; ++tick) {
      const double value = chart.low + (chart.high - chart.low) * tick / 2;
      svg += "<line class=\"grid\" x1=\"8%\" x2=\"100%\" y1=\"" + Pixels(down(value)) + "\" y2=\"" +
             Pixels(down(value)) + "\"/>\n";
      svg += TextAt("0", down(value) + 4, " class=\"tick\"", Fixed(value, 1));
    }
    const LineChart::Point* before = nullptr;
    double labelled = -kApart;
    for (size_t i = 0; i < line.points.size(); ++i) {
      const LineChart::Point& point = line.points[i];
      const double x = across(point.at);
      const bool end = i + 1 == line.points.size();
      if (x - labelled >= kApart && (end || across(last) - x >= kApart)) {
        svg +=
            TextAt(Percent(x), base + 16,
                   std::string(" class=\"tick\" text-anchor=\"") + (end ? "end" : "middle") + "\"",
                   Shortened(chart.ticks[i], 12));
        labelled = x;
      }
      if (!point.value) {
        before = nullptr;
        continue;
      }
      if (before != nullptr) {
        svg += "<line class=\"path\" x1=\"" + Percent(across(before->at)) + "\" x2=\"" +
               Percent(x) + "\" y1=\"" + Pixels(down(*before->value)) + "\" y2=\"" +
               Pixels(down(*point.value)) + "\"/>\n";
      }
      before = &point;
    }
    // Above the lines between them.
    for (const LineChart::Point& point : line.points) {
      const std::string x = Percent(across(point.at));
      if (point.interval) {
        svg += "<line class=\"" +
               std::string(point.caution.empty() ? "interval" : "interval rough") + "\" x1=\"" + x +
               "\" x2=\"" + x + "\" y1=\"" + Pixels(down(point.interval->low)) + "\" y2=\"" +
               Pixels(down(point.interval->high)) + "\"/>\n";
      }
      if (point.value) {
        svg += "<circle class=\"mean\" cx=\"" + x + "\" cy=\"" + Pixels(down(*point.value)) +
               "\" r=\"4\"/>\n";
      }
    }
    svg += "</g>\n";
    top += kLabel + kPlot + kTicks;
  }
  svg += TextAt("50%", height - 6, " class=\"tick\" text-anchor=\"middle\"", chart.axis);
  return {svg + "</svg>\n", 0, height};
}

Drawing DrawBar(const StackedBar& bar) {
  constexpr double kBar = 26;
  constexpr double kLegend = 22;
  constexpr double kNumbered = 3;  // per cent that hold a number
  int64_t total = 0;
  for (const StackedBar::Part& part : bar.parts) total += part.count;
  std::string description;
  const auto share = [&](const StackedBar::Part& part) {
    return total == 0 ? 0.0 : 100.0 * static_cast<double>(part.count) / static_cast<double>(total);
  };
  for (const StackedBar::Part& part : bar.parts) {
    description += part.label + ": " + Grouped(part.count) + ", " + Fixed(share(part), 1) + " %. ";
  }
  const double height = kBar + 8 + kLegend * static_cast<double>(bar.parts.size());
  std::string svg =
      Open(bar.id, "width=\"100%\" height=\"" + Pixels(height) + "\"", bar.title, description);
  // A number says which is which where colours do not; letters are the poles'.
  const auto key = [&](const StackedBar::Part& part) { return std::to_string(&part - bar.parts.data() + 1); };
  double x = 0;
  for (const StackedBar::Part& part : bar.parts) {
    svg += "<rect class=\"seg " + std::string(ToneClass(part.tone)) + "\" x=\"" + Percent(x) +
           "\" y=\"0\" width=\"" + Percent(share(part)) + "\" height=\"" + Pixels(kBar) + "\"/>\n";
    if (share(part) >= kNumbered) {
      svg += TextAt(Percent(x + share(part) / 2), kBar - 8, " class=\"cell\" text-anchor=\"middle\"", key(part));
    }
    x += share(part);
  }
  double y = kBar + 8;
  for (const StackedBar::Part& part : bar.parts) {
    svg += "<rect class=\"seg " + std::string(ToneClass(part.tone)) + "\" x=\"0\" y=\"" +
           Pixels(y + 3) + "\" width=\"14\" height=\"14\"/>\n";
    svg += TextAt("22", y + 15, " class=\"soft\"", key(part));
    svg += TextAt("40", y + 15, "", part.label);
    svg += TextAt("100%", y + 15, " class=\"num\" text-anchor=\"end\"",
                  Grouped(part.count) + "  (" + Fixed(share(part), 1) + " %)");
    y += kLegend;
  }
  return {svg + "</svg>\n", 0, height};
}

}  // namespace svg

std::string ForestSvg(const ForestPlot& plot) { return svg::DrawForest(plot).svg; }
std::string CircleSvg(const ForestPlot& plot) { return svg::DrawCircle(plot).svg; }
std::string LineSvg(const LineChart& chart) { return svg::DrawLines(chart).svg; }
std::string StackedBarSvg(const StackedBar& bar) { return svg::DrawBar(bar).svg; }
std::string HeatMapSvg(const HeatMap& map) { return svg::DrawHeatMap(map).svg; }

}  // namespace axiometer
