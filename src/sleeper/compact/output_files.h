#pragma once

#include <cstdint>
#include <vector>

#include "sleeper/base/call_context.h"
#include "sleeper/base/status.h"
#include "sleeper/compact/compaction_ports.h"
#include "sleeper/compact/compaction_spec.h"
#include "sleeper/rows/row_stream.h"

namespace sleeper::compact {

/// Writes sorted rows to new files, in key order, of about `rows_per_file` rows each. Rows of equal row keys are never
/// parted, so that the files do not overlap. No rows: no file.
Result<std::vector<model::FileRecord>> WriteOutputFiles(const CompactionPorts& ports, const CompactionSpec& spec,
                                                        rows::RowStream& rows, int64_t rows_per_file,
                                                        const CallContext& call);

}  // namespace sleeper::compact
