#include <nlohmann/json.hpp>

#include "sleeper/base/printable_text.h"
#include "sleeper/cli/command.h"
#include "sleeper/cli/figures.h"
#include "sleeper/cli/session.h"

namespace sleeper::cli {
namespace {

Status Init(const Arguments&, Session& session) {
  TRY_ASSIGN(const bool created, session.CreateInstance());
  TRY_ASSIGN(const engine::Instance* instance, session.OpenInstance());
  const std::string where = instance->location().ToString();
  return session.Summarise({{"instanceId", instance->id()}, {"location", where}, {"created", created}},
                           where + (created ? " is an instance now: " : " was an instance already: ") + instance->id());
}

Status Probe(const Arguments&, Session& session) {
  TRY_ASSIGN(const engine::Location location, session.location());
  TRY_ASSIGN(const store::ProbeReport report, session.Probe());
  nlohmann::ordered_json checks = nlohmann::ordered_json::array();
  std::string text;
  for (const store::ProbeCheck& check : report.checks) {
    const bool is_relied_on = check.reliance == store::Reliance::kCommits;
    checks.push_back({{"name", check.name},
                      {"promise", check.promise},
                      {"reliedOn", is_relied_on},
                      {"passed", check.passed()},
                      {"fault", check.fault}});
    text += (check.passed() ? "ok      "
             : is_relied_on ? "FAILED  "
                            : "note    ") +
            std::string(check.name) + ": " +
            (check.passed() ? std::string(check.promise) : PrintableText(check.fault)) +
            (check.passed() || is_relied_on ? "" : " (nothing relies on it)") + "\n";
  }
  if (session.json()) {
    TRY(session.PrintJson({{"location", location.ToString()}, {"passed", report.passed()}, {"checks", checks}}));
  } else {
    TRY(session.Print(text));
  }
  return engine::RefuseUnlessPassed(report, location);
}

Status Describe(const Arguments&, Session& session) {
  TRY_ASSIGN(engine::Instance * instance, session.OpenInstance());
  TRY_ASSIGN(const auto tables, instance->Tables(session.call()));
  TRY_ASSIGN(const model::PropertyMap properties, instance->Properties(session.call()));
  if (session.json()) {
    return session.PrintJson({{"instanceId", instance->id()},
                              {"location", instance->location().ToString()},
                              {"tables", tables.size()},
                              {"properties", nlohmann::ordered_json(properties)}});
  }
  std::string text = "instance  " + instance->id() + "\nlocation  " + instance->location().ToString() + "\ntables    " +
                     Grouped(static_cast<int64_t>(tables.size())) + "\n";
  for (const auto& [name, value] : properties) text += "  " + PrintableText(name + "=" + value) + "\n";
  return session.Print(text);
}

}  // namespace

std::vector<Command> InstanceCommands() {
  return {
      {.path = "init",
       .summary = "Make a folder or bucket an instance, in which tables can be created",
       .description = "Says so if it is one already, and changes nothing then. Before it makes one it tries out the "
                      "store, as probe does, and refuses one that does not do what commits rely on.",
       .examples = {{"sleeper --instance /data/sleeper init", "Makes /data/sleeper an instance."}},
       .run = Init},
      {.path = "probe",
       .summary = "Try out whether a store does what commits rely on",
       .description = "Creates, races, reads, lists and deletes objects of its own under the location, which need not "
                      "be an instance: about 170 requests. One line for each check; exit code 5 "
                      "if one failed. What nothing relies on is tried, too, and told as a note.",
       .examples = {{"sleeper --instance s3://my-bucket/sleeper probe", "Tries out the store behind the bucket."}},
       .run = Probe},
      {.path = "instance describe",
       .summary = "Show the instance's id, and what is set for all of its tables",
       .examples = {{"sleeper instance describe", "Describes the instance that SLEEPER_INSTANCE names."}},
       .run = Describe},
  };
}

}  // namespace sleeper::cli
