// A run, its judges, and runs compared: sections of the report, as they come.

#include <nlohmann/json.hpp>

#include "harness/base/json.h"
#include "harness/record/run_spec.h"
#include "reports/html_page.h"
#include "reports/plain_text.h"
#include "reports/viewer/pages.h"

namespace axiometer {
namespace {

constexpr size_t kPageBytes = 220'000;  // of sections on one page; the others have pages of their own

struct ShownSection {
  std::string id, title, html;
  bool detail = false;
  bool about_judges = false;
};

// Empty unless they are ready.
struct ShownReport {
  std::vector<ShownSection> sections;
  std::vector<std::string> dimensions;
};

ShownReport ReportOf(const WorkedSections& worked) {
  ShownReport report;
  if (!worked.json) return report;
  const Result<Json> json = ParseJson(*worked.json, "sections");
  if (!json) return report;
  report.dimensions = json->value("dimensions", std::vector<std::string>());
  std::vector<ShownSection>& sections = report.sections;
  for (const Json& one : (*json)["sections"]) {
    ShownSection& section = sections.emplace_back();
    section.id = one.value("id", "");
    section.title = one.value("title", "");
    section.html = one.value("html", "");
    section.detail = one.value("detail", false);
    section.about_judges = section.id == "judges" || section.id.starts_with("instruments");
  }
  return report;
}

// What stands in place of sections that are not there; empty if they are.
std::string Waiting(const WorkedSections& worked) {
  if (worked.state == WorkedSections::State::kFailed) return Element("p", " class=\"note\"", worked.problem) + "\n";
  if (!worked.json) return "<p role=\"status\">The figures are being worked out.</p>\n";
  return "";
}

std::string SectionHtml(const ShownSection& section) {
  if (section.detail) {
    return "<details" + Attribute("id", section.id) + "><summary>" + HtmlText(section.title) + "</summary>\n" + section.html +
           "</details>\n";
  }
  return "<section" + Attribute("id", section.id) + ">\n" + Element("h2", "", section.title) + "\n" + section.html + "</section>\n";
}

std::vector<std::pair<std::string, std::string>> TabsOf(const std::string& run) {
  const std::string base = RunAddress(run);
  return {{"Results", base}, {"Samples", base + "/samples"}, {"Judges", base + "/judges"}};
}

PageFrame FrameOf(const ListedRun& run, const std::string& tab, const WorkedSections& worked) {
  PageFrame frame;
  frame.title = RunTitle(run.row);
  frame.path = {{"Runs", "/"}};
  frame.tabs = TabsOf(run.row.id);
  frame.tab = tab;
  frame.unfinished = !run.summary || worked.state == WorkedSections::State::kWorking;
  frame.live = run.summary && run.summary->state == "running";
  return frame;
}

std::string StateText(const ListedRun& run) {
  if (!run.summary) return "The samples are being counted.";
  const RunSummary& summary = *run.summary;
  std::string text = Grouped(summary.samples_done) + " of " + Grouped(summary.run.wanted) + " samples";
  for (const auto& [name, count] : summary.outcomes) text += ", " + name + " " + Grouped(count);
  if (summary.state != "done") text = summary.state + ": " + text;
  if (!summary.detail.empty()) text += ". " + summary.detail;
  return text;
}

std::string Facts(const ListedRun& run) {
  std::vector<std::pair<std::string, std::string>> rows = {{"Run", "<code>" + HtmlText(run.row.id) + "</code>"},
                                                           {"State", HtmlText(StateText(run))},
                                                           {"Begun", UtcText(run.row.created_ms)}};
  rows.emplace_back("Tags", HtmlText(run.row.tags));
  rows.emplace_back("Run it again", CommandHtml(run.row.command));
  return FactTable(rows);
}

}  // namespace

std::vector<std::string> DimensionsOf(const WorkedSections& sections) { return ReportOf(sections).dimensions; }

ViewedPage ShowRun(const ListedRun& run, const WorkedSections& worked, const std::string& wanted) {
  const std::string base = RunAddress(run.row.id);
  PageFrame frame = FrameOf(run, base, worked);
  const auto [sections, dimensions] = ReportOf(worked);
  if (!wanted.empty()) {
    frame.path.emplace_back(frame.title, base);
    for (const ShownSection& section : sections) {
      if (section.id != wanted) continue;
      frame.title = section.title;
      return Framed(frame, "<section" + Attribute("id", section.id) + ">\n" + section.html + "</section>\n");
    }
    if (const std::string waiting = Waiting(worked); !waiting.empty()) return Framed(frame, waiting);
    return ProblemPage(404, "This run's report has no such section.", "The run's page lists them.");
  }
  std::string main = Facts(run) + Waiting(worked);
  std::string contents, shown, apart;
  for (const ShownSection& section : sections) {
    if (section.about_judges) continue;
    if (shown.size() + section.html.size() <= kPageBytes) {
      if (!section.detail) contents += "<li>" + Link("#" + section.id, section.title) + "</li>";
      shown += SectionHtml(section);
    } else {
      apart += "<li>" + Link(base + "/section?id=" + AddressPart(section.id), section.title) + "</li>\n";
    }
  }
  if (!dimensions.empty()) contents += "<li>" + Link("#behind", "Where the scores come from") + "</li>";
  if (!contents.empty()) main += "<nav aria-label=\"Contents\"><ul>" + contents + "</ul></nav>\n";
  main += shown;
  if (!dimensions.empty()) {
    main += "<section id=\"behind\">\n<h2>Where the scores come from</h2>\n<p>Each value's environments, tasks and samples:</p>\n<ul class=\"values\">\n";
    for (const std::string& one : dimensions) main += "<li>" + Link(base + "/value?name=" + AddressPart(one), one) + "</li>\n";
    main += "</ul></section>\n";
  }
  if (!apart.empty()) main += "<section id=\"more\">\n<h2>More of the report</h2>\n<ul>" + apart + "</ul></section>\n";
  return Framed(frame, main);
}

ViewedPage ShowJudges(const ListedRun& run, const WorkedSections& worked, const std::string& disagreements) {
  const PageFrame frame = FrameOf(run, RunAddress(run.row.id) + "/judges", worked);
  std::string main = Waiting(worked);
  for (const ShownSection& section : ReportOf(worked).sections) {
    if (section.about_judges) main += SectionHtml(section);
  }
  return Framed(frame, main + disagreements);
}

ViewedPage ShowComparison(const std::vector<ListedRun>& runs, const WorkedSections& worked, const Address& address) {
  PageFrame frame;
  frame.title = "Comparison";
  frame.path = {{"Runs", "/"}};
  frame.unfinished = worked.state == WorkedSections::State::kWorking;
  std::string main = "<ul>\n";
  for (const ListedRun& run : runs) {
    main += "<li>" + Link(RunAddress(run.row.id), RunTitle(run.row)) + " <small><code>" + HtmlText(run.row.id) + "</code></small></li>\n";
  }
  main += "</ul>\n" + Waiting(worked);
  if (worked.problem.find("--allow-differences") != std::string::npos && address.Get("differences").empty()) {
    main += "<p>" + Link(address.With("differences", "1"), "Compare them all the same") +
            ": the differences are then named first.</p>\n";
  }
  std::string shown;
  for (const ShownSection& section : ReportOf(worked).sections) {
    shown += SectionHtml(section);
  }
  return Framed(frame, main + shown);
}

}  // namespace axiometer
