#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sleeper/base/call_context.h"
#include "sleeper/base/status.h"
#include "sleeper/columnar/layout.h"
#include "sleeper/model/file_record.h"
#include "sleeper/model/ids.h"
#include "sleeper/store/object_store.h"

namespace sleeper::check {

/// A data file and what the state says of parts of it. Value.
struct FileToVerify {
  model::FileRecord record;
  /// In key order, disjoint.
  std::vector<model::FileReference> references;
};

/// What a file turned out to be. Value.
struct FileVerdict {
  /// Why it is bad; nothing if it is what the state says.
  std::optional<std::string> fault;
  int64_t rows = 0;
};

/// Reads all rows of a file and compares: footer, order by the full keys, number of rows, bounds and row hash with the
/// record, the rows inside each reference whose count is exact, and what the file says of its values (statistics,
/// column indexes, Bloom filters) with these. Page checksums are checked on the way. Memory is that of one scan, and of
/// the Bloom filters of one row group.
///
/// kNotFound if the file is not in the store; other failures are those of the store. What is wrong with the file is a
/// value of the answer.
Result<FileVerdict> VerifyFile(store::ObjectStore& store, const model::TableId& table,
                               const std::shared_ptr<const columnar::Layout>& layout, const FileToVerify& file,
                               const CallContext& call);

}  // namespace sleeper::check
