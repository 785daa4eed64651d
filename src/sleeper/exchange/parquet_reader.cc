#include "sleeper/exchange/parquet_reader.h"

#include <optional>
#include <utility>

#include <arrow/record_batch.h>

#include "sleeper/exchange/counted_source.h"
#include "sleeper/exchange/foreign_batches.h"
#include "sleeper/exchange/parquet_file.h"
#include "sleeper/exchange/parquet_rows.h"
#include "sleeper/exchange/spool.h"

namespace sleeper::exchange {
namespace {

class ParquetReader final : public InputReader {
 public:
  ParquetReader(std::unique_ptr<CountedSource> source, ParquetRows rows, ForeignBatches batches,
                std::shared_ptr<const columnar::Layout> layout)
      : source_(std::move(source)), rows_(std::move(rows)), batches_(std::move(batches)), layout_(std::move(layout)) {}

  const std::shared_ptr<const columnar::Layout>& layout() const override { return layout_; }
  const std::string& name() const override { return source_->name(); }
  std::optional<int64_t> rows_total() const override { return rows_.rows_total(); }
  std::optional<int64_t> bytes_total() const override { return source_->size(); }
  int64_t bytes_read() const override { return source_->bytes_read(); }
  const IgnoredColumns& ignored() const override { return batches_.match().ignored; }

  Result<std::optional<columnar::Batch>> Next() override {
    for (;;) {
      TRY_ASSIGN(std::optional<columnar::Batch> batch, batches_.Next());
      if (batch) return batch;
      TRY_ASSIGN(std::shared_ptr<arrow::RecordBatch> rows, rows_.Next());
      if (rows == nullptr) return std::nullopt;
      batches_.Add(std::move(rows));
    }
  }

 private:
  const std::unique_ptr<CountedSource> source_;
  ParquetRows rows_;
  ForeignBatches batches_;
  const std::shared_ptr<const columnar::Layout> layout_;
};

}  // namespace

Result<std::unique_ptr<InputReader>> OpenParquet(std::unique_ptr<InputSource> source, const InputOptions& options,
                                                 std::shared_ptr<const columnar::Layout> layout,
                                                 const CallContext& call) {
  TRY_ASSIGN(source, Spool(std::move(source), options.scratch, call));
  auto counted = std::make_unique<CountedSource>(std::move(source));
  TRY_ASSIGN(ParquetFile file, ParquetFile::Open(*counted, {.page_bytes_max = options.page_bytes_max}, call));
  TRY_ASSIGN(ForeignBatches batches, ForeignBatches::Make(counted->name(), *file.schema(), options, layout));
  TRY_ASSIGN(ParquetRows rows, ParquetRows::Make(*counted, std::move(file), batches.match().source_of, options, call));
  return std::make_unique<ParquetReader>(std::move(counted), std::move(rows), std::move(batches), std::move(layout));
}

}  // namespace sleeper::exchange
