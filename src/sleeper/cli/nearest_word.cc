#include "sleeper/cli/nearest_word.h"

#include <algorithm>
#include <numeric>
#include <vector>

namespace sleeper::cli {
namespace {

/// Longer words are not compared: nobody mistypes them by a letter.
constexpr size_t kLengthMax = 64;

/// How many letters have to be inserted, removed or replaced.
size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 0; i < a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i + 1;
    for (size_t j = 0; j < b.size(); ++j) {
      const size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
    }
  }
  return row[b.size()];
}

}  // namespace

std::string NearestWord(std::string_view given, std::span<const std::string> words) {
  if (given.empty() || given.size() > kLengthMax) return "";
  std::string nearest;
  size_t fewest = std::max<size_t>(1, given.size() / 3) + 1;
  for (const std::string& word : words) {
    const size_t distance = EditDistance(given, word);
    if (distance < fewest) {
      fewest = distance;
      nearest = word;
    }
  }
  return nearest;
}

}  // namespace sleeper::cli
