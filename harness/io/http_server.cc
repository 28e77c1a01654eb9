#include "harness/io/http_server.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <array>
#include <cctype>
#include <chrono>

namespace axiometer {
namespace asio = boost::asio;
namespace http = boost::beast::http;

namespace {

using Executor = asio::io_context::executor_type;
using Socket = asio::basic_stream_socket<asio::ip::tcp, Executor>;
using Acceptor = asio::basic_socket_acceptor<asio::ip::tcp, Executor>;
constexpr auto kToken = asio::as_tuple(asio::use_awaitable_t<Executor>());

std::string LowerCase(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return lower;
}

// What a request that cannot be read is answered with; 0: nothing, since the peer has left.
int StatusOf(const boost::system::error_code& error) {
  if (!error) return 0;
  if (error == http::error::header_limit || error == http::error::buffer_overflow) return 431;
  if (error == http::error::body_limit) return 413;
  const bool of_http = error.category() == make_error_code(http::error::bad_target).category();
  return of_http && error != http::error::end_of_stream && error != http::error::partial_message ? 400 : 0;
}

// Takes what the peer still sends, within bounds: a connection that is closed before would lose the reply.
Async<> LetThePeerRead(Socket& socket) {
  constexpr int kMostReads = 64;
  boost::system::error_code ignored;
  socket.shutdown(Socket::shutdown_send, ignored);
  std::array<char, 16'384> bytes;
  for (int i = 0; i < kMostReads; ++i) {
    const auto [error, read] = co_await socket.async_read_some(asio::buffer(bytes), kToken);
    if (error) co_return;
  }
}

}  // namespace

struct HttpServer::Impl {
  Impl(Loop& loop, Handler handler, size_t max_body_bytes)
      : loop(loop), acceptor(loop.context()), handler(std::move(handler)), max_body_bytes(max_body_bytes),
        key(loop.NewKey()) {}

  Async<> Accept(std::shared_ptr<Impl> self) {
    while (acceptor.is_open()) {
      Socket socket(loop.context());
      const auto [error] = co_await acceptor.async_accept(socket, kToken);
      const bool cancelled = co_await IsCancelled();
      if (cancelled) co_return;
      if (error) {  // the peer left, or descriptors ran out: the next may do, a little later
        asio::steady_timer pause(loop.context(), std::chrono::milliseconds(20));
        co_await pause.async_wait(kToken);
        continue;
      }
      boost::system::error_code ignored;
      socket.set_option(asio::ip::tcp::no_delay(true), ignored);
      loop.Spawn(Serve(self, std::move(socket)), nullptr, key);
    }
  }

  static Async<> Serve(std::shared_ptr<Impl> self, Socket socket) {
    boost::beast::flat_buffer buffer;
    while (true) {
      http::request_parser<http::string_body> parser;
      parser.body_limit(self->max_body_bytes);
      const auto [read_error, read] = co_await http::async_read(socket, buffer, parser, kToken);
      if (const int status = StatusOf(read_error); status > 0) {
        // What follows cannot be told from the request any more.
        http::response<http::empty_body> refusal(static_cast<http::status>(status), 11);
        refusal.keep_alive(false);
        refusal.prepare_payload();
        const auto [refused_error, refused] = co_await http::async_write(socket, refusal, kToken);
        if (!refused_error) co_await LetThePeerRead(socket);
      }
      if (read_error) co_return;
      http::request<http::string_body> message = parser.release();
      const bool keep_alive = message.keep_alive();
      ServedRequest request;
      request.method = std::string(message.method_string());
      request.target = std::string(message.target());
      for (const auto& field : message) {
        request.headers.emplace_back(LowerCase(field.name_string()), std::string(field.value()));
      }
      request.body = std::move(message.body());
      ServedReply reply = co_await self->handler(request);
      http::response<http::string_body> response(static_cast<http::status>(reply.status), 11);
      for (const auto& [name, value] : reply.headers) response.insert(name, value);
      response.body() = std::move(reply.body);
      response.keep_alive(keep_alive);
      response.prepare_payload();
      http::response_serializer<http::string_body> serializer(response);
      boost::system::error_code write_error;
      if (message.method() == http::verb::head) {
        const auto [error, wrote] = co_await http::async_write_header(socket, serializer, kToken);
        write_error = error;
      } else {
        const auto [error, wrote] = co_await http::async_write(socket, serializer, kToken);
        write_error = error;
      }
      const bool cancelled = co_await IsCancelled();
      if (write_error || !keep_alive || cancelled) co_return;
    }
  }

  Loop& loop;
  Acceptor acceptor;
  Handler handler;
  size_t max_body_bytes;
  uint64_t key;
  int port = 0;
};

HttpServer::HttpServer(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

HttpServer::~HttpServer() {
  boost::system::error_code ignored;
  impl_->acceptor.close(ignored);
  impl_->loop.Cancel(impl_->key);
}

int HttpServer::port() const { return impl_->port; }

Result<std::unique_ptr<HttpServer>> HttpServer::Start(Loop& loop, int port, Handler handler,
                                                      size_t max_body_bytes) {
  auto impl = std::make_shared<Impl>(loop, std::move(handler), max_body_bytes);
  const asio::ip::tcp::endpoint endpoint(asio::ip::address_v4::loopback(), static_cast<uint16_t>(port));
  boost::system::error_code error;
  impl->acceptor.open(endpoint.protocol(), error);
  if (!error) impl->acceptor.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) impl->acceptor.bind(endpoint, error);
  if (!error) impl->acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) {
    return Failed("127.0.0.1:" + std::to_string(port), error.message(), "name another port with --port");
  }
  impl->port = impl->acceptor.local_endpoint().port();
  loop.Spawn(impl->Accept(impl), nullptr, impl->key);
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

}  // namespace axiometer
