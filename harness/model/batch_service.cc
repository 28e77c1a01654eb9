#include "harness/model/batch_service.h"

#include <utility>

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

}  // namespace axiometer
