#include "reports/svg_chart.h"

#include <algorithm>
#include <cmath>

#include "harness/base/utf8.h"
#include "reports/plain_text.h"

namespace axiometer {
namespace {

std::string Percent(double x) { return Fixed(x, 2) + "%"; }

std::string Pixels(double x) {
  std::string text = Fixed(x, 1);
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  return text;
}

// Text at a position; `attributes` verbatim.
std::string TextAt(const std::string& x, double y, const std::string& attributes,
                   const std::string& text) {
  return "<text x=\"" + x + "\" y=\"" + Pixels(y) + "\"" + attributes + ">" + HtmlText(text) +
         "</text>\n";
}

std::string Open(const std::string& id, const std::string& size, const std::string& title,
                 const std::string& description) {
  return "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"chart\" role=\"img\" "
         "aria-labelledby=\"" +
         id + "-t " + id + "-d\" " + size + ">\n<title id=\"" + id + "-t\">" + HtmlText(title) +
         "</title>\n<desc id=\"" + id + "-d\">" + HtmlText(description) + "</desc>\n";
}

std::string RowText(const ForestRow& row) {
  std::string text = row.value ? Fixed(*row.value, 2) : "no value";
  if (row.interval) {
    text += " [" + Fixed(row.interval->low, 2) + ", " + Fixed(row.interval->high, 2) + "]";
  }
  return text + "  n " + std::to_string(row.scored) + "/" +
         std::to_string(row.scored + row.unscored);
}

std::string Spoken(const ForestRow& row) {
  std::string text = row.label + ": " + RowText(row);
  for (const std::string& remark : {row.reason, row.caution}) {
    if (!remark.empty()) text += " (" + remark + ")";
  }
  return text;
}

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

}  // namespace

std::string ForestSvg(const ForestPlot& plot) {
  constexpr double kRow = 38;
  constexpr double kRemark = 16;
  constexpr double kAxis = 40;
  double height = kAxis;
  std::string description = plot.axis + ".";
  for (const ForestRow& row : plot.rows) {
    height += kRow + (row.reason.empty() ? 0 : kRemark);
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
           Pixels(height - kAxis) + "\"/>\n";
    const char* anchor = tick == 0   ? ""
                         : tick == 4 ? " text-anchor=\"end\""
                                     : " text-anchor=\"middle\"";
    svg += TextAt(tick == 0   ? "0"
                  : tick == 4 ? "100%"
                              : x,
                  height - kAxis + 15, std::string(" class=\"tick\"") + anchor, Fixed(value, 2));
  }
  if (plot.reference) {
    const std::string x = Percent(at(*plot.reference));
    svg += "<line class=\"reference\" x1=\"" + x + "\" x2=\"" + x + "\" y1=\"0\" y2=\"" +
           Pixels(height - kAxis) + "\"/>\n";
  }
  svg += TextAt("50%", height - 6, " class=\"tick\" text-anchor=\"middle\"", plot.axis);
  double y = 0;
  for (const ForestRow& row : plot.rows) {
    svg += "<g>\n<title>" + HtmlText(Spoken(row)) + "</title>\n";
    if (row.summary) {
      svg += "<line class=\"rule\" x1=\"0\" x2=\"100%\" y1=\"" + Pixels(y + 1) + "\" y2=\"" +
             Pixels(y + 1) + "\"/>\n";
    }
    svg += TextAt("0", y + 16, row.summary ? " class=\"halo strong\"" : " class=\"halo\"",
                  Shortened(row.label, 26));
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
    if (row.value) {
      svg += "<circle class=\"" + std::string(row.summary ? "mean all" : "mean") + "\" cx=\"" +
             Percent(at(*row.value)) + "\" cy=\"" + Pixels(line) + "\" r=\"" +
             (row.summary ? "6" : "5") + "\"/>\n";
    }
    y += kRow;
    if (!row.reason.empty()) {
      svg += TextAt("0", y + 8, " class=\"halo tick\"", row.reason);
      y += kRemark;
    }
    svg += "</g>\n";
  }
  return svg + "</svg>\n";
}

std::string LineSvg(const LineChart& chart) {
  constexpr double kLabel = 22;
  constexpr double kPlot = 84;
  constexpr double kTicks = 30;
  constexpr double kAxis = 18;
  constexpr double kApart = 9;  // per cent, between two tick labels
  const double height = (kLabel + kPlot + kTicks) * static_cast<double>(chart.lines.size()) + kAxis;
  std::string description = chart.axis + ".";
  for (const LineChart::Line& line : chart.lines)
    description.append(" ").append(Spoken(chart, line)).append(".");
  std::string svg =
      Open(chart.id, "width=\"100%\" height=\"" + Pixels(height) + "\"", chart.title, description);
  double top = 0;
  for (const LineChart::Line& line : chart.lines) {
    const double first = line.points.front().at;
    const double last = line.points.back().at;
    // Room for the numbers of the vertical axis on the left.
    const auto across = [&](double at) { return 10 + 87 * (at - first) / (last - first); };
    const double base = top + kLabel + kPlot;
    const auto down = [&](double value) {
      return base - kPlot * std::clamp((value - chart.low) / (chart.high - chart.low), 0.0, 1.0);
    };
    svg += "<g>\n<title>" + HtmlText(Spoken(chart, line)) + "</title>\n";
    svg += TextAt("0", top + 14, " class=\"strong\"", Shortened(line.label, 26));
    svg += TextAt("100%", top + 14, " class=\"num\" text-anchor=\"end\"", line.remark);
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
  return svg + "</svg>\n";
}

std::string StackedBarSvg(const StackedBar& bar) {
  constexpr double kBar = 26;
  constexpr double kLegend = 22;
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
  double x = 0;
  for (const StackedBar::Part& part : bar.parts) {
    svg += "<rect class=\"seg " + std::string(ToneClass(part.tone)) + "\" x=\"" + Percent(x) +
           "\" y=\"0\" width=\"" + Percent(share(part)) + "\" height=\"" + Pixels(kBar) + "\"/>\n";
    x += share(part);
  }
  double y = kBar + 8;
  for (const StackedBar::Part& part : bar.parts) {
    svg += "<rect class=\"seg " + std::string(ToneClass(part.tone)) + "\" x=\"0\" y=\"" +
           Pixels(y + 3) + "\" width=\"14\" height=\"14\"/>\n";
    svg += TextAt("22", y + 15, "", part.label);
    svg += TextAt("100%", y + 15, " class=\"num\" text-anchor=\"end\"",
                  Grouped(part.count) + "  (" + Fixed(share(part), 1) + " %)");
    y += kLegend;
  }
  return svg + "</svg>\n";
}

std::string HeatMapSvg(const HeatMap& map) {
  constexpr double kCell = 46;
  constexpr double kHeight = 30;
  constexpr double kTop = 118;
  const size_t n = map.labels.size();
  int longest = 0;
  for (const std::string& label : map.labels)
    longest = std::max(longest, static_cast<int>(DisplayWidth(label)));
  const double left = std::min(30, longest) * 7.2 + 14;
  const double width = left + kCell * static_cast<double>(n) + 70;
  const double height = kTop + kHeight * static_cast<double>(n) + 4;
  std::string svg =
      Open(map.id, "width=\"" + Pixels(width) + "\" height=\"" + Pixels(height) + "\"", map.title,
           "Rows won against columns; a table of the same numbers is in the machine report.");
  for (size_t j = 0; j < n; ++j) {
    const double x = left + kCell * (static_cast<double>(j) + 0.5);
    svg += "<text transform=\"translate(" + Pixels(x) + " " + Pixels(kTop - 8) +
           ") rotate(-40)\">" + HtmlText(Shortened(map.labels[j], 22)) + "</text>\n";
  }
  for (size_t i = 0; i < n; ++i) {
    const double y = kTop + kHeight * static_cast<double>(i);
    svg += TextAt(Pixels(left - 8), y + 20, " text-anchor=\"end\"", Shortened(map.labels[i], 30));
    for (size_t j = 0; j < n; ++j) {
      const HeatMap::Cell& cell = map.cells[i * n + j];
      const std::string place = "x=\"" + Pixels(left + kCell * static_cast<double>(j) + 1) +
                                "\" y=\"" + Pixels(y + 1) + "\" width=\"" + Pixels(kCell - 2) +
                                "\" height=\"" + Pixels(kHeight - 2) + "\"";
      if (!cell.share) {
        svg += "<rect class=\"" + std::string(i == j ? "self" : "unmet") + "\" " + place + "/>\n";
        continue;
      }
      const double lead = std::fabs(*cell.share - 0.5) * 2;
      svg += "<g><title>" +
             HtmlText(map.labels[i] + " against " + map.labels[j] + ": won " + cell.text) +
             "</title>";
      svg += "<rect class=\"" + std::string(*cell.share >= 0.5 ? "wins" : "loses") +
             "\" fill-opacity=\"" + Fixed(0.12 + 0.63 * lead, 2) + "\" " + place + "/>";
      svg += "<text class=\"cell\" text-anchor=\"middle\" x=\"" +
             Pixels(left + kCell * (static_cast<double>(j) + 0.5)) + "\" y=\"" + Pixels(y + 20) +
             "\">" + Fixed(*cell.share, 2) + "</text></g>\n";
    }
  }
  return svg + "</svg>\n";
}

const char* SvgStyle() {
  // Okabe and Ito's colours, darkened or lightened for contrast on the page.
  return R"(.chart{display:block;overflow:visible;font:13px system-ui,sans-serif}
.chart text{fill:var(--ink)}
.chart .tick{fill:var(--soft);font-size:12px}
.chart .num{font-variant-numeric:tabular-nums;font-size:12px;white-space:pre}
.chart .strong{font-weight:600}
.chart .halo{paint-order:stroke;stroke:var(--page);stroke-width:3px;stroke-linejoin:round}
.chart .grid{stroke:var(--line);stroke-width:1}
.chart .rule,.chart .reference{stroke:var(--soft);stroke-width:1}
.chart .interval{stroke:var(--blue);stroke-width:2.5}
.chart .path{stroke:var(--blue);stroke-width:1.5;stroke-opacity:.55}
.chart .rough{stroke-dasharray:7 3}
.chart .mean{fill:var(--blue);stroke:var(--page);stroke-width:1.5}
.chart .mean.all{fill:var(--ink)}
.chart .band{fill:var(--blue);fill-opacity:.16}
.chart .seg{stroke:var(--page);stroke-width:1.5}
.chart .good{fill:var(--blue)}.chart .limited{fill:var(--sky)}.chart .silent{fill:var(--gold)}
.chart .broken{fill:var(--red)}.chart .absent{fill:var(--line)}
.chart .pole-a{fill:var(--blue)}.chart .pole-b{fill:var(--gold)}.chart .even{fill:var(--green)}
.chart .wins{fill:var(--blue)}.chart .loses{fill:var(--gold)}
.chart .self{fill:var(--line)}.chart .unmet{fill:none;stroke:var(--line);stroke-dasharray:3 3}
.chart .cell{paint-order:stroke;stroke:var(--page);stroke-width:2.5px;font-size:12px;font-variant-numeric:tabular-nums}
)";
}

}  // namespace axiometer
