#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "sleeper/base/call_context.h"
#include "sleeper/base/status.h"
#include "sleeper/columnar/layout.h"
#include "sleeper/file/data_file_summary.h"
#include "sleeper/rows/row_stream.h"
#include "sleeper/store/object_store.h"

namespace sleeper::file {

/// Which rows and columns to read, and how much at a time.
struct ScanRequest {
  /// Sorted and disjoint. Exactly the rows inside come back.
  std::vector<model::KeyInterval> intervals = {model::KeyInterval::All()};
  /// The columns wanted, a part of the file's layout; all if null.
  std::shared_ptr<const columnar::Layout> layout;
  int64_t batch_rows_max = 4096;
  /// At most about this many bytes are fetched ahead, over all columns: the stream's memory.
  int64_t window_bytes_max = 8 << 20;
};

/// What a scan will fetch from the store, known from the indexes alone.
struct ScanEstimate {
  /// Rows of the pages to be read: an upper bound of the rows that come back.
  int64_t rows = 0;
  int64_t pages = 0;
  int64_t bytes = 0;

  ScanEstimate& operator+=(const ScanEstimate& other);
};

/// "`rows` rows of the file follow from `key` on, up to the key of the next sample." Samples ascend.
struct KeySample {
  /// A full row key or a leading part of one, not above the first of those rows.
  model::NormalisedKey key;
  int64_t rows = 0;
};

/// An open data file: its footer and indexes, parsed and checked. Immutable, so Thread-safe: any number of scans may
/// run.
///
/// Everything it reads is checked (magic, footer, indexes, page checksums, counts); what does not fit is kCorrupt and
/// names the file.
class DataFileReader {
 public:
  /// Opens a file with one read of its last `tail_bytes` bytes, as the state records them. If `tail_bytes` is 0,
  /// guesses, and reads a second time if the guess was short. `store` must outlive the reader.
  static Result<std::shared_ptr<const DataFileReader>> Open(store::ObjectStore& store, store::ObjectPath path,
                                                            int64_t size_bytes, int64_t tail_bytes,
                                                            std::shared_ptr<const columnar::Layout> layout,
                                                            const CallContext& call);
  virtual ~DataFileReader() = default;

  /// What the file says of itself.
  virtual const DataFileSummary& summary() const = 0;

  /// All fields of the table.
  virtual const std::shared_ptr<const columnar::Layout>& layout() const = 0;

  /// Streams the rows asked for, in key order. The reader is kept alive by the stream. What `call` points at must
  /// outlive it.
  virtual Result<std::unique_ptr<rows::RowStream>> Scan(const ScanRequest& request, const CallContext& call) const = 0;

  /// What Scan would fetch.
  virtual ScanEstimate Estimate(const ScanRequest& request) const = 0;

  /// Keys at even distances, one for each page of the first row key, from the indexes alone: for medians and
  /// histograms.
  virtual std::vector<KeySample> page_keys() const = 0;

  /// An estimate from the same samples of how many rows lie in `interval`; exact where the interval holds all or none.
  virtual int64_t EstimateRows(const model::KeyInterval& interval) const = 0;
};

}  // namespace sleeper::file
