#pragma once

#include <cstdint>
#include <memory>

#include "harness/io/clock.h"
#include "harness/io/http_client.h"
#include "harness/io/loop.h"
#include "harness/model/llama_server.h"
#include "harness/model/model.h"

namespace axiometer {

// llama/PATH.gguf: chat completions at a server of our own. A request whose server dies under it is
// asked again once the server is back. To the cache the endpoint is the file's digest with the
// server's context and options, so that another port or path is still the same model.
std::unique_ptr<Model> MakeLlamaModel(const ModelSpec& spec, std::shared_ptr<LlamaServer> server,
                                      Loop& loop, Clock& clock, HttpTransport& http,
                                      CallCache* cache, uint64_t seed);

}  // namespace axiometer
