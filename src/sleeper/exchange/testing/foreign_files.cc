#include "sleeper/exchange/testing/foreign_files.h"

#include <utility>

#include <arrow/array.h>
#include <arrow/buffer.h>
#include <arrow/io/memory.h>
#include <arrow/ipc/writer.h>
#include <arrow/json/from_string.h>
#include <arrow/record_batch.h>
#include <arrow/table.h>
#include <arrow/type.h>
#include <parquet/arrow/writer.h>
#include <parquet/properties.h>

#include "sleeper/base/check.h"
#include "sleeper/base/status.h"

namespace sleeper::exchange {
namespace {

template <typename T>
T Needed(Result<T> result) {
  SLEEPER_CHECK(result.ok(), result.status().ToString());
  return std::move(result).ValueUnsafe();
}

void Need(const Status& status) { SLEEPER_CHECK(status.ok(), status.ToString()); }

using Stream = std::shared_ptr<arrow::io::BufferOutputStream>;

Stream NewStream() { return Needed(arrow::io::BufferOutputStream::Create()); }

std::string Written(arrow::ipc::RecordBatchWriter& writer, Stream& stream,
                    const std::shared_ptr<arrow::RecordBatch>& rows, int times) {
  for (int i = 0; i < times; ++i) Need(writer.WriteRecordBatch(*rows));
  Need(writer.Close());
  return Needed(stream->Finish())->ToString();
}

}  // namespace

std::shared_ptr<arrow::RecordBatch> ForeignRows(const std::vector<ForeignColumn>& columns) {
  arrow::FieldVector fields;
  arrow::ArrayVector arrays;
  for (const ForeignColumn& column : columns) {
    fields.push_back(arrow::field(column.name, column.type));
    arrays.push_back(Needed(arrow::json::ArrayFromJSONString(column.type, column.values)));
  }
  const int64_t rows = arrays.empty() ? 0 : arrays.front()->length();
  return arrow::RecordBatch::Make(arrow::schema(std::move(fields)), rows, std::move(arrays));
}

std::string ParquetBytes(const std::shared_ptr<arrow::RecordBatch>& rows, const ForeignParquet& settings) {
  parquet::ArrowWriterProperties::Builder arrow_settings;
  if (settings.int96_timestamps) arrow_settings.enable_deprecated_int96_timestamps();
  const Stream stream = NewStream();
  Need(parquet::arrow::WriteTable(*Needed(arrow::Table::FromRecordBatches({rows})), arrow::default_memory_pool(),
                                  stream, settings.row_group_rows, parquet::default_writer_properties(),
                                  arrow_settings.build()));
  return Needed(stream->Finish())->ToString();
}

std::string ArrowFileBytes(const std::shared_ptr<arrow::RecordBatch>& rows, int times) {
  Stream stream = NewStream();
  return Written(*Needed(arrow::ipc::MakeFileWriter(stream, rows->schema())), stream, rows, times);
}

std::string ArrowStreamBytes(const std::shared_ptr<arrow::RecordBatch>& rows, int times) {
  Stream stream = NewStream();
  return Written(*Needed(arrow::ipc::MakeStreamWriter(stream, rows->schema())), stream, rows, times);
}

}  // namespace sleeper::exchange
