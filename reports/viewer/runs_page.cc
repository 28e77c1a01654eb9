// The list of runs.

#include <algorithm>

#include "harness/record/run_spec.h"
#include "reports/html_page.h"
#include "reports/plain_text.h"
#include "reports/viewer/pages.h"

namespace axiometer {
namespace {

// Every word of `words` is somewhere in what is shown of the run.
bool Fits(const ListedRun& run, const std::string& words) {
  const std::string text = Folded(run.row.id + " " + run.row.suite + " " + run.row.model + " " + run.row.scaffold + " " +
                                  run.row.tags + " " + (run.summary ? run.summary->state : ""));
  std::string_view rest = words;
  while (!rest.empty()) {
    const size_t end = rest.find(' ');
    const std::string word = Folded(rest.substr(0, end));
    if (text.find(word) == std::string::npos) return false;
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 1);
  }
  return true;
}

std::string Cell(const char* name, const std::string& html, const char* more = "") {
  return "<td" + Attribute("data-name", name) + more + ">" + html + "</td>";
}

std::string StateCell(const ListedRun& run) {
  if (!run.summary) return "<td class=\"state\">being counted</td>";
  const RunSummary& summary = *run.summary;
  std::string out = "<td class=\"state " + HtmlText(summary.state) + "\"><b>" + HtmlText(summary.state) + "</b>";
  if (summary.state == "running" && summary.run.wanted > 0) {
    const std::string done = std::to_string(summary.samples_done);
    const std::string all = std::to_string(summary.run.wanted);
    out += " <progress value=\"" + done + "\" max=\"" + all + "\">" + done + " of " + all + "</progress>";
  }
  return out + "</td>";
}

std::string RunRowHtml(const ListedRun& run) {
  std::string out = "<tr><td><input type=\"checkbox\" name=\"run\"" + Attribute("value", run.row.id) +
                    Attribute("aria-label", "Compare " + RunTitle(run.row)) + "></td>";
  out += "<th scope=\"row\">" + Link(RunAddress(run.row.id), run.row.model) + "<br><small>" + HtmlText(run.row.suite) +
         " · " + HtmlText(run.row.scaffold) + "</small></th>";
  out += StateCell(run);
  out += "<td data-name=\"Begun\" data-v=\"" + std::to_string(run.row.created_ms) + "\">" + UtcText(run.row.created_ms) +
         "<br><small><code>" + HtmlText(run.row.id) + "</code></small></td>";
  if (!run.summary) return out + "<td></td><td></td><td></td><td></td></tr>\n";
  const RunSummary& summary = *run.summary;
  std::string outcomes;
  for (const auto& [name, count] : summary.outcomes) {
    outcomes += (outcomes.empty() ? "" : ", ") + HtmlText(name) + " " + Grouped(count);
  }
  out += "<td data-name=\"Samples\" class=\"n\" data-v=\"" + std::to_string(summary.samples_done) + "\">" +
         Grouped(summary.samples_done) + " of " + Grouped(summary.run.wanted) + "<br><small>" + outcomes + "</small></td>";
  Usage usage = summary.subject_usage;
  usage += summary.judge_usage;
  out += "<td data-name=\"Tokens\" class=\"n\" data-v=\"" + std::to_string(usage.tokens()) + "\">" + Grouped(usage.tokens()) + "</td>";
  out += "<td data-name=\"Cost\" class=\"n\" data-v=\"" + (usage.cost_usd ? Fixed(*usage.cost_usd, 6) : "") + "\">" +
         (usage.cost_usd ? "$" + Fixed(*usage.cost_usd, 4) : "") + "</td>";
  out += "<td data-name=\"Time\" class=\"n\" data-v=\"" + std::to_string(summary.elapsed_ms) + "\">" +
         DurationText(summary.elapsed_ms) + "</td>";
  out += Cell("Tags", HtmlText(run.row.tags));
  return out + "</tr>\n";
}

}  // namespace

std::string RunAddress(const std::string& run) { return "/run/" + AddressPart(run); }

std::string RunTitle(const RunRow& run) { return run.model + " on " + run.suite; }

ViewedPage ShowRuns(const std::vector<ListedRun>& runs, const Address& address) {
  PageFrame frame;
  frame.title = "Runs";
  const std::string& words = address.Get("words");
  std::string rows;
  size_t shown = 0;
  for (const ListedRun& run : runs) {
    frame.unfinished = frame.unfinished || !run.summary;
    frame.live = frame.live || (run.summary && run.summary->state == "running");
    if (!Fits(run, words)) continue;
    ++shown;
    rows += RunRowHtml(run);
  }
  std::string main;
  if (runs.empty()) {
    main = "<p>This store has no runs yet. <code>axiometer eval --help</code> has examples; what runs appears here.</p>\n";
    frame.live = true;
    return Framed(frame, main);
  }
  main = "<form method=\"get\" action=\"/\"><label>Search <input type=\"search\" name=\"words\" data-filters=\"runs\"" +
         Attribute("value", words) + " autocomplete=\"off\"></label><output id=\"shown\" role=\"status\">" +
         std::to_string(shown) + " of " + std::to_string(runs.size()) + "</output></form>\n";
  main += "<form method=\"get\" action=\"/compare\" class=\"plain\">\n<p><button type=\"submit\">Compare the runs that are ticked</button></p>\n<div class=\"scroll\"><table class=\"list sortable\" id=\"runs\"><thead><tr>"
          "<th scope=\"col\" data-fixed><span class=\"skip\">Compare</span></th><th scope=\"col\">Subject and suite</th>"
          "<th scope=\"col\">State</th><th scope=\"col\">Begun</th><th scope=\"col\" class=\"n\">Samples</th>"
          "<th scope=\"col\" class=\"n\">Tokens</th><th scope=\"col\" class=\"n\">Cost</th><th scope=\"col\" class=\"n\">Time</th>"
          "<th scope=\"col\">Tags</th></tr></thead><tbody>\n" +
          rows + "</tbody></table></div>\n</form>\n";
  return Framed(frame, main);
}

}  // namespace axiometer
