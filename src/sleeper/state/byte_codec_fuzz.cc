#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "sleeper/base/check.h"
#include "sleeper/state/byte_codec.h"

namespace sleeper::state {
namespace {

/// Reads one primitive, which `kind` picks, and writes it again.
void Copy(uint8_t kind, ByteReader& in, ByteWriter& out) {
  switch (kind % 8) {
    case 0:
      return out.U8(in.U8());
    case 1:
      return out.U32(in.U32());
    case 2:
      return out.U64(in.U64());
    case 3:
      return out.Varint(in.Varint());
    case 4:
      return out.SignedVarint(in.SignedVarint());
    case 5:
      return out.Bytes(in.Bytes());
    case 6:
      return WriteTime(out, ReadTime(in));
    default:
      // A count in front of so many bytes.
      const size_t count = in.Count();
      out.Varint(count);
      return out.Raw(in.Raw(count));
  }
}

}  // namespace
}  // namespace sleeper::state

// The first byte says how many of the next ones pick primitives; what follows is read as these. Every value has one
// form: as long as nothing fails, what is written again is what was read.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace sleeper;
  using namespace sleeper::state;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  if (input.empty() || input.size() < 1 + static_cast<size_t>(data[0])) return 0;
  const std::string_view kinds = input.substr(1, data[0]);
  const std::string_view bytes = input.substr(1 + kinds.size());
  ByteReader in(bytes);
  ByteWriter out;
  for (const char kind : kinds) {
    Copy(static_cast<uint8_t>(kind), in, out);
    if (in.failed()) break;
    SLEEPER_CHECK(out.bytes() == bytes.substr(0, bytes.size() - in.rest().size()), "a value has a second form");
  }
  SLEEPER_CHECK(!in.Finish().ok() || out.bytes() == bytes, "bytes were lost");
  return 0;
}
