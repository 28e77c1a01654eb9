#include "reports/figures.h"

#include <algorithm>
#include <cctype>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <set>

#include "harness/base/utf8.h"
#include "reports/export.h"
#include "reports/plain_text.h"
#include "reports/svg_chart.h"
#include "reports/svg_parts.h"

namespace axiometer {
namespace {

namespace fs = std::filesystem;

// How our files begin, by which a later report knows that it may replace them.
constexpr char kMark[] = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- axiometer figure -->\n";

constexpr double kWidth = 680;
constexpr double kMargin = 24;
constexpr double kLabelRoom = 316;  // twice that, and it is cut
constexpr double kTitleLetter = 1.36;  // how much wider a letter of a title is than one of 13 px
constexpr int kCaptionCells = 94;
constexpr double kCaptionLine = 16;

std::string CaptionOf(const Figure& figure) {
  return figure.full_caption.empty() ? figure.caption : figure.full_caption;
}

// A figure with what a page would say around it.
std::string Sheet(const svg::Drawing& drawing, const std::string& title, const std::string& subtitle,
                  const std::string& caption) {
  const double width = std::max(kWidth, drawing.width + 2 * kMargin);
  const double inner = drawing.width > 0 ? drawing.width : width - 2 * kMargin;
  const std::vector<std::string> lines =
      WrappedLines(Harmless(caption), static_cast<int>(kCaptionCells * width / kWidth));
  constexpr double kHead = 68;
  const double below = kHead + drawing.height + 26;
  const double height = below + kCaptionLine * static_cast<double>(lines.size()) + kMargin / 2;
  std::string out = kMark;
  out += "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" + svg::Pixels(width) + "\" height=\"" +
         svg::Pixels(height) + "\" viewBox=\"0 0 " + svg::Pixels(width) + " " + svg::Pixels(height) +
         "\" role=\"img\" aria-labelledby=\"figure-title figure-caption\">\n";
  out += "<title id=\"figure-title\">" + HtmlText(title) + "</title>\n<desc id=\"figure-caption\">" +
         HtmlText(caption) + "</desc>\n<style>\n" + SvgPrintStyle() + "</style>\n";
  out += "<rect class=\"sheet\" width=\"" + svg::Pixels(width) + "\" height=\"" + svg::Pixels(height) + "\"/>\n";
  const std::string left = svg::Pixels(kMargin);
  out += svg::TextAt(left, 28, " class=\"heading\"", svg::Fitted(Harmless(title), inner / kTitleLetter));
  out += svg::TextAt(left, 46, " class=\"subheading\"", svg::Fitted(Harmless(subtitle), inner));
  out += "<svg x=\"" + svg::Pixels((width - inner) / 2) + "\" y=\"" + svg::Pixels(kHead) + "\" width=\"" +
         svg::Pixels(inner) + "\" height=\"" + svg::Pixels(drawing.height) + "\" class=\"chart\">\n" + drawing.svg +
         "</svg>\n";
  for (size_t i = 0; i < lines.size(); ++i) {
    out += svg::TextAt(left, below + kCaptionLine * static_cast<double>(i), " class=\"under\"", lines[i]);
  }
  return out + "</svg>\n";
}

class Writer {
 public:
  explicit Writer(const Document& document) : document_(document) {}

  std::vector<FigureFile> Write() {
    for (const Section& section : document_.sections) {
      section_ = &section;
      if (!section.minor) major_ = section.title;
      for (const Block& block : section.blocks) std::visit(*this, block);
    }
    return std::move(files_);
  }

  void operator()(const Paragraph&) {}
  void operator()(const Table&) {}
  void operator()(const ForestPlot& plot) {
    rough_ = std::any_of(plot.rows.begin(), plot.rows.end(), [](const ForestRow& row) { return !row.caution.empty(); });
    Add(plot, svg::DrawForest(plot, kLabelRoom));
    if (plot.circle.empty()) return;
    ForestPlot round = plot;
    constexpr char kProfile[] = "profile-";
    const size_t at = round.file.find(kProfile);
    round.file = at == std::string::npos
                     ? "circle-" + NameOf(plot)
                     : round.file.substr(0, at) + "circle-" + round.file.substr(at + std::strlen(kProfile));
    round.full_caption =
        "Neighbours on the circle tend to be pursued together, opposite values to conflict. " + CaptionOf(plot);
    Add(round, svg::DrawCircle(plot));
  }
  void operator()(const LineChart& chart) {
    rough_ = std::any_of(chart.lines.begin(), chart.lines.end(), [](const LineChart::Line& line) {
      return std::any_of(line.points.begin(), line.points.end(),
                         [](const LineChart::Point& point) { return !point.caution.empty(); });
    });
    Add(chart, svg::DrawLines(chart, kLabelRoom));
  }
  void operator()(const StackedBar& bar) {
    rough_ = false;
    Add(bar, svg::DrawBar(bar));
  }
  void operator()(const HeatMap& map) {
    rough_ = false;
    Add(map, svg::DrawHeatMap(map));
  }

 private:
  static std::string NameOf(const Figure& figure) { return figure.file.empty() ? figure.id : figure.file; }

  void Add(const Figure& figure, const svg::Drawing& drawing) {
    std::string name = NameOf(figure);
    for (int number = 2; !names_.insert(name).second; ++number) name = NameOf(figure) + "-" + std::to_string(number);
    const std::string title = figure.title.empty() ? section_->title : figure.title;
    const std::string& about = section_->minor ? major_ : section_->title;
    std::string subtitle = about == title ? "" : about + " · ";
    subtitle += document_.subtitle;
    std::string caption = CaptionOf(figure);
    if (rough_ && caption.find("Broken line") == std::string::npos) {
      caption += " Broken line: rests on few or very unequal clusters; a rough guide.";
    }
    files_.push_back({name + ".svg", Sheet(drawing, title, subtitle, caption)});
  }

  const Document& document_;
  const Section* section_ = nullptr;
  std::string major_;   // title of the last section that is no subsection
  bool rough_ = false;  // some interval of the figure at hand is a rough guide
  std::set<std::string> names_;
  std::vector<FigureFile> files_;
};

bool IsOurs(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::string begin(std::strlen(kMark), '\0');
  in.read(begin.data(), static_cast<std::streamsize>(begin.size()));
  return in && begin == kMark;
}

}  // namespace

std::string FileWord(std::string_view text) {
  std::string word;
  for (const unsigned char c : text) {
    if (c < 0x80 && std::isalnum(c)) {
      word += static_cast<char>(std::tolower(c));
    } else if (!word.empty() && word.back() != '-') {
      word += '-';
    }
  }
  while (word.ends_with('-')) word.pop_back();
  return word;
}

std::vector<FigureFile> FiguresOf(const Document& document) { return Writer(document).Write(); }

Result<int> WriteFigures(const Document& document, const std::string& folder) {
  const std::vector<FigureFile> files = FiguresOf(document);
  std::error_code ignored;
  const fs::path target(folder);
  if (fs::exists(target, ignored) && !fs::is_directory(target, ignored)) {
    return Failed(Quoted(folder), "is no folder", "name another one with --figures");
  }
  for (const FigureFile& file : files) {
    const fs::path path = target / file.name;
    if (!fs::exists(fs::symlink_status(path, ignored)) || IsOurs(path)) continue;
    return Failed(Quoted(path.string()), "is in the way, and no figure of an earlier report",
                  "move it, or name another folder with --figures");
  }
  fs::create_directories(target, ignored);
  const FileSink write = WriteBelow(folder);
  for (const FigureFile& file : files) {
    const Result<void> written = write(file.name, file.svg);
    if (!written) return written.error();
  }
  return static_cast<int>(files.size());
}

}  // namespace axiometer
