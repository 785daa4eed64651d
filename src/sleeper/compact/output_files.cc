#include "sleeper/compact/output_files.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "sleeper/columnar/key_column.h"
#include "sleeper/columnar/layout.h"
#include "sleeper/file/data_file_writer.h"
#include "sleeper/state/layout.h"

namespace sleeper::compact {
namespace {

using columnar::Batch;

/// Writes one file after the other.
class OutputFilesWriter {
 public:
  OutputFilesWriter(const CompactionPorts& ports, const CompactionSpec& spec, int64_t rows_per_file,
                    const CallContext& call)
      : ports_(ports), call_(call), files_(ports, spec, call), rows_per_file_(rows_per_file) {}

  Status Write(const Batch& batch) {
    TRY(call_.Check(ports_.executor.clock()));
    int64_t offset = 0;
    while (offset < batch.rows()) {
      TRY_ASSIGN(const int64_t end, EndOfFile(batch, offset));
      const bool ends_inside = end < batch.rows();
      if (end > offset) TRY(Append(batch.Slice(offset, end - offset)));
      if (ends_inside) TRY(EndFile());
      offset = end;
    }
    return Status::OK();
  }

  Result<std::vector<model::FileRecord>> Finish() { return files_.Finish(); }

 private:
  // The row of `batch` that begins the next file: the first one whose row key is greater than that of the last row
  // which the present file has room for.
  Result<int64_t> EndOfFile(const Batch& batch, int64_t offset) {
    const int64_t room = rows_per_file_ - files_.rows();
    if (room > batch.rows() - offset) return batch.rows();
    const bool full = room <= 0;
    TRY(keys_.Encode(full ? *last_row_ : batch.Slice(offset + room - 1, 1)));
    // No row key is a prefix of another one, so this is the least one that is greater.
    const model::NormalisedKey next = model::NormalisedKey(keys_.row_key(0)) + '\0';
    TRY(keys_.Encode(batch));
    return std::max(offset, keys_.LowerBound(next));
  }

  Status Append(Batch rows) {
    TRY_ASSIGN(file::DataFileWriter* const writer, files_.Current());
    TRY(writer->Write(rows));
    last_row_ = rows.Slice(rows.rows() - 1, 1);
    return Status::OK();
  }

  Status EndFile() {
    last_row_.reset();
    return files_.EndFile();
  }

  const CompactionPorts& ports_;
  const CallContext& call_;
  OutputSequence files_;
  const int64_t rows_per_file_;
  std::optional<Batch> last_row_;
  columnar::KeyColumn keys_;
};

}  // namespace

OutputSequence::OutputSequence(const CompactionPorts& ports, const CompactionSpec& spec, const CallContext& call)
    : ports_(ports), spec_(spec), call_(call), layout_(columnar::Layout::Of(spec.schema)) {}

Result<file::DataFileWriter*> OutputSequence::Current() {
  if (!writer_) {
    file_ = state::MakeFileId(spec_.birth, ports_.random);
    TRY_ASSIGN(writer_, file::DataFileWriter::Open(ports_.store, state::DataFilePath(ports_.table, file_), layout_,
                                                   spec_.file_settings, call_));
  }
  return writer_.get();
}

Status OutputSequence::EndFile() {
  TRY_ASSIGN(const file::DataFileSummary summary, writer_->Finish());
  files_.push_back(summary.Record(file_, spec_.birth));
  writer_.reset();
  return Status::OK();
}

Result<std::vector<model::FileRecord>> OutputSequence::Finish() {
  // Rows that were lost on the way are missed when all are counted.
  if (rows() > 0) TRY(EndFile());
  return std::move(files_);
}

Result<std::vector<model::FileRecord>> WriteOutputFiles(const CompactionPorts& ports, const CompactionSpec& spec,
                                                        rows::RowStream& rows, int64_t rows_per_file,
                                                        const CallContext& call) {
  OutputFilesWriter writer(ports, spec, rows_per_file, call);
  for (;;) {
    TRY_ASSIGN(const std::optional<Batch> batch, rows.Next());
    if (!batch) return writer.Finish();
    TRY(writer.Write(*batch));
  }
}

}  // namespace sleeper::compact
