#pragma once

#include <cstddef>
#include <functional>

namespace axiometer {

// Calls work(0) to work(count - 1), each once, on the caller and, where there are cores for them, other threads; in no
// order. Returns when all are done. Nothing may depend on which thread does what: `work` writes to places of its own.
void InParallel(size_t count, const std::function<void(size_t)>& work);

}  // namespace axiometer
