#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sleeper/base/random.h"
#include "sleeper/base/status.h"
#include "sleeper/compact/compaction_spec.h"
#include "sleeper/compact/run_compaction.h"
#include "sleeper/compact/testing/test_table.h"

namespace sleeper::damage {

/// What the inputs of a merge are like.
enum class Inputs {
  kFlat,      ///< Columns of every flat type, many of them nullable; pages and row groups of all sizes.
  kNested,    ///< Lists and maps too.
  kDisjoint,  ///< Row groups that meet no other input, so that they are copied.
  kEqual,     ///< Integers, not compressed: files, and pages, of equal size.
};

/// A table with random rows in a few files, and a compaction of all that its first partition has. Confined.
class MergeAttempt {
 public:
  MergeAttempt(Inputs inputs, uint64_t seed);

  /// Merges without committing.
  Result<compact::CompactionOutcome> Merge();
  /// Merges and commits: what a table's compaction does with one job. A failed job gives its inputs back.
  Status MergeAndCommit();

  /// Compacts what is left of the table.
  Status CompactRest();

  /// The rows of the table, sorted; those of equal keys by their text.
  std::vector<std::string> Rows();
  /// The rows that the table was made of.
  const std::vector<std::string>& expected() const { return expected_; }
  /// The rows that a result that is not committed holds.
  std::vector<std::string> RowsOf(const compact::CompactionOutcome& outcome);

  /// What is wrong after a merge that was refused, or nothing: the table has to be what it was, and a sweep has to find
  /// everything that was written.
  std::string LeftBehind();

  /// The bytes of an input, and other ones in their place.
  std::string Read(size_t input);
  void Replace(size_t input, const std::string& bytes);

  const compact::CompactionSpec& spec() const { return *spec_; }
  /// Cuts the first partition in two, so that the compaction reads a part of its files only.
  void Split();

 private:
  void Plan();

  Random& random() { return random_; }

  SeededRandom random_;
  std::unique_ptr<compact::TestTable> table_;
  std::optional<compact::CompactionSpec> spec_;
  std::vector<std::string> expected_;
};

}  // namespace sleeper::damage
