#include "sleeper/base/nearest_word.h"

#include <algorithm>
#include <numeric>
#include <vector>

namespace sleeper {
namespace {

/// Longer words are not compared: nobody mistypes them by a letter.
constexpr size_t kLengthMax = 64;

/// How many letters have to be put in, taken out or replaced to make `a` into `b`; if they are `enough` or more, any
/// number that is not less.
size_t EditDistance(std::string_view a, std::string_view b, size_t enough) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 0; i < a.size(); ++i) {
    size_t diagonal = row[0];
    size_t least = row[0] = i + 1;
    for (size_t j = 0; j < b.size(); ++j) {
      const size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
      least = std::min(least, row[j + 1]);
    }
    // No later row has less.
    if (least >= enough) return least;
  }
  return row[b.size()];
}

}  // namespace

std::string_view NearestWord(std::string_view given, std::span<const std::string_view> words, size_t changes_max) {
  std::string_view nearest;
  if (given.empty() || given.size() > kLengthMax) return nearest;
  size_t fewest = changes_max + 1;
  for (const std::string_view word : words) {
    const size_t longer = std::max(given.size(), word.size());
    // No closer look can help where the lengths differ by more.
    if (longer - std::min(given.size(), word.size()) >= fewest) continue;
    const size_t changes = EditDistance(given, word, fewest);
    if (changes < fewest) {
      fewest = changes;
      nearest = word;
    }
  }
  return nearest;
}

}  // namespace sleeper
