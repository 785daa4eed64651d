#pragma once

#include <memory>

#include "sleeper/store/scratch.h"
#include "sleeper/store/scratch_budget.h"

namespace sleeper::store {

/// Scratch space in the memory of the process: the twin for tests and simulations. Thread-safe.
class MemoryScratch final : public ScratchSpace {
 public:
  explicit MemoryScratch(int64_t bytes_max) : budget_(bytes_max) {}

  Result<std::unique_ptr<ScratchWriter>> NewRun(const CallContext& call) override;
  int64_t bytes_used() const override { return budget_.bytes_used(); }
  int64_t bytes_max() const override { return budget_.bytes_max(); }

 private:
  ScratchBudget budget_;
};

}  // namespace sleeper::store
