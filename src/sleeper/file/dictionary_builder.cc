#include "sleeper/file/dictionary_builder.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <string_view>

namespace sleeper::file {
namespace {

constexpr size_t kSlotsAtFirst = 1024;

size_t HashOf(std::span<const uint8_t> bytes) {
  return std::hash<std::string_view>{}({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

}  // namespace

void DictionaryBuilder::Clear() {
  given_up_ = false;
  plain_.Clear();
  ends_.clear();
  slots_.assign(slots_.size(), 0);
}

std::span<const uint8_t> DictionaryBuilder::PlainOf(uint32_t number) const {
  const size_t begin = number == 0 ? 0 : ends_[number - 1];
  return plain_.span().subspan(begin, ends_[number] - begin);
}

void DictionaryBuilder::Rehash() {
  slots_.assign(std::max(kSlotsAtFirst, 2 * slots_.size()), 0);
  for (uint32_t number = 0; number < size(); ++number) {
    size_t slot = HashOf(PlainOf(number)) & (slots_.size() - 1);
    while (slots_[slot] != 0) slot = (slot + 1) & (slots_.size() - 1);
    slots_[slot] = number + 1;
  }
}

uint32_t DictionaryBuilder::NumberOf(std::span<const uint8_t> plain) {
  if (2 * ends_.size() >= slots_.size()) Rehash();
  size_t slot = HashOf(plain) & (slots_.size() - 1);
  for (; slots_[slot] != 0; slot = (slot + 1) & (slots_.size() - 1)) {
    const std::span<const uint8_t> candidate = PlainOf(slots_[slot] - 1);
    if (std::equal(plain.begin(), plain.end(), candidate.begin(), candidate.end())) return slots_[slot] - 1;
  }
  plain_.Append(plain);
  ends_.push_back(static_cast<uint32_t>(plain_.size()));
  slots_[slot] = size();
  return size() - 1;
}

std::optional<std::span<const uint32_t>> DictionaryBuilder::Add(const PageRows& rows) {
  if (given_up_) return std::nullopt;
  indexes_.Clear();
  uint32_t* const begin = indexes_.Reserve(static_cast<size_t>(rows.slots));
  uint32_t* next = begin;
  const auto width = static_cast<size_t>(WidthOf(type_));
  const uint8_t* bytes = rows.bytes.data();
  for (size_t i = 0; i < static_cast<size_t>(rows.slots); ++i) {
    if (rows.shape.nullable() && rows.valid[i] == 0) continue;
    if (width > 0) {
      *next++ = NumberOf(rows.fixed.span().subspan(i * width, width));
    } else {
      const int32_t size = rows.sizes[i];
      value_.Resize(sizeof size + static_cast<size_t>(size));
      std::memcpy(value_.data(), &size, sizeof size);
      if (size > 0) std::memcpy(value_.data() + sizeof size, bytes, static_cast<size_t>(size));
      bytes += size;
      *next++ = NumberOf(value_.span());
    }
    if (plain_.size() > kBytesMax) {
      // The values that this page has brought stay, used or not: they are few, and earlier pages' numbers hold.
      given_up_ = true;
      return std::nullopt;
    }
  }
  indexes_.Advance(static_cast<size_t>(next - begin));
  return indexes_.span();
}

}  // namespace sleeper::file
