#include "sleeper/state/log_entry.h"

#include <utility>

#include "sleeper/base/check.h"
#include "sleeper/state/field_codec.h"
#include "sleeper/state/frame.h"
#include "sleeper/state/layout.h"
#include "sleeper/state/state_digest.h"

namespace sleeper::state {

namespace {

constexpr uint8_t kHasPrevious = 1;
constexpr uint8_t kHasMark = 2;
constexpr uint8_t kEndsLog = 4;

constexpr uint8_t kInline = 0;
constexpr uint8_t kInBody = 1;

uint64_t Packed(const model::EntryId& id) {
  const std::optional<uint64_t> packed = PackEntryId(id);
  SLEEPER_CHECK(packed.has_value(), "not an entry id: ", id);
  return *packed;
}

}  // namespace

model::EntryId MakeEntryId(Random& random) { return UnpackEntryId(random.Next()); }
std::optional<uint64_t> PackEntryId(const model::EntryId& id) { return ParseUp(id.value()); }
model::EntryId UnpackEntryId(uint64_t packed) { return model::EntryId(FormatUp(packed)); }

std::string EncodeEntry(const LogEntry& entry) {
  ByteWriter out;
  FieldEncoder fields(out);
  out.U8(static_cast<uint8_t>((entry.previous.empty() ? 0 : kHasPrevious) | (entry.mark ? kHasMark : 0) |
                              (entry.ends_log ? kEndsLog : 0)));
  out.Varint(entry.number);
  out.U64(Packed(entry.id));
  if (!entry.previous.empty()) out.U64(Packed(entry.previous));
  fields.Value(entry.writer);
  fields.Value(entry.written);
  if (entry.mark) fields.Value(*entry.mark);
  out.U64(entry.digest.low);
  out.U64(entry.digest.high);
  out.Varint(entry.transactions.size());
  for (const auto& transaction : entry.transactions) {
    if (const auto* bytes = std::get_if<std::string>(&transaction)) {
      out.U8(kInline);
      out.Bytes(*bytes);
    } else {
      const BodyReference& body = std::get<BodyReference>(transaction);
      out.U8(kInBody);
      fields.Value(body.name);
      out.Varint(body.size);
      out.U64(body.checksum);
    }
  }
  return MakeFrame(kEntryMagic, kEntryVersion, out.bytes());
}

Result<LogEntry> DecodeEntry(std::string_view bytes, std::string_view what) {
  TRY_ASSIGN(const std::string_view payload, OpenFrame(kEntryMagic, kEntryVersion, bytes, what));
  FieldDecoder fields(payload);
  ByteReader& in = fields.reader();
  LogEntry entry;
  const uint8_t flags = in.U8();
  if ((flags & ~(kHasPrevious | kHasMark | kEndsLog)) != 0) in.Fail("unknown flags");
  entry.ends_log = (flags & kEndsLog) != 0;
  entry.number = in.Varint();
  entry.id = UnpackEntryId(in.U64());
  if ((flags & kHasPrevious) != 0) entry.previous = UnpackEntryId(in.U64());
  entry.writer = fields.Value<std::string>();
  entry.written = fields.Value<WallTime>();
  if ((flags & kHasMark) != 0) entry.mark = fields.Value<TimeMark>();
  entry.digest.low = in.U64();
  entry.digest.high = in.U64();
  const size_t count = in.Count(2);
  if (count == 0) in.Fail("it holds no transaction");
  for (size_t i = 0; i < count && !in.failed(); ++i) {
    const uint8_t where = in.U8();
    if (where == kInline) {
      entry.transactions.emplace_back(std::string(in.Bytes()));
    } else if (where == kInBody) {
      BodyReference body;
      body.name = fields.Value<model::FileId>();
      body.size = in.Varint();
      body.checksum = in.U64();
      if (!BirthOf(body.name)) in.Fail("the name of a body is none");
      entry.transactions.emplace_back(std::move(body));
    } else {
      in.Fail("a transaction is neither inside nor outside");
    }
  }
  const Status status = fields.Finish();
  if (!status.ok()) return WithContext(status, what);
  return entry;
}

std::string EncodeBody(std::string_view transaction) { return MakeFrame(kBodyMagic, kEntryVersion, transaction); }

Result<std::string_view> DecodeBody(std::string_view bytes, const BodyReference& reference, std::string_view what) {
  TRY_ASSIGN(const std::string_view payload, OpenFrame(kBodyMagic, kEntryVersion, bytes, what));
  if (payload.size() != reference.size || Checksum(payload) != reference.checksum) {
    return Error(ErrorKind::kCorrupt, what, ": it is not the body that its entry means");
  }
  return payload;
}

}  // namespace sleeper::state
