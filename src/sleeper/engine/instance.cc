#include "sleeper/engine/instance.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "sleeper/collect/sweep_gone_tables.h"
#include "sleeper/engine/input_buckets.h"
#include "sleeper/engine/key_inputs.h"
#include "sleeper/engine/open_store.h"
#include "sleeper/engine/overlap.h"
#include "sleeper/engine/probe.h"
#include "sleeper/engine/sweep_result.h"
#include "sleeper/engine/table_parts.h"
#include "sleeper/engine/upkeep.h"
#include "sleeper/state/instance_file.h"
#include "sleeper/state/layout.h"
#include "sleeper/state/registry.h"

namespace sleeper::engine {
namespace {

/// Requests to the store that one process makes at the same time, from operations that have many to make.
constexpr int kIoThreads = 32;

int ThreadsOf(const MachineOptions& options) { return options.threads > 0 ? options.threads : MachineConcurrency(); }

Result<std::string> ScratchFolderOf(const MachineOptions& options) {
  if (!options.scratch_folder.empty()) return options.scratch_folder;
  std::error_code failure;
  const std::filesystem::path folder = std::filesystem::temp_directory_path(failure);
  if (failure) return Error(ErrorKind::kInvalid, "there is no folder for temporary files: ", failure.message());
  return folder.string();
}

}  // namespace

/// In the order in which they need one another.
struct Instance::Parts {
  Parts(Location instance_location, const MachineOptions& machine_options)
      : location(std::move(instance_location)),
        options(machine_options),
        executor(ThreadsOf(options), clock),
        io_executor(kIoThreads, clock) {}

  Status Open() {
    TRY_ASSIGN(scratch_folder, ScratchFolderOf(options));
    TRY_ASSIGN(opened, OpenStore(location, options, StorePurpose::kInstance, {io_executor, random, meter}));
    state::LogOptions log_options;
    log_options.writer = options.writer;
    registry = std::make_unique<state::Registry>(objects(), clock, random, io_executor, log_options);
    return Status::OK();
  }

  store::ObjectStore& objects() { return opened.objects(); }

  /// Those of the instance, as they were when the registry was last read.
  Result<model::Properties> Properties(const CallContext& call) {
    state::RegistryStatePtr current = registry->current();
    if (current == nullptr) {
      TRY_ASSIGN(current, registry->Refresh(call));
    }
    return model::Properties::Make({}, current->properties());
  }

  const Location location;
  const MachineOptions options;
  SystemClock clock;
  SystemRandom random;
  /// As many threads as cores, for what computes.
  ThreadExecutor executor;
  /// For what mostly waits for the store: see docs/decisions/0122-threads-that-wait.md.
  ThreadExecutor io_executor;
  std::string scratch_folder;
  store::StoreMeter meter;
  OpenedStore opened;
  std::unique_ptr<state::Registry> registry;
  InputBuckets inputs{options, io_executor, random};
  std::string id;
};

Instance::Instance(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Instance::~Instance() = default;

Result<Instance::Created> Instance::Create(const Location& location, const MachineOptions& options,
                                           const CallContext& call) {
  auto parts = std::make_unique<Parts>(location, options);
  TRY(parts->Open());
  const Result<state::InstanceFile> existing = state::OpenInstance(parts->objects(), call);
  if (existing.ok()) {
    parts->id = existing->instance_id;
    return Created{std::make_unique<Instance>(std::move(parts)), /*created=*/false};
  }
  if (!IsKind(existing.status(), ErrorKind::kNotFound)) return existing.status();
  const StorePorts ports{parts->io_executor, parts->random, parts->meter};
  TRY_ASSIGN(const store::ProbeReport report, Probe(location, options, ports, call));
  TRY(RefuseUnlessPassed(report, location));
  // Only now is a listing to be trusted.
  TRY(RefuseOverlap(location, parts->objects(), options, ports, call));
  TRY_ASSIGN(const state::CreatedInstance made, state::CreateInstance(parts->objects(), parts->random, call));
  parts->id = made.file.instance_id;
  return Created{std::make_unique<Instance>(std::move(parts)), made.created};
}

Result<std::unique_ptr<Instance>> Instance::Open(const Location& location, const MachineOptions& options,
                                                 const CallContext& call) {
  auto parts = std::make_unique<Parts>(location, options);
  TRY(parts->Open());
  const Result<state::InstanceFile> file = state::OpenInstance(parts->objects(), call);
  if (IsKind(file.status(), ErrorKind::kNotFound)) {
    return WithHint(Error(ErrorKind::kNotFound, "there is no instance at ", location.ToString()),
                    "create one: sleeper --instance " + location.ToString() + " init");
  }
  TRY(file.status());
  parts->id = file->instance_id;
  return std::make_unique<Instance>(std::move(parts));
}

const std::string& Instance::id() const { return parts_->id; }
const Location& Instance::location() const { return parts_->location; }
const Clock& Instance::clock() const { return parts_->clock; }

Result<std::vector<state::RegisteredTable>> Instance::Tables(const CallContext& call) {
  TRY_ASSIGN(const state::RegistryStatePtr registry, parts_->registry->Refresh(call));
  return registry->Tables();
}

bool Instance::IsBeingDropped(const model::TableId& id) const {
  const state::RegistryStatePtr registry = parts_->registry->current();
  return registry != nullptr && registry->IsBeingDropped(id);
}

Result<std::unique_ptr<Table>> Instance::CreateTable(const NewTableRequest& request, const CallContext& call) {
  TRY_ASSIGN(model::PropertyMap properties,
             model::ChangeProperties({}, {.set = request.properties, .unset = {}}, model::PropertyScope::kTable));
  TRY(model::CheckNamedFields(properties, request.schema));
  state::NewTable table{.name = request.name,
                        .definition = {.schema = request.schema, .properties = std::move(properties)},
                        .split_points = {}};
  if (!request.split_points_file.empty()) {
    TRY_ASSIGN(table.split_points, ReadSplitPoints(request.split_points_file, request.schema, call));
  }
  TRY_ASSIGN(state::RegisteredTable registered, parts_->registry->CreateTable(std::move(table), call));
  return Bind(std::move(registered), call);
}

Result<std::unique_ptr<Table>> Instance::OpenTable(const model::TableName& name, const CallContext& call) {
  auto found = parts_->registry->FindTable(name, call);
  if (IsKind(found.status(), ErrorKind::kNotFound)) {
    return WithHint(found.status(), "see which tables there are: sleeper table list");
  }
  TRY(found.status());
  return Bind(*std::move(found), call);
}

bool Instance::IsGone(const state::RegisteredTable& table, const Status& failure, const CallContext& call) {
  if (!IsKind(failure, ErrorKind::kNotFound)) return false;
  const auto found = OpenTable(table.name, call);
  return found.ok() ? (*found)->id() != table.id : IsKind(found.status(), ErrorKind::kNotFound);
}

Result<std::unique_ptr<Table>> Instance::Bind(state::RegisteredTable table, const CallContext& call) {
  const bool is_distant = parts_->location.kind == Location::Kind::kS3;
  const TablePorts ports{.store = parts_->objects(),
                         .clock = parts_->clock,
                         .random = parts_->random,
                         .executor = parts_->executor,
                         .io_executor = parts_->io_executor,
                         .registry = *parts_->registry,
                         .inputs = parts_->inputs,
                         .read_ahead = is_distant ? compact::ReadAhead::kYes : compact::ReadAhead::kNo,
                         .scratch_folder = parts_->scratch_folder};
  state::LogOptions options;
  options.writer = parts_->options.writer;
  auto bound = std::make_unique<TableParts>(ports, table, options);
  // Its log knows the table by its id, and people by its name.
  const std::string what = "table " + table.name.value();
  const Result<state::TableStatePtr> read = bound->log.Refresh(call);
  TRY(WithContext(read.status(), what));
  const state::TableState& state = **read;
  if (state.dropped()) {
    // Whoever may only read is told the same.
    const Status finished = parts_->registry->FinishDrop(table.id, call);
    if (IsKind(finished, ErrorKind::kCancelled)) return finished;
    return Error(ErrorKind::kNotFound, what, " was deleted");
  }
  if (!state.exists()) {
    return WithHint(Error(ErrorKind::kCorrupt, what, " is listed, but its log is gone"),
                    "put the objects below " + state::TablePrefix(table.id).value() +
                        " back from a copy; or give it up: sleeper table delete " + table.name.value() + " --yes");
  }
  const state::RegistryStatePtr registry = parts_->registry->current();
  const model::PropertyMap defaults = registry == nullptr ? model::PropertyMap() : registry->properties();
  const auto properties = model::Properties::Make(state.definition().properties, defaults);
  TRY(WithContext(properties.status(), what));
  const int64_t ids_remembered = properties->Get(model::property::kLogIdsRemembered);
  if (ids_remembered != options.ids_remembered) {
    // It is read from the log, and it says how the log is to be read: the few tables that have it are opened twice.
    options.ids_remembered = ids_remembered;
    bound = std::make_unique<TableParts>(ports, table, options);
    TRY(bound->log.Refresh(call).status());
  }
  return std::make_unique<Table>(std::move(bound));
}

Status Instance::RenameTable(const model::TableName& from, const model::TableName& to, const CallContext& call) {
  return parts_->registry->RenameTable(from, to, call);
}

Status Instance::SetOnline(const model::TableName& name, bool online, const CallContext& call) {
  return parts_->registry->SetOnline(name, online, call);
}

Status Instance::DropTable(const model::TableName& name, const CallContext& call) {
  return parts_->registry->DropTable(name, call);
}

Result<SweepResult> Instance::SweepGoneTables(const CallContext& call) {
  TRY_ASSIGN(const model::Properties properties, parts_->Properties(call));
  const collect::InstancePorts ports{parts_->objects(), parts_->executor, parts_->random, *parts_->registry};
  TRY_ASSIGN(const collect::SweepReport report,
             collect::SweepGoneTables(ports, properties.Get(model::property::kSweepAge), call));
  return ResultOf(report);
}

Status Instance::MaintainRegistry(const CallContext& call) {
  TRY_ASSIGN(const model::Properties properties, parts_->Properties(call));
  return parts_->registry->Maintain(UpkeepOf(properties), call).status();
}

Result<model::PropertyMap> Instance::Properties(const CallContext& call) {
  TRY_ASSIGN(const state::RegistryStatePtr registry, parts_->registry->Refresh(call));
  return registry->properties();
}

Result<model::PropertyMap> Instance::SetProperties(const model::PropertyChanges& changes, const CallContext& call) {
  TRY_ASSIGN(const state::RegistryStatePtr registry, parts_->registry->SetProperties(changes, call));
  return registry->properties();
}

store::StoreUsage Instance::usage() const {
  store::StoreUsage usage = parts_->meter.total();
  const store::StoreUsage inputs = parts_->inputs.usage();
  for (size_t verb = 0; verb < usage.requests.counts.size(); ++verb) {
    usage.requests.counts[verb] += inputs.requests.counts[verb];
  }
  usage.bytes_read += inputs.bytes_read;
  usage.bytes_written += inputs.bytes_written;
  usage.get_waves = std::max(usage.get_waves, inputs.get_waves);
  return usage;
}

double Instance::dollars() const {
  return parts_->meter.total().dollars(PricesOf(parts_->location)) +
         parts_->inputs.usage().dollars(store::S3StandardPrices());
}

std::map<std::string, store::StoreUsage, std::less<>> Instance::usage_by_caller() const {
  return parts_->meter.by_caller();
}

}  // namespace sleeper::engine
