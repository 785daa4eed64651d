#include "sleeper/state/testing/sealed_bytes.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/state/frame.h"
#include "sleeper/state/snapshot.h"
#include "sleeper/state/table_machine.h"
#include "sleeper/state/testing/test_table.h"

namespace sleeper::state {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string SomeSnapshot() {
  TestTable table({"m"});
  table.Add({table.File("a1", {"b", "k"}, 100)});
  const RecentIds ids = RecentIds().With(table.state().number(), model::EntryId("00000000000000aa"), 1);
  std::string bytes;
  for (const Buffer& piece : EncodeSnapshot(
           {{table.state().number(), ids, std::nullopt, table.state().digest()}, TableMachine::Dump(table.state())})) {
    bytes.append(piece.view());
  }
  return bytes;
}

/// What is wrong with a snapshot, or an empty text.
std::string FaultOf(const std::string& bytes) {
  static const SystemClock clock;
  ThreadExecutor executor(1, clock);
  const Result<Snapshot> snapshot =
      DecodeSnapshot(Buffer::FromString(bytes), TableMachine::CheckEntry, executor, "snapshot");
  return snapshot.status().message();
}

TEST(SealFrame, LeavesAWholeFrameAsItIs) {
  const std::string frame = MakeFrame(kEntryMagic, 1, "payload");
  EXPECT_EQ(SealFrame(kEntryMagic, 1, frame), frame);
}

TEST(SealFrame, MakesAChangedPayloadReadable) {
  std::string frame = MakeFrame(kEntryMagic, 1, "payload");
  frame.back() = 'D';
  EXPECT_FALSE(OpenFrame(kEntryMagic, 1, frame, "frame").ok());
  const std::string sealed = SealFrame(kEntryMagic, 1, frame);
  EXPECT_EQ(OpenFrame(kEntryMagic, 1, sealed, "frame").ValueOr(""), "payloaD");
}

TEST(SealSnapshot, LeavesAWholeSnapshotAsItIs) { EXPECT_EQ(SealSnapshot(SomeSnapshot()), SomeSnapshot()); }

TEST(SealSnapshot, MakesChangedChunksReadable) {
  const std::string whole = SomeSnapshot();
  const Result<SnapshotSummary> summary = SummariseSnapshot(Buffer::FromString(whole), "snapshot");
  ASSERT_TRUE(summary.ok());
  for (const SnapshotChunk& chunk : summary->chunks) {
    std::string changed = whole;
    char& last = changed[static_cast<size_t>(chunk.range.end()) - 1];
    last = static_cast<char>(last ^ 1);
    EXPECT_THAT(FaultOf(changed), HasSubstr("checksum"));
    EXPECT_THAT(FaultOf(SealSnapshot(changed)), Not(HasSubstr("checksum")));
  }
}

TEST(SealSnapshot, MakesAChangedIndexReadable) {
  std::string changed = SomeSnapshot();
  // The last byte of the index is the end of the first key of a chunk.
  char& last = changed[changed.size() - static_cast<size_t>(kSnapshotFooterBytes) - 1];
  last = static_cast<char>(last ^ 1);
  EXPECT_THAT(FaultOf(changed), HasSubstr("checksum of its index"));
  EXPECT_THAT(FaultOf(SealSnapshot(changed)), Not(HasSubstr("checksum of its index")));
}

TEST(SealSnapshot, TakesWhateverComes) {
  const std::string whole = SomeSnapshot();
  for (size_t size = 0; size < whole.size(); size += 7) {
    EXPECT_NE(FaultOf(SealSnapshot(whole.substr(0, size))), "");
  }
}

}  // namespace
}  // namespace sleeper::state
