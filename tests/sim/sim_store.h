#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sleeper/store/object_store.h"
#include "tests/sim/faults.h"
#include "tests/sim/scheduler.h"
#include "tests/sim/sim_clock.h"

namespace sleeper::sim {

/// When a process is to die, for the search of crash points: at its port call number `call`, counted from 0.
struct CrashPoint {
  int64_t call = 0;
  /// True: the call still has its effect, but is not answered. False: it has none.
  bool after_effect = false;
};

/// Whether faults may kill a process.
enum class Mortality { kMortal, kImmortal };

/// The object store as one simulated process sees it. Every call hands the baton on, and may meet a fault; one whose
/// process was killed fails and has no effect. Confined.
class SimStore final : public store::ObjectStore {
 public:
  /// What all stores of a simulation share. All must outlive the store.
  struct World {
    Scheduler& scheduler;
    Faults& faults;
    /// The objects themselves.
    store::ObjectStore& objects;
    /// The process in which late writes are on their way.
    Process& network;
  };

  SimStore(const World& world, Process& process, const SimClock& clock, Mortality mortality)
      : world_(world), process_(process), clock_(clock), mortality_(mortality) {}

  Result<store::Object> Get(const store::ObjectPath& path, const CallContext& call) override;
  Result<Buffer> GetRange(const store::ObjectPath& path, ByteRange range, const CallContext& call) override;
  Result<std::vector<Buffer>> GetRanges(const store::ObjectPath& path, std::span<const ByteRange> ranges,
                                        const CallContext& call) override;
  Result<store::PutOutcome> Put(const store::ObjectPath& path, Buffer bytes, store::PutMode mode,
                                const CallContext& call) override;
  Result<std::unique_ptr<store::ObjectWriter>> OpenWriter(const store::ObjectPath& path, store::PutMode mode,
                                                          const CallContext& call) override;
  Result<store::ObjectInfo> Head(const store::ObjectPath& path, const CallContext& call) override;
  Result<store::ListPage> List(const store::ObjectPath& prefix, const store::ObjectPath& after, int keys_max,
                               const CallContext& call) override;
  Status Delete(std::span<const store::ObjectPath> paths, const CallContext& call) override;
  Status DropAbandonedWrites(const store::ObjectPath& prefix, Duration age, const CallContext& call) override;

  /// The process dies there, also an immortal one.
  void SetCrashPoint(CrashPoint point) { crash_point_ = point; }

  /// How many port calls the process has made.
  int64_t calls() const { return calls_; }

 private:
  class PortCall;
  class Writer;

  const World world_;
  Process& process_;
  const SimClock& clock_;
  const Mortality mortality_;
  int64_t calls_ = 0;
  std::optional<CrashPoint> crash_point_;
};

}  // namespace sleeper::sim
