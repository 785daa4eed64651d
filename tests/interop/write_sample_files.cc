// Writes data files of many kinds, and beside each the same rows as an Arrow file, for other engines to compare:
//
//   write_sample_files FOLDER        FOLDER/<name>.parquet and FOLDER/<name>.arrow

#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <arrow/io/file.h>
#include <arrow/ipc/writer.h>
#include <arrow/record_batch.h>

#include "sleeper/base/check.h"
#include "sleeper/base/random.h"
#include "sleeper/columnar/testing/batches.h"
#include "sleeper/file/data_file_writer.h"
#include "sleeper/store/folder_store.h"

namespace sleeper {
namespace {

void Must(const Status& status) { SLEEPER_CHECK(status.ok(), status.ToString()); }

template <typename T>
T Must(Result<T> result) {
  Must(result.status());
  return std::move(result).ValueUnsafe();
}

class SampleFolder {
 public:
  explicit SampleFolder(const std::string& folder)
      : folder_(folder), store_(Must(store::FolderStore::Open({.root = folder}, clock_, random_))) {}

  void Write(const std::string& name, const columnar::Batch& unsorted, const file::DataFileSettings& settings) {
    const columnar::Batch batch = columnar::SortedCopy({&unsorted, 1});
    const store::ObjectPath path(name + ".parquet");
    const auto writer = Must(file::DataFileWriter::Open(*store_, path, batch.shared_layout(), settings, {}));
    for (const columnar::Batch& piece : columnar::CutIntoPieces(batch, 999)) Must(writer->Write(piece));
    Must(writer->Finish().status());

    const auto sink = Must(arrow::io::FileOutputStream::Open(folder_ + "/" + name + ".arrow"));
    const auto arrow_writer = Must(arrow::ipc::MakeFileWriter(sink, batch.arrow()->schema()));
    Must(arrow_writer->WriteRecordBatch(*batch.arrow()));
    Must(arrow_writer->Close());
    Must(sink->Close());
  }

 private:
  std::string folder_;
  SystemClock clock_;
  SystemRandom random_;
  std::unique_ptr<store::FolderStore> store_;
};

void WriteAll(const std::string& folder) {
  SampleFolder samples(folder);
  SeededRandom random(1);
  const columnar::Batch reference = columnar::ReferenceRows(5000, 1);
  const columnar::Batch all_types = columnar::RandomBatch(columnar::LayoutOfAllTypes(), 600, random);
  samples.Write("reference", reference, {});
  samples.Write("reference_small_groups", reference, {.row_group_rows_max = 700, .page_rows_max = 100});
  samples.Write("reference_plain_snappy", reference,
                {.codec = model::CompressionCodec::kSnappy,
                 .row_key_encoding = model::FieldEncoding::kPlain,
                 .sort_key_encoding = model::FieldEncoding::kPlain,
                 .value_encoding = model::FieldEncoding::kPlain});
  samples.Write("all_types", all_types, {});
  samples.Write("all_types_small_pages", all_types, {.row_group_rows_max = 250, .page_rows_max = 30});
  samples.Write(
      "all_types_dictionary", all_types,
      {.row_key_encoding = model::FieldEncoding::kDictionary, .value_encoding = model::FieldEncoding::kDictionary});
  // All that other engines skip rows by, of row groups and pages of few rows, and of values that are cut.
  std::vector<std::string> fields;
  for (const model::Field& field : all_types.layout().schema().fields()) fields.push_back(field.name);
  samples.Write("all_types_skipped", all_types,
                {.row_group_rows_max = 60,
                 .page_rows_max = 7,
                 .statistics_bytes_max = 2,
                 .value_column_indexes = true,
                 .column_index_bytes_max = 1,
                 .bloom_filter_fields = fields});
  samples.Write("reference_skipped", reference,
                {.row_group_rows_max = 300,
                 .page_rows_max = 50,
                 .statistics_bytes_max = 4,
                 .value_column_indexes = true,
                 .column_index_bytes_max = 3,
                 .bloom_filter_fields = {"key", "value"}});
  for (const auto& [name, codec] :
       {std::pair{"uncompressed", model::CompressionCodec::kUncompressed},
        std::pair{"lz4", model::CompressionCodec::kLz4}, std::pair{"gzip", model::CompressionCodec::kGzip}}) {
    samples.Write(std::string("all_types_") + name, all_types, {.codec = codec});
  }
}

}  // namespace
}  // namespace sleeper

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: write_sample_files FOLDER\n");
    return 2;
  }
  sleeper::WriteAll(argv[1]);
  return 0;
}
