#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/result.h"
#include "harness/cli/experiment.h"
#include "harness/record/usage.h"

namespace axiometer {

// What an endpoint can do, found out by asking it: about fifteen short requests.
struct EndpointFacts {
  enum class State { kYes, kNo, kUnknown };
  struct Finding {
    std::string name;  // "tools", "json_schema", …
    State state = State::kUnknown;
    std::string text;  // what was seen and what follows, for people
  };

  bool answers =
      false;  // the first request was answered; otherwise there is one finding, which says why
  std::vector<Finding> findings;
  std::optional<int64_t> context;  // tokens; absent: the endpoint does not say
  int requests = 0;
  Usage usage;

  State StateOf(const std::string& name) const;  // kUnknown: not tried
};

const char* FindingStateName(EndpointFacts::State state);  // "yes", "no", "unknown"

// Before the first sample of agents that act through native tool calls: a call that is required and
// not made is the proof that the endpoint ignores tools, and an endpoint that refuses a request for
// the tools in it has none; both are usage errors. Whatever else happens is left to the samples to
// show. One to three short requests, which no figure of the run counts. For experiments that offer tools at an endpoint.
Result<void> CheckToolCalls(const Experiment& experiment, const Machinery& machinery);

// In this order: endpoint, usage, system, tools, tool_results, parallel_tools, broken_calls,
// json_mode, json_schema, logprobs, determinism, streaming, context, rate_limits, latency, clock.
// Error: the model cannot be made at all.
Result<EndpointFacts> ProbeEndpoint(const ModelSpec& spec, const Machinery& machinery);

}  // namespace axiometer
