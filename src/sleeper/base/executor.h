#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "sleeper/base/time.h"

namespace sleeper {

/// A place to wait at until something that other tasks do has happened (an event count). Thread-safe.
///
/// The waiter takes a ticket, looks at its condition, and waits only if it does not hold yet; whoever changes
/// what the condition depends on then calls NotifyAll. A notification after the ticket was taken ends the wait at once,
/// so none is ever missed, and no mutex is held while waiting:
///
///   for (;;) {
///     WaitPoint::Ticket ticket = point->Take();
///     if (ConditionHolds()) return;
///     point->Wait(ticket, deadline);
///   }
class WaitPoint {
 public:
  using Ticket = uint64_t;

  virtual ~WaitPoint() = default;
  virtual Ticket Take() = 0;

  /// Returns true after a NotifyAll that came later than the ticket, false once `deadline` has passed without one.
  virtual bool Wait(Ticket ticket, Instant deadline) = 0;
  virtual void NotifyAll() = 0;
};

/// The one port beneath all waiting and all parallelism: its production twin runs threads, its simulated twin hands a
/// baton from task to task under a seeded choice. Thread-safe.
///
/// Tasks are started through TaskGroup, which joins them; nothing else calls Spawn.
class Executor {
 public:
  virtual ~Executor() = default;

  /// Starts `task` when one of the bounded number of workers is free. Never blocks.
  virtual void Spawn(std::function<void()> task) = 0;

  /// Starts `task` at once, on a thread of its own: for stages of a pipeline, which wait for one another.
  virtual void SpawnThread(std::function<void()> task) = 0;

  /// How many tasks of Spawn run at the same time. At least 1.
  virtual int concurrency() const = 0;

  virtual std::unique_ptr<WaitPoint> MakeWaitPoint() = 0;

  virtual void SleepUntil(Instant time) = 0;

  /// The clocks that deadlines of this executor are read on.
  virtual const Clock& clock() const = 0;
};

/// How many threads the machine runs at the same time. At least 1.
int MachineConcurrency();

/// Runs tasks on `threads` threads of its own. The destructor joins them; no task may be pending then.
class ThreadExecutor final : public Executor {
 public:
  /// REQUIRES: threads >= 1. `clock` must outlive the executor.
  ThreadExecutor(int threads, const Clock& clock);
  ~ThreadExecutor() override;

  void Spawn(std::function<void()> task) override;
  void SpawnThread(std::function<void()> task) override;
  int concurrency() const override;
  std::unique_ptr<WaitPoint> MakeWaitPoint() override;
  void SleepUntil(Instant time) override;
  const Clock& clock() const override { return clock_; }

 private:
  struct Pool;
  const Clock& clock_;
  std::unique_ptr<Pool> pool_;
};

}  // namespace sleeper
