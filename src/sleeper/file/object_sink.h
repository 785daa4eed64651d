#pragma once

#include <cstdint>
#include <memory>

#include <arrow/buffer_builder.h>
#include <arrow/io/interfaces.h>

#include "sleeper/base/call_context.h"
#include "sleeper/store/object_store.h"

namespace sleeper::file {

/// What libparquet writes into: collects its many small writes and passes them on to an object in blocks. Confined.
class ObjectSink final : public arrow::io::OutputStream {
 public:
  ObjectSink(std::unique_ptr<store::ObjectWriter> writer, const CallContext& call);

  arrow::Status Write(const void* data, int64_t size) override;
  arrow::Status Write(const std::shared_ptr<arrow::Buffer>& data) override;
  arrow::Result<int64_t> Tell() const override { return position_; }

  /// Has no meaning for the object: only Finish makes it visible.
  arrow::Status Close() override;
  bool closed() const override { return closed_; }

  /// Passes on what is left and makes the object visible.
  Result<store::PutOutcome> Finish();

 private:
  /// A block of at least this size is passed on.
  static constexpr int64_t kBlockBytes = 1 << 20;

  Status PassOn();

  std::unique_ptr<store::ObjectWriter> writer_;
  CallContext call_;
  arrow::BufferBuilder block_;
  int64_t position_ = 0;
  bool closed_ = false;
};

}  // namespace sleeper::file
