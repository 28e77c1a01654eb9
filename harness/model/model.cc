#include "harness/model/model.h"

namespace axiometer {

const char* CallStatusName(CallStatus status) {
  switch (status) {
    case CallStatus::kOk: return "ok";
    case CallStatus::kRefused: return "refused";
    case CallStatus::kError: return "error";
    case CallStatus::kRateLimited: return "rate_limited";
    case CallStatus::kTimeout: return "timeout";
    case CallStatus::kQuota: return "quota";
    case CallStatus::kAuth: return "auth";
    case CallStatus::kCancelled: return "cancelled";
  }
  return "";
}

}  // namespace axiometer
