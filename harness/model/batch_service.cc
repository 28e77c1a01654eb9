#include "harness/model/batch_service.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "harness/model/reply_json.h"
#include "harness/model/reply_text.h"

namespace axiometer {

Async<std::vector<FoundBatch>> BatchService::Find(BatchCaller&, const BatchMark&, ReadTry&) const {
  std::vector<FoundBatch> none;
  co_return none;
}

BatchSubmission NotSubmitted(BatchAnswer answer, std::string_view expected) {
  BatchSubmission submission;
  submission.failed = std::move(answer.failed);
  if (answer.ok) {
    submission.failed.problem =
        "expected " + std::string(expected) + ", got " + OneLine(answer.body, 200);
    submission.failed.failed.final = true;
  }
  return submission;
}

std::optional<Json> BatchReport(std::string_view body, const char* state, BatchStatus& status) {
  WireReply wire;
  std::optional<Json> json = ReplyObject(body, wire);
  if (json && !TextOf(FindMember(*json, state)).empty()) return json;
  status.problem = wire.problem.empty()
                       ? "no \"" + std::string(state) + "\" of a batch in the reply: " + OneLine(body, 200)
                       : wire.problem;
  return std::nullopt;
}

}  // namespace axiometer
