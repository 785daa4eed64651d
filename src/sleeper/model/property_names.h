#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sleeper/base/time.h"

namespace sleeper::model {

/// The name of a property whose value is a T: int64_t (a number, or a number of bytes), bool, Duration, std::string, a
/// list of names, or one of the enumerations below.
template <typename T>
struct PropertyName {
  std::string_view text;
};

// The order of the values is that of the choices in property_definitions.cc.
enum class CompactionStrategy { kBasic, kSizeRatio };
enum class FileWritingStrategy { kOneReferencePerLeaf, kOneFilePerLeaf };
enum class CompressionCodec { kZstd, kUncompressed, kSnappy, kLz4, kGzip };
enum class FieldEncoding { kAuto, kPlain, kDelta, kDictionary };

/// What each means, its default and its limits: property_definitions.cc, or docs/guide/properties.md, which is made
/// from it.
namespace property {

inline constexpr PropertyName<int64_t> kPartitionSplittingThreshold{"partition.splitting.threshold"};
inline constexpr PropertyName<int64_t> kPartitionSplittingFilesMaximum{"partition.splitting.files.maximum"};

inline constexpr PropertyName<CompactionStrategy> kCompactionStrategy{"compaction.strategy.class"};
inline constexpr PropertyName<int64_t> kCompactionFilesBatchSize{"compaction.files.batch.size"};
inline constexpr PropertyName<int64_t> kCompactionJobCreationLimit{"compaction.job.creation.limit"};
inline constexpr PropertyName<int64_t> kCompactionSizeRatio{"compaction.strategy.sizeratio.ratio"};
inline constexpr PropertyName<int64_t> kCompactionSizeRatioJobsPerPartitionMax{
    "compaction.strategy.sizeratio.max.concurrent.jobs.per.partition"};
inline constexpr PropertyName<int64_t> kCompactionReadBytesMax{"compaction.read.bytes.max"};
inline constexpr PropertyName<int64_t> kCompactionReadsInFlightMax{"compaction.reads.in.flight.max"};

inline constexpr PropertyName<FileWritingStrategy> kIngestFileWritingStrategy{"ingest.file.writing.strategy"};
inline constexpr PropertyName<int64_t> kIngestMemoryBytes{"ingest.memory.bytes"};
inline constexpr PropertyName<int64_t> kIngestPageBytesMax{"ingest.page.bytes.max"};
inline constexpr PropertyName<int64_t> kIngestSpillBytes{"ingest.spill.bytes"};

inline constexpr PropertyName<int64_t> kDataFileBytesTarget{"data.file.bytes.target"};
inline constexpr PropertyName<int64_t> kParquetRowGroupSize{"parquet.rowgroup.size"};
inline constexpr PropertyName<int64_t> kParquetRowGroupRowsMax{"parquet.rowgroup.rows.max"};
inline constexpr PropertyName<int64_t> kParquetPageSize{"parquet.page.size"};
inline constexpr PropertyName<CompressionCodec> kParquetCompressionCodec{"parquet.compression.codec"};
inline constexpr PropertyName<int64_t> kParquetCompressionLevel{"parquet.compression.level"};
inline constexpr PropertyName<FieldEncoding> kParquetEncodingRowKeyFields{"parquet.encoding.rowkey.fields"};
inline constexpr PropertyName<FieldEncoding> kParquetEncodingSortKeyFields{"parquet.encoding.sortkey.fields"};
inline constexpr PropertyName<FieldEncoding> kParquetEncodingValueFields{"parquet.encoding.value.fields"};
inline constexpr PropertyName<bool> kParquetDictionaryRowKeyFields{"parquet.dictionary.encoding.rowkey.fields"};
inline constexpr PropertyName<bool> kParquetDictionarySortKeyFields{"parquet.dictionary.encoding.sortkey.fields"};
inline constexpr PropertyName<bool> kParquetDictionaryValueFields{"parquet.dictionary.encoding.value.fields"};
inline constexpr PropertyName<std::vector<std::string>> kParquetBloomFilterFields{"parquet.bloom.filter.fields"};
inline constexpr PropertyName<int64_t> kParquetBloomFilterBits{"parquet.bloom.filter.bits.per.value"};
inline constexpr PropertyName<bool> kParquetColumnIndexValueFields{"parquet.columnindex.value.fields"};
inline constexpr PropertyName<int64_t> kParquetColumnIndexTruncateLength{"parquet.columnindex.truncate.length"};
inline constexpr PropertyName<int64_t> kParquetStatisticsTruncateLength{"parquet.statistics.truncate.length"};

inline constexpr PropertyName<Duration> kGcDelay{"gc.delay.minutes"};
inline constexpr PropertyName<Duration> kSweepAge{"sweep.age.minutes"};

inline constexpr PropertyName<Duration> kJobMemory{"job.memory.days"};
inline constexpr PropertyName<int64_t> kJobMemoryMax{"job.memory.max"};
inline constexpr PropertyName<int64_t> kJobAttemptsMax{"job.attempts.max"};

inline constexpr PropertyName<int64_t> kSnapshotEvery{"statestore.snapshot.every.entries"};
inline constexpr PropertyName<int64_t> kLogKeepEntries{"log.keep.entries"};
inline constexpr PropertyName<int64_t> kLogTruncateBehind{"log.truncate.behind.entries"};
inline constexpr PropertyName<int64_t> kLogIdsRemembered{"log.ids.remembered"};

}  // namespace property
}  // namespace sleeper::model
