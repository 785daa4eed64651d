#include "sleeper/state/log_entry.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/state/frame.h"
#include "sleeper/state/recent_ids.h"
#include "sleeper/state/state_digest.h"

namespace sleeper::state {
namespace {

using ::testing::HasSubstr;

LogEntry Sample() {
  LogEntry entry;
  entry.number = 7;
  entry.id = model::EntryId("00000000000000aa");
  entry.previous = model::EntryId("00000000000000bb");
  entry.writer = "a writer";
  entry.written = WallTime(std::chrono::seconds(1'000'000'000));
  entry.mark = TimeMark{5, WallTime(std::chrono::seconds(999'999'999))};
  entry.digest = {1, 2};
  entry.transactions.emplace_back(std::string("\x01", 1));
  entry.transactions.emplace_back(BodyReference{model::FileId("ab/0000000000000006-ab00000000000001"), 100, 3});
  return entry;
}

TEST(LogEntry, IsReadAsItWasWritten) {
  EXPECT_EQ(*DecodeEntry(EncodeEntry(Sample()), "entry"), Sample());
  LogEntry first = Sample();
  first.previous = model::EntryId();
  first.mark = std::nullopt;
  first.ends_log = true;
  EXPECT_EQ(*DecodeEntry(EncodeEntry(first), "entry"), first);
}

TEST(LogEntry, IsRefusedIfAnyBitIsAnother) {
  const std::string good = EncodeEntry(Sample());
  for (size_t i = 0; i < good.size(); ++i) {
    std::string bytes = good;
    bytes[i] = static_cast<char>(bytes[i] ^ 0x10);
    EXPECT_EQ(KindOf(DecodeEntry(bytes, "entry").status()), ErrorKind::kCorrupt) << "byte " << i;
  }
  for (size_t size = 0; size < good.size(); ++size) {
    EXPECT_EQ(KindOf(DecodeEntry(good.substr(0, size), "entry").status()), ErrorKind::kCorrupt) << size << " bytes";
  }
  EXPECT_EQ(KindOf(DecodeEntry(good + "x", "entry").status()), ErrorKind::kCorrupt);
}

TEST(LogEntry, OfANewerVersionStopsTheReader) {
  const std::string payload(EncodeEntry(Sample()).substr(kFrameBytes));
  const Status status = DecodeEntry(MakeFrame(kEntryMagic, kEntryVersion + 1, payload), "entry 7").status();
  EXPECT_EQ(KindOf(status), ErrorKind::kInvalid);
  EXPECT_THAT(status.message(), HasSubstr("entry 7 was written by a newer version"));
}

TEST(LogEntry, WithoutTransactionsIsCorrupt) {
  LogEntry entry = Sample();
  entry.transactions.clear();
  EXPECT_EQ(KindOf(DecodeEntry(EncodeEntry(entry), "entry").status()), ErrorKind::kCorrupt);
}

TEST(LogEntry, PayloadsOfAnyBytesAreRefusedOrRead) {
  SeededRandom random(1);
  const std::string good(EncodeEntry(Sample()).substr(kFrameBytes));
  for (int i = 0; i < 2'000; ++i) {
    std::string payload = good;
    for (uint64_t flips = random.Below(4) + 1; flips > 0; --flips) {
      payload[random.Below(payload.size())] = static_cast<char>(random.Next());
    }
    if (random.Below(2) == 0) payload.resize(random.Below(payload.size() + 1));
    const Result<LogEntry> entry = DecodeEntry(MakeFrame(kEntryMagic, kEntryVersion, payload), "entry");
    if (entry.ok()) {
      EXPECT_EQ(EncodeEntry(*entry).substr(kFrameBytes), payload) << "an encoding is unique; i = " << i;
    }
  }
}

TEST(LogEntry, ABodyIsTheOneThatIsMeant) {
  const std::string body = EncodeBody("transaction");
  const BodyReference meant{model::FileId("ab/0000000000000006-ab00000000000001"), 11, Checksum("transaction")};
  EXPECT_EQ(*DecodeBody(body, meant, "body"), "transaction");
  EXPECT_EQ(KindOf(DecodeBody(EncodeBody("transactioN"), meant, "body").status()), ErrorKind::kCorrupt);
  EXPECT_EQ(KindOf(DecodeBody(body, {meant.name, 10, meant.checksum}, "body").status()), ErrorKind::kCorrupt);
}

TEST(RecentIds, KeepsTheLatest) {
  RecentIds ids;
  EXPECT_EQ(ids.last_id(), model::EntryId());
  for (uint64_t number = 1; number <= 20; ++number) ids = ids.With(number, UnpackEntryId(number * 100), 5);
  EXPECT_EQ(ids.size(), 5);
  EXPECT_EQ(ids.last_number(), 20U);
  EXPECT_EQ(ids.last_id(), UnpackEntryId(2000));
  EXPECT_EQ(ids.At(16), UnpackEntryId(1600));
  EXPECT_EQ(ids.At(15), std::nullopt);
  EXPECT_EQ(ids.At(21), std::nullopt);
}

TEST(RecentIds, BeginsAnewAfterAGap) {
  const RecentIds ids = RecentIds().With(1, UnpackEntryId(1), 5).With(9, UnpackEntryId(9), 5);
  EXPECT_EQ(ids.size(), 1);
  EXPECT_EQ(ids.At(1), std::nullopt);
}

TEST(RecentIds, IsReadAsItWasWritten) {
  RecentIds ids;
  for (uint64_t number = 1; number <= 9; ++number) ids = ids.With(number, UnpackEntryId(number), 5);
  const Result<RecentIds> read = RecentIds::Decode(ids.Encode());
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->Encode(), ids.Encode());
  EXPECT_EQ(read->At(5), UnpackEntryId(5));
  EXPECT_FALSE(RecentIds::Decode(ids.Encode() + "x").ok());
  EXPECT_FALSE(RecentIds::Decode(std::string("\x01") + std::string(16, 'x')).ok()) << "two ids up to number 1";
}

}  // namespace
}  // namespace sleeper::state
