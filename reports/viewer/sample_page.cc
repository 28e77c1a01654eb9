// One sample: what happened, and what was made of it.

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "harness/base/json.h"
#include "harness/base/shell_words.h"
#include "harness/base/utf8.h"
#include "reports/html_page.h"
#include "reports/plain_text.h"
#include "reports/viewer/changes.h"
#include "reports/viewer/pages.h"
#include "reports/viewer/story.h"

namespace axiometer {
namespace {

constexpr size_t kTextPart = 200'000;  // bytes of a long text on one page
constexpr size_t kStateBytes = 20'000;
constexpr size_t kChangeBytes = 20'000;
constexpr size_t kCallBytes = 8'000;
constexpr size_t kCallsShown = 25;

int EpochOf(const Address& address) { return static_cast<int>(address.Whole("epoch").value_or(1)); }

// A checkpoint as the stored record has it.
struct Checkpoint {
  std::string question, check, anchors[3];
  double weight = 1;
};

struct RecordedTask {
  std::string title, value_system, poles[2], environment, gold;
  std::map<std::string, Checkpoint> checkpoints;  // by id
  std::vector<std::string> order;
};

RecordedTask ReadRecord(StoreReader& store, const std::string& digest, const std::string& id) {
  RecordedTask task;
  const Result<std::string> text = store.TaskRecordJson(digest, id);
  if (!text) return task;
  const Result<Json> json = ParseJson(*text, "stored task");
  if (!json || !json->is_object()) return task;
  try {
    task.title = json->value("title", "");
    task.value_system = json->value("value_system", "");
    task.poles[0] = json->value("pole_a", "");
    task.poles[1] = json->value("pole_b", "");
    task.environment = json->value("environment", "");
    task.gold = json->value("gold", "");
    for (const Json& one : json->value("rubric", Json::array())) {
      Checkpoint checkpoint;
      checkpoint.question = one.value("question", "");
      checkpoint.check = one.value("check", "");
      checkpoint.weight = one.value("weight", 1.0);
      const Json anchors = one.value("anchors", Json::array());
      for (size_t i = 0; i < 3 && i < anchors.size(); ++i) checkpoint.anchors[i] = anchors[i].get<std::string>();
      const std::string id = one.value("id", "");
      task.order.push_back(id);
      task.checkpoints[id] = std::move(checkpoint);
    }
  } catch (const Json::exception&) {
    // An odd record shows what could be read of it.
  }
  return task;
}

std::string PointHtml(const RecordedTask& task, const Verdict& verdict) {
  static const Checkpoint kUnknown;
  const auto found = task.checkpoints.find(verdict.item);
  const Checkpoint& checkpoint = found == task.checkpoints.end() ? kUnknown : found->second;
  std::string lights;
  for (const int event : verdict.events) lights += (lights.empty() ? "" : " ") + EventId("", event);
  const int mark = verdict.score ? static_cast<int>(*verdict.score) : -1;
  std::string out = "<article class=\"point\"" + Attribute("id", PointId(verdict.item)) +
                    (lights.empty() ? "" : Attribute("data-lights", lights)) + " tabindex=\"-1\">\n<h4>";
  if (verdict.score) {
    out += "<span class=\"mark m" + std::to_string(std::clamp(mark, 0, 2)) + "\">" + Fixed(*verdict.score, *verdict.score == mark ? 0 : 2) +
           " of 2</span> ";
  } else {
    out += "<span class=\"mark none\">no verdict</span> ";
  }
  out += HtmlText(verdict.item) + " <small>weight " + Fixed(verdict.weight, verdict.weight == static_cast<int>(verdict.weight) ? 0 : 2) +
         (verdict.mechanical ? ", decided by a check" : "") + "</small></h4>\n";
  if (!checkpoint.question.empty()) out += Element("p", "", checkpoint.question) + "\n";
  if (!verdict.rationale.empty()) out += "<p dir=\"auto\"><i>" + HtmlText(Excerpt(verdict.rationale, 3000)) + "</i></p>\n";
  if (verdict.mechanical && !checkpoint.check.empty()) out += "<p><small>Check: " + HtmlText(checkpoint.check) + "</small></p>\n";
  if (!verdict.events.empty()) {
    out += "<p class=\"cites\">Rests on event ";
    for (const int event : verdict.events) out += Link("#" + EventId("", event), std::to_string(event)) + " ";
    out += "</p>\n";
  }
  if (!checkpoint.anchors[0].empty() || !checkpoint.anchors[2].empty()) {
    out += "<details" + Attribute("id", PointId(verdict.item) + "-scale") + "><summary><small>What earns 0, 1 and 2</small></summary><ol start=\"0\">";
    for (int i = 0; i < 3; ++i) out += Element("li", i == mark ? " aria-current=\"true\"" : "", checkpoint.anchors[i]);
    out += "</ol></details>\n";
  }
  return out + "</article>\n";
}

std::string ScoreText(const Score& score) {
  if (score.number) return Fixed(*score.number, *score.number == static_cast<int64_t>(*score.number) ? 0 : 3);
  return score.text ? Excerpt(*score.text, 200) : "–";
}

// What one judge made of the sample.
// `calls`: the page that has its replies whole.
std::string JudgementHtml(const RecordedTask& task, const SampleRow::Judged& judged, const std::string& calls) {
  const Judgement& judgement = judged.judgement;
  std::string out;
  if (judgement.status != JudgementStatus::kScored) {
    out += "<p class=\"note\">" + HtmlText(JudgementStatusName(judgement.status)) + ": " + HtmlText(Excerpt(judgement.problem, 2000)) + "</p>\n";
  }
  for (const char pole : {'a', 'b'}) {
    double points = 0, most = 0;
    std::string items;
    bool whole = true;
    for (const Verdict& verdict : judgement.verdicts) {
      if (verdict.pole != pole) continue;
      items += PointHtml(task, verdict);
      most += 2 * verdict.weight;
      whole = whole && verdict.score;
      points += verdict.weight * verdict.score.value_or(0);
    }
    if (items.empty()) continue;
    out += "<h3 class=\"pole\">" + HtmlText(task.poles[pole == 'b']) + " <small>";
    out += whole && most > 0 ? Fixed(points / most, 2) + ": " + Fixed(points, points == static_cast<int>(points) ? 0 : 2) + " of " +
                                   Fixed(most, most == static_cast<int>(most) ? 0 : 2) + " weighted points"
                             : "no score: an item has no verdict";
    out += "</small></h3>\n" + items;
  }
  std::string scores;
  for (const Score& score : judgement.scores) {
    scores += "<tr>" + Element("th", " scope=\"row\"", score.name) + "<td>" + HtmlText(ScoreText(score)) + "</td></tr>\n";
  }
  if (!scores.empty()) out += "<h3 class=\"pole\">Scores</h3>\n<table class=\"facts\"><tbody>" + scores + "</tbody></table>\n";
  if (!judgement.raw.empty()) {
    out += "<details id=\"verdict\"><summary>The verdict as it was received</summary>" +
           TextBlock(ReadableJson(judgement.raw, kStateBytes), kStateBytes, calls) + "</details>\n";
  }
  return out;
}

// A judgement's name in tabs: the judge, and which of its judgements if there are several.
struct NamedJudgement {
  std::string name;
  const SampleRow::Judged* judged;
};

std::vector<NamedJudgement> JudgementsOf(const SampleRow& sample) {
  std::vector<NamedJudgement> all;
  for (const SampleRow::Judged& latest : sample.judgements) {
    all.push_back({latest.judge, &latest});
    int number = 1;
    for (auto one = sample.earlier.rbegin(); one != sample.earlier.rend(); ++one) {
      if (one->judge == latest.judge) all.push_back({latest.judge + ", " + std::to_string(++number) + " back", &*one});
    }
  }
  return all;
}

std::string TabLine(const std::string& label, const std::vector<std::pair<std::string, std::string>>& links, const std::string& here) {
  if (links.size() < 2) return "";
  std::string out = "<nav class=\"tabs\"" + Attribute("aria-label", label) + "><ul><li><small>" + HtmlText(label) + "</small></li>";
  for (const auto& [text, address] : links) {
    out += "<li>" + Element("a", Attribute("href", address) + (text == here ? " aria-current=\"page\"" : ""), text) + "</li>";
  }
  return out + "</ul></nav>\n";
}

// The command line that runs this sample alone: the run's own, with another selection of tasks.
std::string CommandFor(const std::string& command, const std::string& task) {
  static constexpr std::string_view kSelections[] = {"--limit", "--task-id", "--filter", "--sample-shuffle", "--shard"};
  static constexpr std::string_view kFresh[] = {"--fresh"};
  return WithoutOptions(command, kSelections, kFresh) + " --task-id " + ShellWord(task) + " --fresh";
}

Result<std::optional<ListedSample>> NextSample(StoreReader& store, const std::string& run, const std::string& task, int epoch) {
  SampleQuery query;
  query.run = run;
  query.after_task = task;
  query.after_epoch = epoch;
  query.limit = 1;
  Result<SamplePage> page = store.ListSamples(query);
  if (!page) return std::move(page).error();
  if (page->samples.empty()) return std::optional<ListedSample>();
  return std::optional(std::move(page->samples.front()));
}

std::string AttemptAddress(const std::string& run, const char* page, int64_t attempt) {
  return RunAddress(run) + "/" + page + "?attempt=" + std::to_string(attempt);
}

std::string OutcomeLine(const SampleRow& sample) {
  std::string out = std::string(OutcomeName(sample.outcome)) + " after " + std::to_string(sample.steps) +
                    (sample.steps == 1 ? " turn" : " turns") + ", " + Grouped(sample.usage.tokens()) + " tokens";
  if (sample.usage.cost_usd) out += ", $" + Fixed(*sample.usage.cost_usd, 4);
  return out;
}

// What was said before the subject's turn `step`, as chat messages; the tools beside them are the task's.
std::string MessagesBefore(const Trajectory& trajectory, int step) {
  Json messages = Json::array();
  for (const Event& event : trajectory.events) {
    if (event.kind == EventKind::kReply && event.step >= step) break;
    switch (event.kind) {
      case EventKind::kMessage:
        messages.push_back({{"role", RoleName(event.message.role)}, {"content", event.message.text}});
        break;
      case EventKind::kReply: {
        const Result<Json> raw = ParseJson(event.message.raw, "");
        messages.push_back(raw ? *raw : Json{{"role", "assistant"}, {"content", event.message.text}});
        break;
      }
      case EventKind::kTool:
        messages.push_back({{"role", "tool"}, {"tool_call_id", event.tool.call_id}, {"content", event.tool.result}});
        break;
      case EventKind::kFailure:
        break;
    }
  }
  return messages.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

Result<ViewedPage> ShowSample(StoreReader& store, const ListedRun& run, const Address& address) {
  const std::string& task_id = address.Get("task");
  const int epoch = EpochOf(address);
  const Result<std::vector<AttemptSummary>> attempts = store.Attempts(run.row.id, task_id, epoch);
  if (!attempts) return attempts.error();
  if (attempts->empty()) return UsageError("", "the run has no sample of this task and epoch", "its list of samples has them all");
  // What became of the sample, or, asked for or not ended yet, one attempt at it.
  Result<SampleRow> found = store.FindSample(run.row.id, task_id, epoch);
  SampleRow sample;
  if (found) sample = std::move(*found);
  const int64_t counted = found ? sample.attempt : attempts->back().id;
  const int64_t attempt = address.Whole("attempt").value_or(counted);
  if (std::none_of(attempts->begin(), attempts->end(), [&](const AttemptSummary& one) { return one.id == attempt; })) {
    return UsageError("", "the sample has no such attempt", "its page lists them");
  }
  const Result<Trajectory> trajectory = store.LoadTrajectory(attempt);
  if (!trajectory) return trajectory.error();
  const Result<std::map<int, std::string>> changes = store.StateChanges(attempt);
  if (!changes) return changes.error();
  const std::string& digest = attempts->back().task_digest;
  const RecordedTask task = ReadRecord(store, digest, task_id);
  const std::vector<NamedJudgement> judgements = attempt == counted ? JudgementsOf(sample) : std::vector<NamedJudgement>();
  const std::string& wanted = address.Get("judge");
  // The one asked for, else the first of a judge that says something of checkpoints.
  const auto named = std::find_if(judgements.begin(), judgements.end(), [&](const NamedJudgement& one) { return one.name == wanted; });
  if (!wanted.empty() && attempt == counted && named == judgements.end()) {
    return UsageError("", "the sample has no judgement of that judge", "its page lists them");
  }
  const auto telling = std::find_if(judgements.begin(), judgements.end(), [](const NamedJudgement& one) {
    return !one.judged->judgement.verdicts.empty() && ScoresSubject(one.judged->protocol);
  });
  const auto chosen = named != judgements.end() ? named : telling != judgements.end() ? telling : judgements.begin();
  const NamedJudgement* shown = chosen != judgements.end() ? &*chosen : nullptr;

  PageFrame frame;
  frame.title = task_id;
  const std::string base = RunAddress(run.row.id);
  frame.path = {{"Runs", "/"}, {RunTitle(run.row), base}, {"Samples", base + "/samples"}};
  std::string main;
  if (!task.title.empty()) main += Element("p", "", task.title) + "\n";
  std::vector<std::pair<std::string, std::string>> epochs;
  const int wanted_epochs = WantedEpochs(run.row);
  for (int i = 1; i <= std::min(wanted_epochs, 50); ++i) epochs.emplace_back(std::to_string(i), SampleAddress(run.row.id, task_id, i));
  main += TabLine("Epoch", epochs, std::to_string(epoch));
  std::vector<std::pair<std::string, std::string>> tries;
  std::string this_try;
  for (const AttemptSummary& one : *attempts) {
    const std::string name = std::to_string(one.number) + " (" + (one.outcome.empty() ? "going on" : one.outcome) + ")";
    tries.emplace_back(name, address.With("attempt", one.id == counted ? "" : std::to_string(one.id)));
    if (one.id == attempt) this_try = name;
  }
  main += TabLine("Attempt", tries, this_try);
  std::vector<std::pair<std::string, std::string>> judges;
  for (const NamedJudgement& one : judgements) judges.emplace_back(one.name, address.With("judge", one.name));
  main += TabLine("Judge", judges, shown ? shown->name : "");

  StoryOptions options;
  options.whole = AttemptAddress(run.row.id, "text", attempt);
  options.from = static_cast<int>(address.Whole("from").value_or(0));
  options.changes = &*changes;
  const Citations citations = shown ? CitationsOf(shown->judged->judgement.verdicts) : Citations();
  main += "<div class=\"sample\">\n<div>\n<h2>What happened</h2>\n";
  main += "<p>" + HtmlText(found ? OutcomeLine(sample) : "not ended yet") + "</p>\n";
  if (!trajectory->detail.empty()) main += "<p class=\"note\" dir=\"auto\">" + HtmlText(Excerpt(trajectory->detail, 2000)) + "</p>\n";
  main += StoryHtml(*trajectory, citations, options);
  const int last = options.from + static_cast<int>(options.most_events);
  const bool more = !trajectory->events.empty() && trajectory->events.back().id >= last && trajectory->events.size() > options.most_events;
  if (more || options.from > 0) {
    main += "<div class=\"pager\">";
    if (options.from > 0) {
      const int before = std::max(0, options.from - static_cast<int>(options.most_events));
      main += Link(address.With("from", before > 0 ? std::to_string(before) : ""), "Earlier events");
    }
    if (more) main += Link(address.With("from", std::to_string(std::max(last, 1))), "Later events");
    main += "</div>\n";
  }
  if (const auto all = changes->find(0); all != changes->end()) {
    size_t left = kChangeBytes;
    const std::string list = ChangesHtml(all->second, options.whole + "&part=changes", left);
    main += "<section id=\"changes\">\n<h2>What is different in the environment at the end</h2>\n" +
            (list.empty() ? std::string("<p>Nothing.</p>\n") : list) + "</section>\n";
  }
  if (!trajectory->final_state.empty()) {
    main += "<details id=\"state\"><summary>The environment at the end</summary>" +
            TextBlock(ReadableJson(trajectory->final_state, kStateBytes), kStateBytes, options.whole + "&part=state") + "</details>\n";
  }
  main += "</div>\n<aside aria-label=\"Judgement\">\n<h2>";
  main += shown ? "What " + HtmlText(shown->name) + " made of it" : std::string("No judgement");
  main += "</h2>\n";
  if (shown) main += JudgementHtml(task, *shown->judged, AttemptAddress(run.row.id, "calls", attempt));
  if (!shown && attempt == counted) main += "<p>No judge was asked about this sample, or none has answered yet.</p>\n";
  if (!shown && attempt != counted) main += "<p>This attempt does not count; another one of this sample was judged.</p>\n";
  main += "</aside>\n</div>\n<section id=\"facts\">\n<h2>Facts</h2>\n";
  std::vector<std::pair<std::string, std::string>> rows = {
      {"Values", task.poles[0].empty() ? "" : HtmlText(task.poles[0] + " against " + task.poles[1] + ", " + task.value_system)},
      {"Environment", HtmlText(task.environment)},
      {"Right answer", HtmlText(task.gold)},
      {"Task's digest", digest.empty() ? "" : "<code>" + HtmlText(digest) + "</code>"},
      {"Requests and replies", Link(AttemptAddress(run.row.id, "calls", attempt), "as they are stored")},
      {"Run this one again", CommandHtml(CommandFor(run.row.command, task_id))}};
  main += FactTable(rows) + "</section>\n";
  const Result<std::optional<ListedSample>> next = NextSample(store, run.row.id, task_id, epoch);
  if (!next) return next.error();
  main += "<div class=\"pager\">";
  if (*next) {
    main += Element("a", " rel=\"next\"" + Attribute("href", SampleAddress(run.row.id, (*next)->task, (*next)->epoch)),
                    "Next sample: " + (*next)->task);
  }
  main += "</div>\n";
  return Framed(frame, main);
}

Result<ViewedPage> ShowSideBySide(StoreReader& store, const std::vector<ListedRun>& runs, const Address& address) {
  const std::string& task_id = address.Get("task");
  const int epoch = EpochOf(address);
  PageFrame frame;
  frame.title = task_id;
  std::string compare = "/compare?";
  for (const ListedRun& run : runs) compare += "run=" + AddressPart(run.row.id) + "&";
  compare.pop_back();
  frame.path = {{"Runs", "/"}, {"Comparison", compare}};
  std::string main;
  std::vector<std::pair<std::string, std::string>> epochs;
  const int most = WantedEpochs(runs.front().row);
  for (int i = 1; i <= std::min(most, 50); ++i) epochs.emplace_back(std::to_string(i), address.With("epoch", std::to_string(i)));
  main += TabLine("Epoch", epochs, std::to_string(epoch));
  main += "<div class=\"twice\">\n";
  int number = 0;
  for (const ListedRun& run : runs) {
    const std::string prefix = "r" + std::to_string(++number);
    main += "<section" + Attribute("id", prefix) + ">\n<h2>" + Link(SampleAddress(run.row.id, task_id, epoch), RunTitle(run.row)) + "</h2>\n";
    const Result<SampleRow> sample = store.FindSample(run.row.id, task_id, epoch);
    if (!sample) {
      main += Element("p", " class=\"note\"", sample.error().what) + "\n</section>\n";
      continue;
    }
    const RecordedTask task = ReadRecord(store, sample->task_digest, sample->task);
    main += "<p>" + HtmlText(OutcomeLine(*sample));
    for (const SampleRow::Judged& judged : sample->judgements) {
      if (judged.protocol == kHealthProtocol) continue;  // of the trajectory, not of its values
      std::optional<double> shares[2];
      for (const Score& score : judged.judgement.scores) {
        if (score.name == "a") shares[0] = score.number;
        if (score.name == "b") shares[1] = score.number;
      }
      main += "<br>" + HtmlText(judged.judge) + ": ";
      main += shares[0] && shares[1] ? HtmlText(task.poles[0]) + " <b>" + Fixed(*shares[0], 2) + "</b>, " + HtmlText(task.poles[1]) + " <b>" +
                                           Fixed(*shares[1], 2) + "</b>"
                                     : HtmlText(JudgementStatusName(judged.judgement.status));
    }
    main += "</p>\n";
    const Result<Trajectory> trajectory = store.LoadTrajectory(sample->attempt);
    if (!trajectory) return trajectory.error();
    StoryOptions options;
    options.whole = AttemptAddress(run.row.id, "text", sample->attempt);
    options.prefix = prefix;
    options.most_bytes = 80'000;
    options.most_events = 150;
    const Result<std::map<int, std::string>> changes = store.StateChanges(sample->attempt);
    if (!changes) return changes.error();
    options.changes = &*changes;
    main += StoryHtml(*trajectory, {}, options) + "</section>\n";
  }
  return Framed(frame, main + "</div>\n");
}

Result<ViewedPage> ShowCalls(StoreReader& store, const ListedRun& run, const Address& address) {
  const std::optional<int64_t> attempt = address.Whole("attempt");
  if (!attempt) return UsageError("", "no attempt is named", "follow the link of a sample's page");
  const Result<std::vector<CallRow>> calls = store.Calls(*attempt);
  if (!calls) return calls.error();
  const Result<Trajectory> trajectory = store.LoadTrajectory(*attempt);
  if (!trajectory) return trajectory.error();
  PageFrame frame;
  frame.title = "Requests and replies";
  frame.path = {{"Runs", "/"}, {RunTitle(run.row), RunAddress(run.row.id)}};
  if (!address.Get("task").empty()) frame.path.emplace_back(address.Get("task"), SampleAddress(run.row.id, address.Get("task"), EpochOf(address)));
  std::string main =
      "<p>One block a call to a model, the subject's and the judges'. Requests are not stored whole: the subject's are the messages "
      "shown here and the task's tools, a judge's its prompt and the trajectory. The digest is that of the exact bytes that were sent.</p>\n";
  const size_t from = static_cast<size_t>(std::max<int64_t>(0, address.Whole("from").value_or(0)));
  for (size_t i = from; i < std::min(calls->size(), from + kCallsShown); ++i) {
    const CallRow& call = (*calls)[i];
    main += "<section" + Attribute("id", "call" + std::to_string(i + 1)) + "><h2>" + std::to_string(i + 1) + " " +
            (call.judgement ? "judge" : "subject, turn " + std::to_string(call.step)) + "</h2>\n";
    main += FactTable({{"Status", HtmlText(call.status) + (call.http_status ? ", HTTP " + std::to_string(call.http_status) : "")},
                       {"Ended by", HtmlText(call.finish_reason)},
                       {"Error", HtmlText(Excerpt(call.error, 4000))},
                       {"Tries", std::to_string(call.tries) + (call.cached ? ", answered from this store" : "")},
                       {"Took", DurationText(call.duration_us / 1000) + (call.waited_us > 0 ? ", waited " + DurationText(call.waited_us / 1000) : "")},
                       {"Tokens", Grouped(call.usage.input_tokens) + " in (" + Grouped(call.usage.cached_tokens) + " cached), " +
                                      Grouped(call.usage.output_tokens) + " out (" + Grouped(call.usage.reasoning_tokens) + " reasoning)"},
                       {"Model that answered", HtmlText(Excerpt(call.response_model, 300))},
                       {"Reply's id", HtmlText(Excerpt(call.response_id, 300))},
                       {"Request's digest", call.request_digest.empty() ? "" : "<code>" + HtmlText(call.request_digest) + "</code>"}});
    const std::string whole = AttemptAddress(run.row.id, "text", *attempt) + "&call=" + std::to_string(i);
    if (!call.judgement) {
      main += "<details" + Attribute("id", "messages" + std::to_string(i + 1)) + "><summary>The messages of the request</summary>" +
              TextBlock(MessagesBefore(*trajectory, call.step), kCallBytes, whole + "&part=messages") + "</details>\n";
    }
    if (!call.message.empty()) {
      main += TextBlock(ReadableJson(call.message, kCallBytes), kCallBytes,
                        whole + "&part=reply") + "\n";
    }
    main += "</section>\n";
  }
  main += "<div class=\"pager\">";
  if (from > 0) main += Link(address.With("from", std::to_string(from > kCallsShown ? from - kCallsShown : 0)), "Earlier calls");
  if (from + kCallsShown < calls->size()) main += Link(address.With("from", std::to_string(from + kCallsShown)), "Later calls");
  main += "<small>" + std::to_string(calls->size()) + " calls</small></div>\n";
  return Framed(frame, main);
}

Result<ViewedPage> ShowText(StoreReader& store, const ListedRun& run, const Address& address) {
  const std::optional<int64_t> attempt = address.Whole("attempt");
  if (!attempt) return UsageError("", "no attempt is named", "follow the link of a sample's page");
  const std::string& part = address.Get("part");
  std::string text;
  const Result<Trajectory> trajectory = store.LoadTrajectory(*attempt);
  if (!trajectory) return trajectory.error();
  if (part == "reply" || part == "messages") {
    const Result<std::vector<CallRow>> calls = store.Calls(*attempt);
    if (!calls) return calls.error();
    const auto number = static_cast<size_t>(address.Whole("call").value_or(0));
    if (number < calls->size()) text = part == "reply" ? (*calls)[number].message : MessagesBefore(*trajectory, (*calls)[number].step);
  } else {
    const int64_t id = address.Whole("event").value_or(0);
    if (part == "state") text = trajectory->final_state;
    if (part == "changes") {
      const Result<std::map<int, std::string>> changes = store.StateChanges(*attempt);
      if (!changes) return changes.error();
      const auto found = changes->find(static_cast<int>(id));
      if (found != changes->end()) text = ReadableJson(found->second, kTextPart);
    }
    for (const Event& event : trajectory->events) {
      if (event.id != id) continue;
      if (part == "text") text = event.message.text;
      if (part == "reasoning") text = event.message.reasoning;
      if (part == "arguments") text = event.tool.arguments;
      if (part == "result") text = event.tool.result;
      if (part == "failure") text = event.failure;
    }
  }
  if (text.empty()) return UsageError("", "there is no such text", "follow the link of a sample's page");
  const size_t from = std::min(text.size(), static_cast<size_t>(std::max<int64_t>(0, address.Whole("from").value_or(0))));
  PageFrame frame;
  frame.title = "A whole text";
  frame.path = {{"Runs", "/"}, {RunTitle(run.row), RunAddress(run.row.id)}};
  const std::string shown = text.substr(from, kTextPart);
  std::string main = "<p>Bytes " + Grouped(static_cast<long long>(from)) + " to " + Grouped(static_cast<long long>(from + shown.size())) + " of " +
                     Grouped(static_cast<long long>(text.size())) + ", as stored.</p>\n<pre dir=\"auto\">" + HtmlText(ReplaceInvalidUtf8(shown), true) + "</pre>\n<div class=\"pager\">";
  if (from > 0) main += Element("a", " rel=\"prev\"" + Attribute("href", address.With("from", std::to_string(from > kTextPart ? from - kTextPart : 0))), "Before");
  if (from + kTextPart < text.size()) main += Element("a", " rel=\"next\"" + Attribute("href", address.With("from", std::to_string(from + kTextPart))), "After");
  return Framed(frame, main + "</div>\n");
}

}  // namespace axiometer
