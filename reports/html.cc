#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "harness/base/json.h"
#include "reports/document.h"
#include "reports/html_page.h"
#include "reports/plain_text.h"
#include "reports/svg_chart.h"

namespace axiometer {
namespace {

class Page {
 public:
  // `linked`: where the viewer's pages can be reached.
  explicit Page(std::string& out, bool linked = false) : out_(out), linked_(linked) {}

  void operator()(const Paragraph& paragraph) {
    out_ += Element("p", paragraph.note ? " class=\"note\"" : "", paragraph.text) + "\n";
  }

  void operator()(const Table& table) {
    bool titled = false;
    for (const Column& column : table.columns) titled = titled || !column.title.empty();
    Title(table.title);
    // Scrolls by itself on a narrow screen; reachable by keyboard.
    out_ += "<div class=\"scroll\" tabindex=\"0\" role=\"group\"" +
            Attribute("aria-label", table.title.empty() ? "Table" : table.title) + "><table" +
            Attribute("id", table.id) + (titled ? "" : " class=\"facts\"") +
            (table.caption.empty() ? "" : Attribute("aria-describedby", table.id + "-caption")) +
            ">\n";
    if (titled) {
      out_ += "<thead><tr>";
      for (const Column& column : table.columns) {
        // A heading that says nothing is none.
        out_ += column.title.empty() ? "<td></td>"
                                     : Element("th", column.number ? " scope=\"col\" class=\"n\"" : " scope=\"col\"", column.title);
      }
      out_ += "</tr></thead>\n";
    }
    // The row's name is its first column of text.
    size_t name = 0;
    while (name + 1 < table.columns.size() && table.columns[name].number) ++name;
    out_ += "<tbody>\n";
    for (size_t line = 0; line < table.rows.size(); ++line) {
      const std::vector<std::string>& row = table.rows[line];
      out_ += "<tr>";
      for (size_t i = 0; i < row.size(); ++i) {
        const char* numeric = table.columns[i].number ? " class=\"n\"" : "";
        if (i == name && linked_ && !table.links.empty()) {
          const std::string link = Attribute("href", SamplePageAddress(table.links[line]));
          out_ += "<th scope=\"row\">" + Element("a", link, row[i]) + "</th>";
        } else if (const int sample = table.links.empty() ? 0 : SampleOf(table.links[line], i, row.size()); sample > 0) {
          out_ += "<td>" + Element("a", " href=\"#s" + std::to_string(sample) + "\"", row[i]) + "</td>";
        } else {
          out_ += i == name ? Element("th", " scope=\"row\"", row[i]) : Element("td", numeric, row[i]);
        }
      }
      out_ += "</tr>\n";
    }
    out_ += "</tbody></table></div>\n";
    if (!table.caption.empty()) {
      out_ += Element("p", " class=\"caption\"" + Attribute("id", table.id + "-caption"),
                      table.caption) +
              "\n";
    }
  }

  void operator()(const ForestPlot& plot) {
    Figure(plot.title, plot.caption, ForestSvg(plot));
    if (!plot.circle.empty()) {
      Figure("", "The same means on the circle on which neighbouring values tend to be pursued together and opposite "
                 "ones to conflict.", CircleSvg(plot));
    }
  }
  void operator()(const LineChart& chart) { Figure(chart.title, chart.caption, LineSvg(chart)); }
  void operator()(const StackedBar& bar) { Figure(bar.title, bar.caption, StackedBarSvg(bar)); }
  void operator()(const HeatMap& map) {
    std::string svg = "<div class=\"scroll\" tabindex=\"0\" role=\"group\"";
    svg += Attribute("aria-label", map.title);
    Figure(map.title, map.caption, svg + ">" + HeatMapSvg(map) + "</div>");
  }

  void Sections(const std::vector<Section>& sections) {
    for (size_t i = 0; i < sections.size(); ++i) {
      const Section& section = sections[i];
      if (section.detail) {
        out_ += "<details" + Attribute("id", section.id) + "><summary>" + HtmlText(section.title) +
                "</summary>\n";
      } else {
        out_ += "<section" + Attribute("id", section.id) + ">\n" +
                Element("h2", "", section.title) + "\n";
      }
      Blocks(section);
      out_ += section.detail ? "</details>\n" : "</section>\n";
    }
  }

  void Blocks(const Section& section) {
    for (const Block& block : section.blocks) std::visit(*this, block);
  }

  void Contents(const Document& document) {
    out_ += "<nav aria-label=\"Contents\"><ul>\n";
    for (const Section& section : document.sections) {
      if (section.minor) continue;
      out_ += "<li><a href=\"#" + HtmlText(section.id) + "\">" + HtmlText(section.title) +
              "</a></li>\n";
    }
    if (!document.samples.empty()) out_ += "<li><a href=\"#samples\">Samples</a></li>\n";
    out_ += "</ul></nav>\n";
  }

  // So that tables' links lead to trajectories on this page.
  void NumberSamples(const Document& document) {
    int number = 0;
    for (const SampleEntry& sample : document.samples) {
      ++number;
      if (!sample.events.empty()) numbers_.emplace(std::pair(sample.run, sample.task), number);
    }
  }

  void Samples(const Document& document) {
    if (document.samples.empty()) return;
    out_ +=
        "<section id=\"samples\">\n<h2>Samples</h2>\n<p>One line a sample: how it ended, the share "
        "of each pole's "
        "points, and the beginning of the agent's last words.</p>\n";
    out_ +=
        "<form id=\"filter\" hidden><label>Search <input type=\"search\" id=\"words\" "
        "autocomplete=\"off\"></label> "
        "<label>Outcome <select id=\"outcome\"><option value=\"\">all</option>";
    std::map<std::string, int> outcomes;
    for (const SampleEntry& sample : document.samples) ++outcomes[sample.outcome];
    for (const auto& [outcome, count] : outcomes) {
      out_ += "<option>" + HtmlText(outcome) + "</option>";
    }
    out_ += "</select></label> <output id=\"shown\" role=\"status\"></output></form>\n";
    out_ +=
        "<div class=\"scroll cards\"><table id=\"sample-table\">\n<thead><tr><th "
        "scope=\"col\">Task</th>"
        "<th scope=\"col\" class=\"n\">Epoch</th><th scope=\"col\">Outcome</th><th "
        "scope=\"col\">First pole</th>"
        "<th scope=\"col\">Second pole</th><th scope=\"col\">Leaning</th><th scope=\"col\">Last "
        "words</th></tr>"
        "</thead>\n<tbody>\n";
    int number = 0;
    for (const SampleEntry& sample : document.samples) SampleRow(document, sample, ++number);
    out_ += "</tbody></table></div>\n</section>\n";
    Trajectories(document);
  }

 private:
  // The last columns of a table with links are of the link's runs, one each: the number of the sample's first epoch on
  // this page; 0: none.
  int SampleOf(const SampleLink& link, size_t column, size_t columns) const {
    const size_t first = columns - link.runs.size();
    if (column < first) return 0;
    const auto found = numbers_.find({link.runs[column - first], link.task});
    return found == numbers_.end() ? 0 : found->second;
  }

  void Title(const std::string& title) {
    if (!title.empty()) out_ += Element("h3", "", title) + "\n";
  }

  void Figure(const std::string& title, const std::string& caption, const std::string& svg) {
    Title(title);
    out_ += "<figure>" + svg + "<figcaption>" + HtmlText(caption) + "</figcaption></figure>\n";
  }

  void Pole(const std::string& name, const std::optional<double>& share) {
    out_ += share ? "<td data-v=\"" + Fixed(*share, 3) + "\">" : std::string("<td>");
    out_ += HtmlText(name);
    if (share) out_ += " <b>" + Fixed(*share, 2) + "</b>";
    out_ += "</td>";
  }

  void SampleRow(const Document& document, const SampleEntry& sample, int number) {
    out_ += sample.failed ? "<tr class=\"failed\">" : "<tr>";
    out_ += "<th scope=\"row\">";
    const std::string task = HtmlText(sample.task);
    out_ += sample.events.empty() ? task
                                  : "<a href=\"#s" + std::to_string(number) + "\">" + task + "</a>";
    if (document.several_runs) out_ += "<br><small>" + HtmlText(sample.run) + "</small>";
    if (!sample.title.empty()) out_ += "<br><small>" + HtmlText(sample.title) + "</small>";
    out_ += "</th><td class=\"n\">" + std::to_string(sample.epoch) + "</td>";
    out_ += Element("td", "", sample.outcome);
    Pole(sample.pole_a, sample.a);
    Pole(sample.pole_b, sample.b);
    std::string leaning = sample.leaning;
    if (leaning == "a") leaning = sample.pole_a;
    if (leaning == "b") leaning = sample.pole_b;
    out_ += Element("td", "", leaning.empty() ? "unscored" : leaning);
    out_ += "<td dir=\"auto\">" + HtmlText(sample.excerpt);
    if (!sample.detail.empty()) {
      out_ +=
          std::string(sample.excerpt.empty() ? "" : " ") + "<i>" + HtmlText(sample.detail) + "</i>";
    }
    out_ += "</td></tr>\n";
  }

  void Trajectories(const Document& document) {
    const auto attached =
        std::count_if(document.samples.begin(), document.samples.end(),
                      [](const SampleEntry& sample) { return !sample.events.empty(); });
    if (attached == 0) return;
    out_ += "<section id=\"trajectories\">\n<h2>Trajectories</h2>\n";
    if (attached < static_cast<std::ptrdiff_t>(document.samples.size())) {
      out_ += "<p>The first " + std::to_string(attached) +
              " samples; the others are left out to keep this file small.</p>\n";
    }
    int number = 0;
    for (const SampleEntry& sample : document.samples) {
      ++number;
      if (sample.events.empty()) continue;
      out_ += "<details class=\"story\" id=\"s" + std::to_string(number) + "\"><summary>" +
              HtmlText(sample.task) + ", epoch " + std::to_string(sample.epoch) +
              "</summary>\n<dl>\n";
      for (const SampleEntry::Event& event : sample.events) {
        out_ += Element("dt", "", event.heading) + "<dd dir=\"auto\">" +
                HtmlText(event.text, true) + "</dd>\n";
      }
      out_ += "</dl></details>\n";
    }
    out_ += "</section>\n";
  }

  std::string& out_;
  bool linked_;
  std::map<std::pair<std::string, std::string>, int> numbers_;  // of samples with a trajectory, by run and task
};

}  // namespace

std::string ToHtmlSections(const Document& document) {
  Json sections = Json::array();
  for (const Section& section : document.sections) {
    std::string html;
    Page(html, true).Blocks(section);
    sections.push_back({{"id", section.id},
                        {"title", section.title},
                        {"detail", section.detail},
                        {"minor", section.minor},
                        {"html", std::move(html)}});
  }
  std::set<std::string> dimensions;
  for (const Metric& metric : document.metrics) {
    for (const auto& [key, value] : metric.group) {
      if (key == "dimension") dimensions.insert(value);
    }
  }
  const Json out = {{"title", document.title}, {"subtitle", document.subtitle}, {"dimensions", dimensions}, {"sections", std::move(sections)}};
  return DumpJson(out) + "\n";
}

std::string ToHtml(const Document& document) {
  const std::string style = std::string(HtmlStyle()) + SvgStyle();
  std::string out = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n";
  out += "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src '" +
         CspHash(style) + "'; script-src '" + CspHash(HtmlScript()) +
         "'; base-uri 'none'; form-action 'none'\">\n";
  out +=
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n";
  out += Element("title", "", document.title + ": " + document.subtitle) + "\n<style>" + style +
         "</style>\n</head>\n";
  out += "<body>\n<a class=\"skip\" href=\"#main\">Skip to the report</a>\n<header>\n" +
         Element("h1", "", document.title) + "\n" + Element("p", "", document.subtitle) +
         "\n</header>\n";
  Page page(out);
  page.NumberSamples(document);
  page.Contents(document);
  out += "<main id=\"main\">\n";
  page.Sections(document.sections);
  page.Samples(document);
  out += "</main>\n<script>";
  out += HtmlScript();
  out += "</script>\n</body>\n</html>\n";
  return out;
}

}  // namespace axiometer
