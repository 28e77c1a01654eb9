#include "harness/record/message.h"

namespace axiometer {

const char* RoleName(Role role) {
  switch (role) {
    case Role::kSystem: return "system";
    case Role::kUser: return "user";
    case Role::kAssistant: return "assistant";
    case Role::kTool: return "tool";
  }
  return "";
}

std::string RawWithLogprobs(const Message& message) {
  std::string raw = message.raw;
  if (message.logprobs.empty() || !raw.ends_with('}')) return raw;
  raw.pop_back();
  if (raw != "{") raw += ',';
  return raw + "\"logprobs\":" + message.logprobs + '}';
}

}  // namespace axiometer
