// The input is a data file of the table of all types. It is read as it is and, with checksums that fit, once more: by
// rows, and by pages as a merge does it.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <arrow/record_batch.h>

#include "sleeper/base/check.h"
#include "sleeper/columnar/row_hasher.h"
#include "sleeper/columnar/testing/batches.h"
#include "sleeper/file/claim_check.h"
#include "sleeper/file/crc32.h"
#include "sleeper/file/data_file_reader.h"
#include "sleeper/file/data_file_writer.h"
#include "sleeper/file/page_input.h"
#include "sleeper/file/row_group_copy.h"
#include "sleeper/file/testing/sealed_file.h"
#include "sleeper/rows/merge_plan.h"
#include "sleeper/store/memory_store.h"

namespace sleeper::file {
namespace {

const store::ObjectPath kPath("fuzz.parquet");
const store::ObjectPath kMergedPath("merged.parquet");

/// Little, so that many can be tried.
constexpr int64_t kPageBytesMaxHere = 1 << 20;

/// What has been read of an interval, to be compared between ways of reading.
struct Rows {
  int64_t rows = 0;
  model::RowHash hash;
};

/// Reads the rows of an interval. Whatever comes must be valid; whatever is refused must name the file.
std::optional<Rows> ReadRows(const DataFileReader& reader, const model::KeyInterval& interval) {
  const auto stream =
      reader.Scan({.intervals = {interval}, .batch_rows_max = 100, .page_bytes_max = kPageBytesMaxHere}, {});
  // Only of all rows.
  auto claims = interval == model::KeyInterval::All() ? reader.CheckClaims({}) : nullptr;
  columnar::RowHasher hasher(reader.layout());
  Rows read;
  for (;;) {
    const auto batch = stream->Next();
    if (!batch.ok()) {
      SLEEPER_CHECK(batch.status().message().find(kPath.value()) != std::string::npos, batch.status().ToString());
      return std::nullopt;
    }
    if (!*batch) break;
    // Bytes that are no UTF-8 may come back: a page's checksum vouches for them. The arrays must hold together.
    const Status valid = (*batch)->arrow()->Validate();
    SLEEPER_CHECK(valid.ok(), valid.ToString());
    hasher.Add(**batch);
    read.rows += (*batch)->rows();
    if (claims == nullptr) continue;
    const Status claimed = claims->Add(**batch);
    SLEEPER_CHECK(claimed.ok() || IsKind(claimed, ErrorKind::kCorrupt), claimed.ToString());
    if (!claimed.ok()) claims.reset();
  }
  read.hash = hasher.sum();
  return read;
}

/// The settings of the seed that the input was made from.
const DataFileSettings& SettingsOf(const DataFileReader& reader) {
  for (const SeedFile& seed : SeedFiles()) {
    for (const auto& [name, value] : reader.footer().key_values) {
      if (value == seed.settings.Text()) return seed.settings;
    }
  }
  return SeedFiles().back().settings;
}

/// Copies the whole row groups that come next.
Status CopyRowGroups(PageInput& pages, DataFileWriter& writer) {
  while (const RowGroupSummary* const next = pages.NextWholeRowGroup()) {
    // As compactions do it, which copy large ones only.
    if (!writer.IsWorthCopying(*next, INT64_MAX / 2, INT64_MAX / 2)) break;
    TRY_ASSIGN(RowGroupCopy copy, pages.TakeRowGroup());
    TRY(writer.Copy(std::move(copy)));
  }
  return Status::OK();
}

/// Writes the rows that the pages hold into another file, as a compaction of one file does.
Result<Rows> MergePages(store::ObjectStore& store, const DataFileReader& reader, const model::KeyInterval& interval,
                        bool copying) {
  const DataFileSettings& settings = SettingsOf(reader);
  TRY_ASSIGN(const auto pages, reader.OpenPages({.interval = interval,
                                                 .hashed = true,
                                                 .copied_for = copying ? &settings : nullptr,
                                                 .decoder = MakePageDecoder()},
                                                {}));
  TRY_ASSIGN(const auto writer, DataFileWriter::Open(store, kMergedPath, reader.layout(), settings, {}));
  rows::MergePlan plan(1);
  PageInput* const heads[] = {pages.get()};
  for (;;) {
    TRY(CopyRowGroups(*pages, *writer));
    TRY_ASSIGN(const bool more, pages->Next());
    if (!more) break;
    TRY(plan.Feed(0, pages->keys()));
    for (bool starved = false; !starved;) {
      const rows::MergeStep step = plan.Next(writer->step_rows_max());
      TRY(writer->Write(heads, step));
      starved = step.starved_input >= 0;
    }
  }
  SLEEPER_CHECK(writer->rows() == pages->rows_taken(), "other rows were written than taken");
  const Rows merged{.rows = pages->rows_taken(), .hash = pages->row_hash()};
  if (merged.rows == 0) return merged;
  TRY_ASSIGN(const DataFileSummary summary, writer->Finish());
  SLEEPER_CHECK(summary.rows == merged.rows && summary.row_hash == merged.hash, "a file of other rows was written");
  return merged;
}

/// By pages come the rows that come by rows. Where one way is refused, the other one may not be. False if pages are.
bool CompareWithPages(store::ObjectStore& store, const DataFileReader& reader, const model::KeyInterval& interval,
                      const std::optional<Rows>& read, bool copying) {
  const Result<Rows> merged = MergePages(store, reader, interval, copying);
  if (!merged.ok()) {
    SLEEPER_CHECK(IsKind(merged.status(), ErrorKind::kCorrupt) || IsKind(merged.status(), ErrorKind::kInvalid) ||
                      IsKind(merged.status(), ErrorKind::kInternal),
                  merged.status().ToString());
    return false;
  }
  // The hash of a row group that is copied is believed.
  if (read) SLEEPER_CHECK(read->rows == merged->rows, "pages hold other rows: ", merged->rows);
  if (read && !copying) SLEEPER_CHECK(read->hash == merged->hash, "pages hold other values");
  if (merged->rows == 0) return true;
  const auto written = store.Head(kMergedPath, {});
  SLEEPER_CHECK(written.ok(), written.status().ToString());
  const auto again = DataFileReader::Open(store, kMergedPath, written->size, 0, reader.layout(), {});
  SLEEPER_CHECK(again.ok(), again.status().ToString());
  if (!copying) {
    columnar::RowHasher hasher(reader.layout());
    const auto stream = (*again)->Scan({}, {});
    for (;;) {
      const auto batch = stream->Next();
      SLEEPER_CHECK(batch.ok(), batch.status().ToString());
      if (!*batch) break;
      hasher.Add(**batch);
    }
    SLEEPER_CHECK(hasher.sum() == merged->hash, "other rows come back than were written");
  }
  SLEEPER_CHECK(store.Delete(std::vector{kMergedPath}, {}).ok(), "delete");
  return true;
}

/// Compares one of the ways to read by pages with those rows. Which one hangs on the input, so that many can be tried.
void ReadPages(store::ObjectStore& store, const DataFileReader& reader, const std::optional<Rows>& rows, uint32_t way) {
  const auto all = model::KeyInterval::All();
  if (way % 3 == 0) {
    CompareWithPages(store, reader, all, rows, true);
    return;
  }
  const bool is_ordered = CompareWithPages(store, reader, all, rows, false);
  if (way % 3 == 1) return;
  const std::vector<KeySample> keys = reader.page_keys();
  const model::KeyInterval some{.lower = keys[keys.size() / 4].key, .upper = keys.back().key};
  if (some.empty()) return;
  // Which rows an interval has is the same to both ways only if they are in order.
  const std::optional<Rows> some_rows = ReadRows(reader, some);
  CompareWithPages(store, reader, some, is_ordered ? some_rows : std::nullopt, true);
}

void ReadFile(std::string_view file, bool with_pages) {
  static const auto layout = columnar::LayoutOfAllTypes();
  static const SystemClock clock;
  store::MemoryStore store(clock);
  const Buffer bytes = Buffer::CopyOf(file);
  SLEEPER_CHECK(store.Put(kPath, bytes, store::PutMode::kIfAbsent, {}).ok(), "put");
  const auto reader = DataFileReader::Open(store, kPath, static_cast<int64_t>(file.size()), 0, layout, {});
  if (!reader.ok()) {
    SLEEPER_CHECK(reader.status().message().find(kPath.value()) != std::string::npos, reader.status().ToString());
    return;
  }
  const std::optional<Rows> rows = ReadRows(**reader, model::KeyInterval::All());
  // One key, for which Bloom filters are asked.
  const model::NormalisedKey first = (*reader)->summary().bounds.min;
  ReadRows(**reader, {.lower = first, .upper = first + '\0'});
  if (with_pages) ReadPages(store, **reader, rows, Crc32(0, bytes.span()));
}

}  // namespace
}  // namespace sleeper::file

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace sleeper::file;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::string sealed = SealDataFile(bytes);
  if (sealed != bytes) ReadFile(bytes, false);
  ReadFile(sealed, true);
  return 0;
}
