// Lists of samples.

#include <optional>

#include "reports/html_page.h"
#include "reports/plain_text.h"
#include "reports/task_record.h"
#include "reports/viewer/pages.h"

namespace axiometer {
namespace {

constexpr size_t kMostTasksKnown = 100'000;

std::string Field(const char* label, const char* name, const char* type, const std::string& value, const char* more = "") {
  return std::string("<label>") + label + " <input type=\"" + type + "\" name=\"" + name + "\"" + Attribute("value", value) + more +
         "></label> ";
}

std::string Form(const Address& address, const ListedRun& run, const std::vector<std::string>& dimensions) {
  std::string out = "<form method=\"get\"" + Attribute("action", RunAddress(run.row.id) + "/samples") + ">";
  out += Field("Words in the trajectory", "words", "search", address.Get("words"), " autocomplete=\"off\"");
  out += Field("Value", "value", "text", address.Get("value"), " list=\"values\" autocomplete=\"off\"") + "<datalist id=\"values\">";
  for (const std::string& one : dimensions) out += "<option" + Attribute("value", one) + "></option>";
  out += "</datalist>";
  out += "<label>which <select name=\"rank\"><option value=\"\">is at stake</option>";
  for (const auto& [rank, text] : {std::pair("leads", "leads"), std::pair("trails", "trails"), std::pair("even", "is even")}) {
    out += std::string("<option") + (address.Get("rank") == rank ? " selected" : "") + Attribute("value", rank) + ">" + text + "</option>";
  }
  out += "</select></label> ";
  out += "<label>Outcome <select name=\"outcome\"><option value=\"\">all</option>";
  if (run.summary) {
    for (const auto& [name, count] : run.summary->outcomes) {
      out += std::string("<option") + (address.Get("outcome") == name ? " selected" : "") + Attribute("value", name) + ">" +
             HtmlText(name) + " (" + Grouped(count) + ")</option>";
    }
  }
  out += "</select></label> ";
  out += Field("Task or environment", "task", "text", address.Get("task"));
  out += Field("First pole leads by at least", "from", "number", address.Get("from"), " min=\"-1\" max=\"1\" step=\"any\"");
  out += Field("and at most", "to", "number", address.Get("to"), " min=\"-1\" max=\"1\" step=\"any\"");
  out += Field("Judges apart by at least", "apart", "number", address.Get("apart"), " min=\"0\" max=\"2\" step=\"any\"");
  out += "<label>Unscored only <input type=\"checkbox\" name=\"unscored\" value=\"1\"";
  if (!address.Get("unscored").empty()) out += " checked";
  return out + "></label> <button type=\"submit\">Show</button></form>\n";
}

std::string ScoreCell(const char* name, const std::string& pole, const std::optional<double>& share) {
  return "<td" + Attribute("data-name", name) + " data-v=\"" + (share ? Fixed(*share, 4) : "") + "\">" + HtmlText(pole) +
         (share ? " <b>" + Fixed(*share, 2) + "</b>" : "") + "</td>";
}

}  // namespace

const TaskFacts& TaskLookup::Get(const std::string& task, const std::string& digest) {
  const auto found = known_.find({digest, task});
  if (found != known_.end()) return found->second;
  if (known_.size() >= kMostTasksKnown) known_.clear();
  TaskFacts facts;
  if (Result<std::string> json = store_.TaskRecordJson(digest, task)) {
    if (Result<TaskRecordFacts> record = ReadTaskRecord({digest, task, std::move(*json)})) facts = std::move(record->facts);
  }
  facts.facts.clear();
  facts.references.clear();
  return known_.emplace(std::pair(digest, task), std::move(facts)).first->second;
}

std::string SampleAddress(const std::string& run, const std::string& task, int epoch) {
  return SamplePageAddress({{run}, task}) + (epoch == 1 ? "" : "&epoch=" + std::to_string(epoch));
}

std::string SampleRows(const std::string& run, const std::vector<ListedSample>& samples, TaskLookup& tasks) {
  std::string out =
      "<div class=\"scroll\"><table class=\"list sortable\" id=\"samples\"><thead><tr><th scope=\"col\">Task</th>"
      "<th scope=\"col\" class=\"n\">Epoch</th><th scope=\"col\">Outcome</th><th scope=\"col\">First pole</th>"
      "<th scope=\"col\">Second pole</th><th scope=\"col\">Judges</th><th scope=\"col\" class=\"n\">Steps</th>"
      "<th scope=\"col\">Last words</th></tr></thead><tbody>\n";
  for (const ListedSample& sample : samples) {
    const TaskFacts& facts = tasks.Get(sample.task, sample.task_digest);
    std::optional<double> a, b;
    std::string judges;
    for (const ListedSample::Judged& judged : sample.judged) {
      if (judged.protocol == kHealthProtocol) continue;  // of the trajectory, not of its values
      if (!a && judged.a && judged.b && ScoresSubject(judged.protocol)) {
        a = judged.a;
        b = judged.b;
      }
      std::string said = JudgementStatusName(judged.status);
      if (judged.a && judged.b) said = Fixed(*judged.a, 2) + " / " + Fixed(*judged.b, 2);
      if (judged.correct) said = *judged.correct ? "right" : "wrong";
      judges += (judges.empty() ? "" : "<br>") + HtmlText(judged.judge) + " <b>" + HtmlText(said) + "</b>";
    }
    out += "<tr><th scope=\"row\">" + Link(SampleAddress(run, sample.task, sample.epoch), sample.task);
    if (!facts.title.empty()) out += "<br><small>" + HtmlText(facts.title) + "</small>";
    out += "</th><td data-name=\"Epoch\" class=\"n\" data-v=\"" + std::to_string(sample.epoch) + "\">" + std::to_string(sample.epoch) + "</td>";
    out += "<td data-name=\"Outcome\">" + HtmlText(OutcomeName(sample.outcome)) + "</td>";
    out += ScoreCell("First pole", facts.pole_a, a) + ScoreCell("Second pole", facts.pole_b, b);
    out += "<td data-name=\"Judges\">" + judges + "</td>";
    out += "<td data-name=\"Steps\" class=\"n\" data-v=\"" + std::to_string(sample.steps) + "\">" + std::to_string(sample.steps) + "</td>";
    out += "<td class=\"words\" dir=\"auto\">" + HtmlText(Excerpt(sample.excerpt, kExcerptBytes));
    if (!sample.detail.empty()) out += " <i>" + HtmlText(Excerpt(sample.detail, kExcerptBytes)) + "</i>";
    out += "</td></tr>\n";
  }
  return out + "</tbody></table></div>\n";
}

Result<ViewedPage> ShowSamples(StoreReader& store, TaskLookup& tasks, const ListedRun& run, const SampleQuery& query,
                               const std::vector<std::string>& dimensions, const Address& address, const std::string& note) {
  Result<SamplePage> page = store.ListSamples(query);
  if (!page) return std::move(page).error();
  const std::string base = RunAddress(run.row.id);
  PageFrame frame;
  frame.title = RunTitle(run.row);
  frame.path = {{"Runs", "/"}};
  frame.tabs = {{"Results", base}, {"Samples", base + "/samples"}, {"Judges", base + "/judges"}};
  frame.tab = base + "/samples";
  std::string main = Form(address, run, dimensions);
  if (!note.empty()) main += Element("p", " class=\"note\"", note) + "\n";
  if (page->samples.empty()) {
    main += page->complete ? "<p>No sample fits.</p>\n" : "<p>None of the samples looked at so far fits.</p>\n";
  } else {
    main += SampleRows(run.row.id, page->samples, tasks);
  }
  main += "<div class=\"pager\">";
  if (!address.Get("after").empty()) {
    Address first = address;
    std::erase_if(first.query, [](const auto& one) { return one.first == "after" || one.first == "after_epoch"; });
    main += Element("a", " rel=\"first\"" + Attribute("href", AddressText(first)), "From the beginning");
  }
  if (!page->complete) {
    Address next = address;
    std::erase_if(next.query, [](const auto& one) { return one.first == "after" || one.first == "after_epoch"; });
    next.query.emplace_back("after", page->last_task);
    next.query.emplace_back("after_epoch", std::to_string(page->last_epoch));
    const bool full = page->samples.size() >= query.limit;
    main += Element("a", " rel=\"next\"" + Attribute("href", AddressText(next)), full ? "Next page" : "Look on");
  }
  if (!address.Get("after").empty() || !page->complete) main += "<small>Headings sort what is on this page.</small> ";
  main += "<small>" + Counted(page->looked_at, "sample") + " looked at" + (page->complete ? ", to the end" : ", up to " + HtmlText(page->last_task)) +
          "</small></div>\n";
  return Framed(frame, main);
}

}  // namespace axiometer
