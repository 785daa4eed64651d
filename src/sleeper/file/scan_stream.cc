#include "sleeper/file/scan_stream.h"

#include <algorithm>
#include <string>
#include <utility>

#include <arrow/record_batch.h>
#include <arrow/type.h>

#include "sleeper/file/bloom_question.h"
#include "sleeper/file/page_fetch.h"

namespace sleeper::file {
namespace {

std::shared_ptr<const columnar::Layout> RowKeyLayoutOf(const columnar::Layout& layout) {
  std::vector<std::string> names;
  for (const model::Field& field : layout.schema().row_key_fields()) names.push_back(field.name);
  // Row keys are fields of the schema, and distinct.
  return layout.Select(names).ValueOrDie();
}

bool AllWhole(const std::deque<Stretch>& stretches) {
  return std::all_of(stretches.begin(), stretches.end(), [](const Stretch& stretch) { return stretch.whole; });
}

}  // namespace

ScanStream::ScanStream(ScanInput input, const CallContext& call)
    : input_(std::move(input)),
      call_(call),
      row_key_layout_(RowKeyLayoutOf(*input_.layout)),
      recycler_(columnar::BufferRecycler::Make()),
      page_decoder_(std::make_shared<PageDecoder>()),
      leaves_(LeavesOf(input_.layout->schema())),
      gather_(input_.layout) {
  const std::shared_ptr<const columnar::Layout> decoded = input_.layout->WithRowKeys();
  const model::Schema& schema = decoded->schema();
  for (int i = 0; i < decoded->columns(); ++i) {
    const int position = *schema.Find(decoded->field(i).name);
    Column column{.field = &schema.field(position), .decoder = ColumnDecoder::Make(schema.field(position), recycler_)};
    for (size_t leaf = 0; leaf < leaves_.size(); ++leaf) {
      if (leaves_[leaf].field == position) column.leaves.push_back(leaf);
    }
    columns_.push_back(std::move(column));
  }
  for (const int column : decoded->row_key_columns()) row_key_columns_.push_back(static_cast<size_t>(column));
}

Result<std::optional<columnar::Batch>> ScanStream::Next() {
  for (;;) {
    if (stretches_.empty()) {
      TRY_ASSIGN(const bool more, NextRowGroup());
      if (!more) return std::nullopt;
    }
    Stretch& stretch = stretches_.front();
    const RowRun rows{stretch.begin, std::min(stretch.end, stretch.begin + input_.batch_rows_max)};
    const bool whole = stretch.whole;
    stretch.begin = rows.end;
    if (stretch.begin == stretch.end) stretches_.pop_front();
    if (whole) {
      TRY_ASSIGN(columnar::Batch batch, ReadAll(rows));
      return std::optional(std::move(batch));
    }
    TRY_ASSIGN(std::optional<columnar::Batch> batch, ReadWanted(rows));
    if (batch) return batch;
  }
}

Status ScanStream::AskFilters() {
  has_asked_filters_ = true;
  const BloomQuestion question{.store = input_.store,
                               .path = &input_.path,
                               .index = input_.index.get(),
                               .schema = &input_.layout->schema(),
                               .intervals = input_.intervals};
  auto kept = AskBloomFilters(question, call_);
  if (!kept.ok()) return WithContext(kept.status(), input_.path.value());
  kept_ = std::move(*kept);
  return Status::OK();
}

Result<bool> ScanStream::NextRowGroup() {
  if (!has_asked_filters_) TRY(AskFilters());
  while (next_row_group_ < input_.index->row_groups.size()) {
    const size_t number = next_row_group_++;
    const RowGroupIndex& row_group = input_.index->row_groups[number];
    const auto stretches = PlanStretches(row_group, kept_.empty() ? input_.intervals : kept_[number]);
    if (stretches.empty()) continue;
    stretches_.assign(stretches.begin(), stretches.end());
    OpenRowGroup(row_group);
    return true;
  }
  return false;
}

void ScanStream::OpenRowGroup(const RowGroupIndex& row_group) {
  // Row keys that nobody asked for are read only where rows have to be picked by them.
  const size_t count = AllWhole(stretches_) ? static_cast<size_t>(input_.layout->columns()) : columns_.size();
  const std::vector<Stretch> stretches(stretches_.begin(), stretches_.end());
  std::vector<LeafPages> pages;
  for (size_t i = 0; i < count; ++i) {
    for (const size_t leaf : columns_[i].leaves) {
      pages.push_back(PlanPages(row_group.leaves[leaf], row_group.rows, stretches));
    }
  }
  const auto fetch = std::make_shared<PageFetch>(
      FetchSource{.store = input_.store, .path = input_.path, .window_bytes_max = input_.window_bytes_max}, call_,
      pages);
  size_t next = 0;
  for (size_t i = 0; i < count; ++i) {
    std::vector<LeafReader> readers;
    for (const size_t leaf : columns_[i].leaves) {
      LeafSource source{.fetch = fetch,
                        .fetch_leaf = next,
                        .pages = std::move(pages[next]),
                        .codec = row_group.leaves[leaf].codec,
                        .shape = leaves_[leaf].shape,
                        .page_bytes_max = input_.page_bytes_max};
      readers.emplace_back(std::move(source), page_decoder_);
      ++next;
    }
    columns_[i].decoder->Start(std::move(readers));
  }
}

Result<std::shared_ptr<arrow::ArrayData>> ScanStream::ReadColumn(Column& column, RowRun rows) {
  const Status read = column.decoder->Read(rows.begin, rows.rows());
  Result<std::shared_ptr<arrow::ArrayData>> array = read.ok() ? column.decoder->Finish() : read;
  if (array.ok()) return array;
  return WithContext(array.status(), input_.path.value() + ", row group " + std::to_string(next_row_group_ - 1) +
                                         ", field " + column.field->name);
}

Result<columnar::Batch> ScanStream::ReadAll(RowRun rows) {
  std::vector<std::shared_ptr<arrow::ArrayData>> arrays;
  for (size_t i = 0; i < static_cast<size_t>(input_.layout->columns()); ++i) {
    TRY_ASSIGN(auto array, ReadColumn(columns_[i], rows));
    arrays.push_back(std::move(array));
  }
  return columnar::Batch::Trusted(
      input_.layout, arrow::RecordBatch::Make(input_.layout->arrow_schema(), rows.rows(), std::move(arrays)));
}

Result<columnar::Batch> ScanStream::ReadRowKeys(RowRun rows) {
  std::vector<std::shared_ptr<arrow::ArrayData>> arrays;
  for (const size_t column : row_key_columns_) {
    TRY_ASSIGN(auto array, ReadColumn(columns_[column], rows));
    arrays.push_back(std::move(array));
  }
  return columnar::Batch::Trusted(
      row_key_layout_, arrow::RecordBatch::Make(row_key_layout_->arrow_schema(), rows.rows(), std::move(arrays)));
}

std::vector<ScanStream::RowRun> ScanStream::WantedRuns() const {
  std::vector<RowRun> runs;
  const std::string_view first = keys_.row_key(0);
  const std::string_view last = keys_.row_key(keys_.rows() - 1);
  auto interval = std::partition_point(input_.intervals.begin(), input_.intervals.end(), [&](const auto& candidate) {
    return candidate.upper && *candidate.upper <= first;
  });
  for (; interval != input_.intervals.end() && interval->lower <= last; ++interval) {
    const RowRun run{keys_.LowerBound(interval->lower),
                     interval->upper ? keys_.LowerBound(*interval->upper) : keys_.rows()};
    if (run.rows() <= 0) continue;
    if (!runs.empty() && runs.back().end == run.begin) {
      runs.back().end = run.end;
    } else {
      runs.push_back(run);
    }
  }
  return runs;
}

Result<std::optional<columnar::Batch>> ScanStream::ReadWanted(RowRun rows) {
  TRY_ASSIGN(const columnar::Batch row_keys, ReadRowKeys(rows));
  TRY(keys_.EncodeRowKeys(row_keys));
  const std::vector<RowRun> runs = WantedRuns();
  if (runs.empty()) return std::nullopt;
  // From the first wanted row to the last one; what lies between and is not wanted is left out below.
  const RowRun span{runs.front().begin, runs.back().end};
  std::vector<std::shared_ptr<arrow::ArrayData>> arrays;
  for (size_t i = 0; i < static_cast<size_t>(input_.layout->columns()); ++i) {
    const auto key = std::find(row_key_columns_.begin(), row_key_columns_.end(), i);
    if (key != row_key_columns_.end()) {
      const auto& array = row_keys.arrow()->column_data(static_cast<int>(key - row_key_columns_.begin()));
      arrays.push_back(array->Slice(span.begin, span.rows()));
    } else {
      TRY_ASSIGN(auto array, ReadColumn(columns_[i], {rows.begin + span.begin, rows.begin + span.end}));
      arrays.push_back(std::move(array));
    }
  }
  columnar::Batch batch = columnar::Batch::Trusted(
      input_.layout, arrow::RecordBatch::Make(input_.layout->arrow_schema(), span.rows(), std::move(arrays)));
  if (runs.size() == 1) return std::optional(std::move(batch));
  for (const RowRun& run : runs) TRY(gather_.AppendRun(batch, run.begin - span.begin, run.rows()));
  TRY_ASSIGN(columnar::Batch kept, gather_.Finish());
  return std::optional(std::move(kept));
}

}  // namespace sleeper::file
