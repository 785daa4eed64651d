#include "sleeper/file/data_file_writer.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <arrow/array.h>
#include <arrow/util/key_value_metadata.h>
#include <parquet/file_writer.h>

#include "sleeper/base/check.h"
#include "sleeper/columnar/row_hasher.h"
#include "sleeper/file/column_writer.h"
#include "sleeper/file/object_sink.h"
#include "sleeper/file/order_check.h"
#include "sleeper/file/parquet_fence.h"
#include "sleeper/file/parquet_schema.h"
#include "sleeper/file/writer_properties.h"

namespace sleeper::file {
namespace {

class ParquetDataFileWriter final : public DataFileWriter {
 public:
  ParquetDataFileWriter(std::shared_ptr<ObjectSink> sink, store::ObjectPath path,
                        std::shared_ptr<const columnar::Layout> layout, const DataFileSettings& settings)
      : sink_(std::move(sink)),
        path_(std::move(path)),
        layout_(std::move(layout)),
        settings_(settings),
        leaves_(LeavesOf(layout_->schema())),
        hasher_(layout_) {}

  Status Start() {
    return InFence([&] {
      writer_ = parquet::ParquetFileWriter::Open(sink_, ParquetSchemaOf(layout_->schema()),
                                                 WriterPropertiesOf(layout_->schema(), settings_));
      return Status::OK();
    });
  }

  Status Write(const columnar::Batch& batch) override {
    SLEEPER_CHECK(batch.layout() == *layout_, "a batch of another layout");
    TRY(WithContext(order_.Add(batch), path_.value()));
    hasher_.Add(batch);
    const int64_t slice_rows = SliceRows(batch);
    for (int64_t done = 0; done < batch.rows();) {
      if (IsRowGroupFull()) TRY(StartRowGroup());
      const int64_t rows = std::min({batch.rows() - done, settings_.row_group_rows_max - row_group_rows_, slice_rows});
      TRY(WriteRows(batch.Slice(done, rows)));
      done += rows;
    }
    rows_ += batch.rows();
    return Status::OK();
  }

  int64_t rows() const override { return rows_; }

  int64_t bytes() const override { return sink_->Tell().ValueOr(0) + RowGroupBytes(); }

  Result<DataFileSummary> Finish() override {
    SLEEPER_CHECK(rows_ > 0, "a data file without rows: ", path_);
    DataFileSummary summary{.bounds = order_.bounds(), .rows = rows_, .row_hash = hasher_.sum()};
    TRY(EndRowGroups());
    TRY_ASSIGN(const int64_t tail_begin, sink_->Tell());
    TRY(EndFile(summary));
    TRY_ASSIGN(summary.size_bytes, sink_->Tell());
    summary.tail_bytes = summary.size_bytes - tail_begin;
    TRY_ASSIGN(const store::PutOutcome outcome, sink_->Finish());
    if (outcome == store::PutOutcome::kExists) {
      return Error(ErrorKind::kConflict, "a data file of that name exists already: ", path_);
    }
    return summary;
  }

 private:
  /// Rows that are written between two looks at the size of the row group.
  static constexpr int64_t kSliceRowsMax = 8192;

  /// Fewer if they are wide, so that a row group does not go far beyond its bound.
  int64_t SliceRows(const columnar::Batch& batch) const {
    if (batch.rows() == 0) return kSliceRowsMax;
    const int64_t row_bytes = batch.bytes() / batch.rows() + 1;
    return std::clamp<int64_t>(settings_.row_group_bytes_max / 8 / row_bytes, 1, kSliceRowsMax);
  }

  /// About the size that the row group at hand will have.
  int64_t RowGroupBytes() const {
    if (row_group_ == nullptr) return 0;
    const parquet::RowGroupWriter::BufferedStats buffered = row_group_->estimated_buffered_stats();
    return row_group_->total_compressed_bytes() + row_group_->total_compressed_bytes_written() + buffered.value_bytes +
           buffered.dict_bytes + buffered.def_level_bytes + buffered.rep_level_bytes;
  }

  template <typename Body>
  Status InFence(Body&& body) {
    return WithContext(Fence(ErrorKind::kInternal, std::forward<Body>(body)), path_.value());
  }

  bool IsRowGroupFull() const {
    return row_group_ == nullptr || row_group_rows_ >= settings_.row_group_rows_max ||
           RowGroupBytes() >= settings_.row_group_bytes_max;
  }

  Status StartRowGroup() {
    row_group_rows_ = 0;
    return InFence([&] {
      row_group_ = writer_->AppendBufferedRowGroup();
      return Status::OK();
    });
  }

  Status WriteRows(const columnar::Batch& batch) {
    row_group_rows_ += batch.rows();
    return InFence([&] {
      for (int column = 0; column < layout_->columns(); ++column) {
        const LeafRange leaves = leaves_[static_cast<size_t>(column)];
        TRY(columns_.Write(layout_->field(column), *batch.column(column), leaves, *row_group_));
      }
      return Status::OK();
    });
  }

  Status EndRowGroups() {
    return InFence([&] {
      row_group_->Close();
      return Status::OK();
    });
  }

  Status EndFile(const DataFileSummary& summary) {
    return InFence([&] {
      writer_->AddKeyValueMetadata(FooterMetadataOf(summary, layout_->schema()));
      writer_->Close();
      return Status::OK();
    });
  }

  std::shared_ptr<ObjectSink> sink_;
  store::ObjectPath path_;
  std::shared_ptr<const columnar::Layout> layout_;
  DataFileSettings settings_;
  std::vector<LeafRange> leaves_;
  OrderCheck order_;
  columnar::RowHasher hasher_;
  ColumnWriter columns_;
  std::unique_ptr<parquet::ParquetFileWriter> writer_;
  /// Owned by the writer.
  parquet::RowGroupWriter* row_group_ = nullptr;
  int64_t row_group_rows_ = 0;
  int64_t rows_ = 0;
};

}  // namespace

Result<std::unique_ptr<DataFileWriter>> DataFileWriter::Open(store::ObjectStore& store, store::ObjectPath path,
                                                             std::shared_ptr<const columnar::Layout> layout,
                                                             const DataFileSettings& settings,
                                                             const CallContext& call) {
  SLEEPER_CHECK(layout->is_whole(), "data files hold all fields of a table");
  TRY_ASSIGN(auto object, store.OpenWriter(path, store::PutMode::kIfAbsent, call));
  auto sink = std::make_shared<ObjectSink>(std::move(object), call);
  auto writer = std::make_unique<ParquetDataFileWriter>(std::move(sink), std::move(path), std::move(layout), settings);
  TRY(writer->Start());
  return writer;
}

}  // namespace sleeper::file
