#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/cli/options.h"
#include "harness/cli/store_batches.h"
#include "harness/cli/subject.h"
#include "harness/cli/suites.h"
#include "harness/io/http_client.h"
#include "harness/run/attempt.h"

namespace axiometer {

// What talks to endpoints and waits, shared by the models of a command.
struct Machinery {
  Loop& loop;
  Clock& clock;
  HttpClient& http;
  LlamaServers& llama;
  std::optional<BatchSettings> batch = {};  // --batch
};

// That of one command.
class OwnMachinery {
 public:
  static Result<std::unique_ptr<OwnMachinery>> Make(const EvalOptions& options);
  OwnMachinery(const OwnMachinery&) = delete;
  OwnMachinery& operator=(const OwnMachinery&) = delete;
  const Machinery& get() const { return machinery_; }

 private:
  OwnMachinery(HttpTls tls, std::optional<BatchSettings> batch)
      : clock_(MakeRealClock(loop_)), http_(loop_, std::move(tls)), machinery_{loop_, *clock_, http_, llama_, batch} {}

  Loop loop_;
  const std::unique_ptr<Clock> clock_;
  HttpClient http_;
  LlamaServers llama_;
  const Machinery machinery_;
};

// What a model of this specification needs of the machine and the environment: its key and headers are looked up.
// `http`: in place of the machinery's.
Result<ModelServices> ServicesFor(const ModelSpec& spec, const Machinery& machinery, HttpTransport* http = nullptr);

// One run: a suite, a subject and its judges, ready to be worked through.
struct Experiment {
  OpenedSuite suite;
  RunSpec spec;
  std::unique_ptr<StoreCache> cache;
  std::unique_ptr<StoreBatches> batches;  // null: models are asked one request at a time
  std::unique_ptr<Model> subject;
  std::vector<std::unique_ptr<Model>> judge_models;
  std::vector<JudgeSeat> seats;
  std::unique_ptr<Scaffold> scaffold;
};

// One of the options' models, as they say that it is reached and sampled.
Result<ModelSpec> SubjectOf(const EvalOptions& options, const std::string& model);

// How the options say that judges are reached.
EndpointOptions JudgeEndpoint(const EvalOptions& options);

// The models that judge, as the options name them; none where the suite is scored by its own rules.
Result<std::vector<ModelSpec>> JudgesOf(const EvalOptions& options, const OpenedSuite& suite);

// The model of a specification as it is asked in this experiment.
Result<std::unique_ptr<Model>> MakeOne(const Experiment& experiment, const ModelSpec& spec, const Machinery& machinery);

// Whether its agents act through native tool calls, as its first task shows.
Result<bool> OffersTools(const Experiment& experiment);

// A seat for each of the specification's judges.
Result<void> SeatJudges(Experiment& experiment, const Machinery& machinery);

// One for each suite and model of the options, in this order. Everything that can be wrong with a suite, its selection,
// a subject or its judges is found here, before there is a store to leave behind, and before the first of them is
// worked through: a mistake in the last must not cost the work of the first.
Result<std::vector<Experiment>> PrepareAll(const EvalOptions& options, const Machinery& machinery);

}  // namespace axiometer
