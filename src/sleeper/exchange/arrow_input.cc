#include "sleeper/exchange/arrow_input.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include <arrow/buffer.h>
#include <arrow/io/interfaces.h>
#include <arrow/util/future.h>

#include "sleeper/columnar/arrow_buffer.h"

namespace sleeper::exchange {
namespace {

using FutureBuffer = arrow::Future<std::shared_ptr<arrow::Buffer>>;

class SourceFile final : public arrow::io::RandomAccessFile {
 public:
  SourceFile(InputSource& source, const CallContext& call) : source_(source), call_(call), size_(*source.size()) {}

  Status Close() override {
    closed_ = true;
    return Status::OK();
  }
  bool closed() const override { return closed_; }
  Result<int64_t> Tell() const override { return position_; }
  Result<int64_t> GetSize() override { return size_; }
  Status Seek(int64_t position) override {
    if (position < 0 || position > size_) return OutOfBounds();
    position_ = position;
    return Status::OK();
  }

  Result<int64_t> ReadAt(int64_t position, int64_t bytes_max, bool allow_short, void* target) override {
    TRY_ASSIGN(const Buffer bytes, Fetch(position, bytes_max, allow_short));
    if (!bytes.empty()) std::memcpy(target, bytes.data(), static_cast<size_t>(bytes.size()));
    return bytes.size();
  }
  Result<int64_t> ReadAt(int64_t position, int64_t bytes_max, void* target) override {
    return ReadAt(position, bytes_max, true, target);
  }
  Result<std::shared_ptr<arrow::Buffer>> ReadAt(int64_t position, int64_t bytes_max, bool allow_short) override {
    TRY_ASSIGN(Buffer bytes, Fetch(position, bytes_max, allow_short));
    return columnar::ToArrow(std::move(bytes));
  }
  Result<std::shared_ptr<arrow::Buffer>> ReadAt(int64_t position, int64_t bytes_max) override {
    return ReadAt(position, bytes_max, true);
  }
  FutureBuffer ReadAsync(const arrow::io::IOContext&, int64_t position, int64_t bytes_max, bool allow_short) override {
    return FutureBuffer::MakeFinished(ReadAt(position, bytes_max, allow_short));
  }
  FutureBuffer ReadAsync(const arrow::io::IOContext& context, int64_t position, int64_t bytes_max) override {
    return ReadAsync(context, position, bytes_max, true);
  }

  Result<int64_t> Read(int64_t bytes_max, void* target) override {
    TRY_ASSIGN(const int64_t got, ReadAt(position_, bytes_max, target));
    position_ += got;
    return got;
  }
  Result<std::shared_ptr<arrow::Buffer>> Read(int64_t bytes_max) override {
    TRY_ASSIGN(auto bytes, ReadAt(position_, bytes_max));
    position_ += bytes->size();
    return bytes;
  }

 private:
  // A damaged file makes its reader ask for impossible places.
  Status OutOfBounds() const {
    return Error(ErrorKind::kInvalid, source_.name(), ": the file is damaged: it refers to bytes outside of itself");
  }

  Result<Buffer> Fetch(int64_t position, int64_t bytes_max, bool allow_short) {
    if (position < 0 || position > size_ || bytes_max < 0) return OutOfBounds();
    const int64_t size = std::min(bytes_max, size_ - position);
    if (size < bytes_max && !allow_short) return OutOfBounds();
    if (size == 0) return Buffer();
    return source_.ReadAt({position, size}, call_);
  }

  InputSource& source_;
  const CallContext call_;
  const int64_t size_;
  int64_t position_ = 0;
  bool closed_ = false;
};

class SourceStream final : public arrow::io::InputStream {
 public:
  SourceStream(InputSource& source, const CallContext& call) : source_(source), call_(call) {}

  Status Close() override {
    closed_ = true;
    return Status::OK();
  }
  bool closed() const override { return closed_; }
  Result<int64_t> Tell() const override { return position_; }

  // Arrow takes a short answer for the end.
  Result<int64_t> Read(int64_t bytes_max, void* target) override {
    int64_t filled = 0;
    while (filled < bytes_max) {
      TRY_ASSIGN(const Buffer bytes, source_.Read(bytes_max - filled, call_));
      if (bytes.empty()) break;
      std::memcpy(static_cast<char*>(target) + filled, bytes.data(), static_cast<size_t>(bytes.size()));
      filled += bytes.size();
    }
    position_ += filled;
    return filled;
  }

  // Grows with what arrives, so that a damaged length does not reserve memory.
  Result<std::shared_ptr<arrow::Buffer>> Read(int64_t bytes_max) override {
    std::string all;
    while (static_cast<int64_t>(all.size()) < bytes_max) {
      const int64_t wanted = std::min(bytes_max - static_cast<int64_t>(all.size()), kReadBytesMax);
      TRY_ASSIGN(const Buffer bytes, source_.Read(wanted, call_));
      if (bytes.empty()) break;
      if (bytes.size() == bytes_max) {
        position_ += bytes_max;
        return columnar::ToArrow(bytes);
      }
      all.append(bytes.view());
    }
    position_ += static_cast<int64_t>(all.size());
    return columnar::ToArrow(Buffer::FromString(std::move(all)));
  }

 private:
  static constexpr int64_t kReadBytesMax = int64_t{8} << 20;

  InputSource& source_;
  const CallContext call_;
  int64_t position_ = 0;
  bool closed_ = false;
};

}  // namespace

std::shared_ptr<arrow::io::RandomAccessFile> ToArrowFile(InputSource& source, const CallContext& call) {
  return std::make_shared<SourceFile>(source, call);
}

std::shared_ptr<arrow::io::InputStream> ToArrowStream(InputSource& source, const CallContext& call) {
  return std::make_shared<SourceStream>(source, call);
}

}  // namespace sleeper::exchange
