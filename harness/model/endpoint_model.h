#pragma once

#include <memory>
#include <string>

#include "harness/io/clock.h"
#include "harness/io/http_client.h"
#include "harness/io/loop.h"
#include "harness/model/model.h"
#include "harness/model/wire_format.h"

namespace axiometer {

// What goes with every request to an endpoint and must not reach anything else.
struct EndpointSecrets {
  std::string key;      // empty: the wire format sends none
  HttpHeaders headers;  // --model-header: behind the format's own, in place of those of equal names
};

// A model behind an endpoint, in whatever format: waits its turn, asks, reads, tries again as
// retry.h says. The secrets live in this object alone: they go into headers and are taken out of
// everything that the endpoint says.
//
// Where the endpoint does not know the model, it is asked once which ones there are, and the error
// offers the nearest. `spec` has a base URL (see CompleteEndpoint). `cache` may be null. All
// references outlive the model. `seed` is of the jitter between tries.
std::unique_ptr<Model> MakeEndpointModel(const ModelSpec& spec, std::unique_ptr<WireFormat> format,
                                         Loop& loop, Clock& clock, HttpTransport& http,
                                         CallCache* cache, EndpointSecrets secrets, uint64_t seed);

}  // namespace axiometer
