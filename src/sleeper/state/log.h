#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>

#include "sleeper/base/call_context.h"
#include "sleeper/base/executor.h"
#include "sleeper/base/mutex.h"
#include "sleeper/base/random.h"
#include "sleeper/base/status.h"
#include "sleeper/base/time.h"
#include "sleeper/model/key_interval.h"
#include "sleeper/state/log_audit.h"
#include "sleeper/state/log_options.h"
#include "sleeper/state/log_view.h"
#include "sleeper/state/slot_appender.h"
#include "sleeper/state/slot_log.h"
#include "sleeper/store/object_store.h"

namespace sleeper::state {

/// A state, and when the entry that led to it was written, by the store's own clock.
template <typename State>
struct DatedState {
  std::shared_ptr<const State> state;
  WallTime written;
};

/// What a snapshot request led to.
struct SnapshotOutcome {
  model::LogNumber number = 0;
  /// False if that number had one already.
  bool written = false;
  int64_t bytes = 0;
};

/// What a truncation deleted.
struct TruncateOutcome {
  int64_t entries = 0;
  int64_t snapshots = 0;
};

/// When a log gets a snapshot, and when its oldest entries go. Value.
struct LogUpkeep {
  /// A snapshot is due when the newest one lacks so many entries.
  int64_t snapshot_every = 200;
  /// The latest entries stay, at least so many; LogOptions::ids_remembered is no less.
  int64_t entries_kept = 1'000;
  /// Entries are deleted once so many may be.
  int64_t truncate_behind = 200;
};

struct UpkeepOutcome {
  SnapshotOutcome snapshot;
  TruncateOutcome truncated;
};

/// A numbered log of objects and the state that it leads to: docs/formats/log-entry.md. Thread-safe.
///
/// `Machine` says what the entries mean: TableMachine or RegistryMachine. Committing is the matter of Committer.
template <typename Machine>
class Log {
 public:
  using State = typename Machine::State;
  using StatePtr = std::shared_ptr<const State>;

  /// The ports must outlive the log.
  Log(store::ObjectStore& store, const Clock& clock, Random& random, Executor& executor, LogLayout layout,
      LogOptions options);

  /// A state that contains every entry that was committed before the call. Unchanged: one listing. The empty state if
  /// the log has no entry. kUnavailable if the log kept changing; kCorrupt if it is broken; kInvalid if a newer version
  /// of the program wrote it.
  Result<StatePtr> Refresh(const CallContext& call);

  /// Refresh, and the time of the newest entry, which the same listing tells. 1970 if the log has no entry.
  Result<DatedState<State>> RefreshDated(const CallContext& call);

  /// The state as Refresh gives it, but only what lies in `interval` need be there; whoever asks for a range does not
  /// rely on the rest.
  Result<StatePtr> RefreshRange(const model::KeyInterval& interval, const CallContext& call);

  /// The latest state that was seen; nothing before the first Refresh.
  StatePtr current() const;

  /// Writes a snapshot of the newest state and reads it back. kExhausted, and nothing is written, if it would be larger
  /// than LogOptions::snapshot_bytes_max.
  Result<SnapshotOutcome> WriteSnapshot(const CallContext& call);

  /// Deletes entries and snapshots that nobody needs: those below the older of the two newest good snapshots, but never
  /// the newest entry nor the latest `entries_kept`, which the log's options say if it is not given.
  Result<TruncateOutcome> Truncate(const CallContext& call) { return Truncate(options_.entries_kept, call); }
  Result<TruncateOutcome> Truncate(int64_t entries_kept, const CallContext& call);

  /// Writes a snapshot and truncates, each if it is due. If neither is, that costs one listing, and up to two more
  /// while the log is longer than what stays.
  Result<UpkeepOutcome> Maintain(const LogUpkeep& upkeep, const CallContext& call);

  /// Reads everything that the log holds, each snapshot, and each entry from the first one (or the oldest snapshot that
  /// they reach back to) to the newest, and compares the states that they lead to. What is broken is a value of the
  /// answer; a failure is one of the store.
  Result<LogAudit> Audit(const CallContext& call);

  const LogLayout& layout() const { return slots_.layout(); }
  const LogOptions& options() const { return options_; }

 private:
  template <typename>
  friend class Committer;
  class Auditor;
  using View = LogView<Machine>;
  using ViewPtr = std::shared_ptr<const View>;

  /// The latest view that was seen; null at first.
  ViewPtr current_view() const;
  /// The same, or null if it was seen longer than `optimism_max` ago.
  ViewPtr recent_view() const;
  void Offer(ViewPtr view);

  /// The newest view, starting from `view`, or from a snapshot if that is null.
  Result<ViewPtr> RefreshFrom(ViewPtr view, const CallContext& call);
  /// The view of the newest snapshot that can be read; that of the empty log if there is none.
  Result<ViewPtr> LoadSnapshot(const CallContext& call);
  /// The view of one snapshot; null if it is gone, kCorrupt if it is broken, kExhausted if it is too large to be read.
  Result<ViewPtr> LoadSnapshotAt(const Slot& slot, const CallContext& call);
  /// `view` and the listed entries above it; null if they do not continue it.
  Result<ViewPtr> Follow(ViewPtr view, const SlotListing& listing, const CallContext& call);
  /// The view after one entry that names the last one of `view`.
  Result<ViewPtr> ApplyEntry(const View& view, const LogEntry& entry, const CallContext& call);
  /// If the newest entry ends the log, the view that stands for it; null otherwise.
  Result<ViewPtr> EndedView(const std::optional<Slot>& newest, const CallContext& call);

  Result<bool> IsSnapshotDue(const View& view, int64_t every, const CallContext& call);
  Result<bool> IsTruncationDue(const View& view, const LogUpkeep& upkeep, const CallContext& call);
  void SawSnapshot(model::LogNumber number);

  /// True if reading a snapshot will never succeed.
  static bool IsUseless(const Status& failure) {
    return IsKind(failure, ErrorKind::kCorrupt) || IsKind(failure, ErrorKind::kExhausted);
  }
  /// True if the snapshot can be read and is whole. Remembered, so that it is read once.
  Result<bool> IsGoodSnapshot(const Slot& slot, const CallContext& call);

  /// Older snapshots than so many are left for the next truncation.
  static constexpr int kSnapshotsListedMax = 1'000;
  /// Slots that are deleted with one call.
  static constexpr int64_t kDeletesMax = 1'000;

  const Clock& clock_;
  Random& random_;
  Executor& executor_;
  const LogOptions options_;
  SlotLog slots_;
  SlotAppender appender_;

  mutable Mutex mutex_;
  ViewPtr view_ SLEEPER_GUARDED_BY(mutex_);
  /// When the log was last seen to end at `view_`.
  Instant seen_at_ SLEEPER_GUARDED_BY(mutex_);
  /// The newest snapshot that was seen; others may have written one since. 0 if none was.
  model::LogNumber newest_snapshot_ SLEEPER_GUARDED_BY(mutex_) = 0;
  /// ETags of snapshots that were read back and found good.
  std::set<std::string> good_snapshots_ SLEEPER_GUARDED_BY(mutex_);
};

}  // namespace sleeper::state
