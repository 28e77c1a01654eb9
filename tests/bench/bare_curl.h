#pragma once

#include <curl/curl.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace axiometer {

struct Load {
  int in_flight;  // at a time
  int latency_ms;  // median, of the endpoint
  int requests;
};

// Of this process, all threads.
inline double CpuUs() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6 +
         static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

// The least that libcurl's socket interface needs: one epoll descriptor, one deadline.
class BareCurl {
 public:
  BareCurl(const std::string& url, std::string body, const Load& load)
      : load_(load), body_(std::move(body)), epoll_(epoll_create1(EPOLL_CLOEXEC)) {
    multi_ = curl_multi_init();
    curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &BareCurl::OnSocket);
    curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
    curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &BareCurl::OnTimer);
    curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
    curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, 1024L);
    headers_ = curl_slist_append(nullptr, "Content-Type: application/json");
    headers_ = curl_slist_append(headers_, "Authorization: Bearer none");
    headers_ = curl_slist_append(headers_, "Expect:");
    replies_.resize(static_cast<size_t>(load.in_flight));
    for (std::string& reply : replies_) {
      CURL* easy = curl_easy_init();
      curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
      curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers_);
      curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
      curl_easy_setopt(easy, CURLOPT_POST, 1L);
      curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body_.size()));
      curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body_.c_str());
      curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, 600'000L);
      curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &BareCurl::OnBody);
      curl_easy_setopt(easy, CURLOPT_WRITEDATA, &reply);
      curl_easy_setopt(easy, CURLOPT_PRIVATE, &reply);
      easies_.push_back(easy);
    }
  }

  ~BareCurl() {
    for (CURL* easy : easies_) curl_easy_cleanup(easy);
    curl_multi_cleanup(multi_);
    curl_slist_free_all(headers_);
    close(epoll_);
  }

  // Sends the load once. Microseconds of processor time a request.
  double RunUs() {
    const double before = CpuUs();
    for (CURL* easy : easies_) Start(easy);
    int running = 0;
    while (ended_ < load_.requests) {
      epoll_event events[128];
      const int count = epoll_wait(epoll_, events, 128, WaitMs());
      for (int i = 0; i < count; ++i) {
        const int flags = (events[i].events & EPOLLIN ? CURL_CSELECT_IN : 0) |
                          (events[i].events & EPOLLOUT ? CURL_CSELECT_OUT : 0);
        curl_multi_socket_action(multi_, events[i].data.fd, flags, &running);
      }
      if (WaitMs() == 0) {
        deadline_ms_ = -1;
        curl_multi_socket_action(multi_, CURL_SOCKET_TIMEOUT, 0, &running);
      }
      Collect();
    }
    return (CpuUs() - before) / load_.requests;
  }

 private:
  static int OnSocket(CURL*, curl_socket_t socket, int what, void* user, void* known) {
    auto* self = static_cast<BareCurl*>(user);
    epoll_event event{};
    event.events = (what & CURL_POLL_IN ? EPOLLIN : 0u) | (what & CURL_POLL_OUT ? EPOLLOUT : 0u);
    event.data.fd = socket;
    epoll_ctl(self->epoll_,
              what == CURL_POLL_REMOVE ? EPOLL_CTL_DEL
              : known                  ? EPOLL_CTL_MOD
                                       : EPOLL_CTL_ADD,
              socket, &event);
    if (what != CURL_POLL_REMOVE) curl_multi_assign(self->multi_, socket, self);
    return 0;
  }

  static int OnTimer(CURLM*, long timeout_ms, void* user) {
    auto* self = static_cast<BareCurl*>(user);
    self->deadline_ms_ = timeout_ms < 0 ? -1 : NowMs() + timeout_ms;
    return 0;
  }

  static size_t OnBody(char* data, size_t size, size_t count, void* user) {
    static_cast<std::string*>(user)->append(data, size * count);
    return size * count;
  }

  static int64_t NowMs() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
               std::chrono::steady_clock::now().time_since_epoch())
        .count();
  }

  int WaitMs() const {
    return deadline_ms_ < 0 ? -1 : static_cast<int>(std::max<int64_t>(0, deadline_ms_ - NowMs()));
  }

  void Start(CURL* easy) {
    if (started_ == load_.requests) return;
    ++started_;
    std::string* reply = nullptr;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &reply);
    reply->clear();
    curl_multi_add_handle(multi_, easy);
  }

  void Collect() {
    int left = 0;
    while (CURLMsg* message = curl_multi_info_read(multi_, &left)) {
      CURL* easy = message->easy_handle;
      ++ended_;
      curl_multi_remove_handle(multi_, easy);
      Start(easy);
    }
  }

  const Load load_;
  const std::string body_;
  int epoll_;
  CURLM* multi_ = nullptr;
  curl_slist* headers_ = nullptr;
  std::vector<CURL*> easies_;
  std::vector<std::string> replies_;
  int64_t deadline_ms_ = -1;
  int started_ = 0;
  int ended_ = 0;
};

}  // namespace axiometer
