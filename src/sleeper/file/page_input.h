#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "sleeper/base/call_context.h"
#include "sleeper/base/status.h"
#include "sleeper/columnar/key_column.h"
#include "sleeper/file/background_reads.h"
#include "sleeper/file/file_index.h"
#include "sleeper/file/leaf_reader.h"
#include "sleeper/file/row_group_copy.h"
#include "sleeper/file/scan_plan.h"
#include "sleeper/model/row_hash.h"
#include "sleeper/model/schema.h"
#include "sleeper/store/object_store.h"

namespace sleeper::file {

/// What a PageInput reads.
struct PageSource {
  store::ObjectStore* store = nullptr;
  store::ObjectPath path;
  /// Kept alive by the input.
  std::shared_ptr<const FileIndex> index;
  std::shared_ptr<const columnar::Layout> layout;
  model::KeyInterval interval;
  int64_t window_bytes_max = 0;
  /// If set, windows are read by it.
  BackgroundReads* background = nullptr;
  /// If set, whole row groups may be copied out of the file.
  std::shared_ptr<const CopyableRowGroups> row_groups;
  /// Whether the rows that are taken are to be hashed one by one.
  bool hashed = false;
  /// Shared by inputs that one thread reads.
  std::shared_ptr<PageDecoder> decoder;
};

/// The rows of a data file inside one interval, as they lie in its pages: their keys to plan a merge with, their values
/// to gather. They come in windows, each a page of the keys, or what the interval and wide columns leave of one.
/// Confined.
///
/// A column is wide where a page holds few rows, or any number of elements for each. A window never goes beyond such a
/// page, so what a merge takes in one step is never more than the pages at hand, however long lists and strings are.
class PageInput {
 public:
  /// The store, and what `call` points at, must outlive the input.
  PageInput(PageSource source, const CallContext& call);

  /// Asks for what comes next in the file, without waiting for it, until about `bytes_max` bytes were asked for and not
  /// read. What is missing from them at the end of the file is returned; 0 or less if they are reached.
  int64_t ReadAhead(int64_t bytes_max);

  /// Goes on to the next window; false at the end. REQUIRES: all rows of the window before were taken.
  Result<bool> Next();

  /// If the next rows are all rows of a row group that may be copied, and the rows behind it have other row keys: what
  /// is known of it. Otherwise null.
  /// REQUIRES: all rows of the window before were taken.
  const RowGroupSummary* NextWholeRowGroup();

  /// About the size of that row group.
  struct Size {
    int64_t rows = 0;
    int64_t bytes = 0;
  };
  Size SizeOfNextRowGroup() const;

  /// Takes all rows of that row group instead of going on to a window of them. kCorrupt, naming the file, if its pages
  /// are damaged. REQUIRES: NextWholeRowGroup() has just returned it.
  Result<RowGroupCopy> TakeRowGroup();

  /// The keys of the window's rows.
  const columnar::KeyColumn& keys() const { return keys_; }

  /// How many rows of the window were taken.
  int64_t taken() const { return taken_; }
  int64_t rows_left() const { return keys_.rows() - taken_; }

  /// The values of a Parquet column from row `row` of the window on, as far as they are in one page. They live until
  /// the next call for the column. kCorrupt, naming file and field, if the file is damaged. Keys and values of a map
  /// are proved to have the same lists.
  Result<LeafReader::Rows> Read(size_t leaf, int64_t row);

  /// Counts the next `rows` rows of the window as taken.
  void Take(int64_t rows);

  /// Of all windows.
  int64_t rows_taken() const { return rows_taken_; }
  bool hashed() const { return source_.hashed; }
  /// The sum of the hashes of the rows taken, if `hashed()`, as whoever takes them has added it up.
  model::RowHash& row_hash() { return row_hash_; }

 private:
  /// A row group that has rows in the interval, and of which something may have been asked for.
  struct RowGroup {
    size_t number = 0;
    std::vector<Stretch> stretches;
    std::vector<LeafPages> pages;
    std::shared_ptr<PageFetch> fetch;
  };

  /// Finds the row group behind those that are known. False if there is none.
  bool FindRowGroup();
  bool NextRowGroup();
  bool IsWhole(const RowGroup& row_group) const;
  /// Reads what lies behind the pages, if there is anything.
  Status ReadBloomFilters(RowGroupCopy& copy);
  /// The first row behind `begin` that is not to be in the same window, at most `end`.
  int64_t EndOfWindow(int64_t begin, int64_t end) const;
  /// Proves that the lists of a map's values are those of its keys, in the rows from `row` on.
  Status CheckEntries(size_t leaf, int64_t row, const LeafReader::Rows& values);
  /// Encodes the keys of rows from `begin` on, as many as lie in one page of each key column.
  Result<int64_t> LoadKeys(int64_t begin, int64_t count_max);
  std::string NameOf(size_t row_group) const;
  Status InFile(const Status& status, size_t leaf) const;

  PageSource source_;
  CallContext call_;
  std::vector<Leaf> leaves_;
  std::vector<LeafReader> readers_;
  /// Of leaves of a map's values: the row up to which they are proved.
  std::vector<int64_t> checked_;

  /// The row groups that come next, as far as they are known, and the first one that is not.
  std::deque<RowGroup> coming_;
  size_t unknown_row_group_ = 0;
  /// The row group at hand, and the rows of it that are left.
  size_t row_group_ = 0;
  std::shared_ptr<PageFetch> fetch_;
  std::deque<Stretch> stretches_;

  columnar::KeyColumn keys_;
  /// The window's first row, in its row group.
  int64_t window_begin_ = 0;
  int64_t taken_ = 0;
  int64_t rows_taken_ = 0;
  model::RowHash row_hash_;
};

}  // namespace sleeper::file
