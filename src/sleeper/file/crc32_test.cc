#include "sleeper/file/crc32.h"

#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "sleeper/base/random.h"

namespace sleeper::file {
namespace {

TEST(Crc32Test, ItIsTheOneOfGzip) {
  constexpr std::string_view kDigits = "123456789";
  EXPECT_EQ(Crc32(0, {reinterpret_cast<const uint8_t*>(kDigits.data()), kDigits.size()}), 0xCBF43926);
}

TEST(Crc32Test, ItDependsNeitherOnTheProcessorNorOnHowTheBytesAreCut) {
  SeededRandom random(1);
  std::vector<uint8_t> bytes(1000);
  for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random.Below(256));
  for (size_t size = 0; size < bytes.size(); size += 1 + random.Below(5)) {
    const std::span<const uint8_t> part(bytes.data() + random.Below(bytes.size() - size), size);
    const auto start = static_cast<uint32_t>(random.Next());
    const size_t cut = random.Below(size + 1);
    EXPECT_EQ(Crc32(start, part), PortableCrc32(start, part)) << size;
    EXPECT_EQ(Crc32(Crc32(start, part.first(cut)), part.subspan(cut)), PortableCrc32(start, part)) << size;
  }
}

}  // namespace
}  // namespace sleeper::file
