#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "sleeper/base/call_context.h"
#include "sleeper/base/status.h"
#include "sleeper/columnar/layout.h"
#include "sleeper/compact/compaction_ports.h"
#include "sleeper/compact/compaction_spec.h"
#include "sleeper/file/data_file_writer.h"

namespace sleeper::compact {

/// The files of one compaction or piece of one, one after the other. Confined.
class OutputSequence {
 public:
  /// The ports, the specification and what `call` points at must outlive it.
  OutputSequence(const CompactionPorts& ports, const CompactionSpec& spec, const CallContext& call);

  /// The file at hand; a new one if there is none.
  Result<file::DataFileWriter*> Current();
  /// The rows of the file at hand.
  int64_t rows() const { return writer_ ? writer_->rows() : 0; }

  /// Ends the file at hand. REQUIRES: it has rows.
  Status EndFile();

  /// Ends the last file, and tells of all. Only the destructor may be called afterwards.
  Result<std::vector<model::FileRecord>> Finish();

 private:
  const CompactionPorts& ports_;
  const CompactionSpec& spec_;
  const CallContext& call_;
  std::shared_ptr<const columnar::Layout> layout_;
  model::FileId file_;
  std::unique_ptr<file::DataFileWriter> writer_;
  std::vector<model::FileRecord> files_;
};

}  // namespace sleeper::compact
