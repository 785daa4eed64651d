#include "sleeper/rows/word_merge.h"

#include <algorithm>
#include <utility>

#include "sleeper/base/check.h"

namespace sleeper::rows {
namespace {

/// Merges two sequences, each with the words for its ends around it. The lower half is found from their begins, the
/// upper half from their ends.
void MergeTwo(std::span<const uint64_t> a, std::span<const uint64_t> b, uint64_t* out) {
  const size_t total = a.size() + b.size();
  const uint64_t* low_a = a.data();
  const uint64_t* low_b = b.data();
  const uint64_t* high_a = low_a + a.size() - 1;
  const uint64_t* high_b = low_b + b.size() - 1;
  uint64_t* low = out;
  uint64_t* high = out + total - 1;
  for (size_t i = 0; i < total / 2; ++i) {
    const uint64_t next_a = *low_a;
    const uint64_t next_b = *low_b;
    const auto takes_b = static_cast<size_t>(next_b < next_a);
    *low++ = std::min(next_a, next_b);
    low_b += takes_b;
    low_a += 1 - takes_b;
    const uint64_t last_a = *high_a;
    const uint64_t last_b = *high_b;
    const auto takes_last_a = static_cast<size_t>(last_b < last_a);
    *high-- = std::max(last_a, last_b);
    high_a -= takes_last_a;
    high_b -= 1 - takes_last_a;
  }
  if (total % 2 == 1) *low = low_a <= high_a ? *low_a : *low_b;
}

}  // namespace

void WordMerge::Start(size_t sequences, size_t words) {
  const size_t size = words + 2 * sequences;
  if (words_.size() < size) {
    words_.resize(size);
    merged_.resize(size);
  }
  sequences_.clear();
  end_ = 0;
}

std::span<uint64_t> WordMerge::Add(size_t words) {
  SLEEPER_CHECK(end_ + words + 2 <= words_.size(), "more words to be merged than announced");
  words_[end_] = kBeforeAll;
  sequences_.push_back({end_ + 1, words});
  end_ += words + 2;
  words_[end_ - 1] = kBehindAll;
  return std::span(words_).subspan(end_ - 1 - words, words);
}

std::span<const uint64_t> WordMerge::Merge() {
  if (sequences_.empty()) return {};
  while (sequences_.size() > 1) {
    size_t kept = 0;
    size_t end = 0;
    for (size_t i = 0; i < sequences_.size(); i += 2) {
      const auto words_of = [&](const Sequence& sequence) {
        return std::span<const uint64_t>(words_).subspan(sequence.begin, sequence.size);
      };
      const std::span<const uint64_t> a = words_of(sequences_[i]);
      const std::span<const uint64_t> b =
          i + 1 < sequences_.size() ? words_of(sequences_[i + 1]) : std::span<const uint64_t>();
      const Sequence both{end + 1, a.size() + b.size()};
      merged_[end] = kBeforeAll;
      uint64_t* const out = merged_.data() + both.begin;
      if (b.empty()) {
        std::ranges::copy(a, out);
      } else {
        MergeTwo(a, b, out);
      }
      end = both.begin + both.size + 1;
      merged_[end - 1] = kBehindAll;
      sequences_[kept++] = both;
    }
    sequences_.resize(kept);
    std::swap(words_, merged_);
  }
  return std::span<const uint64_t>(words_).subspan(sequences_[0].begin, sequences_[0].size);
}

}  // namespace sleeper::rows
