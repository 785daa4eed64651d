#include "sleeper/model/partition_map.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "sleeper/base/check.h"

namespace sleeper::model {

namespace {

/// Eight bytes, big endian, so that bytes sort as numbers do.
std::string NumberKey(uint64_t number) {
  std::string bytes(8, '\0');
  for (int i = 7; i >= 0; --i, number >>= 8) bytes[static_cast<size_t>(i)] = static_cast<char>(number & 0xff);
  return bytes;
}

uint64_t NumberOfKey(std::string_view bytes) {
  uint64_t number = 0;
  for (char byte : bytes) number = number << 8 | static_cast<uint8_t>(byte);
  return number;
}

constexpr size_t kNumberBytes = 8;

Status CheckAscending(std::span<const NormalisedKey> boundaries) {
  for (size_t i = 0; i < boundaries.size(); ++i) {
    if (boundaries[i].empty()) return Error(ErrorKind::kInvalid, "partition boundary ", i, " is the least key");
    if (i > 0 && boundaries[i - 1] >= boundaries[i]) {
      return Error(ErrorKind::kInvalid, "partition boundary ", i, " is not greater than the one before it");
    }
  }
  return Status::OK();
}

KeyInterval IntervalAt(const PersistentMap::Cursor& at) {
  KeyInterval interval{std::string(at.key().head), std::nullopt};
  PersistentMap::Cursor next = at;
  next.Next();
  if (next.valid()) interval.upper = std::string(next.key().head);
  return interval;
}

Partition PartitionAt(const PersistentMap::Cursor& at) {
  return {MakePartitionId(NumberOfKey(at.value())), IntervalAt(at)};
}

}  // namespace

PartitionId MakePartitionId(uint64_t number) { return PartitionId("p" + std::to_string(number)); }

std::optional<uint64_t> PartitionNumber(const PartitionId& id) {
  const std::string& text = id.value();
  uint64_t number = 0;
  if (text.size() < 2 || text[0] != 'p' || (text[1] == '0' && text.size() > 2)) return std::nullopt;
  const char* end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data() + 1, end, number);
  if (error != std::errc() || at != end) return std::nullopt;
  return number;
}

PartitionMap::PartitionMap() {
  MapEdit leaves(leaves_);
  MapEdit lower_of_number(lower_of_number_);
  leaves.Put({""}, NumberKey(0));
  lower_of_number.Put({NumberKey(0)}, "");
  leaves_ = leaves.Finish();
  lower_of_number_ = lower_of_number.Finish();
  next_number_ = 1;
}

PartitionMap::PartitionMap(PersistentMap leaves, PersistentMap lower_of_number, uint64_t next_number)
    : leaves_(std::move(leaves)), lower_of_number_(std::move(lower_of_number)), next_number_(next_number) {}

Result<PartitionMap> PartitionMap::Cut(std::span<const NormalisedKey> boundaries) {
  TRY(CheckAscending(boundaries));
  MapEdit leaves((PersistentMap()));
  MapEdit lower_of_number((PersistentMap()));
  const auto add = [&](uint64_t number, std::string_view lower) {
    leaves.Put({lower}, NumberKey(number));
    lower_of_number.Put({NumberKey(number)}, lower);
  };
  add(0, {});
  for (size_t i = 0; i < boundaries.size(); ++i) add(i + 1, boundaries[i]);
  return PartitionMap(leaves.Finish(), lower_of_number.Finish(), boundaries.size() + 1);
}

Result<PartitionMap> PartitionMap::FromLeaves(PersistentMap leaves, uint64_t next_number) {
  if (leaves.empty() || leaves.suffix_bytes() != 0 || !leaves.Begin().key().head.empty()) {
    return Error(ErrorKind::kCorrupt, "partition map: it does not begin at the least key");
  }
  MapEdit lower_of_number((PersistentMap()));
  for (PersistentMap::Cursor at = leaves.Begin(); at.valid(); at.Next()) {
    if (at.value().size() != kNumberBytes) return Error(ErrorKind::kCorrupt, "partition map: a number is damaged");
    if (NumberOfKey(at.value()) >= next_number) {
      return Error(ErrorKind::kCorrupt, "partition map: a number is too large: ", NumberOfKey(at.value()));
    }
    lower_of_number.Put({at.value()}, at.key().head);
  }
  PersistentMap by_number = lower_of_number.Finish();
  if (by_number.size() != leaves.size()) {
    return Error(ErrorKind::kCorrupt, "partition map: two partitions have one number");
  }
  return PartitionMap(std::move(leaves), std::move(by_number), next_number);
}

uint64_t PartitionMap::Cursor::number() const { return NumberOfKey(at_.value()); }
Partition PartitionMap::Cursor::partition() const { return PartitionAt(at_); }

PartitionMap::Cursor PartitionMap::Seek(std::string_view key) const { return Cursor(leaves_.Floor({key})); }

Partition PartitionMap::Find(std::string_view key) const { return Seek(key).partition(); }

std::optional<Partition> PartitionMap::Find(const PartitionId& id) const {
  const std::optional<uint64_t> number = PartitionNumber(id);
  if (!number) return std::nullopt;
  const std::optional<std::string_view> lower = lower_of_number_.Find({NumberKey(*number)});
  if (!lower) return std::nullopt;
  return Find(*lower);
}

std::vector<Partition> PartitionMap::Overlapping(const KeyInterval& interval) const {
  std::vector<Partition> found;
  for (Cursor at = Seek(interval.lower); at.valid() && (!interval.upper || at.lower() < *interval.upper); at.Next()) {
    found.push_back(at.partition());
  }
  return found;
}

std::vector<Partition> PartitionMap::All() const { return Overlapping(KeyInterval::All()); }

Result<PartitionMap> PartitionMap::Split(const PartitionId& id, std::span<const NormalisedKey> boundaries) const {
  const std::optional<Partition> leaf = Find(id);
  if (!leaf) return Error(ErrorKind::kNotFound, "there is no partition ", id);
  if (boundaries.empty()) return Error(ErrorKind::kInvalid, "partition ", id, ": no boundary to split at");
  TRY(CheckAscending(boundaries));
  const KeyInterval& interval = leaf->interval;
  if (boundaries.front() <= interval.lower || (interval.upper && boundaries.back() >= *interval.upper)) {
    return Error(ErrorKind::kInvalid, "partition ", id, ": a boundary does not lie inside it");
  }
  MapEdit leaves(leaves_);
  MapEdit lower_of_number(lower_of_number_);
  uint64_t number = next_number_;
  const auto add = [&](std::string_view lower) {
    leaves.Put({lower}, NumberKey(number));
    lower_of_number.Put({NumberKey(number)}, lower);
    ++number;
  };
  lower_of_number.Erase({NumberKey(*PartitionNumber(id))});
  add(interval.lower);
  for (const NormalisedKey& boundary : boundaries) add(boundary);
  return PartitionMap(leaves.Finish(), lower_of_number.Finish(), number);
}

Result<PartitionMap> PartitionMap::Merge(std::span<const PartitionId> ids) const {
  if (ids.size() < 2) return Error(ErrorKind::kInvalid, "fewer than two partitions to merge");
  MapEdit leaves(leaves_);
  MapEdit lower_of_number(lower_of_number_);
  std::optional<NormalisedKey> expected;
  for (size_t i = 0; i < ids.size(); ++i) {
    const std::optional<Partition> leaf = Find(ids[i]);
    if (!leaf) return Error(ErrorKind::kNotFound, "there is no partition ", ids[i]);
    if (i > 0 && (!expected || leaf->interval.lower != *expected)) {
      return Error(ErrorKind::kInvalid, "partition ", ids[i], " does not follow on ", ids[i - 1]);
    }
    expected = leaf->interval.upper;
    lower_of_number.Erase({NumberKey(*PartitionNumber(ids[i]))});
    if (i == 0) {
      leaves.Put({leaf->interval.lower}, NumberKey(next_number_));
      lower_of_number.Put({NumberKey(next_number_)}, leaf->interval.lower);
    } else {
      leaves.Erase({leaf->interval.lower});
    }
  }
  return PartitionMap(leaves.Finish(), lower_of_number.Finish(), next_number_ + 1);
}

}  // namespace sleeper::model
