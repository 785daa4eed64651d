// The samples, in key order, are a histogram: "so many rows from this key on". For each of the parts - 1 ideal cuts, at
// equal numbers of rows, the key that comes nearest is taken, or one near it of fewer fields, if that moves the cut by
// no more than a tenth of a part: the boundary "SEA" says nearly the same as "SEA, 2001-03-05T17:02" with less.

#include "sleeper/file/choose_split_points.h"

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <utility>

#include "sleeper/model/key_codec.h"

namespace sleeper::file {
namespace {

/// A cut may move by the part's rows divided by this to have a shorter boundary.
constexpr int64_t kShorterBoundaryTolerance = 10;

/// Distinct keys in order, with the rows before each.
class Histogram {
 public:
  Histogram(const model::KeyInterval& interval, std::vector<KeySample> samples) {
    std::erase_if(samples, [&](const KeySample& sample) {
      return sample.rows <= 0 || (interval.upper && sample.key >= *interval.upper);
    });
    std::sort(samples.begin(), samples.end(), [](const KeySample& a, const KeySample& b) { return a.key < b.key; });
    for (KeySample& sample : samples) {
      const int64_t rows = sample.rows;
      if (keys_.empty() || keys_.back() != sample.key) {
        keys_.push_back(std::move(sample.key));
        before_.push_back(rows_);
      }
      rows_ += rows;
    }
  }

  int64_t rows() const { return rows_; }

  /// Where to cut so that about `target` rows come before: at the key that comes nearest or, if that moves the cut by
  /// no more than `tolerance` rows, at a leading part of some key, of as few fields as can be. There are rows on both
  /// sides. Nothing if there is only one key.
  std::optional<model::NormalisedKey> Cut(std::span<const model::Field> row_key_fields, int64_t target,
                                          int64_t tolerance) const {
    if (keys_.size() < 2) return std::nullopt;
    const size_t nearest = Nearest(target);
    const int64_t before = before_[nearest];
    for (size_t fields = 1; fields < row_key_fields.size(); ++fields) {
      auto shorter = CutAtLeadingPart(row_key_fields.first(fields), before, tolerance);
      if (shorter) return shorter;
    }
    return keys_[nearest];
  }

 private:
  /// The first key, which has no rows before it, is never meant.
  size_t Nearest(int64_t target) const {
    const auto at = std::lower_bound(before_.begin() + 1, before_.end(), target);
    auto above = static_cast<size_t>(at - before_.begin());
    if (above == keys_.size()) --above;
    const bool below_is_nearer = above > 1 && target - before_[above - 1] <= std::abs(before_[above] - target);
    return below_is_nearer ? above - 1 : above;
  }

  /// The least key of some value of `fields` that has between target - tolerance and target + tolerance rows before it,
  /// cut to those fields; the nearest one.
  std::optional<model::NormalisedKey> CutAtLeadingPart(std::span<const model::Field> fields, int64_t target,
                                                       int64_t tolerance) const {
    std::optional<model::NormalisedKey> cut;
    int64_t distance = tolerance + 1;
    const auto first = std::lower_bound(before_.begin() + 1, before_.end(), target - tolerance);
    for (auto index = static_cast<size_t>(first - before_.begin()); index < keys_.size(); ++index) {
      if (before_[index] > target + tolerance) break;
      const Result<size_t> size = model::KeyPrefixSize(fields, keys_[index]);
      if (!size.ok()) continue;  // The sample is a shorter leading part itself.
      const std::string_view part = std::string_view(keys_[index]).substr(0, *size);
      if (keys_[index - 1].starts_with(part) || std::abs(before_[index] - target) >= distance) continue;
      distance = std::abs(before_[index] - target);
      cut = part;
    }
    return cut;
  }

  std::vector<model::NormalisedKey> keys_;
  std::vector<int64_t> before_;
  int64_t rows_ = 0;
};

}  // namespace

std::vector<KeySample> SamplesWithin(const DataFileReader& reader, const model::KeyInterval& interval) {
  std::vector<KeySample> samples = reader.page_keys();
  // The sample in front of the interval reaches into it: its rows are there, from the interval's lower end on.
  auto first = std::lower_bound(samples.begin(), samples.end(), interval.lower,
                                [](const KeySample& sample, const auto& key) { return sample.key < key; });
  if (first != samples.begin() && (first == samples.end() || first->key > interval.lower)) {
    --first;
    first->key = interval.lower;
  }
  samples.erase(samples.begin(), first);
  std::erase_if(samples, [&](const KeySample& sample) { return !interval.Contains(sample.key); });
  return samples;
}

std::vector<model::NormalisedKey> ChooseSplitPoints(std::span<const model::Field> row_key_fields,
                                                    const model::KeyInterval& interval, std::vector<KeySample> samples,
                                                    int64_t parts) {
  const Histogram histogram(interval, std::move(samples));
  const int64_t tolerance = histogram.rows() / parts / kShorterBoundaryTolerance;
  std::vector<model::NormalisedKey> points;
  for (int64_t part = 1; part < parts; ++part) {
    const int64_t target = static_cast<int64_t>(static_cast<double>(histogram.rows()) * static_cast<double>(part) /
                                                static_cast<double>(parts));
    std::optional<model::NormalisedKey> point = histogram.Cut(row_key_fields, target, tolerance);
    if (!point) break;
    if (*point > interval.lower && (points.empty() || *point > points.back())) points.push_back(*std::move(point));
  }
  return points;
}

}  // namespace sleeper::file
