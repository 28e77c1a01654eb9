#include "harness/run/attempt.h"

#include <algorithm>
#include <utility>

#include "harness/io/deadline.h"
#include "harness/io/rendezvous.h"
#include "harness/run/oracle.h"
#include "judges/scripted_judge.h"

namespace axiometer {
namespace {

constexpr int kMostJudgeTries = 1000;  // of one judgement, far above any judge's bound
constexpr int kMostRestarts = 2;       // of a sample in a session; then its environment has failed

// One sample's work, told in order.
class SampleStory {
 public:
  SampleStory(RunContext& context, std::shared_ptr<const Task> task, WantedSample wanted)
      : context_(context),
        task_(std::move(task)),
        wanted_(std::move(wanted)),
        phase_(context.progress, Phase::kStarting),
        started_ms_(context.clock.NowMs()) {
    sample_ = MakeId({context.run, task_->id, std::to_string(wanted_.epoch)});
  }

  Async<SampleEnd> Tell(std::shared_ptr<const Trajectory> stored) {
    if (stored) {
      attempt_ = wanted_.attempt;
      trajectory_ = *stored;
    } else {
      co_await Begin();
      if (!broken_off()) co_await Act();
      if (!broken_off() || lost_) co_await End();
    }
    if (!broken_off() && IsJudged(trajectory_.outcome)) {
      phase_.Move(Phase::kJudging);
      if (AsksInBatches()) {
        co_await HaveAllJudged();
      } else {
        for (const WantedJudgement& wanted : wanted_.judges) {
          if (broken_off()) break;
          co_await HaveJudged(context_.judges[wanted.seat], wanted.repeat);
        }
      }
    }
    SampleEnd end;
    if (!broken_off()) end.outcome = trajectory_.outcome;
    end.detail = trajectory_.detail;
    end.lost = lost_;
    end.fatal = std::move(fatal_);
    end.store_failed = store_failed_;
    co_return end;
  }

 private:
  // The attempt and the opening of its conversation, before anything is asked.
  Async<> Begin() {
    const int number = wanted_.attempts + 1;
    const int64_t now = context_.clock.WallMs();
    attempt_ = MakeId({std::to_string(sample_), std::to_string(number), std::to_string(now)});
    AttemptRow row;
    row.id = attempt_;
    row.sample = sample_;
    row.run = context_.run;
    row.task = task_->id;
    row.task_digest = task_->digest;
    row.epoch = wanted_.epoch;
    row.number = number;
    row.started_ms = now;
    pending_.push_back(std::move(row));
    frame_ = context_.scaffold.Frame(*task_);
    for (const Message& message : context_.scaffold.Open(*task_)) {
      Event event;
      event.kind = EventKind::kMessage;
      event.message = message;
      conversation_.push_back(message);
      Record(std::move(event));
    }
    co_await Commit();
  }

  // Scaffold, model and environment in turn until one of them, or a limit, ends it.
  Async<> Act() {
    if (task_->environment.empty()) {
      co_await TakeTurns(nullptr);
    } else if (context_.scaffold.acts()) {
      std::unique_ptr<Environment> environment = co_await StartEnvironment();
      if (!environment) co_return;
      co_await TakeTurns(environment.get());
      if (broken_off() || !environment_alive_) co_return;
      CallResult state = co_await environment->State();
      KeepFinalState(std::move(state));
    } else {
      // The environment is looked at and not touched.
      CallResult state = co_await context_.untouched.Of(*task_);
      if (state.status != CallResult::Status::kAnswered) {
        EnvironmentBroke(state.status, std::move(state.error));
        co_return;
      }
      co_await TakeTurns(nullptr);
      if (!broken_off()) KeepFinalState(std::move(state));
    }
  }

  Async<std::unique_ptr<Environment>> StartEnvironment() {
    const EnvironmentSpec spec = EnvironmentOf(*task_);
    Result<std::unique_ptr<Environment>> started = co_await context_.host->Start(spec);
    if (started) {
      environment_alive_ = true;
      co_return std::move(*started);
    }
    const bool cancelled = co_await IsCancelled();
    EnvironmentBroke(cancelled ? CallResult::Status::kCancelled : CallResult::Status::kDied, started.error().ToString());
    co_return nullptr;
  }

  void EnvironmentBroke(CallResult::Status how, std::string why) {
    if (how == CallResult::Status::kCancelled) {
      Interrupt();
    } else if (how == CallResult::Status::kLost && wanted_.restarts < kMostRestarts) {
      lost_ = true;
      trajectory_.detail = std::move(why);
      Interrupt();
    } else {
      Fail(Outcome::kEnvironmentFailed, std::move(why));
    }
  }

  Async<> TakeTurns(Environment* environment) {
    while (true) {
      Step step = context_.scaffold.Next(*task_, trajectory_);
      if (auto* finish = std::get_if<FinishStep>(&step)) {
        trajectory_.outcome = finish->outcome;
        trajectory_.final_text = std::move(finish->final_text);
        trajectory_.detail = std::move(finish->detail);
        co_return;
      }
      co_await NoticeInterruption();
      if (interrupted_) co_return;
      if (auto* calls = std::get_if<CallToolsStep>(&step)) {
        phase_.Move(Phase::kTools);
        const bool go_on = co_await CallTools(*calls, environment);
        if (!go_on) co_return;
        continue;
      }
      if (const std::optional<Outcome> limit = LimitReached()) {
        trajectory_.outcome = *limit;
        co_return;
      }
      if (context_.budget.exhausted()) {
        EndForMoney();
        co_return;
      }
      phase_.Move(Phase::kModel);
      const bool go_on = co_await AskSubject();
      if (!go_on) co_return;
    }
  }

  std::optional<Outcome> LimitReached() const {
    const Limits& limits = context_.limits;
    if (limits.max_steps > 0 && trajectory_.steps() >= limits.max_steps) return Outcome::kStepLimit;
    if (limits.max_tokens > 0 && trajectory_.usage.tokens() >= limits.max_tokens) return Outcome::kTokenLimit;
    if (limits.time_ms > 0 && Elapsed() >= limits.time_ms) return Outcome::kTimeLimit;
    return std::nullopt;
  }

  // What has begun ends here; what has not is left to a session that can pay for it.
  void EndForMoney() {
    if (trajectory_.steps() == 0) {
      Interrupt();
    } else {
      trajectory_.outcome = Outcome::kCostLimit;
    }
  }

  // One turn of the model, committed. False: the attempt is over.
  Async<bool> AskSubject() {
    const int step = trajectory_.steps() + 1;
    Request request;
    request.messages = &conversation_;
    request.encoded = &encoded_;
    request.generation = context_.subject.spec().generation;
    request.tools = frame_.tools;
    if (!frame_.tools.empty()) request.tool_choice = "auto";
    request.response_format = frame_.response_format;
    request.task = task_->id;
    request.epoch = wanted_.epoch;
    request.step = step;
    request.admitted = [&budget = context_.budget] { return !budget.exhausted(); };
    request.priority = wanted_.expected_steps - step;  // what is left of it; where that is unknown, the least progressed first
    std::optional<Reply> answered =
        co_await Within(context_.loop, context_.clock, TimeLeft(), context_.subject.Generate(request));
    if (!answered) {
      const bool cancelled = co_await IsCancelled();
      if (cancelled) {
        Interrupt();
      } else {
        trajectory_.outcome = Outcome::kTimeLimit;
      }
      co_return false;
    }
    Reply reply = std::move(*answered);
    Count(reply, context_.subject.spec());
    trajectory_.usage += reply.usage;
    if (reply.unsent) {
      EndForMoney();
      co_return false;
    }
    if (reply.status == CallStatus::kCancelled) {
      Interrupt();
      co_return false;
    }
    if (reply.status == CallStatus::kQuota || reply.status == CallStatus::kAuth) {
      fatal_ = Unpaid("", context_.subject.spec(), reply);
      co_return false;
    }
    const int64_t call = MakeId({std::to_string(attempt_), "call", std::to_string(step)});
    pending_.push_back(CallRowOf(reply, call, attempt_, step, wanted_.epoch));
    if (reply.status != CallStatus::kOk) {
      Fail(OutcomeOf(reply.status), reply.error);
      co_return false;
    }
    if (reply.choices > 1) {
      Fail(Outcome::kModelError, "Multiple choices in response: " + std::to_string(reply.choices));
      co_return false;
    }
    Event event;
    event.kind = EventKind::kReply;
    event.step = step;
    event.finish_reason = reply.finish_reason;
    event.message = std::move(reply.message);
    conversation_.push_back(context_.scaffold.Enter(event.message));
    Record(std::move(event), call);
    const bool committed = co_await Commit();
    co_return committed;
  }

  // The calls of one turn, in order, committed before the model sees an answer. False: over.
  Async<bool> CallTools(const CallToolsStep& step, Environment* environment) {
    for (const PlannedCall& planned : step.calls) {
      Event event;
      event.kind = EventKind::kTool;
      event.step = trajectory_.steps();
      event.tool.call_id = planned.id;
      event.tool.name = planned.name;
      event.tool.arguments = planned.arguments;
      event.tool.status = planned.status;
      if (planned.status != ToolStatus::kOk) {
        event.tool.result = planned.answer;
      } else {
        CallResult result = co_await environment->Call(planned.name, planned.arguments);
        if (result.status != CallResult::Status::kAnswered) {
          environment_alive_ = false;
          EnvironmentBroke(result.status, planned.name + ": " + result.error);
          co_return false;
        }
        event.tool.result = std::move(result.content);
        event.tool.duration_us = result.duration_us;
      }
      conversation_.push_back(context_.scaffold.Answer(event.tool));
      Record(std::move(event));
    }
    const bool committed = co_await Commit();
    co_return committed;
  }

  // Checks look at it, so that a sample whose environment does not say it has not been measured.
  void KeepFinalState(CallResult state) {
    if (state.status == CallResult::Status::kAnswered) {
      trajectory_.final_state = std::move(state.content);
      KeepChanges(state.changes);
    } else if (state.status == CallResult::Status::kCancelled || !IsError(trajectory_.outcome)) {
      EnvironmentBroke(state.status, "state at the end: " + state.error);
    }
  }

  // The instance counts the calls that it answered, which are those that became events without a fault of the call's.
  void KeepChanges(const std::vector<StateChange>& changes) {
    int call = 0;
    auto change = changes.begin();
    if (change != changes.end() && change->call == 0) {
      pending_.push_back(StateChangeRow{attempt_, 0, change->changes});
      ++change;
    }
    for (const Event& event : trajectory_.events) {
      if (event.kind != EventKind::kTool || event.tool.status != ToolStatus::kOk) continue;
      ++call;
      if (change == changes.end() || change->call != call) continue;
      pending_.push_back(StateChangeRow{attempt_, event.id, change->changes});
      ++change;
    }
  }

  Async<> End() {
    AttemptEndRow row;
    row.attempt = attempt_;
    row.sample = sample_;
    row.ended_ms = context_.clock.WallMs();
    row.outcome = trajectory_.outcome;
    row.final_text = trajectory_.final_text;
    row.detail = trajectory_.detail;
    row.final_state = trajectory_.final_state;
    row.steps = trajectory_.steps();
    row.usage = trajectory_.usage;
    pending_.push_back(std::move(row));
    co_await Commit();
  }

  bool AsksInBatches() const {
    return std::any_of(wanted_.judges.begin(), wanted_.judges.end(),
                       [this](const WantedJudgement& wanted) {
                         const Model* model = context_.judges[wanted.seat].model;
                         return model != nullptr && model->asks_in_batches();
                       });
  }

  // By all judges at once: one after another, each would wait for the batch of the one before.
  Async<> HaveAllJudged() {
    Loop& loop = context_.loop;
    Rendezvous<bool> all(loop);
    const uint64_t key = loop.NewKey();
    size_t left = wanted_.judges.size();
    for (const WantedJudgement& wanted : wanted_.judges) {
      const auto ended = [&] {
        if (--left == 0) {
          all.Deliver(true);
        } else if (broken_off()) {
          loop.Cancel(key);
        }
      };
      loop.Spawn(HaveJudged(context_.judges[wanted.seat], wanted.repeat), ended, key);
    }
    std::optional<bool> told = co_await all.Wait();
    while (!told) {  // we were cancelled; the frame may not go before the work that refers to it
      loop.Cancel(key);
      told = co_await all.Wait();
    }
  }

  // One judge's verdict, each of its replies committed with what was read from it. `repeat`: how many it has
  // given of this attempt before.
  Async<> HaveJudged(const JudgeSeat& seat, int repeat) {
    JudgementRow row;
    // With the time: a session that died between a reply and its verdict has used the other id.
    row.id = MakeId({std::to_string(attempt_), seat.id, std::to_string(context_.clock.WallMs()), std::to_string(repeat)});
    row.attempt = attempt_;
    row.sample = sample_;
    row.judge = seat.id;
    row.protocol = seat.judge->protocol();
    row.prompt_digest = seat.judge->prompt_digest();

    std::optional<JudgeRequest> asked;
    if (seat.model || !seat.scripted.empty()) asked = seat.judge->Ask(*task_, trajectory_);
    JudgeReading reading;
    int tries = 0;
    Usage usage;
    if (asked) {
      const bool heard = co_await AskJudge(seat, *asked, row.id, repeat, reading, tries, usage);
      if (!heard) co_return;
    }
    const bool accepted = asked && reading.accepted;
    row.judgement = seat.judge->Conclude(*task_, trajectory_, accepted ? &reading : nullptr);
    if (asked && !reading.accepted) {
      row.judgement.status = reading.status;
      row.judgement.problem = reading.problem;
    }
    row.judgement.requests = tries;
    row.judgement.usage = usage;
    row.at_ms = context_.clock.WallMs();
    if (row.judgement.status != JudgementStatus::kScored) ++context_.progress.unjudged;
    pending_.push_back(std::move(row));
    co_await Commit();
  }

  // False: interrupted or fatal; there is nothing to conclude.
  Async<bool> AskJudge(const JudgeSeat& seat, const JudgeRequest& asked, int64_t judgement, int repeat,
                       JudgeReading& reading, int& tries, Usage& usage) {
    EncodedConversation encoded;
    Request request;
    request.messages = &asked.messages;
    request.encoded = &encoded;
    request.response_format = asked.response_format;
    request.generation = Overlay(asked.generation, seat.overrides);
    request.task = task_->id;
    request.epoch = wanted_.epoch;
    request.priority = 1'000'000;  // the sample is nearly done
    while (tries < std::max(1, asked.max_tries)) {
      co_await NoticeInterruption();
      if (interrupted_) co_return false;
      ++tries;
      std::string text;
      if (!seat.model) {
        Result<std::string> scripted =
            ScriptedVerdict(seat.scripted, *task_, trajectory_, seat.judge->protocol(),
                            static_cast<uint64_t>(wanted_.epoch) + (static_cast<uint64_t>(repeat) << 32));
        if (!scripted) {
          fatal_ = scripted.error();
          co_return false;
        }
        text = std::move(*scripted);
      } else {
        // Part of the cache's key: a repeat is asked anew, and asked once.
        request.step = repeat * kMostJudgeTries + tries;
        Reply reply = co_await seat.model->Generate(request);
        Count(reply, seat.model->spec());
        usage += reply.usage;
        if (reply.status == CallStatus::kCancelled) {
          interrupted_ = true;
          co_return false;
        }
        if (reply.status == CallStatus::kQuota || reply.status == CallStatus::kAuth) {
          fatal_ = Unpaid("judge", seat.model->spec(), reply);
          co_return false;
        }
        CallRow call = CallRowOf(reply, MakeId({std::to_string(judgement), std::to_string(tries)}), attempt_,
                             tries, wanted_.epoch);
        call.judgement = judgement;
        pending_.push_back(std::move(call));
        const bool committed = co_await Commit();
        if (!committed) co_return false;
        if (reply.status != CallStatus::kOk) {
          reading.status = reply.status == CallStatus::kRefused ? JudgementStatus::kRefused
                                                                : JudgementStatus::kModelError;
          reading.problem = reply.error;
          co_return true;
        }
        text = std::move(reply.message.text);
      }
      reading = seat.judge->Read(*task_, trajectory_, text);
      if (reading.accepted || context_.budget.exhausted()) break;
    }
    co_return true;
  }

  // The endpoint refuses the key, or whoever holds it has no money left: so it would for every other sample.
  static Error Unpaid(std::string who, const ModelSpec& spec, const Reply& reply) {
    std::string key = spec.key_env.empty() ? "name the variable that holds a key with --api-key-env"
                                           : "set " + spec.key_env + " to a key that it accepts";
    return Failed(std::move(who), reply.error,
                  reply.status == CallStatus::kQuota ? "once it is paid for, the same command goes on" : std::move(key));
  }

  static Outcome OutcomeOf(CallStatus status) {
    switch (status) {
      case CallStatus::kRefused: return Outcome::kRefused;
      case CallStatus::kRateLimited: return Outcome::kRateLimited;
      case CallStatus::kTimeout: return Outcome::kModelTimeout;
      default: return Outcome::kModelError;
    }
  }

  void Count(const Reply& reply, const ModelSpec& spec) {
    ++context_.progress.calls;
    if (reply.cached) {
      ++context_.progress.cached_calls;
      return;
    }
    context_.progress.usage += reply.usage;
    context_.budget.spent_usd += reply.usage.cost_usd.value_or(0);
    if (reply.status == CallStatus::kOk && spec.prices && !reply.usage.cost_usd) context_.budget.blind = true;
  }

  void Fail(Outcome outcome, std::string failure) {
    Event event;
    event.kind = EventKind::kFailure;
    event.step = trajectory_.steps();
    event.failure = failure;
    Record(std::move(event));
    trajectory_.outcome = outcome;
    trajectory_.detail = std::move(failure);
  }

  void Interrupt() {
    interrupted_ = true;
    trajectory_.outcome = Outcome::kInterrupted;
  }

  void Record(Event event, int64_t call = 0) {
    event.id = static_cast<int>(trajectory_.events.size()) + 1;
    event.at_ms = Elapsed();
    EventRow row;
    row.attempt = attempt_;
    row.event = event;
    row.call = call;
    pending_.push_back(std::move(row));
    trajectory_.events.push_back(std::move(event));
  }

  // A cancellation that came while nothing could be cancelled, such as a commit, is found here, before
  // the next wait would run its full length.
  Async<> NoticeInterruption() {
    const bool cancelled = co_await IsCancelled();
    if (cancelled) Interrupt();
  }

  // Everything recorded so far. False: the store failed, and so does the run.
  Async<bool> Commit() {
    std::vector<Row> rows = std::exchange(pending_, {});
    Result<void> committed = co_await context_.writer.Commit(std::move(rows));
    if (committed) co_return true;
    store_failed_ = true;
    fatal_ = std::move(committed).error();
    co_return false;
  }

  bool broken_off() const { return interrupted_ || fatal_.has_value(); }

  int64_t Elapsed() const { return context_.clock.NowMs() - started_ms_; }

  std::optional<int64_t> TimeLeft() const {
    if (context_.limits.time_ms == 0) return std::nullopt;
    return std::max<int64_t>(1, context_.limits.time_ms - Elapsed());
  }

  RunContext& context_;
  const std::shared_ptr<const Task> task_;
  const WantedSample wanted_;
  PhaseMark phase_;
  const int64_t started_ms_;
  int64_t sample_ = 0;
  int64_t attempt_ = 0;
  Trajectory trajectory_;
  std::vector<Message> conversation_;
  EncodedConversation encoded_;
  RequestFrame frame_;
  std::vector<Row> pending_;
  bool environment_alive_ = false;
  bool interrupted_ = false;
  bool lost_ = false;  // interrupted, because the sandbox ended
  bool store_failed_ = false;
  std::optional<Error> fatal_;
};

}  // namespace

CallRow CallRowOf(const Reply& reply, int64_t id, int64_t attempt, int step, int epoch) {
  CallRow row;
  row.id = id;
  row.attempt = attempt;
  row.step = step;
  row.epoch = epoch;
  row.status = CallStatusName(reply.status);
  row.message = RawWithLogprobs(reply.message);
  row.finish_reason = reply.finish_reason;
  row.error = reply.error;
  row.http_status = reply.http_status;
  row.tries = reply.tries;
  row.cached = reply.cached;
  row.request_digest = reply.request_digest;
  row.response_id = reply.response_id;
  row.response_model = reply.response_model;
  row.usage = reply.usage;
  row.duration_us = reply.duration_us;
  row.waited_us = reply.waited_us;
  return row;
}

Async<SampleEnd> RunSample(RunContext& context, std::shared_ptr<const Task> task, WantedSample wanted,
                           std::shared_ptr<const Trajectory> stored) {
  SampleStory story(context, std::move(task), std::move(wanted));
  SampleEnd end = co_await story.Tell(std::move(stored));
  co_return end;
}

}  // namespace axiometer
