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

// What the options say of batches; nullopt: none.
std::optional<BatchSettings> BatchOf(const EvalOptions& options);

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

// The models that judge, as the options name them; none where the suite is scored by its own rules.
Result<std::vector<ModelSpec>> JudgesOf(const EvalOptions& options, const OpenedSuite& suite);

// The model of a specification as it is asked in this experiment.
Result<std::unique_ptr<Model>> MakeOne(const Experiment& experiment, const ModelSpec& spec, const Machinery& machinery);

// A seat for each of the specification's judges.
Result<void> SeatJudges(Experiment& experiment, const Machinery& machinery);

// One for each suite and model of the options, in this order. Everything that can be wrong with a suite, its selection,
// a subject or its judges is found here, before there is a store to leave behind, and before the first of them is
// worked through: a mistake in the last must not cost the work of the first.
Result<std::vector<Experiment>> PrepareAll(const EvalOptions& options, const Machinery& machinery);

}  // namespace axiometer
