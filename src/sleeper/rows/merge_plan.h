#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "sleeper/base/status.h"
#include "sleeper/columnar/key_column.h"
#include "sleeper/rows/word_merge.h"

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
/// Each input shows a window of its keys at a time. What can be ordered by the windows in sight is planned at once: up
/// to the row that is the first to be the last one of a window. Seven bytes of each key, behind those that all keys in
/// sight share, and the number of its input make a word; the words are merged. Only where seven bytes do not tell keys
/// apart, the next ones are looked at. A stretch of an input that lies before all others is planned as one run.
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
  /// Rows that are planned at once, before a run is looked for again.
  static constexpr int64_t kPlanRowsMax = 4096;
  /// A shorter run is not worth a step of its own.
  static constexpr int64_t kRunRowsMin = 32;
  /// Prefixes of all windows are taken anew, further right, for this gain only.
  static constexpr size_t kSkipGainMin = 4;
  /// The bytes of a key that a word holds, besides the number of the input.
  static constexpr size_t kWordKeyBytes = 7;

  /// What is seen of an input.
  struct Window {
    const columnar::KeyColumn* keys = nullptr;
    int64_t rows = 0;
    /// The first row that is not planned.
    int64_t next = 0;
    /// The prefix of each row behind the bytes that are skipped.
    std::vector<uint64_t> prefixes;
    /// The key of the last row of the window before.
    std::string last_key;
  };

  struct Row {
    uint32_t input = 0;
    int64_t row = 0;
  };

  /// Rows that are planned, from `begin` to `end`, whose keys share their first `skip` bytes.
  struct Tie {
    size_t begin = 0;
    size_t end = 0;
    size_t skip = 0;
  };

  static uint64_t WordOf(uint64_t prefix, uint32_t input) { return (prefix & ~uint64_t{0xFF}) | (input + 1); }

  /// The number of leading bytes that the keys of all windows share, if they ascend.
  size_t CommonPrefix() const;
  /// Chooses how many bytes prefixes skip; if that changes, takes the prefixes of all windows but `fed` anew.
  void ChooseSkip(const Window& fed);
  void TakePrefixes(Window& window) const;
  /// Takes the prefixes of a new window and proves that its keys ascend. The first row that does not, or -1.
  int64_t TakePrefixesOfNew(Window& window) const;

  /// By whole keys and then by input.
  bool ComesBefore(const Row& a, const Row& b) const;
  Row HeadOf(uint32_t input) const { return {input, windows_[input].next}; }

  /// Plans a run, if there is one: the rows of one input that come before every other input's.
  MergeStep PlanRun(int64_t rows_max);
  /// How many rows of `first` come before `second`, counting to `rows_max` at most.
  int64_t RunRows(uint32_t first, const Row* second, int64_t rows_max) const;
  /// Plans what can be ordered by the windows in sight.
  void PlanInterleaved();
  /// Chooses the row up to which is planned, and how many rows of each open input that makes.
  Row ChooseLast();
  /// How many rows of an input come before `last` or are it.
  int64_t RowsUpTo(uint32_t input, const Row& last) const;
  /// Orders rows that the merged words have left in the order of their inputs.
  void OrderTies(std::span<const uint64_t> words);
  void NoteTies(std::span<const uint64_t> words, size_t begin, size_t skip);
  void OrderTie(const Tie& tie);
  /// The number of leading bytes that the keys of a tie share, at least tie.skip.
  size_t CommonPrefix(const Tie& tie) const;
  /// Notes that an input's window is used up.
  int Starve(uint32_t input);

  std::vector<Window> windows_;
  /// The inputs that have not ended, in order.
  std::vector<uint32_t> open_inputs_;
  int starved_inputs_;
  size_t skip_ = 0;

  /// What is planned, and how much of it has been told in steps.
  std::vector<uint8_t> sources_;
  size_t planned_ = 0;
  size_t told_ = 0;
  /// The input whose window is used up by that, or -1.
  int starves_ = -1;

  /// How many rows of each open input the plan takes.
  std::vector<int64_t> taken_;
  WordMerge merge_;
  std::vector<Tie> ties_;
  /// The row of each planned one in its window; only known where there are ties.
  std::vector<int64_t> rows_;
};

}  // namespace sleeper::rows
