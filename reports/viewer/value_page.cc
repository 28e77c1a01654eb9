// Where a value's score comes from: environments and tasks.

#include <algorithm>
#include <map>

#include "reports/html_page.h"
#include "reports/plain_text.h"
#include "reports/viewer/pages.h"

namespace axiometer {
namespace {

constexpr size_t kMostTasks = 40;  // shown from either end

struct Sum {
  double share = 0;
  int64_t scored = 0;
  int64_t samples = 0;
  int64_t leads = 0;
  int64_t trails = 0;

  void Add(const std::optional<double>& own, const std::optional<double>& other) {
    ++samples;
    if (!own || !other) return;
    share += *own;
    ++scored;
    leads += *own > *other;
    trails += *own < *other;
  }
  double mean() const { return share / static_cast<double>(scored); }
};

// Of one value system: the mean over tasks, epochs averaged first, as the report has it.
struct SystemMeanOfTasks {
  double sum = 0;
  int64_t tasks = 0;
  int64_t samples = 0;  // scored
};

std::string Cells(const Sum& sum, double mean_of_all) {
  std::string out = "<td data-name=\"Scored\" class=\"n\" data-v=\"" + std::to_string(sum.scored) + "\">" + Grouped(sum.scored) +
                    " of " + Grouped(sum.samples) + "</td>";
  if (sum.scored == 0) return out + "<td></td><td></td><td></td>";
  const double apart = sum.mean() - mean_of_all;
  out += "<td data-name=\"Mean\" class=\"n\" data-v=\"" + Fixed(sum.mean(), 4) + "\"><b>" + Fixed(sum.mean(), 2) + "</b></td>";
  out += "<td data-name=\"Against the mean\" class=\"n\" data-v=\"" + Fixed(apart, 4) + "\">" + (apart >= 0 ? "+" : "") + Fixed(apart, 2) + "</td>";
  out += "<td data-name=\"Leads, trails\" class=\"n\" data-v=\"" + std::to_string(sum.leads - sum.trails) + "\">" + Grouped(sum.leads) + ", " + Grouped(sum.trails) + "</td>";
  return out;
}

std::string Header(const char* first) {
  return std::string("<div class=\"scroll\"><table class=\"list sortable\"><thead><tr><th scope=\"col\">") + first +
         "</th><th scope=\"col\" class=\"n\">Scored</th><th scope=\"col\" class=\"n\">Mean</th>"
         "<th scope=\"col\" class=\"n\">Against the mean</th><th scope=\"col\" class=\"n\">Leads, trails</th></tr></thead><tbody>\n";
}

}  // namespace

Result<ViewedPage> ShowValue(StoreReader& store, TaskLookup& tasks, const ListedRun& run, const Address& address) {
  const std::string& name = address.Get("name");
  if (name.empty()) return UsageError("", "no value is named", "the run's page lists them");
  const std::string folded = Folded(name);
  Sum all;
  std::map<std::string, Sum> by_environment;
  std::map<std::string, std::pair<const TaskFacts*, Sum>> by_task;
  SampleQuery query;
  query.run = run.row.id;
  query.limit = 1'000'000;
  query.budget = std::chrono::milliseconds(80);
  query.task = [&](const std::string& task, const std::string& digest) {
    const TaskFacts& facts = tasks.Get(task, digest);
    return Folded(facts.pole_a) == folded || Folded(facts.pole_b) == folded;
  };
  // Nothing is kept of a sample but what it adds.
  query.sample = [&](const ListedSample& sample) {
    const TaskFacts& facts = tasks.Get(sample.task, sample.task_digest);
    const bool first = Folded(facts.pole_a) == folded;
    std::optional<double> own, other;
    for (const ListedSample::Judged& judged : sample.judged) {
      if (own || !judged.a || !judged.b || !ScoresSubject(judged.protocol)) continue;
      own = first ? judged.a : judged.b;
      other = first ? judged.b : judged.a;
    }
    all.Add(own, other);
    by_environment[facts.environment].Add(own, other);
    auto& [known, sum] = by_task[sample.task];
    known = &facts;
    sum.Add(own, other);
    return false;
  };
  const Result<SamplePage> page = store.ListSamples(query);
  if (!page) return page.error();
  const std::string base = RunAddress(run.row.id);
  PageFrame frame;
  frame.title = name;
  frame.path = {{"Runs", "/"}, {RunTitle(run.row), base}};
  std::string main;
  if (!page->complete) {
    main += "<p class=\"note\">Of the first " + Grouped(page->looked_at) + " samples of the run, which is as far as this page looks.</p>\n";
  }
  main += "<p>" + Link(base + "/samples?value=" + AddressPart(name), "All samples in which it is a pole") + ", those in which it " +
          Link(base + "/samples?value=" + AddressPart(name) + "&rank=leads", "leads") + " or " +
          Link(base + "/samples?value=" + AddressPart(name) + "&rank=trails", "trails") + ".</p>\n";
  if (all.scored == 0) {
    main += Element("p", "", all.samples == 0 ? "No sample has this value as a pole." : "No judge gave both poles of such a sample a score.") + "\n";
    return Framed(frame, main);
  }
  std::map<std::string, SystemMeanOfTasks> systems;
  for (const auto& [task, known] : by_task) {
    if (known.second.scored == 0) continue;
    SystemMeanOfTasks& system = systems[known.first->value_system];
    system.sum += known.second.mean();
    ++system.tasks;
    system.samples += known.second.scored;
  }
  main += "<p>Share of the value's points, by the latest judgement of the first judge that scored a sample:";
  for (const auto& [system, mean] : systems) {
    main += (&system == &systems.begin()->first ? " " : "; ") + (systems.size() > 1 ? "in " + HtmlText(system) + " " : std::string()) + "mean <b>" +
            Fixed(mean.sum / static_cast<double>(mean.tasks), 3) + "</b> over " + Grouped(mean.tasks) + (mean.tasks == 1 ? " task" : " tasks") + ", " +
            Grouped(mean.samples) + (mean.samples == 1 ? " sample" : " samples");
  }
  main += ". The results page has the interval, and says where too much failed for a mean. The tables below are of samples" +
          std::string(systems.size() > 1 ? ", of all systems that have the value" : "") + ".</p>\n";
  main += "<section id=\"environments\">\n<h2>Environments</h2>\n" + Header("Environment");
  for (const auto& [environment, sum] : by_environment) {
    main += "<tr><th scope=\"row\">" +
            (environment.empty() ? std::string("none")
                                 : Link(base + "/samples?value=" + AddressPart(name) + "&task=" + AddressPart(environment), environment)) +
            "</th>" + Cells(sum, all.mean()) + "</tr>\n";
  }
  main += "</tbody></table></div>\n</section>\n";
  std::vector<std::pair<std::string, const std::pair<const TaskFacts*, Sum>*>> order;
  for (const auto& [task, known] : by_task) {
    if (known.second.scored > 0) order.emplace_back(task, &known);
  }
  // What moves the mean most comes first, in either direction.
  std::stable_sort(order.begin(), order.end(), [&](const auto& x, const auto& y) {
    const auto pull = [&](const Sum& sum) { return std::abs(sum.share - static_cast<double>(sum.scored) * all.mean()); };
    return pull(x.second->second) > pull(y.second->second);
  });
  main += "<section id=\"tasks\">\n<h2>Tasks that move the mean most</h2>\n" + Header("Task");
  for (size_t i = 0; i < std::min(order.size(), kMostTasks); ++i) {
    const auto& [task, known] = order[i];
    const TaskFacts& facts = *known->first;
    main += "<tr><th scope=\"row\">" + Link(SampleAddress(run.row.id, task, 1), task) + "<br><small>" + HtmlText(facts.title) + " · against " +
            HtmlText(Folded(facts.pole_a) == folded ? facts.pole_b : facts.pole_a) + "</small></th>" + Cells(known->second, all.mean()) + "</tr>\n";
  }
  main += "</tbody></table></div>\n";
  if (order.size() > kMostTasks) main += "<p><small>" + Grouped(static_cast<long long>(order.size())) + " tasks in all.</small></p>\n";
  return Framed(frame, main + "</section>\n");
}

}  // namespace axiometer
