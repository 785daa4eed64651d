#include "sleeper/store/coalescing_store.h"

#include <gmock/gmock.h>

#include "sleeper/store/memory_store.h"
#include "sleeper/store/testing/conformance.h"
#include "sleeper/store/testing/recording_store.h"

namespace sleeper::store {
namespace {

using testing::ElementsAre;

const SystemClock kClock;
constexpr JoinLimits kLimits{.hole_bytes_max = 2, .range_bytes_max = 100};

struct CoalescingMemory {
  MemoryStore memory{kClock};
  RecordingStore recording{memory};
  CoalescingStore store{recording, kLimits};
};

std::shared_ptr<ObjectStore> MakeStore() {
  auto made = std::make_shared<CoalescingMemory>();
  return std::shared_ptr<ObjectStore>(made, &made->store);
}

INSTANTIATE_TEST_SUITE_P(Coalescing, ObjectStoreConformance, testing::Values(StoreKind{"coalescing", MakeStore}),
                         testing::PrintToStringParamName());

TEST(CoalescingStoreTest, NeighboursAreOneRequestAndAreAnsweredAsAsked) {
  CoalescingMemory made;
  const CallContext call;
  ASSERT_TRUE(made.store.Put(ObjectPath("a"), Buffer::CopyOf("0123456789"), PutMode::kIfAbsent, call).ok());
  made.recording.Clear();
  const std::vector<ByteRange> ranges = {{8, 2}, {0, 1}, {3, 1}};
  std::vector<std::string> texts;
  const std::vector<Buffer> buffers = made.store.GetRanges(ObjectPath("a"), ranges, call).ValueOrDie();
  for (const Buffer& buffer : buffers) texts.emplace_back(buffer.view());
  EXPECT_THAT(texts, ElementsAre("89", "0", "3"));
  ASSERT_EQ(made.recording.calls().size(), 1U);
  EXPECT_THAT(made.recording.calls()[0].ranges, ElementsAre(ByteRange{0, 4}, ByteRange{8, 2}));
}

}  // namespace
}  // namespace sleeper::store
