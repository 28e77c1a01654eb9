#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "harness/io/clock.h"
#include "harness/model/batch_model.h"
#include "harness/store/store.h"

namespace axiometer {

// The batches of a session, in the store's table `batches`.
class StoreBatches : public BatchLog {
 public:
  // Before the first request. What is referred to outlives the last one. `quiet`: nothing is said
  // to people.
  void Use(StoreReader& reader, StoreWriter& writer, Clock& clock, std::string run, bool quiet);

  std::string run() const override { return run_; }
  Result<std::vector<BatchRecord>> Unsettled(const std::string& endpoint) override;
  bool Knows(const std::string& endpoint, const std::string& id) override;
  Async<Result<void>> Keep(const BatchRecord& record) override;
  void Settle(const BatchRecord& record) override;
  void NotDeleted(const BatchRecord& record, const std::string& problem) override;

  // Batches of this session, or waited for in it, that are not settled.
  int out() const { return static_cast<int>(out_.size()); }

 private:
  StoreReader* reader_ = nullptr;
  StoreWriter* writer_ = nullptr;
  Clock* clock_ = nullptr;
  std::string run_;
  bool quiet_ = false;
  std::map<std::pair<std::string, std::string>, std::string>
      out_;  // by endpoint and id: the run that it is stored with
};

}  // namespace axiometer
