// Writes docs/guide/properties.md from the table of definitions, or says whether it is up to date:
//   properties_page docs/guide/properties.md
//   properties_page --check docs/guide/properties.md

#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <string_view>

#include "sleeper/model/property_definition.h"

namespace {

using sleeper::model::DescribeAllowed;
using sleeper::model::PropertyDefinition;
using sleeper::model::PropertyDefinitions;
using sleeper::model::PropertyScope;

constexpr std::string_view kIntroduction = R"(# Properties

<!-- Made by properties_page from src/sleeper/model/property_definitions.cc. Change that, then renew this page. -->

A property is set for a table (`sleeper table create … --set NAME=VALUE`, `sleeper table set`), or for the instance as
the default of its tables (`sleeper instance set`). What a table does not set comes from the instance; what the instance
does not set has the built-in default below. An empty value counts as not set. All faults of a command are reported
together, and then nothing is changed.

Sizes may be written with K, M, G or T, powers of 1024.
)";

void WriteProperty(std::ostream& out, const PropertyDefinition& definition) {
  out << "\n### `" << definition.name << "`\n\n" << definition.description << "\n\n";
  out << "* Default: "
      << (definition.default_value.empty() ? "none" : "`" + std::string(definition.default_value) + "`") << "\n";
  out << "* Allowed: " << DescribeAllowed(definition) << "\n";
  if (definition.scope == PropertyScope::kInstance) out << "* For the instance only\n";
}

std::string MakePage() {
  std::ostringstream out;
  out << kIntroduction;
  std::string_view group;
  for (const PropertyDefinition& definition : PropertyDefinitions()) {
    if (definition.group != group) out << "\n## " << definition.group << "\n";
    group = definition.group;
    WriteProperty(out, definition);
  }
  return out.str();
}

int Check(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream content;
  if (in) content << in.rdbuf();
  if (content.str() == MakePage()) return 0;
  std::cerr << "error: " << path << " is stale: the table of properties has changed\n"
            << "hint: build the target properties_page and run: properties_page " << path << "\n";
  return 1;
}

int Write(const std::string& path) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out << MakePage();
  out.close();
  if (out) return 0;
  std::cerr << "error: cannot write " << path << "\n";
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view first = argc > 1 ? argv[1] : "";
  if (argc == 3 && first == "--check") return Check(argv[2]);
  if (argc == 2 && !first.starts_with("-")) return Write(argv[1]);
  std::cerr << "usage: properties_page [--check] PATH\n";
  return 2;
}
