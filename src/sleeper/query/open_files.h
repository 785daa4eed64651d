#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <memory>

#include "sleeper/base/call_context.h"
#include "sleeper/base/mutex.h"
#include "sleeper/base/status.h"
#include "sleeper/columnar/layout.h"
#include "sleeper/file/data_file_reader.h"
#include "sleeper/model/file_record.h"
#include "sleeper/store/object_store.h"

namespace sleeper::query {

/// The data files of one table that queries have opened, so that a warm look-up reads no footer again. Data files never
/// change, so nothing here can be stale. Thread-safe.
class OpenFiles {
 public:
  /// Footers and indexes are kept up to this many bytes of them; the least recently used go first.
  static constexpr int64_t kBytesMax = 256 << 20;

  /// `store` must outlive this, and the readers that it gives out.
  OpenFiles(store::ObjectStore& store, model::TableId table, int64_t bytes_max = kBytesMax)
      : store_(store), table_(std::move(table)), bytes_max_(bytes_max) {}

  /// kNotFound if the file is not in the store.
  Result<std::shared_ptr<const file::DataFileReader>> Open(const model::FileRecord& file,
                                                           const std::shared_ptr<const columnar::Layout>& layout,
                                                           const CallContext& call);

 private:
  struct Entry {
    model::FileId id;
    int64_t bytes = 0;
    std::shared_ptr<const file::DataFileReader> reader;
  };

  std::shared_ptr<const file::DataFileReader> Find(const model::FileId& id);
  void Keep(Entry entry);

  store::ObjectStore& store_;
  const model::TableId table_;
  const int64_t bytes_max_;
  Mutex mutex_;
  /// The most recently used first.
  std::list<Entry> entries_ SLEEPER_GUARDED_BY(mutex_);
  std::map<model::FileId, std::list<Entry>::iterator> by_id_ SLEEPER_GUARDED_BY(mutex_);
  int64_t bytes_ SLEEPER_GUARDED_BY(mutex_) = 0;
};

}  // namespace sleeper::query
