#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "sleeper/base/random.h"
#include "sleeper/base/time.h"
#include "tests/sim/coroutine.h"
#include "tests/sim/trace.h"

namespace sleeper::sim {

class Scheduler;

/// A simulated process of the operating system: tasks that are slowed, paused and killed together.
class Process {
 public:
  Process(std::string name, uint64_t weight) : name_(std::move(name)), weight_(weight) {}

  const std::string& name() const { return name_; }
  bool killed() const { return killed_; }

  /// How often its tasks are chosen, in relation to the others'.
  uint64_t weight() const { return weight_; }
  void set_weight(uint64_t weight) { weight_ = weight; }

 private:
  friend class Scheduler;

  const std::string name_;
  uint64_t weight_;
  bool killed_ = false;
  Duration paused_until_{};
};

/// Why a run came to its end.
enum class RunEnd {
  kAllEnded,  ///< Every task has ended.
  kDeadlock,  ///< No task can go on, and none waits for a time.
  kTooLong,   ///< The bound of steps is reached: somebody tries for ever.
};

/// Runs tasks one at a time under a seeded choice, in virtual time. A task keeps the baton until it yields, sleeps,
/// waits or ends; time passes only then: a little with each step and, if nobody can go on, up to the next who sleeps.
/// So the order of all that happens is a function of the seed. Confined to the thread that made it.
class Scheduler {
 public:
  /// A task that waits is in one of these. REQUIRES: empty when destroyed.
  class WaitList;

  /// `trace` must outlive the scheduler. A step advances the time by up to twice `step_mean`.
  Scheduler(uint64_t seed, Duration step_mean, Trace& trace);

  /// REQUIRES: all tasks have ended, or Abandon() was called.
  ~Scheduler();
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  /// The process lives as long as the scheduler. REQUIRES: weight >= 1.
  Process& AddProcess(std::string name, uint64_t weight);

  /// Starts a task, which gets its turn as any other. From inside tasks and from outside.
  void Start(Process& process, std::function<void()> body);

  /// Runs the tasks until the end. May be called again, with more tasks or a higher bound, unless it found a deadlock.
  RunEnd Run(int64_t steps_max);

  /// Leaves the tasks that have not ended for ever where they are, with all that their stacks hold: the only way out of
  /// a deadlock.
  void Abandon();

  /// Says where each unfinished task stands.
  void Describe(std::ostream& out);

  // For the running task.

  /// Lets others go first, or goes on itself.
  void Yield();

  /// Sleeps in virtual time; not at all in a killed process.
  void SleepUntil(Duration time);

  /// Waits in `list` until it is woken (true) or until `deadline` (false).
  bool Wait(WaitList& list, Duration deadline);

  Process& current_process();
  int current_task() const;
  bool inside_task() const { return current_ != nullptr; }

  /// What the running task did last, for Describe().
  void SetLastCall(Trace::Line line);

  // From inside tasks and from outside.

  void Wake(WaitList& list);

  /// From now on killed() is true; sleepers of the process wake up.
  void Kill(Process& process);

  /// The tasks of the process stand still until then, in the middle of whatever they do.
  void Pause(Process& process, Duration until);

  /// Time since the start of the run.
  Duration now() const { return now_; }
  int64_t steps() const { return steps_; }

  /// A choice of the seed in [0, bound).
  uint64_t Choose(uint64_t bound);

  /// True with this probability, by a choice of the seed.
  bool Chance(double probability);

  Trace& trace() { return trace_; }

 private:
  enum class State { kRunnable, kSleeping, kWaiting };

  struct Task {
    int id = 0;
    Process* process = nullptr;
    std::unique_ptr<Coroutine> coroutine;
    State state = State::kRunnable;
    Duration wake_at{};
    Duration since{};
    WaitList* list = nullptr;
    bool notified = false;
    Trace::Line last_call;
  };

  Task* Pick();
  void WakeSleepers();
  bool JumpToNextEvent();
  void Resume(Task& task);
  void Suspend(State state, Duration wake_at);

  Trace& trace_;
  SeededRandom random_;
  const Duration step_mean_;
  std::vector<std::unique_ptr<Process>> processes_;
  std::vector<std::unique_ptr<Task>> tasks_;
  Task* current_ = nullptr;
  int tasks_started_ = 0;
  int64_t steps_ = 0;
  Duration now_{};
  /// While set, a resumed task prints its stack there and stops again.
  std::ostream* describing_ = nullptr;
};

class Scheduler::WaitList {
 public:
  WaitList() = default;
  ~WaitList();
  WaitList(const WaitList&) = delete;
  WaitList& operator=(const WaitList&) = delete;

 private:
  friend class Scheduler;
  std::vector<Task*> tasks_;
};

}  // namespace sleeper::sim
