#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

namespace axiometer {

// A coroutine on the loop. Beware GCC 12: name an aggregate before a co_await expression uses it,
// never build one inside (harness/io/gcc12_coroutines_test.cc has the patterns).
template <class T = void>
using Task = boost::asio::awaitable<T, boost::asio::io_context::executor_type>;

}  // namespace axiometer
