#include "sleeper/state/recent_ids.h"

#include <algorithm>
#include <utility>

#include "sleeper/base/check.h"
#include "sleeper/state/byte_codec.h"
#include "sleeper/state/log_entry.h"
#include "sleeper/state/packed_file_id.h"

namespace sleeper::state {

RecentIds RecentIds::With(model::LogNumber number, const model::EntryId& id, int64_t ids_max) const {
  const std::optional<uint64_t> packed = PackEntryId(id);
  SLEEPER_CHECK(packed.has_value(), "not an entry id: ", id);
  RecentIds result;
  result.last_ = number;
  const bool follows = number == last_ + 1;
  MapEdit edit(follows ? ids_ : PersistentMap());
  edit.Put({NumberKey(number)}, NumberKey(*packed));
  int64_t surplus = edit.base().size() + 1 - std::max<int64_t>(ids_max, 1);
  for (PersistentMap::Cursor at = edit.base().Begin(); at.valid() && surplus > 0; at.Next(), --surplus) {
    edit.Erase(at.key());
  }
  result.ids_ = edit.Finish();
  return result;
}

model::EntryId RecentIds::last_id() const { return At(last_).value_or(model::EntryId()); }

std::optional<model::EntryId> RecentIds::At(model::LogNumber number) const {
  const std::optional<std::string_view> packed = ids_.Find({NumberKey(number)});
  if (!packed) return std::nullopt;
  return UnpackEntryId(NumberOfKey(*packed));
}

std::string RecentIds::Encode() const {
  ByteWriter out;
  out.Varint(last_);
  for (PersistentMap::Cursor at = ids_.Begin(); at.valid(); at.Next()) out.Raw(at.value());
  return std::move(out).Take();
}

Result<RecentIds> RecentIds::Decode(std::string_view bytes) {
  ByteReader in(bytes);
  RecentIds ids;
  ids.last_ = in.Varint();
  const uint64_t count = in.rest().size() / 8;
  if (in.rest().size() % 8 != 0 || count > ids.last_) in.Fail("the list of entry ids is damaged");
  MapEdit edit(ids.ids_);
  model::LogNumber number = ids.last_ - count;
  while (!in.failed() && !in.AtEnd()) edit.Put({NumberKey(++number)}, in.Raw(8));
  TRY(in.Finish());
  ids.ids_ = edit.Finish();
  return ids;
}

}  // namespace sleeper::state
