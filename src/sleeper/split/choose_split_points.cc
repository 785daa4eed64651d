// The samples, in key order, are a histogram: "so many rows from this key on". For each of the parts - 1 ideal cuts, at
// equal numbers of rows, the sample whose key comes nearest is taken. Then its key is shortened, field by field, as
// long as the cut moves by no more than a tenth of a part: the boundary "SEA" says the same as "SEA, 2001-03-05T17:02"
// with less.

#include "sleeper/split/choose_split_points.h"

#include <algorithm>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "sleeper/model/key_codec.h"

namespace sleeper::split {
namespace {

/// A cut may move by the part's rows divided by this to have a shorter boundary.
constexpr int64_t kShorterBoundaryTolerance = 10;

/// Samples in key order with the rows before each.
class Histogram {
 public:
  Histogram(const model::KeyInterval& interval, std::vector<file::KeySample> samples) : samples_(std::move(samples)) {
    std::erase_if(samples_, [&](const file::KeySample& sample) {
      return sample.rows <= 0 || (interval.upper && sample.key >= *interval.upper);
    });
    std::stable_sort(samples_.begin(), samples_.end(),
                     [](const file::KeySample& a, const file::KeySample& b) { return a.key < b.key; });
    before_.reserve(samples_.size());
    for (const file::KeySample& sample : samples_) {
      before_.push_back(rows_);
      rows_ += sample.rows;
    }
  }

  int64_t rows() const { return rows_; }

  /// The rows of the samples whose key is less than `key`.
  int64_t RowsBefore(std::string_view key) const {
    const auto at = std::lower_bound(samples_.begin(), samples_.end(), key,
                                     [](const file::KeySample& sample, std::string_view k) { return sample.key < k; });
    return at == samples_.end() ? rows_ : before_[static_cast<size_t>(at - samples_.begin())];
  }

  /// The sample key that has a number of rows before it as near to `target` as any has, but neither none nor all.
  /// Null if there is no such key.
  const model::NormalisedKey* NearestKey(int64_t target) const {
    const auto at = std::lower_bound(before_.begin(), before_.end(), target);
    const model::NormalisedKey* nearest = nullptr;
    int64_t nearest_distance = rows_ + 1;
    const auto consider = [&](size_t index) {
      const int64_t before = RowsBefore(samples_[index].key);
      const int64_t distance = std::abs(before - target);
      if (before == 0 || distance >= nearest_distance) return;
      nearest = &samples_[index].key;
      nearest_distance = distance;
    };
    // Samples of one key are one candidate, with the rows before the first of them; so look at the keys on both sides.
    const size_t above = static_cast<size_t>(at - before_.begin());
    if (above > 0) consider(above - 1);
    for (size_t index = above; index < samples_.size(); ++index) {
      consider(index);
      if (RowsBefore(samples_[index].key) >= target) break;
    }
    return nearest;
  }

 private:
  std::vector<file::KeySample> samples_;
  std::vector<int64_t> before_;
  int64_t rows_ = 0;
};

}  // namespace

std::vector<model::NormalisedKey> ChooseSplitPoints(std::span<const model::Field> row_key_fields,
                                                    const model::KeyInterval& interval,
                                                    std::vector<file::KeySample> samples, int64_t parts) {
  const Histogram histogram(interval, std::move(samples));
  const int64_t tolerance = histogram.rows() / parts / kShorterBoundaryTolerance;
  const auto shorten = [&](const model::NormalisedKey& key, int64_t target) {
    for (size_t fields = 1; fields < row_key_fields.size(); ++fields) {
      const Result<size_t> size = model::KeyPrefixSize(row_key_fields.first(fields), key);
      if (!size.ok()) break;  // The sample is a leading part itself.
      const model::NormalisedKey shorter = key.substr(0, *size);
      const int64_t before = histogram.RowsBefore(shorter);
      if (shorter > interval.lower && before > 0 && std::abs(before - target) <= tolerance) return shorter;
    }
    return key;
  };

  std::vector<model::NormalisedKey> points;
  for (int64_t part = 1; part < parts; ++part) {
    const int64_t target = static_cast<int64_t>(static_cast<double>(histogram.rows()) * static_cast<double>(part) /
                                                static_cast<double>(parts));
    const model::NormalisedKey* nearest = histogram.NearestKey(target);
    if (nearest == nullptr) break;
    model::NormalisedKey point = shorten(*nearest, histogram.RowsBefore(*nearest));
    if (point > interval.lower && (points.empty() || point > points.back())) points.push_back(std::move(point));
  }
  return points;
}

}  // namespace sleeper::split
