#pragma once

// The bodies of Log's functions that audit it, for the files that instantiate it.

#include <algorithm>
#include <span>
#include <utility>

#include "sleeper/state/log.h"

namespace sleeper::state {

/// One pass over the objects of a log as they were listed. Confined.
template <typename Machine>
class Log<Machine>::Auditor {
 public:
  Auditor(Log& log, const CallContext& call) : log_(log), call_(call) {}

  /// False if objects went, or were made again, while they were read.
  Result<bool> Run() {
    TRY_ASSIGN(snapshots_, log_.slots_.ListSnapshots(kSnapshotsListedMax, call_));
    TRY_ASSIGN(const SlotListing listing, log_.slots_.ListAfter(0, call_));
    TakeUnbroken(listing);
    TRY_ASSIGN(ViewPtr view, Start());
    while (view != nullptr) {
      TRY_ASSIGN(const Replay replay, ReplayFrom(std::move(view)));
      if (replay == Replay::kChanged) return false;
      if (replay == Replay::kToTheEnd) return ReadFurtherSnapshots();
      TRY_ASSIGN(view, NextSnapshot(audit_.number + 1));
    }
    if (is_changed_) return false;
    // Nothing leads to the end; why not is said already, unless there was nothing to begin with.
    if (audit_.faults.empty() && !slots_.empty()) {
      Blame(log_.slots_.NameOf(slots_.front().number), "neither a snapshot nor the beginning of the log leads to it");
    }
    return true;
  }

  LogAudit Take() { return std::move(audit_); }

 private:
  enum class Replay { kToTheEnd, kBroken, kChanged };

  /// The entries without a gap up to the newest one. Below them a truncation may be at work, in any order.
  void TakeUnbroken(const SlotListing& listing) {
    for (const Slot& slot : listing.newer) {
      if (!slots_.empty() && slot.number + 1 != slots_.back().number) break;
      slots_.push_back(slot);
    }
    std::reverse(slots_.begin(), slots_.end());
  }

  /// Reads the oldest snapshot that was not read yet; null if it is gone or useless. A state may be as large as memory
  /// allows, so a snapshot is read when its turn comes, and not held any longer than it is needed.
  Result<ViewPtr> ReadOldestSnapshot() {
    const Slot slot = std::move(snapshots_.back());
    snapshots_.pop_back();
    TRY(call_.Check(log_.executor_.clock()));
    Result<ViewPtr> view = log_.LoadSnapshotAt(slot, call_);
    if (view.ok() && *view == nullptr) {
      is_changed_ = true;
      return view;
    }
    if (!view.ok() && !IsUseless(view.status())) return view;
    ++audit_.snapshots;
    if (view.ok()) return view;
    Blame(log_.slots_.NameOfSnapshot(slot.number), view.status().message());
    return ViewPtr();
  }

  Result<ViewPtr> Start() {
    if (slots_.empty() || slots_.front().number == 1) return ViewPtr(std::make_shared<View>());
    return NextSnapshot(slots_.front().number - 1);
  }

  /// The first one from `number` on that can be read; null if there is none. Those below it are read as well.
  Result<ViewPtr> NextSnapshot(model::LogNumber number) {
    while (!snapshots_.empty()) {
      const model::LogNumber next = snapshots_.back().number;
      TRY_ASSIGN(ViewPtr view, ReadOldestSnapshot());
      if (view != nullptr && next >= number) return view;
    }
    return ViewPtr();
  }

  /// Those that nothing is to be compared with.
  Result<bool> ReadFurtherSnapshots() {
    TRY(NextSnapshot(UINT64_MAX).status());
    return true;
  }

  /// Applies all entries above `view` and compares the states with those of the snapshots on the way.
  Result<Replay> ReplayFrom(ViewPtr view) {
    audit_.number = view->number();
    auto slot = std::find_if(slots_.begin(), slots_.end(), [&](const Slot& at) { return at.number > view->number(); });
    const auto batch_max = static_cast<size_t>(std::max(log_.options_.reads_max, 1));
    while (slot != slots_.end()) {
      TRY(call_.Check(log_.executor_.clock()));
      const std::span<const Slot> batch(slot, std::min(batch_max, static_cast<size_t>(slots_.end() - slot)));
      const auto entries = log_.slots_.ReadListed(batch, call_);
      if (IsKind(entries.status(), ErrorKind::kCorrupt)) {
        Blame(log_.slots_.NameOf(batch.front().number) + " to " + std::to_string(batch.back().number),
              entries.status().message());
        return Replay::kBroken;
      }
      TRY(entries.status());
      if (!*entries) return Replay::kChanged;
      for (const LogEntry& entry : **entries) {
        TRY_ASSIGN(view, Advance(*view, entry));
        if (view == nullptr) return Replay::kBroken;
      }
      slot += static_cast<ptrdiff_t>(batch.size());
    }
    return Replay::kToTheEnd;
  }

  /// The view after `entry`; null if the entry does not fit.
  Result<ViewPtr> Advance(const View& view, const LogEntry& entry) {
    const std::string name = log_.slots_.NameOf(entry.number);
    if (entry.previous != view.ids.last_id()) {
      Blame(name, "it follows on another entry than the one before it");
      return ViewPtr();
    }
    Result<ViewPtr> next = log_.ApplyEntry(view, entry, call_);
    // A body that is not there any more.
    const bool is_broken = IsKind(next.status(), ErrorKind::kCorrupt) || IsKind(next.status(), ErrorKind::kNotFound);
    if (is_broken) {
      Blame(name, next.status().message());
      return ViewPtr();
    }
    TRY(next.status());
    ++audit_.entries;
    audit_.number = entry.number;
    if (!snapshots_.empty() && snapshots_.back().number == entry.number) {
      // One that is gone was needed no more.
      TRY_ASSIGN(const ViewPtr snapshot, ReadOldestSnapshot());
      if (snapshot != nullptr) Compare(*snapshot, **next);
    }
    return next;
  }

  void Compare(const View& snapshot, const View& replayed) {
    if (snapshot.state->digest() != replayed.state->digest()) {
      Blame(log_.slots_.NameOfSnapshot(snapshot.number()), "it holds another state than the entries lead to");
    } else if (snapshot.ids.last_id() != replayed.ids.last_id()) {
      Blame(log_.slots_.NameOfSnapshot(snapshot.number()), "it was written after another entry of this number");
    }
  }

  void Blame(std::string object, std::string why) {
    if (audit_.faults.size() < kFaultsMax) audit_.faults.push_back({std::move(object), std::move(why)});
  }

  static constexpr size_t kFaultsMax = 1'000;

  Log& log_;
  const CallContext& call_;
  /// Ascending.
  std::vector<Slot> slots_;
  /// Those that were not read yet, newest first.
  std::vector<Slot> snapshots_;
  /// Whether a snapshot went since it was listed.
  bool is_changed_ = false;
  LogAudit audit_;
};

template <typename Machine>
Result<LogAudit> Log<Machine>::Audit(const CallContext& call) {
  bool is_second_look = false;
  for (int attempt = 0; attempt < options_.refresh_attempts_max; ++attempt) {
    if (attempt > 1) appender_.Pause(attempt, call);
    Auditor auditor(*this, call);
    TRY_ASSIGN(const bool whole, auditor.Run());
    if (!whole) continue;
    LogAudit audit = auditor.Take();
    // An object may have been read while it was deleted and made again: look once more before blaming one.
    if (audit.faults.empty() || is_second_look) return audit;
    is_second_look = true;
  }
  return Error(ErrorKind::kUnavailable, slots_.layout().name(), ": the log kept changing while it was read");
}

}  // namespace sleeper::state
