#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "sleeper/base/status.h"
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

  /// Which input gives the first row, and which the last. REQUIRES: there are rows.
  int first_input() const { return sources.empty() ? run_input : sources.front(); }
  int last_input() const { return sources.empty() ? run_input : sources.back(); }

  /// How many of the rows `input` gives.
  int64_t rows_of(int input) const {
    if (sources.empty()) return input == run_input ? run_rows : 0;
    return std::count(sources.begin(), sources.end(), static_cast<uint8_t>(input));
  }
};

/// Decides in which order the rows of several sorted inputs follow one another. Knows normalised keys and nothing else:
/// no columns, no files, no values. Confined.
///
/// Rows of equal keys come in the order of the inputs, and within an input in its order, so the result is that of a
/// stable sort of the concatenated inputs.
///
/// Each input shows a window of its keys at a time. A tree of losers over 8-byte prefixes, taken behind the bytes that
/// all keys in sight share, picks the next row; whole keys are compared only where prefixes tie. A stretch of an input
/// that lies before all others is planned as one run.
class MergePlan {
 public:
  /// Inputs of one plan; more are merged in rounds.
  static constexpr int kInputsMax = 128;

  /// REQUIRES: 1 <= inputs <= kInputsMax.
  explicit MergePlan(int inputs);

  /// Shows the next window of an input. Its keys are read until the step that reports the input as starved. kCorrupt,
  /// naming input and row, if they do not ascend, within the window or from the last one to this.
  /// REQUIRES: the input is starved, or at the start; keys.rows() > 0.
  Status Feed(int input, const columnar::KeyColumn& keys);

  /// Tells that an input has no further rows. REQUIRES: as for Feed.
  void End(int input);

  /// Plans at least one and at most `rows_max` (>= 1) rows; no rows once all inputs have ended.
  /// REQUIRES: no input is starved.
  MergeStep Next(int64_t rows_max);

 private:
  /// Rows that a step plans one by one, before it looks for a run again.
  static constexpr int64_t kStepRowsMax = 2048;
  /// A shorter run is not worth a step of its own.
  static constexpr int64_t kRunRowsMin = 32;
  /// Prefixes of all windows are taken anew, further right, for this gain only.
  static constexpr size_t kSkipGainMin = 4;

  /// What is seen of an input.
  struct Window {
    const columnar::KeyColumn* keys = nullptr;
    int64_t rows = 0;
    /// The prefix of each row behind the bytes that are skipped.
    std::vector<uint64_t> prefixes;
    /// The key of the last row of the window before.
    std::string last_key;
    bool ended = false;
  };

  /// The prefixes of the rows of a window that are left. All that the usual step of the merge looks at.
  struct Head {
    const uint64_t* next = nullptr;
    const uint64_t* end = nullptr;
  };

  /// The number of leading bytes that the keys of all windows share, if they ascend.
  size_t CommonPrefix() const;
  /// Chooses how many bytes prefixes skip; if that changes, takes the prefixes of all windows but `fed` anew.
  void ChooseSkip(const Window& fed);
  void TakePrefixes(Window& window) const;
  /// Takes the prefixes of a new window and proves that its keys ascend. The first row that does not, or -1.
  int64_t TakePrefixesOfNew(Window& window) const;

  /// Whether row `row_a` of input `a` comes before row `row_b` of input `b`, by whole keys and then by input.
  bool ComesBefore(uint32_t a, int64_t row_a, uint32_t b, int64_t row_b) const;
  bool HeadComesBefore(uint32_t a, uint32_t b) const;
  uint64_t HeadPrefix(uint32_t input) const;
  int64_t HeadRow(uint32_t input) const { return heads_[input].next - windows_[input].prefixes.data(); }

  void BuildTree();
  /// Puts the winner's new head into the tree and finds the next winner.
  void Replay();
  /// The input that comes next after the winner. REQUIRES: two inputs or more are in sight.
  uint32_t RunnerUp() const;
  /// How many rows of the winner come before every other input, counting to `rows_max` at most.
  int64_t RunRows(int64_t rows_max) const;
  MergeStep PlanInterleaved(int64_t rows_max);
  /// Notes that the winner's window is used up.
  int Starve();

  std::vector<Window> windows_;
  std::vector<Head> heads_;
  int open_inputs_;
  int starved_inputs_;
  size_t skip_ = 0;
  bool tree_is_stale_ = true;

  /// Leaves of the tree, a power of two; those behind the inputs have ended from the start.
  uint32_t leaves_ = 1;
  /// The loser of each inner node, from 1 on, and its prefix.
  std::vector<uint32_t> losers_;
  std::vector<uint64_t> loser_prefixes_;
  uint32_t winner_ = 0;

  std::vector<uint8_t> sources_;
};

}  // namespace sleeper::rows
