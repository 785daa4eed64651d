#pragma once

#include <memory>
#include <vector>

#include "sleeper/columnar/batch.h"
#include "sleeper/columnar/layout.h"
#include "sleeper/file/data_file_settings.h"
#include "sleeper/file/data_file_summary.h"
#include "sleeper/model/file_record.h"
#include "sleeper/model/key_interval.h"
#include "sleeper/store/object_store.h"

// Data files of tests. A failure stops the test.

namespace sleeper::file {

/// Writes rows in key order to a data file.
DataFileSummary WriteDataFile(store::ObjectStore& store, const store::ObjectPath& path, const columnar::Batch& sorted,
                              const DataFileSettings& settings = {});

/// The rows of a data file inside an interval, in key order.
std::vector<columnar::Batch> ReadDataFile(store::ObjectStore& store, const store::ObjectPath& path,
                                          const model::FileRecord& record, const model::KeyInterval& interval,
                                          const std::shared_ptr<const columnar::Layout>& layout);

}  // namespace sleeper::file
