#include "tests/sim/sim_store.h"

#include <algorithm>
#include <functional>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "tests/sim/port_call.h"

namespace sleeper::sim {
namespace {

using store::Object;
using store::ObjectInfo;
using store::ObjectPath;
using store::ObjectWriter;
using store::PutMode;
using store::PutOutcome;

// Of the objects that one call deletes, so many go a moment later than the one before them.
constexpr double kDeleteYields = 0.2;

std::string Describe(const PutOutcome& outcome) { return outcome == PutOutcome::kCreated ? "created" : "exists"; }

std::string Describe(const store::ListPage& page) {
  std::string text = fmt::format("{} keys{}", page.objects.size(), page.more ? " and more" : "");
  if (!page.objects.empty()) text += " from " + page.objects.front().path.value();
  return text;
}

struct Done {};
std::string Describe(const Done&) { return "done"; }

}  // namespace

Result<Object> SimStore::Get(const ObjectPath& path, const CallContext& call) {
  PortCall port(*this, "get", path, call);
  return port.MakeRead<Object>([&] { return world_.objects.Get(path, {}); },
                               [](const Object& object) { return fmt::format("{} bytes", object.bytes.size()); });
}

Result<Buffer> SimStore::GetRange(const ObjectPath& path, ByteRange range, const CallContext& call) {
  PortCall port(*this, "get range", path, call);
  return port.MakeRead<Buffer>([&] { return world_.objects.GetRange(path, range, {}); },
                               [&](const Buffer&) { return fmt::format("bytes {} to {}", range.offset, range.end()); });
}

Result<std::vector<Buffer>> SimStore::GetRanges(const ObjectPath& path, std::span<const ByteRange> ranges,
                                                const CallContext& call) {
  PortCall port(*this, "get ranges", path, call);
  return port.MakeRead<std::vector<Buffer>>([&] { return world_.objects.GetRanges(path, ranges, {}); },
                                            [&](const std::vector<Buffer>&) {
                                              return fmt::format("{} ranges from byte {}", ranges.size(),
                                                                 ranges.empty() ? 0 : ranges.front().offset);
                                            });
}

Result<PutOutcome> SimStore::Put(const ObjectPath& path, Buffer bytes, PutMode mode, const CallContext& call) {
  PortCall port(*this, mode == PutMode::kIfAbsent ? "put if absent" : "put", path, call);
  port.Carries(bytes.view());
  const std::function<Result<PutOutcome>()> effect = [&objects = world_.objects, path, bytes, mode] {
    return objects.Put(path, bytes, mode, {});
  };
  return port.MakeWrite<PutOutcome>(effect, [](const PutOutcome& outcome) { return Describe(outcome); });
}

/// Each part is a port call; the object appears with Finish. Shared with a Finish that is still on its way.
class SimStore::Writer final : public ObjectWriter {
 public:
  Writer(SimStore& store, ObjectPath path, std::shared_ptr<ObjectWriter> inner)
      : store_(store), path_(std::move(path)), inner_(std::move(inner)) {}

  Status Append(Buffer bytes, const CallContext& call) override {
    PortCall port(store_, "append", path_, call);
    port.Carries(bytes.view());
    const std::function<Result<Done>()> effect = [inner = inner_, bytes]() -> Result<Done> {
      TRY(inner->Append(bytes, {}));
      return Done{};
    };
    return port
        .MakeRead<Done>(
            effect, [](const Done& done) { return Describe(done); }, BodyCut::kNever)
        .status();
  }

  Result<PutOutcome> Finish(const CallContext& call) override {
    PortCall port(store_, "finish", path_, call);
    const std::function<Result<PutOutcome>()> effect = [inner = inner_] { return inner->Finish({}); };
    return port.MakeWrite<PutOutcome>(
        effect, [](const PutOutcome& outcome) { return Describe(outcome); }, Echo::kNever);
  }

 private:
  SimStore& store_;
  const ObjectPath path_;
  const std::shared_ptr<ObjectWriter> inner_;
};

Result<std::unique_ptr<ObjectWriter>> SimStore::OpenWriter(const ObjectPath& path, PutMode mode,
                                                           const CallContext& call) {
  PortCall port(*this, mode == PutMode::kIfAbsent ? "open if absent" : "open", path, call);
  using Inner = std::unique_ptr<ObjectWriter>;
  TRY_ASSIGN(Inner inner, port.MakeRead<Inner>([&] { return world_.objects.OpenWriter(path, mode, {}); },
                                               [](const Inner&) { return std::string("opened"); }, BodyCut::kNever));
  return std::make_unique<Writer>(*this, path, std::move(inner));
}

Result<ObjectInfo> SimStore::Head(const ObjectPath& path, const CallContext& call) {
  PortCall port(*this, "head", path, call);
  return port.MakeRead<ObjectInfo>([&] { return world_.objects.Head(path, {}); },
                                   [](const ObjectInfo& info) { return fmt::format("{} bytes", info.size); });
}

Result<store::ListPage> SimStore::List(const ObjectPath& prefix, const ObjectPath& after, int keys_max,
                                       const CallContext& call) {
  PortCall port(*this, "list", prefix, call);
  if (keys_max > 1 && !process_.killed() && world_.faults.Strikes(Fault::kShortPage)) {
    keys_max = 1 + static_cast<int>(world_.scheduler.Choose(static_cast<uint64_t>(std::min(keys_max, 8)) - 1));
  }
  return port.MakeRead<store::ListPage>([&] { return world_.objects.List(prefix, after, keys_max, {}); },
                                        [](const store::ListPage& page) { return Describe(page); });
}

Status SimStore::Delete(std::span<const ObjectPath> paths, const CallContext& call) {
  if (paths.empty()) return Status::OK();
  PortCall port(*this, "delete", paths.front(), call);
  // Nobody promises an order, nor that other calls see all of it at once.
  std::vector<ObjectPath> order(paths.begin(), paths.end());
  Scheduler& scheduler = world_.scheduler;
  for (size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[scheduler.Choose(i)]);
  const bool partly = order.size() > 1 && !process_.killed() && world_.faults.Strikes(Fault::kPartly);
  if (partly) order.resize(scheduler.Choose(order.size()));
  const std::function<Result<Done>()> effect = [&scheduler, &objects = world_.objects, order,
                                                partly]() -> Result<Done> {
    for (size_t i = 0; i < order.size(); ++i) {
      if (i > 0 && scheduler.Chance(kDeleteYields)) scheduler.Yield();
      TRY(objects.Delete(std::span(&order[i], 1), {}));
    }
    if (partly) return Error(ErrorKind::kUnavailable, "only ", order.size(), " of the objects were deleted");
    return Done{};
  };
  return port.MakeWrite<Done>(effect, [&](const Done&) { return fmt::format("{} deleted", paths.size()); }).status();
}

Status SimStore::DropAbandonedWrites(const ObjectPath& prefix, Duration age, const CallContext& call) {
  PortCall port(*this, "drop abandoned writes", prefix, call);
  const std::function<Result<Done>()> effect = [&]() -> Result<Done> {
    TRY(world_.objects.DropAbandonedWrites(prefix, age, {}));
    return Done{};
  };
  return port
      .MakeRead<Done>(
          effect, [](const Done& done) { return Describe(done); }, BodyCut::kNever)
      .status();
}

}  // namespace sleeper::sim
