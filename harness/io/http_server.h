#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/base/result.h"
#include "harness/io/loop.h"
#include "harness/io/task.h"

namespace axiometer {

struct ServedRequest {
  std::string method;
  std::string target;  // path and query, as sent
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
  std::string body;
};

struct ServedReply {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

// HTTP/1.1 on 127.0.0.1, kept connections, one coroutine each. HEAD is answered as GET would be, with the length of the
// body in place of the body. For the viewer and for test servers.
class HttpServer {
 public:
  using Handler = std::function<Async<ServedReply>(const ServedRequest&)>;

  // port 0: any free one. The error names the port and who to ask.
  static Result<std::unique_ptr<HttpServer>> Start(Loop& loop, int port, Handler handler,
                                                   size_t max_body_bytes = 64u << 20);
  ~HttpServer();  // closes all connections
  int port() const;

 private:
  struct Impl;
  explicit HttpServer(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;  // shared with its connections
};

}  // namespace axiometer
