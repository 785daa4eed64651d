#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "sleeper/base/buffer.h"
#include "sleeper/base/call_context.h"
#include "sleeper/base/status.h"
#include "sleeper/store/object_store.h"

namespace sleeper::exchange {

/// What is read ahead of an object, at most.
inline constexpr int64_t kObjectAheadBytesMax = int64_t{32} << 20;

/// The bytes of one input. A source that knows its size can be read anywhere; any other only once, from start to end.
/// Confined.
class InputSource {
 public:
  virtual ~InputSource() = default;

  /// What messages call it: a path, a URL, or "standard input".
  virtual const std::string& name() const = 0;

  /// The number of bytes, if they can be read anywhere.
  virtual std::optional<int64_t> size() const = 0;

  /// The next bytes, at most `bytes_max` and at least one, or an empty buffer at the end.
  virtual Result<Buffer> Read(int64_t bytes_max, const CallContext& call) = 0;

  /// Exactly the bytes of `range`; does not move what Read returns next.
  /// REQUIRES: size() is known and `range` lies inside.
  virtual Result<Buffer> ReadAt(ByteRange range, const CallContext& call) = 0;

  /// Says what ReadAt is asked for next, so that a source that is far away may fetch it at once, within its own bound
  /// of memory. What was fetched for the ranges before is given up.
  /// REQUIRES: size() is known and the ranges lie inside.
  virtual Status Prefetch(std::span<const ByteRange>, const CallContext&) { return Status::OK(); }
};

/// A file of this machine. kNotFound if there is none; kDenied without permission; kInvalid for a folder. Pipes and
/// devices are read from start to end.
Result<std::unique_ptr<InputSource>> OpenFileSource(const std::string& path);

/// An open file descriptor, read from start to end, for example standard input. It is not closed.
std::unique_ptr<InputSource> MakeDescriptorSource(int descriptor, std::string name);

/// An object of a store, of which several ranges are read at a time: see kObjectAheadBytesMax. kNotFound if there is
/// none. The store must outlive the source.
Result<std::unique_ptr<InputSource>> OpenObjectSource(store::ObjectStore& store, const store::ObjectPath& path,
                                                      std::string name, const CallContext& call);

/// Bytes in memory.
std::unique_ptr<InputSource> MakeBufferSource(Buffer bytes, std::string name);

}  // namespace sleeper::exchange
