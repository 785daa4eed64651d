#include "sleeper/collect/find_orphans.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "sleeper/base/task_group.h"
#include "sleeper/state/layout.h"
#include "sleeper/state/packed_file_id.h"
#include "sleeper/state/slot_log.h"

namespace sleeper::collect {
namespace {

constexpr int kPageKeys = 1'000;
/// Orphans of one part of a listing, which are held in memory.
constexpr size_t kOrphansPerPartMax = 10'000;
/// The data files of larger tables are listed in parts, side by side.
constexpr int64_t kFilesPerListingMax = 20'000;
constexpr std::string_view kHexDigits = "0123456789abcdef";

/// The files that a state knows, with references or without: 16 bytes each. Immutable.
class TrackedFiles {
 public:
  explicit TrackedFiles(const state::TableState& state) : ids_(state.FileIds()) { std::sort(ids_.begin(), ids_.end()); }

  bool Contains(const model::FileId& id) const {
    const std::optional<state::PackedFileId> packed = state::PackedFileId::Pack(id);
    return packed && std::binary_search(ids_.begin(), ids_.end(), *packed);
  }

 private:
  std::vector<state::PackedFileId> ids_;
};

/// Looks bodies up in the only entries that may name them. Confined.
class BodyIndex {
 public:
  BodyIndex(store::ObjectStore& store, Executor& executor, const model::TableId& table, model::LogNumber newest,
            const CallContext& call)
      : slots_(store, executor, state::LogLayout::ForTable(table)), newest_(newest), call_(call) {}

  Result<bool> IsNamed(const model::FileId& body, model::LogNumber birth) {
    // Its entry is still to come, or never will.
    if (birth >= newest_) return false;
    const auto known = names_.find(birth + 1);
    if (known != names_.end()) return known->second.contains(body);
    TRY_ASSIGN(const std::optional<state::LogEntry> entry, slots_.Read(birth + 1, call_));
    std::set<model::FileId>& names = names_[birth + 1];
    if (!entry) return false;
    for (const auto& part : entry->transactions) {
      if (const auto* reference = std::get_if<state::BodyReference>(&part)) names.insert(reference->name);
    }
    return names.contains(body);
  }

 private:
  state::SlotLog slots_;
  const model::LogNumber newest_;
  const CallContext& call_;
  std::map<model::LogNumber, std::set<model::FileId>> names_;
};

/// What the name of an object says; nothing if it is none of ours.
std::optional<Orphan> ParseName(const model::TableId& table, ObjectKind kind, const store::ObjectInfo& info) {
  Orphan orphan{.path = info.path, .bytes = info.size, .last_modified = info.last_modified, .kind = kind, .name = {}};
  std::optional<model::LogNumber> birth;
  if (kind == ObjectKind::kDataFile) {
    const std::optional<model::FileId> file = state::FileOfPath(table, info.path);
    if (file) orphan.name = *file;
    birth = state::BirthOf(orphan.name);
  } else if (kind == ObjectKind::kBody) {
    orphan.name = model::FileId(info.path.value().substr(state::BodyPrefix(table).value().size()));
    birth = state::BirthOf(orphan.name);
  } else {
    const std::string_view name = std::string_view(info.path.value()).substr(state::PlanPrefix(table).value().size());
    birth = state::ParseUp(name.substr(0, name.find('-')));
  }
  if (!birth) return std::nullopt;
  orphan.birth = *birth;
  return orphan;
}

/// What a listing is about.
struct ListingPart {
  ObjectKind kind = ObjectKind::kDataFile;
  store::ObjectPath prefix;
};

/// Parts of the folder of data files, which are spread evenly over two hexadecimal digits.
std::vector<std::string> DataParts(int64_t files, std::optional<uint64_t> slice) {
  if (files <= kFilesPerListingMax) return {""};
  if (slice) {
    const bool is_huge = files > kFilesPerListingMax * static_cast<int64_t>(kHexDigits.size());
    return {state::FormatUp(*slice).substr(0, is_huge ? 2 : 1)};
  }
  std::vector<std::string> parts;
  for (const char digit : kHexDigits) parts.emplace_back(1, digit);
  return parts;
}

std::vector<ListingPart> PartsOf(const model::TableId& table, const state::TableState& state,
                                 std::optional<uint64_t> slice) {
  std::vector<ListingPart> parts = {{ObjectKind::kBody, state::BodyPrefix(table)},
                                    {ObjectKind::kPlan, state::PlanPrefix(table)}};
  const int64_t files = state.totals().files + state.totals().unreferenced_files;
  for (const std::string& part : DataParts(files, slice)) {
    parts.push_back({ObjectKind::kDataFile, store::ObjectPath(state::DataPrefix(table).value() + part)});
  }
  return parts;
}

/// `is_known` says whether a parsed object is no orphan.
template <typename IsKnown>
Result<OrphanListing> ListPart(store::ObjectStore& store, const model::TableId& table, const ListingPart& part,
                               const IsKnown& is_known, const CallContext& call) {
  OrphanListing found;
  store::ObjectPath after;
  for (;;) {
    TRY_ASSIGN(const store::ListPage page, store.List(part.prefix, after, kPageKeys, call));
    for (const store::ObjectInfo& info : page.objects) {
      found.newest = std::max(found.newest, info.last_modified);
      std::optional<Orphan> orphan = ParseName(table, part.kind, info);
      if (!orphan) {
        ++found.foreign;
        continue;
      }
      TRY_ASSIGN(const bool known, is_known(*orphan));
      if (!known) found.orphans.push_back(std::move(*orphan));
    }
    if (!page.more || page.objects.empty()) return found;
    found.more = found.orphans.size() >= kOrphansPerPartMax;
    if (found.more) return found;
    after = page.objects.back().path;
  }
}

/// Says whether an object is known. Confined.
class Knowledge {
 public:
  Knowledge(const TrackedFiles& tracked, BodyIndex& bodies) : tracked_(tracked), bodies_(bodies) {}

  Result<bool> operator()(const Orphan& orphan) const {
    switch (orphan.kind) {
      case ObjectKind::kDataFile:
        return tracked_.Contains(orphan.name);
      case ObjectKind::kBody:
        return bodies_.IsNamed(orphan.name, orphan.birth);
      case ObjectKind::kPlan:
        // Plans of unfinished jobs are born above the floor.
        return false;
    }
    return true;
  }

 private:
  const TrackedFiles& tracked_;
  BodyIndex& bodies_;
};

}  // namespace

Result<OrphanListing> FindOrphans(store::ObjectStore& store, Executor& executor, const model::TableId& table,
                                  const state::TableState& state, std::optional<uint64_t> slice,
                                  const CallContext& call) {
  const TrackedFiles tracked(state);
  const std::vector<ListingPart> parts = PartsOf(table, state, slice);
  std::vector<OrphanListing> listings(parts.size());
  TRY(ParallelFor(executor, static_cast<int64_t>(parts.size()), 0, [&](int64_t i) -> Status {
    const auto at = static_cast<size_t>(i);
    BodyIndex bodies(store, executor, table, state.number(), call);
    TRY_ASSIGN(listings[at], ListPart(store, table, parts[at], Knowledge(tracked, bodies), call));
    return Status::OK();
  }));
  OrphanListing all;
  for (OrphanListing& listing : listings) {
    all.orphans.insert(all.orphans.end(), std::make_move_iterator(listing.orphans.begin()),
                       std::make_move_iterator(listing.orphans.end()));
    all.more |= listing.more;
    all.foreign += listing.foreign;
    all.newest = std::max(all.newest, listing.newest);
  }
  return all;
}

Result<std::vector<Orphan>> StillOrphans(store::ObjectStore& store, Executor& executor, const model::TableId& table,
                                         const state::TableState& state, std::vector<Orphan> orphans,
                                         const CallContext& call) {
  const TrackedFiles tracked(state);
  BodyIndex bodies(store, executor, table, state.number(), call);
  const Knowledge is_known(tracked, bodies);
  std::vector<Orphan> still;
  for (Orphan& orphan : orphans) {
    TRY_ASSIGN(const bool known, is_known(orphan));
    if (!known) still.push_back(std::move(orphan));
  }
  return still;
}

}  // namespace sleeper::collect
