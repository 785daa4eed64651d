#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sleeper/base/mutex.h"
#include "sleeper/base/random.h"
#include "sleeper/store/testing/intercepting_store.h"

namespace sleeper::store {

enum class FaultKind {
  kErrorBefore,    ///< The call fails and has no effect.
  kErrorAfter,     ///< The call has its effect, and then fails: the answer was lost.
  kTruncatedBody,  ///< A read answers with the first half of its bytes.
  kLatePut,        ///< A Put fails and has its effect later, when LandLatePuts() is called.
};

inline constexpr int64_t kEveryCall = INT64_MAX;

/// Which calls go wrong, and how. A call matches if all that is said of it is true of it.
struct FaultRule {
  FaultKind kind = FaultKind::kErrorBefore;
  ErrorKind error = ErrorKind::kUnavailable;
  std::optional<StoreFunction> function;
  std::string path_prefix;
  /// Any caller if empty.
  std::string caller;
  /// Of the calls that match, the first one (1, 2, …) that goes wrong, and how many do from there on.
  int64_t first = 1;
  int64_t count = 1;
  /// How likely each of them goes wrong.
  double probability = 1;
};

/// A store on which calls go wrong by rule, and that can be killed. Thread-safe.
///
/// The first rule that fires decides a call. Killed stands for the death of the process that uses the store: every
/// further call fails and has no effect, and writers that are dropped leave behind what they wrote.
class FaultyStore final : public InterceptingStore {
 public:
  /// `random` decides by probability, and is needed only where a rule has one below 1. It must outlive the store.
  explicit FaultyStore(ObjectStore& inner, Random* random = nullptr) : InterceptingStore(inner), random_(random) {}

  void AddRule(const FaultRule& rule);

  /// No rule applies any more.
  void ClearRules();

  /// Kills the process after that many more calls.
  void KillAfter(int64_t calls);

  /// A new process uses the store.
  void Revive();

  /// Puts that are late have their effect now, in the order in which they were made.
  Status LandLatePuts();

  /// How many calls there were (those that failed count too), and how many went wrong by rule.
  int64_t calls() const;
  int64_t faults() const;

  Result<PutOutcome> Put(const ObjectPath& path, Buffer bytes, PutMode mode, const CallContext& call) override;

 private:
  struct ArmedRule {
    FaultRule rule;
    int64_t matched = 0;
  };

  struct LatePut {
    ObjectPath path;
    Buffer bytes;
    PutMode mode;
  };

  Status Before(const StoreCall& call) override;
  Status After(const StoreCall& call, const Status& answer) override;
  Buffer AfterRead(const StoreCall& call, Buffer bytes) override;
  void AfterWriter(std::unique_ptr<ObjectWriter> writer) override;

  /// The failure that a rule of this kind asks for, if one fires.
  std::optional<Status> Fire(FaultKind kind, const StoreCall& call);

  Random* const random_;
  mutable Mutex mutex_;
  std::vector<ArmedRule> rules_ SLEEPER_GUARDED_BY(mutex_);
  std::vector<LatePut> late_puts_ SLEEPER_GUARDED_BY(mutex_);
  /// Writers of processes that were killed.
  std::vector<std::unique_ptr<ObjectWriter>> orphans_ SLEEPER_GUARDED_BY(mutex_);
  int64_t calls_ SLEEPER_GUARDED_BY(mutex_) = 0;
  int64_t faults_ SLEEPER_GUARDED_BY(mutex_) = 0;
  int64_t calls_until_death_ SLEEPER_GUARDED_BY(mutex_) = INT64_MAX;
};

}  // namespace sleeper::store
