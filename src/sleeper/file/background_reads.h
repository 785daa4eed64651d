#pragma once

#include <cstddef>
#include <deque>
#include <memory>

#include "sleeper/base/buffer.h"
#include "sleeper/base/call_context.h"
#include "sleeper/base/event.h"
#include "sleeper/base/mutex.h"
#include "sleeper/base/status.h"
#include "sleeper/base/task_group.h"
#include "sleeper/store/object_store.h"

namespace sleeper::file {

/// Reads that go on while whoever asked for them does something else: at most so many at the same time, begun in the
/// order in which they were asked for. Confined, but for its own tasks.
class BackgroundReads {
 public:
  /// The bytes of a range, some time. Thread-safe.
  class Answer {
   public:
    explicit Answer(Executor& executor) : done_(executor) {}

    /// Once.
    void Set(Result<Buffer> bytes);

    /// Waits for the end of the read, which the deadline and the cancellation of its call bring about at the latest.
    Result<Buffer> Wait();

   private:
    Event done_;
    /// Written before the event is set, and read afterwards.
    Result<Buffer> bytes_ = Buffer();
  };

  /// The store and the executor must outlive it. REQUIRES: in_flight_max >= 1.
  BackgroundReads(store::ObjectStore& store, Executor& executor, size_t in_flight_max)
      : store_(store), executor_(executor), in_flight_max_(in_flight_max), group_(executor) {}
  /// Gives up what has not begun, and waits for what has. Nobody may be waiting for an answer.
  ~BackgroundReads();
  BackgroundReads(const BackgroundReads&) = delete;
  BackgroundReads& operator=(const BackgroundReads&) = delete;

  /// Asks for a range of an object, without waiting. What `call` points at must outlive the read.
  std::shared_ptr<Answer> Start(const store::ObjectPath& path, ByteRange range, const CallContext& call);

 private:
  struct Read {
    store::ObjectPath path;
    ByteRange range;
    CallContext call;
    std::shared_ptr<Answer> answer;
  };

  /// Does what there is to do. A read waits and does not compute: it gets a thread of its own.
  Status ReadSome();

  store::ObjectStore& store_;
  Executor& executor_;
  const size_t in_flight_max_;
  Mutex mutex_;
  std::deque<Read> waiting_ SLEEPER_GUARDED_BY(mutex_);
  size_t readers_ SLEEPER_GUARDED_BY(mutex_) = 0;
  TaskGroup group_;
};

}  // namespace sleeper::file
