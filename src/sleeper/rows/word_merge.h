#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace sleeper::rows {

/// Merges sorted sequences of words. Confined, for the memory that it keeps.
///
/// Two by two, and each two from both ends at the same time. Whether a word comes from one sequence or the other is
/// arithmetic and no branch, and the two ends do not wait for each other. For the rows of 11 inputs that is less than
/// half of the time that a tree of losers takes, in which each row waits for the way up of the one before it.
class WordMerge {
 public:
  /// The least and the greatest words stand for the ends of sequences and do not occur in them.
  static constexpr uint64_t kBeforeAll = 0;
  static constexpr uint64_t kBehindAll = ~uint64_t{0};

  /// Forgets all sequences. There will be at most `words` words in at most `sequences` sequences.
  void Start(size_t sequences, size_t words);

  /// The place of the next sequence, which the caller fills with ascending words; equal ones may follow each other.
  std::span<uint64_t> Add(size_t words);

  /// All words in order; of equal ones, those of earlier sequences first. They live until the next call.
  std::span<const uint64_t> Merge();

 private:
  struct Sequence {
    size_t begin;
    size_t size;
  };

  std::vector<Sequence> sequences_;
  /// The sequences, one behind the other, each between two words that stand for its ends; and room to merge them to.
  std::vector<uint64_t> words_;
  std::vector<uint64_t> merged_;
  size_t end_ = 0;
};

}  // namespace sleeper::rows
