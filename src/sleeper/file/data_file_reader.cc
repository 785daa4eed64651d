#include "sleeper/file/data_file_reader.h"

#include <algorithm>
#include <utility>

#include "sleeper/base/check.h"
#include "sleeper/file/claim_check.h"
#include "sleeper/file/file_index.h"
#include "sleeper/file/file_schema.h"
#include "sleeper/file/page_input.h"
#include "sleeper/file/scan_plan.h"
#include "sleeper/file/scan_stream.h"

namespace sleeper::file {
namespace {

/// The first read where the length of the tail is not known; mostly enough.
constexpr int64_t kTailGuessBytes = 64 << 10;

Result<Buffer> ReadEnd(store::ObjectStore& store, const store::ObjectPath& path, int64_t size_bytes, int64_t bytes,
                       const CallContext& call) {
  const int64_t length = std::min(bytes, size_bytes);
  return store.GetRange(path, {size_bytes - length, length}, call);
}

/// Reads the tail of a file whose state does not say how long it is.
Result<Buffer> ReadUnknownTail(store::ObjectStore& store, const store::ObjectPath& path, int64_t size_bytes,
                               const CallContext& call) {
  TRY_ASSIGN(Buffer end, ReadEnd(store, path, size_bytes, kTailGuessBytes, call));
  for (;;) {
    TRY_ASSIGN(const int64_t tail_bytes, TailBytesOf(end, size_bytes));
    if (tail_bytes <= end.size()) return end.Slice({end.size() - tail_bytes, tail_bytes});
    TRY_ASSIGN(end, ReadEnd(store, path, size_bytes, tail_bytes, call));
  }
}

}  // namespace

ScanEstimate& ScanEstimate::operator+=(const ScanEstimate& other) {
  rows += other.rows;
  row_groups += other.row_groups;
  pages += other.pages;
  bytes += other.bytes;
  return *this;
}

DataFileReader::DataFileReader(store::ObjectStore& store, store::ObjectPath path,
                               std::shared_ptr<const columnar::Layout> layout, std::shared_ptr<const FileIndex> index,
                               Buffer tail)
    : store_(store),
      path_(std::move(path)),
      layout_(std::move(layout)),
      index_(std::move(index)),
      tail_(std::move(tail)) {}

Result<std::shared_ptr<const DataFileReader>> DataFileReader::Open(store::ObjectStore& store, store::ObjectPath path,
                                                                   int64_t size_bytes, int64_t tail_bytes,
                                                                   std::shared_ptr<const columnar::Layout> layout,
                                                                   const CallContext& call) {
  SLEEPER_CHECK(layout->is_whole(), "data files hold all fields of a table");
  Result<Buffer> tail = tail_bytes > 0 ? ReadEnd(store, path, size_bytes, tail_bytes, call)
                                       : ReadUnknownTail(store, path, size_bytes, call);
  // An object that is shorter than the state says was cut off.
  if (IsKind(tail.status(), ErrorKind::kInvalid)) {
    return WithContext(WithKind(tail.status(), ErrorKind::kCorrupt), path.value());
  }
  if (!tail.ok()) return WithContext(tail.status(), path.value());
  Result<FileIndex> index = ReadFileIndex(*tail, size_bytes, layout->schema());
  if (!index.ok()) return WithContext(index.status(), path.value());
  auto shared_index = std::make_shared<const FileIndex>(std::move(*index));
  return std::make_shared<const DataFileReader>(
      DataFileReader(store, std::move(path), std::move(layout), std::move(shared_index), std::move(*tail)));
}

const DataFileSummary& DataFileReader::summary() const { return index_->summary; }

const ParquetMetadata& DataFileReader::footer() const { return index_->footer; }

std::unique_ptr<rows::RowStream> DataFileReader::Scan(const ScanRequest& request, const CallContext& call) const {
  ScanInput input{.store = &store_,
                  .path = path_,
                  .index = index_,
                  .intervals = request.intervals,
                  .layout = request.layout != nullptr ? request.layout : layout_,
                  .batch_rows_max = request.batch_rows_max,
                  .window_bytes_max = request.window_bytes_max,
                  .page_bytes_max = request.page_bytes_max};
  return std::make_unique<ScanStream>(std::move(input), call);
}

Result<std::unique_ptr<PageInput>> DataFileReader::OpenPages(const PageRequest& request,
                                                             const CallContext& call) const {
  PageSource source{.store = &store_,
                    .path = path_,
                    .index = index_,
                    .layout = layout_,
                    .interval = request.interval,
                    .window_bytes_max = request.window_bytes_max,
                    .background = request.background,
                    .hashed = request.hashed,
                    .decoder = request.decoder};
  if (request.copied_for != nullptr && request.copied_for->Text() == index_->settings) {
    auto row_groups = CopyableRowGroups::Read(tail_, index_, layout_->schema());
    if (!row_groups.ok()) return WithContext(row_groups.status(), path_.value());
    source.row_groups = std::move(*row_groups);
  }
  return std::make_unique<PageInput>(std::move(source), call);
}

std::unique_ptr<ClaimCheck> DataFileReader::CheckClaims(const CallContext& call) const {
  return std::make_unique<ClaimCheck>(
      ClaimSource{.store = &store_, .path = path_, .index = index_, .tail = tail_, .layout = layout_}, call);
}

std::shared_ptr<PageDecoder> MakePageDecoder() { return std::make_shared<PageDecoder>(); }

ScanEstimate DataFileReader::Estimate(const ScanRequest& request) const {
  ScanEstimate estimate;
  const std::vector<Leaf> leaves = LeavesOf(layout_->schema());
  const columnar::Layout& wanted = request.layout != nullptr ? *request.layout : *layout_;
  for (const RowGroupIndex& row_group : index_->row_groups) {
    const std::vector<Stretch> stretches = PlanStretches(row_group, request.intervals);
    if (stretches.empty()) continue;
    ++estimate.row_groups;
    for (const Stretch& stretch : stretches) estimate.rows += stretch.end - stretch.begin;
    const bool whole =
        std::all_of(stretches.begin(), stretches.end(), [](const Stretch& stretch) { return stretch.whole; });
    const std::shared_ptr<const columnar::Layout> with_keys = wanted.WithRowKeys();
    const columnar::Layout& read = whole ? wanted : *with_keys;
    for (int column = 0; column < read.columns(); ++column) {
      const int field = *layout_->Find(read.field(column).name);
      for (size_t leaf = 0; leaf < leaves.size(); ++leaf) {
        if (leaves[leaf].field != field) continue;
        const LeafPages pages = PlanPages(row_group.leaves[leaf], row_group.rows, stretches);
        estimate.pages += static_cast<int64_t>(pages.pages.size());
        estimate.bytes += pages.bytes();
      }
    }
  }
  return estimate;
}

std::vector<KeySample> DataFileReader::page_keys() const {
  std::vector<KeySample> samples;
  for (const RowGroupIndex& row_group : index_->row_groups) {
    for (const KeyPage& page : row_group.key_pages) {
      // A row group may begin inside a run of one value and know less of its first key than the one before it.
      const bool behind = samples.empty() || samples.back().key <= page.lower;
      samples.push_back({behind ? page.lower : samples.back().key, page.rows});
    }
  }
  return samples;
}

int64_t DataFileReader::EstimateRows(const model::KeyInterval& interval) const {
  int64_t rows = 0;
  for (const RowGroupIndex& row_group : index_->row_groups) {
    for (const KeyPage& page : row_group.key_pages) {
      if (page.IsWithin(interval)) {
        rows += page.rows;
      } else if (page.Overlaps(interval)) {
        rows += (page.rows + 1) / 2;
      }
    }
  }
  return rows;
}

}  // namespace sleeper::file
