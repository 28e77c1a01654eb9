#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "harness/model/wire_format.h"

namespace axiometer {

// Another format's words, told apart to the cache by something else than its address: for models that are no endpoint
// somewhere, and answer as one would.
class BorrowedFormat : public WireFormat {
 public:
  BorrowedFormat(std::unique_ptr<WireFormat> format, std::string identity)
      : format_(std::move(format)), identity_(std::move(identity)) {}

  const std::string& identity() const override { return identity_; }
  const std::string& url() const override { return format_->url(); }
  const std::string& models_url() const override { return format_->models_url(); }
  HttpHeaders Headers(const std::string& key) const override { return format_->Headers(key); }
  const std::string& head() const override { return format_->head(); }
  void Append(const std::vector<Message>& messages, EncodedConversation& encoded) const override {
    format_->Append(messages, encoded);
  }
  std::string Tail(const Request& request) const override { return format_->Tail(request); }
  WireReply Decode(std::string_view body, int wanted_choices) const override {
    return format_->Decode(body, wanted_choices);
  }
  std::string Lacks(const Generation& generation) const override { return format_->Lacks(generation); }
  std::string Advice(const FailedTry& failed) const override { return format_->Advice(failed); }

 private:
  const std::unique_ptr<WireFormat> format_;
  const std::string identity_;
};

}  // namespace axiometer
