#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "sleeper/base/call_context.h"
#include "sleeper/base/random.h"
#include "sleeper/base/status.h"
#include "sleeper/columnar/batch.h"
#include "sleeper/columnar/key_column.h"
#include "sleeper/file/data_file_writer.h"
#include "sleeper/ingest/ingest_spec.h"
#include "sleeper/ingest/leaf_cutter.h"
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

  /// `ports`, `spec` and `call` must outlive the writer.
  FileSetWriter(const Ports& ports, const IngestSpec& spec, const CallContext& call);

  /// REQUIRES: rows come in key order.
  Status Write(const columnar::Batch& batch);

  /// The files, in key order, each with its rows by partition; none if there were no rows.
  Result<std::vector<state::NewFile>> Finish();

 private:
  Status WritePiece(const LeafCutter::Piece& piece);
  Status Append(const columnar::Batch& rows, const model::Partition& leaf);
  Status StartFile();
  Status FinishFile();
  bool BelongsToNextFile(const model::Partition& leaf) const;
  Result<int64_t> RowsOfLastKey(const columnar::Batch& batch);

  const Ports& ports_;
  const IngestSpec& spec_;
  const CallContext& call_;
  const std::shared_ptr<const columnar::Layout> layout_;
  std::optional<LeafCutter> cutter_;
  columnar::KeyColumn keys_;

  /// The file that is being written, if `writer_` is set.
  std::unique_ptr<file::DataFileWriter> writer_;
  model::FileId file_;
  model::LogNumber birth_ = 0;
  std::vector<state::IntervalRows> slices_;
  std::optional<columnar::Batch> last_row_;

  std::vector<state::NewFile> files_;
};

}  // namespace sleeper::ingest
