#include "sleeper/base/event.h"

#include <algorithm>

#include "sleeper/base/check.h"

namespace sleeper {

// Set and Release notify while they hold the mutex. A waiter sees the change only inside the mutex, so when it goes on
// and destroys the object, the notifier has left.

void Event::Set() {
  MutexLock lock(mutex_);
  set_ = true;
  point_->NotifyAll();
}

bool Event::is_set() const {
  MutexLock lock(mutex_);
  return set_;
}

bool Event::Wait(Instant deadline) {
  for (;;) {
    WaitPoint::Ticket ticket = point_->Take();
    if (is_set()) return true;
    if (!point_->Wait(ticket, deadline)) return is_set();
  }
}

Semaphore::Semaphore(Executor& executor, int64_t capacity)
    : point_(executor.MakeWaitPoint()), capacity_(capacity), free_(capacity) {
  SLEEPER_CHECK(capacity >= 1, "a semaphore of ", capacity, " admits nothing");
}

bool Semaphore::Acquire(int64_t amount, Instant deadline) {
  amount = std::min(amount, capacity_);
  bool expired = false;
  for (;;) {
    WaitPoint::Ticket ticket = point_->Take();
    {
      MutexLock lock(mutex_);
      if (free_ >= amount) {
        free_ -= amount;
        return true;
      }
    }
    if (expired) return false;
    expired = !point_->Wait(ticket, deadline);
  }
}

void Semaphore::Release(int64_t amount) {
  amount = std::min(amount, capacity_);
  MutexLock lock(mutex_);
  free_ += amount;
  SLEEPER_CHECK(free_ <= capacity_, "more was released than acquired: ", free_, " of ", capacity_, " are free");
  point_->NotifyAll();
}

}  // namespace sleeper
