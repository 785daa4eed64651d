#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "sleeper/base/buffer.h"
#include "sleeper/base/call_context.h"
#include "sleeper/base/status.h"

namespace sleeper::store {

/// A finished run of scratch bytes. Its space is given back when it is dropped. Thread-safe.
class ScratchRun {
 public:
  virtual ~ScratchRun() = default;

  virtual int64_t size() const = 0;

  /// Reads `range`; the buffer has exactly `range.size` bytes. kInvalid if the range reaches past the end.
  virtual Result<Buffer> Read(ByteRange range, const CallContext& call) const = 0;
};

/// A run that is being written. Confined to one thread. Dropping it without Finish() gives its space back.
class ScratchWriter {
 public:
  virtual ~ScratchWriter() = default;

  /// Appends bytes; every call is a write of its own, so callers hand over blocks, not rows. kExhausted if the space's
  /// bound or the disk is full; the run is of no use then.
  virtual Status Append(std::span<const uint8_t> bytes, const CallContext& call) = 0;

  /// Ends the run. After it only the destructor may be called.
  virtual Result<std::unique_ptr<ScratchRun>> Finish(const CallContext& call) = 0;
};

/// Bounded room for bytes that do not outlive the process: the runs of an external sort. Thread-safe.
/// It must outlive the writers and runs that came from it.
class ScratchSpace {
 public:
  virtual ~ScratchSpace() = default;

  virtual Result<std::unique_ptr<ScratchWriter>> NewRun(const CallContext& call) = 0;

  /// What all runs together hold now, and may hold at most.
  virtual int64_t bytes_used() const = 0;
  virtual int64_t bytes_max() const = 0;
};

}  // namespace sleeper::store
