#pragma once

// The bodies of Log's functions that audit it, for the files that instantiate it.

#include <algorithm>
#include <map>
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
    TRY_ASSIGN(const std::vector<Slot> snapshots, log_.slots_.ListSnapshots(kSnapshotsListedMax, call_));
    TRY_ASSIGN(const SlotListing listing, log_.slots_.ListAfter(0, call_));
    TakeUnbroken(listing);
    TRY_ASSIGN(const bool whole, ReadSnapshots(snapshots));
    if (!whole) return false;
    for (ViewPtr view = Start(); view != nullptr; view = NextSnapshot(view->number())) {
      TRY_ASSIGN(const Replay replay, ReplayFrom(view));
      if (replay == Replay::kChanged) return false;
      if (replay == Replay::kToTheEnd) return true;
    }
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

  Result<bool> ReadSnapshots(const std::vector<Slot>& snapshots) {
    for (const Slot& slot : snapshots) {
      TRY(call_.Check(log_.executor_.clock()));
      Result<ViewPtr> view = log_.LoadSnapshotAt(slot, call_);
      if (view.ok() && *view == nullptr) return false;
      ++audit_.snapshots;
      if (view.ok()) {
        snapshots_[slot.number] = *std::move(view);
      } else if (KindOf(view.status()) == ErrorKind::kCorrupt) {
        Blame(log_.slots_.NameOfSnapshot(slot.number), view.status().message());
      } else {
        return view.status();
      }
    }
    return true;
  }

  ViewPtr Start() const {
    if (slots_.empty() || slots_.front().number == 1) return std::make_shared<View>();
    return NextSnapshot(slots_.front().number - 2);
  }

  /// The first one above `number`.
  ViewPtr NextSnapshot(model::LogNumber number) const {
    const auto next = snapshots_.upper_bound(number);
    return next == snapshots_.end() ? nullptr : next->second;
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
    const auto snapshot = snapshots_.find(entry.number);
    if (snapshot != snapshots_.end()) Compare(*snapshot->second, **next);
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
  /// Those that can be read, by number.
  std::map<model::LogNumber, ViewPtr> snapshots_;
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
