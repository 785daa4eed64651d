#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "sleeper/base/check.h"
#include "sleeper/model/properties.h"

namespace sleeper::model {
namespace {

/// What is accepted can be put into force, and nothing of it is changed by being set once more.
void CheckChanges(const PropertyChanges& changes, PropertyScope scope) {
  const Result<PropertyMap> changed = ChangeProperties({}, changes, scope);
  if (!changed.ok()) {
    SLEEPER_CHECK(IsKind(changed.status(), ErrorKind::kInvalid), changed.status().ToString());
    return;
  }
  const Result<PropertyMap> again = ChangeProperties(*changed, changes, scope);
  SLEEPER_CHECK(again.ok() && *again == *changed, "the same changes lead elsewhere when they are repeated");
  const bool of_table = scope == PropertyScope::kTable;
  const Result<Properties> properties = of_table ? Properties::Make(*changed) : Properties::Make({}, *changed);
  SLEEPER_CHECK(properties.ok(), properties.status().ToString());
}

}  // namespace
}  // namespace sleeper::model

// The input is lines "NAME=VALUE", which set a property, and "NAME", which unset it.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace sleeper;
  using namespace sleeper::model;
  // For each unknown name the nearest known one is looked for, so that many of them take their time.
  constexpr size_t kTextMax = 4096;
  if (size > kTextMax) return 0;
  PropertyChanges changes;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    const size_t equals = line.find('=');
    if (equals == std::string_view::npos) {
      changes.unset.emplace_back(line);
    } else {
      changes.set[std::string(line.substr(0, equals))] = std::string(line.substr(equals + 1));
    }
  }
  CheckChanges(changes, PropertyScope::kTable);
  CheckChanges(changes, PropertyScope::kInstance);
  // What other versions have written: names that nobody knows, and values that are none.
  const Result<Properties> stored = Properties::Make(changes.set, changes.set);
  if (stored.ok()) (void)stored->List();
  return 0;
}
