#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "sleeper/base/call_context.h"
#include "sleeper/base/executor.h"
#include "sleeper/base/mutex.h"
#include "sleeper/base/random.h"
#include "sleeper/base/status.h"
#include "sleeper/base/time.h"
#include "sleeper/model/key_interval.h"
#include "sleeper/state/log_options.h"
#include "sleeper/state/log_view.h"
#include "sleeper/state/slot_log.h"
#include "sleeper/store/object_store.h"

namespace sleeper::state {

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

  /// The same, but only what lies in `interval` need be there; whoever asks for a range does not rely on the rest.
  Result<StatePtr> RefreshRange(const model::KeyInterval& interval, const CallContext& call);

  /// The latest state that was seen; nothing before the first Refresh.
  StatePtr current() const;

  /// When entry `number` was written, by the store's clock: from the listing, or nothing if it is not there any more.
  Result<std::optional<WallTime>> StoreTime(model::LogNumber number, const CallContext& call);

  /// Writes a snapshot of the newest state and reads it back.
  Result<SnapshotOutcome> WriteSnapshot(const CallContext& call);

  /// Deletes entries and snapshots that nobody needs: those below the older of the two newest good snapshots, but never
  /// the newest entry nor the latest `entries_kept`.
  Result<TruncateOutcome> Truncate(const CallContext& call);

  const LogLayout& layout() const { return slots_.layout(); }
  const LogOptions& options() const { return options_; }

 private:
  template <typename>
  friend class Committer;
  using View = LogView<Machine>;

  std::shared_ptr<const View> current_view() const;
  void Offer(std::shared_ptr<const View> view);

  store::ObjectStore& store_;
  const Clock& clock_;
  Random& random_;
  Executor& executor_;
  const LogOptions options_;
  SlotLog slots_;

  mutable Mutex mutex_;
  std::shared_ptr<const View> view_ SLEEPER_GUARDED_BY(mutex_);
};

}  // namespace sleeper::state
