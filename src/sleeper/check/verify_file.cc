#include "sleeper/check/verify_file.h"

#include <algorithm>
#include <utility>

#include "sleeper/base/check.h"
#include "sleeper/columnar/key_column.h"
#include "sleeper/file/claim_check.h"
#include "sleeper/file/data_file_reader.h"
#include "sleeper/file/order_check.h"
#include "sleeper/model/key_codec.h"
#include "sleeper/state/layout.h"

namespace sleeper::check {
namespace {

/// What is fetched of a file at a time.
constexpr int64_t kWindowBytesMax = 4 << 20;

/// Counts the rows inside each of some references, of rows that come in key order. Confined.
class ReferenceCounter {
 public:
  explicit ReferenceCounter(const FileToVerify& file) : references_(file.references), rows_(references_.size(), 0) {
    // One that holds the whole file says what the record says.
    is_needed_ = std::any_of(references_.begin(), references_.end(), [&](const model::FileReference& reference) {
      return reference.rows_exact && !file.record.bounds.IsWithin(reference.interval);
    });
  }

  Status Add(const columnar::Batch& batch) {
    if (!is_needed_) return Status::OK();
    TRY(keys_.EncodeRowKeys(batch));
    for (size_t i = 0; i < references_.size(); ++i) {
      const model::KeyInterval& interval = references_[i].interval;
      const int64_t begin = keys_.LowerBound(interval.lower);
      const int64_t end = interval.upper ? keys_.LowerBound(*interval.upper) : keys_.rows();
      rows_[i] += std::max<int64_t>(end - begin, 0);
    }
    return Status::OK();
  }

  /// The first exact count that is another one.
  std::optional<std::string> Fault(const model::Schema& schema) const {
    if (!is_needed_) return std::nullopt;
    for (size_t i = 0; i < references_.size(); ++i) {
      const model::FileReference& reference = references_[i];
      if (!reference.rows_exact || rows_[i] == reference.rows) continue;
      return std::to_string(rows_[i]) + " rows instead of " + std::to_string(reference.rows) + " in the part from " +
             (reference.interval.lower.empty() ? "the beginning"
                                               : model::FormatKey(schema.row_key_fields(), reference.interval.lower));
    }
    return std::nullopt;
  }

 private:
  const std::vector<model::FileReference>& references_;
  std::vector<int64_t> rows_;
  bool is_needed_ = false;
  columnar::KeyColumn keys_;
};

std::string Text(const model::NormalisedKey& key, const model::Schema& schema) {
  return model::FormatKey(schema.row_key_fields(), key);
}

/// Where what was found differs from the record, in words; empty if nowhere.
std::string Compare(const model::FileRecord& record, const file::DataFileSummary& found, const model::Schema& schema) {
  std::string faults;
  const auto add = [&](const std::string& fault) { faults += (faults.empty() ? "" : "; ") + fault; };
  if (found.rows != record.rows) {
    add(std::to_string(found.rows) + " rows instead of " + std::to_string(record.rows));
  }
  if (found.bounds != record.bounds) {
    add("keys from " + Text(found.bounds.min, schema) + " to " + Text(found.bounds.max, schema) + " instead of " +
        Text(record.bounds.min, schema) + " to " + Text(record.bounds.max, schema));
  }
  if (found.row_hash != record.row_hash) add("its rows are not the ones that were written: the row hash differs");
  return faults;
}

/// A message without the file's path before it, which stands beside it anyway.
std::string WithoutPath(const std::string& message, const store::ObjectPath& path) {
  if (!message.starts_with(path.value())) return message;
  const size_t begin = message.find_first_not_of(":, ", path.value().size());
  return begin == std::string::npos ? message : message.substr(begin);
}

/// True of failures that say something of the file, and not of the store.
bool IsOfTheFile(const Status& status) {
  return IsKind(status, ErrorKind::kCorrupt) || IsKind(status, ErrorKind::kInvalid);
}

FileVerdict Bad(std::string why, int64_t rows = 0) { return {.fault = std::move(why), .rows = rows}; }

/// Reads all rows and compares them with the record and the references.
Result<FileVerdict> VerifyRows(const file::DataFileReader& reader, const store::ObjectPath& path,
                               const FileToVerify& file, const CallContext& call) {
  const model::Schema& schema = reader.layout()->schema();
  const auto rows = reader.Scan({.window_bytes_max = kWindowBytesMax}, call);
  const auto claims = reader.CheckClaims(call);
  file::OrderCheck order;
  ReferenceCounter counter(file);
  file::DataFileSummary found;
  for (;;) {
    const Result<std::optional<columnar::Batch>> batch = rows->Next();
    if (IsOfTheFile(batch.status())) return Bad(WithoutPath(batch.status().message(), path), found.rows);
    TRY(batch.status());
    if (!*batch) break;
    const Status in_order = order.Add(**batch);
    if (!in_order.ok()) return Bad(in_order.message(), found.rows);
    const Status claimed = claims->Add(**batch);
    if (IsOfTheFile(claimed)) return Bad(claimed.message(), found.rows);
    TRY(claimed);
    TRY(counter.Add(**batch));
    found.rows += (*batch)->rows();
  }
  if (found.rows > 0) found.bounds = order.bounds();
  found.row_hash = claims->row_hash();
  const std::string faults = Compare(file.record, found, schema);
  if (!faults.empty()) return Bad("read whole it has " + faults, found.rows);
  return FileVerdict{.fault = counter.Fault(schema), .rows = found.rows};
}

}  // namespace

Result<FileVerdict> VerifyFile(store::ObjectStore& store, const model::TableId& table,
                               const std::shared_ptr<const columnar::Layout>& layout, const FileToVerify& file,
                               const CallContext& call) {
  const model::FileRecord& record = file.record;
  const store::ObjectPath path = state::DataFilePath(table, record.id);
  const auto reader = file::DataFileReader::Open(store, path, record.size_bytes, record.tail_bytes, layout, call);
  if (IsOfTheFile(reader.status())) return Bad(WithoutPath(reader.status().message(), path));
  TRY(reader.status());
  const std::string faults = Compare(record, (*reader)->summary(), layout->schema());
  if (!faults.empty()) return Bad("by its footer it has " + faults);
  return VerifyRows(**reader, path, file, call);
}

}  // namespace sleeper::check
