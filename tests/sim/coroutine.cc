#include "tests/sim/coroutine.h"

#include <memory>
#include <tuple>
#include <utility>
#include <vector>

#include "sleeper/base/check.h"
#include "sleeper/base/mutex.h"

namespace sleeper::sim {
namespace {

/// Keeps values until the program ends, without destroying them even then.
template <typename... Values>
void KeepForEver(Values... values) {
  struct Kept {
    Mutex mutex;
    std::vector<std::tuple<Values...>> all;
  };
  static Kept* const kept = std::make_unique<Kept>().release();
  MutexLock lock(kept->mutex);
  kept->all.emplace_back(std::move(values)...);
}

}  // namespace
}  // namespace sleeper::sim

#if defined(__SANITIZE_THREAD__) || !(defined(__x86_64__) || defined(__aarch64__))
#define SLEEPER_SIM_THREADS 1
#else
#define SLEEPER_SIM_THREADS 0
#endif

#if SLEEPER_SIM_THREADS

#include <semaphore>
#include <thread>

namespace sleeper::sim {

/// A thread that runs only while the resumer waits, and the other way round.
struct Coroutine::Stack {
  std::binary_semaphore go_on{0};
  std::binary_semaphore stopped{0};
  std::thread thread;
};

Coroutine::Coroutine(std::function<void()> body) : body_(std::move(body)), stack_(std::make_unique<Stack>()) {}

Coroutine::~Coroutine() {
  if (stack_ == nullptr || !started_) return;
  SLEEPER_CHECK(done_, "a coroutine is dropped in the middle of its work");
  stack_->thread.join();
}

void Coroutine::Resume() {
  SLEEPER_CHECK(!done_, "a coroutine that has ended is resumed");
  if (!std::exchange(started_, true)) {
    stack_->thread = std::thread([this] {
      stack_->go_on.acquire();
      body_();
      body_ = nullptr;
      done_ = true;
      stack_->stopped.release();
    });
  }
  stack_->go_on.release();
  stack_->stopped.acquire();
}

void Coroutine::Suspend() {
  // Once it has stopped, nothing but the stack is its own: it may be abandoned.
  Stack& stack = *stack_;
  stack.stopped.release();
  stack.go_on.acquire();
}

void Coroutine::Abandon() {
  if (started_ && !done_) KeepForEver(std::move(stack_), std::move(body_));
}

}  // namespace sleeper::sim

#else

#include <cstdint>
#include <cstring>
#include <cxxabi.h>

#include <sys/mman.h>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#include <sanitizer/lsan_interface.h>
#endif

// Saves the registers that a callee must keep on the stack in use, stores the stack pointer in *save, and goes on where
// `load` was saved.
extern "C" void SleeperSimSwitchStack(void** save, void* load);

#if defined(__x86_64__)
asm(R"(
.text
.p2align 4
.type SleeperSimSwitchStack, @function
SleeperSimSwitchStack:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  retq
.size SleeperSimSwitchStack, .-SleeperSimSwitchStack
)");
#else
asm(R"(
.text
.p2align 4
.type SleeperSimSwitchStack, %function
SleeperSimSwitchStack:
  sub sp, sp, #160
  stp x19, x20, [sp, #0]
  stp x21, x22, [sp, #16]
  stp x23, x24, [sp, #32]
  stp x25, x26, [sp, #48]
  stp x27, x28, [sp, #64]
  stp x29, x30, [sp, #80]
  stp d8, d9, [sp, #96]
  stp d10, d11, [sp, #112]
  stp d12, d13, [sp, #128]
  stp d14, d15, [sp, #144]
  mov x2, sp
  str x2, [x0]
  mov sp, x1
  ldp x19, x20, [sp, #0]
  ldp x21, x22, [sp, #16]
  ldp x23, x24, [sp, #32]
  ldp x25, x26, [sp, #48]
  ldp x27, x28, [sp, #64]
  ldp x29, x30, [sp, #80]
  ldp d8, d9, [sp, #96]
  ldp d10, d11, [sp, #112]
  ldp d12, d13, [sp, #128]
  ldp d14, d15, [sp, #144]
  add sp, sp, #160
  ret
.size SleeperSimSwitchStack, .-SleeperSimSwitchStack
)");
#endif

namespace sleeper::sim {
namespace {

constexpr size_t kStackBytes = 1024 * 1024;  // Pages are taken only when touched.
constexpr size_t kGuardBytes = 64 * 1024;
constexpr size_t kPooledStacksMax = 64;

/// Memory of a stack, with pages below it that no program may touch.
class StackMemory {
 public:
  StackMemory() {
    void* base =
        mmap(nullptr, kGuardBytes + kStackBytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    SLEEPER_CHECK(base != MAP_FAILED, "no memory for a stack");
    base_ = static_cast<uint8_t*>(base);
    SLEEPER_CHECK(mprotect(bottom(), kStackBytes, PROT_READ | PROT_WRITE) == 0, "no memory for a stack");
  }
  ~StackMemory() {
    if (base_ != nullptr) munmap(base_, kGuardBytes + kStackBytes);
  }
  StackMemory(StackMemory&& other) noexcept : base_(std::exchange(other.base_, nullptr)) {}
  StackMemory& operator=(StackMemory&& other) noexcept {
    std::swap(base_, other.base_);
    return *this;
  }

  uint8_t* bottom() const { return base_ + kGuardBytes; }
  uint8_t* top() const { return bottom() + kStackBytes; }

 private:
  uint8_t* base_;
};

/// Stacks that were used before: their first pages are in memory already.
class StackPool {
 public:
  StackMemory Take() {
    StackMemory memory = TakeAny();
    // Fresh memory may lie where a stack was before.
#if defined(__SANITIZE_ADDRESS__)
    ASAN_UNPOISON_MEMORY_REGION(memory.bottom(), kStackBytes);
#endif
    return memory;
  }
  void Give(StackMemory memory) {
    if (free_.size() < kPooledStacksMax) free_.push_back(std::move(memory));
  }

 private:
  StackMemory TakeAny() {
    if (free_.empty()) return StackMemory();
    StackMemory memory = std::move(free_.back());
    free_.pop_back();
    return memory;
  }

  std::vector<StackMemory> free_;
};

StackPool& Pool() {
  static thread_local StackPool pool;
  return pool;
}

/// What the C++ runtime knows of exceptions in flight belongs to a stack, but it is kept per thread.
struct ExceptionState {
  void* caught;
  unsigned uncaught;
};

void Exchange(ExceptionState& kept) {
  auto* current = reinterpret_cast<ExceptionState*>(abi::__cxa_get_globals());
  std::swap(*current, kept);
}

thread_local Coroutine* starting = nullptr;

}  // namespace

struct Coroutine::Stack {
  StackMemory memory = Pool().Take();
  void* inside = nullptr;   // The stack pointer of the body while it is suspended.
  void* outside = nullptr;  // That of the resumer while the body runs.
  ExceptionState exceptions{};
#if defined(__SANITIZE_ADDRESS__)
  void* fake_outside = nullptr;
  void* fake_inside = nullptr;
  const void* outside_bottom = nullptr;
  size_t outside_bytes = 0;
#endif
};

Coroutine::Coroutine(std::function<void()> body) : body_(std::move(body)), stack_(std::make_unique<Stack>()) {
  // The frame that SleeperSimSwitchStack will restore: registers of no meaning, and Enter() as the return address.
  auto* frame = reinterpret_cast<uint64_t*>(stack_->memory.top());
#if defined(__x86_64__)
  frame -= 8;
  std::memset(frame, 0, 8 * sizeof(uint64_t));
  frame[6] = reinterpret_cast<uint64_t>(&Coroutine::Enter);  // Above it, 0 as the return address of Enter().
#else
  frame -= 20;
  std::memset(frame, 0, 20 * sizeof(uint64_t));
  frame[11] = reinterpret_cast<uint64_t>(&Coroutine::Enter);
#endif
  stack_->inside = frame;
}

Coroutine::~Coroutine() {
  if (stack_ == nullptr) return;
  SLEEPER_CHECK(done_ || !started_, "a coroutine is dropped in the middle of its work");
  Pool().Give(std::move(stack_->memory));
}

void Coroutine::Resume() {
  SLEEPER_CHECK(!done_, "a coroutine that has ended is resumed");
  if (!std::exchange(started_, true)) starting = this;
  Exchange(stack_->exceptions);
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_start_switch_fiber(&stack_->fake_outside, stack_->memory.bottom(), kStackBytes);
#endif
  SleeperSimSwitchStack(&stack_->outside, stack_->inside);
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_finish_switch_fiber(stack_->fake_outside, nullptr, nullptr);
#endif
  Exchange(stack_->exceptions);
}

void Coroutine::Suspend() {
#if defined(__SANITIZE_ADDRESS__)
  // A body that has ended gives its fake stack back.
  __sanitizer_start_switch_fiber(done_ ? nullptr : &stack_->fake_inside, stack_->outside_bottom, stack_->outside_bytes);
#endif
  SleeperSimSwitchStack(&stack_->inside, stack_->outside);
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_finish_switch_fiber(stack_->fake_inside, &stack_->outside_bottom, &stack_->outside_bytes);
#endif
}

void Coroutine::Enter() {
  Coroutine* self = std::exchange(starting, nullptr);
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_finish_switch_fiber(nullptr, &self->stack_->outside_bottom, &self->stack_->outside_bytes);
#endif
  self->body_();
  self->body_ = nullptr;
  self->done_ = true;
  self->Suspend();
  SLEEPER_CHECK(false, "a coroutine that has ended is resumed");
}

void Coroutine::Abandon() {
  if (!started_ || done_) return;
#if defined(__SANITIZE_ADDRESS__)
  // What only this stack points at is no leak that anybody could mend.
  __lsan_register_root_region(stack_->memory.bottom(), kStackBytes);
#endif
  KeepForEver(std::move(stack_), std::move(body_));
}

}  // namespace sleeper::sim

#endif
