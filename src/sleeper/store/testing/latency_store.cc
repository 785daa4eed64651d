#include "sleeper/store/testing/latency_store.h"

namespace sleeper::store {

Status LatencyStore::Before(const StoreCall& call) {
  // Nothing goes out before a streamed object has bytes.
  if (call.function == StoreFunction::kOpenWriter) return Status::OK();
  const bool has_bytes = call.function == StoreFunction::kPut || call.function == StoreFunction::kAppend;
  const Duration start = ChangesObjects(call.function) || has_bytes ? latency_.write : latency_.read;
  let_pass_(start + (has_bytes ? latency_.per_mebibyte * call.amount / (1 << 20) : Duration::zero()));
  return Status::OK();
}

}  // namespace sleeper::store
