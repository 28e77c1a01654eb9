// Replay files.

#include "harness/base/json.h"
#include "harness/model/replay_model.h"
#include "tests/fuzz/fuzz.h"

using namespace axiometer;

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const Result<ReplayFile> file = ReplayFile::Parse(FuzzInput(data, size).rest(), "r.jsonl");
  if (!file) {
    RequireReadable(file.error());
    Require(file.error().where.starts_with("r.jsonl"), "an error names the file");
    return 0;
  }
  for (const std::string& task : file->UnknownTasks({})) {
    for (const int epoch : {1, 2}) {
      const ReplayFile::Entry* entry = file->Find(task, epoch);
      if (entry == nullptr || entry->failed) continue;
      Require(!entry->completion || IsUtf8(*entry->completion), "a completion is text");
    }
  }
  return 0;
}
