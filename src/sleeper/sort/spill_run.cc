#include "sleeper/sort/spill_run.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <span>
#include <utility>

#include <arrow/buffer.h>
#include <arrow/io/interfaces.h>
#include <arrow/ipc/options.h>
#include <arrow/ipc/reader.h>
#include <arrow/ipc/writer.h>
#include <arrow/record_batch.h>

#include "sleeper/columnar/arrow_buffer.h"

namespace sleeper::sort {
namespace {

/// What Arrow writes a run into. Small pieces are collected, because each Append of the space is a write of its own.
class ScratchSink final : public arrow::io::OutputStream {
 public:
  ScratchSink(std::unique_ptr<store::ScratchWriter> writer, const CallContext& call)
      : writer_(std::move(writer)), call_(call) {
    block_.reserve(kBlockBytes);
  }

  arrow::Status Write(const void* data, int64_t size) override {
    const std::span<const uint8_t> bytes(static_cast<const uint8_t*>(data), static_cast<size_t>(size));
    position_ += size;
    const bool large = bytes.size() > kBlockBytes / 2;
    if (large || block_.size() + bytes.size() > kBlockBytes) TRY(PassOn());
    if (large) return writer_->Append(bytes, call_);
    block_.insert(block_.end(), bytes.begin(), bytes.end());
    return Status::OK();
  }

  arrow::Result<int64_t> Tell() const override { return position_; }
  arrow::Status Close() override { return Status::OK(); }
  bool closed() const override { return false; }

  Result<std::unique_ptr<store::ScratchRun>> Finish() {
    TRY(PassOn());
    return writer_->Finish(call_);
  }

 private:
  static constexpr size_t kBlockBytes = 256 << 10;

  Status PassOn() {
    if (block_.empty()) return Status::OK();
    TRY(writer_->Append(block_, call_));
    block_.clear();
    return Status::OK();
  }

  std::unique_ptr<store::ScratchWriter> writer_;
  CallContext call_;
  std::vector<uint8_t> block_;
  int64_t position_ = 0;
};

/// What Arrow reads a run from.
class ScratchSource final : public arrow::io::InputStream {
 public:
  ScratchSource(std::shared_ptr<const store::ScratchRun> run, const CallContext& call)
      : run_(std::move(run)), call_(call) {}

  arrow::Result<std::shared_ptr<arrow::Buffer>> Read(int64_t bytes) override {
    const int64_t size = std::min(bytes, run_->size() - position_);
    TRY_ASSIGN(sleeper::Buffer buffer, run_->Read({position_, size}, call_));
    position_ += size;
    return columnar::ToArrow(std::move(buffer));
  }

  arrow::Result<int64_t> Read(int64_t bytes, void* out) override {
    TRY_ASSIGN(const std::shared_ptr<arrow::Buffer> buffer, Read(bytes));
    if (buffer->size() > 0) std::memcpy(out, buffer->data(), static_cast<size_t>(buffer->size()));
    return buffer->size();
  }

  arrow::Result<int64_t> Tell() const override { return position_; }
  arrow::Status Close() override { return Status::OK(); }
  bool closed() const override { return false; }

 private:
  std::shared_ptr<const store::ScratchRun> run_;
  CallContext call_;
  int64_t position_ = 0;
};

class SpilledStream final : public rows::RowStream {
 public:
  SpilledStream(std::shared_ptr<arrow::ipc::RecordBatchReader> reader, std::shared_ptr<const columnar::Layout> layout)
      : reader_(std::move(reader)), layout_(std::move(layout)) {}

  const std::shared_ptr<const columnar::Layout>& layout() const override { return layout_; }

  Result<std::optional<columnar::Batch>> Next() override {
    std::shared_ptr<arrow::RecordBatch> batch;
    TRY(reader_->ReadNext(&batch));
    if (batch == nullptr) return std::nullopt;
    return std::optional(columnar::Batch::Trusted(layout_, std::move(batch)));
  }

 private:
  std::shared_ptr<arrow::ipc::RecordBatchReader> reader_;
  std::shared_ptr<const columnar::Layout> layout_;
};

}  // namespace

Result<SpillRun> WriteSpillRun(store::ScratchSpace& scratch, rows::RowStream& rows, const CallContext& call) {
  TRY_ASSIGN(auto object, scratch.NewRun(call));
  ScratchSink sink(std::move(object), call);
  arrow::ipc::IpcWriteOptions options = arrow::ipc::IpcWriteOptions::Defaults();
  options.use_threads = false;
  TRY_ASSIGN(auto writer, arrow::ipc::MakeStreamWriter(&sink, rows.layout()->arrow_schema(), options));
  SpillRun run;
  for (;;) {
    TRY_ASSIGN(const std::optional<columnar::Batch> batch, rows.Next());
    if (!batch) break;
    TRY(writer->WriteRecordBatch(*batch->arrow()));
    run.rows += batch->rows();
  }
  TRY(writer->Close());
  TRY_ASSIGN(run.bytes, sink.Finish());
  return run;
}

Result<std::unique_ptr<rows::RowStream>> ReadSpillRun(SpillRun run, std::shared_ptr<const columnar::Layout> layout,
                                                      const CallContext& call) {
  arrow::ipc::IpcReadOptions options = arrow::ipc::IpcReadOptions::Defaults();
  options.use_threads = false;
  auto source = std::make_shared<ScratchSource>(std::move(run.bytes), call);
  TRY_ASSIGN(auto reader, arrow::ipc::RecordBatchStreamReader::Open(std::move(source), options));
  return std::make_unique<SpilledStream>(std::move(reader), std::move(layout));
}

}  // namespace sleeper::sort
