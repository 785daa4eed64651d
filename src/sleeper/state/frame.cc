#include "sleeper/state/frame.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "sleeper/state/byte_codec.h"
#include "sleeper/state/field_codec.h"

namespace sleeper::state {

namespace {

constexpr size_t kChecksumAt = 24;

uint64_t FrameChecksum(std::string_view head, std::string_view payload) {
  XXH3_state_t state;
  XXH3_64bits_reset(&state);
  XXH3_64bits_update(&state, head.data(), head.size());
  XXH3_64bits_update(&state, payload.data(), payload.size());
  return XXH3_64bits_digest(&state);
}

}  // namespace

std::string MakeFrame(std::string_view magic, uint32_t version, std::string_view payload) {
  ByteWriter out;
  out.Raw(magic);
  out.U32(version);
  out.U32(0);
  out.U64(payload.size());
  out.U64(FrameChecksum(out.bytes(), payload));
  out.Raw(payload);
  return std::move(out).Take();
}

Result<std::string_view> OpenFrame(std::string_view magic, uint32_t version_max, std::string_view bytes,
                                   std::string_view what) {
  const auto corrupt = [&](std::string_view why) { return Error(ErrorKind::kCorrupt, what, ": ", why); };
  ByteReader in(bytes);
  if (in.Raw(magic.size()) != magic) return corrupt("it does not begin as it should");
  const uint32_t version = in.U32();
  const uint32_t zero = in.U32();
  const uint64_t size = in.U64();
  const uint64_t checksum = in.U64();
  if (in.failed() || size != in.rest().size()) return corrupt("it is not whole");
  if (checksum != FrameChecksum(bytes.substr(0, kChecksumAt), in.rest())) return corrupt("its checksum does not match");
  if (version > version_max) return NewerVersion(what);
  if (version == 0 || zero != 0) return corrupt("its version is none");
  return in.rest();
}

}  // namespace sleeper::state
