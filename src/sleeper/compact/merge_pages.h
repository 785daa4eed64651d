#pragma once

#include "sleeper/base/call_context.h"
#include "sleeper/base/status.h"
#include "sleeper/compact/compaction_ports.h"
#include "sleeper/compact/compaction_spec.h"
#include "sleeper/compact/open_inputs.h"
#include "sleeper/compact/written_piece.h"

namespace sleeper::compact {

/// Merges what the inputs have in `piece` into files of about `rows_per_file` rows, straight from pages to pages: each
/// value is copied once. Rows of equal row keys are never parted.
Result<WrittenPiece> MergePages(const CompactionPorts& ports, const CompactionSpec& spec, const OpenInputs& inputs,
                                const model::KeyInterval& piece, int64_t pieces_at_a_time, int64_t rows_per_file,
                                const CallContext& call);

}  // namespace sleeper::compact
