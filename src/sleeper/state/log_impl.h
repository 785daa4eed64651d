#pragma once

// The bodies of Log's functions, for the files that instantiate it.

#include <algorithm>
#include <span>
#include <utility>
#include <variant>

#include "sleeper/state/log.h"
#include "sleeper/state/state_digest.h"

namespace sleeper::state {

template <typename Machine>
Log<Machine>::Log(store::ObjectStore& store, const Clock& clock, Random& random, Executor& executor, LogLayout layout,
                  LogOptions options)
    : clock_(clock),
      random_(random),
      executor_(executor),
      options_(std::move(options)),
      slots_(store, executor, std::move(layout)),
      appender_(slots_, random, executor, options_) {}

template <typename Machine>
auto Log<Machine>::current_view() const -> ViewPtr {
  MutexLock lock(mutex_);
  return view_;
}

template <typename Machine>
auto Log<Machine>::recent_view() const -> ViewPtr {
  const Instant now = executor_.clock().MonotonicNow();
  MutexLock lock(mutex_);
  return now - seen_at_ <= options_.optimism_max ? view_ : nullptr;
}

template <typename Machine>
auto Log<Machine>::current() const -> StatePtr {
  const ViewPtr view = current_view();
  return view == nullptr ? nullptr : view->state;
}

template <typename Machine>
void Log<Machine>::Offer(ViewPtr view) {
  const Instant now = executor_.clock().MonotonicNow();
  MutexLock lock(mutex_);
  if (view_ != nullptr && view_->number() > view->number()) return;
  view_ = std::move(view);
  seen_at_ = now;
}

template <typename Machine>
auto Log<Machine>::Refresh(const CallContext& call) -> Result<StatePtr> {
  TRY_ASSIGN(const ViewPtr view, RefreshFrom(current_view(), call));
  return view->state;
}

template <typename Machine>
auto Log<Machine>::RefreshDated(const CallContext& call) -> Result<DatedState<State>> {
  TRY_ASSIGN(const ViewPtr view, RefreshFrom(current_view(), call));
  const bool is_dated = view->seen && view->seen->number == view->number();
  return DatedState<State>{view->state, is_dated ? view->seen->time : WallTime()};
}

template <typename Machine>
auto Log<Machine>::RefreshRange(const model::KeyInterval&, const CallContext& call) -> Result<StatePtr> {
  return Refresh(call);
}

template <typename Machine>
auto Log<Machine>::RefreshFrom(ViewPtr view, const CallContext& call) -> Result<ViewPtr> {
  Status reason;
  for (int attempt = 0; attempt < options_.refresh_attempts_max; ++attempt) {
    TRY(call.Check(executor_.clock()));
    if (attempt > 1) appender_.Pause(attempt, call);
    const bool from_snapshot = view == nullptr;
    if (from_snapshot) {
      TRY_ASSIGN(view, LoadSnapshot(call));
    }
    TRY_ASSIGN(SlotListing listing, slots_.ListAfter(view->number(), call));
    if (static_cast<int64_t>(listing.newer.size()) > options_.catch_up_entries_max && !from_snapshot) {
      TRY_ASSIGN(ViewPtr loaded, LoadSnapshot(call));
      if (loaded->number() > view->number()) {
        view = std::move(loaded);
        std::erase_if(listing.newer, [&](const Slot& slot) { return slot.number <= view->number(); });
      }
    }
    Result<ViewPtr> followed = Follow(view, listing, call);
    if (followed.ok() && *followed != nullptr) {
      Offer(*followed);
      return followed;
    }
    // A broken object may have been read while it was deleted and made again: look once more before saying so.
    if (!followed.ok()) {
      const ErrorKind kind = KindOf(followed.status());
      if (kind != ErrorKind::kCorrupt && kind != ErrorKind::kNotFound) return followed.status();
      if (!reason.ok()) return WithKind(followed.status(), ErrorKind::kCorrupt);
      reason = followed.status();
    }
    TRY_ASSIGN(ViewPtr ended, EndedView(listing.newest, call));
    if (ended != nullptr) {
      Offer(ended);
      return ended;
    }
    view = nullptr;
  }
  return Error(ErrorKind::kUnavailable, slots_.layout().name(), ": the log kept changing while it was read");
}

template <typename Machine>
auto Log<Machine>::LoadSnapshot(const CallContext& call) -> Result<ViewPtr> {
  TRY_ASSIGN(const std::vector<Slot> snapshots, slots_.ListSnapshots(kSnapshotsListedMax, call));
  if (!snapshots.empty()) SawSnapshot(snapshots.front().number);
  Status reason;
  for (const Slot& slot : snapshots) {
    Result<ViewPtr> view = LoadSnapshotAt(slot, call);
    if (view.ok() && *view != nullptr) return view;
    if (!view.ok() && !IsUseless(view.status())) return view;
    // The one before it and the log lead to the same state.
    if (!view.ok() && reason.ok()) reason = WithContext(view.status(), slots_.NameOfSnapshot(slot.number));
  }
  if (!reason.ok()) return reason;
  return ViewPtr(std::make_shared<View>());
}

template <typename Machine>
auto Log<Machine>::LoadSnapshotAt(const Slot& slot, const CallContext& call) -> Result<ViewPtr> {
  TRY_ASSIGN(const std::optional<Snapshot> snapshot, slots_.ReadSnapshot(slot.number, Machine::CheckEntry, call));
  if (!snapshot) return ViewPtr();
  TRY_ASSIGN(StatePtr state, Machine::Load(slot.number, snapshot->contents));
  if (state->digest() != snapshot->position.digest) {
    return Error(ErrorKind::kCorrupt, "the digest of its contents is another one");
  }
  auto view = std::make_shared<View>();
  view->state = std::move(state);
  view->ids = snapshot->position.ids;
  view->seen = snapshot->position.seen;
  return ViewPtr(std::move(view));
}

template <typename Machine>
auto Log<Machine>::Follow(ViewPtr view, const SlotListing& listing, const CallContext& call) -> Result<ViewPtr> {
  if (listing.newer.empty()) {
    const model::LogNumber newest = listing.newest ? listing.newest->number : 0;
    if (newest < view->number()) {
      return Error(ErrorKind::kCorrupt, slots_.layout().name(), ": the log ends at entry ", newest,
                   ", but was seen up to ", view->number());
    }
    if (newest == 0 || (view->seen && view->seen->number == newest)) return view;
    auto dated = std::make_shared<View>(*view);
    dated->seen = TimeMark{newest, listing.newest->last_modified};
    return ViewPtr(std::move(dated));
  }
  std::vector<Slot> slots(listing.newer.rbegin(), listing.newer.rend());
  for (size_t i = 0; i < slots.size(); ++i) {
    if (slots[i].number != view->number() + 1 + i) return ViewPtr();
  }
  const auto batch = static_cast<size_t>(std::max(options_.reads_max, 1));
  for (size_t first = 0; first < slots.size(); first += batch) {
    const std::span<const Slot> part = std::span(slots).subspan(first, std::min(batch, slots.size() - first));
    TRY_ASSIGN(const std::optional<std::vector<LogEntry>> entries, slots_.ReadListed(part, call));
    if (!entries) return ViewPtr();
    for (const LogEntry& entry : *entries) {
      if (entry.previous != view->ids.last_id()) return ViewPtr();
      TRY_ASSIGN(view, ApplyEntry(*view, entry, call));
    }
  }
  auto seen = std::make_shared<View>(*view);
  seen->seen = TimeMark{slots.back().number, slots.back().last_modified};
  return ViewPtr(std::move(seen));
}

template <typename Machine>
auto Log<Machine>::ApplyEntry(const View& view, const LogEntry& entry, const CallContext& call) -> Result<ViewPtr> {
  const std::string name = slots_.NameOf(entry.number);
  const auto broken = [&](const auto&... why) {
    return WithHint(Error(ErrorKind::kCorrupt, name, ": ", why...),
                    "the log does not lead to one state; keep all objects and restore it from a copy");
  };
  auto next = std::make_shared<View>();
  next->state = view.state;
  next->ids = view.ids.With(entry.number, entry.id, options_.ids_remembered);
  next->seen = view.seen;
  if (Machine::HasEnded(*view.state)) return broken("it follows on the end of the log");
  if (entry.mark) {
    if (entry.mark->number >= entry.number) return broken("its mark is of a later entry");
    next->state = Machine::WithMark(next->state, *entry.mark, entry.number);
  }
  for (const auto& part : entry.transactions) {
    std::string body;
    if (const auto* reference = std::get_if<BodyReference>(&part)) {
      if (*BirthOf(reference->name) < Machine::SweepFloor(*next->state)) {
        return broken("its body was born below the sweep floor");
      }
      TRY_ASSIGN(body, slots_.ReadBody(*reference, call));
    }
    const auto* inside = std::get_if<std::string>(&part);
    Result<typename Machine::Transaction> transaction = Machine::Decode(inside != nullptr ? *inside : body);
    if (!transaction.ok()) return WithContext(transaction.status(), name);
    auto transition = Machine::Apply(next->state, *transaction, entry.number);
    if (!transition.outcome.applied()) {
      return broken("a transaction does not fit the state before it",
                    transition.outcome.refused() ? ": " + transition.outcome.refusal.message() : "");
    }
    next->state = std::move(transition.state);
  }
  if (next->state->digest() != entry.digest) return broken("the state after it is not the one that its writer had");
  if (Machine::HasEnded(*next->state) != entry.ends_log) return broken("it says wrongly whether it ends the log");
  return ViewPtr(std::move(next));
}

template <typename Machine>
auto Log<Machine>::EndedView(const std::optional<Slot>& newest, const CallContext& call) -> Result<ViewPtr> {
  if (!newest) return ViewPtr();
  const Result<std::optional<LogEntry>> entry = slots_.Read(newest->number, call);
  if (!entry.ok() && KindOf(entry.status()) != ErrorKind::kCorrupt) return entry.status();
  if (!entry.ok() || !entry->has_value() || !(*entry)->ends_log) return ViewPtr();
  auto view = std::make_shared<View>();
  view->state = Machine::Ended(newest->number);
  view->ids = RecentIds().With(newest->number, (*entry)->id, options_.ids_remembered);
  view->seen = TimeMark{newest->number, newest->last_modified};
  return ViewPtr(std::move(view));
}

template <typename Machine>
Result<SnapshotOutcome> Log<Machine>::WriteSnapshot(const CallContext& call) {
  TRY_ASSIGN(const ViewPtr view, RefreshFrom(current_view(), call));
  SnapshotOutcome outcome;
  outcome.number = view->number();
  if (view->number() == 0 || Machine::HasEnded(*view->state)) return outcome;
  const std::vector<Buffer> pieces =
      EncodeSnapshot({{view->number(), view->ids, view->seen, view->state->digest()}, Machine::Dump(*view->state)});
  for (const Buffer& piece : pieces) outcome.bytes += piece.size();
  // Before the put: entries are deleted on the strength of snapshots, and all who come later have to read them.
  if (outcome.bytes > options_.snapshot_bytes_max) {
    return WithHint(Error(ErrorKind::kExhausted, slots_.NameOfSnapshot(view->number()), ": it would have ",
                          outcome.bytes, " bytes, and none of more than ", options_.snapshot_bytes_max, " is written"),
                    "nothing is lost, but the log grows: compact the files to fewer and larger ones, or spread the "
                    "rows over several tables");
  }
  for (int attempt = 0; attempt < options_.resolve_attempts_max; ++attempt) {
    if (attempt > 0) appender_.Pause(attempt, call);
    TRY(call.Check(executor_.clock()));
    const Result<store::PutOutcome> put = slots_.PutSnapshot(view->number(), pieces, call);
    if (!put.ok() && !IsPassing(put.status()) && KindOf(put.status()) != ErrorKind::kOutcomeUnknown)
      return put.status();
    // Whatever the answer was: what can be read is what counts.
    const Result<std::optional<Snapshot>> found = slots_.ReadSnapshot(view->number(), Machine::CheckEntry, call);
    if (!found.ok() && IsPassing(found.status())) continue;
    if (!found.ok()) return found.status();
    if (!found->has_value()) continue;
    if ((*found)->position.digest != view->state->digest() || (*found)->position.ids.last_id() != view->ids.last_id()) {
      return Error(ErrorKind::kCorrupt, slots_.NameOfSnapshot(view->number()), ": it holds another state");
    }
    outcome.written = put.ok() && *put == store::PutOutcome::kCreated;
    SawSnapshot(view->number());
    return outcome;
  }
  return Error(ErrorKind::kUnavailable, slots_.NameOfSnapshot(view->number()), ": it could not be written");
}

template <typename Machine>
Result<UpkeepOutcome> Log<Machine>::Maintain(const LogUpkeep& upkeep, const CallContext& call) {
  UpkeepOutcome outcome;
  TRY_ASSIGN(const ViewPtr view, RefreshFrom(current_view(), call));
  if (Machine::HasEnded(*view->state)) return outcome;
  TRY_ASSIGN(const bool snapshot_due, IsSnapshotDue(*view, upkeep.snapshot_every, call));
  if (snapshot_due) {
    TRY_ASSIGN(outcome.snapshot, WriteSnapshot(call));
  }
  TRY_ASSIGN(const bool truncation_due, IsTruncationDue(*view, upkeep, call));
  if (truncation_due) {
    TRY_ASSIGN(outcome.truncated, Truncate(upkeep.entries_kept, call));
  }
  return outcome;
}

template <typename Machine>
Result<bool> Log<Machine>::IsSnapshotDue(const View& view, int64_t every, const CallContext& call) {
  const auto is_far = [&](model::LogNumber snapshot) {
    return view.number() >= snapshot + static_cast<model::LogNumber>(std::max<int64_t>(every, 1));
  };
  {
    MutexLock lock(mutex_);
    if (!is_far(newest_snapshot_)) return false;
  }
  TRY_ASSIGN(const std::vector<Slot> snapshots, slots_.ListSnapshots(1, call));
  if (snapshots.empty()) return true;
  SawSnapshot(snapshots.front().number);
  return is_far(snapshots.front().number);
}

template <typename Machine>
Result<bool> Log<Machine>::IsTruncationDue(const View& view, const LogUpkeep& upkeep, const CallContext& call) {
  const auto stay = static_cast<model::LogNumber>(std::max<int64_t>(upkeep.entries_kept, 1) +
                                                  std::max<int64_t>(upkeep.truncate_behind, 1));
  if (view.number() < stay) return false;
  TRY_ASSIGN(const std::vector<Slot> snapshots, slots_.ListSnapshots(2, call));
  if (snapshots.size() < 2) return false;
  // Truncation deletes what lies below both of these. It is due if `truncate_behind` entries do.
  const auto kept = static_cast<model::LogNumber>(std::max<int64_t>(upkeep.entries_kept, 1));
  const model::LogNumber limit = std::min(snapshots[1].number, view.number() - kept + 1);
  const auto behind = static_cast<model::LogNumber>(std::max<int64_t>(upkeep.truncate_behind, 1));
  if (limit <= behind) return false;
  TRY_ASSIGN(const std::vector<model::LogNumber> old, slots_.ListBelow(limit - behind + 1, 1, call));
  return !old.empty();
}

template <typename Machine>
void Log<Machine>::SawSnapshot(model::LogNumber number) {
  MutexLock lock(mutex_);
  newest_snapshot_ = std::max(newest_snapshot_, number);
}

template <typename Machine>
Result<TruncateOutcome> Log<Machine>::Truncate(int64_t entries_kept, const CallContext& call) {
  TruncateOutcome outcome;
  TRY_ASSIGN(const std::vector<Slot> snapshots, slots_.ListSnapshots(kSnapshotsListedMax, call));
  std::vector<model::LogNumber> good;
  const auto wanted = static_cast<size_t>(std::max(options_.snapshots_kept, 2));
  for (const Slot& slot : snapshots) {
    if (good.size() == wanted) break;
    TRY_ASSIGN(const bool is_good, IsGoodSnapshot(slot, call));
    if (is_good) good.push_back(slot.number);
  }
  if (good.size() < wanted) return outcome;
  TRY_ASSIGN(const std::optional<Slot> newest, slots_.Newest(call));
  if (!newest) return outcome;
  const auto kept = static_cast<model::LogNumber>(std::max<int64_t>(entries_kept, 1));
  const model::LogNumber first_kept = newest->number > kept ? newest->number - kept + 1 : 1;
  const model::LogNumber limit = std::min({good[1], first_kept, newest->number});
  for (;;) {
    TRY(call.Check(executor_.clock()));
    TRY_ASSIGN(const std::vector<model::LogNumber> below, slots_.ListBelow(limit, kDeletesMax, call));
    if (below.empty()) break;
    TRY(slots_.DeleteSlots(below, call));
    outcome.entries += static_cast<int64_t>(below.size());
    if (below.size() < static_cast<size_t>(kDeletesMax)) break;
  }
  std::vector<model::LogNumber> old;
  for (const Slot& slot : snapshots) {
    if (slot.number < good.back()) old.push_back(slot.number);
  }
  TRY(slots_.DeleteSnapshots(old, call));
  outcome.snapshots = static_cast<int64_t>(old.size());
  return outcome;
}

template <typename Machine>
Result<bool> Log<Machine>::IsGoodSnapshot(const Slot& slot, const CallContext& call) {
  {
    MutexLock lock(mutex_);
    if (good_snapshots_.contains(slot.etag)) return true;
  }
  const Result<std::optional<Snapshot>> snapshot = slots_.ReadSnapshot(slot.number, Machine::CheckEntry, call);
  if (!snapshot.ok()) {
    if (IsUseless(snapshot.status())) return false;
    return snapshot.status();
  }
  if (!snapshot->has_value()) return false;
  const Result<StatePtr> state = Machine::Load(slot.number, (*snapshot)->contents);
  if (!state.ok() || (*state)->digest() != (*snapshot)->position.digest) return false;
  MutexLock lock(mutex_);
  if (good_snapshots_.size() >= static_cast<size_t>(kSnapshotsListedMax)) good_snapshots_.clear();
  good_snapshots_.insert(slot.etag);
  return true;
}

}  // namespace sleeper::state
