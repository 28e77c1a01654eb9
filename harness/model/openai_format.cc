#include "harness/model/event_stream.h"
#include "harness/model/openai_chat.h"
#include "harness/model/openai_stream.h"

namespace axiometer {
namespace {

class OpenAiChat : public WireFormat {
 public:
  explicit OpenAiChat(const ModelSpec& spec)
      : url_(UrlWithPath(spec.base_url, "/chat/completions")),
        models_url_(UrlWithPath(spec.base_url, "/models")),
        head_(ChatHead(spec.name)),
        arguments_(spec.arguments) {
    streams_ = TakeStream(arguments_);
    // Without being asked for, the usage is left out of a stream.
    if (streams_)
      arguments_.insert({{"stream", "true"}, {"stream_options", R"({"include_usage":true})"}});
  }

  const std::string& url() const override { return url_; }
  const std::string& models_url() const override { return models_url_; }
  HttpHeaders Headers(const std::string& key) const override {
    if (key.empty()) return {};
    return {{"Authorization", "Bearer " + key}};
  }
  const std::string& head() const override { return head_; }
  void Append(const std::vector<Message>& messages, EncodedConversation& encoded) const override {
    AppendMessages(messages, encoded);
  }
  std::string Tail(const Request& request) const override { return ChatTail(request, arguments_); }
  WireReply Decode(std::string_view body, int wanted_choices) const override {
    return IsEventStream(body) ? DecodeChatStream(body) : DecodeChat(body, wanted_choices);
  }
  std::string Lacks(const Generation& generation) const override {
    return streams_ && generation.n.value_or(1) > 1 ? "n (several replies at once) in a stream"
                                                    : "";
  }
  std::string Advice(const FailedTry& failed) const override { return StreamAdvice(failed); }

 private:
  const std::string url_;
  const std::string models_url_;
  const std::string head_;
  std::map<std::string, std::string> arguments_;
  bool streams_ = false;
};

}  // namespace

std::unique_ptr<WireFormat> MakeOpenAiChat(const ModelSpec& spec) {
  return std::make_unique<OpenAiChat>(spec);
}

}  // namespace axiometer
