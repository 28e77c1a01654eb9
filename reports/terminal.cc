#include <algorithm>
#include <cmath>
#include <numeric>

#include "harness/base/utf8.h"
#include "reports/document.h"
#include "reports/plain_text.h"

namespace axiometer {
namespace {

constexpr int kNarrowestText = 8;  // columns that a squeezed table cell keeps

int Cells(std::string_view text) { return static_cast<int>(DisplayWidth(text)); }

std::string Times(std::string_view text, int count) {
  std::string out;
  for (int i = 0; i < count; ++i) out += text;
  return out;
}

class Terminal {
 public:
  Terminal(int width, bool color) : width_(std::max(40, width)), color_(color) {}

  std::string Render(const Document& document) {
    Line(Bold(Shortened(Harmless(document.title), width_)));
    Text(document.subtitle);
    bool details = false;
    for (const Section& section : document.sections) {
      if (section.detail) {
        details = true;
        continue;
      }
      Line("");
      Line(Bold(Shortened(Harmless(section.title), width_)));
      Line(Dim(Times("─", std::min(width_, Cells(Harmless(section.title))))));
      below_rule_ = true;
      for (const Block& block : section.blocks) {
        std::visit(*this, block);
        below_rule_ = false;
      }
    }
    if (details) {
      Line("");
      Text("The HTML report (-o report.html) has more tables, figures and the index of " +
           Grouped(static_cast<long long>(document.samples.size())) + " samples.");
    }
    return std::move(out_);
  }

  void operator()(const Paragraph& paragraph) {
    Text((paragraph.note ? "Note: " : "") + paragraph.text);
  }

  void operator()(const Table& table) {
    if (table.detail) return;
    Title(table.title);
    if (table.title.empty()) Gap();
    const size_t columns = table.columns.size();
    std::vector<int> widths(columns, 0);
    std::vector<std::vector<std::string>> rows;
    bool titled = false;
    for (const Column& column : table.columns) titled = titled || !column.title.empty();
    if (titled) {
      rows.emplace_back();
      for (const Column& column : table.columns) rows.back().push_back(column.title);
    }
    for (const auto& row : table.rows) {
      rows.emplace_back();
      for (const std::string& cell : row) rows.back().push_back(Harmless(cell));
    }
    for (const auto& row : rows) {
      for (size_t i = 0; i < columns; ++i) widths[i] = std::max(widths[i], Cells(row[i]));
    }
    Squeeze(table.columns, widths);
    for (size_t r = 0; r < rows.size(); ++r) {
      std::string line;
      for (size_t i = 0; i < columns; ++i) {
        if (i > 0) line += "  ";
        line += table.columns[i].number ? PadLeft(rows[r][i], widths[i])
                                        : PadRight(rows[r][i], widths[i]);
      }
      while (line.ends_with(' ')) line.pop_back();
      Line(titled && r == 0 ? Dim(line) : line);
    }
    Caption(table.caption);
  }

  void operator()(const ForestPlot& plot) {
    Title(plot.title);
    int label = 0;
    int number = 0;
    for (const ForestRow& row : plot.rows) {
      label = std::max(label, Cells(Harmless(row.label)));
      number = std::max(number, Cells(Numbers(row)));
    }
    label = std::min(label, 22);
    const int bar = std::clamp(width_ - label - number - 2, 10, 60);
    const int digits = std::fabs(plot.high - std::round(plot.high)) > 1e-9 ? 1 : 0;
    Line(Dim(PadRight("", label) + " " + PadRight(Fixed(plot.low, digits), bar - 1) +
             Fixed(plot.high, digits)));
    for (const ForestRow& row : plot.rows) {
      const std::string name = PadRight(Harmless(row.label), label);
      Line((row.summary ? Bold(name) : name) + " " + Axis(plot, row, bar) + " " + Numbers(row));
      if (!row.reason.empty())
        Line(Dim(PadRight("", label + 1) + Shortened(Harmless(row.reason), width_ - label - 1)));
    }
    Caption(plot.caption);
  }

  // As a table, with intervals where they fit; many places take several tables.
  void operator()(const LineChart& chart) {
    const size_t places = chart.ticks.size();
    Table table = PointsOf(chart, 0, places, true);
    size_t at_once = places;
    if (WidthOf(table) > width_) {
      table = PointsOf(chart, 0, places, false);
      while (at_once > 1 && WidthOf(PointsOf(chart, 0, at_once, false)) > width_) --at_once;
      if (at_once < places) table = PointsOf(chart, 0, at_once, false);
    }
    table.title = chart.title;
    for (size_t from = 0; from < places; from += at_once) {
      if (from > 0) table = PointsOf(chart, from, std::min(at_once, places - from), false);
      if (from + at_once >= places) table.caption = chart.caption;
      (*this)(table);
    }
  }

  void operator()(const StackedBar& bar) {
    Title(bar.title);
    int64_t total = 0;
    int label = 0;
    for (const StackedBar::Part& part : bar.parts) {
      total += part.count;
      label = std::max(label, Cells(part.label));
    }
    const int room = std::max(10, width_ - label - 19);
    for (const StackedBar::Part& part : bar.parts) {
      const double share =
          total == 0 ? 0 : static_cast<double>(part.count) / static_cast<double>(total);
      const int cells =
          part.count == 0 ? 0 : std::max(1, static_cast<int>(std::lround(share * room)));
      Line(PadRight(part.label, label) + " " + PadLeft(Grouped(part.count), 9) + " " +
           PadLeft(Fixed(100 * share, 1), 5) + " % " + Tinted(part.tone, Times("█", cells)));
    }
    Caption(bar.caption);
  }

  void operator()(const HeatMap& map) {
    if (map.detail) return;
    const int count = static_cast<int>(map.labels.size());
    const int label =
        4 + std::accumulate(map.labels.begin(), map.labels.end(), 0,
                            [](int most, const std::string& name) {
                              return std::max(most, std::min(20, Cells(Harmless(name))));
                            });
    Title(map.title);
    if (label + 5 * count > width_) {
      Line(Dim("(too wide for " + std::to_string(width_) + " columns; see the HTML report)"));
      return;
    }
    std::string head = PadRight("", label);
    for (int j = 0; j < count; ++j) head += PadLeft(std::to_string(j + 1), 5);
    Line(Dim(head));
    for (int i = 0; i < count; ++i) {
      std::string line =
          PadLeft(std::to_string(i + 1), 2) + "  " + PadRight(Harmless(map.labels[i]), label - 4);
      for (int j = 0; j < count; ++j) {
        const HeatMap::Cell& cell = map.cells[static_cast<size_t>(i) * count + j];
        line += cell.share ? PadLeft(Fixed(*cell.share, 2), 5) : i == j ? "    ─" : "    ·";
      }
      Line(line);
    }
    Caption(map.caption);
  }

 private:
  // Of a table with column titles, before anything is squeezed.
  static int WidthOf(const Table& table) {
    int width = 2 * (static_cast<int>(table.columns.size()) - 1);
    for (size_t i = 0; i < table.columns.size(); ++i) {
      int widest = Cells(table.columns[i].title);
      for (const auto& row : table.rows) widest = std::max(widest, Cells(Harmless(row[i])));
      width += widest;
    }
    return width;
  }

  static std::string Numbers(const ForestRow& row) {
    std::string text = row.value ? Fixed(*row.value, 2) : "   –";
    if (row.interval) {
      text.append(" [").append(Fixed(row.interval->low, 2)).append(", ");
      text.append(Fixed(row.interval->high, 2)).append("]");
    } else {
      text.append(13, ' ');
    }
    return text + " " + std::to_string(row.scored) + "/" +
           std::to_string(row.scored + row.unscored);
  }

  std::string Axis(const ForestPlot& plot, const ForestRow& row, int cells) const {
    const auto at = [&](double value) {
      const double share = (value - plot.low) / (plot.high - plot.low);
      return std::clamp(static_cast<int>(std::lround(share * (cells - 1))), 0, cells - 1);
    };
    std::string axis;
    for (int i = 0; i < cells; ++i) {
      const char* mark = plot.reference && at(*plot.reference) == i ? "│" : "·";
      if (row.interval && at(row.interval->low) <= i && i <= at(row.interval->high)) {
        mark = row.caution.empty() ? "━" : "╍";
      }
      if (row.value && at(*row.value) == i) mark = "●";
      axis += mark;
    }
    return Colored("34", axis);
  }

  // Narrows text columns, the widest first, until the table fits.
  void Squeeze(const std::vector<Column>& columns, std::vector<int>& widths) const {
    const int gaps = 2 * (static_cast<int>(widths.size()) - 1);
    while (std::accumulate(widths.begin(), widths.end(), gaps) > width_) {
      int widest = -1;
      for (size_t i = 0; i < widths.size(); ++i) {
        const bool may = widths[i] > kNarrowestText;
        if (may && (widest < 0 || widths[i] + (columns[i].number ? -1000 : 0) >
                                      widths[widest] + (columns[widest].number ? -1000 : 0))) {
          widest = static_cast<int>(i);
        }
      }
      if (widest < 0) return;
      --widths[widest];
    }
  }

  std::string Colored(const char* code, const std::string& text) const {
    if (!color_) return text;
    std::string out = "\033[";
    return out.append(code).append("m").append(text).append("\033[0m");
  }
  std::string Bold(const std::string& text) const { return Colored("1", text); }
  std::string Dim(const std::string& text) const { return Colored("2", text); }
  std::string Tinted(StackedBar::Tone tone, const std::string& text) const {
    switch (tone) {
      case StackedBar::Tone::kBroken:
        return Colored("31", text);
      case StackedBar::Tone::kSilent:
      case StackedBar::Tone::kPoleB:
        return Colored("33", text);
      case StackedBar::Tone::kEven:
        return Colored("32", text);
      case StackedBar::Tone::kAbsent:
        return Dim(text);
      default:
        return Colored("34", text);
    }
  }

  void Line(const std::string& text) {
    out_ += text;
    out_ += '\n';
  }
  // An empty line, but not below a section's rule.
  void Gap() {
    if (!below_rule_) Line("");
    below_rule_ = false;
  }
  void Title(const std::string& title) {
    if (title.empty()) return;
    Gap();
    Line(Bold(Shortened(Harmless(title), width_)));
  }
  void Text(const std::string& text) { Line(Wrapped(Harmless(text), width_)); }
  void Caption(const std::string& caption) {
    if (!caption.empty()) Line(Dim(Wrapped(Harmless(caption), width_)));
  }

  int width_;
  bool color_;
  bool below_rule_ = false;
  std::string out_;
};

}  // namespace

std::string ToTerminal(const Document& document, int width, bool color) {
  return Terminal(width, color).Render(document);
}

}  // namespace axiometer
