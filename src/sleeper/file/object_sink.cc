#include "sleeper/file/object_sink.h"

#include <utility>

#include "sleeper/columnar/arrow_buffer.h"

namespace sleeper::file {

ObjectSink::ObjectSink(std::unique_ptr<store::ObjectWriter> writer, const CallContext& call)
    : writer_(std::move(writer)), call_(call) {}

arrow::Status ObjectSink::Write(const void* data, int64_t size) {
  if (block_.length() == 0) TRY(block_.Reserve(kBlockBytes + size));
  TRY(block_.Append(data, size));
  position_ += size;
  return block_.length() >= kBlockBytes ? PassOn() : Status::OK();
}

arrow::Status ObjectSink::Write(const std::shared_ptr<arrow::Buffer>& data) {
  if (data->size() < kBlockBytes) return Write(data->data(), data->size());
  // Large enough to go as it is.
  TRY(PassOn());
  position_ += data->size();
  return writer_->Append(columnar::FromArrow(data), call_);
}

arrow::Status ObjectSink::Close() {
  closed_ = true;
  return Status::OK();
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
