#pragma once

#include <memory>
#include <string>

#include "harness/io/clock.h"
#include "harness/io/http_client.h"
#include "harness/io/loop.h"
#include "harness/model/endpoint_calls.h"
#include "harness/model/model.h"
#include "harness/model/wire_format.h"

namespace axiometer {

// A model behind an endpoint, in whatever format: waits its turn, asks, reads, tries again as
// retry.h says. `spec` has a base URL (see CompleteEndpoint). `cache` may be null. All
// references outlive the model. `seed` is of the jitter between tries.
std::unique_ptr<Model> MakeEndpointModel(const ModelSpec& spec, std::unique_ptr<WireFormat> format,
                                         Loop& loop, Clock& clock, HttpTransport& http,
                                         CallCache* cache, EndpointSecrets secrets, uint64_t seed);

}  // namespace axiometer
