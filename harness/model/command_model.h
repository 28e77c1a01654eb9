#pragma once

#include <cstdint>
#include <memory>

#include "harness/io/clock.h"
#include "harness/io/loop.h"
#include "harness/model/model.h"

namespace axiometer {

// command/PROGRAM: a program of the user's that reads requests from its standard input and writes
// replies to its standard output, one JSON object a line, each as the body of OpenAI's chat
// completions has it; one request at a time. `spec.program` is its path. It is started at the first
// request and stays; as many of them run as requests are in flight, one unless --max-connections
// says otherwise. It works in our working folder, sees no key of ours (ProgramEnvironment), and
// ends with us. A reply {"error": {"message": TEXT}} is a failed call. A program that ends, or does
// not answer in time with one line of at most 8 MiB, has failed the call; it is started anew, and
// the error shows what it last wrote to standard error.
std::unique_ptr<Model> MakeCommandModel(const ModelSpec& spec, Loop& loop, Clock& clock,
                                        CallCache* cache, uint64_t seed);

}  // namespace axiometer
