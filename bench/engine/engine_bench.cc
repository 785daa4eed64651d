// Measures merge, sort and files by themselves, without a table around them. One run is one process, so that memory and
// CPU seconds are those of the work alone.
//
//   engine_bench write FOLDER FILES ROWS   sorted files of random reference rows, FOLDER/data/f<i>.parquet
//   engine_bench merge FOLDER              all of them into FOLDER/data/merged.parquet, verified
//   engine_bench scan FOLDER               all of them, one after the other, decoded and dropped
//   engine_bench sort FOLDER ROWS MEMORY   random rows through an external sort into FOLDER/data/sorted.parquet

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "bench/engine/meter.h"
#include "sleeper/base/check.h"
#include "sleeper/base/executor.h"
#include "sleeper/base/random.h"
#include "sleeper/columnar/gather.h"
#include "sleeper/columnar/key_column.h"
#include "sleeper/columnar/sort_order.h"
#include "sleeper/columnar/testing/batches.h"
#include "sleeper/file/data_file_reader.h"
#include "sleeper/file/data_file_writer.h"
#include "sleeper/rows/merge.h"
#include "sleeper/rows/row_stream.h"
#include "sleeper/sort/batch_rows.h"
#include "sleeper/sort/external_sort.h"
#include "sleeper/store/folder_scratch.h"
#include "sleeper/store/folder_store.h"

namespace sleeper {
namespace {

template <typename T>
T Must(Result<T> result) {
  SLEEPER_CHECK(result.ok(), result.status().ToString());
  return std::move(result).ValueUnsafe();
}

void Must(const Status& status) { SLEEPER_CHECK(status.ok(), status.ToString()); }

class Bench {
 public:
  explicit Bench(const std::string& folder)
      : folder_(folder), store_(Must(store::FolderStore::Open({.root = folder}, clock_, random_))) {}

  void Write(int files, int64_t rows) {
    for (int i = 0; i < files; ++i) {
      const columnar::Batch batch = Sorted(columnar::ReferenceRows(rows, 1000 + static_cast<uint64_t>(i)));
      auto stream = std::make_unique<rows::VectorStream>(batch.shared_layout(), columnar::CutIntoPieces(batch, 8192));
      WriteFile(sort::BatchRows(std::move(stream)), "data/f" + std::to_string(i) + ".parquet");
    }
  }

  void Merge() {
    std::vector<std::unique_ptr<rows::RowStream>> inputs;
    model::RowHash expected;
    for (const auto& reader : OpenAll()) {
      expected += reader->summary().row_hash;
      inputs.push_back(reader->Scan({}, {}));
    }
    const file::DataFileSummary summary =
        WriteFile(sort::BatchRows(rows::Merge(columnar::ReferenceLayout(), std::move(inputs))), "data/merged.parquet");
    SLEEPER_CHECK(summary.row_hash == expected, "the merged rows are not those of the inputs");
    meter_.Print("merge", summary.rows);
    std::printf("%.1f MB written, tail %.1f KB\n", static_cast<double>(summary.size_bytes) / 1e6,
                static_cast<double>(summary.tail_bytes) / 1e3);
  }

  void Scan() {
    int64_t rows = 0;
    for (const auto& reader : OpenAll()) {
      const auto stream = reader->Scan({}, {});
      while (const auto batch = Must(stream->Next())) rows += batch->rows();
    }
    meter_.Print("scan", rows);
  }

  void Sort(int64_t rows, int64_t memory_bytes_max) {
    ThreadExecutor executor(2, clock_);
    const auto scratch =
        Must(store::FolderScratch::Open({.parent = folder_ + "/scratch", .bytes_max = int64_t{1} << 40}, random_));
    const auto sort = Must(sort::ExternalSort::Make(columnar::ReferenceLayout(), {.memory_bytes_max = memory_bytes_max},
                                                    *scratch, executor, {}));
    constexpr int64_t kBatchRows = 16384;
    double making = 0;
    for (int64_t done = 0; done < rows; done += kBatchRows) {
      const clock_t before = std::clock();
      columnar::Batch batch = columnar::ReferenceRows(std::min(kBatchRows, rows - done), static_cast<uint64_t>(done));
      making += static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC;
      Must(sort->Add(std::move(batch)));
    }
    meter_.Print("collected and spilled", rows);
    const auto sorted = Must(sort->Finish());
    meter_.Print("sorted", rows);
    const file::DataFileSummary summary = WriteFile(std::move(*sorted), "data/sorted.parquet");
    meter_.Print("sort and write", summary.rows);
    std::printf("of that, making the rows: at most %.3f s; %lld runs spilled\n", making,
                static_cast<long long>(sort->statistics().runs_spilled));
  }

 private:
  static columnar::Batch Sorted(const columnar::Batch& batch) {
    std::vector<columnar::KeyColumn> keys(1);
    Must(keys[0].Encode(batch));
    columnar::Gather gather(batch.shared_layout());
    Must(gather.AppendRows({&batch, 1}, columnar::SortOrder(keys)));
    return Must(gather.Finish());
  }

  std::vector<std::shared_ptr<const file::DataFileReader>> OpenAll() {
    std::vector<std::shared_ptr<const file::DataFileReader>> readers;
    for (const store::ObjectInfo& object : Must(store_->List(store::ObjectPath("data/f"), {}, 1000, {})).objects) {
      readers.push_back(
          Must(file::DataFileReader::Open(*store_, object.path, object.size, 0, columnar::ReferenceLayout(), {})));
    }
    return readers;
  }

  file::DataFileSummary WriteFile(sort::SortedRows&& rows, const std::string& path) {
    Must(store_->Delete(std::vector{store::ObjectPath(path)}, {}));
    const auto writer =
        Must(file::DataFileWriter::Open(*store_, store::ObjectPath(path), columnar::ReferenceLayout(), {}, {}));
    while (Must(rows.WriteTo(*writer, std::nullopt)) > 0) {
    }
    return Must(writer->Finish());
  }

  std::string folder_;
  SystemClock clock_;
  SystemRandom random_;
  std::unique_ptr<store::FolderStore> store_;
  Meter meter_{clock_};
};

int Main(const std::vector<std::string>& arguments) {
  const size_t count = arguments.size();
  if (count == 4 && arguments[0] == "write") {
    Bench(arguments[1]).Write(std::stoi(arguments[2]), std::stoll(arguments[3]));
  } else if (count == 2 && arguments[0] == "merge") {
    Bench(arguments[1]).Merge();
  } else if (count == 2 && arguments[0] == "scan") {
    Bench(arguments[1]).Scan();
  } else if (count == 4 && arguments[0] == "sort") {
    Bench(arguments[1]).Sort(std::stoll(arguments[2]), std::stoll(arguments[3]));
  } else {
    std::fprintf(stderr,
                 "usage: engine_bench write FOLDER FILES ROWS | merge FOLDER | scan FOLDER | sort FOLDER ROWS BYTES\n");
    return 2;
  }
  return 0;
}

}  // namespace
}  // namespace sleeper

int main(int argc, char** argv) { return sleeper::Main({argv + 1, argv + argc}); }
