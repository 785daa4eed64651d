#include "sleeper/file/object_sink.h"

#include <utility>

#include "sleeper/columnar/arrow_buffer.h"

namespace sleeper::file {

ObjectSink::ObjectSink(std::unique_ptr<store::ObjectWriter> writer, const CallContext& call)
    : writer_(std::move(writer)), call_(call) {}

Status ObjectSink::Write(std::span<const uint8_t> bytes) {
  const auto size = static_cast<int64_t>(bytes.size());
  if (block_.length() == 0) TRY(block_.Reserve(kBlockBytes + size));
  TRY(block_.Append(bytes.data(), size));
  position_ += size;
  return block_.length() >= kBlockBytes ? PassOn() : Status::OK();
}

Status ObjectSink::Write(Buffer bytes) {
  if (bytes.size() < kUncopiedBytesMin) return Write(bytes.span());
  TRY(PassOn());
  position_ += bytes.size();
  return writer_->Append(std::move(bytes), call_);
}

Status ObjectSink::PassOn() {
  if (block_.length() == 0) return Status::OK();
  TRY_ASSIGN(std::shared_ptr<arrow::Buffer> block, block_.Finish());
  return writer_->Append(columnar::FromArrow(std::move(block)), call_);
}

Result<store::PutOutcome> ObjectSink::Finish() {
  TRY(PassOn());
  return writer_->Finish(call_);
}

}  // namespace sleeper::file
