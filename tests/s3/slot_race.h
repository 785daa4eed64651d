#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "sleeper/base/executor.h"
#include "sleeper/base/mutex.h"
#include "sleeper/base/random.h"
#include "sleeper/store/object_store.h"

namespace sleeper::store {

/// What racers of one kind of store did and saw.
struct SlotRaceFigures {
  int64_t created = 0;
  int64_t lost = 0;
  int64_t unknown = 0;
  int64_t failed = 0;
  int64_t listings = 0;
  int64_t reads = 0;
  int64_t deleted = 0;
  int64_t uploads = 0;
};

std::ostream& operator<<(std::ostream& out, const SlotRaceFigures& figures);

/// Books of what every racer was told, kept outside the store, and the comparison of what the store shows with them.
/// Thread-safe.
class SlotLedger {
 public:
  /// The highest number that somebody was told to have created.
  int64_t newest() const;
  /// What is below may be deleted.
  int64_t first_kept() const;
  void Truncate(int64_t first_kept);

  /// Somebody was told that he created the slot with these bytes. A slot that may be deleted may be created again, by a
  /// writer that was slow.
  void NoteCreated(int64_t number, const std::string& bytes);
  /// Somebody read them there; whatever was read once stays.
  void NoteRead(int64_t number, const std::string& bytes);
  std::optional<std::string> BytesOf(int64_t number) const;
  std::map<int64_t, std::string> known() const;

  void Fail(const std::string& what);
  std::vector<std::string> faults() const;

 private:
  mutable Mutex mutex_;
  /// What each slot holds for ever.
  std::map<int64_t, std::string> bytes_ SLEEPER_GUARDED_BY(mutex_);
  /// Those of which somebody was told that he created them.
  std::map<int64_t, std::string> created_ SLEEPER_GUARDED_BY(mutex_);
  int64_t newest_ SLEEPER_GUARDED_BY(mutex_) = 0;
  int64_t first_kept_ SLEEPER_GUARDED_BY(mutex_) = 1;
  std::vector<std::string> faults_ SLEEPER_GUARDED_BY(mutex_);
};

/// One writer of a log of slots, which does with a store what commits do: it looks for the newest slot, creates the one
/// after it if there is none, and reads. Everything that it is shown is compared with the ledger. Confined.
class SlotRacer {
 public:
  /// `uploads` streams every object, however small; what is passed must outlive the racer.
  SlotRacer(std::string name, ObjectStore& store, ObjectStore& uploads, SlotLedger& ledger, Random& random)
      : name_(std::move(name)), store_(store), uploads_(uploads), ledger_(ledger), random_(random) {}

  /// One step. False if the store could not be asked: it is away, or an answer was lost.
  bool Step();

  /// Looks at every slot once more. kUnavailable if the store does not answer. REQUIRES: nobody writes.
  Status CheckSlots();
  /// The same of the uploads of its own.
  Status CheckUploads();

  const SlotRaceFigures& figures() const { return figures_; }

 private:
  static ObjectPath SlotPath(int64_t number);
  /// Nothing but a note if the failure is one that a store that is away has.
  bool Passing(const Status& status, const std::string& what);
  /// The newest number that a listing shows, 0 if it shows none.
  std::optional<int64_t> FindNewest();
  std::optional<std::vector<int64_t>> ListAll();
  bool Append();
  bool ReadBack(int64_t number);
  bool CheckListing();
  bool Upload();
  bool Truncate();

  const std::string name_;
  ObjectStore& store_;
  ObjectStore& uploads_;
  SlotLedger& ledger_;
  Random& random_;
  const CallContext call_;
  int64_t attempts_ = 0;
  std::map<ObjectPath, std::string> uploaded_;
  SlotRaceFigures figures_;
};

}  // namespace sleeper::store
