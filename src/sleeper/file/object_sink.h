#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include <arrow/buffer.h>

#include "sleeper/base/call_context.h"
#include "sleeper/columnar/growing_buffer.h"
#include "sleeper/store/object_store.h"

namespace sleeper::file {

/// Collects many small writes and passes them on, in blocks, to an object whose name only its writer knows. Confined.
class ObjectSink {
 public:
  /// `writer` is that of object `path` in `store`, which must outlive the sink.
  ObjectSink(store::ObjectStore& store, store::ObjectPath path, std::unique_ptr<store::ObjectWriter> writer,
             const CallContext& call);

  Status Write(std::span<const uint8_t> bytes);
  /// The same without a copy, if there are many.
  Status Write(Buffer bytes);

  /// How many bytes were written.
  int64_t position() const { return position_; }

  /// Passes on what is left and makes the object visible. If the answer is lost it looks: an object of that name and
  /// size is this one. kOutcomeUnknown if there is none yet.
  Result<store::PutOutcome> Finish();

 private:
  /// What is passed on at a time: it is still in the second-level cache when a folder's store copies it, which then
  /// takes half of the time.
  static constexpr int64_t kBlockBytes = 256 << 10;
  /// From this size on, to pass a buffer on by itself costs less than to copy it into the block.
  static constexpr int64_t kUncopiedBytesMin = 128 << 10;

  Status PassOn();

  store::ObjectStore& store_;
  const store::ObjectPath path_;
  std::unique_ptr<store::ObjectWriter> writer_;
  CallContext call_;
  /// Fresh memory for each block would cost a page fault for every 4 KiB: 2 % of a merge.
  std::shared_ptr<columnar::BufferRecycler> recycler_ = columnar::BufferRecycler::Make();
  /// Null, or a block with room.
  std::unique_ptr<arrow::ResizableBuffer> block_;
  int64_t block_bytes_ = 0;
  int64_t position_ = 0;
};

}  // namespace sleeper::file
