#include "reports/viewer/viewer.h"

#include <algorithm>
#include <optional>

#include "harness/store/search_index.h"
#include "reports/html_page.h"
#include "reports/plain_text.h"
#include "reports/viewer/pages.h"

namespace axiometer {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kPatience{60};  // for runs that are being counted
constexpr size_t kMostCompared = 8;
constexpr int kCacheKib = 6 << 10;  // of each of the five connections

const std::string* Header(const ViewRequest& request, std::string_view name) {
  for (const auto& [key, value] : request.headers) {
    if (key == name) return &value;
  }
  return nullptr;
}

// This computer, by the names that no other one can have.
bool IsOurs(std::string_view host) {
  const size_t colon = host.rfind(':');
  if (colon != std::string_view::npos && host.find_first_not_of("0123456789", colon + 1) == std::string_view::npos) {
    host = host.substr(0, colon);
  }
  return host == "127.0.0.1" || host == "localhost" || host == "[::1]";
}

// Why the request is refused; empty: it is not.
std::string Refused(const ViewRequest& request) {
  const std::string* host = Header(request, "host");
  if (!host || !IsOurs(*host)) return "This page answers to 127.0.0.1 and localhost alone.";
  const std::string* origin = Header(request, "origin");
  if (origin && *origin != "http://" + *host) return "Another site's page asked for this one.";
  const std::string* site = Header(request, "sec-fetch-site");
  if (site && *site != "same-origin" && *site != "none") return "Another site's page asked for this one.";
  return "";
}

bool Contains(const std::string& text, const std::string& folded_part) {
  return Folded(text).find(folded_part) != std::string::npos;
}

// How far the first pole leads the second, -1 to 1.
struct Leads {
  std::optional<double> first;  // by the latest judgement of the first judge by name that scored both
  double least = 0;             // of all judges that did
  double most = 0;

  double apart() const { return first ? most - least : 0; }
};

Leads LeadsOf(const ListedSample& sample) {
  Leads leads;
  for (const ListedSample::Judged& judged : sample.judged) {
    if (!judged.a || !judged.b || !ScoresSubject(judged.protocol)) continue;
    const double lead = *judged.a - *judged.b;
    if (!leads.first) leads.first = leads.least = leads.most = lead;
    leads.least = std::min(leads.least, lead);
    leads.most = std::max(leads.most, lead);
  }
  return leads;
}

// What the list's form asks of a sample's scores.
class ScoreFilter {
 public:
  ScoreFilter(const Address& address, TaskLookup& tasks)
      : tasks_(tasks),
        value_(Folded(address.Get("value"))),
        rank_(address.Get("rank")),
        from_(address.Decimal("from")),
        to_(address.Decimal("to")),
        apart_(address.Decimal("apart")),
        unscored_(!address.Get("unscored").empty()) {}

  bool Fits(const ListedSample& sample) const {
    const Leads leads = LeadsOf(sample);
    const bool answered = std::any_of(sample.judged.begin(), sample.judged.end(),
                                      [](const ListedSample::Judged& judged) { return judged.correct.has_value(); });
    if (unscored_ && (leads.first || answered)) return false;
    if (from_ && !(leads.first && *leads.first >= *from_)) return false;
    if (to_ && !(leads.first && *leads.first <= *to_)) return false;
    if (apart_ && !(leads.first && leads.apart() >= *apart_)) return false;
    return rank_.empty() || (leads.first && Ranks(*leads.first, sample));
  }

 private:
  // Of the value asked for, or of the first pole.
  bool Ranks(double lead, const ListedSample& sample) const {
    const bool second = !value_.empty() && Folded(tasks_.Get(sample.task, sample.task_digest).pole_a) != value_;
    const double its = second ? -lead : lead;
    return rank_ == "leads" ? its > 0 : rank_ == "trails" ? its < 0 : its == 0;
  }

  TaskLookup& tasks_;
  std::string value_, rank_;
  std::optional<double> from_, to_, apart_;
  bool unscored_;
};

}  // namespace

struct Viewer::Impl {
  Impl(std::unique_ptr<StoreReader> reader, std::unique_ptr<StoreReader> counting, SectionSource& sections)
      : store(std::move(reader)), tasks(*store), runs(std::move(counting)), sections(sections) {}

  Result<ViewedPage> Page(const Address& address) {
    if (address.path.empty()) {
      Result<std::vector<ListedRun>> all = runs.Runs(kPatience);
      if (!all) return std::move(all).error();
      return ShowRuns(*all, address);
    }
    const std::string& first = address.path.front();
    if (first == "run" && address.path.size() <= 3 && address.path.size() >= 2) return PageOfRun(address);
    if ((first == "compare" || first == "side-by-side") && address.path.size() == 1) return PageOfRuns(first, address);
    return NotHere();
  }

  static Error NotHere() { return UsageError("", "there is no such page", "start at the list of runs"); }

  Result<ViewedPage> PageOfRun(const Address& address) {
    Result<ListedRun> run = runs.Find(address.path[1], kPatience);
    if (!run) return std::move(run).error();
    const std::string page = address.path.size() == 3 ? address.path[2] : "";
    if (page == "sample") return ShowSample(*store, *run, address);
    if (page == "calls") return ShowCalls(*store, *run, address);
    if (page == "text") return ShowText(*store, *run, address);
    if (page == "value") return ShowValue(*store, tasks, *run, address);
    if (page == "samples") return Samples(*run, address);
    if (page.empty()) return ShowRun(*run, ReportOf(*run), "");
    if (page == "section") return ShowRun(*run, ReportOf(*run), address.Get("id"));
    if (page == "judges") return Judges(*run);
    return NotHere();
  }

  WorkedSections ReportOf(const ListedRun& run) {
    if (run.stamp.empty()) return {};
    return sections.Get({"report", run.row.id}, run.stamp);
  }

  Result<ViewedPage> Samples(const ListedRun& run, const Address& address) {
    SampleQuery query;
    query.run = run.row.id;
    query.after_task = address.Get("after");
    query.after_epoch = static_cast<int>(address.Whole("after_epoch").value_or(0));
    query.outcome = address.Get("outcome");
    const ScoreFilter filter(address, tasks);
    query.sample = [&filter](const ListedSample& sample) { return filter.Fits(sample); };
    const std::string value = Folded(address.Get("value"));
    const std::string part = Folded(address.Get("task"));
    if (!value.empty() || !part.empty()) {
      query.task = [this, value, part](const std::string& task, const std::string& digest) {
        const bool named = part.empty() || Contains(task, part);
        if (named && value.empty()) return true;
        const TaskFacts& facts = tasks.Get(task, digest);
        if (!named && !Contains(facts.environment, part)) return false;
        return value.empty() || Folded(facts.pole_a) == value || Folded(facts.pole_b) == value;
      };
    }
    std::set<int64_t> attempts;
    std::string note;
    if (const std::string& words = address.Get("words"); !words.empty()) {
      note = Search(run.row.id, words, attempts);
      query.attempts = &attempts;
    }
    return ShowSamples(*store, tasks, run, query, DimensionsOf(sections.Peek({"report", run.row.id})), address, note);
  }

  // The attempts that have the words; what is to be said about it.
  std::string Search(const std::string& run, const std::string& words, std::set<int64_t>& attempts) {
    if (search_problem) return "Nothing can be searched for: " + search_problem->ToString();
    Result<SearchIndex::Found> found = search->Find(run, words);
    if (!found) return "Nothing can be searched for: " + found.error().ToString();
    attempts = std::move(found->attempts);
    if (found->cut) return "So many events have these words that only the earliest were looked at. More words narrow it down.";
    if (found->indexed < 1) {
      return "The words of this store are still being gathered: " + Fixed(100 * found->indexed, 0) +
             " % of this run has been searched. Show again for more.";
    }
    return "";
  }

  Result<ViewedPage> Judges(const ListedRun& run) {
    SampleQuery query;
    query.run = run.row.id;
    query.sample = [](const ListedSample& sample) { return LeadsOf(sample).apart() >= 0.25; };
    query.limit = 25;
    const Result<SamplePage> page = store->ListSamples(query);
    if (!page) return page.error();
    std::string apart;
    if (!page->samples.empty()) {
      apart = "<section id=\"apart\">\n<h2>Where the judges disagree</h2>\n<p>Samples on which two judges are at least 0.25 apart on "
              "how far the first pole leads the second. " +
              Link(RunAddress(run.row.id) + "/samples?apart=0.25", "The list with filters") + "</p>\n" +
              SampleRows(run.row.id, page->samples, tasks) + "</section>\n";
    }
    return ShowJudges(run, ReportOf(run), apart);
  }

  Result<ViewedPage> PageOfRuns(const std::string& page, const Address& address) {
    std::vector<std::string> ids = address.All("run");
    std::sort(ids.begin(), ids.end());
    if (std::unique(ids.begin(), ids.end()) != ids.end()) return UsageError("", "a run is named twice", "tick different ones in the list of runs");
    ids = address.All("run");
    if (ids.size() < 2 || ids.size() > kMostCompared) {
      return UsageError("", "two to " + std::to_string(kMostCompared) + " runs can be compared, not " + std::to_string(ids.size()),
                        "tick them in the list of runs");
    }
    std::vector<ListedRun> chosen;
    std::string stamp;
    bool counted = true;
    for (const std::string& id : ids) {
      Result<ListedRun> run = runs.Find(id, kPatience);
      if (!run) return std::move(run).error();
      stamp += run->stamp + ";";
      counted = counted && !run->stamp.empty();
      chosen.push_back(std::move(*run));
    }
    if (page == "side-by-side") return ShowSideBySide(*store, chosen, address);
    std::vector<std::string> arguments = {"compare"};
    arguments.insert(arguments.end(), ids.begin(), ids.end());
    if (!address.Get("differences").empty()) arguments.push_back("--allow-differences");
    return ShowComparison(chosen, counted ? sections.Get(arguments, stamp) : WorkedSections(), address);
  }

  std::unique_ptr<StoreReader> store;
  TaskLookup tasks;
  RunIndex runs;
  SectionSource& sections;
  std::unique_ptr<SearchIndex> search;
  std::optional<Error> search_problem;
};

Viewer::Viewer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Viewer::~Viewer() = default;

Result<std::unique_ptr<Viewer>> Viewer::Open(const std::string& store, SectionSource& sections,
                                             const std::string& search_index) {
  Result<std::unique_ptr<StoreReader>> reader = StoreReader::Open(store, kCacheKib);
  if (!reader) return std::move(reader).error();
  Result<std::unique_ptr<StoreReader>> counting = (*reader)->Another();
  if (!counting) return std::move(counting).error();
  Result<std::unique_ptr<StoreReader>> searching = (*reader)->Another();
  if (!searching) return std::move(searching).error();
  auto impl = std::make_unique<Impl>(std::move(*reader), std::move(*counting), sections);
  Result<std::unique_ptr<SearchIndex>> search =
      search_index.empty() ? Failed("", "there is no cache folder", "set HOME or XDG_CACHE_HOME")
                           : SearchIndex::Open(std::move(*searching), search_index);
  if (search) {
    impl->search = std::move(*search);
  } else {
    impl->search_problem = search.error();
  }
  return std::unique_ptr<Viewer>(new Viewer(std::move(impl)));
}

ViewedPage Viewer::Respond(const ViewRequest& request) {
  if (const std::string refused = Refused(request); !refused.empty()) return ProblemPage(403, refused, "");
  if (request.method != "GET" && request.method != "HEAD") return ProblemPage(405, "Pages can be read and nothing else.", "");
  if (request.target == "/style.css") return {200, "text/css; charset=utf-8", ViewerStyle(), false};
  if (request.target == "/script.js") return {200, "text/javascript; charset=utf-8", ViewerScript(), false};
  const Result<Address> address = ParseAddress(request.target);
  if (!address) return ProblemPage(404, address.error().what, address.error().hint);
  if (const Result<void> query = CheckQuery(*address); !query) return ProblemPage(400, query.error().what, query.error().hint);
  Result<ViewedPage> page = impl_->Page(*address);
  if (page) return std::move(*page);
  const Error& error = page.error();
  return ProblemPage(error.kind == ErrorKind::kUsage ? 404 : 500, error.where.empty() ? error.what : error.where + ": " + error.what,
                     error.hint);
}

const std::vector<std::pair<std::string, std::string>>& Viewer::Headers() {
  static const std::vector<std::pair<std::string, std::string>> kHeaders = {
      {"Content-Security-Policy",
       "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
       "frame-ancestors 'none'"},
      {"X-Content-Type-Options", "nosniff"},
      {"X-Frame-Options", "DENY"},
      {"Referrer-Policy", "no-referrer"},
      {"Cross-Origin-Opener-Policy", "same-origin"},
      {"Cross-Origin-Resource-Policy", "same-origin"},
      {"Cache-Control", "no-store"}};
  return kHeaders;
}

}  // namespace axiometer
