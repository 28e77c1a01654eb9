#include <algorithm>

#include "reports/difference_text.h"
#include "reports/document.h"
#include "reports/plain_text.h"

namespace axiometer {
namespace {

// Model-written text must not become markup, a link or a cell border.
std::string Escaped(std::string_view text) {
  std::string out;
  for (const char c : Harmless(text)) {
    if (c == '<') {
      out += "&lt;";
    } else if (c == '&') {
      out += "&amp;";
    } else {
      if (std::string_view("\\`*_[]>#|~").find(c) != std::string_view::npos) out += '\\';
      out += c;
    }
  }
  return out;
}

void AppendRow(const std::vector<std::string>& cells, std::string& out) {
  out += '|';
  for (const std::string& cell : cells) out.append(" ").append(Escaped(cell)).append(" |");
  out += '\n';
}

void AppendTable(const std::vector<Column>& columns,
                 const std::vector<std::vector<std::string>>& rows, std::string& out) {
  std::vector<std::string> titles;
  for (const Column& column : columns) titles.push_back(column.title);
  AppendRow(titles, out);
  out += '|';
  for (const Column& column : columns) out += column.number ? " ---: |" : " --- |";
  out += '\n';
  for (const auto& row : rows) AppendRow(row, out);
  out += '\n';
}

void AppendTitle(const std::string& title, std::string& out) {
  if (!title.empty()) out.append("**").append(Escaped(title)).append("**\n\n");
}

void AppendCaption(const std::string& caption, std::string& out) {
  if (!caption.empty()) out += Escaped(caption) + "\n\n";
}

struct Renderer {
  std::string& out;

  void operator()(const Paragraph& paragraph) const {
    out.append(paragraph.note ? "> " : "").append(Escaped(paragraph.text)).append("\n\n");
  }

  void operator()(const Table& table) const {
    AppendTitle(table.title, out);
    AppendTable(table.columns, table.rows, out);
    AppendCaption(table.caption, out);
  }

  void operator()(const ForestPlot& plot) const {
    if (plot.drawn_only) return;
    AppendTitle(plot.title, out);
    std::vector<Column> columns{{"", false},      {plot.quantity, true}, {"95 % interval", true},
                                {"Scored", true}, {"Missing", true},     {"Remark", false}};
    const bool bounded = std::ranges::any_of(plot.rows, [](const ForestRow& row) { return row.bound_low.has_value(); });
    if (bounded) columns.insert(columns.end() - 1, {"Whatever is missing", true});
    std::vector<std::vector<std::string>> rows;
    for (const ForestRow& row : plot.rows) {
      std::vector<std::string>& cells = rows.emplace_back();
      cells = {row.label, row.value ? Fixed(*row.value, 3) : "–",
               row.interval ? Fixed(row.interval->low, 3) + " to " + Fixed(row.interval->high, 3) : "–",
               Grouped(row.scored), Grouped(row.unscored), row.reason.empty() ? row.caution : row.reason};
      if (!bounded) continue;
      const bool has = row.bound_low && row.bound_high;
      cells.insert(cells.end() - 1, has ? BoundsText({*row.bound_low, *row.bound_high, {}, {}}) : "–");
    }
    AppendTable(columns, rows, out);
    AppendCaption(plot.caption, out);
  }

  void operator()(const LineChart& chart) const {
    AppendTitle(chart.title, out);
    const Table table = PointsOf(chart, true);
    AppendTable(table.columns, table.rows, out);
    AppendCaption(chart.caption, out);
  }

  void operator()(const StackedBar& bar) const {
    AppendTitle(bar.title, out);
    std::vector<std::vector<std::string>> rows;
    for (const StackedBar::Part& part : bar.parts)
      rows.push_back({part.label, Grouped(part.count)});
    AppendTable({{"", false}, {"Samples", true}}, rows, out);
    AppendCaption(bar.caption, out);
  }

  void operator()(const HeatMap& map) const {
    if (map.drawn_only) return;
    AppendTitle(map.title, out);
    std::vector<Column> columns{{"", false}};
    for (const std::string& label : map.labels) columns.push_back({label, true});
    std::vector<std::vector<std::string>> rows;
    for (size_t i = 0; i < map.labels.size(); ++i) {
      rows.push_back({map.labels[i]});
      for (size_t j = 0; j < map.labels.size(); ++j) {
        const HeatMap::Cell& cell = map.cells[i * map.labels.size() + j];
        rows.back().push_back(cell.share ? cell.text : "–");
      }
    }
    AppendTable(columns, rows, out);
    AppendCaption(map.caption, out);
  }
};

}  // namespace

std::string ToMarkdown(const Document& document) {
  std::string out = "# ";
  out.append(Escaped(document.title))
      .append("\n\n")
      .append(Escaped(document.subtitle))
      .append("\n\n");
  for (const Section& section : document.sections) {
    out.append(section.minor ? "### " : "## ").append(Escaped(section.title)).append("\n\n");
    for (const Block& block : section.blocks) std::visit(Renderer{out}, block);
  }
  out.pop_back();
  return out;
}

}  // namespace axiometer
