#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/result.h"
#include "harness/io/child.h"
#include "harness/io/clock.h"
#include "harness/io/gate.h"
#include "harness/io/http_client.h"
#include "harness/io/loop.h"
#include "harness/io/users_program.h"
#include "harness/record/run_spec.h"

namespace axiometer {

// A llama.cpp server (llama-server, or what takes its options) of our own on this machine: started
// at the first need, started again if it dies, ended with us whatever ends us. It listens on a free
// port of 127.0.0.1 and wants a key that only we know, and sees no key of ours
// (ProgramEnvironment).
class LlamaServer {
 public:
  static constexpr int kDefaultSlots = 4;

  // `spec.server` is set. Requests at once: `spec.max_connections`, else kDefaultSlots; each has
  // the whole context.
  LlamaServer(Loop& loop, Clock& clock, HttpTransport& http, const ModelSpec& spec);

  // Returns once it answers; who comes while it starts waits for the same end. Error: it ended
  // before, with its last words, or was not ready within ten minutes.
  Async<Result<void>> Ready();
  // After a request, begun in this generation, that got no answer: true if the server has died
  // since and is there again, false if it has been alive all along. Error: it does not come up, or
  // has died three times without an answer.
  Async<Result<bool>> Revived(int generation);
  int generation() const { return generation_; }  // how often it was started
  void Answered() { deaths_ = 0; }

  const std::string& base_url() const { return base_url_; }  // http://127.0.0.1:PORT/v1
  const std::string& key() const { return key_; }
  int pid() const { return child_ ? child_->pid() : 0; }

 private:
  Async<std::optional<std::string>> WhyEnded();
  Async<Result<void>> Start();
  Async<Result<void>> BecomeHealthy();

  Loop& loop_;
  Clock& clock_;
  HttpTransport& http_;
  const std::string program_;
  std::vector<std::string> arguments_;
  const std::string key_;
  std::string base_url_;
  std::string port_;
  std::optional<Child> child_;
  std::optional<ProgramLog> log_;  // of the one that runs
  int deaths_ = 0;
  int generation_ = 0;
  bool ready_ = false;
  std::optional<Error> given_up_;
  Gate starting_;
};

// One server for all models of a process that ask for the same file with the same settings; it ends
// when the last of them is gone.
class LlamaServers {
 public:
  std::shared_ptr<LlamaServer> For(Loop& loop, Clock& clock, HttpTransport& http,
                                   const ModelSpec& spec);

 private:
  std::map<std::string, std::weak_ptr<LlamaServer>> servers_;
};

}  // namespace axiometer
