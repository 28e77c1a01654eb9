#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

namespace axiometer {

// A coroutine on the loop. Beware GCC 12's wrong code: name an aggregate before a co_await expression
// uses it, never build one inside; and never put co_await into a condition: `if (!co_await F())` reads
// the frame at a wrong place, `const bool ok = co_await F(); if (!ok)` does not.
template <class T = void>
using Async = boost::asio::awaitable<T, boost::asio::io_context::executor_type>;

}  // namespace axiometer
