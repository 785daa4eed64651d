#include "sleeper/engine/ingest_inputs.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <unistd.h>
#include <utility>
#include <vector>

#include "sleeper/exchange/expand_inputs.h"
#include "sleeper/exchange/format.h"
#include "sleeper/exchange/input_source.h"
#include "sleeper/model/property_names.h"

namespace sleeper::engine {
namespace {

constexpr int kJobNameDigits = 16;

Result<std::optional<exchange::InputFormat>> FormatOf(const IngestOptions& options) {
  if (options.format.empty()) return std::optional<exchange::InputFormat>();
  TRY_ASSIGN(const exchange::InputFormat format, exchange::ParseInputFormat(options.format));
  return std::optional(format);
}

Result<std::unique_ptr<exchange::InputSource>> OpenSource(const exchange::InputPath& input, InputBuckets& buckets,
                                                          const CallContext& call) {
  switch (input.place) {
    case exchange::InputPlace::kFile:
      return exchange::OpenFileSource(input.path);
    case exchange::InputPlace::kStandardInput:
      return exchange::MakeDescriptorSource(STDIN_FILENO, "standard input");
    case exchange::InputPlace::kUrl:
      return buckets.Open(input.path, call);
  }
  return Error(ErrorKind::kInternal, "an input in no known place: ", input.path);
}

ingest::InputOpener OpenerOf(const exchange::InputPath& input, const IngestOptions& options, int64_t page_bytes_max,
                             InputBuckets& buckets, store::ScratchSpace& scratch) {
  exchange::InputOptions reading;
  reading.page_bytes_max = page_bytes_max;
  reading.format = input.format;
  reading.csv.delimiter = options.delimiter.value_or(input.delimiter);
  if (!options.null_values.empty()) reading.csv.null_values = options.null_values;
  reading.scratch = &scratch;
  return ingest::MakeInputOpener(
      [input, &buckets](const CallContext& call) { return OpenSource(input, buckets, call); }, std::move(reading));
}

/// How the inputs are to be read, always the same text for the same options.
std::string ReadingOf(const IngestOptions& options) {
  std::string reading = "format=" + options.format;
  if (options.delimiter) reading += "\ndelimiter=" + std::string(1, *options.delimiter);
  for (const std::string& text : options.null_values) reading += "\nnull=" + text;
  return reading;
}

}  // namespace

Result<ingest::IngestRequest> IngestRequestOf(const IngestOptions& options, Random& random) {
  if (options.paths.empty()) return Error(ErrorKind::kInvalid, "there is nothing to ingest: no path was given");
  TRY(FormatOf(options).status());
  ingest::IngestRequest request{.job = options.job, .inputs = options.paths, .reading = ReadingOf(options)};
  if (request.job.empty()) request.job = model::JobId(random.Hex(kJobNameDigits));
  return request;
}

ingest::InputLister InputsOf(const IngestOptions& options, const model::Properties& properties, InputBuckets& buckets,
                             store::ScratchSpace& scratch) {
  return [&, page_bytes_max = properties.Get(model::property::kIngestPageBytesMax)](
             const CallContext& call) -> Result<std::vector<ingest::InputOpener>> {
    TRY_ASSIGN(const auto format, FormatOf(options));
    const auto find = [&](const std::string& url) { return buckets.Find(url, format, call); };
    TRY_ASSIGN(const std::vector<exchange::InputPath> inputs, exchange::ExpandInputs(options.paths, format, find));
    std::vector<ingest::InputOpener> openers;
    openers.reserve(inputs.size());
    for (const exchange::InputPath& input : inputs) {
      openers.push_back(OpenerOf(input, options, page_bytes_max, buckets, scratch));
    }
    return openers;
  };
}

}  // namespace sleeper::engine
