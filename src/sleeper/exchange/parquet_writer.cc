#include "sleeper/exchange/parquet_writer.h"

#include <utility>
#include <vector>

#include <arrow/io/interfaces.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <parquet/arrow/writer.h>
#include <parquet/properties.h>

#include "sleeper/exchange/arrow_output.h"
#include "sleeper/exchange/foreign_status.h"

namespace sleeper::exchange {
namespace {

constexpr int64_t kRowGroupRowsMax = 1'000'000;
constexpr int64_t kRowGroupBytesMax = int64_t{64} << 20;

// The Parquet column that the layout's column begins with: lists have one, maps two.
int LeafOf(const columnar::Layout& layout, int column) {
  int leaf = 0;
  for (int i = 0; i < column; ++i) leaf += layout.field(i).type.kind() == model::TypeKind::kMap ? 2 : 1;
  return leaf;
}

// The leading key fields that the layout shows: rows in key order are in the order of these, but not of any behind a
// gap.
std::vector<parquet::SortingColumn> SortingColumnsOf(const columnar::Layout& layout) {
  std::vector<parquet::SortingColumn> sorting;
  for (const model::Field& key : layout.schema().key_fields()) {
    const std::optional<int> column = layout.Find(key.name);
    if (!column) break;
    parquet::SortingColumn entry;
    entry.column_idx = LeafOf(layout, *column);
    entry.descending = false;
    entry.nulls_first = false;
    sorting.push_back(entry);
  }
  return sorting;
}

class ParquetWriter final : public OutputWriter {
 public:
  ParquetWriter(std::unique_ptr<OutputSink> sink, const CallContext& call)
      : sink_(std::move(sink)), call_(call), stream_(ToArrowStream(*sink_, call)) {}

  Status Open(const columnar::Layout& layout, RowOrder order) {
    parquet::WriterProperties::Builder settings;
    settings.version(parquet::ParquetVersion::PARQUET_2_6)
        ->compression(parquet::Compression::ZSTD)
        ->max_row_group_length(kRowGroupRowsMax)
        ->enable_write_page_index()
        ->enable_page_checksum();
    if (order == RowOrder::kKeyOrder) settings.set_sorting_columns(SortingColumnsOf(layout));
    return Fenced(sink_->name(), [&]() -> Status {
      TRY_ASSIGN(writer_,
                 parquet::arrow::FileWriter::Open(*layout.arrow_schema(), arrow::default_memory_pool(), stream_,
                                                  settings.build(), parquet::ArrowWriterProperties::Builder().build()));
      return Status::OK();
    });
  }

  Status Write(const columnar::Batch& batch) override {
    return Fenced(sink_->name(), [&]() -> Status {
      if (row_group_bytes_ >= kRowGroupBytesMax) {
        TRY(writer_->NewBufferedRowGroup());
        row_group_bytes_ = 0;
      }
      row_group_bytes_ += batch.bytes();
      return writer_->WriteRecordBatch(*batch.arrow());
    });
  }

  Status Finish() override {
    TRY(Fenced(sink_->name(), [&] { return writer_->Close(); }));
    return sink_->Finish(call_);
  }

 private:
  const std::unique_ptr<OutputSink> sink_;
  const CallContext call_;
  const std::shared_ptr<arrow::io::OutputStream> stream_;
  std::unique_ptr<parquet::arrow::FileWriter> writer_;
  /// What the current row group holds, before encoding.
  int64_t row_group_bytes_ = 0;
};

}  // namespace

Result<std::unique_ptr<OutputWriter>> OpenParquetOutput(std::unique_ptr<OutputSink> sink, const OutputOptions& options,
                                                        std::shared_ptr<const columnar::Layout> layout,
                                                        const CallContext& call) {
  auto writer = std::make_unique<ParquetWriter>(std::move(sink), call);
  TRY(writer->Open(*layout, options.order));
  return writer;
}

}  // namespace sleeper::exchange
