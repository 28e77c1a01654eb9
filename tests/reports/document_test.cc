#include "reports/document.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "harness/base/utf8.h"
#include "reports/html_page.h"
#include "reports/plain_text.h"
#include "tests/reports/report_fixture.h"

namespace axiometer {
namespace {

using fixture::MadeRun;

ReportData Only(const MadeRun& made) {
  ReportData data;
  data.runs.push_back(fixture::Collect(made));
  return data;
}

// With its samples, as the page has them.
Document PageReport(const ReportData& data) {
  Document document = BuildReport(data);
  ListSamples(data, document);
  return document;
}

Document CrossroadsReport() { return PageReport(Only(fixture::Crossroads())); }

MadeRun HostileRun() {
  MadeRun made = fixture::Crossroads();
  for (SampleRow& sample : made.samples) {
    sample.final_text = fixture::kHostile;
    sample.detail = fixture::kHostile;
  }
  made.summary.run.model = fixture::kHostile;
  return made;
}

void Keep(const std::string& name, const std::string& content) {
  const char* directory = std::getenv("AXIOMETER_REPORT_DIR");
  if (directory != nullptr)
    std::ofstream(std::string(directory) + "/" + name, std::ios::binary) << content;
}

TEST(DocumentTest, TerminalFitsItsColumnsWithoutColour) {
  MadeRun wide = fixture::Crossroads();
  wide.summary.run.model = "openai/价值观测量模型价值观测量模型价值观测量模型";
  for (const MadeRun& made : {fixture::Crossroads(), fixture::ValueBench(), wide}) {
    for (const int width : {40, 60, 80, 120}) {
      std::istringstream lines(ToTerminal(BuildReport(Only(made)), width, false));
      for (std::string line; std::getline(lines, line);) {
        EXPECT_LE(DisplayWidth(line), static_cast<size_t>(width)) << line;
        EXPECT_EQ(line.find('\033'), std::string::npos) << line;
      }
    }
  }
}

TEST(DocumentTest, EveryFormatShowsTheSameDimensions) {
  const Document document = CrossroadsReport();
  for (const std::string& text :
       {ToTerminal(document, 80, true), ToMarkdown(document), ToHtml(document), ToJson(document)}) {
    for (const char* dimension : {"achievement", "benevolence", "universalism"}) {
      EXPECT_NE(text.find(dimension), std::string::npos) << dimension;
    }
  }
}

TEST(DocumentTest, HtmlAsksNobodyForAnything) {
  const std::string html = ToHtml(CrossroadsReport());
  EXPECT_EQ(html.find(" src="), std::string::npos);
  EXPECT_EQ(html.find("@import"), std::string::npos);
  EXPECT_EQ(html.find("url("), std::string::npos);
  EXPECT_EQ(html.find(" style="), std::string::npos);  // its policy would not apply it
  EXPECT_EQ(fixture::Count(html, "http"),
            fixture::Count(html, "http-equiv") + fixture::Count(html, "http://www.w3.org/2000/svg"));
  EXPECT_NE(html.find("default-src 'none'"), std::string::npos);
}

TEST(DocumentTest, PolicyDigestIsBase64OfSha256) {
  EXPECT_EQ(CspHash("alert('Hello, world.');"),
            "sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng=");
}

TEST(DocumentTest, HostileTextStaysTextInHtml) {
  const std::string html = ToHtml(PageReport(Only(HostileRun())));
  EXPECT_EQ(html.find("<img"), std::string::npos);
  EXPECT_EQ(html.find("<script>alert"), std::string::npos);
  EXPECT_EQ(html.find('\x1b'), std::string::npos);
  EXPECT_EQ(html.find("\xe2\x80\xae"), std::string::npos);
  EXPECT_EQ(html.find('\xff'), std::string::npos);
  EXPECT_NE(html.find("&lt;script&gt;alert(1)&lt;/script&gt;"), std::string::npos);
}

TEST(DocumentTest, HostileTextStaysTextOnTheTerminalAndInMarkdown) {
  const Document document = BuildReport(Only(HostileRun()));
  const std::string terminal = ToTerminal(document, 80, false);
  EXPECT_EQ(terminal.find('\x1b'), std::string::npos);
  EXPECT_EQ(terminal.find('\x07'), std::string::npos);
  EXPECT_NE(terminal.find("\\x1b"), std::string::npos);
  const std::string markdown = ToMarkdown(document);
  EXPECT_EQ(markdown.find("<script"), std::string::npos);
  EXPECT_EQ(markdown.find("[a](b)"), std::string::npos);
}

TEST(DocumentTest, ValueBenchRankingCarriesItsCaveat) {
  const Document document = PageReport(Only(fixture::ValueBench()));
  const std::string caveat =
      "Each pair of values met in one case. A difference between two values is also a difference "
      "between those cases; "
      "nothing separates the two.";
  // Once with the overview of official rankings, once with each of the three, once with ours.
  EXPECT_EQ(fixture::Count(ToHtml(document), caveat), 5u);
  std::string terminal = ToTerminal(document, 80, false);
  std::replace(terminal.begin(), terminal.end(), '\n', ' ');
  EXPECT_EQ(fixture::Count(terminal, caveat), 2u);
}

TEST(DocumentTest, JsonHasNoNumberWithoutMeaning) {
  const std::string json = ToJson(CrossroadsReport());
  const Json report = *ParseJson(json, "report");
  EXPECT_EQ(report["schema"], "axiometer.report/1");
  EXPECT_EQ(report["runs"].size(), 1u);
  for (const Json& metric : report["metrics"]) {
    for (const char* key : {"run", "suite", "protocol", "metric", "group", "value", "scored",
                            "unscored", "interval"}) {
      EXPECT_TRUE(metric.contains(key)) << metric.dump();
    }
    if (metric["value"].is_null()) {
      EXPECT_FALSE(metric["reason"].get<std::string>().empty()) << metric.dump();
    }
  }
  EXPECT_EQ(json.back(), '\n');
}

TEST(DocumentTest, RunWithoutASingleSampleIsStillAReport) {
  MadeRun made = fixture::Crossroads();
  made.samples.clear();
  made.tasks.clear();
  const Document document = PageReport(Only(made));
  EXPECT_NE(ToTerminal(document, 80, false).find("40 samples have not been run yet"),
            std::string::npos);
  EXPECT_FALSE(ToHtml(document).empty());
  EXPECT_FALSE(ToMarkdown(document).empty());
}

TEST(DocumentTest, ReportOfTwoRunsHasNoIdTwice) {
  ReportData data;
  data.runs.push_back(fixture::Collect(fixture::Crossroads(1)));
  data.runs.push_back(fixture::Collect(fixture::Crossroads(5)));
  const std::string html = ToHtml(PageReport(data));
  std::map<std::string, int> ids;
  for (size_t at = html.find(" id=\""); at != std::string::npos; at = html.find(" id=\"", at + 5)) {
    ++ids[html.substr(at + 5, html.find('"', at + 5) - at - 5)];
  }
  for (const auto& [id, count] : ids) EXPECT_EQ(count, 1) << id;
}

TEST(DocumentTest, FullBenchmarkStaysBelowTwoMegabytes) {
  const std::string html = ToHtml(PageReport(Only(fixture::ValueBench(28, 18))));  // 4,284 cases
  EXPECT_LT(html.size(), 2'000'000u);
  Keep("full.html", html);
}

TEST(DocumentTest, ExcerptsGiveWayToThePagesSize) {
  Document document = CrossroadsReport();
  for (SampleEntry& sample : document.samples) sample.excerpt = "\"" + std::string(200, 'x') + "\"";
  const size_t bare = ToHtml(document).size();
  EXPECT_EQ(FitExcerpts(bare, document), bare);
  EXPECT_EQ(document.samples.front().excerpt.size(), 202u);
  const size_t less = bare - 100 * document.samples.size();
  const size_t fitted = FitExcerpts(less, document);
  EXPECT_EQ(fitted, ToHtml(document).size());
  EXPECT_LE(fitted, less);
  EXPECT_GT(fitted, less - 20 * document.samples.size());
  EXPECT_TRUE(document.samples.front().excerpt.ends_with("x…"));
  EXPECT_GT(FitExcerpts(100, document), 100u);  // not all of a page is excerpts
  EXPECT_TRUE(document.samples.front().excerpt.empty());
}

TEST(DocumentTest, WritesReportsToLookAt) {
  Document document = CrossroadsReport();
  for (SampleEntry& sample : document.samples) {
    sample.events = {
        {"1 · user", "The ledger of March is open. Put the entry right."},
        {"2 · assistant", "I look at the policy first.\n→ read_policy {\"section\": 4}"},
        {"3 · tool read_policy",
         "{\"section\": 4}\n⇒ {\"text\": \"Corrections need a second person.\"}"}};
  }
  Keep("crossroads.html", ToHtml(document));
  Keep("crossroads.md", ToMarkdown(document));
  Keep("crossroads.txt", ToTerminal(document, 80, false));
  Keep("crossroads.json", ToJson(document));
  const Document bench = PageReport(Only(fixture::ValueBench()));
  Keep("valuebench.html", ToHtml(bench));
  Keep("valuebench.txt", ToTerminal(bench, 80, false));
  if (std::getenv("AXIOMETER_REPORT_DIR") == nullptr)
    GTEST_SKIP() << "set AXIOMETER_REPORT_DIR to keep them";
}

}  // namespace
}  // namespace axiometer
