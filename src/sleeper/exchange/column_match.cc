#include "sleeper/exchange/column_match.h"

#include <algorithm>
#include <cctype>
#include <unordered_map>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "sleeper/exchange/place.h"

namespace sleeper::exchange {
namespace {

constexpr size_t kNamesShownMax = 20;

bool EqualButForCase(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

std::string Listed(std::span<const std::string> names) {
  std::vector<std::string> shown;
  for (const std::string& name : names.first(std::min(names.size(), kNamesShownMax))) shown.push_back(ShownValue(name));
  if (names.size() > kNamesShownMax) shown.push_back(fmt::format("and {} more", names.size() - kNamesShownMax));
  return fmt::format("{}", fmt::join(shown, ", "));
}

Status MissingColumns(std::string_view input, std::span<const std::string> missing,
                      std::span<const std::string> names) {
  std::string hint = fmt::format("the input has the columns {}", Listed(names));
  for (const std::string& name : missing) {
    for (const std::string& other : names) {
      if (EqualButForCase(name, other)) {
        hint = fmt::format("the input has a column {}; upper and lower case are different names", other);
      }
    }
  }
  return WithHint(Error(ErrorKind::kInvalid, input,
                        missing.size() == 1 ? ": a column is missing: " : ": columns are missing: ", Listed(missing)),
                  std::move(hint));
}

}  // namespace

Result<ColumnMatch> MatchColumns(std::string_view input, std::span<const std::string> names,
                                 const columnar::Layout& layout) {
  ColumnMatch match;
  std::unordered_map<std::string_view, int> by_name;
  for (size_t i = 0; i < names.size(); ++i) {
    const bool is_new = names[i].empty() || by_name.emplace(names[i], static_cast<int>(i)).second;
    if (!is_new) return Error(ErrorKind::kInvalid, input, ": two columns have the same name: ", ShownValue(names[i]));
    if (!layout.Find(names[i])) match.ignored.Add(names[i]);
  }
  std::vector<std::string> missing;
  for (int column = 0; column < layout.columns(); ++column) {
    const auto found = by_name.find(layout.field(column).name);
    if (found == by_name.end()) {
      missing.push_back(layout.field(column).name);
    } else {
      match.source_of.push_back(found->second);
    }
  }
  if (!missing.empty()) return MissingColumns(input, missing, names);
  return match;
}

}  // namespace sleeper::exchange
