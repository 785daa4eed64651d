#include "tests/s3/slot_race.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <fmt/ostream.h>

namespace sleeper::store {
namespace {

constexpr uint64_t kFirstName = UINT64_C(0xFFFFFFFFFFFFFFFF);
constexpr std::string_view kSlots = "log/";
constexpr std::string_view kUploads = "data/";
/// Slots that stay when older ones are deleted.
constexpr int64_t kSlotsKept = 300;
/// Some objects are kept beside their names by the server, larger ones elsewhere.
constexpr uint64_t kBytesMax = 40'000;

std::string Head(const std::string& bytes) { return bytes.substr(0, bytes.find('\n')); }

}  // namespace

std::ostream& operator<<(std::ostream& out, const SlotRaceFigures& figures) {
  return out << fmt::format(
             "{} slots created, {} races lost, {} outcomes unknown, {} calls failed, {} listings, {} reads, {} slots "
             "deleted, {} uploads",
             figures.created, figures.lost, figures.unknown, figures.failed, figures.listings, figures.reads,
             figures.deleted, figures.uploads);
}

int64_t SlotLedger::newest() const {
  MutexLock lock(mutex_);
  return newest_;
}

int64_t SlotLedger::first_kept() const {
  MutexLock lock(mutex_);
  return first_kept_;
}

void SlotLedger::Truncate(int64_t first_kept) {
  MutexLock lock(mutex_);
  first_kept_ = std::max(first_kept_, first_kept);
}

void SlotLedger::NoteCreated(int64_t number, const std::string& bytes) {
  NoteRead(number, bytes);
  MutexLock lock(mutex_);
  if (number < first_kept_) return;
  const auto [found, is_first] = created_.try_emplace(number, bytes);
  if (!is_first)
    faults_.push_back(fmt::format("slot {} was created by {} and by {}", number, Head(found->second), Head(bytes)));
  newest_ = std::max(newest_, number);
}

void SlotLedger::NoteRead(int64_t number, const std::string& bytes) {
  MutexLock lock(mutex_);
  if (number < first_kept_) return;
  const auto [found, is_first] = bytes_.try_emplace(number, bytes);
  if (is_first || found->second == bytes) return;
  faults_.push_back(fmt::format("slot {} held {}, and then {}", number, Head(found->second), Head(bytes)));
}

std::optional<std::string> SlotLedger::BytesOf(int64_t number) const {
  MutexLock lock(mutex_);
  const auto found = bytes_.find(number);
  return found == bytes_.end() ? std::nullopt : std::optional(found->second);
}

std::map<int64_t, std::string> SlotLedger::known() const {
  MutexLock lock(mutex_);
  return bytes_;
}

void SlotLedger::Fail(const std::string& what) {
  MutexLock lock(mutex_);
  faults_.push_back(what);
}

std::vector<std::string> SlotLedger::faults() const {
  MutexLock lock(mutex_);
  return faults_;
}

ObjectPath SlotRacer::SlotPath(int64_t number) {
  return ObjectPath(fmt::format("{}{:016x}", kSlots, kFirstName - static_cast<uint64_t>(number)));
}

bool SlotRacer::Passing(const Status& status, const std::string& what) {
  ++figures_.failed;
  switch (KindOf(status)) {
    case ErrorKind::kUnavailable:
    case ErrorKind::kThrottled:
    case ErrorKind::kOutcomeUnknown:
      break;
    default:
      ledger_.Fail(fmt::format("{}: {}", what, status.ToString()));
  }
  return false;
}

bool SlotRacer::Step() {
  const uint64_t dice = random_.Below(100);
  if (dice < 70) return Append();
  if (dice < 85 && ledger_.newest() > 0) {
    const int64_t first = ledger_.first_kept();
    return ReadBack(first + static_cast<int64_t>(random_.Below(static_cast<uint64_t>(ledger_.newest() - first + 1))));
  }
  if (dice < 90) return CheckListing();
  if (dice < 98) return Upload();
  return Truncate();
}

std::optional<int64_t> SlotRacer::FindNewest() {
  const Result<ListPage> page = store_.List(ObjectPath(std::string(kSlots)), ObjectPath(), 1, call_);
  ++figures_.listings;
  if (!page.ok()) {
    Passing(page.status(), "a listing of the newest slot");
    return std::nullopt;
  }
  if (page->objects.empty()) return 0;
  const std::string name = page->objects.front().path.value().substr(kSlots.size());
  return static_cast<int64_t>(kFirstName - std::stoull(name, nullptr, 16));
}

bool SlotRacer::Append() {
  const int64_t before = ledger_.newest();
  // Without a look at the store, more writers meet.
  std::optional<int64_t> newest = before;
  if (random_.Below(4) == 0) newest = FindNewest();
  if (!newest) return false;
  if (*newest < before)
    ledger_.Fail(fmt::format("slot {} was created, and a later listing ended at {}", before, *newest));
  const int64_t number = *newest + 1;
  std::string bytes = fmt::format("attempt {} of {} at slot {}\n", ++attempts_, name_, number);
  bytes.append(random_.Below(2) == 0 ? 0 : random_.Below(kBytesMax), static_cast<char>('a' + random_.Below(26)));
  const Result<PutOutcome> put = store_.Put(SlotPath(number), Buffer::CopyOf(bytes), PutMode::kIfAbsent, call_);
  if (!put.ok()) {
    ++figures_.unknown;
    return Passing(put.status(), "a create");
  }
  if (*put == PutOutcome::kCreated) {
    ++figures_.created;
    ledger_.NoteCreated(number, bytes);
    return true;
  }
  ++figures_.lost;
  return ReadBack(number);
}

bool SlotRacer::ReadBack(int64_t number) {
  const Result<Object> object = store_.Get(SlotPath(number), call_);
  ++figures_.reads;
  if (object.ok()) {
    ledger_.NoteRead(number, std::string(object->bytes.view()));
    return true;
  }
  if (!IsKind(object.status(), ErrorKind::kNotFound)) return Passing(object.status(), "a read");
  const bool is_known = ledger_.BytesOf(number).has_value();
  if (number >= ledger_.first_kept())
    ledger_.Fail(fmt::format("slot {} is not there, and {}", number, is_known ? "was known" : "a create was refused"));
  return true;
}

std::optional<std::vector<int64_t>> SlotRacer::ListAll() {
  std::vector<int64_t> numbers;
  ObjectPath after;
  const int page_max = random_.Below(2) == 0 ? 1000 : 97;
  for (;;) {
    const Result<ListPage> page = store_.List(ObjectPath(std::string(kSlots)), after, page_max, call_);
    ++figures_.listings;
    if (!page.ok()) {
      Passing(page.status(), "a listing");
      return std::nullopt;
    }
    for (const ObjectInfo& object : page->objects) {
      const std::string name = object.path.value().substr(kSlots.size());
      numbers.push_back(static_cast<int64_t>(kFirstName - std::stoull(name, nullptr, 16)));
    }
    if (!page->more || page->objects.empty()) return numbers;
    after = page->objects.back().path;
  }
}

bool SlotRacer::CheckListing() {
  const int64_t newest = ledger_.newest();
  const std::optional<std::vector<int64_t>> numbers = ListAll();
  if (!numbers) return false;
  // Newest first, so the numbers fall. What was there before the listing began, and is still to be kept, must be in it.
  int64_t wanted = newest;
  for (const int64_t number : *numbers) {
    if (number > wanted) continue;
    if (number < wanted) break;
    --wanted;
  }
  if (wanted >= ledger_.first_kept())
    ledger_.Fail(
        fmt::format("a listing misses slot {}; slots {} to {} are there", wanted, ledger_.first_kept(), newest));
  return true;
}

bool SlotRacer::Upload() {
  const std::string random = random_.Hex(16);
  const ObjectPath path(
      fmt::format("{}{}/{:016x}-{}.parquet", kUploads, random.substr(0, 2), ledger_.newest(), random));
  const std::string bytes = fmt::format("upload of {}\n{}", name_, std::string(random_.Below(kBytesMax), 'u'));
  const auto writer = uploads_.OpenWriter(path, PutMode::kIfAbsent, call_);
  if (!writer.ok()) return Passing(writer.status(), "an upload");
  if (const Status status = (*writer)->Append(Buffer::CopyOf(bytes), call_); !status.ok())
    return Passing(status, "a part");
  const Result<PutOutcome> put = (*writer)->Finish(call_);
  if (!put.ok()) return Passing(put.status(), "the end of an upload");
  ++figures_.uploads;
  if (*put != PutOutcome::kCreated) ledger_.Fail(fmt::format("{} exists already", path.value()));
  uploaded_.emplace(path, bytes);
  const Result<ListPage> page =
      store_.List(ObjectPath(std::string(kUploads) + random.substr(0, 2) + "/"), ObjectPath(), 1000, call_);
  if (!page.ok()) return Passing(page.status(), "a listing of uploads");
  const bool is_listed = std::ranges::any_of(page->objects, [&](const ObjectInfo& info) { return info.path == path; });
  if (!is_listed && !page->more) ledger_.Fail(fmt::format("{} is uploaded and not listed", path.value()));
  if (uploaded_.size() < 40) return true;
  // The folders of files that go one by one become empty, and are filled again.
  const ObjectPath oldest = uploaded_.begin()->first;
  uploaded_.erase(uploaded_.begin());
  const Status deleted = store_.Delete(std::span(&oldest, 1), call_);
  return deleted.ok() || Passing(deleted, "a deletion");
}

bool SlotRacer::Truncate() {
  const int64_t first_kept = ledger_.newest() - kSlotsKept;
  if (first_kept <= ledger_.first_kept()) return true;
  const int64_t from = ledger_.first_kept();
  ledger_.Truncate(first_kept);
  std::vector<ObjectPath> paths;
  for (int64_t number = from; number < first_kept; ++number) paths.push_back(SlotPath(number));
  const Status status = store_.Delete(paths, call_);
  if (!status.ok()) return Passing(status, "a deletion of slots");
  figures_.deleted += static_cast<int64_t>(paths.size());
  return true;
}

Status SlotRacer::CheckSlots() {
  for (const auto& [number, bytes] : ledger_.known()) {
    if (number >= ledger_.first_kept() && !ReadBack(number)) return Error(ErrorKind::kUnavailable, "slot ", number);
  }
  return CheckListing() ? Status::OK() : Error(ErrorKind::kUnavailable, "the listing");
}

Status SlotRacer::CheckUploads() {
  for (const auto& [path, bytes] : uploaded_) {
    const Result<Object> object = store_.Get(path, call_);
    if (IsKind(object.status(), ErrorKind::kUnavailable)) return object.status();
    const std::string found = object.ok() ? "another" : object.status().ToString();
    if (!object.ok() || object->bytes.view() != bytes)
      ledger_.Fail(fmt::format("{} was uploaded, and is {}", path.value(), found));
  }
  return Status::OK();
}

}  // namespace sleeper::store
