#include "sleeper/file/object_sink.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "sleeper/columnar/arrow_buffer.h"

namespace sleeper::file {

ObjectSink::ObjectSink(store::ObjectStore& store, store::ObjectPath path, std::unique_ptr<store::ObjectWriter> writer,
                       const CallContext& call)
    : store_(store), path_(std::move(path)), writer_(std::move(writer)), call_(call) {}

Status ObjectSink::Write(std::span<const uint8_t> bytes) {
  position_ += static_cast<int64_t>(bytes.size());
  while (!bytes.empty()) {
    if (block_ == nullptr) {
      TRY_ASSIGN(block_, recycler_->Take(kBlockBytes));
    }
    const size_t size = std::min(bytes.size(), static_cast<size_t>(kBlockBytes - block_bytes_));
    std::memcpy(block_->mutable_data() + block_bytes_, bytes.data(), size);
    block_bytes_ += static_cast<int64_t>(size);
    bytes = bytes.subspan(size);
    if (block_bytes_ == kBlockBytes) TRY(PassOn());
  }
  return Status::OK();
}

Status ObjectSink::Write(Buffer bytes) {
  if (bytes.size() < kUncopiedBytesMin) return Write(bytes.span());
  TRY(PassOn());
  position_ += bytes.size();
  return writer_->Append(std::move(bytes), call_);
}

Status ObjectSink::PassOn() {
  if (block_bytes_ == 0) return Status::OK();
  Buffer block = columnar::FromArrow(recycler_->Share(std::move(block_), std::exchange(block_bytes_, 0)));
  return writer_->Append(std::move(block), call_);
}

Result<store::PutOutcome> ObjectSink::Finish() {
  TRY(PassOn());
  Result<store::PutOutcome> ended = writer_->Finish(call_);
  if (!IsKind(ended.status(), ErrorKind::kOutcomeUnknown)) return ended;
  const Result<store::ObjectInfo> found = store_.Head(path_, call_);
  if (found.ok() && found->size == position_) return store::PutOutcome::kCreated;
  return ended;
}

}  // namespace sleeper::file
