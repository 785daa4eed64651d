#include "sleeper/columnar/arrow_buffer.h"

#include <utility>

#include <arrow/buffer.h>

namespace sleeper::columnar {
namespace {

/// An Arrow buffer over the bytes of one of ours.
class WrappedBuffer final : public arrow::Buffer {
 public:
  explicit WrappedBuffer(sleeper::Buffer bytes) : arrow::Buffer(bytes.data(), bytes.size()), bytes_(std::move(bytes)) {}

 private:
  sleeper::Buffer bytes_;
};

}  // namespace

std::shared_ptr<arrow::Buffer> ToArrow(Buffer buffer) { return std::make_shared<WrappedBuffer>(std::move(buffer)); }

Buffer FromArrow(std::shared_ptr<arrow::Buffer> buffer) {
  if (buffer == nullptr) return {};
  const uint8_t* data = buffer->data();
  const int64_t size = buffer->size();
  return Buffer::Wrap(std::move(buffer), data, size);
}

}  // namespace sleeper::columnar
