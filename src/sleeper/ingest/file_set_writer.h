#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "sleeper/base/call_context.h"
#include "sleeper/base/random.h"
#include "sleeper/base/status.h"
#include "sleeper/columnar/layout.h"
#include "sleeper/file/data_file_writer.h"
#include "sleeper/ingest/ingest_spec.h"
#include "sleeper/model/partition_map.h"
#include "sleeper/sort/sorted_rows.h"
#include "sleeper/state/transaction.h"
#include "sleeper/store/object_store.h"

namespace sleeper::ingest {

/// Answers with a state of the table that was refreshed just now, or a moment ago.
using FreshState = std::function<Result<state::TableStatePtr>(const CallContext& call)>;

/// Writes sorted rows to data files, as the strategy says: one file for each partition that gets rows, or files that
/// cross the bounds of partitions; and in any case a new file where one has reached its size, but never between rows of
/// equal row keys. Each file is born just before it is started. Confined.
class FileSetWriter {
 public:
  struct Ports {
    store::ObjectStore& store;
    const model::TableId& table;
    Random& random;
    FreshState fresh_state;
  };

  /// `spec` and `call` must outlive the writer.
  FileSetWriter(Ports ports, const IngestSpec& spec, const CallContext& call);

  /// Writes the next rows of `rows`, all of one partition and to one file; returns how many, which is none at the end.
  /// REQUIRES: they follow those written before in key order.
  Result<int64_t> WriteNext(sort::SortedRows& rows);

  /// The files, in key order, each with its rows by partition; none if there were no rows.
  Result<std::vector<state::NewFile>> Finish();

 private:
  /// Makes `leaf_` the partition of a row key.
  Status EnterLeaf(std::string_view row_key);
  bool EndsBefore(std::string_view row_key) const;
  Status StartFile();
  Status FinishFile();
  bool IsFull() const { return writer_->rows() > 0 && writer_->bytes() >= spec_.file_bytes_target; }

  const Ports ports_;
  const IngestSpec& spec_;
  const CallContext& call_;
  const std::shared_ptr<const columnar::Layout> layout_;
  /// As they were at the first row.
  std::optional<model::PartitionMap> partitions_;
  std::optional<model::Partition> leaf_;

  /// The file that is being written, if `writer_` is set.
  std::unique_ptr<file::DataFileWriter> writer_;
  model::FileId file_;
  model::LogNumber birth_ = 0;
  std::vector<state::IntervalRows> slices_;

  std::vector<state::NewFile> files_;
};

}  // namespace sleeper::ingest
