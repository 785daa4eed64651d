// The one table of properties. To add one: a name in property_names.h, a definition here, and a new
// docs/guide/properties.md (a test says how).

#include <cstdint>
#include <iterator>

#include "sleeper/model/property_definition.h"
#include "sleeper/model/property_names.h"

namespace sleeper::model {
namespace {

constexpr std::string_view kCompactionStrategies[] = {"BasicCompactionStrategy", "SizeRatioCompactionStrategy"};
constexpr std::string_view kFileWritingStrategies[] = {"one_reference_per_leaf", "one_file_per_leaf"};
constexpr std::string_view kCompressionCodecs[] = {"zstd", "uncompressed", "snappy", "lz4", "gzip"};
constexpr std::string_view kFieldEncodings[] = {"auto", "plain", "delta", "dictionary"};

constexpr std::string_view kSplitting = "Partition splitting";
constexpr std::string_view kCompaction = "Compaction";
constexpr std::string_view kIngest = "Ingest";
constexpr std::string_view kDataFiles = "Data files";
constexpr std::string_view kDeletion = "Deletion";
constexpr std::string_view kJobs = "Jobs";
constexpr std::string_view kStateLog = "State log";

constexpr int64_t kKibibyte = 1 << 10;
constexpr int64_t kMebibyte = 1 << 20;
constexpr int64_t kInt32Max = INT32_MAX;

constexpr PropertyDefinition kDefinitions[] = {
    {.name = property::kPartitionSplittingThreshold.text,
     .kind = PropertyKind::kInteger,
     .default_value = "1000000000",
     .group = kSplitting,
     .description = "A partition is split when it holds at least this many rows. A lower number makes more and smaller "
                    "partitions, so that more compactions can run side by side and each of them is shorter.",
     .min = 1},
    {.name = property::kPartitionSplittingFilesMaximum.text,
     .kind = PropertyKind::kInteger,
     .default_value = "50",
     .group = kSplitting,
     .description = "The point at which a partition is split is found from at most this many of its files, the largest "
                    "ones.",
     .min = 1,
     .max = 100'000},

    {.name = property::kCompactionStrategy.text,
     .kind = PropertyKind::kChoice,
     .default_value = "SizeRatioCompactionStrategy",
     .group = kCompaction,
     .description = "How the files of a partition are chosen for a compaction. BasicCompactionStrategy merges whenever "
                    "there are enough files; SizeRatioCompactionStrategy only merges files of similar size, so that a "
                    "row is rewritten a few times only.",
     .choices = kCompactionStrategies},
    {.name = property::kCompactionFilesBatchSize.text,
     .kind = PropertyKind::kInteger,
     .default_value = "12",
     .group = kCompaction,
     .description = "The number of files that one compaction merges: exactly so many with BasicCompactionStrategy, at "
                    "most so many with SizeRatioCompactionStrategy. Never more than 128, whatever is set.",
     .min = 2,
     .max = 10'000},
    {.name = property::kCompactionJobCreationLimit.text,
     .kind = PropertyKind::kInteger,
     .default_value = "100000",
     .group = kCompaction,
     .description = "No further compactions are created while this many of the table are unfinished.",
     .min = 1,
     .max = kInt32Max},
    {.name = property::kCompactionSizeRatio.text,
     .kind = PropertyKind::kInteger,
     .default_value = "3",
     .group = kCompaction,
     .description = "SizeRatioCompactionStrategy merges files if the largest of them, times this ratio, has at most as "
                    "many rows as the others together.",
     .min = 1,
     .max = 1'000'000},
    {.name = property::kCompactionSizeRatioJobsPerPartitionMax.text,
     .kind = PropertyKind::kInteger,
     .default_value = "2147483647",
     .group = kCompaction,
     .description =
         "SizeRatioCompactionStrategy creates no further compaction in a partition while this many of it are "
         "unfinished.",
     .min = 1,
     .max = kInt32Max},

    {.name = property::kCompactionReadBytesMax.text,
     .kind = PropertyKind::kBytes,
     .default_value = "128M",
     .group = kCompaction,
     .description = "What a compaction holds in memory of its input files, all together: what it has read and not yet "
                    "merged, and what it has asked for. With more, fewer and larger requests are made of a bucket.",
     .min = 4 * kMebibyte},
    {.name = property::kCompactionReadsInFlightMax.text,
     .kind = PropertyKind::kInteger,
     .default_value = "64",
     .group = kCompaction,
     .description = "The number of reads of its input files that a compaction has on their way to a bucket at the same "
                    "time.",
     .min = 1,
     .max = 1'000},

    {.name = property::kIngestFileWritingStrategy.text,
     .kind = PropertyKind::kChoice,
     .default_value = "one_reference_per_leaf",
     .group = kIngest,
     .description = "Whether an ingest writes few files, each referenced by all the partitions that it has rows for "
                    "(one_reference_per_leaf), or a file for each of these partitions (one_file_per_leaf). The latter "
                    "suits jobs with many rows for each partition.",
     .choices = kFileWritingStrategies},
    {.name = property::kIngestMemoryBytes.text,
     .kind = PropertyKind::kBytes,
     .default_value = "1G",
     .group = kIngest,
     .description = "An ingest keeps at most so many bytes of rows in memory; what is more is sorted and spilled to "
                    "temporary files.",
     .min = 16 * kMebibyte},
    {.name = property::kIngestPageBytesMax.text,
     .kind = PropertyKind::kBytes,
     .default_value = "256M",
     .group = kIngest,
     .description = "A page of a Parquet input that would take more than this once it is decompressed, or has more "
                    "than one value for every 16 bytes of it, is refused: a few bytes could become gigabytes. An "
                    "ingest takes so much for such a page besides ingest.memory.bytes, so lower it where memory is "
                    "short, and raise it for inputs whose single values are larger.",
     .min = 32 * kMebibyte,
     .max = 1024 * kMebibyte},
    {.name = property::kIngestSpillBytes.text,
     .kind = PropertyKind::kBytes,
     .default_value = "64G",
     .group = kIngest,
     .description = "An ingest fails rather than take more temporary space than this. Raise it, or split the job, to "
                    "ingest more at once.",
     .min = 64 * kMebibyte},

    {.name = property::kDataFileBytesTarget.text,
     .kind = PropertyKind::kBytes,
     .default_value = "512M",
     .group = kDataFiles,
     .description =
         "What an ingest or a compaction writes is cut into files of about this size, one behind the other in "
         "key order; compactions do not merge such files with one another again. The files of one compaction are "
         "written on as many cores as there are.",
     .min = kMebibyte},
    {.name = property::kParquetRowGroupSize.text,
     .kind = PropertyKind::kBytes,
     .default_value = "8M",
     .group = kDataFiles,
     .description = "A row group of a data file ends once its encoded columns reach about this size.",
     .min = 64 * kKibibyte,
     .max = 1024 * kMebibyte},
    {.name = property::kParquetRowGroupRowsMax.text,
     .kind = PropertyKind::kInteger,
     .default_value = "100000",
     .group = kDataFiles,
     .description = "A row group of a data file holds at most this many rows.",
     .min = 1,
     .max = kInt32Max},
    {.name = property::kParquetPageSize.text,
     .kind = PropertyKind::kBytes,
     .default_value = "128K",
     .group = kDataFiles,
     .description = "The size of a page of a column before compression. A look-up of one key reads one page of each "
                    "column: smaller pages make it cheaper, larger ones compress better.",
     .min = kKibibyte,
     .max = 64 * kMebibyte},
    {.name = property::kParquetCompressionCodec.text,
     .kind = PropertyKind::kChoice,
     .default_value = "zstd",
     .group = kDataFiles,
     .description = "How pages are compressed.",
     .choices = kCompressionCodecs},
    {.name = property::kParquetCompressionLevel.text,
     .kind = PropertyKind::kInteger,
     .default_value = "1",
     .group = kDataFiles,
     .description = "The level of zstd (1 to 22) or gzip (1 to 9); the other codecs have none. Higher levels make "
                    "smaller files and cost more time.",
     .min = 1,
     .max = 22},
    {.name = property::kParquetEncodingRowKeyFields.text,
     .kind = PropertyKind::kChoice,
     .default_value = "auto",
     .group = kDataFiles,
     .description =
         "How the values of row keys are laid out in pages: as they are (plain), as differences to the value "
         "before (delta), as indexes into a list of distinct values (dictionary), or whichever of the first "
         "two suits the type best (auto).",
     .choices = kFieldEncodings},
    {.name = property::kParquetEncodingSortKeyFields.text,
     .kind = PropertyKind::kChoice,
     .default_value = "auto",
     .group = kDataFiles,
     .description = "The same for sort keys.",
     .choices = kFieldEncodings},
    {.name = property::kParquetEncodingValueFields.text,
     .kind = PropertyKind::kChoice,
     .default_value = "auto",
     .group = kDataFiles,
     .description = "The same for value fields.",
     .choices = kFieldEncodings},
    {.name = property::kParquetDictionaryRowKeyFields.text,
     .kind = PropertyKind::kBoolean,
     .default_value = "false",
     .group = kDataFiles,
     .description = "True means the same as the encoding dictionary for row keys."},
    {.name = property::kParquetDictionarySortKeyFields.text,
     .kind = PropertyKind::kBoolean,
     .default_value = "false",
     .group = kDataFiles,
     .description = "True means the same as the encoding dictionary for sort keys."},
    {.name = property::kParquetDictionaryValueFields.text,
     .kind = PropertyKind::kBoolean,
     .default_value = "false",
     .group = kDataFiles,
     .description = "True means the same as the encoding dictionary for value fields."},
    {.name = property::kParquetBloomFilterFields.text,
     .kind = PropertyKind::kNames,
     .default_value = "",
     .group = kDataFiles,
     .description = "The fields that have Bloom filters in data files, by which a look-up of a key that a file does "
                    "not have reads 4 KiB of it and none of its pages. Of row keys they serve our queries, of other "
                    "fields the engines that read them (DuckDB, Spark, Trino, DataFusion). Lists, maps and booleans "
                    "have none. Files that are there get theirs when they are compacted."},
    {.name = property::kParquetBloomFilterBits.text,
     .kind = PropertyKind::kInteger,
     .default_value = "10",
     .group = kDataFiles,
     .description = "What each distinct value of a row group may take in a Bloom filter, in bits. With 10, about one "
                    "of a hundred values that are not there is looked for in vain; with 16, one of a thousand. The "
                    "size of a filter is rounded up to a power of two.",
     .min = 4,
     .max = 64},
    {.name = property::kParquetColumnIndexValueFields.text,
     .kind = PropertyKind::kBoolean,
     .default_value = "false",
     .group = kDataFiles,
     .description = "Whether value fields, too, have an index of pages: the least and the greatest value of each. It "
                    "helps engines that filter by value fields and skip pages (Spark, Trino and DataFusion do, DuckDB "
                    "does not), but is part of what the first look-up in a file reads."},
    {.name = property::kParquetColumnIndexTruncateLength.text,
     .kind = PropertyKind::kInteger,
     .default_value = "128",
     .group = kDataFiles,
     .description = "Strings and bytes of value fields in the index of pages are cut to this many bytes. Those of keys "
                    "are always whole.",
     .min = 1,
     .max = kInt32Max},
    {.name = property::kParquetStatisticsTruncateLength.text,
     .kind = PropertyKind::kInteger,
     .default_value = "64",
     .group = kDataFiles,
     .description = "Strings and bytes in the statistics of row groups are cut to this many bytes, and marked as cut. "
                    "Other engines use the statistics to skip row groups.",
     .min = 1,
     .max = kInt32Max},

    {.name = property::kGcDelay.text,
     .kind = PropertyKind::kMinutes,
     .default_value = "15",
     .group = kDeletion,
     .description =
         "A data file that nothing references any more is deleted after so many minutes. It is the time that "
         "a running query has to finish reading it.",
     .min = 0,
     .max = 525'600},
    {.name = property::kSweepAge.text,
     .kind = PropertyKind::kMinutes,
     .default_value = "1440",
     .group = kDeletion,
     .description =
         "An object that no table knows, left behind by a writer that died, is deleted once it is so many "
         "minutes old. A job that lasts longer than a quarter of it registers itself first. 0 suits tests: whatever "
         "is not registered goes at once, and its writer fails.",
     .min = 0,
     .max = 525'600},

    {.name = property::kJobMemory.text,
     .kind = PropertyKind::kDays,
     .default_value = "7",
     .group = kJobs,
     .description = "For so many days a table remembers the jobs that it has done, so that one that is delivered again "
                    "changes nothing.",
     .min = 1,
     .max = 3'650},
    {.name = property::kJobMemoryMax.text,
     .kind = PropertyKind::kInteger,
     .default_value = "1000000",
     .group = kJobs,
     .description = "A table remembers at most this many jobs; new ones are refused until old ones may be forgotten.",
     .min = 1'000,
     .max = 100'000'000},
    {.name = property::kJobAttemptsMax.text,
     .kind = PropertyKind::kInteger,
     .default_value = "5",
     .group = kJobs,
     .description = "Files whose compaction has failed so many times are set aside and reported.",
     .min = 1,
     .max = 1'000},

    {.name = property::kSnapshotEvery.text,
     .kind = PropertyKind::kInteger,
     .default_value = "200",
     .group = kStateLog,
     .description =
         "A snapshot of the state is due after so many log entries. Whoever opens the table reads the newest "
         "snapshot and the entries after it.",
     .min = 1,
     .max = 100'000},
    {.name = property::kLogKeepEntries.text,
     .kind = PropertyKind::kInteger,
     .default_value = "1000",
     .group = kStateLog,
     .description = "The latest log entries, so many of them, are never truncated.",
     .min = 10,
     .max = 1'000'000},
    {.name = property::kLogTruncateBehind.text,
     .kind = PropertyKind::kInteger,
     .default_value = "200",
     .group = kStateLog,
     .description =
         "Older log entries are deleted once so many may be. A lower number keeps the log shorter; a higher one looks "
         "at the snapshots, which have to be read back first, less often.",
     .min = 1,
     .max = 1'000'000},
    {.name = property::kLogIdsRemembered.text,
     .kind = PropertyKind::kInteger,
     .default_value = "10000",
     .group = kStateLog,
     .description =
         "A snapshot remembers the ids of so many of the latest log entries, by which a slow writer finds out "
         "whether its entry was accepted. Not fewer than log.keep.entries.",
     .min = 10,
     .max = 10'000'000},
};

}  // namespace

std::span<const PropertyDefinition> PropertyDefinitions() { return kDefinitions; }

}  // namespace sleeper::model
