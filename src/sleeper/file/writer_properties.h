#pragma once

#include <memory>

#include <parquet/properties.h>

#include "sleeper/file/data_file_settings.h"
#include "sleeper/model/schema.h"

namespace sleeper::file {

/// How libparquet is to write data files of a table.
std::shared_ptr<parquet::WriterProperties> WriterPropertiesOf(const model::Schema& schema,
                                                              const DataFileSettings& settings);

}  // namespace sleeper::file
