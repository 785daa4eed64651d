#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "sleeper/base/buffer.h"
#include "sleeper/base/call_context.h"
#include "sleeper/base/status.h"
#include "sleeper/base/time.h"
#include "sleeper/store/object_path.h"

namespace sleeper::store {

/// The largest object that every store writes with one Put and reads with one Get: what S3 takes in one request. Larger
/// ones are streamed, and read by ranges.
inline constexpr int64_t kWholeObjectBytesMax = int64_t{5} << 30;

/// What a store tells about an object.
struct ObjectInfo {
  ObjectPath path;
  int64_t size = 0;
  /// Differs whenever the bytes differ. Never empty.
  std::string etag;
  /// By the store's own clock.
  WallTime last_modified;

  friend bool operator==(const ObjectInfo&, const ObjectInfo&) = default;
};

struct Object {
  ObjectInfo info;
  Buffer bytes;
};

/// One page of a listing, in ascending order of the paths' bytes.
struct ListPage {
  std::vector<ObjectInfo> objects;
  /// True if there are further objects after the last one of this page.
  bool more = false;
};

enum class PutMode {
  kIfAbsent,  ///< Create, and leave an existing object as it is.
  kReplace,   ///< Create or replace.
};

enum class PutOutcome {
  kCreated,  ///< The object holds our bytes now.
  kExists,   ///< kIfAbsent only: there was one already. It may even be our own, sent twice.
};

/// A large object that is being written. Confined to one thread. Dropping it without Finish() aborts: nothing becomes
/// visible. After Finish() only the destructor may be called.
class ObjectWriter {
 public:
  virtual ~ObjectWriter() = default;

  /// Appends bytes; may wait until earlier ones have gone out.
  virtual Status Append(Buffer bytes, const CallContext& call) = 0;

  /// Makes the object visible, whole; answers as Put does. kConflict if DropAbandonedWrites has given the write up.
  virtual Result<PutOutcome> Finish(const CallContext& call) = 0;
};

/// A flat namespace of immutable byte objects, as S3 offers it. Folders and rename do not exist.
///
/// Consistency: a reader that starts after a write returned sees that write, in Get and in List.
/// Thread-safe. Implementations do not retry; a decorator does.
class ObjectStore {
 public:
  virtual ~ObjectStore() = default;

  /// Reads a whole object with its info. kNotFound if there is none.
  virtual Result<Object> Get(const ObjectPath& path, const CallContext& call) = 0;

  /// Reads `range` of the object; the buffer has exactly `range.size` bytes.
  /// kNotFound if there is no such object; kInvalid if the range reaches past its end.
  virtual Result<Buffer> GetRange(const ObjectPath& path, ByteRange range, const CallContext& call) = 0;

  /// Reads many ranges of one object, concurrently up to the adapter's limit, answered in the order asked.
  virtual Result<std::vector<Buffer>> GetRanges(const ObjectPath& path, std::span<const ByteRange> ranges,
                                                const CallContext& call) = 0;

  /// Creates or replaces an object atomically. With kIfAbsent an existing object is not an error: the outcome says so.
  /// kOutcomeUnknown if the answer was lost: the object may or may not exist now.
  virtual Result<PutOutcome> Put(const ObjectPath& path, Buffer bytes, PutMode mode, const CallContext& call) = 0;

  /// Starts a large object. Nothing is visible before ObjectWriter::Finish(). The store must outlive the writer.
  virtual Result<std::unique_ptr<ObjectWriter>> OpenWriter(const ObjectPath& path, PutMode mode,
                                                           const CallContext& call) = 0;

  /// kNotFound if there is no such object.
  virtual Result<ObjectInfo> Head(const ObjectPath& path, const CallContext& call) = 0;

  /// One page of at most `keys_max` (>= 1; a store may return fewer and say `more`) objects whose path starts with
  /// `prefix` and comes after `after`: in the order of paths, or folder by folder, where `a/b` may precede `a-b`.
  virtual Result<ListPage> List(const ObjectPath& prefix, const ObjectPath& after, int keys_max,
                                const CallContext& call) = 0;

  /// Deletes objects. A missing object counts as deleted.
  virtual Status Delete(std::span<const ObjectPath> paths, const CallContext& call) = 0;

  /// Removes what unfinished writers left behind under `prefix` (uploads, temporary files) that is older than `age`.
  virtual Status DropAbandonedWrites(const ObjectPath& prefix, Duration age, const CallContext& call) = 0;
};

}  // namespace sleeper::store
