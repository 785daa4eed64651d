#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sleeper/columnar/key_column.h"

namespace sleeper::rows {

/// The next rows of a merge: which input gives each of them.
struct MergeStep {
  /// One input index per row, each standing for that input's next row. Valid until the next call. Empty for a run.
  std::span<const uint8_t> sources;
  /// If `sources` is empty: the next `run_rows` rows all come from `run_input`.
  int run_input = -1;
  int64_t run_rows = 0;
  /// An input whose window is used up and must be given the next one (or ended) before planning can go on; -1 if none.
  int starved_input = -1;

  int64_t rows() const { return sources.empty() ? run_rows : static_cast<int64_t>(sources.size()); }
};

/// Decides in which order the rows of several sorted inputs follow one another. Knows normalised keys and nothing else: no
/// columns, no files, no values. Confined.
///
/// Rows of equal keys come in the order of the inputs, and within an input in its order, so the result is that of a stable
/// sort of the concatenated inputs.
///
/// Each input shows a window of its keys at a time. A tree of losers over 8-byte prefixes, taken behind the bytes that all
/// keys in sight share, picks the next row; the whole keys are compared only where prefixes tie. A window that lies wholly
/// (or for a long stretch) before all others is planned as one run.
class MergePlan {
 public:
  /// Inputs of one plan; more are merged in rounds.
  static constexpr int kInputsMax = 128;

  /// REQUIRES: 1 <= inputs <= kInputsMax.
  explicit MergePlan(int inputs);

  /// Shows the next window of an input, in ascending order, beginning not below the end of its window before. It is read
  /// until the step that reports the input as starved. kCorrupt, naming the input and the row, if it begins below that end.
  /// REQUIRES: the input is starved, or at the start; keys.rows() > 0.
  Status Feed(int input, const columnar::KeyColumn& keys);

  /// Tells that an input has no further rows. REQUIRES: as for Feed.
  void End(int input);

  /// Plans at least one and at most `rows_max` rows; no rows once all inputs have ended.
  /// REQUIRES: no input is starved.
  MergeStep Next(int64_t rows_max);

 private:
  /// What is seen of an input.
  struct Window {
    const columnar::KeyColumn* keys = nullptr;
    int64_t next = 0;
    bool ended = false;
  };

  std::vector<Window> windows_;
};

}  // namespace sleeper::rows
