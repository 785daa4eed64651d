#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "sleeper/columnar/key_column.h"
#include "sleeper/model/key_interval.h"
#include "sleeper/rows/row_stream.h"

namespace sleeper::query {

/// Passes rows on in whole groups of equal row keys, so that what was passed on ends between two keys, and another
/// stream can go on there. Confined.
///
/// The last group is held back until a greater key, or the end, tells that it is complete. One that takes too much
/// memory is passed on in parts; while that lasts, nobody can go on elsewhere.
class WholeGroups final : public rows::RowStream {
 public:
  /// A group is held back up to this many bytes of its rows.
  static constexpr int64_t kHeldBytesMax = 256 << 20;

  /// REQUIRES: the input is in key order and has its row keys.
  explicit WholeGroups(std::unique_ptr<rows::RowStream> input, int64_t held_bytes_max = kHeldBytesMax)
      : input_(std::move(input)), held_bytes_max_(held_bytes_max) {}

  const std::shared_ptr<const columnar::Layout>& layout() const override { return input_->layout(); }

  /// Fails only when all complete groups have been passed on.
  Result<std::optional<columnar::Batch>> Next() override;

  /// The key of the last group that was passed on as a whole; nothing if there was none.
  const std::optional<model::NormalisedKey>& passed() const { return passed_; }

  /// True if a part of a group was passed on whose end did not come yet.
  bool is_inside_group() const { return is_inside_group_; }

 private:
  Status Take(const columnar::Batch& batch);
  void ReleaseHeld();
  /// The group that is held back is complete.
  void EndGroup();

  const std::unique_ptr<rows::RowStream> input_;
  const int64_t held_bytes_max_;
  columnar::KeyColumn keys_;
  /// To be passed on before more is read.
  std::deque<columnar::Batch> ready_;
  /// The group that is held back, and its key once there is one.
  std::vector<columnar::Batch> held_;
  int64_t held_bytes_ = 0;
  std::optional<model::NormalisedKey> held_key_;
  std::optional<model::NormalisedKey> passed_;
  bool is_inside_group_ = false;
};

}  // namespace sleeper::query
