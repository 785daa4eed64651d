#pragma once

#include <optional>

#include "sleeper/base/call_context.h"
#include "sleeper/base/executor.h"
#include "sleeper/base/random.h"
#include "sleeper/base/status.h"
#include "sleeper/base/time.h"
#include "sleeper/ingest/ingest_spec.h"
#include "sleeper/state/table_log.h"

namespace sleeper::ingest {

/// Lets sweeps spare the files of an ingest: an entry of the log says from which birth on. One that is done within a
/// quarter of the sweep's age, on a table that is in use, is spared anyway and needs none. Confined.
///
/// It is not what makes sweeping safe, but what keeps work from being lost; so the worker's clock may decide whether it
/// is worth an entry.
class Registration {
 public:
  /// All must outlive it.
  Registration(state::TableCommitter& committer, Executor& executor, Random& random, const IngestSpec& spec)
      : committer_(committer),
        executor_(executor),
        random_(random),
        spec_(spec),
        since_(executor.clock().MonotonicNow()) {}

  /// A file is about to be started, which is born at `newest`.
  Status FileIsBorn(const state::DatedState<state::TableState>& newest, const CallContext& call);

  /// True when it is time for KeepAlive. Cheap, to be asked often while the ingest lasts.
  bool is_due() const;

  /// Registers anew when it is time, so that the ingest does not count as dead. An ingest that has no file yet is
  /// registered from `newest` on. kConflict: a sweep has passed it; what was written cannot become part of the table.
  Status KeepAlive(const state::DatedState<state::TableState>& newest, const CallContext& call);

  /// What ends the registration; nothing if there is none.
  std::optional<state::Transaction> Ending() const;

  /// Ends it because the ingest has failed. If that fails, too, a sweep ends it.
  void GiveUp(const CallContext& call);

 private:
  Status Register(const CallContext& call);
  Duration interval() const;

  state::TableCommitter& committer_;
  Executor& executor_;
  Random& random_;
  const IngestSpec& spec_;
  /// Of the first file, or less.
  std::optional<model::LogNumber> earliest_birth_;
  /// When the ingest began, or when it was registered last.
  Instant since_;
  std::optional<model::JobId> registered_as_;
};

}  // namespace sleeper::ingest
