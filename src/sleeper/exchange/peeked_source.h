#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <utility>

#include "sleeper/exchange/input_source.h"

namespace sleeper::exchange {

/// A source whose first bytes have been looked at, and are read again. Confined.
class PeekedSource final : public InputSource {
 public:
  /// Looks at the first `bytes`, or fewer if the source is shorter.
  static Result<std::unique_ptr<PeekedSource>> Open(std::unique_ptr<InputSource> source, int64_t bytes,
                                                    const CallContext& call);

  const Buffer& head() const { return head_; }

  const std::string& name() const override { return source_->name(); }
  std::optional<int64_t> size() const override { return source_->size(); }
  Result<Buffer> Read(int64_t bytes_max, const CallContext& call) override;
  Result<Buffer> ReadAt(ByteRange range, const CallContext& call) override { return source_->ReadAt(range, call); }
  Status Prefetch(std::span<const ByteRange> ranges, const CallContext& call) override {
    return source_->Prefetch(ranges, call);
  }

  /// Over a source of which `head` has been read. Prefer Open().
  PeekedSource(std::unique_ptr<InputSource> source, Buffer head)
      : source_(std::move(source)), head_(std::move(head)), unread_(head_) {}

 private:
  const std::unique_ptr<InputSource> source_;
  const Buffer head_;
  Buffer unread_;
};

}  // namespace sleeper::exchange
