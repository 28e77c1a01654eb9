#include <algorithm>
#include <cmath>

#include "reports/plain_text.h"
#include "reports/svg_parts.h"

namespace axiometer::svg {
namespace {

constexpr double kHeight = 30;  // of a row
constexpr int kRowCells = 40;   // of a label
constexpr int kColumnCells = 22;
constexpr int kTurnedCells = 36;

// Room for the widest, each cut at so many cells.
double Widest(const std::vector<std::string>& labels, int cells) {
  double widest = 0;
  for (const std::string& label : labels) widest = std::max(widest, TextRoom(Shortened(label, cells)));
  return widest;
}

std::string Spoken(const HeatMap& map, size_t i, size_t j) {
  const HeatMap::Cell& cell = map.cells[i * map.across().size() + j];
  if (map.is_contest()) return map.labels[i] + " against " + map.labels[j] + ": won " + cell.text;
  return map.labels[i] + " as " + map.columns[j] + ": " + cell.text + ", " + Fixed(100 * *cell.share, 1) + " %";
}

}  // namespace

Drawing DrawHeatMap(const HeatMap& map) {
  const std::vector<std::string>& columns = map.across();
  const bool contest = map.is_contest();
  // Columns stand upright; a contest's are turned, as there may be many.
  const double column = contest ? 46 : std::max(64.0, Widest(columns, kColumnCells) + 12);
  // The turned titles' height and, of the last one, width.
  const double turned = Widest(columns, kTurnedCells);
  const double top = contest ? 20 + turned * 0.64 : 46;
  const double left = std::max(Widest(map.labels, kRowCells), TextRoom(map.row_axis)) + 14;
  const double width =
      left + column * static_cast<double>(columns.size()) + (contest ? std::max(8.0, turned * 0.77 - column / 2) : 8);
  const double height = top + kHeight * static_cast<double>(map.labels.size()) + 4;
  std::string svg =
      Open(map.id, "width=\"" + Pixels(width) + "\" height=\"" + Pixels(height) + "\"", map.title,
           contest ? "Rows won against columns; a table of the same numbers is in the machine report."
                   : map.row_axis + " in rows, " + map.column_axis + " in columns; a table has the same numbers.");
  const auto middle = [&](size_t j) { return left + column * (static_cast<double>(j) + 0.5); };
  if (!contest) {
    svg += TextAt(Pixels(left - 8), top - 8, " class=\"tick\" text-anchor=\"end\"", map.row_axis);
    svg += TextAt(Pixels(left + column * static_cast<double>(columns.size()) / 2), 14,
                  " class=\"tick\" text-anchor=\"middle\"", map.column_axis);
  }
  for (size_t j = 0; j < columns.size(); ++j) {
    const std::string label = HtmlText(Shortened(columns[j], contest ? kTurnedCells : kColumnCells));
    svg += contest ? "<text transform=\"translate(" + Pixels(middle(j)) + " " + Pixels(top - 8) + ") rotate(-40)\">"
                   : "<text text-anchor=\"middle\" x=\"" + Pixels(middle(j)) + "\" y=\"" + Pixels(top - 8) + "\">";
    svg += label + "</text>\n";
  }
  for (size_t i = 0; i < map.labels.size(); ++i) {
    const double y = top + kHeight * static_cast<double>(i);
    svg += TextAt(Pixels(left - 8), y + 20, " text-anchor=\"end\"", Shortened(map.labels[i], kRowCells));
    for (size_t j = 0; j < columns.size(); ++j) {
      const HeatMap::Cell& cell = map.cells[i * columns.size() + j];
      const std::string place = "x=\"" + Pixels(left + column * static_cast<double>(j) + 1) + "\" y=\"" +
                                Pixels(y + 1) + "\" width=\"" + Pixels(column - 2) + "\" height=\"" +
                                Pixels(kHeight - 2) + "\"";
      if (!cell.share) {
        svg += "<rect class=\"" + std::string(contest && i == j ? "self" : "unmet") + "\" " + place + "/>\n";
        continue;
      }
      // Of a contest how far it is from even, otherwise how much of the row it is.
      const double weight = contest ? std::fabs(*cell.share - 0.5) * 2 : *cell.share;
      svg += "<g><title>" + HtmlText(Spoken(map, i, j)) + "</title>";
      svg += "<rect class=\"" + std::string(!contest || *cell.share >= 0.5 ? "wins" : "loses") + "\" fill-opacity=\"" +
             Fixed((contest ? 0.12 : 0.04) + 0.63 * weight, 2) + "\" " + place + "/>";
      svg += "<text class=\"cell\" text-anchor=\"middle\" x=\"" + Pixels(middle(j)) + "\" y=\"" + Pixels(y + 20) +
             "\">" + (contest ? Fixed(*cell.share, 2) : HtmlText(cell.text)) + "</text></g>\n";
    }
  }
  return {svg + "</svg>\n", width, height};
}

}  // namespace axiometer::svg
