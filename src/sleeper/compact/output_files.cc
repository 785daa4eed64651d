#include "sleeper/compact/output_files.h"

#include <utility>

#include "sleeper/state/layout.h"

namespace sleeper::compact {

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

}  // namespace sleeper::compact
