#pragma once

#include <cstdint>
#include <memory>

#include "harness/io/clock.h"
#include "harness/model/model.h"
#include "harness/model/script.h"

namespace axiometer {

// A subject whose leaning is known: plays a script turn by turn, or walks at random ("random"),
// as an endpoint would answer: raw messages, call ids, finish reasons, a token for every four
// bytes. Which turn it is shows in the conversation; after the script's end it says that it is
// done. No script for a task: kError that says why.
//
// Arguments: latency_ms (each reply takes so long; default 0), seed (of the random walk; default
// `seed`). Others, or values that are no numbers, are usage errors.
Result<std::unique_ptr<Model>> MakeScriptedModel(const ModelSpec& spec, Clock& clock,
                                                 ScriptSource scripts, uint64_t seed);

}  // namespace axiometer
