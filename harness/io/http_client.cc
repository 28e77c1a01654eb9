#include "harness/io/http_client.h"

#include <curl/curl.h>
#include <sys/epoll.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <utility>

#include "harness/base/utf8.h"
#include "harness/io/rendezvous.h"

namespace axiometer {
namespace asio = boost::asio;

namespace {

using SteadyClock = std::chrono::steady_clock;

// One exchange while it runs; lives in Perform's frame.
struct Transfer {
  explicit Transfer(Loop& loop) : done(loop) {}
  Rendezvous<CURLcode> done;
  HttpReply reply;
  size_t max_reply_bytes = 0;
  bool too_large = false;
  bool ended = false;  // `done` has its value
  bool sent = false;   // the request, perhaps not all of it
  char error[CURL_ERROR_SIZE] = {};
};

size_t OnBody(char* data, size_t size, size_t count, void* user) {
  auto* transfer = static_cast<Transfer*>(user);
  const size_t bytes = size * count;
  if (transfer->reply.body.size() + bytes > transfer->max_reply_bytes) {
    transfer->too_large = true;
    return 0;
  }
  transfer->reply.body.append(data, bytes);
  return bytes;
}

// Where a kept connection ends under a request, libcurl would send it once more by itself, and nobody would know that
// it was sent twice.
int BeforeSending(void* user, char*, char*, int, int) {
  auto* transfer = static_cast<Transfer*>(user);
  return std::exchange(transfer->sent, true) ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

size_t OnHeader(char* data, size_t size, size_t count, void* user) {
  auto* transfer = static_cast<Transfer*>(user);
  const std::string_view line(data, size * count);
  if (line.starts_with("HTTP/")) {  // a new reply after an interim one or a proxy's
    transfer->reply.headers.clear();
    return line.size();
  }
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos || transfer->reply.headers.size() >= 200) return line.size();
  std::string name = LowerAscii(line.substr(0, colon));
  std::string_view value = line.substr(colon + 1);
  const size_t begin = value.find_first_not_of(" \t");
  const size_t end = value.find_last_not_of(" \t\r\n");
  value =
      begin == std::string_view::npos ? std::string_view() : value.substr(begin, end - begin + 1);
  transfer->reply.headers.emplace_back(std::move(name), std::string(value));
  return line.size();
}

// A line break would smuggle in another header.
bool HasLineBreak(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos;
}

// curl quotes what it could not use, and a server may send our own headers back: their values, and
// the words in them ("Bearer KEY"), never reach an error.
std::string WithoutHeaderValues(std::string text, const HttpRequest& request) {
  constexpr size_t kShortest = 6;  // a shorter word gives nothing away and would blot out the text
  for (const auto& [name, value] : request.headers) {
    for (size_t begin = 0; begin < value.size();) {
      const size_t end = std::min(value.find(' ', begin), value.size());
      const std::string word = value.substr(begin, end - begin);
      begin = end + 1;
      if (word.size() < kShortest) continue;
      for (size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 3)) {
        text.replace(at, word.size(), "***");
      }
    }
  }
  return text;
}

HttpFailure FailureOf(CURLcode code, const Transfer& transfer) {
  switch (code) {
    case CURLE_OK:
      return HttpFailure::kNone;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
      return HttpFailure::kResolve;
    case CURLE_COULDNT_CONNECT:
      return HttpFailure::kConnect;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
      return HttpFailure::kTls;
    case CURLE_OPERATION_TIMEDOUT:
      return HttpFailure::kTimeout;
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_ABORTED_BY_CALLBACK:  // BeforeSending
      return HttpFailure::kClosed;
    case CURLE_WRITE_ERROR:
      return transfer.too_large ? HttpFailure::kTooLarge : HttpFailure::kProtocol;
    default:
      return HttpFailure::kProtocol;
  }
}

}  // namespace

const char* HttpFailureName(HttpFailure failure) {
  switch (failure) {
    case HttpFailure::kNone:
      return "none";
    case HttpFailure::kResolve:
      return "host unknown";
    case HttpFailure::kConnect:
      return "cannot connect";
    case HttpFailure::kTls:
      return "TLS failed";
    case HttpFailure::kTimeout:
      return "timed out";
    case HttpFailure::kClosed:
      return "connection closed early";
    case HttpFailure::kTooLarge:
      return "reply too large";
    case HttpFailure::kProtocol:
      return "not HTTP";
    case HttpFailure::kCancelled:
      return "cancelled";
  }
  return "";
}

const std::string* HttpReply::header(std::string_view lower_case_name) const {
  for (const auto& [name, value] : headers) {
    if (name == lower_case_name) return &value;
  }
  return nullptr;
}

// libcurl keeps its sockets on an epoll descriptor of its own (curl's callbacks only record); the
// loop watches that one descriptor and one timer, and only while transfers run.
struct HttpClient::Impl {
  Impl(Loop& loop, HttpTls tls, int max_idle)
      : loop(loop),
        tls(std::move(tls)),
        epoll(epoll_create1(EPOLL_CLOEXEC)),
        watched(loop.context(), epoll),
        timer(loop.context()) {
    curl_global_init(CURL_GLOBAL_DEFAULT);
    multi = curl_multi_init();
    curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, &Impl::OnSocket);
    curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, this);
    curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, &Impl::OnTimer);
    curl_multi_setopt(multi, CURLMOPT_TIMERDATA, this);
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, static_cast<long>(max_idle));
    curl_multi_setopt(multi, CURLMOPT_PIPELINING, CURLPIPE_NOTHING);
    // curl reads http_proxy, HTTPS_PROXY, ALL_PROXY and NO_PROXY by itself but leaves out
    // HTTP_PROXY, which a CGI program's client could set; we are none.
    const char* proxy = std::getenv("HTTP_PROXY");
    if (proxy && !std::getenv("http_proxy")) http_proxy = proxy;
  }

  ~Impl() {
    for (CURL* easy : pool) curl_easy_cleanup(easy);
    curl_multi_cleanup(multi);
  }

  static int OnSocket(CURL*, curl_socket_t socket, int what, void* user, void* known) {
    auto* self = static_cast<Impl*>(user);
    if (what == CURL_POLL_REMOVE) {
      epoll_ctl(self->epoll, EPOLL_CTL_DEL, socket, nullptr);
      return 0;
    }
    epoll_event event{};
    event.events = (what & CURL_POLL_IN ? EPOLLIN : 0u) | (what & CURL_POLL_OUT ? EPOLLOUT : 0u);
    event.data.fd = socket;
    if (!known || epoll_ctl(self->epoll, EPOLL_CTL_MOD, socket, &event) != 0) {
      epoll_ctl(self->epoll, EPOLL_CTL_ADD, socket, &event);
      curl_multi_assign(self->multi, socket, self);  // any non-null mark: known
    }
    return 0;
  }

  static int OnTimer(CURLM*, long timeout_ms, void* user) {
    auto* self = static_cast<Impl*>(user);
    if (timeout_ms < 0) {
      self->deadline.reset();
      return 0;
    }
    self->deadline = SteadyClock::now() + std::chrono::milliseconds(timeout_ms);
    if (timeout_ms == 0) {
      self->PostKick();
    } else {
      self->ArmTimer();
    }
    return 0;
  }

  void PostKick() {
    if (kick_posted) return;
    kick_posted = true;
    asio::post(loop.context(), [weak = std::weak_ptr<bool>(alive), this] {
      if (weak.expired()) return;
      kick_posted = false;
      FireTimeout();
    });
  }

  // Re-armed only for an earlier time: a timer that fires too early looks at the deadline again.
  void ArmTimer() {
    if (armed && *armed <= *deadline) return;
    armed = *deadline;
    timer.expires_at(*deadline);
    timer.async_wait([weak = std::weak_ptr<bool>(alive), this](boost::system::error_code error) {
      if (error || weak.expired()) return;
      armed.reset();
      if (!deadline) return;
      if (SteadyClock::now() < *deadline) {
        ArmTimer();
      } else {
        FireTimeout();
      }
    });
  }

  void FireTimeout() {
    if (!deadline || SteadyClock::now() < *deadline) return;
    deadline.reset();
    int running = 0;
    curl_multi_socket_action(multi, CURL_SOCKET_TIMEOUT, 0, &running);
    Collect();
  }

  void Watch() {
    if (watching || active == 0) return;
    watching = true;
    watched.async_wait(asio::posix::descriptor_base::wait_read,
                       [weak = std::weak_ptr<bool>(alive), this](boost::system::error_code error) {
                         if (weak.expired()) return;
                         watching = false;
                         if (error) return;
                         OnReady();
                         Watch();
                       });
  }

  // False: nothing was ready.
  bool OnReady() {
    epoll_event events[128];
    const int count = epoll_wait(epoll, events, 128, 0);
    int running = 0;
    for (int i = 0; i < count; ++i) {
      int flags = 0;
      if (events[i].events & EPOLLIN) flags |= CURL_CSELECT_IN;
      if (events[i].events & EPOLLOUT) flags |= CURL_CSELECT_OUT;
      if (events[i].events & (EPOLLERR | EPOLLHUP)) flags |= CURL_CSELECT_ERR;
      curl_multi_socket_action(multi, events[i].data.fd, flags, &running);
    }
    Collect();
    return count > 0;
  }

  // The deadline of the whole exchange is ours and not curl's, who would look at the time before the socket: after a
  // stop (SIGSTOP, a suspended machine) replies that came meanwhile, and are paid for, would be thrown away.
  void EndAt(asio::steady_timer& timer, Transfer& transfer, std::shared_ptr<bool> wanted) {
    timer.async_wait([this, &transfer, wanted = std::move(wanted)](boost::system::error_code error) {
      if (error || !*wanted) return;
      constexpr int kMostRounds = 100;
      for (int round = 0; round < kMostRounds && !transfer.ended && OnReady(); ++round) {
      }
      if (transfer.ended) return;
      transfer.ended = true;
      transfer.done.Deliver(CURLE_OPERATION_TIMEDOUT);
    });
  }

  // Ended transfers; the message is copied before the handle is removed.
  void Collect() {
    int left = 0;
    while (CURLMsg* message = curl_multi_info_read(multi, &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      CURL* easy = message->easy_handle;
      const CURLcode code = message->data.result;
      Transfer* transfer = nullptr;
      curl_easy_getinfo(easy, CURLINFO_PRIVATE, &transfer);
      transfer->ended = true;
      transfer->done.Deliver(code);
    }
  }

  // A handle with what is the same for every request.
  CURL* TakeEasy() {
    if (!pool.empty()) {
      CURL* easy = pool.back();
      pool.pop_back();
      return easy;
    }
    CURL* easy = curl_easy_init();
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &OnBody);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &OnHeader);
    curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, &BeforeSending);
    curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    if (!tls.ca_file.empty()) {
      curl_easy_setopt(easy, CURLOPT_CAINFO, tls.ca_file.c_str());
      curl_easy_setopt(easy, CURLOPT_CAPATH, nullptr);
    }
    if (!tls.client_cert.empty()) {
      curl_easy_setopt(easy, CURLOPT_SSLCERT, tls.client_cert.c_str());
      const std::string& key = tls.client_key.empty() ? tls.client_cert : tls.client_key;
      curl_easy_setopt(easy, CURLOPT_SSLKEY, key.c_str());
    }
    return easy;
  }

  // What a handle has of one request, whatever the last one left.
  void SetRequest(CURL* easy, const HttpRequest& request, curl_slist* headers, Transfer& transfer) const {
    curl_easy_setopt(easy, CURLOPT_PRIVATE, &transfer);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, &transfer);
    curl_easy_setopt(easy, CURLOPT_PREREQDATA, &transfer);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer.error);
    curl_easy_setopt(easy, CURLOPT_URL, request.url.c_str());
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                     static_cast<long>(std::max<int64_t>(1, request.connect_timeout_ms)));
    const bool by_http_proxy = !http_proxy.empty() && request.url.starts_with("http://");
    curl_easy_setopt(easy, CURLOPT_PROXY, by_http_proxy ? http_proxy.c_str() : nullptr);
    const bool other = request.method != "POST" && request.method != "GET";
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, other ? request.method.c_str() : nullptr);
    if (request.method == "POST") {
      curl_easy_setopt(easy, CURLOPT_POST, 1L);
      curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                       static_cast<curl_off_t>(request.body.size()));
      curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.body.c_str());  // not copied; outlives the exchange
    } else {
      curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
    }
  }

  Loop& loop;
  const HttpTls tls;
  CURLM* multi = nullptr;
  int epoll;
  asio::posix::basic_stream_descriptor<asio::io_context::executor_type> watched;  // owns `epoll`
  asio::steady_timer timer;
  std::shared_ptr<bool> alive = std::make_shared<bool>(true);
  std::optional<SteadyClock::time_point> deadline;
  std::optional<SteadyClock::time_point> armed;
  bool kick_posted = false;
  bool watching = false;
  int active = 0;
  std::vector<CURL*> pool;
  std::string http_proxy;  // of http URLs; empty: as curl finds it
};

HttpClient::HttpClient(Loop& loop, HttpTls tls, int max_idle_connections)
    : impl_(std::make_unique<Impl>(loop, std::move(tls), max_idle_connections)) {}
HttpClient::~HttpClient() = default;

namespace {

// Removes the handle when the exchange ends, however it ends; never inside a curl callback, since
// resumptions are posted.
struct Registration {
  CURLM* multi;
  CURL* easy;
  curl_slist* headers;
  int* active;
  std::vector<CURL*>* pool;
  ~Registration() {
    curl_multi_remove_handle(multi, easy);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, nullptr);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, nullptr);
    curl_slist_free_all(headers);
    pool->push_back(easy);
    --*active;
  }
};

}  // namespace

Async<HttpReply> HttpClient::Perform(const HttpRequest& request) {
  Impl& impl = *impl_;
  for (const auto& [name, value] : request.headers) {
    if (!HasLineBreak(name) && !HasLineBreak(value)) continue;
    HttpReply refused;
    refused.failure = HttpFailure::kProtocol;
    refused.error =
        "header \"" + name.substr(0, name.find_first_of("\r\n")) + "\" holds a line break";
    co_return refused;
  }
  Transfer transfer(impl.loop);
  transfer.max_reply_bytes = request.max_reply_bytes;
  CURL* easy = impl.TakeEasy();
  curl_slist* headers = curl_slist_append(nullptr, "Expect:");
  for (const auto& [name, value] : request.headers) {
    // "NAME;" is curl's way to send one without a value.
    headers =
        curl_slist_append(headers, (value.empty() ? name + ";" : name + ": " + value).c_str());
  }
  impl.SetRequest(easy, request, headers, transfer);
  const Registration registration{impl.multi, easy, headers, &impl.active, &impl.pool};
  ++impl.active;
  curl_multi_add_handle(impl.multi, easy);
  impl.Watch();
  const int64_t timeout_ms = std::max<int64_t>(1, request.timeout_ms);
  asio::steady_timer deadline(impl.loop.context(), std::chrono::milliseconds(timeout_ms));
  const auto wanted = std::make_shared<bool>(true);
  impl.EndAt(deadline, transfer, wanted);

  const std::optional<CURLcode> code = co_await transfer.done.Wait();
  *wanted = false;
  HttpReply reply = std::move(transfer.reply);
  if (!code) {
    reply.failure = HttpFailure::kCancelled;
    reply.error = "cancelled";
    co_return reply;
  }
  reply.failure = FailureOf(*code, transfer);
  if (reply.failure != HttpFailure::kNone) {
    reply.error = HttpFailureName(reply.failure);
    if (transfer.too_large) {
      reply.error += ": more than " + std::to_string(transfer.max_reply_bytes) + " bytes";
    } else if (*code == CURLE_OPERATION_TIMEDOUT && transfer.error[0] == 0) {
      reply.error += ": no complete reply within " + std::to_string(timeout_ms) + " ms, " +
                     std::to_string(reply.body.size()) + " bytes received";
    } else if (*code == CURLE_ABORTED_BY_CALLBACK) {
      reply.error += ": a kept connection ended under the request";
    } else if (transfer.error[0] != 0) {
      reply.error += ": " + WithoutHeaderValues(transfer.error, request);
    } else {
      reply.error += std::string(": ") + curl_easy_strerror(*code);
    }
  }
  long status = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  reply.status = static_cast<int>(status);
  curl_off_t first_byte = 0;
  curl_off_t total = 0;
  long connects = 0;
  curl_easy_getinfo(easy, CURLINFO_STARTTRANSFER_TIME_T, &first_byte);
  curl_easy_getinfo(easy, CURLINFO_TOTAL_TIME_T, &total);
  curl_easy_getinfo(easy, CURLINFO_NUM_CONNECTS, &connects);
  reply.first_byte_us = first_byte;
  reply.total_us = total;
  reply.reused_connection = connects == 0;
  co_return reply;
}

}  // namespace axiometer
