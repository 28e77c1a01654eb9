#include "reports/figures.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "reports/svg_chart.h"
#include "reports/svg_parts.h"
#include "tests/reports/report_fixture.h"
#include "tests/temporary_folder.h"

namespace axiometer {
namespace {

namespace fs = std::filesystem;

ValueSystem Circle() {
  ValueSystem system;
  system.key = "schwartz";
  system.circle = {"self-direction", "stimulation", "hedonism",  "achievement", "power",
                   "security",       "conformity",  "tradition", "benevolence", "universalism"};
  return system;
}

Document ReportOf(const fixture::MadeRun& made) {
  ReportData data;
  data.runs.push_back(fixture::Collect(made));
  return BuildReport(data, {}, {Circle()});
}

std::string FileNamed(const std::vector<FigureFile>& files, const std::string& name) {
  for (const FigureFile& file : files) {
    if (file.name == name) return file.svg;
  }
  std::string all;
  for (const FigureFile& file : files) all += file.name + " ";
  ADD_FAILURE() << "no " << name << " among " << all;
  return "";
}

// Of CIE L*a*b*, from "#rrggbb".
double Lightness(const std::string& color) {
  const double weights[] = {0.2126, 0.7152, 0.0722};
  double luminance = 0;
  for (int i = 0; i < 3; ++i) {
    const double part = std::stoi(color.substr(1 + 2 * static_cast<size_t>(i), 2), nullptr, 16) / 255.0;
    luminance += weights[i] * (part <= 0.04045 ? part / 12.92 : std::pow((part + 0.055) / 1.055, 2.4));
  }
  return 116 * std::cbrt(luminance) - 16;
}

std::string FillOf(const std::string& style, const std::string& name) {
  const std::string rule = ".chart ." + name + "{fill:";
  const size_t at = style.find(rule);
  return at == std::string::npos ? "" : style.substr(at + rule.size(), 7);
}

TEST(FiguresTest, EveryFigureHasAReadableNameTitleAndCaption) {
  const std::vector<FigureFile> files = FiguresOf(ReportOf(fixture::Crossroads()));
  for (const char* name : {"outcomes-of-samples.svg", "leanings-of-samples.svg", "profile-schwartz.svg",
                           "circle-schwartz.svg", "pairs-schwartz.svg"}) {
    const std::string svg = FileNamed(files, name);
    EXPECT_EQ(svg.rfind("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- axiometer figure -->\n<svg ", 0), 0u) << name;
    EXPECT_NE(svg.find("<title id=\"figure-title\">"), std::string::npos) << name;
    EXPECT_NE(svg.find("<desc id=\"figure-caption\">"), std::string::npos) << name;
    EXPECT_NE(svg.find(" class=\"under\">"), std::string::npos) << name;
    EXPECT_EQ(svg.find("var("), std::string::npos) << name;
    EXPECT_EQ(svg.find(" style="), std::string::npos) << name;
    EXPECT_EQ(svg.find("<path"), std::string::npos) << name;  // no outlines of letters
  }
}

TEST(FiguresTest, ACaptionSaysEstimatorDenominatorsAndInterval) {
  const std::string svg = FileNamed(FiguresOf(ReportOf(fixture::Crossroads())), "profile-schwartz.svg");
  const size_t at = svg.find("<desc id=\"figure-caption\">");
  const std::string caption = svg.substr(at, svg.find("</desc>", at) - at);
  for (const char* part : {"Mean over tasks", "95 % interval", "cluster-robust by environment, CR2", "environments)",
                           " scored", "n: samples with a score"}) {
    EXPECT_NE(caption.find(part), std::string::npos) << part << " in " << caption;
  }
}

TEST(FiguresTest, OneFigureOneName) {
  Document document;
  document.sections.emplace_back();
  for (int i = 0; i < 2; ++i) {
    StackedBar bar;
    bar.id = "bar-" + std::to_string(i);
    bar.file = "bar";
    document.sections.back().blocks.push_back(bar);
  }
  const std::vector<FigureFile> files = FiguresOf(document);
  ASSERT_EQ(files.size(), 2u);
  EXPECT_EQ(files[0].name, "bar.svg");
  EXPECT_EQ(files[1].name, "bar-2.svg");
}

TEST(FiguresTest, OnlyFiguresOfOursAreReplaced) {
  const TemporaryFolder folder;
  const std::string target = folder.path() + "/figures";
  const Document document = ReportOf(fixture::Crossroads());
  const Result<int> first = WriteFigures(document, target);
  ASSERT_TRUE(first.has_value()) << first.error().ToString();
  EXPECT_EQ(*first, static_cast<int>(FiguresOf(document).size()));
  EXPECT_TRUE(WriteFigures(document, target).has_value());
  std::ofstream(target + "/notes.txt") << "mine";
  EXPECT_TRUE(WriteFigures(document, target).has_value());

  std::ofstream(target + "/profile-schwartz.svg") << "<svg/>";
  fs::remove(target + "/outcomes-of-samples.svg");
  const Result<int> refused = WriteFigures(document, target);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().ToString(), "\"" + target +
                                            "/profile-schwartz.svg\": is in the way, and no figure of an "
                                            "earlier report: move it, or name another folder with --figures");
  EXPECT_FALSE(fs::exists(target + "/outcomes-of-samples.svg"));  // nothing was written
  std::ifstream kept(target + "/profile-schwartz.svg");
  std::stringstream text;
  text << kept.rdbuf();
  EXPECT_EQ(text.str(), "<svg/>");
}

TEST(FiguresTest, AFileInPlaceOfTheFolderIsNamed) {
  const TemporaryFolder folder;
  std::ofstream(folder.path() + "/there") << "x";
  const Result<int> refused = WriteFigures(ReportOf(fixture::Crossroads()), folder.path() + "/there");
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().what, "is no folder");
}

TEST(FiguresTest, PrintedColoursDifferInGreyWhereTheyMeet) {
  const std::string style = SvgPrintStyle();
  // What can stand side by side: outcomes from good to broken, leanings of two poles.
  for (const auto& [one, other] : std::vector<std::pair<const char*, const char*>>{{"good", "limited"},
                                                                                   {"good", "silent"},
                                                                                   {"good", "broken"},
                                                                                   {"limited", "silent"},
                                                                                   {"limited", "broken"},
                                                                                   {"silent", "broken"},
                                                                                   {"broken", "absent"},
                                                                                   {"pole-a", "pole-b"},
                                                                                   {"pole-b", "even"},
                                                                                   {"pole-a", "even"}}) {
    EXPECT_GE(std::fabs(Lightness(FillOf(style, one)) - Lightness(FillOf(style, other))), 10)
        << one << " " << FillOf(style, one) << ", " << other << " " << FillOf(style, other);
  }
}

TEST(FiguresTest, ACircleHasASpokeForEveryValueInItsOrder) {
  ForestPlot plot;
  plot.id = "p";
  plot.title = "Round";
  plot.axis = "share";
  plot.circle = {"first", "second", "third", "fourth"};
  for (const char* label : {"third", "first", "second"}) {
    ForestRow row;
    row.label = label;
    row.value = 0.5;
    row.interval = Interval{0.95, 0.25, 0.75};
    row.scored = 3;
    plot.rows.push_back(row);
  }
  const std::string svg = CircleSvg(plot);
  EXPECT_EQ(fixture::Count(svg, "class=\"spoke\""), 4u);
  EXPECT_EQ(fixture::Count(svg, "class=\"mean\""), 3u);
  EXPECT_EQ(fixture::Count(svg, "class=\"interval\""), 3u);
  EXPECT_EQ(svg.find("<polygon"), std::string::npos);  // a value is missing: no closed shape
  EXPECT_NE(svg.find("fourth: no task"), std::string::npos);
  EXPECT_LT(svg.find(">first<"), svg.find(">second<"));
  EXPECT_LT(svg.find(">second<"), svg.find(">third<"));
  plot.circle.clear();
  EXPECT_EQ(CircleSvg(plot), "");
}

TEST(FiguresTest, SpokesPointWhereTheyShould) {
  ForestPlot plot;
  plot.id = "p";
  plot.axis = "share";
  plot.circle = {"n", "e", "s", "w"};
  for (const std::string& label : plot.circle) {
    ForestRow row;
    row.label = label;
    row.value = 1;
    plot.rows.push_back(row);
  }
  // Room for a number, 12 pixels, a radius of 150: the centre is at 65 + 12 + 150 = 227 and 34 + 12 + 150 = 196.
  const std::string svg = CircleSvg(plot);
  for (const char* dot :
       {"cx=\"227\" cy=\"46\"", "cx=\"377\" cy=\"196\"", "cx=\"227\" cy=\"346\"", "cx=\"77\" cy=\"196\""}) {
    EXPECT_NE(svg.find("class=\"mean\" " + std::string(dot)), std::string::npos) << dot << "\n" << svg;
  }
}

TEST(FiguresTest, ALabelHasTheRoomThatItsLettersNeed) {
  EXPECT_NEAR(svg::TextRoom("WWWW"), 4 * 12.9, 2);  // as wide as DejaVu Sans has it
  EXPECT_NEAR(svg::TextRoom("llll"), 4 * 3.6, 8);
  EXPECT_EQ(svg::TextRoom("价值"), 40);
  EXPECT_EQ(svg::Fitted("care", 100), "care");
  EXPECT_EQ(svg::Fitted("WWWWWWWWWW", 60), "WWW…");
  HeatMap map;
  map.id = "p";
  map.labels = {"DUTY", "CARE"};
  map.cells.resize(4);
  const auto width = [&] { return svg::DrawHeatMap(map).width; };
  const double before = width();
  map.labels[0] = std::string(30, 'W');
  EXPECT_GT(width(), before + 26 * 12.9);
}

TEST(FiguresTest, HostileTextStaysText) {
  fixture::MadeRun made = fixture::Crossroads();
  made.summary.run.model = fixture::kHostile;
  for (const FigureFile& file : FiguresOf(ReportOf(made))) {
    EXPECT_EQ(file.svg.find("<script"), std::string::npos) << file.name;
    EXPECT_EQ(file.svg.find('\x1b'), std::string::npos) << file.name;
  }
}

TEST(FiguresTest, FileWordsAreLettersDigitsAndHyphens) {
  EXPECT_EQ(FileWord("Schwartz's basic values (10)"), "schwartz-s-basic-values-10");
  EXPECT_EQ(FileWord("openai/gpt-x"), "openai-gpt-x");
  EXPECT_EQ(FileWord("价值观"), "");
  EXPECT_EQ(FileWord("../.."), "");
}

}  // namespace
}  // namespace axiometer
