#pragma once

#include "harness/base/result.h"

namespace axiometer {

// How many files, sockets and processes this process may hold open at a time (RLIMIT_NOFILE), and
// how they are shared out. Whoever keeps to its share never meets EMFILE, which would look like an
// endpoint that is down.

// Takes as many as this process may have: the soft limit becomes the hard one. Fails with fewer
// than kFewestDescriptors. Once, before anything is opened.
Result<void> TakeDescriptors();

inline constexpr int kFewestDescriptors = 64;

// Half of what the program itself does not need, as connections to each endpoint; a connection
// takes one.
int MostConnections();

// The other half, as environments alive; one takes a socket and a pidfd, and another one each while
// it starts.
int MostSandboxes();

}  // namespace axiometer
