#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sleeper/base/call_context.h"
#include "sleeper/base/status.h"
#include "sleeper/exchange/format.h"
#include "sleeper/store/object_store.h"

namespace sleeper::exchange {

/// True of the names of files and folders that a folder or glob leaves out: those that begin with "." or "_", and
/// checksums (.crc).
bool IsPassedOver(std::string_view name);

/// The objects of a bucket that a text means as an input, in the order of their keys' bytes, by the rules of
/// ExpandInputs: the key of an object is that object, even if it looks like a glob; otherwise a glob (*, ?, [...], none
/// of which matches "/") stands for the objects that it matches and those below what it matches, and any other text for
/// the objects below it, as if it were a folder; the empty text is the whole bucket. Of those found by glob or folder
/// only names of a known format count, or all if `format` is given.
///
/// kNotFound if there is none.
Result<std::vector<std::string>> FindObjects(store::ObjectStore& bucket, const std::string& text,
                                             std::optional<InputFormat> format, const CallContext& call);

}  // namespace sleeper::exchange
