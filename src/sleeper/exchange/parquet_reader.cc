#include "sleeper/exchange/parquet_reader.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <arrow/io/interfaces.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <parquet/arrow/reader.h>
#include <parquet/arrow/schema.h>
#include <parquet/file_reader.h>
#include <parquet/metadata.h>
#include <parquet/properties.h>

#include "sleeper/exchange/arrow_input.h"
#include "sleeper/exchange/counted_source.h"
#include "sleeper/exchange/foreign_batches.h"
#include "sleeper/exchange/foreign_status.h"
#include "sleeper/exchange/int96_check.h"
#include "sleeper/exchange/parquet_file.h"
#include "sleeper/exchange/spool.h"

namespace sleeper::exchange {
namespace {

class ParquetReader final : public InputReader {
 public:
  ParquetReader(std::unique_ptr<CountedSource> source, ParquetFile file, ForeignBatches batches,
                std::optional<Int96Check> int96, std::vector<int> leaves, const InputOptions& options,
                std::shared_ptr<const columnar::Layout> layout, const CallContext& call)
      : source_(std::move(source)),
        file_(std::move(file)),
        batches_(std::move(batches)),
        int96_(std::move(int96)),
        leaves_(std::move(leaves)),
        options_(options),
        layout_(std::move(layout)),
        call_(call) {}

  const std::shared_ptr<const columnar::Layout>& layout() const override { return layout_; }
  const std::string& name() const override { return source_->name(); }
  std::optional<int64_t> rows_total() const override { return file_.rows(); }
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
  // Null at the end of the file.
  Result<std::shared_ptr<arrow::RecordBatch>> NextForeign() {
    for (;;) {
      if (row_group_ == nullptr) {
        if (next_row_group_ == file_.row_groups()) return nullptr;
        TRY(file_.PrefetchRowGroup(*source_, next_row_group_, leaves_, call_));
        TRY_ASSIGN(row_group_, file_.ReadRowGroup(next_row_group_, leaves_, options_));
        if (int96_) TRY(int96_->StartRowGroup(next_row_group_, options_));
        ++next_row_group_;
      }
      TRY_ASSIGN(auto rows, Fenced(name(), [&] { return row_group_->Next(); }));
      if (rows == nullptr) {
        row_group_ = nullptr;
        continue;
      }
      if (int96_) TRY(int96_->Check(*rows, rows_done_ + 1));
      rows_done_ += rows->num_rows();
      if (rows->num_rows() > 0) return rows;
    }
  }

  const std::unique_ptr<CountedSource> source_;
  ParquetFile file_;
  ForeignBatches batches_;
  std::optional<Int96Check> int96_;
  const std::vector<int> leaves_;
  const InputOptions options_;
  const std::shared_ptr<const columnar::Layout> layout_;
  const CallContext call_;
  std::unique_ptr<arrow::RecordBatchReader> row_group_;
  int next_row_group_ = 0;
  int64_t rows_done_ = 0;
};

}  // namespace

Result<std::unique_ptr<InputReader>> OpenParquet(std::unique_ptr<InputSource> source, const InputOptions& options,
                                                 std::shared_ptr<const columnar::Layout> layout,
                                                 const CallContext& call) {
  TRY_ASSIGN(source, Spool(std::move(source), options.scratch, call));
  auto counted = std::make_unique<CountedSource>(std::move(source));
  TRY_ASSIGN(ParquetFile file, ParquetFile::Open(*counted, ParquetFile::Int96::kMicroseconds, call));
  TRY_ASSIGN(ForeignBatches batches, ForeignBatches::Make(counted->name(), *file.schema(), options, layout));
  TRY_ASSIGN(std::vector<int> leaves, file.LeavesOf(batches.match().source_of));
  TRY_ASSIGN(std::optional<Int96Check> int96, Int96Check::Make(*counted, file, leaves, call));
  return std::make_unique<ParquetReader>(std::move(counted), std::move(file), std::move(batches), std::move(int96),
                                         std::move(leaves), options, std::move(layout), call);
}

}  // namespace sleeper::exchange
