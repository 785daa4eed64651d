// Measures compaction, scan and sort of random reference rows by themselves, without a table around them. One run is
// one process, so that memory and CPU seconds are those of the work alone.
//
//   engine_bench write FOLDER FILES ROWS   makes sorted files, ROWS in each
//   engine_bench near FOLDER               compacts them, in the folder as it is
//   engine_bench distant FOLDER            compacts them as if the folder were a bucket of S3: 25 ms to the first byte
//   of
//                                          each request, 50 MB/s for each
//   engine_bench scan FOLDER               reads them, one after the other
//   engine_bench sort FOLDER ROWS BYTES    sorts random rows with so much memory, and writes them to a file
//
// What a compaction has written is verified. It is deleted, and so is what a sort has written.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bench/engine/distant_store.h"
#include "bench/engine/meter.h"
#include "sleeper/base/check.h"
#include "sleeper/base/executor.h"
#include "sleeper/base/random.h"
#include "sleeper/columnar/testing/batches.h"
#include "sleeper/compact/run_compaction.h"
#include "sleeper/file/data_file_reader.h"
#include "sleeper/file/data_file_writer.h"
#include "sleeper/sort/external_sort.h"
#include "sleeper/sort/unsorted_rows.h"
#include "sleeper/state/layout.h"
#include "sleeper/store/folder_scratch.h"
#include "sleeper/store/folder_store.h"

namespace sleeper {
namespace {

const model::TableId kTable("0000000000000001");
constexpr model::LogNumber kBirth = 1;
constexpr int64_t kSortMemory = int64_t{4} << 30;

template <typename T>
T Must(Result<T> result) {
  SLEEPER_CHECK(result.ok(), result.status().ToString());
  return std::move(result).ValueUnsafe();
}

void Must(const Status& status) { SLEEPER_CHECK(status.ok(), status.ToString()); }

class Bench {
 public:
  explicit Bench(const std::string& folder)
      : folder_(folder),
        store_(Must(store::FolderStore::Open({.root = folder}, clock_, random_))),
        executor_(MachineConcurrency(), clock_) {}

  void Write(int files, int64_t rows) {
    for (int i = 0; i < files; ++i) {
      const auto unsorted = sort::UnsortedRows::Make(columnar::ReferenceLayout(), kSortMemory);
      Must(unsorted->Add(columnar::ReferenceRows(rows, 1000 + static_cast<uint64_t>(i))));
      const auto sorted = Must(unsorted->Sort(executor_));
      WriteFile(*sorted, state::DataFilePath(kTable, state::MakeFileId(kBirth, random_)));
    }
  }

  void Compact(store::ObjectStore& store, compact::ReadAhead ahead, const char* what) {
    const compact::CompactionSpec spec = SpecOfAllFiles();
    compact::CompactionPorts ports{store, kTable, executor_, random_};
    ports.pieces_at_a_time = executor_.concurrency();
    ports.reads.ahead = ahead;
    meter_.Restart();
    const compact::CompactionOutcome outcome = Must(compact::RunCompaction(ports, spec, {}));
    meter_.Print(what, outcome.rows_written());
    std::printf("%zu files of %.1f MB into %zu of %.1f MB\n", spec.inputs.size(),
                static_cast<double>(spec.bytes()) / 1e6, outcome.outputs.size(),
                static_cast<double>(outcome.bytes_written()) / 1e6);
    std::vector<store::ObjectPath> outputs;
    for (const state::NewFile& output : outcome.outputs) {
      outputs.push_back(state::DataFilePath(kTable, output.record.id));
    }
    Must(store_->Delete(outputs, {}));
  }

  void Scan() {
    int64_t rows = 0;
    for (const store::ObjectInfo& object : AllFiles()) {
      const auto stream = Open(object)->Scan({}, {});
      while (const auto batch = Must(stream->Next())) rows += batch->rows();
    }
    meter_.Print("scan", rows);
  }

  void Sort(int64_t rows, int64_t memory_bytes_max) {
    const auto scratch =
        Must(store::FolderScratch::Open({.parent = folder_ + "/scratch", .bytes_max = int64_t{1} << 40}, random_));
    const auto sort = Must(sort::ExternalSort::Make(columnar::ReferenceLayout(), {.memory_bytes_max = memory_bytes_max},
                                                    *scratch, executor_, {}));
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
    const store::ObjectPath path("sorted.parquet");
    WriteFile(*sorted, path);
    meter_.Print("sorted and written", rows);
    std::printf("of that, making the rows: at most %.3f s; %lld runs spilled\n", making,
                static_cast<long long>(sort->statistics().runs_spilled));
    Must(store_->Delete({&path, 1}, {}));
  }

  void CompactNear() { Compact(*store_, compact::ReadAhead::kNo, "in the folder"); }

  void CompactDistant() {
    DistantStore distant(*store_, Distance(), executor_);
    Compact(distant, compact::ReadAhead::kYes, "as if in S3");
  }

 private:
  void WriteFile(sort::SortedRows& rows, const store::ObjectPath& path) {
    const auto writer = Must(file::DataFileWriter::Open(*store_, path, columnar::ReferenceLayout(), {}, {}));
    while (Must(rows.WriteTo(*writer, std::nullopt)) > 0) {
    }
    Must(writer->Finish());
  }

  std::vector<store::ObjectInfo> AllFiles() {
    auto files = Must(store_->List(state::DataPrefix(kTable), {}, 1000, {})).objects;
    SLEEPER_CHECK(!files.empty(), "there are no files: write some first");
    return files;
  }

  std::shared_ptr<const file::DataFileReader> Open(const store::ObjectInfo& object) {
    return Must(file::DataFileReader::Open(*store_, object.path, object.size, 0, columnar::ReferenceLayout(), {}));
  }

  compact::CompactionSpec SpecOfAllFiles() {
    compact::CompactionSpec spec{.job = model::JobId("benchmark"),
                                 .schema = columnar::ReferenceLayout()->schema(),
                                 .file_bytes_target = int64_t{512} << 20,
                                 .birth = kBirth};
    for (const store::ObjectInfo& object : AllFiles()) {
      const model::FileRecord record = Open(object)->summary().Record(*state::FileOfPath(kTable, object.path), kBirth);
      spec.inputs.push_back({.file = record, .interval = model::KeyInterval::All(), .rows = record.rows});
    }
    return spec;
  }

  std::string folder_;
  SystemClock clock_;
  SystemRandom random_;
  std::unique_ptr<store::FolderStore> store_;
  ThreadExecutor executor_;
  Meter meter_{clock_};
};

int Main(const std::vector<std::string>& arguments) {
  const size_t count = arguments.size();
  if (count == 4 && arguments[0] == "write") {
    Bench(arguments[1]).Write(std::stoi(arguments[2]), std::stoll(arguments[3]));
  } else if (count == 2 && arguments[0] == "near") {
    Bench(arguments[1]).CompactNear();
  } else if (count == 2 && arguments[0] == "distant") {
    Bench(arguments[1]).CompactDistant();
  } else if (count == 2 && arguments[0] == "scan") {
    Bench(arguments[1]).Scan();
  } else if (count == 4 && arguments[0] == "sort") {
    Bench(arguments[1]).Sort(std::stoll(arguments[2]), std::stoll(arguments[3]));
  } else {
    std::fprintf(stderr,
                 "usage: engine_bench write FOLDER FILES ROWS | near FOLDER | distant FOLDER | scan FOLDER | "
                 "sort FOLDER ROWS BYTES\n");
    return 2;
  }
  return 0;
}

}  // namespace
}  // namespace sleeper

int main(int argc, char** argv) { return sleeper::Main({argv + 1, argv + argc}); }
