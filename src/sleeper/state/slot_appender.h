#pragma once

#include "sleeper/base/call_context.h"
#include "sleeper/base/executor.h"
#include "sleeper/base/random.h"
#include "sleeper/base/status.h"
#include "sleeper/state/log_options.h"
#include "sleeper/state/slot_log.h"

namespace sleeper::state {

/// What became of the attempt to put an entry into a slot.
enum class AppendFate {
  kCommitted,  ///< It is part of the log.
  kTaken,      ///< The slot holds an object. It may even be ours: look for its id after a refresh.
  kStray,  ///< It was put into a slot that had been truncated away; that object is deleted again. It is not in the log.
  kUnknown,  ///< It can no longer be told whether it is part of the log.
  kEnded,    ///< The log has ended meanwhile, and nothing else can be told.
};

/// An entry on its way into one slot.
struct SlotEntry {
  model::LogNumber number = 0;
  model::EntryId id;
  Buffer bytes;
};

/// The only place that puts into a log, and that resolves a put whose answer was lost. Thread-safe.
class SlotAppender {
 public:
  SlotAppender(SlotLog& slots, Random& random, Executor& executor, const LogOptions& options)
      : slots_(slots), random_(random), executor_(executor), options_(options) {}

  /// Puts the entry and finds out what became of it. A failure means that no object was created.
  Result<AppendFate> Append(const SlotEntry& entry, const CallContext& call);

  /// A random pause that grows with the attempts; never past the deadline.
  void Pause(int attempt, const CallContext& call);

 private:
  enum class PutFate { kCreated, kTaken, kUnknown };

  Result<PutFate> Put(const SlotEntry& entry, const CallContext& call);
  Result<AppendFate> Judge(const SlotEntry& entry, const CallContext& call);
  Result<AppendFate> JudgeWithoutNext(const SlotEntry& entry, const CallContext& call);
  Status DeleteStray(const SlotEntry& entry, const CallContext& call);

  SlotLog& slots_;
  Random& random_;
  Executor& executor_;
  const LogOptions& options_;
};

/// True for failures that another attempt may not meet.
bool IsPassing(const Status& status);

}  // namespace sleeper::state
