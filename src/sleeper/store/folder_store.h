#pragma once

#include <atomic>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "sleeper/base/random.h"
#include "sleeper/store/folder_tree.h"
#include "sleeper/store/object_stamp.h"
#include "sleeper/store/object_store.h"
#include "sleeper/store/path_rules.h"
#include "sleeper/store/temporary_file.h"

namespace sleeper::store {

struct FolderStoreOptions {
  /// The folder; made by the first write.
  std::string root;
  NetworkFileSystems network_file_systems = NetworkFileSystems::kRefuse;
  int list_page_max = kListPageMax;
  /// Tests replace it to see what is synced, and when.
  SyncFunction sync = SyncToDisk;
};

/// Objects as files below a folder of the local file system. Thread-safe, and any number of processes may share the
/// folder.
///
/// An object appears whole, by link() of a temporary file that was written and synced, and what was acknowledged
/// survives a power cut: the writer syncs the folder before it answers, and a reader does so before it acts on an entry
/// whose writer has not. Why it is done so is told in docs/decisions/0010-folder-store.md.
class FolderStore final : public ObjectStore {
 public:
  /// The root need not exist, then the store is empty. kInvalid if it is no folder or lies on a file system that is
  /// refused. `clock` and `random` must outlive the store.
  static Result<std::unique_ptr<FolderStore>> Open(const FolderStoreOptions& options, const Clock& clock,
                                                   Random& random);

  /// REQUIRES: `options.root` is what CheckStoreRoot answered. Open sees to that.
  FolderStore(const FolderStoreOptions& options, const Clock& clock, Random& random);

  Result<Object> Get(const ObjectPath& path, const CallContext& call) override;
  Result<Buffer> GetRange(const ObjectPath& path, ByteRange range, const CallContext& call) override;
  Result<std::vector<Buffer>> GetRanges(const ObjectPath& path, std::span<const ByteRange> ranges,
                                        const CallContext& call) override;
  Result<PutOutcome> Put(const ObjectPath& path, Buffer bytes, PutMode mode, const CallContext& call) override;
  Result<std::unique_ptr<ObjectWriter>> OpenWriter(const ObjectPath& path, PutMode mode,
                                                   const CallContext& call) override;
  Result<ObjectInfo> Head(const ObjectPath& path, const CallContext& call) override;
  Result<ListPage> List(const ObjectPath& prefix, const ObjectPath& after, int keys_max,
                        const CallContext& call) override;
  Status Delete(std::span<const ObjectPath> paths, const CallContext& call) override;
  Status DropAbandonedWrites(const ObjectPath& prefix, Duration age, const CallContext& call) override;

 private:
  class Writer;

  /// An object that is open for reading.
  struct OpenObject {
    FileDescriptor file;
    ObjectInfo info;
  };

  /// kNotFound if there is no such object. What it tells of survives a power cut.
  Result<OpenObject> OpenToRead(const ObjectPath& path, const CallContext& call);

  /// Makes the root and tries the file system, at the first write. Returns the root.
  Result<int> PrepareToWrite();

  /// True if there is such an object, which then survives a power cut. kInvalid if something else has its name.
  Result<bool> Exists(const FolderChain& chain, const std::string& name, const ObjectPath& path);

  /// Gives the sealed file the name of the object.
  Result<PutOutcome> Publish(TemporaryFile& file, const ObjectPath& path, PutMode mode);

  /// Deletes the objects `names` of one folder.
  Status DeleteFrom(const std::vector<std::string>& folder, const std::vector<std::string>& names);

  // Constant after construction.
  const FolderStoreOptions options_;
  const Clock& clock_;
  Random& random_;

  FolderTree tree_;
  StampSource stamps_;
  std::atomic<bool> is_prepared_ = false;
};

}  // namespace sleeper::store
