#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/io/loop.h"
#include "harness/io/task.h"

namespace axiometer {

struct HttpRequest {
  std::string method = "POST";
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  int64_t timeout_ms = 600'000;         // of the whole exchange
  int64_t connect_timeout_ms = 30'000;  // of the connection alone
  size_t max_reply_bytes = 8u << 20;    // decoded; more ends the exchange with kTooLarge
};

// Why no complete reply came.
enum class HttpFailure {
  kNone,
  kResolve,    // the host name is unknown
  kConnect,    // refused or unreachable: the request was not sent
  kTls,        // handshake or certificate
  kTimeout,    // timeout_ms or connect_timeout_ms passed
  kClosed,     // the connection ended in the middle
  kTooLarge,   // more than max_reply_bytes
  kProtocol,   // not HTTP, too many redirects, bad encoding
  kCancelled,  // the coroutine was asked to end
};

const char* HttpFailureName(HttpFailure failure);

struct HttpReply {
  HttpFailure failure = HttpFailure::kNone;
  std::string error;  // for people, when failure != kNone; never holds a header that we sent
  int status = 0;     // HTTP status; may be set although the body failed
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
  std::string body;
  int64_t first_byte_us = 0;  // since Perform
  int64_t total_us = 0;
  bool reused_connection = false;

  bool ok() const { return failure == HttpFailure::kNone; }
  const std::string* header(std::string_view lower_case_name) const;  // first of that name, or null
};

// How servers prove who they are and we prove who we are; all of them PEM files, empty: the
// system's authorities, and no certificate of ours. One for all servers of a process.
struct HttpTls {
  std::string ca_file;      // authorities in place of the system's
  std::string client_cert;  // with its chain
  std::string client_key;   // unencrypted; empty: in `client_cert`
};

// Who carries a request to where it is answered.
class HttpTransport {
 public:
  virtual ~HttpTransport() = default;
  // `request` must outlive the returned task. Never throws; a cancelled one returns kCancelled.
  virtual Async<HttpReply> Perform(const HttpRequest& request) = 0;
};

// libcurl's multi_socket interface on the loop: kept connections, TLS verified, HTTP_PROXY and
// HTTPS_PROXY honoured, no redirects followed for POST. One for the process; outlives its
// transfers.
class HttpClient : public HttpTransport {
 public:
  explicit HttpClient(Loop& loop, HttpTls tls = {}, int max_idle_connections = 1024);
  ~HttpClient() override;
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  Async<HttpReply> Perform(const HttpRequest& request) override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace axiometer
