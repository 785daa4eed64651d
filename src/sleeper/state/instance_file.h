#pragma once

#include <string>

#include "sleeper/base/call_context.h"
#include "sleeper/base/random.h"
#include "sleeper/base/status.h"
#include "sleeper/store/object_store.h"

namespace sleeper::state {

/// What makes a root an instance: the object sleeper.json, written once and never changed. Immutable value.
struct InstanceFile {
  /// The version of the formats below the root.
  static constexpr int kFormatVersion = 1;

  int format_version = kFormatVersion;
  /// 32 hexadecimal digits: tells two instances apart, whatever their locations are called.
  std::string instance_id;

  friend bool operator==(const InstanceFile&, const InstanceFile&) = default;
};

struct CreatedInstance {
  InstanceFile file;
  /// False if it was there already.
  bool created = false;
};

/// Makes the root an instance, unless it is one.
Result<CreatedInstance> CreateInstance(store::ObjectStore& store, Random& random, const CallContext& call);

/// kNotFound if the root is no instance; kInvalid if a newer version of the program wrote it; kCorrupt if it is
/// damaged.
Result<InstanceFile> OpenInstance(store::ObjectStore& store, const CallContext& call);

std::string WriteInstanceFile(const InstanceFile& file);
Result<InstanceFile> ParseInstanceFile(std::string_view text);

}  // namespace sleeper::state
