#include <nlohmann/json.hpp>

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
  for (const auto& [name, value] : properties) text += "  " + name + "=" + value + "\n";
  return session.Print(text);
}

}  // namespace

std::vector<Command> InstanceCommands() {
  return {
      {.path = "init",
       .summary = "Make a folder or bucket an instance, in which tables can be created",
       .description = "Says so if it is one already, and changes nothing then.",
       .examples = {{"sleeper --instance /data/sleeper init", "Makes /data/sleeper an instance."}},
       .run = Init},
      {.path = "instance describe",
       .summary = "Show the instance's id, and what is set for all of its tables",
       .examples = {{"sleeper instance describe", "Describes the instance that SLEEPER_INSTANCE names."}},
       .run = Describe},
  };
}

}  // namespace sleeper::cli
