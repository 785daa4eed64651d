#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sleeper/base/call_context.h"
#include "sleeper/base/status.h"
#include "sleeper/columnar/batch.h"
#include "sleeper/columnar/key_column.h"
#include "sleeper/ingest/file_set_writer.h"
#include "sleeper/ingest/ingest_ports.h"
#include "sleeper/ingest/ingest_spec.h"
#include "sleeper/sort/external_sort.h"
#include "sleeper/state/transaction.h"

namespace sleeper::ingest {

/// Makes rows into data files in the order in which they are read. Confined.
///
/// As long as they come in key order they only pass through: batches wait until there are enough for a file worth
/// having, and from then on each is written as it comes. From the first row that is out of order on, everything that
/// was not written is sorted; what was written stays as it is, because any number of files may hold rows of the same
/// keys.
class RowIntake {
 public:
  /// `ports`, `spec` and `call` must outlive the intake.
  static Result<std::unique_ptr<RowIntake>> Make(const IngestPorts& ports, const IngestSpec& spec,
                                                 const CallContext& call);
  RowIntake(const IngestPorts& ports, const IngestSpec& spec, const CallContext& call,
            std::unique_ptr<sort::ExternalSort> sort);

  /// Takes rows over. The batch should own its memory alone, because its size is what counts against the bound.
  Status Add(columnar::Batch batch);

  /// Sorts and writes what is left.
  Result<std::vector<state::NewFile>> Finish();

  int64_t rows() const { return rows_; }
  /// Rows that were written without being sorted.
  int64_t rows_passed() const { return rows_passed_; }
  sort::SortStatistics sort_statistics() const { return sort_->statistics(); }

 private:
  /// Rows between two looks at the clock, and two reports.
  static constexpr int64_t kRowsPerReport = 16'384;

  /// Whether the rows of `batch` follow all rows before them in key order, and one another.
  Result<bool> Continues(const columnar::Batch& batch);
  /// Writes the batches that wait.
  Status PassOn();
  /// From now on, rows are sorted.
  Status BeginSort();
  Status WriteAll(sort::SortedRows& rows, FileSetWriter& files);
  FileSetWriter NewFiles() const;

  const IngestPorts& ports_;
  const IngestSpec& spec_;
  const CallContext& call_;
  const std::shared_ptr<const columnar::Layout> layout_;
  std::unique_ptr<sort::ExternalSort> sort_;

  bool in_order_ = true;
  columnar::KeyColumn edge_key_;
  std::string last_key_;
  /// In key order, like everything before them.
  std::vector<columnar::Batch> waiting_;
  int64_t waiting_bytes_ = 0;
  /// Of the rows that pass through, once there are enough.
  std::optional<FileSetWriter> passed_files_;
  std::vector<state::NewFile> files_;

  int64_t rows_ = 0;
  int64_t rows_passed_ = 0;
  int64_t rows_written_ = 0;
  int64_t rows_unreported_ = 0;
};

}  // namespace sleeper::ingest
