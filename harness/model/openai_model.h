#pragma once

#include <memory>
#include <string>

#include "harness/io/clock.h"
#include "harness/io/http_client.h"
#include "harness/io/loop.h"
#include "harness/model/model.h"

namespace axiometer {

// Any endpoint that speaks chat completions: POST base_url/chat/completions. Waits its turn, asks,
// reads, tries again as retry.h says. The key lives in this object alone: it goes into the
// Authorization header and is taken out of everything that the endpoint says.
//
// `spec` has a base URL (see CompleteEndpoint); its arguments are further members of the body.
// `key` empty: no Authorization header. `cache` may be null. All references outlive the model.
// `seed` is of the jitter between tries.
std::unique_ptr<Model> MakeOpenAiModel(const ModelSpec& spec, Loop& loop, Clock& clock,
                                       HttpClient& http, CallCache* cache, std::string key,
                                       uint64_t seed);

// The URL that requests go to; a query of the base URL stays at the end.
std::string ChatUrl(const std::string& base_url);

}  // namespace axiometer
