#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "sleeper/base/buffer.h"
#include "sleeper/base/call_context.h"
#include "sleeper/base/status.h"
#include "sleeper/columnar/layout.h"
#include "sleeper/file/data_file_settings.h"
#include "sleeper/file/data_file_summary.h"
#include "sleeper/file/parquet_format.h"
#include "sleeper/file/parquet_metadata.h"
#include "sleeper/model/key_interval.h"
#include "sleeper/rows/row_stream.h"
#include "sleeper/store/object_store.h"

namespace sleeper::file {

class BackgroundReads;
class ClaimCheck;
struct FileIndex;
struct PageDecoder;
class PageInput;

/// Which rows and columns to read, and how much at a time.
struct ScanRequest {
  /// Sorted and disjoint. Exactly the rows inside come back.
  std::vector<model::KeyInterval> intervals = {model::KeyInterval::All()};
  /// The columns wanted, a part of the file's layout; all if null.
  std::shared_ptr<const columnar::Layout> layout;
  int64_t batch_rows_max = 4096;
  /// About this many bytes are fetched at a time, over all columns; up to twice as many are held.
  int64_t window_bytes_max = 4 << 20;
  /// A page that promises to be larger than this once it is decompressed is taken for damaged: kCorrupt.
  int64_t page_bytes_max = kPageBytesMax;
};

/// Which rows to take from pages, and how.
struct PageRequest {
  model::KeyInterval interval;
  /// As for a scan.
  int64_t window_bytes_max = 4 << 20;
  /// Whether the rows that are taken are to be hashed one by one.
  bool hashed = false;
  /// If set, whole row groups may be copied into a file of these settings, if this one was written with the same.
  const DataFileSettings* copied_for = nullptr;
  /// If set, windows are read by it, and PageInput::ReadAhead asks for them early. It must outlive the input.
  BackgroundReads* background = nullptr;
  /// Inputs that one thread reads share one.
  std::shared_ptr<PageDecoder> decoder;
};

/// What a scan will fetch from the store, known from the indexes alone.
struct ScanEstimate {
  /// Rows of the key pages to be read: an upper bound of the rows that come back.
  int64_t rows = 0;
  int64_t row_groups = 0;
  int64_t pages = 0;
  /// Those of the pages. Small gaps between them may be fetched along.
  int64_t bytes = 0;

  ScanEstimate& operator+=(const ScanEstimate& other);
  friend bool operator==(const ScanEstimate&, const ScanEstimate&) = default;
};

/// "`rows` rows of the file follow from `key` on, up to the key of the next sample." The keys of samples ascend, and
/// may be equal.
struct KeySample {
  /// A row key or a leading part of one, not above the first of those rows.
  model::NormalisedKey key;
  int64_t rows = 0;
};

/// An open data file: its footer and indexes, parsed and checked. Immutable, so Thread-safe: any number of scans may
/// run.
///
/// Everything it reads is checked (magic, footer, indexes, page checksums, counts); what does not fit is kCorrupt and
/// names the file.
class DataFileReader : public std::enable_shared_from_this<DataFileReader> {
 public:
  /// Opens a file of `size_bytes` bytes with one read of its last `tail_bytes`, as the state records both. If
  /// `tail_bytes` is 0 it is found out, with two or three reads. `store` must outlive the reader.
  static Result<std::shared_ptr<const DataFileReader>> Open(store::ObjectStore& store, store::ObjectPath path,
                                                            int64_t size_bytes, int64_t tail_bytes,
                                                            std::shared_ptr<const columnar::Layout> layout,
                                                            const CallContext& call);

  /// What the file says of itself.
  const DataFileSummary& summary() const;

  /// What it says of its row groups and columns, for whoever shows it.
  const ParquetMetadata& footer() const;

  /// All fields of the table.
  const std::shared_ptr<const columnar::Layout>& layout() const { return layout_; }

  /// Streams the rows asked for, in key order. The stream keeps what it needs of the reader; the store, and what `call`
  /// points at, must outlive it.
  std::unique_ptr<rows::RowStream> Scan(const ScanRequest& request, const CallContext& call) const;

  /// The rows of an interval as they lie in their pages. The input keeps what it needs of the reader, as a stream does.
  /// kCorrupt if an index is broken.
  Result<std::unique_ptr<PageInput>> OpenPages(const PageRequest& request, const CallContext& call) const;

  /// A check of what the file says of its values. The store, and what `call` points at, must outlive it.
  std::unique_ptr<ClaimCheck> CheckClaims(const CallContext& call) const;

  /// What Scan would fetch.
  ScanEstimate Estimate(const ScanRequest& request) const;

  /// One sample for each page of the first row key, from the indexes alone: for medians and histograms of row keys.
  std::vector<KeySample> page_keys() const;

  /// From the same samples, how many rows lie in `interval`: exact where it holds pages wholly or not at all, and half
  /// of the page's rows otherwise.
  int64_t EstimateRows(const model::KeyInterval& interval) const;

 private:
  DataFileReader(store::ObjectStore& store, store::ObjectPath path, std::shared_ptr<const columnar::Layout> layout,
                 std::shared_ptr<const FileIndex> index, Buffer tail);

  store::ObjectStore& store_;
  store::ObjectPath path_;
  std::shared_ptr<const columnar::Layout> layout_;
  std::shared_ptr<const FileIndex> index_;
  /// What `index_` was read from, with column indexes that it has not.
  Buffer tail_;
};

/// For the inputs of one thread.
std::shared_ptr<PageDecoder> MakePageDecoder();

}  // namespace sleeper::file
