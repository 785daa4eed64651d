#pragma once

#include <mutex>

// Clang's thread-safety analysis, which libstdc++'s mutex is not annotated for. Other compilers see nothing.
#if defined(__clang__)
#define SLEEPER_THREAD_ANNOTATION(x) __attribute__((x))
#else
#define SLEEPER_THREAD_ANNOTATION(x)
#endif
#define SLEEPER_GUARDED_BY(mutex) SLEEPER_THREAD_ANNOTATION(guarded_by(mutex))
#define SLEEPER_REQUIRES(...) SLEEPER_THREAD_ANNOTATION(requires_capability(__VA_ARGS__))
#define SLEEPER_ACQUIRES(...) SLEEPER_THREAD_ANNOTATION(acquire_capability(__VA_ARGS__))

namespace sleeper {

/// Protects a few fields for a short moment. Never held across a port call or a wait.
class SLEEPER_THREAD_ANNOTATION(capability("mutex")) Mutex {
 public:
  Mutex() = default;
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;

  void Lock() SLEEPER_THREAD_ANNOTATION(acquire_capability()) { mutex_.lock(); }
  void Unlock() SLEEPER_THREAD_ANNOTATION(release_capability()) { mutex_.unlock(); }

 private:
  std::mutex mutex_;
};

/// Holds a Mutex for the enclosing scope.
class SLEEPER_THREAD_ANNOTATION(scoped_lockable) MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) SLEEPER_ACQUIRES(mutex) : mutex_(mutex) { mutex_.Lock(); }
  ~MutexLock() SLEEPER_THREAD_ANNOTATION(release_capability()) { mutex_.Unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex& mutex_;
};

}  // namespace sleeper
