#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <utility>

#include "sleeper/exchange/input_source.h"

namespace sleeper::exchange {

/// Counts what is read from another source. Confined.
class CountedSource final : public InputSource {
 public:
  explicit CountedSource(std::unique_ptr<InputSource> source) : source_(std::move(source)) {}

  const std::string& name() const override { return source_->name(); }
  std::optional<int64_t> size() const override { return source_->size(); }
  Result<Buffer> Read(int64_t bytes_max, const CallContext& call) override {
    return Counted(source_->Read(bytes_max, call));
  }
  Result<Buffer> ReadAt(ByteRange range, const CallContext& call) override {
    return Counted(source_->ReadAt(range, call));
  }
  Status Prefetch(std::span<const ByteRange> ranges, const CallContext& call) override {
    return source_->Prefetch(ranges, call);
  }

  int64_t bytes_read() const { return bytes_read_; }

 private:
  Result<Buffer> Counted(Result<Buffer> bytes) {
    if (bytes.ok()) bytes_read_ += bytes->size();
    return bytes;
  }

  const std::unique_ptr<InputSource> source_;
  int64_t bytes_read_ = 0;
};

}  // namespace sleeper::exchange
