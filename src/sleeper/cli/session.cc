#include "sleeper/cli/session.h"

#include <nlohmann/json.hpp>
#include <sys/resource.h>

#include "sleeper/cli/figures.h"

namespace sleeper::cli {
namespace {

double SecondsOf(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

/// Of the whole process, in user and system mode.
double CpuSeconds() {
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  return SecondsOf(usage.ru_utime) + SecondsOf(usage.ru_stime);
}

nlohmann::ordered_json JsonOf(const store::VerbCounts& requests) {
  nlohmann::ordered_json json;
  for (const store::Verb verb :
       {store::Verb::kGet, store::Verb::kPut, store::Verb::kList, store::Verb::kHead, store::Verb::kDelete}) {
    json[std::string(store::VerbName(verb))] = requests[verb];
  }
  return json;
}

std::string Dump(const nlohmann::ordered_json& json) {
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace

Result<GlobalSettings> GlobalSettings::From(const Arguments& arguments, const Environment& environment) {
  GlobalSettings settings;
  settings.instance = arguments.Text("instance").value_or(environment.instance.value_or(""));
  if (arguments.Text("format") == "json") settings.format = Format::kJson;
  settings.quiet = arguments.Has("quiet");
  settings.stats = arguments.Has("stats");
  TRY_ASSIGN(const auto threads, arguments.Count("threads"));
  if (threads.value_or(0) > 1'024) return Error(ErrorKind::kInvalid, "--threads: more than 1024 are refused");
  settings.machine.threads = static_cast<int>(threads.value_or(0));
  settings.machine.scratch_folder = arguments.Text("scratch").value_or(environment.scratch_folder);
  settings.machine.allow_network_file_system = arguments.Has("allow-network-file-system");
  settings.machine.writer = environment.writer;
  settings.machine.aws = environment.aws;
  return settings;
}

Session::Session(const Environment& environment, GlobalSettings settings)
    : environment_(environment),
      settings_(std::move(settings)),
      start_(clock_.MonotonicNow()),
      console_(environment.stdout_descriptor, environment.stderr_descriptor) {
  if (environment_.stderr_is_terminal && !settings_.quiet && !json()) {
    progress_ = std::make_unique<ProgressBar>(clock_, environment_.stderr_descriptor);
  }
}

Session::~Session() = default;

CallContext Session::call() {
  return {.cancellation = environment_.interrupt, .caller = "command", .progress = progress_.get()};
}

Duration Session::elapsed() const { return clock_.MonotonicNow() - start_; }

Result<engine::Location> Session::location() const {
  if (settings_.instance.empty()) {
    return WithHint(Error(ErrorKind::kInvalid, "no instance was named"),
                    "give its location with --instance, or set SLEEPER_INSTANCE");
  }
  return engine::Location::Parse(settings_.instance);
}

Result<bool> Session::CreateInstance() {
  TRY_ASSIGN(const engine::Location where, location());
  TRY_ASSIGN(engine::Instance::Created made, engine::Instance::Create(where, settings_.machine, call()));
  instance_ = std::move(made.instance);
  return made.created;
}

Result<engine::Instance*> Session::OpenInstance() {
  if (instance_ == nullptr) {
    TRY_ASSIGN(const engine::Location where, location());
    TRY_ASSIGN(instance_, engine::Instance::Open(where, settings_.machine, call()));
  }
  return instance_.get();
}

Result<store::ProbeReport> Session::Probe() {
  TRY_ASSIGN(const engine::Location where, location());
  TRY_ASSIGN(probed_, engine::Probe(where, settings_.machine, call()));
  return probed_->report;
}

Result<std::unique_ptr<engine::Table>> Session::OpenTable(const Arguments& arguments) {
  TRY_ASSIGN(engine::Instance * instance, OpenInstance());
  return instance->OpenTable(model::TableName(arguments.Text("TABLE").value_or("")), call());
}

Status Session::Print(std::string_view text) {
  EndProgress();
  return console_.Print(text);
}

Status Session::PrintJson(const nlohmann::ordered_json& json) { return Print(Dump(json) + "\n"); }

Status Session::Summarise(const nlohmann::ordered_json& json, std::string_view text) {
  if (this->json()) return PrintJson(json);
  if (settings_.quiet) return Status::OK();
  return Print(std::string(text) + "\n");
}

void Session::Note(std::string_view text) {
  if (settings_.quiet) return;
  EndProgress();
  console_.Tell(text);
}

void Session::EndProgress() { progress_.reset(); }

std::string Session::Stats() const {
  store::StoreUsage usage;
  double dollars = 0;
  if (instance_ != nullptr) {
    usage = instance_->usage();
    dollars = instance_->dollars();
  } else if (probed_) {
    usage = probed_->usage;
    dollars = usage.dollars(probed_->prices);
  }
  const nlohmann::ordered_json requests = JsonOf(usage.requests);
  const double wall = cli::SecondsOf(elapsed());
  if (settings_.format == Format::kJson) {
    nlohmann::ordered_json callers = nlohmann::ordered_json::object();
    if (instance_ != nullptr) {
      for (const auto& [caller, of_caller] : instance_->usage_by_caller()) callers[caller] = JsonOf(of_caller.requests);
    }
    return Dump({{"stats",
                  {{"requests", requests},
                   {"requestsOfCallers", callers},
                   {"bytesRead", usage.bytes_read},
                   {"bytesWritten", usage.bytes_written},
                   {"getWaves", usage.get_waves},
                   {"dollars", dollars},
                   {"wallSeconds", wall},
                   {"cpuSeconds", CpuSeconds()}}}});
  }
  std::string listed;
  for (const auto& [verb, count] : requests.items()) listed += verb + " " + Grouped(count.get<int64_t>()) + ", ";
  return "stats: requests: " + listed + ByteSize(usage.bytes_read) + " read in " + Counted(usage.get_waves, "wave") +
         ", " + ByteSize(usage.bytes_written) + " written, about " + std::to_string(dollars) + " dollars, " +
         Seconds(elapsed()) + " (" + std::to_string(CpuSeconds()) + " s of CPU)";
}

}  // namespace sleeper::cli
