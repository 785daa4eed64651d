#include "sleeper/file/bloom_question.h"

#include <algorithm>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

#include "sleeper/file/bloom_filter.h"
#include "sleeper/file/crc32.h"
#include "sleeper/file/scan_plan.h"
#include "sleeper/model/key_codec.h"

namespace sleeper::file {
namespace {

/// With more intervals, or more sectors to be read for them, so many pages are wanted anyway that filters hardly help.
constexpr size_t kIntervalsMax = 64;
constexpr size_t kSectorsMax = 256;

uint64_t HashOf(const model::KeyValue& value) {
  const auto of_bytes = [](const void* bytes, size_t size) {
    return BloomHashOf({static_cast<const uint8_t*>(bytes), size});
  };
  return std::visit(
      [&](const auto& typed) {
        using T = std::decay_t<decltype(typed)>;
        if constexpr (std::is_same_v<T, std::string>) {
          return of_bytes(typed.data(), typed.size());
        } else if constexpr (std::is_same_v<T, model::Bytes>) {
          return of_bytes(typed.value.data(), typed.value.size());
        } else if constexpr (std::is_same_v<T, model::Date>) {
          return of_bytes(&typed.days, sizeof typed.days);
        } else if constexpr (std::is_same_v<T, model::Timestamp>) {
          return of_bytes(&typed.microseconds, sizeof typed.microseconds);
        } else {
          return of_bytes(&typed, sizeof typed);
        }
      },
      value);
}

/// The hashes of the leading row keys that have one value each in the whole interval; often none.
std::vector<uint64_t> FixedValues(const model::KeyInterval& interval, const model::Schema& schema) {
  const auto values = model::DecodeKeyPrefix(schema.row_key_fields(), interval.lower);
  if (!values.ok() || !interval.upper) return {};
  size_t fixed = values->size();
  for (; fixed > 0; --fixed) {
    const auto successor = model::SuccessorOfPrefix(std::span(*values).first(fixed));
    if (!successor || *interval.upper <= *successor) break;
  }
  std::vector<uint64_t> hashes;
  for (size_t i = 0; i < fixed; ++i) hashes.push_back(HashOf((*values)[i]));
  return hashes;
}

/// One value that one filter is asked for.
struct Asked {
  size_t row_group = 0;
  size_t interval = 0;
  size_t leaf = 0;
  uint64_t hash = 0;
  /// Where in the file its block lies, and what is read for it.
  int64_t block = 0;
  ByteRange sector;
  uint32_t checksum = 0;
};

Asked Ask(const BloomIndex& bloom, uint64_t hash) {
  const int64_t block = BloomBlockOf(hash, bloom.bits.size);
  const int64_t sector = block / kBloomSectorBytes;
  const int64_t begin = sector * kBloomSectorBytes;
  return Asked{.hash = hash,
               .block = bloom.bits.offset + block,
               .sector = {bloom.bits.offset + begin, std::min(kBloomSectorBytes, bloom.bits.size - begin)},
               .checksum = bloom.checksums[static_cast<size_t>(sector)]};
}

bool HasFilters(const FileIndex& index, const model::Schema& schema) {
  return std::ranges::any_of(index.row_groups, [&](const RowGroupIndex& row_group) {
    const auto keys = std::span(row_group.leaves).first(static_cast<size_t>(schema.row_key_count()));
    return std::ranges::any_of(keys, [](const LeafIndex& leaf) { return leaf.bloom.has_value(); });
  });
}

/// Everything to be asked; empty if nothing is, or too much would be.
std::vector<Asked> AllAsked(const BloomQuestion& question) {
  std::vector<Asked> all;
  if (question.intervals.size() > kIntervalsMax || !HasFilters(*question.index, *question.schema)) return all;
  for (size_t i = 0; i < question.intervals.size(); ++i) {
    const std::vector<uint64_t> hashes = FixedValues(question.intervals[i], *question.schema);
    if (hashes.empty()) continue;
    for (size_t group = 0; group < question.index->row_groups.size(); ++group) {
      const RowGroupIndex& row_group = question.index->row_groups[group];
      if (PlanStretches(row_group, question.intervals.subspan(i, 1)).empty()) continue;
      // Row keys stand first, and have one column each.
      for (size_t leaf = 0; leaf < hashes.size(); ++leaf) {
        if (!row_group.leaves[leaf].bloom) continue;
        if (all.size() == kSectorsMax) return {};
        Asked& asked = all.emplace_back(Ask(*row_group.leaves[leaf].bloom, hashes[leaf]));
        asked.row_group = group;
        asked.interval = i;
        asked.leaf = leaf;
      }
    }
  }
  return all;
}

}  // namespace

Result<std::vector<std::vector<model::KeyInterval>>> AskBloomFilters(const BloomQuestion& question,
                                                                     const CallContext& call) {
  std::vector<std::vector<model::KeyInterval>> kept;
  const std::vector<Asked> all = AllAsked(question);
  if (all.empty()) return kept;
  std::vector<ByteRange> ranges;
  for (const Asked& asked : all) ranges.push_back(asked.sector);
  TRY_ASSIGN(const std::vector<Buffer> sectors, question.store->GetRanges(*question.path, ranges, call));
  std::vector<std::vector<bool>> ruled_out(question.index->row_groups.size(),
                                           std::vector<bool>(question.intervals.size()));
  for (size_t i = 0; i < all.size(); ++i) {
    const Asked& asked = all[i];
    if (sectors[i].size() != asked.sector.size || Crc32(0, sectors[i].span()) != asked.checksum) {
      return Error(ErrorKind::kCorrupt, "row group ", asked.row_group, ", field ",
                   question.schema->field(static_cast<int>(asked.leaf)).name,
                   ": the checksum of a Bloom filter is wrong");
    }
    const auto block = sectors[i].span().subspan(static_cast<size_t>(asked.block - asked.sector.offset));
    if (!MayHold(block, asked.hash)) ruled_out[asked.row_group][asked.interval] = true;
  }
  for (const std::vector<bool>& out : ruled_out) {
    std::vector<model::KeyInterval>& of_group = kept.emplace_back();
    for (size_t i = 0; i < question.intervals.size(); ++i) {
      if (!out[i]) of_group.push_back(question.intervals[i]);
    }
  }
  return kept;
}

}  // namespace sleeper::file
