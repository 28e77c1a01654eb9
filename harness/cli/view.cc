#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <string_view>

#include "harness/cli/say.h"
#include "harness/cli/verbs.h"
#include "harness/io/child.h"
#include "harness/io/clock.h"
#include "harness/io/http_server.h"
#include "harness/io/line_channel.h"
#include "harness/io/signals.h"
#include "harness/store/search_index.h"
#include "reports/viewer/viewer.h"

namespace axiometer {
namespace {

constexpr size_t kMostSectionBytes = 16u << 20;  // of one report
constexpr size_t kMostKept = 24u << 20;          // of all reports in memory
constexpr size_t kMostReports = 500;             // in memory, refused ones included
constexpr std::string_view kOwnName = "axiometer: ";  // before what it says went wrong
constexpr int64_t kFirstWaitMs = 60;             // a page waits so long for a small one
constexpr int64_t kForgottenMs = 10'000;         // a page that is still looked at has asked again by then

std::string AllOf(int fd, size_t most) {
  struct stat facts{};
  if (fstat(fd, &facts) != 0) return "";
  std::string text(std::min(most, static_cast<size_t>(facts.st_size)), '\0');
  const ssize_t got = pread(fd, text.data(), text.size(), 0);
  text.resize(got < 0 ? 0 : static_cast<size_t>(got));
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

// Reports by processes of this very program, one at a time: they take what memory they need and give it back, and a
// page never waits for them.
class SectionWorker : public SectionSource {
 public:
  SectionWorker(Loop& loop, Clock& clock, std::string store) : loop_(loop), clock_(clock), store_(std::move(store)), key_(loop.NewKey()) {}
  ~SectionWorker() override { loop_.Cancel(key_); }

  WorkedSections Get(const std::vector<std::string>& arguments, const std::string& stamp) override {
    Kept& kept = kept_[arguments];
    kept.asked_ms = clock_.NowMs();
    if (kept.stamp != stamp) {
      kept.wanted = stamp;
      Start();
    }
    WorkedSections worked = kept.worked;
    if (kept.stamp != stamp) worked.state = WorkedSections::State::kWorking;
    return worked;
  }

  WorkedSections Peek(const std::vector<std::string>& arguments) override {
    const auto found = kept_.find(arguments);
    return found == kept_.end() ? WorkedSections() : found->second.worked;
  }

  bool busy() const { return busy_; }
  // Returns once nothing is being worked out any more, or after so long.
  Async<> Settle(int64_t most_ms) {
    const int64_t until = clock_.NowMs() + most_ms;
    while (busy_ && clock_.NowMs() < until) co_await clock_.Sleep(5);
  }

 private:
  struct Kept {
    std::string stamp;   // of `worked`
    std::string wanted;  // empty: nothing else
    WorkedSections worked;
    int64_t asked_ms = 0;  // when a page last asked for it
  };

  void Start() {
    if (busy_) return;
    // The latest first; what no page has asked for again by now was left.
    auto next = kept_.end();
    for (auto one = kept_.begin(); one != kept_.end(); ++one) {
      Kept& kept = one->second;
      if (clock_.NowMs() - kept.asked_ms > kForgottenMs) kept.wanted.clear();
      if (!kept.wanted.empty() && (next == kept_.end() || kept.asked_ms > next->second.asked_ms)) next = one;
    }
    if (next == kept_.end()) return;
    busy_ = true;
    loop_.Spawn(Work(next->first, next->second.wanted), nullptr, key_);
  }

  Async<> Work(std::vector<std::string> arguments, std::string stamp) {
    WorkedSections worked = co_await Run(arguments);
    const bool cancelled = co_await IsCancelled();
    if (cancelled) co_return;
    Kept& kept = kept_[arguments];
    kept.worked = std::move(worked);
    kept.stamp = stamp;
    if (kept.wanted == stamp) kept.wanted.clear();
    busy_ = false;
    Trim();
    Start();
  }

  Async<WorkedSections> Run(const std::vector<std::string>& arguments) {
    WorkedSections worked;
    worked.state = WorkedSections::State::kFailed;
    const Descriptor out(memfd_create("report", MFD_CLOEXEC));
    const Descriptor errors(memfd_create("errors", MFD_CLOEXEC));
    if (!out || !errors) {
      worked.problem = "no memory for a report";
      co_return worked;
    }
    ChildSpec spec;
    spec.program = "/proc/self/exe";  // this very program, also once another was installed in its place
    spec.arguments = arguments;
    spec.arguments.insert(spec.arguments.end(), {"--format", "sections", "--db", store_});
    spec.descriptors = {{1, out.get()}, {2, errors.get()}};
    for (const char* name : {"AXIOMETER_DATA", "LANG", "LD_LIBRARY_PATH"}) {
      if (const char* text = std::getenv(name)) spec.environment.push_back(std::string(name) + "=" + text);
    }
    Result<Child> child = Child::Start(loop_, spec);
    if (!child) {
      worked.problem = child.error().ToString();
      co_return worked;
    }
    const ChildExit end = co_await child->Wait();
    if (end.signal == 0 && end.status == 0) {
      auto text = std::make_shared<std::string>(AllOf(out.get(), kMostSectionBytes));
      worked.json = std::move(text);
      worked.state = WorkedSections::State::kReady;
    } else {
      worked.problem = AllOf(errors.get(), 4096);
      if (worked.problem.starts_with(kOwnName)) worked.problem.erase(0, kOwnName.size());
      if (worked.problem.empty()) worked.problem = "the report was ended by signal " + std::to_string(end.signal);
    }
    co_return worked;
  }

  // Forgets those not asked for the longest, beyond what may be kept.
  void Trim() {
    while (true) {
      size_t bytes = 0;
      auto oldest = kept_.end();
      for (auto one = kept_.begin(); one != kept_.end(); ++one) {
        if (one->second.worked.json) bytes += one->second.worked.json->size();
        if (oldest == kept_.end() || one->second.asked_ms < oldest->second.asked_ms) oldest = one;
      }
      if (kept_.size() < 2 || (bytes <= kMostKept && kept_.size() <= kMostReports)) return;
      kept_.erase(oldest);
    }
  }

  Loop& loop_;
  Clock& clock_;
  std::string store_;
  uint64_t key_;
  std::map<std::vector<std::string>, Kept> kept_;
  bool busy_ = false;
};

}  // namespace

Result<int> RunView(const ViewOptions& options) {
  Loop loop;
  const std::unique_ptr<Clock> clock = MakeRealClock(loop);
  SectionWorker worker(loop, *clock, std::filesystem::absolute(options.db).string());
  Result<std::unique_ptr<Viewer>> viewer = Viewer::Open(options.db, worker, SearchIndexPath(options.db));
  if (!viewer) return std::move(viewer).error();
  const HttpServer::Handler handler = [&](const ServedRequest& request) -> Async<ServedReply> {
    const ViewRequest asked{request.method, request.target, request.headers};
    ViewedPage page = (*viewer)->Respond(asked);
    if (page.unfinished && worker.busy()) {  // something small may be there in a moment
      co_await worker.Settle(kFirstWaitMs);
      page = (*viewer)->Respond(asked);
    }
    ServedReply reply;
    reply.status = page.status;
    reply.headers = Viewer::Headers();
    reply.headers.emplace_back("Content-Type", page.type);
    reply.body = std::move(page.body);
    co_return reply;
  };
  constexpr size_t kMostBody = 4096;  // nobody has anything to send
  Result<std::unique_ptr<HttpServer>> server = HttpServer::Start(loop, options.port, handler, kMostBody);
  if (!server) return std::move(server).error();
  std::printf("http://127.0.0.1:%d/\n", (*server)->port());
  std::fflush(stdout);
  Say("Ctrl-C ends it; from another computer: ssh -L " + std::to_string((*server)->port()) + ":127.0.0.1:" +
      std::to_string((*server)->port()) + " THIS_COMPUTER");
  const Signals signals(loop, [&](int) { loop.Stop(); });
  loop.Run();
  return 0;
}

}  // namespace axiometer
