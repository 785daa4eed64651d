#include "sleeper/file/testing/written_file.h"

#include "sleeper/base/check.h"
#include "sleeper/file/data_file_reader.h"
#include "sleeper/file/data_file_writer.h"
#include "sleeper/model/testing/outcome.h"
#include "sleeper/rows/row_stream.h"

namespace sleeper::file {

using model::ValueOf;

DataFileSummary WriteDataFile(store::ObjectStore& store, const store::ObjectPath& path, const columnar::Batch& sorted,
                              const DataFileSettings& settings) {
  const CallContext call;
  const auto writer = ValueOf(DataFileWriter::Open(store, path, sorted.shared_layout(), settings, call));
  const Status written = writer->Write(sorted);
  SLEEPER_CHECK(written.ok(), written.ToString());
  return ValueOf(writer->Finish());
}

std::vector<columnar::Batch> ReadDataFile(store::ObjectStore& store, const store::ObjectPath& path,
                                          const model::FileRecord& record, const model::KeyInterval& interval,
                                          const std::shared_ptr<const columnar::Layout>& layout) {
  const CallContext call;
  const auto reader = ValueOf(DataFileReader::Open(store, path, record.size_bytes, record.tail_bytes, layout, call));
  return ValueOf(rows::Collect(*reader->Scan({.intervals = {interval}}, call)));
}

}  // namespace sleeper::file
