#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "harness/base/json.h"
#include "harness/model/retry.h"
#include "harness/model/wire_format.h"

namespace axiometer {

// Replies as streams of server-sent events (https://html.spec.whatwg.org, section 9.2), for
// endpoints that give nothing else: what the streams of all formats have in common. A body is read
// when it is complete; nothing is shown while it comes. Each format folds its stream into the reply
// that it gives in one piece (openai_stream.h, openai_responses_stream.h, anthropic_stream.h,
// gemini_stream.h), so that all that comes after is the same. Pure.

// Whether the body is such a stream, asked for or not.
bool IsEventStream(std::string_view body);

// The events of a body, in order. `body` outlives it.
class EventStream {
 public:
  explicit EventStream(std::string_view body);

  // The JSON object of the next event. nullopt: none is left, which is so behind `[DONE]` too; or
  // the event is no JSON object, and `reply` is marked: as cut off where the body ends in the
  // middle of it, as unreadable otherwise. Names of events are not read: those that have names say
  // them in their data too.
  std::optional<Json> Next(WireReply& reply);

  // Whether the endpoint said `[DONE]`.
  bool done() const { return done_; }

  // Marks the reply as cut off, with the end of the body.
  WireReply& CutOff(WireReply& reply) const;

 private:
  bool NextData(std::string& data);
  std::string_view Line();

  const std::string_view body_;
  std::string_view rest_;
  bool whole_ = false;  // of the last event: an empty line ended it
  bool done_ = false;
};

// Appends text of `delta` to that of `whole`, under the same name; anything but text changes
// nothing.
void JoinText(const Json& delta, Json& whole, const char* name);

// Takes the argument `stream` out of a spec's arguments: whether a stream is asked for.
bool TakeStream(std::map<std::string, std::string>& arguments);

// "give -M stream=true", of an endpoint's report that it answers only in a stream; else empty.
std::string StreamAdvice(const FailedTry& failed);

}  // namespace axiometer
