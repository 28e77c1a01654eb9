#include <algorithm>
#include <cmath>
#include <numeric>

#include "harness/base/utf8.h"
#include "reports/difference_text.h"
#include "reports/document.h"
#include "reports/plain_text.h"
#include "reports/terminal_table.h"

namespace axiometer {
namespace {

constexpr int kLongLabel = 22;  // of a forest plot, before its bar gives way; more where the screen is wide
constexpr int kShortBar = 16;
constexpr int kLongBar = 60;

std::string Times(std::string_view text, int count) {
  std::string out;
  for (int i = 0; i < count; ++i) out += text;
  return out;
}

class Terminal {
 public:
  Terminal(int width, bool color) : width_(std::max(40, width)), color_(color) {}

  std::string Render(const Document& document) {
    Line(Bold(Wrapped(Harmless(document.title), width_)));
    Text(document.subtitle);
    bool details = false;
    for (const Section& section : document.sections) {
      if (section.detail) {
        details = true;
        continue;
      }
      Line("");
      Line(Bold(Wrapped(Harmless(section.title), width_)));
      Line(Dim(Times("─", std::min(width_, CellsOf(Harmless(section.title))))));
      below_rule_ = true;
      for (const Block& block : section.blocks) {
        std::visit(*this, block);
        below_rule_ = false;
      }
    }
    if (details) {
      Line("");
      Text("The HTML report (-o report.html) has more tables, figures and the index of " +
           Counted(document.sample_count, "sample") + ".");
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
    for (const TableLine& line : TableLines(table, width_)) Line(line.head ? Dim(line.text) : line.text);
    Caption(table.caption);
  }

  void operator()(const ForestPlot& plot) {
    if (plot.drawn_only) return;
    Title(plot.title);
    int label = 0;
    int number = 0;
    for (const ForestRow& row : plot.rows) {
      label = std::max(label, CellsOf(Harmless(row.label)));
      number = std::max(number, CellsOf(Numbers(row)));
    }
    const int digits = std::fabs(plot.high - std::round(plot.high)) > 1e-9 ? 1 : 0;
    const auto scale = [&](int bar) {
      const std::string high = Fixed(plot.high, digits);
      return PadRight(Fixed(plot.low, digits), bar - CellsOf(high)) + high;
    };
    const int longest = std::max(kLongLabel, width_ - number - 2 - kLongBar);
    if (width_ - std::min(label, kLongLabel) - number - 2 < kShortBar) {
      Stacked(plot, number, scale(width_));
    } else {
      label = std::min(label, longest);
      const int bar = std::min(width_ - label - number - 2, kLongBar);
      Line(Dim(PadRight("", label) + " " + scale(bar)));
      for (const ForestRow& row : plot.rows) {
        const std::string name = PadRight(Harmless(row.label), label);
        Line((row.summary ? Bold(name) : name) + " " + Axis(plot, row, bar) + " " + Numbers(row));
        Reason(row, label + 1);
      }
    }
    Caption(plot.caption);
  }

  // As a table, with intervals where they fit.
  void operator()(const LineChart& chart) {
    Table table = PointsOf(chart, true);
    if (WidthOf(table) > width_) table = PointsOf(chart, false);
    table.title = chart.title;
    table.caption = chart.caption;
    (*this)(table);
  }

  void operator()(const StackedBar& bar) {
    Title(bar.title);
    int64_t total = 0;
    int label = 0;
    for (const StackedBar::Part& part : bar.parts) {
      total += part.count;
      label = std::max(label, CellsOf(part.label));
    }
    const int room = std::max(0, width_ - label - 19);
    for (const StackedBar::Part& part : bar.parts) {
      const double share =
          total == 0 ? 0 : static_cast<double>(part.count) / static_cast<double>(total);
      const int cells =
          part.count == 0 || room == 0 ? 0 : std::max(1, static_cast<int>(std::lround(share * room)));
      Line(PadRight(part.label, label) + " " + PadLeft(Grouped(part.count), 9) + " " +
           PadLeft(Fixed(100 * share, 1), 5) + " % " + Tinted(part.tone, Times("█", cells)));
    }
    Caption(bar.caption);
  }

  void operator()(const HeatMap& map) {
    if (map.detail || map.drawn_only) return;
    const int count = static_cast<int>(map.labels.size());
    const int label =
        4 + std::accumulate(map.labels.begin(), map.labels.end(), 0,
                            [](int most, const std::string& name) {
                              return std::max(most, std::min(20, CellsOf(Harmless(name))));
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
  // Where no bar fits beside names and numbers: the bar below them, as wide as the screen.
  void Stacked(const ForestPlot& plot, int number, const std::string& scale) {
    Line(Dim(scale));
    for (const ForestRow& row : plot.rows) {
      const int room = width_ - number - 1;
      const std::string name = Harmless(row.label);
      if (CellsOf(name) <= room) {
        const std::string padded = PadRight(name, room);
        Line((row.summary ? Bold(padded) : padded) + " " + PadLeft(Numbers(row), number));
      } else {
        Line(row.summary ? Bold(Wrapped(name, width_)) : Wrapped(name, width_));
        Line(PadLeft(Numbers(row), width_));
      }
      Line(Axis(plot, row, width_));
      Reason(row, 2);
    }
  }

  // Below a row: why it has no number or no interval, and its bounds where something is missing.
  void Reason(const ForestRow& row, int indent) {
    std::vector<std::string> remarks;
    if (!row.reason.empty()) remarks.push_back(row.reason);
    if (row.bound_low && row.bound_high) {
      remarks.push_back("whatever is missing: " + BoundsText({*row.bound_low, *row.bound_high, {}, {}}));
    }
    for (const std::string& remark : remarks) {
      for (const std::string& line : WrappedLines(Harmless(remark), width_ - indent)) {
        Line(Dim(std::string(static_cast<size_t>(indent), ' ') + line));
      }
    }
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
    Line(Bold(Wrapped(Harmless(title), width_)));
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
