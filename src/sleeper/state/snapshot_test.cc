#include "sleeper/state/snapshot.h"

#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/state/log_entry.h"

namespace sleeper::state {
namespace {

using ::testing::HasSubstr;

Status AnyEntry(uint32_t, MapKey, std::string_view) { return Status::OK(); }

class SnapshotTest : public ::testing::Test {
 protected:
  static Snapshot Sample(int entries) {
    Snapshot snapshot;
    snapshot.position.ids = RecentIds().With(6, UnpackEntryId(6), 9).With(7, UnpackEntryId(7), 9);
    snapshot.position.number = 7;
    snapshot.position.digest = {1, 2};
    snapshot.contents.header = "header";
    MapEdit small((PersistentMap()));
    small.Put({"key"}, "value");
    MapEdit large(PersistentMap(4));
    for (int i = 0; i < entries; ++i) {
      const std::string key = std::to_string(1'000'000 + i);
      large.Put({key, "abcd"}, std::string(200, 'v'));
    }
    snapshot.contents.sections = {{1, small.Finish()}, {2, PersistentMap()}, {5, large.Finish()}};
    return snapshot;
  }

  static std::string Bytes(const Snapshot& snapshot) {
    std::string bytes;
    for (const Buffer& piece : EncodeSnapshot(snapshot)) bytes.append(piece.view());
    return bytes;
  }

  Result<Snapshot> Read(std::string bytes, EntryCheck check = AnyEntry) {
    return DecodeSnapshot(Buffer::FromString(std::move(bytes)), check, executor_, "snapshot 7");
  }

  SystemClock clock_;
  ThreadExecutor executor_{2, clock_};
};

TEST_F(SnapshotTest, IsReadAsItWasWritten) {
  const Snapshot written = Sample(6'000);
  const std::string bytes = Bytes(written);
  const Result<Snapshot> read = Read(bytes);
  ASSERT_TRUE(read.ok()) << read.status().ToString();
  EXPECT_EQ(read->position.number, 7U);
  EXPECT_EQ(read->position.digest, written.position.digest);
  EXPECT_EQ(read->position.ids.At(6), UnpackEntryId(6));
  EXPECT_EQ(read->contents.header, "header");
  ASSERT_EQ(read->contents.sections.size(), 3U);
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(read->contents.sections[i].map.digest(), written.contents.sections[i].map.digest());
    EXPECT_EQ(read->contents.sections[i].map.size(), written.contents.sections[i].map.size());
  }
  EXPECT_EQ(Bytes(*read), bytes);
}

TEST_F(SnapshotTest, ListsChunksThatCanBeReadOneByOne) {
  const std::string bytes = Bytes(Sample(6'000));
  const Result<SnapshotSummary> summary = SummariseSnapshot(Buffer::CopyOf(bytes), "snapshot");
  ASSERT_TRUE(summary.ok());
  int64_t entries = 0;
  std::string last;
  for (const SnapshotChunk& chunk : summary->chunks) {
    if (chunk.section != 5) continue;
    entries += chunk.entries;
    EXPECT_LT(last, chunk.first_head);
    EXPECT_LE(chunk.range.size, 2 << 20);
    last = chunk.first_head;
  }
  EXPECT_EQ(entries, 6'000);
  EXPECT_GE(summary->chunks.size(), 3U);
}

TEST_F(SnapshotTest, TellsItsPositionFromItsEndAlone) {
  const std::string bytes = Bytes(Sample(1'000));
  const auto size = static_cast<int64_t>(bytes.size());
  const std::string_view footer = std::string_view(bytes).substr(bytes.size() - kSnapshotFooterBytes);
  const Result<ByteRange> index = FindSnapshotIndex(footer, size, "snapshot");
  ASSERT_TRUE(index.ok());
  const std::string_view tail = std::string_view(bytes).substr(static_cast<size_t>(index->offset));
  EXPECT_LT(tail.size(), 300U);
  const Result<SnapshotPosition> position = DecodeSnapshotPosition(tail, index->offset, "snapshot");
  ASSERT_TRUE(position.ok()) << position.status().ToString();
  EXPECT_EQ(position->ids.last_id(), UnpackEntryId(7));
}

TEST_F(SnapshotTest, IsRefusedIfAnyBitIsAnother) {
  const std::string good = Bytes(Sample(3));
  for (size_t i = 0; i < good.size(); i += i < 64 || i + 200 > good.size() ? 1 : 11) {
    std::string bytes = good;
    bytes[i] = static_cast<char>(bytes[i] ^ 0x04);
    const Status status = Read(bytes).status();
    ASSERT_EQ(KindOf(status), ErrorKind::kCorrupt) << "byte " << i;
    ASSERT_THAT(status.message(), HasSubstr("snapshot 7"));
  }
  for (size_t size = 0; size < good.size(); size += 31) {
    EXPECT_EQ(KindOf(Read(good.substr(0, size)).status()), ErrorKind::kCorrupt) << size << " bytes";
  }
}

TEST_F(SnapshotTest, IsRefusedIfAnEntryIsNotWellFormed) {
  const auto refuse = [](uint32_t section, MapKey key, std::string_view) {
    return section == 1 && key.head == "key" ? Error(ErrorKind::kCorrupt, "not this one") : Status::OK();
  };
  const Status status = Read(Bytes(Sample(3)), refuse).status();
  EXPECT_EQ(KindOf(status), ErrorKind::kCorrupt);
  EXPECT_THAT(status.message(), HasSubstr("not this one"));
}

}  // namespace
}  // namespace sleeper::state
