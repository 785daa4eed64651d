#include "sleeper/store/scratch_budget.h"

namespace sleeper::store {

Status ScratchBudget::Take(int64_t bytes) {
  int64_t used = bytes_used_.load(std::memory_order_relaxed);
  do {
    if (bytes > bytes_max_ - used) {
      return WithHint(Error(ErrorKind::kExhausted, "the scratch space is full: ", bytes, " bytes do not fit beside ",
                            used, " of at most ", bytes_max_),
                      "Allow more scratch space, or more memory so that less is spilled.");
    }
  } while (!bytes_used_.compare_exchange_weak(used, used + bytes, std::memory_order_relaxed));
  return Status::OK();
}

void ScratchBudget::GiveBack(int64_t bytes) { bytes_used_.fetch_sub(bytes, std::memory_order_relaxed); }

Status ScratchShare::Take(int64_t bytes) {
  TRY(budget_->Take(bytes));
  bytes_ += bytes;
  return Status::OK();
}

Status CheckScratchRange(ByteRange range, int64_t size) {
  if (range.offset >= 0 && range.size >= 0 && range.size <= size && range.offset <= size - range.size)
    return Status::OK();
  return Error(ErrorKind::kInvalid, "range of ", range.size, " bytes at ", range.offset,
               " reaches past the end of a scratch run of ", size, " bytes");
}

}  // namespace sleeper::store
