#include "sleeper/store/testing/store_call.h"

#include <array>
#include <sstream>

namespace sleeper::store {

std::string_view FunctionName(StoreFunction function) {
  constexpr std::array<std::string_view, 11> kNames = {
      "get",    "get_range", "get_ranges", "put",    "open_writer",          "append",
      "finish", "head",      "list",       "delete", "drop_abandoned_writes"};
  return kNames[static_cast<size_t>(function)];
}

bool ChangesObjects(StoreFunction function) {
  return function == StoreFunction::kPut || function == StoreFunction::kFinish || function == StoreFunction::kDelete;
}

std::string ToString(const StoreCall& call) {
  std::ostringstream out;
  out << FunctionName(call.function) << " " << call.path;
  for (const ByteRange& range : call.ranges) out << " [" << range.offset << ", " << range.end() << ")";
  if (call.amount != 0) out << " (" << call.amount << ")";
  out << " by " << call.caller;
  return out.str();
}

std::ostream& operator<<(std::ostream& out, const StoreCall& call) { return out << ToString(call); }

}  // namespace sleeper::store
