#pragma once

#include <memory>

#include "sleeper/base/call_context.h"
#include "sleeper/base/status.h"
#include "sleeper/columnar/layout.h"
#include "sleeper/engine/query.h"
#include "sleeper/exchange/output_writer.h"
#include "sleeper/model/schema.h"
#include "sleeper/query/query_request.h"

namespace sleeper::engine {

/// What the texts of a query mean for a table of this schema. kInvalid says which of them is wrong.
Result<query::QueryRequest> QueryRequestOf(const QueryOptions& options, const model::Schema& schema,
                                           const CallContext& call);

/// Where the result goes: standard output, or a file that appears when it is whole.
Result<std::unique_ptr<exchange::OutputWriter>> OpenQueryOutput(const QueryOptions& options,
                                                                std::shared_ptr<const columnar::Layout> layout,
                                                                const CallContext& call);

}  // namespace sleeper::engine
