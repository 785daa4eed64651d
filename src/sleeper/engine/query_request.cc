#include "sleeper/engine/query_request.h"

#include <algorithm>
#include <unistd.h>
#include <utility>

#include "sleeper/engine/key_inputs.h"
#include "sleeper/exchange/format.h"
#include "sleeper/exchange/output_sink.h"
#include "sleeper/model/key_text.h"
#include "sleeper/model/region_json.h"

namespace sleeper::engine {

Result<query::QueryRequest> QueryRequestOf(const QueryOptions& options, const model::Schema& schema,
                                           const CallContext& call) {
  query::QueryRequest request{.regions = {}, .keys = {}, .select = options.select, .limit = options.limit};
  if (options.resume) request.on_expiry = query::OnExpiry::kResume;
  if (options.limit && *options.limit < 0) return Error(ErrorKind::kInvalid, "--limit is below zero: ", *options.limit);
  if (!options.keys.empty() || !options.ranges.empty()) {
    TRY_ASSIGN(request.regions, model::RegionsFromText(schema, options.keys, options.ranges));
  }
  for (const std::string& text : options.regions) {
    TRY_ASSIGN(model::Region region, model::ParseRegionJson(schema, text));
    request.regions.push_back(std::move(region));
  }
  if (!options.keys_file.empty()) {
    TRY_ASSIGN(request.keys, ReadKeys(options.keys_file, schema, call));
  }
  // What was asked for may turn out to be no row; asking for nothing in particular means every row.
  const bool restricted =
      !options.keys.empty() || !options.ranges.empty() || !options.regions.empty() || !options.keys_file.empty();
  request.nothing = restricted && request.regions.empty() && request.keys.empty();
  return request;
}

Result<std::unique_ptr<exchange::OutputWriter>> OpenQueryOutput(const QueryOptions& options,
                                                                std::shared_ptr<const columnar::Layout> layout,
                                                                const CallContext& call) {
  exchange::OutputOptions output;
  TRY_ASSIGN(output.format, exchange::ParseOutputFormat(options.output_format));
  std::unique_ptr<exchange::OutputSink> sink;
  if (options.output_file.empty() || options.output_file == "-") {
    sink = exchange::MakeDescriptorSink(STDOUT_FILENO, "standard output");
  } else {
    TRY_ASSIGN(sink, exchange::OpenFileSink(options.output_file));
  }
  return exchange::OpenOutput(std::move(sink), output, std::move(layout), call);
}

}  // namespace sleeper::engine
