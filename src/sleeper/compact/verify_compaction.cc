#include "sleeper/compact/verify_compaction.h"

#include <algorithm>
#include <sstream>
#include <string>
#include <utility>

#include "sleeper/base/check.h"

namespace sleeper::compact {
namespace {

/// Rows and their hash.
struct Totals {
  int64_t rows = 0;
  model::RowHash hash;
};

Status VerifyInput(const CompactionInput& input, const state::ConsumedInput& consumed) {
  if (input.IsWholeFile()) {
    if (consumed.rows != input.file.rows) {
      return Error(ErrorKind::kCorrupt, "data file ", input.file.id, " has ", consumed.rows, " rows instead of ",
                   input.file.rows);
    }
    if (consumed.row_hash != input.file.row_hash) {
      return Error(ErrorKind::kCorrupt, "the rows of data file ", input.file.id,
                   " are not the ones that were written to it");
    }
    return Status::OK();
  }
  if (input.rows_exact && consumed.rows != input.rows) {
    return Error(ErrorKind::kCorrupt, "data file ", input.file.id, " has ", consumed.rows, " rows instead of ",
                 input.rows, " in the interval of its reference");
  }
  return Status::OK();
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

/// Intervals that overlap or meet, joined, with the rows that were read from them.
std::vector<state::IntervalRows> Cover(const CompactionSpec& spec, std::span<const state::ConsumedInput> consumed) {
  std::vector<state::IntervalRows> parts;
  for (size_t i = 0; i < spec.inputs.size(); ++i) parts.push_back({spec.inputs[i].interval, consumed[i].rows});
  std::ranges::sort(parts, {}, [](const state::IntervalRows& part) { return part.interval.lower; });
  std::vector<state::IntervalRows> cover;
  for (state::IntervalRows& part : parts) {
    if (cover.empty() || (cover.back().interval.upper && *cover.back().interval.upper < part.interval.lower)) {
      cover.push_back(std::move(part));
      continue;
    }
    state::IntervalRows& last = cover.back();
    last.rows += part.rows;
    if (!part.interval.upper || !last.interval.upper) {
      last.interval.upper.reset();
    } else {
      last.interval.upper = std::max(*last.interval.upper, *part.interval.upper);
    }
  }
  return cover;
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

std::vector<state::NewFile> SlicesOf(const CompactionSpec& spec, std::span<const state::ConsumedInput> consumed,
                                     std::vector<model::FileRecord> files) {
  // The parts of the cover, one after the other, hold the same sequence of rows as the files, one after the other.
  std::vector<state::IntervalRows> cover = Cover(spec, consumed);
  auto part = cover.begin();
  std::vector<state::NewFile> outputs;
  for (model::FileRecord& file : files) {
    state::NewFile output;
    for (int64_t left = file.rows; left > 0;) {
      SLEEPER_CHECK(part != cover.end(), "more rows were written than read", spec.job);
      const int64_t rows = std::min(left, part->rows);
      if (rows > 0) output.slices.push_back({part->interval, rows});
      left -= rows;
      part->rows -= rows;
      if (part->rows == 0) ++part;
    }
    output.record = std::move(file);
    outputs.push_back(std::move(output));
  }
  return outputs;
}

}  // namespace sleeper::compact
