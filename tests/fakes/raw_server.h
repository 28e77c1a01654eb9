#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <string>
#include <thread>
#include <utility>

namespace axiometer {

// A server on loopback that answers whatever it hears on each connection with fixed bytes, for
// replies that no HTTP library would write.
class RawServer {
 public:
  enum class Then { kClose, kStall };

  // `delay_ms`: from a request to the bytes.
  explicit RawServer(std::string bytes, Then then = Then::kClose, int delay_ms = 0)
      : bytes_(std::move(bytes)), then_(then), delay_ms_(delay_ms) {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address);
    listen(listener_, 16);
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { Serve(); });
  }

  ~RawServer() {
    stop_ = true;
    thread_.join();
    close(listener_);
  }

  int port() const { return port_; }
  int connections() const { return connections_; }

 private:
  void Serve() {
    while (!stop_) {
      pollfd waiting{listener_, POLLIN, 0};
      if (poll(&waiting, 1, 20) != 1) continue;
      const int connection = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (connection < 0) continue;
      ++connections_;
      char request[65536];
      if (recv(connection, request, sizeof request, 0) > 0) {
        if (delay_ms_ > 0) poll(nullptr, 0, delay_ms_);
        send(connection, bytes_.data(), bytes_.size(), MSG_NOSIGNAL);
      }
      while (then_ == Then::kStall && !stop_) {
        pollfd peer{connection, POLLIN, 0};
        if (poll(&peer, 1, 20) == 1 && recv(connection, request, sizeof request, MSG_DONTWAIT) <= 0) break;
      }
      close(connection);
    }
  }

  std::string bytes_;
  Then then_;
  int delay_ms_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<int> connections_ = 0;
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

}  // namespace axiometer
