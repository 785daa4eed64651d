#include <cstddef>
#include <cstdint>
#include <string>

#include <arrow/record_batch.h>

#include "sleeper/base/check.h"
#include "sleeper/columnar/testing/batches.h"
#include "sleeper/file/claim_check.h"
#include "sleeper/file/data_file_reader.h"
#include "sleeper/store/memory_store.h"

namespace sleeper::file {
namespace {

const store::ObjectPath kPath("fuzz.parquet");

/// Reads the rows of an interval. Whatever comes must be valid; whatever is refused must name the file.
void ReadRows(const DataFileReader& reader, const model::KeyInterval& interval) {
  const auto stream = reader.Scan({.intervals = {interval}, .batch_rows_max = 100}, {});
  // Only of all rows.
  const auto claims = interval == model::KeyInterval::All() ? reader.CheckClaims({}) : nullptr;
  for (;;) {
    const auto batch = stream->Next();
    if (!batch.ok()) {
      SLEEPER_CHECK(batch.status().message().find(kPath.value()) != std::string::npos, batch.status().ToString());
      return;
    }
    if (!*batch) return;
    // Bytes that are no UTF-8 may come back: a page's checksum vouches for them. The arrays must hold together.
    const Status valid = (*batch)->arrow()->Validate();
    SLEEPER_CHECK(valid.ok(), valid.ToString());
    const Status claimed = claims == nullptr ? Status::OK() : claims->Add(**batch);
    SLEEPER_CHECK(claimed.ok() || IsKind(claimed, ErrorKind::kCorrupt), claimed.ToString());
    if (!claimed.ok()) return;
  }
}

}  // namespace
}  // namespace sleeper::file

// The input is a data file of the table of all types.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace sleeper;
  using namespace sleeper::file;
  static const auto layout = columnar::LayoutOfAllTypes();
  static const SystemClock clock;
  store::MemoryStore store(clock);
  const Buffer bytes = Buffer::CopyOf({reinterpret_cast<const char*>(data), size});
  SLEEPER_CHECK(store.Put(kPath, bytes, store::PutMode::kIfAbsent, {}).ok(), "put");
  const auto reader = DataFileReader::Open(store, kPath, static_cast<int64_t>(size), 0, layout, {});
  if (!reader.ok()) {
    SLEEPER_CHECK(reader.status().message().find(kPath.value()) != std::string::npos, reader.status().ToString());
    return 0;
  }
  ReadRows(**reader, model::KeyInterval::All());
  ReadRows(**reader, {.lower = "b", .upper = "c"});
  // One key, for which Bloom filters are asked.
  const model::NormalisedKey first = (*reader)->summary().bounds.min;
  ReadRows(**reader, {.lower = first, .upper = first + '\0'});
  return 0;
}
