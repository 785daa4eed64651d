#include "sleeper/ingest/ingest_input.h"

#include <utility>

namespace sleeper::ingest {

InputOpener MakeInputOpener(SourceOpener source, exchange::InputOptions options) {
  return [source = std::move(source), options = std::move(options)](
             std::shared_ptr<const columnar::Layout> layout, int64_t batch_bytes_max,
             const CallContext& call) mutable -> Result<std::unique_ptr<exchange::InputReader>> {
    // The reader may refer to the options, which live as long as the opener.
    options.batch_bytes_max = batch_bytes_max;
    TRY_ASSIGN(std::unique_ptr<exchange::InputSource> bytes, source(call));
    return exchange::OpenInput(std::move(bytes), options, std::move(layout), call);
  };
}

}  // namespace sleeper::ingest
