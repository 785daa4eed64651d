// Measures one compaction of many files of random reference rows, without a table around it.
//
//   compaction_bench write FOLDER FILES ROWS   makes the files, ROWS in each
//   compaction_bench near FOLDER               merges them, in the folder as it is
//   compaction_bench distant FOLDER            merges them as if the folder were a bucket of S3: 25 ms to the first
//                                              byte of each request, 50 MB/s for each
//
// What a merge has written is verified and deleted.

#include <cstdint>
#include <cstdio>
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
#include "sleeper/sort/unsorted_rows.h"
#include "sleeper/state/layout.h"
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

class CompactionBench {
 public:
  explicit CompactionBench(const std::string& folder)
      : store_(Must(store::FolderStore::Open({.root = folder}, clock_, random_))),
        executor_(MachineConcurrency(), clock_) {}

  void Write(int files, int64_t rows) {
    for (int i = 0; i < files; ++i) {
      const auto unsorted = sort::UnsortedRows::Make(columnar::ReferenceLayout(), kSortMemory);
      Must(unsorted->Add(columnar::ReferenceRows(rows, 1000 + static_cast<uint64_t>(i))));
      const auto sorted = Must(unsorted->Sort(executor_));
      const store::ObjectPath path = state::DataFilePath(kTable, state::MakeFileId(kBirth, random_));
      const auto writer = Must(file::DataFileWriter::Open(*store_, path, columnar::ReferenceLayout(), {}, {}));
      while (Must(sorted->WriteTo(*writer, std::nullopt)) > 0) {
      }
      Must(writer->Finish());
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

  void CompactNear() { Compact(*store_, compact::ReadAhead::kNo, "in the folder"); }

  void CompactDistant() {
    DistantStore distant(*store_, Distance(), executor_);
    Compact(distant, compact::ReadAhead::kYes, "as if in S3");
  }

 private:
  compact::CompactionSpec SpecOfAllFiles() {
    compact::CompactionSpec spec{.job = model::JobId("benchmark"),
                                 .schema = columnar::ReferenceLayout()->schema(),
                                 .file_bytes_target = int64_t{512} << 20,
                                 .birth = kBirth};
    for (const store::ObjectInfo& object : Must(store_->List(state::DataPrefix(kTable), {}, 1000, {})).objects) {
      const auto reader =
          Must(file::DataFileReader::Open(*store_, object.path, object.size, 0, columnar::ReferenceLayout(), {}));
      const model::FileRecord record = reader->summary().Record(*state::FileOfPath(kTable, object.path), kBirth);
      spec.inputs.push_back({.file = record, .interval = model::KeyInterval::All(), .rows = record.rows});
    }
    SLEEPER_CHECK(!spec.inputs.empty(), "there are no files: write some first");
    return spec;
  }

  SystemClock clock_;
  SystemRandom random_;
  std::unique_ptr<store::FolderStore> store_;
  ThreadExecutor executor_;
  Meter meter_{clock_};
};

int Main(const std::vector<std::string>& arguments) {
  const size_t count = arguments.size();
  if (count == 4 && arguments[0] == "write") {
    CompactionBench(arguments[1]).Write(std::stoi(arguments[2]), std::stoll(arguments[3]));
  } else if (count == 2 && arguments[0] == "near") {
    CompactionBench(arguments[1]).CompactNear();
  } else if (count == 2 && arguments[0] == "distant") {
    CompactionBench(arguments[1]).CompactDistant();
  } else {
    std::fprintf(stderr, "usage: compaction_bench write FOLDER FILES ROWS | near FOLDER | distant FOLDER\n");
    return 2;
  }
  return 0;
}

}  // namespace
}  // namespace sleeper

int main(int argc, char** argv) { return sleeper::Main({argv + 1, argv + argc}); }
