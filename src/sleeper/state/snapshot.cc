#include "sleeper/state/snapshot.h"

#define XXH_INLINE_ALL
#include <iterator>
#include <utility>
#include <xxhash.h>

#include "sleeper/base/task_group.h"
#include "sleeper/state/field_codec.h"
#include "sleeper/state/frame.h"

// magic, chunks, index, footer. A chunk is the number of its blocks, their sizes, and the blocks.

namespace sleeper::state {

namespace {

/// Large enough that a state of gigabytes has few, small enough that a range needs little besides its own.
constexpr int64_t kChunkBytesTarget = 1 << 20;

class StreamingChecksum {
 public:
  StreamingChecksum() { XXH3_64bits_reset(&state_); }
  void Add(std::string_view bytes) { XXH3_64bits_update(&state_, bytes.data(), bytes.size()); }
  uint64_t value() const { return XXH3_64bits_digest(&state_); }

 private:
  XXH3_state_t state_;
};

/// Lays chunks behind one another and remembers where they are.
class ChunkWriter {
 public:
  explicit ChunkWriter(std::vector<Buffer>& pieces) : pieces_(pieces) {}

  void AddSection(const SnapshotSection& section, ByteWriter& index) {
    const std::vector<PersistentMap::Block> blocks = section.map.blocks();
    std::vector<std::pair<size_t, size_t>> chunks;
    size_t first = 0;
    int64_t bytes = 0;
    for (size_t i = 0; i < blocks.size(); ++i) {
      bytes += blocks[i].bytes.size();
      if (bytes < kChunkBytesTarget && i + 1 < blocks.size()) continue;
      chunks.emplace_back(first, i + 1);
      first = i + 1;
      bytes = 0;
    }
    index.Varint(section.id);
    index.Varint(static_cast<uint64_t>(section.map.suffix_bytes()));
    index.Varint(chunks.size());
    for (const auto& [begin, end] : chunks) AddChunk(std::span(blocks).subspan(begin, end - begin), index);
  }

  int64_t offset() const { return offset_; }
  void Add(Buffer piece) {
    offset_ += piece.size();
    pieces_.push_back(std::move(piece));
  }

 private:
  void AddChunk(std::span<const PersistentMap::Block> blocks, ByteWriter& index) {
    const int64_t start = offset_;
    int64_t entries = 0;
    ByteWriter head;
    head.Varint(blocks.size());
    for (const PersistentMap::Block& block : blocks) {
      head.Varint(static_cast<uint64_t>(block.bytes.size()));
      entries += block.entries;
    }
    StreamingChecksum checksum;
    checksum.Add(head.bytes());
    Add(Buffer::FromString(std::move(head).Take()));
    for (const PersistentMap::Block& block : blocks) {
      checksum.Add(block.bytes.view());
      Add(block.bytes);
    }
    index.Varint(static_cast<uint64_t>(start));
    index.Varint(static_cast<uint64_t>(offset_ - start));
    index.U64(checksum.value());
    index.Varint(static_cast<uint64_t>(entries));
    index.Bytes(blocks.front().first.head);
    index.Raw(blocks.front().first.suffix);
  }

  std::vector<Buffer>& pieces_;
  int64_t offset_ = 0;
};

uint64_t IndexChecksum(std::string_view index, std::string_view footer_without_checksum) {
  StreamingChecksum checksum;
  checksum.Add(index);
  checksum.Add(footer_without_checksum);
  return checksum.value();
}

std::string MakeFooter(uint32_t version, int64_t index_offset, std::string_view index) {
  ByteWriter footer;
  footer.Raw(kSnapshotMagic);
  footer.U32(version);
  footer.U32(0);
  footer.U64(static_cast<uint64_t>(index_offset));
  footer.U64(index.size());
  footer.U64(IndexChecksum(index, footer.bytes()));
  return std::move(footer).Take();
}

struct SectionIndex {
  uint32_t id = 0;
  int suffix_bytes = 0;
  std::vector<SnapshotChunk> chunks;
};

struct SnapshotIndex {
  SnapshotPosition position;
  std::string header;
  std::vector<SectionIndex> sections;
  uint32_t version = 0;
};

constexpr uint64_t kSuffixBytesMax = 32;

Status CorruptSnapshot(std::string_view what, std::string_view why) {
  return Error(ErrorKind::kCorrupt, what, ": ", why);
}

SnapshotChunk ReadChunkEntry(ByteReader& in, const SectionIndex& section) {
  SnapshotChunk chunk;
  chunk.section = section.id;
  chunk.range.offset = static_cast<int64_t>(in.Varint());
  chunk.range.size = static_cast<int64_t>(in.Varint());
  chunk.checksum = in.U64();
  chunk.entries = static_cast<int64_t>(in.Varint());
  chunk.first_head = std::string(in.Bytes());
  chunk.first_suffix = std::string(in.Raw(static_cast<size_t>(section.suffix_bytes)));
  return chunk;
}

/// Reads the index, whose checksum the footer has vouched for. `data_end` is where the chunks end.
Result<SnapshotIndex> ReadIndex(std::string_view bytes, int64_t data_end, std::string_view what) {
  FieldDecoder fields(bytes);
  ByteReader& in = fields.reader();
  SnapshotIndex index;
  Result<RecentIds> ids = RecentIds::Decode(in.Bytes());
  if (!ids.ok()) return WithContext(ids.status(), what);
  index.position.ids = std::move(ids).ValueUnsafe();
  index.position.number = index.position.ids.last_number();
  index.position.seen = fields.Value<std::optional<TimeMark>>();
  index.position.digest.low = in.U64();
  index.position.digest.high = in.U64();
  index.header = std::string(in.Bytes());
  const size_t sections = in.Count(3);
  int64_t at = static_cast<int64_t>(kSnapshotMagic.size());
  for (size_t i = 0; i < sections && !in.failed(); ++i) {
    SectionIndex section;
    section.id = fields.Value<uint32_t>();
    const uint64_t suffix_bytes = in.Varint();
    if (suffix_bytes > kSuffixBytesMax) in.Fail("the keys of a section are impossible");
    if (i > 0 && section.id <= index.sections.back().id) in.Fail("the sections are out of order");
    section.suffix_bytes = static_cast<int>(suffix_bytes);
    const size_t chunks = in.Count(12);
    for (size_t chunk = 0; chunk < chunks && !in.failed(); ++chunk) {
      section.chunks.push_back(ReadChunkEntry(in, section));
      const ByteRange& range = section.chunks.back().range;
      if (range.offset != at || range.size < 0 || range.size > data_end - at) in.Fail("a chunk is out of place");
      at += range.size;
    }
    index.sections.push_back(std::move(section));
  }
  if (at != data_end) in.Fail("there are bytes that belong to no chunk");
  const Status status = fields.Finish();
  if (!status.ok()) return WithContext(status, what);
  return index;
}

/// Checks the footer against the index in front of it, and reads the index.
Result<SnapshotIndex> OpenIndex(std::string_view index_and_footer, int64_t index_offset, std::string_view what) {
  const size_t index_size = index_and_footer.size() - static_cast<size_t>(kSnapshotFooterBytes);
  const std::string_view index = index_and_footer.substr(0, index_size);
  const std::string_view footer = index_and_footer.substr(index_size);
  const std::string_view before_checksum = footer.substr(0, footer.size() - 8);
  ByteReader in(footer);
  in.Raw(kSnapshotMagic.size());
  const uint32_t version = in.U32();
  in.Raw(footer.size() - 8 - kSnapshotMagic.size() - 4);
  if (in.U64() != IndexChecksum(index, before_checksum)) {
    return CorruptSnapshot(what, "the checksum of its index does not match");
  }
  if (version > kSnapshotVersion) return NewerVersion(what);
  TRY_ASSIGN(SnapshotIndex read, ReadIndex(index, index_offset, what));
  read.version = version;
  return read;
}

Result<SnapshotIndex> OpenWholeIndex(std::string_view bytes, std::string_view what) {
  const auto size = static_cast<int64_t>(bytes.size());
  if (size < static_cast<int64_t>(kSnapshotMagic.size()) + kSnapshotFooterBytes || !bytes.starts_with(kSnapshotMagic)) {
    return CorruptSnapshot(what, "it does not begin as it should");
  }
  TRY_ASSIGN(const ByteRange range,
             FindSnapshotIndex(bytes.substr(static_cast<size_t>(size - kSnapshotFooterBytes)), size, what));
  return OpenIndex(bytes.substr(static_cast<size_t>(range.offset)), range.offset, what);
}

Result<std::vector<MapLoader::Part>> CheckChunk(const Buffer& bytes, const SnapshotChunk& chunk, int suffix_bytes,
                                                EntryCheck check) {
  const std::string_view view =
      bytes.view().substr(static_cast<size_t>(chunk.range.offset), static_cast<size_t>(chunk.range.size));
  if (XXH3_64bits(view.data(), view.size()) != chunk.checksum) {
    return Error(ErrorKind::kCorrupt, "the checksum of the chunk at ", chunk.range.offset, " does not match");
  }
  ByteReader in(view);
  std::vector<int64_t> sizes(in.Count());
  for (int64_t& size : sizes) size = static_cast<int64_t>(in.Varint());
  std::vector<MapLoader::Part> parts;
  parts.reserve(sizes.size());
  int64_t offset = chunk.range.end() - static_cast<int64_t>(in.rest().size());
  for (int64_t size : sizes) {
    in.Raw(static_cast<size_t>(size));
    if (in.failed()) return in.status();
    TRY_ASSIGN(MapLoader::Part part, MapLoader::Part::Make(bytes.Slice({offset, size}), suffix_bytes));
    const PersistentMap block = part.map();
    for (PersistentMap::Cursor at = block.Begin(); at.valid(); at.Next()) {
      TRY(check(chunk.section, at.key(), at.value()));
    }
    parts.push_back(std::move(part));
    offset += size;
  }
  TRY(in.Finish());
  return parts;
}

Result<PersistentMap> LoadSection(const Buffer& bytes, const SectionIndex& section, EntryCheck check,
                                  Executor& executor) {
  std::vector<std::vector<MapLoader::Part>> parts(section.chunks.size());
  TRY(ParallelFor(executor, static_cast<int64_t>(parts.size()), 0, [&](int64_t i) -> Status {
    const auto at = static_cast<size_t>(i);
    TRY_ASSIGN(parts[at], CheckChunk(bytes, section.chunks[at], section.suffix_bytes, check));
    return Status::OK();
  }));
  MapLoader loader(section.suffix_bytes);
  for (std::vector<MapLoader::Part>& chunk : parts) {
    for (MapLoader::Part& part : chunk) TRY(loader.Append(std::move(part)));
  }
  return std::move(loader).Finish();
}

}  // namespace

std::vector<Buffer> EncodeSnapshot(const Snapshot& snapshot) {
  std::vector<Buffer> pieces;
  ChunkWriter chunks(pieces);
  chunks.Add(Buffer::CopyOf(kSnapshotMagic));
  ByteWriter index;
  FieldEncoder fields(index);
  fields.Value(snapshot.position.ids.Encode());
  fields.Value(snapshot.position.seen);
  index.U64(snapshot.position.digest.low);
  index.U64(snapshot.position.digest.high);
  fields.Value(snapshot.contents.header);
  index.Varint(snapshot.contents.sections.size());
  for (const SnapshotSection& section : snapshot.contents.sections) chunks.AddSection(section, index);
  const int64_t index_offset = chunks.offset();
  std::string footer = MakeFooter(snapshot.contents.version, index_offset, index.bytes());
  chunks.Add(Buffer::FromString(std::move(index).Take()));
  chunks.Add(Buffer::FromString(std::move(footer)));
  return pieces;
}

Result<ByteRange> FindSnapshotIndex(std::string_view footer, int64_t object_size, std::string_view what) {
  ByteReader in(footer);
  if (footer.size() != static_cast<size_t>(kSnapshotFooterBytes) || in.Raw(kSnapshotMagic.size()) != kSnapshotMagic) {
    return CorruptSnapshot(what, "it does not end as it should");
  }
  in.U64();
  const uint64_t offset = in.U64();
  const uint64_t size = in.U64();
  const auto end = static_cast<uint64_t>(object_size - kSnapshotFooterBytes);
  if (offset > end || size != end - offset) return CorruptSnapshot(what, "its index is out of place");
  return ByteRange{static_cast<int64_t>(offset), static_cast<int64_t>(size)};
}

Result<SnapshotPosition> DecodeSnapshotPosition(std::string_view index_and_footer, int64_t index_offset,
                                                std::string_view what) {
  if (index_and_footer.size() < static_cast<size_t>(kSnapshotFooterBytes)) {
    return CorruptSnapshot(what, "it is too short");
  }
  TRY_ASSIGN(SnapshotIndex index, OpenIndex(index_and_footer, index_offset, what));
  return std::move(index.position);
}

Result<Snapshot> DecodeSnapshot(const Buffer& bytes, EntryCheck check, Executor& executor, std::string_view what) {
  TRY_ASSIGN(SnapshotIndex index, OpenWholeIndex(bytes.view(), what));
  Snapshot snapshot;
  snapshot.position = std::move(index.position);
  snapshot.contents.header = std::move(index.header);
  snapshot.contents.version = index.version;
  for (const SectionIndex& section : index.sections) {
    Result<PersistentMap> map = LoadSection(bytes, section, check, executor);
    if (!map.ok()) return WithContext(map.status(), what);
    snapshot.contents.sections.push_back({section.id, std::move(map).ValueUnsafe()});
  }
  return snapshot;
}

Result<SnapshotSummary> SummariseSnapshot(const Buffer& bytes, std::string_view what) {
  TRY_ASSIGN(SnapshotIndex index, OpenWholeIndex(bytes.view(), what));
  SnapshotSummary summary{std::move(index.position), {}};
  for (SectionIndex& section : index.sections) {
    std::move(section.chunks.begin(), section.chunks.end(), std::back_inserter(summary.chunks));
  }
  return summary;
}

}  // namespace sleeper::state
