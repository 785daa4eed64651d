#pragma once

#include <algorithm>
#include <string>
#include <utility>

#include "sleeper/exchange/input_source.h"

namespace sleeper::exchange {

/// Gives its bytes a few at a time, as a slow pipe does. Confined.
class TricklingSource final : public InputSource {
 public:
  TricklingSource(std::string bytes, int64_t step) : bytes_(std::move(bytes)), step_(step) {}

  const std::string& name() const override { return name_; }
  std::optional<int64_t> size() const override { return std::nullopt; }
  Result<Buffer> Read(int64_t bytes_max, const CallContext&) override {
    const std::string part = bytes_.substr(position_, static_cast<size_t>(std::min(step_, bytes_max)));
    position_ += part.size();
    return Buffer::CopyOf(part);
  }
  Result<Buffer> ReadAt(ByteRange, const CallContext&) override {
    return Error(ErrorKind::kInternal, "a pipe cannot be read anywhere");
  }

 private:
  const std::string name_ = "input";
  const std::string bytes_;
  const int64_t step_;
  size_t position_ = 0;
};

}  // namespace sleeper::exchange
