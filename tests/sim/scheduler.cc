#include "tests/sim/scheduler.h"

#include <algorithm>
#include <execinfo.h>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "sleeper/base/check.h"

namespace sleeper::sim {
namespace {

constexpr int kFramesMax = 40;

/// The places that the calling task came through, as "program(+offset)": addr2line translates them.
void PrintStack(std::ostream& out) {
  void* frames[kFramesMax];
  int count = backtrace(frames, kFramesMax);
  char** names = backtrace_symbols(frames, count);
  if (names == nullptr) return;
  for (int i = 0; i < count; ++i) out << "      " << names[i] << '\n';
  std::free(names);
}

double Seconds(Duration time) { return static_cast<double>(time.count()) / 1e6; }

}  // namespace

Scheduler::WaitList::~WaitList() {
  SLEEPER_CHECK(tasks_.empty(), "something to wait at is gone while ", tasks_.size(), " tasks wait at it");
}

Scheduler::Scheduler(uint64_t seed, Duration step_mean, Trace& trace)
    : trace_(trace), random_(seed), step_mean_(step_mean) {}

Scheduler::~Scheduler() { SLEEPER_CHECK(tasks_.empty(), tasks_.size(), " tasks have not ended"); }

Process& Scheduler::AddProcess(std::string name, uint64_t weight) {
  SLEEPER_CHECK(weight >= 1, "process ", name, " would never be chosen");
  processes_.push_back(std::make_unique<Process>(std::move(name), weight));
  return *processes_.back();
}

void Scheduler::Start(Process& process, std::function<void()> body) {
  auto task = std::make_unique<Task>();
  task->id = ++tasks_started_;
  task->process = &process;
  task->coroutine = std::make_unique<Coroutine>(std::move(body));
  task->since = now_;
  tasks_.push_back(std::move(task));
}

RunEnd Scheduler::Run(int64_t steps_max) {
  SLEEPER_CHECK(current_ == nullptr, "a task runs the scheduler");
  while (!tasks_.empty()) {
    if (steps_ >= steps_max) return RunEnd::kTooLong;
    Task* next = Pick();
    if (next == nullptr) {
      if (!JumpToNextEvent()) return RunEnd::kDeadlock;
      continue;
    }
    ++steps_;
    trace_.Mix(static_cast<uint64_t>(next->id));
    Resume(*next);
    if (next->coroutine->done()) {
      std::erase_if(tasks_, [next](const std::unique_ptr<Task>& task) { return task.get() == next; });
    }
  }
  return RunEnd::kAllEnded;
}

Scheduler::Task* Scheduler::Pick() {
  WakeSleepers();
  auto runnable = [this](const Task& task) {
    return task.state == State::kRunnable && task.process->paused_until_ <= now_;
  };
  uint64_t total = 0;
  for (const auto& task : tasks_) {
    if (runnable(*task)) total += task->process->weight_;
  }
  if (total == 0) return nullptr;
  uint64_t chosen = random_.Below(total);
  for (const auto& task : tasks_) {
    if (!runnable(*task)) continue;
    if (chosen < task->process->weight_) return task.get();
    chosen -= task->process->weight_;
  }
  SLEEPER_CHECK(false, "the weights of the processes changed while one was chosen");
  return nullptr;
}

void Scheduler::WakeSleepers() {
  for (const auto& task : tasks_) {
    if (task->state == State::kRunnable || task->wake_at > now_) continue;
    if (task->list != nullptr) std::erase(task->list->tasks_, task.get());
    task->list = nullptr;
    task->state = State::kRunnable;
  }
}

bool Scheduler::JumpToNextEvent() {
  Duration next = Duration::max();
  for (const auto& task : tasks_) {
    Duration ready = task->state == State::kRunnable ? now_ : task->wake_at;
    if (ready == Duration::max()) continue;
    next = std::min(next, std::max(ready, task->process->paused_until_));
  }
  if (next == Duration::max()) return false;
  SLEEPER_CHECK(next > now_, "time stands still");
  now_ = next;
  return true;
}

void Scheduler::Resume(Task& task) {
  Task* outer = std::exchange(current_, &task);
  task.coroutine->Resume();
  current_ = outer;
}

void Scheduler::Suspend(State state, Duration wake_at) {
  Task& task = *current_;
  task.state = state;
  task.wake_at = wake_at;
  task.since = now_;
  task.coroutine->Suspend();
  while (describing_ != nullptr) {
    PrintStack(*describing_);
    task.coroutine->Suspend();
  }
}

void Scheduler::Abandon() {
  for (auto& task : tasks_) {
    task->coroutine->Abandon();
    if (task->list != nullptr) std::erase(task->list->tasks_, task.get());
  }
  tasks_.clear();
}

void Scheduler::Describe(std::ostream& out) {
  for (const auto& task : tasks_) {
    const char* doing = task->state == State::kSleeping  ? "sleeps"
                        : task->state == State::kWaiting ? "waits for another task"
                                                         : "could go on";
    out << fmt::format("  {}/{} {} since {:.6f}s{}; last port call: {}\n", task->process->name(), task->id, doing,
                       Seconds(task->since), task->process->killed() ? " (killed)" : "",
                       task->last_call.what.empty() ? "none" : Format(task->last_call));
    if (!task->coroutine->started()) continue;
    describing_ = &out;
    Resume(*task);
    describing_ = nullptr;
  }
}

void Scheduler::Yield() {
  now_ += Duration(static_cast<int64_t>(random_.Below(static_cast<uint64_t>(2 * step_mean_.count()) + 1)));
  Suspend(State::kRunnable, Duration{});
}

void Scheduler::SleepUntil(Duration time) {
  if (current_process().killed_) return Yield();
  Suspend(State::kSleeping, time);
}

bool Scheduler::Wait(WaitList& list, Duration deadline) {
  if (deadline <= now_) {
    Yield();
    return false;
  }
  Task& task = *current_;
  task.notified = false;
  task.list = &list;
  list.tasks_.push_back(&task);
  Suspend(State::kWaiting, deadline);
  return task.notified;
}

Process& Scheduler::current_process() {
  SLEEPER_CHECK(current_ != nullptr, "only a task of the simulation can wait or call a port");
  return *current_->process;
}

int Scheduler::current_task() const { return current_ == nullptr ? 0 : current_->id; }

void Scheduler::SetLastCall(Trace::Line line) {
  if (current_ != nullptr) current_->last_call = std::move(line);
}

void Scheduler::Wake(WaitList& list) {
  for (Task* task : list.tasks_) {
    task->notified = true;
    task->list = nullptr;
    task->state = State::kRunnable;
  }
  list.tasks_.clear();
}

void Scheduler::Kill(Process& process) {
  process.killed_ = true;
  process.paused_until_ = Duration{};
  for (const auto& task : tasks_) {
    if (task->process == &process && task->state == State::kSleeping) task->state = State::kRunnable;
  }
}

void Scheduler::Pause(Process& process, Duration until) { process.paused_until_ = until; }

uint64_t Scheduler::Choose(uint64_t bound) {
  uint64_t chosen = random_.Below(bound);
  trace_.Mix(chosen);
  return chosen;
}

bool Scheduler::Chance(double probability) {
  if (probability <= 0) return false;
  bool happens = random_.Fraction() < probability;
  trace_.Mix(happens ? 1u : 0u);
  return happens;
}

}  // namespace sleeper::sim
