#include "sleeper/base/buffer.h"

#include <utility>

#include "sleeper/base/check.h"

namespace sleeper {

Buffer Buffer::FromString(std::string bytes) {
  auto owner = std::make_shared<const std::string>(std::move(bytes));
  const auto* data = reinterpret_cast<const uint8_t*>(owner->data());
  const auto size = static_cast<int64_t>(owner->size());
  return Wrap(std::move(owner), data, size);
}

Buffer Buffer::Wrap(std::shared_ptr<const void> owner, const uint8_t* data, int64_t size) {
  SLEEPER_CHECK(size >= 0, "a buffer of negative size: ", size);
  Buffer buffer;
  buffer.owner_ = std::move(owner);
  buffer.data_ = data;
  buffer.size_ = size;
  return buffer;
}

Buffer Buffer::CopyOf(std::string_view bytes) { return FromString(std::string(bytes)); }

Buffer Buffer::Slice(ByteRange range) const {
  SLEEPER_CHECK(range.offset >= 0 && range.size >= 0 && range.size <= size_ && range.offset <= size_ - range.size,
                "a slice reaches past its buffer: ", range.offset, " + ", range.size, " of ", size_);
  return Wrap(owner_, data_ + range.offset, range.size);
}

}  // namespace sleeper
