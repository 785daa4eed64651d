#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "sleeper/base/call_context.h"
#include "sleeper/base/status.h"
#include "tests/sim/sim_store.h"

namespace sleeper::sim {

/// Whether the answer of a read may end too early, after the call was heard.
enum class BodyCut { kPossible, kNever };

/// Whether a copy of a write may arrive, at once or later.
enum class Echo { kPossible, kNever };

/// One call of the store, from the moment at which the process makes it to the moment at which it has the answer.
/// Confined.
class SimStore::PortCall {
 public:
  /// `verb` is a literal.
  PortCall(SimStore& store, std::string_view verb, const store::ObjectPath& path, const CallContext& call);

  /// What a call writes, for the trace.
  void Carries(std::string_view bytes);

  /// Makes a read of `read` and its faults. `describe` says what came back.
  template <typename Value, typename Read, typename Describe>
  Result<Value> MakeRead(const Read& read, const Describe& describe, BodyCut cut = BodyCut::kPossible) {
    if (Status failed = Travel(); !failed.ok()) return Answered(std::move(failed));
    Result<Value> result = read();
    if (cut == BodyCut::kPossible && result.ok() && Strikes(Fault::kBodyCut)) {
      return Answered(Error(ErrorKind::kUnavailable, verb_, " ", path_, ": the connection ended before the body"));
    }
    if (Status failed = TravelBack(); !failed.ok()) return Answered(std::move(failed));
    if (!result.ok()) return Answered(result.status());
    Note(describe(*result));
    return result;
  }

  /// Makes a write and its faults. `effect` owns what it needs: it may come to pass later, or twice.
  template <typename Value, typename Describe>
  Result<Value> MakeWrite(const std::function<Result<Value>()>& effect, const Describe& describe,
                          Echo echo = Echo::kPossible) {
    const auto late = [effect] { static_cast<void>(effect()); };
    if (Status failed = Travel(); !failed.ok()) {
      if (sent_ && world_.scheduler.Choose(2) == 0) Later(late);
      return Answered(std::move(failed));
    }
    if (Strikes(Fault::kRequestLost)) return Answered(Unknown());
    if (Strikes(Fault::kLate)) {
      Later(late);
      return Answered(Unknown());
    }
    Result<Value> result = effect();
    if (echo == Echo::kPossible && Strikes(Fault::kSentTwice)) result = effect();
    if (echo == Echo::kPossible && Strikes(Fault::kEcho)) Later(late);
    if (Strikes(Fault::kAnswerLost)) return Answered(Unknown());
    if (Status failed = TravelBack(); !failed.ok()) return Answered(std::move(failed));
    if (!result.ok()) return Answered(result.status());
    Note(describe(*result));
    return result;
  }

 private:
  /// Up to the arrival at the store. A failure means that the call has no effect, unless it was sent_ by then.
  Status Travel();

  /// From the store to the process: it may die meanwhile.
  Status TravelBack();

  /// The process meets its fate, if this call is the one.
  void MeetFate();

  bool Strikes(Fault fault);
  void Later(std::function<void()> effect);
  Status Unknown() const;
  Status Dead() const;
  Status Answered(Status status);
  void Note(std::string outcome);

  SimStore& store_;
  const World& world_;
  const std::string_view verb_;
  const store::ObjectPath& path_;
  const CallContext& call_;
  const int64_t number_;
  int64_t bytes_ = -1;
  bool sent_ = false;
  std::string faults_;
};

}  // namespace sleeper::sim
