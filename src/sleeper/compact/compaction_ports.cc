#include "sleeper/compact/compaction_ports.h"

namespace sleeper::compact {

CompactionReads CompactionReads::From(const model::Properties& properties, ReadAhead ahead) {
  return {.ahead = ahead,
          .in_flight_max = properties.Get(model::property::kCompactionReadsInFlightMax),
          .bytes_max = properties.Get(model::property::kCompactionReadBytesMax)};
}

}  // namespace sleeper::compact
