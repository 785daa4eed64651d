#pragma once

#include <functional>
#include <memory>

#include "sleeper/base/call_context.h"
#include "sleeper/base/status.h"
#include "sleeper/file/data_file_reader.h"
#include "sleeper/file/data_file_settings.h"
#include "sleeper/sort/scratch_store.h"
#include "sleeper/sort/sorted_rows.h"

namespace sleeper::sort {

/// Sorted rows in scratch space, as a data file (docs/formats/data-file.md). The space is given back when the run is
/// dropped. Confined.
class SpillRun {
 public:
  SpillRun(ScratchStore& store, store::ObjectPath path, std::shared_ptr<const file::DataFileReader> file, int64_t bytes)
      : store_(&store), path_(std::move(path)), file_(std::move(file)), bytes_(bytes) {}
  SpillRun(SpillRun&& other) noexcept;
  SpillRun& operator=(SpillRun&& other) noexcept;
  ~SpillRun();

  const file::DataFileReader& file() const { return *file_; }
  int64_t bytes() const { return bytes_; }

 private:
  ScratchStore* store_;
  store::ObjectPath path_;
  std::shared_ptr<const file::DataFileReader> file_;
  int64_t bytes_;
};

/// How runs are written: not compressed, because they live for seconds in the page cache. `row_group_bytes_max` is what
/// a writer may hold.
file::DataFileSettings SpillSettings(int64_t row_group_bytes_max);

/// Writes all rows. `before_each` is called before each few thousand of them; its failure ends it. kExhausted if the
/// space is full. REQUIRES: there are rows. `store`, and what `call` points at, must outlive the run.
Result<SpillRun> WriteSpillRun(ScratchStore& store, store::ObjectPath path,
                               const std::shared_ptr<const columnar::Layout>& layout,
                               const file::DataFileSettings& settings, SortedRows& rows,
                               const std::function<Status()>& before_each, const CallContext& call);

}  // namespace sleeper::sort
