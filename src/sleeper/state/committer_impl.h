#pragma once

// The bodies of Committer's functions, for the files that instantiate it.

#include <algorithm>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sleeper/base/check.h"
#include "sleeper/state/committer.h"
#include "sleeper/state/log_entry.h"
#include "sleeper/state/state_digest.h"
#include "sleeper/store/abandoned_write.h"

namespace sleeper::state {

/// A mark is taken in when the last one is older than this by the store's clock.
inline constexpr Duration kMarkSpacing = std::chrono::minutes(1);
/// After so many entries whose times were not seen the log is listed before the next one, so that marks keep up also
/// where one process writes without a pause.
inline constexpr model::LogNumber kUndatedEntriesMax = 64;
/// Whoever waits for another's work looks at its own cancellation this often.
inline constexpr Duration kCancellationPoll = std::chrono::milliseconds(200);
/// The callers of a group that was committed are given this part of the time that it took to come again together.
inline constexpr int kGatheringShare = 16;
/// Whoever loses one entry after the other to other writers waits no longer than after so many of them: those who win
/// know the state already, and whoever waited longer for having lost often would lose for ever.
inline constexpr int kLossesMax = 2;
/// What an entry takes besides its transactions.
inline constexpr int64_t kEntryOverheadBytes = 4 << 10;
/// What a transaction in a body takes in the entry.
inline constexpr int64_t kBodyReferenceBytes = 128;

/// A random part of `time`: those who waited together do not come together again.
inline Duration HalfToWhole(Duration time, Random& random) {
  const auto half = static_cast<uint64_t>(std::max<int64_t>(time.count(), 0)) / 2;
  return Duration(static_cast<int64_t>(half + random.Below(half + 1)));
}

/// One transaction and what has become of it.
template <typename Machine>
struct Committer<Machine>::Item {
  Transaction transaction;
  std::string bytes;
  bool open = true;
  TransactionOutcome outcome;
};

/// One call of Commit.
template <typename Machine>
struct Committer<Machine>::Request {
  std::vector<Item> items;
  /// The last entry that holds something of it, and a state that the answers hold for.
  model::LogNumber number = 0;
  std::shared_ptr<const State> state;
  Status failure;
  /// True once a group has taken it.
  bool taken = false;
  bool done = false;

  bool settled() const {
    return std::none_of(items.begin(), items.end(), [](const Item& item) { return item.open; });
  }
  bool Holds(const Item* item) const { return !items.empty() && item >= &items.front() && item <= &items.back(); }
};

/// An entry on its way. Its id is bound to one slot and one sequence of bytes: what comes later is not in it.
template <typename Machine>
struct Committer<Machine>::Try {
  SlotEntry slot;
  /// The view after the entry; null if nothing fits, and there is no entry.
  std::shared_ptr<const LogView<Machine>> after;
  /// What holds for each transaction if the entry is committed.
  std::vector<std::pair<Item*, TransactionOutcome>> outcomes;
  std::vector<std::pair<model::FileId, Buffer>> bodies;

  bool Concerns(const Request& request) const {
    return std::any_of(outcomes.begin(), outcomes.end(), [&](const auto& o) { return request.Holds(o.first); });
  }
};

/// The requests that are being settled.
template <typename Machine>
struct Committer<Machine>::Group {
  std::vector<std::shared_ptr<Request>> requests;
  /// Null if nothing is known of the log.
  std::shared_ptr<const LogView<Machine>> view;
  /// True if `view` was refreshed after the requests were made: what does not fit it is refused.
  bool fresh = false;
  /// The latest attempt, while it is not known what became of it.
  std::optional<Try> open_try;
  int attempts = 0;
  /// True once another writer was met.
  bool contended = false;

  bool settled() const {
    return std::all_of(requests.begin(), requests.end(), [](const auto& request) { return request->settled(); });
  }
};

template <typename Machine>
struct Committer<Machine>::Queue {
  explicit Queue(Executor& executor) : point(executor.MakeWaitPoint()) {}

  const std::unique_ptr<WaitPoint> point;
  Mutex mutex;
  std::deque<std::shared_ptr<Request>> waiting SLEEPER_GUARDED_BY(mutex);
  int64_t transactions SLEEPER_GUARDED_BY(mutex) = 0;
  bool led SLEEPER_GUARDED_BY(mutex) = false;
  /// The leader's; nobody else looks.
  Group group;
  /// About as long as the last append took, if it won against other writers: the time that they are given.
  Duration courtesy{};
  /// What the next leader waits for others before it takes what waits; zero if the last group was a single request.
  Duration gathering{};
};

template <typename Machine>
Committer<Machine>::Committer(Log<Machine>& log) : log_(log), queue_(std::make_unique<Queue>(log.executor_)) {}

template <typename Machine>
Committer<Machine>::~Committer() = default;

template <typename Machine>
auto Committer<Machine>::Commit(Transaction transaction, const CallContext& call) -> Result<CommitOutcome> {
  std::vector<Transaction> one;
  one.push_back(std::move(transaction));
  TRY_ASSIGN(CommitOutcome outcome, Commit(std::move(one), call));
  TRY(outcome.status());
  return outcome;
}

template <typename Machine>
auto Committer<Machine>::Commit(std::vector<Transaction> transactions, const CallContext& call)
    -> Result<CommitOutcome> {
  if (transactions.empty()) return Error(ErrorKind::kInvalid, "no transactions to commit");
  const auto count = static_cast<int64_t>(transactions.size());
  auto request = std::make_shared<Request>();
  for (Transaction& transaction : transactions) {
    std::string bytes = Machine::Encode(transaction);
    if (static_cast<int64_t>(bytes.size()) > log_.options_.body_bytes_max) {
      return Error(ErrorKind::kExhausted, "a transaction of ", bytes.size(), " bytes is larger than ",
                   log_.options_.body_bytes_max);
    }
    request->items.push_back({std::move(transaction), std::move(bytes), true, {}});
  }
  {
    MutexLock lock(queue_->mutex);
    if (queue_->transactions > 0 && queue_->transactions + count > log_.options_.waiting_transactions_max) {
      return Error(ErrorKind::kExhausted, "too many transactions wait to be committed: ", queue_->transactions);
    }
    queue_->transactions += count;
    queue_->waiting.push_back(request);
  }
  for (;;) {
    const WaitPoint::Ticket ticket = queue_->point->Take();
    bool lead = false;
    {
      MutexLock lock(queue_->mutex);
      if (request->done) return Answer(*request);
      if (!queue_->led) lead = queue_->led = true;
    }
    if (lead) {
      Lead(call, request);
      {
        MutexLock lock(queue_->mutex);
        queue_->led = false;
      }
      queue_->point->NotifyAll();
    }
    const Status wanted = call.Check(log_.executor_.clock());
    if (!wanted.ok()) {
      MutexLock lock(queue_->mutex);
      if (request->done) return Answer(*request);
      if (request->taken) return WithKind(WithContext(wanted, "the commit was under way"), ErrorKind::kOutcomeUnknown);
      std::erase(queue_->waiting, request);
      queue_->transactions -= count;
      return wanted;
    }
    if (lead) continue;
    Instant until = call.deadline;
    if (call.cancellation != nullptr) {
      until = std::min(until, log_.executor_.clock().MonotonicNow() + kCancellationPoll);
    }
    queue_->point->Wait(ticket, until);
  }
}

template <typename Machine>
auto Committer<Machine>::Answer(const Request& request) const -> Result<CommitOutcome> {
  if (!request.failure.ok()) {
    const bool in_part = std::any_of(request.items.begin(), request.items.end(),
                                     [](const Item& item) { return !item.open && item.outcome.applied(); });
    if (!in_part) return request.failure;
    return WithKind(WithContext(request.failure, "after a part of the transactions was committed"),
                    ErrorKind::kOutcomeUnknown);
  }
  CommitOutcome outcome;
  outcome.number = request.number;
  outcome.state = request.state;
  for (const Item& item : request.items) outcome.outcomes.push_back(item.outcome);
  return outcome;
}

template <typename Machine>
void Committer<Machine>::TakeGroup() {
  Group& group = queue_->group;
  MutexLock lock(queue_->mutex);
  int64_t count = 0;
  while (!queue_->waiting.empty()) {
    const auto size = static_cast<int64_t>(queue_->waiting.front()->items.size());
    if (count > 0 && count + size > log_.options_.group_transactions_max) break;
    count += size;
    queue_->waiting.front()->taken = true;
    group.requests.push_back(std::move(queue_->waiting.front()));
    queue_->waiting.pop_front();
  }
}

template <typename Machine>
void Committer<Machine>::Lead(const CallContext& call, const std::shared_ptr<Request>& own) {
  Group& group = queue_->group;
  if (group.requests.empty()) {
    // Without this the first who comes again after a large group has the next entry for itself, and all others wait for
    // the one after it.
    const Duration gathering = std::exchange(queue_->gathering, Duration::zero());
    if (gathering > Duration::zero()) {
      log_.executor_.SleepUntil(std::min(call.deadline, log_.executor_.clock().MonotonicNow() + gathering));
    }
    group = Group();
    group.view = log_.recent_view();
    const bool is_dated = group.view == nullptr ||
                          group.view->number() - (group.view->seen ? group.view->seen->number : 0) < kUndatedEntriesMax;
    if (!is_dated) group.view = nullptr;
    TakeGroup();
  }
  const Status status = Settle(group, call);
  if (status.ok() || KindOf(status) != ErrorKind::kCancelled) {
    Release(group, status, nullptr);
    return;
  }
  // Our own time is up. The others of the group go on, led by one of them.
  const bool takes_part = std::find(group.requests.begin(), group.requests.end(), own) != group.requests.end();
  if (takes_part) Release(group, status, own);
}

template <typename Machine>
void Committer<Machine>::Release(Group& group, const Status& status, const std::shared_ptr<Request>& only) {
  MutexLock lock(queue_->mutex);
  for (const std::shared_ptr<Request>& request : group.requests) {
    if (only != nullptr && request != only) continue;
    if (!request->settled()) {
      SLEEPER_CHECK(!status.ok(), "a settled group has an open transaction");
      if (group.open_try && group.open_try->Concerns(*request)) {
        request->failure =
            WithHint(WithKind(status, ErrorKind::kOutcomeUnknown), "see whether it was done; if not, ask for it again");
      } else {
        const bool is_of_others = KindOf(status) == ErrorKind::kOutcomeUnknown;
        request->failure = is_of_others ? WithKind(status, ErrorKind::kUnavailable) : status;
      }
    }
    request->done = true;
    queue_->transactions -= static_cast<int64_t>(request->items.size());
  }
  if (only == nullptr) {
    group = Group();
    return;
  }
  if (group.open_try) {
    std::erase_if(group.open_try->outcomes, [&](const auto& outcome) { return only->Holds(outcome.first); });
  }
  std::erase(group.requests, only);
  if (group.requests.empty()) group = Group();
}

template <typename Machine>
Status Committer<Machine>::Settle(Group& group, const CallContext& call) {
  int failures = 0;
  for (;;) {
    TRY(call.Check(log_.executor_.clock()));
    const Result<bool> settled = Round(group, call);
    if (settled.ok() && *settled) return Status::OK();
    if (!settled.ok()) {
      // While an attempt is open, giving up means not to know: insist for a while.
      const bool insist = group.open_try && IsPassing(settled.status());
      if (!insist || ++failures >= log_.options_.resolve_attempts_max) return settled.status();
      log_.appender_.Pause(failures, call);
      continue;
    }
    if (++group.attempts >= log_.options_.append_attempts_max) {
      return Error(ErrorKind::kUnavailable, log_.layout().name(), ": other writers came first, ", group.attempts,
                   " times");
    }
  }
}

template <typename Machine>
auto Committer<Machine>::RefreshGroup(Group& group, const CallContext& call) -> Result<std::optional<Try>> {
  TRY_ASSIGN(group.view, log_.RefreshFrom(group.view != nullptr ? group.view : log_.current_view(), call));
  group.fresh = true;
  if (!group.open_try) return std::optional<Try>();
  const SlotEntry& slot = group.open_try->slot;
  if (group.view->number() < slot.number) {
    // The slot is empty, or was when it was listed: the same entry goes there, and nowhere else.
    std::optional<Try> again = std::move(group.open_try);
    group.open_try.reset();
    return again;
  }
  const std::optional<model::EntryId> committed = group.view->ids.At(slot.number);
  if (!committed && Machine::HasEnded(*group.view->state)) {
    // Whether it was part of the log makes no difference any more: the end of the log answers for all.
    group.open_try.reset();
    return std::optional<Try>();
  }
  if (!committed) {
    return Error(ErrorKind::kOutcomeUnknown, log_.layout().name(), ": entry ", slot.number,
                 " is too long ago to tell whether it is ours");
  }
  if (*committed == slot.id) Accept(group, *group.open_try);
  // Its slot is another's for ever.
  group.open_try.reset();
  return std::optional<Try>();
}

template <typename Machine>
Result<bool> Committer<Machine>::Round(Group& group, const CallContext& call) {
  std::optional<Try> attempt;
  if (group.open_try || group.view == nullptr || group.attempts > 0) {
    TRY_ASSIGN(attempt, RefreshGroup(group, call));
    if (group.settled()) return true;
  }
  // The same entry was put before, and that put may still land.
  const bool in_doubt = attempt.has_value();
  if (!attempt) {
    attempt = Prepare(group);
    if (attempt->after == nullptr) {
      // Nothing fits. That answer needs a state that is as new as the question.
      if (!group.fresh) return false;
      attempt->slot.number = group.view->number();
      attempt->after = group.view;
      Accept(group, *attempt);
      return true;
    }
    TRY(PutBodies(*attempt, call));
  }
  const Instant start = log_.executor_.clock().MonotonicNow();
  // Whoever has just won against others lets them have a turn.
  const Duration courtesy = std::exchange(queue_->courtesy, Duration::zero());
  if (courtesy > Duration::zero()) log_.executor_.SleepUntil(std::min(call.deadline, start + courtesy));
  Result<AppendFate> fate = log_.appender_.Append(attempt->slot, call);
  if (!fate.ok()) {
    // The failure is about this put alone.
    if (in_doubt) group.open_try = std::move(attempt);
    return fate.status();
  }
  switch (*fate) {
    case AppendFate::kCommitted: {
      const Duration took = log_.executor_.clock().MonotonicNow() - start - courtesy;
      log_.Offer(attempt->after);
      Accept(group, *attempt);
      group.view = attempt->after;
      group.attempts = 0;
      if (group.contended) queue_->courtesy = HalfToWhole(took, log_.random_);
      if (group.requests.size() > 1) queue_->gathering = took / kGatheringShare;
      return group.settled();
    }
    case AppendFate::kStray:
      // It is not in the log and never will be.
      return false;
    case AppendFate::kTaken:
      group.contended = true;
      group.open_try = std::move(attempt);
      log_.appender_.Pause(std::min(group.attempts, kLossesMax), call);
      return false;
    case AppendFate::kUnknown:
      group.open_try = std::move(attempt);
      TRY(call.Check(log_.executor_.clock()));
      return Error(ErrorKind::kOutcomeUnknown, log_.layout().name(), ": it cannot be told whether entry ",
                   group.open_try->slot.number, " was written");
    case AppendFate::kEnded:
      group.open_try = std::move(attempt);
      return false;
  }
  return Error(ErrorKind::kInternal, "an append without a fate");
}

template <typename Machine>
auto Committer<Machine>::Prepare(const Group& group) -> Try {
  const LogView<Machine>& view = *group.view;
  const LogOptions& options = log_.options_;
  Try attempt;
  LogEntry entry;
  entry.number = view.number() + 1;
  entry.previous = view.ids.last_id();
  std::shared_ptr<const State> state = view.state;
  // An entry before a pause gets a mark in any case: it would count as young as the one after the pause.
  const bool was_pause = view.seen && log_.clock_.Now() - view.seen->time >= kMarkSpacing;
  if (view.seen && Machine::WantsMark(*state, *view.seen, was_pause ? Duration::zero() : kMarkSpacing)) {
    entry.mark = view.seen;
    state = Machine::WithMark(state, *view.seen, entry.number);
  }
  int64_t bytes = kEntryOverheadBytes;
  for (const std::shared_ptr<Request>& request : group.requests) {
    for (Item& item : request->items) {
      if (!item.open) continue;
      // Small transactions should not wait for the upload of a large one, unless it needs an entry nearly for itself.
      const auto size = static_cast<int64_t>(item.bytes.size());
      const bool in_body = size > options.entry_bytes_max / 2;
      const int64_t entry_bytes = in_body ? kBodyReferenceBytes : size;
      if (!entry.transactions.empty() && bytes + entry_bytes > options.entry_bytes_max) break;
      auto transition = Machine::Apply(state, item.transaction, entry.number);
      attempt.outcomes.emplace_back(&item, transition.outcome);
      if (!transition.outcome.applied()) continue;
      state = std::move(transition.state);
      bytes += entry_bytes;
      if (in_body) {
        // Born at the entry before, so that a sweep knows the one entry that may name it.
        const model::FileId name = MakeFileId(view.number(), log_.random_);
        entry.transactions.emplace_back(BodyReference{name, item.bytes.size(), Checksum(item.bytes)});
        attempt.bodies.emplace_back(name, Buffer::FromString(EncodeBody(item.bytes)));
      } else {
        entry.transactions.emplace_back(item.bytes);
      }
    }
  }
  if (entry.transactions.empty()) return attempt;
  entry.id = MakeEntryId(log_.random_);
  entry.writer = options.writer;
  entry.written = log_.clock_.Now();
  entry.ends_log = Machine::HasEnded(*state);
  entry.digest = state->digest();
  auto after = std::make_shared<LogView<Machine>>();
  after->state = std::move(state);
  after->ids = view.ids.With(entry.number, entry.id, options.ids_remembered);
  after->seen = view.seen;
  attempt.after = std::move(after);
  attempt.slot = {entry.number, entry.id, Buffer::FromString(EncodeEntry(entry))};
  return attempt;
}

template <typename Machine>
Status Committer<Machine>::PutBodies(const Try& attempt, const CallContext& call) {
  for (const auto& [name, bytes] : attempt.bodies) {
    for (int failures = 0;; ++failures) {
      // The name is ours alone, so a body whose answer was lost can be put again.
      const Status put = log_.slots_.PutBody(name, bytes, call);
      if (put.ok()) break;
      const bool again = IsPassing(put) || KindOf(put) == ErrorKind::kOutcomeUnknown;
      if (!again || failures + 1 >= log_.options_.resolve_attempts_max) {
        return store::AbandonedWrite(put, call, log_.executor_.clock());
      }
      log_.appender_.Pause(failures, call);
      TRY(call.Check(log_.executor_.clock()));
    }
  }
  return Status::OK();
}

template <typename Machine>
void Committer<Machine>::Accept(Group& group, const Try& attempt) {
  for (const auto& [item, outcome] : attempt.outcomes) {
    item->outcome = outcome;
    item->open = false;
  }
  for (const std::shared_ptr<Request>& request : group.requests) {
    if (!attempt.Concerns(*request)) continue;
    request->number = attempt.slot.number;
    request->state = attempt.after->state;
  }
}

}  // namespace sleeper::state
