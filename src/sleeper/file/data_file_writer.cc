#include "sleeper/file/data_file_writer.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sleeper/base/check.h"
#include "sleeper/columnar/row_hasher.h"
#include "sleeper/columnar/value_hash.h"
#include "sleeper/file/bloom_filter.h"
#include "sleeper/file/crc32.h"
#include "sleeper/file/object_sink.h"
#include "sleeper/file/order_check.h"
#include "sleeper/file/parquet_metadata.h"
#include "sleeper/file/row_group_writer.h"
#include "sleeper/file/tail_check.h"

namespace sleeper::file {
namespace {

constexpr std::string_view kMagic = "PAR1";

std::span<const uint8_t> SpanOf(std::string_view bytes) {
  return {reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()};
}

/// The indexes of a row group's columns, which stand behind all data.
struct RowGroupIndexes {
  std::vector<OffsetIndex> offset_indexes;
  std::vector<std::optional<ColumnIndex>> column_indexes;
};

class PagedDataFileWriter final : public DataFileWriter {
 public:
  PagedDataFileWriter(store::ObjectStore& store, store::ObjectPath path, std::unique_ptr<store::ObjectWriter> object,
                      const CallContext& call, std::shared_ptr<const columnar::Layout> layout,
                      const DataFileSettings& settings)
      : sink_(store, path, std::move(object), call),
        path_(std::move(path)),
        layout_(std::move(layout)),
        settings_(settings),
        hasher_(layout_),
        proof_(layout_->schema()),
        row_group_(layout_->schema(), settings) {
    for (int32_t key = 0; key < layout_->schema().key_count(); ++key) sorting_columns_.push_back(key);
    metadata_.schema = SchemaElementsOf(layout_->schema());
  }

  Status Start() { return sink_.Write(SpanOf(kMagic)); }

  Status Write(const columnar::Batch& batch) override {
    SLEEPER_CHECK(batch.layout() == *layout_, "a batch of another layout");
    SLEEPER_CHECK(!bounds_, "a file is written by batches or by steps");
    TRY(WithContext(order_.Add(batch), path_.value()));
    const int64_t slice_rows = SliceRows(batch);
    for (int64_t done = 0; done < batch.rows();) {
      if (IsRowGroupFull()) TRY(EndRowGroup());
      const int64_t rows =
          std::min({batch.rows() - done, settings_.row_group_rows_max - row_group_.rows(), slice_rows});
      TRY(NoteBounds(batch, done, rows));
      hasher_.Add(batch.Slice(done, rows));
      TRY(WithContext(row_group_.Append(batch, done, rows), path_.value()));
      done += rows;
    }
    rows_ += batch.rows();
    return Status::OK();
  }

  Status Write(std::span<PageInput* const> inputs, const rows::MergeStep& step) override {
    SLEEPER_CHECK(step.rows() <= step_rows_max(), "a step of more rows than may be written: ", step.rows());
    SLEEPER_CHECK(rows_ == 0 || bounds_, "a file is written by batches or by steps");
    TRY(WithContext(NoteBounds(inputs, step), path_.value()));
    proof_.Begin(step.rows());
    TRY(WithContext(row_group_.Gather(inputs, step, proof_), path_.value()));
    TRY(WithContext(proof_.End(), path_.value()));
    Take(inputs, step);
    rows_ += step.rows();
    return IsRowGroupFull() ? EndRowGroup() : Status::OK();
  }

  Status Write(RowBlock& block) override {
    SLEEPER_CHECK(block.rows() <= step_rows_max(), "a step of more rows than may be written: ", block.rows());
    SLEEPER_CHECK(rows_ == 0 || bounds_, "a file is written by batches or by steps");
    if (block.rows() == 0) return Status::OK();
    TRY(WithContext(NoteBounds(block.row_key(0), block.row_key(block.rows() - 1)), path_.value()));
    proof_.Begin(block.rows());
    TRY(WithContext(row_group_.Append(block, proof_), path_.value()));
    TRY(WithContext(proof_.End(), path_.value()));
    rows_ += block.rows();
    return IsRowGroupFull() ? EndRowGroup() : Status::OK();
  }

  bool IsWorthCopying(const RowGroupSummary& row_group, int64_t rows, int64_t bytes) const override {
    if (bounds_ && row_group.bounds.min <= bounds_->max) return false;
    const auto large = [this](int64_t group_rows, int64_t group_bytes) {
      return group_rows >= settings_.row_group_rows_max / kSmallShare ||
             group_bytes >= settings_.row_group_bytes_max / kSmallShare;
    };
    return large(rows, bytes) && (row_group_.rows() == 0 || large(row_group_.rows(), row_group_.bytes()));
  }

  Status Copy(RowGroupCopy copy) override {
    SLEEPER_CHECK(rows_ == 0 || bounds_, "a file is written by batches or by steps");
    TRY(EndRowGroup());
    TRY(WithContext(CheckBehind(copy.summary.bounds.min), path_.value()));
    copy.MoveTo(sink_.position());
    for (Buffer& bytes : copy.bytes) TRY(sink_.Write(std::move(bytes)));
    if (!bounds_) bounds_.emplace().min = copy.summary.bounds.min;
    bounds_->max = copy.summary.bounds.max;
    rows_ += copy.metadata.rows;
    copied_hash_ += copy.summary.row_hash;
    row_groups_.push_back(std::move(copy.summary));
    metadata_.row_groups.push_back(std::move(copy.metadata));
    indexes_.push_back({std::move(copy.offset_indexes), std::move(copy.column_indexes)});
    proof_.Restart();
    behind_copy_ = true;
    return Status::OK();
  }

  int64_t step_rows_max() override { return std::min(kSliceRowsMax, settings_.row_group_rows_max - row_group_.rows()); }

  int64_t rows() const override { return rows_; }

  const model::NormalisedKey& last_row_key() const override { return bounds_ ? bounds_->max : group_bounds_.max; }

  int64_t bytes() const override { return sink_.position() + row_group_.bytes(); }

  Result<DataFileSummary> Finish() override {
    SLEEPER_CHECK(rows_ > 0, "a data file without rows: ", path_);
    DataFileSummary summary{
        .bounds = bounds_ ? *bounds_ : order_.bounds(), .rows = rows_, .row_hash = WrittenHash() + copied_hash_};
    TRY(EndRowGroup());
    TRY(WithContext(CheckComplete(), path_.value()));
    const int64_t tail_begin = sink_.position();
    TRY(WriteTail(summary));
    summary.size_bytes = sink_.position();
    summary.tail_bytes = summary.size_bytes - tail_begin;
    TRY_ASSIGN(const store::PutOutcome outcome, sink_.Finish());
    if (outcome == store::PutOutcome::kExists) {
      return Error(ErrorKind::kConflict, "a data file of that name exists already: ", path_);
    }
    return summary;
  }

 private:
  /// Rows that are written between two looks at the size of the row group.
  static constexpr int64_t kSliceRowsMax = 8192;

  /// A row group below this part of its bounds is small.
  static constexpr int64_t kSmallShare = 4;

  /// Fewer if they are wide, so that a row group does not go far beyond its bound.
  int64_t SliceRows(const columnar::Batch& batch) const {
    if (batch.rows() == 0) return kSliceRowsMax;
    const int64_t row_bytes = batch.bytes() / batch.rows() + 1;
    return std::clamp<int64_t>(settings_.row_group_bytes_max / 8 / row_bytes, 1, kSliceRowsMax);
  }

  /// Keeps the row keys of the first and the last row, of the row group and of the file.
  Status NoteBounds(const columnar::Batch& batch, int64_t begin, int64_t rows) {
    if (row_group_.rows() == 0) {
      TRY(edge_key_.EncodeRowKeys(batch.Slice(begin, 1)));
      group_bounds_.min = edge_key_.row_key(0);
    }
    TRY(edge_key_.EncodeRowKeys(batch.Slice(begin + rows - 1, 1)));
    group_bounds_.max = edge_key_.row_key(0);
    return Status::OK();
  }

  Status NoteBounds(std::span<PageInput* const> inputs, const rows::MergeStep& step) {
    const PageInput& first = *inputs[static_cast<size_t>(step.first_input())];
    const PageInput& last = *inputs[static_cast<size_t>(step.last_input())];
    const int64_t last_row = last.taken() + step.rows_of(step.last_input()) - 1;
    return NoteBounds(first.keys().row_key(first.taken()), last.keys().row_key(last_row));
  }

  Status NoteBounds(std::string_view first, std::string_view last) {
    if (row_group_.rows() == 0) group_bounds_.min = first;
    if (behind_copy_) {
      behind_copy_ = false;
      TRY(CheckBehind(group_bounds_.min));
    }
    group_bounds_.max = last;
    if (!bounds_) bounds_.emplace().min = group_bounds_.min;
    bounds_->max = group_bounds_.max;
    return Status::OK();
  }

  Status CheckBehind(const model::NormalisedKey& key) const {
    if (!bounds_ || key > bounds_->max) return Status::OK();
    return Error(ErrorKind::kInternal, "rows to be written are out of key order: row ", rows_,
                 " at the edge of a row group that was copied");
  }

  /// Counts the rows as taken from their inputs, with their hashes where these are wanted.
  void Take(std::span<PageInput* const> inputs, const rows::MergeStep& step) {
    const std::span<const uint64_t> sums = proof_.row_sums();
    const auto add_hash = [](PageInput& input, uint64_t sum) {
      const columnar::value_hash::RowLanes lanes = columnar::value_hash::FinishRow(sum);
      input.row_hash() += model::RowHash{lanes.low, lanes.high};
    };
    if (step.sources.empty()) {
      PageInput& input = *inputs[static_cast<size_t>(step.run_input)];
      if (input.hashed()) std::ranges::for_each(sums, [&](uint64_t sum) { add_hash(input, sum); });
      input.Take(step.run_rows);
      return;
    }
    const bool any_hashed =
        std::ranges::any_of(inputs, [](const PageInput* input) { return input && input->hashed(); });
    for (size_t i = 0; any_hashed && i < sums.size(); ++i) {
      PageInput& input = *inputs[step.sources[i]];
      if (input.hashed()) add_hash(input, sums[i]);
    }
    std::array<uint32_t, rows::MergePlan::kInputsMax> taken{};
    for (const uint8_t source : step.sources) ++taken[source];
    for (size_t i = 0; i < inputs.size(); ++i) {
      if (taken[i] > 0) inputs[i]->Take(taken[i]);
    }
  }

  bool IsRowGroupFull() const {
    return row_group_.rows() >= settings_.row_group_rows_max || row_group_.bytes() >= settings_.row_group_bytes_max;
  }

  /// Of all rows that were not copied.
  model::RowHash WrittenHash() const { return hasher_.sum() + proof_.sum(); }

  /// Writes the row group at hand and starts the next one.
  Status EndRowGroup() {
    if (row_group_.rows() == 0) return Status::OK();
    Result<std::vector<WrittenChunk>> chunks = row_group_.Finish(sink_.position());
    TRY(WithContext(chunks.status(), path_.value()));
    RowGroupMetadata metadata{.rows = row_group_.rows(), .sorting_columns = sorting_columns_};
    RowGroupIndexes indexes;
    uint32_t headers_crc = 0;
    for (WrittenChunk& chunk : *chunks) {
      headers_crc = Crc32(headers_crc, SpanOf(chunk.headers));
      TRY(sink_.Write(chunk.dictionary));
      TRY(sink_.Write(chunk.pages));
      metadata.columns.push_back(std::move(chunk.metadata));
      indexes.offset_indexes.push_back(std::move(chunk.offset_index));
      indexes.column_indexes.push_back(std::move(chunk.column_index));
    }
    metadata_.row_groups.push_back(std::move(metadata));
    indexes_.push_back(std::move(indexes));
    row_groups_.push_back({WrittenHash() - hash_before_group_, group_bounds_, headers_crc});
    for (size_t i = 0; i < chunks->size(); ++i) {
      TRY(WriteBloomFilter((*chunks)[i].bloom_filter, metadata_.row_groups.back().columns[i]));
    }
    hash_before_group_ = WrittenHash();
    row_group_.Clear();
    return Status::OK();
  }

  /// Writes a filter, if there is one, of the row group that was written last.
  Status WriteBloomFilter(std::span<const uint8_t> filter, ColumnChunkMetadata& chunk) {
    if (filter.empty()) return Status::OK();
    const std::string header = BloomHeaderOf(static_cast<int64_t>(filter.size()));
    chunk.bloom_filter = {sink_.position(), static_cast<int64_t>(header.size() + filter.size())};
    row_groups_.back().bloom_checksums.push_back(SectorChecksumsOf(filter));
    TRY(sink_.Write(SpanOf(header)));
    return sink_.Write(filter);
  }

  /// kInternal if a row group was lost on its way into the file.
  Status CheckComplete() const {
    int64_t rows = 0;
    for (const RowGroupMetadata& row_group : metadata_.row_groups) rows += row_group.rows;
    if (rows == rows_) return Status::OK();
    return Error(ErrorKind::kInternal, "row groups of ", rows, " rows were written instead of ", rows_);
  }

  /// Writes what `write` makes and says where it lies.
  template <typename WriteIndex>
  Result<ByteRange> WriteIndexPart(WriteIndex write) {
    ThriftWriter out;
    write(out);
    const ByteRange range{sink_.position(), static_cast<int64_t>(out.bytes().size())};
    indexes_crc_ = Crc32(indexes_crc_, SpanOf(out.bytes()));
    TRY(sink_.Write(SpanOf(out.bytes())));
    return range;
  }

  Status WriteTail(const DataFileSummary& summary) {
    const int64_t tail_begin = sink_.position();
    for (size_t i = 0; i < indexes_.size(); ++i) {
      for (size_t leaf = 0; leaf < indexes_[i].column_indexes.size(); ++leaf) {
        const std::optional<ColumnIndex>& index = indexes_[i].column_indexes[leaf];
        if (!index) continue;
        TRY_ASSIGN(metadata_.row_groups[i].columns[leaf].column_index,
                   WriteIndexPart([&](ThriftWriter& out) { WriteColumnIndex(*index, out); }));
      }
    }
    for (size_t i = 0; i < indexes_.size(); ++i) {
      for (size_t leaf = 0; leaf < indexes_[i].offset_indexes.size(); ++leaf) {
        const OffsetIndex& index = indexes_[i].offset_indexes[leaf];
        TRY_ASSIGN(metadata_.row_groups[i].columns[leaf].offset_index,
                   WriteIndexPart([&](ThriftWriter& out) { WriteOffsetIndex(index, out); }));
      }
    }
    metadata_.rows = summary.rows;
    metadata_.key_values = FooterItemsOf(summary, layout_->schema());
    AddRowGroupItems(settings_.Text(), row_groups_, metadata_.key_values);
    AddTailItem(metadata_.key_values);
    std::string end = EncodeParquetMetadata(metadata_);
    const size_t footer_bytes = end.size();
    for (int shift = 0; shift < 32; shift += 8) end.push_back(static_cast<char>(footer_bytes >> shift));
    end += kMagic;
    SealTail(end, sink_.position() - tail_begin, indexes_crc_);
    return sink_.Write(SpanOf(end));
  }

  ObjectSink sink_;
  store::ObjectPath path_;
  std::shared_ptr<const columnar::Layout> layout_;
  DataFileSettings settings_;
  OrderCheck order_;
  columnar::RowHasher hasher_;
  RowProof proof_;
  /// Of rows that were written by steps.
  std::optional<model::KeyBounds> bounds_;
  /// Whether the next row follows a row group that was copied.
  bool behind_copy_ = false;
  model::RowHash copied_hash_;
  RowGroupWriter row_group_;
  /// The row keys of the first and the last row of the row group at hand.
  model::KeyBounds group_bounds_;
  columnar::KeyColumn edge_key_;
  model::RowHash hash_before_group_;
  std::vector<RowGroupSummary> row_groups_;
  std::vector<int32_t> sorting_columns_;
  ParquetMetadata metadata_;
  std::vector<RowGroupIndexes> indexes_;
  /// Of the indexes as they were written.
  uint32_t indexes_crc_ = 0;
  int64_t rows_ = 0;
};

}  // namespace

Result<std::unique_ptr<DataFileWriter>> DataFileWriter::Open(store::ObjectStore& store, store::ObjectPath path,
                                                             std::shared_ptr<const columnar::Layout> layout,
                                                             const DataFileSettings& settings,
                                                             const CallContext& call) {
  SLEEPER_CHECK(layout->is_whole(), "data files hold all fields of a table");
  TRY_ASSIGN(auto object, store.OpenWriter(path, store::PutMode::kIfAbsent, call));
  auto writer = std::make_unique<PagedDataFileWriter>(store, std::move(path), std::move(object), call,
                                                      std::move(layout), settings);
  TRY(writer->Start());
  return writer;
}

}  // namespace sleeper::file
