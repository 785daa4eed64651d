#pragma once

#include <functional>
#include <memory>

namespace sleeper::sim {

/// A function with a stack of its own, which can stop in the middle and go on later. It runs only inside Resume(), so
/// one runs at a time, and a switch costs some tens of nanoseconds. Confined to the thread that made it.
///
/// Where no switch of stacks is written for the processor, and under the thread sanitizer, a thread takes the place of
/// the stack; nothing else differs.
class Coroutine {
 public:
  explicit Coroutine(std::function<void()> body);

  /// REQUIRES: the body has ended, was never resumed, or was abandoned.
  ~Coroutine();
  Coroutine(const Coroutine&) = delete;
  Coroutine& operator=(const Coroutine&) = delete;

  /// Runs the body until it suspends or ends. REQUIRES: !done(); called from outside of every coroutine.
  void Resume();

  /// Returns to whoever resumed. REQUIRES: called from inside the body.
  void Suspend();

  bool done() const { return done_; }
  bool started() const { return started_; }

  /// Gives up a body that is in the middle of its work. What it holds is never released.
  void Abandon();

 private:
  struct Stack;
  static void Enter();

  std::function<void()> body_;
  bool started_ = false;
  bool done_ = false;
  std::unique_ptr<Stack> stack_;
};

}  // namespace sleeper::sim
