#include "sleeper/compact/verify_compaction.h"

#include <sstream>
#include <string>

#include "sleeper/base/check.h"

namespace sleeper::compact {
namespace {

/// Rows and their hash.
struct Totals {
  int64_t rows = 0;
  model::RowHash hash;
};

Status VerifyInput(const CompactionInput& input, const state::ConsumedInput& consumed) {
  const bool whole = input.IsWholeFile();
  if (!whole && !input.rows_exact) return Status::OK();
  const int64_t expected = whole ? input.file.rows : input.rows;
  if (consumed.rows == expected) return Status::OK();
  return Error(ErrorKind::kCorrupt, "data file ", input.file.id, " has ", consumed.rows, " rows instead of ", expected,
               whole ? "" : " in the interval of its reference");
}

std::string NamesOf(std::span<const state::ConsumedInput> consumed, std::span<const model::FileRecord> files) {
  std::ostringstream names;
  const char* separator = "inputs ";
  for (const state::ConsumedInput& input : consumed) {
    names << separator << input.file;
    separator = ", ";
  }
  separator = consumed.empty() ? "outputs " : "; outputs ";
  for (const model::FileRecord& file : files) {
    names << separator << file.id;
    separator = ", ";
  }
  return names.str();
}

}  // namespace

Status VerifyCompaction(const CompactionSpec& spec, std::span<const state::ConsumedInput> consumed,
                        std::span<const model::FileRecord> files) {
  SLEEPER_CHECK(consumed.size() == spec.inputs.size(), "every input must be accounted for");
  Totals read;
  for (size_t i = 0; i < consumed.size(); ++i) {
    TRY(VerifyInput(spec.inputs[i], consumed[i]));
    read.rows += consumed[i].rows;
    read.hash += consumed[i].row_hash;
  }
  Totals written;
  for (const model::FileRecord& file : files) {
    written.rows += file.rows;
    written.hash += file.row_hash;
  }
  if (written.rows != read.rows) {
    return Error(ErrorKind::kCorrupt, "compaction ", spec.job, " read ", read.rows, " rows and wrote ", written.rows,
                 ": ", NamesOf(consumed, files));
  }
  if (written.hash != read.hash) {
    return Error(ErrorKind::kCorrupt, "compaction ", spec.job,
                 " wrote other rows than it read: ", NamesOf(consumed, files));
  }
  return Status::OK();
}

}  // namespace sleeper::compact
