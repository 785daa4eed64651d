#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "sleeper/file/page_rows.h"
#include "sleeper/file/slack_array.h"

namespace sleeper::file {

/// The different values of a column chunk and their numbers, as long as there are few. Confined.
class DictionaryBuilder {
 public:
  /// A larger dictionary saves nothing: it is given up, and the pages that follow have their values themselves.
  static constexpr size_t kBytesMax = 1 << 20;

  explicit DictionaryBuilder(PhysicalType type) : type_(type) {}

  /// The number of each value of `rows` that is not null; nothing, from then on, if the dictionary would grow too
  /// large. What it holds stays as it was then.
  std::optional<std::span<const uint32_t>> Add(const PageRows& rows);

  uint32_t size() const { return static_cast<uint32_t>(ends_.size()); }

  /// The values, as Parquet encodes them plainly.
  const SlackArray<uint8_t>& plain() const { return plain_; }

  void Clear();

 private:
  /// The number of a value, which is added if it is new. `plain` are its bytes, with its size in front if it is bytes.
  uint32_t NumberOf(std::span<const uint8_t> plain);
  void Rehash();
  std::span<const uint8_t> PlainOf(uint32_t number) const;

  PhysicalType type_;
  bool given_up_ = false;
  SlackArray<uint8_t> plain_;
  /// Where each value ends in plain_.
  std::vector<uint32_t> ends_;
  /// Open addressing: a value's number and one, 0 where there is none.
  std::vector<uint32_t> slots_;
  SlackArray<uint32_t> indexes_;
  SlackArray<uint8_t> value_;
};

}  // namespace sleeper::file
