#include "sleeper/file/claim_check.h"

#include <algorithm>
#include <limits>
#include <string_view>
#include <utility>

#include <arrow/record_batch.h>

#include "sleeper/base/check.h"
#include "sleeper/file/bloom_filter.h"

namespace sleeper::file {
namespace {

/// Bounds of what is seen are whole.
constexpr BoundShape kWhole{.bytes_max = std::numeric_limits<size_t>::max()};

Status Wrong(std::string_view what) { return Error(ErrorKind::kCorrupt, what); }

SeenValues See(const PageRows& rows) {
  SeenValues seen;
  seen.nulls = rows.nulls();
  seen.valid = rows.slots - seen.nulls;
  if (seen.valid == 0) return seen;
  seen.bounds = BoundsOf(rows, false, kWhole);
  seen.is_ordered = seen.bounds.has_value();
  return seen;
}

/// Bounds that somebody claims of values. A bound that is not exact only has to be beyond all of them.
struct ClaimedBounds {
  const std::string* min = nullptr;
  const std::string* max = nullptr;
  bool is_min_exact = false;
  bool is_max_exact = false;
};

/// kCorrupt if a bound of a type of fixed size is of another size.
Status CheckWidth(const std::string& bound, PhysicalType type) {
  const auto width = static_cast<size_t>(WidthOf(type));
  return width == 0 || bound.size() == width ? Status::OK() : Wrong("a bound of another type");
}

Status CheckBounds(const ClaimedBounds& claimed, const SeenValues& seen, PhysicalType type) {
  if (claimed.min == nullptr && claimed.max == nullptr) return Status::OK();
  if (!seen.is_ordered) return Wrong("bounds of values of which one is no number");
  if (!seen.bounds) return Wrong("bounds where there are no values");
  if (claimed.min != nullptr) {
    const std::string& min = seen.bounds->min.value;
    TRY(CheckWidth(*claimed.min, type));
    if (IsLess(min, *claimed.min, type)) return Wrong("a value is below the lower bound");
    if (claimed.is_min_exact && IsLess(*claimed.min, min, type)) {
      return Wrong("the lower bound is called exact, and is none of the values");
    }
  }
  if (claimed.max != nullptr) {
    const std::string& max = seen.bounds->max.value;
    TRY(CheckWidth(*claimed.max, type));
    if (IsLess(*claimed.max, max, type)) return Wrong("a value is above the upper bound");
    if (claimed.is_max_exact && IsLess(max, *claimed.max, type)) {
      return Wrong("the upper bound is called exact, and is none of the values");
    }
  }
  return Status::OK();
}

Status CheckNulls(int64_t claimed, const SeenValues& seen) {
  if (claimed == seen.nulls) return Status::OK();
  return Error(ErrorKind::kCorrupt, claimed, " nulls, and there are ", seen.nulls);
}

/// Readers look bounds up by halves where they are said to be in order.
Status CheckOrder(const ColumnIndex& index, PhysicalType type) {
  if (index.order == BoundaryOrder::kUnordered) return Status::OK();
  std::optional<size_t> last;
  for (size_t page = 0; page < index.null_pages.size(); ++page) {
    if (index.null_pages[page]) continue;
    TRY(CheckWidth(index.min_values[page], type));
    TRY(CheckWidth(index.max_values[page], type));
    if (last) {
      const size_t low = index.order == BoundaryOrder::kAscending ? *last : page;
      const size_t high = low == page ? *last : page;
      if (IsLess(index.min_values[high], index.min_values[low], type) ||
          IsLess(index.max_values[high], index.max_values[low], type)) {
        return Error(ErrorKind::kCorrupt, "the bounds of page ", page, " are not in the order that it names");
      }
    }
    last = page;
  }
  return Status::OK();
}

Status CheckPage(const ColumnIndex& index, size_t page, const SeenValues& seen, PhysicalType type) {
  if (index.null_pages[page] != (seen.valid == 0)) return Wrong("it is wrong about whether there are values");
  if (!index.null_counts.empty()) TRY(CheckNulls(index.null_counts[page], seen));
  if (seen.valid == 0) return Status::OK();
  return CheckBounds({.min = &index.min_values[page], .max = &index.max_values[page]}, seen, type);
}

Status CheckStatistics(const ChunkStatistics& statistics, const SeenValues& seen, PhysicalType type) {
  TRY(CheckNulls(statistics.nulls, seen));
  return CheckBounds({.min = statistics.min ? &*statistics.min : nullptr,
                      .max = statistics.max ? &*statistics.max : nullptr,
                      .is_min_exact = statistics.is_min_exact,
                      .is_max_exact = statistics.is_max_exact},
                     seen, type);
}

}  // namespace

void SeenValues::Add(const SeenValues& more, PhysicalType type) {
  nulls += more.nulls;
  valid += more.valid;
  is_ordered = is_ordered && more.is_ordered;
  if (!more.bounds) return;
  if (bounds) {
    Widen(*bounds, *more.bounds, type);
  } else {
    bounds = more.bounds;
  }
}

ClaimCheck::ClaimCheck(ClaimSource source, const CallContext& call)
    : source_(std::move(source)), call_(call), hasher_(source_.layout) {
  const std::vector<Leaf> leaves = LeavesOf(source_.layout->schema());
  for (size_t i = 0; i < leaves.size(); ++i) {
    // Nothing is said of lists and maps.
    if (!leaves[i].shape.repeated) columns_.emplace_back(i, leaves[i]);
  }
}

Status ClaimCheck::InField(const Status& status, const Column& column) const {
  if (status.ok()) return status;
  return WithContext(
      status, "row group " + std::to_string(number_) + ", field " + source_.layout->schema().field(column.field).name);
}

Status ClaimCheck::Add(const columnar::Batch& batch) {
  for (int64_t done = 0; done < batch.rows();) {
    SLEEPER_CHECK(number_ < source_.index->row_groups.size(), "more rows than the file has");
    if (row_ == 0) TRY(OpenRowGroup());
    const int64_t count = std::min(batch.rows() - done, row_group().rows - row_);
    TRY(AddToRowGroup(batch.Slice(done, count)));
    done += count;
    if (row_ == row_group().rows) TRY(EndRowGroup());
  }
  return Status::OK();
}

Status ClaimCheck::AddToRowGroup(const columnar::Batch& rows) {
  for (Column& column : columns_) TRY(InField(AddToColumn(column, rows), column));
  hasher_.Add(rows);
  if (row_ == 0) {
    TRY(edge_key_.EncodeRowKeys(rows.Slice(0, 1)));
    keys_.min = edge_key_.row_key(0);
  }
  row_ += rows.rows();
  if (row_ == row_group().rows) {
    TRY(edge_key_.EncodeRowKeys(rows.Slice(rows.rows() - 1, 1)));
    keys_.max = edge_key_.row_key(0);
  }
  return Status::OK();
}

Status ClaimCheck::EndRowGroup() {
  for (const Column& column : columns_) TRY(InField(EndChunk(column), column));
  if (number_ < summaries_.size()) {
    const RowGroupSummary& claimed = summaries_[number_];
    const bool is_true = claimed.row_hash == hasher_.sum() - hash_before_ && claimed.bounds == keys_;
    if (!is_true) {
      return Error(ErrorKind::kCorrupt, "row group ", number_, ": its rows are not those that the footer says");
    }
  }
  hash_before_ = hasher_.sum();
  ++number_;
  row_ = 0;
  return Status::OK();
}

Status ClaimCheck::OpenRowGroup() {
  if (number_ == 0) {
    TRY_ASSIGN(summaries_, ReadRowGroupItem(source_.index->footer.key_values, source_.layout->schema()));
  }
  for (Column& column : columns_) TRY(InField(OpenColumn(column), column));
  return ReadFilters();
}

Status ClaimCheck::OpenColumn(Column& column) {
  column.page = 0;
  column.of_page = column.of_chunk = {};
  TRY_ASSIGN(column.index, ReadColumnIndex(source_.tail, source_.index->summary.size_bytes, ChunkOf(column)));
  if (!column.index) return Status::OK();
  if (column.index->null_pages.size() != row_group().leaves[column.leaf].pages.size()) {
    return Error(ErrorKind::kCorrupt, "a column index and its offset index differ in their number of pages");
  }
  return WithContext(CheckOrder(*column.index, column.rows.shape.type), "column index");
}

Status ClaimCheck::ReadFilters() {
  std::vector<ByteRange> ranges;
  std::vector<Column*> filtered;
  for (Column& column : columns_) {
    column.filter = {};
    if (!row_group().leaves[column.leaf].bloom) continue;
    ranges.push_back(ChunkOf(column).bloom_filter);
    filtered.push_back(&column);
  }
  if (ranges.empty()) return Status::OK();
  TRY_ASSIGN(const std::vector<Buffer> filters, source_.store->GetRanges(source_.path, ranges, call_));
  for (size_t i = 0; i < filtered.size(); ++i) {
    const BloomIndex& index = *row_group().leaves[filtered[i]->leaf].bloom;
    const auto bits = ProvedBloomBits(filters[i].span(), index.checksums);
    TRY(InField(bits.status(), *filtered[i]));
    filtered[i]->filter = filters[i].Slice({index.bits.offset - ranges[i].offset, index.bits.size});
  }
  return Status::OK();
}

int64_t ClaimCheck::EndOfPage(const Column& column) const {
  const OffsetIndex& pages = row_group().leaves[column.leaf].pages;
  return column.page + 1 < pages.size() ? pages[column.page + 1].first_row : row_group().rows;
}

Status ClaimCheck::AddToColumn(Column& column, const columnar::Batch& batch) {
  if (!column.index && column.filter.size() == 0 && !ChunkOf(column).statistics) return Status::OK();
  const auto& array = batch.arrow()->column_data(column.field);
  for (int64_t done = 0; done < batch.rows();) {
    const int64_t rows = std::min(batch.rows() - done, EndOfPage(column) - (row_ + done));
    column.rows.Clear();
    column.rows.Append(*array, done, rows);
    if (column.filter.size() > 0) {
      if (const auto missing = FirstMissing(column.filter.span(), column.rows)) {
        return Error(ErrorKind::kCorrupt, "its Bloom filter lacks the value of row ", row_ + done + *missing);
      }
    }
    column.of_page.Add(See(column.rows), column.rows.shape.type);
    done += rows;
    if (row_ + done == EndOfPage(column)) TRY(EndPage(column));
  }
  return Status::OK();
}

Status ClaimCheck::EndPage(Column& column) {
  const SeenValues seen = std::exchange(column.of_page, {});
  column.of_chunk.Add(seen, column.rows.shape.type);
  const size_t page = column.page++;
  if (!column.index) return Status::OK();
  return WithContext(CheckPage(*column.index, page, seen, column.rows.shape.type),
                     "column index, page " + std::to_string(page));
}

Status ClaimCheck::EndChunk(const Column& column) const {
  const std::optional<ChunkStatistics>& statistics = ChunkOf(column).statistics;
  if (!statistics) return Status::OK();
  return WithContext(CheckStatistics(*statistics, column.of_chunk, column.rows.shape.type), "statistics");
}

}  // namespace sleeper::file
