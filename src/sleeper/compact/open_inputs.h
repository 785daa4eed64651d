#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "sleeper/base/call_context.h"
#include "sleeper/base/status.h"
#include "sleeper/compact/compaction_ports.h"
#include "sleeper/compact/compaction_spec.h"
#include "sleeper/file/data_file_reader.h"
#include "sleeper/file/page_input.h"

namespace sleeper::compact {

/// A slice of one input of a compaction, inside one piece of the key range.
struct PagedSlice {
  /// Which input of the specification.
  size_t input = 0;
  std::unique_ptr<file::PageInput> pages;
};

/// What a merge by one thread reads.
struct PagedInputs {
  /// Null if nothing is read ahead of need.
  std::unique_ptr<file::BackgroundReads> background;
  /// What each sequence may have read ahead; see PageInput::ReadAhead.
  int64_t bytes_ahead_max = 0;
  /// Each is one input of the merge: slices that follow one another in the key order.
  std::vector<std::vector<PagedSlice>> sequences;
};

/// The files of a compaction, open. Immutable, so Thread-safe: pieces may be merged at the same time.
class OpenInputs {
 public:
  /// The ports, the specification and what `call` points at must outlive the inputs and their streams.
  static Result<OpenInputs> Open(const CompactionPorts& ports, const CompactionSpec& spec, const CallContext& call);

  /// Cuts the key range into at most `pieces_max` pieces of about the same number of rows, going by the page indexes;
  /// into fewer where there are too few pages to tell. Together the pieces are all keys; rows of equal row keys are in
  /// one piece.
  std::vector<model::KeyInterval> CutIntoPieces(int64_t pieces_max) const;

  /// The rows of the inputs in `piece`, as pages. So many pieces share the memory.
  Result<PagedInputs> OpenPages(const model::KeyInterval& piece, int64_t pieces_at_a_time,
                                const CallContext& call) const;

 private:
  using LayoutPtr = std::shared_ptr<const columnar::Layout>;
  using ReaderPtr = std::shared_ptr<const file::DataFileReader>;

  OpenInputs(const CompactionPorts& ports, const CompactionSpec& spec, LayoutPtr layout,
             std::vector<ReaderPtr> readers);

  /// The inputs that have rows in `piece`, those that follow one another without overlap together.
  std::vector<std::vector<size_t>> SequencesIn(const model::KeyInterval& piece) const;

  const CompactionPorts& ports_;
  const CompactionSpec& spec_;
  LayoutPtr layout_;
  /// One for each input of the specification.
  std::vector<ReaderPtr> readers_;
};

/// What is fetched at a time of each of so many inputs of a job.
int64_t WindowBytesOf(const CompactionReads& reads, size_t inputs);

}  // namespace sleeper::compact
