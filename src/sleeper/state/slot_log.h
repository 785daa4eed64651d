#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "sleeper/base/call_context.h"
#include "sleeper/base/executor.h"
#include "sleeper/base/status.h"
#include "sleeper/base/time.h"
#include "sleeper/state/layout.h"
#include "sleeper/state/log_entry.h"
#include "sleeper/state/snapshot.h"
#include "sleeper/store/object_store.h"

namespace sleeper::state {

/// One object of a log, as a listing shows it.
struct Slot {
  model::LogNumber number = 0;
  int64_t size = 0;
  std::string etag;
  WallTime last_modified;
};

/// The slots above a number, newest first, and what is known from the same listing.
struct SlotListing {
  std::vector<Slot> newer;
  /// The newest slot of all, if there is one.
  std::optional<Slot> newest;
};

/// The objects of one log: its slots, snapshots and bodies, without their meaning. Thread-safe.
///
/// Reads ask as "log": caches must let them pass, because a slot can be re-created.
class SlotLog {
 public:
  SlotLog(store::ObjectStore& store, Executor& executor, LogLayout layout)
      : store_(store), executor_(executor), layout_(std::move(layout)) {}

  const LogLayout& layout() const { return layout_; }

  /// Lists newest first down to `after`, which is left out.
  Result<SlotListing> ListAfter(model::LogNumber after, const CallContext& call);
  Result<std::optional<Slot>> Newest(const CallContext& call);

  /// Reads an entry, or nothing if the slot is empty.
  Result<std::optional<LogEntry>> Read(model::LogNumber number, const CallContext& call);

  /// Reads slots together. Nothing if one of them is not, any more, the object that was listed.
  Result<std::optional<std::vector<LogEntry>>> ReadListed(std::span<const Slot> slots, const CallContext& call);

  /// kNotFound if it is gone.
  Result<std::string> ReadBody(const BodyReference& body, const CallContext& call);

  Result<store::PutOutcome> Put(model::LogNumber number, Buffer entry, const CallContext& call);
  Status PutBody(const model::FileId& name, Buffer body, const CallContext& call);
  Status DeleteSlots(std::span<const model::LogNumber> numbers, const CallContext& call);

  /// The newest `snapshots_max`, newest first.
  Result<std::vector<Slot>> ListSnapshots(int snapshots_max, const CallContext& call);
  Result<store::PutOutcome> PutSnapshot(model::LogNumber number, std::span<const Buffer> pieces,
                                        const CallContext& call);
  /// Nothing if it is gone.
  Result<std::optional<Snapshot>> ReadSnapshot(model::LogNumber number, EntryCheck check, const CallContext& call);
  /// The ids that the newest snapshot remembers; none if there is no snapshot.
  Result<RecentIds> ReadNewestSnapshotIds(const CallContext& call);
  Status DeleteSnapshots(std::span<const model::LogNumber> numbers, const CallContext& call);

  /// Slots below `limit`, oldest last, at most `slots_max`.
  Result<std::vector<model::LogNumber>> ListBelow(model::LogNumber limit, int64_t slots_max, const CallContext& call);

  std::string NameOf(model::LogNumber number) const;
  std::string NameOfSnapshot(model::LogNumber number) const;

 private:
  store::ObjectStore& store_;
  Executor& executor_;
  const LogLayout layout_;
};

}  // namespace sleeper::state
