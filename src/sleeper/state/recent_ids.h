#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sleeper/base/persistent_map.h"
#include "sleeper/base/status.h"
#include "sleeper/model/ids.h"

namespace sleeper::state {

/// The ids of the latest entries of a log, without gaps up to one number. Immutable; copies share.
class RecentIds {
 public:
  /// Of no entry: the log before its first one.
  RecentIds() = default;

  /// The ids up to `number`, whose entry is `id`, of which the latest `ids_max` are kept. After anything but the entry
  /// before, it is the only one known.
  RecentIds With(model::LogNumber number, const model::EntryId& id, int64_t ids_max) const;

  /// The number of the latest entry; 0 if there is none.
  model::LogNumber last_number() const { return last_; }
  /// Empty if there is none.
  model::EntryId last_id() const;

  /// The id of entry `number`, if it is known.
  std::optional<model::EntryId> At(model::LogNumber number) const;

  int64_t size() const { return ids_.size(); }

  std::string Encode() const;
  static Result<RecentIds> Decode(std::string_view bytes);

 private:
  model::LogNumber last_ = 0;
  /// Number to id, eight bytes each.
  PersistentMap ids_;
};

}  // namespace sleeper::state
