#include "sleeper/exchange/arrow_reader.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <arrow/io/interfaces.h>
#include <arrow/ipc/options.h>
#include <arrow/ipc/reader.h>
#include <arrow/record_batch.h>

#include "sleeper/exchange/arrow_input.h"
#include "sleeper/exchange/counted_source.h"
#include "sleeper/exchange/foreign_batches.h"
#include "sleeper/exchange/foreign_status.h"
#include "sleeper/exchange/peeked_source.h"
#include "sleeper/exchange/spool.h"

namespace sleeper::exchange {
namespace {

constexpr std::string_view kFileMagic = "ARROW1";
constexpr std::string_view kFeather1Magic = "FEA1";

arrow::ipc::IpcReadOptions ReadSettings() {
  arrow::ipc::IpcReadOptions settings = arrow::ipc::IpcReadOptions::Defaults();
  settings.use_threads = false;
  return settings;
}

/// The record batches of an Arrow file or stream, one after the other.
class RecordBatches {
 public:
  virtual ~RecordBatches() = default;
  virtual std::shared_ptr<arrow::Schema> schema() const = 0;
  /// Null at the end.
  virtual Result<std::shared_ptr<arrow::RecordBatch>> Next() = 0;
};

class StreamBatches final : public RecordBatches {
 public:
  explicit StreamBatches(std::shared_ptr<arrow::ipc::RecordBatchStreamReader> reader) : reader_(std::move(reader)) {}

  static Result<std::unique_ptr<RecordBatches>> Open(InputSource& source, const CallContext& call) {
    TRY_ASSIGN(auto reader, arrow::ipc::RecordBatchStreamReader::Open(ToArrowStream(source, call), ReadSettings()));
    return std::make_unique<StreamBatches>(std::move(reader));
  }

  std::shared_ptr<arrow::Schema> schema() const override { return reader_->schema(); }
  Result<std::shared_ptr<arrow::RecordBatch>> Next() override { return reader_->Next(); }

 private:
  const std::shared_ptr<arrow::ipc::RecordBatchStreamReader> reader_;
};

class FileBatches final : public RecordBatches {
 public:
  explicit FileBatches(std::shared_ptr<arrow::ipc::RecordBatchFileReader> reader) : reader_(std::move(reader)) {}

  static Result<std::unique_ptr<RecordBatches>> Open(InputSource& source, const CallContext& call) {
    TRY_ASSIGN(auto reader, arrow::ipc::RecordBatchFileReader::Open(ToArrowFile(source, call), ReadSettings()));
    return std::make_unique<FileBatches>(std::move(reader));
  }

  std::shared_ptr<arrow::Schema> schema() const override { return reader_->schema(); }
  Result<std::shared_ptr<arrow::RecordBatch>> Next() override {
    if (next_ == reader_->num_record_batches()) return nullptr;
    return reader_->ReadRecordBatch(next_++);
  }

 private:
  const std::shared_ptr<arrow::ipc::RecordBatchFileReader> reader_;
  int next_ = 0;
};

class ArrowReader final : public InputReader {
 public:
  ArrowReader(std::unique_ptr<CountedSource> source, std::unique_ptr<RecordBatches> input, ForeignBatches batches,
              std::shared_ptr<const columnar::Layout> layout)
      : source_(std::move(source)),
        input_(std::move(input)),
        batches_(std::move(batches)),
        layout_(std::move(layout)) {}

  const std::shared_ptr<const columnar::Layout>& layout() const override { return layout_; }
  const std::string& name() const override { return source_->name(); }
  std::optional<int64_t> rows_total() const override { return std::nullopt; }
  std::optional<int64_t> bytes_total() const override { return source_->size(); }
  int64_t bytes_read() const override { return source_->bytes_read(); }
  const IgnoredColumns& ignored() const override { return batches_.match().ignored; }

  Result<std::optional<columnar::Batch>> Next() override {
    for (;;) {
      TRY_ASSIGN(std::optional<columnar::Batch> batch, batches_.Next());
      if (batch) return batch;
      TRY_ASSIGN(std::shared_ptr<arrow::RecordBatch> rows, NextForeign());
      if (rows == nullptr) return std::nullopt;
      batches_.Add(std::move(rows));
    }
  }

 private:
  Result<std::shared_ptr<arrow::RecordBatch>> NextForeign() {
    return Fenced(name(), [&]() -> Result<std::shared_ptr<arrow::RecordBatch>> {
      TRY_ASSIGN(auto rows, input_->Next());
      if (rows == nullptr) return rows;
      TRY_ASSIGN(rows, rows->SelectColumns(batches_.match().source_of));
      // The bytes became arrays as they are, so their offsets must be proven before anybody follows them.
      TRY(rows->ValidateFull());
      return rows;
    });
  }

  const std::unique_ptr<CountedSource> source_;
  const std::unique_ptr<RecordBatches> input_;
  ForeignBatches batches_;
  const std::shared_ptr<const columnar::Layout> layout_;
};

}  // namespace

Result<std::unique_ptr<InputReader>> OpenArrow(std::unique_ptr<InputSource> source, const InputOptions& options,
                                               std::shared_ptr<const columnar::Layout> layout,
                                               const CallContext& call) {
  TRY_ASSIGN(auto peeked, PeekedSource::Open(std::move(source), static_cast<int64_t>(kFileMagic.size()), call));
  const std::string name = peeked->name();
  const Buffer head = peeked->head();
  if (head.empty()) return Error(ErrorKind::kInvalid, name, ": the file is empty");
  if (head.view().starts_with(kFeather1Magic)) {
    return Error(ErrorKind::kInvalid, name, ": Feather version 1 is not supported; version 2 is");
  }
  source = std::move(peeked);
  const bool is_file = head.view() == kFileMagic;
  if (is_file) {
    TRY_ASSIGN(source, Spool(std::move(source), options.scratch, call));
  }
  auto counted = std::make_unique<CountedSource>(std::move(source));
  TRY_ASSIGN(auto input, Fenced(name, [&] {
               return is_file ? FileBatches::Open(*counted, call) : StreamBatches::Open(*counted, call);
             }));
  TRY_ASSIGN(ForeignBatches batches, ForeignBatches::Make(name, *input->schema(), options, layout));
  return std::make_unique<ArrowReader>(std::move(counted), std::move(input), std::move(batches), std::move(layout));
}

}  // namespace sleeper::exchange
