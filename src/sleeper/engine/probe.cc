#include "sleeper/engine/probe.h"

namespace sleeper::engine {
namespace {

/// A probe waits and does not compute; its racers get threads of their own.
constexpr int kThreads = 1;

}  // namespace

Result<store::ProbeReport> Probe(const Location& location, const MachineOptions& options, const StorePorts& ports,
                                 const CallContext& call) {
  TRY_ASSIGN(const OpenedStore opened, OpenStore(location, options, StorePurpose::kProbe, ports));
  return store::ProbeStore(opened.objects(), ports.executor, ports.random, call);
}

Result<ProbeResult> Probe(const Location& location, const MachineOptions& options, const CallContext& call) {
  SystemClock clock;
  SystemRandom random;
  ThreadExecutor executor(kThreads, clock);
  store::StoreMeter meter;
  ProbeResult result;
  TRY_ASSIGN(result.report, Probe(location, options, {executor, random, meter}, call));
  result.usage = meter.total();
  result.prices = PricesOf(location);
  return result;
}

Status RefuseUnlessPassed(const store::ProbeReport& report, const Location& location) {
  return WithHint(WithContext(report.Verdict(), location.ToString()),
                  "use another store: docs/guide/s3.md names some; sleeper probe shows all that was tried");
}

}  // namespace sleeper::engine
