#pragma once

#include <vector>

#include "sleeper/base/call_context.h"
#include "sleeper/base/status.h"
#include "sleeper/compact/compaction_spec.h"
#include "sleeper/compact/run_compaction.h"
#include "sleeper/rows/row_stream.h"

namespace sleeper::compact {

/// Writes sorted rows to new files, in key order, of about equal numbers of rows: as many files as their bytes ask for.
/// Rows of equal row keys are never parted, so that the files do not overlap. No rows: no file.
Result<std::vector<model::FileRecord>> WriteOutputFiles(const CompactionPorts& ports, const CompactionSpec& spec,
                                                        rows::RowStream& rows, const CallContext& call);

}  // namespace sleeper::compact
