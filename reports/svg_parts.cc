#include "reports/svg_parts.h"

#include "harness/base/utf8.h"
#include "reports/plain_text.h"

namespace axiometer::svg {

std::string Percent(double x) { return Fixed(x, 2) + "%"; }

std::string Pixels(double x) {
  std::string text = Fixed(x, 1);
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  return text;
}

std::string TextAt(const std::string& x, double y, const std::string& attributes, const std::string& text) {
  return "<text x=\"" + x + "\" y=\"" + Pixels(y) + "\"" + attributes + ">" + HtmlText(text) + "</text>\n";
}

double TextRoom(std::string_view text) {
  static constexpr std::string_view kNarrow = " !'()*,-./:;I[\\]fijlrt|";
  static constexpr std::string_view kWide = "MWm%@#+<=>^~w";
  double room = 0;
  std::string beyond;  // ASCII
  for (const char c : text) {
    if (static_cast<unsigned char>(c) >= 0x80) {
      beyond += c;
    } else if (kNarrow.find(c) != kNarrow.npos) {
      room += 5.4;
    } else if (kWide.find(c) != kWide.npos) {
      room += 13.2;
    } else {
      room += (c >= 'A' && c <= 'Z') || c == '&' ? 10.3 : 8.4;
    }
  }
  return room + 10 * static_cast<double>(DisplayWidth(beyond));
}

std::string Fitted(std::string_view text, double room) {
  int cells = CellsOf(text);
  std::string fitted(text);
  while (cells > 1 && TextRoom(fitted) > room) fitted = Shortened(text, --cells);
  return fitted;
}

std::string Open(const std::string& id, const std::string& size, const std::string& title,
                 const std::string& description) {
  return "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"chart\" role=\"img\" aria-labelledby=\"" + id + "-t " + id +
         "-d\" " + size + ">\n<title id=\"" + id + "-t\">" + HtmlText(title) + "</title>\n<desc id=\"" + id + "-d\">" +
         HtmlText(description) + "</desc>\n";
}

std::string RowText(const ForestRow& row) {
  std::string text = row.value ? Fixed(*row.value, 2) : "no value";
  if (row.interval) {
    text += " [" + Fixed(row.interval->low, 2) + ", " + Fixed(row.interval->high, 2) + "]";
  }
  text += "  n " + std::to_string(row.scored);
  if (row.unscored > 0) text += "/" + std::to_string(row.scored + row.unscored);
  return row.remark.empty() ? text : text + "  " + row.remark;
}

std::string Spoken(const ForestRow& row) {
  std::string text = row.label + ": " + RowText(row);
  for (const std::string& remark : {row.reason, row.caution}) {
    if (!remark.empty()) text += " (" + remark + ")";
  }
  return text;
}

}  // namespace axiometer::svg
